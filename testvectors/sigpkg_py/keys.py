"""Chapter 2, sections 2.1 and 2.2: public keys, and the signature blocks of a chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

from . import ed25519, slh_dsa
from .blake3 import blake3
from .refusal import Refused, require
from .text import decode_base64, has_control_but_tab

# KEY-2. A tag stands for a use and an algorithm.
ED25519 = b"Ed"
SLH_DSA = b"Sl"
RESERVE = b"Sr"
SIGNATURE_LEN = {ED25519: 64, SLH_DSA: slh_dsa.SIGNATURE_LEN, RESERVE: slh_dsa.SIGNATURE_LEN}
CONTEXT = {SLH_DSA: b"sigpkg 1 link", RESERVE: b"sigpkg 1 reserve"}  # SIG-3

COMMENT_START = b"untrusted comment: "
MAX_COMMENT_LINE = 1022  # KEY-11, SIG-10: bytes before its LF
BLOCK_COMMENT = {  # SIG-4
    ED25519: COMMENT_START + b"sigpkg signature",
    SLH_DSA: COMMENT_START + b"sigpkg slh-dsa signature",
    RESERVE: COMMENT_START + b"sigpkg reserve signature",
}
KEY_TEXT_LEN = 56
KEY_LEN = 42


@dataclass(frozen=True)
class Key:
    """KEY-1. Two keys are the same if tag and key bytes are equal (KEY-2)."""

    tag: bytes
    key_id: bytes
    key: bytes

    @property
    def algorithm(self) -> bytes:
        """Of a link key its tag says it."""
        return self.tag

    def same(self, other: "Key") -> bool:
        return (self.tag, self.key) == (other.tag, other.key)


def read_link_key(text: str) -> Key:
    return _read_chain_key(text, (ED25519, SLH_DSA))


def read_reserve_key(text: str) -> Key:
    return _read_chain_key(text, (RESERVE,))


def read_stock_key(text: str) -> Key:
    """A key of the stock tools, whose key id is any."""
    key = _decode(text, (ED25519,))
    _check_point(key.key)
    return key


def read_stock_key_file(file: bytes) -> Key:
    """KEY-11, then the rules for the key text in its second line."""
    lines = file.split(b"\n")
    require(len(lines) == 3 and lines[2] == b"", "KEY-11", "key-file", "not two lines")
    comment = lines[0]
    require(comment.startswith(COMMENT_START), "KEY-11", "key-file", f"the first line is {comment!r}")
    require(len(comment) <= MAX_COMMENT_LINE, "KEY-11", "key-file", f"a comment of {len(comment)} bytes")
    require(not has_control_but_tab(comment), "KEY-11", "key-file", "a control character in the comment")
    return read_stock_key(lines[1].decode("utf-8", "replace"))


def _read_chain_key(text: str, tags: Tuple[bytes, ...]) -> Key:
    """KEY-4 to KEY-10."""
    key = _decode(text, tags)
    require(key.key_id == derived_key_id(key.key), "KEY-7", "key-id", text)
    if key.tag == ED25519:
        _check_point(key.key)
    return key


def _decode(text: str, tags: Tuple[bytes, ...]) -> Key:
    """KEY-4 to KEY-6."""
    require(len(text) == KEY_TEXT_LEN, "KEY-4", "key-length", f"{len(text)} characters")
    data = decode_base64(text)
    if data is None or len(data) != KEY_LEN:
        raise Refused("KEY-5", "key-encoding", text)
    require(data[:2] in tags, "KEY-6", "key-tag", repr(data[:2]))
    return Key(data[:2], data[2:10], data[10:])


def derived_key_id(key: bytes) -> bytes:
    """KEY-3."""
    return blake3(key)[:8]


def _check_point(key: bytes) -> None:
    """KEY-8 to KEY-10."""
    number = int.from_bytes(key, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    canonical = y < ed25519.P and not (sign and y in (1, ed25519.P - 1))
    require(canonical, "KEY-8", "key-not-canonical", key.hex())
    point = ed25519.decompress(key)
    if point is None:
        raise Refused("KEY-9", "key-not-a-point", key.hex())
    require(not ed25519.is_small_order(point), "KEY-10", "key-small-order", key.hex())


@dataclass(frozen=True)
class Block:
    """SIG-4. What it says of its key is a claim."""

    claimed_tag: bytes
    claimed_key_id: bytes
    signature: bytes


def read_block(block: bytes) -> Block:
    """SIG-5."""
    lines = block.split(b"\n")
    if len(lines) != 3 or lines[2] != b"":
        raise Refused("SIG-5", "signature-form", "not two lines")
    data = decode_base64(lines[1].decode("utf-8", "replace"))
    if data is None:
        raise Refused("SIG-5", "signature-form", "the second line is not base64")
    tag, key_id, signature = data[:2], data[2:10], data[10:]
    require(tag in SIGNATURE_LEN, "SIG-5", "signature-form", f"tag {tag!r}")
    require(len(signature) == SIGNATURE_LEN[tag], "SIG-5", "signature-form", f"{len(data)} bytes")
    require(lines[0] == BLOCK_COMMENT[tag], "SIG-5", "signature-form", f"the first line is {lines[0]!r}")
    return Block(tag, key_id, signature)


def verify_block(block: Block, message: bytes, key: Key) -> None:
    """SIG-6 to SIG-8."""
    require(block.claimed_tag == key.tag, "SIG-6", "signature-algorithm", f"{block.claimed_tag!r}, key {key.tag!r}")
    require(block.claimed_key_id == key.key_id, "SIG-7", "signature-key-id",
            f"{block.claimed_key_id.hex()}, key {key.key_id.hex()}")
    require(is_signature(key, message, block.signature), "SIG-8", "signature-invalid")


def is_signature(key: Key, message: bytes, signature: bytes) -> bool:
    """SIG-2, SIG-3. The algorithm is that of the key."""
    if key.tag == ED25519:
        return ed25519.verify(key.key, message, signature)
    return slh_dsa.verify(key.key, message, signature, CONTEXT[key.tag])

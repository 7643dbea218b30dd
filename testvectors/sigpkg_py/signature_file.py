"""Chapter 2, section 2.3: the signature files of signify and minisign, and the one beside a release."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Optional

from .keys import BLOCK_COMMENT, COMMENT_START, ED25519, MAX_COMMENT_LINE, Key, is_signature
from .refusal import Refused, require
from .text import decode_base64, has_control_but_tab

TRUSTED_START = b"trusted comment: "
MAX_TRUSTED_LINE = 8190  # SIG-10: bytes before its LF
PREHASHED = b"ED"
SIGNATURE_LEN = 64


@dataclass(frozen=True)
class SignatureFile:
    """SIG-9. Nothing in it is verified."""

    comment_line: bytes
    claimed_tag: bytes
    claimed_key_id: bytes
    signature: bytes
    claimed_trusted_line: Optional[bytes]  # None in a file of two lines
    global_signature: Optional[bytes]


def read(file: bytes) -> SignatureFile:
    """SIG-10 to SIG-12, line by line (SIG-14)."""
    lines = file.split(b"\n")
    require(len(lines) in (3, 5) and lines[-1] == b"", "SIG-10", "signature-file-form", "not two or four lines")
    _check_comment(lines[0], COMMENT_START, MAX_COMMENT_LINE)
    require(not has_control_but_tab(lines[0]), "SIG-10", "signature-file-form", "a control character in line 1")
    data = _decode(lines[1], 2 + 8 + SIGNATURE_LEN, 2)
    tag = data[:2]
    allowed = (ED25519,) if len(lines) == 3 else (ED25519, PREHASHED)
    require(tag in allowed, "SIG-12", "signature-file-tag", repr(tag))
    if len(lines) == 3:
        return SignatureFile(lines[0], tag, data[2:10], data[10:], None, None)
    _check_comment(lines[2], TRUSTED_START, MAX_TRUSTED_LINE)
    require(not has_control_but_tab(lines[2]), "SIG-11", "signature-file-control", repr(lines[2]))
    return SignatureFile(lines[0], tag, data[2:10], data[10:], lines[2], _decode(lines[3], SIGNATURE_LEN, 4))


def check_beside_release(file: SignatureFile, signatory: str, seq: int) -> None:
    """SIG-15."""
    pure = file.claimed_trusted_line is not None and file.claimed_tag == ED25519
    require(pure, "SIG-15", "release-signature-form", "not four lines in the pure mode")
    fixed = file.comment_line == BLOCK_COMMENT[ED25519]
    require(fixed, "SIG-15", "release-signature-form", f"line 1 is {file.comment_line!r}")
    trusted = TRUSTED_START + f"sigpkg {signatory} {seq}".encode()
    require(file.claimed_trusted_line == trusted, "SIG-15", "release-signature-form",
            f"line 3 is {file.claimed_trusted_line!r}, expected {trusted!r}")


def verify(file: SignatureFile, message: bytes, key: Key) -> None:
    """SIG-7, SIG-8, SIG-13."""
    require(file.claimed_key_id == key.key_id, "SIG-7", "signature-key-id",
            f"{file.claimed_key_id.hex()}, key {key.key_id.hex()}")
    signed = hashlib.blake2b(message).digest() if file.claimed_tag == PREHASHED else message
    require(is_signature(key, signed, file.signature), "SIG-8", "signature-invalid")
    if file.claimed_trusted_line is not None and file.global_signature is not None:
        covered = file.signature + file.claimed_trusted_line[len(TRUSTED_START):]
        require(is_signature(key, covered, file.global_signature), "SIG-13", "trusted-comment-invalid")


def _check_comment(line: bytes, start: bytes, longest: int) -> None:
    require(line.startswith(start), "SIG-10", "signature-file-form", f"a line is {line!r}")
    require(len(line) <= longest, "SIG-10", "signature-file-form", f"a comment line of {len(line)} bytes")


def _decode(line: bytes, length: int, number: int) -> bytes:
    data = decode_base64(line.decode("utf-8", "replace"))
    if data is None or len(data) != length:
        raise Refused("SIG-10", "signature-file-form", f"line {number} is not base64 of {length} bytes")
    return data

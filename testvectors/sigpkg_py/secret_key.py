"""Chapter 2, section 2.4: does a secret key file open?"""

from __future__ import annotations

import base64
import hashlib
from typing import Optional, Tuple

from . import bcrypt_pbkdf, ed25519, slh_dsa
from .blake3 import derive_key
from .keys import COMMENT_START, ED25519, MAX_COMMENT_LINE, RESERVE, SLH_DSA, derived_key_id
from .refusal import Refused, require
from .text import decode_base64, has_control_but_tab

SEED = b"Sd"
CONTAINER_LEN = 158
SIGNIFY_LEN = 104
SCRYPT_R = 8
MAX_MEMORY = 2**30     # SEC-6, bytes
MAX_WORK = 2**27       # SEC-6, 4 N r p
MAX_ROUNDS = 1000      # SEC-6
SEED_ID_CONTEXT = "sigpkg 1 seed id"


def public_key_text(file: bytes, passphrase: Optional[str]) -> str:
    """The public key of a secret key file, 56 characters; for a seed, its key id and 32 zero bytes in that layout."""
    data = _container(file)
    secret = None if passphrase is None else passphrase.encode("utf-8")
    if len(data) == CONTAINER_LEN:
        tag, key_id, halves = _open_minisign(data, secret)
    else:
        tag, key_id, halves = _open_signify(data, secret)
    if tag in (SLH_DSA, RESERVE):
        require(key_id == derived_key_id(halves[32:]), "KEY-7", "key-id")
    return base64.b64encode(tag + key_id + halves[32:]).decode("ascii")


def _container(file: bytes) -> bytes:
    """SEC-11. SEC-1 lets pass CR LF, and a missing LF at the end."""
    lines = file.replace(b"\r\n", b"\n").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    require(len(lines) == 2, "SEC-11", "secret-file-form", "not two lines")
    comment = lines[0]
    good = comment.startswith(COMMENT_START) and len(comment) <= MAX_COMMENT_LINE and not has_control_but_tab(comment)
    require(good, "SEC-11", "secret-file-form", f"the first line is {comment!r}")
    data = decode_base64(lines[1].decode("utf-8", "replace"))
    if data is None or len(data) not in (CONTAINER_LEN, SIGNIFY_LEN):
        raise Refused("SEC-11", "secret-file-form", "not base64 of 158 or 104 bytes")
    return data


def _open_minisign(data: bytes, passphrase: Optional[bytes]) -> Tuple[bytes, bytes, bytes]:
    """SEC-1: tag, key id, and the 64 bytes of the secret."""
    tag, derivation, checksum_tag = data[:2], data[2:4], data[4:6]
    known = tag in (ED25519, SLH_DSA, RESERVE, SEED) and derivation in (b"Sc", bytes(2)) and checksum_tag == b"B2"
    require(known, "SEC-12", "secret-file-tag", repr(data[:6]))
    salt, clear = data[6:38], data[54:]
    encrypted = derivation == b"Sc"
    if encrypted:
        n, p = scrypt_parameters(int.from_bytes(data[38:46], "little"), int.from_bytes(data[46:54], "little"))
        require(128 * max(n, p) * SCRYPT_R <= MAX_MEMORY, "SEC-6", "secret-file-cost", f"N = {n}, p = {p}")
        require(4 * n * SCRYPT_R * p <= MAX_WORK, "SEC-6", "secret-file-cost", f"N = {n}, p = {p}")
        if passphrase is None:
            raise Refused("SEC-13", "passphrase", "it is encrypted, and there is none")
        clear = _xor(clear, hashlib.scrypt(
            passphrase, salt=salt, n=n, r=SCRYPT_R, p=p, dklen=len(clear), maxmem=MAX_MEMORY + 2**26,
        ))
    key_id, halves, checksum = clear[:8], clear[8:72], clear[72:]
    right = checksum == hashlib.blake2b(tag + key_id + halves, digest_size=32).digest()  # SEC-3
    right = right or (not encrypted and checksum == bytes(32))
    _check_opened(encrypted, _halves_agree(tag, key_id, halves), right)
    return tag, key_id, halves


def _open_signify(data: bytes, passphrase: Optional[bytes]) -> Tuple[bytes, bytes, bytes]:
    """SEC-9."""
    require(data[:4] == b"EdBK", "SEC-12", "secret-file-tag", repr(data[:4]))
    rounds, salt = int.from_bytes(data[4:8], "big"), data[8:24]
    checksum, key_id, halves = data[24:32], data[32:40], data[40:]
    require(rounds <= MAX_ROUNDS, "SEC-6", "secret-file-cost", f"{rounds} rounds")
    if rounds:
        if passphrase is None:
            raise Refused("SEC-13", "passphrase", "it is encrypted, and there is none")
        halves = _xor(halves, bcrypt_pbkdf.bcrypt_pbkdf(passphrase, salt, len(halves), rounds))
    right = checksum == hashlib.sha512(halves).digest()[:8]
    _check_opened(rounds > 0, _halves_agree(ED25519, key_id, halves), right)
    return ED25519, key_id, halves


def scrypt_parameters(opslimit: int, memlimit: int) -> Tuple[int, int]:
    """SEC-5: N and p."""
    o = max(opslimit, 32768)
    by_work = o < memlimit // 32
    m = o // 32 if by_work else memlimit // 1024
    e = next((e for e in range(1, 63) if 2**e > m // 2), 63)
    p = 1 if by_work else min(o // 4 // 2**e, 2**30 - 1) // 8
    return 2**e, p


def _halves_agree(tag: bytes, key_id: bytes, halves: bytes) -> bool:
    """SEC-7."""
    if tag == ED25519:
        return ed25519.public_key_of(halves[:32]) == halves[32:]
    if tag == SEED:
        seed_id = derived_key_id(derive_key(SEED_ID_CONTEXT, halves[:32]))
        return halves[32:] == bytes(32) and key_id == seed_id
    return slh_dsa.root_of(halves[:16], halves[32:48]) == halves[48:]


def _check_opened(encrypted: bool, halves_agree: bool, checksum_right: bool) -> None:
    """SEC-13, SEC-7."""
    wrong = encrypted and not halves_agree and not checksum_right
    require(not wrong, "SEC-13", "passphrase", "the passphrase is wrong, or the file is damaged")
    require(halves_agree and checksum_right, "SEC-7", "secret-file-damaged",
            f"halves agree: {halves_agree}, checksum right: {checksum_right}")


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b))

"""bcrypt_pbkdf, the key derivation of signify: PBKDF2 of RFC 8018 over a hash made of SHA-512 and Blowfish.

A round takes about a second here, and stock signify asks for 42, so vectors ask for few.
"""

from __future__ import annotations

import hashlib
import struct
from typing import List, Tuple

MAGIC = b"OxychromaticBlowfishSwatDynamite"
HASH_LEN = 32
MASK = 0xFFFFFFFF


def bcrypt_pbkdf(passphrase: bytes, salt: bytes, length: int, rounds: int) -> bytes:
    """`length` bytes, from passphrase and salt. Output bytes are dealt out to the blocks in turn."""
    hashed_passphrase = hashlib.sha512(passphrase).digest()
    stride = -(-length // HASH_LEN)
    key = bytearray(length)
    for block in range(stride):
        out = u = _bcrypt_hash(hashed_passphrase, hashlib.sha512(salt + (block + 1).to_bytes(4, "big")).digest())
        for _ in range(rounds - 1):
            u = _bcrypt_hash(hashed_passphrase, hashlib.sha512(u).digest())
            out = bytes(a ^ b for a, b in zip(out, u))
        places = range(block, length, stride)
        for place, byte in zip(places, out):
            key[place] = byte
    return bytes(key)


def _bcrypt_hash(passphrase: bytes, salt: bytes) -> bytes:
    p, s = _initial_state()
    p, s = list(p), [list(box) for box in s]
    _expand(p, s, passphrase, salt)
    for _ in range(64):
        _expand(p, s, salt, b"")
        _expand(p, s, passphrase, b"")
    words = list(struct.unpack(">8I", MAGIC))
    for _ in range(64):
        for i in range(0, 8, 2):
            words[i], words[i + 1] = _encipher(p, s, words[i], words[i + 1])
    return struct.pack("<8I", *words)


def _expand(p: List[int], s: List[List[int]], key: bytes, salt: bytes) -> None:
    """The expensive key schedule: key into the subkeys, salt into what is enciphered."""
    key_words = struct.unpack(">16I", key)
    salt_words = struct.unpack(">16I", salt) if salt else (0,) * 16
    for i in range(18):
        p[i] ^= key_words[i % 16]
    left = right = at = 0
    for target in (p, *s):
        for i in range(0, len(target), 2):
            left, right = _encipher(p, s, left ^ salt_words[at], right ^ salt_words[at + 1])
            target[i], target[i + 1] = left, right
            at = (at + 2) % 16


def _encipher(p: List[int], s: List[List[int]], left: int, right: int) -> Tuple[int, int]:
    """Blowfish: sixteen rounds."""
    s0, s1, s2, s3 = s
    for i in range(0, 16, 2):
        left ^= p[i]
        right ^= ((s0[left >> 24] + s1[left >> 16 & 255] ^ s2[left >> 8 & 255]) + s3[left & 255]) & MASK
        right ^= p[i + 1]
        left ^= ((s0[right >> 24] + s1[right >> 16 & 255] ^ s2[right >> 8 & 255]) + s3[right & 255]) & MASK
    return right ^ p[17], left ^ p[16]


_STATE: List[Tuple[Tuple[int, ...], Tuple[Tuple[int, ...], ...]]] = []


def _initial_state() -> Tuple[Tuple[int, ...], Tuple[Tuple[int, ...], ...]]:
    """18 subkeys and four boxes of 256 words: the fraction of pi in binary, from its first bit on."""
    if not _STATE:
        count = 18 + 4 * 256
        bits = 32 * count
        fraction = _pi(bits + 64) >> 64 & ((1 << bits) - 1)
        words = [fraction >> (bits - 32 * (i + 1)) & MASK for i in range(count)]
        boxes = tuple(tuple(words[18 + 256 * i:18 + 256 * (i + 1)]) for i in range(4))
        _STATE.append((tuple(words[:18]), boxes))
    return _STATE[0]


def _pi(bits: int) -> int:
    """pi times 2^bits, by Machin's formula: 16 arctan(1/5) - 4 arctan(1/239)."""
    return 16 * _arctan_inverse(5, bits) - 4 * _arctan_inverse(239, bits)


def _arctan_inverse(n: int, bits: int) -> int:
    term = (1 << bits) // n
    total, k, sign = 0, 1, 1
    while term:
        total += sign * (term // k)
        term //= n * n
        k, sign = k + 2, -sign
    return total

"""BLAKE3: hash, extended output and key derivation, from the BLAKE3 paper (section 2).

It is written for reading. A block takes some tens of microseconds, so 100 kB take a fifth of a second.
"""

from __future__ import annotations

import functools
import struct
from typing import List, Sequence, Tuple

OUT_LEN = 32
BLOCK_LEN = 64
CHUNK_LEN = 1024

CHUNK_START = 1 << 0
CHUNK_END = 1 << 1
PARENT = 1 << 2
ROOT = 1 << 3
DERIVE_KEY_CONTEXT = 1 << 5
DERIVE_KEY_MATERIAL = 1 << 6

IV = (
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
    0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
)
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
MASK = 0xFFFFFFFF
ROUNDS = 7

Words = Tuple[int, ...]

# What is still needed to finish a node: chaining value, block words, counter, block length, flags.
Node = Tuple[Sequence[int], Sequence[int], int, int, int]


def _schedules() -> List[Tuple[int, ...]]:
    """The order of the 16 message words in each of the seven rounds."""
    order = tuple(range(16))
    schedules = []
    for _ in range(ROUNDS):
        schedules.append(order)
        order = tuple(order[i] for i in PERMUTATION)
    return schedules


SCHEDULES = _schedules()

# The places in the state that one G works on, columns first, then diagonals.
QUARTERS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)


def _compress(cv: Sequence[int], block: Sequence[int], counter: int, length: int, flags: int) -> List[int]:
    """The compression function; all 16 words of its output."""
    v = [*cv, *IV[:4], counter & MASK, counter >> 32, length, flags]
    for schedule in SCHEDULES:
        i = 0
        for ia, ib, ic, id_ in QUARTERS:
            b, c, d = v[ib], v[ic], v[id_]
            a = (v[ia] + b + block[schedule[i]]) & MASK
            d ^= a
            d = (d >> 16 | d << 16) & MASK
            c = (c + d) & MASK
            b ^= c
            b = (b >> 12 | b << 20) & MASK
            a = (a + b + block[schedule[i + 1]]) & MASK
            d ^= a
            d = (d >> 8 | d << 24) & MASK
            c = (c + d) & MASK
            b ^= c
            v[ia], v[ib], v[ic], v[id_] = a, (b >> 7 | b << 25) & MASK, c, d
            i += 2
    return [v[i] ^ v[i + 8] for i in range(8)] + [v[i + 8] ^ cv[i] for i in range(8)]


def _words(block: bytes) -> Words:
    return struct.unpack("<16I", block.ljust(BLOCK_LEN, b"\0"))


def _chunk_node(chunk: bytes, counter: int, key: Sequence[int], flags: int) -> Node:
    """A chunk of at most 1024 bytes, compressed up to its last block."""
    cv: Sequence[int] = key
    last = max(0, (len(chunk) - 1) // BLOCK_LEN) * BLOCK_LEN
    start = CHUNK_START
    for at in range(0, last, BLOCK_LEN):
        cv = _compress(cv, _words(chunk[at:at + BLOCK_LEN]), counter, BLOCK_LEN, flags | start)[:8]
        start = 0
    tail = chunk[last:]
    return cv, _words(tail), counter, len(tail), flags | start | CHUNK_END


def _chaining_value(node: Node) -> List[int]:
    return _compress(*node)[:8]


def _tree(data: bytes, counter: int, key: Sequence[int], flags: int) -> Node:
    """The subtree over `data`, whose first chunk has number `counter`."""
    if len(data) <= CHUNK_LEN:
        return _chunk_node(data, counter, key, flags)
    # The left child holds the largest power of two of chunks that leaves at least one byte to the right.
    chunks = (len(data) - 1) // CHUNK_LEN
    left_chunks = 1 << (chunks.bit_length() - 1)
    split = left_chunks * CHUNK_LEN
    left = _chaining_value(_tree(data[:split], counter, key, flags))
    right = _chaining_value(_tree(data[split:], counter + left_chunks, key, flags))
    return key, left + right, 0, BLOCK_LEN, flags | PARENT


def _output(node: Node, length: int) -> bytes:
    cv, block, _, block_len, flags = node
    out = b""
    counter = 0
    while len(out) < length:
        out += struct.pack("<16I", *_compress(cv, block, counter, block_len, flags | ROOT))
        counter += 1
    return out[:length]


@functools.lru_cache(maxsize=4096)
def blake3(data: bytes, length: int = OUT_LEN) -> bytes:
    """`length` bytes of BLAKE3 over `data`, in hash mode."""
    return _output(_tree(data, 0, IV, 0), length)


def derive_key(context: str, material: bytes, length: int = OUT_LEN) -> bytes:
    """BLAKE3 in key derivation mode."""
    context_key = _output(_tree(context.encode(), 0, IV, DERIVE_KEY_CONTEXT), OUT_LEN)
    key = struct.unpack("<8I", context_key)
    return _output(_tree(material, 0, key, DERIVE_KEY_MATERIAL), length)

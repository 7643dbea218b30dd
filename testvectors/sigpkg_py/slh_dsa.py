"""SLH-DSA-SHAKE-128s verification, pure, with a context string. Algorithm and section numbers are those of FIPS 205."""

from __future__ import annotations

import functools
import hashlib
from typing import List, Sequence

# FIPS 205, table 2, row SLH-DSA-SHAKE-128s.
N = 16           # bytes of a hash
HEIGHT = 63      # h: of the hypertree
LAYERS = 7       # d
TREE_HEIGHT = 9  # h': of one XMSS tree
FORS_HEIGHT = 12  # a
FORS_TREES = 14  # k
LG_W = 4
W = 1 << LG_W
DIGEST_LEN = 30  # m

WOTS_LEN_1 = 8 * N // LG_W  # 32 digits of the message
WOTS_LEN_2 = 3              # digits of the checksum
WOTS_LEN = WOTS_LEN_1 + WOTS_LEN_2

PUBLIC_KEY_LEN = 2 * N
SIGNATURE_LEN = N * (1 + FORS_TREES * (1 + FORS_HEIGHT) + LAYERS * (WOTS_LEN + TREE_HEIGHT))  # 7856
MAX_CONTEXT_LEN = 255

# Types of addresses, section 4.2.
WOTS_HASH, WOTS_PK, TREE, FORS_TREE, FORS_ROOTS, WOTS_PRF = 0, 1, 2, 3, 4, 5


def _shake(*parts: bytes, length: int = N) -> bytes:
    return hashlib.shake_256(b"".join(parts)).digest(length)


def _address(layer: int, tree: int, kind: int, *words: int) -> bytes:
    """Section 4.2: 4 bytes of layer, 12 of tree, 4 of type, and three words that depend on the type."""
    return b"".join((
        layer.to_bytes(4, "big"), tree.to_bytes(12, "big"), kind.to_bytes(4, "big"),
        *(word.to_bytes(4, "big") for word in words),
    ))


def _digits(data: bytes, bits: int, count: int) -> List[int]:
    """Algorithm 4, base_2b: the first `count` numbers of `bits` bits each."""
    number = int.from_bytes(data, "big")
    total = 8 * len(data)
    return [number >> (total - bits * (i + 1)) & ((1 << bits) - 1) for i in range(count)]


def _climb(pk_seed: bytes, node: bytes, path: Sequence[bytes], index: int, layer: int, tree: int, kind: int,
           word: int) -> bytes:
    """Up a Merkle tree by its authentication path: the loops of algorithms 11 and 17.

    `index` is the leaf's number in the tree of addresses; `word` is the key pair address, which XMSS trees leave 0.
    """
    for level, sibling in enumerate(path, start=1):
        pair = node + sibling if index & 1 == 0 else sibling + node
        index >>= 1
        node = _shake(pk_seed, _address(layer, tree, kind, word, level, index), pair)
    return node


def _wots_key(pk_seed: bytes, signature: Sequence[bytes], message: bytes, layer: int, tree: int, leaf: int) -> bytes:
    """Algorithm 8, wots_pkFromSig."""
    digits = _digits(message, LG_W, WOTS_LEN_1)
    checksum = sum(W - 1 - digit for digit in digits) << 4
    digits += _digits(checksum.to_bytes(2, "big"), LG_W, WOTS_LEN_2)
    prefix = pk_seed + _address(layer, tree, WOTS_HASH, leaf)
    ends = []
    for i, (digit, value) in enumerate(zip(digits, signature)):
        for step in range(digit, W - 1):
            value = _shake(prefix, i.to_bytes(4, "big"), step.to_bytes(4, "big"), value)
        ends.append(value)
    return _shake(pk_seed, _address(layer, tree, WOTS_PK, leaf, 0, 0), *ends)


def _fors_key(pk_seed: bytes, signature: Sequence[bytes], digest: bytes, tree: int, leaf: int) -> bytes:
    """Algorithm 17, fors_pkFromSig."""
    roots = []
    for i, index in enumerate(_digits(digest, FORS_HEIGHT, FORS_TREES)):
        part = signature[i * (1 + FORS_HEIGHT):(i + 1) * (1 + FORS_HEIGHT)]
        index += i << FORS_HEIGHT
        node = _shake(pk_seed, _address(0, tree, FORS_TREE, leaf, 0, index), part[0])
        roots.append(_climb(pk_seed, node, part[1:], index, 0, tree, FORS_TREE, leaf))
    return _shake(pk_seed, _address(0, tree, FORS_ROOTS, leaf, 0, 0), *roots)


@functools.lru_cache(maxsize=1024)
def verify(public_key: bytes, message: bytes, signature: bytes, context: bytes) -> bool:
    """Algorithms 24 (pure, with context) and 20."""
    if len(context) > MAX_CONTEXT_LEN or len(public_key) != PUBLIC_KEY_LEN or len(signature) != SIGNATURE_LEN:
        return False
    message = bytes((0, len(context))) + context + message
    pk_seed, pk_root = public_key[:N], public_key[N:]
    pieces = [signature[i:i + N] for i in range(0, SIGNATURE_LEN, N)]
    randomizer, pieces = pieces[0], pieces[1:]
    fors, pieces = pieces[:FORS_TREES * (1 + FORS_HEIGHT)], pieces[FORS_TREES * (1 + FORS_HEIGHT):]

    digest = _shake(randomizer, pk_seed, pk_root, message, length=DIGEST_LEN)
    fors_digest, rest = digest[:21], digest[21:]
    tree = int.from_bytes(rest[:7], "big") % (1 << (HEIGHT - TREE_HEIGHT))
    leaf = int.from_bytes(rest[7:9], "big") % (1 << TREE_HEIGHT)

    # Algorithm 13, ht_verify, with algorithm 11, xmss_pkFromSig, in its loop.
    node = _fors_key(pk_seed, fors, fors_digest, tree, leaf)
    for layer in range(LAYERS):
        xmss, pieces = pieces[:WOTS_LEN + TREE_HEIGHT], pieces[WOTS_LEN + TREE_HEIGHT:]
        key = _wots_key(pk_seed, xmss[:WOTS_LEN], node, layer, tree, leaf)
        node = _climb(pk_seed, key, xmss[WOTS_LEN:], leaf, layer, tree, TREE, 0)
        leaf = tree % (1 << TREE_HEIGHT)
        tree >>= TREE_HEIGHT
    return node == pk_root


@functools.lru_cache(maxsize=64)
def root_of(sk_seed: bytes, pk_seed: bytes) -> bytes:
    """PK.root, algorithm 18: the root of the one tree in the highest layer. This takes half a second."""
    layer = LAYERS - 1
    nodes = [_wots_public_key(sk_seed, pk_seed, layer, leaf) for leaf in range(1 << TREE_HEIGHT)]
    for height in range(1, TREE_HEIGHT + 1):
        pairs = range(0, len(nodes), 2)
        nodes = [
            _shake(pk_seed, _address(layer, 0, TREE, 0, height, i // 2), nodes[i], nodes[i + 1]) for i in pairs
        ]
    return nodes[0]


def _wots_public_key(sk_seed: bytes, pk_seed: bytes, layer: int, leaf: int) -> bytes:
    """Algorithm 6, in the tree with number 0."""
    ends = []
    for i in range(WOTS_LEN):
        value = _shake(pk_seed, _address(layer, 0, WOTS_PRF, leaf, i, 0), sk_seed)
        for step in range(W - 1):
            value = _shake(pk_seed, _address(layer, 0, WOTS_HASH, leaf, i, step), value)
        ends.append(value)
    return _shake(pk_seed, _address(layer, 0, WOTS_PK, leaf, 0, 0), *ends)

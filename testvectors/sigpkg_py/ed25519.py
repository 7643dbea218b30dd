"""Ed25519 verification under one strict rule, from RFC 8032, section 5.1.

The rule: pure Ed25519; the encodings of A and R canonical; neither of small order; S below the group order; and the
equation [S]B = R + [k]A without a cofactor.
"""

from __future__ import annotations

import functools
import hashlib
from typing import List, Optional, Tuple

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
D2 = 2 * D % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)

# Extended homogeneous coordinates: x = X/Z, y = Y/Z, x * y = T/Z.
Point = Tuple[int, int, int, int]

NEUTRAL: Point = (0, 1, 1, 0)


def decompress(encoding: bytes) -> Optional[Point]:
    """The point of a canonical 32-byte encoding, or None: no such point, y not below p, or x = 0 with its sign set."""
    if len(encoding) != 32:
        return None
    number = int.from_bytes(encoding, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    x = _recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def _recover_x(y: int, sign: int) -> Optional[int]:
    """RFC 8032, section 5.1.3, steps 2 to 4."""
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * SQRT_MINUS_ONE % P
    elif v * x * x % P != u:
        return None
    if x == 0 and sign:
        return None
    return P - x if x & 1 != sign else x


def compress(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, P - 2, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def add(a: Point, b: Point) -> Point:
    """RFC 8032, section 5.1.4; complete, so it also doubles."""
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    m = (y1 - x1) * (y2 - x2) % P
    n = (y1 + x1) * (y2 + x2) % P
    c = t1 * D2 * t2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(a: Point) -> Point:
    """RFC 8032, section 5.1.4."""
    x, y, z, _ = a
    m, n = x * x % P, y * y % P
    h = m + n
    e = h - (x + y) * (x + y) % P
    g = m - n
    f = 2 * z * z + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(a: Point) -> Point:
    x, y, z, t = a
    return P - x, y, z, P - t


def is_small_order(point: Point) -> bool:
    """Whether the point times the cofactor 8 is the neutral element."""
    x, y, z, _ = double(double(double(point)))
    return x % P == 0 and (y - z) % P == 0


def multiply(scalar: int, point: Point) -> Point:
    """[scalar]point in windows of four bits."""
    multiples = [NEUTRAL, point]
    while len(multiples) < 16:
        multiples.append(add(multiples[-1], point))
    result = NEUTRAL
    for shift in range((max(scalar.bit_length(), 1) - 1) // 4 * 4, -1, -4):
        result = double(double(double(double(result))))
        result = add(result, multiples[scalar >> shift & 15])
    return result


def _base_point() -> Point:
    point = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    assert point is not None
    return point


BASE = _base_point()


@functools.lru_cache(maxsize=1)
def _base_table() -> List[List[Point]]:
    """table[i][j] = [j * 16^i]B, so that a multiple of B costs additions only."""
    table = []
    step = BASE
    for _ in range(64):
        row = [NEUTRAL]
        while len(row) < 16:
            row.append(add(row[-1], step))
        table.append(row)
        step = add(row[-1], step)
    return table


def multiply_base(scalar: int) -> Point:
    """[scalar]B for a scalar below 2^256."""
    result = NEUTRAL
    for row in _base_table():
        result = add(result, row[scalar & 15])
        scalar >>= 4
    return result


@functools.lru_cache(maxsize=4096)
def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is one of `message` under `public_key`, by the rule at the head of this file."""
    if len(signature) != 64:
        return False
    a, r = decompress(public_key), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or is_small_order(a) or is_small_order(r):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % L
    expected = add(multiply_base(s), multiply(k, negate(a)))
    return compress(expected) == signature[:32]


def sign(seed: bytes, message: bytes) -> bytes:
    """RFC 8032, section 5.1.6. Only the self-test signs: it has no protection against a watched clock."""
    digest = hashlib.sha512(seed).digest()
    a = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    public_key = compress(multiply_base(a))
    r = int.from_bytes(hashlib.sha512(digest[32:] + message).digest(), "little") % L
    encoded_r = compress(multiply_base(r))
    k = int.from_bytes(hashlib.sha512(encoded_r + public_key + message).digest(), "little") % L
    return encoded_r + ((r + k * a) % L).to_bytes(32, "little")


def public_key_of(seed: bytes) -> bytes:
    """RFC 8032, section 5.1.5."""
    a = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little") & (2**254 - 8) | 2**254
    return compress(multiply_base(a))

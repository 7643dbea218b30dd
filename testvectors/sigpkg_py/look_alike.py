"""Section 11.5: ids that can be taken for each other."""

from __future__ import annotations

import os

from .shown import varying_part

CLASSES = "0OoQD 1lIijL 5Ss 8B 2Zz 6bG 9gq uvUV cC kK mM pP wW xX yY -_".split()
ENDS, FOLDED_ENDS = 6, 8
PLACES = 17
EDITS = 26

_FOLDED = str.maketrans({character: group[0] for group in CLASSES for character in group})


def are_look_alikes(one: str, other: str) -> bool:
    """CMP-14, of two ids."""
    if one == other:
        return False
    a, b = varying_part(one), varying_part(other)
    folded_a, folded_b = fold(a), fold(b)
    return (
        common_ends(a, b) >= ENDS
        or common_ends(folded_a, folded_b) >= FOLDED_ENDS
        or common_places(folded_a, folded_b) >= PLACES
        or edits(folded_a, folded_b) <= EDITS
    )


def fold(part: str) -> str:
    return part.translate(_FOLDED)


def common_ends(a: str, b: str) -> int:
    return len(os.path.commonprefix([a, b])) + len(os.path.commonprefix([a[::-1], b[::-1]]))


def common_places(a: str, b: str) -> int:
    return sum(x == y for x, y in zip(a, b))


def edits(a: str, b: str) -> int:
    """The fewest insertions, deletions and replacements of one character that make one of the other."""
    above = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)))
        above = row
    return above[-1]

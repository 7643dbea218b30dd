"""Sections 11.1 to 11.3: the forms in which an id is shown to people."""

from __future__ import annotations

import string
from typing import Dict, List

from .blake3 import blake3
from .text import decode_base64url, encode_base64url, groups
from .words import from_words, to_words

GROUPS_ON_A_LINE = 4
FIRST_GROUP = "sigp"
PREFIX_BYTES, VARYING_BYTES = 3, 39

ART_COLUMNS, ART_ROWS = 17, 9
ART_CHARACTERS = " .o+=*BOX@%&#/^"

_LETTERS = (
    "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo"
    " sierra tango uniform victor whiskey x-ray yankee zulu"
).split()
_DIGITS = "zero one two three four five six seven eight nine".split()
SPOKEN: Dict[str, str] = {
    **{letter: f"small {word}" for letter, word in zip(string.ascii_lowercase, _LETTERS)},
    **{letter: f"capital {word}" for letter, word in zip(string.ascii_uppercase, _LETTERS)},
    **dict(zip(string.digits, _DIGITS)),
    "-": "hyphen",
    "_": "underscore",
}


def varying_part(signatory: str) -> str:
    return signatory[len(FIRST_GROUP):]


def lines_of_groups(signatory: str) -> List[str]:
    """CMP-1, with the number of the first group before each line."""
    parts = groups(signatory).split(" ")
    starts = range(0, len(parts), GROUPS_ON_A_LINE)
    return [" ".join([str(start + 1), *parts[start:start + GROUPS_ON_A_LINE]]) for start in starts]


def words_of_id(signatory: str) -> List[str]:
    """CMP-3."""
    data = decode_base64url(signatory)
    if data is None:
        raise ValueError(f"{signatory!r} is no id")
    return to_words(data[PREFIX_BYTES:])


def id_of_words(given: str) -> str:
    """CMP-3 and CMP-5 to CMP-7: the id that these words stand for."""
    return FIRST_GROUP + encode_base64url(from_words(given, VARYING_BYTES))


def art_of_id(signatory: str) -> List[str]:
    """CMP-8."""
    return draw(blake3(signatory.encode("ascii")))


def draw(walk: bytes) -> List[str]:
    """CMP-8: the rows, without a frame. Ids take a walk of 32 bytes; the key tools of OpenSSH draw others so."""
    counts = [[0] * ART_COLUMNS for _ in range(ART_ROWS)]
    x, y = middle = ART_COLUMNS // 2, ART_ROWS // 2
    for byte in walk:
        for shift in (0, 2, 4, 6):
            pair = byte >> shift
            x = min(max(x + (1 if pair & 1 else -1), 0), ART_COLUMNS - 1)
            y = min(max(y + (1 if pair & 2 else -1), 0), ART_ROWS - 1)
            counts[y][x] += 1
    cells = [[ART_CHARACTERS[min(count, len(ART_CHARACTERS) - 1)] for count in row] for row in counts]
    cells[middle[1]][middle[0]] = "S"
    cells[y][x] = "E"
    return ["".join(row) for row in cells]


def spoken_lines(signatory: str) -> List[str]:
    """CMP-10, written down."""
    parts = groups(signatory).split(" ")
    return [f"group {i}: " + ", ".join(SPOKEN[c] for c in part) for i, part in enumerate(parts, start=1)]

"""Section 11.4: the id in a text that somebody pasted."""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Sequence, Set

from .refusal import require
from .shown import FIRST_GROUP, id_of_words
from .statement import is_signatory_id
from .text import split_at_white_space
from .words import is_number, read_word

ID_LENGTH = 56
GROUP_LENGTH = 4
FEWEST_WORDS = 12
MARKS = ">`*\"'()<[]{}|,;:.!?\u00ab\u00bb\u2018\u2019\u201c\u201d\u201e"

_CLEANED = {
    **dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212), "-"),
}
_LINE_END = re.compile("[\n\r]")
_LINE_NUMBER = re.compile("0?[1-9]|1[0-4]")


class Piece(NamedTuple):
    characters: str
    ends_line: bool


def read_pasted(given: str) -> str:
    """CMP-12 and CMP-13: the one id in this text."""
    pieces = _pieces(given)
    if _are_words(given, pieces):
        return id_of_words(given)
    found = _ids(pieces)
    require(len(found) > 0, "CMP-12", "no-id")
    require(len(found) == 1, "CMP-13", "several-ids", ", ".join(sorted(found)))
    return found.pop()


def _pieces(given: str) -> List[Piece]:
    """CMP-11: the pieces that are not left out. The last of them on a line ends it."""
    pieces = []
    for line in _LINE_END.split(given.translate(_CLEANED)):
        stripped = (piece.strip(MARKS) for piece in split_at_white_space(line))
        kept = [piece for piece in stripped if piece != ""]
        if kept and _LINE_NUMBER.fullmatch(kept[0]):
            del kept[0]
        pieces += [Piece(piece, i == len(kept)) for i, piece in enumerate(kept, start=1)]
    return pieces


def _are_words(given: str, pieces: Sequence[Piece]) -> bool:
    """CMP-12: whether the text is judged as words. The words are those of the text as it was pasted."""
    if any(piece.characters.startswith(FIRST_GROUP) for piece in pieces):
        return False
    meant = [piece for piece in split_at_white_space(given) if not is_number(piece)]
    words = [piece for piece in meant if read_word(piece) is not None]
    return len(words) >= FEWEST_WORDS and 2 * len(words) > len(meant)


def _ids(pieces: Sequence[Piece]) -> Set[str]:
    """CMP-11: the ids of all runs."""
    found = (_id_from(pieces, start) for start in range(len(pieces)))
    return {signatory for signatory in found if signatory is not None}


def _id_from(pieces: Sequence[Piece], start: int) -> Optional[str]:
    """The id of the run that begins here. There is at most one, since the run has 56 characters."""
    if not pieces[start].characters.startswith(FIRST_GROUP):
        return None
    run = ""
    for characters, ends_line in pieces[start:start + ID_LENGTH]:
        if len(characters) % GROUP_LENGTH != 0 and not ends_line:
            return None
        run += characters
        if len(run) >= ID_LENGTH:
            break
    return run if is_signatory_id(run) else None

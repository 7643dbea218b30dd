"""Section 11.2: bytes as words, and words as bytes."""

from __future__ import annotations

import hashlib
import os
import re
from typing import Dict, List, Optional

from .refusal import Refused, require
from .text import split_at_white_space

LIST_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bip39_english.txt")
LIST_SHA256 = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
WORD_BITS = 11
TELLING_LETTERS = 4

_NUMBER = re.compile(r"[0-9]+[.):]?")
_SMALL = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def _read_list() -> List[str]:
    with open(LIST_FILE, "rb") as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != LIST_SHA256:
        raise ValueError(f"{LIST_FILE}: not the word list of CMP-2")
    return content.decode("ascii").split()


WORDS = _read_list()
NUMBERS: Dict[str, int] = {word: number for number, word in enumerate(WORDS)}

# No two words are alike in their first four letters, so a beginning that tells a word is found by its first four.
_BY_BEGINNING: Dict[str, str] = {word[:TELLING_LETTERS]: word for word in WORDS}


def checksum_bits(length: int) -> int:
    """CMP-2: the number of bits of the checksum of so many bytes."""
    bits = -(-length // 4)
    return bits + -(8 * length + bits) % WORD_BITS


def word_count(length: int) -> int:
    return (8 * length + checksum_bits(length)) // WORD_BITS


def to_words(data: bytes) -> List[str]:
    """CMP-2."""
    count = word_count(len(data))
    bits = int.from_bytes(data, "big") << checksum_bits(len(data)) | _checksum(data)
    return [WORDS[bits >> WORD_BITS * i & (1 << WORD_BITS) - 1] for i in reversed(range(count))]


def from_words(given: str, length: int) -> bytes:
    """CMP-5 to CMP-7: the bytes that these words stand for; so many are expected."""
    words = [_read_word(piece) for piece in split_at_white_space(given) if not is_number(piece)]
    expected = word_count(length)
    require(len(words) == expected, "CMP-6", "word-count", f"{len(words)} words, expected {expected}")
    bits = 0
    for word in words:
        bits = bits << WORD_BITS | NUMBERS[word]
    size = checksum_bits(length)
    data = (bits >> size).to_bytes(length, "big")
    require(bits & (1 << size) - 1 == _checksum(data), "CMP-7", "word-checksum")
    return data


def _read_word(piece: str) -> str:
    """CMP-5."""
    word = read_word(piece)
    if word is None:
        raise Refused("CMP-5", "unknown-word", repr(piece))
    return word


def read_word(piece: str) -> Optional[str]:
    """CMP-4: the word of the list that a piece of a text is, if it is one. A number is none."""
    letters = (piece[:-1] if piece.endswith((",", ";", ".")) else piece).translate(_SMALL)
    if letters in NUMBERS:
        return letters
    word = _BY_BEGINNING.get(letters[:TELLING_LETTERS]) if len(letters) >= TELLING_LETTERS else None
    return word if word is not None and word.startswith(letters) else None


def is_number(piece: str) -> bool:
    """CMP-4: whether a piece is the number of a line."""
    return _NUMBER.fullmatch(piece) is not None


def _checksum(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest(), "big") >> 256 - checksum_bits(len(data))

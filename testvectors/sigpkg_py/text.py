"""Chapter 1: base64, plain characters, digests, instants, integers, lines."""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from typing import List, Optional

from .blake3 import blake3

MAX_INTEGER = 2**53 - 1

# TXT-2: the characters beyond category Cc that can hide or reorder their neighbours.
_NOT_PLAIN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_CONTROL_BUT_TAB = re.compile("[\u0000-\u0008\u000a-\u001f\u007f-\u009f]")
# The characters of the Unicode property White_Space. `str.split` takes U+001C to U+001F too, which have it not.
_WHITE_SPACE = re.compile("[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_DIGEST = re.compile(r"blake3:[0-9a-f]{64}")
_INTEGER = re.compile(r"0|[1-9][0-9]{0,15}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")


def decode_base64(text: str) -> Optional[bytes]:
    """TXT-1: the bytes of a base64 text in its one canonical spelling, else None."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return None
    # Python takes spare bits that are not zero, so the spelling is compared.
    return data if base64.b64encode(data).decode("ascii") == text else None


def decode_base64url(text: str) -> Optional[bytes]:
    """TXT-1, the alphabet of RFC 4648 section 5."""
    if "+" in text or "/" in text:
        return None
    return decode_base64(text.replace("-", "+").replace("_", "/"))


def encode_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii")


def is_plain(text: str) -> bool:
    """TXT-2: whether every character is plain."""
    return _NOT_PLAIN.search(text) is None and not any(0xD800 <= ord(c) <= 0xDFFF for c in text)


def groups(text: str) -> str:
    """TXT-3."""
    return " ".join(text[i:i + 4] for i in range(0, len(text), 4))


def split_at_white_space(text: str) -> List[str]:
    """The pieces between white space (CMP-4, CMP-11); none is empty."""
    return [piece for piece in _WHITE_SPACE.split(text) if piece]


def digest(data: bytes) -> str:
    """TXT-4, written."""
    return "blake3:" + blake3(data).hex()


def is_digest(text: str) -> bool:
    """TXT-4, read."""
    return _DIGEST.fullmatch(text) is not None


def is_day(text: str) -> bool:
    """TXT-5."""
    if _DAY.fullmatch(text) is None:
        return False
    try:
        datetime.date(int(text[:4]), int(text[5:7]), int(text[8:]))
    except ValueError:
        return False
    return True


def is_instant(text: str) -> bool:
    """TXT-5."""
    return _INSTANT.fullmatch(text) is not None and is_day(text[:10])


def parse_integer(text: str) -> Optional[int]:
    """TXT-6."""
    if _INTEGER.fullmatch(text) is None or int(text) > MAX_INTEGER:
        return None
    return int(text)


def lines(text: bytes) -> Optional[List[bytes]]:
    """TXT-7: the lines without their LF, or None if the text does not end with one. An empty text has no lines."""
    if text == b"":
        return []
    if not text.endswith(b"\n"):
        return None
    return text[:-1].split(b"\n")


def has_control_but_tab(line: bytes) -> bool:
    """Whether a comment has a character of category Cc other than U+0009. Bytes that are not UTF-8 are none."""
    return _CONTROL_BUT_TAB.search(line.decode("utf-8", "replace")) is not None

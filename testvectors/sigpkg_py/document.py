"""A small reader of TOML and the writer of the canonical form (section 3.1).

Only the canonical form is a statement, so the reader need not know all of TOML: it knows what fits on one line. That is
enough to tell a wrong value (STM-8) from a wrong spelling of a right one (STM-4), and whatever it does not know is
STM-4 anyway.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Dict, List, Sequence, Tuple, Union

from .refusal import Refused


@dataclass(frozen=True)
class Other:
    """A TOML value of a type that no statement uses: a float, a boolean, a date."""

    spelling: str


Value = Union[str, int, List["Value"], Other]  # type: ignore[misc]
Table = Dict[str, Value]


@dataclass
class Document:
    header: Table = field(default_factory=dict)
    tables: Dict[str, Table] = field(default_factory=dict)


_BLANK = re.compile(r"[ \t]*(#.*)?")
_KEY = re.compile(r"""([A-Za-z0-9_-]+|"[^"\\\x00-\x1f\x7f]*"|'[^'\x00-\x1f\x7f]*')""")
_TABLE = re.compile(r"[ \t]*\[[ \t]*" + _KEY.pattern + r"[ \t]*\][ \t]*(#.*)?")
_PAIR = re.compile(r"[ \t]*" + _KEY.pattern + r"[ \t]*=[ \t]*")
_INTEGER = re.compile(
    r"[+-]?[1-9](?:_?[0-9])*|0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*|[+-]?0"
)
_BASIC_STRING = re.compile(r'"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\(?:[btnfr"\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}))*)"')
_LITERAL_STRING = re.compile(r"'([^'\x00-\x08\x0a-\x1f\x7f]*)'")
_OTHER = re.compile(
    r"true|false|[+-]?(?:inf|nan)"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
    r"|[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"|[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?"
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_INT64 = range(-2**63, 2**63)
_MAX_INTEGER_CHARACTERS = 256


def parse(text: str) -> Document:
    """What the document says; STM-4 if it is no TOML or says a thing twice."""
    document = Document()
    table = document.header
    for line in text.split("\n"):
        if _BLANK.fullmatch(line):
            continue
        heading = _TABLE.fullmatch(line)
        if heading:
            table = {}
            _insert(document.tables, _unquote(heading.group(1)), table)
            continue
        pair = _PAIR.match(line)
        if pair is None:
            raise _not_canonical(f"neither a key nor a table: {line!r}")
        value, end = _value(line, pair.end())
        if not _BLANK.fullmatch(line, end):
            raise _not_canonical(f"something follows the value: {line!r}")
        _insert(table, _unquote(pair.group(1)), value)
    if set(document.header) & set(document.tables):
        raise _not_canonical("a name is a key and a table")
    return document


def write(header: Sequence[Tuple[str, Value]], tables: Sequence[Tuple[str, Sequence[Tuple[str, Value]]]]) -> str:
    """STM-4: the canonical writing."""
    lines = [f"{key} = {_written(value)}" for key, value in header]
    for name, pairs in tables:
        lines += ["", f"[{name}]"]
        lines += [f"{key} = {_written(value)}" for key, value in pairs]
    return "\n".join(lines) + "\n"


def _written(value: Value) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    return value.spelling


def _not_canonical(detail: str) -> Refused:
    return Refused("STM-4", "not-canonical", detail)


def _insert(table: dict, key: str, value: object) -> None:
    if key in table:
        raise _not_canonical(f"{key} is there twice")
    table[key] = value


def _unquote(key: str) -> str:
    return key[1:-1] if key[0] in "\"'" else key


def _value(line: str, at: int) -> Tuple[Value, int]:
    """The value that begins at `at`, and where it ends."""
    if line[at:at + 1] == "[":
        return _array(line, at + 1)
    match = _BASIC_STRING.match(line, at)
    if match:
        return _ESCAPE.sub(_unescape, match.group(1)), match.end()
    match = _LITERAL_STRING.match(line, at)
    if match:
        return match.group(1), match.end()
    match = max(filter(None, (_INTEGER.match(line, at), _OTHER.match(line, at))), key=lambda m: m.end(), default=None)
    if match is None:
        raise _not_canonical(f"no value: {line!r}")
    spelling = match.group()
    if _INTEGER.fullmatch(spelling):
        # Python refuses to read very long ones.
        number = int(spelling.replace("_", ""), 0) if len(spelling) <= _MAX_INTEGER_CHARACTERS else None
        if number is None or number not in _INT64:
            raise _not_canonical(f"an integer beyond 64 bits: {spelling}")
        return number, match.end()
    return Other(spelling), match.end()


def _array(line: str, at: int) -> Tuple[List[Value], int]:
    items: List[Value] = []
    while True:
        at = _skip_space(line, at)
        if line[at:at + 1] == "]":
            return items, at + 1
        item, at = _value(line, at)
        items.append(item)
        at = _skip_space(line, at)
        if line[at:at + 1] == ",":
            at += 1
        elif line[at:at + 1] != "]":
            raise _not_canonical(f"an array without an end: {line!r}")


def _skip_space(line: str, at: int) -> int:
    while line[at:at + 1] in (" ", "\t"):
        at += 1
    return at


def _unescape(match: "re.Match[str]") -> str:
    code = match.group(1)
    if code[0] not in "uU":
        return _ESCAPES[code]
    number = int(code[1:], 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise _not_canonical(f"no character: {match.group()}")
    return chr(number)

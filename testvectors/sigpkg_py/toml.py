"""TOML 1.0, as far as lockfiles and files of pins need it: Python 3.9 has no reader of its own.

All of the syntax is read, since what else a lockfile has is not looked at (PRJ-1), but has to be read over. Floats,
booleans and times are not evaluated.
"""

from __future__ import annotations

import re
from typing import Dict, List, Union

from .document import Other

MAX_DEPTH = 64  # Of arrays and inline tables in each other, and of the names in a key.


class NotToml(Exception):
    """The text is no TOML, or no such that is read here."""


class Table(Dict[str, "Value"]):
    """A table. By `made` is told what may still be added to it."""

    IMPLICIT, HEADER, DOTTED, INLINE = range(4)

    def __init__(self, made: int) -> None:
        super().__init__()
        self.made = made


class Tables(List[Table]):
    """An array of tables that headers `[[name]]` make, and may make longer."""


Value = Union[str, int, list, Table, Other]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_COMMENT = re.compile(r"#[^\x00-\x08\x0a-\x1f\x7f]*")
_NEWLINE = re.compile(r"\r?\n")
_BASIC = re.compile(r'"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\.)*)"')
_LITERAL = re.compile(r"'([^'\x00-\x08\x0a-\x1f\x7f]*)'")
# Up to two quotes may stand before the three that end a text of several lines.
_LONG_BASIC = re.compile(
    r'"""(?:\r?\n)?((?:[^"\\\x00-\x08\x0b-\x1f\x7f]|\r\n|\\.|"{1,2}(?!"))*"{0,2})"""', re.DOTALL
)
_LONG_LITERAL = re.compile(r"'''(?:\r?\n)?((?:[^'\x00-\x08\x0b-\x1f\x7f]|\r\n|'{1,2}(?!'))*'{0,2})'''")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[ \t]*\r?\n[ \t\r\n]*|.)", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_SCALAR = re.compile(r"[0-9A-Za-z+_.:-]+(?: [0-9]{2}:[0-9.:]+(?:Z|z|[+-][0-9]{2}:[0-9]{2})?)?")
_DECIMAL = re.compile(r"[+-]?(?:0|[1-9](?:_?[0-9])*)")
_OF_BASE = {
    16: re.compile(r"0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*"),
    8: re.compile(r"0o[0-7](?:_?[0-7])*"),
    2: re.compile(r"0b[01](?:_?[01])*"),
}
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_DAY = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_OTHER = re.compile(
    r"true|false|[+-]?(?:inf|nan)"
    rf"|{_TIME}|{_DAY}(?:[Tt ]{_TIME}(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?)?"
    r"|[+-]?(?:0|[1-9](?:_?[0-9])*)"
    r"(?:\.[0-9](?:_?[0-9])*(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[eE][+-]?[0-9](?:_?[0-9])*)"
)
_INT64 = range(-2**63, 2**63)
_MAX_INTEGER_CHARACTERS = 256  # Python refuses to read very long ones, and no integer of 64 bits needs more.


def read(data: bytes) -> Table:
    """What the document says."""
    try:
        return _Reader(data.decode("utf-8")).document()
    except UnicodeDecodeError as error:
        raise NotToml(str(error)) from error


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def document(self) -> Table:
        root = table = Table(Table.HEADER)
        while True:
            self._skip(_SPACE)
            if self._next_is("[["):
                table = self._header(root, "[[", "]]")
            elif self._next_is("["):
                table = self._header(root, "[", "]")
            elif not self._next_is("#") and self.at < len(self.text) and not _NEWLINE.match(self.text, self.at):
                self._pair(table, 0)
            self._skip(_SPACE)
            self._skip(_COMMENT)
            if self.at == len(self.text):
                return root
            if not self._skip(_NEWLINE):
                raise self._wrong("the line goes on")

    def _header(self, root: Table, opening: str, closing: str) -> Table:
        self.at += len(opening)
        *way, last = self._key()
        self._expect(closing)
        table = root
        for name in way:
            found = table.setdefault(name, Table(Table.IMPLICIT))
            if isinstance(found, Tables):
                found = found[-1]
            if not isinstance(found, Table) or found.made == Table.INLINE:
                raise self._wrong(f"{name!r} is no table that can be added to")
            table = found
        new = Table(Table.HEADER)
        if opening == "[[":
            tables = table.setdefault(last, Tables())
            if not isinstance(tables, Tables):
                raise self._wrong(f"{last!r} is no array of tables")
            tables.append(new)
            return new
        there = table.setdefault(last, new)
        if there is not new:
            if not isinstance(there, Table) or there.made != Table.IMPLICIT:
                raise self._wrong(f"{last!r} is there twice")
            there.made = Table.HEADER
        return there

    def _pair(self, table: Table, depth: int) -> None:
        *way, last = self._key()
        self._expect("=")
        self._skip(_SPACE)
        for name in way:
            found = table.setdefault(name, Table(Table.DOTTED))
            if not isinstance(found, Table) or found.made not in (Table.DOTTED, Table.IMPLICIT):
                raise self._wrong(f"{name!r} is no table that can be added to")
            found.made = Table.DOTTED
            table = found
        if last in table:
            raise self._wrong(f"{last!r} is there twice")
        table[last] = self._value(depth)

    def _key(self) -> List[str]:
        """The names of a dotted key."""
        names: List[str] = []
        while len(names) < MAX_DEPTH:
            self._skip(_SPACE)
            names.append(self._name())
            self._skip(_SPACE)
            if not self._next_is("."):
                return names
            self.at += 1
        raise self._wrong("a key of too many names")

    def _name(self) -> str:
        for form in (_BARE_KEY, _BASIC, _LITERAL):
            match = form.match(self.text, self.at)
            if match:
                self.at = match.end()
                if form is _BARE_KEY:
                    return match.group()
                return self._unescaped(match.group(1), False) if form is _BASIC else match.group(1)
        raise self._wrong("no key")

    def _value(self, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise self._wrong("too deep")
        if self._next_is("["):
            return self._array(depth)
        if self._next_is("{"):
            return self._inline_table(depth)
        if self._next_is('"') or self._next_is("'"):
            return self._string()
        match = _SCALAR.match(self.text, self.at)
        if match is None:
            raise self._wrong("no value")
        self.at = match.end()
        return self._scalar(match.group())

    def _string(self) -> str:
        long_basic, long_literal = self._next_is('"""'), self._next_is("'''")
        if long_basic or long_literal:
            form = _LONG_BASIC if long_basic else _LONG_LITERAL
        else:
            form = _BASIC if self._next_is('"') else _LITERAL
        match = form.match(self.text, self.at)
        if match is None:
            raise self._wrong("a text without an end")
        self.at = match.end()
        return self._unescaped(match.group(1), long_basic) if form in (_BASIC, _LONG_BASIC) else match.group(1)

    def _unescaped(self, text: str, long: bool) -> str:
        def character(match: "re.Match[str]") -> str:
            code = match.group(1)
            if code in _ESCAPES:
                return _ESCAPES[code]
            if long and "\n" in code:
                return ""
            if len(code) < 5 or code[0] not in "uU":
                raise self._wrong(f"no escape: {match.group()!r}")
            number = int(code[1:], 16)
            if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                raise self._wrong(f"no character: {match.group()!r}")
            return chr(number)
        return _ESCAPE.sub(character, text)

    def _scalar(self, spelling: str) -> Value:
        digits = spelling.replace("_", "")
        if len(digits) <= _MAX_INTEGER_CHARACTERS:
            number = None
            if _DECIMAL.fullmatch(spelling):
                number = int(digits)
            for base, form in _OF_BASE.items():
                if form.fullmatch(spelling):
                    number = int(digits[2:], base)
            if number is not None:
                if number not in _INT64:
                    raise self._wrong(f"an integer beyond 64 bits: {spelling}")
                return number
        if _OTHER.fullmatch(spelling) is None:
            raise self._wrong(f"no value: {spelling!r}")
        return Other(spelling)

    def _array(self, depth: int) -> List[Value]:
        self.at += 1
        items: List[Value] = []
        while True:
            self._skip_lines()
            if self._next_is("]"):
                self.at += 1
                return items
            items.append(self._value(depth + 1))
            self._skip_lines()
            if self._next_is(","):
                self.at += 1
            elif not self._next_is("]"):
                raise self._wrong("an array without an end")

    def _inline_table(self, depth: int) -> Table:
        self.at += 1
        table = Table(Table.DOTTED)
        self._skip(_SPACE)
        while not self._next_is("}") or table:
            self._pair(table, depth + 1)
            self._skip(_SPACE)
            if self._next_is("}"):
                break
            self._expect(",")
        self.at += 1
        _close(table)
        return table

    def _skip_lines(self) -> None:
        while self._skip(_SPACE) or self._skip(_COMMENT) or self._skip(_NEWLINE):
            pass

    def _skip(self, form: "re.Pattern[str]") -> bool:
        match = form.match(self.text, self.at)
        if match is None or not match.group():
            return False
        self.at = match.end()
        return True

    def _next_is(self, characters: str) -> bool:
        return self.text.startswith(characters, self.at)

    def _expect(self, characters: str) -> None:
        self._skip(_SPACE)
        if not self._next_is(characters):
            raise self._wrong(f"{characters!r} expected")
        self.at += len(characters)

    def _wrong(self, detail: str) -> NotToml:
        return NotToml(f"line {self.text.count(chr(10), 0, self.at) + 1}: {detail}")


def _close(table: Table) -> None:
    """Nothing is added to an inline table, nor to those in it that its dotted keys made."""
    table.made = Table.INLINE
    for value in table.values():
        if isinstance(value, Table) and value.made == Table.DOTTED:
            _close(value)

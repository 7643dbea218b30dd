"""Chapter 3: reading a statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Tuple

from . import document
from .blake3 import blake3
from .document import Document, Table, Value
from .keys import ED25519, SLH_DSA, Key, read_link_key, read_reserve_key
from .refusal import Refused, require
from .text import decode_base64url, encode_base64url, digest, is_day, is_digest, is_instant, is_plain, MAX_INTEGER

MAX_STATEMENT_BYTES = 4096  # STM-1
MAX_SEQ = 100_000
MAX_RESERVE_KEYS = 15
MAX_YANKED = 256
FIRST_LINE = b"sigpkg = 1"
ID_PREFIX = b"\xb2\x28\x29"
ID_DIGEST_LEN = 39

# The checker of a value: refuses a value that its key cannot have, and gives what it means.
Check = Callable[[Value], object]


@dataclass(frozen=True)
class Field:
    key: str
    check: Check
    optional: bool = False


@dataclass(frozen=True)
class Package:
    ecosystem: str
    name: str
    uuid: Optional[str]


@dataclass(frozen=True)
class Statement:
    """A statement in canonical form. That it is well formed says nothing of who wrote it."""

    text: bytes
    kind: str
    seq: int
    signatory: Optional[str]  # None in a genesis, whose id follows from its text
    previous: Optional[str]
    date: str
    next_by: Optional[str]
    package: Package
    fields: Dict[str, object]  # of the table of the kind; of the genesis, the table `reserve`
    this: Optional[Key]  # in a genesis alone
    next: Key
    after_next: Key
    reserve_keys: Tuple[Key, ...]

    @property
    def digest(self) -> str:
        return digest(self.text)

    @property
    def link_keys(self) -> List[Key]:
        return [*([self.this] if self.this else []), self.next, self.after_next]

    @property
    def keys(self) -> List[Key]:
        """Every key that it names, in the order in which it does."""
        return [*self.reserve_keys, *self.link_keys]

    @property
    def version(self) -> str:
        return str(self.fields["version"])

    @property
    def withdraws(self) -> Optional[int]:
        return self.fields.get("withdraws")  # type: ignore[return-value]

    @property
    def yanks(self) -> List[int]:
        """The releases that a yank names; of other kinds none."""
        return self.fields.get("releases", [])  # type: ignore[return-value]

    @property
    def is_final(self) -> bool:
        return self.kind == "beat" and self.fields["state"] == "final"

    @property
    def successor(self) -> Optional[str]:
        return self.fields.get("successor")  # type: ignore[return-value]


def signatory_id(genesis_text: bytes) -> str:
    """STM-20."""
    return encode_base64url(ID_PREFIX + blake3(genesis_text, ID_DIGEST_LEN))


def is_signatory_id(text: str) -> bool:
    """STM-21."""
    data = decode_base64url(text)
    return len(text) == 56 and data is not None and data[:3] == ID_PREFIX


def read(text: bytes) -> Statement:
    """The statement of this exact text; the first broken rule in the order of section 3.1 otherwise."""
    require(len(text) <= MAX_STATEMENT_BYTES, "STM-1", "too-large", f"{len(text)} bytes, at most {MAX_STATEMENT_BYTES}")
    try:
        characters = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("STM-2", "not-text", str(error)) from error
    require(not characters.startswith("\ufeff"), "STM-2", "not-text", "a byte order mark")
    first = text.split(b"\n", 1)[0]
    require(first == FIRST_LINE, "STM-3", "unknown-format", f"the first line is {first!r}")
    says = document.parse(characters)
    kind = says.header.get("kind")
    require(kind is not None, "STM-7", "missing-field", "kind")
    require(isinstance(kind, str), "STM-8", "bad-value", repr(kind))
    require(kind in KINDS, "STM-5", "unknown-kind", repr(kind))
    assert isinstance(kind, str)

    header = _read_table("the header", says.header, HEADER_GENESIS if kind == "genesis" else HEADER)
    package = _read_package(_table(says, "package"))
    tables = {
        name: _read_table(name, _table(says, name), _fields(kind, name, package.ecosystem)) for name in KINDS[kind]
    }
    for name in says.tables:
        require(name == "package" or name in KINDS[kind], "STM-6", "unknown-field", f"the table [{name}]")

    keys = tables["keys"]
    own = tables[KINDS[kind][0]]
    statement = Statement(
        text=text,
        kind=kind,
        seq=header["seq"],  # type: ignore[arg-type]
        signatory=header.get("signatory"),  # type: ignore[arg-type]
        previous=header.get("previous"),  # type: ignore[arg-type]
        date=header["date"],  # type: ignore[arg-type]
        next_by=header.get("next-by"),  # type: ignore[arg-type]
        package=package,
        fields=own,
        this=keys.get("this"),  # type: ignore[arg-type]
        next=keys["next"],  # type: ignore[arg-type]
        after_next=keys["after-next"],  # type: ignore[arg-type]
        reserve_keys=tuple(own.get("keys", ())),  # type: ignore[arg-type]
    )
    _check_relations(statement)
    require(_canonical(says, kind, package.ecosystem) == characters, "STM-4", "not-canonical")
    return statement


def _table(says: Document, name: str) -> Table:
    require(name in says.tables, "STM-7", "missing-field", f"the table [{name}]")
    return says.tables[name]


def _read_table(name: str, table: Table, fields: List[Field]) -> Dict[str, object]:
    """STM-7, then the rules of the value, for each key in order; then STM-6."""
    read_values: Dict[str, object] = {}
    for field in fields:
        if field.key in table:
            read_values[field.key] = field.check(table[field.key])
        else:
            require(field.optional, "STM-7", "missing-field", f"{field.key} in {name}")
    known = {field.key for field in fields}
    for key in table:
        require(key in known, "STM-6", "unknown-field", f"{key} in {name}")
    return read_values


def _read_package(table: Table) -> Package:
    read_values = _read_table("package", table, [
        Field("ecosystem", _ecosystem),
        Field("name", lambda value: _package_name(value, table.get("ecosystem"))),
        # Whether it must be there is STM-11 and not STM-6 or STM-7.
        Field("uuid", lambda value: _uuid(value, table.get("ecosystem")), optional=True),
    ])
    uuid = read_values.get("uuid")
    require(uuid is not None or read_values["ecosystem"] != "julia", "STM-11", "bad-package", "no uuid in julia")
    return Package(str(read_values["ecosystem"]), str(read_values["name"]), None if uuid is None else str(uuid))


def _check_relations(statement: Statement) -> None:
    """STM-13 to STM-19."""
    kind, seq, fields = statement.kind, statement.seq, statement.fields
    require((kind == "genesis") == (seq == 1), "STM-13", "bad-sequence", f"a {kind} with seq {seq}")

    algorithm = statement.next.algorithm
    same = statement.after_next.algorithm == algorithm
    if statement.this is not None:
        same = same and statement.this.algorithm == algorithm == ED25519
    if fields.get("cause") == "algorithm":
        same = same and algorithm == SLH_DSA
    require(same, "STM-14", "algorithm-not-allowed")

    key_bytes = [key.key for key in statement.keys]
    require(len(set(key_bytes)) == len(key_bytes), "STM-15", "key-reused")

    if "threshold" in fields:
        threshold, count = fields["threshold"], len(statement.reserve_keys)
        assert isinstance(threshold, int)
        require(1 <= count <= MAX_RESERVE_KEYS, "STM-16", "bad-reserve", f"{count} keys")
        require(threshold <= count < 2 * threshold, "STM-16", "bad-reserve", f"{threshold} of {count}")

    releases = fields.get("releases", [])
    assert isinstance(releases, list)
    named = [*releases, *(fields[key] for key in ("withdraws", "replacement") if key in fields)]
    require(all(2 <= other < seq for other in named), "STM-17", "bad-reference", f"{named} in seq {seq}")
    require(all(a < b for a, b in zip(releases, releases[1:])), "STM-17", "bad-reference", "releases are not ascending")
    require(len(releases) <= MAX_YANKED, "STM-17", "bad-reference", f"{len(releases)} releases")
    require(fields.get("replacement") not in releases, "STM-17", "bad-reference", "the replacement is yanked too")

    successor = fields.get("successor")
    require(successor is None or successor != statement.signatory, "STM-18", "bad-reference", "it succeeds itself")
    require(statement.next_by is None or statement.next_by >= statement.date[:10], "STM-19", "bad-reference",
            f"next-by {statement.next_by}, date {statement.date}")


def _canonical(says: Document, kind: str, ecosystem: str) -> str:
    """STM-4: what the document says, in the order of sections 3.2 and 3.3."""
    header = [(key, says.header[key]) for key in HEADER_ORDER if key in says.header]
    orders = [("package", ["ecosystem", "name", "uuid"])]
    orders += [(name, [field.key for field in _fields(kind, name, ecosystem)]) for name in KINDS[kind]]
    return document.write(header, [
        (name, [(key, says.tables[name][key]) for key in order if key in says.tables[name]]) for name, order in orders
    ])


# Values, section 3.4.

def _bad(value: Value, wanted: str) -> Refused:
    return Refused("STM-8", "bad-value", f"{value!r} is not {wanted}")


def _string(value: Value) -> str:
    if not isinstance(value, str):
        raise _bad(value, "a string")
    return value


def _integer(low: int, high: int) -> Check:
    def check(value: Value) -> int:
        if not isinstance(value, int) or not low <= value <= high:
            raise _bad(value, f"an integer from {low} to {high}")
        return value
    return check


def _formed(test: Callable[[str], bool], wanted: str) -> Check:
    def check(value: Value) -> str:
        if not test(_string(value)):
            raise _bad(value, wanted)
        return _string(value)
    return check


def _one_of(*words: str) -> Check:
    return _formed(lambda text: text in words, " or ".join(words))


def _people_text(longest: int) -> Check:
    def test(text: str) -> bool:
        return is_plain(text) and not set('"\\') & set(text) and 1 <= len(text.encode("utf-8")) <= longest
    return _formed(test, f"1 to {longest} bytes of plain characters")


def _array_of(check: Check) -> Check:
    def check_array(value: Value) -> List[object]:
        if not isinstance(value, list):
            raise _bad(value, "an array")
        return [check(item) for item in value]
    return check_array


def _seqs(value: Value) -> List[object]:
    seqs = _array_of(_integer(1, MAX_SEQ))(value)
    if not seqs:
        raise _bad(value, "an array of 1 to 256 seqs")
    return seqs


_LETTER_DIGIT = "A-Za-z0-9"
_JULIA_NAME = re.compile(rf"(?![0-9])[{_LETTER_DIGIT}_]{{1,100}}")
_GENERIC_NAME = re.compile(rf"(?=.{{1,100}}\Z)[{_LETTER_DIGIT}]([{_LETTER_DIGIT}._+-]*[{_LETTER_DIGIT}])?", re.DOTALL)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_JULIA_VERSION = re.compile(
    rf"([0-9]+)\.([0-9]+)\.([0-9]+)(?:-([{_LETTER_DIGIT}-]+(?:\.[{_LETTER_DIGIT}-]+)*))?"
    rf"(?:\+([{_LETTER_DIGIT}-]+(?:\.[{_LETTER_DIGIT}-]+)*))?"
)
_GENERIC_VERSION = re.compile(rf"[{_LETTER_DIGIT}][{_LETTER_DIGIT}.+_~-]{{0,63}}")


def _ecosystem(value: Value) -> str:
    require(_string(value) in ("julia", "generic"), "STM-9", "bad-package", f"ecosystem {value!r}")
    return _string(value)


def _package_name(value: Value, ecosystem: object) -> str:
    good = is_julia_name if ecosystem == "julia" else is_generic_name
    require(good(_string(value)), "STM-10", "bad-package", f"name {value!r}")
    return _string(value)


def _uuid(value: Value, ecosystem: object) -> str:
    good = ecosystem == "julia" and is_uuid(_string(value))
    require(good, "STM-11", "bad-package", f"uuid {value!r} in {ecosystem}")
    return _string(value)


def _version(ecosystem: str) -> Check:
    def check(value: Value) -> str:
        good = is_julia_version if ecosystem == "julia" else is_generic_version
        require(good(_string(value)), "STM-12", "bad-version", repr(value))
        return _string(value)
    return check


def is_julia_name(text: str) -> bool:
    """STM-10."""
    return _JULIA_NAME.fullmatch(text) is not None


def is_generic_name(text: str) -> bool:
    """STM-10."""
    return _GENERIC_NAME.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    """STM-11."""
    return _UUID.fullmatch(text) is not None


def is_julia_version(text: str) -> bool:
    """STM-12."""
    match = _JULIA_VERSION.fullmatch(text)
    if match is None or len(text) > 64:
        return False
    for part in match.groups()[:3]:
        if not _is_number(part, 2**32 - 1):
            return False
    identifiers = [i for part in match.groups()[3:] if part is not None for i in part.split(".")]
    return all(_is_number(i, 2**64 - 1) for i in identifiers if i.isdigit())


def is_generic_version(text: str) -> bool:
    """STM-12."""
    return _GENERIC_VERSION.fullmatch(text) is not None


def _is_number(text: str, high: int) -> bool:
    return (text == "0" or not text.startswith("0")) and int(text) <= high


def _link_key(value: Value) -> Key:
    return read_link_key(_string(value))


def _reserve_key(value: Value) -> Key:
    return read_reserve_key(_string(value))


# Sections 3.2 and 3.3.

HEADER_ORDER = ["sigpkg", "kind", "signatory", "seq", "previous", "date", "next-by"]
_DIGEST = _formed(is_digest, "a digest")
_ID = _formed(is_signatory_id, "a signatory id")
_SEQ = Field("seq", _integer(1, MAX_SEQ))
_DATE = Field("date", _formed(is_instant, "an instant"))
_NEXT_BY = Field("next-by", _formed(is_day, "a day"), optional=True)
_START = [Field("sigpkg", _integer(1, 1)), Field("kind", _string)]
HEADER_GENESIS = [*_START, _SEQ, _DATE, _NEXT_BY]
HEADER = [*_START, Field("signatory", _ID), _SEQ, Field("previous", _DIGEST), _DATE, _NEXT_BY]

# The tables after [package].
KINDS: Dict[str, List[str]] = {
    "genesis": ["reserve", "keys"],
    "release": ["release", "keys"],
    "yank": ["yank", "keys"],
    "beat": ["beat", "keys"],
    "reserve": ["reserve", "keys"],
}


def _fields(kind: str, table: str, ecosystem: str) -> List[Field]:
    """The keys of a table, in order."""
    reserve = [Field("threshold", _integer(1, MAX_RESERVE_KEYS)), Field("keys", _array_of(_reserve_key))]
    if table == "keys":
        this = [Field("this", _link_key)] if kind == "genesis" else []
        return [*this, Field("next", _link_key), Field("after-next", _link_key)]
    if kind == "genesis":
        return reserve
    if kind == "release":
        return [
            Field("version", _version(ecosystem)),
            Field("files", _DIGEST),
            Field("count", _integer(0, MAX_INTEGER)),
            Field("bytes", _integer(0, MAX_INTEGER)),
            Field("withdraws", _integer(1, MAX_SEQ), optional=True),
            Field("upstream", _DIGEST, optional=True),
        ]
    if kind == "yank":
        return [
            Field("releases", _seqs),
            Field("severity", _one_of("note", "warn", "refuse")),
            Field("reason", _people_text(500)),
            Field("advisory", _people_text(200), optional=True),
            Field("replacement", _integer(1, MAX_SEQ), optional=True),
        ]
    if kind == "beat":
        return [Field("state", _one_of("here", "final")), Field("successor", _ID, optional=True)]
    return [
        Field("cause", _one_of("lost", "stolen", "algorithm", "handover", "planned")),
        Field("reason", _people_text(500)),
        *reserve,
    ]

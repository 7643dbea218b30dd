"""Section 5.9: a tar file, plain or compressed with gzip. (zstd is not in the standard library.)"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

from . import statement as statements
from .inputs import DIRECTORY, FILE, LINK, Entry
from .names import check_path, names_the_folder
from .refusal import NoVerdict, Refused, require
from .tree import MAX_BYTES

BLOCK = 512
MAX_EXTENSION_BYTES = 1024**2      # TREE-24
MAX_END_BYTES = 1024**2            # TREE-24
MAX_HEADERS = 500_000              # TREE-26
MAX_STREAM_BYTES = 64 * 1024**2    # TREE-26
MAX_RATIO = 200                    # TREE-26
MAX_NAME_BYTES = 128 * 1024**2     # TREE-26
MAX_FOLDER_BYTES = 256 * 1024**2   # TREE-26

PAX, GLOBAL_PAX, LONG_PATH, LONG_LINK = b"x", b"g", b"L", b"K"
ENTRY_KINDS = {b"0": FILE, b"\0": FILE, b"2": LINK, b"5": DIRECTORY}
RELEASE = b".sigpkg/release.toml"
PATH, TARGET, SIZE = b"path", b"linkpath", b"size"
SPARSE_KEYS = (b"GNU.sparse.", b"SUN.holesdata")
SCHILY_KEYS = (b"SCHILY.realsize", b"SCHILY.filetype", b"SCHILY.tarfiletype")
POSIX_MAGIC, GNU_MAGIC = b"ustar\x0000", b"ustar  \0"


class NoArchive(NoVerdict):
    """The first bytes are of no archive that is read here: there is no verdict."""


def read_archive(archive: bytes) -> List[Entry]:
    """TREE-23 to TREE-26: the entries, directories among them, without the top folder."""
    entries = _without_top_folder(_read_entries(_stream(archive)))
    kinds: Dict[bytes, str] = {}
    for entry in entries:
        once = entry.path not in kinds or kinds[entry.path] == entry.kind == DIRECTORY
        require(once, "TREE-25", "malformed-archive", f"{entry.path!r} comes twice")
        kinds[entry.path] = entry.kind
    return list({entry.path: entry for entry in entries}.values())


def _malformed(detail: str) -> Refused:
    return Refused("TREE-24", "malformed-archive", detail)


def _stream(archive: bytes) -> bytes:
    """The tar stream, told by the first bytes (TREE-23)."""
    if archive[:2] == b"\x1f\x8b":
        return _gunzip(archive)
    if archive[257:262] == b"ustar":
        return archive
    raise NoArchive("the first bytes are neither of a tar file nor of gzip")


def _gunzip(archive: bytes) -> bytes:
    """Members one after the other are one stream; TREE-26 bounds it."""
    most = max(MAX_STREAM_BYTES, MAX_RATIO * len(archive))
    stream = b""
    rest = archive
    while rest:
        member = zlib.decompressobj(wbits=31)
        try:
            stream += member.decompress(rest, most + 1 - len(stream))
        except zlib.error as error:
            raise _malformed(f"gzip: {error}") from error
        require(len(stream) <= most, "TREE-26", "too-large", f"more than {most} bytes in {len(archive)}")
        if not member.eof:
            raise _malformed("gzip: the stream ends early")
        rest = member.unused_data
    return stream


@dataclass
class Extensions:
    """What the headers before an entry say of it: one `x`, or at most one each of `L` and `K`."""

    values: Dict[bytes, bytes] = field(default_factory=dict)
    kinds: List[bytes] = field(default_factory=list)

    def begin(self, kind: bytes) -> None:
        if kind in self.kinds or (self.kinds and PAX in (kind, *self.kinds)):
            raise _malformed(f"a header {kind!r} after {self.kinds!r}")
        self.kinds.append(kind)

    def add(self, key: bytes, value: bytes) -> None:
        if key in self.values:
            raise _malformed(f"{key!r} is given twice")
        if b"\0" in value:
            raise _malformed(f"a NUL in {key!r}")
        self.values[key] = value


def _read_entries(stream: bytes) -> List[Entry]:
    entries: List[Entry] = []
    extensions = Extensions()
    at = headers = listed = names = 0
    promised: Optional[int] = None
    while True:
        header = stream[at:at + BLOCK]
        if len(header) < BLOCK:
            raise _malformed("the archive ends early")
        if not any(header):
            if extensions.kinds:
                raise _malformed("a header without its entry")
            _check_end(stream, at)
            return entries
        headers += 1
        require(headers <= MAX_HEADERS, "TREE-26", "too-large", f"more than {MAX_HEADERS} headers")
        _check_header(header)
        size, kind = _size(header[124:136]), header[156:157]
        at += BLOCK
        data = stream[at:at + size]
        listed += size if kind in ENTRY_KINDS else 0
        require(listed <= MAX_BYTES, "TREE-16", "too-large", f"more than {MAX_BYTES} bytes, by the headers")
        _check_promise(listed, promised)
        if kind in (PAX, GLOBAL_PAX, LONG_PATH, LONG_LINK) and size > MAX_EXTENSION_BYTES:
            raise _malformed(f"a header of {size} bytes")
        known = kind in ENTRY_KINDS or kind in (PAX, GLOBAL_PAX, LONG_PATH, LONG_LINK)
        require(known, "TREE-10", "bad-entry", f"an entry of type {kind!r}")
        if len(data) < size:
            raise _malformed("a file ends early")
        at += -(-size // BLOCK) * BLOCK
        if kind in ENTRY_KINDS:
            found = _entry(header, kind, data, extensions)
            names += sum(len(e.path) + (len(e.data) if e.kind == LINK else 0) for e in found)
            require(names <= MAX_NAME_BYTES, "TREE-26", "too-large", f"more than {MAX_NAME_BYTES} bytes of names")
            entries += found
            promised = _promise(entries) if promised is None else promised
            _check_promise(listed, promised)
            extensions = Extensions()
        else:
            _extend(extensions, kind, data)


def _check_promise(listed: int, promised: Optional[int]) -> None:
    """TREE-26: what the headers promise, against what the release does."""
    kept = promised is None or listed <= promised + MAX_FOLDER_BYTES
    require(kept, "TREE-26", "too-large", f"{listed} bytes, by the headers")


def _promise(entries: List[Entry]) -> Optional[int]:
    """TREE-26: the `bytes` of the last of these entries, if it is a release in `.sigpkg` or in that of the one directory."""
    if not entries or entries[-1].kind != FILE:
        return None
    last = entries[-1]
    roots = {entry.path.split(b"/", 1)[0] for entry in entries}
    is_inner = len(roots) == 1 and last.path == roots.pop() + b"/" + RELEASE
    if last.path != RELEASE and not is_inner:
        return None
    try:
        statement = statements.read(last.data)
    except Refused:
        return None
    return int(statement.fields["bytes"]) if statement.kind == "release" else None


def _check_end(stream: bytes, at: int) -> None:
    end = stream[at:]
    if len(end) < 2 * BLOCK or len(end) > MAX_END_BYTES or any(end):
        raise _malformed(f"{len(end)} bytes at the end, or not zeros")


def _check_header(header: bytes) -> None:
    """The magic, what must be zero, and the checksum: the sum of the bytes of the header, its own field spaces."""
    magic, prefix, last = header[257:265], header[345:500], header[500:]
    if magic not in (POSIX_MAGIC, GNU_MAGIC) or any(last) or (magic == GNU_MAGIC and any(prefix)):
        raise _malformed("neither a header of POSIX nor of GNU tar")
    written = header[148:156].strip(b" \0")
    computed = sum(header[:148]) + 8 * 0x20 + sum(header[156:])
    if re.fullmatch(rb"[0-7]+", written) is None or int(written, 8) != computed:
        raise _malformed("the checksum of a header is wrong")


def _size(field_bytes: bytes) -> int:
    """Octal digits, or 80, three zero bytes, and 8 bytes, the most significant first."""
    if field_bytes[:4] == b"\x80\0\0\0":
        return int.from_bytes(field_bytes[4:], "big")
    match = re.fullmatch(rb"([0-7]+)[ \0]*", field_bytes)
    if match is None:
        raise _malformed(f"no size: {field_bytes!r}")
    return int(match.group(1), 8)


def _extend(extensions: Extensions, kind: bytes, data: bytes) -> None:
    if kind == GLOBAL_PAX and extensions.kinds:
        raise _malformed("a global header between an extension and its entry")
    if kind != GLOBAL_PAX:
        extensions.begin(kind)
    if kind in (LONG_PATH, LONG_LINK):
        extensions.add(PATH if kind == LONG_PATH else TARGET, data[:-1] if data.endswith(b"\0") else data)
        return
    records = _pax_records(data)
    for key, _ in records:
        if key.startswith(SPARSE_KEYS) or key in SCHILY_KEYS:
            raise _malformed(f"a sparse file: {key!r}")
    given = [(key, value) for key, value in records if key in (PATH, TARGET, SIZE)]
    if kind == GLOBAL_PAX:
        if given:
            raise _malformed(f"{given[0][0]!r} in a global header")
        return
    for key, value in given:
        extensions.add(key, value)


def _pax_records(data: bytes) -> List[Tuple[bytes, bytes]]:
    records = []
    while data:
        digits, space, _ = data.partition(b" ")
        if not space or not digits.isdigit() or len(digits) > 7:
            raise _malformed("a pax record without its length")
        length = int(digits)
        record, data = data[:length], data[length:]
        key, equals, value = record[len(digits) + 1:].partition(b"=")
        if len(record) < length or not record.endswith(b"\n") or not equals or not key:
            raise _malformed(f"a pax record: {record!r}")
        records.append((key, value[:-1]))
    return records


def _entry(header: bytes, kind: bytes, data: bytes, extensions: Extensions) -> List[Entry]:
    """One entry, or none for the directory that the archive is in."""
    given = extensions.values
    if SIZE in given and (not given[SIZE].isdigit() or int(given[SIZE]) != len(data)):
        raise _malformed(f"sizes {given[SIZE]!r} and {len(data)}")
    path = given.get(PATH, _path(header))
    target = given.get(TARGET, _until_nul(header[157:257]))
    if ENTRY_KINDS[kind] != FILE and data:
        raise _malformed(f"{path!r} has {len(data)} bytes")
    if path.startswith(b"./"):
        path = path[2:]
    if ENTRY_KINDS[kind] == DIRECTORY:
        if path.endswith(b"/"):
            path = path[:-1]
        if path in (b"", b"."):
            return []
    return [Entry(path, ENTRY_KINDS[kind], target if ENTRY_KINDS[kind] == LINK else data)]


def _path(header: bytes) -> bytes:
    name, prefix = _until_nul(header[:100]), _until_nul(header[345:500])
    if header[257:265] == POSIX_MAGIC and prefix:
        return prefix + b"/" + name
    return name


def _until_nul(text: bytes) -> bytes:
    return text.split(b"\0", 1)[0]


def _without_top_folder(entries: List[Entry]) -> List[Entry]:
    firsts = {entry.path.split(b"/", 1)[0] for entry in entries}
    if len(firsts) != 1:
        return entries
    (top,) = firsts
    if names_the_folder(top) or any(entry.path == top and entry.kind != DIRECTORY for entry in entries):
        return entries
    check_path(top)
    return [Entry(entry.path[len(top) + 1:], entry.kind, entry.data) for entry in entries if entry.path != top]

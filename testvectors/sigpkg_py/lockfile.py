"""Section 10.1: what a lockfile says of the packages that a project depends on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import List, Mapping, Optional

from . import toml
from .refusal import NoVerdict
from .statement import is_julia_name, is_uuid

MAX_BYTES = 16 * 1024**2  # PRJ-1
MAX_ENTRIES = 20_000      # PRJ-1

REGISTERED, URL, PATH, STDLIB = "registered", "url", "path", "stdlib"

_FORMAT = re.compile(r"([0-9]+)(?:\..*)?", re.DOTALL)
_TREE_HASH = re.compile(r"[0-9a-f]{40}")
_CASTAGNOLI = 0x82F63B78  # 1EDC6F41, reflected
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class NoLockfile(NoVerdict):
    """The file has not the form of PRJ-1."""


@dataclass(frozen=True)
class Dependency:
    """One entry."""

    name: str
    uuid: str
    version: Optional[str]
    tree_hash: Optional[str]
    source: str  # PRJ-2


def is_tree_hash(text: str) -> bool:
    """PRJ-3."""
    return _TREE_HASH.fullmatch(text) is not None


def read_lockfile(data: bytes) -> List[Dependency]:
    """PRJ-1, in the order of the file."""
    if len(data) > MAX_BYTES:
        raise NoLockfile(f"{len(data)} bytes")
    try:
        says = toml.read(data)
    except toml.NotToml as error:
        raise NoLockfile(str(error)) from error
    version = _format(says)
    arrays = says if version == 1 else says.get("deps", {})
    # Another version of Julia would look for the entries in the other place.
    if version == 1 and isinstance(says.get("deps"), toml.Table):
        raise NoLockfile("deps is a table in format 1")
    if version == 2 and any(_is_array_of_tables(value) for key, value in says.items() if key != "deps"):
        raise NoLockfile("an entry is beside deps")
    if not isinstance(arrays, toml.Table) and arrays != {}:
        raise NoLockfile("deps is no table")
    if arrays is not says and any(_has_tables(value) for key, value in says.items() if key != "deps"):
        raise NoLockfile("an entry of format 1 in format 2")
    entries: List[Dependency] = []
    for name, tables in arrays.items():
        if not isinstance(tables, list):
            if arrays is says and name in ("manifest_format", "julia_version"):
                continue
            raise NoLockfile(f"{name} is no array of tables")
        entries += [_entry(name, table) for table in tables]
        if len(entries) > MAX_ENTRIES:
            raise NoLockfile(f"more than {MAX_ENTRIES} entries")
    if len({entry.uuid for entry in entries}) != len(entries):
        raise NoLockfile("two entries have one UUID")
    return entries


def _is_array_of_tables(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, toml.Table) for one in value)


def _has_tables(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, toml.Table) for one in value)


def _format(says: Mapping[str, object]) -> int:
    if "manifest_format" not in says:
        return 1
    value = says["manifest_format"]
    match = _FORMAT.fullmatch(value) if isinstance(value, str) else None
    if match is None or match.group(1) not in ("1", "2"):
        raise NoLockfile(f"manifest_format is {value!r}")
    return int(match.group(1))


def _entry(name: str, table: object) -> Dependency:
    if not isinstance(table, toml.Table):
        raise NoLockfile(f"{name} is no array of tables")
    texts = {key: table.get(key) for key in ("uuid", "version", "git-tree-sha1", "path", "repo-url")}
    if any(not isinstance(value, str) for value in texts.values() if value is not None):
        raise NoLockfile(f"{name}: {texts}")
    # The name is that of a folder in each depot, so it must not lead elsewhere.
    uuid, tree_hash = (texts["uuid"] or "").lower(), texts["git-tree-sha1"]
    tree_hash = None if tree_hash is None else tree_hash.lower()
    if not is_julia_name(name) or not is_uuid(uuid) or tree_hash is not None and not is_tree_hash(tree_hash):
        raise NoLockfile(f"{name}: {texts}")
    if texts["path"] is not None:
        source = PATH
    elif tree_hash is not None:
        source = REGISTERED if texts["repo-url"] is None else URL
    elif texts["repo-url"] is None:
        source = STDLIB
    else:
        raise NoLockfile(f"{name} is from a URL and has no tree hash")
    return Dependency(name, uuid, texts["version"], tree_hash, source)


def slug(uuid: str, tree_hash: str, length: int = 5) -> str:
    """PRJ-4: S5, or S4."""
    rest = crc32c(bytes.fromhex(uuid.replace("-", ""))[::-1] + bytes.fromhex(tree_hash))
    digits = ""
    for _ in range(length):
        rest, digit = divmod(rest, len(_DIGITS))
        digits += _DIGITS[digit]
    return digits


def crc32c(data: bytes) -> int:
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (_CASTAGNOLI if remainder & 1 else 0)
    return remainder ^ 0xFFFFFFFF

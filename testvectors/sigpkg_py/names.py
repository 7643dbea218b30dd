"""Section 5.2 and DIR-2: which names a tree may have."""

from __future__ import annotations

import re
import unicodedata
from typing import Dict, Iterable, List, Set, Tuple

from .refusal import Refused, require
from .text import is_plain

FOLDER = b".sigpkg"
MAX_ENTRIES = 250_000       # TREE-16
MAX_DIRECTORIES = 250_000   # TREE-16
MAX_PATH_BYTES = 1023       # TREE-7
MAX_COMPONENT_BYTES = 255   # TREE-7

# TREE-8: Default_Ignorable_Code_Point.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_NOT_IN_NAMES = re.compile("[\\\\:\u206a-\u206f\ufffd]")  # TREE-3
_DEVICE = re.compile("(con|prn|aux|nul|conin\\$|conout\\$|clock\\$|(com|lpt)[0-9¹²³])")  # TREE-4
_GIT = re.compile(r"\.git|git~[0-9]+")  # TREE-6
_FOLDER_KEY = re.compile(r"\.sigpkg|sigpkg~[0-9]+")  # DIR-2


def check_path(path: bytes) -> None:
    """TREE-2 to TREE-7."""
    check_components(path)
    require(len(path) <= MAX_PATH_BYTES, "TREE-7", "bad-path", f"{len(path)} bytes")


def check_components(path: bytes) -> None:
    """TREE-2 to TREE-7, without the length of the whole."""
    try:
        components = path.decode("utf-8").split("/")
    except UnicodeDecodeError as error:
        raise Refused("TREE-2", "bad-path", f"{path!r} is not UTF-8") from error
    bad = any(component in ("", ".", "..") for component in components)
    require(not bad, "TREE-2", "bad-path", f"{path!r}")
    for component in components:
        plain = is_plain(component) and not _NOT_IN_NAMES.search(component)
        require(plain, "TREE-3", "bad-path", f"{component!r}")
        require(not is_device(component), "TREE-4", "bad-path", f"{component!r}")
        require(component[-1] not in ". ", "TREE-5", "bad-path", f"{component!r}")
        require(_GIT.fullmatch(key(component)) is None, "TREE-6", "bad-path", f"{component!r}")
        size = len(component.encode("utf-8"))
        require(size <= MAX_COMPONENT_BYTES, "TREE-7", "bad-path", f"a component of {size} bytes")


def is_device(component: str) -> bool:
    """TREE-4."""
    stem = component.split(".", 1)[0].rstrip(" ")
    small = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in stem)
    return _DEVICE.fullmatch(small) is not None


def key(name: str) -> str:
    """TREE-8. The tables are those of this Python; see the rule for what that can change."""
    reduced = _IGNORABLE.sub("", name).replace("\u0131", "i")
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", reduced).casefold())


def names_the_folder(component: bytes) -> bool:
    """DIR-2, or the exact name of the folder."""
    try:
        return _FOLDER_KEY.fullmatch(key(component.decode("utf-8"))) is not None
    except UnicodeDecodeError:
        return False


def check_root_name(path: bytes) -> None:
    """DIR-2, of the first component of a path."""
    first = path.split(b"/", 1)[0]
    other = first != FOLDER and names_the_folder(first)
    require(not other, "DIR-2", "bad-folder", f"{first!r} names the folder")


def check_names(entries: Iterable[bytes], directories: Iterable[bytes] = ()) -> None:
    """TREE-9 and the counts of TREE-16, over paths that keep TREE-2. `directories` are those that a source names."""
    paths: Set[bytes] = set()
    for path in entries:
        require(path not in paths, "TREE-9", "name-collision", f"{path!r} comes twice")
        paths.add(path)
    folders: Set[bytes] = set(directories)
    for path in [*paths, *folders]:
        folders.update(parents(path))
        require(len(folders) <= MAX_DIRECTORIES, "TREE-16", "too-large", f"more than {MAX_DIRECTORIES} directories")
    require(len(paths) <= MAX_ENTRIES, "TREE-16", "too-large", f"{len(paths)} entries")
    both = paths & folders
    require(not both, "TREE-9", "name-collision", f"both an entry and a directory: {both!r}")
    by_key: Dict[Tuple[str, ...], bytes] = {}
    for name in [*paths, *folders]:
        name_key = tuple(key(component) for component in name.decode("utf-8").split("/"))
        other = by_key.setdefault(name_key, name)
        require(other == name, "TREE-9", "name-collision", f"{other!r} and {name!r}")


def parents(path: bytes) -> List[bytes]:
    """The directories above a path."""
    components = path.split(b"/")
    return [b"/".join(components[:i]) for i in range(1, len(components))]

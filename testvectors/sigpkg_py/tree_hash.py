"""PRJ-3: the tree hash, the id that git has for a tree."""

from __future__ import annotations

import hashlib
from typing import Dict, List, Optional, Sequence, Tuple

from .inputs import DIRECTORY, FILE, LINK, Entry
from .names import parents

_MODES = {FILE: b"100644", LINK: b"120000"}
_EXECUTABLE = b"100755"

_ROOT = None


def tree_hash(entries: Sequence[Entry]) -> Optional[str]:
    """The hash of all that is there, `.sigpkg` included; None if git has no such tree."""
    # git knows those directories alone that hold something.
    held = {entry.path: entry for entry in entries if entry.kind != DIRECTORY}
    folders = {folder for path in held for folder in parents(path)}
    whole = len(held) == sum(entry.kind != DIRECTORY for entry in entries) and not folders & set(held)
    if not whole or any(entry.kind not in _MODES for entry in held.values()):
        return None
    inside: Dict[Optional[bytes], List[Tuple[bytes, bytes]]] = {_ROOT: []}
    for path, entry in held.items():
        mode = _EXECUTABLE if entry.executable and entry.kind == FILE else _MODES[entry.kind]
        folder, name = _split(path)
        inside.setdefault(folder, []).append((name, mode + b" " + name + b"\0" + _object_id(b"blob", entry.data)))
    # The deepest first, without recursion: a path may have 511 directories (TREE-16).
    for path in sorted(folders, key=lambda path: path.count(b"/"), reverse=True):
        folder, name = _split(path)
        # In the order of git a directory has a `/` behind its name.
        line = b"40000 " + name + b"\0" + _tree_id(inside[path])
        inside.setdefault(folder, []).append((name + b"/", line))
    return _tree_id(inside[_ROOT]).hex()


def _split(path: bytes) -> Tuple[Optional[bytes], bytes]:
    folder, slash, name = path.rpartition(b"/")
    return (folder if slash else _ROOT), name


def _tree_id(lines: List[Tuple[bytes, bytes]]) -> bytes:
    return _object_id(b"tree", b"".join(line for _, line in sorted(lines)))


def _object_id(kind: bytes, content: bytes) -> bytes:
    return hashlib.sha1(kind + b" %d\0" % len(content) + content).digest()

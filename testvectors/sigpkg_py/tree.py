"""Chapter 5: a tree, from the entries of its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Sequence

from .blake3 import blake3
from .inputs import DIRECTORY, FILE, LINK, Entry
from .listing import LINKS_PATH, check_target
from .names import FOLDER, check_names, check_path, check_root_name
from .refusal import require

MAX_BYTES = 4 * 1024**3       # TREE-16
MAX_MANIFEST_BYTES = 1024**2  # TREE-20


@dataclass(frozen=True)
class Tree:
    """TREE-1. `folder` are the files of `.sigpkg` by name, None if there is none."""

    files: Mapping[bytes, bytes]
    links: Mapping[bytes, bytes]
    folder: Optional[Mapping[bytes, bytes]]
    read_back: bool  # TREE-19: it is a directory

    def manifest(self, path: bytes) -> Optional[bytes]:
        """TREE-20."""
        content = self.files.get(path)
        return None if content is None or len(content) > MAX_MANIFEST_BYTES else content


@dataclass(frozen=True)
class Comparison:
    """TREE-17. `read_back` are the files that are equal by TREE-19 alone."""

    modified: List[bytes]
    missing: List[bytes]
    extra: List[bytes]
    line_ends: List[bytes]
    read_back: List[bytes]

    @property
    def equal(self) -> bool:
        return not (self.modified or self.missing or self.extra or self.line_ends)

    def paths(self) -> Dict[str, List[str]]:
        named = {
            "modified": self.modified, "missing": self.missing, "extra": self.extra, "line-ends": self.line_ends,
        }
        return {name: [path.decode("utf-8") for path in sorted(paths)] for name, paths in named.items()}


def read_tree(entries: Sequence[Entry], source: str) -> Tree:
    """The tree, if it keeps chapter 5 and, of its root, DIR-2 and DIR-3. `source` is as in README.md, *Context*."""
    if source == "directory":
        entries = [e for e in entries if e.path.split(b"/", 1)[0] != b".git"]  # TREE-22
    for entry in entries:
        require(entry.kind in (FILE, LINK, DIRECTORY), "TREE-10", "bad-entry", f"{entry.kind} {entry.path!r}")
    in_folder = [e for e in entries if e.path.split(b"/", 1)[0] == FOLDER]
    folder = _read_folder_files(in_folder)

    outside = [e for e in entries if e.path.split(b"/", 1)[0] != FOLDER]
    for entry in outside:
        check_path(entry.path)
        check_root_name(entry.path)
    entered = [entry for entry in outside if entry.kind != DIRECTORY]
    check_names([e.path for e in entered], [e.path for e in outside if e.kind == DIRECTORY])
    for entry in entered:
        if entry.kind == LINK:
            check_target(entry.path, entry.data)
    size = sum(len(entry.data) for entry in entered if entry.kind == FILE)
    require(size <= MAX_BYTES, "TREE-16", "too-large", f"{size} bytes")
    return Tree(
        files={entry.path: entry.data for entry in entered if entry.kind == FILE},
        links={entry.path: entry.data for entry in entered if entry.kind == LINK},
        folder=folder,
        read_back=source == "directory",
    )


def _read_folder_files(entries: Sequence[Entry]) -> Optional[Dict[bytes, bytes]]:
    """DIR-3, as far as it speaks of directories and files."""
    files: Dict[bytes, bytes] = {}
    for entry in entries:
        if entry.path == FOLDER:
            require(entry.kind == DIRECTORY, "DIR-3", "bad-folder", f".sigpkg is a {entry.kind}")
            continue
        name = entry.path[len(FOLDER) + 1:]
        regular = entry.kind == FILE and name not in files
        require(regular, "DIR-3", "bad-folder", f"{entry.kind} {entry.path!r}")
        files[name] = entry.data
    return files or None


def read_detached(entries: Sequence[Entry]) -> Dict[bytes, bytes]:
    """DIR-8: the files of a detached folder."""
    inside = [Entry(FOLDER + b"/" + entry.path, entry.kind, entry.data) for entry in entries]
    return _read_folder_files(inside) or {}


def lf_form(content: bytes) -> Optional[bytes]:
    """TREE-18."""
    turned = content.replace(b"\r\n", b"\n")
    exists = b"\0" not in content and b"\n" in content and b"\r" not in turned
    return turned if exists and turned.replace(b"\n", b"\r\n") == content else None


def compare(tree: Tree, listing: Mapping[bytes, str], links: Mapping[bytes, bytes]) -> Comparison:
    """TREE-17, TREE-19."""
    signed = {**{path: FILE for path in listing if path != LINKS_PATH}, **{path: LINK for path in links}}
    found = {**{path: FILE for path in tree.files}, **{path: LINK for path in tree.links}}
    modified, line_ends, read_back = [], [], []
    for path in sorted(set(signed) & set(found)):
        if signed[path] != found[path]:
            modified.append(path)
        elif signed[path] == LINK:
            modified += [path] if links[path] != tree.links[path] else []
        elif blake3(tree.files[path]).hex() != listing[path]:
            turned = lf_form(tree.files[path])
            if turned is None or blake3(turned).hex() != listing[path]:
                modified.append(path)
            else:
                (read_back if tree.read_back else line_ends).append(path)
    return Comparison(
        modified=modified,
        missing=sorted(set(signed) - set(found)),
        extra=sorted(set(found) - set(signed)),
        line_ends=line_ends,
        read_back=read_back,
    )


def size_of(tree: Tree, comparison: Comparison, links_text: Optional[bytes]) -> int:
    """TREE-15: `bytes` of a tree that is equal to its listing."""
    size = sum(len(content) for content in tree.files.values()) + len(links_text or b"")
    return size - sum(tree.files[path].count(b"\r") for path in comparison.read_back)

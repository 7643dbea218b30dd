"""Sections 5.4 and 5.5: the listing, and the list of links."""

from __future__ import annotations

import re
from typing import Dict, Mapping

from .blake3 import blake3
from .names import (
    FOLDER, MAX_PATH_BYTES, check_names, check_components, check_path, check_root_name, names_the_folder,
)
from .refusal import Refused, require
from .text import lines

LINKS_PATH = b".sigpkg/links"
_LINE = re.compile(rb"([0-9a-f]{64})  (.*)", re.DOTALL)


def write_listing(files: Mapping[bytes, bytes], links: Mapping[bytes, bytes]) -> bytes:
    """TREE-11."""
    hashed = {path: blake3(content) for path, content in files.items()}
    if links:
        hashed[LINKS_PATH] = blake3(write_links(links))
    return b"".join(hashed[path].hex().encode() + b"  " + path + b"\n" for path in sorted(hashed))


def write_links(links: Mapping[bytes, bytes]) -> bytes:
    """TREE-13."""
    return b"".join(path + b"\t" + links[path] + b"\n" for path in sorted(links))


def read_listing(text: bytes) -> Dict[bytes, str]:
    """TREE-12: the digest in hexadecimal of each path."""
    split = lines(text)
    if split is None:
        raise _malformed("TREE-12", "the last line does not end")
    listing: Dict[bytes, str] = {}
    before = None
    for line in split:
        match = _LINE.fullmatch(line)
        if match is None:
            raise _malformed("TREE-12", repr(line))
        path = match.group(2)
        if before is not None and path <= before:
            raise _malformed("TREE-12", f"{path!r} after {before!r}")
        before = path
        if path.split(b"/", 1)[0] == FOLDER and path != LINKS_PATH:
            raise _malformed("TREE-12", f"{path!r} is not listed")
        check_path(path)
        check_root_name(path)
        listing[path] = match.group(1).decode()
    check_names(listing)
    return listing


def read_links(text: bytes) -> Dict[bytes, bytes]:
    """TREE-13: the target of each path."""
    split = lines(text)
    if not split:
        raise _malformed("TREE-13", "no line, or the last does not end")
    links: Dict[bytes, bytes] = {}
    before = None
    for line in split:
        path, tab, target = line.partition(b"\t")
        if not tab:
            raise _malformed("TREE-13", f"no tab: {line!r}")
        if before is not None and path <= before:
            raise _malformed("TREE-13", f"{path!r} after {before!r}")
        before = path
        check_path(path)
        check_target(path, target)
        links[path] = target
    return links


def check_target(path: bytes, target: bytes) -> None:
    """TREE-14."""
    components = target.split(b"/")
    up = 0
    while up < len(components) and components[up] == b"..":
        up += 1
    rest = components[up:]
    depth = path.count(b"/")
    shown = f"{path!r} to {target!r}"
    require(1 <= len(target) <= MAX_PATH_BYTES, "TREE-14", "bad-link", f"a target of {len(target)} bytes")
    if rest:
        try:
            check_components(b"/".join(rest))
        except Refused as refusal:
            raise Refused("TREE-14", "bad-link", f"{shown}: {refusal}") from refusal
    require(up <= depth, "TREE-14", "bad-link", f"{shown} leaves the tree")
    if up == depth:
        require(bool(rest), "TREE-14", "bad-link", f"{shown} leads to the root")
        require(not names_the_folder(rest[0]), "TREE-14", "bad-link", f"{shown} enters the folder")


def _malformed(rule: str, detail: str) -> Refused:
    return Refused(rule, "malformed-listing", detail)

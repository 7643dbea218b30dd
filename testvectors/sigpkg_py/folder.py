"""Chapter 6: the folder `.sigpkg`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Mapping, Optional

from .blake3 import blake3
from .listing import LINKS_PATH, read_links, read_listing
from .refusal import Refused, require
from .tree import lf_form

# DIR-1, DIR-6: the names, and the most bytes that each may have.
MAX_BYTES = {
    b".gitattributes": 256,
    b"chain": 64 * 1024**2,
    b"release.toml": 4096,
    b"release.toml.minisig": 1024,
    b"files": 64 * 1024**2,
    b"links": 1024**2,
}
ATTRIBUTES = b"* -text -ident -filter !working-tree-encoding -export-ignore -export-subst -merge\n"  # DIR-4


@dataclass(frozen=True)
class Folder:
    """The exact texts, and what `files` and `links` say."""

    chain: bytes
    release: Optional[bytes]
    signature: Optional[bytes]
    files: Optional[bytes]
    links_text: Optional[bytes]
    listing: Mapping[bytes, str]
    links: Mapping[bytes, bytes]
    turned: bool  # TREE-19: a file of it was taken to be its LF form


def read_folder(files: Mapping[bytes, bytes], read_back: bool) -> Folder:
    """DIR-3 to DIR-7, and the form of `files` and `links`."""
    turned = False
    read: Dict[bytes, bytes] = {}
    for name, content in files.items():
        lf = lf_form(content) if read_back else None
        read[name] = content if lf is None else lf
        turned = turned or lf is not None
    for name, content in read.items():
        require(name in MAX_BYTES, "DIR-3", "bad-folder", f"{name!r} does not belong there")
        require(len(content) <= MAX_BYTES[name], "DIR-6", "too-large", f"{name!r} has {len(content)} bytes")
    attributes = read.get(b".gitattributes", ATTRIBUTES)
    require(attributes == ATTRIBUTES, "DIR-4", "bad-folder", f"{attributes!r}")
    for name in (b".gitattributes", b"chain"):
        require(name in read, "DIR-5", "bad-folder", f"{name!r} is missing")
    any_of_release = any(name in read for name in (b"release.toml", b"release.toml.minisig", b"files", b"links"))
    both = b"release.toml" in read and b"files" in read
    require(both or not any_of_release, "DIR-5", "bad-folder", f"a part of a release: {sorted(read)!r}")

    listing = read_listing(read[b"files"]) if b"files" in read else {}
    links = read_links(read[b"links"]) if b"links" in read else {}
    hashed = blake3(read[b"links"]).hex() if b"links" in read else None
    agrees = listing.get(LINKS_PATH) == hashed
    require(agrees, "DIR-7", "malformed-listing", f"{listing.get(LINKS_PATH)} in files, links has {hashed}")
    return Folder(
        chain=read[b"chain"],
        release=read.get(b"release.toml"),
        signature=read.get(b"release.toml.minisig"),
        files=read.get(b"files"),
        links_text=read.get(b"links"),
        listing=listing,
        links=links,
        turned=turned,
    )

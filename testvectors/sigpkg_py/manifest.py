"""Section 7.4: what the manifest of a tree claims, and the order of versions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from . import document
from .refusal import Refused
from .statement import is_julia_version
from .tree import Tree

# In this order (VER-14).
JULIA_MANIFESTS = (b"JuliaProject.toml", b"Project.toml")

_CLAIM = re.compile(r"[ \t]*(?:name|uuid|version)[ \t]*=")
_SHORT_VERSION = re.compile(r"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?((?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)")


@dataclass(frozen=True)
class Manifest:
    """Claims: what is absent or no string is None."""

    name: Optional[str]
    uuid: Optional[str]
    version: Optional[str]


def julia_manifest(tree: Tree) -> Optional[Manifest]:
    """The manifest at the root of a tree, None if there is none."""
    for path in JULIA_MANIFESTS:
        content = tree.manifest(path)
        if content is not None:
            return _read(content)
    return None


def _read(content: bytes) -> Manifest:
    """Only the lines of these three keys before the first table are read, so the rest of the file may be any TOML."""
    claims: Dict[str, str] = {}
    for line in content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n"):
        if re.match(r"[ \t]*\[[ \t]*[A-Za-z0-9_\"'-]", line):
            break
        if _CLAIM.match(line) is None:
            continue
        try:
            claims.update({key: value for key, value in document.parse(line).header.items() if isinstance(value, str)})
        except Refused:
            continue
    uuid, version = claims.get("uuid"), claims.get("version")
    return Manifest(
        claims.get("name"),
        None if uuid is None else uuid.lower(),
        None if version is None else canonical_julia_version(version),
    )


def canonical_julia_version(text: str) -> Optional[str]:
    """What Julia prints for this version (STM-12): no `v`, three numbers without leading zeros."""
    match = _SHORT_VERSION.fullmatch(text)
    if match is None:
        return None
    # Not by way of int(), which refuses very long numbers.
    numbers = [(number or "").lstrip("0") or "0" for number in match.groups()[:3]]
    version = ".".join(numbers) + match.group(4)
    return version if is_julia_version(version) else None


def is_lower(ecosystem: str, version: str, than: str) -> bool:
    """VER-16: whether a version is lower in the order of the ecosystem. In `generic` there is no order."""
    if ecosystem == "generic":
        return True
    return _julia_order(version) < _julia_order(than)


def _julia_order(version: str) -> Tuple:
    """Semantic versioning, and build identifiers count too: none is lower than any."""
    rest, _, build = version.partition("+")
    core, _, before = rest.partition("-")
    return (
        [int(number) for number in core.split(".")],
        not before,  # 1.0.0-rc1 is lower than 1.0.0
        _identifiers(before),
        _identifiers(build),
    )


def _identifiers(text: str) -> List[Tuple[bool, int, str]]:
    """Numbers are lower than words."""
    if not text:
        return []
    return [(not i.isdigit(), int(i) if i.isdigit() else 0, i) for i in text.split(".")]

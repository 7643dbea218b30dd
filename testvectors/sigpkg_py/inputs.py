"""The inputs of the vectors (README.md, *Sources*)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Dict, List

FILE, LINK, SUBMODULE, DIRECTORY = "file", "link", "submodule", "directory"


@dataclass(frozen=True)
class Entry:
    """One entry of a tree. `data` is the content of a file or the target of a link."""

    path: bytes
    kind: str
    data: bytes = b""
    executable: bool = False


class Inputs:
    """Reads sources relative to one folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def read(self, source: Dict) -> bytes:
        """The bytes of a source."""
        if set(source) == {"repeat", "times"}:
            return self.read(source["repeat"]) * source["times"]
        ((form, value),) = source.items()
        if form == "file":
            with open(os.path.join(self.folder, *value.split("/")), "rb") as file:
                return file.read()
        if form == "text":
            return value.encode("utf-8")
        if form == "hex":
            return bytes.fromhex(value)
        if form == "parts":
            return b"".join(self.read(part) for part in value)
        raise ValueError(f"unknown form of source: {form}")

    def tree(self, source: Dict) -> List[Entry]:
        """The entries of a tree file."""
        tree = json.loads(self.read(source).decode("utf-8"))
        if tree["schema"] != "sigpkg.tree/1":
            raise ValueError(f"unknown schema of a tree: {tree['schema']}")
        return [self._entry(entry) for entry in tree["entries"]]

    def _entry(self, entry: Dict) -> Entry:
        path = bytes.fromhex(entry["path-hex"]) if "path-hex" in entry else entry["path"].encode("utf-8")
        if "file" in entry:
            return Entry(path, FILE, self.read(entry["file"]), entry.get("executable", False))
        if "link" in entry:
            return Entry(path, LINK, self.read(entry["link"]))
        return Entry(path, SUBMODULE if "submodule" in entry else DIRECTORY)

#!/usr/bin/env python3
"""Asks the stock tools what testvectors/index.json says that they say.

    tests/stock.py [FOLDER]

FOLDER is testvectors/. Each answer is one check; the last line is `N passed, M failed`. The tools are minisign, b3sum
and OpenBSD's signify (its name in SIGNIFY, by default signify-openbsd). Standard library of Python 3.9 alone.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SIGNIFY = os.environ.get("SIGNIFY") or "signify-openbsd"


def main() -> int:
    default = Path(__file__).resolve().parent.parent / "testvectors"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    vectors = json.loads((folder / "index.json").read_text(encoding="utf-8"))["vectors"]
    passed = failed = 0
    for vector in vectors:
        for tool in ("minisign", "signify", "b3sum"):
            expected = vector.get("stock", {}).get(tool)
            if expected is None:
                continue
            with tempfile.TemporaryDirectory() as place:
                found, said = TOOLS[tool](folder, vector["input"], Path(place))
            if found == expected:
                passed += 1
            else:
                failed += 1
                print(f"FAILED {vector['id']}: expected {tool} to {expected}, found {found}: {said}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def minisign(folder: Path, given: dict, place: Path):
    key = signature_inputs(folder, given, place)
    return ask(place, "minisign", "-Vm", "message", "-x", "signature", "-P", key)


def signify(folder: Path, given: dict, place: Path):
    key = signature_inputs(folder, given, place)
    (place / "key").write_text(f"untrusted comment: a test key\n{key}\n", encoding="utf-8")
    return ask(place, SIGNIFY, "-V", "-x", "signature", "-p", "key", "-m", "message")


def b3sum(folder: Path, given: dict, place: Path):
    tree = json.loads(read(folder, given["tree"]))
    for entry in tree["entries"]:
        name = bytes.fromhex(entry["path-hex"]) if "path-hex" in entry else entry["path"].encode()
        path = os.path.join(os.fsencode(place), name)
        os.makedirs(path if entry.get("directory") else os.path.dirname(path), exist_ok=True)
        if "file" in entry:
            with open(path, "wb") as file:
                file.write(read(folder, entry["file"]))
        elif "link" in entry:
            os.symlink(read(folder, entry["link"]), path)
    return ask(place, "b3sum", "--check", ".sigpkg/files")


TOOLS = {"minisign": minisign, "signify": signify, "b3sum": b3sum}


def signature_inputs(folder: Path, given: dict, place: Path) -> str:
    """Writes message and signature, and returns the text of the key."""
    for name in ("message", "signature"):
        (place / name).write_bytes(read(folder, given[name]))
    return read(folder, given["key"]).decode("utf-8", "replace").rstrip("\n").split("\n")[-1]


def read(folder: Path, source: dict) -> bytes:
    """The bytes of a source, see testvectors/README.md."""
    if "file" in source:
        return (folder / source["file"]).read_bytes()
    if "text" in source:
        return source["text"].encode()
    if "hex" in source:
        return bytes.fromhex(source["hex"])
    if "parts" in source:
        return b"".join(read(folder, part) for part in source["parts"])
    return read(folder, source["repeat"]) * source["times"]


def ask(place: Path, *command: str):
    """`accept` or `refuse`, and the last line that the tool said."""
    done = subprocess.run(command, cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = done.stdout.decode("utf-8", "replace").strip().split("\n")[-1]
    return ("accept" if done.returncode == 0 else "refuse"), said


if __name__ == "__main__":
    sys.exit(main())

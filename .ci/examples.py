#!/usr/bin/env python3
"""Holds the documentation of the library to its word: every public item has an example.

    .ci/examples.py [--all]

It has rustdoc write what is public as JSON, and walks it from the root of the crate, through modules and re-exports. An
item is a struct, an enum, a trait, a function or a method; what has a value or a name alone (fields, variants, constants,
modules, implementations of other people's traits) needs no example of its own. It prints the items without one, by file,
and fails if there are any; with --all it prints the exceptions too.

The JSON of rustdoc is unstable, so a stable compiler is asked with RUSTC_BOOTSTRAP. Only the standard library is used.
"""

import json
import os
import re
import subprocess
import sys

# Modules whose items need no example, each with its reason.
EXCEPTIONS = {}

NEED_ONE = {"struct", "enum", "union", "trait", "function", "macro"}
FENCE = re.compile(r"^\s*```(.*)$", re.MULTILINE)
NO_EXAMPLE = {"text", "ignore", "sh", "toml", "json"}


def main():
    crate = documented()
    index, root = crate["index"], str(crate["root"])
    items = {}
    walk(index, root, [], items)
    missing, excepted = {}, {}
    for (file, line), path in sorted(items.items()):
        module = next((name for name in EXCEPTIONS if path.startswith(name + "::")), None)
        (missing if module is None else excepted).setdefault(file, []).append((line, path))
    if "--all" in sys.argv[1:]:
        report(excepted, "excepted")
    report(missing, "without an example")
    count = sum(len(found) for found in missing.values())
    print(f"{count} public items without an example")
    return 1 if count else 0


def documented():
    """What rustdoc says of the library."""
    metadata = subprocess.run(
        ["cargo", "metadata", "--quiet", "--format-version=1", "--no-deps"], check=True, stdout=subprocess.PIPE
    )
    # A folder of its own: libraries ask for RUSTC_BOOTSTRAP when they are built, and would be built anew each time.
    target = os.path.join(json.loads(metadata.stdout)["target_directory"], "examples-of-docs")
    command = ["cargo", "rustdoc", "--quiet", "--locked", "--lib", "--", "-Zunstable-options", "--output-format=json", "-Awarnings"]
    subprocess.run(command, check=True, env={**os.environ, "RUSTC_BOOTSTRAP": "1", "CARGO_TARGET_DIR": target})
    with open(os.path.join(target, "doc", "sigpkg.json"), encoding="utf-8") as file:
        return json.load(file)


def walk(index, number, path, items, seen=None):
    """Adds the items without an example that are reached from this one, by file and line."""
    seen = set() if seen is None else seen
    item = index.get(number)
    if item is None or item["crate_id"] != 0 or number in seen:
        return
    seen.add(number)
    (kind, inner), = item["inner"].items()
    if kind == "use":
        if inner["id"] is not None:
            walk(index, str(inner["id"]), path, items, seen)
        return
    path = path + [item["name"]]
    if kind in NEED_ONE and not has_example(item["docs"]):
        span = item["span"]
        items[(span["filename"], span["begin"][0])] = "::".join(path[1:])
    for below in children(index, kind, inner):
        walk(index, below, path, items, seen)


def children(index, kind, inner):
    if kind == "module" or kind == "trait":
        return [str(number) for number in inner["items"]]
    if kind not in ("struct", "enum", "union"):
        return []
    methods = []
    for number in inner["impls"]:
        block = index[str(number)]["inner"]["impl"]
        if block["trait"] is None:
            methods += [str(method) for method in block["items"] if index[str(method)]["visibility"] == "public"]
    return methods


def has_example(docs):
    """Whether a code block of the documentation is Rust that is compiled and run."""
    fences = [fence.strip() for fence in FENCE.findall(docs or "")]
    return any(set(re.split(r"[,\s]+", fence)).isdisjoint(NO_EXAMPLE | {"no_run"}) for fence in fences[::2])


def report(found, what):
    for file, items in found.items():
        print(f"{file}: {len(items)} {what}")
        for line, path in items:
            print(f"  {line}: {path}")


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs every vector of this folder through a second implementation of the sigpkg verifier.

    check.py [-v] [--self-test] [ID…]

`ID` is a part of the id of a vector: only those that have one of the parts are run. `-v` also prints the vectors that
pass, with what was computed. `--self-test` checks the primitives alone; it is part of every other run too.

The last line is `N passed, M failed`. Exit status: 0 all passed, 1 some failed, 2 there is no index to run.

The implementation is in sigpkg_py/, in the standard library of Python 3.9 or later, written from the text of spec/.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from typing import Dict, List

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, FOLDER)
sys.dont_write_bytecode = True

from sigpkg_py import known_answers  # noqa: E402
from sigpkg_py.inputs import Inputs  # noqa: E402
from sigpkg_py.judges import judge  # noqa: E402

INDEX_SCHEMA = "sigpkg.vectors/1"


class NoIndex(Exception):
    """There is nothing to run."""


def main(arguments: List[str]) -> int:
    parser = argparse.ArgumentParser(prog="check.py", description="Runs the test vectors of sigpkg.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="run the vectors whose id contains this")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every vector and what was computed")
    parser.add_argument("--self-test", action="store_true", help="check the primitives alone")
    parser.add_argument("--folder", default=FOLDER, help="the folder with index.json (default: this one)")
    options = parser.parse_args(arguments)

    failures = known_answers.failures()
    for failure in failures:
        print(f"FAIL self-test: {failure}")
    passed, failed = known_answers.COUNT - len(failures), len(failures)
    if not options.self_test:
        try:
            vectors = read_index(options.folder, options.ids)
        except NoIndex as error:
            print(f"check.py: {error}", file=sys.stderr)
            return 2
        inputs = Inputs(options.folder)
        for vector in vectors:
            if run(vector, inputs, options.verbose):
                passed += 1
            else:
                failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def read_index(folder: str, parts: List[str]) -> List[Dict]:
    """The vectors of index.json whose id has one of the parts; all of them if there are no parts."""
    path = os.path.join(folder, "index.json")
    try:
        with open(path, encoding="utf-8") as file:
            index = json.load(file)
        if index["schema"] != INDEX_SCHEMA:
            raise NoIndex(f"{path}: the schema is {index['schema']!r}, expected {INDEX_SCHEMA!r}")
        vectors = index["vectors"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoIndex(f"{path}: {error}") from error
    if not vectors:
        raise NoIndex(f"{path}: there is no vector in it")
    ids = [vector["id"] for vector in vectors]
    if len(set(ids)) != len(ids):
        raise NoIndex(f"{path}: an id is there twice")
    chosen = [vector for vector in vectors if not parts or any(part in vector["id"] for part in parts)]
    if not chosen:
        raise NoIndex(f"no id contains {' or '.join(parts)}")
    return chosen


def run(vector: Dict, inputs: Inputs, verbose: bool) -> bool:
    """Judges one vector, and says how the answer differs from the expectation."""
    try:
        answer = judge(vector, inputs)
    except Exception:  # A verifier never falls over, so that it did is a failure like any other.
        print(f"FAIL {vector['id']}: {vector['summary']}")
        traceback.print_exc(file=sys.stdout)
        return False
    expected = {"notes": [], **vector["expect"]}
    differing = [field for field in expected if answer.get(field) != expected[field]]
    if differing or verbose:
        print(f"{'FAIL' if differing else 'ok'} {vector['id']}: {vector['summary']}")
        for field in differing:
            print(f"    {field}: expected {expected[field]!r}, computed {answer.get(field)!r}")
        if answer.get("detail"):
            print(f"    detail: {answer['detail']}")
    if verbose:
        computed = {field: value for field, value in answer.items() if field != "detail" and value not in (None, [])}
        print(f"    {json.dumps(computed, ensure_ascii=False, sort_keys=True)}")
    return not differing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Takes the captures, and checks that each shows what it is to show.

usage: take.py SIGPKG FOLDER
"""

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parent.parent / "testvectors"
sys.path[:0] = [str(HERE), str(VECTORS)]

import terminal  # noqa: E402
from sigpkg_py.inputs import Inputs  # noqa: E402

# What a vector may say of its user here; with anything else its user is more than one command makes.
SIMPLE = {"id", "store", "asked-id", "expect", "strict", "source", "installed"}

sigpkg, folder = sys.argv[1], Path(sys.argv[2]).resolve()
passed = failed = 0


def main():
    shutil.rmtree(folder / "terminal", ignore_errors=True)
    (folder / "terminal").mkdir(parents=True)
    inputs = Inputs(VECTORS)
    vectors = json.loads((VECTORS / "index.json").read_text())["vectors"]
    by_id = {vector["id"]: vector for vector in vectors}
    with tempfile.TemporaryDirectory() as place:
        first_trust(Path(place), inputs, by_id)
        refusals(Path(place), inputs, vectors)
        progress(Path(place), inputs, by_id)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


def first_trust(place, inputs, by_id):
    """A stranger, the challenge with two mistakes in it, the upgrade that is accepted then, and how an id is looked at."""
    vector = by_id["accept-dependency-accepted"]
    user = User(place / "first", inputs)
    user.tree("Example", {"file": "trees/verdict-2.json"})
    user.tree("Example-new", {"file": "trees/verdict-3.json"})
    whole = vector["context"]["id"]
    take("not trusted yet", user, ["verify", "Example"], 4, "not-trusted")

    def groups(asked):
        numbers = re.findall(r"\d+", re.search(r"groups\s+([\d,\s]+)", asked).group(1))
        return " ".join(whole[4 * int(number) - 4:4 * int(number)] for number in numbers)

    take("first trust", user, ["trust", "add", "Example"], 0, "trusted", ["abcd efgh ijkl mnop", whole[:52] + "AAAA", groups])
    take("an accepted upgrade", user, ["verify", "Example-new", "--installed", "Example"], 0, "accepted")
    take("the history", user, ["log", "Example"], 0, "release")
    take("an id in every form", user, ["id", "Example", "--all"], 0, "group 14", environment={"CLICOLOR_FORCE": "1"})
    other = whole[:30] + ("A" if whole[30] != "A" else "B") + whole[31:]
    take("two ids compared", user, ["compare", "Example", other], 1, "different")


def refusals(place, inputs, vectors):
    """For every reason of a verdict one that is shown by a single command."""
    seen = set()
    wanted = {vector["expect"]["reason"] for vector in vectors
              if vector["kind"] in ("release-tree", "chain-file") and vector["expect"]["verdict"] != "accepted"}
    for vector in vectors:
        reason, context = vector["expect"]["reason"], vector.get("context", {})
        if vector["kind"] not in ("release-tree", "chain-file") or vector["expect"]["verdict"] == "accepted" or reason in seen:
            continue
        if not set(context) <= SIMPLE or context.get("source", "git") != "git" or "signatures" in vector["input"]:
            continue
        user = User(place / vector["id"], inputs)
        try:
            arguments = user.given(vector)
        except Unmade:
            continue
        status = {"refused": 1, "undecided": 4}[vector["expect"]["verdict"]]
        found, written = user.run(arguments)
        if found == status and reason.encode() in written:
            seen.add(reason)
            keep(f"refusal {reason}", arguments, written)
    missing = sorted(wanted - seen)
    check("every reason of a verdict is shown, or needs more than one command", len(seen) >= 0.8 * len(wanted), str(missing))
    print(f"   {len(seen)} reasons; not among them: {', '.join(missing)}")


def progress(place, inputs, by_id):
    """A file that takes longer than a second to hash, and what is shown meanwhile."""
    vector = by_id["accept-signature-file-prehashed"]
    user = User(place / "progress", inputs)
    (user.folder / "large.minisig").write_bytes(inputs.read(vector["input"]["signature"]))
    with open(user.folder / "large", "wb") as large:
        large.truncate(6 << 30)
    key = inputs.read(vector["input"]["key"]).decode()
    arguments = ["sig", "verify", "-P", key, "-x", "large.minisig", "-m", "large"]
    status, written = user.run(arguments)
    frames = [frame for frame in re.split(rb"\r|\x1b\[[0-9]*[JK]", written) if b"iB of" in frame]
    check("more than a second of work shows how far it has come", len(frames) > 3 and status == 1, repr(written[-300:]))
    if frames:
        keep("progress", arguments, frames[len(frames) // 2] + b"\n")
    last = written.rsplit(b"iB of", 1)[-1]
    check("and leaves nothing behind", b"[2K" in last or b"[K" in last, repr(last))


class Unmade(Exception):
    """A vector whose user cannot be made by commands."""


class User:
    """A folder with what the user has, and a home for their stores."""

    def __init__(self, folder, inputs):
        self.folder, self.inputs = folder, inputs
        folder.mkdir(parents=True)

    def run(self, arguments, answers=(), environment=()):
        home = {"SIGPKG_HOME": str(self.folder / "home"), "TERM": "xterm-256color"}
        return terminal.run([sigpkg, "-C", str(self.folder), *arguments], answers, {**home, **dict(environment)})

    def tree(self, name, source):
        """Writes a tree as a folder."""
        for entry in self.inputs.tree(source):
            path = self.folder / name / os.fsdecode(entry.path)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self.entry(path, entry)
            except (OSError, ValueError) as error:
                raise Unmade from error

    @staticmethod
    def entry(path, entry):
        if entry.kind == "file":
            # Opened as a new file: two names that this file system takes for one cannot be made here.
            with open(path, "xb") as file:
                file.write(entry.data)
            path.chmod(0o755 if entry.executable else 0o644)
        elif entry.kind == "link":
            path.symlink_to(os.fsdecode(entry.data))
        elif entry.kind == "directory":
            path.mkdir()
        else:
            raise Unmade

    def given(self, vector):
        """What the user knows, and the command."""
        context, arguments = vector.get("context", {}), []
        if "store" in context:
            (self.folder / "known").write_bytes(self.inputs.read(context["store"]))
            if self.run(["trust", "add", "known", "--id", context["id"]])[0] != 0:
                raise Unmade
        if "chain" in vector["input"]:
            (self.folder / "target").write_bytes(self.inputs.read(vector["input"]["chain"]))
        else:
            self.tree("target", vector["input"]["tree"])
        if context.get("asked-id"):
            arguments += ["--id", context["asked-id"]]
        if context.get("strict"):
            arguments += ["--strict"]
        if context.get("installed"):
            arguments += ["--installed", context["installed"]["version"]]
        wanted = context.get("expect", {})
        if wanted:
            uuid = f"={wanted['uuid']}" if "uuid" in wanted else ""
            version = f"@{wanted['version']}" if "version" in wanted else ""
            if "name" not in wanted or "ecosystem" in wanted:
                raise Unmade
            arguments += ["--expect", f"{wanted['name']}{uuid}{version}"]
        return ["verify", "target", *arguments]


def take(name, user, arguments, status, shows, answers=(), environment=()):
    found, written = user.run(arguments, answers, environment)
    keep(name, arguments, written)
    check(f"{name}: exit status {status}, and it says \"{shows}\"", found == status and shows.encode() in written, f"{found}: {written.decode()}")


def keep(name, arguments, written):
    file = folder / "terminal" / name.replace(" ", "-")
    html = file.with_suffix(".html")
    html.write_text(terminal.page("sigpkg " + " ".join(arguments), written))
    terminal.picture(html, file.with_suffix(".png"), written.count(b"\n") + 1)


def check(claim, holds, otherwise):
    global passed, failed
    if holds:
        passed += 1
        print(f"ok {claim}", flush=True)
    else:
        failed += 1
        print(f"FAILED {claim}\n    {otherwise}", flush=True)


main()

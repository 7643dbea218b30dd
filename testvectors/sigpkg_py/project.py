"""Section 10.2: one dependency of a project."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, List, Optional, Sequence, Type

from . import chain as chains
from .answer import ACCEPTED, REFUSED, UNDECIDED, Answer
from .belief import PROMPT, Decisions
from .chain import Chain
from .folder import read_folder
from .inputs import FILE, Entry
from .lockfile import PATH, STDLIB, Dependency
from .names import FOLDER
from .pins import Pin
from .refusal import Refused, Undecided
from .statement import Package
from .tree import Tree, lf_form, read_tree
from .tree_hash import tree_hash
from .verdict import Context, Trusted, User, verify_release

BEFORE_SIGNING, UNSIGNED, NEWLY_SIGNED = "before-signing", "unsigned", "newly-signed"
DEVELOPED, NOT_INSTALLED = "developed", "not-installed"

DIRECTORY_SOURCE = "directory"
BUILD_STEP = b"deps/build.jl"
# VER-1 and the rules of step 4 (section 7.3).
_OF_A_STRANGER = ("VER-1", "VER-4", "VER-7", "VER-8", "VER-27", "VER-28", "VER-29")
_GENESIS = ""  # A mark that is not among the records is the genesis (BEL-9).


@dataclass(frozen=True)
class Project:
    """What a project adds to what the user knows: its pins, and the tree hashes that are known from before (PRJ-10)."""

    pins: Sequence[Pin] = ()
    before_signing: Sequence[str] = ()  # recorded for `context.id`
    reviewed: Optional[str] = None


def judge_dependency(
    answer: Answer, dependency: Dependency, installed: Optional[Sequence[Entry]], project: Project, context: Context
) -> None:
    """`installed` is what is in the folder of PRJ-4, None if there is none."""
    try:
        state = _Judge(answer, dependency, project, context).state(installed)
    except Refused as refusal:
        answer.found["value"] = UNDECIDED if isinstance(refusal, Undecided) else REFUSED
        raise
    answer.found["value"] = state
    if context.strict and state not in (ACCEPTED, BEFORE_SIGNING, STDLIB):
        _fail(answer, "PRJ-14", "not-verified", state)
    answer.enter("expectation")


class _Judge:
    def __init__(self, answer: Answer, dependency: Dependency, project: Project, context: Context) -> None:
        self.answer = answer
        self.dependency = dependency
        self.strict = context.strict
        self.package = Package("julia", dependency.name, dependency.uuid)
        self.pins = [pin for pin in project.pins if _package(pin) == self.package]
        stored = User(context).trusted
        self.trusted = [one for one in stored if one.package == self.package]
        self.recorded = {project.reviewed}
        if not self.trusted:
            self.recorded |= {one for pin in self.pins for one in pin.before_signing}
        if any(one.id == context.id for one in self.trusted):
            self.recorded |= set(project.before_signing)
        expect = {"ecosystem": "julia", "name": dependency.name, "uuid": dependency.uuid}
        if dependency.version is not None:
            expect["version"] = dependency.version
        in_store = {one.package for one in stored}
        self.context = replace(context, expect=expect, pinned=[
            _trusted(pin, context) for pin in project.pins if _package(pin) not in in_store
        ])
        self.others = {*in_store, *map(_package, project.pins)} - {self.package}

    @property
    def expected(self) -> bool:
        """Whether somebody is trusted or pinned for the package."""
        return bool(self.pins or self.trusted)

    def state(self, installed: Optional[Sequence[Entry]]) -> str:
        """The state; all that fails but PRJ-14 is raised."""
        if not self.expected and any(other.name == self.package.name and other.uuid for other in self.others):
            self.answer.notes.append("same-name")  # PRJ-21
        source = self.dependency.source
        if self.pins:
            if source in (PATH, STDLIB):
                _fail(self.answer, "PRJ-11", "pinned", source)
            pinned = [pin.id for pin in self.pins]
            trusted = [one.id for one in self.trusted]
            if trusted and not set(trusted) & set(pinned):
                _fail(self.answer, "PRJ-12", "pinned-signatory", f"trusted {trusted}, pinned {pinned}")
        if source == STDLIB:
            return STDLIB
        if source == PATH:
            return DEVELOPED
        return NOT_INSTALLED if installed is None else self._installed(installed)

    def _installed(self, entries: Sequence[Entry]) -> str:
        entries = [entry for entry in entries if entry.path.split(b"/", 1)[0] != b".git"]  # TREE-22
        wanted = self.dependency.tree_hash
        generated = _generated(entries)
        kept = [entry for entry in entries if entry.path not in generated]
        left_out = bool(generated) and tree_hash(entries) != wanted and tree_hash(kept) == wanted
        entries = kept if left_out else entries
        agrees = wanted in (tree_hash(entries), tree_hash(_in_lf_form(entries)))
        if left_out:
            self.answer.notes.append("generated")  # PRJ-8
        state = self._verified(entries, agrees)
        self.answer.enter("expectation")
        if left_out and self.strict and state == ACCEPTED and any(not _is_generated(path, False) for path in generated):
            _fail(self.answer, "PRJ-6", "tree-hash-mismatch", "files that only a build step can have made")
        if not agrees:
            self._other_tree(state, any(entry.path == BUILD_STEP and entry.kind == FILE for entry in entries))
        return state

    def _other_tree(self, state: str, has_build_step: bool) -> None:
        """PRJ-6; PRJ-7, PRJ-9."""
        if state == ACCEPTED and not self.strict:
            self.answer.notes.append("tree-hash")
        elif state in (UNSIGNED, NEWLY_SIGNED) and has_build_step:
            self.answer.notes.append("built")
        else:
            _fail(self.answer, "PRJ-6", "tree-hash-mismatch", f"the lockfile has {self.dependency.tree_hash}")

    def _verified(self, entries: Sequence[Entry], agrees: bool) -> str:
        """PRJ-12, PRJ-13, and the steps of section 7.3."""
        try:
            tree = read_tree(entries, DIRECTORY_SOURCE)
        except Refused:
            if self.expected or any(entry.path.split(b"/", 1)[0] == FOLDER for entry in entries):
                raise
            self.answer.notes.append("no-tree")  # PRJ-22
            return UNSIGNED
        if self.pins:
            self._check_pins(tree)
        try:
            verify_release(self.answer, tree, None, self.context)
        except Refused as refusal:
            if refusal.rule == "VER-2" and agrees and self.dependency.tree_hash in self.recorded:
                return BEFORE_SIGNING  # PRJ-10
            if refusal.rule == "VER-3":
                return UNSIGNED
            if refusal.rule in _OF_A_STRANGER and not self.expected:
                return NEWLY_SIGNED
            if refusal.rule == "VER-1":
                # Somebody is trusted for the package of the entry, and the target says that it is another.
                raise Refused("VER-9", "other-signatory", refusal.detail) from refusal
            raise
        return ACCEPTED

    def _check_pins(self, tree: Tree) -> None:
        """PRJ-12, PRJ-13. Whose a target is, is known when its chain is admitted; if it is not, a step fails."""
        user = User(self.context)
        chain = _admitted(tree, user)
        if chain is None:
            return
        pin = next((pin for pin in self.pins if pin.id == chain.id), None)
        if pin is None:
            _fail(self.answer, "PRJ-12", "pinned-signatory", chain.id)
            return
        trusted = user.of(chain.id)
        stored = None if trusted is None else trusted.chain
        found = [known.by_digest.get(pin.digest) for known in (chain, stored) if known is not None]
        if not any(statement is not None and statement.seq == pin.seq for statement in found):
            _fail(self.answer, "PRJ-13", "pin-not-reached", pin.digest, Undecided)


def _fail(answer: Answer, rule: str, reason: str, detail: str, how: Type[Refused] = Refused) -> None:
    """The rules of chapter 10 are of no step of section 7.3."""
    answer.enter("expectation")
    raise how(rule, reason, detail)


def _package(pin: Pin) -> Package:
    return Package("generic" if pin.uuid is None else "julia", pin.name, pin.uuid)


def _trusted(pin: Pin, context: Context) -> Trusted:
    """PRJ-15. The pinned statement comes last: it stood when it was pinned, so that what was accepted on a rival branch
    had been given up by then."""
    distrust = None if context.distrust_ed25519 is None else _GENESIS
    decisions = Decisions([*pin.accepted, pin.digest], PROMPT, distrust)
    return Trusted(pin.id, _package(pin), None, decisions, pin.grade)


def _admitted(tree: Tree, user: User) -> Optional[Chain]:
    try:
        if tree.folder is None:
            return None
        return user.admit(chains.read_records(read_folder(tree.folder, tree.read_back).chain))
    except Refused:
        return None


def _generated(entries: Sequence[Entry]) -> Dict[bytes, Entry]:
    """PRJ-5. The folder is a closed world, in which nothing is generated."""
    listing = _listing(entries)
    return {
        entry.path: entry for entry in entries
        if entry.kind == FILE and entry.path not in listing and entry.path.split(b"/", 1)[0] != FOLDER
        and _is_generated(entry.path, BUILD_STEP in listing)
    }


def _is_generated(path: bytes, has_build_step: bool) -> bool:
    counted = path.endswith((b".cov", b".mem")) and b".jl." in path
    return path == b"deps/build.log" or counted or has_build_step and path.startswith(b"deps/")


def _listing(entries: Sequence[Entry]) -> Dict[bytes, str]:
    """The signed listing, before anything is verified. It is needed to know which files are looked at."""
    in_folder = [entry for entry in entries if entry.path.split(b"/", 1)[0] == FOLDER]
    try:
        folder = read_tree(in_folder, DIRECTORY_SOURCE).folder
        return {} if folder is None else dict(read_folder(folder, read_back=True).listing)
    except Refused:
        return {}


def _in_lf_form(entries: Sequence[Entry]) -> List[Entry]:
    """TREE-18."""
    turned = []
    for entry in entries:
        lf = lf_form(entry.data) if entry.kind == FILE else None
        turned.append(entry if lf is None else replace(entry, data=lf))
    return turned

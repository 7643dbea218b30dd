"""Chapter 7: the whole verification of a target, in the order of section 7.3."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Dict, Mapping, Optional, Sequence

from . import chain as chains
from . import manifest as manifests
from . import signature_file
from . import statement as statements
from .answer import Answer
from .belief import CONTESTED, VOID, Belief, believe, in_force
from .chain import Chain
from .folder import Folder, read_folder
from .keys import ED25519
from .refusal import Refused, Undecided, require
from .signature_file import SignatureFile
from .statement import Package, Statement
from .text import digest
from .tree import Comparison, Tree, compare, size_of

STALE_AFTER = datetime.timedelta(days=400)  # VER-23

RELEASE_STEPS = ["tree", "form", "chain", "belief", "decision", "release", "listing", "expectation"]
CHAIN_FILE_STEPS = ["form", "chain", "belief", "decision", "expectation"]


@dataclass(frozen=True)
class Context:
    """What the user knows and wants (section 7.2)."""

    id: Optional[str] = None        # the one that the user trusts
    asked_id: Optional[str] = None  # the one that the caller gave with --id
    grade: str = "confirmed"
    store: Optional[bytes] = None
    accepted: Optional[Sequence[str]] = None
    expect: Mapping[str, str] = field(default_factory=dict)
    installed: Optional[Mapping] = None
    allow_downgrade: bool = False
    strict: bool = False
    now: str = "2026-12-01T00:00:00Z"
    first_seen: Optional[str] = None


class User:
    """The user's store: the chain of the trusted id, if there is one, and the decisions."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.chain = None if context.store is None else chains.admit(context.store, context.id)
        if context.accepted is not None:
            self.decisions = list(context.accepted)
        else:
            self.decisions = [] if self.chain is None else [believe(self.chain).head.digest]

    def judge(self, target: Chain) -> Belief:
        """Between steps 3 and 4: of an id that is not trusted, the records of the target, and nothing is accepted."""
        trusted = self.believe(target) if target.id == self.context.id else None
        return believe(target, []) if trusted is None else trusted

    def believe(self, target: Optional[Chain] = None) -> Optional[Belief]:
        """What the store says: over its records, and those of the target if its id is trusted."""
        merged = self.chain
        if target is not None and target.id == self.context.id:
            merged = target if merged is None else chains.merge(merged, target)
        return None if merged is None else believe(merged, in_force(merged, self.decisions))


def verify_release(answer: Answer, tree: Tree, detached: Optional[Mapping[bytes, bytes]], context: Context) -> None:
    """A release tree. `detached` are the files of a folder that takes the place of the `.sigpkg` in the tree."""
    user = User(context)
    _remember_head(answer, user.believe())
    if detached is None and tree.folder is None:
        raise _unsigned(tree, user)
    if detached is not None:
        folder = read_folder(detached, read_back=True)
    else:
        folder = read_folder(tree.folder or {}, tree.read_back)
    if detached is not None:
        answer.notes.append("detached")  # VER-26

    answer.enter("form")
    records = chains.read_records(folder.chain)
    release = None if folder.release is None else statements.read(folder.release)
    signature = None if folder.signature is None else signature_file.read(folder.signature)

    answer.enter("chain")
    chain = chains.check_records(records)
    answer.found["package"] = _package(chain.genesis.package)
    _remember_head(answer, user.believe(chain))
    belief = user.judge(chain)
    if release is not None:
        _check_signed(chain, release, signature)

    answer.enter("belief")
    if release is None:
        raise Refused("VER-4", "no-release", "there is no release in .sigpkg")
    answer.found.update({"seq": release.seq, "version": release.version})
    _check_state(belief, release)
    _note_belief(answer, belief, release, context)

    answer.enter("decision")
    _check_decision(answer, chain, user)

    answer.enter("release")
    require(release.digest not in belief.withdrawn, "VER-11", "withdrawn", f"seq {release.seq}")

    answer.enter("listing")
    comparison = _check_listing(answer, release, folder, tree)
    line_ends_turned = folder.turned or bool(comparison.read_back)
    if line_ends_turned:
        answer.notes.append("line-ends")  # VER-24

    answer.enter("expectation")
    _check_manifest(release, tree)
    _check_expected(release.package, release.version, context)
    downgrade = _is_downgrade(release, belief, context)
    require(not downgrade or context.allow_downgrade, "VER-16", "downgrade", f"to seq {release.seq}")
    require(not (context.strict and line_ends_turned), "VER-17", "line-ends")
    _check_not_stale(belief, context)
    if downgrade:
        answer.notes.append("downgrade-allowed")  # VER-25


def verify_chain_file(answer: Answer, file: bytes, context: Context) -> None:
    """A chain file as a target."""
    user = User(context)
    _remember_head(answer, user.believe())
    records = chains.read_records(file)

    answer.enter("chain")
    chain = chains.check_records(records)
    answer.found["package"] = _package(chain.genesis.package)
    _remember_head(answer, user.believe(chain))
    belief = user.judge(chain)

    answer.enter("belief")
    _note_belief(answer, belief, None, context)

    answer.enter("decision")
    _check_decision(answer, chain, user)

    answer.enter("expectation")
    _check_expected(chain.genesis.package, None, context)
    _check_not_stale(belief, context)


def head_of(belief: Belief) -> Dict[str, object]:
    return {"seq": belief.head.seq, "digest": belief.head.digest}


def _package(package: Package) -> Dict[str, object]:
    return {"ecosystem": package.ecosystem, "name": package.name, "uuid": package.uuid}


def _remember_head(answer: Answer, belief: Optional[Belief]) -> None:
    """The head in the user's store afterwards (VER-30)."""
    if belief is not None:
        answer.found["head"] = head_of(belief)


# Step 1.

def _unsigned(tree: Tree, user: User) -> Refused:
    """VER-2, VER-3, of a tree without `.sigpkg`."""
    context = user.context
    if context.asked_id is not None:
        return Refused("VER-2", "signature-missing", "the caller gave an id")
    if context.id is not None:
        known = user.chain is None
        if user.chain is not None:
            package = user.chain.genesis.package
            known = _is_claimed(package, context.expect.get("name"), context.expect.get("uuid"))
            claims = manifests.julia_manifest(tree)
            if claims is not None:
                known = known or _is_claimed(package, claims.name, claims.uuid)
        if known:
            return Refused("VER-2", "signature-missing", "the package is known to be signed")
    return Undecided("VER-3", "unsigned")


def _is_claimed(package: Package, name: Optional[str], uuid: Optional[str]) -> bool:
    return name == package.name and (uuid is None or uuid == package.uuid)


# Step 3.

def _check_signed(chain: Chain, release: Statement, signature: Optional[SignatureFile]) -> None:
    """VER-5; DIR-5, SIG-15, SIG-7, SIG-8, SIG-13."""
    in_chain = release.digest in chain.by_digest and release.kind == "release"
    require(in_chain, "VER-5", "not-in-chain", f"{release.kind}, seq {release.seq}")
    parent = chain.parent(release)
    assert parent is not None  # A release is no genesis, and the chain was admitted.
    key = parent.next
    if key.tag != ED25519:
        require(signature is None, "SIG-15", "release-signature-form", "an SLH-DSA key has no such file")
        return
    if signature is None:
        raise Refused("DIR-5", "bad-folder", "release.toml.minisig is missing")
    signature_file.check_beside_release(signature, chain.id, release.seq)
    signature_file.verify(signature, release.text, key)


# Step 4.

def _check_state(belief: Belief, release: Statement) -> None:
    """VER-7, VER-8."""
    state = belief.states[release.digest]
    require(state != VOID, "VER-7", "void", f"seq {release.seq}")
    if state == CONTESTED:
        raise Undecided("VER-8", "contested", f"seq {release.seq}")


def _note_belief(answer: Answer, belief: Belief, release: Optional[Statement], context: Context) -> None:
    """VER-20, VER-22, VER-23."""
    if release is not None and belief.newest_release != release:
        answer.notes.append("not-newest")
    if belief.rivals or belief.contested:
        answer.notes.append("rival")
    if _is_stale(belief, context):
        answer.notes.append("stale")


def _is_stale(belief: Belief, context: Context) -> bool:
    """VER-23."""
    now = _instant(context.now)
    first_seen = _instant(context.first_seen or context.now)
    late = belief.head.next_by is not None and context.now[:10] > belief.head.next_by
    return late or now - first_seen > STALE_AFTER


def _instant(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


# Step 5.

def _check_decision(answer: Answer, chain: Chain, user: User) -> None:
    """VER-9, VER-1, VER-10; VER-21."""
    context = user.context
    if context.asked_id is not None:
        require(chain.id == context.asked_id, "VER-9", "other-signatory", f"{chain.id}, asked for {context.asked_id}")
    elif chain.id != context.id:
        same_package = user.chain is None or user.chain.genesis.package == chain.genesis.package
        known = context.id is not None and same_package
        require(not known, "VER-9", "other-signatory", f"{chain.id}, trusted {context.id}")
        raise Undecided("VER-1", "not-trusted", chain.id)
    seen = context.grade != "confirmed" and context.asked_id is None
    require(not (context.strict and seen), "VER-10", "not-confirmed")
    if seen:
        answer.notes.append("seen")


# Step 7.

def _check_listing(answer: Answer, release: Statement, folder: Folder, tree: Tree) -> Comparison:
    """VER-12, VER-13, VER-19."""
    assert folder.files is not None  # A folder with a release has it, DIR-5.
    agrees = digest(folder.files) == release.fields["files"] and len(folder.listing) == release.fields["count"]
    require(agrees, "VER-12", "listing-mismatch", f"{digest(folder.files)} of {len(folder.listing)} files")
    comparison = compare(tree, folder.listing, folder.links)
    if not comparison.equal:
        answer.found["files"] = comparison.paths()
        raise Refused("VER-13", "tree-mismatch", str(comparison.paths()))
    size = size_of(tree, comparison, folder.links_text)
    require(size == release.fields["bytes"], "VER-19", "size-mismatch", f"{size} bytes, signed {release.fields['bytes']}")
    return comparison


# Step 8.

def _check_manifest(release: Statement, tree: Tree) -> None:
    """VER-14."""
    if release.package.ecosystem != "julia":
        return
    claims = manifests.julia_manifest(tree)
    if claims is None:
        raise Refused("VER-14", "manifest-mismatch", "there is no Project.toml")
    signed = (release.package.name, release.package.uuid, manifests.canonical_julia_version(release.version))
    require((claims.name, claims.uuid, claims.version) == signed, "VER-14", "manifest-mismatch", f"{claims}, {signed}")


def _check_expected(package: Package, version: Optional[str], context: Context) -> None:
    """VER-15."""
    expected = dict(context.expect)
    if version is None:
        expected.pop("version", None)
    elif package.ecosystem == "julia" and "version" in expected:
        expected["version"] = manifests.canonical_julia_version(expected["version"]) or expected["version"]
    offered = {**_package(package), "version": version}
    for key, value in expected.items():
        require(offered[key] == value, "VER-15", "not-expected", f"{key} {offered[key]!r}, expected {value!r}")


def _is_downgrade(release: Statement, belief: Belief, context: Context) -> bool:
    """VER-16."""
    if context.installed is None:
        return False
    installed = _installed(belief, context.installed)
    if installed is None or installed.digest in belief.withdrawn or release.seq >= installed.seq:
        return False
    return manifests.is_lower(release.package.ecosystem, release.version, installed.version)


def _installed(belief: Belief, installed: Mapping) -> Optional[Statement]:
    """The installed release, if it is one of the standing line: the newest of that version, unless a seq is given."""
    for statement in reversed(belief.line):
        same_seq = installed["seq"] in (None, statement.seq)
        if statement.kind == "release" and statement.version == installed["version"] and same_seq:
            return statement
    return None


def _check_not_stale(belief: Belief, context: Context) -> None:
    """VER-18."""
    stale = _is_stale(belief, context)
    require(not (context.strict and stale), "VER-18", "stale")

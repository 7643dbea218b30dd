"""Chapter 7: the whole verification of a target, in the order of section 7.3."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from . import chain as chains
from . import manifest as manifests
from . import signature_file
from . import statement as statements
from .answer import Answer
from .belief import (
    CONTESTED, DISTRUSTED, PROMPT, REFUSE, STANDING, STRANGER, VOID, WAITING, Belief, Decisions, believe,
)
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
    policy: str = PROMPT
    distrust_ed25519: Optional[str] = None
    ended: bool = False
    others: Sequence[Tuple[bytes, bool]] = ()  # more signatories that the user trusts: the store, and whether it ended
    expect: Mapping[str, str] = field(default_factory=dict)
    upstream: Optional[str] = None  # the listing that the target must adopt
    installed: Optional[Mapping] = None
    installed_tree: Optional[Tree] = None
    allow_downgrade: bool = False
    strict: bool = False
    now: str = "2026-12-01T00:00:00Z"
    first_seen: Optional[str] = None


@dataclass(frozen=True)
class Trusted:
    """An id that the user trusts: what is in the store of it, and what the user has decided."""

    chain: Chain
    decisions: Decisions
    ended: bool

    @property
    def id(self) -> str:
        return self.chain.id

    @property
    def package(self) -> Package:
        return self.chain.genesis.package


class User:
    """The user's store, and what is installed."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.trusted: List[Trusted] = []
        if context.store is not None:
            self.trusted.append(_trusted(context.store, context.id, context))
        for store, ended in context.others:
            self.trusted.append(_trusted(store, None, Context(ended=ended)))
        self.installed_folder = None if context.installed_tree is None else _claimed_folder(context.installed_tree)
        self.installed_chain = self._admit_installed()

    def of(self, signatory: str) -> Optional[Trusted]:
        return next((trusted for trusted in self.trusted if trusted.id == signatory), None)

    def vouched(self, records: Sequence[chains.Record]) -> frozenset:
        """Section 7.3: what is vouched for in these records, by what the user has ever accepted (CHN-22)."""
        trusted = self.of(statements.signatory_id(records[0].statement.text))
        if trusted is None:
            return frozenset()
        vouched = chains.vouched_by(trusted.chain, trusted.decisions.accepted)
        return vouched | chains.vouched_by(chains.check_unsigned(records), trusted.decisions.accepted)

    def admit(self, records: Sequence[chains.Record]) -> Chain:
        """Step 3, as far as section 4.2 goes."""
        return chains.check_records(records, None, self.vouched(records))

    def _admit_installed(self) -> Optional[Chain]:
        if self.installed_folder is None:
            return None
        try:
            return self.admit(chains.read_records(self.installed_folder.chain))
        except Refused:
            return None

    def judge(self, target: Chain) -> Belief:
        """Between steps 3 and 4."""
        trusted = self.of(target.id)
        if trusted is None:
            distrusts = self.context.distrust_ed25519 is not None
            stranger = replace(STRANGER, distrust=target.genesis.digest) if distrusts else STRANGER
            return believe(self._with_installed(target), stranger)  # BEL-11
        return believe(self._with_installed(chains.merge(trusted.chain, target)), trusted.decisions)

    def stored(self, target: Chain) -> Optional[Belief]:
        """What the store alone says of the id of the target."""
        trusted = self.of(target.id)
        return None if trusted is None else believe(trusted.chain, trusted.decisions)

    def afterwards(self, target: Optional[Chain] = None) -> Optional[Belief]:
        """What the store says of `context.id` when all is done (VER-30)."""
        trusted = None if self.context.id is None else self.of(self.context.id)
        if trusted is None:
            return None
        merged = trusted.chain
        if target is not None and target.id == merged.id:
            merged = chains.merge(merged, target)
        return believe(self._with_installed(merged), trusted.decisions)

    def _with_installed(self, chain: Chain) -> Chain:
        same = self.installed_chain is not None and self.installed_chain.id == chain.id
        return chains.merge(chain, self.installed_chain) if same else chain


def _trusted(store: bytes, wanted_id: Optional[str], context: Context) -> Trusted:
    """What is in a store was admitted before. Unless a vector says otherwise, the user took the id with its head."""
    chain = chains.check_unsigned(chains.read_records(store), wanted_id)
    accepted = [believe(chain, STRANGER).head.digest] if context.accepted is None else list(context.accepted)
    chains.check_signatures(chain, chains.vouched_by(chain, accepted))
    return Trusted(chain, Decisions(accepted, context.policy, context.distrust_ed25519), context.ended)


def _claimed_folder(tree: Tree) -> Optional[Folder]:
    """The folder of the installed tree. One that cannot be read says nothing."""
    try:
        return None if tree.folder is None else read_folder(tree.folder, tree.read_back)
    except Refused:
        return None


def verify_release(answer: Answer, tree: Tree, detached: Optional[Mapping[bytes, bytes]], context: Context) -> None:
    """A release tree. `detached` are the files of a folder that takes the place of the `.sigpkg` in the tree."""
    user = User(context)
    _remember_head(answer, user.afterwards())
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
    chain = user.admit(records)
    answer.found["package"] = _package(chain.genesis.package)
    _remember_head(answer, user.afterwards(chain))
    belief = user.judge(chain)
    if release is not None:
        _check_signed(chain, release, signature)

    answer.enter("belief")
    _note_voided(answer, belief, chain, user)
    if release is None:
        _note_waiting(answer, belief, user.of(chain.id))
        raise Refused("VER-4", "no-release", "there is no release in .sigpkg")
    answer.found.update({"seq": release.seq, "version": release.version})
    _check_state(belief, release, user.of(chain.id))
    if belief.newest_release != release:
        answer.notes.append("not-newest")  # VER-20
    _note_belief(answer, belief, chain, user)

    answer.enter("decision")
    _check_decision(answer, chain, user)

    answer.enter("release")
    require(release.digest not in belief.withdrawn, "VER-11", "withdrawn", f"seq {release.seq}")
    _check_not_yanked(answer, belief, release)
    if "upstream" in release.fields:
        answer.notes.append("adopted")  # VER-60

    answer.enter("listing")
    comparison = _check_listing(answer, release, folder, tree)
    line_ends_turned = folder.turned or bool(comparison.read_back)
    if line_ends_turned:
        answer.notes.append("line-ends")  # VER-24

    answer.enter("expectation")
    _check_manifest(release, tree)
    _check_expected(release.package, release.version, context)
    _check_upstream(release, context)
    downgrade = _is_downgrade(release, belief, user)
    require(not downgrade or context.allow_downgrade, "VER-16", "downgrade", f"to seq {release.seq}")
    require(not (context.strict and line_ends_turned), "VER-17", "line-ends")
    _check_not_stale(belief, chain, user)
    if downgrade:
        answer.notes.append("downgrade-allowed")  # VER-25
    _note_installed(answer, belief, user)


def verify_chain_file(answer: Answer, file: bytes, context: Context) -> None:
    """A chain file as a target."""
    user = User(context)
    _remember_head(answer, user.afterwards())
    records = chains.read_records(file)

    answer.enter("chain")
    chain = user.admit(records)
    answer.found["package"] = _package(chain.genesis.package)
    _remember_head(answer, user.afterwards(chain))
    belief = user.judge(chain)

    answer.enter("belief")
    _note_voided(answer, belief, chain, user)
    _note_belief(answer, belief, chain, user)
    if chain.forks():
        answer.notes.append("fork")  # VER-46

    answer.enter("decision")
    _check_decision(answer, chain, user)

    answer.enter("expectation")
    _check_expected(chain.genesis.package, None, context)
    _check_upstream(None, context)
    _check_not_stale(belief, chain, user)


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
    claims = manifests.julia_manifest(tree)
    for trusted in user.trusted:
        known = _is_claimed(trusted.package, context.expect.get("name"), context.expect.get("uuid"))
        known = known or claims is not None and _is_claimed(trusted.package, claims.name, claims.uuid)
        if known and not trusted.ended:
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

def _check_state(belief: Belief, release: Statement, trusted: Optional[Trusted]) -> None:
    """VER-7, VER-29, VER-8, VER-27, VER-28."""
    state = belief.states[release.digest]
    where = f"seq {release.seq}"
    require(state != VOID, "VER-7", "void", where)
    if state == DISTRUSTED:
        raise Undecided("VER-29", "distrusted", where)
    if state == CONTESTED:
        raise Undecided("VER-8", "contested", where)
    if state == WAITING:
        if trusted is not None and trusted.decisions.policy == REFUSE:
            raise Refused("VER-28", "not-followed", where)
        raise Undecided("VER-27", "waiting", where)


def _note_voided(answer: Answer, belief: Belief, target: Chain, user: User) -> None:
    """VER-44, which is said whether the target passes step 4 or not."""
    stored = user.stored(target)
    if stored is not None:
        stood = [one for one in stored.line if one.kind == "release"]
        if any(belief.states[one.digest] in (VOID, DISTRUSTED) for one in stood):
            answer.notes.append("voided")


def _note_waiting(answer: Answer, belief: Belief, trusted: Optional[Trusted]) -> None:
    """VER-39, VER-40."""
    if belief.waiting is not None:
        refuses = trusted is not None and trusted.decisions.policy == REFUSE
        answer.notes.append("not-followed" if refuses else "waiting")


def _note_belief(answer: Answer, belief: Belief, target: Chain, user: User) -> None:
    """VER-22, VER-23, VER-39 to VER-43."""
    trusted = user.of(target.id)
    if belief.rivals or belief.contested:
        answer.notes.append("rival")
    if _is_stale(belief, target, user):
        answer.notes.append("stale")
    _note_waiting(answer, belief, trusted)
    if belief.is_final:
        answer.notes.append("final")
    if belief.successor is not None:
        answer.notes.append("successor")
    if trusted is not None and trusted.ended:
        answer.notes.append("ended")


def _is_stale(belief: Belief, target: Chain, user: User) -> bool:
    """VER-23."""
    trusted = user.of(target.id)
    if trusted is not None and trusted.ended:
        return False
    context = user.context
    late = belief.promise is not None and context.now[:10] > belief.promise
    return late or not belief.is_final and _instant(context.now) - _first_seen(belief, target, user) > STALE_AFTER


def _first_seen(belief: Belief, target: Chain, user: User) -> datetime.datetime:
    """When the user first saw the head: that of the store at `first-seen`, another one now."""
    stored = user.stored(target)
    known = stored is not None and stored.head == belief.head and target.id == user.context.id
    return _instant((user.context.first_seen if known else None) or user.context.now)


def _instant(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


# Step 5.

def _check_decision(answer: Answer, chain: Chain, user: User) -> None:
    """VER-9, VER-1, VER-10; VER-21."""
    context = user.context
    if context.asked_id is not None:
        require(chain.id == context.asked_id, "VER-9", "other-signatory", f"{chain.id}, asked for {context.asked_id}")
    elif user.of(chain.id) is None:
        others = [trusted.id for trusted in user.trusted if trusted.package == chain.genesis.package]
        require(not others, "VER-9", "other-signatory", f"{chain.id}, trusted {others}")
        raise Undecided("VER-1", "not-trusted", chain.id)
    seen = context.grade != "confirmed" and context.asked_id is None
    require(not (context.strict and seen), "VER-10", "not-confirmed")
    if seen:
        answer.notes.append("seen")


# Step 6.

def _check_not_yanked(answer: Answer, belief: Belief, release: Statement) -> None:
    """VER-36; VER-37, VER-38."""
    yanked = belief.yanked.get(release.digest)
    if yanked is None:
        return
    require(yanked.severity != "refuse", "VER-36", "yanked", f"by seq {yanked.by.seq}")
    answer.notes.append({"note": "yank-note", "warn": "yank-warning"}[yanked.severity])


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


def _check_upstream(release: Optional[Statement], context: Context) -> None:
    """VER-61. A chain file is no release."""
    found = None if release is None else release.fields.get("upstream")
    require(context.upstream in (None, found), "VER-61", "other-upstream", f"{found}, expected {context.upstream}")


def _is_downgrade(release: Statement, belief: Belief, user: User) -> bool:
    """VER-16."""
    installed = _installed(belief, user)
    if installed is None or not _is_heard(belief, installed) or release.seq >= installed.seq:
        return False
    yanked = belief.yanked.get(installed.digest)
    if installed.digest in belief.withdrawn or yanked is not None and yanked.severity == "refuse":
        return False
    return manifests.is_lower(release.package.ecosystem, release.version, installed.version)


def _installed(belief: Belief, user: User) -> Optional[Statement]:
    """The installed release: the record with the text in the installed tree; otherwise the newest one that has the
    version and stands or is suspended."""
    if user.installed_folder is not None and user.installed_folder.release is not None:
        wanted = digest(user.installed_folder.release)
        known = belief.chain.by_digest.get(wanted)
        return known if known is not None and known.kind == "release" else None
    if user.context.installed is None:
        return None
    found = [
        one for one in belief.chain.by_digest.values()
        if one.kind == "release" and one.version == user.context.installed["version"] and _is_heard(belief, one)
    ]
    return min(found, key=lambda one: (-one.seq, one.digest), default=None)


def _is_heard(belief: Belief, release: Statement) -> bool:
    """Whether it stands or is suspended (BEL-4)."""
    return belief.states[release.digest] == STANDING or release.digest in belief.suspended


def _note_installed(answer: Answer, belief: Belief, user: User) -> None:
    """VER-45."""
    installed = _installed(belief, user)
    if installed is None:
        return
    yanked = belief.yanked.get(installed.digest)
    grave = yanked is not None and yanked.severity != "note"
    if belief.states[installed.digest] == VOID or grave or installed.digest in belief.withdrawn:
        answer.notes.append("installed")


def _check_not_stale(belief: Belief, target: Chain, user: User) -> None:
    """VER-18."""
    require(not (user.context.strict and _is_stale(belief, target, user)), "VER-18", "stale")

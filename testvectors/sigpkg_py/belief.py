"""Section 4.3: what a user believes, as a function of the set of records, the user's decisions and policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Set, Tuple

from .chain import Chain
from .keys import ED25519
from .statement import Statement

STANDING = "standing"
WAITING = "waiting"
DISTRUSTED = "distrusted"
CONTESTED = "contested"
VOID = "void"

PROMPT, ACCEPT, REFUSE = "prompt", "accept", "refuse"
SEVERITIES = ["note", "warn", "refuse"]


@dataclass(frozen=True)
class Decisions:
    """What the user has decided about one id. `accepted` is oldest first (BEL-2)."""

    accepted: Sequence[str] = ()
    policy: str = PROMPT
    distrust: Optional[str] = None  # BEL-9: the digest of the marked statement


STRANGER = Decisions(policy=ACCEPT)  # BEL-11


class Yanked(NamedTuple):
    severity: str
    by: Statement


@dataclass(frozen=True)
class Belief:
    chain: Chain
    states: Dict[str, str]  # of every record, by its digest
    line: List[Statement]   # the standing line, from the genesis to the head
    waiting: Optional[Statement]  # the reserve statement because of which the line ended
    contested: List[Statement]  # the first statements of the branches that are equals at the end of the line
    rivals: List[Statement]     # the first statements of branches that only an acceptance put aside (BEL-7)
    withdrawn: FrozenSet[str]   # digests of releases (BEL-6)
    yanked: Dict[str, Yanked]   # releases by their digests (BEL-10)
    promise: Optional[str]      # BEL-12
    suspended: FrozenSet[str]   # digests (BEL-4)

    @property
    def head(self) -> Statement:
        """BEL-5."""
        return self.line[-1]

    @property
    def newest_release(self) -> Optional[Statement]:
        """BEL-5."""
        return next((statement for statement in reversed(self.line) if statement.kind == "release"), None)

    @property
    def is_final(self) -> bool:
        """BEL-12."""
        return self.head.is_final

    @property
    def successor(self) -> Optional[str]:
        """BEL-12."""
        return self.head.successor


def believe(chain: Chain, decisions: Decisions = STRANGER) -> Belief:
    """BEL-3, BEL-4, and what follows from them."""
    acceptances = in_force(chain, decisions.accepted)
    unheard = _waiting_reserves(chain, acceptances, decisions.policy)
    tree = _Tree(chain, acceptances, _counting(chain, decisions.distrust, set()))
    # What would be if no reserve statement that waits were there.
    without = _Tree(chain, acceptances, _counting(chain, decisions.distrust, unheard))
    at = chain.genesis
    line = [at]
    rivals: List[Statement] = []
    way: Set[str] = set()
    while True:
        successor, equals = tree.successor(at)
        if successor is None:
            break
        if not acceptances & chain.descendants(successor) and without.successor(at)[0] is not successor:
            way = _way(tree, successor, unheard)
            break
        rivals += [child for child in equals if child is not successor]
        at = successor
        line.append(at)

    contested = equals if successor is None else []
    # A later line goes before an earlier one.
    states = {digest: VOID for digest in chain.by_digest}
    states.update({digest: CONTESTED for child in contested for digest in chain.descendants(child)})
    states.update({digest: WAITING for digest in way})
    states.update({digest: DISTRUSTED for digest in chain.by_digest if digest not in tree.counting})
    states.update({statement.digest: STANDING for statement in line})
    because = [chain.by_digest[d] for d in unheard if states[d] == WAITING and chain.by_digest[d].kind == "reserve"]
    speaking = {digest for digest, state in states.items() if state == STANDING}
    # Unheard are the reserve statements that wait and their descendants, so that a branch holds one of the former
    # exactly if it holds one of the latter.
    muted = any(chain.descendants(child) & unheard for child in contested)
    if not muted:
        speaking |= {digest for digest, state in states.items() if state == CONTESTED}
    silenced = (VOID, WAITING, CONTESTED) if muted else (VOID, WAITING)
    suspended = frozenset(digest for digest in _heard(without) if states[digest] in silenced) if unheard else frozenset()
    speaking |= {digest for digest in suspended if states[digest] != VOID}
    return Belief(
        chain, states, line, min(because, key=lambda one: (one.seq, one.digest), default=None), contested, rivals,
        _withdrawn(chain, speaking), _yanked(chain, states, speaking, suspended), _promise(chain, states, speaking),
        suspended,
    )


def in_force(chain: Chain, accepted: Sequence[str]) -> FrozenSet[str]:
    """BEL-2. `accepted` are digests, oldest first; a later one withdraws its rivals."""
    kept: List[str] = []
    for digest in accepted:
        if digest in chain.by_digest:
            kept = [other for other in kept if _on_one_path(chain, other, digest)]
            kept.append(digest)
    return frozenset(kept)


class _Tree:
    """The statements that count."""

    def __init__(self, chain: Chain, acceptances: FrozenSet[str], counting: Set[str]) -> None:
        self.chain = chain
        self.acceptances = acceptances
        self.counting = counting

    def children(self, statement: Statement) -> List[Statement]:
        return [child for child in self.chain.children[statement.digest] if child.digest in self.counting]

    def successor(self, at: Statement) -> Tuple[Optional[Statement], List[Statement]]:
        """BEL-3. The children whose branches have the highest rank are given too."""
        children = self.children(at)
        highest = max(map(self.rank, children), default=0)
        equals = [child for child in children if self.rank(child) == highest]
        choice = equals if len(equals) == 1 else [child for child in equals if self.holds_accepted(child)]
        return (choice[0] if len(choice) == 1 else None), equals

    def branch(self, first: Statement) -> List[Statement]:
        """What counts of a branch."""
        return [self.chain.by_digest[digest] for digest in self.chain.descendants(first) & self.counting]

    def holds_accepted(self, first: Statement) -> bool:
        """BEL-2: an acceptance accepts a statement and every reserve statement among its ancestors."""
        return any(
            one.digest in self.acceptances or one.kind == "reserve" and self.acceptances & self.chain.descendants(one)
            for one in self.branch(first)
        )

    def rank(self, first: Statement) -> int:
        """BEL-1."""
        if any(one.kind == "reserve" for one in self.branch(first)):
            return 2
        return 1 if self.children(first) else 0


def _heard(without: _Tree) -> Set[str]:
    """BEL-4: what would stand or be contested if no reserve statement that waits were known. Then none waits, and the
    line ends before nothing but a contested fork."""
    at = without.chain.genesis
    heard = {at.digest}
    while True:
        successor, equals = without.successor(at)
        if successor is None:
            return heard.union(*({one.digest for one in without.branch(child)} for child in equals))
        at = successor
        heard.add(at.digest)


def _way(tree: _Tree, successor: Statement, unheard: Set[str]) -> Set[str]:
    """BEL-4: what waits, from the statement before which the line ended."""
    way: Set[str] = set()
    at = successor
    while at.digest not in unheard:
        way.add(at.digest)
        onward, equals = tree.successor(at)
        if onward is None:
            return way.union(*(tree.chain.descendants(child) for child in equals))
        at = onward
    return way | tree.chain.descendants(at)


def _counting(chain: Chain, mark: Optional[str], unheard: Set[str]) -> Set[str]:
    """BEL-9: the digests of the statements that count, if the unheard do not, and vouch for nothing."""
    if mark is None:
        return set(chain.by_digest) - unheard
    marked = chain.by_digest.get(mark, chain.genesis)
    counting = {statement.digest for statement in chain.path(marked)}
    for statement in chain.by_digest.values():
        parent = chain.parent(statement)
        if statement.digest in unheard:
            continue
        if parent is None or statement.kind == "reserve":
            counting |= {one.digest for one in chain.path(statement)}
        elif parent.next.tag != ED25519:
            counting.add(statement.digest)
    return counting - unheard


def _waiting_reserves(chain: Chain, acceptances: FrozenSet[str], policy: str) -> Set[str]:
    """BEL-8: the reserve statements that wait, and their descendants. An acceptance accepts every reserve statement
    among the ancestors of what it names (BEL-2)."""
    unheard: Set[str] = set()
    for statement in chain.by_digest.values():
        if statement.kind == "reserve" and policy != ACCEPT and not acceptances & chain.descendants(statement):
            unheard |= chain.descendants(statement)
    return unheard


def _on_one_path(chain: Chain, a: str, b: str) -> bool:
    return b in chain.descendants(chain.by_digest[a]) or a in chain.descendants(chain.by_digest[b])


def _withdrawn(chain: Chain, speaking: Set[str]) -> FrozenSet[str]:
    """BEL-6. A seq in a statement names its own ancestor."""
    withdrawn = set()
    for digest in speaking:
        statement = chain.by_digest[digest]
        if statement.withdraws is not None:
            withdrawn |= {a.digest for a in chain.path(statement) if a.seq == statement.withdraws}
    return frozenset(withdrawn)


def _yanked(
    chain: Chain, states: Dict[str, str], speaking: Set[str], suspended: FrozenSet[str]
) -> Dict[str, Yanked]:
    """BEL-10."""
    found: Dict[str, List[Tuple[int, int, str]]] = {}
    for digest, yank in chain.by_digest.items():
        if yank.kind != "yank" or states[digest] not in (STANDING, CONTESTED, WAITING) and digest not in suspended:
            continue
        severity = SEVERITIES.index(str(yank.fields["severity"]))
        if digest not in speaking:
            severity = min(severity, SEVERITIES.index("warn"))
        for ancestor in chain.path(yank):
            if ancestor.seq in yank.yanks:
                found.setdefault(ancestor.digest, []).append((-severity, -yank.seq, digest))
    gravest = {release: min(yanks) for release, yanks in found.items()}
    return {
        release: Yanked(SEVERITIES[-severity], chain.by_digest[digest])
        for release, (severity, _, digest) in gravest.items()
    }


def _promise(chain: Chain, states: Dict[str, str], speaking: Set[str]) -> Optional[str]:
    """BEL-12."""
    promises = [
        chain.by_digest[digest].next_by for digest in speaking
        if all(states[child.digest] not in (STANDING, CONTESTED, WAITING) for child in chain.children[digest])
    ]
    return min((promise for promise in promises if promise is not None), default=None)

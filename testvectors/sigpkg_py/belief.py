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
    waiting: Optional[Statement]  # the reserve statement at which the line ended because it waits
    contested: List[Statement]  # the first statements of the branches that are equals at the end of the line
    rivals: List[Statement]     # the first statements of branches that only an acceptance put aside (BEL-7)
    withdrawn: FrozenSet[str]   # digests of releases (BEL-6)
    yanked: Dict[str, Yanked]   # releases by their digests (BEL-10)
    promise: Optional[str]      # BEL-12

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
    tree = _Tree(chain, _counting(chain, decisions.distrust))
    acceptances = in_force(chain, decisions.accepted)
    at = chain.genesis
    line = [at]
    rivals: List[Statement] = []
    equals: List[Statement] = []
    waiting: Optional[Statement] = None
    while tree.children(at):
        children = tree.children(at)
        highest = max(tree.rank(child) for child in children)
        equals = [child for child in children if tree.rank(child) == highest]
        choice = equals if len(equals) == 1 else [child for child in equals if acceptances & tree.branch(child)]
        if len(choice) != 1:
            break
        successor = choice[0]
        rivals += [child for child in equals if child is not successor]
        equals = []
        if successor.kind == "reserve" and _waits(chain, successor, acceptances, decisions.policy):
            waiting = successor
            break
        at = successor
        line.append(at)

    # A later line goes before an earlier one.
    states = {digest: VOID for digest in chain.by_digest}
    states.update({digest: CONTESTED for child in equals for digest in chain.descendants(child)})
    if waiting is not None:
        states.update({digest: WAITING for digest in chain.descendants(waiting)})
    states.update({digest: DISTRUSTED for digest in chain.by_digest if digest not in tree.counting})
    states.update({statement.digest: STANDING for statement in line})
    return Belief(
        chain, states, line, waiting, equals, rivals, _withdrawn(chain, states), _yanked(chain, states),
        _promise(chain, states),
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

    def __init__(self, chain: Chain, counting: Set[str]) -> None:
        self.chain = chain
        self.counting = counting

    def children(self, statement: Statement) -> List[Statement]:
        return [child for child in self.chain.children[statement.digest] if child.digest in self.counting]

    def branch(self, first: Statement) -> Set[str]:
        return self.chain.descendants(first) & self.counting

    def rank(self, first: Statement) -> int:
        """BEL-1."""
        if any(self.chain.by_digest[digest].kind == "reserve" for digest in self.branch(first)):
            return 2
        return 1 if self.children(first) else 0


def _counting(chain: Chain, mark: Optional[str]) -> Set[str]:
    """BEL-9: the digests of the statements that count."""
    if mark is None:
        return set(chain.by_digest)
    marked = chain.by_digest.get(mark, chain.genesis)
    counting = {statement.digest for statement in chain.path(marked)}
    for statement in chain.by_digest.values():
        parent = chain.parent(statement)
        if parent is None or statement.kind == "reserve":
            counting |= {one.digest for one in chain.path(statement)}
        elif parent.next.tag != ED25519:
            counting.add(statement.digest)
    return counting


def _waits(chain: Chain, reserve: Statement, acceptances: FrozenSet[str], policy: str) -> bool:
    """BEL-8. An acceptance accepts every reserve statement among the ancestors of what it names (BEL-2)."""
    return policy != ACCEPT and not acceptances & chain.descendants(reserve)


def _on_one_path(chain: Chain, a: str, b: str) -> bool:
    return b in chain.descendants(chain.by_digest[a]) or a in chain.descendants(chain.by_digest[b])


def _withdrawn(chain: Chain, states: Dict[str, str]) -> FrozenSet[str]:
    """BEL-6. A seq in a statement names its own ancestor."""
    withdrawn = set()
    for digest, statement in chain.by_digest.items():
        if states[digest] in (STANDING, CONTESTED) and statement.withdraws is not None:
            withdrawn |= {a.digest for a in chain.path(statement) if a.seq == statement.withdraws}
    return frozenset(withdrawn)


def _yanked(chain: Chain, states: Dict[str, str]) -> Dict[str, Yanked]:
    """BEL-10."""
    found: Dict[str, List[Tuple[int, int, str]]] = {}
    for digest, yank in chain.by_digest.items():
        if yank.kind != "yank" or states[digest] not in (STANDING, CONTESTED, WAITING):
            continue
        severity = SEVERITIES.index(str(yank.fields["severity"]))
        if states[digest] == WAITING:
            severity = min(severity, SEVERITIES.index("warn"))
        for ancestor in chain.path(yank):
            if ancestor.seq in yank.yanks:
                found.setdefault(ancestor.digest, []).append((-severity, -yank.seq, digest))
    gravest = {release: min(yanks) for release, yanks in found.items()}
    return {
        release: Yanked(SEVERITIES[-severity], chain.by_digest[digest])
        for release, (severity, _, digest) in gravest.items()
    }


def _promise(chain: Chain, states: Dict[str, str]) -> Optional[str]:
    """BEL-12."""
    promises = [
        statement.next_by for digest, statement in chain.by_digest.items()
        if statement.next_by is not None and states[digest] in (STANDING, CONTESTED)
        and all(states[child.digest] not in (STANDING, CONTESTED, WAITING) for child in chain.children[digest])
    ]
    return min(promises, default=None)

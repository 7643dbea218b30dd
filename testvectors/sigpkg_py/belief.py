"""Section 4.3: what a user believes, as a function of the set of records and the user's acceptances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, List, Optional, Sequence, Set

from .chain import Chain
from .statement import Statement

STANDING = "standing"
CONTESTED = "contested"
VOID = "void"


@dataclass(frozen=True)
class Belief:
    states: Dict[str, str]  # of every record, by its digest
    line: List[Statement]   # the standing line, from the genesis to the head
    contested: List[Statement]  # the first statements of the branches that are equals at the end of the line
    rivals: List[Statement]     # the first statements of branches that only an acceptance put aside (BEL-7)
    withdrawn: FrozenSet[str]   # digests of releases (BEL-6)

    @property
    def head(self) -> Statement:
        """BEL-5."""
        return self.line[-1]

    @property
    def newest_release(self) -> Optional[Statement]:
        """BEL-5."""
        return next((statement for statement in reversed(self.line) if statement.kind == "release"), None)


def believe(chain: Chain, accepted: FrozenSet[str] = frozenset()) -> Belief:
    """BEL-3, BEL-4. `accepted` are the digests of the statements whose acceptance is in force."""
    at = chain.genesis
    line = [at]
    rivals: List[Statement] = []
    equals: List[Statement] = []
    while chain.children[at.digest]:
        children = chain.children[at.digest]
        highest = max(rank(chain, child) for child in children)
        equals = [child for child in children if rank(chain, child) == highest]
        choice = equals if len(equals) == 1 else [c for c in equals if accepted & _branch(chain, c)]
        if len(choice) != 1:
            break
        at = choice[0]
        rivals += [child for child in equals if child is not at]
        equals = []
        line.append(at)

    states = {digest: VOID for digest in chain.by_digest}
    states.update({digest: CONTESTED for child in equals for digest in _branch(chain, child)})
    states.update({statement.digest: STANDING for statement in line})
    return Belief(states, line, equals, rivals, _withdrawn(chain, states))


def in_force(chain: Chain, decisions: Sequence[str]) -> FrozenSet[str]:
    """BEL-2. `decisions` are the digests that were accepted, oldest first; a later one withdraws its rivals."""
    kept: List[str] = []
    for digest in decisions:
        if digest in chain.by_digest:
            kept = [other for other in kept if _on_one_path(chain, other, digest)]
            kept.append(digest)
    return frozenset(kept)


def _on_one_path(chain: Chain, a: str, b: str) -> bool:
    low, high = sorted((chain.by_digest[a], chain.by_digest[b]), key=lambda statement: statement.seq)
    return any(ancestor.digest == low.digest for ancestor in chain.path(high))


def rank(chain: Chain, child: Statement) -> int:
    """BEL-1."""
    if any(chain.by_digest[digest].kind == "reserve" for digest in _branch(chain, child)):
        return 2
    return 1 if chain.children[child.digest] else 0


def _branch(chain: Chain, first: Statement) -> Set[str]:
    """The digests of a statement and of all its descendants."""
    branch: Set[str] = set()
    open_ends = [first]
    while open_ends:
        statement = open_ends.pop()
        branch.add(statement.digest)
        open_ends += chain.children[statement.digest]
    return branch


def _withdrawn(chain: Chain, states: Dict[str, str]) -> FrozenSet[str]:
    """BEL-6. A seq in a statement names its own ancestor."""
    withdrawn = set()
    for digest, statement in chain.by_digest.items():
        if states[digest] != VOID and statement.withdraws is not None:
            withdrawn |= {a.digest for a in chain.path(statement) if a.seq == statement.withdraws}
    return frozenset(withdrawn)

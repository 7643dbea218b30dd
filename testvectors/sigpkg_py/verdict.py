"""Chapter 7: the whole verification of a target, in the order of section 7.3."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Dict, FrozenSet, Mapping, Optional, Sequence

from . import chain as chains



from .answer import Answer
from .belief import CONTESTED, STANDING, VOID, Belief, believe, in_force
from .chain import Chain
from .inputs import Entry
from .refusal import Refused, Undecided, require
from .statement import Package, Statement

STALE_AFTER = datetime.timedelta(days=400)  # VER-23


@dataclass(frozen=True)
class Context:
    """What the user knows and wants (section 7.2)."""

    id: Optional[str] = None
    grade: str = "confirmed"
    store: Optional[bytes] = None
    accepted: Optional[Sequence[str]] = None
    expect: Mapping[str, str] = field(default_factory=dict)
    installed: Optional[Mapping] = None
    allow_downgrade: bool = False
    strict: bool = False
    now: str = "2026-12-01T00:00:00Z"
    first_seen: Optional[str] = None
    source: str = "git"


class User:
    """What the user's store says: the trusted chain, and the decisions."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.chain = None if context.store is None else chains.admit(context.store, context.id)
        accepted = context.accepted
        if accepted is None:
            accepted = [] if self.chain is None else [believe(self.chain).head.digest]
        self.decisions = list(accepted)

    @property
    def package(self) -> Optional[Package]:
        """The package that the user knows to be signed."""
        return None if self.chain is None else self.chain.genesis.package

    def believe(self, chain: Optional[Chain]) -> Optional[Belief]:
        """Over the records of the store, and of the target if the store has its id."""
        merged = self.chain
        if chain is not None and (merged is None or merged.id == chain.id):
            merged = chain if merged is None else chains.merge(merged, chain)
        return None if merged is None else believe(merged, in_force(merged, self.decisions))


def head_of(belief: Belief) -> Dict[str, object]:
    return {"seq": belief.head.seq, "digest": belief.head.digest}

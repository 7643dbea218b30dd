"""The answer to one question, and how far it got (section 7.3)."""

from __future__ import annotations

from typing import Dict, List, Sequence

from .refusal import NoVerdict, Refused, Undecided

ACCEPTED, REFUSED, UNDECIDED, UNREADABLE = "accepted", "refused", "undecided", "unreadable"


class Answer:
    """Collects what is found out. Its steps are entered in order; each is complete before the next begins."""

    def __init__(self, steps: Sequence[str]) -> None:
        self.steps = list(steps)
        self.step = self.steps[0]
        self.notes: List[str] = []
        self.found: Dict[str, object] = {}

    def enter(self, step: str) -> None:
        if self.steps.index(step) < self.steps.index(self.step):
            raise ValueError(f"step {step} after step {self.step}")
        self.step = step

    def accepted(self) -> Dict[str, object]:
        return self._finished(ACCEPTED, None, None, "expectation")

    def refused(self, refusal: Refused) -> Dict[str, object]:
        verdict = UNDECIDED if isinstance(refusal, Undecided) else REFUSED
        return {**self._finished(verdict, refusal.rule, refusal.reason, self.step), "detail": refusal.detail}

    def unreadable(self, why: NoVerdict) -> Dict[str, object]:
        """Section 7.7."""
        return {"verdict": UNREADABLE, "rule": None, "reason": UNREADABLE, "reached": None, "detail": str(why)}

    def _finished(self, verdict: str, rule: object, reason: object, reached: str) -> Dict[str, object]:
        return {
            **self.found, "verdict": verdict, "rule": rule, "reason": reason, "reached": reached,
            "notes": sorted(self.notes),
        }

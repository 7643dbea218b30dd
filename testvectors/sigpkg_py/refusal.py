"""How a verifier says no."""

from __future__ import annotations


class Refused(Exception):
    """A rule of the specification is broken. `detail` is for people and never compared."""

    def __init__(self, rule: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{rule} {reason}: {detail}" if detail else f"{rule} {reason}")
        self.rule = rule
        self.reason = reason
        self.detail = detail


def require(condition: bool, rule: str, reason: str, detail: str = "") -> None:
    """Refuses by `rule` unless the condition holds."""
    if not condition:
        raise Refused(rule, reason, detail)


class Undecided(Refused):
    """The same, but a human must choose."""


class NoVerdict(Exception):
    """What was given could not be read: it is neither accepted nor refused (section 7.1)."""

"""Section 10.3: files of pins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from . import toml
from .lockfile import is_tree_hash
from .refusal import Refused, require
from .statement import MAX_SEQ, is_generic_name, is_julia_name, is_signatory_id, is_uuid
from .text import is_digest

MAX_BYTES = 4 * 1024**2  # PRJ-16
GRADES = ("seen", "confirmed")

_KEYS = ["name", "uuid", "id", "seq", "digest", "grade", "accepted", "before-signing"]  # in this order


@dataclass(frozen=True)
class Pin:
    """PRJ-17. Without a UUID it is of a package in ecosystem `generic`."""

    name: str
    uuid: Optional[str]
    id: str
    seq: int
    digest: str
    grade: str
    accepted: Tuple[str, ...]
    before_signing: Tuple[str, ...]

    @property
    def key(self) -> Tuple[str, str, str]:
        return self.name, self.uuid or "", self.id


def read_pins(data: bytes) -> List[Pin]:
    """PRJ-16, PRJ-17."""
    _require(len(data) <= MAX_BYTES, f"{len(data)} bytes")
    try:
        says = toml.read(data)
    except toml.NotToml as error:
        raise Refused("PRJ-16", "malformed-pins", str(error)) from error
    _require(says.get("sigpkg-pins") == 1, "sigpkg-pins is not 1")
    tables = says.get("pin", [])
    _require(isinstance(tables, list) and not set(says) - {"sigpkg-pins", "pin"}, f"the keys {sorted(says)}")
    pins = [_read_pin(table) for table in tables]  # type: ignore[union-attr]
    _require(len({pin.key for pin in pins}) == len(pins), "a pin is there twice")
    return pins


def write_pins(pins: Sequence[Pin]) -> bytes:
    """PRJ-17."""
    lines = ["sigpkg-pins = 1"]
    for pin in sorted(pins, key=lambda pin: pin.key):
        values = [pin.name, pin.uuid, pin.id, pin.seq, pin.digest, pin.grade, pin.accepted, pin.before_signing]
        lines += ["", "[[pin]]"]
        lines += [f"{key} = {_written(value)}" for key, value in zip(_KEYS, values) if value not in (None, ())]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _read_pin(table: object) -> Pin:
    if not isinstance(table, toml.Table):
        raise Refused("PRJ-16", "malformed-pins", "a pin is no table")
    _require(not set(table) - set(_KEYS), f"the keys {sorted(table)}")
    uuid = _text(table, "uuid", is_uuid) if "uuid" in table else None
    seq = table.get("seq")
    _require(isinstance(seq, int) and 1 <= seq <= MAX_SEQ, f"seq {seq!r}")
    hashes = tuple(sorted(set(_texts(table, "before-signing", is_tree_hash))))
    return Pin(
        name=_text(table, "name", is_generic_name if uuid is None else is_julia_name),
        uuid=uuid,
        id=_text(table, "id", is_signatory_id),
        seq=seq,  # type: ignore[arg-type]
        digest=_text(table, "digest", is_digest),
        grade=_text(table, "grade", lambda text: text in GRADES),
        accepted=_texts(table, "accepted", is_digest),
        before_signing=hashes,
    )


def _text(table: Dict, key: str, test: Callable[[str], bool]) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not test(value):
        raise Refused("PRJ-16", "malformed-pins", f"{key} {value!r}")
    return value


def _texts(table: Dict, key: str, test: Callable[[str], bool]) -> Tuple[str, ...]:
    values = table.get(key, [])
    _require(isinstance(values, list) and all(isinstance(v, str) and test(v) for v in values), f"{key} {values!r}")
    return tuple(values)


def _require(condition: bool, detail: str) -> None:
    require(condition, "PRJ-16", "malformed-pins", detail)

"""Sections 4.1 and 4.2: dividing a chain file, and validity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Sequence, Set, Tuple

from . import statement as statements
from .keys import COMMENT_START, Block, Key, read_block, verify_block
from .refusal import Refused, require
from .statement import Statement, signatory_id

MAX_CHAIN_BYTES = 64 * 1024 * 1024  # CHN-1

# The kinds whose effect this version of the specification knows (CHN-17).
SUPPORTED_KINDS = ("genesis", "release")


@dataclass(frozen=True)
class Record:
    """A statement and its blocks. `blocks_text` is their exact bytes."""

    statement: Statement
    blocks: Tuple[Block, ...]
    blocks_text: bytes


class Chain:
    """The admitted records of one signatory: a tree whose root is the genesis. Only `admit` makes one."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = list(records)
        self.genesis = self.records[0].statement
        self.id = signatory_id(self.genesis.text)
        self.by_digest: Dict[str, Statement] = {}
        self.children: Dict[str, List[Statement]] = {}
        for record in self.records:
            self._insert(record.statement)

    def _insert(self, statement: Statement) -> None:
        self.by_digest[statement.digest] = statement
        self.children.setdefault(statement.digest, [])
        if statement.previous is not None:
            self.children[statement.previous].append(statement)

    def parent(self, statement: Statement) -> Optional[Statement]:
        return None if statement.previous is None else self.by_digest.get(statement.previous)

    def path(self, statement: Statement) -> Iterator[Statement]:
        """From the statement itself back to the genesis."""
        at: Optional[Statement] = statement
        while at is not None:
            yield at
            at = self.parent(at)


def merge(known: Chain, other: Chain) -> Chain:
    """The records of both. The id is the same, so they have one root, and parents stay before their children."""
    return Chain([*known.records, *(r for r in other.records if r.statement.digest not in known.by_digest)])


def admit(file: bytes, wanted_id: Optional[str] = None) -> Chain:
    """The chain of a file: the four steps at the end of section 4.2."""
    return check_records(read_records(file), wanted_id)


def read_records(file: bytes) -> List[Record]:
    """Step 1, the form."""
    require(len(file) <= MAX_CHAIN_BYTES, "CHN-1", "too-large", f"{len(file)} bytes, at most {MAX_CHAIN_BYTES}")
    records = []
    for text, blocks in divide(file):
        statement = statements.read(text)
        one = statement.kind == "reserve" or len(blocks) == 1
        require(one, "CHN-15", "wrong-signature-count", f"{len(blocks)} blocks for seq {statement.seq}")
        records.append(Record(statement, tuple(read_block(block) for block in blocks), b"".join(blocks)))
    return records


def check_records(records: Sequence[Record], wanted_id: Optional[str] = None) -> Chain:
    """Steps 2 to 4: the links, the paths, the signatures."""
    by_digest = _check_links(records, wanted_id)
    for record in records[1:]:
        _check_path(record.statement, _ancestors(by_digest, record.statement))
    for record in records:
        statement = record.statement
        _check_signature(record, None if statement.previous is None else by_digest[statement.previous])
    return Chain(records)


def divide(file: bytes) -> List[Tuple[bytes, List[bytes]]]:
    """CHN-2: the exact texts, each with its blocks."""
    require(file.endswith(b"\n"), "CHN-2", "malformed-chain", "the last line does not end")
    lines = [line + b"\n" for line in file[:-1].split(b"\n")]
    divided: List[Tuple[bytes, List[bytes]]] = []
    at = 0
    while at < len(lines):
        start = at
        while at < len(lines) and not lines[at].startswith(COMMENT_START):
            at += 1
        require(at > start, "CHN-2", "malformed-chain", f"no text before line {at + 1}")
        text = b"".join(lines[start:at])
        blocks = []
        while at < len(lines) and lines[at].startswith(COMMENT_START):
            require(at + 1 < len(lines), "CHN-2", "malformed-chain", "the last block has one line")
            blocks.append(lines[at] + lines[at + 1])
            at += 2
        require(bool(blocks), "CHN-2", "malformed-chain", "the last statement has no block")
        divided.append((text, blocks))
    return divided


def _check_links(records: Sequence[Record], wanted_id: Optional[str]) -> Dict[str, Statement]:
    """Step 2: CHN-3 to CHN-9 and CHN-17. The statements by their digests."""
    genesis = records[0].statement
    own_id = signatory_id(genesis.text)
    seen: Dict[str, Statement] = {}
    for i, record in enumerate(records):
        statement = record.statement
        where = f"record {i + 1}, seq {statement.seq}"
        require(statement.digest not in seen, "CHN-3", "duplicate-record", where)
        require((i == 0) == (statement.kind == "genesis"), "CHN-4", "not-a-genesis", where)
        if statement.kind == "genesis":
            require(wanted_id in (None, own_id), "CHN-5", "wrong-signatory", f"{own_id}, wanted {wanted_id}")
        else:
            require(statement.signatory == own_id, "CHN-5", "wrong-signatory", where)
            require(statement.previous in seen, "CHN-6", "missing-statement", f"the parent of {where}")
            require(statement.kind in SUPPORTED_KINDS, "CHN-17", "kind-not-supported", statement.kind)
            _check_link(statement, seen[str(statement.previous)], genesis)
        seen[statement.digest] = statement
    return seen


def _check_link(statement: Statement, parent: Statement, genesis: Statement) -> None:
    """CHN-7 to CHN-9, of a statement that is signed by a link key."""
    require(statement.seq == parent.seq + 1, "CHN-7", "out-of-sequence", f"{statement.seq} after {parent.seq}")
    require(statement.package == genesis.package, "CHN-8", "package-changed", f"{statement.package}, {genesis.package}")
    require(statement.next.same(parent.after_next), "CHN-9", "look-ahead-broken", f"seq {statement.seq}")


def _ancestors(by_digest: Dict[str, Statement], statement: Statement) -> List[Statement]:
    """Of a statement, its parent first and the genesis last.

    Asking each statement for its ancestors is quadratic in the file. Vectors are small; a verifier of files from
    strangers walks the tree once, see spec/rationale.md.
    """
    ancestors = []
    previous = statement.previous
    while previous is not None:
        ancestors.append(by_digest[previous])
        previous = ancestors[-1].previous
    return ancestors


def _check_path(statement: Statement, ancestors: Sequence[Statement]) -> None:
    """Step 3, of a statement that is signed by a link key: CHN-10, CHN-14, CHN-12."""
    before: Set[bytes] = {key.key for ancestor in ancestors for key in ancestor.keys}
    require(statement.after_next.key not in before, "CHN-10", "key-reused", f"seq {statement.seq}")
    if statement.kind == "release":
        _check_version(statement, [ancestor for ancestor in ancestors if ancestor.kind == "release"])


def _check_version(release: Statement, ancestors: Sequence[Statement]) -> None:
    """CHN-14, then CHN-12. `ancestors` are the releases on its path, the newest first."""
    if release.withdraws is not None:
        newest = ancestors[0] if ancestors else None
        good = newest is not None and (newest.seq, newest.version) == (release.withdraws, release.version)
        require(good, "CHN-14", "bad-withdrawal", f"seq {release.seq} withdraws {release.withdraws}")
    withdrawn = {other.withdraws for other in [release, *ancestors]}
    for other in ancestors:
        repeated = other.version == release.version and other.seq not in withdrawn
        require(not repeated, "CHN-12", "version-repeated", f"{release.version} in seq {other.seq} and {release.seq}")


def _check_signature(record: Record, parent: Optional[Statement]) -> None:
    """CHN-16."""
    key: Optional[Key] = record.statement.this if parent is None else parent.next
    if key is None:
        raise Refused("CHN-4", "not-a-genesis", "a genesis names the key that signs it")
    verify_block(record.blocks[0], record.statement.text, key)

"""Sections 4.1 and 4.2: dividing a chain file, and validity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Collection, Dict, FrozenSet, Iterator, List, Optional, Sequence, Set, Tuple

from . import statement as statements
from .keys import COMMENT_START, ED25519, Block, Key, read_block, verify_block
from .refusal import Refused, require
from .statement import Statement, signatory_id

MAX_CHAIN_BYTES = 64 * 1024 * 1024  # CHN-1


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

    def descendants(self, first: Statement) -> Set[str]:
        """The digests of a statement and of all its descendants: of its branch."""
        found: Set[str] = set()
        open_ends = [first]
        while open_ends:
            statement = open_ends.pop()
            found.add(statement.digest)
            open_ends += self.children[statement.digest]
        return found

    def forks(self) -> List[Statement]:
        """Section 4.4: the parents of two children that are both signed by the parent's link key."""
        def signed(statement: Statement) -> int:
            return sum(child.kind != "reserve" for child in self.children[statement.digest])
        return [statement for statement in self.by_digest.values() if signed(statement) > 1]


def merge(known: Chain, other: Chain) -> Chain:
    """The records of both. The id is the same, so they have one root, and parents stay before their children."""
    return Chain([*known.records, *(r for r in other.records if r.statement.digest not in known.by_digest)])


def admit(file: bytes, wanted_id: Optional[str] = None, vouched: FrozenSet[str] = frozenset()) -> Chain:
    """The chain of a file: the four steps at the end of section 4.2."""
    return check_records(read_records(file), wanted_id, vouched)


def vouched_by(chain: Chain, accepted: Collection[str]) -> FrozenSet[str]:
    """CHN-22: the digests of the statements that are vouched for. `accepted` was accepted at some time (BEL-2)."""
    vouched: Set[str] = set()
    for digest in accepted:
        if digest in chain.by_digest:
            path = list(chain.path(chain.by_digest[digest]))
            changes = [i for i, one in enumerate(path) if one.kind == "reserve" and one.fields["cause"] == "algorithm"]
            if changes:  # The newest one vouches for more than all others.
                vouched |= {one.digest for one in path[changes[0] + 1:] if one.kind != "reserve"}
    return frozenset(vouched)


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


def check_records(
    records: Sequence[Record], wanted_id: Optional[str] = None, vouched: FrozenSet[str] = frozenset()
) -> Chain:
    """Steps 2 to 4: the links, the paths, the signatures."""
    chain = check_unsigned(records, wanted_id)
    check_signatures(chain, vouched)
    return chain


def check_unsigned(records: Sequence[Record], wanted_id: Optional[str] = None) -> Chain:
    """Steps 2 and 3. The chain is not admitted before its signatures are checked too."""
    _check_links(records, wanted_id)
    chain = Chain(records)
    for record in records[1:]:
        _check_path(record.statement, list(chain.path(record.statement))[1:])
    return chain


def check_signatures(chain: Chain, vouched: FrozenSet[str]) -> None:
    """Step 4: CHN-16, CHN-22. `vouched` are the digests of the statements that are vouched for."""
    for record in chain.records:
        _check_signature(chain, record, vouched)


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


def _check_links(records: Sequence[Record], wanted_id: Optional[str]) -> None:
    """Step 2: CHN-3 to CHN-9, CHN-20, CHN-18, CHN-19."""
    genesis = records[0].statement
    own_id = signatory_id(genesis.text)
    seen: Dict[str, Statement] = {}
    reserves: Dict[str, Statement] = {}  # the statement that names the reserve in force at each one
    for i, record in enumerate(records):
        statement = record.statement
        where = f"record {i + 1}, seq {statement.seq}"
        require(statement.digest not in seen, "CHN-3", "duplicate-record", where)
        require((i == 0) == (statement.kind == "genesis"), "CHN-4", "not-a-genesis", where)
        names_reserve = statement.kind in ("genesis", "reserve")
        if statement.kind == "genesis":
            require(wanted_id in (None, own_id), "CHN-5", "wrong-signatory", f"{own_id}, wanted {wanted_id}")
        else:
            require(statement.signatory == own_id, "CHN-5", "wrong-signatory", where)
            require(statement.previous in seen, "CHN-6", "missing-statement", f"the parent of {where}")
            parent = seen[str(statement.previous)]
            _check_link(statement, parent, genesis)
            if statement.kind == "reserve":
                _check_reserve_record(record, parent, reserves[parent.digest])
        reserves[statement.digest] = statement if names_reserve else reserves[str(statement.previous)]
        seen[statement.digest] = statement


def _check_link(statement: Statement, parent: Statement, genesis: Statement) -> None:
    """CHN-7 to CHN-9."""
    require(statement.seq == parent.seq + 1, "CHN-7", "out-of-sequence", f"{statement.seq} after {parent.seq}")
    require(statement.package == genesis.package, "CHN-8", "package-changed", f"{statement.package}, {genesis.package}")
    announced = statement.kind == "reserve" or statement.next.same(parent.after_next)
    require(announced, "CHN-9", "look-ahead-broken", f"seq {statement.seq}")


def _check_reserve_record(record: Record, parent: Statement, reserve: Statement) -> None:
    """CHN-20, CHN-18, CHN-19. `reserve` is the statement that names the reserve in force at the parent."""
    statement = record.statement
    kept = statement.fields["cause"] == "algorithm" or statement.next.algorithm == parent.next.algorithm
    require(kept, "CHN-20", "algorithm-not-allowed", f"{statement.next.tag!r}, in force {parent.next.tag!r}")
    threshold = reserve.fields["threshold"]
    require(len(record.blocks) == threshold, "CHN-18", "wrong-signature-count",
            f"{len(record.blocks)} blocks, the threshold is {threshold}")
    require(len(signers(record.blocks, reserve.reserve_keys)) == threshold, "CHN-19", "wrong-signer",
            f"seq {statement.seq}")


def signers(blocks: Sequence[Block], keys: Sequence[Key]) -> List[Key]:
    """CHN-19: the key of each block, up to the first block that has none."""
    found: List[Key] = []
    at = 0
    for block in blocks:
        while at < len(keys) and keys[at].key_id != block.claimed_key_id:
            at += 1
        if at == len(keys):
            break
        found.append(keys[at])
        at += 1
    return found


def _check_path(statement: Statement, ancestors: Sequence[Statement]) -> None:
    """Step 3: CHN-10, CHN-21, CHN-14, CHN-12. `ancestors` are its parent first and the genesis last.

    Asking each statement for its ancestors is quadratic in the file. Vectors are small; a verifier of files from
    strangers walks the tree once, see spec/rationale.md.
    """
    before = {key.key for ancestor in ancestors for key in ancestor.keys}
    links_before = {key.key for ancestor in ancestors for key in ancestor.link_keys}
    introduced = [statement.after_next] if statement.kind != "reserve" else [statement.next, statement.after_next]
    fresh = all(key.key not in before for key in introduced)
    fresh = fresh and all(key.key not in links_before for key in statement.reserve_keys)
    require(fresh, "CHN-10", "key-reused", f"seq {statement.seq}")
    if statement.kind == "yank":
        _check_yank(statement, {ancestor.seq for ancestor in ancestors if ancestor.kind == "release"})
    if statement.kind == "release":
        _check_version(statement, ancestors)


def _check_yank(yank: Statement, releases: Set[int]) -> None:
    """CHN-21. `releases` are the numbers of the releases among its ancestors."""
    named = [*yank.yanks, *([yank.fields["replacement"]] if "replacement" in yank.fields else [])]
    require(all(seq in releases for seq in named), "CHN-21", "bad-reference", f"seq {yank.seq} names {named}")


def _check_version(release: Statement, ancestors: Sequence[Statement]) -> None:
    """CHN-14, then CHN-12."""
    before = [ancestor for ancestor in ancestors if ancestor.kind == "release"]
    if release.withdraws is not None:
        newest = before[0] if before else None
        good = newest is not None and (newest.seq, newest.version) == (release.withdraws, release.version)
        require(good, "CHN-14", "bad-withdrawal", f"seq {release.seq} withdraws {release.withdraws}")
    gone = {other.withdraws for other in [release, *before]}
    gone |= {seq for ancestor in ancestors for seq in ancestor.yanks}
    for other in before:
        repeated = other.version == release.version and other.seq not in gone
        require(not repeated, "CHN-12", "version-repeated", f"{release.version} in seq {other.seq} and {release.seq}")


def _check_signature(chain: Chain, record: Record, vouched: FrozenSet[str]) -> None:
    """CHN-16, CHN-22."""
    statement = record.statement
    if statement.kind == "reserve":
        reserve = next(one for one in list(chain.path(statement))[1:] if one.kind in ("genesis", "reserve"))
        for block, key in zip(record.blocks, signers(record.blocks, reserve.reserve_keys)):
            verify_block(block, statement.text, key)
        return
    parent = chain.parent(statement)
    key = statement.this if parent is None else parent.next
    if key is None:
        raise Refused("CHN-4", "not-a-genesis", "a genesis names the key that signs it")
    if key.tag != ED25519 or statement.digest not in vouched:
        verify_block(record.blocks[0], statement.text, key)

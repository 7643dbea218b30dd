"""The kinds of vectors (README.md, *Kinds*): each judge asks one question of the verifier."""

from __future__ import annotations

from typing import Callable, Dict, List, Mapping

from . import (
    archive, belief, chain, keys, listing, lockfile, look_alike, names, pasted, pins, project, secret_key, shown,
    signature_file, statement, text, tree, verdict, words,
)
from .answer import Answer
from .inputs import Inputs
from .keys import Key
from .refusal import NoVerdict, Refused, require

Vector = Mapping[str, Mapping]
Judge = Callable[[Answer, Mapping, Mapping, Inputs], None]


def judge(vector: Mapping, inputs: Inputs) -> Dict[str, object]:
    """What this verifier answers to a vector."""
    steps, ask = KINDS[vector["kind"]]
    answer = Answer(steps)
    try:
        ask(answer, vector["input"], vector.get("context", {}), inputs)
    except Refused as refusal:
        found = answer.refused(refusal)
        return {**found, "rule": None, "reason": None} if vector["kind"] == "text" else found
    except NoVerdict as why:
        return answer.unreadable(why)
    return answer.accepted()


# Texts, keys and statements.

def _text(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    try:
        good = FORMS[context["form"]](inputs.read(given["text"]).decode("utf-8"))
    except UnicodeDecodeError:
        good = False
    require(good, "", "", "not of this form")


def _id(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    offered = _signatory(inputs.read(given["id"]))
    if "genesis" in given:
        computed = statement.signatory_id(inputs.read(given["genesis"]))
        require(offered == computed, "CHN-5", "wrong-signatory", f"computed {computed}")
    answer.found["value"] = offered


def _key(read: Callable[[str], Key]) -> Judge:
    def ask(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
        answer.found["value"] = read(inputs.read(given["key"]).decode("utf-8", "replace")).key.hex()
    return ask


def _key_file(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    answer.found["value"] = keys.read_stock_key_file(inputs.read(given["key"])).key.hex()


def _statement(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    answer.found["value"] = statement.read(inputs.read(given["statement"])).digest


def _secret_key_file(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    answer.found["value"] = secret_key.public_key_text(inputs.read(given["secret"]), context.get("passphrase"))


# Signatures.

def _block(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    block = keys.read_block(inputs.read(given["block"]))
    if "key" in given and "message" in given:
        answer.enter("chain")
        keys.verify_block(block, inputs.read(given["message"]), _any_key(inputs.read(given["key"])))


def _signature_file(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    file, message = inputs.read(given["signature"]), inputs.read(given["message"])
    read = signature_file.read(file)
    if context.get("use", "release") == "sig":
        key = _stock_key(inputs.read(given["key"]))
        answer.enter("chain")
    else:
        key = _any_key(inputs.read(given["key"]))
        release = statement.read(message)
        answer.enter("chain")
        signature_file.check_beside_release(read, str(release.signatory), release.seq)
    signature_file.verify(read, message, key)


def _any_key(data: bytes) -> Key:
    """A key text of the chain, of whatever use its tag says."""
    characters = data.decode("utf-8", "replace").rstrip("\n")
    try:
        return keys.read_link_key(characters)
    except Refused as refusal:
        if refusal.rule != "KEY-6":
            raise
        return keys.read_reserve_key(characters)


def _stock_key(data: bytes) -> Key:
    """The text of a stock key, or its file."""
    if data.startswith(keys.COMMENT_START):
        return keys.read_stock_key_file(data)
    return keys.read_stock_key(data.decode("utf-8", "replace").rstrip("\n"))


# Chains.

def _chain(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    records = chain.read_records(inputs.read(given["chain"]))
    answer.enter("chain")
    accepted = context.get("accepted", [])
    unsigned = chain.check_unsigned(records, context.get("id"))
    chain.check_signatures(unsigned, chain.vouched_by(unsigned, accepted))
    answer.enter("belief")
    decisions = belief.Decisions(accepted, context.get("policy", belief.PROMPT), context.get("distrust-ed25519"))
    believed = belief.believe(unsigned, decisions)
    answer.found["head"] = verdict.head_of(believed)
    answer.found["belief"] = _belief(believed, [record.statement.digest for record in records])


def _belief(believed: belief.Belief, digests: List[str]) -> Dict[str, object]:
    """What is believed of the records with these digests, which are named by their place in the file, from 1."""
    place = {digest: i for i, digest in enumerate(digests, start=1)}
    newest = believed.newest_release
    yanked = {place[digest]: by for digest, by in believed.yanked.items()}
    found = {
        "newest": None if newest is None else place[newest.digest],
        "waiting": None if believed.waiting is None else place[believed.waiting.digest],
        "rivals": sorted(place[rival.digest] for rival in believed.rivals),
        "withdrawn": sorted(place[digest] for digest in believed.withdrawn),
        "yanked": [
            {"record": record, "severity": severity, "by": place[by.digest]}
            for record, (severity, by) in sorted(yanked.items())
        ],
        "promise": believed.promise,
        "final": believed.is_final,
        "successor": believed.successor,
        "forks": sorted(place[statement.digest] for statement in believed.chain.forks()),
    }
    states = [believed.states[digest] for digest in digests]
    return {"states": states, **{name: value for name, value in found.items() if value}}


def _chain_file(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    verdict.verify_chain_file(answer, inputs.read(given["chain"]), _context(context, inputs))


# Trees.

def _listing(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    file = inputs.read(given["files"])
    listing.read_listing(file)
    answer.found["value"] = text.digest(file)


def _links(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    file = inputs.read(given["links"])
    listing.read_links(file)
    answer.found["value"] = text.digest(file)


def _tree(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    read = tree.read_tree(inputs.tree(given["tree"]), context.get("source", "git"))
    computed = listing.write_listing(read.files, read.links)
    answer.found["value"] = text.digest(computed)
    if "files" in given:
        require(inputs.read(given["files"]) == computed, "VER-13", "tree-mismatch", computed.decode())
    if "links" in given:
        require(inputs.read(given["links"]) == listing.write_links(read.links), "VER-13", "tree-mismatch")


def _release_tree(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    read = tree.read_tree(inputs.tree(given["tree"]), context.get("source", "git"))
    detached = tree.read_detached(inputs.tree(given["signatures"])) if "signatures" in given else None
    verdict.verify_release(answer, read, detached, _context(context, inputs))


def _archive(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    read = tree.read_tree(archive.read_archive(inputs.read(given["archive"])), "archive")
    verdict.verify_release(answer, read, None, _context(context, inputs))


# Projects.

def _pins(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    answer.found["value"] = text.digest(pins.write_pins(pins.read_pins(inputs.read(given["pins"]))))


def _dependency(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    entries = lockfile.read_lockfile(inputs.read(given["lockfile"]))
    if len(entries) != 1:
        raise lockfile.NoLockfile(f"{len(entries)} entries, and the vector is about one")
    try:
        pinned = pins.read_pins(inputs.read(given["pins"])) if "pins" in given else []
    except Refused:
        answer.enter("form")
        raise
    known = project.Project(pinned, context.get("before-signing", []), context.get("reviewed"))
    installed = inputs.tree(given["tree"]) if "tree" in given else None
    project.judge_dependency(answer, entries[0], installed, known, _context(context, inputs))


# Comparing.

def _words(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    offered = inputs.read(given["words"]).decode("utf-8", "replace")
    answer.found["value"] = words.from_words(offered, context["length"]).hex()


def _shown_id(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    answer.found["value"] = SHOWN[context["form"]](_signatory(inputs.read(given["id"])))


def _pasted_id(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    answer.found["value"] = pasted.read_pasted(inputs.read(given["text"]).decode("utf-8", "replace"))


def _look_alike(answer: Answer, given: Mapping, context: Mapping, inputs: Inputs) -> None:
    one, other = _signatory(inputs.read(given["id"])), _signatory(inputs.read(given["other"]))
    answer.found["value"] = "alike" if look_alike.are_look_alikes(one, other) else "different"


def _signatory(data: bytes) -> str:
    """STM-21."""
    offered = data.decode("utf-8", "replace")
    require(statement.is_signatory_id(offered), "STM-21", "bad-id", offered)
    return offered


def _context(context: Mapping, inputs: Inputs) -> verdict.Context:
    known = {
        name.replace("-", "_"): value for name, value in context.items()
        if name not in (
            "store", "others", "installed-tree", "source", "use", "form", "passphrase", "before-signing", "reviewed",
        )
    }
    if "store" in context:
        known["store"] = inputs.read(context["store"])
    if "installed-tree" in context:
        known["installed_tree"] = tree.read_tree(inputs.tree(context["installed-tree"]), "directory")
    others = [(inputs.read(other["store"]), other.get("ended", False)) for other in context.get("others", [])]
    return verdict.Context(others=others, **known)


def _is_path(path: str) -> bool:
    try:
        names.check_path(path.encode("utf-8"))
    except Refused:
        return False
    return True


FORMS: Dict[str, Callable[[str], bool]] = {
    "base64": lambda t: text.decode_base64(t) is not None,
    "base64url": lambda t: text.decode_base64url(t) is not None,
    "plain": text.is_plain,
    "digest": text.is_digest,
    "instant": text.is_instant,
    "day": text.is_day,
    "integer": lambda t: text.parse_integer(t) is not None,
    "julia-name": statement.is_julia_name,
    "generic-name": statement.is_generic_name,
    "uuid": statement.is_uuid,
    "julia-version": statement.is_julia_version,
    "generic-version": statement.is_generic_version,
    "path": _is_path,
}

SHOWN: Dict[str, Callable[[str], str]] = {
    "groups": lambda signatory: "\n".join(shown.lines_of_groups(signatory)),
    "words": lambda signatory: " ".join(shown.words_of_id(signatory)),
    "art": lambda signatory: "\n".join(shown.art_of_id(signatory)),
    "spoken": lambda signatory: "\n".join(shown.spoken_lines(signatory)),
}

KINDS = {
    "text": (["form"], _text),
    "id": (["form"], _id),
    "public-key": (["form"], _key(keys.read_link_key)),
    "public-key-file": (["form"], _key_file),
    "reserve-key": (["form"], _key(keys.read_reserve_key)),
    "secret-key-file": (["form"], _secret_key_file),
    "statement": (["form"], _statement),
    "block": (["form", "chain"], _block),
    "signature-file": (["form", "chain"], _signature_file),
    "chain": (["form", "chain", "belief"], _chain),
    "chain-file": (verdict.CHAIN_FILE_STEPS, _chain_file),
    "listing": (["tree"], _listing),
    "links": (["tree"], _links),
    "tree": (["tree"], _tree),
    "release-tree": (verdict.RELEASE_STEPS, _release_tree),
    "archive": (verdict.RELEASE_STEPS, _archive),
    "pins": (["form"], _pins),
    "dependency": (verdict.RELEASE_STEPS, _dependency),
    "words": (["form"], _words),
    "shown-id": (["form"], _shown_id),
    "pasted-id": (["form"], _pasted_id),
    "look-alike": (["form"], _look_alike),
}

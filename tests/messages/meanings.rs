//! What each reason and note means for a person, in one plain sentence, and the page that helps.

/// A word of the catalogue.
pub(crate) struct Meaning {
    pub(crate) word: &'static str,
    pub(crate) sentence: &'static str,
    /// A page of `docs/`, if there is one.
    pub(crate) page: Option<&'static str>,
}

const fn of(word: &'static str, sentence: &'static str) -> Meaning {
    Meaning { word, sentence, page: None }
}

const fn with(word: &'static str, page: &'static str, sentence: &'static str) -> Meaning {
    Meaning { word, sentence, page: Some(page) }
}

/// Every reason word of the specification.
pub(crate) const REASONS: &[Meaning] = &[
    of("key-length", "A key was cut short, or something was added to it."),
    of("key-encoding", "A key has a character that no key has: it was mistyped or damaged."),
    of("key-tag", "It is a key, but not of the kind that belongs here."),
    of("key-id", "Somebody has chosen the first characters of a key to make it look like another one."),
    of("key-not-canonical", "A key is spelled in a way that would let one key pass for two."),
    of("key-not-a-point", "These bytes are no key, so nothing can be signed with it."),
    of("key-small-order", "Anybody can sign for this key, so it proves nothing."),
    of("key-file", "The file is not a public key file of signify or minisign."),
    of(
        "signature-form",
        "A signature in the chain is not as sigpkg writes it: it was damaged or put together by hand.",
    ),
    of("signature-algorithm", "A signature is of another kind than the key that must have made it."),
    of("signature-key-id", "Another key has signed than the one that was announced for it."),
    of(
        "signature-invalid",
        "The text or its signature was changed after it was signed, or somebody else has signed it.",
    ),
    of("signature-file-form", "The signature file was damaged, or is none."),
    of("signature-file-control", "The signature file has characters that could play tricks on your terminal."),
    of("signature-file-tag", "The signature file is of a kind that sigpkg does not know."),
    of("trusted-comment-invalid", "The comment that was signed with the file was changed afterwards."),
    of("release-signature-form", "The signature file beside the release belongs to another release, or was changed."),
    of("secret-file-cost", "Opening this key file would take more memory or time than any honest one does."),
    of("secret-file-damaged", "The secret key file was damaged: bring it back from a backup."),
    of("secret-file-form", "The file is not a secret key file."),
    of("secret-file-tag", "The secret key file is of a kind that sigpkg does not know."),
    of("passphrase", "The passphrase is not the one with which the key file was locked."),
    of(
        "too-large",
        "It is larger than anything that sigpkg signs, so it was stopped before it could fill your machine.",
    ),
    of("not-text", "A statement has bytes that are no text: it was damaged."),
    of("unknown-format", "This is no statement of sigpkg, or one of a later version of it."),
    of("not-canonical", "A statement is not written exactly as it was signed, be it by one blank."),
    of("unknown-kind", "A statement is of a kind that there is not."),
    of("unknown-field", "A statement says something that such a statement cannot say."),
    of("missing-field", "A statement lacks something that it must say."),
    of("bad-value", "A statement has a value that cannot be right."),
    of("bad-package", "A statement names a package that cannot be."),
    of("bad-version", "A statement names a version that cannot be."),
    of("bad-sequence", "A statement has a number that its kind cannot have."),
    of("algorithm-not-allowed", "A statement brings keys of a kind that may not be used there."),
    of("key-reused", "A key is used twice, and a key of sigpkg signs one statement and nothing else."),
    of("bad-reserve", "The reserve could be outvoted by itself, or could never sign."),
    of("bad-reference", "A statement speaks of another one that cannot be meant."),
    of("bad-id", "This is no signatory id: an id has 56 characters and begins with sigp."),
    of("malformed-chain", "The file with the chain was damaged or cut short."),
    of("duplicate-record", "A statement stands twice in the chain."),
    of("not-a-genesis", "The chain lacks its beginning."),
    of("wrong-signatory", "A statement of another signatory was put into the chain."),
    of("missing-statement", "A statement between two others is missing, and nothing is believed across a gap."),
    of("out-of-sequence", "The numbers of the statements do not follow one another."),
    of("package-changed", "A statement is about another package than the chain."),
    of(
        "look-ahead-broken",
        "A statement names another next key than the one that was announced: somebody tries to take the chain over.",
    ),
    of("version-repeated", "A version is released a second time without being withdrawn first."),
    of("bad-withdrawal", "A release takes back another one that it cannot take back."),
    of("wrong-signature-count", "A statement has too few signatures, or too many."),
    of("wrong-signer", "A signature of the reserve is not by one of its keys, or one key has signed twice."),
    of("bad-path", "A file has a name that some systems cannot hold, or that leads somewhere else."),
    of("name-collision", "Two files have names that are one and the same on some systems."),
    of("bad-entry", "The tree has something that is no file, folder or link, and that cannot be signed."),
    of("malformed-listing", "The list of files in .sigpkg is not as sigpkg writes it."),
    of("bad-link", "A link leads out of the package or nowhere."),
    of("malformed-archive", "The archive was cut short or changed, or could be unpacked in two ways."),
    of("bad-folder", "The folder .sigpkg was changed by hand or is not all there."),
    of("not-trusted", "It is signed, but you have not decided yet whether to trust who has signed it."),
    with(
        "signature-missing",
        "bad-days/no-longer-signed.md",
        "This package is signed, and this copy of it is not: its signature was taken away.",
    ),
    of("unsigned", "Nobody whom you trust has signed this, so nothing can be said about it."),
    of("no-release", "This is a state of the package between two releases, which nobody has signed."),
    of("not-in-chain", "The release is not one of the statements beside it: one of the two was replaced."),
    of("second-opinion", "Two implementations disagree about a signature, so neither is believed."),
    with("void", "bad-days/void.md", "The signatory no longer stands by this release: it may be forged."),
    with(
        "contested",
        "bad-days/contested.md",
        "Two releases were signed with one key, and it is not clear yet which is the right one.",
    ),
    with(
        "other-signatory",
        "bad-days/other-signatory.md",
        "Somebody else has signed this than the one whom you trust for it.",
    ),
    of("not-confirmed", "You trust this signatory, but the id was never compared with the maintainer's own page."),
    with(
        "withdrawn",
        "bad-days/yanked.md",
        "The maintainer has released this version again, since this one was a mistake.",
    ),
    of("listing-mismatch", "The list of files is not the one that was signed."),
    of("tree-mismatch", "Files were changed, added or removed after the release was signed."),
    of("manifest-mismatch", "The package calls itself something else than what was signed."),
    of("not-expected", "It is a good release, but not of the package or version that was asked for."),
    of("downgrade", "An older release is offered in place of a newer one, which may bring old faults back."),
    of("line-ends", "Line ends were changed on the way, and --strict was asked for."),
    with(
        "stale",
        "bad-days/stale.md",
        "Nothing new was heard for so long that something may be held back, and --strict was asked for.",
    ),
    of("size-mismatch", "The files together are larger or smaller than what was signed."),
    with(
        "waiting",
        "bad-days/waiting.md",
        "The reserve has spoken, such as after a theft, and it is for you to say whether to follow.",
    ),
    with(
        "not-followed",
        "bad-days/waiting.md",
        "It goes with a statement of the reserve that you decided not to follow.",
    ),
    with(
        "distrusted",
        "bad-days/ed25519-doubt.md",
        "It is signed by Ed25519 alone, in which you have said that you no longer believe.",
    ),
    with("yanked", "bad-days/yanked.md", "The maintainer has said that this release must not be used."),
    with("other-upstream", "maintainers/adopt.md", "It is not the signed form of the tree that you compared it with."),
    of("unknown-word", "A word is not one of the list: it was misspelt or misheard."),
    of("word-count", "Words are missing, or there are too many."),
    of(
        "word-checksum",
        "Each word is one of the list, and together they are not what was written: a word is wrong, or two are exchanged.",
    ),
    of("no-id", "There is no signatory id in this text."),
    of("several-ids", "There is more than one signatory id in this text."),
    with("malformed-registry", "registry/README.md", "A file of the registry is not in the form that registries have."),
    with(
        "malformed-policy",
        "registry/README.md",
        "The policy of the registry cannot be read, so nothing can be judged by it.",
    ),
    with("tree-replaced", "registry/README.md", "A version that was registered gets other files."),
    with("version-removed", "registry/README.md", "A version that was registered is taken away."),
    with("package-renamed", "registry/README.md", "A package that was registered gets another name."),
    with("policy-changed", "registry/README.md", "The change edits the rules by which it is judged."),
    with(
        "not-continued",
        "registry/README.md",
        "The release does not go on from what the registry has seen: there are two histories.",
    ),
    with("tree-hash-mismatch", "users/projects.md", "What is installed is not what the lockfile names."),
    with("pinned", "users/projects.md", "The lockfile was changed so that a pinned package is no longer verified."),
    with("pinned-signatory", "users/projects.md", "The project, or you, have pinned another signatory."),
    with(
        "pin-not-reached",
        "users/projects.md",
        "It is older than what the project has pinned, or of another history.",
    ),
    with("not-verified", "users/projects.md", "A package of the project is not verified, and --strict was asked for."),
    with("malformed-pins", "users/projects.md", "Signatories.toml cannot be read, often after a merge."),
];

/// Every note on a target or a dependency, with its rule.
pub(crate) const NOTES: &[(&str, Meaning)] = &[
    ("VER-20", of("not-newest", "There is a newer release.")),
    ("VER-21", of("seen", "You took the id as it came; compare it some day with the maintainer's own page.")),
    ("VER-22", with("rival", "bad-days/contested.md", "Another statement was signed with the same key.")),
    ("VER-23", with("stale", "bad-days/stale.md", "Nothing new was heard for long, or a promise was not kept.")),
    ("VER-24", of("line-ends", "Line ends were changed on the way, and sigpkg has read them back.")),
    ("VER-25", of("downgrade-allowed", "It is older than what is installed, and you asked for that.")),
    ("VER-26", of("detached", "The signatures come from a folder of their own.")),
    ("VER-37", with("yank-note", "bad-days/yanked.md", "The maintainer has a remark about this release.")),
    ("VER-38", with("yank-warning", "bad-days/yanked.md", "The maintainer warns of this release.")),
    ("VER-39", with("waiting", "bad-days/waiting.md", "The reserve has spoken, and waits for your decision.")),
    (
        "VER-40",
        with(
            "not-followed",
            "bad-days/waiting.md",
            "You decided not to follow the reserve, so nothing newer is accepted.",
        ),
    ),
    ("VER-41", with("final", "bad-days/farewell.md", "The maintainer plans no further release.")),
    ("VER-42", with("successor", "bad-days/farewell.md", "The maintainer names another package that goes on.")),
    ("VER-43", with("ended", "bad-days/no-longer-signed.md", "You have said that this package is signed no longer.")),
    (
        "VER-44",
        with("voided", "bad-days/void.md", "Releases that stood before are void now; you may have one of them."),
    ),
    ("VER-45", with("installed", "bad-days/void.md", "What you have installed should not stay.")),
    ("VER-46", with("fork", "bad-days/contested.md", "This proves that one key has signed two statements.")),
    ("VER-60", with("adopted", "maintainers/adopt.md", "The signatory has signed what somebody else has written.")),
    (
        "PRJ-7",
        with("tree-hash", "users/projects.md", "Every file is as signed, but the tree is not that of the lockfile."),
    ),
    (
        "PRJ-8",
        with(
            "generated",
            "users/projects.md",
            "Files came after the package was installed, such as those of a build step.",
        ),
    ),
    (
        "PRJ-9",
        with("built", "users/projects.md", "An unsigned package has been built, so its files cannot be compared."),
    ),
    ("PRJ-22", with("no-tree", "users/projects.md", "An unsigned package has something that no signed one may have.")),
    ("PRJ-21", with("same-name", "users/projects.md", "You trust somebody for another package of the same name.")),
    (
        "REG-17",
        with(
            "policy-changed",
            "registry/README.md",
            "The change edits the policy, and a human has said that it was looked at.",
        ),
    ),
    (
        "REG-18",
        with(
            "repository-moved",
            "registry/README.md",
            "The package has another repository than before; who signs it has not changed.",
        ),
    ),
    ("REG-19", with("registry-yank", "registry/README.md", "The registry marks this version as yanked.")),
    (
        "REG-20",
        with(
            "not-marked",
            "registry/README.md",
            "The signatory has yanked a version that the registry does not mark yet.",
        ),
    ),
    ("REG-21", with("first-signed", "registry/README.md", "The package is signed from this version on.")),
    ("REG-22", with("signatory-changed", "registry/README.md", "Another signatory goes on, and the policy consents.")),
    (
        "REG-23",
        with(
            "before-signing",
            "registry/README.md",
            "An unsigned version comes together with a signed one, as one from before.",
        ),
    ),
    (
        "REG-24",
        with(
            "manifest-differs",
            "registry/README.md",
            "The manifest of an unsigned version says something else than the registry.",
        ),
    ),
    (
        "REG-25",
        with(
            "reserve-taken",
            "registry/README.md",
            "A package that is new to the registry has a statement of its reserve already.",
        ),
    ),
];

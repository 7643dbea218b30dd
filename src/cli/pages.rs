//! What the help and the man page of each command say beyond its options: examples, the common case first; and which options
//! `-h` shows, so that it fits a screen. One table, so that help and man cannot differ.
//!
//! A command that is not in the table shows all its options and has no example; the tests of [`super::help`] do not let it be
//! forgotten.

use Person::{Maintainer, Plumbing, Registry, User};

/// Whom a command is for: the groups of the help, and which environment a man page speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Person {
    User,
    Maintainer,
    Registry,
    Plumbing,
}

/// The groups in the order of the help, with their headings.
pub(super) const PEOPLE: [(Person, &str); 4] =
    [(User, "Use packages"), (Maintainer, "Maintain a package"), (Registry, "Keep a registry"), (Plumbing, "Plumbing")];

/// What is said about one command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// Its words after `sigpkg`.
    pub(super) command: &'static str,
    pub(super) person: Person,
    /// One line, where the first sentence of the command is longer.
    pub(super) about: Option<&'static str>,
    /// The options and arguments that `-h` shows, by their ids; all of them without it.
    pub(super) common: Option<&'static [&'static str]>,
    /// Commands, each with what it does. Each is one that the parser takes.
    pub(super) examples: &'static [(&'static str, &'static str)],
    /// Commands to read about next.
    pub(super) see: &'static [&'static str],
}

/// The page of a command, by its words after `sigpkg`.
pub(super) fn page(command: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.command == command)
}

/// The line that `-h` has for an argument, where the first clause of what `--help` says is too long for it.
pub(super) fn brief(command: &str, argument: &str) -> Option<&'static str> {
    let found = BRIEFS.iter().find(|(of, id, _)| (*of == command || of.is_empty()) && *id == argument);
    found.map(|(.., text)| *text)
}

/// The command, or nothing for every one; the id of the argument; the line.
const BRIEFS: &[(&str, &str, &str)] = &[
    ("verify", "id", "The signatory id that it must have"),
    ("verify", "expect", "Its name, and perhaps UUID and version"),
    ("verify", "installed", "Refuse a downgrade from this"),
    ("verify", "base", "Take the pins from this reviewed revision"),
    ("trust add", "id", "The id that it must have"),
    ("trust add", "list", "Trust many at once, by a list of ids and targets"),
    ("trust add", "replace", "Trust it instead of the one trusted now"),
    ("trust add", "also", "Trust it beside the one trusted now"),
    ("trust add", "installed", "Take all that this project has installed, as they come"),
    ("trust policy", "policy", "What to do"),
    ("trust accept", "named", "The package or the id; the digest alone will do"),
    ("trust refresh", "project", "The folder of a project, or its lockfile"),
    ("trust export", "project", "The folder of a project, or its lockfile"),
    ("trust pin", "replace", "Pin the signatory that you trust now"),
    ("trust pin", "back", "Let it go back to an earlier statement"),
    ("trust pin", "prune", "Remove the pins of what is locked no more"),
    ("init", "name", "A package of no known ecosystem: its name"),
    ("init", "reserve_keys", "Public reserve keys of other people"),
    ("init", "threshold", "How many of them must sign together"),
    ("init", "reserve_out", "Make one reserve key here, in this folder"),
    ("init", "seeded", "Derive all keys from one seed"),
    ("release", "redo", "Replace the newest release, of this version"),
    ("release", "tag", "Make a tag on the new commit"),
    ("yank", "releases", "Releases: each its version, or @ and its number"),
    ("adopt", "signatures", "Keep the signatures in this new folder"),
    ("adopt", "upstream", "What is adopted, if there are changes"),
    ("adopt", "signatory", "Who adopts it [default: you]"),
    ("adopt", "redo", "Replace the newest release"),
    ("beat", "successor", "The id of the chain that goes on instead"),
    ("beat", "heal", "Outrank a statement that somebody else signed"),
    ("reserve sign", "key", "The secret reserve key to sign with"),
    ("reserve sign", "chain", "Hold it against this chain [default: here]"),
    ("reserve sign", "out", "Where the draft is written"),
    ("reserve sign", "reason", "The same in words for people"),
    ("registry check", "base", "The revision that is there"),
    ("registry check", "fetch", "Fetch with git what is not in the clones"),
    ("registry check", "registry", "The git repository of the registry"),
    ("registry check", "heads", "Where the registry remembers its packages"),
    ("registry check", "update_heads", "Write into --heads what has passed"),
    ("registry audit", "fetch", "Fetch with git what is not in the clones"),
    ("registry audit", "registry", "The git repository of the registry"),
    ("registry audit", "heads", "Where the registry remembers its packages"),
    ("registry audit", "update_heads", "Write into --heads what has passed"),
    ("registry site", "targets", "Chain files, directories, tarballs or REPO#REV"),
    ("registry site", "out", "The folder to make"),
    ("registry site", "heads", "Where the registry remembers its packages"),
    ("registry site", "fetch", "Fetch with git what is not in the clones"),
    ("", "next_by", "Promise another statement by this day"),
];

const fn new(command: &'static str, person: Person, examples: &'static [(&'static str, &'static str)]) -> Page {
    Page { command, person, about: None, common: None, examples, see: &[] }
}

impl Page {
    const fn about(self, about: &'static str) -> Self {
        Self { about: Some(about), ..self }
    }

    const fn common(self, common: &'static [&'static str]) -> Self {
        Self { common: Some(common), ..self }
    }

    const fn see(self, see: &'static [&'static str]) -> Self {
        Self { see, ..self }
    }
}

/// Every command that does something, and the commands above them. The order of the help.
pub(super) const PAGES: &[Page] = &[
    new(
        "verify",
        User,
        &[
            ("sigpkg verify .", "the project here, by its lockfile"),
            ("sigpkg verify Example-1.4.2.tar.gz", "a release"),
            ("sigpkg verify clone#v1.4.2 --installed 1.4.1", "no downgrade"),
            ("sigpkg verify . --base origin/main", "with reviewed pins"),
            ("sigpkg verify . --only Example --strict", "one dependency, strictly"),
        ],
    )
    .common(&["targets", "id", "expect", "installed", "strict", "base", "only"])
    .see(&["trust", "log"]),
    new(
        "trust",
        User,
        &[
            ("sigpkg trust add Example", "the first time: compare its id"),
            ("sigpkg trust list", "whom you trust, and what waits for you"),
        ],
    )
    .see(&["verify", "trust add"]),
    new(
        "trust add",
        User,
        &[
            ("sigpkg trust add Example-1.4.2.tar.gz", "asks for its id, to be compared"),
            ("sigpkg trust add --installed .", "all that a project has installed"),
        ],
    )
    .about("Trust the signatory of a target, after comparing its id")
    .common(&["target", "id", "list", "replace", "also", "installed"])
    .see(&["id", "compare", "trust show"]),
    new("trust list", User, &[("sigpkg trust list", "whom you trust")]),
    new("trust show", User, &[("sigpkg trust show Example", "all that is known of its signatory")])
        .about("Show what is known and decided about a signatory"),
    new("trust update", User, &[("sigpkg trust update news.sigpkg", "what a colleague has exported")])
        .about("Take in statements that came as files; nothing is decided")
        .see(&["trust refresh", "trust export"]),
    new(
        "trust refresh",
        User,
        &[
            ("sigpkg trust refresh --fetch", "ask the repositories for news"),
            ("sigpkg trust refresh . --fetch", "of what this project depends on"),
        ],
    )
    .about("Hear what is new of trusted signatories; nothing is decided")
    .see(&["trust update"]),
    new("trust export", User, &[("sigpkg trust export --out news.sigpkg", "for a site without a network")])
        .about("Write the known chains into one file, for elsewhere")
        .see(&["trust update"]),
    new("trust accept", User, &[("sigpkg trust accept Example blake3:DIGEST", "follow a statement of the reserve")])
        .about("Accept a statement: follow the reserve, or decide a fork")
        .see(&["trust show", "log"]),
    new("trust policy", User, &[("sigpkg trust policy Example refuse", "never follow its reserve")])
        .about("Show or set what happens when the reserve speaks")
        .see(&["trust accept"]),
    new("trust distrust", User, &[("sigpkg trust distrust ed25519", "when Ed25519 has fallen")])
        .about("Believe no new signature by an algorithm"),
    new("trust remove", User, &[("sigpkg trust remove Example", "its statements are kept")])
        .about("Trust a signatory no longer"),
    new(
        "trust pin",
        User,
        &[
            ("sigpkg trust pin", "everything that this project depends on"),
            ("sigpkg trust pin . Example", "one dependency"),
        ],
    )
    .about("Write down whom a project trusts, beside its lockfile")
    .common(&["project", "names", "replace", "back", "prune"])
    .see(&["trust diff", "verify"]),
    new("trust diff", User, &[("sigpkg trust diff origin/main", "what a pull request does to the pins")])
        .about("Show what a change does to the pins of a project")
        .see(&["trust pin"]),
    new(
        "log",
        User,
        &[
            ("sigpkg log", "of the package in this folder, the newest first"),
            ("sigpkg log Example", "of one whose signatory is trusted"),
            ("sigpkg log Example --graph", "with its forks"),
        ],
    )
    .about("Show the history of a package: releases, yanks, new keys")
    .see(&["trust show"]),
    new(
        "id",
        User,
        &[
            ("sigpkg id .", "compare it with one that came another way"),
            ("sigpkg id Example --words --qr", "in more forms"),
            ("sigpkg id Example --out id.png", "a picture for a poster"),
        ],
    )
    .about("Show the signatory id of a target, in many forms")
    .see(&["compare", "trust add"]),
    new("compare", User, &[("sigpkg compare ID OTHER", "spaces and line breaks do not matter")])
        .about("Compare two ids or two keys, and mark the difference")
        .see(&["id"]),
    new(
        "init",
        Maintainer,
        &[
            ("sigpkg init --reserve-out /media/stick", "alone: the reserve key goes to a stick"),
            ("sigpkg init --reserve-keys ann.pub bob.pub eve.pub", "with three friends"),
        ],
    )
    .common(&["name", "reserve_keys", "threshold", "reserve_out", "seeded"])
    .see(&["release", "reserve new", "doctor"]),
    new(
        "release",
        Maintainer,
        &[
            ("sigpkg release --dry-run", "look first"),
            ("sigpkg release", "what is committed, as its manifest says"),
            ("sigpkg release 1.3.9 --back-port", "a fix for those who stay behind"),
            ("sigpkg release --side", "where nobody may push to the branch"),
        ],
    )
    .common(&["version", "redo", "back_port", "tag", "yes", "dry_run", "next_by", "no_commit"])
    .see(&["yank", "beat", "doctor"]),
    new("yank", Maintainer, &[("sigpkg yank 1.4.1 --severity refuse --reason 'loses data'", "")])
        .common(&["releases", "severity", "reason", "advisory", "replacement", "dry_run"])
        .see(&["release", "log"]),
    new(
        "beat",
        Maintainer,
        &[
            ("sigpkg beat --next-by 2027-12-20", "and promise another by then"),
            ("sigpkg beat --final", "no further release is planned"),
        ],
    )
    .about("Say that you are still here and still hold the keys")
    .common(&["is_final", "successor", "next_by", "yes", "dry_run", "heal"])
    .see(&["release"]),
    new("reserve", Maintainer, &[("sigpkg reserve new --out /media/stick", "on the machine of its holder")])
        .see(&["init"]),
    new("reserve new", Maintainer, &[("sigpkg reserve new --out /media/stick", "a .key and a .pub file")]),
    new(
        "reserve sign",
        Maintainer,
        &[
            ("sigpkg reserve sign --cause lost --reason 'disk died'", "begin"),
            ("sigpkg reserve sign Example.draft --key ann.key", "add a signature"),
        ],
    )
    .common(&["draft", "key", "chain", "out", "cause", "reason", "after"])
    .see(&["reserve join", "reserve show"]),
    new("reserve show", Maintainer, &[("sigpkg reserve show Example.draft", "look before you sign")])
        .see(&["reserve sign"]),
    new("reserve join", Maintainer, &[("sigpkg reserve join ann.draft bob.draft", "the last step")])
        .about("Put the signatures of drafts together, and replace the keys")
        .see(&["reserve sign"]),
    new("reserve paper", Maintainer, &[("sigpkg reserve paper /media/stick/ann.key --out page.pdf", "then print it")])
        .see(&["reserve restore"]),
    new(
        "reserve restore",
        Maintainer,
        &[("sigpkg reserve restore --out /media/stick", "asks for the words, one by one")],
    )
    .see(&["reserve paper"]),
    new("reserve drop", Maintainer, &[("sigpkg reserve drop", "give up what was begun")]),
    new("status", Maintainer, &[("sigpkg status", "what is signed, what is next, where the keys are")])
        .see(&["doctor", "log", "release"]),
    new("doctor", Maintainer, &[("sigpkg doctor", "before a release, and now and then")]).see(&["release"]),
    new("key", Maintainer, &[("sigpkg key list", "what this user can sign for")]),
    new("key list", Maintainer, &[("sigpkg key list", "what this user can sign for")]),
    new(
        "key move",
        Maintainer,
        &[
            ("sigpkg key move --to /media/stick", "here"),
            ("sigpkg key move --from /media/stick", "and on the other machine"),
        ],
    ),
    new("key paper", Maintainer, &[("sigpkg key paper --out seed.pdf", "of a chain begun with init --seeded")])
        .see(&["key restore"]),
    new("key restore", Maintainer, &[("sigpkg key restore", "in a clone; asks for the words, one by one")])
        .see(&["key paper"]),
    new("key passphrase", Maintainer, &[("sigpkg key passphrase", "of the package in this folder")]),
    new(
        "adopt",
        Maintainer,
        &[
            ("sigpkg adopt --signatures ~/signed/Example-1.4.2", "outside of the tree"),
            ("sigpkg adopt --dry-run", "look first"),
        ],
    )
    .about("Sign somebody else's package as your own")
    .common(&["version", "signatures", "upstream", "signatory", "redo", "dry_run"])
    .see(&["init", "verify"]),
    new("hook", Maintainer, &[("sigpkg hook install", "from now on git asks before each push")])
        .about("Look at what leaves, before git pushes it"),
    new("hook install", Maintainer, &[("sigpkg hook install", "in this repository")])
        .about("Make a pre-push hook in this repository"),
    new("hook remove", Maintainer, &[("sigpkg hook remove", "in this repository")]),
    new("hook pre-push", Maintainer, &[("sigpkg hook pre-push origin", "for git to call")])
        .about("What the hook runs")
        .see(&["hook install"]),
    new("registry", Registry, &[("sigpkg registry check --base main --head HEAD --fetch", "a pull request")])
        .about("Judge what a registry takes in, and what it holds"),
    new("registry check", Registry, &[("sigpkg registry check --base main --head HEAD --fetch", "a pull request")])
        .about("Judge a change: every version that one revision adds to another")
        .common(&["base", "head", "registry", "packages", "fetch", "heads", "update_heads"])
        .see(&["registry audit"]),
    new("registry audit", Registry, &[("sigpkg registry audit --fetch --heads heads --update-heads", "")])
        .common(&["at", "registry", "packages", "fetch", "heads", "update_heads"])
        .see(&["registry check"]),
    new(
        "registry site",
        Registry,
        &[
            ("sigpkg registry site --heads heads --out site", "what it remembers"),
            ("sigpkg registry site Example.tar.gz --out site", "one package"),
        ],
    )
    .about("Make web pages of who signs what, to compare an id with")
    .common(&["targets", "out", "heads", "packages", "fetch"])
    .see(&["registry audit", "id"]),
    new("sig", Plumbing, &[("sigpkg sig verify -p key.pub -x file.minisig -m file", "")])
        .about("Sign and verify single files as signify and minisign do"),
    new("sig sign", Plumbing, &[("sigpkg sig sign -s my.key -x file.minisig -m file", "")]),
    new("sig verify", Plumbing, &[("sigpkg sig verify -p key.pub -x file.minisig -m file", "")]),
    new("chain", Plumbing, &[("sigpkg chain split .sigpkg/chain records", "a file for each statement")])
        .about("Take a chain file apart, and put it together again"),
    new("chain split", Plumbing, &[("sigpkg chain split .sigpkg/chain records", "a file for each statement")])
        .about("Write each statement as a file, with signature and key"),
    new("chain join", Plumbing, &[("sigpkg chain join records chain", "what was split")]),
    new(
        "completions",
        Plumbing,
        &[
            ("sigpkg completions bash > ~/.local/share/bash-completion/completions/sigpkg", ""),
            ("sigpkg completions fish > ~/.config/fish/completions/sigpkg.fish", ""),
        ],
    ),
    new("man", Plumbing, &[("sigpkg man --out ~/.local/share/man/man1", "")]),
];

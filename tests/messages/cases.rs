//! What each rule looks like when it is broken: a vector or two for each, put where a person meets it, and the real command.

use serde_json::Value;
use sigpkg::ecosystem;
use sigpkg::package::EcosystemName;

use crate::user::{Shown, User, tree_of};
use crate::vectors::{Content, Entry, bytes, read, vectors};

/// Chapters with the ids of the vectors that are shown in them.
pub(crate) const CHAPTERS: &[(&str, &[&str])] = &[
    (
        "keys-and-signatures",
        &[
            "KEY-4-short",
            "KEY-5-url-alphabet",
            "KEY-6-prehashed",
            "KEY-6-file-slh-dsa",
            "KEY-7-chain-foreign-key-id",
            "KEY-8-neutral",
            "KEY-9-random",
            "KEY-10-file-small-order",
            "KEY-11-file-no-comment",
            "KEY-11-file-three-lines",
            "SIG-5-chain-comment",
            "SIG-5-chain-reserve-length",
            "SIG-6-chain-other-algorithm",
            "SIG-7-folder-minisig-key",
            "SIG-7-chain-previous-key",
            "SIG-8-chain-copied-key-id",
            "SIG-8-vouched-not-accepted",
            "SIG-10-folder-minisig-line",
            "SIG-10-file-url-alphabet",
            "SIG-11-release-escape",
            "SIG-12-file-unknown-tag",
            "SIG-13-file-comment-changed",
            "SIG-15-folder-minisig-seq",
            "SIG-15-slh-dsa-minisig",
            "SEC-6-memory",
            "SEC-6-rounds",
            "SEC-7-checksum",
            "SEC-11-no-comment",
            "SEC-12-derivation",
            "SEC-13-wrong",
        ],
    ),
    (
        "statements",
        &[
            "STM-1-too-large",
            "STM-2-latin-1",
            "STM-3-folder-statement-empty",
            "STM-3-chain-crlf",
            "STM-4-folder-statement-space",
            "STM-4-trailing-space",
            "STM-5-unknown-kind",
            "STM-6-in-header",
            "STM-7-date",
            "STM-8-seq-zero",
            "STM-8-seq-string",
            "STM-9-unknown-ecosystem",
            "STM-10-julia-hyphen",
            "STM-11-missing",
            "STM-12-two-parts",
            "STM-13-genesis-2",
            "STM-14-release-mixed",
            "STM-15-next-twice",
            "STM-15-two-roles",
            "STM-16-two-quorums",
            "STM-16-threshold-above-keys",
            "STM-17-withdraws-itself",
            "STM-18-own-successor",
            "STM-19-promise-in-the-past",
            "STM-21-short",
            "STM-21-key",
        ],
    ),
    (
        "chains",
        &[
            "CHN-1-chain-too-large",
            "CHN-2-folder-chain-empty",
            "CHN-2-chain-no-block",
            "CHN-3-chain-record-twice",
            "CHN-4-chain-no-genesis",
            "CHN-5-chain-statement-of-another",
            "CHN-6-folder-chain-gap",
            "CHN-7-chain-skipped",
            "CHN-8-chain-name",
            "CHN-9-chain-next-replaced",
            "CHN-10-chain-genesis-key",
            "CHN-12-chain-repeated",
            "CHN-14-chain-other-version",
            "CHN-14-chain-not-newest",
            "CHN-15-chain-two-blocks",
            "CHN-18-chain-quorum-one",
            "CHN-19-chain-quorum-order",
            "CHN-19-chain-quorum-foreign",
            "CHN-20-chain-reserve-to-slh-dsa",
            "CHN-21-chain-yank-beat",
        ],
    ),
    (
        "comparing",
        &[
            "CMP-5-pasted-misspelt",
            "CMP-6-pasted-one-missing",
            "CMP-7-pasted-exchanged",
            "CMP-12-pasted-prose",
            "CMP-12-pasted-short",
            "CMP-13-pasted-two",
        ],
    ),
    (
        "trees",
        &[
            "TREE-2-archive-parent",
            "TREE-3-tree-backslash",
            "TREE-4-tree-con-extension",
            "TREE-5-tree-dot",
            "TREE-6-tree-git",
            "TREE-7-tree-component",
            "TREE-9-tree-case",
            "TREE-10-archive-hard-link",
            "TREE-10-tree-submodule",
            "TREE-12-folder-listing-empty-line",
            "TREE-12-listing-upper-case",
            "TREE-13-links-no-tab",
            "TREE-14-tree-absolute",
            "TREE-14-tree-leaves",
            "TREE-16-archive-too-large",
            "TREE-24-archive-checksum",
            "TREE-24-archive-cut-short",
            "TREE-25-archive-twice",
            "TREE-26-archive-more-than-promised",
            "TREE-26-archive-bomb",
            "DIR-2-folder-second",
            "DIR-3-folder-extra",
            "DIR-3-folder-link",
            "DIR-4-folder-export-ignore",
            "DIR-5-folder-chain",
            "DIR-5-folder-minisig",
            "DIR-6-folder-statement",
            "DIR-7-folder-links-missing",
            "DIR-7-folder-links-other",
        ],
    ),
    (
        "verdicts",
        &[
            "VER-1-stranger",
            "VER-1-same-name",
            "VER-2-stripped",
            "VER-2-stripped-asked",
            "VER-3-unsigned",
            "VER-3-ended",
            "VER-4-between",
            "VER-4-after-genesis",
            "VER-5-not-in-chain",
            "VER-7-lone",
            "VER-7-stolen",
            "VER-8-two",
            "VER-8-reserves",
            "VER-9-trusted-other",
            "VER-9-asked-other",
            "VER-10-seen",
            "VER-11-told",
            "VER-12-other-listing",
            "VER-12-count",
            "VER-13-modified",
            "VER-13-all",
            "VER-14-version",
            "VER-14-no-version",
            "VER-14-no-toml",
            "VER-15-name",
            "VER-15-version",
            "VER-16-older",
            "VER-17-file",
            "VER-18-silence",
            "VER-19-bytes",
            "VER-27-new",
            "VER-27-algorithm",
            "VER-28-policy",
            "VER-29-new",
            "VER-36-known",
            "VER-36-told",
            "VER-61-other-version",
            "VER-61-not-adopted",
        ],
    ),
    (
        "notes",
        &[
            "accept-release-upgrade",
            "accept-folder-detached",
            "accept-release-not-newest",
            "accept-release-seen",
            "accept-release-rival-voids",
            "accept-release-line-ends",
            "accept-release-downgrade-allowed",
            "accept-release-stale-silence",
            "accept-release-adopted",
            "accept-chain-file-fork",
            "accept-release-before-waiting",
            "accept-release-before-not-followed",
            "accept-release-yank-waiting",
            "accept-release-installed-void-tree",
            "accept-release-yank-note",
            "accept-release-ended",
            "accept-release-final",
            "accept-dependency-same-name",
            "accept-dependency-generated",
            "accept-dependency-tree-hash",
            "accept-dependency-built",
            "accept-dependency-no-tree",
        ],
    ),
    (
        "projects",
        &[
            "PRJ-6-unsigned",
            "PRJ-6-strict",
            "PRJ-11-developed",
            "PRJ-11-stdlib",
            "PRJ-12-target",
            "PRJ-12-store",
            "PRJ-13-older",
            "PRJ-13-fork",
            "PRJ-14-unsigned",
            "PRJ-14-newly-signed",
            "PRJ-14-not-installed",
            "PRJ-16-name",
            "PRJ-16-top-level",
            "VER-2-dependency-stripped",
            "VER-9-dependency-other",
            "VER-13-dependency-edited",
            "VER-15-dependency-version",
        ],
    ),
];

/// A command, what it was about, and what it said.
#[derive(Clone)]
pub(crate) struct Case {
    /// The id of a vector, or a word for what was done.
    pub(crate) id: String,
    pub(crate) summary: String,
    /// The rule that is to be broken.
    pub(crate) rule: Option<String>,
    pub(crate) shown: Shown,
}

/// Runs a vector.
pub(crate) fn of_vector(id: &str) -> Case {
    let vector = vectors().get(id).unwrap_or_else(|| panic!("there is no vector {id}"));
    Case {
        id: id.to_owned(),
        summary: vector["summary"].as_str().unwrap().to_owned(),
        rule: vector["expect"]["rule"].as_str().map(ToOwned::to_owned),
        shown: show(vector),
    }
}

fn show(vector: &Value) -> Shown {
    let context = &vector["context"];
    let mut user = User::new();
    user.trust(context);
    let input = |name: &str| bytes(&vector["input"][name]);
    let text = |name: &str| String::from_utf8(input(name)).unwrap();
    match vector["kind"].as_str().unwrap() {
        "release-tree" | "tree" => show_tree(&user, vector, &tree_of(vector, "tree")),
        "listing" => show_tree(&user, vector, &replaced(".sigpkg/files", &input("files"))),
        // The listing names them, so that their form is the only fault.
        "links" => {
            let links = input("links");
            let listing = format!(
                "{}  .sigpkg/links\n",
                sigpkg::digest::Digest::of(&links).to_string().trim_start_matches("blake3:")
            );
            let mut tree = replaced(".sigpkg/files", listing.as_bytes());
            tree.retain(|entry| entry.path != b".sigpkg/links");
            tree.push(Entry { path: b".sigpkg/links".to_vec(), content: Content::File(links, false) });
            show_tree(&user, vector, &tree)
        }
        "archive" => {
            user.write("Example.tar", input("archive"));
            verify(&user, vector, "Example.tar")
        }
        "chain" | "chain-file" => {
            user.write("Example.chain", input("chain"));
            verify(&user, vector, "Example.chain")
        }
        "statement" => {
            user.write("Example.chain", [input("statement"), block()].concat());
            verify(&user, vector, "Example.chain")
        }
        "id" => {
            user.write_tree("Example", &release());
            user.show(&["verify", "Example", "--id", &text("id")])
        }
        "public-key" => {
            let record = String::from_utf8(read("records/verdict-1.record")).unwrap();
            let next = record.lines().find(|line| line.starts_with("next = ")).unwrap();
            user.write("Example.chain", record.replacen(next, &format!("next = \"{}\"", text("key")), 1));
            verify(&user, vector, "Example.chain")
        }
        "pasted-id" => {
            user.write_tree("Example", &release());
            user.show(&["compare", "Example", &text("text")])
        }
        "public-key-file" => {
            user.write("ada.pub", input("key"));
            user.write("notes.txt.minisig", "");
            user.write("notes.txt", "");
            user.show(&["sig", "verify", "-p", "ada.pub", "-x", "notes.txt.minisig", "-m", "notes.txt"])
        }
        "signature-file" => {
            user.write("notes.txt", input("message"));
            user.write("notes.txt.minisig", input("signature"));
            user.show(&["sig", "verify", "-P", &text("key"), "-x", "notes.txt.minisig", "-m", "notes.txt"])
        }
        "secret-key-file" => {
            user.write("ada.key", input("secret"));
            user.write("notes.txt", "any file at all");
            if let Some(passphrase) = context["passphrase"].as_str() {
                user.write_private("passphrase", passphrase);
                let path = user.path("passphrase");
                user.set("SIGPKG_PASSPHRASE_FILE", path.to_str().unwrap());
            }
            user.show(&["sig", "sign", "-s", "ada.key", "-x", "notes.txt.minisig", "-m", "notes.txt"])
        }
        "dependency" | "pins" => show_project(&user, vector),
        other => panic!("nobody meets a vector of the kind {other}"),
    }
}

fn show_tree(user: &User, vector: &Value, tree: &[Entry]) -> Shown {
    let signatures = &vector["input"]["signatures"];
    if !signatures.is_null() {
        user.write_tree("signatures", &crate::vectors::entries(signatures));
    }
    if vector["context"]["source"] == "directory" {
        user.write_tree("Example", tree);
        verify(user, vector, "Example")
    } else {
        user.commit("Example.git", tree);
        verify(user, vector, "Example.git#main")
    }
}

/// `verify`, with what the context of a vector asks for.
fn verify(user: &User, vector: &Value, target: &str) -> Shown {
    let context = &vector["context"];
    let mut arguments = vec!["verify".to_owned(), target.to_owned()];
    let mut add = |flag: &str, value: Option<&str>| {
        arguments.extend(value.map(|value| [flag.to_owned(), value.to_owned()]).into_iter().flatten());
    };
    add("--id", context["asked-id"].as_str());
    if let Some(wanted) = context["expect"].as_object() {
        let mut expected = wanted.get("name").and_then(Value::as_str).unwrap_or("Example").to_owned();
        for (field, sign) in [("uuid", '='), ("version", '@')] {
            if let Some(value) = wanted.get(field).and_then(Value::as_str) {
                expected = format!("{expected}{sign}{value}");
            }
        }
        add("--expect", Some(&expected));
    }
    add("--upstream", context["upstream"].as_str());
    add("--installed", context["installed"]["version"].as_str());
    if !context["installed-tree"].is_null() {
        user.write_tree("installed", &crate::vectors::entries(&context["installed-tree"]));
        add("--installed", Some("installed"));
    }
    add("--signatures", vector["input"].get("signatures").map(|_| "signatures"));
    for flag in ["strict", "allow-downgrade"] {
        if context[flag] == true {
            arguments.push(format!("--{flag}"));
        }
    }
    user.show(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A project with one dependency, which is installed in a depot.
fn show_project(user: &User, vector: &Value) -> Shown {
    let lockfile = match vector["input"].get("lockfile") {
        Some(lockfile) => bytes(lockfile),
        None => b"manifest_format = \"2.0\"\n".to_vec(),
    };
    user.write("project/Project.toml", "[deps]\n");
    user.write("project/Manifest.toml", &lockfile);
    user.write("depot/.keep", "");
    if let Some(pins) = vector["input"].get("pins") {
        user.write("project/Signatories.toml", bytes(pins));
    }
    if vector["input"].get("tree").is_some() {
        let julia = ecosystem::of(EcosystemName::Julia);
        let locked = julia.read_lockfile(&lockfile).unwrap();
        let place = &julia.installed_paths(&locked.entries[0])[0];
        user.write_tree(&format!("depot/{place}"), &tree_of(vector, "tree"));
    }
    let mut arguments = vec!["verify", "project", "--depot", "depot"];
    if vector["context"]["strict"] == true {
        arguments.push("--strict");
    }
    user.show(&arguments)
}

/// A good release.
pub(crate) fn release() -> Vec<Entry> {
    tree_of(&vectors()["accept-folder-links"], "tree")
}

/// A good release with another file in it.
fn replaced(path: &str, content: &[u8]) -> Vec<Entry> {
    let mut tree = release();
    tree.retain(|entry| entry.path != path.as_bytes());
    tree.push(Entry { path: path.as_bytes().to_vec(), content: Content::File(content.to_vec(), false) });
    tree
}

/// A signature block of the right form.
fn block() -> Vec<u8> {
    let record = String::from_utf8(read("records/verdict-1.record")).unwrap();
    record.as_bytes()[record.find("untrusted comment: ").unwrap()..].to_vec()
}

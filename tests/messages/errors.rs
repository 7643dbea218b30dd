//! What is said where no rule is broken: a file that is not there, an option that does not fit, nobody to ask.

use crate::cases::{Case, release};
use crate::user::User;
use crate::vectors::{bytes, vectors};

/// Commands that do what they are asked, for the sake of their JSON.
pub(crate) fn answers() -> Vec<Case> {
    let user = || {
        let user = User::new();
        user.trust(&vectors()["VER-13-modified"]["context"]);
        user.write("Example.chain", bytes(&vectors()["VER-18-chain-file-promise"]["input"]["chain"]));
        user.write("notes.txt", "any file at all");
        user
    };
    let signed = &vectors()["SIG-13-file-comment-changed"]["input"];
    let mut cases = Vec::new();
    let mut add = |name: &str, summary: &str, user: &User, arguments: &[&str]| {
        let shown = user.show(arguments);
        cases.push(Case { id: name.to_owned(), summary: summary.to_owned(), rule: None, shown });
    };
    for (name, summary, arguments) in [
        ("trust-list", "whom the user trusts", &["trust", "list"] as &[&str]),
        ("trust-show", "what is known of one of them", &["trust", "show", "Example"]),
        ("trust-policy", "what is done when the reserve speaks", &["trust", "policy", "Example"]),
        ("trust-set-policy", "what is to be done when the reserve speaks", &["trust", "policy", "Example", "refuse"]),
        ("trust-update", "news from a chain file", &["trust", "update", "Example.chain"]),
        ("trust-remove", "nobody is trusted for it any more", &["trust", "remove", "Example"]),
    ] {
        add(name, summary, &user(), arguments);
    }
    let user = user();
    user.write("notes.txt.minisig", String::from_utf8(bytes(&signed["signature"])).unwrap().replace("hullo", "hello"));
    let key = String::from_utf8(bytes(&signed["key"])).unwrap();
    let verify = ["sig", "verify", "-P", &key, "-x", "notes.txt.minisig", "-m", "notes.txt"];
    add("sig-verify", "a file that is as it was signed", &user, &verify);
    cases
}

/// The cases of users.
pub(crate) fn of_users() -> Vec<Case> {
    let known = "expected somebody whom the user trusts";
    let user = || {
        let user = User::new();
        user.trust(&vectors()["VER-13-modified"]["context"]);
        user.write_tree("Example", &release());
        user.write("notes.txt", "any file at all\n");
        user
    };
    let id = vectors()["VER-9-trusted-other"]["context"]["id"].as_str().unwrap().to_owned();
    let digest = format!("blake3:{}", "0".repeat(64));
    let mut cases = Vec::new();
    let mut add = |name: &str, summary: &str, user: &User, arguments: &[&str]| {
        let shown = user.show(arguments);
        cases.push(Case { id: name.to_owned(), summary: summary.to_owned(), rule: None, shown });
    };
    for (name, summary, arguments) in [
        ("no-file", "a target that is not there", &["verify", "Exemple"] as &[&str]),
        ("no-tree", "a file that is neither a tree nor a tarball", &["verify", "notes.txt"]),
        ("no-repository", "a revision of a folder that is no repository", &["verify", "Example#v1.0.0"]),
        ("no-project", "an option for projects, and a tree", &["verify", "Example", "--julia", "1.11"]),
        ("no-name", "an expectation without a name", &["verify", "Example", "--expect", "@1.0.0"]),
        ("no-version", "an installed version that is none", &["verify", "Example", "--installed", "../gone"]),
        ("no-digest", "a digest that is none", &["verify", "Example", "--upstream", "blake3:12"]),
        ("no-target", "a command without what it is about", &["trust", "add"]),
        ("other-signatory-add", "somebody else is trusted for the package", &["trust", "add", "Example"]),
        ("other-id-add", "the id that was given is another one", &["trust", "add", "Example", "--id", &id]),
        ("nobody-show", known, &["trust", "show", "Nobody"]),
        ("nobody-remove", known, &["trust", "remove", "Nobody"]),
        ("nobody-log", "neither a target nor a name", &["log", "Nobody"]),
        ("short-digest", "a digest that is not whole", &["trust", "accept", "Example", "blake3:12"]),
        ("unknown-digest", "a digest that no statement has", &["trust", "accept", "Example", &digest]),
        ("no-chain", "news from a file that has none", &["trust", "update", "notes.txt"]),
        ("no-proof", "a proof of what did not happen", &["trust", "show", "Example", "--proof", "fork.chain"]),
        ("no-pins", "pins for a folder without a lockfile", &["trust", "pin", "Example"]),
        ("no-id", "an id of what has none", &["id", "notes.txt"]),
        ("no-comparison", "a comparison with what is neither id nor key", &["compare", "Example", "sigp"]),
        ("no-parts", "a chain from a folder that has no parts of one", &["chain", "join", "Example", "new.chain"]),
        ("no-packages", "a registry, and nowhere to get a tree from", &["registry", "audit", "--registry", "Example"]),
        (
            "no-registry",
            "a registry that is no repository",
            &["registry", "audit", "--registry", "Example", "--packages", "."],
        ),
        (
            "no-key",
            "a key that is not there",
            &["sig", "verify", "-p", "ada.pub", "-x", "notes.txt.minisig", "-m", "notes.txt"],
        ),
        ("no-folder", "a working folder that is not there", &["-C", "gone", "verify", "Example"]),
        ("no-such-option", "an option that there is not", &["verify", "Example", "--force"]),
    ] {
        add(name, summary, &user(), arguments);
    }
    let encrypted = user();
    encrypted.write("ada.key", bytes(&vectors()["SEC-13-wrong"]["input"]["secret"]));
    let sign = ["sig", "sign", "-s", "ada.key", "-x", "notes.txt.minisig", "-m", "notes.txt"];
    add("no-terminal-passphrase", "nobody to ask for the passphrase", &encrypted, &sign);
    let mut no_home = User::new();
    no_home.set("SIGPKG_HOME", "home");
    add("no-home", "a relative folder for the stores", &no_home, &["trust", "list"]);
    let stranger = User::new();
    stranger.write_tree("Example", &release());
    add("no-terminal-add", "nobody can compare the id", &stranger, &["trust", "add", "Example"]);
    let damaged = user();
    let id = vectors()["VER-13-modified"]["context"]["id"].as_str().unwrap();
    damaged.write(&format!("home/trust/julia/Example/{id}/trust.toml"), "sigpkg-trust = 2\n");
    add("damaged-store", "decisions that another version of sigpkg has written", &damaged, &["verify", "Example"]);
    let project = user();
    project.write("project/Project.toml", "[deps]\n");
    project.write("project/Manifest.toml", "manifest_format = \"2.0\"\n");
    add(
        "no-dependency",
        "a dependency that the lockfile does not have",
        &project,
        &["verify", "project", "--only", "Example"],
    );
    add("no-base", "a reviewed revision, and no repository", &project, &["verify", "project", "--base", "main"]);
    project.write("project/Manifest.toml", "manifest_format =\n");
    add("no-lockfile", "a lockfile that is no TOML", &project, &["verify", "project"]);
    cases
}

/// The cases of maintainers. Their keys are made anew each time, so ids and digests are left out.
pub(crate) fn of_maintainers() -> Vec<Case> {
    let user = User::new();
    let mut cases = Vec::new();
    let mut add = |name: &str, summary: &str, arguments: &[&str]| {
        let shown = user.show(&[&["-C", "Example"], arguments].concat()).without_ids();
        cases.push(Case { id: name.to_owned(), summary: summary.to_owned(), rule: None, shown });
    };
    let init = ["init", "--name", "example", "--no-passphrase", "--reserve-out", "../reserve"];
    user.write("Example/README", "read me\n");
    add("no-repository", "a folder that is no repository", &init);
    user.git(&["init", "--quiet", "--initial-branch=main"]);
    for (key, value) in [("user.name", "Test"), ("user.email", "test@example.org"), ("commit.gpgsign", "false")] {
        user.git(&["config", key, value]);
    }
    user.git(&["add", "."]);
    user.git(&["commit", "--quiet", "--message", "the first"]);
    add("no-chain", "a release of what has no chain", &["release", "1.0.0"]);
    add("no-manifest", "a package without a name", &["init", "--no-passphrase", "--reserve-out", "../reserve"]);
    add("no-reserve", "a chain without a reserve", &["init", "--name", "example", "--no-passphrase"]);
    add(
        "reserve-inside",
        "a reserve in the repository",
        &["init", "--name", "example", "--no-passphrase", "--reserve-out", "reserve"],
    );
    user.done(&[&["-C", "Example"], &init[..]].concat());
    add("chain-exists", "a chain where there is one", &init);
    add("no-version", "a release without a version", &["release"]);
    add("no-terminal-release", "nobody to ask whether to sign", &["release", "1.0.0"]);
    add(
        "no-release",
        "a yank of what was never released",
        &["yank", "1.0.0", "--severity", "warn", "--reason", "deletes files"],
    );
    add("no-cause", "a reserve statement about nothing", &["reserve", "sign"]);
    user.write("Example/README", "read me twice\n");
    add("not-committed", "a change that was not committed", &["release", "1.0.0", "--yes"]);
    user.write("Example/ada.key", bytes(&vectors()["SEC-13-wrong"]["input"]["secret"]));
    user.git(&["add", "."]);
    user.git(&["commit", "--quiet", "--message", "a secret"]);
    add("leaked-key", "a secret key in the repository", &["release", "1.0.0", "--yes"]);
    cases
}

//! What a user sees and does on a bad day: forks, the reserve, yanks, the fall of Ed25519, another signatory.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;
#[path = "common/groups.rs"]
mod groups;
#[path = "common/machine.rs"]
mod machine;

use std::process::Stdio;
use std::sync::OnceLock;

use common::testing::{Files, Fixture, Record, chain_file, yank_mut};
use groups::beside;
use machine::{Machine, id};
use serde_json::Value;
use sigpkg::chain::Chain;
use sigpkg::signature::Standard;
use sigpkg::statement::{Cause, Seq, Severity};
use snapbox::{assert_data_eq, str};

fn digest(record: &Record) -> String {
    record.digest().to_string()
}

fn with<'a>(base: &'a [Record], more: impl IntoIterator<Item = &'a Record>) -> Vec<Record> {
    base.iter().chain(more).cloned().collect()
}

/// A signatory with a reserve, and what may happen to it. A signature by a reserve takes seconds, so all tests share these.
struct World {
    /// Genesis and releases 1.0.0 and 1.1.0.
    base: Vec<Record>,
    /// The tree of 1.1.0.
    old_tree: Files,
    /// A forged rival of 1.1.0, and what was forged to follow it.
    forged: [Record; 2],
    /// A yank of 1.0.0, which names 1.1.0 instead.
    yank: Record,
    /// Reserve statements that follow 1.1.0.
    stolen: Record,
    handover: Record,
    algorithm: Record,
    /// What the new holder releases after the hand-over: 2.0.0.
    theirs: Record,
    their_tree: Files,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let mut fixture = Fixture::new(700).with_reserve(1, 1);
        let source = Files::new([("README", "read me\n")]);
        let mut base = vec![fixture.genesis()];
        fixture.release_tree(&mut base, "1.0.0", &source);
        let old_tree = fixture.release_tree(&mut base, "1.1.0", &source);
        let forged = fixture.release(&base[1], "6.6.6");
        let forged = [forged.clone(), fixture.release(&forged, "6.6.7")];
        let yank = fixture.yank_as(&base[2], &[2], Severity::Refuse, |statement| {
            let yank = yank_mut(statement);
            "it deletes files".clone_into(&mut yank.reason);
            yank.advisory = Some("TEST-2026-1".to_owned());
            yank.replacement = Seq::new(3);
        });
        let stolen = fixture.reserve_record(&base[2], Cause::Stolen);
        let handover = fixture.reserve_record(&base[2], Cause::Handover);
        let algorithm = fixture.reserve_record(&base[2], Cause::Algorithm);
        let mut their_chain = with(&base, [&handover]);
        let their_tree = fixture.release_tree(&mut their_chain, "2.0.0", &source);
        let theirs = their_chain.pop().unwrap();
        World { base, old_tree, forged, yank, stolen, handover, algorithm, theirs, their_tree }
    })
}

#[test]
fn an_update_says_in_words_what_has_changed() {
    let World { base, forged, yank, stolen, .. } = world();
    let machine = Machine::trusting(&base[..2]);
    assert_data_eq!(
        machine.hears(&with(&base[..2], [&base[2]])),
        str![[r"
example: 1 new statement; the head is now statement 3, newest v1.1.0 (statement 3)

"]]
    );
    assert_data_eq!(
        machine.hears(&with(&base[..2], [&forged[0]])),
        str![[r"
example: 1 new statement; the head is now statement 2, newest v1.0.0 (statement 2)
  contested: release v1.1.0 (statement 3, 2026-01-01) stood before; keep it if it is installed
  contested: 2 statements follow statement 2, and nothing decides between them yet:
    release v[..] (statement 3, 2026-01-01)
      blake3:[..]
    release v[..] (statement 3, 2026-01-01)
      blake3:[..]
      keep what is installed; the maintainer's next statement settles it, or your word: sigpkg trust accept DIGEST
      the proof, for anyone who has the id: sigpkg trust show sigp[..] --proof FILE

"]]
    );
    assert_data_eq!(
        machine.hears(&with(base, [yank])),
        str![[r"
example: 1 new statement; the head is now statement 4, newest v1.1.0 (statement 3)
  stands now: release v1.1.0 (statement 3, 2026-01-01)
  yanked with severity refuse: release v1.0.0 (statement 2, 2026-01-01), by statement 4
      reason: it deletes files
      advisory: TEST-2026-1
      use instead: release v1.1.0 (statement 3, 2026-01-01)

"]]
    );
    assert_data_eq!(
        machine.hears(&with(base, [stolen])),
        str![[r"
example: 1 new statement; the head is now statement 3, newest v1.1.0 (statement 3)
  yanked with severity warn: release v1.0.0 (statement 2, 2026-01-01), by statement 4
      reason: it deletes files
      advisory: TEST-2026-1
      use instead: release v1.1.0 (statement 3, 2026-01-01)
  waiting: the reserve has spoken; nothing after it is believed without your word:
    reserve statement with cause stolen (statement 4, 2026-01-01)
      reason: a test needs it
      blake3:[..]
      ask the maintainer at a place that you know; to follow it: sigpkg trust accept blake3:[..]

"]]
    );
    assert_data_eq!(
        machine.hears(&with(base, [stolen])),
        str![[r"
example: 0 new statements; the head is statement 3, newest v1.1.0 (statement 3)
  still waiting: see sigpkg trust show sigp[..]

"]]
    );
}

/// PRJ-30
#[test]
fn of_several_files_the_bad_one_is_named_and_the_others_are_kept() {
    let World { base, forged, .. } = world();
    let machine = Machine::trusting(&base[..2]);
    machine.place("good", base);
    machine.place("other", &with(&base[..2], [&forged[0]]));
    std::fs::write(machine.path("bad"), chain_file(base).replace("1.1.0", "1.1.1")).unwrap();
    let ran = machine.run(&["trust", "update", "bad", "good", "nowhere"]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert_data_eq!(
        ran.stdout,
        str![[r"
example: 1 new statement; the head is now statement 3, newest v1.1.0 (statement 3)
refused bad: the signature of statement 3 does not hold: [..] (signature-invalid, SIG-8)
  nothing of it was kept; get it from its source again
unreadable nowhere: [..]

"]]
    );
    assert_eq!(machine.json(&["trust", "show", "example"])["statements"], 3);
    assert_eq!(machine.run(&["trust", "update", "good", "nowhere"]).status, 3);
    machine.done(&["trust", "update", "good", "other"]);
    assert_eq!(machine.json(&["trust", "show", "example"])["statements"], 4);
}

/// VER-47
#[test]
fn whoever_trusted_the_thief_comes_back_and_is_told_what_may_be_installed() {
    let World { base, forged, stolen, .. } = world();
    let machine = Machine::trusting(&with(&base[..2], forged));
    let told = machine.hears(&with(base, [stolen]));
    assert_data_eq!(
        told.clone(),
        str![[r"
example: 2 new statements; the head is now statement 2, newest v1.0.0 (statement 2)
  void: release v6.6.6 (statement 3, 2026-01-01) stood before and is void; you may have installed it
  void: release v6.6.7 (statement 4, 2026-01-01) stood before and is void; you may have installed it
  waiting: the reserve has spoken; nothing after it is believed without your word:
    reserve statement with cause stolen (statement 4, 2026-01-01)
      reason: a test needs it
      blake3:[..]
      ask the maintainer at a place that you know; to follow it: sigpkg trust accept blake3:[..]

"]]
    );
    // The command is in the message.
    let command = told.rsplit("sigpkg ").next().unwrap();
    let accept: Vec<_> = command.split_whitespace().collect();
    assert_eq!(accept, ["trust", "accept", &digest(stolen)]);

    let asked = machine.run(&accept);
    assert_eq!((asked.status, asked.stdout.as_str()), (4, ""));
    assert_data_eq!(
        asked.stderr,
        str![[r"
example  sigp[..]
to accept: reserve statement with cause stolen (statement 4, 2026-01-01)
    blake3:[..]
new keys: with it you follow the reserve, which says who signs from there on:
  reserve statement with cause stolen (statement 4, 2026-01-01)
    reason: a test needs it
    blake3:[..]
the head moves from statement 2 to statement 4
withdrawn: what you had accepted, release v6.6.7 (statement 4, 2026-01-01)
stands now: release v1.1.0 (statement 3, 2026-01-01)
sigpkg: error: there is no terminal to ask whether to accept it; nothing was decided
sigpkg: hint: --yes accepts without asking

"]]
    );
    assert_eq!(machine.json(&["trust", "show", "example"])["waiting"]["digest"], digest(stolen));
    let done = machine.done(&[&accept[..], &["--yes"]].concat());
    assert_eq!(done, format!("accepted {}; the head is statement 4\n", digest(stolen)));
    let shown = machine.json(&["trust", "show", "example"]);
    assert_eq!((&shown["waiting"], &shown["head"]["digest"]), (&Value::Null, &digest(stolen).into()));
    assert_eq!(shown["accepted"], serde_json::json!([digest(stolen)]));
    let void: Vec<_> = shown["void-releases"].as_array().unwrap().iter().map(|link| link["version"].clone()).collect();
    assert_eq!(void, ["6.6.6", "6.6.7"]);
    assert_eq!(shown["statements"], 6, "nothing was deleted");
    assert!(machine.done(&["trust", "show", "example"]).contains("statements 6: 4 standing, 2 void\n"));
}

/// VER-47
#[test]
fn an_acceptance_cannot_outrank() {
    let World { base, forged, stolen, .. } = world();
    let machine = Machine::trusting(base);
    machine.hears(&with(&base[..2], forged));
    machine.hears(&with(base, [stolen]));
    let ran = machine.run(&["trust", "accept", "example", &digest(&forged[0]), "--yes"]);
    assert_eq!(ran.status, 1);
    assert_data_eq!(
        ran.stderr,
        str![[r"
sigpkg: error: statement 3 blake3:[..] is void whatever you accept: the branch of statement 3 blake3:[..] has a higher rank, because it leads to a reserve statement; an acceptance breaks ties and never outranks
sigpkg: hint: nothing has changed; sigpkg trust show has what stands, and what you can decide about

"]]
    );
    assert_eq!(machine.json(&["trust", "show", "example"])["accepted"], serde_json::json!([digest(&base[2])]));
    for (arguments, status, part) in [
        (&["trust", "accept", &digest(&base[0]).replace("blake3:", "")][..], 2, ""),
        (
            &["trust", "accept", &sigpkg::digest::Digest::of(b"").to_string()],
            4,
            "no trusted signatory is known to have",
        ),
        (&["trust", "accept", "other", &digest(&base[0])], 4, "no signatory is trusted for a package named"),
    ] {
        let ran = machine.run(arguments);
        assert_eq!(ran.status, status, "{}", ran.stderr);
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
}

/// VER-47
#[test]
fn on_a_terminal_an_acceptance_is_made_by_a_clear_yes_alone() {
    let World { base, handover, .. } = world();
    for (answer, status) in [("y", 0), ("n", 4), ("", 4)] {
        let machine = Machine::trusting(base);
        machine.hears(&with(base, [handover]));
        let (found, shown) = machine.on_terminal(&[answer], &["trust", "accept", &digest(handover)]);
        assert_eq!(found, Some(status), "{answer:?}: {shown}");
        assert!(
            shown.contains("reserve statement with cause handover") && shown.contains("Accept it? [y/N]"),
            "{shown}"
        );
        let waits = !machine.json(&["trust", "show", "example"])["waiting"].is_null();
        assert_eq!(waits, status != 0);
    }
}

/// VER-47
#[test]
fn the_store_gives_out_the_proof_of_a_fork_that_anyone_can_check() {
    let World { base, forged, yank, .. } = world();
    let machine = Machine::trusting(base);
    let none = machine.run(&["trust", "show", "example", "--proof", "proof"]);
    assert_eq!(none.status, 1);
    assert!(none.stderr.contains("no fork of example is known"), "{}", none.stderr);
    machine.hears(&with(base, [yank]));
    machine.hears(&with(&base[..2], forged));
    let shown = machine.done(&["trust", "show", "example"]);
    let command = shown.split("sigpkg ").find(|part| part.contains("--proof")).unwrap();
    assert_eq!(command.trim_end(), format!("trust show {} --proof FILE", id(base)), "{shown}");
    machine.done(&["trust", "show", "example", "--proof", "proof"]);
    // The paths and the two children, and nothing that came after them.
    let mut children = [&base[2], &forged[0]];
    children.sort_by_key(|record| record.digest());
    let expected = chain_file(with(&base[..2], children).iter());
    assert_eq!(std::fs::read_to_string(machine.path("proof")).unwrap(), expected);
    assert!(Chain::admit(expected.as_bytes(), base[0].signatory(), &Standard).is_ok());
    let again = machine.run(&["trust", "show", "example", "--proof", "proof"]);
    assert_eq!(again.status, 3, "a file that is there is not replaced");

    // To somebody else it is news, and evidence.
    let other = Machine::trusting(base);
    std::fs::copy(machine.path("proof"), other.path("proof")).unwrap();
    assert_eq!(other.run(&["verify", "proof", "--id", &id(base), "--no-update"]).status, 0);
    let stranger = Machine::new();
    std::fs::copy(machine.path("proof"), stranger.path("proof")).unwrap();
    assert_eq!(stranger.run(&["verify", "proof", "--id", &id(base)]).status, 0);
    let update = other.json(&["trust", "update", "proof"]);
    assert_eq!((&update["rivals"][0]["digest"], &update["contest"]), (&digest(&forged[0]).into(), &Value::Null));
}

#[test]
fn a_refused_hand_over_leaves_the_last_release_and_is_said_wherever_one_looks() {
    let World { base, old_tree, handover, theirs, their_tree, .. } = world();
    let machine = Machine::trusting(base);
    assert_eq!(machine.done(&["trust", "policy", "example"]), "example: prompt, signing\n");
    assert_eq!(machine.done(&["trust", "policy", "example", "refuse"]), "example: refuse, signing\n");
    let told = machine.hears(&with(base, [handover, theirs]));
    assert!(told.contains("not followed: the reserve has spoken, and your policy is to stay before it"), "{told}");
    assert!(told.starts_with("example: 2 new statements; the head is statement 3, newest v1.1.0"), "{told}");
    assert_data_eq!(
        machine.done(&["trust", "list"]),
        str![[r"
example  confirmed  v1.1.0 (statement 3)  not followed
  sigp[..]

"]]
    );
    assert!(machine.done(&["trust", "show", "example"]).contains("cause handover"));
    // The new holder's release is refused, the old holder's is not, and it is said at each verification.
    old_tree.write_to(&machine.path("old"));
    their_tree.write_to(&machine.path("new"));
    let old = machine.json(&["verify", "old"]);
    assert_eq!(old["verdict"], "accepted", "{old}");
    let new = machine.json(&["verify", "new"]);
    assert_eq!((&new["verdict"], &new["rule"]), (&"refused".into(), &"VER-28".into()), "{new}");
    let followed = machine.done(&["trust", "policy", "example", "accept"]);
    assert_eq!(machine.json(&["trust", "show", "example"])["head"]["version"], "2.0.0", "{followed}");
    assert!(followed.starts_with("example: accept, signing\n"), "{followed}");
    let back = machine.done(&["trust", "policy", "example", "prompt"]);
    assert!(back.contains("waiting: release v2.0.0 (statement 5, 2026-01-01) stood before"), "{back}");
    assert_data_eq!(
        machine.done(&["trust", "list"]),
        str![[r"
example  confirmed  v1.1.0 (statement 3)  waiting
  sigp[..]

"]]
    );
}

#[test]
fn of_two_reserve_statements_neither_beats_the_other() {
    let World { base, handover, stolen, .. } = world();
    let machine = Machine::trusting(base);
    machine.hears(&with(base, [handover]));
    let told = machine.hears(&with(base, [stolen]));
    assert!(told.contains("contested: 2 statements follow statement 3"), "{told}");
    assert!(!told.contains("--proof"), "it proves nothing against a link key: {told}");
    machine.done(&["trust", "accept", &digest(handover), "--yes"]);
    let shown = machine.json(&["trust", "show", "example"]);
    assert_eq!(shown["head"]["digest"], digest(handover));
    assert_eq!(shown["rivals"][0]["digest"], digest(stolen));
    assert_eq!(shown["rivals"][0]["cause"], "stolen");
    assert!(machine.done(&["trust", "list"]).contains("  rival\n"));
}

#[test]
fn the_end_of_signing_is_said_and_taken_back() {
    let machine = Machine::trusting(&world().base);
    assert_eq!(machine.done(&["trust", "policy", "example", "ended"]), "example: prompt, ended\n");
    assert_eq!(machine.json(&["trust", "show", "example"])["ended"], true);
    assert!(machine.done(&["trust", "show", "example"]).contains("signing    ended, as you have said\n"));
    assert!(machine.done(&["trust", "list"]).contains("  ended\n"));
    assert_eq!(machine.done(&["trust", "policy", "example", "signing"]), "example: prompt, signing\n");
    assert_eq!(machine.json(&["trust", "show", "example"])["ended"], false);
}

/// VER-48
#[test]
fn to_distrust_ed25519_stops_every_chain_at_its_head() {
    let World { base, forged, algorithm, .. } = world();
    let mut fixture = Fixture::of(701, sigpkg::package::Package::generic("another").unwrap());
    let another = fixture.line(&["1"]);
    let machine = Machine::trusting(&base[..2]);
    machine.place("another", &another);
    machine.done(&["trust", "add", "another", "--id", &id(&another)]);
    assert_data_eq!(
        machine.done(&["trust", "distrust", "ed25519"]),
        str![[r"
Ed25519 is distrusted for every trusted signatory (2), and for those to come
another  v1 (statement 2)
  sigp[..]
  no answer of its reserve yet: nothing that Ed25519 signs after statement 2 is believed
example  v1.0.0 (statement 2)
  sigp[..]
  no answer of its reserve yet: nothing that Ed25519 signs after statement 2 is believed
to take it back: sigpkg trust distrust ed25519 --undo

"]]
    );
    machine.hears(&with(&base[..2], forged));
    machine.hears(base);
    let shown = machine.json(&["trust", "show", "example"]);
    assert_eq!((&shown["head"]["seq"], &shown["distrust"]), (&2.into(), &digest(&base[1]).into()));
    let accept = machine.run(&["trust", "accept", &digest(&forged[0]), "--yes"]);
    assert_eq!(accept.status, 1);
    assert!(
        accept.stderr.contains("does not count: it was signed by Ed25519, which you distrust"),
        "{}",
        accept.stderr
    );

    let told = machine.hears(&with(base, [algorithm]));
    assert!(told.contains("the head is statement 2,") && told.contains("waiting: the reserve has spoken"), "{told}");
    let again = machine.json(&["trust", "distrust", "ed25519"]);
    assert_eq!(again["signatories"][1]["distrust"], digest(&base[1]), "the mark stays where it was");
    assert_eq!(again["signatories"][1]["vouching"]["digest"], digest(algorithm));
    assert_eq!(again["signatories"][0]["vouching"], Value::Null);
    let listed = machine.done(&["trust", "distrust", "ed25519"]);
    assert!(listed.contains(&format!("to follow it: sigpkg trust accept {}\n", digest(algorithm))), "{listed}");

    let followed = machine.run(&["trust", "accept", &digest(algorithm), "--yes"]);
    assert_eq!(followed.status, 0);
    assert!(
        followed.stderr.contains("stands now: release v1.1.0"),
        "it vouches for what is before it: {}",
        followed.stderr
    );
    let listed = machine.done(&["trust", "distrust", "ed25519"]);
    assert!(listed.contains("its reserve has answered with the reserve statement with cause algorithm"), "{listed}");

    let asked = machine.run(&["trust", "distrust", "ed25519", "--undo"]);
    assert_eq!(asked.status, 4);
    assert!(!machine.json(&["trust", "show", "another"])["distrust"].is_null());
    machine.done(&["trust", "distrust", "ed25519", "--undo", "--yes"]);
    for name in ["example", "another"] {
        assert!(machine.json(&["trust", "show", name])["distrust"].is_null());
    }
    assert_eq!(machine.run(&["trust", "distrust", "sha512"]).status, 2);
}

/// VER-48
#[test]
fn who_is_trusted_after_the_distrust_is_believed_as_far_as_the_reserve_vouches() {
    let World { base, algorithm, .. } = world();
    let machine = Machine::new();
    machine.done(&["trust", "distrust", "ed25519"]);
    machine.place("without", base);
    machine.place("with", &with(base, [algorithm]));
    let ran = machine.run(&["trust", "add", "without", "--id", &id(base)]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("distrust: you distrust Ed25519") && ran.stderr.contains("the head is statement 1"));
    assert_eq!(machine.json(&["trust", "show", "example"])["head"]["seq"], 1);
    machine.done(&["trust", "remove", "example", "--forget", "--yes"]);
    let ran = machine.run(&["trust", "add", "with", "--id", &id(base)]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("new keys: its reserve has spoken, and to trust it is to accept that:"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("reserve statement with cause algorithm (statement 4, 2026-01-01)"), "{}", ran.stderr);
    let shown = machine.json(&["trust", "show", "example"]);
    assert_eq!((&shown["head"]["seq"], &shown["head"]["version"]), (&4.into(), &"1.1.0".into()));
    assert_eq!(shown["vouchers"], serde_json::json!([digest(algorithm)]));
}

/// VER-48
#[test]
fn a_distrust_that_is_killed_at_any_moment_is_completed_by_the_next() {
    let machine = Machine::trusting(&world().base);
    for micros in (0..40).map(|step| step * 250) {
        let mut distrust = machine.command(&["trust", "distrust", "ed25519"]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_micros(micros));
        let _ = distrust.kill();
        distrust.wait().unwrap();
        assert_eq!(machine.run(&["trust", "list"]).status, 0);
        machine.done(&["trust", "distrust", "ed25519"]);
        assert_eq!(machine.json(&["trust", "show", "example"])["distrust"], digest(&world().base[2]));
        machine.done(&["trust", "distrust", "ed25519", "--undo", "--yes"]);
    }
}

#[test]
fn a_first_trust_at_a_contested_fork_shows_both_and_takes_the_parent() {
    let World { base, forged, .. } = world();
    let machine = Machine::new();
    machine.place("contested", &with(base, [&forged[0]]));
    let ran = machine.run(&["trust", "add", "contested", "--id", &id(base)]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("you would trust it up to statement 2\n"), "{}", ran.stderr);
    for child in [&base[2], &forged[0]] {
        assert!(ran.stderr.contains(&digest(child)), "{}", ran.stderr);
    }
    assert_eq!(machine.json(&["trust", "show", "example"])["accepted"], serde_json::json!([digest(&base[1])]));
    assert!(machine.done(&["trust", "list"]).contains("  contested\n"));
    // On a terminal, nothing of the id is shown before it was brought.
    let other = Machine::new();
    other.place("contested", &with(base, [&forged[0]]));
    let (status, shown) = other.on_terminal(&[&id(base)], &["trust", "add", "contested"]);
    let question = shown.split("> ").next().unwrap();
    assert!(status == Some(0) && question.contains(&digest(&forged[0])), "{shown}");
    assert!(!sigpkg::text::groups(&id(base)).skip(1).any(|group| question.contains(group)), "{question}");
    let again = machine.run(&["trust", "add", "contested", "--id", &id(base)]);
    assert!(again.stderr.contains("it is trusted already: statements are added, and nothing is accepted"));
}

/// VER-49
#[test]
fn a_second_signatory_is_a_decision_of_its_own_and_the_first_becomes_history() {
    let World { base, .. } = world();
    // Keys and reserve are lost, so the maintainer has begun anew.
    let mut fixture = Fixture::new(702);
    let anew = fixture.line(&["1.2.0"]);
    let machine = Machine::trusting(base);
    machine.place("anew", &anew);
    let ran = machine.run(&["trust", "add", "anew", "--id", &id(&anew)]);
    assert_eq!(ran.status, 1);
    assert_data_eq!(
        ran.stderr.clone(),
        str![[r"
sigpkg: error: another signatory is trusted for example already (other-signatory, VER-9):
  trusted   1  sigp [..]
...
  nothing connects the two, neither keys nor a reserve: this is a new decision
sigpkg: hint: ask the maintainer why; --replace trusts the new one instead, --also both, and either is as grave as the first decision

"]]
    );
    assert_eq!(beside(&ran.stderr, "trusted"), id(base), "both ids whole: {}", ran.stderr);
    assert_eq!(beside(&ran.stderr, "found"), id(&anew), "both ids whole: {}", ran.stderr);

    let also = machine.run(&["trust", "add", "anew", "--id", &id(&anew), "--also"]);
    assert_eq!(also.status, 0, "{}", also.stderr);
    assert!(also.stdout.contains(&format!("to stop that: sigpkg trust remove {}\n", id(base))), "{}", also.stdout);
    assert!(also.stderr.contains("nothing connects the two"), "{}", also.stderr);
    let removed = machine.done(&["trust", "remove", &id(base)]);
    assert!(removed.contains("its 3 statements are kept as history"), "{removed}");
    assert_eq!(machine.json(&["trust", "list", "--history"])["signatory"], id(base));
    assert_eq!(machine.done(&["trust", "list", "--json"]).lines().count(), 1);
    let stale = machine.run(&["trust", "accept", &digest(&base[1]), "--yes"]);
    assert_eq!(stale.status, 4);
    assert!(stale.stderr.contains("whom you do not trust any more"), "{}", stale.stderr);

    // What is kept is used when it is trusted again, and gone only when that is asked for.
    machine.place("shorter", &base[..2]);
    machine.done(&["trust", "add", "shorter", "--id", &id(base), "--replace"]);
    assert_eq!(machine.json(&["trust", "show", "example"])["head"]["digest"], digest(&base[2]));
    assert_eq!(machine.json(&["trust", "list", "--history"])["signatory"], id(&anew));
    let asked = machine.run(&["trust", "remove", &id(&anew), "--forget"]);
    assert_eq!(asked.status, 4);
    assert!(asked.stderr.contains("erase 2 statements of example"), "{}", asked.stderr);
    machine.done(&["trust", "remove", &id(&anew), "--forget", "--yes"]);
    assert_eq!(machine.done(&["trust", "list", "--history"]), "");
    assert_eq!(machine.run(&["trust", "remove", &id(&anew), "--forget", "--yes"]).status, 4);
}

/// CMP-15
#[test]
fn of_a_second_signatory_nothing_is_shown_before_somebody_has_brought_its_id() {
    let World { base, .. } = world();
    let mut fixture = Fixture::new(704);
    let anew = fixture.line(&["1.2.0"]);
    let machine = Machine::trusting(base);
    machine.place("anew", &anew);
    let (status, shown) = machine.on_terminal(&[], &["trust", "add", "anew"]);
    let ran = machine.run(&["trust", "add", "anew", "--json"]);
    assert_eq!((status, ran.status), (Some(1), 1), "{shown}");
    for said in [shown, ran.stderr, ran.stdout] {
        assert!(said.contains("--replace trusts the new one instead"), "{said}");
        assert!(said.contains(&id(base)), "{said}");
        assert!(!sigpkg::text::groups(&id(&anew)).skip(1).any(|group| said.contains(group)), "{said}");
    }
}

/// VER-49
#[test]
fn on_a_terminal_a_second_signatory_is_shown_beside_the_first_after_its_id_was_brought() {
    let World { base, .. } = world();
    let mut fixture = Fixture::new(703);
    let anew = fixture.line(&["1.2.0"]);
    for (answer, status) in [("y", 0), ("n", 4)] {
        let machine = Machine::trusting(base);
        machine.place("anew", &anew);
        let (found, shown) = machine.on_terminal(&[&id(&anew), answer], &["trust", "add", "anew", "--replace"]);
        assert_eq!(found, Some(status), "{answer:?}: {shown}");
        let question = shown.split("> ").next().unwrap();
        assert!(!sigpkg::text::groups(&id(&anew)).skip(1).any(|group| question.contains(group)), "{question}");
        assert!(shown.contains("Trust it instead of what you trust now? [y/N]"), "{shown}");
        assert_eq!(
            machine.json(&["trust", "show", "example"])["signatory"],
            if status == 0 { id(&anew) } else { id(base) }
        );
    }
}

//! What people do with ids: look at them in every form, compare two, and bring one to the first trust.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod common;
#[path = "common/groups.rs"]
mod groups;
#[path = "common/machine.rs"]
#[allow(dead_code, reason = "it is for several tests")]
mod machine;

use std::fs;

use common::testing::{Fixture, Record, chain_file};
use groups::beside;
use machine::{Machine, id};
use sigpkg::representation::{lines, words};
use snapbox::{assert_data_eq, str};

/// A machine with a chain file, and the id.
fn one_chain(seed: u64) -> (Machine, Vec<Record>, String) {
    let chain = Fixture::new(seed).line(&["1.0.0", "1.1.0"]);
    let machine = Machine::new();
    machine.place("chain", &chain);
    let id = id(&chain);
    (machine, chain, id)
}

#[test]
fn an_id_is_shown_in_the_forms_that_are_asked_for() {
    let (machine, _, id) = one_chain(900);
    assert_eq!(machine.done(&["id", "chain"]), format!("{id}\n"));
    assert_eq!(beside(&machine.done(&["id", "chain", "--groups"]), ""), id);
    let shown = machine.done(&["id", &id, "--words"]);
    let said: Vec<_> = shown.split_whitespace().filter(|word| word.parse::<u8>().is_err()).collect();
    assert_eq!(said, words::of_id(&id.parse().unwrap()));
    let shown = machine.done(&["id", "chain", "--spoken"]);
    assert!(shown.starts_with("group 1: small sierra, small india, small golf, small papa\n"), "{shown}");
    assert_eq!(shown.lines().count(), 14);
    // CMP-18: never the picture alone.
    let shown = machine.done(&["id", "chain", "--art"]);
    assert!(shown.starts_with(&format!("{id}\n\n+-----------------+\n")), "{shown}");
    let shown = machine.done(&["id", "chain", "--qr"]);
    assert_eq!(shown.lines().count(), 21, "41 modules, two a line: {shown}");
    let all = machine.json(&["id", "chain", "--all"]);
    assert_eq!((all["groups"].as_array().unwrap().len(), all["words"].as_array().unwrap().len()), (14, 30));
    assert_eq!((all["art"].as_array().unwrap().len(), all["spoken"].as_array().unwrap().len()), (9, 14));
}

#[test]
fn files_are_written_by_the_end_of_their_names_and_never_over_another() {
    let (machine, _, id) = one_chain(901);
    let shown = machine.done(&["id", "chain", "--out", "id.svg", "--out", "id.png"]);
    assert_eq!(shown, format!("{id}\nwritten: id.svg\nwritten: id.png\n"));
    assert!(fs::read_to_string(machine.path("id.svg")).unwrap().contains(&format!("<title>signatory id {id}</title>")));
    assert!(fs::read(machine.path("id.png")).unwrap().starts_with(b"\x89PNG"));
    let again = machine.run(&["id", "chain", "--out", "id.svg"]);
    assert_eq!(again.status, 3, "{}", again.stderr);
    let other = machine.run(&["id", "chain", "--out", "id.gif"]);
    assert_eq!(other.status, 2);
    assert!(other.stderr.contains(".svg or .png for a QR code, or .wav"), "{}", other.stderr);
}

/// Without a program that speaks, the message says which, and what to do instead.
#[test]
fn without_a_voice_it_is_said_what_is_missing() {
    let (machine, _, _) = one_chain(902);
    let ran = machine.command(&["id", "chain", "--out", "id.wav"]).env("PATH", "").output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(3));
    assert!(said.contains("the program espeak-ng, which speaks, is not installed"), "{said}");
    assert!(said.contains("sigpkg id TARGET --spoken"), "{said}");
    assert!(!machine.path("id.wav").exists());
}

#[test]
fn a_name_that_is_trusted_has_an_id_and_a_slip_of_the_pen_has_none() {
    let (machine, _, id) = one_chain(903);
    machine.done(&["trust", "add", "chain", "--id", &id]);
    assert_eq!(machine.done(&["id", "example"]), format!("{id}\n"));
    let ran = machine.run(&["id", &id[..55]]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("(55 characters)"), "{}", ran.stderr);
    assert_eq!(machine.run(&["id", "nobody"]).status, 4);
}

#[test]
fn whatever_way_an_id_came_it_is_equal_to_itself() {
    let (machine, _, id) = one_chain(904);
    let groups = lines(&id).into_iter().map(|(at, line)| format!("{at:>2}  {line}\n")).collect::<Vec<_>>().concat();
    fs::write(machine.path("page.txt"), format!("Welcome!\n\nOur signatory id is\n\n{groups}\nBye.\n")).unwrap();
    let said = words::of_id(&id.parse().unwrap()).join(" ");
    for other in [id.as_str(), &groups, "page.txt", &said, "chain"] {
        let ran = machine.run(&["compare", "chain", other]);
        assert_eq!(ran.status, 0, "{other}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.ends_with("equal: both are a signatory id\n"), "{}", ran.stdout);
    }
}

/// CMP-16
#[test]
fn the_groups_that_differ_are_marked_by_a_character() {
    let (machine, _, id) = one_chain(905);
    let other = format!("{}{}{}", &id[..20], if id[20..].starts_with('A') { 'B' } else { 'A' }, &id[21..]);
    let ran = machine.run(&["compare", &id, &other]);
    assert_eq!(ran.status, 1);
    assert_data_eq!(
        ran.stdout.clone(),
        str![[r"
A   1  sigp [..]
B   1  sigp [..]
A   5  [..]
B   5  [..]
            ^^^^
A   9  [..]
B   9  [..]
A  13  [..]
B  13  [..]
different: 1 of 14 groups differ (group 6)
look-alikes: ids that were made by chance are never so alike; one of them has a slip of the pen in it, or was made to be taken for the other

"]]
    );
    assert_eq!((beside(&ran.stdout, "A"), beside(&ran.stdout, "B")), (id.clone(), other.clone()));
    let object = machine.run(&["compare", &id, &other, "--json"]).stdout;
    assert!(object.contains("\"differing-groups\":[6]") && object.contains("\"look-alikes\":true"), "{object}");
}

#[test]
fn what_cannot_be_compared_is_said_in_plain_words() {
    let (machine, _, id) = one_chain(906);
    let key = "RWRsYFPXnwQZ1eKkSwJZ9p5gn15fIK0Av+2GMueYaI9KUK6e5lVEdGeP";
    for (other, said) in [
        (key, "the first is a signatory id, the second a public key"),
        ("hello", "holds no id, no key and no package"),
        (&id[..52], "(52 characters)"),
        (&id.replacen(&id[30..31], "+", 1), "in which \"+\" cannot occur"),
        ("legal winner thank year wave sausage worth useful legal winner thank yeer wave", "word 12 is \"yeer\""),
    ] {
        let ran = machine.run(&["compare", &id, other]);
        assert_eq!(ran.status, 2, "{}", ran.stdout);
        assert!(ran.stderr.contains(said) && ran.stderr.contains("hint: "), "{}", ran.stderr);
    }
    assert_eq!(machine.run(&["compare", "-", "-"]).status, 2);
}

/// CMP-15
#[test]
fn an_id_that_was_pasted_over_several_lines_is_one_answer() {
    let (_, chain, id) = one_chain(907);
    let pasted: Vec<_> = lines(&id).into_iter().map(|(at, line)| format!("{at:>2}  {line}")).collect();
    let said = words::of_id(&id.parse().unwrap()).join(" ");
    for answer in [pasted.join("\n"), said] {
        let machine = Machine::new();
        fs::write(machine.path("chain"), chain_file(&chain)).unwrap();
        let (status, shown) = machine.on_terminal(&[&answer], &["trust", "add", "chain"]);
        assert_eq!(status, Some(0), "{shown}");
        assert!(shown.contains("README alone is no proof"), "{shown}");
    }
}

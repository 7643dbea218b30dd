use proptest::prelude::*;

use super::*;
use crate::key::{Algorithm, ReserveKey};
use crate::rule::Rule;

/// TEST KEY: a link key made from a number.
fn link_key(number: u8) -> String {
    let secret = ed25519_dalek::SigningKey::from_bytes(&[number; 32]);
    LinkKey::new(Algorithm::Ed25519, secret.verifying_key().to_bytes()).unwrap().to_string()
}

/// TEST KEY: any 32 bytes have the form of a reserve key.
fn reserve_key(number: u8) -> String {
    ReserveKey::new([number; 32]).to_string()
}

fn digest() -> Digest {
    Digest::of(b"something")
}

fn id() -> SignatoryId {
    SignatoryId::of_genesis(b"something")
}

const PACKAGE: &str = r#"
[package]
ecosystem = "julia"
name = "Example"
uuid = "7876af07-990d-54b4-ab0e-23690620f79a"
"#;

fn genesis() -> String {
    format!(
        r#"sigpkg = 1
kind = "genesis"
seq = 1
date = "2026-11-20T12:00:00Z"
{PACKAGE}
[reserve]
threshold = 2
keys = ["{}", "{}", "{}"]

[keys]
this = "{}"
next = "{}"
after-next = "{}"
"#,
        reserve_key(1),
        reserve_key(2),
        reserve_key(3),
        link_key(1),
        link_key(2),
        link_key(3)
    )
}

fn ordinary(kind: &str, table: &str) -> String {
    format!(
        r#"sigpkg = 1
kind = "{kind}"
signatory = "{}"
seq = 43
previous = "{}"
date = "2026-11-20T12:00:00Z"
next-by = "2027-12-20"
{PACKAGE}
[{kind}]
{table}
[keys]
next = "{}"
after-next = "{}"
"#,
        id(),
        digest(),
        link_key(4),
        link_key(5)
    )
}

fn release() -> String {
    let table = format!(
        "version = \"1.4.2\"\nfiles = \"{0}\"\ncount = 28\nbytes = 79321\nwithdraws = 42\nupstream = \"{0}\"\n",
        digest()
    );
    ordinary("release", &table)
}

fn yank() -> String {
    let table = "releases = [3, 41]\nseverity = \"refuse\"\nreason = \"CVE, in brief\"\nadvisory = \"JLSEC-1\"\nreplacement = 42\n";
    ordinary("yank", table)
}

fn beat() -> String {
    let successor = SignatoryId::of_genesis(b"another");
    ordinary("beat", &format!("state = \"final\"\nsuccessor = \"{successor}\"\n"))
}

fn reserve() -> String {
    let table =
        format!("cause = \"handover\"\nreason = \"New maintainers\"\nthreshold = 1\nkeys = [\"{}\"]\n", reserve_key(9));
    ordinary("reserve", &table)
}

fn all_kinds() -> [String; 5] {
    [genesis(), release(), yank(), beat(), reserve()]
}

#[track_caller]
fn refused(text: &str) -> Rule {
    Statement::parse(text.as_bytes()).expect_err("a statement that breaks a rule").rule()
}

#[test]
fn each_kind_is_read_and_written_back_byte_for_byte() {
    let kinds = [Kind::Genesis, Kind::Release, Kind::Yank, Kind::Beat, Kind::Reserve];
    for (text, kind) in all_kinds().iter().zip(kinds) {
        let statement = Statement::parse(text.as_bytes()).unwrap();
        assert_eq!(statement.kind(), kind);
        assert_eq!(statement.to_text(), *text);
    }
}

#[test]
fn optional_fields_may_be_absent() {
    for (text, field) in [
        (release(), "next-by"),
        (release(), "withdraws"),
        (release(), "upstream"),
        (yank(), "advisory"),
        (yank(), "replacement"),
        (beat(), "successor"),
    ] {
        let without: String = text.split_inclusive('\n').filter(|line| !line.starts_with(field)).collect();
        assert_ne!(without, text);
        assert_eq!(Statement::parse(without.as_bytes()).map(|statement| statement.to_text()), Ok(without));
    }
}

#[test]
fn every_other_field_is_needed() {
    let optional = ["next-by", "withdraws", "upstream", "advisory", "replacement", "successor"];
    for text in all_kinds() {
        for (number, line) in text.lines().enumerate().skip(1) {
            let Some((key, _)) = line.split_once(" = ") else { continue };
            if optional.contains(&key) {
                continue;
            }
            let without: String =
                text.split_inclusive('\n').enumerate().filter(|(at, _)| *at != number).map(|(_, line)| line).collect();
            // A Julia package without its UUID has a rule of its own.
            let expected = if key == "uuid" { Rule::Stm11 } else { Rule::Stm7 };
            assert_eq!(refused(&without), expected, "without {line}");
        }
    }
}

#[test]
fn a_field_that_does_not_belong_is_refused_in_each_table() {
    for text in all_kinds() {
        for table in text.lines().filter(|line| line.starts_with('[')) {
            let more = text.replace(table, &format!("{table}\nextra = 1"));
            assert_eq!(refused(&more), Rule::Stm6, "in {table}");
        }
        assert_eq!(refused(&text.replace("seq = ", "extra = 1\nseq = ")), Rule::Stm6);
        assert_eq!(refused(&format!("{text}\n[extra]\na = 1\n")), Rule::Stm6);
    }
}

#[test]
fn every_other_spelling_of_the_same_is_refused() {
    for text in all_kinds() {
        for (from, to) in [
            ("\n", "\r\n"),
            ("seq = ", "seq  = "),
            ("seq = ", "seq = +"),
            ("\n\n[package]", "\n[package]"),
            ("[package]", "[ package ]"),
            ("\"Example\"", "'Example'"),
            ("\"Example\"", "\"\\u0045xample\""),
            ("date = ", "# a comment\ndate = "),
            ("\nkind", "\n\nkind"),
        ] {
            let other = text.replacen(from, to, 2).replacen("sigpkg = 1\r\n", "sigpkg = 1\n", 1);
            assert_ne!(other, text, "{from:?}");
            assert_eq!(refused(&other), Rule::Stm4, "{from:?} written {to:?}");
        }
        assert_eq!(refused(text.trim_end()), Rule::Stm4);
        assert_eq!(refused(&format!("{text}\n")), Rule::Stm4);
        let swapped = text.replace(
            "name = \"Example\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"",
            "uuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\nname = \"Example\"",
        );
        assert_eq!(refused(&swapped), Rule::Stm4);
    }
}

#[test]
fn values_of_another_form_are_refused() {
    for (text, from, to, rule) in [
        (release(), "seq = 43", "seq = 0", Rule::Stm8),
        (release(), "seq = 43", "seq = 100001", Rule::Stm8),
        (release(), "seq = 43", "seq = \"43\"", Rule::Stm8),
        (release(), "count = 28", "count = -1", Rule::Stm8),
        (release(), "bytes = 79321", "bytes = 9007199254740992", Rule::Stm8),
        (release(), "12:00:00Z", "12:00:60Z", Rule::Stm8),
        (release(), "2027-12-20", "2027-02-29", Rule::Stm8),
        (release(), "signatory = \"sigp", "signatory = \"sigq", Rule::Stm8),
        (release(), "\"1.4.2\"", "\"v1.4.2\"", Rule::Stm12),
        (release(), "\"1.4.2\"", "\"\"", Rule::Stm12),
        (release(), "\"julia\"", "\"Julia\"", Rule::Stm9),
        (release(), "\"julia\"", "\"generic\"", Rule::Stm11),
        (release(), "\"Example\"", "\"1Example\"", Rule::Stm10),
        (release(), "7876af07", "7876AF07", Rule::Stm11),
        (release(), "kind = \"release\"", "kind = \"retract\"", Rule::Stm5),
        (release(), "sigpkg = 1", "sigpkg = 2", Rule::Stm3),
        (release(), "sigpkg = 1", "sigpkg  = 1", Rule::Stm3),
        (yank(), "\"refuse\"", "\"fatal\"", Rule::Stm8),
        (yank(), "CVE, in brief", "\u{202e}", Rule::Stm8),
        (yank(), "CVE, in brief", &"x".repeat(501), Rule::Stm8),
        (yank(), "[3, 41]", "[]", Rule::Stm8),
        (beat(), "\"final\"", "\"gone\"", Rule::Stm8),
        (reserve(), "\"handover\"", "\"boredom\"", Rule::Stm8),
    ] {
        assert!(text.contains(from), "{from}");
        assert_eq!(refused(&text.replacen(from, to, 1)), rule, "{from} as {to}");
    }
}

#[test]
fn the_first_rule_in_the_order_of_the_specification_is_named() {
    for (text, from, to, expected) in [
        (release(), "kind = \"release\"\n", "", Rule::Stm7),
        (release(), "kind = \"release\"", "kind = 1", Rule::Stm8),
        (release(), "kind = \"release\"", "kind = \"\"", Rule::Stm5),
        (release(), "kind = \"release\"", "kind = \"\\u0007\"", Rule::Stm5),
        // An unknown key of the header comes before what is wrong in a table, an unknown table after it.
        (release(), "\n[package]\necosystem", "a = 1\n\n[package]\necosystems", Rule::Stm6),
        (release(), "\n[package]\necosystem", "\n[a]\n\n[package]\necosystems", Rule::Stm7),
        // A string that could not even be written has the rule of its key, if there is one.
        (release(), "\"Example\"", "\"\"", Rule::Stm10),
        (release(), "\"Example\"", "\"a\\u0007\"", Rule::Stm10),
        (release(), "version = \"", "version = \"\\\\", Rule::Stm12),
        (release(), "after-next = \"", "after-next = \"\\u200b", Rule::Key4),
        (yank(), "releases = [", "releases = [] # ", Rule::Stm8),
        (yank(), "reason = \"", "reason = \"\\u200b", Rule::Stm8),
        (genesis(), "keys = [", "keys = [] # ", Rule::Stm16),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        assert_eq!(refused(&changed), expected, "{to}");
    }
    // The name comes before the UUID.
    let both = release().replace("Example", "").replace("7876af07", "");
    assert_eq!(refused(&both), Rule::Stm10);
}

#[test]
fn what_the_values_have_to_do_with_each_other_is_checked() {
    for (text, from, to, rule) in [
        (genesis(), "seq = 1", "seq = 2", Rule::Stm13),
        (release(), "seq = 43", "seq = 1", Rule::Stm13),
        (genesis(), link_key(3).as_str(), link_key(1).as_str(), Rule::Stm15),
        (genesis(), reserve_key(3).as_str(), reserve_key(1).as_str(), Rule::Stm15),
        (genesis(), "threshold = 2", "threshold = 1", Rule::Stm16),
        (genesis(), "threshold = 2", "threshold = 4", Rule::Stm16),
        (release(), "withdraws = 42", "withdraws = 43", Rule::Stm17),
        (release(), "withdraws = 42", "withdraws = 1", Rule::Stm17),
        (yank(), "[3, 41]", "[41, 3]", Rule::Stm17),
        (yank(), "[3, 41]", "[3, 3]", Rule::Stm17),
        (yank(), "replacement = 42", "replacement = 41", Rule::Stm17),
        (release(), "2027-12-20", "2026-11-19", Rule::Stm19),
        (reserve(), "\"handover\"", "\"algorithm\"", Rule::Stm14),
    ] {
        assert!(text.contains(from), "{from}");
        assert_eq!(refused(&text.replacen(from, to, 1)), rule, "{from} as {to}");
    }
    let own = beat().replace(&SignatoryId::of_genesis(b"another").to_string(), &id().to_string());
    assert_eq!(refused(&own), Rule::Stm18);
}

#[test]
fn link_keys_of_a_genesis_are_ed25519_and_two_announced_keys_have_one_algorithm() {
    let post_quantum = |number: u8| LinkKey::new(Algorithm::SlhDsa, [number; 32]).unwrap().to_string();
    let mixed = release().replace(&link_key(5), &post_quantum(5));
    assert_eq!(refused(&mixed), Rule::Stm14);
    let genesis = genesis().replace(&link_key(2), &post_quantum(2)).replace(&link_key(3), &post_quantum(3));
    assert_eq!(refused(&genesis), Rule::Stm14);
    let emergency = reserve()
        .replace("handover", "algorithm")
        .replace(&link_key(4), &post_quantum(4))
        .replace(&link_key(5), &post_quantum(5));
    assert!(Statement::parse(emergency.as_bytes()).is_ok());
}

#[test]
fn a_statement_of_the_largest_size_is_read_and_a_larger_one_is_not() {
    let reserve_of_15 = (1..=15).map(|number| format!("\"{}\"", reserve_key(number))).collect::<Vec<_>>().join(", ");
    let text =
        reserve().replace("threshold = 1", "threshold = 8").replace(&format!("\"{}\"", reserve_key(9)), &reserve_of_15);
    assert!(Statement::parse(text.as_bytes()).is_ok());
    let padding = "x".repeat(MAX_STATEMENT_BYTES + 1 - release().len());
    assert_eq!(refused(&release().replace("[package]", &format!("#{padding}[package]"))), Rule::Stm1);
}

#[test]
fn the_message_names_both_sides() {
    let error = Statement::parse(release().replace("seq = 43", "seq =  43").as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "line 4 is not in canonical form: expected \"seq = 43\", found \"seq =  43\"");
    let error = Statement::parse(release().replace("seq = 43", "seq = 0").as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "field seq: expected an integer from 1 to 100000, found 0");
}

proptest! {
    #[test]
    fn the_reader_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Statement::parse(&bytes);
        let mut with_first_line = b"sigpkg = 1\n".to_vec();
        with_first_line.extend(&bytes);
        let _ = Statement::parse(&with_first_line);
    }

    #[test]
    fn a_changed_byte_is_refused_or_changes_what_is_said(kind in 0..5_usize, at in any::<proptest::sample::Index>(), byte in any::<u8>()) {
        let text = all_kinds()[kind].clone().into_bytes();
        let mut changed = text.clone();
        let at = at.index(text.len());
        prop_assume!(changed[at] != byte);
        changed[at] = byte;
        if let Ok(statement) = Statement::parse(&changed) {
            prop_assert_ne!(&statement, &Statement::parse(&text).unwrap());
            prop_assert_eq!(statement.to_text().into_bytes(), changed);
        }
    }
}

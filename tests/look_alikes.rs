//! How much of an id a forger can make look like another one, form by form: measured with a stated amount of work, and
//! calculated for more than anybody has.
//!
//! The forger has an id to imitate and tries genesis statements of their own, each with another date, until one has an id that
//! looks like it. Every try counts as one hash. What is found is written into `docs/reference/look-alikes.md`; after a change
//! write it again with `SIGPKG_WRITE_DOCS=1 cargo test --test look_alikes`.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a test fails by panicking, and counts are small"
)]

mod common;
#[path = "common/machine.rs"]
#[allow(dead_code, reason = "it is for several tests")]
mod machine;

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use common::testing::{Fixture, Record};
use machine::Machine;
use sigpkg::digest::SignatoryId;
use sigpkg::representation::alike::{Resemblance, resemblance};
use sigpkg::representation::art::Art;
use sigpkg::representation::qr::Qr;
use sigpkg::representation::words;
use sigpkg::time::Timestamp;

/// Tries, as a power of two: what a laptop does while you read this line.
const WORK: u32 = 18;

/// Tries for the QR code, which takes a hundred times as long to draw.
const WORK_QR: u32 = 11;

/// Tries of a forger with money, as a power of two: some days of a thousand graphics cards, if each does 10^10 compressions of
/// BLAKE3 a second, which is an assumption on the safe side.
const MUCH: u32 = 60;

/// How many standard deviations above the mean the best of 2^60 tries of a normal distribution lies.
const DEVIATIONS_OF_MUCH: f64 = 8.77;

/// A genesis that nobody signed: only its id is looked at. `%` stands for the date, which is free.
const GENESIS: &str = "sigpkg = 1\nkind = \"genesis\"\nseq = 1\ndate = \"%\"\n\n[package]\necosystem = \"julia\"\nname = \"Example\"\n\
                       uuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\n";

fn id(number: u32) -> SignatoryId {
    SignatoryId::of_genesis(GENESIS.replace('%', &number.to_string()).as_bytes())
}

/// What a human compares, and how many of it are the same in two ids.
struct Measure {
    form: &'static str,
    what: &'static str,
    of: usize,
    same: Box<dyn Fn(&SignatoryId) -> usize>,
    work: u32,
}

/// What came out of it.
struct Found {
    mean: f64,
    deviation: f64,
    best: usize,
}

impl Measure {
    fn run(&self) -> Found {
        let (mut sum, mut squares, mut best) = (0.0, 0.0, 0);
        let tries = 1_u32 << self.work;
        for number in 1..=tries {
            let same = (self.same)(&id(number));
            sum += same as f64;
            squares += (same * same) as f64;
            best = best.max(same);
        }
        let mean = sum / f64::from(tries);
        Found { mean, deviation: (squares / f64::from(tries) - mean * mean).max(0.0).sqrt(), best }
    }
}

/// The most that agree by chance in one of 2^`bits` tries, if each of `count` agrees with a chance of one in 2^`each`.
fn most(count: u32, each: u32, bits: u32) -> usize {
    let chance = (-f64::from(each)).exp2();
    let mut at_least = 1.0;
    for agreeing in 0..=count {
        // The chance of at least `agreeing`, taken down by the chance of exactly that many.
        if at_least * f64::from(bits).exp2() < 1.0 {
            return agreeing as usize - 1;
        }
        at_least = (agreeing + 1..=count).map(|more| exactly(count, more, chance)).sum();
    }
    count as usize
}

fn exactly(count: u32, agreeing: u32, chance: f64) -> f64 {
    let ways: f64 = (0..agreeing).map(|at| f64::from(count - at) / f64::from(at + 1)).product();
    ways * chance.powi(i32::try_from(agreeing).unwrap()) * (1.0 - chance).powi(i32::try_from(count - agreeing).unwrap())
}

/// The same for what agrees at both ends together: k can be split between them in k + 1 ways.
fn most_at_ends(each: u32, bits: u32) -> usize {
    let expected = |agreeing: u32| f64::from(agreeing + 1).log2() + f64::from(bits) - f64::from(agreeing * each);
    (0..bits).take_while(|agreeing| expected(*agreeing) >= 0.0).count() - 1
}

fn equal<T: PartialEq>(one: &[T], other: &[T]) -> usize {
    one.iter().zip(other).filter(|(one, other)| one == other).count()
}

fn ends<T: PartialEq>(one: &[T], other: &[T]) -> usize {
    let same = |(one, other): &(&T, &T)| one == other;
    one.iter().zip(other).take_while(same).count() + one.iter().rev().zip(other.iter().rev()).take_while(same).count()
}

fn characters(id: &SignatoryId) -> Vec<u8> {
    id.to_string().bytes().skip(4).collect()
}

/// The cells of the random art as somebody sees them who does not count: empty, light, middling or dark.
fn shades(id: &SignatoryId) -> Vec<u8> {
    let shade = |character: u8| match character {
        b' ' => 0,
        b'.' | b'o' => 1,
        b'+' | b'=' | b'*' | b'S' | b'E' => 2,
        _ => 3,
    };
    Art::of(&id.to_string()).rows().flat_map(String::into_bytes).map(shade).collect()
}

fn modules(id: &SignatoryId) -> Vec<bool> {
    let qr = Qr::of(&id.to_string()).unwrap();
    (0..qr.size())
        .flat_map(|row| (0..qr.size()).map(move |column| (column, row)))
        .map(|(column, row)| qr.is_dark(column, row))
        .collect()
}

fn measures() -> Vec<Measure> {
    fn measure<T: PartialEq + 'static>(
        (form, what, work): (&'static str, &'static str, u32),
        of: fn(&SignatoryId) -> Vec<T>,
        same: fn(&[T], &[T]) -> usize,
    ) -> Measure {
        let imitated = of(&id(0));
        Measure { form, what, of: imitated.len(), same: Box::new(move |id| same(&of(id), &imitated)), work }
    }
    vec![
        measure(("groups", "characters at both ends", WORK), characters, ends),
        measure(("groups", "characters anywhere", WORK), characters, equal),
        measure(("words", "words at both ends", WORK), words::of_id, ends),
        measure(("words", "words anywhere", WORK), words::of_id, equal),
        measure(("random art", "cells of the same shade", WORK), shades, equal),
        measure(("QR code", "modules", WORK_QR), modules, equal),
    ]
}

#[test]
fn what_a_forger_can_match_is_as_the_documentation_says() {
    let mut rows = String::new();
    let mut found = Vec::new();
    for measure in measures() {
        let result = measure.run();
        let share = |same: f64| format!("{:.0} of {} ({:.0} %)", same, measure.of, 100.0 * same / measure.of as f64);
        let much = match (measure.form, measure.what) {
            ("groups", "characters at both ends") => Some(most_at_ends(6, MUCH) as f64),
            ("groups", _) => Some(most(52, 6, MUCH) as f64),
            ("words", "words at both ends") => Some(most_at_ends(11, MUCH) as f64),
            ("words", _) => Some(most(30, 11, MUCH) as f64),
            ("random art", _) => Some((result.mean + DEVIATIONS_OF_MUCH * result.deviation).min(measure.of as f64)),
            (_, _) => None,
        };
        writeln!(
            rows,
            "| {} | {} | {} | {} of 2^{} | {} |",
            measure.form,
            measure.what,
            share(result.mean),
            share(result.best as f64),
            measure.work,
            much.map_or("no share of it is a likeness".to_owned(), share)
        )
        .unwrap();
        found.push((measure.form, measure.what, result, much));
    }
    let page = page(&rows);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/look-alikes.md");
    if env::var_os("SIGPKG_WRITE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), page, "write it again with SIGPKG_WRITE_DOCS=1");

    // What the defaults rest on, whatever the page says: exact forms behave as calculated, and random art does not hold.
    for (form, what, result, much) in &found {
        match *form {
            "groups" | "words" => {
                let (each, count) = if *form == "groups" { (6, 52) } else { (11, 30) };
                let expected = if what.ends_with("ends") { most_at_ends(each, WORK) } else { most(count, each, WORK) };
                assert!(
                    result.best.abs_diff(expected) <= 1,
                    "{form}, {what}: best {}, calculated {expected}",
                    result.best
                );
            }
            "random art" => assert!(much.is_some_and(|cells| cells > 0.75 * 153.0), "random art would do: {much:?}"),
            _ => assert!(result.best < 1089, "{form}"),
        }
    }
}

/// CMP-17
#[test]
fn a_signed_look_alike_is_pointed_out_before_the_decision() {
    let (dates, alike) = nearest_pair();
    assert!(alike.beginning + alike.end >= 6, "{alike:?}");
    let [known, forged] = dates.map(signed);
    let machine = Machine::trusting(&[known]);
    machine.place("forged", std::slice::from_ref(&forged));
    let forged = machine::id(&[forged]);
    // By a script, which brings the id, and by a human, who is shown nothing of it before.
    let ran = machine.run(&["trust", "add", "forged", "--id", &forged, "--also"]);
    assert!(ran.stderr.contains("LOOK-ALIKE: its id looks like that of example, which you trust"), "{}", ran.stderr);
    machine.done(&["trust", "remove", &forged]);
    let (status, shown) = machine.on_terminal(&[&forged, "n"], &["trust", "add", "forged", "--also"]);
    let question = shown.split("> ").next().unwrap();
    assert_eq!(status, Some(4), "{shown}");
    assert!(question.contains("LOOK-ALIKE"), "{shown}");
}

/// A genesis of one maintainer, made at this second.
fn signed(second: u32) -> Record {
    let mut fixture = Fixture::new(950);
    fixture.date = date(second);
    fixture.genesis()
}

fn date(second: u32) -> Timestamp {
    Timestamp::from_unix_seconds(1_767_225_600 + i64::from(second)).unwrap()
}

/// The two seconds, of the first 2^19 of a year, whose ids have the longest common ends. Whoever makes both ids has a birthday on their
/// side: that is 2^37 pairs.
fn nearest_pair() -> ([u32; 2], Resemblance) {
    let text = signed(0).text;
    let (before, after) = text.split_once(&date(0).to_string()).unwrap();
    let id = |second| SignatoryId::of_genesis(format!("{before}{}{after}", date(second)).as_bytes());
    let ids: Vec<_> = (0..1 << 19).map(|second| (characters(&id(second)), second)).collect();
    let mut best = (0, 0, 0);
    for beginning in 0..=6 {
        let key = |characters: &[u8]| -> [u8; 6] {
            [&characters[..beginning], &characters[46 + beginning..]].concat().try_into().unwrap()
        };
        let mut keyed: Vec<_> = ids.iter().map(|(characters, second)| (key(characters), *second)).collect();
        keyed.sort_unstable();
        for pair in keyed.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let (one, other) = (pair[0].1, pair[1].1);
            best = best.max((ends(&ids[one as usize].0, &ids[other as usize].0), one, other));
        }
    }
    let seconds = [best.1, best.2];
    let [one, other] = seconds.map(id);
    (seconds, resemblance(&one, &other).expect("six characters at the ends"))
}

fn page(rows: &str) -> String {
    format!(
        "# How much of an id can be forged\n\n\
<!-- Written by tests/look_alikes.rs; do not edit it here. -->\n\n\
A forger who has an id to imitate can make genesis statements of their own until one has an id that looks like it. This table says how much they get, \
form by form, beside what chance gives to anybody. The first two columns of numbers are measured by a test; the last is calculated, for the 2^{MUCH} tries of a forger with money: some days of a thousand graphics cards.\n\n\
| form | what is the same | by chance | measured: the best | 2^{MUCH} tries, calculated |\n|---|---|---|---|---|\n{rows}\n\
- *Characters at both ends* is what a casual look compares: the beginning and the end. Six more bits of work, 64 times as many tries, match one more character; \
a word is eleven bits.\n\
- *Random art*: the last column is an extrapolation, the mean and {DEVIATIONS_OF_MUCH} standard deviations, and no more than a warning. The pictures of two honest ids agree in half of their cells already.\n\
- The *QR code* is compared by a machine. For people it is a picture of noise, so a share of it says nothing.\n\
- Read aloud, an id has the characters of the groups.\n\n\
## What follows from it\n\n\
- The default is **groups of four**, and what is compared is all of them, by a program (`sigpkg compare`, the box of a directory page), \
or by the challenge of `sigpkg trust add`.\n\
- The **challenge** asks for four groups that were chosen at random among thirteen. A forger passes it only if they have matched the very four that are asked for. To match any four \
takes about 2^87 tries, which nobody has (four times 24 bits, less 9.5 bits for the 715 ways to choose four of thirteen), and then helps in one of 715 challenges. To match the first and the last group, at which people look, takes 2^48.\n\
- **Words** carry as much as groups; choose what the two of you can read to each other. Thirty words take longer than fourteen groups, and are misheard less.\n\
- **Random art is never shown alone** (CMP-18): with work that somebody can pay for, most of it is the same.\n\
- sigpkg points out ids that are **look-alikes** of ones that you know (CMP-14). Anybody can make a pair of their own ids that is one: the test finds one among 2^19 in a second. To make a look-alike of *your* id takes about 2^33 tries.\n"
    )
}

//! Chains for the tests of the directory page: a handful of usual ones, and what a hostile signatory would write.
//!
//! ```text
//! site_world OUT [COUNT]
//! ```
//!
//! OUT is a folder that does not exist yet; it gets a chain file for each signatory, of which COUNT (300) are ordinary. All
//! keys are test keys.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../src/testing.rs"]
mod testing;

use std::env;
use std::fs;
use std::path::Path;

use sigpkg::package::Package;
use sigpkg::statement::{BeatState, Body, Cause, Severity, Statement};

use testing::{Fixture, Record};

const UUID: &str = "7876af07-990d-54b4-ab0e-23690620f79a";
const OTHER_UUID: &str = "00000000-990d-54b4-ab0e-23690620f79a";

/// What a browser would run if it were markup. A statement takes no quotation marks and no backslashes.
const MARKUP: &str = "<script>window.owned=1</script><img src=x onerror=window.owned=1><a href=javascript:window.owned=1>press</a></blockquote></main><h1>Verified</h1>";

fn main() {
    let mut arguments = env::args().skip(1);
    let out = arguments.next().expect("a folder");
    let count = arguments.next().map_or(300, |count| count.parse().unwrap());
    let out = Path::new(&out);
    fs::create_dir(out).unwrap();
    write(out, "example", &example());
    write(out, "impostor", &line(2, &Package::julia("Example", OTHER_UUID.parse().unwrap()).unwrap(), 3));
    write(out, "hostile", &hostile());
    write(out, "contested", &contested());
    write(out, "long", &line(5, &Package::generic("long.history").unwrap(), 230));
    write(out, "wide", &line(6, &Package::generic(&"W".repeat(100)).unwrap(), 1));
    // A device on Windows.
    write(out, "device", &line(7, &Package::generic("con").unwrap(), 1));
    write(out, "frames", &line(8, &julia("DataFrames", 8), 2));
    write(out, "meta", &line(9, &julia("DataFramesMeta", 9), 2));
    for at in 0..count {
        let name = NAMES[usize::try_from(at).unwrap() % NAMES.len()];
        let name = format!("{name}{}", at / NAMES.len() as u64);
        write(out, &format!("usual-{at}"), &line(100 + at, &julia(&name, at), 1));
    }
}

const NAMES: [&str; 12] = [
    "Calculus",
    "Colors",
    "GraphTheory",
    "HTTPServer",
    "Images",
    "JSONLines",
    "MatrixTools",
    "Optimizers",
    "Plotting",
    "SparseArrays",
    "StringViews",
    "Zygotes",
];

fn julia(name: &str, seed: u64) -> Package {
    Package::julia(name, format!("{seed:08x}-0000-4000-8000-000000000000").parse().unwrap()).unwrap()
}

fn line(seed: u64, package: &Package, releases: u64) -> Vec<Record> {
    let mut fixture = Fixture::of(seed, package.clone());
    let mut records = vec![fixture.genesis()];
    for at in 0..releases {
        let version = format!("1.{at}.0");
        records.push(fixture.release(records.last().unwrap(), &version));
    }
    records
}

/// A life: releases, a yank, a silence, a hand-over, a promise.
fn example() -> Vec<Record> {
    let mut fixture = Fixture::of(1, Package::julia("Example", UUID.parse().unwrap()).unwrap()).with_reserve(2, 3);
    fixture.date = "2024-01-15T09:00:00Z".parse().unwrap();
    let mut records = vec![fixture.genesis()];
    let step = |fixture: &mut Fixture, date: &str| fixture.date = date.parse().unwrap();
    let release = |fixture: &mut Fixture, records: &mut Vec<Record>, version: &str| {
        let next = fixture.release_as(records.last().unwrap(), version, |statement| {
            if let Body::Release(release, _) = &mut statement.body {
                (release.count, release.bytes) = (28, 79321);
            }
        });
        records.push(next);
    };
    step(&mut fixture, "2024-02-01T09:00:00Z");
    release(&mut fixture, &mut records, "1.0.0");
    step(&mut fixture, "2024-03-09T17:20:00Z");
    release(&mut fixture, &mut records, "1.1.0");
    step(&mut fixture, "2024-03-10T08:00:00Z");
    let yank = fixture.yank_as(records.last().unwrap(), &[3], Severity::Refuse, |statement| {
        if let Body::Yank(yank, _) = &mut statement.body {
            "reads beyond the end of its buffer when a line is longer than 4096 bytes".clone_into(&mut yank.reason);
            yank.advisory = Some("GHSA-xxxx-yyyy-zzzz".to_owned());
            yank.replacement = sigpkg::statement::Seq::new(2);
        }
    });
    records.push(yank);
    step(&mut fixture, "2025-08-01T12:00:00Z");
    let reserve = fixture.reserve_record_as(records.last().unwrap(), Cause::Handover, |statement| {
        if let Body::Reserve(change, _) = &mut statement.body {
            "Ada hands the package over to Grace, who has maintained it with her since 2023"
                .clone_into(&mut change.reason);
        }
    });
    records.push(reserve);
    step(&mut fixture, "2025-08-02T12:00:00Z");
    release(&mut fixture, &mut records, "1.2.0");
    step(&mut fixture, "2026-06-01T12:00:00Z");
    let beat = fixture.beat_as(records.last().unwrap(), |statement: &mut Statement| {
        statement.next_by = Some("2027-06-30".parse().unwrap());
    });
    records.push(beat);
    step(&mut fixture, "2026-10-05T12:00:00Z");
    release(&mut fixture, &mut records, "1.3.0");
    records
}

/// All that a signatory may write freely is markup, or written from right to left.
fn hostile() -> Vec<Record> {
    let mut fixture = Fixture::of(3, Package::generic("zzz.hostile").unwrap());
    let mut records = vec![fixture.genesis()];
    records.push(fixture.release(&records[0], &format!("1.0.0-{}", "x".repeat(58))));
    let yank = fixture.yank_as(&records[1], &[2], Severity::Warn, |statement| {
        if let Body::Yank(yank, _) = &mut statement.body {
            MARKUP.clone_into(&mut yank.reason);
            yank.advisory = Some("javascript:window.owned=1".to_owned());
        }
    });
    records.push(yank);
    let yank = fixture.yank_as(&records[2], &[2], Severity::Refuse, |statement| {
        if let Body::Yank(yank, _) = &mut statement.body {
            "החתימה נכונה. אפשר לסמוך עליה & lt; &amp;".clone_into(&mut yank.reason);
            yank.advisory = Some("ש".repeat(99));
        }
    });
    records.push(yank);
    let farewell = fixture.beat_as(&records[3], |statement| {
        if let Body::Beat(beat, _) = &mut statement.body {
            beat.state = BeatState::Final;
        }
    });
    records.push(farewell);
    records
}

/// One key has signed two releases.
fn contested() -> Vec<Record> {
    let mut fixture = Fixture::of(4, Package::generic("contested").unwrap());
    let genesis = fixture.genesis();
    let release = fixture.release(&genesis, "1.0.0");
    let one = fixture.release(&release, "1.1.0");
    let other = fixture.release(&release, "1.1.0");
    vec![genesis, release, one, other]
}

fn write(out: &Path, name: &str, records: &[Record]) {
    let file: String = records.iter().flat_map(|record| [record.text.as_str(), record.blocks.as_str()]).collect();
    fs::write(out.join(format!("{name}.chain")), file).unwrap();
}

// What examples in the documentation of the library stand on: chains of the test vectors. An example takes it in with
// `mod doc { include!(…) }`, so it has no inner attribute. All keys in it are test keys.

use std::fs;
use std::path::Path;

use sigpkg::chain::{Chain, Unverified};
use sigpkg::digest::SignatoryId;
use sigpkg::ecosystem::{Locked, Origin};
#[cfg(feature = "io")]
use sigpkg::project::review::Chains;
use sigpkg::signature::Standard;
use sigpkg::time::Timestamp;
use sigpkg::trust::{Grade, Pin, Trusted};
use sigpkg::verify::{
    Dependency, Found, HashMatch, Judged, Question, Target, TreeTarget, Verdict, judge_dependency, verify,
};

pub type Error = Box<dyn std::error::Error>;

pub fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_795_176_000).expect("2026-11-20T12:00:00Z is an instant")
}

/// A chain of the test vectors, by the names of its records.
pub fn chain(records: &[&str]) -> Result<Chain, Error> {
    let file = chain_file(records)?;
    Ok(Chain::admit(&file, Chain::claimed_id(&file)?, &Standard)?)
}

pub fn chain_file(records: &[&str]) -> Result<Vec<u8>, Error> {
    let read = |name: &&str| record_parts(name).map(|(text, blocks)| format!("{text}{blocks}").into_bytes());
    Ok(records.iter().map(read).collect::<Result<Vec<_>, _>>()?.concat())
}

/// What a user knows and has decided who has trusted a chain of the test vectors just now.
pub fn trusted(records: &[&str]) -> Result<Trusted, Error> {
    Ok(Trusted::first(chain(records)?, Grade::Confirmed, now()))
}

/// The verdict on a chain file by somebody who trusts its signatory and knows other records of it.
pub fn verdict(file: &[&str], known: &[&str]) -> Result<Verdict, Error> {
    let trusted = [trusted(known)?];
    Ok(verify(&Target::Chain(&chain_file(file)?), &Question::new(&trusted, now()), &Standard))
}

/// What a lockfile says of the package of the chain `chain-1`.
pub fn locked_from(origin: Origin) -> Result<Locked, Error> {
    Ok(Locked { package: chain(&["chain-1"])?.package().clone(), version: None, origin })
}

/// That package as a dependency, of which this is installed, and of which nobody is trusted or pinned.
pub fn judged(found: Found<'_>, strict: bool) -> Result<Judged, Error> {
    let tree = sigpkg::digest::TreeHash::from_bytes([1; 20]);
    let locked = locked_from(Origin::Registered { tree })?;
    let dependency = Dependency { locked: &locked, found, pins: &[], reviewed: None, has_namesake: false };
    Ok(judge_dependency(&dependency, &Question { strict, ..Question::new(&[], now()) }, &Standard))
}

/// A pin of the last of these records.
pub fn pin(records: &[&str]) -> Result<Pin, Error> {
    let chain = chain(records)?;
    let link = chain.links().next_back().ok_or("a chain has a record")?;
    Ok(Pin {
        package: chain.package().clone(),
        id: chain.id(),
        seq: link.seq(),
        digest: link.digest(),
        grade: Grade::Seen,
        accepted: Vec::new(),
        before_signing: Vec::new(),
    })
}

pub fn record(name: &str) -> Result<Unverified, Error> {
    let (text, blocks) = record_parts(name)?;
    Ok(Unverified::new(text.as_bytes(), &blocks)?)
}

/// The text and the blocks of a record. Those of the reserve are kept apart, since they take seconds to make.
fn record_parts(name: &str) -> Result<(String, String), Error> {
    let read = |path: String| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("testvectors").join(path));
    let block = match name {
        "reserve-3" => "holder-a-ee7584fbd51954b1",
        "belief-reserve-3" => "holder-a-8403b8f1e9d83df3",
        _ => {
            let record = read(format!("records/{name}.record"))?;
            let (text, blocks) = record.split_at(record.find("untrusted comment").ok_or("a record has a block")?);
            return Ok((text.to_owned(), blocks.to_owned()));
        }
    };
    Ok((read(format!("records/{name}.toml"))?, read(format!("blocks/{block}.block"))?))
}

/// Somebody who knows no chain.
#[cfg(feature = "io")]
pub struct NoChains;

#[cfg(feature = "io")]
impl Chains for NoChains {
    fn chain(&self, _id: SignatoryId) -> Option<&Chain> {
        None
    }

    fn is_void(&self, _pin: &Pin) -> bool {
        false
    }
}

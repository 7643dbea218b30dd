//! What a link of a chain costs, beside a bare loop of `verify_strict` over the same bytes and keys, in one run.
//!
//! `cargo bench --bench chain` prints ratios. A time alone would say more about the machine than about the code.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ed25519_dalek::{Signature, VerifyingKey};
use sigpkg::chain::{Chain, Vouchers};
use sigpkg::signature::{Standard, block};

#[path = "../src/testing.rs"]
mod testing;

use testing::{Fixture, Record, chain_file};

/// Enough for the ratios to settle: the longest history in Julia's General registry has some hundreds of releases.
const LINKS: usize = 2000;
const ROUNDS: usize = 7;

fn main() {
    let mut fixture = Fixture::new(1);
    let mut records = vec![fixture.genesis()];
    for number in 1..LINKS {
        let parent = records[number - 1].clone();
        records.push(fixture.release(&parent, &format!("1.{number}")));
    }
    let file = chain_file(&records);
    let id = records[0].signatory();
    let bare = bare_inputs(&records);
    let one_thread = pool(1);
    let all_threads = pool(0);
    let known = Chain::admit(file.as_bytes(), id, &Standard).expect("the fixture is valid");

    let mut bare_time = Vec::new();
    let mut single = Vec::new();
    let mut parallel = Vec::new();
    let mut again = Vec::new();
    // Interleaved, so that a slow moment of the machine meets all of them.
    for _ in 0..ROUNDS {
        bare_time.push(timed(|| {
            for (key, message, signature) in &bare {
                let key = VerifyingKey::from_bytes(key).expect("a key of the fixture");
                key.verify_strict(message, signature).expect("a signature of the fixture");
            }
        }));
        let admit = || Chain::admit(black_box(file.as_bytes()), id, &Standard).expect("the fixture is valid");
        single.push(timed(|| one_thread.install(|| drop(black_box(admit())))));
        parallel.push(timed(|| all_threads.install(|| drop(black_box(admit())))));
        again.push(timed(|| {
            one_thread.install(|| {
                drop(black_box(
                    Chain::admit_beside(file.as_bytes(), &known, Vouchers::None, &Standard).expect("nothing new"),
                ));
            });
        }));
    }
    let bare_time = median(bare_time);
    println!("chain of {LINKS} links, medians of {ROUNDS} rounds, relative to a bare verify_strict loop on one thread");
    report("admit, one thread", median(single), bare_time);
    report(&format!("admit, {} threads", all_threads.current_num_threads()), median(parallel), bare_time);
    report("admit a known chain, one thread", median(again), bare_time);
}

fn bare_inputs(records: &[Record]) -> Vec<([u8; 32], Vec<u8>, Signature)> {
    records
        .iter()
        .skip(1)
        .zip(records)
        .map(|(record, parent)| {
            let signature = block::parse(&record.blocks).expect("a block of the fixture");
            let signature = Signature::from_slice(signature.as_bytes()).expect("64 bytes");
            (*parent.next.as_bytes(), record.text.clone().into_bytes(), signature)
        })
        .collect()
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a benchmark fit")]
fn report(what: &str, time: Duration, bare: Duration) {
    let per_link = time.as_micros() as f64 / LINKS as f64;
    println!("{what:34} {:5.2} x   ({per_link:.1} us a link)", time.as_secs_f64() / bare.as_secs_f64());
}

//! The test vectors of `testvectors/`: the generator that makes them, and the library judged by them.
//!
//! The generator is a pure function of the labels in this folder. After a change of a vector, write the files again with
//! `SIGPKG_WRITE_VECTORS=1 cargo test --test vectors`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read the project fails")]
#![allow(clippy::format_collect, clippy::format_push_string, reason = "texts are made to be read here, and are short")]
#![allow(clippy::too_many_lines, reason = "lists of vectors are long")]

mod build;
mod forest;
mod raw;
mod slow;

mod belief;
mod chains;
mod comparing;
mod folder;
mod keys;
mod projects;
mod reserve;
mod secrets;
mod signature_files;
mod statements;
mod texts;
mod trees;
mod verdicts;

mod dependencies;
mod files;
mod judge;
mod mangle;
mod targets;

use std::sync::OnceLock;

use build::Corpus;

/// Every vector and every file, made once for all tests.
fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let mut corpus = Corpus::default();
        texts::add(&mut corpus);
        keys::add(&mut corpus);
        signature_files::add(&mut corpus);
        secrets::add(&mut corpus);
        statements::add(&mut corpus);
        chains::add(&mut corpus);
        reserve::add(&mut corpus);
        belief::add(&mut corpus);
        trees::add(&mut corpus);
        folder::add(&mut corpus);
        verdicts::add(&mut corpus);
        projects::add(&mut corpus);
        comparing::add(&mut corpus);
        corpus
    })
}

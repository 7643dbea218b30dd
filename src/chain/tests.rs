mod admission;
mod forks;
mod lost;
mod reserve;
mod vouching;
mod waiting;

use super::*;
use crate::testing::{Fixture, Record, chain_file};

/// The rule by which a file of these records is refused.
#[track_caller]
fn refused(fixture: &Fixture, records: &[Record]) -> crate::rule::Rule {
    refused_file(fixture, chain_file(records).as_bytes())
}

#[track_caller]
fn refused_file(fixture: &Fixture, file: &[u8]) -> crate::rule::Rule {
    let id = Chain::claimed_id(file).unwrap_or_else(|_| SignatoryId::of_genesis(b""));
    Chain::admit(file, id, fixture.scheme()).expect_err("a chain that breaks a rule").rule()
}

#[test]
fn what_a_fixture_signs_is_admitted_under_its_own_scheme() {
    for mut fixture in [Fixture::new(1), Fixture::new(1).fast()] {
        let line = fixture.line(&["1.0.0", "1.1.0"]);
        assert_eq!(fixture.admit(&line).map(|chain| chain.len()), Ok(3));
    }
}

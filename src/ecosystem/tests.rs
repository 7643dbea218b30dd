use std::cmp::Ordering;

use super::{Ecosystem as _, Generic, Julia, ManifestError};
use crate::package::PackageError;

const EXAMPLE: &str = "name = \"Example\"\nuuid = \"7876AF07-990d-54b4-ab0e-23690620f79a\"\nversion = \"1.2\"\n";

#[test]
fn a_julia_manifest_gives_name_uuid_and_canonical_version() {
    let manifest = Julia.read_manifest(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(manifest.package.name().as_str(), "Example");
    assert_eq!(manifest.package.uuid().unwrap().to_string(), "7876af07-990d-54b4-ab0e-23690620f79a");
    assert_eq!(manifest.version.unwrap().as_str(), "1.2.0");
}

#[test]
fn a_manifest_that_does_not_say_who_it_is_is_refused_by_the_key() {
    let without_uuid = Julia.read_manifest(b"name = \"Example\"\n").unwrap_err();
    assert_eq!(without_uuid, ManifestError::Key { key: "uuid", found: "none" });
    let number = Julia.read_manifest(b"name = 1\n").unwrap_err();
    assert_eq!(number, ManifestError::Key { key: "name", found: "a value of another type" });
    assert!(matches!(Julia.read_manifest(b"name = "), Err(ManifestError::Syntax { .. })));
    assert!(matches!(Julia.read_manifest(b"\xff"), Err(ManifestError::Syntax { .. })));
    assert_eq!(Generic.read_manifest(b""), Err(ManifestError::None));
}

#[test]
fn julia_versions_are_spelled_out_as_julia_prints_them() {
    for (written, canonical) in
        [("1", "1.0.0"), ("v1.2", "1.2.0"), ("1.02.3", "1.2.3"), ("1.2rc1", "1.2.0-rc1"), ("1.2.3-a+b", "1.2.3-a+b")]
    {
        assert_eq!(Julia.version(written).unwrap().as_str(), canonical);
    }
    for no_version in ["", "1.2.3.4", "x", "1..2", "1.2.3-", "1.2.3+", "1.2.-3"] {
        assert!(matches!(Julia.version(no_version), Err(PackageError::Version { .. })), "{no_version:?}");
    }
}

#[test]
fn julia_versions_have_the_order_of_version_number() {
    // As `isless` of VersionNumber has it: each comes before the next.
    let ascending = [
        "0.9.10",
        "1.0.0-1",
        "1.0.0-2",
        "1.0.0-10",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-rc1",
        "1.0.0-rc1+1",
        "1.0.0",
        "1.0.0+1",
        "1.0.0+1.0",
        "1.0.0+2",
        "1.0.0+a",
        "1.0.1-0",
        "1.0.10",
        "1.1.0",
        "10.0.0",
    ]
    .map(|version| Julia.version(version).unwrap());
    for (at, left) in ascending.iter().enumerate() {
        for (beside, right) in ascending.iter().enumerate() {
            assert_eq!(Julia.compare(left, right), Some(at.cmp(&beside)), "{left} and {right}");
        }
    }
}

#[test]
fn generic_versions_have_no_order() {
    let [one, two] = ["1.0", "2.0"].map(|version| Generic.version(version).unwrap());
    assert_eq!(Generic.compare(&one, &two), None);
    assert_eq!(Generic.compare(&one, &one), Some(Ordering::Equal));
}

//! Archives: broken, ambiguous and hostile ones.

use std::io::{self, Read};
use std::path::Path;

use sigpkg::rule::Rule;
use sigpkg::source::{Limits, Options, SourceError, tar};

use crate::model::{Model, OPTIONS, gzip, header, read_tarball, run, zstandard};

type Kind = ::tar::EntryType;

/// An archive of the given entries, ended properly.
fn archive(entries: &[(Kind, &str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, name, data) in entries {
        push(&mut bytes, *kind, name.as_bytes(), b"", data);
    }
    bytes.extend_from_slice(&[0; 1024]);
    bytes
}

/// Writes a header as it comes: the builder of the tar crate would refuse what these tests need.
fn push(bytes: &mut Vec<u8>, kind: Kind, name: &[u8], link: &[u8], data: &[u8]) {
    let mut header = header(kind, data.len() as u64);
    let raw = header.as_mut_bytes();
    raw[..name.len()].copy_from_slice(name);
    raw[157..157 + link.len()].copy_from_slice(link);
    header.set_cksum();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(data);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
}

fn link(name: &str, target: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    push(&mut bytes, Kind::Symlink, name.as_bytes(), target.as_bytes(), b"");
    push(&mut bytes, Kind::Regular, b"a", b"", b"");
    bytes.extend_from_slice(&[0; 1024]);
    bytes
}

fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let mut text = Vec::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let length = (rest + 1..rest + 10).find(|length| length.to_string().len() + rest == *length).unwrap();
        text.extend_from_slice(format!("{length} {key}={value}\n").as_bytes());
    }
    text
}

fn rule(bytes: &[u8]) -> Rule {
    read_tarball(bytes).unwrap_err().rule().unwrap()
}

fn names(bytes: &[u8]) -> Vec<String> {
    let found = read_tarball(bytes).unwrap();
    found.tree().listing().lines().iter().map(|line| line.path.to_string()).collect()
}

#[test]
fn one_top_folder_is_looked_through() {
    let file = |name| (Kind::Regular, name, &b""[..]);
    let directory = |name| (Kind::Directory, name, &b""[..]);
    assert_eq!(names(&archive(&[directory("top/"), file("top/a"), file("top/b/c")])), ["a", "b/c"]);
    assert_eq!(names(&archive(&[file("top/a"), file("top/b/c")])), ["a", "b/c"]);
    assert_eq!(names(&archive(&[directory("./"), file("./top/a"), directory("./top/")])), ["a"]);
    assert_eq!(names(&archive(&[file("top/a"), file("b")])), ["b", "top/a"]);
    assert_eq!(names(&archive(&[file("top/a"), directory("b/")])), ["top/a"]);
    assert_eq!(names(&archive(&[file("a")])), ["a"]);
}

#[test]
fn a_folder_is_never_looked_through() {
    let mut model = Model::package();
    model.0.retain(|path, _| path.starts_with(".sigpkg/"));
    let found = read_tarball(&model.tarball("")).unwrap();
    assert_eq!(found.folder().unwrap().claimed_chain(), b"chain\n");
    assert_eq!(found.tree().listing().count(), 0);
}

#[test]
fn paths_that_escape_are_refused() {
    for name in ["../a", "a/../../b", "/a", "top/../a", "a/./b", "././a", "..", "top//a", "a\\..\\b", "C:a"] {
        let found = rule(&archive(&[(Kind::Regular, name, b"")]));
        assert!(matches!(found, Rule::Tree2 | Rule::Tree3), "{name}");
    }
    for (name, target) in [("l", "../a"), ("top/l", "../../a"), ("l", "/etc/passwd"), ("l", "a/../../b")] {
        assert_eq!(rule(&link(name, target)), Rule::Tree14, "{name} {target}");
    }
    assert_eq!(rule(&archive(&[(Kind::Regular, ".git/config", b""), (Kind::Regular, "a", b"")])), Rule::Tree6);
    assert_eq!(rule(&archive(&[(Kind::Regular, "top/.git/config", b"")])), Rule::Tree6);
    assert_eq!(rule(&archive(&[(Kind::Directory, "top/nul/", b"")])), Rule::Tree4);
    assert_eq!(rule(&archive(&[(Kind::Regular, "nul/a", b"")])), Rule::Tree4);
}

#[test]
fn nothing_is_written_through_a_link() {
    let mut bytes = Vec::new();
    push(&mut bytes, Kind::Symlink, b"d", b"elsewhere", b"");
    push(&mut bytes, Kind::Regular, b"d/a", b"", b"");
    bytes.extend_from_slice(&[0; 1024]);
    assert_eq!(rule(&bytes), Rule::Tree9);
}

#[test]
fn entries_of_other_kinds_are_refused() {
    for (kind, found) in [
        (Kind::Link, "a hard link"),
        (Kind::Char, "a device"),
        (Kind::Block, "a device"),
        (Kind::Fifo, "a pipe"),
        (Kind::GNUSparse, "a sparse file"),
        (Kind::Continuous, "an entry of unusual kind"),
        (Kind::new(b'V'), "an entry of unusual kind"),
    ] {
        let error = read_tarball(&archive(&[(Kind::Regular, "a", b""), (kind, "b", b"")])).unwrap_err();
        assert!(matches!(&error, SourceError::Entry { found: it, .. } if *it == found), "{error}");
        assert_eq!(error.rule(), Some(Rule::Tree10));
    }
}

#[test]
fn a_path_comes_once() {
    let file = (Kind::Regular, "d/a", &b"1"[..]);
    for other in [file, (Kind::Regular, "./d/a", b"2"), (Kind::Directory, "d/a/", b"")] {
        assert_eq!(rule(&archive(&[file, other])), Rule::Tree25);
    }
    assert_eq!(rule(&archive(&[file, (Kind::Regular, "d/A", b"1")])), Rule::Tree9);
    assert_eq!(names(&archive(&[(Kind::Directory, "d/", b""), file, (Kind::Directory, "d/", b"")])), ["a"]);
}

#[test]
fn no_prefix_of_an_archive_is_an_archive() {
    let plain = Model::package().file("zeros", &[0; 2048]).tarball("top/");
    for packed in [plain.clone(), gzip(&plain), zstandard(&plain)] {
        read_tarball(&packed).unwrap();
        let steps = (packed.len() / 97).max(1);
        for length in (0..packed.len()).step_by(steps).chain([packed.len() - 1, packed.len().saturating_sub(512)]) {
            let error = read_tarball(&packed[..length]).unwrap_err();
            let is_cut = matches!(error.rule(), Some(Rule::Tree24));
            assert!(is_cut || matches!(error, SourceError::NotATree { .. }), "{length} of {}: {error}", packed.len());
        }
    }
    // Cut behind a file that ends with zeros, so that they could be taken for the end.
    let one = archive(&[(Kind::Regular, "a", &[0; 2048])]);
    assert_eq!(rule(&one[..one.len() - 1024]), Rule::Tree24);
    assert_eq!(rule(&one[..one.len() - 512]), Rule::Tree24);
}

#[test]
fn nothing_follows_the_end_of_an_archive() {
    let plain = Model::package().tarball("");
    let followed = |more: &[u8]| [&plain, more].concat();
    read_tarball(&followed(&[0; 10_240])).unwrap();
    assert_eq!(rule(&followed(b"x")), Rule::Tree24);
    assert_eq!(rule(&followed(&plain)), Rule::Tree24);
    assert_eq!(rule(&followed(&vec![0; 2 << 20])), Rule::Tree24);
    assert_eq!(rule(&gzip(&followed(&plain))), Rule::Tree24);
    assert_eq!(rule(&[gzip(&plain), b"x".to_vec()].concat()), Rule::Tree24);
    assert_eq!(rule(&[gzip(&plain), vec![0; 512]].concat()), Rule::Tree24);
    assert_eq!(rule(&[zstandard(&plain), b"x".to_vec()].concat()), Rule::Tree24);
    assert_eq!(rule(&[gzip(&plain), gzip(&plain)].concat()), Rule::Tree24);
}

#[test]
fn members_of_gzip_and_frames_of_zstd_are_one_stream() {
    let plain = Model::package().tarball("");
    let (one, other) = plain.split_at(700);
    for packed in [[gzip(one), gzip(other)].concat(), [zstandard(one), zstandard(other)].concat()] {
        assert_eq!(read_tarball(&packed).unwrap().tree(), read_tarball(&plain).unwrap().tree());
    }
}

#[test]
fn a_damaged_archive_is_refused() {
    let plain = Model::package().tarball("");
    let mut header = plain.clone();
    header[0] ^= 1;
    assert_eq!(rule(&header), Rule::Tree24);
    let mut packed = gzip(&plain);
    let checksum = packed.len() - 6;
    packed[checksum] ^= 1;
    assert_eq!(rule(&packed), Rule::Tree24);
}

#[test]
fn extensions_name_the_next_entry() {
    let long = format!("{}x", "directory/".repeat(40));
    let zero = format!("{long}\0");
    let target = format!("{}y", "a/".repeat(100));
    let file = (Kind::Regular, "short", &b"1"[..]);
    for (kind, data) in [
        (Kind::XHeader, pax(&[("mtime", "1.5"), ("path", &long), ("size", "1"), ("SCHILY.xattr.user.x", "\0=\n")])),
        (Kind::GNULongName, zero.into_bytes()),
    ] {
        let found = read_tarball(&archive(&[(Kind::Regular, "b", b""), (kind, "x", &data), file])).unwrap();
        assert!(found.tree().listing().get(&long).is_some());
    }
    let mut bytes = Vec::new();
    push(&mut bytes, Kind::XHeader, b"x", b"", &pax(&[("linkpath", &target)]));
    push(&mut bytes, Kind::Symlink, b"l", b"short", b"");
    bytes.extend_from_slice(&[0; 1024]);
    assert_eq!(read_tarball(&bytes).unwrap().tree().links().text(), format!("l\t{target}\n"));
    // git writes the id of the commit into a global header.
    let global = (Kind::XGlobalHeader, "pax_global_header", &pax(&[("comment", "0123")])[..]);
    assert_eq!(names(&archive(&[global, file])), ["short"]);
}

#[test]
fn ambiguous_extensions_are_refused() {
    let file = (Kind::Regular, "short", &b"1"[..]);
    let extended = |kind, data: &[u8]| rule(&archive(&[(kind, "x", data), file]));
    for data in [
        pax(&[("path", "a"), ("path", "b")]),
        pax(&[("path", "a\0b")]),
        pax(&[("size", "2")]),
        pax(&[("size", "+1")]),
        pax(&[("size", "1"), ("size", "1")]),
        pax(&[("GNU.sparse.major", "1")]),
        b"5 a=b".to_vec(),
        b"99 path=a\n".to_vec(),
        b"path=a\n".to_vec(),
        b"8 patha\n".to_vec(),
        b"0 \n".to_vec(),
    ] {
        assert_eq!(extended(Kind::XHeader, &data), Rule::Tree24, "{:?}", String::from_utf8_lossy(&data));
    }
    assert_eq!(extended(Kind::XGlobalHeader, &pax(&[("path", "a")])), Rule::Tree24);
    assert_eq!(extended(Kind::GNULongName, b"a\0b\0"), Rule::Tree24);
    assert_eq!(extended(Kind::XHeader, &vec![b'0'; (1 << 20) + 1]), Rule::Tree24);
    let twice = (Kind::GNULongName, "x", &b"a\0"[..]);
    assert_eq!(rule(&archive(&[twice, twice, file])), Rule::Tree24);
    assert_eq!(rule(&archive(&[file, twice])), Rule::Tree24);
    assert_eq!(rule(&archive(&[(Kind::Directory, "d/", b"data")])), Rule::Tree24);
    assert_eq!(rule(&archive(&[(Kind::Symlink, "d", b"data")])), Rule::Tree24);
    let escaping = (Kind::XHeader, "x", &pax(&[("path", "../a")])[..]);
    assert_eq!(rule(&archive(&[escaping, file])), Rule::Tree2);
}

fn limited(bytes: &[u8], limits: Limits) -> SourceError {
    tar::read(bytes, bytes.len() as u64, Path::new("archive"), &Options { limits, ..OPTIONS }).unwrap_err()
}

#[test]
fn bombs_are_refused_before_they_burst() {
    let zeros = archive(&[(Kind::Regular, "a", &vec![0; 8 << 20])]);
    let limits = OPTIONS.limits;
    for packed in [gzip(&zeros), zstandard(&zeros)] {
        let error = limited(&packed, limits);
        assert!(matches!(error, SourceError::TooMuch { limit: 1_048_576.., .. }), "{error}");
        assert_eq!(error.rule(), Some(Rule::Tree26));
        tar::read(
            packed.as_slice(),
            packed.len() as u64,
            Path::new("archive"),
            &Options { limits: Limits { free_bytes: 1 << 24, ..limits }, ..OPTIONS },
        )
        .unwrap();
    }
    let error = limited(&zeros, Limits { bytes: (8 << 20) - 1, ..limits });
    assert!(matches!(error, SourceError::TooMuch { what: "bytes", .. }), "{error}");
    let two = archive(&[(Kind::Directory, "a/", b""), (Kind::Regular, "a/b", b"")]);
    let error = limited(&two, Limits { entries: 1, ..limits });
    assert!(matches!(error, SourceError::TooMuch { what: "entries", limit: 1 }), "{error}");
}

#[test]
fn a_size_beyond_the_limit_is_refused_unread() {
    // The header promises 8 GiB less one byte, and nothing follows.
    let mut bytes = header(Kind::Regular, 0o77_777_777_777);
    bytes.as_mut_bytes()[0] = b'a';
    bytes.set_cksum();
    assert_eq!(limited(bytes.as_bytes(), OPTIONS.limits).rule(), Some(Rule::Tree16));
}

#[test]
fn a_bomb_of_headers_is_refused() {
    let mut bytes = Vec::new();
    for _ in 0..20_000 {
        push(&mut bytes, Kind::Directory, b"d/", b"", b"");
    }
    bytes.extend_from_slice(&[0; 1024]);
    assert_eq!(limited(&bytes, OPTIONS.limits).rule(), Some(Rule::Tree26));
}

#[test]
fn a_reader_that_fails_is_no_refusal() {
    struct Broken<'a>(&'a [u8]);
    impl Read for Broken<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("the disk is gone")),
                read => Ok(read),
            }
        }
    }
    let plain = Model::package().tarball("");
    for packed in [plain.clone(), gzip(&plain), zstandard(&plain)] {
        let error = tar::read(Broken(&packed[..packed.len() / 2]), packed.len() as u64, Path::new("archive"), &OPTIONS)
            .unwrap_err();
        assert_eq!(error.rule(), None, "{error}");
        assert_eq!(error.to_string(), "cannot read archive");
    }
}

#[test]
fn tarballs_of_stock_tools_are_read() {
    let root = tempfile::tempdir().unwrap();
    let tree = root.path().join("Example");
    let model = Model::package().file(&format!("{}x", "directory/".repeat(30)), b"").link("l", "src/Example.jl");
    model.write_directory(&tree);
    let signed = crate::model::read_directory(&model).unwrap();
    for arguments in [
        &["-cf", "a.tar", "Example"][..],
        &["-czf", "a.tar", "--format=pax", "Example"],
        &["-cf", "a.tar", "--format=gnu", "-C", "Example", "."],
        &["-c", "--zstd", "-f", "a.tar", "--sort=name", "-C", "Example", "."],
    ] {
        run("tar", "tar and zstd", root.path(), arguments);
        let found = tar::open(&root.path().join("a.tar"), &OPTIONS).unwrap();
        assert_eq!(found.tree(), signed.tree(), "{arguments:?}");
        assert_eq!(found.folder(), signed.folder());
    }
}

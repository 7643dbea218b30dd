//! Attacks on the readers: small hostile inputs that would cost much, and inputs that two readers would take for
//! different trees. What is refused here is refused early, and by the rule that says why.

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use sigpkg::listing::folder::is_folder_name;
use sigpkg::listing::{Expected, ExpectedError, ListingError, TreeError, TreePath};
use sigpkg::rule::Rule;
use sigpkg::source::{Limits, Options, SourceError, SourceTree, dir, git, tar};
use sigpkg::statement::{MAX_STATEMENT_BYTES, Statement};

/// Longer than any of these takes, and far shorter than what they would cost without a limit.
const SOON: Duration = Duration::from_secs(20);

mod statements {
    use super::*;

    /// A stack that deep recursion would not fit on.
    const SMALL_STACK_BYTES: usize = 256 << 10;

    #[test]
    fn no_nesting_exhausts_the_stack_of_the_reader() {
        for tail in [
            "a.".repeat(2000) + "a = 1\n",
            format!("[{}a]\n", "a.".repeat(2000)),
            format!("[[{}a]]\n", "a.".repeat(2000)),
            format!("kind = {}{}\n", "[".repeat(2000), "]".repeat(2000)),
            format!("kind = {}1{}\n", "{a=".repeat(1000), "}".repeat(1000)),
            format!("kind = {{{}a = 1}}\n", "a.".repeat(1990)),
            format!("kind = {}", "{a.a.a.a.a.a.a.a=".repeat(200)),
            format!("kind = {}", "[".repeat(4000)),
        ] {
            let text = format!("sigpkg = 1\n{tail}");
            assert!(text.len() <= MAX_STATEMENT_BYTES);
            let read = move || Statement::parse(text.as_bytes()).unwrap_err().rule();
            let reader = thread::Builder::new().stack_size(SMALL_STACK_BYTES).spawn(read).unwrap();
            assert_eq!(reader.join().unwrap(), Rule::Stm4);
        }
    }
}

mod listings {
    use super::*;

    /// The text of a listing with these paths.
    fn listing(paths: impl Iterator<Item = String>) -> String {
        let digest = "0".repeat(64);
        paths.flat_map(|path| [digest.clone(), "  ".to_owned(), path, "\n".to_owned()]).collect()
    }

    fn refused(listing: &str) -> ExpectedError {
        Expected::parse(listing.as_bytes(), None).unwrap_err()
    }

    #[test]
    fn the_directories_of_a_small_listing_are_counted() {
        // 600 lines that name 508 directories each: 0.6 MiB that would take a hundred times as much.
        let deep = "a/".repeat(507);
        let error = refused(&listing((0..600).map(|index| format!("{index:04}/{deep}a"))));
        assert_eq!(error, ExpectedError::Listing(ListingError::Names(TreeError::TooManyDirectories)));
        assert_eq!(error.rule(), Rule::Tree16);
    }

    #[test]
    fn the_lines_of_a_listing_are_counted() {
        let error = refused(&listing((0..=250_000).map(|index| format!("{index:06}"))));
        assert_eq!(error, ExpectedError::Listing(ListingError::Names(TreeError::TooManyEntries)));
    }

    #[test]
    fn what_a_folding_file_system_leaves_out_makes_no_second_name() {
        for name in [".sig\u{fe01}pkg", ".SIGPKG\u{fe0f}", "\u{180b}.sigpkg", ".s\u{131}gpkg", ".sigpkg\u{fe0e}"] {
            assert!(is_folder_name(name), "{name:?}");
        }
        for name in [".g\u{fe01}it", "a/.git\u{fe0f}", ".g\u{131}t", "GIT\u{180b}~1/config"] {
            assert_eq!(TreePath::parse(name.as_bytes()).unwrap_err().rule(), Rule::Tree6, "{name:?}");
        }
        let error = refused(&listing(["\u{2764}".to_owned(), "\u{2764}\u{fe0f}".to_owned()].into_iter()));
        assert_eq!(error.rule(), Rule::Tree9);
    }
}

mod directories {
    use super::*;

    #[test]
    fn a_sparse_file_is_refused_unread() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            File::create(root.path().join(name)).unwrap().set_len(2 << 30).unwrap();
        }
        let start = Instant::now();
        let error = dir::read(root.path(), &Options::default()).unwrap_err();
        assert!(matches!(error, SourceError::Tree(TreeError::TooManyBytes)), "{error}");
        assert!(start.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn a_file_that_has_no_end_is_not_read_to_it() {
        // Each has zero bytes, as it says, and yet there is something to read: as in a file that grows meanwhile.
        let growing = Path::new("/proc/self/fdinfo");
        if !growing.exists() {
            return;
        }
        let error = dir::read(growing, &Options::default()).unwrap_err();
        assert!(matches!(error, SourceError::Changed { .. } | SourceError::Io { .. }), "{error}");
    }

    #[test]
    fn a_name_that_is_not_utf_8_is_refused() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(std::ffi::OsStr::from_bytes(b"a\xff")), "").unwrap();
        assert_eq!(dir::read(root.path(), &Options::default()).unwrap_err().rule(), Some(Rule::Tree2));
    }
}

mod archives {
    use super::*;

    fn read(bytes: &[u8]) -> Result<SourceTree, SourceError> {
        tar::read(bytes, bytes.len() as u64, Path::new("archive"), &Options::default())
    }

    fn reason(bytes: &[u8]) -> String {
        let error = read(bytes).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Tree24));
        error.to_string().split_off("the archive is broken: ".len())
    }

    /// A block of 512 bytes in the format of POSIX, before the change.
    fn header(kind: u8, name: &[u8], bytes: usize, change: impl FnOnce(&mut [u8; 512])) -> Vec<u8> {
        let mut header = ::tar::Header::new_ustar();
        header.set_size(bytes as u64);
        header.set_mode(0o644);
        let raw = header.as_mut_bytes();
        raw[..name.len()].copy_from_slice(name);
        raw[156] = kind;
        change(raw);
        header.set_cksum();
        header.as_bytes().to_vec()
    }

    fn entry(kind: u8, name: &[u8], data: &[u8]) -> Vec<u8> {
        let mut bytes = header(kind, name, data.len(), |_| {});
        bytes.extend_from_slice(data);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }

    fn record(key: &str, value: &str) -> Vec<u8> {
        let rest = key.len() + value.len() + 3;
        let length = (rest + 1..rest + 10).find(|length| length.to_string().len() + rest == *length).unwrap();
        format!("{length} {key}={value}\n").into_bytes()
    }

    fn pax(key: &str, value: &str) -> Vec<u8> {
        entry(b'x', b"pax", &record(key, value))
    }

    fn archive(parts: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = parts.concat();
        bytes.resize(bytes.len() + 1024, 0);
        bytes
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn the_beginning_of_a_path_is_where_every_reader_looks_for_it() {
        let prefixed = |magic: &[u8; 8]| {
            let header = header(b'0', b"src/a.jl", 0, |raw| {
                raw[257..265].copy_from_slice(magic);
                raw[345..349].copy_from_slice(b"evil");
            });
            archive(&[entry(b'0', b"b", b""), header])
        };
        let paths = read(&prefixed(b"ustar\x0000")).unwrap();
        assert_eq!(paths.tree().listing().get("evil/src/a.jl"), paths.tree().listing().get("b"));
        assert_eq!(reason(&prefixed(b"ustar\x00 1")), "a header is neither of POSIX nor of GNU tar");
        assert_eq!(reason(&prefixed(b"\0\0\0\0\0\0\0\0")), "a header is neither of POSIX nor of GNU tar");
        assert_eq!(reason(&prefixed(b"ustar  \0")), "a header of GNU tar has more than a name and a size");
        let star = header(b'0', b"a", 0, |raw| raw[508..].copy_from_slice(b"tar\0"));
        assert_eq!(reason(&archive(&[star])), "a header does not end with zeros");
    }

    #[test]
    fn a_size_is_one_number_to_every_reader() {
        for size in
            [b"+0000000000\0", b" 00000000000", b"00000 00000\0", b"0\x00000000000\0", b"\x80\0\0\x01\0\0\0\0\0\0\0\0"]
        {
            let header = header(b'0', b"a", 0, |raw| raw[124..136].copy_from_slice(size));
            assert_eq!(read(&archive(&[header])).unwrap_err().rule(), Some(Rule::Tree24), "{size:?}");
        }
    }

    #[test]
    fn no_header_is_the_end_of_the_archive_to_some_readers() {
        for place in [100, 108, 116, 136, 329, 337] {
            let header = header(b'0', b"a", 0, |raw| raw[place..place + 8].copy_from_slice(b"000z644\0"));
            assert_eq!(reason(&archive(&[entry(b'0', b"b", b""), header])), "a number of a header is none", "{place}");
        }
    }

    #[test]
    fn the_extensions_of_an_entry_are_those_that_every_reader_applies() {
        let file = || entry(b'0', b"a", b"");
        let long_name = || entry(b'L', b"././@LongLink", b"b\0");
        let global = || entry(b'g', b"pax_global_header", &record("comment", "x"));
        let path = || pax("path", "b");
        assert_eq!(reason(&archive(&[path(), pax("mtime", "1"), file()])), "an entry has two pax headers");
        assert_eq!(reason(&archive(&[path(), long_name(), file()])), "an entry has extensions of two formats");
        assert_eq!(
            reason(&archive(&[long_name(), pax("mtime", "1"), file()])),
            "an entry has extensions of two formats"
        );
        assert_eq!(reason(&archive(&[path(), global(), file()])), "an extension header extends nothing");
        assert_eq!(reason(&archive(&[pax("SCHILY.realsize", "9"), file()])), "an entry sets SCHILY.realsize");
        let unended = || entry(b'L', b"././@LongLink", b"b");
        assert_eq!(reason(&archive(&[unended(), file()])), "a long name does not end with a NUL");
        assert!(read(&archive(&[global(), path(), file(), long_name(), entry(b'0', b"c", b"")])).is_err(), "b twice");
        read(&archive(&[global(), path(), file(), file()])).unwrap();
    }

    #[test]
    fn paths_are_not_kept_without_end() {
        let long = format!("top/{}", "a/".repeat(400_000));
        let bytes = archive(&[pax("path", &long), entry(b'5', b"d", b"")]);
        assert_eq!(read(&gzip(&bytes)).unwrap_err().rule(), Some(Rule::Tree7));

        let target = "b/".repeat(400_000);
        let many: Vec<_> = (0..200)
            .flat_map(|index| [pax("linkpath", &target), entry(b'2', format!("l{index}").as_bytes(), b"")])
            .collect();
        let limits = Limits { ratio: 10_000, ..Limits::default() };
        let packed = gzip(&archive(&many));
        assert!(packed.len() < 1 << 20);
        let options = Options { limits, ..Options::default() };
        let error = tar::read(&*packed, packed.len() as u64, Path::new("archive"), &options).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Tree26), "{error}");
        assert_eq!(read(&archive(&many[..2])).unwrap_err().rule(), Some(Rule::Tree14));
    }

    #[test]
    fn a_small_archive_does_not_name_more_directories_than_there_is_memory_for() {
        let start = Instant::now();
        let deep = "a/".repeat(500);
        let many: Vec<_> =
            (0..2000).flat_map(|index| [pax("path", &format!("{index}/{deep}a")), entry(b'0', b"f", b"")]).collect();
        let packed = gzip(&archive(&many));
        assert!(packed.len() < 100 << 10, "{}", packed.len());
        let error = read(&packed).unwrap_err();
        assert!(matches!(error, SourceError::Tree(TreeError::TooManyDirectories)), "{error}");
        assert!(start.elapsed() < SOON);
    }

    #[test]
    fn no_message_repeats_what_could_steer_a_terminal() {
        let mut bytes = header(b'0', b"\x1b[2Ja", 0, |raw| raw[124..136].copy_from_slice(b"00000000000\0"));
        bytes[148..156].copy_from_slice(b"\x1b[31mxx\0");
        let error = read(&archive(&[entry(b'0', b"b", b""), bytes])).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Tree24));
        assert!(!error.to_string().contains('\x1b'), "{error:?}");
    }
}

mod repositories {
    use super::*;

    /// The content of a tree object with these entries, as they come.
    fn tree_object(entries: &[(&str, &str, git2::Oid)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (mode, name, id) in entries {
            bytes.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            bytes.extend_from_slice(id.as_bytes());
        }
        bytes
    }

    #[test]
    fn an_object_is_the_one_that_was_named_and_no_replacement() {
        let root = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init_bare(root.path()).unwrap();
        let write = |content: &[u8]| {
            let blob = repository.blob(content).unwrap();
            let tree = tree_object(&[("100644", "a", blob)]);
            (blob, repository.odb().unwrap().write(git2::ObjectType::Tree, &tree).unwrap())
        };
        let ((blob, tree), (other_blob, other_tree)) = (write(b"signed"), write(b"other"));
        let read = |tree| git::read(&repository, tree, &Options::default()).unwrap().tree().listing().clone();
        let before = read(tree);
        // What `git replace` writes; git would now show the other content for both.
        for (from, to) in [(blob, other_blob), (tree, other_tree)] {
            repository.reference(&format!("refs/replace/{from}"), to, true, "").unwrap();
        }
        assert_eq!(read(tree), before);
        assert_ne!(read(other_tree), before);
        // And content that is not that of its id is no content.
        let loose = |id: git2::Oid| root.path().join("objects").join(&id.to_string()[..2]).join(&id.to_string()[2..]);
        fs::remove_file(loose(blob)).unwrap();
        fs::create_dir_all(loose(blob).parent().unwrap()).unwrap();
        fs::copy(loose(other_blob), loose(blob)).unwrap();
        let fresh = git2::Repository::open(root.path()).unwrap();
        let error = git::read(&fresh, tree, &Options::default()).unwrap_err();
        assert!(matches!(error, SourceError::Git { .. }), "{error}");
    }

    #[test]
    fn a_tree_object_has_each_name_once_and_in_order() {
        let root = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init_bare(root.path()).unwrap();
        let odb = repository.odb().unwrap();
        let write_tree = |entries: &[_]| odb.write(git2::ObjectType::Tree, &tree_object(entries)).unwrap();
        let blob = repository.blob(b"x").unwrap();
        let (one, two) = (write_tree(&[("100644", "a", blob)]), write_tree(&[("100644", "b", blob)]));

        let read = |tree| git::read(&repository, tree, &Options::default());
        let good = write_tree(&[("100644", "d-", blob), ("40000", "d", one), ("100644", "d0", blob)]);
        assert_eq!(read(good).unwrap().tree().listing().count(), 3);
        for bad in [
            write_tree(&[("40000", "d", one), ("40000", "d", two)]),
            write_tree(&[("100644", "d", blob), ("100644", "d", blob)]),
            write_tree(&[("100644", "e", blob), ("100644", "d", blob)]),
        ] {
            let error = read(bad).unwrap_err();
            assert!(matches!(error, SourceError::Entry { found: "an entry out of order", .. }), "{error}");
            assert_eq!(error.rule(), Some(Rule::Tree10));
        }
        let both = write_tree(&[("100644", "d", blob), ("40000", "d", one)]);
        assert_eq!(read(both).unwrap_err().rule(), Some(Rule::Tree9));
    }
}

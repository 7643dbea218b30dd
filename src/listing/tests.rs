use super::folder::{FolderError, FolderFile, GITATTRIBUTES, SigpkgFolder, is_folder_name};
use super::*;

fn path(text: &str) -> TreePath {
    TreePath::parse(text.as_bytes()).unwrap()
}

fn facts(content: &str) -> FileFacts {
    FileFacts { digest: Digest::of(content.as_bytes()), bytes: content.len() as u64, lf_form: None }
}

fn tree(files: &[&str], links: &[(&str, &str)]) -> Result<Tree, TreeError> {
    let mut builder = TreeBuilder::new();
    for file in files {
        builder.add_file(path(file), facts(file))?;
    }
    for (link, target) in links {
        builder.add_link(path(link), target.as_bytes())?;
    }
    builder.finish()
}

fn path_error(text: &[u8]) -> PathError {
    TreePath::parse(text).unwrap_err()
}

mod paths {
    use super::*;

    #[test]
    fn a_path_may_have_any_plain_name() {
        for name in [
            "a",
            "src/Example.jl",
            "-rf",
            " leading",
            "a b/c  d",
            ".gitignore",
            ".github/workflows/CI.yml",
            "git~",
            "git~x",
            "é",
            "e\u{301}",
            "日本語/日",
            "👩\u{fe0f}",
            "common",
            "con_",
            "com10",
            "com",
            "lpt",
            "auxiliary",
            "a.con",
            "*?\"<>|",
            "lib/.sigpkg/chain",
            "..a",
            "...a",
            "\u{131}",
        ] {
            assert_eq!(TreePath::parse(name.as_bytes()).unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_path_is_relative_and_walks_downward() {
        for name in ["", "/", "/etc/passwd", "a//b", "a/", ".", "..", "./a", "a/.", "a/../b", "../a", "a/.."] {
            assert!(matches!(path_error(name.as_bytes()), PathError::Form { .. }), "{name:?}");
            assert_eq!(path_error(name.as_bytes()).rule(), Rule::Tree2);
        }
    }

    #[test]
    fn a_path_is_utf_8() {
        for name in [&b"\xff"[..], b"a/\xc3", b"\xc0\xae\xc0\xae/a", b"\xed\xa0\x80"] {
            assert!(matches!(path_error(name), PathError::NotUtf8 { .. }), "{name:?}");
            assert_eq!(path_error(name).rule(), Rule::Tree2);
        }
    }

    #[test]
    fn a_path_has_no_character_that_hides_separates_or_steers() {
        for character in [
            '\0', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\\', ':', '\u{200b}', '\u{200d}', '\u{202e}',
            '\u{2066}', '\u{206a}', '\u{206f}', '\u{feff}', '\u{fffd}', '\u{61c}',
        ] {
            let found = path_error(format!("a{character}b").as_bytes());
            assert!(matches!(found, PathError::Character { character: found, .. } if found == character), "{found:?}");
            assert_eq!(found.rule(), Rule::Tree3);
        }
    }

    #[test]
    fn a_message_does_not_repeat_what_could_steer_a_terminal() {
        let message = path_error("a\u{1b}[31m\u{202e}".as_bytes()).to_string();
        assert_eq!(message, "a path may not contain U+001B, found a\\u{1b}[31m\\u{202e}");
    }

    #[test]
    fn a_component_is_no_device_of_windows() {
        for name in [
            "con",
            "CON",
            "nul",
            "NUL.txt",
            "nul.tar.gz",
            "aux.c",
            "prn",
            "COM1",
            "com0.x",
            "com9",
            "LPT1",
            "lpt¹",
            "COM².txt",
            "com³",
            "conin$",
            "CONOUT$",
            "clock$",
            "nul .txt",
            "a/aux/b",
        ] {
            assert!(matches!(path_error(name.as_bytes()), PathError::Device { .. }), "{name:?}");
            assert_eq!(path_error(name.as_bytes()).rule(), Rule::Tree4);
        }
    }

    #[test]
    fn a_component_does_not_end_with_a_dot_or_a_space() {
        for name in ["a.", "a ", "a./b", "a /b", "...", ".git.", ".git "] {
            assert!(matches!(path_error(name.as_bytes()), PathError::Trailing { .. }), "{name:?}");
            assert_eq!(path_error(name.as_bytes()).rule(), Rule::Tree5);
        }
    }

    #[test]
    fn a_component_is_not_taken_for_git() {
        for name in [".git", ".GIT", ".Git/hooks/post-checkout", "a/.giT", "git~1", "GIT~1", "a/Git~12/b"] {
            assert!(matches!(path_error(name.as_bytes()), PathError::Git { .. }), "{name:?}");
            assert_eq!(path_error(name.as_bytes()).rule(), Rule::Tree6);
        }
        // HFS+ leaves these out when it compares names.
        assert_eq!(path_error(".g\u{200c}it".as_bytes()).rule(), Rule::Tree3);
        assert_eq!(path_error(".gi\u{206b}t".as_bytes()).rule(), Rule::Tree3);
        assert_eq!(path_error(".git::$INDEX_ALLOCATION".as_bytes()).rule(), Rule::Tree3);
    }

    #[test]
    fn a_path_and_its_components_have_a_largest_length() {
        let component = "é".repeat(127) + "a";
        assert_eq!(component.len(), MAX_COMPONENT_BYTES);
        let whole = [component.as_str(); 4].join("/");
        assert_eq!(whole.len(), MAX_PATH_BYTES);
        path(&whole);
        assert_eq!(path_error((whole.clone() + "a").as_bytes()), PathError::TooLong { bytes: 1024 });
        let found = path_error((component + "a").as_bytes());
        assert!(matches!(found, PathError::ComponentTooLong { bytes: 256, .. }), "{found:?}");
        assert_eq!(found.rule(), Rule::Tree7);
    }
}

mod trees {
    use super::*;

    #[test]
    fn a_listing_is_sorted_by_bytes_whatever_the_order_of_entries() {
        let names = ["b", "a/b", "a.b", "B.c", "é", "a/a"];
        let listing = tree(&names, &[]).unwrap();
        let mut reversed = names;
        reversed.reverse();
        assert_eq!(tree(&reversed, &[]).unwrap(), listing);
        let sorted: Vec<&str> = listing.listing().lines().iter().map(|line| line.path.as_str()).collect();
        assert_eq!(sorted, ["B.c", "a.b", "a/a", "a/b", "b", "é"]);
        let text = listing.listing().text();
        assert!(text.starts_with(&format!("{}  B.c\n", Digest::of(b"B.c").to_hex())));
        assert_eq!(Listing::parse(text.as_bytes()).unwrap(), *listing.listing());
        assert_eq!(listing.listing().digest(), Digest::of(text.as_bytes()));
        assert_eq!((listing.listing().count(), listing.bytes()), (6, 15));
    }

    #[test]
    fn links_are_one_listed_file_and_count_as_such() {
        let found = tree(&["src/a", "z"], &[("b", "src/a"), ("src/c", "../z")]).unwrap();
        assert_eq!(found.links().text(), "b\tsrc/a\nsrc/c\t../z\n");
        assert_eq!(found.listing().get(LINKS_PATH), Some(found.links().digest()));
        let names: Vec<&str> = found.listing().lines().iter().map(|line| line.path.as_str()).collect();
        assert_eq!(names, [".sigpkg/links", "src/a", "z"]);
        assert_eq!((found.listing().count(), found.bytes()), (3, 6 + 8 + 11));
        assert_eq!(Links::parse(found.links().text().as_bytes()).unwrap(), *found.links());
    }

    #[test]
    fn two_names_equal_after_folding_or_normalisation_are_refused() {
        for (one, other) in [
            ("readme", "README"),
            ("A/x", "a/y"),
            ("a/B/c", "a/b/d"),
            ("\u{e9}", "e\u{301}"),
            ("\u{c9}/x", "e\u{301}/y"),
            ("straße", "STRASSE"),
            ("\u{212a}elvin", "kelvin"),
        ] {
            let (first, _) = if one < other { (one, other) } else { (other, one) };
            let found = tree(&[one, other], &[]).unwrap_err();
            assert!(matches!(&found, TreeError::Collision { first: found, .. } if first.starts_with(found.as_str())));
            assert_eq!(found.rule(), Rule::Tree9);
            assert_eq!(tree(&[other, one], &[]).unwrap_err(), found, "the order of entries does not matter");
        }
    }

    #[test]
    fn a_file_a_link_and_a_directory_cannot_have_one_name() {
        for (files, links) in [
            (vec!["a", "a"], vec![]),
            (vec!["a", "a/b"], vec![]),
            (vec!["A", "a/b/c"], vec![]),
            (vec!["a/b"], vec![("a", "c")]),
            (vec!["a"], vec![("a", "c")]),
            (vec![], vec![("a", "c"), ("A", "c")]),
            (vec![], vec![("a", "c"), ("a", "d")]),
            (vec!["a-b", "a/b", "a"], vec![]),
        ] {
            let found = tree(&files, &links).unwrap_err();
            assert!(matches!(found, TreeError::Collision { .. }), "{files:?} {links:?} {found}");
        }
    }

    #[test]
    fn a_name_in_the_root_that_folds_to_the_folder_is_refused() {
        for name in [".SIGPKG", ".SigPkg", ".\u{17f}igpkg", ".sigp\u{212a}g", "sigpkg~1", "SIGPKG~2"] {
            assert!(is_folder_name(name), "{name}");
            for place in [name.to_owned(), format!("{name}/chain")] {
                let found = tree(&[&place], &[]).unwrap_err();
                assert_eq!(found.rule(), Rule::Dir2, "{place}");
            }
        }
        tree(&["lib/.SIGPKG", "lib/x", "sigpkg", ".sigpkgs"], &[]).unwrap();
    }

    #[test]
    fn a_tree_has_a_largest_size() {
        let mut builder = TreeBuilder::new();
        builder.add_file(path("a"), FileFacts { bytes: MAX_TREE_BYTES, ..facts("a") }).unwrap();
        let found = builder.clone().add_file(path("b"), facts("b")).unwrap_err();
        assert_eq!(found, TreeError::TooManyBytes);
        assert_eq!(found.rule(), Rule::Tree16);
        for index in 1..MAX_TREE_ENTRIES {
            builder.add_file(path(&format!("f{index}")), FileFacts { bytes: 0, ..facts("") }).unwrap();
        }
        assert_eq!(builder.add_link(path("l"), b"a").unwrap_err(), TreeError::TooManyEntries);
    }

    #[test]
    fn the_listing_and_the_links_of_a_tree_fit_into_its_folder() {
        let too_large = |found: TreeError, expected| {
            assert!(matches!(&found, TreeError::Folder(FolderError::TooLarge { file, .. }) if *file == expected));
            assert_eq!(found.rule(), Rule::Dir6);
        };
        let long = "c/".repeat(500);
        let mut builder = TreeBuilder::new();
        let refused = (0..2000).find_map(|index| builder.add_link(path(&format!("{index}/{long}a")), b"a").err());
        too_large(refused.unwrap(), FolderFile::Links);
        let mut builder = TreeBuilder::new();
        let refused =
            (0..100_000).find_map(|index| builder.add_file(path(&format!("{index}/{long}a")), facts("a")).err());
        too_large(refused.unwrap(), FolderFile::Files);
    }
}

mod listings {
    use proptest::prelude::*;

    use super::*;

    fn line(name: &str) -> String {
        format!("{}  {name}\n", Digest::of(name.as_bytes()).to_hex())
    }

    #[test]
    fn a_listing_has_one_form() {
        let good = line("a") + &line("b");
        Listing::parse(good.as_bytes()).unwrap();
        Listing::parse(b"").unwrap();
        for bad in [
            good.trim_end().to_owned(),
            good.replace("  a", " a"),
            good.replace("  a", " *a"),
            good.replace("  a\n", "  a\r\n"),
            good.to_uppercase(),
            good.clone() + "\n",
            "\n".to_owned() + &good,
            format!("\\{good}"),
            format!("\u{feff}{good}"),
        ] {
            let found = Listing::parse(bad.as_bytes()).unwrap_err();
            assert!(matches!(found.rule(), Rule::Tree12 | Rule::Tree3), "{bad:?} {found}");
        }
    }

    #[test]
    fn the_paths_of_a_listing_rise() {
        for (one, other) in [("b", "a"), ("a", "a"), ("a/b", "a.b")] {
            let found = Listing::parse((line(one) + &line(other)).as_bytes()).unwrap_err();
            let expected = ListingError::Order { line: 2, previous: path(one), found: path(other) };
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_names_of_a_listing_obey_the_rules() {
        let bad = |names: &[&str]| {
            let text: String = names.iter().map(|name| line(name)).collect();
            Listing::parse(text.as_bytes()).unwrap_err().rule()
        };
        assert_eq!(bad(&["../a"]), Rule::Tree2);
        assert_eq!(bad(&["a/.git/config"]), Rule::Tree6);
        assert_eq!(bad(&["A", "a"]), Rule::Tree9);
        assert_eq!(bad(&["a", "a/b"]), Rule::Tree9);
        assert_eq!(bad(&[".sigpkg/chain"]), Rule::Tree12);
        assert_eq!(bad(&[".sigpkg"]), Rule::Tree12);
        assert_eq!(bad(&[".SIGPKG/links"]), Rule::Dir2);
        Listing::parse(line(".sigpkg/links").as_bytes()).unwrap();
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Listing::parse(&bytes);
            let _ = Links::parse(&bytes);
            let _ = TreePath::parse(&bytes);
            let _ = LinkTarget::parse(&path("a/b"), &bytes);
        }

        #[test]
        fn what_parses_is_written_the_same(names in proptest::collection::btree_set("[a-c./ ]{1,5}", 0..5)) {
            let text: String = names.iter().map(|name| line(name)).collect();
            if let Ok(listing) = Listing::parse(text.as_bytes()) {
                prop_assert_eq!(listing.text(), text);
            }
        }
    }
}

mod links {
    use super::*;

    fn target(at: &str, target: &str) -> Result<LinkTarget, LinkError> {
        LinkTarget::parse(&path(at), target.as_bytes())
    }

    #[test]
    fn a_link_may_lead_anywhere_in_the_tree() {
        for (at, to) in [
            ("a", "b"),
            ("a", "b/c"),
            ("d/a", "../b"),
            ("d/e/a", "../../b"),
            ("d/e/a", "../b/c"),
            ("d/e/a", ".."),
            ("d/a", "a"),
            ("d/a", ".sigpkg/chain"),
        ] {
            assert_eq!(target(at, to).unwrap().as_str(), to);
        }
    }

    #[test]
    fn a_link_does_not_leave_the_tree() {
        for (at, to) in [("a", ".."), ("a", "../b"), ("d/a", "../.."), ("d/a", "../../b"), ("d/a", "../../../../etc")] {
            let found = target(at, to).unwrap_err();
            assert!(matches!(found, LinkError::Leaves { .. }), "{at} {to} {found}");
            assert_eq!(found.rule(), Rule::Tree14);
        }
        assert!(matches!(target("d/a", "..").unwrap_err(), LinkError::Root { .. }));
        assert!(matches!(target("d/e/a", "../..").unwrap_err(), LinkError::Root { .. }));
    }

    #[test]
    fn a_link_does_not_enter_the_folder() {
        for (at, to) in [
            ("a", ".sigpkg"),
            ("a", ".sigpkg/chain"),
            ("a", ".SIGPKG/chain"),
            ("d/a", "../.sigpkg"),
            ("d/e/a", "../../.SigPkg/files"),
            ("a", "sigpkg~1"),
        ] {
            let found = target(at, to).unwrap_err();
            assert!(matches!(found, LinkError::EntersFolder { .. }), "{at} {to} {found}");
            assert_eq!(found.rule(), Rule::Tree14);
        }
    }

    #[test]
    fn a_target_is_a_path_with_leading_climbs_only() {
        for to in
            ["", "/etc/passwd", "b/../c", "b/..", "b/", "../", ".", "./b", "b//c", "a\\b", "C:b", "nul", ".git/x", "b."]
        {
            let found = target("d/a", to).unwrap_err();
            assert!(matches!(found, LinkError::Target { .. }), "{to:?} {found}");
            assert_eq!(found.rule(), Rule::Tree14);
        }
        let found = LinkTarget::parse(&path("a"), b"\xff").unwrap_err();
        assert!(matches!(found, LinkError::Target { source: PathError::NotUtf8 { .. }, .. }));
    }

    #[test]
    fn the_list_of_links_has_one_form() {
        Links::parse(b"a\tb\nc/d\t../e\n").unwrap();
        for (text, rule) in [
            ("", Rule::Tree13),
            ("a\tb", Rule::Tree13),
            ("a b\n", Rule::Tree13),
            ("a\tb\n\n", Rule::Tree13),
            ("c\tb\na\tb\n", Rule::Tree13),
            ("a\tb\na\tb\n", Rule::Tree13),
            ("a\tb\r\n", Rule::Tree14),
            ("a\tb\tc\n", Rule::Tree14),
            ("a\t../b\n", Rule::Tree14),
            ("../a\tb\n", Rule::Tree2),
        ] {
            assert_eq!(Links::parse(text.as_bytes()).unwrap_err().rule(), rule, "{text:?}");
        }
    }
}

mod comparison {
    use super::*;

    fn expected(tree: &Tree) -> Expected {
        let links = (!tree.links().is_empty()).then(|| tree.links().text());
        Expected::parse(tree.listing().text().as_bytes(), links.as_deref().map(str::as_bytes)).unwrap()
    }

    fn changes(result: &Comparison) -> Vec<(&str, Change)> {
        result.differences.iter().map(|found| (found.path.as_str(), found.change)).collect()
    }

    #[test]
    fn equal_trees_do_not_differ() {
        let found = tree(&["a", "b/c"], &[("l", "a")]).unwrap();
        let result = compare(&expected(&found), &found, LineEnds::Exact);
        assert_eq!(result, Comparison { bytes: found.bytes(), ..Comparison::default() });
    }

    #[test]
    fn each_path_that_differs_is_named_once_and_in_order() {
        let signed = tree(&["gone", "kept", "changed", "now-link"], &[("l1", "kept"), ("l2", "kept")]).unwrap();
        let mut builder = TreeBuilder::new();
        for (name, content) in [("kept", "kept"), ("changed", "other"), ("a-new", "a-new"), ("l2", "l2")] {
            builder.add_file(path(name), facts(content)).unwrap();
        }
        for (name, target) in [("now-link", "kept"), ("l1", "changed")] {
            builder.add_link(path(name), target.as_bytes()).unwrap();
        }
        let result = compare(&expected(&signed), &builder.finish().unwrap(), LineEnds::ReadBack);
        let all = [
            ("a-new", Change::Extra),
            ("changed", Change::Modified),
            ("gone", Change::Missing),
            ("l1", Change::Modified),
            ("l2", Change::Modified),
            ("now-link", Change::Modified),
        ];
        assert_eq!(changes(&result), all);
        let mismatch = result.into_result().unwrap_err();
        assert_eq!(mismatch.rule(), Rule::Ver13);
        assert_eq!(
            mismatch.to_string(),
            "6 paths differ from the signed listing: a-new (not listed), changed (modified), gone (missing), \
             l1 (modified), l2 (modified) and 1 more"
        );
    }

    #[test]
    fn a_file_in_its_crlf_form_is_read_back_in_directories_alone() {
        let signed = tree(&["a", "b"], &[]).unwrap();
        let mut builder = TreeBuilder::new();
        let crlf =
            FileFacts { lf_form: Some(LfForm { digest: Digest::of(b"a"), line_ends: 3 }), ..facts("a with CRLF") };
        builder.add_file(path("a"), crlf).unwrap();
        builder
            .add_file(
                path("b"),
                FileFacts { lf_form: Some(LfForm { digest: Digest::of(b"other"), line_ends: 1 }), ..facts("b") },
            )
            .unwrap();
        let found = builder.finish().unwrap();
        let exact = compare(&expected(&signed), &found, LineEnds::Exact);
        assert_eq!(changes(&exact), [("a", Change::LineEnds)]);
        let message = exact.into_result().unwrap_err().to_string();
        assert_eq!(message, "1 path differs from the signed listing: a (line ends)");
        let result = compare(&expected(&signed), &found, LineEnds::ReadBack);
        assert_eq!(result.bytes, "a with CRLF".len() as u64 - 3 + 1);
        assert_eq!(result.into_result().unwrap(), [path("a")]);
    }

    #[test]
    fn the_listing_names_the_links_of_its_folder() {
        let found = tree(&["a"], &[("l", "a")]).unwrap();
        let files = found.listing().text();
        let error =
            |files: &str, links: Option<&str>| Expected::parse(files.as_bytes(), links.map(str::as_bytes)).unwrap_err();
        for bad in [error(&files, None), error(&files, Some("l\tb\n")), error("", Some("l\ta\n"))] {
            assert!(matches!(bad, ExpectedError::LinksNotListed { .. }), "{bad}");
            assert_eq!(bad.rule(), Rule::Dir7);
        }
    }
}

mod folders {
    use std::collections::BTreeMap;

    use super::*;

    fn folder(files: &[(FolderFile, &str)]) -> Result<SigpkgFolder, FolderError> {
        SigpkgFolder::new(files.iter().map(|(file, text)| (*file, text.as_bytes().to_vec())).collect())
    }

    const BASE: [(FolderFile, &str); 2] = [(FolderFile::Attributes, GITATTRIBUTES), (FolderFile::Chain, "chain")];

    #[test]
    fn a_folder_has_a_release_or_none() {
        let without = folder(&BASE).unwrap();
        assert_eq!(without.claimed_chain(), b"chain");
        assert!(without.claimed_release().is_none());
        let mut files = BASE.to_vec();
        files.extend([(FolderFile::Statement, "statement"), (FolderFile::Files, "")]);
        let with = folder(&files).unwrap();
        let release = with.claimed_release().unwrap();
        assert_eq!(release.claimed_statement(), b"statement");
        assert_eq!((release.claimed_signature(), release.claimed_links()), (None, None));
        files.extend([(FolderFile::Signature, "signature"), (FolderFile::Links, "links")]);
        let with = folder(&files).unwrap();
        let release = with.claimed_release().unwrap();
        assert_eq!(release.claimed_signature(), Some(&b"signature"[..]));
        assert_eq!(release.claimed_links(), Some(&b"links"[..]));
    }

    #[test]
    fn a_part_of_a_release_is_refused() {
        use FolderFile::{Attributes, Chain, Files, Links, Signature, Statement};
        for (extra, missing) in [
            (vec![Statement], Files),
            (vec![Signature], Statement),
            (vec![Files], Statement),
            (vec![Links], Statement),
            (vec![Files, Signature, Links], Statement),
            (vec![Statement, Signature, Links], Files),
        ] {
            let mut files = BASE.to_vec();
            files.extend(extra.into_iter().map(|file| (file, "")));
            let found = folder(&files).unwrap_err();
            assert_eq!(found, FolderError::Missing { file: missing });
            assert_eq!(found.rule(), Rule::Dir5);
        }
        assert_eq!(folder(&BASE[..1]).unwrap_err(), FolderError::Missing { file: Chain });
        assert_eq!(folder(&BASE[1..]).unwrap_err(), FolderError::Missing { file: Attributes });
    }

    #[test]
    fn the_attributes_of_a_folder_are_fixed() {
        for text in ["", "* -text\n", &GITATTRIBUTES.replace('\n', "\r\n"), &format!("{GITATTRIBUTES}\n")] {
            let found = folder(&[(FolderFile::Attributes, text), BASE[1]]).unwrap_err();
            assert!(matches!(found, FolderError::Attributes { .. }), "{found}");
            assert_eq!(found.rule(), Rule::Dir4);
        }
    }

    #[test]
    fn a_folder_knows_its_files_by_exact_name() {
        for file in FolderFile::ALL {
            assert_eq!(FolderFile::named(file.name().as_bytes()), Ok(file));
        }
        for name in ["", "Chain", "chain ", "release.toml.sig", "README", "a/b", ".gitattributes/x"] {
            let found = FolderFile::named(name.as_bytes()).unwrap_err();
            assert_eq!(found, FolderError::UnknownName { name: name.to_owned() });
            assert_eq!(found.rule(), Rule::Dir3);
        }
    }

    #[test]
    fn each_file_of_a_folder_has_a_largest_size() {
        for file in FolderFile::ALL {
            file.check_size(file.max_bytes()).unwrap();
            let bytes = file.max_bytes() + 1;
            let found = file.check_size(bytes).unwrap_err();
            assert_eq!(found, FolderError::TooLarge { file, bytes });
            assert_eq!(found.rule(), Rule::Dir6);
        }
        let files = BTreeMap::from([(FolderFile::Statement, vec![b'x'; 4097])]);
        assert_eq!(SigpkgFolder::new(files).unwrap_err().rule(), Rule::Dir6);
    }
}

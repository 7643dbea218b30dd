use super::*;
use crate::rule::Rule;

const UUID: &str = "7876af07-990d-54b4-ab0e-23690620f79a";
const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

fn index(packages: &str) -> Result<Index, FileFault> {
    JuliaRegistry.read_index(format!("name = \"Test\"\nuuid = \"{UUID}\"\n[packages]\n{packages}").as_bytes())
}

fn versions(text: &str) -> Result<Vec<String>, FileFault> {
    let versions = JuliaRegistry.read_versions(text.as_bytes())?;
    Ok(versions.iter().map(|(version, _)| version.to_string()).collect())
}

#[test]
fn an_index_lists_packages_with_their_folders() {
    let index = index(&format!("{UUID} = {{ name = \"Example\", path = \"E/Example\" }}")).unwrap();
    let place = &index.packages[&UUID.parse().unwrap()];
    assert_eq!((place.name.as_str(), place.path.as_str()), ("Example", "E/Example"));
}

#[test]
fn one_id_or_one_folder_for_two_packages_is_refused_in_any_spelling() {
    let other = "00000000-990d-54b4-ab0e-23690620f79a";
    let upper = UUID.to_uppercase();
    let line = |id: &str, path: &str| format!("{id} = {{ name = \"A\", path = \"{path}\" }}\n");
    for (second, what) in [(line(&upper, "B"), "id"), (line(other, "a"), "folder"), (line(other, "A"), "folder")] {
        let found = index(&(line(UUID, "A") + &second));
        assert!(matches!(found, Err(FileFault::Twice { what: found, .. }) if found == what), "{found:?}");
    }
}

#[test]
fn a_path_that_leaves_the_registry_or_the_repository_is_refused() {
    for path in ["../x", "/etc", "a/../b", "a\\\\b", "C:/x", ".git/x", ""] {
        let found = index(&format!("{UUID} = {{ name = \"A\", path = \"{path}\" }}"));
        assert!(matches!(found, Err(FileFault::Path { .. })), "{path:?}: {found:?}");
    }
    for subdir in ["../x", "/x", "a/../../x"] {
        let text = format!("name = \"A\"\nuuid = \"{UUID}\"\nsubdir = \"{subdir}\"\n");
        assert!(matches!(JuliaRegistry.read_package(text.as_bytes()), Err(FileFault::Path { .. })), "{subdir:?}");
    }
    let text = format!("name = \"A\"\nuuid = \"{UUID}\"\nsubdir = \"lib/A/\"\n");
    let file = JuliaRegistry.read_package(text.as_bytes()).unwrap();
    assert_eq!(file.subdirectory.unwrap().as_str(), "lib/A");
}

#[test]
fn an_address_is_no_option_and_names_no_program() {
    for good in ["https://example.org/A.jl.git", "git@example.org:a/A.jl.git", "ssh://git@[::1]/A", "/srv/git/A.git"] {
        assert_eq!(Address::read(good).as_ref().map(Address::as_str), Ok(good));
    }
    for bad in ["--upload-pack=touch x", "-u", "ext::sh -c x", "ext::x", "a b", "a\u{202e}b", "a\nb", ""] {
        assert!(matches!(Address::read(bad), Err(FileFault::Address { .. })), "{bad:?}");
    }
    assert!(Address::read(&"a".repeat(2049)).is_err());
}

#[test]
fn versions_are_read_in_their_order_and_other_keys_are_left_to_others() {
    let text = format!(
        "[\"1.10.0\"]\ngit-tree-sha1 = \"{TREE}\"\nnote = 1\n[\"1.9.0\"]\ngit-tree-sha1 = \"{TREE}\"\nyanked = true\n"
    );
    assert_eq!(versions(&text), Ok(vec!["1.9.0".to_owned(), "1.10.0".to_owned()]));
    let read = JuliaRegistry.read_versions(text.as_bytes()).unwrap();
    let yanked: Vec<_> = read.iter().map(|(_, entry)| entry.yanked).collect();
    assert_eq!(yanked, [true, false]);
}

#[test]
fn one_version_in_two_spellings_is_refused() {
    for other in ["v1.2.3", "01.2.3"] {
        let text = format!("[\"1.2.3\"]\ngit-tree-sha1 = \"{TREE}\"\n[\"{other}\"]\ngit-tree-sha1 = \"{TREE}\"\n");
        assert!(matches!(versions(&text), Err(FileFault::Twice { what: "version", .. })), "{other}");
    }
}

#[test]
fn a_file_of_another_form_is_refused_with_its_place() {
    let upper = TREE.to_uppercase();
    for (text, words) in [
        ("[\"1.0.0\"]\n".to_owned(), "git-tree-sha1"),
        (format!("[\"1.0.0\"]\ngit-tree-sha1 = \"{upper}\"\n"), "tree hash"),
        (format!("[\"1.0.0\"]\ngit-tree-sha1 = \"{TREE}\"\nyanked = \"no\"\n"), "yanked"),
        (format!("[latest]\ngit-tree-sha1 = \"{TREE}\"\n"), "version"),
        ("\"1.0.0\" = 1\n".to_owned(), "a table"),
        ("[".to_owned(), "TOML"),
    ] {
        let error = versions(&text).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.rule(), Rule::Reg2);
    }
    assert!(matches!(JuliaRegistry.read_versions(b"\xff"), Err(FileFault::Syntax { .. })));
}

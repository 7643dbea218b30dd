//! Holds the import table of the architecture: every module stands on a floor, and imports point downward.
//!
//! The test reads `src/` as text. It finds every path that leads into the library (`crate::…`, `super::…`, and
//! `sigpkg::…` in the command line, nested groups included), and every way to touch the world from a module that must
//! not. Test code is not asked: whatever stands under `#[cfg(test)]`, and the files of modules that do.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the project fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use World::{Core, Outside};

/// Whether a module may touch files, clock, network, environment and terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum World {
    /// Bytes, time and randomness come in as arguments. Builds with `--no-default-features`.
    Core,
    /// Built with feature `io` alone, but free of system calls of its own: it works through the modules below.
    Above,
    /// May touch the world.
    Outside,
}

/// Every top-level module, from the ground up. A module imports from lower floors alone, unless [`SIDEWAYS`] says so.
const FLOORS: &[(&str, u8, World)] = &[
    ("text", 1, Core),
    ("digest", 1, Core),
    ("time", 1, Core),
    ("package", 1, Core),
    ("rule", 1, Core),
    ("failpoint", 1, Outside),
    ("interrupt", 1, Outside),
    ("listing", 2, Core),
    ("key", 2, Core),
    ("representation", 2, Core),
    ("secret", 2, Core),
    ("paper", 3, Core),
    ("source", 3, Outside),
    ("statement", 3, Core),
    ("signature", 3, Core),
    ("ecosystem", 4, Core),
    ("chain", 4, Core),
    ("signer", 4, Core),
    ("trust", 5, Outside),
    ("release", 5, Core),
    ("keystore", 5, Outside),
    ("repository", 5, Outside),
    ("example", 6, Core),
    ("verify", 6, World::Above),
    ("publish", 6, World::Above),
    ("project", 7, Outside),
    ("refresh", 7, Outside),
    ("registry", 7, World::Above),
    ("cli", 8, Outside),
];

/// Imports on one floor, each with its reason. They must not form a circle.
const SIDEWAYS: &[(&str, &str, &str)] = &[
    ("digest", "text", "a digest is written in hexadecimal"),
    ("digest", "rule", "its error names its rule"),
    ("package", "text", "names are shown in messages with care"),
    ("package", "rule", "its error names its rule"),
    ("time", "text", "instants are read digit by digit"),
    ("secret", "key", "a secret key has a public half"),
    ("secret", "representation", "a seed and a reserve key have words"),
    ("source", "statement", "an archive is not unpacked far beyond what its release promises"),
];

/// The user's wing and the maintainer's wing: neither knows the other.
const WINGS: [&[&str]; 2] = [&["trust", "verify"], &["keystore", "repository", "publish"]];

/// Ways to touch the world. A path is found as it is written and in groups (`std::{fs, io}`).
const WORLD_PATHS: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io::stderr",
    "std::io::stdin",
    "std::io::stdout",
    "std::net",
    "std::os",
    "std::process",
    "std::thread::sleep",
    "std::time::Instant",
    "std::time::SystemTime",
    "anstream",
    "fs4",
    "getrandom",
    "git2",
    "indicatif",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "rpassword",
    "tempfile",
];

/// The same as methods and macros, which have no path.
const WORLD_CALLS: &[&str] =
    &["canonicalize", "read_dir", "symlink_metadata", "eprint", "eprintln", "print", "println"];

#[test]
fn imports_point_downward_and_only_the_outside_touches_the_world() {
    let violations = violations(&sources());
    assert!(violations.is_empty(), "{} imports break the architecture:\n{}", violations.len(), violations.join("\n"));
}

#[test]
fn every_module_of_the_library_stands_on_a_floor() {
    let sources = sources();
    let tests = test_modules(&sources);
    let files = sources.iter().map(|(path, _)| path).filter(|path| !is_test_file(path, &tests));
    let declared: BTreeSet<String> = files.filter_map(|path| module_path(path).into_iter().next()).collect();
    let unknown: Vec<_> = declared.iter().filter(|module| floor(module).is_none()).collect();
    assert!(unknown.is_empty(), "modules without a floor in tests/layering.rs: {unknown:?}");
}

#[test]
fn imports_on_one_floor_form_no_circle() {
    for &(from, to, reason) in SIDEWAYS {
        assert_eq!(
            floor(from).map(|(floor, _)| floor),
            floor(to).map(|(floor, _)| floor),
            "{from} and {to} are not on one floor"
        );
        assert!(!reason.is_empty());
        let mut reached = BTreeSet::from([to]);
        while let Some(&(_, next, _)) =
            SIDEWAYS.iter().find(|(via, next, _)| reached.contains(via) && !reached.contains(next))
        {
            reached.insert(next);
        }
        assert!(!reached.contains(from), "{from} imports {to}, which leads back to {from}");
    }
}

#[test]
fn a_planted_violation_is_found() {
    let found = |path: &str, text: &str| violations(&[(path.to_owned(), text.to_owned())]);
    let one = |path: &str, text: &str, words: &[&str]| {
        let found = found(path, text);
        assert_eq!(found.len(), 1, "{text:?} in {path} gave {found:?}");
        for word in words {
            assert!(found[0].contains(word), "{:?} does not say {word:?}", found[0]);
        }
    };
    one("src/key.rs", "\nuse crate::chain::Chain;", &["src/key.rs:2", "key (floor 2)", "chain (floor 4)"]);
    one("src/key.rs", "use crate::{\n    text,\n    chain::{self, Chain},\n};", &["src/key.rs:3", "chain"]);
    one("src/key.rs", "fn f() { let x = crate :: verify :: f(); }", &["verify (floor 6)"]);
    one("src/key/tag.rs", "use super::super::{text, statement::Kind};", &["key (floor 2)", "statement (floor 3)"]);
    one("src/key.rs", "mod inner { use super::super::chain; }", &["chain"]);
    one("src/key.rs", "macro_rules! m { () => { $crate::chain::f() } }", &["chain"]);
    one("src/key.rs", "use crate::Chain;", &["Chain", "no module"]);
    one("src/key.rs", "use crate::signature;", &["signature"]);
    one("src/listing.rs", "use crate::key::PublicKey;", &["one floor"]);
    one("src/publish.rs", "use crate::trust;", &["wing"]);
    one("src/verify.rs", "use crate::keystore::Store;", &["wing"]);
    one("src/chain/belief.rs", "use crate::source::git;", &["touches the world"]);
    one("src/chain.rs", "use std::{fmt, fs::File};", &["std::fs"]);
    one("src/chain.rs", "fn f() { std::thread::sleep(d); }", &["std::thread::sleep"]);
    one("src/chain.rs", "use std::io::{self, Read}; fn f() { io::stdin(); }", &["std::io::stdin"]);
    one("src/chain.rs", "use std::time; fn f() { time::SystemTime::now(); }", &["std::time::SystemTime"]);
    one("src/chain.rs", "fn f() { let x = 'a'; /* /* */ */ println!(\"x\"); }", &["println"]);
    one("src/verify.rs", "use std::env;", &["std::env"]);
    one("src/verify.rs", "fn f(p: &Path) { p.canonicalize(); }", &["canonicalize"]);
    one("src/chain.rs", "#[cfg(test)]\nmod t { use crate::verify; }\nuse crate::publish;", &["publish", ":3"]);
    one("src/main.rs", "mod keys;", &["keys", "public API"]);
    one("src/main.rs", "#[path = \"key.rs\"]\nmod cli;", &["path"]);
    one("src/key.rs", "use sigpkg::chain;", &["chain"]);
    one("src/cli/verify.rs", "use sigpkg::nonsense::X;", &["nonsense"]);
}

#[test]
fn what_is_allowed_is_not_found() {
    for (path, text) in [
        ("src/chain.rs", "use crate::{key, signature::Block, statement::Statement};"),
        ("src/chain/belief.rs", "use super::valid::Valid; use crate::chain::record;"),
        ("src/key.rs", "//! See [`crate::chain`].\nconst A: &str = \"use crate::chain;\"; // crate::verify"),
        ("src/key.rs", "const A: &str = r#\"\"crate::chain\"#; fn f<'a>(x: &'a str) -> char { '\"' }"),
        ("src/key.rs", "pub(crate) fn f() {} pub(in crate::key) fn g() {}"),
        ("src/key.rs", "#[cfg(test)]\nmod tests;\n#[cfg(test)]\nfn f() { crate::verify::f(); }"),
        ("src/keystore/lock.rs", "use std::fs; use std::thread::sleep;"),
        ("src/chain.rs", "use std::time::Duration; use std::io::{self, Read};"),
        ("src/cli/verify.rs", "use super::context::Context; use sigpkg::verify::verify; use std::env;"),
        ("src/main.rs", "mod cli;\nuse std::process::ExitCode;\nfn main() -> ExitCode { cli::main() }"),
        ("src/lib.rs", "pub mod verify;"),
    ] {
        assert_eq!(violations(&[(path.to_owned(), text.to_owned())]), Vec::<String>::new(), "{text:?} in {path}");
    }
}

#[test]
fn files_of_test_modules_are_not_asked() {
    let source = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let tests = source("src/key/tests/long.rs", "use crate::verify; use std::fs;");
    let declared = source("src/key.rs", "#[cfg(test)]\nmod tests;\nmod tag;");
    assert_eq!(violations(&[declared, tests.clone()]), Vec::<String>::new());
    let undeclared = source("src/key.rs", "mod tests;");
    assert_eq!(violations(&[undeclared, tests]).len(), 2);
}

/// Every source file, its path from the root of the project with `/`, and its text.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, name: &str, into: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{name}/{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), &name, into);
            } else if Path::new(&name).extension().is_some_and(|extension| extension == "rs") {
                into.push((name, fs::read_to_string(entry.path()).unwrap()));
            }
        }
    }
    let mut sources = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "src", &mut sources);
    sources.sort();
    assert!(sources.len() > 5, "src/ was not found");
    sources
}

fn violations(sources: &[(String, String)]) -> Vec<String> {
    let tests = test_modules(sources);
    sources
        .iter()
        .filter(|(path, _)| !is_test_file(path, &tests))
        .flat_map(|(path, text)| file_violations(path, text))
        .collect()
}

fn file_violations(path: &str, text: &str) -> Vec<String> {
    let tokens = without_tests(&tokens(text));
    let module = module_path(path);
    let place = |line: usize| format!("{path}:{line}");
    if path == "src/main.rs" {
        return main_violations(&tokens).into_iter().map(|(line, what)| format!("{}: {what}", place(line))).collect();
    }
    let Some(own) = module.first() else { return Vec::new() };
    let Some((own_floor, own_world)) = floor(own) else {
        return vec![format!("{}: module {own} has no floor in tests/layering.rs", place(1))];
    };
    let mut found: Vec<String> = imports(&tokens, &module, own == "cli")
        .into_iter()
        .filter_map(|(line, to)| {
            let edge = format!("{}: {own} (floor {own_floor}) imports {to}", place(line));
            let Some((floor, world)) = floor(&to) else { return Some(format!("{edge}, which is no module")) };
            let edge = format!("{edge} (floor {floor})");
            let wing = |module: &str| WINGS.iter().position(|wing| wing.contains(&module));
            if to == *own {
                None
            } else if wing(own).is_some() && wing(&to).is_some() && wing(own) != wing(&to) {
                Some(format!("{edge}: it belongs to the other wing"))
            } else if floor > own_floor {
                Some(format!("{edge}: imports point downward"))
            } else if floor == own_floor && !SIDEWAYS.iter().any(|(from, next, _)| from == own && *next == to) {
                Some(format!("{edge}: both stand on one floor, and SIDEWAYS does not have the two"))
            } else if own_world == Core && world != Core {
                Some(format!("{edge}: the core may not know what touches the world"))
            } else {
                None
            }
        })
        .collect();
    if own_world != Outside {
        // Of many uses of one thing in one file, the first is enough.
        let mut seen = BTreeSet::new();
        let uses = world_uses(&tokens).into_iter().filter(|(_, what)| seen.insert(what.clone()));
        found.extend(uses.map(|(line, what)| {
            format!("{}: {own} (floor {own_floor}) uses {what}, which touches the world", place(line))
        }));
    }
    found
}

/// The binary holds `cli` alone, and everything else comes through the public API.
fn main_violations(tokens: &[Token]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map_or("", |next| next.text.as_str());
        if token.text == "mod" && next != "cli" {
            found.push((token.line, format!("module {next} in the binary: it uses the public API, `sigpkg::…`")));
        }
        if token.text == "#" && tokens.get(at + 2).is_some_and(|name| name.text == "path") {
            found.push((token.line, "a path attribute brings in the library by another door".to_owned()));
        }
    }
    found
}

fn floor(module: &str) -> Option<(u8, World)> {
    FLOORS.iter().find(|(name, _, _)| *name == module).map(|(_, floor, world)| (*floor, *world))
}

/// `src/chain/belief.rs` is `chain::belief`; `src/lib.rs` and `src/main.rs` are the root.
fn module_path(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" || path == "main" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// The modules that are declared as `#[cfg(test)] mod name;`, as paths.
fn test_modules(sources: &[(String, String)]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (path, text) in sources {
        let tokens = tokens(text);
        let declared = |tokens: &[Token]| -> Vec<String> {
            let files = tokens.windows(3).filter(|three| three[0].text == "mod" && three[2].text == ";");
            files.map(|three| three[1].text.clone()).collect()
        };
        let kept = declared(&without_tests(&tokens));
        for name in declared(&tokens).into_iter().filter(|name| !kept.contains(name)) {
            found.push(module_path(path).into_iter().chain([name]).collect());
        }
    }
    found
}

fn is_test_file(path: &str, tests: &[Vec<String>]) -> bool {
    let module = module_path(path);
    tests.iter().any(|test| module.starts_with(test))
}

/// A word, or a single other character, and the line that it is on.
#[derive(Clone, Debug)]
struct Token {
    text: String,
    line: usize,
}

/// Rust as words and single characters, without comments and literals.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let (mut index, mut line) = (0, 1);
    while index < chars.len() {
        let start = index;
        let mut word = None;
        if at(index) == '/' && at(index + 1) == '/' {
            while index < chars.len() && at(index) != '\n' {
                index += 1;
            }
        } else if at(index) == '/' && at(index + 1) == '*' {
            let mut depth = 0;
            loop {
                match (at(index), at(index + 1)) {
                    ('/', '*') => (depth, index) = (depth + 1, index + 2),
                    ('*', '/') => (depth, index) = (depth - 1, index + 2),
                    _ => index += 1,
                }
                if depth == 0 || index >= chars.len() {
                    break;
                }
            }
        } else if at(index) == '"' {
            index = after_string(&chars, index);
        } else if at(index) == '\'' {
            // 'a' and '\n' are characters; 'a without a second quote is a lifetime.
            if at(index + 1) == '\\' {
                index += 3;
                while index < chars.len() && at(index) != '\'' {
                    index += 1;
                }
                index += 1;
            } else if at(index + 2) == '\'' {
                index += 3;
            } else {
                index += 1;
            }
        } else if is_word(at(index)) {
            while is_word(at(index)) {
                index += 1;
            }
            let text: String = chars[start..index].iter().collect();
            let hashes = chars[index..].iter().take_while(|c| **c == '#').count();
            if matches!(text.as_str(), "r" | "br" | "cr") && at(index + hashes) == '"' {
                let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                index += hashes + 1;
                while index < chars.len() && !chars[index..].starts_with(&end) {
                    index += 1;
                }
                index += end.len();
            } else if text == "r" && hashes == 1 && is_word(at(index + 1)) {
                index += 1; // r#word: the word follows
            } else if !(matches!(text.as_str(), "b" | "c") && matches!(at(index), '"' | '\'')) {
                word = Some(text);
            }
        } else {
            index += 1;
            if !at(start).is_whitespace() {
                word = Some(at(start).to_string());
            }
        }
        if let Some(text) = word {
            tokens.push(Token { text, line });
        }
        line += chars[start..index.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    tokens
}

/// The index after a string that begins at `index`.
fn after_string(chars: &[char], mut index: usize) -> usize {
    index += 1;
    while index < chars.len() && chars[index] != '"' {
        index += if chars[index] == '\\' { 2 } else { 1 };
    }
    index + 1
}

/// Leaves out every item under `#[cfg(test)]` or `#[cfg(all(test, …))]`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let starts = |index: usize, words: &[&str]| words.iter().enumerate().all(|(at, word)| text(index + at) == *word);
    let mut kept = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        if starts(index, &["#", "[", "cfg", "(", "test", ")", "]"])
            || starts(index, &["#", "[", "cfg", "(", "all", "(", "test", ","])
        {
            let mut depth = 0usize;
            let mut in_attribute = true;
            while index < tokens.len() {
                match text(index) {
                    "[" | "(" | "{" => depth += 1,
                    "]" | ")" | "}" => depth = depth.saturating_sub(1),
                    _ => {}
                }
                index += 1;
                let (last, next) = (text(index - 1), text(index));
                if depth == 0 && in_attribute {
                    in_attribute = last != "]" || next == "#";
                } else if depth == 0 && (last == ";" || last == "}") {
                    break;
                }
            }
        } else {
            kept.push(tokens[index].clone());
            index += 1;
        }
    }
    kept
}

/// The top-level modules that the paths of a file lead to, with lines. `module` is the path of the file's own module.
fn imports(tokens: &[Token], module: &[String], in_binary: bool) -> Vec<(usize, String)> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    // Names of the inline modules that are open, each with the depth of braces at which it closes.
    let mut inline: Vec<(String, usize)> = Vec::new();
    let mut depth = 0;
    let mut index = 0;
    while index < tokens.len() {
        match text(index) {
            "{" => depth += 1,
            "}" => {
                inline.retain(|(_, closes)| *closes != depth);
                depth -= 1;
            }
            "mod" if text(index + 2) == "{" => inline.push((text(index + 1).to_owned(), depth + 1)),
            root @ ("crate" | "super" | "sigpkg") if is_path_start(tokens, index) => {
                let mut base: Vec<String> = Vec::new();
                if root == "super" {
                    base.extend(module.iter().cloned());
                    base.extend(inline.iter().map(|(name, _)| name.clone()));
                    base.pop();
                }
                // In the binary `crate` holds nothing but `cli`, and the compiler knows it.
                if !(in_binary && root == "crate") {
                    lead(tokens, index + 3, &base, &mut found);
                }
            }
            _ => {}
        }
        index += 1;
    }
    found
}

/// Whether a path begins here, as opposed to `pub(crate)`, or a segment within a path.
fn is_path_start(tokens: &[Token], index: usize) -> bool {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let within = index >= 2 && text(index - 1) == ":" && text(index - 2) == ":";
    text(index + 1) == ":" && text(index + 2) == ":" && (!within || is_absolute(tokens, index))
}

/// Whether the `::` before this word begins the path, as in `::sigpkg::key`.
fn is_absolute(tokens: &[Token], index: usize) -> bool {
    let before = index.checked_sub(3).and_then(|at| tokens.get(at)).map_or("", |token| token.text.as_str());
    !before.chars().all(|c| c.is_alphanumeric() || c == '_') && before != ">"
}

/// Follows a path from `index` on until its top-level module is known; a group may lead to several.
fn lead(tokens: &[Token], index: usize, base: &[String], found: &mut Vec<(usize, String)>) {
    let Some(token) = tokens.get(index) else { return };
    let goes_on = |index: usize| {
        tokens.get(index).is_some_and(|token| token.text == ":") && tokens.get(index + 1).is_some_and(|t| t.text == ":")
    };
    match token.text.as_str() {
        "super" => {
            let parent = base.split_last().map_or(&[][..], |(_, parent)| parent);
            if goes_on(index + 1) {
                lead(tokens, index + 3, parent, found);
            }
        }
        "{" => {
            let (mut depth, mut at, mut is_start) = (0usize, index, false);
            while let Some(token) = tokens.get(at) {
                match token.text.as_str() {
                    "{" => (depth, is_start) = (depth + 1, depth == 0),
                    "}" => depth -= 1,
                    "," => is_start = depth == 1,
                    _ if is_start => {
                        lead(tokens, at, base, found);
                        is_start = false;
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                at += 1;
            }
        }
        "self" | "*" if base.is_empty() => found.push((token.line, "the crate root".to_owned())),
        name => found.push((token.line, base.first().cloned().unwrap_or_else(|| name.to_owned()))),
    }
}

/// Every use of something that touches the world, with its line.
fn world_uses(tokens: &[Token]) -> Vec<(usize, String)> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    // Names that imports have brought in: `use std::io` makes `io::stdin` a path to `std::io::stdin`.
    let mut known: Vec<(String, String)> = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let token = &tokens[index];
        let follows_path =
            index >= 2 && text(index - 1) == ":" && text(index - 2) == ":" && !is_absolute(tokens, index);
        let is_name = token.text.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_name && !follows_path && text(index.wrapping_sub(1)) != "." {
            let is_use = text(index.wrapping_sub(1)) == "use";
            for (line, path) in paths(tokens, index, "") {
                let (first, rest) = path.split_once("::").unwrap_or((&path, ""));
                let full = known.iter().find(|(name, _)| name == first).map_or(path.clone(), |(_, full)| {
                    if rest.is_empty() { full.clone() } else { format!("{full}::{rest}") }
                });
                let is_path = path.contains("::") || is_use;
                if let Some(world) =
                    WORLD_PATHS.iter().find(|world| full == **world || full.starts_with(&format!("{world}::")))
                    && is_path
                {
                    found.push((line, (*world).to_owned()));
                }
                if is_use && let Some((_, name)) = full.rsplit_once("::") {
                    known.push((name.to_owned(), full.clone()));
                }
            }
            if is_use {
                while index < tokens.len() && text(index) != ";" {
                    index += 1;
                }
                continue;
            }
        }
        let is_call = (text(index.wrapping_sub(1)) == "." && text(index + 1) == "(") || text(index + 1) == "!";
        if is_call && WORLD_CALLS.contains(&token.text.as_str()) {
            found.push((token.line, token.text.clone()));
        }
        index += 1;
    }
    found
}

/// All paths that one path with groups stands for; `a::{b, c::{self, d}}` is `a::b`, `a::c`, `a::c::d`.
fn paths(tokens: &[Token], index: usize, base: &str) -> Vec<(usize, String)> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let Some(token) = tokens.get(index) else { return Vec::new() };
    if token.text == "{" {
        let mut all = Vec::new();
        let (mut depth, mut at, mut is_start) = (0usize, index, false);
        while at < tokens.len() {
            match text(at) {
                "{" => (depth, is_start) = (depth + 1, depth == 0),
                "}" => depth -= 1,
                "," => is_start = depth == 1,
                _ if is_start => {
                    all.extend(paths(tokens, at, base));
                    is_start = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
            at += 1;
        }
        return all;
    }
    let path = match (base, token.text.as_str()) {
        (base, "self") if !base.is_empty() => base.to_owned(),
        ("", name) => name.to_owned(),
        (base, name) => format!("{base}::{name}"),
    };
    if text(index + 1) == ":" && text(index + 2) == ":" {
        return paths(tokens, index + 3, &path);
    }
    vec![(token.line, path)]
}

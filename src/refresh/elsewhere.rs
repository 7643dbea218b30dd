//! Repositories elsewhere: which of their branches and tags are asked for, and the files of these alone (PRJ-31, PRJ-32).

use std::cmp::Ordering;
use std::path::PathBuf;

use super::tips::{self, NEWEST_TAGS, Tip, seq_of, version_of};
use super::{Gathered, Known, Problem, sentence};
use crate::interrupt::TemporaryFolder;
use crate::source::remote::{Address, Fetch, RemoteError, RemoteReference, Terms};

/// How many branches are asked for.
const BRANCHES: usize = 64;

/// How many tags are asked for, beside those named `sigpkg-N`.
const TAGS: usize = 64;

/// Looks into a repository elsewhere, by way of a folder that is gone afterwards.
pub(super) fn gather(address: &Address, subdirectories: &[PathBuf], terms: Terms<'_>, known: &Known) -> Gathered {
    let folder = match TemporaryFolder::new() {
        Ok(folder) => folder,
        Err(error) => return Gathered::problem(Problem::unreached(address.to_string(), error.to_string())),
    };
    let fetched = Fetch::new(address, folder.path(), terms)
        .and_then(|fetch| look(&fetch, &address.to_string(), subdirectories, known));
    fetched.unwrap_or_else(|error| Gathered::problem(Problem::unreached(address.to_string(), sentence(&error))))
}

fn look(fetch: &Fetch<'_>, place: &str, subdirectories: &[PathBuf], known: &Known) -> Result<Gathered, RemoteError> {
    let references = choose(fetch.list()?);
    if references.is_empty() {
        return Ok(Gathered::problem(Problem::unreached(place, "it has no branch and no tag")));
    }
    fetch.tips(&references)?;
    let repository = fetch.open()?;
    let tips: Vec<_> = references.into_iter().map(|RemoteReference { name, commit }| Tip { name, commit }).collect();
    let (found, mut problems) = tips::files(&repository, place, &tips, subdirectories);
    let missing: Vec<_> = match repository.odb() {
        Ok(odb) => found.iter().map(|file| file.id).filter(|id| !odb.exists(*id)).collect(),
        Err(_) => Vec::new(),
    };
    if !missing.is_empty() {
        fetch.objects(&missing)?;
    }
    let mut gathered = tips::read(&fetch.open()?, found, known, true);
    gathered.problems.append(&mut problems);
    Ok(gathered)
}

/// Nothing is known of their dates before they are here, so they are chosen by their names.
fn choose(references: Vec<RemoteReference>) -> Vec<RemoteReference> {
    let (mut by_seq, mut tags, mut branches) = (Vec::new(), Vec::new(), Vec::new());
    for reference in references {
        match (seq_of(&reference.name), reference.name.strip_prefix("refs/tags/")) {
            (Some(seq), _) => by_seq.push((seq, reference)),
            (None, Some(_)) => tags.push(reference),
            (None, None) => branches.push(reference),
        }
    }
    by_seq.sort_by(|(one, _), (other, _)| other.cmp(one));
    // Tags of versions first: a repository may have thousands of others.
    tags.sort_by(|one, other| {
        let is_version = |name: &str| version_of(name).is_some();
        (is_version(&other.name).cmp(&is_version(&one.name))).then_with(|| natural(&other.name, &one.name))
    });
    // `HEAD` sorts before `refs/heads/…`, and so is always among them.
    branches.sort_by(|one, other| one.name.cmp(&other.name));
    let mut chosen: Vec<RemoteReference> = branches.into_iter().take(BRANCHES).collect();
    chosen.extend(by_seq.into_iter().map(|(_, reference)| reference).take(NEWEST_TAGS));
    chosen.extend(tags.into_iter().take(TAGS));
    chosen
}

/// The order in which `v1.10` comes after `v1.9`: runs of digits as numbers, all else as bytes.
fn natural(one: &str, other: &str) -> Ordering {
    let (one, other) = (runs(one), runs(other));
    one.cmp(&other)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum RunOf<'a> {
    Other(&'a str),
    /// Length and digits, without leading zeros.
    Digits(usize, &'a str),
}

fn runs(text: &str) -> Vec<RunOf<'_>> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_digit = first.is_ascii_digit();
        let end = rest.find(|next: char| next.is_ascii_digit() != is_digit).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let digits = run.trim_start_matches('0');
        runs.push(if is_digit { RunOf::Digits(digits.len(), digits) } else { RunOf::Other(run) });
        rest = after;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_chosen_by_their_names() {
        let commit = git2::Oid::ZERO_SHA1;
        let named = |name: String| RemoteReference { name, commit };
        let mut references = vec![named("HEAD".to_owned())];
        references.extend((0..1000).map(|at| named(format!("refs/heads/branch-{at}"))));
        references.extend((0..1000).map(|at| named(format!("refs/tags/v1.{at}.0"))));
        references.extend((0..1000).map(|at| named(format!("refs/tags/sigpkg-{at}"))));
        references.extend((0..1000).map(|at| named(format!("refs/tags/z{at}"))));
        let chosen = choose(references);
        let has = |name: &str| chosen.iter().any(|reference| reference.name == name);
        assert_eq!(chosen.len(), BRANCHES + NEWEST_TAGS + TAGS);
        for name in
            ["HEAD", "refs/tags/v1.999.0", "refs/tags/v1.1000.0", "refs/tags/sigpkg-999", "refs/tags/sigpkg-984"]
        {
            assert_eq!(has(name), name != "refs/tags/v1.1000.0", "{name}");
        }
        assert!(!has("refs/tags/sigpkg-983") && !has("refs/tags/z999"));
    }
}

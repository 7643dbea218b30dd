//! The library's answers about a dependency: what is installed is put into a depot, and read from there.

use std::fs;

use sigpkg::ecosystem;
use sigpkg::package::EcosystemName;
use sigpkg::project::Installed;
use sigpkg::signature::Standard;
use sigpkg::trust::{Pin, Pins, Trusted};
use sigpkg::verify::{Dependency, DependencyNote, Outcome, Question, judge_dependency};

use super::build::{Corpus, Expect, Vector, Verdict};
use super::targets::{User, write_entries};

pub(crate) fn judge(corpus: &Corpus, vector: &Vector) -> Expect {
    let julia = ecosystem::of(EcosystemName::Julia);
    let lockfile = julia.read_lockfile(&corpus.bytes(&vector.input["lockfile"])).unwrap();
    let [locked] = &lockfile.entries[..] else { panic!("{} has one dependency", vector.id) };
    let depot = tempfile::tempdir().unwrap();
    if let Some(tree) = vector.input.get("tree") {
        let place = depot.path().join(&julia.installed_paths(locked)[0]);
        fs::create_dir_all(&place).unwrap();
        write_entries(&place, corpus, tree);
    }
    let pins = vector.input.get("pins").map(|pins| Pins::parse(&corpus.bytes(pins)).unwrap()).unwrap_or_default();
    let of_package: Vec<Pin> = pins.of_package(&locked.package).cloned().collect();
    let user = User::of(corpus, &vector.context);
    let named: Vec<_> = user.trusted.iter().map(Trusted::package).chain(pins.iter().map(|pin| &pin.package)).collect();
    let installed = Installed::read(locked, &[depot.path().to_owned()], julia);
    let dependency = Dependency {
        locked,
        found: installed.found(),
        pins: &of_package,
        reviewed: vector.context.reviewed.as_ref().map(|tree| tree.parse().unwrap()),
        has_namesake: named
            .into_iter()
            .any(|package| package.name() == locked.package.name() && *package != locked.package),
    };
    let question = Question { strict: vector.context.strict, ..Question::new(&user.trusted, user.now) };
    let judged = judge_dependency(&dependency, &question, &Standard);
    let rule = judged.rule().filter(|_| judged.fails());
    let of_verdict = judged.verdict().filter(|_| judged.reason().is_none() && judged.fails());
    let mut notes: Vec<_> = judged.verdict_notes().iter().map(|note| note.word().to_owned()).collect();
    notes.extend(judged.notes().iter().map(DependencyNote::word).map(ToOwned::to_owned));
    notes.sort();
    Expect {
        verdict: match judged.outcome() {
            None => Verdict::Accepted,
            Some(Outcome::Refused) => Verdict::Refused,
            Some(Outcome::Undecided) => Verdict::Undecided,
        },
        rule: rule.map(|rule| rule.id().to_owned()),
        reason: rule.map(|rule| rule.reason().to_owned()),
        reached: of_verdict.map_or("expectation", |verdict| verdict.reached().as_str()),
        notes,
        value: Some(judged.state().as_str().to_owned()),
        ..vector.expect.clone()
    }
}

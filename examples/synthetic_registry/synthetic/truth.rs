//! What was made, for whoever tests against it: `truth.json`.

use git2::Oid;
use serde::Serialize;
use sigpkg::listing::folder::FOLDER;

use super::Options;
use super::make::Version;
use super::plan::{Misconduct, Number, Plan};

#[derive(Clone, Debug, Serialize)]
pub struct Truth {
    pub schema: &'static str,
    pub seed: u64,
    pub light: bool,
    /// Commits of the registry.
    pub batches: usize,
    pub figures: Figures,
    pub planted: Vec<Planted>,
    pub reserves: Vec<ReserveTruth>,
    pub packages: Vec<PackageTruth>,
}

/// What the packages have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    pub packages: usize,
    /// Registered versions, without misconduct.
    pub versions: usize,
    pub versions_a_package: Spread,
    /// Packages that are signed from some version on.
    pub signed_packages: usize,
    pub signed_versions: usize,
    pub backports: usize,
    pub yanks: usize,
    pub rivals: usize,
    /// Packages that have released again after two years of silence.
    pub silent_two_years: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    pub median: u64,
    pub p99: u64,
    pub mean: u64,
    pub most: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackageTruth {
    pub name: String,
    pub uuid: String,
    pub versions: usize,
    /// Of the newest version without misconduct, outside of `.sigpkg`.
    pub files: u64,
    pub bytes: u64,
    /// Whoever has signed the newest of these, and the seq of its release.
    pub signatory: Option<String>,
    pub seq: Option<u64>,
    pub signed_versions: usize,
}

/// Misconduct in the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Planted {
    pub kind: &'static str,
    pub name: String,
    pub uuid: String,
    pub version: String,
    pub tree: String,
    /// The commit that brings it has the tag `batch-N`.
    pub batch: usize,
}

/// A reserve statement that a version brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReserveTruth {
    pub name: String,
    pub uuid: String,
    pub version: String,
    pub seq: u64,
    pub digest: String,
    pub batch: usize,
    /// False if it is planted.
    pub consented: bool,
}

impl Truth {
    pub fn new(options: &Options, plans: &[Plan]) -> Self {
        Self {
            schema: "sigpkg.synthetic/1",
            seed: options.seed,
            light: options.light,
            batches: 0,
            figures: Figures::of(plans),
            planted: Vec::new(),
            reserves: Vec::new(),
            packages: Vec::with_capacity(plans.len()),
        }
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap() + "\n"
    }

    pub fn files(&self) -> Spread {
        Spread::of(self.packages.iter().map(|package| package.files))
    }

    pub fn bytes(&self) -> Spread {
        Spread::of(self.packages.iter().map(|package| package.bytes))
    }
}

impl Figures {
    pub fn of(plans: &[Plan]) -> Self {
        const TWO_YEARS: i64 = 2 * 365 * 86_400;
        let count = |plan: &Plan| plan.honest().len();
        let steps = || plans.iter().flat_map(Plan::honest);
        let signed = |plan: &Plan| plan.signed_from.map_or(0, |first| count(plan) - first);
        let is_silent = |plan: &&Plan| plan.honest().windows(2).any(|pair| pair[1].date - pair[0].date > TWO_YEARS);
        Self {
            packages: plans.len(),
            versions: plans.iter().map(count).sum(),
            versions_a_package: Spread::of(plans.iter().map(|plan| count(plan) as u64)),
            signed_packages: plans.iter().filter(|plan| plan.signed_from.is_some()).count(),
            signed_versions: plans.iter().map(signed).sum(),
            backports: steps().filter(|step| step.is_backport).count(),
            yanks: steps().filter(|step| step.yanks).count(),
            rivals: steps().filter(|step| step.has_rival).count(),
            silent_two_years: plans.iter().filter(is_silent).count(),
        }
    }
}

impl Spread {
    pub fn of(values: impl Iterator<Item = u64>) -> Self {
        let mut values: Vec<_> = values.collect();
        values.sort_unstable();
        let at = |percent: usize| values.get(values.len() * percent / 100).copied().unwrap_or_default();
        let mean = values.iter().sum::<u64>() / (values.len() as u64).max(1);
        Self { median: at(50), p99: at(99), mean, most: values.last().copied().unwrap_or_default() }
    }
}

impl PackageTruth {
    pub fn of(plan: &Plan) -> Self {
        let (name, uuid) = (plan.name.clone(), plan.uuid.to_string());
        Self { name, uuid, versions: 0, files: 0, bytes: 0, signatory: None, seq: None, signed_versions: 0 }
    }

    pub fn add(&mut self, version: &Version<'_>) {
        if version.step.misconduct.is_some() {
            return;
        }
        let outside = || version.files.iter().filter(|(path, _)| path.split('/').next() != Some(FOLDER));
        self.versions += 1;
        self.files = outside().count() as u64;
        self.bytes = outside().map(|(_, blob)| blob.bytes.len() as u64).sum();
        self.signatory = version.signed.map(|(signatory, _)| signatory.to_string());
        self.seq = version.signed.map(|(_, seq)| seq);
        self.signed_versions += usize::from(version.signed.is_some());
    }
}

impl Planted {
    pub fn new(kind: Misconduct, plan: &Plan, version: Number, tree: Oid, batch: usize) -> Self {
        Self {
            kind: kind.as_str(),
            name: plan.name.clone(),
            uuid: plan.uuid.to_string(),
            version: version.to_string(),
            tree: tree.to_string(),
            batch,
        }
    }
}

impl ReserveTruth {
    pub fn new(plan: &Plan, version: Number, (seq, digest): (u64, String), consented: bool, batch: usize) -> Self {
        let (name, uuid) = (plan.name.clone(), plan.uuid.to_string());
        Self { name, uuid, version: version.to_string(), seq, digest, batch, consented }
    }
}

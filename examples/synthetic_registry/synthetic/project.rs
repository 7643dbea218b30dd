//! A Julia project, and a depot with what it needs.
//!
//! ```text
//! OUT/project             Project.toml and Manifest.toml (format 2.0): each dependency in its newest version
//! OUT/project-before      the same with the version that was registered before, as what is installed
//! OUT/depot               packages/NAME/SLUG for both
//! OUT/signatories.list    whoever has signed them, as `sigpkg trust add --list` reads it from the folder OUT
//! OUT/project.json        what was made
//! ```

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use git2::Oid;
use rayon::prelude::*;
use serde::Serialize;
use sigpkg::package::Uuid;

use super::Options;
use super::content::Files;
use super::make;
use super::plan::{self, Plan};

/// Parts of the standard library that the project needs: no tree, no version.
const STANDARD_LIBRARY: [(&str, &str); 3] = [
    ("Dates", "ade2ca70-3891-5945-98fb-dc099432e06a"),
    ("Printf", "de0858da-6303-5e67-8744-51eddeeeb8d7"),
    ("Unicode", "4ec0a83e-493e-50e2-b9ac-8f72acf5a8f5"),
];

#[derive(Clone, Debug, Serialize)]
pub struct ProjectTruth {
    pub schema: &'static str,
    pub dependencies: Vec<Dependency>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dependency {
    pub name: String,
    pub uuid: String,
    pub newest: Installed,
    pub before: Installed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Installed {
    pub version: String,
    pub tree: String,
    /// The last part of the path in the depot.
    pub slug: String,
    /// Whoever has signed it, and the seq of the release.
    pub signatory: Option<String>,
    pub seq: Option<u64>,
}

/// Makes a project that needs the first `count` packages.
pub fn generate(options: &Options, count: usize, out: &Path) -> ProjectTruth {
    let plans = plan::plans(options);
    let chosen = &plans[..count.min(plans.len())];
    let depot = out.join("depot/packages");
    let dependencies: Vec<_> = chosen.par_iter().map(|plan| install(plan, &plans, options, &depot)).collect();
    write_project(&out.join("project"), chosen, |index| &dependencies[index].newest);
    write_project(&out.join("project-before"), chosen, |index| &dependencies[index].before);
    fs::write(out.join("signatories.list"), signatories(&dependencies)).unwrap();
    let truth = ProjectTruth { schema: "sigpkg.synthetic-project/1", dependencies };
    fs::write(out.join("project.json"), serde_json::to_string_pretty(&truth).unwrap() + "\n").unwrap();
    truth
}

/// What was installed first of each signed package, so that the newest version brings something.
fn signatories(dependencies: &[Dependency]) -> String {
    let line = |dependency: &Dependency| {
        let installed = [&dependency.before, &dependency.newest];
        let Installed { slug, signatory, .. } =
            installed.into_iter().find(|installed| installed.signatory.is_some())?;
        Some(format!("{}  depot/packages/{}/{slug}\n", signatory.as_ref()?, dependency.name))
    };
    dependencies.iter().filter_map(line).collect()
}

fn install(plan: &Plan, plans: &[Plan], options: &Options, depot: &Path) -> Dependency {
    let newest = (0..plan.honest().len()).max_by_key(|number| plan.steps[*number].version).unwrap();
    let before = newest.saturating_sub(1);
    let mut installed = Vec::new();
    make::make(plan, plans, options, |version| {
        if version.number != newest && version.number != before {
            return;
        }
        let slug = slug(plan.uuid, version.tree);
        write_files(&depot.join(&plan.name).join(&slug), version.files);
        installed.push(Installed {
            version: version.step.version.to_string(),
            tree: version.tree.to_string(),
            slug,
            signatory: version.signed.map(|(signatory, _)| signatory.to_string()),
            seq: version.signed.map(|(_, seq)| seq),
        });
    });
    let (first, last) = (installed.first().cloned().unwrap(), installed.pop().unwrap());
    Dependency { name: plan.name.clone(), uuid: plan.uuid.to_string(), newest: last, before: first }
}

fn write_files(folder: &Path, files: &Files) {
    for (path, blob) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &blob.bytes).unwrap();
    }
}

fn write_project<'a>(folder: &Path, chosen: &[Plan], installed: impl Fn(usize) -> &'a Installed) {
    let needed: BTreeSet<_> = chosen.iter().flat_map(|plan| plan.deps.iter().copied()).collect();
    let mut project = "[deps]\n".to_owned();
    // Whatever no other needs is what somebody has asked for.
    let mut direct: Vec<_> = chosen.iter().filter(|plan| !needed.contains(&plan.index)).collect();
    direct.sort_by_key(|plan| &plan.name);
    for plan in direct {
        writeln!(project, "{} = \"{}\"", plan.name, plan.uuid).unwrap();
    }
    for (name, uuid) in STANDARD_LIBRARY {
        writeln!(project, "{name} = \"{uuid}\"").unwrap();
    }

    let mut entries: Vec<(String, String)> = chosen
        .iter()
        .map(|plan| {
            let Installed { version, tree, .. } = installed(plan.index);
            let mut deps: Vec<_> = plan.deps.iter().map(|dep| format!("\"{}\"", chosen[*dep].name)).collect();
            deps.sort();
            let deps = if deps.is_empty() { String::new() } else { format!("deps = [{}]\n", deps.join(", ")) };
            let entry =
                format!("{deps}git-tree-sha1 = \"{tree}\"\nuuid = \"{}\"\nversion = \"{version}\"\n", plan.uuid);
            (plan.name.clone(), entry)
        })
        .collect();
    for (name, uuid) in STANDARD_LIBRARY {
        let deps = if name == "Dates" {
            "deps = [\"Printf\"]\n"
        } else if name == "Printf" {
            "deps = [\"Unicode\"]\n"
        } else {
            ""
        };
        entries.push((name.to_owned(), format!("{deps}uuid = \"{uuid}\"\n")));
    }
    entries.sort();
    let mut manifest = "# This file is machine-generated - editing it directly is not advised\n\n".to_owned();
    manifest += "julia_version = \"1.10.0\"\nmanifest_format = \"2.0\"\n";
    for (name, entry) in entries {
        write!(manifest, "\n[[deps.{name}]]\n{entry}").unwrap();
    }
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("Project.toml"), project).unwrap();
    fs::write(folder.join("Manifest.toml"), manifest).unwrap();
}

/// Where Pkg installs a version: `Base.version_slug`. CRC-32C over the UUID as a number of 16 bytes, the least one first,
/// and then the id of the tree; as five digits to base 62, the least one first.
pub fn slug(uuid: Uuid, tree: Oid) -> String {
    const DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut bytes = uuid.as_bytes().to_vec();
    bytes.reverse();
    bytes.extend_from_slice(tree.as_bytes());
    let mut rest = crc32c(&bytes);
    let mut slug = String::new();
    for _ in 0..5 {
        slug.push(char::from(DIGITS[(rest % 62) as usize]));
        rest /= 62;
    }
    slug
}

/// RFC 3720, appendix B.4: the polynomial of Castagnoli, reflected.
pub fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 };
        }
    }
    !crc
}

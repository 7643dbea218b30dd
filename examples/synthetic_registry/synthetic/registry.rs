//! The two repositories: the packages, and the registry in the form that Julia reads.
//!
//! ```text
//! OUT/packages.git        all packages, a branch for each  (or packages/NAME.git, each with a branch main)
//! OUT/registry            Registry.toml and N/NAME/{Package,Versions,Deps,Compat}.toml, one commit for each batch;
//!                         and SigpkgPolicy.toml, which consents to the reserve statements that are not planted
//! OUT/truth.json          what was made
//! ```
//!
//! The commits of the registry have tags: `batch-0` is the first one, which has all but the newest registrations.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use git2::Oid;
use rayon::prelude::*;

use super::Options;
use super::make::{self, Version};
use super::objects::{self, Branch, Import};
use super::plan::{self, Misconduct, Number, Plan};
use super::truth::{PackageTruth, Planted, ReserveTruth, Truth};

/// How many packages are in memory at a time.
const CHUNK: usize = 256;

/// How many packs the shared repository gets: as many programs of git write them.
const PACKS: usize = 4;

/// Something that the registry takes in.
#[derive(Clone, Debug)]
struct Event {
    date: i64,
    package: usize,
    version: Number,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    /// A new version; or with misconduct, another tree of an old one.
    Tree {
        tree: Oid,
        misconduct: Option<Misconduct>,
        reserve: Option<(u64, String)>,
    },
    Yank,
}

/// All that comes of one package.
struct Made {
    stream: Vec<u8>,
    events: Vec<Event>,
    truth: PackageTruth,
}

/// A version in the registry.
struct Registered {
    tree: Oid,
    is_yanked: bool,
}

/// Makes both repositories in `out`, and says what was made.
pub fn generate(options: &Options, out: &Path) -> Truth {
    let plans = plan::plans(options);
    let mut truth = Truth::new(options, &plans);
    let events = write_packages(&plans, options, out, &mut truth);
    write_registry(&plans, options, events, out, &mut truth);
    fs::write(out.join("truth.json"), truth.to_json()).unwrap();
    truth
}

fn write_packages(plans: &[Plan], options: &Options, out: &Path, truth: &mut Truth) -> Vec<Event> {
    let mut writers = Writers::start(out, options.separate);
    let mut events = Vec::new();
    for chunk in plans.chunks(CHUNK) {
        let made: Vec<_> = chunk.par_iter().map(|plan| make_package(plan, plans, options)).collect();
        for (plan, made) in chunk.iter().zip(made) {
            writers.write(plan, made.stream);
            events.extend(made.events);
            truth.packages.push(made.truth);
        }
    }
    writers.finish();
    events
}

fn make_package(plan: &Plan, plans: &[Plan], options: &Options) -> Made {
    let mut branch = Branch::default();
    let mut events = Vec::new();
    let mut truth = PackageTruth::of(plan);
    let name = if options.separate { "main" } else { &plan.name };
    make::make(plan, plans, options, |version| {
        let Version { step, number, .. } = version;
        if step.misconduct != Some(Misconduct::OldTree) {
            branch.commit(name, &format!("{} {}", plan.name, step.version), step.date, version.files);
        }
        if step.yanks {
            let version = plan.steps[number - 1].version;
            events.push(Event { date: step.date - 200, package: plan.index, version, change: Change::Yank });
        }
        let reserve =
            version.reserve.map(|record| (u64::from(record.statement.seq.get()), record.digest().to_string()));
        let change = Change::Tree { tree: version.tree, misconduct: step.misconduct, reserve };
        events.push(Event { date: step.date, package: plan.index, version: step.version, change });
        truth.add(version);
    });
    Made { stream: branch.into_stream(), events, truth }
}

/// The programs of git that write packs, each fed by a thread of its own.
enum Writers<'out> {
    Shared(Vec<(SyncSender<Vec<u8>>, JoinHandle<()>)>),
    Separate(&'out Path),
}

impl<'out> Writers<'out> {
    fn start(out: &'out Path, separate: bool) -> Self {
        if separate {
            return Self::Separate(out);
        }
        let repository = out.join("packages.git");
        objects::init(&repository, true);
        let writer = |_| {
            let mut import = Import::start(&repository);
            let (sender, receiver) = sync_channel::<Vec<u8>>(CHUNK / PACKS);
            let thread = thread::spawn(move || {
                for stream in receiver {
                    import.write(&stream);
                }
                import.finish();
            });
            (sender, thread)
        };
        Self::Shared((0..PACKS).map(writer).collect())
    }

    fn write(&mut self, plan: &Plan, stream: Vec<u8>) {
        match self {
            Self::Shared(writers) => writers[plan.index % PACKS].0.send(stream).unwrap(),
            Self::Separate(out) => {
                let repository = out.join("packages").join(format!("{}.git", plan.name));
                objects::init(&repository, true);
                let mut import = Import::start(&repository);
                import.write(&stream);
                import.finish();
            }
        }
    }

    fn finish(self) {
        if let Self::Shared(writers) = self {
            for (sender, thread) in writers {
                drop(sender);
                thread.join().unwrap();
            }
        }
    }
}

fn write_registry(plans: &[Plan], options: &Options, mut events: Vec<Event>, out: &Path, truth: &mut Truth) {
    // Stable, so that what one package does at one time keeps its order.
    events.sort_by_key(|event| (event.date, event.package));
    let tail = plan::tail_begins(plans, options);
    let base = events.partition_point(|event| event.date < tail);
    let (base, tail) = events.split_at(base);
    let size = tail.len().div_ceil(options.batches.max(1)).max(1);
    let folder = out.join("registry");
    objects::init(&folder, false);
    let import = Import::start(&folder);
    let mut writer = Writer { plans, separate: options.separate, registered: BTreeMap::new(), import };
    let policy = policy(plans, base.iter().chain(tail));
    for (number, batch) in std::iter::once(base).chain(tail.chunks(size)).enumerate() {
        writer.commit(number, batch, &policy, truth);
        truth.batches += 1;
    }
    writer.import.finish();
    let mut reset = objects::git(&folder);
    reset.args(["reset", "--quiet", "--hard"]);
    objects::run(reset);
}

/// The registry as it grows.
struct Writer<'a> {
    plans: &'a [Plan],
    separate: bool,
    registered: BTreeMap<usize, BTreeMap<Number, Registered>>,
    import: Import,
}

impl Writer<'_> {
    fn commit(&mut self, number: usize, batch: &[Event], policy: &str, truth: &mut Truth) {
        let mut changed = BTreeSet::new();
        let before = self.registered.len();
        for event in batch {
            let plan = &self.plans[event.package];
            let versions = self.registered.entry(event.package).or_default();
            changed.insert(event.package);
            match &event.change {
                Change::Yank => {
                    if let Some(registered) = versions.get_mut(&event.version) {
                        registered.is_yanked = true;
                    }
                }
                Change::Tree { tree, misconduct, reserve } => {
                    versions.insert(event.version, Registered { tree: *tree, is_yanked: false });
                    if let Some(kind) = misconduct {
                        truth.planted.push(Planted::new(*kind, plan, event.version, *tree, number));
                    }
                    if let Some((seq, digest)) = reserve {
                        let consented = misconduct.is_none();
                        truth.reserves.push(ReserveTruth::new(
                            plan,
                            event.version,
                            (*seq, digest.clone()),
                            consented,
                            number,
                        ));
                    }
                }
            }
        }
        let date = batch.last().map_or(plan::BEGIN, |event| event.date);
        let message = format!("Batch {number}: {} registrations", batch.len());
        let mut stream = format!(
            "commit refs/heads/main\ncommitter Nobody <nobody@example.org> {date} +0000\ndata {}\n{message}\n",
            message.len()
        );
        if number == 0 {
            write_inline(&mut stream, "SigpkgPolicy.toml", policy);
        }
        if self.registered.len() > before || number == 0 {
            write_inline(&mut stream, "Registry.toml", &self.registry());
        }
        for package in changed {
            let plan = &self.plans[package];
            for (name, content) in self.files(plan) {
                write_inline(&mut stream, &format!("{}/{name}", folder(plan)), &content);
            }
        }
        write!(stream, "\nreset refs/tags/batch-{number}\nfrom refs/heads/main\n\n").unwrap();
        self.import.write(stream.as_bytes());
    }

    fn registry(&self) -> String {
        let mut text = "name = \"Synthetic\"\nuuid = \"5f2d9a0c-6a3e-4c1b-9d57-1c1e5e6f7a80\"\n".to_owned();
        text += "repo = \"https://registry.example.org/Synthetic.git\"\n\n";
        text += "description = \"\"\"\nMade from a seed, for tests: nobody has written these packages.\n\"\"\"\n\n[packages]\n";
        let mut plans: Vec<_> = self.registered.keys().map(|package| &self.plans[*package]).collect();
        plans.sort_by_key(|plan| plan.uuid.to_string());
        for plan in plans {
            writeln!(text, "{} = {{ name = \"{}\", path = \"{}\" }}", plan.uuid, plan.name, folder(plan)).unwrap();
        }
        text
    }

    fn files(&self, plan: &Plan) -> Vec<(&'static str, String)> {
        let Plan { name, uuid, .. } = plan;
        // A clone is looked for by the name of the package, and by the name that the repository has.
        let repository = if self.separate { name } else { "packages" };
        let repository = format!("https://git.example.org/{repository}.git");
        let package = format!("name = \"{name}\"\nuuid = \"{uuid}\"\nrepo = \"{repository}\"\n");
        let registered = &self.registered[&plan.index];
        let mut versions = String::new();
        for (version, Registered { tree, is_yanked }) in registered {
            let separator = if versions.is_empty() { "" } else { "\n" };
            write!(versions, "{separator}[\"{version}\"]\ngit-tree-sha1 = \"{tree}\"\n").unwrap();
            if *is_yanked {
                versions += "yanked = true\n";
            }
        }
        let majors = registered.keys().map(|version| version.0[0]);
        let (least, most) = (majors.clone().min().unwrap(), majors.max().unwrap());
        let range = if least == most { least.to_string() } else { format!("{least}-{most}") };
        let mut files = vec![
            ("Package.toml", package),
            ("Versions.toml", versions),
            ("Compat.toml", format!("[\"{range}\"]\njulia = \"1\"\n")),
        ];
        if !plan.deps.is_empty() {
            let mut deps: Vec<_> = plan.deps.iter().map(|dep| &self.plans[*dep]).collect();
            deps.sort_by_key(|dep| &dep.name);
            let mut text = format!("[\"{range}\"]\n");
            for dep in deps {
                writeln!(text, "{} = \"{}\"", dep.name, dep.uuid).unwrap();
            }
            files.push(("Deps.toml", text));
        }
        files
    }
}

/// Consent to every reserve statement but the planted ones, from the beginning: a change cannot bring its own.
fn policy<'a>(plans: &[Plan], events: impl Iterator<Item = &'a Event>) -> String {
    let mut text = "sigpkg-registry = 1\n".to_owned();
    for event in events {
        if let Change::Tree { misconduct: None, reserve: Some((_, digest)), .. } = &event.change {
            let package = plans[event.package].uuid;
            write!(text, "\n[[consent]]\npackage = \"{package}\"\nstatement = \"{digest}\"\n").unwrap();
            text += "by = \"Nobody\"\nwhy = \"the maintainer has lost the keys, and has said so\"\n";
        }
    }
    text
}

fn write_inline(stream: &mut String, path: &str, content: &str) {
    write!(stream, "M 100644 inline {path}\ndata {}\n{content}\n", content.len()).unwrap();
}

fn folder(plan: &Plan) -> String {
    format!("{}/{}", &plan.name[..1], plan.name)
}

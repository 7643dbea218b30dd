//! Source files: Julia that loads, of the size that is wanted, and changed a little from version to version.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use git2::{ObjectType, Oid};
use sigpkg::digest::Digest;

use super::draw::Draw;
use super::plan::{Number, Plan};
use super::shape;

/// The content of a file with its two names.
#[derive(Debug)]
pub struct Blob {
    pub bytes: Vec<u8>,
    /// The id that git gives it.
    pub id: Oid,
    /// The digest that a listing has.
    pub digest: Digest,
}

/// The files of a tree by their path. Two versions share what has not changed.
pub type Files = BTreeMap<String, Arc<Blob>>;

const PROJECT: &str = "Project.toml";

impl Blob {
    pub fn new(bytes: Vec<u8>) -> Arc<Self> {
        let id = Oid::hash_object(ObjectType::Blob, &bytes).unwrap();
        Arc::new(Self { id, digest: Digest::of(&bytes), bytes })
    }
}

/// The files of the first version.
pub fn first(plan: &Plan, plans: &[Plan], draw: &mut Draw) -> Files {
    let count = plan.shape.files as usize;
    let fixed = [PROJECT.to_owned(), module_path(plan), "README.md".to_owned(), "LICENSE".to_owned()];
    let others = (fixed.len()..).map(|number| match number % 8 {
        0 => format!("test/test{number}.jl"),
        1 => format!("docs/src/page{number}.md"),
        2..=4 => format!("src/part{}/file{number}.jl", number / 32),
        _ => format!("src/file{number}.jl"),
    });
    let paths: Vec<_> = fixed.into_iter().chain(others).take(count).collect();
    // Project.toml has its own size.
    let mut weigh = |path| if path == PROJECT { 0 } else { 1 + draw.below(20) * draw.below(20) };
    let weights: Vec<u64> = paths.iter().map(|path| weigh(path.as_str())).collect();
    let total: u64 = weights.iter().sum();
    let mut files = Files::new();
    for (path, weight) in paths.into_iter().zip(weights) {
        let bytes = (plan.shape.bytes * weight / total).max(40);
        let content = if path == PROJECT {
            project(plan, plans, plan.steps[0].version)
        } else if path == module_path(plan) {
            format!("module {}\n\n{}\nend\n", plan.name, lines(bytes, draw))
        } else {
            lines(bytes, draw)
        };
        files.insert(path, Blob::new(content.into_bytes()));
    }
    files
}

/// The files of the next version: the new number, some lines, and now and then a file more or less.
pub fn next(files: &mut Files, plan: &Plan, plans: &[Plan], version: Number, draw: &mut Draw) {
    number(files, plan, plans, version);
    let count = if plan.shape == shape::Shape::light() { 1 } else { shape::changed_files(draw) };
    edit(files, count, draw);
    if plan.shape != shape::Shape::light() {
        if draw.happens(100) {
            let bytes = plan.shape.bytes / plan.shape.files;
            files.insert(format!("src/new{}.jl", draw.below(1_000_000)), Blob::new(lines(bytes, draw).into_bytes()));
        }
        if draw.happens(100)
            && let Some(path) = files.keys().rev().find(|path| path.starts_with("src/new")).cloned()
        {
            files.remove(&path);
        }
    }
}

/// Sets the version in `Project.toml`.
pub fn number(files: &mut Files, plan: &Plan, plans: &[Plan], version: Number) {
    files.insert(PROJECT.to_owned(), Blob::new(project(plan, plans, version).into_bytes()));
}

/// Changes a line in each of some files; not in `Project.toml`, nor in `.sigpkg`.
pub fn edit(files: &mut Files, count: usize, draw: &mut Draw) {
    let is_source = |path: &&String| *path != PROJECT && !path.starts_with(".sigpkg/");
    let paths: Vec<_> = files.keys().filter(is_source).cloned().collect();
    for _ in 0..count.min(paths.len()) {
        let path = &paths[draw.place(paths.len())];
        let content = edited(&files[path].bytes, draw);
        files.insert(path.clone(), Blob::new(content));
    }
}

/// With one line replaced, or one more if the file has but a few.
fn edited(content: &[u8], draw: &mut Draw) -> Vec<u8> {
    let starts: Vec<_> = content.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let mut line = String::new();
    write_line(&mut line, draw);
    // The first line and the last two may be those of the module.
    let (start, end) = match starts.len() {
        0..8 => (starts.first().copied().unwrap_or(0), starts.first().copied().unwrap_or(0)),
        count => {
            let at = 1 + draw.place(count - 5);
            (starts[at], starts[at + 1])
        }
    };
    [&content[..start], line.as_bytes(), &content[end..]].concat()
}

fn module_path(plan: &Plan) -> String {
    format!("src/{}.jl", plan.name)
}

fn project(plan: &Plan, plans: &[Plan], version: Number) -> String {
    let Plan { name, uuid, .. } = plan;
    let mut text = format!("name = \"{name}\"\nuuid = \"{uuid}\"\nversion = \"{version}\"\n\n[deps]\n");
    let mut deps: Vec<_> = plan.deps.iter().map(|dep| &plans[*dep]).collect();
    deps.sort_by_key(|dep| &dep.name);
    for dep in deps {
        writeln!(text, "{} = \"{}\"", dep.name, dep.uuid).unwrap();
    }
    text + "\n[compat]\njulia = \"1\"\n"
}

/// Lines of source code, about as many bytes as asked for.
fn lines(bytes: u64, draw: &mut Draw) -> String {
    let bytes = bytes as usize;
    let mut text = String::with_capacity(bytes + 80);
    while text.len() < bytes {
        write_line(&mut text, draw);
    }
    text
}

/// A function, so that it may stand anywhere.
fn write_line(text: &mut String, draw: &mut Draw) {
    const WORDS: &[&str] = &[
        "solve", "mesh", "field", "grid", "norm", "basis", "chart", "parse", "table", "index", "graph", "shift",
        "scale", "sample", "filter", "kernel", "update", "observe", "tensor", "vector",
    ];
    let number = draw.number();
    let (first, second) = (draw.pick(WORDS), draw.pick(WORDS));
    writeln!(text, "{first}_{second}_{:x}(x, y) = {} * x + y", number & 0xffff_ffff, (number >> 32) % 1000).unwrap();
}

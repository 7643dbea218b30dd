//! What happens to each package: its versions, their dates, who signs them, and what goes wrong. No content yet.

use std::collections::BTreeSet;
use std::fmt;

use sigpkg::package::{Package, Uuid};

use super::Options;
use super::draw::Draw;
use super::shape::{self, Shape};

/// When the registry begins: 2018-08-08, as General did.
pub const BEGIN: i64 = 1_533_686_400;
/// When it ends: 2026-11-01.
pub const END: i64 = 1_793_491_200;
const DAY: i64 = 86_400;

/// One package, from its first version to its last.
#[derive(Clone, Debug)]
pub struct Plan {
    pub index: usize,
    pub name: String,
    pub uuid: Uuid,
    /// The packages that it needs: all of them have a lower index.
    pub deps: Vec<usize>,
    pub shape: Shape,
    /// The first step that is signed; all that follow are, too.
    pub signed_from: Option<usize>,
    pub steps: Vec<Step>,
}

/// One registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each of them may be with any other")]
pub struct Step {
    pub version: Number,
    /// Seconds since 1970.
    pub date: i64,
    /// Its version is lower than one before.
    pub is_backport: bool,
    /// The registration before it is yanked first; by a statement, if it was signed.
    pub yanks: bool,
    /// A thief has made a release beside this one. It is void as soon as the next one is out.
    pub has_rival: bool,
    /// A reserve statement comes before it.
    pub has_reserve: bool,
    pub misconduct: Option<Misconduct>,
}

/// A version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub [u64; 3]);

/// What a registry must not let pass, as the last step of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Misconduct {
    /// A registered version has another tree all of a sudden: a file differs, and if it was signed, its folder does not.
    ReplacedTree,
    /// A version without `.sigpkg` after signed ones.
    UnsignedAfterSigned,
    /// A version that somebody else has signed.
    SignatoryChanged,
    /// A version after a reserve statement that nobody has consented to.
    ReserveWithoutConsent,
    /// The tree of an earlier version under a new number.
    OldTree,
    /// A file was changed after the release was signed.
    EditedTree,
}

impl Plan {
    pub fn package(&self) -> Package {
        Package::julia(&self.name, self.uuid).unwrap()
    }

    pub fn is_signed(&self, step: usize) -> bool {
        self.signed_from.is_some_and(|first| first <= step)
    }

    /// The steps without the misconduct at their end.
    pub fn honest(&self) -> &[Step] {
        let end = self.steps.iter().position(|step| step.misconduct.is_some()).unwrap_or(self.steps.len());
        &self.steps[..end]
    }

    fn new(index: usize, options: &Options) -> Self {
        let mut draw = Draw::of(options.seed, "plan", index);
        let shape = if options.light { Shape::light() } else { Shape::full(&mut draw) };
        let steps = history(&mut draw, options.events);
        // One of three that sign does so from the first version on.
        let signs = draw.happens(options.signed * 10);
        let signed_from = if draw.happens(333) { 0 } else { draw.place(steps.len()) };
        let name = name(index, &mut draw);
        let deps = dependencies(index, &mut draw);
        let mut plan = Self {
            index,
            name,
            uuid: uuid(options.seed, index),
            deps,
            shape,
            signed_from: signs.then_some(signed_from),
            steps,
        };
        plan.draw_events(&mut draw, options.events);
        plan
    }

    /// Yanks and forks, each as often as `per_thousand` says.
    fn draw_events(&mut self, draw: &mut Draw, per_thousand: u64) {
        for index in 0..self.steps.len() {
            let (yanks, has_rival) = (draw.happens(per_thousand), draw.happens(per_thousand));
            self.steps[index].yanks = yanks && index > 0;
            self.steps[index].has_rival = has_rival && self.is_signed(index) && index + 1 < self.steps.len();
        }
    }
}

/// The plans of all packages.
pub fn plans(options: &Options) -> Vec<Plan> {
    let mut plans: Vec<_> = (0..options.packages).map(|index| Plan::new(index, options)).collect();
    give_reserves(&mut plans, options);
    plant(&mut plans, options);
    plans
}

/// The date from which on registrations come in batches: everything before is in the first commit.
pub fn tail_begins(plans: &[Plan], options: &Options) -> i64 {
    let mut dates: Vec<_> = plans.iter().flat_map(|plan| plan.honest().iter().map(|step| step.date)).collect();
    dates.sort_unstable();
    let tail = (options.batches * options.batch).min(dates.len() / 2);
    dates.get(dates.len() - tail.max(1)).copied().unwrap_or(BEGIN)
}

/// Puts reserve statements into the chains of some packages, between two releases.
fn give_reserves(plans: &mut [Plan], options: &Options) {
    let mut draw = Draw::of(options.seed, "reserves", 0);
    let fits = |plan: &Plan| plan.signed_from.is_some_and(|first| first + 2 <= plan.steps.len());
    for index in chosen(plans, options.reserves, &mut draw, fits) {
        let plan = &mut plans[index];
        let first = plan.signed_from.unwrap() + 1;
        let at = first + draw.place(plan.steps.len() - first);
        plan.steps[at].has_reserve = true;
    }
}

/// Plants misconduct of each kind, at some date after the beginning of the tail.
fn plant(plans: &mut [Plan], options: &Options) {
    let tail = tail_begins(plans, options);
    let mut draw = Draw::of(options.seed, "planted", 0);
    for kind in Misconduct::ALL {
        let fits = |plan: &Plan| {
            let is_honest = plan.honest().len() == plan.steps.len();
            // A second of the day is left for whatever comes before it.
            is_honest && plan.steps.len() >= kind.least_steps() && (plan.signed_from.is_some() || !kind.needs_signed())
        };
        for index in chosen(plans, options.plant, &mut draw, fits) {
            let plan = &mut plans[index];
            let last = plan.steps.last().unwrap().date;
            let earliest = (last + 1).max(tail);
            let date = earliest + draw.below((END - earliest).max(1).cast_unsigned()).cast_signed();
            let version = if kind == Misconduct::ReplacedTree {
                draw.pick(&plan.steps).version
            } else {
                plan.highest().bumped(0)
            };
            plan.steps.push(Step { misconduct: Some(kind), ..Step::new(version, date) });
        }
    }
}

/// Some packages that fit, by chance.
fn chosen(plans: &[Plan], count: usize, draw: &mut Draw, fits: impl Fn(&Plan) -> bool) -> Vec<usize> {
    let mut candidates: Vec<_> = plans.iter().filter(|plan| fits(plan)).map(|plan| plan.index).collect();
    let count = count.min(candidates.len());
    for at in 0..count {
        let other = at + draw.place(candidates.len() - at);
        candidates.swap(at, other);
    }
    candidates.truncate(count);
    candidates
}

/// Versions and dates.
fn history(draw: &mut Draw, events: u64) -> Vec<Step> {
    let count = shape::versions(draw);
    let begin = BEGIN + draw.below((END - BEGIN).cast_unsigned() * 9 / 10).cast_signed();
    let gaps: Vec<u64> = (1..count).map(|_| shape::gap_days(draw) * 86_400 + 600 + draw.below(86_400)).collect();
    let total = gaps.iter().sum::<u64>().max(1);
    let room = (END - DAY - begin).cast_unsigned();
    let mut date = begin;
    let mut owed = 0;
    let mut steps: Vec<Step> = Vec::with_capacity(count);
    let first = if draw.happens(300) { Number([1, 0, 0]) } else { Number([0, 1, 0]) };
    steps.push(Step::new(first, date));
    for gap in gaps {
        // Whoever would not come to an end in time releases more often.
        let gap = if total > room { u128::from(gap) * u128::from(room) / u128::from(total) } else { u128::from(gap) };
        date += 1 + gap as i64;
        let highest = steps.iter().map(|step| step.version).max().unwrap();
        // Where there is no earlier line yet, the next registration that can be a back-port is one.
        owed += usize::from(draw.happens(events));
        let backport = if owed > 0 { backport(&steps, highest, draw) } else { None };
        owed -= usize::from(backport.is_some());
        let version = backport.unwrap_or_else(|| highest.bumped(draw.pick(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 2])));
        steps.push(Step { is_backport: backport.is_some(), ..Step::new(version, date) });
    }
    steps
}

/// The next patch of an earlier minor version, if there is one.
fn backport(steps: &[Step], highest: Number, draw: &mut Draw) -> Option<Number> {
    let line = |version: Number| [version.0[0], version.0[1]];
    let earlier: BTreeSet<_> = steps.iter().map(|step| line(step.version)).filter(|of| *of < line(highest)).collect();
    let earlier: Vec<_> = earlier.into_iter().collect();
    if earlier.is_empty() {
        return None;
    }
    let chosen = draw.pick(&earlier);
    steps.iter().map(|step| step.version).filter(|version| line(*version) == chosen).max().map(|last| last.bumped(0))
}

/// A name of syllables, no two of them equal after case folding, and none of the standard library.
fn name(index: usize, draw: &mut Draw) -> String {
    const CONSONANTS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
    const VOWELS: &[u8; 5] = b"aeiou";
    let mut name = String::new();
    let mut rest = index;
    for round in 0.. {
        if round >= 2 && rest == 0 {
            break;
        }
        let digit = rest % 100;
        rest /= 100;
        name.push(char::from(CONSONANTS[digit / 5]));
        name.push(char::from(VOWELS[digit % 5]));
    }
    name.push('n');
    name[..1].make_ascii_uppercase();
    name + draw.pick(&["", "", "", "", "Tools", "Kit", "Math", "Data", "Plots", "Graphs"])
}

/// A random (version 4) UUID.
fn uuid(seed: u64, index: usize) -> Uuid {
    let mut draw = Draw::of(seed, "uuid", index);
    let (high, low) = (draw.number(), draw.number());
    let high = high & 0xffff_ffff_ffff_0fff | 0x4000;
    let low = low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
    let text = format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    );
    text.parse().unwrap()
}

/// Up to eight packages of lower index; the low ones are the popular ones.
fn dependencies(index: usize, draw: &mut Draw) -> Vec<usize> {
    if index == 0 {
        return Vec::new();
    }
    let count = draw.below(9).min(draw.below(9));
    let deps: BTreeSet<_> =
        (0..count).map(|_| draw.place(index).min(draw.place(index)).min(draw.place(index))).collect();
    deps.into_iter().collect()
}

impl Step {
    fn new(version: Number, date: i64) -> Self {
        let (is_backport, yanks, has_rival, has_reserve) = (false, false, false, false);
        Self { version, date, is_backport, yanks, has_rival, has_reserve, misconduct: None }
    }
}

impl Plan {
    fn highest(&self) -> Number {
        self.steps.iter().map(|step| step.version).max().unwrap()
    }
}

impl Number {
    /// The next patch (0), minor (1) or major (2) version.
    fn bumped(self, part: usize) -> Self {
        let [major, minor, patch] = self.0;
        Self(match part {
            0 => [major, minor, patch + 1],
            1 => [major, minor + 1, 0],
            _ => [major + 1, 0, 0],
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(out, "{major}.{minor}.{patch}")
    }
}

impl Misconduct {
    pub const ALL: [Self; 6] = [
        Self::ReplacedTree,
        Self::UnsignedAfterSigned,
        Self::SignatoryChanged,
        Self::ReserveWithoutConsent,
        Self::OldTree,
        Self::EditedTree,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReplacedTree => "replaced-tree",
            Self::UnsignedAfterSigned => "unsigned-after-signed",
            Self::SignatoryChanged => "signatory-changed",
            Self::ReserveWithoutConsent => "reserve-without-consent",
            Self::OldTree => "old-tree",
            Self::EditedTree => "edited-tree",
        }
    }

    const fn needs_signed(self) -> bool {
        match self {
            Self::ReplacedTree | Self::OldTree => false,
            Self::UnsignedAfterSigned | Self::SignatoryChanged | Self::ReserveWithoutConsent | Self::EditedTree => true,
        }
    }

    const fn least_steps(self) -> usize {
        match self {
            Self::OldTree => 2,
            Self::ReplacedTree
            | Self::UnsignedAfterSigned
            | Self::SignatoryChanged
            | Self::ReserveWithoutConsent
            | Self::EditedTree => 1,
        }
    }
}

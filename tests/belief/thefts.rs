//! Every theft of keys, against a population of users who hear honest and forged statements in every order.
//!
//! The thief does all that his keys allow, everywhere in the chain; what a user believes in the end is the worst that
//! any of it achieves. The result is a table in `spec/threat-model.md`, of which every cell is measured here.
//! `SIGPKG_WRITE_TABLE=1` writes it; otherwise the test compares.

mod scene;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use sigpkg::chain::Chain;
use sigpkg::rule::Rule;
use sigpkg::statement::Cause;

use self::scene::Scene;
use crate::testing::{Fixture, StandIn, chain_file};

/// The seq of the newest release when the keys are stolen, *n*. Before it come the genesis, two releases, and a yank of
/// the first of these with severity `refuse`.
const N: u32 = 5;

/// What was stolen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Theft {
    Next,
    AfterNext,
    NextAndAfterNext,
    NewestUsed,
    TwoUsedApart,
    TwoUsedInARow,
    AllUsed,
    Seed,
    OneReserveKey,
    ReserveKeys,
    ReserveKeysAndUsed,
    AnyEd25519,
}

/// Who listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum User {
    /// Has every statement up to n; the first trust was long ago, at statement 2.
    UpToDate,
    /// The same, and the policy is `accept`.
    Follower,
    /// The same, up to n-1.
    OneBehind,
    /// The same, up to 2.
    FarBehind,
    /// First trust was in statement n, before any forgery.
    OwnerFirst,
    /// First trust is in what the thief shows.
    ThiefFirst,
    /// First trust is in all that there is.
    Both,
}

/// What is known of the owner by then, and has been heard by everyone, together with all that the thief can make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Only the thief is heard, at whatever time suits him best.
    ThiefAlone,
    /// The owner's statements up to n.
    Before,
    /// One more, and so on.
    Next,
    AfterNext,
    Third,
    /// A reserve record after these.
    ReserveSeen,
    /// The user accepts it, and the owner goes on.
    ReserveAccepted,
}

/// What a user believes, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Belief {
    Honest,
    Stopped,
    Contested,
    Forged,
}

/// The worst that a user can be made to believe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    belief: Belief,
    /// An honest release that he has is refused for a forged yank. Said only if no forgery stands, and so is the next.
    is_yanked: bool,
    /// An honest release that he has is void.
    is_void: bool,
    /// What has become of the owner's yanks with severity `refuse`.
    refusal: Refusal,
    /// The most forged statements that stand at once.
    forged: usize,
}

/// What has become of a yank with severity `refuse` that a user has heard from the owner. Said only if no forgery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Refusal {
    /// The release is refused, or does not stand and is warned of.
    Kept,
    /// The release stands, and is warned of.
    OnlyWarned,
    /// Nothing is said of the yank, whether the release stands or not.
    Silent,
}

type Table = BTreeMap<(Theft, User, Stage), Option<Cell>>;

#[test]
fn one_key_forges_one_statement_which_the_owners_next_two_end() {
    for (theft, forged_at, healed_at) in [
        (Theft::Next, Stage::Before, Stage::AfterNext),
        (Theft::AfterNext, Stage::Next, Stage::Third),
        (Theft::NewestUsed, Stage::ThiefAlone, Stage::Next),
        (Theft::TwoUsedApart, Stage::ThiefAlone, Stage::Next),
    ] {
        let worst = |stage| worst_of(theft, &users_of(theft), stage);
        assert_eq!(worst(forged_at).belief, Belief::Forged, "{theft:?} at {forged_at:?}");
        let stages = Stage::ALL.into_iter();
        assert!(stages.clone().all(|stage| worst(stage).forged <= 1), "{theft:?} forged two statements");
        for stage in stages.filter(|stage| *stage >= healed_at && *stage < Stage::ReserveSeen) {
            assert_eq!(worst(stage).belief, Belief::Honest, "{theft:?} at {stage:?}");
        }
    }
    assert_eq!(worst_of(Theft::AfterNext, &users_of(Theft::AfterNext), Stage::Before).belief, Belief::Honest);
}

#[test]
fn whoever_has_the_statement_of_a_used_key_is_never_moved_by_it() {
    for theft in [Theft::NewestUsed, Theft::TwoUsedApart] {
        for stage in Stage::ALL {
            let has_it = [User::UpToDate, User::OwnerFirst];
            assert!(worst_of(theft, &has_it, stage).belief <= Belief::Contested, "{theft:?} at {stage:?}");
        }
        assert_eq!(cell(theft, User::OneBehind, Stage::ThiefAlone).belief, Belief::Forged, "{theft:?}");
        assert_eq!(cell(theft, User::OneBehind, Stage::Before).belief, Belief::Contested, "{theft:?}");
    }
}

#[test]
fn two_keys_in_a_row_or_the_seed_capture_or_contest_until_the_reserve_record_is_seen() {
    for theft in [Theft::NextAndAfterNext, Theft::TwoUsedInARow, Theft::AllUsed, Theft::Seed, Theft::AnyEd25519] {
        let worst = |stage| worst_of(theft, &users_of(theft), stage);
        assert_eq!(worst(Stage::ThiefAlone).belief, Belief::Forged, "{theft:?}");
        assert!(worst(Stage::Third).belief >= Belief::Contested, "{theft:?} was healed without the reserve");
        let seen = worst(Stage::ReserveSeen);
        assert_eq!((seen.belief, seen.forged), (Belief::Stopped, 0), "{theft:?} is void on sight of a reserve record");
        assert!(!seen.is_yanked && !seen.is_void, "{theft:?} costs no honest release");
        let accepted = worst(Stage::ReserveAccepted);
        assert_eq!((accepted.belief, accepted.forged), (Belief::Honest, 0), "{theft:?}");
    }
}

#[test]
fn used_keys_do_not_move_whoever_first_trusted_after_them() {
    for theft in [Theft::TwoUsedInARow, Theft::AllUsed] {
        for stage in Stage::ALL.into_iter().filter(|stage| *stage < Stage::ReserveSeen) {
            // All used keys hold the newest one, which alone is enough to contest the newest statement.
            let bound = if stage == Stage::ThiefAlone { Belief::Contested } else { Belief::Honest };
            assert!(cell(theft, User::OwnerFirst, stage).belief <= bound, "{theft:?} at {stage:?}");
        }
        assert_eq!(cell(theft, User::ThiefFirst, Stage::Third).belief, Belief::Forged, "{theft:?}");
    }
}

#[test]
fn one_reserve_key_of_two_does_nothing() {
    for user in users_of(Theft::OneReserveKey) {
        for stage in Stage::ALL.into_iter().filter(|stage| *stage != Stage::ReserveSeen) {
            if let Some(cell) = measured(Theft::OneReserveKey, user, stage) {
                assert_eq!((cell.belief, cell.forged), (Belief::Honest, 0), "{user:?} at {stage:?}");
                assert_eq!(
                    (cell.is_yanked, cell.is_void, cell.refusal),
                    (false, false, Refusal::Kept),
                    "{user:?} at {stage:?}"
                );
            }
        }
    }
    for (rule, file) in forgeries_with_one_reserve_key() {
        let id = Chain::claimed_id(file.as_bytes()).unwrap();
        let refused = Chain::admit(file.as_bytes(), id, &StandIn).map(|chain| chain.len());
        assert_eq!(refused.map_err(|error| error.rule()), Err(rule));
    }
}

#[test]
fn a_stolen_reserve_stops_a_chain_at_once_and_moves_nobody_without_their_word() {
    let stopped = [Belief::Stopped, Belief::Contested];
    for theft in [Theft::ReserveKeys, Theft::ReserveKeysAndUsed] {
        for user in [User::UpToDate, User::OneBehind, User::FarBehind, User::OwnerFirst] {
            for stage in Stage::ALL {
                if (theft, user, stage) == (Theft::ReserveKeysAndUsed, User::FarBehind, Stage::ThiefAlone) {
                    // The link key does this, with or without the reserve.
                    assert_eq!(cell(theft, user, stage).forged, 1);
                    continue;
                }
                let cell = cell(theft, user, stage);
                assert_eq!((cell.forged, cell.is_yanked), (0, false), "{theft:?}, {user:?} at {stage:?}");
                // Two forged reserve records stop it as one does; and of two quorums neither beats the other.
                let is_over = stage == Stage::ReserveAccepted;
                assert_eq!(stopped.contains(&cell.belief), !is_over, "{theft:?}, {user:?} at {stage:?}");
            }
        }
        // A policy is a word given in advance, and first trust is one too.
        for user in [User::Follower, User::ThiefFirst] {
            assert_eq!(cell(theft, user, Stage::Before).belief, Belief::Forged, "{theft:?}, {user:?}");
        }
        for user in users_of(theft) {
            assert_eq!(cell(theft, user, Stage::ReserveAccepted).belief, Belief::Honest, "{theft:?}, {user:?}");
        }
    }
}

#[test]
fn what_the_owner_has_yanked_is_warned_of_whatever_is_stolen_and_refused_if_no_reserve_is() {
    for ((theft, user, stage), cell) in table() {
        let Some(cell) = cell else { continue };
        assert_ne!(cell.refusal, Refusal::Silent, "{theft:?}, {user:?} at {stage:?}");
        // The owner's own reserve record takes back nothing that a user has heard, but from one who accepted a forgery.
        let is_refused = !theft.has_reserve() && *user != User::ThiefFirst || *stage == Stage::ReserveAccepted;
        assert!(!is_refused || cell.refusal == Refusal::Kept, "{theft:?}, {user:?} at {stage:?}");
    }
}

#[test]
fn the_table_in_the_threat_model_is_what_was_measured() {
    const BEGIN: &str = "<!-- measured: stolen keys -->\n";
    const END: &str = "<!-- end of measured -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/threat-model.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("spec/threat-model.md has the first marker");
    let (found, after) = rest.split_once(END).expect("spec/threat-model.md has the second marker");
    let expected = render();
    if std::env::var_os("SIGPKG_WRITE_TABLE").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
        return;
    }
    let missing = expected.lines().filter(|line| !found.lines().any(|it| it == *line));
    let surplus = found.lines().filter(|line| !expected.lines().any(|it| it == *line));
    let differences: Vec<_> = surplus.map(|it| format!("- {it}")).chain(missing.map(|it| format!("+ {it}"))).collect();
    assert!(
        found == expected,
        "the table is not what was measured; SIGPKG_WRITE_TABLE=1 writes it\n{}",
        differences.join("\n")
    );
}

impl Theft {
    const ALL: [Self; 12] = [
        Self::Next,
        Self::AfterNext,
        Self::NextAndAfterNext,
        Self::NewestUsed,
        Self::TwoUsedApart,
        Self::TwoUsedInARow,
        Self::AllUsed,
        Self::Seed,
        Self::OneReserveKey,
        Self::ReserveKeys,
        Self::ReserveKeysAndUsed,
        Self::AnyEd25519,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Next => "key n+1, before its release",
            Self::AfterNext => "key n+2 alone",
            Self::NextAndAfterNext => "keys n+1 and n+2",
            Self::NewestUsed => "used key n",
            Self::TwoUsedApart => "used keys n-2 and n",
            Self::TwoUsedInARow => "used keys n-2 and n-1",
            Self::AllUsed => "all used keys",
            Self::Seed => "the seed",
            Self::OneReserveKey => "one reserve key of two",
            Self::ReserveKeys => "two reserve keys of two",
            Self::ReserveKeysAndUsed => "these, and used key n-2",
            Self::AnyEd25519 => "any Ed25519 key",
        }
    }

    /// Whether the thief has the link key with this number, of those that the owner had before a reserve record.
    fn has_link_key(self, number: u32) -> bool {
        match self {
            Self::Next => number == N + 1,
            Self::AfterNext => number == N + 2,
            Self::NextAndAfterNext => number == N + 1 || number == N + 2,
            Self::NewestUsed => number == N,
            Self::TwoUsedApart => number == N - 2 || number == N,
            Self::TwoUsedInARow => number == N - 2 || number == N - 1,
            Self::AllUsed => number <= N,
            Self::Seed | Self::AnyEd25519 => true,
            Self::ReserveKeysAndUsed => number == N - 2,
            Self::OneReserveKey | Self::ReserveKeys => false,
        }
    }

    /// Whether the thief has as many reserve keys as must sign.
    fn has_reserve(self) -> bool {
        self == Self::ReserveKeys || self == Self::ReserveKeysAndUsed
    }

    /// What the owner's reserve says about it, when it speaks.
    fn cause(self) -> Cause {
        if self == Self::AnyEd25519 { Cause::Algorithm } else { Cause::Stolen }
    }
}

impl User {
    const ALL: [Self; 7] = [
        Self::UpToDate,
        Self::Follower,
        Self::OneBehind,
        Self::FarBehind,
        Self::OwnerFirst,
        Self::ThiefFirst,
        Self::Both,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::UpToDate => "has n",
            Self::Follower => "has n, policy `accept`",
            Self::OneBehind => "has n-1",
            Self::FarBehind => "has 2",
            Self::OwnerFirst => "first trust at n",
            Self::ThiefFirst => "new, thief first",
            Self::Both => "new, all at once",
        }
    }
}

/// The policy shows only where a thief has a reserve.
fn users_of(theft: Theft) -> Vec<User> {
    let shows = |user: &User| *user != User::Follower || theft.has_reserve() || theft == Theft::OneReserveKey;
    User::ALL.into_iter().filter(shows).collect()
}

impl Stage {
    const ALL: [Self; 7] = [
        Self::ThiefAlone,
        Self::Before,
        Self::Next,
        Self::AfterNext,
        Self::Third,
        Self::ReserveSeen,
        Self::ReserveAccepted,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::ThiefAlone => "thief alone",
            Self::Before => "all, owner at n",
            Self::Next => "n+1",
            Self::AfterNext => "n+2",
            Self::Third => "n+3",
            Self::ReserveSeen => "reserve record",
            Self::ReserveAccepted => "accepted",
        }
    }

    /// How many statements the owner has made since the theft, without reserve records.
    fn owner_made(self) -> u32 {
        match self {
            Self::ThiefAlone | Self::Before => 0,
            Self::Next => 1,
            Self::AfterNext => 2,
            Self::Third | Self::ReserveSeen | Self::ReserveAccepted => 3,
        }
    }
}

impl Cell {
    /// The worst of two attempts.
    fn or(self, other: Self) -> Self {
        let belief = self.belief.max(other.belief);
        let stands = belief == Belief::Forged;
        Self {
            belief,
            is_yanked: !stands && (self.is_yanked || other.is_yanked),
            is_void: !stands && (self.is_void || other.is_void),
            // A yank that is silenced is looked for beside every forgery.
            refusal: match self.refusal.max(other.refusal) {
                Refusal::OnlyWarned if stands => Refusal::Kept,
                worst @ (Refusal::Kept | Refusal::OnlyWarned | Refusal::Silent) => worst,
            },
            forged: self.forged.max(other.forged),
        }
    }

    fn words(self) -> String {
        let word = match self.belief {
            Belief::Honest => "honest",
            Belief::Stopped => "stopped",
            Belief::Contested => "contested",
            Belief::Forged => "**forged**",
        };
        let marks = [(self.is_yanked, "†"), (self.is_void, "‡"), (self.refusal > Refusal::Kept, "§")];
        let marks: String = marks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, mark)| mark).collect();
        if marks.is_empty() { word.to_owned() } else { format!("{word} {marks}") }
    }
}

/// Everything, measured once.
fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        std::thread::scope(|scope| {
            let measuring = Theft::ALL.map(|theft| scope.spawn(move || measure(theft)));
            measuring.into_iter().flat_map(|it| it.join().unwrap()).collect()
        })
    })
}

fn measure(theft: Theft) -> Table {
    let mut table = Table::new();
    for stage in Stage::ALL.into_iter().filter(|stage| *stage != Stage::ThiefAlone) {
        let mut attempts: Vec<_> = Scene::attempts(theft, stage).into_iter().map(Scene::pieces).collect();
        // To do nothing is an attempt, too.
        attempts.push(Scene::at(theft, stage).pieces());
        for user in users_of(theft) {
            if stage < Stage::ReserveSeen {
                let so_far = table.entry((theft, user, Stage::ThiefAlone)).or_default();
                let heard = attempts.iter().filter_map(|attempt| attempt.hears_thief(user));
                *so_far = so_far.iter().copied().chain(heard).reduce(Cell::or);
            }
            let worst = attempts.iter().map(|attempt| attempt.hears_all(user, stage)).reduce(Cell::or);
            table.insert((theft, user, stage), worst);
        }
    }
    table
}

fn measured(theft: Theft, user: User, stage: Stage) -> Option<Cell> {
    table()[&(theft, user, stage)]
}

fn cell(theft: Theft, user: User, stage: Stage) -> Cell {
    measured(theft, user, stage).unwrap()
}

fn worst_of(theft: Theft, users: &[User], stage: Stage) -> Cell {
    users.iter().filter_map(|user| measured(theft, *user, stage)).reduce(Cell::or).unwrap()
}

/// Users with the same row share one, and so do thefts with the same rows.
fn render() -> String {
    let mut sections: Vec<(String, Vec<&str>)> = Vec::new();
    for theft in Theft::ALL {
        let mut rows: Vec<(String, Vec<&str>)> = Vec::new();
        for user in users_of(theft) {
            let cells = Stage::ALL.map(|stage| measured(theft, user, stage).map_or("–".to_owned(), Cell::words));
            add(&mut rows, cells.join(" | "), user.words());
        }
        let rows = rows.into_iter().map(|(row, users)| format!(" {} | {row} |\n", users.join("; ")));
        add(&mut sections, rows.collect(), theft.words());
    }
    let mut out = format!("| stolen | user | {} |\n", Stage::ALL.map(Stage::words).join(" | "));
    writeln!(out, "|{}", "---|".repeat(Stage::ALL.len() + 2)).unwrap();
    for (rows, thefts) in sections {
        // The words stand in the first row, and the rest of the column is empty.
        for (at, row) in rows.lines().enumerate() {
            writeln!(out, "| {} |{row}", if at == 0 { thefts.join("; or ") } else { String::new() }).unwrap();
        }
    }
    out
}

fn add<'a>(groups: &mut Vec<(String, Vec<&'a str>)>, key: String, member: &'a str) {
    match groups.iter_mut().find(|(other, _)| *other == key) {
        Some((_, members)) => members.push(member),
        None => groups.push((key, vec![member])),
    }
}

/// What somebody can try who has one key of a reserve of which two must sign, and the rule that refuses it.
fn forgeries_with_one_reserve_key() -> Vec<(Rule, String)> {
    let mut fixture = Fixture::new(8).fast().with_reserve(2, 3);
    let line = fixture.line(&["1.0.0"]);
    let [stolen, other, _] = fixture.reserve.clone().unwrap().keys[..] else { panic!("there are three keys") };
    let own = Fixture::new(9).fast().with_reserve(1, 1).reserve.unwrap().keys[0];
    let statement = fixture.unsigned_reserve(&line[1], Cause::Stolen);
    let signed_by = |keys: &[_]| fixture.sign_with_reserve(keys, statement.clone());
    let file = |record| chain_file(line.iter().chain([&record]));
    let mut guessed = signed_by(&[stolen, other]);
    guessed.blocks = guessed.blocks.replace(
        fixture.reserve_block(&other, &guessed.text).lines().nth(1).unwrap(),
        fixture.reserve_block(&other, "another text").lines().nth(1).unwrap(),
    );
    vec![
        (Rule::Chn18, file(signed_by(&[stolen]))),
        (Rule::Chn19, file(signed_by(&[stolen, stolen]))),
        (Rule::Chn19, file(signed_by(&[stolen, own]))),
        (Rule::Sig8, file(guessed)),
    ]
}

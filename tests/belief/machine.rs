//! Random histories, told to users in random order with losses and repetitions, against [`crate::model`].
//!
//! `SIGPKG_BELIEF_CASES=100000` runs so many histories from a random seed, instead of a few hundred fixed ones.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};
use sigpkg::chain::{Belief, Chain, Decided, Link, ReservePolicy, State, Yanked};
use sigpkg::digest::Digest;
use sigpkg::statement::{Body, Cause, Kind, Severity};
use sigpkg::trust::{Grade, Trusted};

use crate::model::{self, Model, Set};
use crate::now;
use crate::testing::chain_file;
use crate::world::{Say, World};

/// Histories of each sort in an ordinary run: some ten seconds.
const CASES: u32 = 256;
/// The seed of an ordinary run, so that what passed once passes again.
const SEED: u64 = 0x7369_6770_6b67;
/// Events in a history. Each makes at most two statements, and the model holds 64.
const MAX_EVENTS: usize = 28;
/// Events in a history that is about ties.
const MAX_STRUGGLE: usize = 16;
/// How many users listen.
const USERS: usize = 2;

#[derive(Clone, Debug)]
enum Event {
    /// The owner goes on with his own line.
    Owner(Say),
    /// A thief who has the link key, or two of them, signs after any statement.
    Thief {
        after: Index,
        say: Say,
        second: Option<Say>,
    },
    /// The owner's reserve speaks, and goes back behind so many statements of his line.
    OwnerReserve {
        back: usize,
        cause: Cause,
        rotate: bool,
        next_by: Option<u8>,
    },
    /// A thief who has the reserve speaks.
    ReserveThief {
        after: Index,
        cause: Cause,
        rotate: bool,
    },
    /// A user gets a file with these statements and what they need. The first is a first trust.
    Hear {
        user: usize,
        what: Vec<Index>,
        luck: u64,
    },
    /// A user gets all that there is.
    HearAll {
        user: usize,
        luck: u64,
    },
    /// A user gets the records of another user's store.
    HearFrom {
        user: usize,
        other: usize,
    },
    /// A user gets a file that is damaged after some statement.
    HearBroken {
        user: usize,
        after: Index,
        fault: Fault,
    },
    /// A user accepts a statement, known or not.
    Accept {
        user: usize,
        what: Index,
    },
    Policy {
        user: usize,
        policy: ReservePolicy,
    },
    /// A user distrusts Ed25519, from the head or from any statement, known or not.
    Distrust {
        user: usize,
        mark: Option<Index>,
    },
}

/// How a file is damaged.
#[derive(Clone, Debug)]
enum Fault {
    /// A statement carries the signature of its parent.
    Signature,
    /// A statement is left out.
    Gap,
    /// The file ends in the middle of a record.
    Cut,
}

/// What the histories must come to, so that this test tests something.
const SITUATIONS: &[&str] = &[
    "standing",
    "waiting",
    "distrusted",
    "contested",
    "void",
    "contest of reserve statements",
    "waits",
    "rival",
    "withdrawn",
    "yanked",
    "warned of by a yank that waits",
    "warned of by a yank that is suspended",
    "refused by a yank that is suspended",
    "withdrawn by what is suspended",
    "promise",
    "final",
    "successor",
];

/// A user, as the library has him and as the model does.
#[derive(Default)]
struct User {
    trusted: Option<Trusted>,
    seen: Set,
    accepted: Set,
    policy: ReservePolicy,
    mark: Option<usize>,
}

#[test]
fn belief_is_what_the_model_says_in_every_history() {
    let more = std::env::var("SIGPKG_BELIEF_CASES").ok().map(|cases| cases.parse().unwrap());
    let config = ProptestConfig {
        cases: more.unwrap_or(CASES),
        rng_seed: if more.is_some() { RngSeed::Random } else { RngSeed::Fixed(SEED) },
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let seen = RefCell::new(BTreeSet::new());
    let histories = proptest::collection::vec(event(), 1..MAX_EVENTS).boxed();
    // One user who hears all, thieves with every key, and decisions: short, so that ties are frequent.
    let struggles = proptest::collection::vec(struggle(), 4..MAX_STRUGGLE).boxed();
    for events in [histories, struggles] {
        if let Err(error) = TestRunner::new(config.clone()).run(&events, |events| play(&events, &seen)) {
            panic!("{error}");
        }
    }
    let missing: Vec<_> = SITUATIONS.iter().filter(|it| !seen.borrow().contains(**it)).collect();
    assert!(missing.is_empty(), "no history came to {missing:?}");
}

fn event() -> impl Strategy<Value = Event> {
    let user = 0..USERS;
    let severity = prop_oneof![Just(Severity::Note), Just(Severity::Warn), Just(Severity::Refuse)];
    let next_by = proptest::option::of(0..9_u8);
    let beat = (next_by.clone(), any::<bool>(), any::<bool>());
    let say = prop_oneof![
        3 => Just(Say::Release),
        1 => Just(Say::Redo),
        2 => (any::<u8>(), severity).prop_map(|(bits, severity)| Say::Yank(bits, severity)),
        2 => beat.prop_map(|(next_by, last, successor)| Say::Beat { next_by, last, successor }),
    ];
    let cause = prop_oneof![2 => Just(Cause::Stolen), 1 => Just(Cause::Algorithm), 1 => Just(Cause::Planned)];
    let policy = prop_oneof![Just(ReservePolicy::Prompt), Just(ReservePolicy::Accept), Just(ReservePolicy::Refuse)];
    let fault = prop_oneof![Just(Fault::Signature), Just(Fault::Gap), Just(Fault::Cut)];
    let thief = (any::<Index>(), say.clone(), proptest::option::of(say.clone()));
    let back = (0..3_usize, cause.clone(), any::<bool>(), next_by);
    let what = proptest::collection::vec(any::<Index>(), 1..4);
    prop_oneof![
        6 => say.prop_map(Event::Owner),
        5 => thief.prop_map(|(after, say, second)| Event::Thief { after, say, second }),
        2 => back.prop_map(|(back, cause, rotate, next_by)| Event::OwnerReserve { back, cause, rotate, next_by }),
        1 => (any::<Index>(), cause, any::<bool>())
            .prop_map(|(after, cause, rotate)| Event::ReserveThief { after, cause, rotate }),
        5 => (user.clone(), what, any::<u64>()).prop_map(|(user, what, luck)| Event::Hear { user, what, luck }),
        2 => (user.clone(), any::<u64>()).prop_map(|(user, luck)| Event::HearAll { user, luck }),
        1 => (user.clone(), user.clone()).prop_map(|(user, other)| Event::HearFrom { user, other }),
        1 => (user.clone(), any::<Index>(), fault)
            .prop_map(|(user, after, fault)| Event::HearBroken { user, after, fault }),
        3 => (user.clone(), any::<Index>()).prop_map(|(user, what)| Event::Accept { user, what }),
        1 => (user.clone(), policy).prop_map(|(user, policy)| Event::Policy { user, policy }),
        1 => (user, proptest::option::of(any::<Index>())).prop_map(|(user, mark)| Event::Distrust { user, mark }),
    ]
}

fn struggle() -> impl Strategy<Value = Event> {
    let release = || Just(Say::Release);
    let cause = prop_oneof![2 => Just(Cause::Stolen), 1 => Just(Cause::Algorithm)];
    prop_oneof![
        3 => any::<Index>().prop_map(|after| Event::Thief { after, say: Say::Release, second: None }),
        1 => (any::<Index>(), release()).prop_map(|(after, say)| Event::Thief { after, say: say.clone(), second: Some(say) }),
        1 => any::<Index>().prop_map(|after| Event::Thief { after, say: Say::Yank(u8::MAX, Severity::Refuse), second: None }),
        1 => any::<Index>().prop_map(|after| Event::Thief { after, say: Say::Redo, second: None }),
        3 => (any::<Index>(), cause).prop_map(|(after, cause)| Event::ReserveThief { after, cause, rotate: false }),
        4 => any::<u64>().prop_map(|luck| Event::HearAll { user: 0, luck }),
        3 => any::<Index>().prop_map(|what| Event::Accept { user: 0, what }),
        2 => any::<Index>().prop_map(|mark| Event::Distrust { user: 0, mark: Some(mark) }),
    ]
}

fn play(events: &[Event], seen: &RefCell<BTreeSet<&str>>) -> Result<(), TestCaseError> {
    let mut world = World::new(1);
    let mut owner = vec![0];
    let mut users: [User; USERS] = Default::default();
    for event in events {
        happen(event, &mut world, &mut owner, &mut users)?;
        for user in &users {
            user.check(&world).map_err(|error| in_world(&error, &world, user))?;
            seen.borrow_mut().extend(user.trusted.iter().flat_map(|trusted| situations(&trusted.belief())));
        }
    }
    for user in &users {
        user.check_order(&world).map_err(|error| in_world(&error, &world, user))?;
    }
    Ok(())
}

fn in_world(error: &TestCaseError, world: &World, user: &User) -> TestCaseError {
    let set = |set: Set| set.members().map(|it| format!("#{it}")).collect::<Vec<_>>().join(" ");
    TestCaseError::fail(format!(
        "{error}\n{}the user has seen {}\naccepted {}\npolicy {}, mark {:?}",
        world.draw(),
        set(user.seen),
        set(user.accepted),
        user.policy.as_str(),
        user.mark
    ))
}

fn happen(event: &Event, world: &mut World, owner: &mut Vec<usize>, users: &mut [User]) -> Result<(), TestCaseError> {
    match event {
        Event::Owner(say) => owner.push(world.say(owner[owner.len() - 1], say)),
        Event::Thief { after, say, second } => {
            let first = world.say(after.index(world.records.len()), say);
            if let Some(say) = second {
                world.say(first, say);
            }
        }
        Event::OwnerReserve { back, cause, rotate, next_by } => {
            owner.truncate(owner.len().saturating_sub(*back).max(1));
            owner.push(world.reserve(owner[owner.len() - 1], *cause, *rotate, *next_by));
        }
        Event::ReserveThief { after, cause, rotate } => {
            world.reserve(after.index(world.records.len()), *cause, *rotate, None);
        }
        Event::Hear { user, what, luck } => {
            let heard = world.closure(what.iter().map(|it| it.index(world.records.len())));
            users[*user].hear(world, heard, *luck)?;
        }
        Event::HearAll { user, luck } => {
            users[*user].hear(world, world.closure(0..world.records.len()), *luck)?;
        }
        Event::HearFrom { user, other } => {
            if users[*other].trusted.is_some() {
                let heard = users[*other].seen;
                users[*user].hear(world, heard, 0)?;
            }
        }
        Event::HearBroken { user, after, fault } => {
            users[*user].hear_broken(world, after.index(world.records.len()), fault)?;
        }
        Event::Accept { user, what } => users[*user].accept(world, what.index(world.records.len()))?,
        Event::Policy { user, policy } => users[*user].set_policy(*policy),
        Event::Distrust { user, mark } => users[*user].distrust(world, mark.map(|it| it.index(world.records.len()))),
    }
    Ok(())
}

impl User {
    fn model<'a>(&self, world: &'a World) -> Model<'a> {
        Model::new(&world.facts, self.seen, self.accepted, self.policy, self.mark)
    }

    /// What was believed stays evidence, what was decided stays decided, and what was yanked stays yanked.
    fn hear(&mut self, world: &World, heard: Set, luck: u64) -> Result<(), TestCaseError> {
        let Some(before) = self.trusted.take() else {
            let first = Trusted::first(world.chain(heard, luck), Grade::Seen, now());
            self.seen = heard;
            self.accepted = Set::one(Model::stranger(&world.facts, heard).head());
            self.trusted = Some(first);
            return Ok(());
        };
        let file = world.file(heard, luck);
        let scheme = world.fixture.scheme();
        let chain = Chain::admit_beside(file.as_bytes(), before.chain(), before.vouchers(), scheme).unwrap();
        let mut after = before.clone();
        let new = after.learn(&chain, now()).unwrap();
        prop_assert_eq!(new, heard.without(self.seen).len(), "only what is new is counted");
        self.seen = self.seen.or(heard);

        let mut decisions = after.decisions().clone();
        decisions.head = before.decisions().head;
        prop_assert_eq!(&decisions, before.decisions(), "hearing decides nothing");
        let proofs = |chain: &Chain| chain.forks().map(|fork| (fork.parent.digest(), fork.children.len())).collect();
        let (proofs_before, proofs_after): (Vec<_>, Vec<_>) = (proofs(before.chain()), proofs(after.chain()));
        for (parent, children) in proofs_before {
            prop_assert!(
                proofs_after.iter().any(|(other, more)| *other == parent && *more >= children),
                "evidence was lost"
            );
        }
        prop_assert!(
            before.chain().links().all(|link| after.chain().find(link.digest()).is_some()),
            "a record was lost"
        );
        nothing_unyanked(&before.belief(), &after.belief())?;
        self.trusted = Some(after);
        Ok(())
    }

    /// A damaged file is refused whole, and the user is as he was.
    fn hear_broken(&mut self, world: &World, after: usize, fault: &Fault) -> Result<(), TestCaseError> {
        let path: Vec<_> = world.facts[after].path.members().map(|it| &world.records[it]).collect();
        let (Some(trusted), [.., parent, last]) = (&mut self.trusted, path.as_slice()) else { return Ok(()) };
        let whole = chain_file(path.iter().copied());
        let file = match fault {
            Fault::Signature if last.blocks.len() == parent.blocks.len() => {
                chain_file(path[..path.len() - 1].iter().copied().chain([&last.with_blocks_of(parent)]))
            }
            Fault::Gap => {
                let kept = path[..path.len() - 2].iter().chain(&path[path.len() - 1..]);
                chain_file(kept.copied())
            }
            Fault::Signature | Fault::Cut => whole[..whole.len() - last.blocks.len() / 2].to_owned(),
        };
        let known = trusted.chain().clone();
        let refused = Chain::admit_beside(file.as_bytes(), &known, trusted.vouchers(), world.fixture.scheme());
        prop_assert!(refused.is_err(), "a damaged file was admitted");

        let mut grown = known.clone();
        let forged = last.with_text(&last.text.replace("2026-01-01", "2026-01-02"));
        let refused = grown.append(forged.unverified(), world.fixture.scheme()).map(Link::digest);
        prop_assert!(refused.is_err(), "a forged record was appended");
        prop_assert_eq!(grown.to_file(), known.to_file(), "a refusal changes nothing");
        Ok(())
    }

    fn accept(&mut self, world: &World, what: usize) -> Result<(), TestCaseError> {
        let Some(trusted) = &mut self.trusted else { return Ok(()) };
        let before = trusted.decisions().clone();
        if trusted.accept(world.facts[what].digest, now()) {
            prop_assert!(self.seen.has(what), "an unknown statement was accepted");
            self.accepted = model::accept(&world.facts, self.accepted, what);
        } else {
            prop_assert!(!self.seen.has(what), "a known statement could not be accepted");
            prop_assert_eq!(trusted.decisions(), &before, "a refusal makes no decision");
        }
        Ok(())
    }

    fn set_policy(&mut self, policy: ReservePolicy) {
        if let Some(trusted) = self.trusted.take() {
            let mut decisions = trusted.decisions().clone();
            decisions.reserve = policy;
            self.policy = policy;
            self.trusted = Some(Trusted::new(trusted.into_chain(), decisions));
        }
    }

    fn distrust(&mut self, world: &World, mark: Option<usize>) {
        if let Some(trusted) = self.trusted.take() {
            let mut decisions = trusted.decisions().clone();
            let digest = mark.map_or_else(|| trusted.belief().head().digest(), |it| world.facts[it].digest);
            decisions.distrust = Some(digest);
            self.mark = Some(mark.unwrap_or_else(|| self.model(world).head()));
            self.trusted = Some(Trusted::new(trusted.into_chain(), decisions));
        }
    }

    /// The library believes what the model does, of this user and of a stranger with the same records.
    fn check(&self, world: &World) -> Result<(), TestCaseError> {
        let Some(trusted) = &self.trusted else { return Ok(()) };
        let accepted: Vec<_> = trusted.decisions().accepted.iter().map(|it| number(world, *it)).collect();
        prop_assert_eq!(
            accepted.iter().map(|it| Set::one(*it)).fold(Set::default(), Set::or),
            self.accepted,
            "the acceptances"
        );
        let belief = trusted.belief();
        agree(world, &belief, &self.model(world))?;
        what_always_holds(world, &belief, self)?;
        let stranger = trusted.chain().belief(&Decided::stranger());
        agree(world, &stranger, &Model::stranger(&world.facts, self.seen))
    }

    /// The same records in other orders and pieces, and the same decisions, give the same belief.
    fn check_order(&self, world: &World) -> Result<(), TestCaseError> {
        let Some(trusted) = &self.trusted else { return Ok(()) };
        for mut luck in 0..3_u64 {
            let mut left: Vec<_> = self.seen.members().collect();
            let mut chain = world.chain(Set::one(0), luck);
            while !left.is_empty() {
                let next = left.swap_remove(crate::world::draw(&mut luck, left.len()));
                chain.merge(&world.chain(world.facts[next].path, luck)).unwrap();
            }
            prop_assert_eq!(chain.to_file(), trusted.chain().to_file(), "the order shows in the file");
            let other = Trusted::new(chain, trusted.decisions().clone());
            agree(world, &other.belief(), &self.model(world))?;
        }
        Ok(())
    }
}

/// The library's belief is the model's, in all that it says.
fn agree(world: &World, belief: &Belief<'_>, model: &Model<'_>) -> Result<(), TestCaseError> {
    let at = |link| world.number(link);
    prop_assert_eq!(world.numbers(belief.line()), model.standing(), "the standing line");
    prop_assert_eq!(at(belief.head()), model.head(), "the head");
    let suspended = model.suspended();
    for (number, state) in model.states() {
        let link = belief.chain().find(world.facts[number].digest).unwrap();
        prop_assert_eq!(belief.state(link), Some(state), "the state of #{}", number);
        prop_assert_eq!(belief.is_suspended(link), suspended.has(number), "whether #{} is suspended", number);
        if link.statement().kind() != Kind::Release {
            continue;
        }
        prop_assert_eq!(belief.is_withdrawn(link), model.is_withdrawn(number), "whether #{} is withdrawn", number);
        let yank = belief.yank(link).map(|yanked| (at(yanked.by), yanked.severity));
        prop_assert_eq!(yank, model.yank(number), "the yank of #{}", number);
        let stands = model.standing().has(number);
        prop_assert_eq!(belief.release(link).is_some(), stands, "whether #{} is handed out", number);
    }
    let contest = belief.contest().map(|contest| (at(contest.parent), world.numbers(contest.children)));
    prop_assert_eq!(contest, model.contest(), "the contest");
    prop_assert_eq!(belief.waiting().map(at), model.waits_at(), "what waits");
    prop_assert_eq!(world.numbers(belief.rivals().map(|rival| rival.first)), model.rivals(), "the rivals");
    prop_assert_eq!(belief.promise(), model.promise(), "the promise");
    prop_assert_eq!((belief.is_final(), belief.successor()), model.farewell(), "the farewell");
    prop_assert_eq!(belief.newest_release().map(|it| at(it.link())), model.newest_release(), "the newest release");
    Ok(())
}

/// Which of [`SITUATIONS`] a belief is in.
fn situations(belief: &Belief<'_>) -> Vec<&'static str> {
    let links = || belief.chain().links();
    let in_state = |state| links().any(|link| belief.state(link) == Some(state));
    let kind = |link: &Link<'_>| link.statement().kind();
    let yanks: Vec<_> = links().filter_map(|link| belief.yank(link)).collect();
    let only_warns = |yanked: &&Yanked<'_>| yanked.severity < yanked.yank.severity;
    let (suspended, speaking): (Vec<_>, Vec<_>) = yanks.iter().partition(|yanked| belief.is_suspended(yanked.by));
    let of_reserve =
        belief.contest().is_some_and(|contest| contest.children.iter().all(|it| kind(it) == Kind::Reserve));
    let is = [
        in_state(State::Standing),
        in_state(State::Waiting),
        in_state(State::Distrusted),
        in_state(State::Contested),
        in_state(State::Void),
        of_reserve,
        belief.waiting().is_some(),
        belief.rivals().next().is_some(),
        links().any(|link| belief.is_withdrawn(link)),
        yanks.iter().any(|yanked| yanked.severity == Severity::Refuse),
        speaking.iter().any(only_warns),
        suspended.iter().any(only_warns),
        suspended.iter().any(|yanked| yanked.severity == Severity::Refuse),
        links().filter_map(|link| belief.withdrawal(link)).any(|by| belief.is_suspended(by)),
        belief.promise().is_some(),
        belief.is_final(),
        belief.successor().is_some(),
    ];
    assert_eq!(is.len(), SITUATIONS.len());
    SITUATIONS.iter().zip(is).filter(|(_, is)| *is).map(|(situation, _)| *situation).collect()
}

/// Claims that need no model.
fn what_always_holds(world: &World, belief: &Belief<'_>, user: &User) -> Result<(), TestCaseError> {
    for link in belief.line() {
        match &link.statement().body {
            Body::Reserve(..) if user.policy != ReservePolicy::Accept => {
                let accepted = user.accepted.any(|it| world.facts[it].path.has(world.number(link)));
                prop_assert!(accepted, "the head passed a reserve statement that nobody accepted");
            }
            Body::Yank(yank, _) => {
                for release in link.path().filter(|it| yank.releases.contains(&it.seq())) {
                    let severity = belief.yank(release).map(|yanked| yanked.severity);
                    prop_assert!(severity >= Some(yank.severity), "a yank that stands does not count");
                }
            }
            Body::Genesis(_) | Body::Release(..) | Body::Beat(..) | Body::Reserve(..) => {}
        }
    }
    Ok(())
}

/// As long as the statement that yanks a release stands, nothing that is heard makes it less yanked; and as long as it
/// would stand but for a reserve statement that waits, nothing makes it less than a warning.
fn nothing_unyanked(before: &Belief<'_>, after: &Belief<'_>) -> Result<(), TestCaseError> {
    for release in before.releases() {
        let Some(yanked) = before.yank(release.link()) else { continue };
        let find = |link: Link<'_>| after.chain().find(link.digest()).unwrap();
        let by = find(yanked.by);
        let least = match after.state(by) {
            Some(State::Standing) => yanked.severity,
            Some(State::Waiting | State::Contested) if after.is_suspended(by) => yanked.severity,
            Some(State::Void) if after.is_suspended(by) => yanked.severity.min(Severity::Warn),
            Some(State::Waiting | State::Contested | State::Void | State::Distrusted) | None => continue,
        };
        let now = after.yank(find(release.link())).map(|now| now.severity);
        prop_assert!(now >= Some(least), "a release was un-yanked");
    }
    Ok(())
}

fn number(world: &World, digest: Digest) -> usize {
    world.facts.iter().position(|fact| fact.digest == digest).unwrap()
}

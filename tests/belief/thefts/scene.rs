//! A chain, its owner, one thief, and the users who hear them.

use sigpkg::chain::{Chain, Link, ReservePolicy, State};
use sigpkg::key::Algorithm;
use sigpkg::statement::{Cause, Kind, Severity};
use sigpkg::trust::{Grade, Trusted};

use super::{Belief, Cell, N, Refusal, Stage, Theft, User};
use crate::now;
use crate::testing::Fixture;
use crate::world::{Say, World, draw};

/// How many statements in a row a thief forges who can forge any number.
const DEPTH: usize = 2;

/// The owner's statements and those of one thief.
pub(super) struct Scene {
    world: World,
    honest: Vec<usize>,
    forged: Vec<usize>,
}

/// A scene as it travels.
pub(super) struct Pieces {
    scene: Scene,
    /// The owner's statements.
    honest: Chain,
    /// The thief's, with the honest ones that they need.
    forged: Chain,
    all: Chain,
    /// The path to each statement, in a random order.
    one_by_one: Vec<Chain>,
}

impl Scene {
    /// The owner's line at a stage, with the reserve record that belongs to it.
    pub(super) fn at(theft: Theft, stage: Stage) -> Self {
        let mut world = World::of(Fixture::new(7).fast().with_reserve(2, 3));
        let mut honest = vec![0];
        for seq in 2..=N + stage.owner_made() {
            // The older of the two releases that there are by then.
            let say = if seq == N - 1 { Say::Yank(0b10, Severity::Refuse) } else { Say::Release };
            honest.push(world.say(honest[honest.len() - 1], &say));
        }
        if stage >= Stage::ReserveSeen {
            // Whoever replaces stolen reserve keys names others.
            let rotate = theft.has_reserve() || theft == Theft::OneReserveKey;
            honest.push(world.reserve(honest[honest.len() - 1], theft.cause(), rotate, None));
        }
        if stage >= Stage::ReserveAccepted {
            honest.push(world.say(honest[honest.len() - 1], &Say::Release));
        }
        Self { world, honest, forged: Vec::new() }
    }

    /// Everything that the thief may try at a stage: from each statement on, with releases or with a yank of
    /// everything first, one statement or several; and all of it at once.
    pub(super) fn attempts(theft: Theft, stage: Stage) -> Vec<Self> {
        let places = Self::at(theft, stage).honest.len();
        let mut attempts = Vec::new();
        for say in [Say::Release, Say::Yank(u8::MAX, Severity::Refuse)] {
            for depth in 1..=DEPTH {
                let mut everywhere = Self::at(theft, stage);
                let mut is_new = depth == 1;
                for place in 0..places {
                    let mut one = Self::at(theft, stage);
                    // Whose keys end before has made this attempt already.
                    if one.forge(theft, place, &say, depth) == depth {
                        is_new = true;
                        attempts.push(one);
                    }
                    everywhere.forge(theft, place, &say, depth);
                }
                if is_new && !everywhere.forged.is_empty() {
                    attempts.push(everywhere);
                }
            }
        }
        attempts
    }

    /// Forges a row of statements after an honest one, as far as the keys go, and says how far that is.
    fn forge(&mut self, theft: Theft, place: usize, say: &Say, depth: usize) -> usize {
        let mut parent = self.honest[place];
        if theft.has_reserve() {
            if self.is_after_reserve(parent) {
                return 0;
            }
            if theft.has_link_key(self.world.facts[parent].statement.seq.get() + 1) {
                parent = self.world.say(parent, say);
                self.forged.push(parent);
            }
            parent = self.world.reserve(parent, Cause::Stolen, true, None);
            self.forged.push(parent);
        }
        for made in 0..depth {
            if !self.can_sign(theft, parent, made) {
                return made;
            }
            parent = self.world.say(parent, if made == 0 { say } else { &Say::Release });
            self.forged.push(parent);
        }
        depth
    }

    /// Whether the thief has the key that signs the children of a statement. His first forged statement names the
    /// owner's next key and introduces one of his own; a forged reserve record names two of his own.
    fn can_sign(&self, theft: Theft, parent: usize, made: usize) -> bool {
        let announced = &self.world.records[parent].next;
        let is_own = theft.has_reserve() || made >= 2;
        let is_old = !self.is_after_reserve(parent);
        let number = self.world.facts[parent].statement.seq.get() + 1;
        is_own
            || (is_old && theft.has_link_key(number))
            || (theft == Theft::AnyEd25519 && announced.algorithm() == Algorithm::Ed25519)
    }

    /// Whether the owner's reserve has spoken by then.
    fn is_after_reserve(&self, number: usize) -> bool {
        let is_owners = |it: usize| self.honest.contains(&it) && self.world.facts[it].statement.kind() == Kind::Reserve;
        self.world.facts[number].path.any(is_owners)
    }

    pub(super) fn pieces(self) -> Pieces {
        let chain = |numbers: &[usize]| self.world.chain(self.world.closure(numbers.iter().copied()), 0);
        let all: Vec<_> = (0..self.world.records.len()).collect();
        let mut one_by_one = all.clone();
        let mut luck = 1;
        for at in (1..one_by_one.len()).rev() {
            one_by_one.swap(at, draw(&mut luck, at + 1));
        }
        Pieces {
            honest: chain(&self.honest),
            forged: chain(&self.forged),
            all: chain(&all),
            one_by_one: one_by_one.into_iter().map(|it| chain(&[it])).collect(),
            scene: self,
        }
    }

    /// What a user has before he hears more; `None` for one who is new.
    fn user(&self, user: User) -> Option<Trusted> {
        let first_trust_at = |seq: u32| {
            let known = self.world.facts[self.honest[seq as usize - 1]].path;
            Trusted::first(self.world.chain(known, 0), Grade::Seen, now())
        };
        let has = |mut trusted: Trusted, seq: u32| {
            trusted.learn(&self.world.chain(self.world.facts[self.honest[seq as usize - 1]].path, 0), now()).unwrap();
            trusted
        };
        match user {
            User::UpToDate => Some(has(first_trust_at(2), N)),
            User::Follower => {
                let trusted = has(first_trust_at(2), N);
                let mut decisions = trusted.decisions().clone();
                decisions.reserve = ReservePolicy::Accept;
                Some(Trusted::new(trusted.into_chain(), decisions))
            }
            User::OneBehind => Some(has(first_trust_at(2), N - 1)),
            User::FarBehind => Some(first_trust_at(2)),
            User::OwnerFirst => Some(first_trust_at(N)),
            User::ThiefFirst | User::Both => None,
        }
    }

    fn cell(&self, trusted: &Trusted) -> Cell {
        let belief = trusted.belief();
        let forged = belief.line().filter(|link| self.forged.contains(&self.world.number(*link))).count();
        let word = if forged > 0 {
            Belief::Forged
        } else if belief.contest().is_some() {
            Belief::Contested
        } else if belief.waiting().is_some() {
            Belief::Stopped
        } else {
            Belief::Honest
        };
        let heard = self.honest.iter().filter_map(|it| trusted.chain().find(self.world.facts[*it].digest));
        let heard: Vec<_> = heard.collect();
        // What the owner has yanked with severity `refuse`, as this user has heard.
        let yanks = heard.iter().filter(|link| link.statement().kind() == Kind::Yank);
        let refused: Vec<_> = yanks.map(|yank| yank.path().find(|link| link.seq().get() == 2).unwrap()).collect();
        let honest = if word == Belief::Forged { Vec::new() } else { heard };
        let is_release = |link: &&Link<'_>| link.statement().kind() == Kind::Release;
        let refused_by = |link: &Link<'_>| {
            let yanked = belief.yank(*link).filter(|yanked| yanked.severity == Severity::Refuse)?;
            Some(self.world.number(yanked.by))
        };
        let is_yanked =
            honest.iter().filter(is_release).any(|link| refused_by(link).is_some_and(|by| self.forged.contains(&by)));
        let is_void = honest.iter().filter(is_release).any(|link| belief.state(*link) == Some(State::Void));
        let stands = |link: &&Link<'_>| belief.state(**link) == Some(State::Standing);
        let is_warned_of = |link: &Link<'_>| belief.yank(*link).is_some_and(|yanked| yanked.severity >= Severity::Warn);
        let refusal = if word == Belief::Forged {
            Refusal::Kept
        } else if !refused.iter().all(is_warned_of) {
            Refusal::Silent
        } else if refused.iter().filter(stands).any(|link| refused_by(link).is_none()) {
            Refusal::OnlyWarned
        } else {
            Refusal::Kept
        };
        Cell { belief: word, is_yanked, is_void, refusal, forged }
    }
}

impl Pieces {
    /// What a user believes who hears the thief alone; nothing for one who hears both, by what he is.
    pub(super) fn hears_thief(&self, user: User) -> Option<Cell> {
        match user {
            User::Both => None,
            User::ThiefFirst if self.scene.forged.is_empty() => None,
            User::ThiefFirst => Some(self.hears(user, Stage::ThiefAlone, [&self.forged])),
            User::UpToDate | User::Follower | User::OneBehind | User::FarBehind | User::OwnerFirst => {
                Some(self.hears(user, Stage::ThiefAlone, [&self.forged]))
            }
        }
    }

    /// What a user believes in the end who hears everything, in whatever order.
    pub(super) fn hears_all(&self, user: User, stage: Stage) -> Cell {
        match user {
            User::Both => self.hears(user, stage, [&self.all]),
            User::ThiefFirst if self.scene.forged.is_empty() => self.hears(user, stage, [&self.honest]),
            User::ThiefFirst => self.hears(user, stage, [&self.forged, &self.honest]),
            User::UpToDate | User::Follower | User::OneBehind | User::FarBehind | User::OwnerFirst => {
                let cell = self.hears(user, stage, [&self.honest, &self.forged]);
                let others = [
                    self.hears(user, stage, [&self.forged, &self.honest]),
                    self.hears(user, stage, [&self.all]),
                    self.hears(user, stage, &self.one_by_one),
                ];
                assert_eq!(others, [cell; 3], "the order shows: {user:?}\n{}", self.scene.world.draw());
                cell
            }
        }
    }

    fn hears<'a>(&self, user: User, stage: Stage, files: impl IntoIterator<Item = &'a Chain>) -> Cell {
        let mut trusted = self.scene.user(user);
        for file in files {
            match &mut trusted {
                Some(trusted) => _ = trusted.learn(file, now()).unwrap(),
                None => trusted = Some(Trusted::first(file.clone(), Grade::Seen, now())),
            }
        }
        let mut trusted = trusted.unwrap();
        if stage == Stage::ReserveAccepted {
            let is_reserve = |it: &&usize| self.scene.world.facts[**it].statement.kind() == Kind::Reserve;
            let owners = self.scene.honest.iter().find(is_reserve).unwrap();
            assert!(trusted.accept(self.scene.world.facts[*owners].digest, now()));
        }
        self.scene.cell(&trusted)
    }
}

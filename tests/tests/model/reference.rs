//! The reference: all states that a key can be in, after what was done and what was seen.

use std::collections::BTreeMap;

use aghanim_hooks::idempotency::{Claimed, Owner};

/// The length of a lease, in minutes.
pub(crate) const LEASE: i64 = 60;

/// The state of a key in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Free,
    /// Claimed at a time, until another, in minutes of the database's clock.
    Held {
        owner: Owner,
        since: i64,
        until: i64,
    },
    /// The body of the answer.
    Answered(String),
}

/// A state of a key, and the number of effects that were committed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) effects: i64,
}

/// All worlds that fit what was seen. More than one while the end of an operation is not known.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    /// The database's clock, in minutes.
    now: i64,
    worlds: BTreeMap<u8, Vec<World>>,
    /// True once connections were lost: an operation may fail then, done or not.
    pub(crate) may_fail: bool,
}

impl Reference {
    pub(crate) fn new() -> Self {
        Self { now: 0, worlds: BTreeMap::new(), may_fail: false }
    }

    pub(crate) fn jump(&mut self, minutes: i64) {
        self.now += minutes;
    }

    fn of(&self, key: u8) -> Vec<World> {
        self.worlds.get(&key).cloned().unwrap_or_else(|| vec![World { state: State::Free, effects: 0 }])
    }

    /// Replaces the worlds of a key by what each of them becomes; one that an observation rules out becomes none.
    ///
    /// # Panics
    /// Panics if none is left: the store did something that the reference does not allow.
    fn narrow(&mut self, key: u8, seen: &str, next: impl Fn(&World) -> Vec<World>) {
        let before = self.of(key);
        let mut after = Vec::new();
        for world in before.iter().flat_map(next) {
            if !after.contains(&world) {
                after.push(world);
            }
        }
        assert!(!after.is_empty(), "key {key}: {seen}, but the allowed states were {before:?} at {}", self.now);
        self.worlds.insert(key, after);
    }

    /// Records an operation with an unknown end: each world stays as it is, or changes as the operation changes it.
    fn widen(&mut self, key: u8, done: impl Fn(&World) -> Option<World>) {
        self.narrow(key, "nothing was seen", |world| {
            [Some(world.clone()), done(world)].into_iter().flatten().collect()
        });
    }

    /// Fails the test unless an error is allowed.
    pub(crate) fn expect_error(&self, error: &str) {
        assert!(self.may_fail, "an operation failed on a sound database: {error}");
    }

    pub(crate) fn looked_up(&mut self, key: u8, answer: Option<&str>) {
        self.narrow(key, &format!("looked up {answer:?}"), |world| match (&world.state, answer) {
            (State::Answered(kept), Some(answer)) if kept == answer => vec![world.clone()],
            (State::Free | State::Held { .. }, None) => vec![world.clone()],
            _ => Vec::new(),
        });
    }

    /// Returns the state that an attempt at a key finds, or `None` if it gets the key.
    fn met(world: &World, now: i64) -> Option<World> {
        match &world.state {
            State::Free => None,
            State::Held { until, .. } if *until <= now => None,
            // The clock went back since the claim was made, so its age is not known: its lease begins again.
            State::Held { owner, since, .. } if *since > now => {
                let state = State::Held { owner: *owner, since: now, until: now + LEASE };
                Some(World { state, ..world.clone() })
            }
            State::Held { .. } | State::Answered(_) => Some(world.clone()),
        }
    }

    fn held(world: &World, owner: Owner, now: i64) -> World {
        World { state: State::Held { owner, since: now, until: now + LEASE }, ..world.clone() }
    }

    pub(crate) fn claimed(&mut self, key: u8, owner: Owner, outcome: &Claimed) {
        let now = self.now;
        self.narrow(key, &format!("a claim is {outcome:?}"), |world| match (Self::met(world, now), outcome) {
            (None, Claimed::Mine(())) => vec![Self::held(world, owner, now)],
            (Some(met), outcome) if fits(&met.state, outcome) => vec![met],
            _ => Vec::new(),
        });
    }

    pub(crate) fn may_be_claimed(&mut self, key: u8, owner: Owner) {
        let now = self.now;
        self.widen(key, |world| Some(Self::met(world, now).unwrap_or_else(|| Self::held(world, owner, now))));
    }

    /// A transaction was opened on a key, or found it taken. The key itself is unchanged until the commit.
    pub(crate) fn begun(&mut self, key: u8, outcome: &Claimed) {
        let now = self.now;
        self.narrow(key, &format!("a beginning is {outcome:?}"), |world| match (Self::met(world, now), outcome) {
            (None, Claimed::Mine(())) => vec![world.clone()],
            (Some(met), outcome) if fits(&met.state, outcome) => vec![met],
            _ => Vec::new(),
        });
    }

    pub(crate) fn may_have_been_looked_at(&mut self, key: u8) {
        let now = self.now;
        self.widen(key, |world| Self::met(world, now));
    }

    pub(crate) fn completed(&mut self, key: u8, owner: Owner, answer: &str, kept: bool) {
        self.narrow(key, &format!("a completion is {kept}"), |world| match (&world.state, kept) {
            (State::Held { owner: holder, .. }, true) if *holder == owner => vec![answered(world, answer, 0)],
            (State::Held { owner: holder, .. }, false) if *holder == owner => Vec::new(),
            (_, false) => vec![world.clone()],
            (_, true) => Vec::new(),
        });
    }

    pub(crate) fn may_be_completed(&mut self, key: u8, owner: Owner, answer: &str) {
        self.widen(key, |world| match &world.state {
            State::Held { owner: holder, .. } if *holder == owner => Some(answered(world, answer, 0)),
            _ => None,
        });
    }

    pub(crate) fn released(&mut self, key: u8, owner: Owner) {
        self.narrow(key, "a release", |world| vec![free_if_held(world, owner).unwrap_or_else(|| world.clone())]);
    }

    pub(crate) fn may_be_released(&mut self, key: u8, owner: Owner) {
        self.widen(key, |world| free_if_held(world, owner));
    }

    /// The open transaction on a key was committed, with so many effects.
    pub(crate) fn committed(&mut self, key: u8, answer: &str, effects: i64) {
        self.narrow(key, "a commit", |world| vec![answered(world, answer, effects)]);
    }

    pub(crate) fn may_be_committed(&mut self, key: u8, answer: &str, effects: i64) {
        self.widen(key, |world| Some(answered(world, answer, effects)));
    }

    pub(crate) fn counted(&mut self, key: u8, effects: i64) {
        self.narrow(key, &format!("there are {effects} effects"), |world| {
            if world.effects == effects { vec![world.clone()] } else { Vec::new() }
        });
    }
}

fn fits(state: &State, outcome: &Claimed) -> bool {
    match (state, outcome) {
        (State::Answered(kept), Claimed::Answered(record)) => kept.as_bytes() == &record.answer.body[..],
        (State::Held { .. }, Claimed::InFlight) => true,
        _ => false,
    }
}

fn answered(world: &World, answer: &str, effects: i64) -> World {
    World { state: State::Answered(answer.to_owned()), effects: world.effects + effects }
}

fn free_if_held(world: &World, owner: Owner) -> Option<World> {
    match &world.state {
        State::Held { owner: holder, .. } if *holder == owner => Some(World { state: State::Free, ..world.clone() }),
        _ => None,
    }
}

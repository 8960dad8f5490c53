//! The facts about an endpoint that its documents state.

use super::handlers::Handlers;
use super::precedence::Found;
use super::webhooks::Webhooks;
use crate::environment::Environment;
use crate::events::catalogue::CATALOGUE;
use crate::handler::Entry;
use crate::idempotency::KeyReuse;
use crate::pattern::covers;

/// An event that an endpoint takes, or a pattern for all events that have no name of their own here.
pub(crate) struct Taken {
    pub(crate) name: &'static str,
    /// The handler, or one for live and one for sandbox events.
    pub(crate) entries: Vec<&'static Entry>,
    pub(crate) key_required: bool,
    pub(crate) sandbox_flag_required: bool,
    /// True if a key that comes again with other data is refused.
    pub(crate) key_reuse_refused: bool,
    /// The environment whose events are taken, if it is one.
    pub(crate) only: Option<Environment>,
}

impl<S> Handlers<S> {
    /// The documented events that have a handler, then the other patterns in the order of the list.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        let documented = CATALOGUE.iter().filter_map(|event| Some((event.name, self.find(event.name)?)));
        let is_documented = |name: &str| CATALOGUE.iter().any(|event| event.name == name);
        let mut taken: Vec<Taken> = documented.map(|(name, found)| self.taken_by(name, found)).collect();
        for pattern in self.events().filter(|pattern| !is_documented(pattern)) {
            if let Some(found) = self.find_pattern(pattern)
                && taken.iter().all(|taken| taken.name != pattern)
            {
                taken.push(self.taken_by(pattern, found));
            }
        }
        taken
    }

    fn taken_by(&self, name: &'static str, found: Found) -> Taken {
        let entries = match found {
            Found::One(index) => vec![self.entry(index)],
            Found::ByEnvironment { live, sandbox } => vec![self.entry(live), self.entry(sandbox)],
        };
        let only = match entries[..] {
            [Entry { limit: Some(limit), .. }] => Some(limit.only),
            _ => None,
        };
        Taken { name, entries, key_required: false, sandbox_flag_required: false, key_reuse_refused: false, only }
    }
}

impl<S> Webhooks<S> {
    /// The events that the endpoint takes, with what its settings ask of them.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        let settings = &self.settings;
        let mut taken = self.handlers.taken();
        for event in &mut taken {
            event.key_required = settings.key_required.iter().any(|pattern| covers(pattern, event.name));
            event.sandbox_flag_required = settings.sandbox_flag_required;
            event.key_reuse_refused = settings.once.is_some() && settings.key_reuse == KeyReuse::Refuse;
            event.only = settings.limit.map(|limit| limit.only).or(event.only);
        }
        taken
    }
}

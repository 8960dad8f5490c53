//! A suite that checks whether a receiver is correct.
//!
//! It runs against an application in this process. The command `aghanim-hooks check` runs it against any URL.
//!
//! ```
//! use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
//! use aghanim_hooks::idempotency::MemoryStore;
//! use aghanim_hooks::testing::TestClient;
//! use aghanim_hooks::testing::conformance::{Options, conformance};
//! use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
//! use axum::{Router, routing::post};
//!
//! #[webhook("player.verify")]
//! async fn verify(event: PlayerVerify) -> Player {
//!     Player::builder().player_id(event.player_id).name("Beetle").build()
//! }
//!
//! #[webhook("item.add")]
//! async fn grant(_event: ItemAdd) {}
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let secret = Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap();
//! let hooks = Webhooks::new(secret.clone(), webhooks![verify, grant]).idempotency(MemoryStore::new());
//! let app = Router::new().route("/webhook", post(hooks));
//! let report = conformance(&TestClient::new(app, secret.clone()), Options::new(secret)).await;
//! report.assert_passed();
//! # });
//! ```
//!
//! # The requirements
//!
//! The suite requires what Aghanim's documentation requires, and what any receiver of paid events needs. If the
//! documentation leaves something open, both ways pass, or the outcome is an [advice](Verdict::Advice).
//!
//! # How it sees an effect
//!
//! Two answers `{"status":"ok"}` don't say whether items were granted twice. So the run looks at a number that a granted
//! event changes: the one of [`Options::effects`], else the numbers in the answers to `player.verify`, such as a balance.
//! Without such a number, only the duplicates' answers are judged. If they are right, the outcome is an advice that the
//! effects can't be seen.
//!
//! The events are from the sandbox unless [`Options::live`] is set. A receiver that grants sandbox purchases also
//! grants these.
//!
//! # When the secret is wrong
//!
//! If the receiver answers every event of the run with the status that it gives to strangers, the first scenario says
//! so, and all others are skipped.

mod answers;
mod authentication;
mod body;
mod duplicates;
mod effects;
mod headers;
mod leaks;
mod options;
mod report;
mod run;
mod scenario;
mod target;
mod time;

use std::time::Instant;

pub use options::Options;
pub use report::{Outcome, Report, Verdict};
use run::Run;
use scenario::{Finding, Group};
pub use target::{Answering, Pace, Target, Unanswered, Wire};

/// The extent of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Level {
    /// Looks for mistakes that lose money or let strangers in. Takes a few seconds.
    #[default]
    Basic,
    /// Also sends slow and odd requests. Takes up to a minute.
    Full,
}

const GROUPS: &[&Group] = &[
    &authentication::GROUP,
    &headers::GROUP,
    &time::GROUP,
    &body::GROUP,
    &duplicates::GROUP,
    &answers::GROUP,
    &leaks::GROUP,
];

/// Runs the suite against a receiver.
///
/// The scenarios run one after the other, each with events of its own.
pub async fn conformance(target: &impl Target, options: Options) -> Report {
    conformance_with(target, options, |_| {}).await
}

/// Like [`conformance`], but also passes each outcome to `each` as soon as it is known.
pub async fn conformance_with(target: &impl Target, options: Options, mut each: impl FnMut(&Outcome)) -> Report {
    let run = Run::prepare(target, &options).await;
    let mut outcomes = Vec::new();
    for group in GROUPS {
        for scenario in group.scenarios.iter().filter(|scenario| scenario.level <= options.level) {
            let started = Instant::now();
            // With a wrong secret, all others would fail or pass for this one reason.
            let finding = if run.secret_refused && !outcomes.is_empty() {
                Finding::skipped("the receiver refuses this secret")
            } else {
                (scenario.run)(&run).await
            };
            let Finding { verdict, event, sent, came } = finding;
            let outcome = Outcome {
                group: group.name,
                scenario: scenario.name,
                event,
                verdict,
                sent,
                expected: scenario.expected,
                why: scenario.why,
                came,
                time: started.elapsed(),
            };
            each(&outcome);
            outcomes.push(outcome);
        }
    }
    Report { outcomes }
}

/// The number of scenarios in a run of this level.
#[must_use]
pub fn scenarios(level: Level) -> usize {
    GROUPS.iter().flat_map(|group| group.scenarios).filter(|scenario| scenario.level <= level).count()
}

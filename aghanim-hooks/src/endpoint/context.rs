use std::borrow::Cow;
use std::sync::Arc;

use tokio::time::Instant;

use super::notes::Notes;
use super::settings::Settings;
use super::task::Task;
use crate::control::Places;
use crate::handler::Entry;
use crate::signature::Signature;

/// The facts about a delivery that every step may ask for.
pub(super) struct Context {
    pub(super) event_type: Cow<'static, str>,
    pub(super) entry: &'static Entry,
    pub(super) settings: Arc<Settings>,
    /// The latest time of the answer.
    pub(super) deadline: Instant,
    /// `None` in a worker.
    pub(super) signature: Option<Signature>,
    pub(super) notes: Notes,
    /// The delivery's places in the limits of concurrency, held for as long as it is worked on.
    pub(super) _places: Places,
    /// The current job, in a worker. `None` for a request.
    pub(super) task: Option<Task>,
}

/// How an event says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusals {
    /// By a 4xx.
    ByStatus,
    /// With HTTP 200, and a status in the body.
    InBody,
}

pub(crate) fn refusals(event_type: &str) -> Refusals {
    match event_type {
        "player.lookup" | "player.update" => Refusals::InBody,
        _ => Refusals::ByStatus,
    }
}

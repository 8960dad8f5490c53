//! Keeps deliveries and their ends in the history, and tells the pages and the terminal about them.

use std::sync::Arc;
use std::time::Duration;

use aghanim_hooks::testing::{Fit, RawAnswer};

use super::delivery::{Origin, Outcome, Request, Signature};
use super::facts::Facts;
use super::hub::Hub;
use super::store::New;

/// A delivery that was kept and is not answered yet.
pub(crate) struct Kept {
    pub(super) request: Request,
    pub(super) facts: Facts,
    pub(super) signature: Signature,
    pub(super) origin: Origin,
    /// `None` if it is not to be kept, or can't be.
    pub(super) id: Option<i64>,
    pub(super) chaos: Vec<String>,
}

/// Keeps a delivery, and shows it.
pub(crate) async fn keep(
    hub: &Arc<Hub>,
    request: Request,
    origin: Origin,
    of: Option<i64>,
    chaos: Vec<String>,
) -> Kept {
    let (facts, signature, shown) = look(hub, &request).await;
    let mut id = None;
    if hub.wants(facts.event.as_deref()) {
        let new = New { request: &shown, facts: &facts, signature: &signature, origin, of, chaos: &chaos };
        match hub.store.add(new).await {
            Ok(summary) => {
                id = Some(summary.id);
                hub.show(summary);
            }
            // The receiver gets the delivery all the same.
            Err(error) => warn(&error),
        }
    }
    Kept { request, facts, signature, origin, id, chaos }
}

/// The facts, the signature's verdict, and the request without the secret. A large body takes a while.
async fn look(hub: &Arc<Hub>, request: &Request) -> (Facts, Signature, Request) {
    let (hub, request) = (Arc::clone(hub), request.clone());
    let looking = tokio::task::spawn_blocking(move || {
        let signature = hub.judge(&request.headers, &request.body);
        let (path, headers) = (hub.masked_text(&request.path), hub.masked_headers(&request.headers));
        let body = hub.masked(&request.body);
        (Facts::of(&body), signature, Request { path, headers, body, ..request })
    });
    looking.await.expect("looking at bytes does not panic, and is not aborted")
}

/// Keeps a delivery's end, and tells about it.
pub(super) async fn end(
    hub: &Arc<Hub>,
    kept: &Kept,
    answer: Option<&RawAnswer>,
    failure: Option<String>,
    time: Option<Duration>,
) {
    let Some(id) = kept.id else { return };
    let fit = answer.zip(kept.facts.event.as_deref()).map(|(answer, event)| Fit::of(event, answer));
    let outcome = Outcome {
        answer: answer
            .map(|answer| RawAnswer::new(answer.status, hub.masked_headers(&answer.headers), hub.masked(&answer.body))),
        failure,
        time,
        fits: fit.as_ref().map(|fit| !matches!(fit, Fit::Misfit(_))),
        why: fit.as_ref().map(ToString::to_string),
        chaos: kept.chaos.clone(),
    };
    match hub.store.end(id, &outcome).await {
        Ok(Some(summary)) => {
            hub.show(summary.clone());
            hub.tell_ended(summary, fit);
        }
        // So many have come since that it is no longer kept.
        Ok(None) => {}
        Err(error) => warn(&error),
    }
}

/// Says on the terminal that the history has a problem. The deliveries go on.
fn warn(error: &anyhow::Error) {
    anstream::eprintln!("warning: {error:#}");
}

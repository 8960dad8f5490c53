//! News as they happen, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;

use super::Api;
use crate::inspector::hub::News;

/// The time after which a comment shows that the connection is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) async fn stream(State(api): State<Arc<Api>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let news = api.hub.subscribe();
    let events = stream::unfold(news, |mut news| async move {
        let event = match news.recv().await {
            Ok(News::Delivery(summary)) => event("delivery", &summary),
            Ok(News::Chaos(chaos)) => event("chaos", &chaos),
            Ok(News::Verdict(verdict)) => event("verdict", &verdict),
            // The page loads the list again.
            Err(RecvError::Lagged(_)) => Event::default().event("lagged").data("{}"),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(event), news))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn event(name: &str, data: &impl Serialize) -> Event {
    let json = serde_json::to_string(data).expect("strings, numbers and lists serialize");
    Event::default().event(name).data(json)
}

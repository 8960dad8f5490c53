use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::request::Parts;
use pin_project_lite::pin_project;

use super::body::ReadBody;
use super::refusal::Refusal;
use super::{Delivery, Endpoint, UnknownEvents};
use crate::envelope;
use crate::handler::AnswerFuture;
use crate::signature::{SIGNATURE_HEADER, SignedHeaders, TIMESTAMP_HEADER};

pin_project! {
    /// The way of one request.
    ///
    /// A future with a name: nothing is boxed for a request before its signature has been checked.
    #[project = Stage]
    pub enum Serve<S> {
        Reading {
            #[pin]
            body: ReadBody,
            waiting: Option<Waiting<S>>,
        },
        Handling { answer: AnswerFuture },
        Refused { refusal: Option<Refusal> },
    }
}

/// What waits for the body.
pub(super) struct Waiting<S> {
    headers: SignedHeaders,
    parts: Parts,
    state: S,
    endpoint: Arc<Endpoint<S>>,
}

impl<S> Serve<S> {
    /// A request without the headers of a signature is refused before its body is read.
    pub(super) fn new(parts: Parts, body: Body, state: S, endpoint: Arc<Endpoint<S>>) -> Self {
        match signed_headers(&parts.headers) {
            Ok(headers) => Self::Reading {
                body: ReadBody::new(body, endpoint.body_limit, endpoint.timeout),
                waiting: Some(Waiting { headers, parts, state, endpoint }),
            },
            Err(refusal) => Self::Refused { refusal: Some(refusal) },
        }
    }
}

impl<S> Future for Serve<S> {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        loop {
            let next = match self.as_mut().project() {
                Stage::Reading { body, waiting } => {
                    let body = ready!(body.poll(cx));
                    let waiting = waiting.take().expect("a body is read once");
                    match body.and_then(|body| waiting.dispatch(body)) {
                        Ok(answer) => Self::Handling { answer },
                        Err(refusal) => Self::Refused { refusal: Some(refusal) },
                    }
                }
                Stage::Handling { answer } => return answer.as_mut().poll(cx).map(IntoResponse::into_response),
                Stage::Refused { refusal } => {
                    let refusal = refusal.take().expect("a future is not polled after it is done");
                    return Poll::Ready(refusal.into_response());
                }
            };
            self.set(next);
        }
    }
}

impl<S> Waiting<S> {
    /// Authenticates the request, then finds its handler.
    fn dispatch(self, body: Bytes) -> Result<AnswerFuture, Refusal> {
        let Self { headers, parts, state, endpoint } = self;
        endpoint.verifier.verify(&headers, &body, SystemTime::now()).map_err(Refusal::unsigned)?;
        if !is_json(&parts.headers) {
            return Err(Refusal::NotJson);
        }
        let handler = endpoint.route(&body)?;
        let dispatch = endpoint.handlers.dispatch();
        // Boxed, since it passes through several futures, each of which would have to hold it.
        Ok(dispatch(handler, Delivery { parts: Box::new(parts), body, state, endpoint }))
    }
}

impl<S> Endpoint<S> {
    fn route(&self, body: &[u8]) -> Result<usize, Refusal> {
        let Some(event_type) = envelope::event_type(body) else {
            return Err(Refusal::malformed(envelope::why_no_event_type(body)));
        };
        self.handlers.find(&event_type).ok_or_else(|| match (envelope::check(body), self.unknown_events) {
            // What is cut off or names two events is not to be acknowledged.
            (Err(malformed), _) => Refusal::malformed(malformed),
            (Ok(()), UnknownEvents::Refuse) => Refusal::unknown_event(&event_type),
            (Ok(()), UnknownEvents::Accept) => Refusal::IgnoredEvent,
        })
    }
}

/// The two headers, each there once: which of two would count is nothing to guess.
fn signed_headers(headers: &HeaderMap) -> Result<SignedHeaders, Refusal> {
    let (mut signature, mut timestamp) = (None, None);
    // One walk past all of them costs less than looking two up.
    for (name, value) in headers {
        let place = match name.as_str() {
            SIGNATURE_HEADER => &mut signature,
            TIMESTAMP_HEADER => &mut timestamp,
            _ => continue,
        };
        if place.replace(value.as_bytes()).is_some() {
            return Err(Refusal::unsigned(format_args!("`{name}` stands twice")));
        }
    }
    let there = |value: Option<_>, name| value.ok_or_else(|| Refusal::unsigned(format_args!("`{name}` is missing")));
    SignedHeaders::parse(there(signature, SIGNATURE_HEADER)?, there(timestamp, TIMESTAMP_HEADER)?)
        .map_err(Refusal::unsigned)
}

/// `application/json`, with or without parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

impl<S> std::fmt::Debug for Serve<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Serve").finish_non_exhaustive()
    }
}

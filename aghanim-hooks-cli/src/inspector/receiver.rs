//! The receiver of the deliveries: behind a URL, or the inspector itself.

use aghanim_hooks::testing::RawAnswer;
use aghanim_hooks::testing::conformance::Unanswered;
use http::header::CONTENT_LENGTH;
use http::{Request as HttpRequest, StatusCode};

use super::delivery::Request;
use super::headers::{end_to_end, without_hidden};
use super::own_answer::{answer, refusal};
use crate::url::{Outgoing, UrlTarget, half, whole};

/// The receiver of the deliveries.
pub(crate) enum Receiver {
    /// The inspector answers.
    Own,
    /// A server answers.
    Behind(UrlTarget),
}

impl Receiver {
    /// True if the inspector answers.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self, Self::Own)
    }

    /// The receiver's URL.
    pub(crate) fn url(&self) -> Option<String> {
        match self {
            Self::Own => None,
            Self::Behind(target) => Some(target.url()),
        }
    }

    /// Sends a request on: the same method, body and headers, without those of the connection.
    pub(crate) async fn send(&self, request: &Request, is_signed: bool) -> Result<RawAnswer, Unanswered> {
        match self {
            Self::Own => Ok(answer(&request.method, &request.body, is_signed)),
            Self::Behind(target) => {
                let answer = target.forward(outgoing(target, request, whole(request.body.clone()))).await?;
                Ok(RawAnswer::new(answer.status, end_to_end(&answer.headers), answer.body))
            }
        }
    }

    /// Sends half of a request, and ends the connection. Returns what became of it.
    pub(crate) async fn send_half(&self, request: &Request) -> String {
        let (sent, size) = (request.body.len() / 2, request.body.len());
        let Self::Behind(target) = self else { return "there is no receiver that could get half of it".to_owned() };
        let mut cut = outgoing(target, request, half(&request.body));
        cut.headers_mut().insert(CONTENT_LENGTH, size.into());
        match target.forward(cut).await {
            Ok(answer) => format!("the body was cut after {sent} of {size} bytes, and was answered {answer}"),
            Err(Unanswered::Unreachable(reason)) => format!("unreachable: {reason}"),
            Err(_) => format!("the body was cut after {sent} of {size} bytes"),
        }
    }
}

/// The path is the URL's. If the URL has none, it is the request's own.
fn outgoing(target: &UrlTarget, request: &Request, body: Outgoing) -> HttpRequest<Outgoing> {
    let path = if target.path() == "/" { &request.path } else { target.path() };
    let mut outgoing = HttpRequest::new(body);
    *outgoing.method_mut() = request.method.clone();
    *outgoing.uri_mut() = path.parse().unwrap_or_default();
    *outgoing.headers_mut() = without_hidden(&end_to_end(&request.headers));
    *outgoing.extensions_mut() = request.extensions.clone();
    outgoing
}

/// The answer to the sender if the receiver has none. It is a 5xx, after which Aghanim sends the event again.
pub(crate) fn no_answer(error: &Unanswered) -> RawAnswer {
    match error {
        Unanswered::Timeout(_) => refusal(StatusCode::GATEWAY_TIMEOUT, "receiver_timeout", &error.to_string()),
        _ => refusal(StatusCode::BAD_GATEWAY, "receiver_unreachable", &error.to_string()),
    }
}

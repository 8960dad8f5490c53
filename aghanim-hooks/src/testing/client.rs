use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use serde::Serialize;
use serde_json::value::RawValue;
use tower::{Service, ServiceExt as _};

use super::{Clock, Delivery, RawAnswer};
use crate::signature::Secret;
use crate::{RawEvent, WebhookEvent};

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Sends signed events to an application in this process, without a socket.
///
/// The application is anything that axum serves: a `Router`, or the `post(hooks)` of one route.
///
/// ```
/// use aghanim_hooks::events::{Player, PlayerVerify};
/// use aghanim_hooks::testing::TestClient;
/// use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
/// use axum::{Router, routing::post};
///
/// #[webhook("player.verify")]
/// async fn verify(event: PlayerVerify) -> Result<Player, Rejection> {
///     match event.player_id.as_str() {
///         "2D2R-OP3C" => Ok(Player::builder().player_id(event.player_id).name("Beetle").build()),
///         _ => Err(Rejection::deny("not_found", "no such player")),
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let secret = Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap();
/// let app = Router::new().route("/webhook", post(Webhooks::new(secret.clone(), webhooks![verify])));
/// let client = TestClient::new(app, secret);
///
/// let player = client.send(PlayerVerify::new("2D2R-OP3C")).await.unwrap();
/// assert_eq!(player.name, "Beetle");
///
/// let refused = client.send(PlayerVerify::new("nobody")).sandbox().await.unwrap_err();
/// assert_eq!((refused.status(), refused.code.as_str()), (404, "not_found"));
/// # });
/// ```
#[derive(Clone)]
pub struct TestClient {
    app: Arc<dyn Fn(Request) -> Answering + Send + Sync>,
    pub(super) secret: Secret,
    pub(super) path: String,
    clock: Option<Clock>,
    numbers: Numbers,
}

impl TestClient {
    /// Makes a client of this application that signs with this secret.
    ///
    /// Events are posted to `/webhook`; [`path`](Self::path) sets another.
    pub fn new<A>(app: A, secret: Secret) -> Self
    where
        A: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
        A::Future: Send + 'static,
    {
        let app = move |request| -> Answering {
            let answering = app.clone().oneshot(request);
            Box::pin(async {
                match answering.await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            })
        };
        Self { app: Arc::new(app), secret, path: "/webhook".to_owned(), clock: None, numbers: Numbers::default() }
    }

    /// Sets the path that events are posted to.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Signs by this clock, and makes the endpoint check the time of each request against it.
    ///
    /// ```
    /// # use aghanim_hooks::events::FraudReported;
    /// # use aghanim_hooks::testing::{Clock, TestClient};
    /// # use aghanim_hooks::{RawEvent, Secret, Webhooks, webhook, webhooks};
    /// # use axum::routing::post;
    /// # use std::time::{Duration, SystemTime};
    /// # #[webhook("*")]
    /// # async fn any(_event: RawEvent) {}
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let secret = Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap();
    /// # let app = post(Webhooks::new(secret.clone(), webhooks![any]));
    /// let clock = Clock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_714_147_200));
    /// let client = TestClient::new(app, secret).clock(&clock);
    /// let event = client.send_json("guild.joined", &serde_json::json!({}));
    /// assert_eq!(event.clone().answer().await.status, 200);
    ///
    /// // The endpoint's window is 72 hours wide.
    /// let signed_now = event.at(clock.now());
    /// clock.advance(Duration::from_secs(73 * 3600));
    /// assert_eq!(signed_now.answer().await.status, 403);
    /// # });
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: &Clock) -> Self {
        self.clock = Some(clock.clone());
        self
    }

    /// Prepares an event with this payload. Await it to send it. The result is the payload's own reply type.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "a test makes the payload where it sends it")]
    pub fn send<T: WebhookEvent + Serialize>(&self, payload: T) -> Delivery<T, Self> {
        Delivery::new(&payload, &self.numbers.next(), self.clone(), Location::caller())
    }

    /// Prepares an event of any type, with any JSON.
    ///
    /// # Panics
    /// Panics if the data can't be written as JSON.
    #[track_caller]
    pub fn send_json(
        &self,
        event_type: impl Into<String>,
        data: &(impl Serialize + ?Sized),
    ) -> Delivery<RawEvent, Self> {
        let data: Box<RawValue> =
            serde_json::value::to_raw_value(data).unwrap_or_else(|error| panic!("the data is no JSON: {error}"));
        Delivery::new(&data, &self.numbers.next(), self.clone(), Location::caller()).event_type(event_type)
    }

    /// Sends any request, unchanged.
    ///
    /// # Panics
    /// Panics if the application panics, or its answer's body breaks off.
    pub async fn request(&self, mut request: Request) -> RawAnswer {
        if let Some(clock) = &self.clock {
            request.extensions_mut().insert(clock.clone());
        }
        let (head, body) = (self.app)(request).await.into_parts();
        let body =
            to_bytes(body, usize::MAX).await.unwrap_or_else(|error| panic!("the answer's body broke off: {error}"));
        RawAnswer::new(head.status, head.headers, body)
    }

    /// The time of the next signature.
    pub(super) fn now(&self) -> SystemTime {
        self.clock.as_ref().map_or_else(SystemTime::now, Clock::now)
    }

    pub(super) fn request_of(&self, headers: &http::HeaderMap, body: bytes::Bytes) -> Request {
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.path.parse().unwrap_or_else(|error| panic!("`{}` is not a path: {error}", self.path));
        *request.headers_mut() = headers.clone();
        request
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient").field("path", &self.path).field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// Numbers for ids and keys. No other client of a shared database has the same ones.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    prefix: u64,
    next: Arc<AtomicU64>,
}

impl Default for Numbers {
    fn default() -> Self {
        let mut prefix = [0; 8];
        getrandom::fill(&mut prefix).expect("the system has randomness to give");
        Self { prefix: u64::from_ne_bytes(prefix), next: Arc::default() }
    }
}

impl Numbers {
    pub(super) fn next(&self) -> String {
        format!("{:016x}_{}", self.prefix, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

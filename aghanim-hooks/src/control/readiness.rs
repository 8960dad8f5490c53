use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::idempotency::Connections;

/// The health of an endpoint at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Readiness {
    /// True if deliveries can be handled: the store answers, and the endpoint is not draining.
    pub ready: bool,
    /// True if the process is being stopped.
    pub draining: bool,
    /// The health of the idempotency store.
    pub store: StoreHealth,
    /// The connections of the store's pool, if it has one.
    pub connections: Option<Connections>,
    /// The time at which an event was last taken by this process, to the second.
    pub last_success: Option<SystemTime>,
    /// The patterns that are paused for maintenance. They do not make the endpoint unready.
    pub paused: Vec<String>,
}

/// The health of an idempotency store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreHealth {
    /// The endpoint has no store.
    None,
    /// The store answered.
    Up {
        /// The time that it took.
        took: Duration,
    },
    /// The store failed, or did not answer within two seconds. The reason is in the log.
    Down,
}

impl Readiness {
    pub(crate) fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Json {
            ready: bool,
            draining: bool,
            store: &'static str,
            store_milliseconds: Option<u128>,
            connections: Option<Pool>,
            /// Unix seconds.
            last_success: Option<u64>,
            paused: Vec<String>,
        }
        #[derive(Serialize)]
        struct Pool {
            busy: u32,
            idle: u32,
            most: u32,
        }
        let json = Json {
            ready: self.ready,
            draining: self.draining,
            store: match self.store {
                StoreHealth::None => "none",
                StoreHealth::Up { .. } => "up",
                StoreHealth::Down => "down",
            },
            store_milliseconds: match self.store {
                StoreHealth::Up { took } => Some(took.as_millis()),
                StoreHealth::None | StoreHealth::Down => None,
            },
            connections: self.connections.map(|Connections { busy, idle, most }| Pool { busy, idle, most }),
            last_success: self.last_success.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).map(|at| at.as_secs()),
            paused: self.paused,
        };
        let body = serde_json::to_vec(&json).expect("numbers and texts serialize");
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = if self.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

impl fmt::Display for StoreHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Up { took } => write!(f, "up, answered in {took:?}"),
            Self::Down => f.write_str("down"),
        }
    }
}

//! Keeps other pages, other machines and other programs out of the page and its API.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use subtle::ConstantTimeEq as _;

use super::api::error;

/// The page loads nothing but its own files, and nobody can frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The token, and the names under which the page may be asked for.
pub(crate) struct Guard {
    token: String,
    hosts: Vec<String>,
}

impl Guard {
    /// A guard with a fresh token.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub(crate) fn new(page: SocketAddr) -> anyhow::Result<Self> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("no random bytes for the token: {error}"))?;
        let token = format!("{:032x}", u128::from_be_bytes(random));
        let port = page.port();
        Ok(Self { token, hosts: ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}")).into() })
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    fn check(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
        // A name that another DNS server points here is not among them.
        if !one(headers, &HOST)?.is_some_and(|host| self.hosts.iter().any(|own| own == host)) {
            return Err((StatusCode::FORBIDDEN, "open the page under the address that was printed: `Host` is another"));
        }
        if let Some(origin) = one(headers, &ORIGIN)?
            && !origin.strip_prefix("http://").is_some_and(|host| self.hosts.iter().any(|own| own == host))
        {
            return Err((StatusCode::FORBIDDEN, "the request comes from a page of another origin"));
        }
        if !path.starts_with("/api/") {
            return if method == Method::GET || method == Method::HEAD {
                Ok(())
            } else {
                Err((StatusCode::METHOD_NOT_ALLOWED, "the page's files can only be read"))
            };
        }
        let token = one(headers, &AUTHORIZATION)?.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        if !bool::from(token.as_bytes().ct_eq(self.token.as_bytes())) {
            return Err((StatusCode::UNAUTHORIZED, "the token is missing or wrong: it is in the printed address"));
        }
        let is_json = one(headers, &CONTENT_TYPE)?.is_some_and(|value| {
            let essence = value.split(';').next().unwrap_or_default();
            essence.trim().eq_ignore_ascii_case("application/json")
        });
        if method != Method::GET && !is_json {
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "send `Content-Type: application/json`"));
        }
        Ok(())
    }
}

/// The value of a header that may come once.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, (StatusCode, &'static str)> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| (StatusCode::BAD_REQUEST, "a header is not text")),
        (Some(_), Some(_)) => Err((StatusCode::BAD_REQUEST, "a header came twice")),
    }
}

/// Refuses what the guard does not let in, and sets the headers that protect the page.
pub(crate) async fn guard(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let checked = guard.check(request.method(), request.uri().path(), request.headers());
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err((status, sentence)) => error(status, sentence).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    response
}

//! The calls of the management API.

use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body_util::Full;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::error::ApiError;
use super::retry::{Repeat, pause};
use super::webhook::{Settings, Webhook};
use crate::transport::Server;

/// The API's address, by Aghanim's `OpenAPI` document.
pub const ADDRESS: &str = "https://api.aghanim.com/s2s";

/// The number of webhooks that are asked for at once. It is the documented default.
const PAGE: usize = 300;
/// The most pages that are read.
const PAGES: usize = 100;

/// The management API, with a key.
pub struct Client {
    server: Server,
    authorization: HeaderValue,
    timeout: Duration,
    retries: u32,
    /// Is told of each repetition.
    notice: fn(&str),
}

/// One call.
struct Call<'a> {
    method: Method,
    path: String,
    body: Option<Vec<u8>>,
    repeat: Repeat,
    /// The webhook's id, if it is about one.
    about: Option<&'a str>,
}

impl<'a> Call<'a> {
    fn new(method: Method, path: impl Into<String>, repeat: Repeat) -> Self {
        Self { method, path: path.into(), body: None, repeat, about: None }
    }

    fn about(method: Method, id: &'a str, then: &str, repeat: Repeat) -> Self {
        Self { about: Some(id), ..Self::new(method, format!("/v1/webhooks/{}{then}", escaped(id)), repeat) }
    }

    fn body(self, settings: &Settings) -> Self {
        Self { body: serde_json::to_vec(settings).ok(), ..self }
    }
}

impl Client {
    /// The API at this address. `notice` is told of each repetition.
    ///
    /// # Errors
    /// Fails if the address is not a URL, if the key would go over the network in the clear, or if the key can't be sent.
    pub fn new(address: &str, key: &str, timeout: Duration, retries: u32, notice: fn(&str)) -> anyhow::Result<Self> {
        let server = Server::new(address.trim_end_matches('/')).context("--api")?;
        if !server.is_private() {
            bail!("the API key would go over the network in the clear: write --api https://…");
        }
        if key.is_empty() {
            bail!("the API key is empty");
        }
        let text = Zeroizing::new(format!("Bearer {key}"));
        let mut authorization = HeaderValue::from_str(&text)
            .map_err(|_| anyhow::anyhow!("the API key has a character that no key has, such as a line break"))?;
        authorization.set_sensitive(true);
        Ok(Self { server, authorization, timeout, retries, notice })
    }

    /// All webhooks that the key sees, page by page.
    ///
    /// # Errors
    /// Fails if the API can't be reached, or refuses.
    pub async fn list(&self) -> Result<Vec<Webhook>, ApiError> {
        let mut webhooks: Vec<Webhook> = Vec::new();
        // The API may give less than was asked for, and one that ignores `offset` gives the same again.
        for _ in 0..PAGES {
            let path = format!("/v1/webhooks?limit={PAGE}&offset={}", webhooks.len());
            let page: Vec<Webhook> = self.read(Call::new(Method::GET, path, Repeat::Freely)).await?;
            let before = webhooks.len();
            let new: Vec<_> = page.into_iter().filter(|one| webhooks.iter().all(|known| known.id != one.id)).collect();
            webhooks.extend(new);
            if webhooks.len() == before {
                break;
            }
        }
        Ok(webhooks)
    }

    /// One webhook, without its secret.
    ///
    /// # Errors
    /// Fails if the API can't be reached, or refuses.
    pub async fn get(&self, id: &str) -> Result<Webhook, ApiError> {
        self.read(Call::about(Method::GET, id, "", Repeat::Freely)).await
    }

    /// One webhook, with its current secret.
    ///
    /// # Errors
    /// Fails if the API can't be reached, or refuses.
    pub async fn reveal(&self, id: &str) -> Result<Webhook, ApiError> {
        self.read(Call::about(Method::POST, id, "/reveal", Repeat::Freely)).await
    }

    /// Registers a webhook. Is not repeated if the first attempt may have been carried out.
    ///
    /// # Errors
    /// Fails if the API can't be reached, or refuses.
    pub async fn create(&self, settings: &Settings) -> Result<Webhook, ApiError> {
        self.read(Call::new(Method::POST, "/v1/webhooks", Repeat::IfUndone).body(settings)).await
    }

    /// Changes a webhook.
    ///
    /// # Errors
    /// Fails if the API can't be reached, or refuses.
    pub async fn update(&self, id: &str, settings: &Settings) -> Result<Webhook, ApiError> {
        self.read(Call::about(Method::PUT, id, "", Repeat::Freely).body(settings)).await
    }

    /// Deletes a webhook.
    ///
    /// # Errors
    /// Fails if the API can't be reached, or refuses.
    pub async fn delete(&self, id: &str) -> Result<(), ApiError> {
        match self.call(&Call::about(Method::DELETE, id, "", Repeat::Freely)).await {
            // The answer to an earlier attempt was lost: that attempt deleted it.
            Err(error) if error.is_not_found() && error.repeated => Ok(()),
            other => other.map(drop),
        }
    }

    /// Makes a new secret. Is not repeated if the first attempt may have been carried out.
    ///
    /// # Errors
    /// Fails if the API can't be reached, or refuses.
    pub async fn expire_secret(&self, id: &str) -> Result<Webhook, ApiError> {
        self.read(Call::about(Method::POST, id, "/expire_secret", Repeat::IfUndone)).await
    }

    async fn read<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, ApiError> {
        let answer = self.call(&call).await?;
        serde_json::from_slice(answer.body()).map_err(|error| ApiError::unreadable(&answer, &error.to_string()))
    }

    async fn call(&self, call: &Call<'_>) -> Result<Response<Bytes>, ApiError> {
        let mut repeated = false;
        for attempt in 0.. {
            let (mut error, headers) = match self.attempt(call).await {
                Ok(answer) if answer.status().is_success() => return Ok(answer),
                Ok(answer) => (ApiError::status(&answer, call.about), answer.headers().clone()),
                Err(error) => (error, HeaderMap::new()),
            };
            error.repeated = repeated;
            repeated |= error.may_have_been_done();
            let Some(pause) = pause(attempt, &error, &headers, call.repeat).filter(|_| attempt < self.retries) else {
                return Err(error);
            };
            (self.notice)(&format!("{error} (trying again in {} ms)", pause.as_millis()));
            tokio::time::sleep(pause).await;
        }
        unreachable!("the loop ends with an answer or an error")
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Response<Bytes>, ApiError> {
        let body = Bytes::from(call.body.clone().unwrap_or_default());
        let path = format!("{}{}", self.server.path().trim_end_matches('/'), call.path);
        let mut request = Request::builder()
            .method(&call.method)
            .uri(path)
            .header(AUTHORIZATION, &self.authorization)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, concat!("aghanim-hooks/", env!("CARGO_PKG_VERSION")));
        if call.method != Method::GET {
            request = request.header(CONTENT_LENGTH, body.len());
        }
        if call.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Full::new(body))
            .map_err(|error| ApiError::new(super::error::Kind::Unreachable, format!("this can't be sent: {error}")))?;
        match tokio::time::timeout(self.timeout, self.server.send(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(failure)) => Err(ApiError::unanswered(&self.server.url(), &failure)),
            Err(_) => Err(ApiError::timeout(&self.server.url(), self.timeout)),
        }
    }
}

/// An id as a part of a path: nothing in it can lead to another resource.
fn escaped(id: &str) -> String {
    use std::fmt::Write as _;
    id.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_part_of_the_path() {
        assert_eq!(escaped("wh_eRhX-1"), "wh_eRhX-1");
        assert_eq!(escaped("../games?x=1"), "%2E%2E%2Fgames%3Fx%3D1");
    }

    #[test]
    fn a_key_never_goes_over_the_network_in_the_clear() {
        let new = |address: &str| Client::new(address, "key", Duration::from_secs(1), 0, |_| {});
        assert!(new("http://api.example/s2s").is_err_and(|error| error.to_string().contains("in the clear")));
        assert!(new("http://127.0.0.1:8000/s2s").is_ok() && new("http://[::1]:8000").is_ok());
        assert!(Client::new("http://127.0.0.1", "a\nb", Duration::ZERO, 0, |_| {}).is_err());
    }
}

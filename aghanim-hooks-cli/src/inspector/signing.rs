//! The webhook's secret: judges signatures, signs, and keeps its text out of everything that is kept.

use std::time::SystemTime;

use aghanim_hooks::Secret;
use aghanim_hooks::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, Tolerance};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Extensions, HeaderMap, HeaderValue, Method};
use serde_json::Value;
use zeroize::Zeroizing;

use super::delivery::{Request, Signature};
use crate::input::seconds;
use crate::signature::judge;

/// The text in place of the secret.
const HIDDEN: &str = "[secret]";

/// A secret, as text and ready to sign.
pub(crate) struct Signing {
    text: Zeroizing<String>,
    secret: Secret,
}

impl Signing {
    /// Reads the secret's text.
    ///
    /// # Errors
    /// When the text is not a secret.
    pub(crate) fn new(text: Zeroizing<String>) -> anyhow::Result<Self> {
        let secret = Secret::new(text.as_bytes())?;
        Ok(Self { text, secret })
    }

    /// The secret, to sign with.
    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Judges a request's signature, with the tolerance that an endpoint has by default.
    pub(crate) fn judge(&self, headers: &HeaderMap, body: &[u8]) -> Signature {
        let one = |name: &str| {
            let mut values = headers.get_all(name).iter();
            match (values.next(), values.next()) {
                (Some(value), None) => Ok(value.as_bytes()),
                (None, _) => Err(format!("the header `{name}` is missing")),
                (Some(_), Some(_)) => Err(format!("the header `{name}` came twice")),
            }
        };
        let verdict = one(SIGNATURE_HEADER).and_then(|signature| {
            let timestamp = one(TIMESTAMP_HEADER)?;
            let now = SystemTime::now();
            judge(&self.text, signature, timestamp, body, Tolerance::default(), now).map_err(|error| error.to_string())
        });
        match verdict {
            Ok(verdict) => {
                let name = if verdict.is_valid() { "valid" } else { "invalid" };
                Signature { verdict: name.to_owned(), reason: Some(verdict.to_string()) }
            }
            Err(reason) => Signature { verdict: "invalid".to_owned(), reason: Some(reason) },
        }
    }

    /// Replaces the signature's two headers by those of this body, signed now.
    pub(crate) fn sign(&self, headers: &mut HeaderMap, body: &[u8]) {
        let timestamp = seconds(SystemTime::now());
        let signature = self.secret.sign(timestamp.to_string().as_bytes(), body).to_string();
        let signature = HeaderValue::from_str(&signature).expect("hexadecimal digits can be in a header");
        headers.insert(SIGNATURE_HEADER, signature);
        headers.insert(TIMESTAMP_HEADER, timestamp.into());
    }

    /// A signed `POST` of an envelope.
    pub(crate) fn post(&self, path: String, envelope: &Value) -> Request {
        let body = Bytes::from(envelope.to_string());
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        self.sign(&mut headers, &body);
        Request { method: Method::POST, path, headers, extensions: Extensions::new(), body }
    }

    /// The bytes without the secret's text. Nothing is copied if they do not contain it.
    pub(crate) fn masked(&self, bytes: &Bytes) -> Bytes {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let is_there = text.contains(&**self.text);
            return if is_there { text.replace(&**self.text, HIDDEN).into() } else { bytes.clone() };
        }
        let secret = self.text.as_bytes();
        let mut masked = Vec::with_capacity(bytes.len());
        let mut rest = &bytes[..];
        while let Some(at) = rest.windows(secret.len()).position(|window| window == secret) {
            masked.extend_from_slice(&rest[..at]);
            masked.extend_from_slice(HIDDEN.as_bytes());
            rest = &rest[at + secret.len()..];
        }
        masked.extend_from_slice(rest);
        masked.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signing() -> Signing {
        Signing::new(Zeroizing::new("whsec_4f1c9d0a77b2e8d6".to_owned())).unwrap()
    }

    #[test]
    fn each_verdict_has_its_reason() {
        let mut headers = HeaderMap::new();
        let reason = |headers: &HeaderMap, body: &[u8]| {
            let signature = signing().judge(headers, body);
            (signature.verdict, signature.reason.unwrap())
        };
        assert!(reason(&headers, b"{}").1.contains("is missing"));
        signing().sign(&mut headers, b"{}");
        assert_eq!(reason(&headers, b"{}").0, "valid");
        let (verdict, why) = reason(&headers, b"{}\n");
        assert!(verdict == "invalid" && why.contains("newline"), "{why}");
        headers.append(SIGNATURE_HEADER, HeaderValue::from_static("ab"));
        assert!(reason(&headers, b"{}").1.contains("came twice"));
    }

    #[test]
    fn the_secret_is_masked_wherever_it_is() {
        let masked = |text: &'static str| signing().masked(&Bytes::from_static(text.as_bytes()));
        assert_eq!(masked("a whsec_4f1c9d0a77b2e8d6, whsec_4f1c9d0a77b2e8d6"), "a [secret], [secret]");
        assert_eq!(masked("whsec_4f1c9d0a77b2e8d"), "whsec_4f1c9d0a77b2e8d");
        let not_text = Bytes::from_static(b"\xffwhsec_4f1c9d0a77b2e8d6\xfe");
        assert_eq!(signing().masked(&not_text), &b"\xff[secret]\xfe"[..]);
    }
}

//! Headers: those of a connection, those that hold secrets, and their form in the history.

use aghanim_hooks::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER};
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The value in place of one that is secret.
const HIDDEN: HeaderValue = HeaderValue::from_static("[hidden]");

/// The headers that a proxy passes on. Removed are those of the connection (RFC 9110, 7.6.1), `Host` and the length,
/// which the next connection gets anew. The signature's headers always stay.
pub(crate) fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let is_of_the_connection = |name: &HeaderName| {
        let fixed = [
            CONNECTION,
            CONTENT_LENGTH,
            // The whole body is here before it is sent on, so nobody waits for `100 Continue`.
            EXPECT,
            HOST,
            PROXY_AUTHENTICATE,
            PROXY_AUTHORIZATION,
            TE,
            TRAILER,
            TRANSFER_ENCODING,
            UPGRADE,
        ];
        let is_signed = name == SIGNATURE_HEADER || name == TIMESTAMP_HEADER;
        let is_fixed = fixed.contains(name) || name == "keep-alive" || name == "proxy-connection";
        !is_signed && (is_fixed || named.iter().any(|other| other == name.as_str()))
    };
    let kept = headers.iter().filter(|(name, _)| !is_of_the_connection(name));
    // Built anew, because removing from a `HeaderMap` changes the order of the rest.
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The headers as lines, for the history. Values that authenticate somebody are hidden.
pub(crate) fn to_lines(headers: &HeaderMap) -> Vec<u8> {
    let hidden = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, SET_COOKIE];
    let mut lines = Vec::new();
    for (name, value) in headers {
        let value = if hidden.contains(name) { &HIDDEN } else { value };
        lines.extend_from_slice(name.as_str().as_bytes());
        lines.extend_from_slice(b": ");
        lines.extend_from_slice(value.as_bytes());
        lines.push(b'\n');
    }
    lines
}

/// Reads what [`to_lines`] wrote. Lines that are not headers are left out.
pub(crate) fn from_lines(lines: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n') {
        let Some(at) = line.windows(2).position(|pair| pair == b": ") else { continue };
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&line[..at]), HeaderValue::from_bytes(&line[at + 2..])) {
            headers.append(name, value);
        }
    }
    headers
}

/// The headers without those whose value is hidden, which nobody can send again.
pub(crate) fn without_hidden(headers: &HeaderMap) -> HeaderMap {
    let sent = headers.iter().filter(|(_, value)| **value != HIDDEN);
    sent.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn headers_of_the_connection_are_not_passed_on() {
        let came = map(&[
            ("connection", b"close, X-Hop,x-aghanim-signature"),
            ("x-hop", b"1"),
            ("x-aghanim-signature", b"ab"),
            ("keep-alive", b"timeout=5"),
            ("transfer-encoding", b"chunked"),
            ("expect", b"100-continue"),
            ("host", b"localhost"),
            ("x-odd", b"\xff a  b"),
            ("x-odd", b""),
        ]);
        let sent = map(&[("x-aghanim-signature", b"ab"), ("x-odd", b"\xff a  b"), ("x-odd", b"")]);
        assert_eq!(end_to_end(&came), sent);
    }

    #[test]
    fn lines_are_read_back_byte_for_byte() {
        let headers = map(&[("x-a", b"1: 2"), ("x-a", b""), ("x-b", b"\xe9\xff")]);
        assert_eq!(from_lines(&to_lines(&headers)), headers);
    }

    #[test]
    fn credentials_are_not_kept() {
        let lines = to_lines(&map(&[("authorization", b"Basic c2VjcmV0"), ("cookie", b"session=1"), ("x-a", b"1")]));
        assert_eq!(lines, b"authorization: [hidden]\ncookie: [hidden]\nx-a: 1\n");
        assert_eq!(without_hidden(&from_lines(&lines)), map(&[("x-a", b"1")]));
    }
}

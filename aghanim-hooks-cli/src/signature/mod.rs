//! Judges a signature, and says why it does not match.

mod variants;

use std::fmt;
use std::time::{Duration, SystemTime};

use aghanim_hooks::Secret;
use aghanim_hooks::signature::{SignedHeaders, Tolerance, Verifier, VerifyError};
use serde::Serialize;

/// The verdict on a signature, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It is right, and its time is within the window.
    Valid,
    /// It is right, but too old.
    Stale {
        /// The age, in seconds.
        age: u64,
    },
    /// It is right, but its time is yet to come.
    Future {
        /// The distance from now, in seconds.
        ahead: u64,
    },
    /// A header is not in the form of a signature or a timestamp.
    Malformed {
        /// The header, and its mistake.
        reason: String,
    },
    /// It is not right for these bytes, but would be after a change.
    WouldMatch {
        /// The change after which it would match.
        change: String,
    },
    /// No change that was tried makes it match: another secret signed it, or the body is another one.
    Unknown,
}

impl Verdict {
    /// True if a receiver accepts it.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        *self == Self::Valid
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |seconds: &u64| humantime::format_duration(Duration::from_secs(*seconds));
        match self {
            Self::Valid => f.write_str("valid: this secret signed these bytes"),
            Self::Stale { age } => write!(f, "stale: properly signed, but {} ago", time(age)),
            Self::Future { ahead } => write!(f, "from the future: properly signed, but {} ahead", time(ahead)),
            Self::Malformed { reason } => write!(f, "malformed: {reason}"),
            Self::WouldMatch { change } => write!(f, "altered: the signature would match {change}"),
            Self::Unknown => {
                f.write_str("no match: another secret signed it, or the body is not the one that was signed")
            }
        }
    }
}

/// Judges a signature. `secret` is the secret's text.
///
/// If it does not match, it tries changes that happen on the way (other line ends, a lost newline, JSON that was written
/// anew) and mistakes of senders (other signed bytes, a secret that was read in another way).
///
/// # Errors
/// Fails if the text is not a secret.
pub fn judge(
    secret: &str,
    signature: &[u8],
    timestamp: &[u8],
    body: &[u8],
    tolerance: Tolerance,
    now: SystemTime,
) -> anyhow::Result<Verdict> {
    let key = Secret::new(secret)?;
    let headers = match SignedHeaders::parse(signature, timestamp) {
        Ok(headers) => headers,
        Err(error) => return Ok(malformed(&key, signature, timestamp, body, &error.to_string())),
    };
    let verifier = Verifier::new(key.clone()).tolerance(tolerance);
    match verifier.verify(&headers, body, now) {
        Ok(_) => return Ok(Verdict::Valid),
        Err(VerifyError::Stale { age }) => return Ok(Verdict::Stale { age: age.as_secs() }),
        Err(VerifyError::Future { ahead }) => return Ok(Verdict::Future { ahead: ahead.as_secs() }),
        Err(_) => {}
    }
    let matches = |key: &Secret, timestamp: &[u8], body: &[u8]| {
        key.sign(timestamp, body).to_string().as_bytes().eq_ignore_ascii_case(signature)
    };
    for (change, body) in variants::of(body) {
        if matches(&key, timestamp, &body) {
            return Ok(Verdict::WouldMatch { change: format!("the body {change}") });
        }
    }
    for (change, timestamp) in other_timestamps(timestamp) {
        if matches(&key, &timestamp, body) {
            return Ok(Verdict::WouldMatch { change });
        }
    }
    for (change, text) in other_secrets(secret) {
        if Secret::new(text).is_ok_and(|key| matches(&key, timestamp, body)) {
            return Ok(Verdict::WouldMatch { change });
        }
    }
    Ok(Verdict::Unknown)
}

/// A prefix and other notations are worth a word of their own.
fn malformed(key: &Secret, signature: &[u8], timestamp: &[u8], body: &[u8], reason: &str) -> Verdict {
    let text = String::from_utf8_lossy(signature);
    let right = key.sign(timestamp, body).to_string();
    let change = if text.trim() == right && *text != right {
        Some("without the white space around it")
    } else if text.rsplit(['=', ',', ' ']).next() == Some(&right) {
        Some("without the text before it")
    } else {
        None
    };
    match change {
        Some(change) => Verdict::WouldMatch { change: format!("if it were {change}") },
        None => Verdict::Malformed { reason: reason.to_owned() },
    }
}

fn other_timestamps(timestamp: &[u8]) -> Vec<(String, Vec<u8>)> {
    let text = String::from_utf8_lossy(timestamp).into_owned();
    let seconds: u64 = text.parse().unwrap_or_default();
    let mut others = vec![("a timestamp in milliseconds".to_owned(), format!("{text}000").into_bytes())];
    if text.len() > 11 {
        others.push(("a timestamp in seconds".to_owned(), text.as_bytes()[..text.len() - 3].to_vec()));
    }
    // Somebody took the time once for the header, and once for the signature.
    for moved in 1..=5 {
        others.push((format!("a timestamp {moved} s later"), (seconds + moved).to_string().into_bytes()));
        others.push((format!("a timestamp {moved} s earlier"), seconds.saturating_sub(moved).to_string().into_bytes()));
    }
    others
}

fn other_secrets(secret: &str) -> Vec<(String, Vec<u8>)> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    let bare = secret.trim().trim_start_matches("whsec_");
    let mut others = vec![
        ("a secret without the white space around it".to_owned(), secret.trim().as_bytes().to_vec()),
        ("a secret with a newline behind it".to_owned(), format!("{secret}\n").into_bytes()),
        ("a secret without `whsec_`".to_owned(), bare.as_bytes().to_vec()),
        ("a secret within its quotes".to_owned(), secret.trim_matches(['"', '\'']).as_bytes().to_vec()),
    ];
    for decoded in [STANDARD.decode(bare), URL_SAFE.decode(bare)].into_iter().flatten() {
        others.push(("a secret that is decoded from base64, which Aghanim's is not".to_owned(), decoded));
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";
    const BODY: &str = "{\"event_type\":\"player.verify\",\"event_data\":{\"name\":\"Zo\u{eb}\",\"url\":\"a/b\"}}";

    /// 1714147200, the timestamp of these tests.
    fn now() -> SystemTime {
        std::time::UNIX_EPOCH + Duration::from_hours(476_152)
    }

    fn verdict(signed: &str, came: &str) -> Verdict {
        let signature = Secret::new(SECRET).unwrap().sign(b"1714147200", signed.as_bytes()).to_string();
        judge(SECRET, signature.as_bytes(), b"1714147200", came.as_bytes(), Tolerance::default(), now()).unwrap()
    }

    #[test]
    fn each_change_on_the_way_is_named() {
        assert_eq!(verdict(BODY, BODY), Verdict::Valid);
        let spaced = "{\"event_type\": \"player.verify\", \"event_data\": {\"name\": \"Zo\u{eb}\", \"url\": \"a/b\"}}";
        let sorted = "{\"event_data\":{\"name\":\"Zo\u{eb}\",\"url\":\"a/b\"},\"event_type\":\"player.verify\"}";
        for (came, part) in [
            (format!("{BODY}\n"), "newline"),
            (format!("{BODY}\r\n"), "newline"),
            (spaced.to_owned(), "white space"),
            (BODY.replace('\u{eb}', "\\u00eb"), "escapes"),
            (BODY.replace('/', "\\/"), "escapes"),
        ] {
            match verdict(BODY, &came) {
                Verdict::WouldMatch { change } => assert!(change.contains(part), "{change} for {came}"),
                other => panic!("{other} for {came}"),
            }
        }
        // The sender signed its own order of keys, which is lost once a parser has sorted them.
        assert_eq!(verdict(BODY, sorted), Verdict::Unknown);
        assert!(matches!(verdict(sorted, BODY), Verdict::WouldMatch { change } if change.contains("sorted")));
        assert!(matches!(verdict("{\r\n}", "{\n}"), Verdict::WouldMatch { change } if change.contains("CRLF")));
        assert_eq!(verdict(BODY, "{}"), Verdict::Unknown);
    }

    #[test]
    fn time_and_secret_are_named() {
        let now = now();
        let of = |secret: &str, timestamp: &str, signature: &str| {
            judge(secret, signature.as_bytes(), timestamp.as_bytes(), b"{}", Tolerance::default(), now).unwrap()
        };
        let sign =
            |secret: &str, timestamp: &str| Secret::new(secret).unwrap().sign(timestamp.as_bytes(), b"{}").to_string();
        assert_eq!(of(SECRET, "1713000000", &sign(SECRET, "1713000000")), Verdict::Stale { age: 1_147_200 });
        assert_eq!(of(SECRET, "1714150800", &sign(SECRET, "1714150800")), Verdict::Future { ahead: 3600 });
        assert!(matches!(of(SECRET, "1714147200", &sign(SECRET, "1714147201")), Verdict::WouldMatch { .. }));
        assert!(matches!(
            of(SECRET, "1714147200", &sign("4f1c9d0a77b2e8d6", "1714147200")),
            Verdict::WouldMatch { .. }
        ));
        assert!(matches!(of(SECRET, "soon", "zz"), Verdict::Malformed { .. }));
        let prefixed = format!("sha256={}", sign(SECRET, "1714147200"));
        assert!(matches!(of(SECRET, "1714147200", &prefixed), Verdict::WouldMatch { .. }));
        assert_eq!(of("another secret, of others", "1714147200", &sign(SECRET, "1714147200")), Verdict::Unknown);
    }
}

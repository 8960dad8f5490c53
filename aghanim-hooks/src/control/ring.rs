//! The valid secrets of an endpoint, which can be replaced while requests run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;

use crate::signature::{Secret, Secrets, SignedHeaders, Tolerance, Verifier, VerifyError};

/// A valid secret: its place, its fingerprint, and its last use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecretStatus {
    /// The secret's place: 0 for the current one.
    pub index: usize,
    /// Eight hexadecimal digits that tell two secrets apart, the same in every process. They do not reveal the secret.
    pub fingerprint: String,
    /// The time of the last request that it signed, to the second. `None` if this process has seen none.
    pub last_used: Option<SystemTime>,
}

/// The valid secrets.
#[derive(Debug)]
pub(crate) struct Ring(ArcSwap<Active>);

#[derive(Debug)]
struct Active {
    verifier: Verifier,
    used: Vec<Used>,
}

#[derive(Debug)]
struct Used {
    fingerprint: String,
    /// Unix seconds; 0 for never.
    at: AtomicU64,
}

impl Ring {
    pub(crate) fn new(secrets: Secrets) -> Self {
        Self(ArcSwap::from_pointee(Active::new(Verifier::new(secrets), &[])))
    }

    /// A separate ring with the same secrets.
    pub(crate) fn fork(&self) -> Self {
        let active = self.0.load();
        Self(ArcSwap::from_pointee(Active::new(active.verifier.clone(), &active.used)))
    }

    /// Accepts or refuses a request. Returns the index of its secret.
    pub(crate) fn verify(&self, headers: &SignedHeaders, body: &[u8], now: SystemTime) -> Result<usize, VerifyError> {
        let active = self.0.load();
        let index = active.verifier.verify(headers, body, now)?;
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let at = &active.used[index].at;
        // Written once a second at most: processors share what is only read.
        if at.load(Ordering::Relaxed) != seconds {
            at.store(seconds, Ordering::Relaxed);
        }
        Ok(index)
    }

    pub(crate) fn tolerance(&self) -> Tolerance {
        self.0.load().verifier.time_window()
    }

    pub(crate) fn set_tolerance(&self, tolerance: Tolerance) {
        self.change(|verifier| verifier.clone().tolerance(tolerance));
    }

    /// Checks the time window alone; see [`Verifier::check_time`].
    pub(crate) fn check_time(&self, headers: &SignedHeaders, now: SystemTime) -> Result<(), VerifyError> {
        self.0.load().verifier.check_time(headers, now)
    }

    /// Warns of secrets that are easy to guess.
    pub(crate) fn warn_of_weak(&self) {
        for (index, secret) in self.0.load().verifier.secrets().iter().enumerate() {
            if secret.is_weak() {
                tracing::warn!(
                    index,
                    "a webhook secret is short or easy to guess: create a new one in Aghanim's dashboard"
                );
            }
        }
    }

    /// Adds a secret. For an endpoint that is still being set up.
    pub(crate) fn add(&self, secret: impl Into<Option<Secret>>) {
        let active = self.0.load();
        self.0.store(Arc::new(Active::new(active.verifier.clone().or(secret), &active.used)));
    }

    /// Replaces all secrets. One that was valid before keeps its last use.
    pub(crate) fn replace(&self, secrets: &Secrets) {
        self.change(|verifier| Verifier::new(secrets.clone()).tolerance(verifier.time_window()));
    }

    fn change(&self, change: impl Fn(&Verifier) -> Verifier) {
        self.0.rcu(|active| Active::new(change(&active.verifier), &active.used));
    }

    pub(crate) fn status(&self) -> Vec<SecretStatus> {
        let active = self.0.load();
        let status = |(index, used): (usize, &Used)| SecretStatus {
            index,
            fingerprint: used.fingerprint.clone(),
            last_used: match used.at.load(Ordering::Relaxed) {
                0 => None,
                seconds => Some(UNIX_EPOCH + Duration::from_secs(seconds)),
            },
        };
        active.used.iter().enumerate().map(status).collect()
    }
}

impl Active {
    fn new(verifier: Verifier, before: &[Used]) -> Self {
        let used = verifier
            .secrets()
            .iter()
            .map(|secret| {
                let fingerprint = fingerprint(secret);
                let same = before.iter().find(|used| used.fingerprint == fingerprint);
                let at = same.map_or(0, |used| used.at.load(Ordering::Relaxed));
                Used { fingerprint, at: AtomicU64::new(at) }
            })
            .collect();
        Self { verifier, used }
    }
}

/// The first 32 bits of a MAC over a text that no request can have: a timestamp is made of digits.
fn fingerprint(secret: &Secret) -> String {
    let mut text = secret.sign(b"fingerprint", b"").to_string();
    text.truncate(8);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{}";
    const NOW: u64 = 1_714_147_200;

    fn secret(text: &str) -> Secret {
        Secret::new(text).unwrap()
    }

    fn verify(ring: &Ring, signer: &Secret, now: u64) -> Result<usize, VerifyError> {
        let timestamp = now.to_string();
        let signature = signer.sign(timestamp.as_bytes(), BODY).to_string();
        let headers = SignedHeaders::parse(signature.as_bytes(), timestamp.as_bytes()).unwrap();
        ring.verify(&headers, BODY, UNIX_EPOCH + Duration::from_secs(now))
    }

    #[test]
    fn a_replaced_secret_is_refused_from_then_on() {
        let (old, new) = (secret("whsec_old_4f1c9d0a77b2"), secret("whsec_new_90d1b3c55e7f"));
        let ring = Ring::new(old.clone().into());
        assert_eq!(verify(&ring, &old, NOW), Ok(0));
        ring.replace(&Secrets::new(new.clone()).or(old.clone()));
        assert_eq!((verify(&ring, &new, NOW), verify(&ring, &old, NOW)), (Ok(0), Ok(1)));
        ring.replace(&new.clone().into());
        assert_eq!((verify(&ring, &new, NOW), verify(&ring, &old, NOW)), (Ok(0), Err(VerifyError::Signature)));
    }

    #[test]
    fn an_idle_secret_is_visible_and_a_kept_one_keeps_its_last_use() {
        let (old, new) = (secret("whsec_old_4f1c9d0a77b2"), secret("whsec_new_90d1b3c55e7f"));
        let ring = Ring::new(old.clone().into());
        verify(&ring, &old, NOW).unwrap();
        ring.replace(&Secrets::new(new.clone()).or(old));
        let [first, second] = ring.status().try_into().unwrap();
        assert_eq!((first.index, first.last_used), (0, None));
        assert_eq!((second.index, second.last_used), (1, Some(UNIX_EPOCH + Duration::from_secs(NOW))));
        assert_ne!(first.fingerprint, second.fingerprint);
        verify(&ring, &new, NOW + 5).unwrap();
        assert_eq!(ring.status()[0].last_used, Some(UNIX_EPOCH + Duration::from_secs(NOW + 5)));
    }

    #[test]
    fn a_fingerprint_is_short_and_the_same_everywhere() {
        let secret = secret("whsec_4f1c9d0a77b2e8d6");
        let print = fingerprint(&secret);
        assert_eq!(print.len(), 8);
        assert_eq!(print, fingerprint(&secret));
    }

    #[test]
    fn a_replacement_keeps_the_time_window() {
        let secret = secret("whsec_4f1c9d0a77b2e8d6");
        let ring = Ring::new(secret.clone().into());
        let narrow = Tolerance { past: Duration::from_secs(1), future: Duration::ZERO };
        ring.set_tolerance(narrow);
        ring.replace(&secret.into());
        assert_eq!(ring.tolerance(), narrow);
    }

    #[test]
    fn a_fork_is_not_changed_with_its_origin() {
        let (old, new) = (secret("whsec_old_4f1c9d0a77b2"), secret("whsec_new_90d1b3c55e7f"));
        let ring = Ring::new(old.clone().into());
        let fork = ring.fork();
        ring.replace(&new.into());
        assert_eq!(verify(&fork, &old, NOW), Ok(0));
        assert_eq!(verify(&ring, &old, NOW), Err(VerifyError::Signature));
    }
}

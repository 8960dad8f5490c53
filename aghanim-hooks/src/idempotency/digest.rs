use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// SHA-256 of a key in its scope: see [`Key::digest`](super::Key::digest).
pub(super) type Digest = [u8; 32];

/// A map by digest.
pub(super) type ByDigest<V> = HashMap<Digest, V, BuildHasherDefault<FirstWord>>;

/// The first word of a digest: its hash, which nothing could spread better.
///
/// Who could choose keys that meet in one place of a table has signed them with the webhook's secret.
pub(super) fn first_word(digest: &[u8]) -> u64 {
    let (word, _) = digest.split_first_chunk().expect("a digest is longer than a word");
    u64::from_ne_bytes(*word)
}

/// Hashes a digest to its [first word](first_word).
#[derive(Debug, Default)]
pub(super) struct FirstWord(u64);

impl Hasher for FirstWord {
    fn write(&mut self, digest: &[u8]) {
        self.0 = first_word(digest);
    }

    /// The length, which stands in front of the bytes and is always the same.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, BuildHasherDefault};

    use super::*;

    #[test]
    fn the_hash_is_the_first_word() {
        let hash = |digest: Digest| BuildHasherDefault::<FirstWord>::default().hash_one(digest);
        let mut digest = [7; 32];
        digest[..8].copy_from_slice(&1_234_u64.to_ne_bytes());
        assert_eq!(hash(digest), 1_234);
        digest[0] ^= 1;
        assert_ne!(hash(digest), 1_234);
    }
}

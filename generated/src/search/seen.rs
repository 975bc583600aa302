//! Tracks which clients a stream has yielded, in bounded memory.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

/// Clients in one generation: exactly what a table of 2^19 slots takes before it grows.
const GENERATION: usize = 7 << 16;

/// Remembers at least the last [`GENERATION`] clients and at most twice as many, in eight bytes each.
///
/// Fingerprints of 64 bits with a key of this process: that two of a million clients share one, and the second is
/// taken for seen, has a probability of 3 in 10^8, and nobody can choose ids to make it happen.
pub(super) struct Seen {
    hasher: RandomState,
    current: Fingerprints,
    previous: Fingerprints,
    generation: usize,
}

type Fingerprints = HashSet<u64, BuildHasherDefault<AsItIs>>;

impl Seen {
    pub(super) fn new() -> Self {
        Self::with_generation(GENERATION)
    }

    fn with_generation(generation: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            current: Fingerprints::default(),
            previous: Fingerprints::default(),
            generation,
        }
    }

    /// Remembers a key. Whether it is new.
    pub(super) fn insert(&mut self, key: &str) -> bool {
        let fingerprint = self.hasher.hash_one(key);
        if self.previous.contains(&fingerprint) || self.current.contains(&fingerprint) {
            return false;
        }
        if self.current.len() == self.generation {
            self.previous = std::mem::take(&mut self.current);
        }
        self.current.insert(fingerprint)
    }
}

/// A fingerprint is a hash already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_new_once() {
        let mut seen = Seen::new();
        for round in 0..3 {
            for key in 0..10_000 {
                assert_eq!(seen.insert(&format!("TPA{key}")), round == 0, "{key} in round {round}");
            }
        }
    }

    #[test]
    fn forgets_only_what_is_more_than_a_generation_ago() {
        let mut seen = Seen::with_generation(100);
        for key in 0..10_000_u32 {
            assert!(seen.insert(&key.to_string()));
            for remembered in key.saturating_sub(99)..=key {
                assert!(!seen.insert(&remembered.to_string()), "{remembered} after {key}");
            }
            assert!(seen.current.len() + seen.previous.len() <= 200);
        }
        assert!(seen.insert("0"));
    }
}

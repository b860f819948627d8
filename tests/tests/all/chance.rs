//! Chance that can be replayed: numbers that follow from a seed.

use std::hash::{BuildHasher, RandomState};

/// A number from the environment.
pub(crate) fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => default,
    }
}

/// The seed of this run: `SHOPCORE_SEED`, or one of its own.
pub(crate) fn seed() -> u64 {
    setting("SHOPCORE_SEED", RandomState::new().hash_one("seed"))
}

/// A source of numbers ([SplitMix64]).
///
/// [SplitMix64]: https://doi.org/10.1145/2714064.2660195
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

//! A quick hash for maps of names. It resists no attack: the maps are capped or
//! of one report, whose writer could as well make the report longer.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map by the quick hash.
pub type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// Multiplies and folds, eight bytes at a time.
#[derive(Default)]
pub struct Quick(u64);

impl Quick {
    fn mix(&mut self, word: u64) {
        let product = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = product ^ (product >> 32);
    }
}

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        // The map takes the highest bits and the lowest.
        let mixed = self.0.wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::Hash;

    use super::*;

    #[test]
    fn names_that_differ_little_have_other_hashes() {
        let hash = |name: &str| {
            let mut hasher = Quick::default();
            name.hash(&mut hasher);
            hasher.finish()
        };
        let hashes: HashSet<u64> = (0..100_000).map(|number| hash(&format!("accepts item {number} again"))).collect();
        assert_eq!(hashes.len(), 100_000);
        let low: HashSet<u64> = hashes.iter().map(|hash| hash & 0xFFFF).collect();
        let high: HashSet<u64> = hashes.iter().map(|hash| hash >> 48).collect();
        assert!(low.len() > 45_000 && high.len() > 45_000, "{} {}", low.len(), high.len());
        assert_ne!(hash("a\0"), hash("a"));
    }
}

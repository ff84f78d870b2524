//! Hash maps for tables that live shortly, of which compiling makes many.
//!
//! The standard hash is slow for short keys. This one multiplies words and folds the products (after wyhash, Wang Yi), under a key of
//! the process: nobody who writes a document knows which of its names collide. The order of iteration is as little fixed as that of
//! the standard maps.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::OnceLock;

/// A map with the quick hash. Made by `default()`.
pub type HashMap<K, V> = std::collections::HashMap<K, V, Keyed>;
/// A set with the quick hash. Made by `default()`.
pub type HashSet<T> = std::collections::HashSet<T, Keyed>;

/// Makes hashers with the key of the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keyed;

impl BuildHasher for Keyed {
    type Hasher = KeyedHasher;

    #[inline]
    fn build_hasher(&self) -> KeyedHasher {
        static KEY: OnceLock<[u64; 2]> = OnceLock::new();
        let [state, key] = *KEY.get_or_init(|| {
            let random = RandomState::new();
            // A factor with few bits set would mix little.
            [random.hash_one(1u8), random.hash_one(2u8) | 0x8000_0100_0001_0001]
        });
        KeyedHasher { state, key }
    }
}

/// Hashes words and short texts.
#[derive(Clone, Debug)]
pub struct KeyedHasher {
    state: u64,
    key: u64,
}

/// Both halves of the product of two words.
#[inline]
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

impl KeyedHasher {
    #[inline]
    fn word(&mut self, word: u64) {
        self.state = folded(self.state ^ word, self.key);
    }

    #[inline]
    fn words(&mut self, low: u64, high: u64) {
        self.state = folded(self.state ^ low, self.key ^ high);
    }
}

impl Hasher for KeyedHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let length = bytes.len() as u64;
        if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            let whole = bytes.len().saturating_sub(1) / 16;
            for chunk in bytes.chunks_exact(16).take(whole) {
                if let (Some(low), Some(high)) = (chunk.first_chunk::<8>(), chunk.last_chunk::<8>()) {
                    self.words(u64::from_le_bytes(*low), u64::from_le_bytes(*high));
                }
            }
            // The last 16 bytes, or all of fewer.
            let rest = bytes.last_chunk::<16>().and_then(|rest| rest.first_chunk::<8>()).unwrap_or(first);
            self.words(u64::from_le_bytes(*rest) ^ length, u64::from_le_bytes(*last));
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            let both = u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
            self.words(both, length);
        } else {
            let few = bytes.iter().fold(length, |few, byte| few << 8 | u64::from(*byte));
            self.word(few);
        }
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.word(u64::from(value));
    }

    #[inline]
    fn write_u16(&mut self, value: u16) {
        self.word(u64::from(value));
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.word(u64::from(value));
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.word(value);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.word(value as u64);
    }

    #[inline]
    fn write_isize(&mut self, value: isize) {
        self.word(value as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{Hash, Hasher};

    use super::{BuildHasher, HashSet, Keyed, KeyedHasher};

    /// Under a key of the test's own.
    fn hash_of(value: impl Hash) -> u64 {
        let mut hasher = KeyedHasher { state: 0x243f_6a88_85a3_08d3, key: 0x9e37_79b9_7f4a_7c15 };
        value.hash(&mut hasher);
        hasher.finish()
    }

    /// Texts of all lengths that begin alike, end alike, or differ in one byte.
    #[test]
    fn short_texts_hash_apart() {
        let text: String = ('a'..='z').cycle().take(70).collect();
        let mut hashes = HashSet::default();
        let mut count = 0;
        for length in 0..=text.len() {
            let whole = &text[..length];
            assert!(hashes.insert(hash_of(whole)), "{whole:?} collides");
            count += 1;
            for at in 0..length {
                let changed = format!("{}A{}", &whole[..at], &whole[at + 1..]);
                assert!(hashes.insert(hash_of(&*changed)), "{changed:?} collides");
                count += 1;
            }
        }
        assert_eq!(hashes.len(), count);
    }

    /// Neither the bits that choose a bucket nor those that tell entries of one apart are alike for numbers that follow one another.
    #[test]
    fn numbers_fill_buckets_evenly() {
        let mut low = [0u32; 64];
        let mut high = [0u32; 64];
        for number in 0..6_400u64 {
            let hash = hash_of(number);
            low[(hash & 63) as usize] += 1;
            high[(hash >> 58) as usize] += 1;
        }
        for count in low.iter().chain(&high) {
            assert!((30..=250).contains(count), "{count} of some 100");
        }
    }

    #[test]
    fn equal_keys_hash_alike() {
        let (text, owned) = ("node", String::from("node"));
        assert_eq!(Keyed.hash_one(text), Keyed.hash_one(&owned));
        assert_eq!(Keyed.hash_one(text), Keyed.hash_one(std::sync::Arc::<str>::from(text)));
    }
}

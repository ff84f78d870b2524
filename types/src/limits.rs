//! The limits of an activation, in one place (LANGUAGE R7.3, R7.4).

/// What one activation may use. The same in every back end and every build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fuel for the whole activation, waits included. Default 1,000,000.
    pub fuel: u64,
    /// Bytes of evaluated values by the formula of R7.4. Default 16 MiB.
    pub memory_bytes: u64,
    /// Bytes of one string. Default 1 MiB.
    pub string_bytes: u64,
    /// Entries of one array or map. Default 1,000,000.
    pub entries: u64,
}

impl Limits {
    /// How deep calls of functions nest at most; checked before anything runs.
    pub const CALL_DEPTH: usize = 64;
    /// How deep loops nest at most in one graph; checked before anything runs.
    pub const LOOP_DEPTH: usize = 64;
    /// How many events one transaction emits at most; one more is a `memory_limit`. What it sends and arranges (payloads,
    /// parameters) weighs at most [`Limits::memory_bytes`], whatever of it was charged before.
    pub const EVENTS: usize = 100_000;
    /// How many structs one transaction adds to the state at most, those in them included; one more is a `memory_limit`.
    pub const ADDED: usize = 150_000;
    /// How deep JSON nests at most in any input.
    pub const JSON_DEPTH: usize = 64;
    /// Bytes of a document, schema or state file at most: 64 MiB.
    pub const FILE_BYTES: usize = 64 << 20;
}

impl Default for Limits {
    fn default() -> Self {
        Limits { fuel: 1_000_000, memory_bytes: 16 << 20, string_bytes: 1 << 20, entries: 1_000_000 }
    }
}

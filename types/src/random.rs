//! Random streams (LANGUAGE R6.2): named, each with a generator of its own, so that one subsystem's draws never
//! shift another's. A session's seed and the names determine every draw.
//!
//! Sources: xoshiro128++ and splitmix64 by D. Blackman and S. Vigna (prng.di.unimi.it); FNV-1a by G. Fowler,
//! L. C. Noll and K.-P. Vo (RFC 9923); mulberry32 by T. Ettinger.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::planted;

/// Which algorithm a session's streams use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Generator {
    /// xoshiro128++, the default.
    #[default]
    Xoshiro128PlusPlus,
    /// mulberry32, started from the low half of the stream's first splitmix64 output.
    Mulberry32,
    /// mulberry32 as some older engines use it: every stream starts from the low half of the seed itself, and a unit
    /// float is one draw's low 31 bits over 0x7FFFFFFF, so that 1 is possible. Integers use whole draws.
    Mulberry32Raw,
}

impl Generator {
    /// Every generator.
    pub const ALL: [Generator; 3] = [Generator::Xoshiro128PlusPlus, Generator::Mulberry32, Generator::Mulberry32Raw];

    /// The name in files and options.
    pub const fn name(self) -> &'static str {
        match self {
            Generator::Xoshiro128PlusPlus => "xoshiro128++",
            Generator::Mulberry32 => "mulberry32",
            Generator::Mulberry32Raw => "mulberry32-raw",
        }
    }

    /// The generator called `name`.
    pub fn by_name(name: &str) -> Option<Generator> {
        Generator::ALL.into_iter().find(|generator| generator.name() == name)
    }
}

/// FNV-1a over 64 bits.
pub fn fnv1a64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Advances `state` and gives the next output of splitmix64.
pub fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Advances `state` and gives the next output of xoshiro128++.
pub fn xoshiro128_plus_plus(state: &mut [u32; 4]) -> u32 {
    let [mut a, mut b, mut c, mut d] = *state;
    let result = a.wrapping_add(d).rotate_left(7).wrapping_add(a);
    let t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = d.rotate_left(11);
    *state = [a, b, c, d];
    result
}

/// Advances `state` and gives the next output of mulberry32.
pub fn mulberry32(state: &mut u32) -> u32 {
    *state = state.wrapping_add(0x6d2b_79f5);
    let mut t = *state;
    t = (t ^ (t >> 15)).wrapping_mul(t | 1);
    t ^= t.wrapping_add((t ^ (t >> 7)).wrapping_mul(t | 61));
    t ^ (t >> 14)
}

/// Where one stream stands. Data: two streams in equal states give equal draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamState {
    /// The four words of xoshiro128++.
    Xoshiro([u32; 4]),
    /// The word of mulberry32.
    Mulberry(u32),
}

impl StreamState {
    /// How the stream called `name` begins.
    pub fn first(generator: Generator, seed: u64, name: &str) -> StreamState {
        let mut mixer = seed ^ fnv1a64(name.as_bytes());
        let mut next = || {
            let output = splitmix64(&mut mixer);
            (output as u32, (output >> 32) as u32)
        };
        match generator {
            Generator::Xoshiro128PlusPlus => {
                let ((a, b), (c, d)) = (next(), next());
                StreamState::Xoshiro([a, b, c, d])
            }
            Generator::Mulberry32 => StreamState::Mulberry(next().0),
            Generator::Mulberry32Raw => StreamState::Mulberry(seed as u32),
        }
    }

    fn draw(&mut self) -> u32 {
        match self {
            StreamState::Xoshiro(words) => xoshiro128_plus_plus(words),
            StreamState::Mulberry(word) => mulberry32(word),
        }
    }
}

#[derive(Clone, Debug)]
struct Stream {
    name: Arc<str>,
    state: StreamState,
    /// The transaction that saved it last.
    saved_in: u64,
}

/// All random streams of a session. A stream exists from its first draw on.
#[derive(Clone, Debug)]
pub struct Streams {
    seed: u64,
    generator: Generator,
    /// In order of their first draws.
    streams: Vec<Stream>,
    /// Positions in `streams`.
    by_name: BTreeMap<Arc<str>, usize>,
    /// Counts transactions.
    transaction: u64,
    open: bool,
    /// How many streams there were before the open transaction, and what those drawn from in it were.
    undo: (usize, Vec<(usize, StreamState)>),
}

impl PartialEq for Streams {
    /// Whether all future draws agree.
    fn eq(&self, other: &Self) -> bool {
        self.seed == other.seed && self.generator == other.generator && self.states().eq(other.states())
    }
}

impl Streams {
    /// Streams of xoshiro128++ from `seed`.
    pub fn new(seed: u64) -> Streams {
        Streams::with_generator(seed, Generator::default())
    }

    /// Streams of `generator` from `seed`.
    pub fn with_generator(seed: u64, generator: Generator) -> Streams {
        let (streams, by_name) = (Vec::new(), BTreeMap::new());
        Streams { seed, generator, streams, by_name, transaction: 0, open: false, undo: (0, Vec::new()) }
    }

    /// Streams as they were saved: what [`Streams::states`] gave.
    pub fn restore(
        seed: u64,
        generator: Generator,
        states: impl IntoIterator<Item = (Arc<str>, StreamState)>,
    ) -> Streams {
        let mut streams = Streams::with_generator(seed, generator);
        for (name, state) in states {
            let position = streams.position(&name);
            streams.streams[position].state = state;
        }
        streams
    }

    /// The session's seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The algorithm.
    pub fn generator(&self) -> Generator {
        self.generator
    }

    /// Every stream that was drawn from, by name, ascending.
    pub fn states(&self) -> impl Iterator<Item = (&Arc<str>, StreamState)> {
        self.by_name.iter().map(|(name, position)| (name, self.streams[*position].state))
    }

    /// Begins a transaction: until it ends, what each stream was is kept when it is first drawn from.
    #[inline]
    pub fn begin(&mut self) {
        debug_assert!(!self.open, "a transaction is open already");
        self.open = true;
        self.transaction += 1;
        self.undo.0 = self.streams.len();
        self.undo.1.clear();
    }

    /// Keeps the draws since `begin`.
    #[inline]
    pub fn commit(&mut self) {
        self.open = false;
    }

    /// Undoes the draws since `begin`; streams that began in it are gone. Nothing without a `begin`.
    pub fn rollback(&mut self) {
        if !self.open {
            return;
        }
        self.open = false;
        for stream in self.streams.drain(self.undo.0..) {
            self.by_name.remove(&stream.name);
        }
        for (position, state) in self.undo.1.drain(..) {
            self.streams[position].state = state;
        }
    }

    /// The next 32 bits of a stream.
    pub fn draw(&mut self, stream: &str) -> u32 {
        self.stream(stream).draw()
    }

    /// A float in [0, 1) from two draws, of 53 bits. (In the raw mode of mulberry32: in [0, 1], one draw.)
    pub fn unit(&mut self, stream: &str) -> f64 {
        let raw = self.generator == Generator::Mulberry32Raw;
        let state = self.stream(stream);
        if raw {
            return f64::from(state.draw() & 0x7fff_ffff) / f64::from(0x7fff_ffff_u32);
        }
        let high = u64::from(state.draw() >> 5);
        let low = if planted::is(20) { 0 } else { u64::from(state.draw() >> 6) };
        ((high << 26) + low) as f64 / (1_u64 << 53) as f64
    }

    /// A float from the smaller bound up to, not including, the larger. Equal bounds give that number (and draw).
    /// What IEEE gives where a bound is NaN or the difference is infinite.
    pub fn float(&mut self, stream: &str, a: f64, b: f64) -> f64 {
        let (min, max) = if b < a { (b, a) } else { (a, b) };
        let value = min + self.unit(stream) * (max - min);
        if value >= max && min < max { max.next_down() } else { value }
    }

    /// An integer between both bounds, inclusive, in either order. Equal bounds draw nothing.
    pub fn int(&mut self, stream: &str, a: i64, b: i64) -> i64 {
        let (min, max) = (a.min(b), a.max(b));
        let range = max.wrapping_sub(min) as u64;
        if range == 0 {
            return min;
        }
        let mask = u64::MAX >> range.leading_zeros();
        let state = self.stream(stream);
        // More than half of the masked draws fit, so this ends soon.
        loop {
            let mut bits = u64::from(state.draw());
            if mask > u64::from(u32::MAX) {
                bits = bits << 32 | u64::from(state.draw());
            }
            if bits & mask <= range || planted::is(19) {
                return min.wrapping_add((bits & mask) as i64);
            }
        }
    }

    /// A version 4 uuid from four draws, big-endian, in the usual lower-case form.
    pub fn uuid(&mut self, stream: &str) -> String {
        let state = self.stream(stream);
        let bits = (0..4).fold(0_u128, |bits, _| bits << 32 | u128::from(state.draw()));
        let version = bits & !(0xf << 76) | 4 << 76;
        let variant = version & !(3 << 62) | 2 << 62;
        let hex = format!("{variant:032x}");
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
    }

    /// The state to draw from, saved for an undo if need be.
    fn stream(&mut self, name: &str) -> &mut StreamState {
        let position = self.position(name);
        let stream = &mut self.streams[position];
        if self.open && position < self.undo.0 && stream.saved_in != self.transaction {
            stream.saved_in = self.transaction;
            self.undo.1.push((position, stream.state));
        }
        &mut stream.state
    }

    /// Where the stream called `name` is; begins it if need be.
    fn position(&mut self, name: &str) -> usize {
        if let Some(position) = self.by_name.get(name) {
            return *position;
        }
        let position = self.streams.len();
        let name: Arc<str> = Arc::from(name);
        let state = StreamState::first(self.generator, self.seed, &name);
        self.by_name.insert(name.clone(), position);
        self.streams.push(Stream { name, state, saved_in: 0 });
        position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv1a64_gives_its_published_values() {
        // Test vectors of the FNV reference code.
        assert_eq!(fnv1a64(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a64(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a64(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn splitmix64_gives_its_published_values() {
        // Outputs of the reference splitmix64.c for the seed 1234567, as widely published.
        let mut state = 1_234_567;
        let outputs: Vec<u64> = (0..5).map(|_| splitmix64(&mut state)).collect();
        let expected: [u64; 5] = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(outputs, expected);
    }

    #[test]
    fn xoshiro128_gives_its_published_values() {
        // Outputs of the reference xoshiro128plusplus.c from the state 1, 2, 3, 4.
        let mut state = [1, 2, 3, 4];
        let outputs: Vec<u32> = (0..10).map(|_| xoshiro128_plus_plus(&mut state)).collect();
        let expected: [u32; 10] = [
            641,
            1_573_767,
            3_222_811_527,
            3_517_856_514,
            836_907_274,
            4_247_214_768,
            3_867_114_732,
            1_355_841_295,
            495_546_011,
            621_204_420,
        ];
        assert_eq!(outputs, expected);
    }

    #[test]
    fn mulberry32_gives_its_published_values() {
        // Outputs for the seed 1985 that several implementations publish.
        let mut state = 1985;
        assert_eq!([mulberry32(&mut state), mulberry32(&mut state)], [3_527_837_133, 3_112_574_143]);
    }

    // The values below were computed by a second, independent implementation of the rules.

    #[test]
    fn a_stream_begins_as_the_rules_say() {
        let mut streams = Streams::new(7);
        let draws: Vec<u32> = (0..4).map(|_| streams.draw("CardPlayed")).collect();
        assert_eq!(draws, [0xdb4c_9417, 0x7bb7_0ea5, 0x6ef0_0b12, 0x5337_0117]);
        assert_eq!(Streams::new(7).unit("CardPlayed"), 0.856_637_243_056_759);
        let mut mulberry = Streams::with_generator(7, Generator::Mulberry32);
        let draws: Vec<u32> = (0..3).map(|_| mulberry.draw("CardPlayed")).collect();
        assert_eq!(draws, [4_275_485_339, 4_143_959_461, 4_119_423_608]);
    }

    #[test]
    fn integers_are_masked_and_rejected() {
        let mut streams = Streams::new(7);
        let rolls: Vec<i64> = (0..12).map(|_| streams.int("CardPlayed", 1, 6)).collect();
        assert_eq!(rolls, [6, 3, 4, 2, 5, 3, 3, 6, 6, 1, 5, 2]);
        let mut streams = Streams::new(7);
        assert_eq!(streams.int("CardPlayed", i64::MIN, i64::MAX), 6_578_795_984_262_205_093);
        assert_eq!(streams.int("CardPlayed", i64::MAX, i64::MIN), -1_229_470_524_938_714_857);
        assert_eq!(streams.int("CardPlayed", 0, 1 << 40), 982_773_121_986);
    }

    #[test]
    fn inverted_bounds_are_swapped() {
        let (mut up, mut down) = (Streams::new(1), Streams::new(1));
        for _ in 0..100 {
            assert_eq!(up.int("s", -3, 9), down.int("s", 9, -3));
            assert_eq!(up.float("s", -3.0, 9.0), down.float("s", 9.0, -3.0));
        }
    }

    #[test]
    fn equal_bounds_draw_no_integer() {
        let mut streams = Streams::new(1);
        assert_eq!(streams.int("s", 5, 5), 5);
        assert_eq!(streams, Streams::new(1));
        assert_eq!(streams.float("s", 5.0, 5.0), 5.0);
        assert_ne!(streams, Streams::new(1));
    }

    #[test]
    fn a_float_never_reaches_the_larger_bound() {
        let (min, max) = (1.0, 1.0_f64.next_up());
        let mut streams = Streams::new(3);
        for _ in 0..1_000 {
            assert_eq!(streams.float("s", min, max), min);
        }
    }

    #[test]
    fn uuids_are_version_4() {
        let mut streams = Streams::new(7);
        assert_eq!(streams.uuid("uuid:Player.ID"), "6a876e05-cf14-4817-8768-2b60f7a09e03");
    }

    #[test]
    fn the_raw_mode_gives_what_older_engines_draw() {
        // Computed by the JavaScript that such engines carry, for the seed 12345.
        let mut streams = Streams::with_generator(12_345, Generator::Mulberry32Raw);
        let units: Vec<f64> = (0..3).map(|_| streams.unit("any")).collect();
        assert_eq!(units, [0.959_456_535_968_676_4, 0.613_504_529_285_014, 0.968_410_843_502_921_4]);
    }

    #[test]
    fn streams_do_not_shift_each_other() {
        let (mut alone, mut mixed) = (Streams::new(9), Streams::new(9));
        for _ in 0..50 {
            mixed.draw("b");
            assert_eq!(alone.draw("a"), mixed.draw("a"));
        }
    }

    #[test]
    fn a_rollback_undoes_draws_and_new_streams() {
        let mut streams = Streams::new(9);
        streams.draw("a");
        streams.draw("b");
        let before = streams.clone();
        for _ in 0..3 {
            streams.begin();
            streams.draw("c");
            streams.int("a", 0, 100);
            streams.int("a", 0, 100);
            streams.uuid("d");
            assert_ne!(streams, before);
            streams.rollback();
            assert_eq!(streams, before);
        }
        let mut expected = before.clone();
        streams.begin();
        assert_eq!(streams.draw("a"), expected.draw("a"));
        streams.commit();
        assert_eq!(streams, expected);
        streams.rollback();
        assert_eq!(streams, expected);
    }

    #[test]
    fn saved_streams_go_on_where_they_were() {
        for generator in Generator::ALL {
            let mut streams = Streams::with_generator(4, generator);
            streams.draw("x");
            streams.uuid("y");
            let states: Vec<_> = streams.states().map(|(name, state)| (name.clone(), state)).collect();
            let mut restored = Streams::restore(4, generator, states);
            assert_eq!(restored, streams);
            assert_eq!(restored.draw("x"), streams.draw("x"));
            assert_eq!(Generator::by_name(generator.name()), Some(generator));
        }
    }
}

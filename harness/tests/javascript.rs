//! The runtime library for JavaScript against the functions of this library that it ports, bit for bit, in Node.

use std::process::Command;

use statewright_harness::node::{check, files};
use statewright_types::random::Streams;
use statewright_types::{number, scalar, text};

/// What a script prints that finds the runtime library at `RUNTIME`; nothing where Node is missing.
fn printed(script: &str) -> Option<Vec<String>> {
    if let Err(why) = check() {
        println!("skipped: {why}");
        return None;
    }
    let folder = files::install().expect("the cache can be written");
    let script = script.replace("RUNTIME", &format!("file://{}", folder.display()));
    let output = Command::new("node").args(["--input-type=module", "-e", &script]).output().expect("node is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// A hash that both sides can do quickly: FNV-1a over 32-bit words, modulo 2^32.
struct Hash(u32);

impl Hash {
    fn word(&mut self, word: u32) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0100_0193);
    }

    fn float(&mut self, value: f64) {
        let bits = scalar::canonical_nan(value).to_bits();
        self.word((bits >> 32) as u32);
        self.word(bits as u32);
    }
}

const HASH: &str = "
const float = new Float64Array(1), words = new Uint32Array(float.buffer);
class Hash {
  constructor() { this.state = 0x811c9dc5; }
  word(word) { this.state = Math.imul(this.state ^ word, 0x01000193); }
  float(value) {
    float[0] = value;
    const isNumber = value === value;
    this.word(isNumber ? words[1] : 0x7ff80000);
    this.word(isNumber ? words[0] : 0);
  }
  text(text) { for (const c of text) this.word(c.codePointAt(0)); this.word(0xffffffff); }
  get value() { return (this.state >>> 0).toString(16); }
}
";

const ROUNDS: usize = 1_000;
const INPUTS: usize = 110;
const SPECIALS: &str = "[0, -0, 1, -1, 0.5, -0.5, NaN, Infinity, -Infinity, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 709.8, \
    -745.2, 1e22, Math.PI, Math.PI / 2, 0.25, 2, 3]";

/// 110,000 inputs of each function: any bits, bits of ordinary size, small quarters, and special ones with each other.
#[test]
fn functions_of_floats_give_the_same_bits() {
    let script = format!(
        "import * as powers from 'RUNTIME/powers.js';
        import * as trigonometry from 'RUNTIME/trigonometry.js';
        import {{ fmin, fmax, fsign, nextDown }} from 'RUNTIME/floats.js';
        import {{ Streams }} from 'RUNTIME/random.js';
        {HASH}
        const special = {SPECIALS};
        const streams = new Streams(11);
        const input = () => {{
          const kind = streams.int('kind', 0, 3);
          words[1] = streams.draw('bits'); words[0] = streams.draw('bits');
          if (kind === 1) words[1] = (words[1] & 0x807fffff) | 0x3f800000 - streams.int('size', 0, 40) * 0x100000 + 0x01000000;
          if (kind === 2) float[0] = streams.int('quarter', -4000, 4000) / 4;
          if (kind === 3) float[0] = special[streams.int('special', 0, special.length - 1)];
          return float[0];
        }};
        const rest = (a, b) => a % b, root = (a) => Math.sqrt(a), single = (a) => Math.fround(a);
        const functions = [trigonometry.sin, trigonometry.cos, trigonometry.tan, trigonometry.asin, trigonometry.atan2, powers.exp,
          powers.log, powers.pow, rest, root, single, fmin, fmax, fsign];
        for (let round = 0; round < {ROUNDS}; round++) {{
          const hashes = functions.map(() => new Hash());
          for (let i = 0; i < {INPUTS}; i++) {{
            const [a, b] = [input(), input()];
            functions.forEach((f, at) => hashes[at].float(f(a, b)));
          }}
          console.log(hashes.map((hash) => hash.value).join(' '));
        }}"
    );
    let Some(lines) = printed(&script) else { return };
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        -0.5,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        5e-324,
        f64::MIN_POSITIVE,
        f64::MAX,
        709.8,
        -745.2,
        1e22,
        std::f64::consts::PI,
        std::f64::consts::FRAC_PI_2,
        0.25,
        2.0,
        3.0,
    ];
    let mut streams = Streams::new(11);
    let mut input = || {
        let kind = streams.int("kind", 0, 3);
        let (mut high, low) = (streams.draw("bits"), streams.draw("bits"));
        if kind == 1 {
            let size = 0x3f80_0000 - streams.int("size", 0, 40) as u32 * 0x10_0000 + 0x0100_0000;
            high = high & 0x807f_ffff | size;
        }
        match kind {
            2 => streams.int("quarter", -4000, 4000) as f64 / 4.0,
            3 => special[streams.int("special", 0, special.len() as i64 - 1) as usize],
            _ => f64::from_bits(u64::from(high) << 32 | u64::from(low)),
        }
    };
    let names =
        ["sin", "cos", "tan", "asin", "atan2", "exp", "log", "pow", "%", "sqrt", "fround", "min", "max", "sign"];
    let functions: [fn(f64, f64) -> f64; 14] = [
        |a, _| scalar::fsin(a),
        |a, _| scalar::fcos(a),
        |a, _| scalar::ftan(a),
        |a, _| scalar::fasin(a),
        scalar::fatan2,
        |a, _| scalar::fexp(a),
        |a, _| scalar::flog(a),
        scalar::fpow,
        scalar::frem,
        |a, _| scalar::fsqrt(a),
        |a, _| scalar::fround32(a),
        scalar::fmin,
        scalar::fmax,
        |a, _| scalar::fsign(a),
    ];
    assert_eq!(lines.len(), ROUNDS);
    for (round, line) in lines.iter().enumerate() {
        let mut hashes = functions.map(|_| Hash(0x811c_9dc5));
        let mut inputs = Vec::new();
        for _ in 0..INPUTS {
            let (a, b) = (input(), input());
            inputs.push((a, b));
            functions.iter().zip(&mut hashes).for_each(|(function, hash)| hash.float(function(a, b)));
        }
        for ((hash, there), name) in hashes.iter().zip(line.split(' ')).zip(names) {
            assert_eq!(format!("{:x}", hash.0), there, "{name} in round {round}, of {:?}…", inputs.first());
        }
    }
}

/// Case and space of every character.
#[test]
fn every_character_has_the_same_case_and_space() {
    let script = format!(
        "import {{ textUpper, textLower, textTrim }} from 'RUNTIME/text.js';
        {HASH}
        for (let block = 0; block < 0x110000; block += 0x100) {{
          const hash = new Hash();
          for (let c = block; c < block + 0x100; c++) {{
            if (c >= 0xd800 && c < 0xe000) continue;
            const text = String.fromCodePoint(c);
            hash.text(textUpper(text, 100, '')); hash.text(textLower('a' + text, 100, '')); hash.text(textTrim(text + 'a' + text));
          }}
          console.log(hash.value);
        }}"
    );
    let Some(lines) = printed(&script) else { return };
    for (index, line) in lines.iter().enumerate() {
        let mut hash = Hash(0x811c_9dc5);
        for c in (index as u32 * 0x100..).take(0x100).filter_map(char::from_u32) {
            let both = format!("{c}a{c}");
            let texts = [
                text::upper(&c.to_string(), 100).expect("short"),
                text::lower(&format!("a{c}"), 100).expect("short"),
                text::trim(&both).to_owned(),
            ];
            for text in texts {
                text.chars().for_each(|c| hash.word(c as u32));
                hash.word(u32::MAX);
            }
        }
        assert_eq!(format!("{:x}", hash.0), *line, "U+{:x}00…", index);
    }
    assert_eq!(lines.len(), 0x1100);
}

/// Numbers as text, with decimal places, and back.
#[test]
fn numbers_have_the_same_text() {
    let script = format!(
        "import {{ textFormat }} from 'RUNTIME/format.js';
        import {{ parseFloat64 }} from 'RUNTIME/text.js';
        import {{ Streams }} from 'RUNTIME/random.js';
        {HASH}
        const streams = new Streams(5);
        for (let round = 0; round < 200; round++) {{
          const hash = new Hash();
          for (let i = 0; i < 50; i++) {{
            words[1] = streams.draw('bits'); words[0] = streams.draw('bits');
            if (streams.int('kind', 0, 1) === 1) float[0] = streams.int('number', -100000, 100000) / 2 ** streams.int('by', 0, 12);
            const value = float[0], text = String(value), places = streams.int('places', 0, 20);
            hash.text(text); hash.text(textFormat(`%.${{places}}f`, [], [text], 'f', 10000, '')); hash.float(parseFloat64(text));
          }}
          console.log(hash.value);
        }}"
    );
    let Some(lines) = printed(&script) else { return };
    let mut streams = Streams::new(5);
    for (round, line) in lines.iter().enumerate() {
        let mut hash = Hash(0x811c_9dc5);
        for _ in 0..50 {
            let bits = u64::from(streams.draw("bits")) << 32 | u64::from(streams.draw("bits"));
            let mut value = f64::from_bits(bits);
            if streams.int("kind", 0, 1) == 1 {
                value = streams.int("number", -100_000, 100_000) as f64 / f64::from(1_u32 << streams.int("by", 0, 12));
            }
            let places = streams.int("places", 0, 20);
            let shown = number::float_text(value);
            let fixed = text::format(&format!("%.{places}f"), &[], &[&shown], "f", 10_000).expect("a float");
            for text in [&shown, &fixed] {
                text.chars().for_each(|c| hash.word(c as u32));
                hash.word(u32::MAX);
            }
            hash.float(text::parse_float(&shown).expect("it is one"));
        }
        assert_eq!(format!("{:x}", hash.0), *line, "round {round}");
    }
    assert_eq!(lines.len(), 200);
}

/// Draws of every generator, and the published hash of "abc".
#[test]
fn streams_draw_the_same() {
    let script = "import { Streams } from 'RUNTIME/random.js';
        import { sha256, hex } from 'RUNTIME/sha256.js';
        for (const generator of ['xoshiro128++', 'mulberry32', 'mulberry32-raw']) {
          const streams = new Streams(0x1234567890abcdefn, generator);
          for (let i = 0; i < 200; i++) {
            console.log(String(streams.int('a', -(2n ** 63n), 2n ** 62n)), String(streams.int('b', 1, 6)), streams.unit('c'),
              streams.float('d', -1.5, 2.25), streams.uuid('e'));
          }
        }
        console.log(hex(sha256(new TextEncoder().encode('abc'))));";
    let Some(lines) = printed(script) else { return };
    let mut lines = lines.iter();
    for generator in statewright_types::random::Generator::ALL {
        let mut streams = Streams::with_generator(0x1234_5678_90ab_cdef, generator);
        for _ in 0..200 {
            let (a, b) = (streams.int("a", i64::MIN, 1 << 62), streams.int("b", 1, 6));
            let (c, d, e) = (streams.unit("c"), streams.float("d", -1.5, 2.25), streams.uuid("e"));
            let here = format!("{a} {b} {} {} {e}", number::float_text(c), number::float_text(d));
            assert_eq!(Some(&here), lines.next(), "{generator:?}");
        }
    }
    // FIPS 180-4, example of one block.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned();
    assert_eq!(lines.next(), Some(&abc));
}

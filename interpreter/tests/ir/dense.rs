//! Loops over lists whose rows stand one behind the other, of all lengths, with numbers of all sizes: what the passes make of
//! them, and machine code of that, leaves what the plain interpreter leaves of the loops as they were.

use std::fmt::Write as _;
use std::sync::Arc;

use statewright_graph::ir::{Module, Verified};
use statewright_graph::passes;
use statewright_runtime::state::State;
use statewright_types::random::Streams;
use statewright_types::{Limits, Schema, StructId, json};

use crate::joined::dense;
use crate::under_test::Interpreter;
use crate::world::{World, interpreter, module, module_text, plain};

const SCHEMA: &str = "package demo
@root(active)
type Game {
    Dots []Dot
}
type Dot {
    N    int64
    X    float64
    Y    float32
    Is   bool
    Low  int8
}
";

/// Those above 3: their doubles summed up, and how many; whether one is 7; and the least sum of a small number.
const SUM: &str = "jump b1(v3, v3, v3, v8, v3)
    b1(v20: int64, v21: int64, v22: int64, v23: bool, v24: int64):
    v25: bool = icmp lt v20, v2
    branch v25, b2(), b6()
    b2():
    fuel 1 @\"each\"
    v26: Dot = list.get v1, v20
    v27: int64 = load Dot.N v26
    v28: bool = icmp gt v27, v6
    v29: bool = icmp eq v27, v7
    v30: bool = or v23, v29
    v31: int64 = load Dot.Low v26
    v32: int64 = isub v24, v31 @\"low\"
    branch v28, b3(), b4()
    b3():
    fuel 2 @\"large\"
    v33: int64 = imul v27, v5 @\"twice\"
    v34: int64 = iadd v21, v33 @\"add\"
    v35: int64 = iadd v22, v4
    jump b5(v34, v35)
    b4():
    jump b5(v21, v22)
    b5(v36: int64, v37: int64):
    v38: int64 = iadd v20, v4
    jump b1(v38, v36, v37, v30, v32)
    b6():
    show v21 int64
    show v22 int64
    show v23 bool
    show v24 int64";

/// The nearest of those that are, and how far.
const NEAREST: &str = "jump b1(v3, v9, v10)
    b1(v20: int64, v21: float64, v22: int64):
    v23: bool = icmp lt v20, v2
    branch v23, b2(), b6()
    b2():
    fuel 1 @\"each\"
    v24: Dot = list.get v1, v20
    v25: bool = load Dot.Is v24
    branch v25, b3(), b5(v21, v22)
    b3():
    fuel 1 @\"is\"
    v26: float64 = load Dot.X v24
    v27: float64 = fsub v26, v11
    v28: float64 = fmul v27, v27
    v29: float64 = load Dot.Y v24
    v30: float64 = fmul v29, v29
    v31: float64 = fadd v28, v30
    v32: bool = fcmp lt v31, v21
    branch v32, b4(), b5(v21, v22)
    b4():
    fuel 2 @\"nearer\"
    jump b5(v31, v20)
    b5(v33: float64, v34: int64):
    v35: int64 = iadd v20, v4
    jump b1(v35, v33, v34)
    b6():
    show v21 float64
    show v22 int64";

/// The sum of all, less the doubles of those whose other number is not below half.
const BOTH_WAYS: &str = "jump b1(v3, v3)
    b1(v20: int64, v21: int64):
    v23: bool = icmp lt v20, v2
    branch v23, b2(), b6()
    b2():
    fuel 1 @\"each\"
    v24: Dot = list.get v1, v20
    v25: int64 = load Dot.N v24
    v26: float64 = load Dot.X v24
    v27: float64 = fabs v26
    v28: bool = fcmp lt v27, v11
    branch v28, b3(), b4()
    b3():
    v29: int64 = iadd v21, v25 @\"add\"
    jump b5(v29)
    b4():
    fuel 1 @\"other\"
    v30: int64 = imul v25, v5 @\"twice\"
    v31: int64 = isub v21, v30 @\"take\"
    jump b5(v31)
    b5(v33: int64):
    v35: int64 = iadd v20, v4
    jump b1(v35, v33)
    b6():
    show v21 int64";

/// The bodies, and whether several elements can be looked at once.
pub const BODIES: [(&str, bool); 3] = [(SUM, true), (NEAREST, true), (BOTH_WAYS, true)];

pub fn over_dots(body: &str, schema: &Arc<Schema>) -> Module {
    let text = format!(
        "v12: Game = root Game
        v1: []Dot = load Game.Dots v12
        v2: int64 = list.len v1
        v3: int64 = iconst 0
        v4: int64 = iconst 1
        v5: int64 = iconst 2
        v6: int64 = iconst 3
        v7: int64 = iconst 7
        v8: bool = bconst false
        v9: float64 = fconst 1e300
        v10: int64 = iconst -1
        v11: float64 = fconst 0.5
        {body}"
    );
    module(&dense(&module_text(&text)), schema)
}

pub fn schema() -> Arc<Schema> {
    let (schema, diagnostics) = statewright_types::schema::text::parse(SCHEMA);
    Arc::new(schema.unwrap_or_else(|| panic!("{diagnostics:?}")))
}

const MANY: usize = 100;

/// So many, most of them small, some as large as they get.
fn dots(streams: &mut Streams, count: usize) -> String {
    const LARGE: [i64; 8] = [i64::MAX, i64::MIN, i64::MAX / 2, i64::MIN / 2, 1 << 62, -(1 << 61), 1 << 61, 7];
    let rare = streams.int("dots", 0, 2);
    let mut text = String::new();
    for at in 0..count {
        let is_large = rare > 0 && streams.int("dots", 0, 20) < rare;
        let n = if is_large { LARGE[streams.int("dots", 0, 7) as usize] } else { streams.int("dots", -9, 12) };
        // Where there are many, each is nearer than the one before.
        let near = count as f64 - at as f64;
        let x = if count > MANY { near } else { streams.float("dots", -2.0, 2.0) };
        let y = streams.float("dots", -1.0, 1.0);
        let (is, low) = (streams.int("dots", 0, 3) > 0, streams.int("dots", -128, 127));
        let comma = if at > 0 { "," } else { "" };
        write!(text, "{comma}{{\"N\":{n},\"X\":{x:?},\"Y\":{y:?},\"Is\":{is},\"Low\":{low}}}").expect("a string");
    }
    format!("{{\"Dots\":[{text}]}}")
}

fn play(module: Module, make: fn(Module) -> Interpreter, dots: &str, limits: Limits) -> (String, u64, [u8; 32]) {
    let mut state = State::new(schema(), StructId(0), 0);
    let found = state.load_json(&json::parse(dots).expect("JSON"));
    assert!(found.is_empty(), "{dots} {found:?}");
    let mut world = World::new(state, limits);
    let told = world.play(&make(module), None);
    (told, world.meter.memory, world.state.hash())
}

#[test]
fn loops_over_dense_lists_do_what_they_did() {
    let schema = schema();
    for (body, _) in BODIES {
        let lowered = over_dots(body, &schema);
        let mut passed = lowered.clone();
        passes::run(&mut passed);
        let verified = Verified::new(passed.clone()).expect("the passes make no mistakes");
        let flat = passes::without_branches(&verified).expect("the passes make no mistakes").into_inner();
        assert!(flat.to_string().contains("list.dense"), "{flat}");
        for seed in 0..60 {
            let mut streams = Streams::new(seed);
            let count = if seed % 20 == 19 { 2 * MANY } else { seed as usize % 23 };
            let dots = dots(&mut streams, count);
            for fuel in [1_000_000, streams.int("fuel", 0, 80) as u64] {
                let limits = Limits { fuel, ..Limits::default() };
                let expected = play(lowered.clone(), plain, &dots, limits);
                for form in [&passed, &flat] {
                    for make in [plain, interpreter] {
                        assert_eq!(play(form.clone(), make, &dots, limits), expected, "seed {seed}: {dots}\n{form}");
                    }
                }
            }
        }
    }
}

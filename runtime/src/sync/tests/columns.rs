//! Elements that changed alike travel as the same columns, whether change marks or two views tell of them.

use std::sync::Arc;

use statewright_types::random::Streams;
use statewright_types::{StructId, Value};

use super::differential::schema;
use crate::replica::Replica;
use crate::state::State;
use crate::sync::columns::RUN;
use crate::sync::difference::{difference, steps};
use crate::sync::{Encoder, Sight, ViewerSights};
use crate::visibility::{Viewer, project};
use crate::wire::Profile;
use crate::wire::codes::list;

const SCHEMA: &str = "package columns
@root(active)
type Game {
    Units []Unit
}
type Unit {
    A int32
    B float64
    C float32
    D float64 @quantize(0.5)
    E string
    F *int16
    G []int32
    H int64 @view(admin)
}
";
const UNIT: StructId = StructId(1);
const COUNT: usize = 40;

fn state() -> State {
    let schema = schema(SCHEMA);
    let root = schema.main_root(None).expect("a root");
    let mut state = State::new(schema, root, 1);
    let list = state.load(state.root(root).expect("there"), root, 0).expect("a list");
    for _ in 0..COUNT {
        let unit = state.struct_new(UNIT);
        state.list_push(list, unit).expect("room");
    }
    state.take_changes();
    state
}

/// Writes these fields of a unit, to something else.
fn write(state: &mut State, record: u64, fields: &[u32], number: i64) {
    for field in fields {
        let now = state.load(record, UNIT, *field).expect("live");
        let slot = match field {
            0 => now ^ number as u64,
            1 => (f64::from_bits(now) + number as f64).to_bits(),
            2 => (f64::from_bits(now) + (number % 512) as f64 / 4.0).to_bits(),
            3 => (f64::from_bits(now) + 0.5).to_bits(),
            _ => {
                let text = format!("{}.{number}", state.str(now));
                state.string(&text)
            }
        };
        state.store(record, UNIT, *field, slot).expect("stored");
    }
}

#[test]
fn differences_of_views_have_the_columns_of_the_encoder() {
    let mut columns = 0;
    for seed in 0..300 {
        let mut dice = Streams::new(seed);
        let mut state = state();
        let (schema, root) = (state.schema().clone(), state.main_root());
        let profile = Arc::new(Profile::same(&schema, root));
        let mut encoder = Encoder::new(schema.clone(), root);
        let sight = Sight::new("nobody", profile.clone());
        let mut replica = Replica::new(schema.clone());
        replica.apply_full(&encoder.full(&state, &sight)).expect("a full state");
        for _ in 0..4 {
            let before = project(&state, &Viewer::new("nobody"));
            let records = state.records(UNIT);
            let mut at = 0;
            while at + RUN <= COUNT {
                // Runs of different lengths and fields, and gaps. What is quantised goes by itself.
                let length = dice.int("length", RUN as i64, 12).min((COUNT - at) as i64) as usize;
                let sets: [&[u32]; 6] = [&[0], &[1], &[1, 2], &[0, 1, 4], &[3], &[]];
                let fields = sets[dice.int("fields", 0, 5) as usize];
                for record in records.iter().skip(at).take(length) {
                    write(&mut state, *record, fields, dice.int("number", 1, 3000));
                }
                at += length;
            }
            let changes = state.take_changes();
            let now = project(&state, &Viewer::new("nobody"));
            let patches = encoder.patch(&state, &changes, &[ViewerSights { before: &sight, now: &sight }]);
            let body = patches.public.first().map_or(Vec::new(), |body| body.to_vec());
            let by_views = steps(&profile, &schema, root, &before, &now);
            assert_eq!(by_views.body, body, "seed {seed}");
            columns += body.iter().filter(|byte| u64::from(**byte) == list::COLUMNS).count();
            replica.apply(&by_views.body, None).expect("a patch");
            assert_eq!(replica.to_value(), now, "seed {seed}");
        }
    }
    assert!(columns > 1000, "{columns}");
}

#[test]
fn what_is_not_alike_is_told_one_by_one() {
    let state = state();
    let (schema, root) = (state.schema().clone(), state.main_root());
    let profile = Profile::same(&schema, root);
    let before = project(&state, &Viewer::new("nobody"));
    // Every third unit has a list that changed, something hidden from now on, or another field.
    for odd in ["G", "A", "E"] {
        let mut now = before.clone();
        let Value::Map(fields) = &mut now else { panic!("a struct") };
        let Value::List(units) = &mut fields[0].1 else { panic!("a list") };
        for (at, unit) in units.iter_mut().enumerate() {
            let Value::Map(fields) = unit else { panic!("a struct") };
            for (name, value) in fields.iter_mut() {
                match (&**name, at % 3) {
                    ("B", _) => *value = Value::Float(7.5),
                    ("G", 0) if odd == "G" => *value = Value::List(vec![Value::Int(1)]),
                    ("E", 0) if odd == "E" => *value = Value::str("x"),
                    _ => {}
                }
            }
            fields.retain(|(name, _)| odd != "A" || &**name != "A" || at % 3 > 0);
        }
        let mut replica = Replica::new(schema.clone());
        let full = crate::sync::difference::full_body(&profile, &schema, root, &before);
        replica.apply_full(&full).expect("a full state");
        replica.apply(&difference(&profile, &schema, root, &before, &now), None).expect("a patch");
        assert_eq!(replica.to_value(), now, "{odd}");
    }
}

//! Windows that need no tree are told as the tree tells them, to the byte: else what is hidden, which may make a tree
//! necessary, could be seen.

use std::sync::Arc;

use statewright_types::random::Streams;
use statewright_types::schema::parse;
use statewright_types::{StructId, Type, json};

use crate::state::State;
use crate::sync::{Encoder, EncoderOptions, Onlookers, PatchBuffer, Sight, Sights, ViewerSights};
use crate::wire::Profile;

const SCHEMA: &str = "package ways
@root(active)
type Game {
    Round int32
    Board Board
}
type Board {
    Rows []Row
}
type Row {
    ID string
    X float64
    Y float32
    N int32
    Q float64 @quantize(0.5)
    S string
    Secret int32 @view(admin)
}
";

const ROWS: usize = 9;

fn game() -> (State, StructId, Vec<u64>) {
    let (schema, diagnostics) = parse(SCHEMA);
    let schema = schema.unwrap_or_else(|| panic!("{diagnostics:?}"));
    let (root, board, row) = (schema.main_root(None), schema.by_name("Board"), schema.by_name("Row"));
    let (root, board, row) = (root.expect("a root"), board.expect("a type"), row.expect("a type"));
    let mut state = State::new(schema, root, 1);
    let holder = state.load(state.root(root).expect("there"), root, 1).expect("live");
    let list = state.load(holder, board, 0).expect("live");
    state.begin();
    for at in 0..ROWS {
        let tree = json::parse(&*format!(r#"{{"ID": "{at}", "X": {at}.5, "Y": {at}}}"#)).expect("JSON");
        let value = state.import(&Type::Struct(row), &tree.value(tree.root())).expect("fits");
        state.list_push(list, value).expect("pushed");
    }
    state.commit();
    state.take_changes();
    let rows = state.list_slots(list).to_vec();
    (state, row, rows)
}

/// Writes a few fields of rows that mostly stand together; in their order, or not.
fn write(state: &mut State, row: StructId, rows: &[u64], roll: &mut impl FnMut(usize) -> usize) {
    let (first, count) = (roll(ROWS), 1 + roll(ROWS));
    let (fields, backwards) = (1 + roll(31), roll(5) == 0);
    let mut places: Vec<usize> = (first..ROWS.min(first + count)).filter(|_| roll(6) > 0).collect();
    if backwards {
        places.reverse();
    }
    for at in places {
        let odd = if roll(8) == 0 { 1 << roll(5) } else { 0 };
        for field in (0..5).filter(|field| (fields ^ odd) >> field & 1 == 1) {
            let number = roll(9) as f64 / 4.0;
            let value = match field {
                2 => number as u64,
                4 => state.string(&"x".repeat(roll(20))),
                _ => number.to_bits(),
            };
            state.store(rows[at], row, field + 1, value).expect("stored");
        }
    }
}

#[test]
fn what_needs_no_tree_is_told_as_a_tree_tells_it() {
    for seed in 0..400 {
        let (mut state, row, rows) = game();
        let mut dice = Streams::new(seed);
        let mut roll = |sides: usize| dice.int("dice", 0, sides as i64 - 1) as usize;
        let schema = state.schema().clone();
        let profile = Arc::new(Profile::same(&schema, state.main_root()));
        let options = EncoderOptions { float_deltas: seed % 2 == 0 };
        let mut encoder = Encoder::new(schema, state.main_root()).with_options(options);
        let viewer = Sight::new("a", profile.clone());
        let admin = Sight { grants: ["admin".into()].into(), ..Sight::new("b", profile) };
        let common = Sight { grants: [].into(), ..admin.clone() };
        let still = ViewerSights { before: &viewer, now: &viewer };
        let changed = ViewerSights { before: &common, now: &admin };
        for turn in 0..6 {
            state.begin();
            write(&mut state, row, &rows, &mut roll);
            state.commit();
            let changes = state.take_changes();
            let plain = encoder.patch(&state, &changes, &[still]);
            let mut buffer = PatchBuffer::default();
            let sights: Sights = [viewer.clone()].into_iter().collect();
            encoder.patch_into(&state, &changes, Onlookers::Still(&sights, &viewer.profile), &mut buffer);
            assert_eq!(buffer.to_patches().public, plain.public, "seed {seed}, turn {turn}");
            // Who may see more than before makes a tree necessary.
            let with_tree = encoder.patch(&state, &changes, &[still, changed]);
            assert_eq!(plain.public, with_tree.public, "seed {seed}, turn {turn}");
            assert!(plain.private.is_empty() && !with_tree.private.is_empty(), "seed {seed}, turn {turn}");
        }
    }
}

const DEEP: &str = "package deep
@root(active)
type Game {
    Round int32
    Boards []Board @id(300)
    Open Board
    Maybe *Board
    Named map[string]Board
    Mine []Board @view(admin)
    Other []Leaf
}
type Board {
    Leaves []Leaf @id(70)
    At Leaf
    Grid [][]int32
}
type Leaf {
    I8 int8
    U8 uint8
    B bool
    I16 int16
    U32 uint32
    I64 int64
    U64 uint64 @id(9000)
    F float64
    S string
    Near *int32
    Secret int32 @noSync
}
@root(active)
type Shop {
    Leaf Leaf
    Stock []Leaf
}
";

/// One value changes, wherever it is and whatever it becomes: viewers who are still are told with the bytes that all are.
#[test]
fn one_value_is_told_as_a_tree_tells_it() {
    let mut shortest = 0;
    for seed in 0..120 {
        let schema = super::differential::schema(DEEP);
        let (root, leaf) = (schema.main_root(None).expect("a root"), schema.by_name("Leaf").expect("a type"));
        let mut state = State::new(schema.clone(), root, seed);
        let mut writer = super::writing::Writer::new(seed);
        state.begin();
        for _ in 0..120 {
            writer.write(&mut state);
        }
        // Far from the beginning of a list.
        let other = state.load(state.root(root).expect("there"), root, 6).expect("live");
        for _ in 0..if seed % 3 == 0 { 9000 } else { 70 } {
            let new = state.struct_new(leaf);
            state.list_push(other, new).expect("room");
        }
        state.commit();
        state.take_changes();
        let profile = Arc::new(Profile::same(&schema, root));
        let mut encoder = Encoder::new(schema.clone(), root);
        let viewer = Sight::new("a", profile.clone());
        let admin = Sight { grants: ["admin".into()].into(), ..Sight::new("b", profile) };
        let common = Sight { grants: [].into(), ..admin.clone() };
        let (still, changed) =
            (ViewerSights { before: &viewer, now: &viewer }, ViewerSights { before: &common, now: &admin });
        let sights: Sights = [viewer.clone()].into_iter().collect();
        let leaves = state.records(leaf);
        for _ in 0..40 {
            let record = leaves[writer.roll(leaves.len())];
            let field = writer.roll(11) as u32;
            let slot = match field {
                8 => state.string(&"x".repeat(writer.roll(300))),
                9 => writer.slot(&mut state, &schema.get(leaf).fields[9].ty.clone(), 0),
                7 => f64::from(writer.roll(9) as u32).to_bits(),
                2 => writer.roll(2) as u64,
                _ => (u64::MAX >> writer.roll(64)).rotate_left(writer.roll(2) as u32),
            };
            // What does not fit the field is cut off by it.
            state.store(record, leaf, field, slot).expect("stored");
            let changes = state.take_changes();
            let mut buffer = PatchBuffer::default();
            encoder.patch_into(&state, &changes, Onlookers::Still(&sights, &viewer.profile), &mut buffer);
            let plain = encoder.patch(&state, &changes, &[still]);
            let with_tree = encoder.patch(&state, &changes, &[still, changed]);
            let told = buffer.to_patches();
            assert_eq!((&told.public, &told.private), (&plain.public, &plain.private), "seed {seed}");
            assert_eq!(told.public, with_tree.public, "seed {seed}");
            shortest += told.public.len();
        }
    }
    assert!(shortest > 2000, "{shortest}");
}

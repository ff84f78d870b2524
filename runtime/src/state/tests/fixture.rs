//! A schema with every kind of field, and short ways to reach into a state.

use std::sync::Arc;

use statewright_types::schema::text;
use statewright_types::{Schema, StructId, Type, Value};

use crate::state::State;

pub(super) const SCHEMA: &str = r#"
package test

@root(active)
type Game {
    Round int32 @default(1)
    Title string @default("game")
    Players []Player @key(ID)
    Scores map[string]int64
    ByNumber map[int32]Card
    Board []Card
    Grid [][]int16
    Names []string
    Center Point
    Best *Player
    Limit *int32
    Note *string
    Tags *[]string
    Ratio float32
    Weight float64
    Blob bytes
    Open bool
    Tree Node
}

type Player {
    ID string
    Score int64
    Hand []Card
    Home Point
    Nick *string
    Token uuid @auto(uuid)
}

type Card {
    ID int64
    Name string
    Power uint8 @default(3)
}

type Point {
    X float64
    Y float64
}

type Node {
    Label string
    Children []Node
    At Point
}

@root(inactive)
type Shop {
    Stock map[string]uint64
    Closed bool @default(true)
}
"#;

pub(in crate::state) fn schema() -> Arc<Schema> {
    let (schema, diagnostics) = text::parse(SCHEMA);
    Arc::new(schema.unwrap_or_else(|| panic!("{diagnostics:?}")))
}

pub(in crate::state) fn state() -> State {
    State::new(schema(), StructId(0), 7)
}

/// Id of a struct type and position of one of its fields.
pub(super) fn field(state: &State, name: &str) -> (StructId, u32) {
    let (ty, field) = name.split_once('.').expect("TYPE.FIELD");
    let ty = state.schema().by_name(ty).expect("a type");
    (ty, state.schema().get(ty).field(field).expect("a field") as u32)
}

/// Loads `TYPE.FIELD` of a record; of the root for 0.
pub(super) fn load(state: &State, record: u64, name: &str) -> u64 {
    let (ty, field) = field(state, name);
    let record = if record == 0 { state.root(ty).expect("a root") } else { record };
    state.load(record, ty, field).expect("not stale")
}

/// Stores into `TYPE.FIELD` of a record; of the root for 0.
pub(super) fn store(state: &mut State, record: u64, name: &str, value: u64) {
    let (ty, field) = field(state, name);
    let record = if record == 0 { state.root(ty).expect("a root") } else { record };
    state.store(record, ty, field, value).expect("stored");
}

/// A value of the type written `ty`, from JSON.
pub(super) fn value(state: &mut State, ty: &str, json: &str) -> u64 {
    let ty = state.schema().parse_type(ty).expect("a type");
    let tree = statewright_types::json::parse(json).expect("JSON");
    state.import(&ty, &tree.value(tree.root())).expect("fits")
}

/// What `TYPE.FIELD` of the root is, as JSON.
pub(super) fn show(state: &State, name: &str) -> String {
    let (ty, at) = field(state, name);
    let slot = load(state, 0, name);
    let ty: Type = state.schema().get(ty).fields[at as usize].ty.clone();
    statewright_types::json::to_string(&state.export(&ty, slot).unwrap_or(Value::Null))
}

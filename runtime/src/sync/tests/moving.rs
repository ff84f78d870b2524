//! What moves is told as that, in as few bytes as it takes.

use std::sync::Arc;

use statewright_types::random::Streams;
use statewright_types::schema::parse;
use statewright_types::{StructId, Type, json};

use crate::replica::Replica;
use crate::state::State;
use crate::sync::{Encoder, Sight, ViewerSights};
use crate::wire::Profile;

const SCHEMA: &str = "package moving
@root(active)
type Game {
    Units []Unit
    Slots []*Unit
    Numbers []float64
    Names []string
    Bytes []uint8
}
type Unit {
    ID int32
    Name string
    Score int64
    Hand []int32 @view(owner)
}
";

/// A state whose lists have so many elements each, with a client that sees all but the hands.
struct Table {
    state: State,
    encoder: Encoder,
    viewer: Sight,
    replica: Replica,
    root: StructId,
}

impl Table {
    fn new(length: usize) -> Table {
        let (schema, diagnostics) = parse(SCHEMA);
        let schema = schema.unwrap_or_else(|| panic!("{diagnostics:?}"));
        let root = schema.main_root(None).expect("a root");
        let mut state = State::new(schema.clone(), root, 1);
        state.begin();
        let field = |at: usize| match at {
            0 | 1 => |at: usize| format!(r#"{{"ID": {at}, "Name": "unit {at}", "Score": 5, "Hand": [1]}}"#),
            2 => |at: usize| format!("{at}.25"),
            3 => |at: usize| format!("\"name {at}\""),
            _ => |at: usize| (at * 3 % 200).to_string(),
        };
        for place in 0..5 {
            let text: Vec<String> = (0..length).map(field(place)).collect();
            let tree = json::parse(&*format!("[{}]", text.join(","))).expect("JSON");
            let ty = schema.get(root).fields[place].ty.clone();
            let slot = state.import(&ty, &tree.value(tree.root())).expect("fits");
            state.store(state.root(root).expect("there"), root, place as u32, slot).expect("stored");
        }
        state.commit();
        state.take_changes();
        let viewer = Sight::new("nobody", Arc::new(Profile::same(&schema, root)));
        let mut encoder = Encoder::new(schema.clone(), root);
        let mut replica = Replica::new(schema);
        replica.apply_full(&encoder.full(&state, &viewer)).expect("a full state");
        Table { state, encoder, viewer, replica, root }
    }

    fn list(&self, field: u32) -> u64 {
        self.state.load(self.state.root(self.root).expect("there"), self.root, field).expect("live")
    }

    /// Puts a list's own elements into another order, or other numbers in their place.
    fn assign(&mut self, field: u32, change: impl FnOnce(&mut Vec<u64>)) {
        let list = self.list(field);
        let mut slots = self.state.list_slots(list).to_vec();
        change(&mut slots);
        let ty = self.state.schema().get(self.root).fields[field as usize].ty.clone();
        let source = self.state.list_new(&ty, &slots).expect("small");
        self.state.list_assign(list, source).expect("assigned");
    }

    /// The bytes of everybody's body for a transaction; the client has what it sees, afterwards.
    fn told(&mut self, run: impl FnOnce(&mut Table)) -> Vec<u8> {
        self.state.begin();
        run(self);
        self.state.commit();
        let changes = self.state.take_changes();
        let sights = [ViewerSights { before: &self.viewer, now: &self.viewer }];
        let patches = self.encoder.patch(&self.state, &changes, &sights);
        assert!(patches.private.is_empty(), "nobody sees a hand");
        let body = patches.public.first().map_or(Vec::new(), |body| body.to_vec());
        self.replica.apply(&body, None).expect("right");
        let mut fresh = Replica::new(self.state.schema().clone());
        fresh.apply_full(&self.encoder.full(&self.state, &self.viewer)).expect("a full state");
        assert_eq!(self.replica.to_value(), fresh.to_value());
        body
    }
}

/// Moves one element.
fn shift(from: usize, to: usize) -> impl Fn(&mut Vec<u64>) {
    move |slots| {
        let one = slots.remove(from);
        slots.insert(to, one);
    }
}

#[test]
fn one_move_takes_a_few_bytes_in_any_list() {
    for field in 0..5 {
        let mut table = Table::new(100);
        // The list's field, the move, from where, to where.
        let head = 9 + 2 * field as u8;
        assert_eq!(table.told(|table| table.assign(field, shift(7, 90))), [head, 8, 7, 90], "field {field}");
        assert_eq!(table.told(|table| table.assign(field, shift(90, 7))), [head, 8, 90, 7], "field {field}");
        assert!(table.told(|table| table.assign(field, |slots| slots.swap(0, 99))).len() <= 7, "field {field}");
        assert_eq!(table.told(|table| table.assign(field, |slots| slots.rotate_left(1))), [head, 8, 0, 99]);
        let there_and_back = |table: &mut Table| {
            table.assign(field, shift(3, 40));
            table.assign(field, shift(40, 3));
        };
        assert_eq!(table.told(there_and_back), [], "field {field}: nothing happened");
    }
}

#[test]
fn one_of_a_thousand_out_of_place_is_one_move() {
    let mut table = Table::new(1000);
    let unit = table.state.schema().by_name("Unit").expect("a type");
    assert_eq!(table.told(|table| table.assign(0, shift(500, 900))).len(), 6);
    let sort = |table: &mut Table| {
        let ids: Vec<(u64, u64)> = table.state.list_slots(table.list(0)).iter().map(|slot| (0, *slot)).collect();
        let mut ids: Vec<_> =
            ids.into_iter().map(|(_, slot)| (table.state.load(slot, unit, 0).expect("live"), slot)).collect();
        ids.sort_unstable();
        table.assign(0, |slots| *slots = ids.into_iter().map(|(_, slot)| slot).collect());
    };
    assert_eq!(table.told(sort), [9, 8, 0x84, 0x07, 0xf4, 0x03], "900 back to 500");
    assert_eq!(table.told(sort), []);
}

#[test]
fn a_shuffled_list_is_told_as_an_order() {
    for field in 0..5 {
        let mut table = Table::new(1000);
        let mut dice = Streams::new(7);
        let body = table.told(|table| {
            table.assign(field, |slots| {
                (1..slots.len()).for_each(|at| slots.swap(at, dice.int("at", 0, at as i64) as usize));
            });
        });
        // The numbers up to 127 take a byte each, the rest two; bytes are shorter themselves.
        let expected = if field == 4 { (10, 1 + 1 + 2 + 1000) } else { (12, 1 + 1 + 2 + 127 + 2 * 873) };
        assert_eq!(body[1], expected.0, "field {field}");
        assert!(body.len() <= expected.1, "field {field}: {}", body.len());
    }
}

#[test]
fn what_moves_and_changes_is_told_under_its_new_index() {
    let mut table = Table::new(100);
    let unit = table.state.schema().by_name("Unit").expect("a type");
    let body = table.told(|table| {
        table.assign(0, shift(7, 90));
        let moved = table.state.list_slots(table.list(0))[90];
        table.state.store(moved, unit, 2, 9).expect("stored");
    });
    assert_eq!(body, [9, 8, 7, 90, 0xb5, 0x01, 12, 18], "the element 90's score");
    let body = table.told(|table| {
        let list = table.list(0);
        table.assign(0, shift(50, 2));
        table.state.list_remove(list, 60).expect("there");
        let tree = json::parse(r#"{"ID": 1000}"#).expect("JSON");
        let new = table.state.import(&Type::Struct(unit), &tree.value(tree.root())).expect("fits");
        table.state.list_insert(list, 0, new).expect("room");
    });
    assert_eq!(body.len(), 1 + 2 + 3 + 7, "{body:?}: one goes, one moves, one comes");
}

#[test]
fn few_numbers_that_changed_places_travel_themselves() {
    let mut table = Table::new(1000);
    let body = table.told(|table| table.assign(4, |slots| slots[500..510].reverse()));
    assert_eq!(body.len(), 1 + 1 + 2 + 1 + 10, "{body:?}");
}

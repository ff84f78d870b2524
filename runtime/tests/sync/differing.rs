//! From one view to another: whatever happened between them, a client that had the one has the other.

use std::sync::Arc;

use statewright_runtime::replica::Replica;
use statewright_runtime::sync::difference::{difference, full_body};
use statewright_runtime::wire::describe::{Description, Profile};
use statewright_types::random::Streams;
use statewright_types::scalar::quantise;
use statewright_types::{IntKind, Schema, StructId, Type, Value, schema};

const SCHEMA: &str = "package rich
@root(active)
type Game {
    Round   int64
    Phase   string
    Players []Player @key(ID)
    Log     []string
    Board   map[int8]Cell
    Names   map[string]*Cell
    Numbers []uint16
    Grid    [][]int32
    Loose   []Cell
    Maybe   *Cell
    Holes   []*Cell
    Spots   map[uint64][]float32
    Speed   float64 @quantize(0.25)
    Flags   []*bool
    Token   uuid
    Raw     bytes
    Bag     map[uuid]int64
}
type Player {
    ID    string
    Score int32
    X     float64
    Y     float32
    Hand  []int64
    Items []Item
    Home  Cell
}
type Item {
    ID    uint32
    Count uint64
    Note  *string
}
type Cell {
    Kind  uint8
    Wide  int16
    Deep  map[string][]Item
    Next  *Cell
}
@root(inactive)
type Shop {
    Open  bool
    Items []Item
}
@root(inactive)
type Arena {
    Size *int64
}
";

struct Maker {
    schema: Arc<Schema>,
    streams: Streams,
}

impl Maker {
    fn draw(&mut self, below: i64) -> i64 {
        self.streams.int("test", 0, below - 1)
    }

    fn float(&mut self, narrow: bool) -> f64 {
        let value = match self.draw(8) {
            0 => f64::NAN,
            1 => -0.0,
            2 => f64::INFINITY,
            _ => self.draw(4000) as f64 / 16.0 - 7.25,
        };
        if narrow { f64::from(value as f32) } else { value }
    }

    fn text(&mut self) -> Value {
        let length = self.draw(4);
        Value::str((0..length).map(|_| char::from(b'a' + self.draw(3) as u8)).collect::<String>())
    }

    fn uuid(&mut self) -> Value {
        match self.draw(3) {
            0 => Value::str(""),
            1 => Value::str("no uuid"),
            _ => Value::str(self.streams.uuid("uuid")),
        }
    }

    fn int(&mut self, kind: IntKind) -> Value {
        let (low, high) = kind.range();
        let number = match self.draw(6) {
            0 => low,
            1 => high,
            _ => low.max(i128::from(self.draw(300) - 100)).min(high),
        };
        i64::try_from(number).map_or(Value::UInt(number as u64), Value::Int)
    }

    /// A value of that type; deep ones stay small.
    fn value(&mut self, ty: &Type, step: Option<f64>, depth: usize) -> Value {
        let length = |maker: &mut Maker| if depth > 3 { 0 } else { maker.draw(5) as usize };
        match ty {
            Type::Bool => Value::Bool(self.draw(2) == 0),
            Type::Int(kind) => self.int(*kind),
            Type::Float32 => Value::Float(self.float(true)),
            Type::Float64 => {
                let value = self.float(false);
                // Nothing keeps a sign on a zero that is a number of steps.
                Value::Float(step.map_or(value, |step| quantise(value, step) + 0.0))
            }
            Type::String => self.text(),
            Type::Bytes => Value::Bytes((0..self.draw(3)).map(|byte| byte as u8).collect::<Vec<_>>().into()),
            Type::Uuid => self.uuid(),
            Type::Nullable(_) if depth > 4 || self.draw(3) == 0 => Value::Null,
            Type::Nullable(inner) => self.value(inner, step, depth),
            Type::List(element) => {
                let length = length(self);
                Value::List((0..length).map(|_| self.value(element, None, depth + 1)).collect())
            }
            Type::Map(key, value) => {
                let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
                for _ in 0..length(self) {
                    let key = match key.as_ref() {
                        Type::Int(kind) => self.int(*kind).to_string().into(),
                        Type::Uuid => self.streams.uuid("uuid").into(),
                        _ => match self.text() {
                            Value::Str(text) => text,
                            other => panic!("{other}"),
                        },
                    };
                    entries.push((key, self.value(value, None, depth + 1)));
                }
                let number = |key: &str| key.parse::<i128>().unwrap_or(0);
                if matches!(key.as_ref(), Type::Int(_)) {
                    entries.sort_by_key(|(key, _)| number(key));
                } else {
                    entries.sort_by(|(one, _), (other, _)| one.as_bytes().cmp(other.as_bytes()));
                }
                entries.dedup_by(|one, other| one.0 == other.0);
                Value::Map(entries)
            }
            Type::Struct(id) => self.structure(*id, depth),
            Type::Record(_) => Value::Null,
        }
    }

    /// Some fields may be hidden.
    fn structure(&mut self, id: StructId, depth: usize) -> Value {
        let schema = self.schema.clone();
        let mut fields = Vec::new();
        for field in &schema.get(id).fields {
            if self.draw(12) > 0 {
                fields.push((field.name.clone(), self.value(&field.ty, field.step, depth + 1)));
            }
        }
        Value::Map(fields)
    }

    fn view(&mut self) -> Value {
        let Value::Map(mut top) = self.structure(StructId(0), 0) else { panic!("no fields") };
        for (name, id) in [("Shop", StructId(4)), ("Arena", StructId(5))] {
            assert_eq!(&*self.schema.get(id).name, name);
            if self.draw(3) > 0 {
                top.push((name.into(), self.structure(id, 0)));
            }
        }
        Value::Map(top)
    }

    /// Something near to a value: some parts are made anew, elements come, go and move.
    fn near(&mut self, ty: &Type, value: &Value, step: Option<f64>, depth: usize) -> Value {
        if self.draw(8) == 0 {
            return self.value(ty, step, depth);
        }
        match (ty.non_null(), value) {
            (Type::List(element), Value::List(elements)) => {
                let mut elements = elements.clone();
                for _ in 0..self.draw(4) {
                    let at = self.draw(elements.len() as i64 + 1) as usize;
                    match self.draw(4) {
                        0 => elements.insert(at, self.value(element, None, depth + 1)),
                        1 if at < elements.len() => drop(elements.remove(at)),
                        2 if at < elements.len() => {
                            let element = elements.remove(at);
                            let to = self.draw(elements.len() as i64 + 1) as usize;
                            elements.insert(to, element);
                        }
                        _ if at < elements.len() => {
                            let near = self.near(element, &elements[at].clone(), None, depth + 1);
                            elements[at] = near;
                        }
                        _ => {}
                    }
                }
                Value::List(elements)
            }
            (Type::Map(_, inner), Value::Map(entries)) => {
                let mut entries = entries.clone();
                entries.retain(|_| self.draw(5) > 0);
                for entry in &mut entries {
                    entry.1 = self.near(inner, &entry.1.clone(), None, depth + 1);
                }
                Value::Map(entries)
            }
            (Type::Struct(id), Value::Map(_)) => self.near_structure(*id, value, depth),
            _ => value.clone(),
        }
    }

    fn near_structure(&mut self, id: StructId, value: &Value, depth: usize) -> Value {
        let schema = self.schema.clone();
        let mut fields = Vec::new();
        for field in &schema.get(id).fields {
            match value.get(&field.name) {
                Some(value) if self.draw(20) > 0 => {
                    fields.push((field.name.clone(), self.near(&field.ty, value, field.step, depth + 1)));
                }
                None if self.draw(4) == 0 => {
                    fields.push((field.name.clone(), self.value(&field.ty, field.step, depth + 1)));
                }
                _ => {}
            }
        }
        Value::Map(fields)
    }

    fn near_view(&mut self, view: &Value) -> Value {
        let Value::Map(mut top) = self.near_structure(StructId(0), view, 0) else { panic!("no fields") };
        for (name, id) in [("Shop", StructId(4)), ("Arena", StructId(5))] {
            match view.get(name) {
                Some(root) if self.draw(5) > 0 => top.push((name.into(), self.near_structure(id, root, 0))),
                None if self.draw(5) > 0 => {}
                _ => top.push((name.into(), self.structure(id, 0))),
            }
        }
        Value::Map(top)
    }
}

fn read(text: &str) -> Arc<Schema> {
    let (schema, diagnostics) = schema::parse(text);
    schema.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

#[test]
fn a_client_that_had_one_view_has_the_other() {
    let schema = read(SCHEMA);
    let profile = Profile::same(&schema, StructId(0));
    for seed in 0..400 {
        let mut maker = Maker { schema: schema.clone(), streams: Streams::new(seed) };
        let mut view = maker.view();
        let mut client = Replica::new(schema.clone());
        client
            .apply_full(&full_body(&profile, &schema, StructId(0), &view))
            .unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        assert_eq!(client.to_value(), view, "seed {seed}");
        for round in 0..8 {
            let next = maker.near_view(&view);
            let body = difference(&profile, &schema, StructId(0), &view, &next);
            assert_eq!(body.is_empty(), view == next, "seed {seed}, round {round}: nothing is said if nothing changed");
            let full = full_body(&profile, &schema, StructId(0), &next);
            client.apply(&body, None).unwrap_or_else(|e| panic!("seed {seed}, round {round}: {e}\n{view}\n{next}"));
            assert_eq!(client.to_value(), next, "seed {seed}, round {round}: from {view}");
            let _ = full;
            view = next;
        }
    }
}

#[test]
fn a_client_with_another_schema_has_what_it_knows() {
    let schema = read(SCHEMA);
    // Without some fields and a root, with one field that the server does not have.
    let mut text =
        SCHEMA.replace("    Log     []string\n", "    Log     []string @id(40)\n    Extra   int64 @id(41)\n");
    text = text.replace("map[int8]Cell\n", "map[int8]Cell @id(5)\n");
    text = text.replace("    Phase   string\n", "").replace("    Players []Player", "    Players []Player @id(3)");
    let other = read(&text);
    let ids: Vec<_> = other.get(StructId(0)).fields.iter().map(|field| (field.name.clone(), field.id)).collect();
    let description = Description::of(&other, StructId(0));
    let profile = match Profile::between(&schema, StructId(0), &description) {
        Ok(profile) => profile,
        Err(error) => panic!("{error}: {ids:?}"),
    };
    for seed in 0..50 {
        let mut maker = Maker { schema: schema.clone(), streams: Streams::new(seed) };
        let mut view = maker.view();
        let mut client = Replica::new(other.clone());
        client.apply_full(&full_body(&profile, &schema, StructId(0), &view)).expect("a body");
        for round in 0..5 {
            view = {
                let next = maker.near_view(&view);
                client.apply(&difference(&profile, &schema, StructId(0), &view, &next), None).expect("a patch");
                next
            };
            for field in ["Round", "Players", "Numbers", "Maybe", "Shop"] {
                assert_eq!(client.to_value().get(field), view.get(field), "seed {seed}, round {round}, {field}");
            }
            assert_eq!(client.to_value().get("Phase"), None);
            assert_eq!(client.to_value().get("Log"), None, "it has another id here");
        }
    }
}

#[test]
fn small_changes_take_few_bytes() {
    let schema = read(
        "package p
        @root(active) type Game {
            Round int64
            Players []Player
        }
        type Player {
            ID string
            Score int32
            Hand []int32
        }",
    );
    let profile = Profile::same(&schema, StructId(0));
    let player = |at: i64, score: i64, hand: Vec<i64>| {
        let hand = Value::List(hand.into_iter().map(Value::Int).collect());
        Value::map([("ID", Value::str(format!("p{at:03}"))), ("Score", Value::Int(score)), ("Hand", hand)])
    };
    let game =
        |round: i64, players: Vec<Value>| Value::map([("Round", Value::Int(round)), ("Players", players.into())]);
    let players = |change: &dyn Fn(i64) -> Value| (0..100).map(change).collect::<Vec<_>>();
    let hand = || vec![10, 20, 30, 40, 50];
    let before = game(42, players(&|at| player(at, at * 10, hand())));
    let body = |now: Value| difference(&profile, &schema, StructId(0), &before, &now);

    let round = body(game(43, players(&|at| player(at, at * 10, hand()))));
    assert_eq!(round, [8, 86], "Round, set");
    let score = body(game(42, players(&|at| player(at, if at == 37 { 375 } else { at * 10 }, hand()))));
    assert_eq!(score, [11, 75, 11, 10], "into Players, its 37th, its Score by 5");
    let card = body(game(42, players(&|at| player(at, at * 10, if at == 37 { vec![10, 20, 40, 50] } else { hand() }))));
    assert_eq!(card, [11, 75, 13, 6, 2], "into Players, its 37th, its Hand, remove at 2");
    let mut moved = players(&|at| player(at, at * 10, hand()));
    let element = moved.remove(90);
    moved.insert(2, element);
    assert_eq!(body(game(42, moved)), [11, 8, 90, 2], "one of them moves");
    let mut gone = players(&|at| player(at, at * 10, hand()));
    gone.drain(10..20);
    assert_eq!(body(game(42, gone)), [11, 20, 10, 10], "ten of them are gone");
    let reversed = players(&|at| player(99 - at, (99 - at) * 10, hand()));
    assert!(body(game(42, reversed)).len() < 110, "an order anew takes a byte each");
}

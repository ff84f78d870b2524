//! Single cases, to the byte.

use std::sync::Arc;

use statewright_types::schema::parse;
use statewright_types::{Schema, Type, Value, json};

use crate::state::{Changes, State};
use crate::sync::{Concerns, Encoder, Patches, Sight, ViewerSights};
use crate::wire::Profile;

const SCHEMA: &str = "package cases
@root(active)
type Game {
    Round int32
    Players []Player @key(ID)
}
type Player {
    ID string
    Team string
    Hand []int32 @view(owner)
    Plan int32 @view(team, admin)
    X float64 @quantize(0.5)
}
";

struct Table {
    schema: Arc<Schema>,
    state: State,
    encoder: Encoder,
    profile: Arc<Profile>,
}

impl Table {
    /// Players a and b in team red, c in blue.
    fn new() -> Table {
        let (schema, diagnostics) = parse(SCHEMA);
        let schema = schema.unwrap_or_else(|| panic!("{diagnostics:?}"));
        let root = schema.main_root(None).expect("a root");
        let mut state = State::new(schema.clone(), root, 1);
        state.begin();
        let tree = json::parse(
            r#"[{"ID": "a", "Team": "red", "Hand": [1, 2]}, {"ID": "b", "Team": "red"}, {"ID": "c", "Team": "blue"}]"#,
        );
        let tree = tree.expect("JSON");
        let ty = schema.get(root).fields[1].ty.clone();
        let players = state.import(&ty, &tree.value(tree.root())).expect("fits");
        state.store(state.root(root).expect("there"), root, 1, players).expect("stored");
        state.commit();
        state.take_changes();
        let profile = Arc::new(Profile::same(&schema, root));
        Table { encoder: Encoder::new(schema.clone(), root), schema, state, profile }
    }

    fn player(&self, at: i64) -> u64 {
        let root = self.state.main_root();
        let list = self.state.load(self.state.root(root).expect("there"), root, 1).expect("live");
        self.state.list_get(list, at).expect("in range")
    }

    /// Writes a field of a player, from JSON.
    fn write(&mut self, at: i64, field: &str, value: &str) {
        let ty = self.schema.by_name("Player").expect("a type");
        let field = self.schema.get(ty).field(field).expect("a field");
        let of: Type = self.schema.get(ty).fields[field].ty.clone();
        let tree = json::parse(value).expect("JSON");
        let slot = self.state.import(&of, &tree.value(tree.root())).expect("fits");
        self.state.store(self.player(at), ty, field as u32, slot).expect("stored");
    }

    fn transaction(&mut self, run: impl FnOnce(&mut Table)) -> Changes {
        self.state.begin();
        run(self);
        self.state.commit();
        self.state.take_changes()
    }

    fn sight(&self, id: &str, team: &str) -> Sight {
        let team = (!team.is_empty()).then(|| Value::str(team));
        Sight { team, ..Sight::new(id, self.profile.clone()) }
    }

    fn patch(&mut self, changes: &Changes, sights: &[(&Sight, &Sight)]) -> Patches {
        let viewers: Vec<_> = sights.iter().map(|(before, now)| ViewerSights { before, now }).collect();
        self.encoder.patch(&self.state, changes, &viewers)
    }
}

/// What one viewer is sent.
fn bytes(patches: &Patches, viewer: usize) -> Vec<u8> {
    let of = patches.of[viewer];
    let public = of.public.map_or(&[][..], |index| &patches.public[index as usize]);
    let private = of.private.map_or(&[][..], |index| &patches.private[index as usize]);
    [public, private].concat()
}

#[test]
fn a_private_change_reaches_its_owner_and_nobody_else() {
    let mut table = Table::new();
    let (a, b) = (table.sight("a", "red"), table.sight("b", "red"));
    let changes = table.transaction(|table| table.write(0, "Hand", "[1, 2, 7]"));
    let patches = table.patch(&changes, &[(&a, &a), (&b, &b)]);
    assert_eq!(bytes(&patches, 0), [11, 1, 13, 4, 2, 14], "Players, the first, Hand, insert at 2: 7");
    assert!(patches.of[1].is_empty() && patches.public.is_empty());
    let viewers = [&a, &b].map(|sight| ViewerSights { before: sight, now: sight });
    assert_eq!(table.encoder.concerns(&table.state, &changes, &viewers), Concerns::Some(vec![0]));
}

#[test]
fn a_private_body_follows_the_public_one_by_way_of_home() {
    let mut table = Table::new();
    let a = table.sight("a", "red");
    let changes = table.transaction(|table| {
        table.write(0, "Hand", "[1, 2, 7]");
        table.write(1, "X", "1.0");
    });
    let patches = table.patch(&changes, &[(&a, &a)]);
    assert_eq!(patches.public[0][..], [11, 3, 16, 5], "the second's X, two steps; a difference would not be shorter");
    assert_eq!(patches.private[0][..], [1, 11, 1, 13, 4, 2, 14]);
}

#[test]
fn changing_teams_hides_and_shows() {
    let mut table = Table::new();
    let sights = [table.sight("a", "red"), table.sight("b", "red"), table.sight("c", "blue")];
    let changes = table.transaction(|table| table.write(0, "Team", "\"blue\""));
    let moved = table.sight("a", "blue");
    let [a, b, c] = &sights;
    let patches = table.patch(&changes, &[(a, &moved), (b, b), (c, c)]);
    let team = [11, 1, 10, 4, b'b', b'l', b'u', b'e'];
    assert_eq!(patches.public[0][..], team, "everybody sees teams");
    // a sees its own plan as before, the one of b no more, that of c newly.
    assert_eq!(bytes(&patches, 0)[8..], [1, 11, 3, 2, 4, 0, 1, 14, 0]);
    assert_eq!(bytes(&patches, 1)[8..], [1, 11, 1, 2, 4], "hidden");
    assert_eq!(bytes(&patches, 2)[8..], [1, 11, 1, 14, 0], "shown");
}

#[test]
fn who_is_told_the_same_shares_a_body() {
    let mut table = Table::new();
    let sights: Vec<Sight> = (0..50).map(|n| table.sight(&format!("v{n}"), ["red", "blue", ""][n % 3])).collect();
    let changes = table.transaction(|table| {
        table.write(0, "Plan", "5");
        table.write(2, "Plan", "6");
    });
    let all: Vec<_> = sights.iter().map(|sight| (sight, sight)).collect();
    let patches = table.patch(&changes, &all);
    assert_eq!(patches.private.len(), 2);
    assert!(patches.of.iter().enumerate().all(|(n, of)| of.is_empty() == (n % 3 == 2)));
}

#[test]
fn less_than_a_step_is_no_change() {
    let mut table = Table::new();
    let a = table.sight("a", "red");
    for (x, sent) in [("0.2", false), ("-0.1", false), ("0.4", true), ("0.6", false)] {
        let changes = table.transaction(|table| table.write(0, "X", x));
        assert_eq!(table.patch(&changes, &[(&a, &a)]).of[0].is_empty(), !sent, "{x}");
    }
}

#[test]
fn a_hidden_field_of_a_new_element_goes_to_who_sees_it() {
    let mut table = Table::new();
    let (d, b) = (table.sight("d", ""), table.sight("b", "red"));
    let changes = table.transaction(|table| {
        let root = table.state.main_root();
        let list = table.state.load(table.state.root(root).expect("there"), root, 1).expect("live");
        let ty = Type::Struct(table.schema.by_name("Player").expect("a type"));
        let tree = json::parse(r#"{"ID": "d", "Hand": [9]}"#).expect("JSON");
        let value = table.state.import(&ty, &tree.value(tree.root())).expect("fits");
        table.state.list_insert(list, 0, value).expect("inserted");
    });
    let patches = table.patch(&changes, &[(&d, &d), (&b, &b)]);
    assert_eq!(patches.public[0][..], [11, 4, 0, 0b1100, 1, b'd', 0, 1]);
    assert_eq!(patches.private[0][..], [2, 11, 1, 12, 1, 18], "from a list, home is 2");
    assert_eq!(patches.of[1].private, None);
}

//! Changes of the effective state: whoever has its content from before, and looks up nothing but the places that changes
//! name, has its content now.

use statewright_types::random::Streams;
use statewright_types::{StructId, Type, Value};

use super::fixture::{self, load, store, value};
use super::model::Model;
use super::overlay::apply;
use crate::state::{Changes, Course, MapKey, OldValue, Operation, Origin, Shown, State};

/// A follower of a state: what it had before, and the changes since.
struct Follower<'a> {
    state: &'a State,
    changes: &'a Changes,
}

impl Follower<'_> {
    fn whole(&self, ty: &Type, slot: u64) -> Value {
        self.state.export(ty, slot).expect("it is there")
    }

    fn follow(&self, ty: &Type, slot: u64, before: &Value) -> Value {
        match (ty, before) {
            (Type::Nullable(_), Value::Null) => before.clone(),
            (Type::Nullable(inner), before) => self.follow(inner, slot, before),
            (Type::Struct(id), before) => self.follow_record(*id, slot, before),
            (Type::List(element), Value::List(before)) => self.follow_list(element, slot, before),
            (Type::Map(_, value), Value::Map(before)) => self.follow_map(ty, value, slot, before),
            _ => before.clone(),
        }
    }

    fn follow_record(&self, id: StructId, record: u64, before: &Value) -> Value {
        let change = self.changes.records.iter().find(|change| (change.ty, change.record) == (id, record));
        let fields = self.state.schema().get(id).fields.iter().enumerate().map(|(at, field)| {
            let at = at as u32;
            let slot = self.state.load(record, id, at).expect("whoever is followed is there");
            let before = before.get(&field.name).expect("a field");
            let marked = change.filter(|change| change.fields.contains(at));
            if let Some(change) = marked {
                self.check_old(&field.ty, self.changes.old_of(change, at), before);
            }
            let now = match marked.is_some() {
                // Of structs, lists and maps that cannot be null, no field is marked.
                true => self.whole(&field.ty, slot),
                false => self.follow(&field.ty, slot, before),
            };
            (field.name.clone(), now)
        });
        Value::Map(fields.collect())
    }

    /// What was before is what was seen before, and known of floats.
    fn check_old(&self, ty: &Type, old: Option<OldValue<'_>>, before: &Value) {
        let expected = match before {
            Value::Null => OldValue::Null,
            Value::Float(number) => OldValue::Number(number.to_bits()),
            Value::Str(text) => OldValue::Text(text),
            Value::Int(number) => OldValue::Number(*number as u64),
            _ => return,
        };
        assert!(old.is_some() || !ty.is_float());
        assert!(old.is_none_or(|old| old == expected), "{old:?} was {before:?}");
    }

    fn operations(&self, container: u64) -> &[Operation] {
        let change = self.changes.containers.iter().find(|change| change.container == container);
        change.map_or(&[], |change| &change.operations)
    }

    fn follow_list(&self, element: &Type, list: u64, before: &[Value]) -> Value {
        let slots = self.state.list_slots(list);
        let mut elements: Vec<Option<Value>> = before.iter().cloned().map(Some).collect();
        if let Some(change) = self.changes.containers.iter().find(|change| change.container == list) {
            let old = std::mem::take(&mut elements);
            for piece in change.course.pieces() {
                elements.extend((0..piece.count).map(|by| match piece.origin.ahead(by) {
                    Origin::Kept(from) => old[from as usize].clone(),
                    Origin::Overwritten(_) | Origin::New => None,
                }));
            }
        }
        assert_eq!(elements.len(), slots.len(), "list {list}: {:?}", self.changes.containers);
        let now = |(before, slot): (Option<Value>, &u64)| match before {
            Some(before) => self.follow(element, *slot, &before),
            None => self.whole(element, *slot),
        };
        Value::List(elements.into_iter().zip(slots).map(now).collect())
    }

    fn follow_map(&self, ty: &Type, value: &Type, map: u64, before: &[(std::sync::Arc<str>, Value)]) -> Value {
        let Value::Map(whole) = self.whole(ty, map) else { panic!("a map") };
        let mut before: Vec<_> = before.iter().cloned().map(|(key, value)| (key, Some(value))).collect();
        let is = |name: &str, key: &MapKey| match key {
            MapKey::Text(text) => &**text == name,
            MapKey::Int(number) => name == number.to_string() || name == (*number as i64).to_string(),
        };
        for operation in self.operations(map) {
            match operation {
                Operation::Put { key, .. } => {
                    before.retain(|(name, _)| !is(name, key));
                    let name = whole.iter().find(|(name, _)| is(name, key)).expect("it stays").0.clone();
                    before.push((name, None));
                }
                Operation::Delete { key } => before.retain(|(name, _)| !is(name, key)),
                Operation::Replace => before = whole.iter().map(|(name, _)| (name.clone(), None)).collect(),
                other => panic!("{other:?} of a map"),
            }
        }
        assert_eq!(before.len(), whole.len(), "map {map}");
        let slots = self.state.list_slots(map).to_vec();
        let entries = whole.into_iter().zip(slots).map(|((name, whole), slot)| {
            let (_, before) = before.iter().find(|(other, _)| *other == name).expect("the key is known");
            let now = before.as_ref().map_or(whole, |before| self.follow(value, slot, before));
            (name, now)
        });
        Value::Map(entries.collect())
    }
}

/// Runs `body` with the effects of that script on; 0 is none.
fn effective<R>(model: &mut Model, script: u64, body: impl FnOnce(&State) -> R) -> R {
    model.state.begin();
    if script != 0 {
        apply(model, script);
    }
    let result = body(&model.state);
    model.state.rollback();
    result
}

fn take(model: &mut Model, sent: &mut Shown, script: u64) -> Changes {
    let mut changes = model.state.take_changes();
    let now = effective(model, script, State::shown);
    sent.rewrite(&now, &mut changes, &model.state);
    *sent = now;
    changes
}

#[test]
fn changes_lead_from_what_was_seen_to_what_is_seen() {
    let mut idle = 0;
    for seed in 0..250 {
        let state = fixture::state();
        let mut model = Model { value: state.to_value(), state, dice: Streams::new(seed) };
        let mut scripts = Streams::new(seed ^ 0x5e47);
        let (mut sent, mut script) = (Shown::default(), 0);
        let root = model.state.main_root();
        let export = |state: &State| state.export(&Type::Struct(root), state.root(root).expect("it is there"));
        let mut seen = export(&model.state).expect("a root");
        model.state.take_changes();
        for step in 0..14 {
            for _ in 0..scripts.int("writes", 0, 6) {
                model.state.begin();
                model.write();
                model.state.commit();
            }
            // Effects stay, change, or go.
            match scripts.int("effects", 0, 5) {
                0 => script = 0,
                1 | 2 => script = scripts.int("script", 1, 1 << 40) as u64,
                _ => {}
            }
            let changes = take(&mut model, &mut sent, script);
            seen = effective(&mut model, script, |state| {
                let follower = Follower { state, changes: &changes };
                let now = follower.follow_record(root, state.root(root).expect("it is there"), &seen);
                assert_eq!(now, export(state).expect("a root"), "seed {seed}, step {step}");
                now
            });
            let again = take(&mut model, &mut sent, script);
            assert!(again.is_empty(), "seed {seed}, step {step}: nothing changed, and yet {again:?}");
            idle += usize::from(script != 0);
        }
    }
    assert!(idle > 1000, "effects must be on most of the time");
}

#[test]
fn what_effects_hide_or_show_as_before_is_no_change() {
    let mut state = fixture::state();
    let board = load(&state, 0, "Game.Board");
    state.begin();
    let card = value(&mut state, "Card", r#"{"ID": 1}"#);
    state.list_insert(board, 0, card).expect("room");
    state.commit();
    let card = state.list_get(board, 0).expect("the card");
    state.take_changes();
    // One effect hides the card, and says what round it is.
    let shown = |state: &mut State| {
        state.begin();
        state.overlay_begin();
        state.overlay_layer(1);
        let board = load(state, 0, "Game.Board");
        state.list_remove(board, 0).expect("a card");
        store(state, 0, "Game.Round", 50);
        state.overlay_keep();
        let shown = state.shown();
        state.rollback();
        shown
    };
    let first = shown(&mut state);
    let mut changes = state.take_changes();
    Shown::default().rewrite(&first, &mut changes, &state);
    assert_eq!(changes.records.len(), 1, "the round");
    assert_eq!((changes.containers.len(), changes.containers[0].container), (1, board));
    assert_eq!(changes.containers[0].course, Course::from_origins(1, []), "the card is gone");
    store(&mut state, card, "Card.Name", 0);
    let name = state.string("ace");
    store(&mut state, card, "Card.Name", name);
    store(&mut state, 0, "Game.Round", 7);
    let mut changes = state.take_changes();
    assert_eq!(changes.records.len(), 2);
    first.rewrite(&shown(&mut state), &mut changes, &state);
    assert!(changes.is_empty(), "{changes:?}");
    let mut changes = state.take_changes();
    first.rewrite(&Shown::default(), &mut changes, &state);
    assert_eq!((changes.records.len(), changes.containers.len()), (1, 1), "both are back");
}

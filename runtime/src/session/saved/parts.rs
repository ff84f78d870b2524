//! Parts of a saved session that also stand by themselves, as in test files: where random streams stand, and what handlers
//! arranged.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::Value;
use statewright_types::random::{Generator, StreamState};

use super::reader::Part;
use super::{LoadError, SavedLedger};
use crate::ledger::{EffectUse, FilterUse, FilterUses, Ledger, Scheduled};

type Read<T> = Result<T, LoadError>;

pub(super) fn text(text: &Arc<str>) -> Value {
    Value::Str(text.clone())
}

pub(super) fn entries<'a, V: 'a>(of: impl IntoIterator<Item = (&'a Arc<str>, V)>, value: impl Fn(V) -> Value) -> Value {
    Value::Map(of.into_iter().map(|(key, inner)| (key.clone(), value(inner))).collect())
}

/// Where streams stand, by name: the words of each generator.
pub fn streams_value(streams: &[(Arc<str>, StreamState)]) -> Value {
    let words = |state: &StreamState| match state {
        StreamState::Xoshiro(words) => Value::List(words.iter().map(|word| Value::from(i64::from(*word))).collect()),
        StreamState::Mulberry(word) => Value::from(i64::from(*word)),
    };
    entries(streams.iter().map(|(name, state)| (name, state)), words)
}

/// What [`streams_value`] gave.
///
/// # Errors
/// [`LoadError::Malformed`] says which stream has no words of `generator`.
pub fn streams(value: &Value, generator: Generator) -> Read<Vec<(Arc<str>, StreamState)>> {
    read_streams(Part::new(value, "streams"), generator)
}

pub(super) fn read_streams(part: Part<'_>, generator: Generator) -> Read<Vec<(Arc<str>, StreamState)>> {
    let stream = |(name, state): (&Arc<str>, Part<'_>)| {
        let state = match generator {
            Generator::Xoshiro128PlusPlus => {
                let words: Vec<u32> = state.list()?.map(Part::word).collect::<Read<_>>()?;
                let Ok(words) = words.try_into() else { return state.bad("four words") };
                StreamState::Xoshiro(words)
            }
            Generator::Mulberry32 | Generator::Mulberry32Raw => StreamState::Mulberry(state.word()?),
        };
        Ok((name.clone(), state))
    };
    part.entries()?.map(stream).collect()
}

impl SavedLedger {
    /// As a value for JSON.
    pub fn to_value(&self) -> Value {
        ledger(self)
    }

    /// What [`SavedLedger::to_value`] gave, also after it was written and read as JSON.
    ///
    /// # Errors
    /// [`LoadError::Malformed`] says what is missing or of another kind.
    pub fn from_value(value: &Value) -> Read<SavedLedger> {
        read_ledger(Part::new(value, "ledger"))
    }

    /// Whether a session can have it at that session time.
    ///
    /// # Errors
    /// Says what cannot be: two things of one number or id, or one that was due before.
    pub fn check(&self, now_ms: i64) -> Result<(), String> {
        Ledger::load(usize::MAX, self, now_ms).map(drop)
    }
}

fn ledger(ledger: &SavedLedger) -> Value {
    let scheduled = ledger.scheduled.iter().map(|((due_ms, number), Scheduled { event, params })| {
        Value::map([
            ("due", Value::Int(*due_ms)),
            ("number", Value::uint(*number)),
            ("event", text(event)),
            ("params", params.clone()),
        ])
    });
    let filter =
        |FilterUse { filter, params }: &FilterUse| Value::map([("filter", text(filter)), ("params", params.clone())]);
    Value::map([
        ("numbered", Value::uint(ledger.numbered)),
        ("scheduled", Value::List(scheduled.collect())),
        ("filters", entries(&ledger.filters, |uses| entries(uses, filter))),
        ("effectsAdded", Value::uint(ledger.effects_added)),
        ("effects", Value::List(ledger.effects.iter().map(effect).collect())),
    ])
}

fn effect(effect: &EffectUse) -> Value {
    let EffectUse { id, effect, params, activator, priority, number, stacks, due_ms } = effect;
    Value::map([
        ("id", text(id)),
        ("effect", text(effect)),
        ("params", params.clone()),
        ("activator", text(activator)),
        ("priority", Value::Int(*priority)),
        ("number", Value::uint(*number)),
        ("stacks", Value::uint(u64::from(*stacks))),
        ("due", due_ms.map_or(Value::Null, Value::Int)),
    ])
}

fn read_effect(part: Part<'_>) -> Read<EffectUse> {
    let due = part.get("due")?;
    Ok(EffectUse {
        id: part.get("id")?.text()?,
        effect: part.get("effect")?.text()?,
        params: part.get("params")?.value().clone(),
        activator: part.get("activator")?.text()?,
        priority: part.get("priority")?.int()?,
        number: part.get("number")?.count()?,
        stacks: part.get("stacks")?.word()?,
        due_ms: if *due.value() == Value::Null { None } else { Some(due.int()?) },
    })
}

pub(super) fn read_ledger(part: Part<'_>) -> Read<SavedLedger> {
    let mut scheduled = BTreeMap::new();
    for part in part.get("scheduled")?.list()? {
        let key = (part.get("due")?.int()?, part.get("number")?.count()?);
        let params = part.get("params")?.value().clone();
        scheduled.insert(key, Scheduled { event: part.get("event")?.text()?, params });
    }
    let mut filters = BTreeMap::new();
    for (viewer, uses) in part.get("filters")?.entries()? {
        let filter = |(id, part): (&Arc<str>, Part<'_>)| {
            let params = part.get("params")?.value().clone();
            Ok((id.clone(), FilterUse { filter: part.get("filter")?.text()?, params }))
        };
        filters.insert(viewer.clone(), uses.entries()?.map(filter).collect::<Read<FilterUses>>()?);
    }
    Ok(SavedLedger {
        numbered: part.get("numbered")?.count()?,
        scheduled,
        filters,
        effects_added: part.get("effectsAdded")?.count()?,
        effects: part.get("effects")?.list()?.map(read_effect).collect::<Read<_>>()?,
    })
}

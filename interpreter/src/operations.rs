//! Operations that are more than a line, by their slots: for every execution that calls the context's methods.

use std::sync::Arc;

use statewright_runtime::context::{Context, Recipients};
use statewright_runtime::ledger::EffectUse;
use statewright_runtime::state::State;
use statewright_types::{StructId, TrapCode, Type, number, scalar};

/// What `text` is made of.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum TextKind {
    Bool,
    Int,
    UInt,
    Float,
}

/// What a list is ordered by.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum SortKey {
    Int,
    UInt,
    Float,
    Text,
}

/// Whom an event goes to.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Recipient {
    All,
    One,
    Many,
    Except,
}

/// What is done to a root.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum RootChange {
    Activate,
    Deactivate,
    IsActive,
    Reset,
}

/// What is arranged with the session.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Arrangement {
    Kick,
    Schedule,
    Unschedule,
    FilterAdd,
    FilterRemove,
    FilterHas,
    EffectRemove,
    EffectHas,
    ConfigSet,
    ConfigReload,
}

/// `text` of what is not text already.
#[inline(never)]
pub fn text_of(cx: &mut Context<'_>, kind: TextKind, slot: u64) -> u64 {
    match kind {
        TextKind::Bool => cx.state.string(if slot != 0 { "true" } else { "false" }),
        TextKind::Int => cx.state.string(&(slot as i64).to_string()),
        TextKind::UInt => cx.state.string(&slot.to_string()),
        TextKind::Float => cx.state.string(&number::float_text(f64::from_bits(slot))),
    }
}

/// `concat`; the length is checked before anything is built, in `buffer`.
///
/// # Errors
/// `memory_limit`
#[inline(never)]
pub fn concat(cx: &mut Context<'_>, buffer: &mut String, parts: &[u64]) -> Result<u64, TrapCode> {
    let bytes: u64 = parts.iter().map(|part| cx.state.str(*part).len() as u64).sum();
    if bytes > cx.meter.limits.string_bytes {
        return Err(TrapCode::MemoryLimit);
    }
    // One text is itself; 0 would be null where a text may be.
    if let [only] = *parts
        && only != 0
    {
        return Ok(only);
    }
    buffer.clear();
    parts.iter().for_each(|part| buffer.push_str(cx.state.str(*part)));
    Ok(cx.state.string(buffer))
}

/// A copy of `text`, so that the state can be borrowed again.
pub fn copy<'b>(buffer: &'b mut String, text: &str) -> &'b str {
    buffer.clear();
    buffer.push_str(text);
    buffer
}

/// `str.at`
///
/// # Errors
/// `index_out_of_range`
#[inline(never)]
pub fn str_at(cx: &mut Context<'_>, buffer: &mut String, text: u64, index: i64) -> Result<u64, TrapCode> {
    let character = copy(buffer, scalar::text_at(cx.state.str(text), index)?);
    Ok(cx.state.string(character))
}

/// `record.new`
#[inline(never)]
pub fn record_new(cx: &mut Context<'_>, ty: &Type, fields: &[u64]) -> u64 {
    match ty {
        Type::Record(record) => cx.state.record_new(record, fields),
        _ => 0,
    }
}

/// `emit.*`
///
/// # Errors
/// As [`Context::emit`].
#[inline(never)]
pub fn emit(
    cx: &mut Context<'_>,
    to: Recipient,
    whom: u64,
    kind: u64,
    payload: Option<(&Type, u64)>,
) -> Result<(), TrapCode> {
    let to = match to {
        Recipient::All => Recipients::All,
        Recipient::One => Recipients::Players(vec![Arc::from(cx.state.str(whom))]),
        Recipient::Many => {
            let mut ids = Vec::new();
            for index in 0..cx.state.list_len(whom) {
                let id = cx.state.list_get(whom, i64::try_from(index).unwrap_or(i64::MAX))?;
                ids.push(Arc::from(cx.state.str(id)));
            }
            Recipients::Players(ids)
        }
        Recipient::Except => Recipients::Except(Arc::from(cx.state.str(whom))),
    };
    cx.emit(kind, to, payload)
}

/// `kick`, `schedule`, `filter.*`…; gives the result, 0 if there is none.
///
/// # Errors
/// As the context's method.
#[inline(never)]
pub fn arrange(
    cx: &mut Context<'_>,
    what: Arrangement,
    [a, b, c]: [u64; 3],
    payload: Option<(&Type, u64)>,
) -> Result<u64, TrapCode> {
    Ok(match what {
        Arrangement::Kick => u64::from(cx.kick(a, b)),
        Arrangement::Schedule => cx.schedule(a, b as i64, payload)? as u64,
        Arrangement::Unschedule => u64::from(cx.unschedule(a as i64)),
        Arrangement::FilterAdd => {
            cx.add_filter(a, b, c, payload)?;
            0
        }
        Arrangement::FilterRemove => u64::from(cx.remove_filter(a, b)),
        Arrangement::ConfigSet => {
            if let Some((ty, value)) = payload {
                cx.state.config_set(a, ty, value)?;
            }
            0
        }
        Arrangement::ConfigReload => {
            cx.state.config_reload();
            0
        }
        Arrangement::FilterHas => u64::from(cx.has_filter(a, b)),
        Arrangement::EffectRemove => u64::from(cx.remove_effect(a)?),
        Arrangement::EffectHas => u64::from(cx.has_effect(a)),
    })
}

/// `effect.add`
///
/// # Errors
/// As [`Context::add_effect`].
#[inline(never)]
pub fn effect_add(
    cx: &mut Context<'_>,
    [id, effect, activator, duration, priority, stacks, once]: [u64; 7],
    params: Option<(&Type, u64)>,
) -> Result<(), TrapCode> {
    let effect = EffectUse {
        id: cx.state.shared_str(id),
        effect: cx.state.shared_str(effect),
        params: cx.payload(params)?,
        activator: cx.state.shared_str(activator),
        priority: priority as i64,
        number: 0,
        stacks: 0,
        due_ms: cx.effect_end(duration as i64)?,
    };
    cx.add_effect(effect, stacks as i64, once != 0)
}

/// `root.*`; gives the result, false if there is none.
///
/// # Errors
/// As the context's method.
#[inline(never)]
pub fn change_root(cx: &mut Context<'_>, what: RootChange, ty: StructId) -> Result<bool, TrapCode> {
    Ok(match what {
        RootChange::Activate => cx.root_activate(ty)?,
        RootChange::Deactivate => cx.root_deactivate(ty)?,
        RootChange::IsActive => cx.state.root_is_active(ty),
        RootChange::Reset => {
            cx.root_reset(ty)?;
            false
        }
    })
}

/// The slot of `text`, kept at `index`, made when it is first asked for.
pub fn once(strings: &mut Vec<u64>, index: usize, state: &mut State, text: &str) -> u64 {
    if strings.len() <= index {
        strings.resize(index + 1, 0);
    }
    let slot = &mut strings[index];
    if *slot == 0 {
        *slot = state.string(text);
    }
    *slot
}

/// `message` of a node of a function; a value that cannot be shown is left out.
#[inline(never)]
pub fn message(cx: &mut Context<'_>, function: &str, node: &str, text: u64, value: Option<(&Type, u64)>) {
    if let Some(tracer) = &mut cx.tracer {
        let value = value.and_then(|(ty, slot)| cx.state.export(ty, slot).ok());
        tracer.message(cx.handler, function, node, cx.state.str(text), value);
    }
}

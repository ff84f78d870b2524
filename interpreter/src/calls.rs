//! Operations that are more than a line: text, events, operand lists, tracing. Kept out of the loop, so that it
//! stays small.

use std::sync::Arc;

use statewright_runtime::context::{Context, Recipients};
use statewright_runtime::ledger::EffectUse;
use statewright_types::{StructId, TrapCode, Type, number, scalar};

use crate::code::{Arrangement, Code, FloatBinary, FloatUnary, Recipient, Reg, RootChange, Rounding, TextKind};

/// Buffers for building texts and operand lists.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    text: String,
    slots: Vec<u64>,
}

impl Scratch {
    /// A copy of `text`, so that the state can be borrowed again.
    pub fn copy(&mut self, text: &str) -> &str {
        self.text.clear();
        self.text.push_str(text);
        &self.text
    }
}

/// The values of a counted operand list in `extra`, at `x`.
pub(crate) fn operands<'a>(scratch: &'a mut Scratch, regs: &[u64], extra: &[u32], x: u32) -> &'a [u64] {
    let (count, rest) = extra.get(x as usize..).and_then(<[u32]>::split_first).unwrap_or((&0, &[]));
    scratch.slots.clear();
    scratch.slots.extend(rest.iter().take(*count as usize).map(|reg| regs[*reg as usize]));
    &scratch.slots
}

pub(crate) fn float_unary(f: FloatUnary, a: f64) -> f64 {
    match f {
        FloatUnary::Sign => scalar::fsign(a),
        FloatUnary::Sqrt => scalar::fsqrt(a),
        FloatUnary::Sin => scalar::fsin(a),
        FloatUnary::Cos => scalar::fcos(a),
        FloatUnary::Tan => scalar::ftan(a),
        FloatUnary::Asin => scalar::fasin(a),
        FloatUnary::Exp => scalar::fexp(a),
        FloatUnary::Log => scalar::flog(a),
        FloatUnary::Round32 => scalar::fround32(a),
    }
}

pub(crate) fn float_binary(f: FloatBinary, a: f64, b: f64) -> f64 {
    match f {
        FloatBinary::Rem => scalar::frem(a, b),
        FloatBinary::Min => scalar::fmin(a, b),
        FloatBinary::Max => scalar::fmax(a, b),
        FloatBinary::Atan2 => scalar::fatan2(a, b),
        FloatBinary::Pow => scalar::fpow(a, b),
    }
}

pub(crate) fn float_to_int(rounding: Rounding, a: f64) -> Result<i64, TrapCode> {
    match rounding {
        Rounding::Floor => scalar::ftoi_floor(a),
        Rounding::Ceil => scalar::ftoi_ceil(a),
        Rounding::Round => scalar::ftoi_round(a),
        Rounding::Trunc => scalar::ftoi_trunc(a),
    }
}

/// `text` of what is not text already.
#[inline(never)]
pub(crate) fn text_of(cx: &mut Context<'_>, kind: TextKind, slot: u64) -> u64 {
    match kind {
        TextKind::Bool => cx.state.string(if slot != 0 { "true" } else { "false" }),
        TextKind::Int => cx.state.string(&(slot as i64).to_string()),
        TextKind::UInt => cx.state.string(&slot.to_string()),
        TextKind::Float => cx.state.string(&number::float_text(f64::from_bits(slot))),
    }
}

/// `concat`; the length is checked before anything is built.
#[inline(never)]
pub(crate) fn concat(
    cx: &mut Context<'_>,
    scratch: &mut Scratch,
    regs: &[u64],
    parts: &[Reg],
) -> Result<u64, TrapCode> {
    let part = |reg: &Reg| cx.state.str(regs[*reg as usize]);
    let bytes: u64 = parts.iter().map(|reg| part(reg).len() as u64).sum();
    if bytes > cx.meter.limits.string_bytes {
        return Err(TrapCode::MemoryLimit);
    }
    // One text is itself; 0 would be null where a text may be.
    if let [only] = parts
        && regs[*only as usize] != 0
    {
        return Ok(regs[*only as usize]);
    }
    scratch.text.clear();
    for reg in parts {
        scratch.text.push_str(part(reg));
    }
    Ok(cx.state.string(&scratch.text))
}

/// `str.at`
#[inline(never)]
pub(crate) fn str_at(cx: &mut Context<'_>, scratch: &mut Scratch, text: u64, index: i64) -> Result<u64, TrapCode> {
    let character = scratch.copy(scalar::text_at(cx.state.str(text), index)?);
    Ok(cx.state.string(character))
}

/// `record.new`
#[inline(never)]
pub(crate) fn record_new(cx: &mut Context<'_>, ty: &Type, fields: &[u64]) -> u64 {
    match ty {
        Type::Record(record) => cx.state.record_new(record, fields),
        _ => 0,
    }
}

/// `emit.*`
#[inline(never)]
pub(crate) fn emit(
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
#[inline(never)]
pub(crate) fn arrange(
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
#[inline(never)]
pub(crate) fn effect_add(
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
#[inline(never)]
pub(crate) fn change_root(cx: &mut Context<'_>, what: RootChange, ty: StructId) -> Result<bool, TrapCode> {
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

/// The node of an instruction; "" for none.
pub(crate) fn node(code: &Code, pc: usize) -> &str {
    code.nodes.get(pc).and_then(|tag| code.node_ids.get(*tag as usize)).map_or("", |id| id)
}

/// `enter`
#[inline(never)]
pub(crate) fn enter(cx: &mut Context<'_>, code: &Code, pc: usize) {
    cx.trace_enter(&code.name, node(code, pc));
}

/// `message`; a value that cannot be shown is left out.
#[inline(never)]
pub(crate) fn message(cx: &mut Context<'_>, code: &Code, pc: usize, text: u64, value: Option<(&Type, u64)>) {
    if let Some(tracer) = &mut cx.tracer {
        let value = value.and_then(|(ty, slot)| cx.state.export(ty, slot).ok());
        tracer.message(cx.handler, &code.name, node(code, pc), cx.state.str(text), value);
    }
}

/// `leave`
#[inline(never)]
pub(crate) fn leave(cx: &mut Context<'_>, code: &Code, pc: usize) {
    cx.trace_leave(&code.name, node(code, pc));
}

/// `probe`
#[inline(never)]
pub(crate) fn probe(cx: &mut Context<'_>, code: &Code, pc: usize, port: &str, ty: &Type, slot: u64) {
    cx.trace_port(&code.name, node(code, pc), port, (ty, slot));
}

/// `watch`
#[inline(never)]
pub(crate) fn watch(cx: &mut Context<'_>, ty: &Type, name: &str, slot: u64) -> u64 {
    cx.trace_read(name, ty, slot)
}

//! Operations on text that make new texts or lists, and the ordering of a list. Kept out of the loop, so that it
//! stays small.

use std::cmp::Ordering;

use statewright_runtime::context::Context;
use statewright_types::{TrapCode, Type, scalar, text};

use crate::operations::SortKey;

/// `str.replace`
#[inline(never)]
pub fn replace(cx: &mut Context<'_>, whole: u64, old: u64, new: u64) -> Result<u64, TrapCode> {
    let limit = cx.meter.limits.string_bytes;
    let result = text::replace(cx.state.str(whole), cx.state.str(old), cx.state.str(new), limit)?;
    Ok(cx.state.string(&result))
}

/// `str.split`; the number of parts is checked before they are made.
#[inline(never)]
pub fn split(cx: &mut Context<'_>, whole: u64, separator: u64) -> Result<u64, TrapCode> {
    let parts = text::split(cx.state.str(whole), cx.state.str(separator));
    if parts.count() as u64 > cx.meter.limits.entries {
        return Err(TrapCode::MemoryLimit);
    }
    let parts = text::split(cx.state.str(whole), cx.state.str(separator));
    let parts: Vec<String> = parts.map(str::to_owned).collect();
    let parts: Vec<u64> = parts.iter().map(|part| cx.state.string(part)).collect();
    cx.state.list_new(&Type::list(Type::String), &parts)
}

/// `str.join`; the length is checked before anything is built.
#[inline(never)]
pub fn join(cx: &mut Context<'_>, list: u64, separator: u64) -> Result<u64, TrapCode> {
    let slots = cx.state.list_slots(list);
    let between = cx.state.str(separator);
    let texts = || slots.iter().map(|slot| cx.state.str(*slot));
    let gaps = (slots.len() as u64).saturating_sub(1).saturating_mul(between.len() as u64);
    let bytes = texts().map(|text| text.len() as u64).sum::<u64>().saturating_add(gaps);
    if bytes > cx.meter.limits.string_bytes {
        return Err(TrapCode::MemoryLimit);
    }
    let mut joined = String::with_capacity(usize::try_from(bytes).unwrap_or(0));
    for (index, text) in texts().enumerate() {
        if index > 0 {
            joined.push_str(between);
        }
        joined.push_str(text);
    }
    Ok(cx.state.string(&joined))
}

/// `str.repeat`
#[inline(never)]
pub fn repeat(cx: &mut Context<'_>, text: u64, count: i64) -> Result<u64, TrapCode> {
    let result = text::repeat(cx.state.str(text), count, cx.meter.limits.string_bytes)?;
    Ok(cx.state.string(&result))
}

/// `str.upper`
#[inline(never)]
pub fn upper(cx: &mut Context<'_>, text: u64) -> Result<u64, TrapCode> {
    let result = text::upper(cx.state.str(text), cx.meter.limits.string_bytes)?;
    Ok(cx.state.string(&result))
}

/// `str.lower`
#[inline(never)]
pub fn lower(cx: &mut Context<'_>, text: u64) -> Result<u64, TrapCode> {
    let result = text::lower(cx.state.str(text), cx.meter.limits.string_bytes)?;
    Ok(cx.state.string(&result))
}

/// `str.format`
#[inline(never)]
pub fn format(cx: &mut Context<'_>, template: u64, names: u64, args: u64, kinds: &str) -> Result<u64, TrapCode> {
    let state = &*cx.state;
    let texts = |list: u64| state.list_slots(list).iter().map(|slot| state.str(*slot)).collect::<Vec<&str>>();
    let limit = cx.meter.limits.string_bytes;
    let result = text::format(state.str(template), &texts(names), &texts(args), kinds, limit)?;
    Ok(cx.state.string(&result))
}

/// `list.order`
#[inline(never)]
pub fn order(cx: &mut Context<'_>, key: SortKey, descending: bool, list: u64) -> Result<u64, TrapCode> {
    let state = &*cx.state;
    let slots = state.list_slots(list);
    let mut order: Vec<u64> = (0..slots.len() as u64).collect();
    let at = |position: &u64| slots.get(*position as usize).copied().unwrap_or(0);
    let directed = |ordering: Ordering| if descending { ordering.reverse() } else { ordering };
    match key {
        SortKey::Int => order.sort_by(|a, b| directed((at(a) as i64).cmp(&(at(b) as i64)))),
        SortKey::UInt => order.sort_by(|a, b| directed(at(a).cmp(&at(b)))),
        SortKey::Text => order.sort_by(|a, b| directed(scalar::cmp_text(state.str(at(a)), state.str(at(b))))),
        SortKey::Float => order.sort_by(|a, b| {
            let (a, b) = (f64::from_bits(at(a)), f64::from_bits(at(b)));
            // NaN is last whatever the direction.
            a.partial_cmp(&b).map_or_else(|| a.is_nan().cmp(&b.is_nan()), directed)
        }),
    }
    cx.state.list_new(&Type::list(Type::INT), &order)
}

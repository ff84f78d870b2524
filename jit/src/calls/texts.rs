//! Text.

use statewright_interpreter::operations::{self, TextKind};
use statewright_interpreter::texts as long;
use statewright_types::{scalar, text};

use super::{Call, Given, operands};
use crate::run::string_at;

/// The slot of the string constant of that number.
pub(super) fn constant(call: &mut Call<'_, '_>, [number, ..]: [u64; 3]) -> Given {
    Ok(call.work.strings.get(string_at(number as usize), call.cx.state, &call.site.text))
}

/// −1, 0 or 1.
pub(super) fn compare(call: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    Ok(scalar::cmp_text(call.cx.state.str(a), call.cx.state.str(b)) as i64 as u64)
}

pub(super) fn of_bool(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    Ok(operations::text_of(call.cx, TextKind::Bool, a))
}

pub(super) fn of_int(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    Ok(operations::text_of(call.cx, TextKind::Int, a))
}

pub(super) fn of_uint(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    Ok(operations::text_of(call.cx, TextKind::UInt, a))
}

pub(super) fn of_float(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    Ok(operations::text_of(call.cx, TextKind::Float, a))
}

pub(super) fn concat(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    operations::concat(call.cx, &mut call.work.text, operands(args))
}

pub(super) fn len(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    Ok(scalar::text_len(call.cx.state.str(a)) as u64)
}

pub(super) fn at(call: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    operations::str_at(call.cx, &mut call.work.text, a, b as i64)
}

pub(super) fn contains(call: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    Ok(u64::from(call.cx.state.str(a).contains(call.cx.state.str(b))))
}

pub(super) fn starts(call: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    Ok(u64::from(call.cx.state.str(a).starts_with(call.cx.state.str(b))))
}

pub(super) fn ends(call: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    Ok(u64::from(call.cx.state.str(a).ends_with(call.cx.state.str(b))))
}

pub(super) fn slice(call: &mut Call<'_, '_>, [a, start, count]: [u64; 3]) -> Given {
    let part = text::slice(call.cx.state.str(a), start as i64, count as i64);
    let part = operations::copy(&mut call.work.text, part);
    Ok(call.cx.state.string(part))
}

pub(super) fn find(call: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    Ok(text::find(call.cx.state.str(a), call.cx.state.str(b)) as u64)
}

pub(super) fn replace(call: &mut Call<'_, '_>, [a, b, c]: [u64; 3]) -> Given {
    long::replace(call.cx, a, b, c)
}

pub(super) fn split(call: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    long::split(call.cx, a, b)
}

pub(super) fn join(call: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    long::join(call.cx, a, b)
}

pub(super) fn repeat(call: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    long::repeat(call.cx, a, b as i64)
}

pub(super) fn upper(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    long::upper(call.cx, a)
}

pub(super) fn lower(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    long::lower(call.cx, a)
}

pub(super) fn trim(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    let part = operations::copy(&mut call.work.text, text::trim(call.cx.state.str(a)));
    Ok(call.cx.state.string(part))
}

pub(super) fn is_int(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    Ok(u64::from(text::parse_int(call.cx.state.str(a)).is_some()))
}

pub(super) fn to_int(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    Ok(text::parse_int(call.cx.state.str(a)).unwrap_or(0) as u64)
}

pub(super) fn is_float(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    Ok(u64::from(text::parse_float(call.cx.state.str(a)).is_some()))
}

pub(super) fn to_float(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    Ok(text::parse_float(call.cx.state.str(a)).unwrap_or(0.0).to_bits())
}

/// The letters of the arguments are the site's text.
pub(super) fn format(call: &mut Call<'_, '_>, [template, names, args]: [u64; 3]) -> Given {
    long::format(call.cx, template, names, args, &call.site.text)
}

pub(super) fn bytes_len(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    Ok(call.cx.state.get_bytes(a).len() as u64)
}

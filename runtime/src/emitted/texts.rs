//! Operations on text, and the ordering of a list.

use std::cmp::Ordering;

use statewright_types::{IntKind, TrapCode, Type, number, scalar, text};

use super::exit::{At, Flow};
use super::run::{Run, Slot};
use crate::context::Context;

impl Run<'_, '_> {
    /// `text` of a bool.
    pub fn bool_text(&mut self, a: bool) -> Slot {
        self.cx.state.string(if a { "true" } else { "false" })
    }

    /// `text` of an integer.
    pub fn int_text(&mut self, a: i64) -> Slot {
        self.cx.state.string(&a.to_string())
    }

    /// `text` of an unsigned integer.
    pub fn uint_text(&mut self, a: u64) -> Slot {
        self.cx.state.string(&a.to_string())
    }

    /// `text` of a float.
    pub fn float_text(&mut self, a: f64) -> Slot {
        self.cx.state.string(&number::float_text(a))
    }

    /// `concat`; the length is checked before anything is built.
    pub fn concat(&mut self, parts: &[Slot], node: &str) -> Flow<Slot> {
        let bytes: u64 = parts.iter().map(|part| self.str(*part).len() as u64).sum();
        if bytes > self.cx.meter.limits.string_bytes {
            return Err(TrapCode::MemoryLimit).at(node);
        }
        // One text is itself; 0 would be null where a text may be.
        if let [only] = parts
            && *only != 0
        {
            return Ok(*only);
        }
        let whole: String = parts.iter().map(|part| self.str(*part)).collect();
        Ok(self.cx.state.string(&whole))
    }

    /// `scmp`: how two texts are ordered.
    pub fn compare(&self, a: Slot, b: Slot) -> Ordering {
        scalar::cmp_text(self.str(a), self.str(b))
    }

    /// `str.len`
    pub fn str_len(&self, a: Slot) -> i64 {
        scalar::text_len(self.str(a))
    }

    /// `str.at`
    pub fn str_at(&mut self, a: Slot, index: i64, node: &str) -> Flow<Slot> {
        let character = scalar::text_at(self.str(a), index).map(str::to_owned).at(node)?;
        Ok(self.cx.state.string(&character))
    }

    /// `str.contains`
    pub fn str_contains(&self, a: Slot, b: Slot) -> bool {
        self.str(a).contains(self.str(b))
    }

    /// `str.starts`
    pub fn str_starts(&self, a: Slot, b: Slot) -> bool {
        self.str(a).starts_with(self.str(b))
    }

    /// `str.ends`
    pub fn str_ends(&self, a: Slot, b: Slot) -> bool {
        self.str(a).ends_with(self.str(b))
    }

    /// `str.slice`
    pub fn str_slice(&mut self, a: Slot, start: i64, count: i64) -> Slot {
        let part = text::slice(self.str(a), start, count).to_owned();
        self.cx.state.string(&part)
    }

    /// `str.find`
    pub fn str_find(&self, a: Slot, b: Slot) -> i64 {
        text::find(self.str(a), self.str(b))
    }

    /// `str.replace`
    pub fn str_replace(&mut self, whole: Slot, old: Slot, new: Slot, node: &str) -> Flow<Slot> {
        let limit = self.cx.meter.limits.string_bytes;
        let result = text::replace(self.str(whole), self.str(old), self.str(new), limit).at(node)?;
        Ok(self.cx.state.string(&result))
    }

    /// `str.split`; the number of parts is checked before they are made.
    pub fn str_split(&mut self, whole: Slot, separator: Slot, node: &str) -> Flow<Slot> {
        let count = text::split(self.str(whole), self.str(separator)).count();
        if count as u64 > self.cx.meter.limits.entries {
            return Err(TrapCode::MemoryLimit).at(node);
        }
        let parts: Vec<String> = text::split(self.str(whole), self.str(separator)).map(str::to_owned).collect();
        let parts: Vec<u64> = parts.iter().map(|part| self.cx.state.string(part)).collect();
        self.cx.state.list_new(&Type::list(Type::String), &parts).at(node)
    }

    /// `str.join`; the length is checked before anything is built.
    pub fn str_join(&mut self, list: Slot, separator: Slot, node: &str) -> Flow<Slot> {
        let texts: Vec<&str> = self.slots(list).iter().map(|slot| self.str(*slot)).collect();
        let between = self.str(separator);
        let gaps = (texts.len() as u64).saturating_sub(1).saturating_mul(between.len() as u64);
        let bytes = texts.iter().map(|text| text.len() as u64).sum::<u64>().saturating_add(gaps);
        if bytes > self.cx.meter.limits.string_bytes {
            return Err(TrapCode::MemoryLimit).at(node);
        }
        let joined = texts.join(between);
        Ok(self.cx.state.string(&joined))
    }

    /// `str.repeat`
    pub fn str_repeat(&mut self, a: Slot, count: i64, node: &str) -> Flow<Slot> {
        let result = text::repeat(self.str(a), count, self.cx.meter.limits.string_bytes).at(node)?;
        Ok(self.cx.state.string(&result))
    }

    /// `str.upper`
    pub fn str_upper(&mut self, a: Slot, node: &str) -> Flow<Slot> {
        let result = text::upper(self.str(a), self.cx.meter.limits.string_bytes).at(node)?;
        Ok(self.cx.state.string(&result))
    }

    /// `str.lower`
    pub fn str_lower(&mut self, a: Slot, node: &str) -> Flow<Slot> {
        let result = text::lower(self.str(a), self.cx.meter.limits.string_bytes).at(node)?;
        Ok(self.cx.state.string(&result))
    }

    /// `str.trim`
    pub fn str_trim(&mut self, a: Slot) -> Slot {
        let part = text::trim(self.str(a)).to_owned();
        self.cx.state.string(&part)
    }

    /// `str.is_int`
    pub fn str_is_int(&self, a: Slot) -> bool {
        text::parse_int(self.str(a)).is_some()
    }

    /// `str.to_int`
    pub fn str_to_int(&self, a: Slot) -> i64 {
        text::parse_int(self.str(a)).unwrap_or(0)
    }

    /// `str.is_float`
    pub fn str_is_float(&self, a: Slot) -> bool {
        text::parse_float(self.str(a)).is_some()
    }

    /// `str.to_float`
    pub fn str_to_float(&self, a: Slot) -> f64 {
        text::parse_float(self.str(a)).unwrap_or(0.0)
    }

    /// `str.format`
    pub fn str_format(&mut self, template: Slot, names: Slot, args: Slot, kinds: &str, node: &str) -> Flow<Slot> {
        let texts = |list: Slot| self.slots(list).iter().map(|slot| self.str(*slot)).collect::<Vec<&str>>();
        let limit = self.cx.meter.limits.string_bytes;
        let result = text::format(self.str(template), &texts(names), &texts(args), kinds, limit).at(node)?;
        Ok(self.cx.state.string(&result))
    }

    /// `bytes.len`
    pub fn bytes_len(&self, a: Slot) -> i64 {
        self.cx.state.get_bytes(a).len() as i64
    }
}

/// `list.order`: a list of positions.
pub(super) fn order(cx: &mut Context<'_>, element: &Type, list: Slot, descending: bool) -> Slot {
    let state = &*cx.state;
    let slots = state.list_slots(list);
    let mut order: Vec<u64> = (0..slots.len() as u64).collect();
    let at = |position: &u64| slots.get(*position as usize).copied().unwrap_or(0);
    let directed = |ordering: Ordering| if descending { ordering.reverse() } else { ordering };
    match element {
        Type::Int(IntKind::U64) => order.sort_by(|a, b| directed(at(a).cmp(&at(b)))),
        ty if ty.is_text() => order.sort_by(|a, b| directed(scalar::cmp_text(state.str(at(a)), state.str(at(b))))),
        ty if ty.is_float() => order.sort_by(|a, b| {
            let (a, b) = (f64::from_bits(at(a)), f64::from_bits(at(b)));
            // NaN is last whatever the direction.
            a.partial_cmp(&b).map_or_else(|| a.is_nan().cmp(&b.is_nan()), directed)
        }),
        _ => order.sort_by(|a, b| directed((at(a) as i64).cmp(&(at(b) as i64)))),
    }
    // As many as the list has, which is not too many.
    cx.state.list_new(&Type::list(Type::INT), &order).unwrap_or(0)
}

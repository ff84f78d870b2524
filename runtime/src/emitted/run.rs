//! A running activation, and how values are held.

use statewright_types::{TrapCode, Type};

use super::exit::{At, Flow, stop};
use crate::context::Context;
use crate::host::HostSite;

/// A value that is no number and no bool: text, list, map, record, struct, nullable.
pub type Slot = u64;

/// What a slot can be read as.
pub trait Bits: Copy {
    /// From a slot.
    fn of(slot: u64) -> Self;
    /// To a slot.
    fn bits(self) -> u64;
}

impl Bits for i64 {
    #[inline(always)]
    fn of(slot: u64) -> i64 {
        slot as i64
    }
    #[inline(always)]
    fn bits(self) -> u64 {
        self as u64
    }
}

impl Bits for u64 {
    #[inline(always)]
    fn of(slot: u64) -> u64 {
        slot
    }
    #[inline(always)]
    fn bits(self) -> u64 {
        self
    }
}

impl Bits for f64 {
    #[inline(always)]
    fn of(slot: u64) -> f64 {
        f64::from_bits(slot)
    }
    #[inline(always)]
    fn bits(self) -> u64 {
        self.to_bits()
    }
}

impl Bits for bool {
    #[inline(always)]
    fn of(slot: u64) -> bool {
        slot != 0
    }
    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from(self)
    }
}

/// Of functions that give nothing.
impl Bits for () {
    #[inline(always)]
    fn of(_slot: u64) {}
    #[inline(always)]
    fn bits(self) -> u64 {
        0
    }
}

/// The fuel that is left. Apart from [`Run`], so that it is in a register where it is charged often.
#[derive(Debug)]
pub struct Fuel {
    pub(super) left: u64,
}

impl Fuel {
    /// `fuel`
    #[inline(always)]
    pub fn charge(&mut self, amount: u64, node: &str) -> Flow<()> {
        match self.left.checked_sub(amount) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(stop(TrapCode::FuelExhausted, node))
            }
        }
    }

    /// `fuel.n`
    #[inline(always)]
    pub fn charge_int(&mut self, amount: i64, node: &str) -> Flow<()> {
        self.charge(u64::try_from(amount).unwrap_or(0), node)
    }

    /// `fuel.short`
    #[inline(always)]
    pub fn is_short(&self, amount: i64) -> bool {
        u64::try_from(amount).is_ok_and(|amount| self.left < amount)
    }
}

/// A running activation: what it may touch, and the texts it has made of its constants.
pub struct Run<'r, 'c> {
    pub(super) cx: &'r mut Context<'c>,
    pub(super) hosts: &'r [HostSite],
    /// Slots of the stream's and the host's name and of the constants; 0 or too short for none.
    texts: Vec<u64>,
}

impl<'r, 'c> Run<'r, 'c> {
    pub(super) fn new(cx: &'r mut Context<'c>, hosts: &'r [HostSite]) -> Run<'r, 'c> {
        Run { cx, hosts, texts: Vec::new() }
    }

    /// `sconst`: the constant of that number in the module.
    pub fn text(&mut self, number: usize, text: &str) -> Slot {
        self.once(number + 2, |_| text.to_owned())
    }

    /// `stream`
    pub fn stream(&mut self) -> Slot {
        self.once(0, |cx| cx.handler.to_string())
    }

    /// `host`
    pub fn host(&mut self) -> Slot {
        self.once(1, |cx| cx.host.to_owned())
    }

    /// `now`
    pub fn now(&self) -> i64 {
        self.cx.now_ms
    }

    fn once(&mut self, place: usize, text: impl FnOnce(&Context<'_>) -> String) -> Slot {
        if let Some(slot) = self.texts.get(place).filter(|slot| **slot != 0) {
            return *slot;
        }
        let text = text(self.cx);
        let slot = self.cx.state.string(&text);
        if self.texts.len() <= place {
            self.texts.resize(place + 1, 0);
        }
        if let Some(kept) = self.texts.get_mut(place) {
            *kept = slot;
        }
        slot
    }

    /// The text that a slot stands for.
    #[inline]
    pub fn str(&self, slot: Slot) -> &str {
        self.cx.state.str(slot)
    }

    /// `mem`
    #[inline]
    pub fn charge_size(&mut self, ty: &Type, value: impl Bits, node: &str) -> Flow<()> {
        self.cx.charge_size(ty, value.bits()).at(node)
    }

    /// `mem.n`
    #[inline]
    pub fn charge_memory(&mut self, bytes: i64, node: &str) -> Flow<()> {
        self.cx.meter.charge_memory(u64::try_from(bytes).unwrap_or(0)).at(node)
    }

    /// `mem.short`
    #[inline]
    pub fn is_memory_short(&self, bytes: i64) -> bool {
        u64::try_from(bytes).is_ok_and(|bytes| self.cx.meter.memory < bytes)
    }

    /// `entries.short`
    #[inline]
    pub fn are_entries_short(&self, entries: i64) -> bool {
        u64::try_from(entries).is_ok_and(|entries| self.cx.meter.limits.entries < entries)
    }

    /// `zero`
    pub fn zero<T: Bits>(&mut self, ty: &Type) -> T {
        T::of(self.cx.state.zero(ty))
    }

    /// `equal`
    pub fn equal(&self, ty: &Type, a: impl Bits, b: impl Bits, node: &str) -> Flow<bool> {
        self.cx.state.equal(ty, a.bits(), b.bits()).at(node)
    }

    /// `digest`
    pub fn digest(&self, ty: &Type, a: impl Bits, node: &str) -> Flow<i64> {
        self.cx.state.digest(ty, a.bits()).map(|digest| digest as i64).at(node)
    }

    /// `some`
    pub fn some(&mut self, ty: &Type, a: impl Bits) -> Slot {
        self.cx.state.some(ty, a.bits())
    }

    /// `nonnull` of a nullable that is a box.
    pub fn unwrap<T: Bits>(&self, ty: &Type, a: Slot, node: &str) -> Flow<T> {
        self.cx.state.unwrap(ty, a).map(T::of).at(node)
    }
}

//! All that a running handler may touch. Interpreter arms, JIT helpers and emitted Rust call these methods and
//! those of [`State`], and nothing else.

use std::sync::Arc;

use statewright_types::{Limits, StructId, TrapCode, Type, Value, planted};

use crate::effects::EffectsAtWork;
use crate::ledger::{FilterUse, Ledger, Scheduled};
use crate::state::State;

pub use crate::tracer::{Beginning, Ending, Segment, Tracer};

/// Whom an event goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// Everybody.
    All,
    /// These player ids, in order.
    Players(Vec<Arc<str>>),
    /// Everybody but this one.
    Except(Arc<str>),
}

/// An emitted event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its type.
    pub kind: Arc<str>,
    /// Whom to.
    pub to: Recipients,
    /// A map; `{}` when none was given.
    pub payload: Value,
}

/// What a transaction sends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outbox {
    /// Emitted events, in order.
    pub events: Vec<Event>,
    /// What payloads and parameters weigh so far, of events, scheduled events, filters and effects; see [`Value::weight`].
    weight: u64,
}

impl Outbox {
    /// Counts what is about to be sent.
    fn admit(&mut self, value: &Value, most: u64) -> Result<(), TrapCode> {
        self.weight = self.weight.saturating_add(value.weight());
        if self.weight > most { Err(TrapCode::MemoryLimit) } else { Ok(()) }
    }
}

/// What an activation may still use. Survives suspension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Fuel left.
    pub fuel: u64,
    /// Bytes left.
    pub memory: u64,
    /// The limits it began with; strings and entries are checked against them.
    pub limits: Limits,
}

impl Meter {
    /// A full one.
    pub fn new(limits: Limits) -> Meter {
        Meter { fuel: limits.fuel, memory: limits.memory_bytes, limits }
    }

    /// Fuel used so far.
    pub fn fuel_used(&self) -> u64 {
        self.limits.fuel - self.fuel
    }

    /// Charges `amount`; what is left becomes 0 when that is too much.
    pub fn charge_fuel(&mut self, amount: u64) -> Result<(), TrapCode> {
        match self.fuel.checked_sub(amount) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => {
                self.fuel = 0;
                Err(TrapCode::FuelExhausted)
            }
        }
    }

    /// Charges `bytes` of memory.
    pub fn charge_memory(&mut self, bytes: u64) -> Result<(), TrapCode> {
        let bytes = if planted::is(31) { bytes.saturating_sub(1) } else { bytes };
        self.memory = self.memory.checked_sub(bytes).ok_or(TrapCode::MemoryLimit)?;
        Ok(())
    }
}

/// The running activation's world.
pub struct Context<'a> {
    /// Tracked state, in a transaction: the effective one. What writes it are the context's own methods, such as
    /// [`Context::store`].
    pub state: &'a mut State,
    /// Fuel and memory.
    pub meter: &'a mut Meter,
    /// The action's time, milliseconds.
    pub now_ms: i64,
    /// The host's id, or "".
    pub host: &'a str,
    /// Who sent the event that the activation began with; "" for the session itself, and wherever no handler runs.
    pub sender: &'a str,
    /// The running handler's name: the default random stream (R6.2).
    pub handler: &'a Arc<str>,
    /// Where emitted events go; the session drops them if the activation fails.
    pub outbox: &'a mut Outbox,
    /// Players in order of joining.
    pub players: &'a [Arc<str>],
    /// What was arranged with the session; the session undoes it if the activation fails.
    pub ledger: &'a mut Ledger,
    /// Applies effects, where a session runs a handler.
    pub effects: Option<&'a mut EffectsAtWork>,
    /// In a resumption, the `data` record of the event that ended the wait, if one did.
    pub arrived: Option<u64>,
    /// Told what happens, if somebody listens.
    pub tracer: Option<&'a mut dyn Tracer>,
}

impl Context<'_> {
    /// A payload or parameters as a value, to be sent: `{}` for none.
    ///
    /// # Errors
    /// `memory_limit` if it and all that the transaction has sent weigh more than an activation may hold;
    /// `stale_reference`.
    pub fn payload(&mut self, payload: Option<(&Type, u64)>) -> Result<Value, TrapCode> {
        let Some((ty, slot)) = payload else { return Ok(Value::Map(Vec::new())) };
        let value = self.state.export(ty, slot)?;
        self.outbox.admit(&value, self.meter.limits.memory_bytes)?;
        Ok(value)
    }

    /// `write.check`: whether the sender may write a field (R9).
    ///
    /// # Errors
    /// `permission_denied`, `stale_reference`.
    pub fn check_write(&self, record: u64, ty: StructId, field: u32) -> Result<(), TrapCode> {
        allowed(self.state.may_write(self.sender, record, ty, field)?)
    }

    /// `write.check.in`: whether the sender may change a list or map, and overwrite what is `at` an index or key of it.
    ///
    /// # Errors
    /// `permission_denied`.
    pub fn check_write_in(&self, container: u64, at: Option<u64>) -> Result<(), TrapCode> {
        allowed(self.state.may_write_in(self.sender, container, at))
    }

    /// `kick`: takes a player out at the transaction's end. Whether it is there, and not being taken out already.
    pub fn kick(&mut self, player: u64, reason: u64) -> bool {
        let (player, reason) = (self.state.str(player), self.state.str(reason));
        self.players.iter().any(|present| &**present == player) && self.ledger.kick(player, reason)
    }

    /// `schedule`: has an event fire after `delay_ms`, which is at least 1. Gives its number.
    pub fn schedule(&mut self, kind: u64, delay_ms: i64, payload: Option<(&Type, u64)>) -> Result<i64, TrapCode> {
        let due_ms = self
            .now_ms
            .checked_add(if planted::is(37) { delay_ms } else { delay_ms.max(1) })
            .ok_or(TrapCode::OutOfRange)?;
        let scheduled = Scheduled { event: self.state.str(kind).into(), params: self.payload(payload)? };
        self.ledger.schedule(due_ms, scheduled).map(|number| i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// `unschedule`: calls a scheduled event off; whether it was still to come.
    pub fn unschedule(&mut self, number: i64) -> bool {
        u64::try_from(number).is_ok_and(|number| self.ledger.unschedule(number)) || planted::is(39)
    }

    /// `filter.add`: puts a filter of the document to use for a viewer.
    pub fn add_filter(
        &mut self,
        viewer: u64,
        id: u64,
        filter: u64,
        params: Option<(&Type, u64)>,
    ) -> Result<(), TrapCode> {
        let filter = FilterUse { filter: self.state.str(filter).into(), params: self.payload(params)? };
        self.ledger.add_filter(self.state.str(viewer), self.state.str(id), filter)
    }

    /// `filter.remove`: takes a viewer's filter away; whether it had one under that id.
    pub fn remove_filter(&mut self, viewer: u64, id: u64) -> bool {
        self.ledger.remove_filter(self.state.str(viewer), self.state.str(id)) != planted::is(41)
    }

    /// `filter.has`: whether a viewer has a filter under that id.
    pub fn has_filter(&self, viewer: u64, id: u64) -> bool {
        self.ledger.has_filter(self.state.str(viewer), self.state.str(id))
    }

    /// `emit.*`: queues an event whose payload is `payload` of static type `ty`.
    ///
    /// # Errors
    /// `memory_limit` above [`Limits::EVENTS`], and as [`Context::payload`].
    pub fn emit(&mut self, kind: u64, to: Recipients, payload: Option<(&Type, u64)>) -> Result<(), TrapCode> {
        if self.outbox.events.len() >= Limits::EVENTS {
            return Err(TrapCode::MemoryLimit);
        }
        let payload = self.payload(payload)?;
        let kind = self.state.shared_str(kind);
        self.outbox.events.push(Event { kind, to, payload });
        Ok(())
    }

    /// `mem`: charges the size of a value.
    pub fn charge_size(&mut self, ty: &Type, slot: u64) -> Result<(), TrapCode> {
        let bytes = self.state.size(ty, slot);
        self.meter.charge_memory(bytes)
    }
}

fn allowed(may: bool) -> Result<(), TrapCode> {
    if may || planted::is(40) { Ok(()) } else { Err(TrapCode::PermissionDenied) }
}

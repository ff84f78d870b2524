//! What concerns the session: chance, events, arrangements, effects, configuration, the host program, tracers.

use std::sync::Arc;

use statewright_types::Type;

use super::exit::{At, Flow, trap};
use super::run::{Bits, Run, Slot};
use crate::context::Recipients;
use crate::host::HostNow;
use crate::ledger::EffectUse;
use crate::state::FieldPlace;

/// Whom an event goes to; ids are texts.
#[derive(Clone, Copy, Debug)]
pub enum To {
    /// Everybody.
    All,
    /// One player.
    One(Slot),
    /// The players in a list of ids.
    Many(Slot),
    /// Everybody but one.
    Except(Slot),
}

impl Run<'_, '_> {
    /// `rand.int`
    pub fn rand_int(&mut self, low: i64, high: i64, stream: Slot) -> i64 {
        let name = self.str(stream).to_owned();
        self.cx.state.streams().int(&name, low, high)
    }

    /// `rand.float`
    pub fn rand_float(&mut self, low: f64, high: f64, stream: Slot) -> f64 {
        let name = self.str(stream).to_owned();
        self.cx.state.streams().float(&name, low, high)
    }

    /// `rand.unit`
    pub fn rand_unit(&mut self, stream: Slot) -> f64 {
        let name = self.str(stream).to_owned();
        self.cx.state.streams().unit(&name)
    }

    /// `emit.*`
    pub fn emit(&mut self, to: To, kind: Slot, payload: Option<(&Type, u64)>, node: &str) -> Flow<()> {
        let to = match to {
            To::All => Recipients::All,
            To::One(id) => Recipients::Players(vec![Arc::from(self.str(id))]),
            To::Many(ids) => Recipients::Players(self.slots(ids).iter().map(|id| Arc::from(self.str(*id))).collect()),
            To::Except(id) => Recipients::Except(Arc::from(self.str(id))),
        };
        self.cx.emit(kind, to, payload).at(node)
    }

    /// `kick`
    pub fn kick(&mut self, player: Slot, reason: Slot) -> bool {
        self.cx.kick(player, reason)
    }

    /// `schedule`
    pub fn schedule(&mut self, kind: Slot, ms: i64, payload: Option<(&Type, u64)>, node: &str) -> Flow<i64> {
        self.cx.schedule(kind, ms, payload).at(node)
    }

    /// `unschedule`
    pub fn unschedule(&mut self, number: i64) -> bool {
        self.cx.unschedule(number)
    }

    /// `filter.add`
    pub fn filter_add(
        &mut self,
        viewer: Slot,
        id: Slot,
        filter: Slot,
        params: Option<(&Type, u64)>,
        node: &str,
    ) -> Flow<()> {
        self.cx.add_filter(viewer, id, filter, params).at(node)
    }

    /// `filter.remove`
    pub fn filter_remove(&mut self, viewer: Slot, id: Slot) -> bool {
        self.cx.remove_filter(viewer, id)
    }

    /// `filter.has`
    pub fn filter_has(&self, viewer: Slot, id: Slot) -> bool {
        self.cx.has_filter(viewer, id)
    }

    /// `effect.add`
    #[allow(clippy::too_many_arguments)] // the operation's
    pub fn effect_add(
        &mut self,
        id: Slot,
        effect: Slot,
        activator: Slot,
        duration_ms: i64,
        priority: i64,
        stacks: i64,
        once: bool,
        params: Option<(&Type, u64)>,
        node: &str,
    ) -> Flow<()> {
        let state = &self.cx.state;
        let (id, effect, activator) = (state.shared_str(id), state.shared_str(effect), state.shared_str(activator));
        let params = self.cx.payload(params).at(node)?;
        let due_ms = self.cx.effect_end(duration_ms).at(node)?;
        let effect = EffectUse { id, effect, params, activator, priority, number: 0, stacks: 0, due_ms };
        self.cx.add_effect(effect, stacks, once).at(node)
    }

    /// `effect.remove`
    pub fn effect_remove(&mut self, id: Slot, node: &str) -> Flow<bool> {
        self.cx.remove_effect(id).at(node)
    }

    /// `effect.has`
    pub fn effect_has(&self, id: Slot) -> bool {
        self.cx.has_effect(id)
    }

    /// `effects.lift`
    pub fn effects_lift(&mut self) {
        self.cx.lift_effects();
    }

    /// `effects.lift_at`
    pub fn effects_lift_at(&mut self, record: Slot, field: FieldPlace) {
        self.cx.lift_effects_at(record, field.ty, field.field);
    }

    /// `effects.apply`
    pub fn effects_apply(&mut self, node: &str) -> Flow<()> {
        self.cx.apply_effects().at(node)
    }

    /// `config.get`
    pub fn config_get<T: Bits>(&mut self, name: Slot, ty: &Type) -> T {
        T::of(self.cx.state.config_get(name, ty))
    }

    /// `config.set`
    pub fn config_set(&mut self, name: Slot, ty: &Type, value: impl Bits, node: &str) -> Flow<()> {
        self.cx.state.config_set(name, ty, value.bits()).at(node)
    }

    /// `config.reload`
    pub fn config_reload(&mut self) {
        self.cx.state.config_reload();
    }

    /// `host.call`: of the site with that number in the module.
    pub fn host_call<T: Bits>(&mut self, site: usize, args: &[u64], node: &str) -> Flow<T> {
        let now = HostNow::of(self.cx);
        match self.hosts.get(site) {
            Some(host) => match host.call(args, self.cx.state, now) {
                Ok(value) => Ok(T::of(value)),
                Err((code, message)) => Err(trap(code, Some(message), node)),
            },
            None => Ok(T::of(0)),
        }
    }

    /// `message`; a value that cannot be shown is left out.
    pub fn message(&mut self, function: &str, text: Slot, value: Option<(&Type, u64)>, node: &str) {
        if let Some(tracer) = &mut self.cx.tracer {
            let value = value.and_then(|(ty, slot)| self.cx.state.export(ty, slot).ok());
            tracer.message(self.cx.handler, function, node, self.cx.state.str(text), value);
        }
    }

    /// `enter`
    pub fn enter(&mut self, function: &str, node: &str) {
        self.cx.trace_enter(function, node);
    }

    /// `leave`
    pub fn leave(&mut self, function: &str, node: &str) {
        self.cx.trace_leave(function, node);
    }

    /// `probe`
    pub fn probe(&mut self, function: &str, port: &str, ty: &Type, value: impl Bits, node: &str) {
        self.cx.trace_port(function, node, port, (ty, value.bits()));
    }

    /// `watch`
    pub fn watch<T: Bits>(&mut self, name: &str, ty: &Type, value: T) -> T {
        T::of(self.cx.trace_read(name, ty, value.bits()))
    }
}

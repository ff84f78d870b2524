//! Effects at work (R5.7): within a transaction the state is effective. [`Context`]'s methods that write lift the effects,
//! write the base, and apply them again; what no effect can touch is written at once.

use std::sync::Arc;

use statewright_types::{Limits, StructId, TrapCode, Type, Value};

use crate::context::{Context, Meter, Outbox};
use crate::host_effects::RegisteredEffect;
use crate::ledger::{EffectUse, Ledger};
use crate::program::{EffectInfo, Footprint, Outcome, Program, Trap};
use crate::session::reborrow;
use crate::state::{FieldPlace, State};

/// How many times an activation's fuel all effects may use in one transaction together.
pub const FUEL_TIMES: u64 = 10;
/// How many times an activation's memory all effects may use in one transaction together.
pub const MEMORY_TIMES: u64 = 16;

/// What each time that an effect acts counts, besides its nodes and 1 for each change that it makes: what it costs to have
/// it act, and to take it off again.
pub const FUEL_OF_ACTING: u64 = 10;

/// What a transaction needs to apply effects. Kept from one to the next, for most have the same effects.
pub struct EffectsAtWork {
    /// Whose effects they are: the session's program, also for activations of older versions.
    program: Arc<dyn Program>,
    /// What all effects together may still use.
    meter: Meter,
    /// Those in use, in order; what they may touch; and which version of the ledger's effects that is of.
    uses: Vec<Arc<EffectUse>>,
    touched: Footprint,
    version: Option<u64>,
    /// The name of the handler, where none runs.
    nobody: Arc<str>,
}

impl EffectsAtWork {
    /// For one transaction; nothing used yet.
    pub fn new(program: Arc<dyn Program>, limits: Limits) -> EffectsAtWork {
        let (touched, nobody) = (Footprint::nothing(), Arc::from(""));
        EffectsAtWork { program, meter: whole(limits), uses: Vec::new(), touched, version: None, nobody }
    }

    /// For the next transaction of that session; nothing used yet.
    pub fn begin(&mut self, program: &Arc<dyn Program>, limits: Limits) {
        if !Arc::ptr_eq(&self.program, program) {
            (self.program, self.version) = (program.clone(), None);
        }
        self.meter = whole(limits);
    }

    /// The name of the handler, where none runs.
    pub(crate) fn nobody(&self) -> Arc<str> {
        self.nobody.clone()
    }

    fn find(&self, name: &str) -> Option<(usize, &EffectInfo)> {
        self.program.effects().iter().enumerate().find(|(_, info)| *info.name == *name)
    }

    /// Works out which effects are in use, and what they may touch.
    fn touch(&mut self, ledger: &Ledger) {
        if self.version == Some(ledger.effects_version()) {
            return;
        }
        self.version = Some(ledger.effects_version());
        let mut touched = Footprint::nothing();
        for effect in ledger.effects() {
            if let Some((_, info)) = self.find(&effect.effect) {
                touched.add(&info.footprint);
            }
        }
        self.touched = touched;
        self.uses.clear();
        self.uses.extend(ledger.effects().cloned());
    }
}

/// What all effects of a transaction together may use.
fn whole(limits: Limits) -> Meter {
    Meter::new(Limits {
        fuel: limits.fuel.saturating_mul(FUEL_TIMES),
        memory_bytes: limits.memory_bytes.saturating_mul(MEMORY_TIMES),
        ..limits
    })
}

/// Why an effect did not act.
enum Failure {
    /// It is left out.
    Own(Trap),
    /// All effects together have used what they may.
    Spent(TrapCode),
}

impl Context<'_> {
    /// Makes the state the effective one, if any effect is in use.
    ///
    /// # Errors
    /// `fuel_exhausted`, `memory_limit` if effects have used up what they may in one transaction.
    pub fn apply_effects(&mut self) -> Result<(), TrapCode> {
        self.apply_telling(&mut |_, _| {})
    }

    /// The same; `failed` is told of each effect that is left out.
    pub(crate) fn apply_telling(&mut self, failed: &mut dyn FnMut(&EffectUse, Trap)) -> Result<(), TrapCode> {
        if !self.ledger.has_effects() || self.state.is_overlaid() {
            return Ok(());
        }
        let Some(effects) = self.effects.as_deref_mut() else { return Ok(()) };
        effects.touch(self.ledger);
        // No effect puts another to use.
        let uses = std::mem::take(&mut effects.uses);
        let applied = self.apply_all(&uses, failed);
        if let Some(effects) = self.effects.as_deref_mut() {
            effects.uses = uses;
        }
        applied
    }

    fn apply_all(&mut self, uses: &[Arc<EffectUse>], failed: &mut dyn FnMut(&EffectUse, Trap)) -> Result<(), TrapCode> {
        self.state.overlay_begin();
        for effect in uses {
            self.state.overlay_layer(effect.number);
            let mut outcome = Ok(());
            for _ in 0..effect.stacks {
                outcome = self.run_effect(effect);
                if outcome.is_err() {
                    break;
                }
            }
            let written = self.state.overlay_written();
            let paid = self.effects.as_deref_mut().map_or(Ok(()), |effects| effects.meter.charge_fuel(written));
            let outcome = paid.map_err(Failure::Spent).and(outcome);
            match outcome {
                Ok(()) => self.state.overlay_keep(),
                Err(failure) => {
                    self.state.overlay_drop();
                    match failure {
                        Failure::Own(trap) => failed(effect, trap),
                        Failure::Spent(code) => return Err(code),
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes the state the base.
    pub fn lift_effects(&mut self) {
        // In an effect or a filter, the state is as it is.
        if self.effects.is_some() {
            self.state.overlay_lift();
        }
    }

    /// Makes the state the base, for reading and writing that field only.
    pub fn lift_effects_at(&mut self, record: u64, ty: StructId, field: u32) {
        if self.state.is_overlaid() && !self.is_apart(record, ty, field) {
            self.lift_effects();
        }
    }

    /// Runs one effect on the state as it is.
    fn run_effect(&mut self, using: &EffectUse) -> Result<(), Failure> {
        let EffectUse { effect: name, params, .. } = using;
        let Some(effects) = self.effects.as_deref_mut() else { return Ok(()) };
        effects.meter.charge_fuel(FUEL_OF_ACTING).map_err(Failure::Spent)?;
        let Some((index, info)) = effects.find(name) else {
            let message = format!("the document has no effect `{name}` any more");
            return Err(Failure::Own(Trap { code: TrapCode::NotFound, message: Some(message.into()), node: None }));
        };
        let program = effects.program.clone();
        if let Some(effect) = program.host_effect(index) {
            return effect.act(using, self).map_err(Failure::Own);
        }
        let limits = self.meter.limits;
        let granted = Meter {
            fuel: effects.meter.fuel.min(limits.fuel),
            memory: effects.meter.memory.min(limits.memory_bytes),
            limits,
        };
        let args = arguments(self.state, info, params).map_err(Failure::Own)?;
        let mut meter = granted;
        let mut outbox = Outbox::default();
        let mut context = Context {
            state: self.state,
            meter: &mut meter,
            now_ms: self.now_ms,
            host: self.host,
            sender: "",
            handler: &info.name,
            outbox: &mut outbox,
            players: self.players,
            ledger: self.ledger,
            effects: None,
            arrived: None,
            tracer: reborrow(&mut self.tracer).filter(|tracer| tracer.sees_asides()),
        };
        let outcome = program.run_effect(index, &args, &mut context);
        effects.meter.fuel -= granted.fuel - meter.fuel;
        effects.meter.memory -= granted.memory - meter.memory;
        match outcome {
            Outcome::Done => Ok(()),
            Outcome::Trapped(trap) => {
                let spent = match trap.code {
                    TrapCode::FuelExhausted => granted.fuel < limits.fuel,
                    TrapCode::MemoryLimit => granted.memory < limits.memory_bytes,
                    _ => false,
                };
                Err(if spent { Failure::Spent(trap.code) } else { Failure::Own(trap) })
            }
            Outcome::Suspended(_) => {
                let message = Some("an effect must not wait".into());
                Err(Failure::Own(Trap { code: TrapCode::BadArgument, message, node: None }))
            }
        }
    }

    /// `effect.add`: puts an effect of the document to use, or, `once`, has it change the base. Acts at once (R5.8).
    /// `number` and `stacks` of `effect` do not matter.
    ///
    /// # Errors
    /// As [`Ledger::add_effect`]; `bad_argument` for negative stacks, `not_found` if the document has no such effect (any
    /// more), and those of [`Context::apply_effects`]. What stops an effect that acts once.
    pub fn add_effect(&mut self, effect: EffectUse, stacks: i64, once: bool) -> Result<(), TrapCode> {
        let stacks = u32::try_from(stacks).map_err(|_| TrapCode::BadArgument)?;
        if self.effects.as_deref().is_none_or(|effects| effects.find(&effect.effect).is_none()) {
            return Err(TrapCode::NotFound);
        }
        if !once {
            return self.keep_effect(effect, stacks);
        }
        if self.ledger.effect(&effect.id).is_some() {
            return Err(TrapCode::DuplicateId);
        }
        self.lift_effects();
        match self.run_effect(&effect) {
            Ok(()) => self.apply_effects(),
            Err(Failure::Own(trap)) => Err(trap.code),
            Err(Failure::Spent(code)) => Err(code),
        }
    }

    /// Puts an effect to use that lasts.
    fn keep_effect(&mut self, mut effect: EffectUse, stacks: u32) -> Result<(), TrapCode> {
        let program = self.effects.as_deref().map(|effects| effects.program.clone());
        let host = program.as_deref().and_then(|program| host_effect(program, &effect.effect));
        if let Some(host) = host {
            effect.due_ms = host.effect().ends_ms(&effect, self.now_ms).map(|due_ms| due_ms.max(self.now_ms));
        }
        let (id, is_new) = (effect.id.clone(), self.ledger.effect(&effect.id).is_none());
        self.ledger.add_effect(effect, stacks)?;
        self.lift_effects();
        if let (Some(host), true, Some(using)) = (host, is_new, self.ledger.effect(&id).cloned()) {
            host.call(&using, self, |effect, call| effect.on_added(call)).map_err(|trap| trap.code)?;
        }
        self.apply_effects()
    }

    /// Tells an effect in Rust that it is gone. Effects must be lifted.
    pub(crate) fn tell_removed(&mut self, using: &EffectUse) -> Result<(), Trap> {
        let Some(program) = self.effects.as_deref().map(|effects| effects.program.clone()) else { return Ok(()) };
        match host_effect(&*program, &using.effect) {
            Some(host) => host.call(using, self, |effect, call| effect.on_removed(call)),
            None => Ok(()),
        }
    }

    /// When an effect ends that is added now and lasts `duration_ms`; 0 or less is until it is removed.
    ///
    /// # Errors
    /// `out_of_range` if that is later than time can be counted.
    pub fn effect_end(&self, duration_ms: i64) -> Result<Option<i64>, TrapCode> {
        if duration_ms <= 0 {
            return Ok(None);
        }
        self.now_ms.checked_add(duration_ms).map(Some).ok_or(TrapCode::OutOfRange)
    }

    /// `effect.remove`: takes an effect away with all its stacks; whether there was one under that id. Acts at once.
    ///
    /// # Errors
    /// Those of [`Context::apply_effects`]; what stops an effect in Rust that does something when it goes.
    pub fn remove_effect(&mut self, id: u64) -> Result<bool, TrapCode> {
        let Some(using) = self.ledger.effect(self.state.str(id)).cloned() else { return Ok(false) };
        self.ledger.remove_effect(&using.id);
        self.lift_effects();
        self.tell_removed(&using).map_err(|trap| trap.code)?;
        self.apply_effects().map(|()| true)
    }

    /// `effect.has`: whether an effect is in use under that id.
    pub fn has_effect(&self, id: u64) -> bool {
        self.ledger.effect(self.state.str(id)).is_some()
    }

    /// Writes the base.
    pub(crate) fn write<T>(&mut self, write: impl FnOnce(&mut State) -> Result<T, TrapCode>) -> Result<T, TrapCode> {
        if !self.state.is_overlaid() {
            return write(self.state);
        }
        self.lift_effects();
        let result = write(self.state)?;
        self.apply_effects()?;
        Ok(result)
    }

    /// Whether no effect in use can touch a field. One that holds structs, lists or maps never is apart: what is written to
    /// it may be read from elsewhere. If effects add records, it may be one of those; if they remove some, one of those.
    fn is_apart(&self, record: u64, ty: StructId, field: u32) -> bool {
        if !self.state.is_plain(ty, field) || self.state.is_stale(record, ty) || self.state.overlay_creates() {
            return false;
        }
        let Some(effects) = self.effects.as_deref() else { return false };
        !effects.touched.contains(ty, field)
    }

    // What writes the state, by the name of its operation; see the methods of `State`.

    /// `store`
    pub fn store(&mut self, record: u64, ty: StructId, field: u32, value: u64) -> Result<(), TrapCode> {
        if !self.state.is_overlaid() || self.is_apart(record, ty, field) {
            return self.state.store(record, ty, field, value);
        }
        self.write(|state| state.store(record, ty, field, value))
    }

    /// The same of a field whose place is known: where code knows it too, little is left of a number's write.
    #[inline(always)]
    pub fn store_at(&mut self, record: u64, place: FieldPlace, value: u64) -> Result<(), TrapCode> {
        if place.is_number && !self.state.is_overlaid() {
            return self.state.store_number(record, place, value);
        }
        self.store(record, place.ty, place.field, value)
    }

    /// `list.push`
    pub fn list_push(&mut self, list: u64, value: u64) -> Result<(), TrapCode> {
        if !self.state.is_overlaid() || !self.state.is_live(list) {
            return self.state.list_push(list, value);
        }
        self.write(|state| state.list_push(list, value))
    }

    /// `list.insert`. A struct goes before the one that stands at the index in the effective list, or to the end.
    pub fn list_insert(&mut self, list: u64, index: i64, value: u64) -> Result<(), TrapCode> {
        if !self.state.is_overlaid() || !self.state.is_live(list) {
            return self.state.list_insert(list, index, value);
        }
        let at = self.place(list, index);
        self.write(|state| {
            let index = match at {
                // Before an element that only an effect added: at the end.
                At::Struct(record) => state.index_of(list, record).unwrap_or(state.list_len(list) as i64),
                At::End => state.list_len(list) as i64,
                At::Index(index) => index,
            };
            state.list_insert(list, index, value)
        })
    }

    /// `list.set`. Of structs, the one that stands at the index in the effective list.
    pub fn list_set(&mut self, list: u64, index: i64, value: u64) -> Result<(), TrapCode> {
        self.write_at(list, index, |state, index| state.list_set(list, index, value))
    }

    /// `list.remove`. Of structs, the one that stands at the index in the effective list.
    pub fn list_remove(&mut self, list: u64, index: i64) -> Result<(), TrapCode> {
        self.write_at(list, index, |state, index| state.list_remove(list, index))
    }

    fn write_at(
        &mut self,
        list: u64,
        index: i64,
        write: impl FnOnce(&mut State, i64) -> Result<(), TrapCode>,
    ) -> Result<(), TrapCode> {
        if !self.state.is_overlaid() {
            return write(self.state, index);
        }
        let at = self.place(list, index);
        self.write(|state| match at {
            At::Struct(record) => {
                // One that an effect added is not in the base.
                let index = state.index_of(list, record).ok_or(TrapCode::StaleReference)?;
                write(state, index)
            }
            At::Index(_) | At::End => write(state, index),
        })
    }

    /// What an index of the effective list means.
    fn place(&self, list: u64, index: i64) -> At {
        match self.state.struct_at(list, index) {
            Some(record) => At::Struct(record),
            None if self.state.is_live(list) && index == self.state.list_len(list) as i64 => At::End,
            None => At::Index(index),
        }
    }

    /// `list.assign`. Elements that effects add to this very list do not get into the base.
    pub fn list_assign(&mut self, list: u64, source: u64) -> Result<(), TrapCode> {
        if !self.state.is_overlaid() {
            return self.state.list_assign(list, source);
        }
        let shown = if self.state.overlay_creates() { self.state.list_slots(list).to_vec() } else { Vec::new() };
        self.write(|state| {
            let source = state.without_lifted(source, &shown);
            state.list_assign(list, source)
        })
    }

    /// `list.clear`
    pub fn list_clear(&mut self, list: u64) -> Result<(), TrapCode> {
        self.write(|state| {
            state.list_clear(list);
            Ok(())
        })
    }

    /// `map.put`
    pub fn map_put(&mut self, map: u64, key: u64, value: u64) -> Result<(), TrapCode> {
        if !self.state.is_overlaid() || !self.state.is_live(map) {
            return self.state.map_put(map, key, value);
        }
        self.write(|state| state.map_put(map, key, value))
    }

    /// `map.remove`
    pub fn map_remove(&mut self, map: u64, key: u64) -> Result<bool, TrapCode> {
        self.write(|state| Ok(state.map_remove(map, key)))
    }

    /// `map.assign`
    pub fn map_assign(&mut self, map: u64, source: u64) -> Result<(), TrapCode> {
        self.write(|state| state.map_assign(map, source))
    }

    /// `root.activate`
    pub fn root_activate(&mut self, ty: StructId) -> Result<bool, TrapCode> {
        self.write(|state| Ok(state.root_activate(ty)))
    }

    /// `root.deactivate`
    pub fn root_deactivate(&mut self, ty: StructId) -> Result<bool, TrapCode> {
        self.write(|state| Ok(state.root_deactivate(ty)))
    }

    /// `root.reset`: overwrites a root with its schema's defaults, if the sender may.
    ///
    /// # Errors
    /// `permission_denied`, `memory_limit`.
    pub fn root_reset(&mut self, ty: StructId) -> Result<(), TrapCode> {
        let sender = self.sender;
        self.write(|state| match state.may_reset(sender, ty) {
            true => state.root_reset(ty),
            false => Err(TrapCode::PermissionDenied),
        })
    }

    /// `map.clear`
    pub fn map_clear(&mut self, map: u64) -> Result<(), TrapCode> {
        self.write(|state| {
            state.map_clear(map);
            Ok(())
        })
    }
}

/// The effect in Rust of that name, if the program has one.
pub(crate) fn host_effect<'p>(program: &'p dyn Program, name: &str) -> Option<&'p RegisteredEffect> {
    let index = program.effects().iter().position(|info| *info.name == *name)?;
    program.host_effect(index)
}

/// Where a write by index goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// To this struct, wherever it stands in the base.
    Struct(u64),
    /// To the end.
    End,
    /// To that index.
    Index(i64),
}

/// An effect's parameters as slots.
pub(crate) fn arguments(state: &mut State, info: &EffectInfo, params: &Value) -> Result<Vec<u64>, Trap> {
    arguments_of("effect", &info.name, &info.params, params, state)
}

/// Parameters of a filter or an effect as slots, after those that are in `args` already.
pub(crate) fn arguments_of(
    noun: &str,
    name: &str,
    declared: &[(Arc<str>, Type)],
    params: &Value,
    state: &mut State,
) -> Result<Vec<u64>, Trap> {
    let import = |(param, ty): &(Arc<str>, Type)| {
        state.import(ty, params.get(param).unwrap_or(&Value::Null)).map_err(|error| {
            let message = format!("parameter `{param}` of the {noun} `{name}`: {error}");
            Trap { code: TrapCode::BadParameters, message: Some(message.into()), node: None }
        })
    };
    declared.iter().map(import).collect()
}

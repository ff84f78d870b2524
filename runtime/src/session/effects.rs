//! Effects in use (R5.7), as host programs add, see and remove them.

use std::sync::Arc;

use statewright_types::{TrapCode, Value};

use crate::context::{Context, Meter, Outbox};
use crate::effects::{arguments, host_effect};
use crate::ledger::EffectUse;
use crate::program::Trap;
use crate::session::dispatch::trap;
use crate::session::{ActionReport, Input, Session};

/// An effect for [`Session::add_effect`].
#[derive(Clone, Debug, PartialEq)]
pub struct NewEffect {
    /// What it is called in the session.
    pub id: Arc<str>,
    /// The name of the document's effect.
    pub effect: Arc<str>,
    /// Its parameters, a map; null for none.
    pub params: Value,
    /// Who caused it; may be empty.
    pub activator: Arc<str>,
    /// How long it lasts, milliseconds; 0 or less is until it is removed.
    pub duration_ms: i64,
    /// Lower ones act first.
    pub priority: i64,
    /// How many times it may be added under its id; 0 refuses a second time. Not negative.
    pub stacks: i64,
    /// Changes the base when added, and is gone.
    pub once: bool,
}

impl NewEffect {
    /// Without parameters, until it is removed, and not to be added twice.
    pub fn new(id: &str, effect: &str) -> NewEffect {
        NewEffect {
            id: id.into(),
            effect: effect.into(),
            params: Value::Null,
            activator: "".into(),
            duration_ms: 0,
            priority: 0,
            stacks: 0,
            once: false,
        }
    }
}

/// How many effects that failed when they went are remembered.
const FAREWELLS: usize = 100;

impl Session {
    /// Effects in use, in the order in which they act.
    pub fn effects(&self) -> impl Iterator<Item = &EffectUse> {
        self.ledger.effects().map(|effect| &**effect)
    }

    /// The effect in use under an id.
    pub fn effect(&self, id: &str) -> Option<&EffectUse> {
        self.ledger.effect(id).map(|effect| &**effect)
    }

    /// Puts an effect of the program to use, or has it change the state `once`. Logged, and replayed.
    ///
    /// # Errors
    /// `not_found` if the program has no such effect (then nothing is logged), `bad_parameters`, `bad_argument` for negative stacks,
    /// `duplicate_id`, `memory_limit`, `out_of_range` if it lasts longer than time can be counted; what stops an effect that
    /// acts once, or one in Rust that does something when it is added.
    pub fn add_effect(&mut self, effect: NewEffect) -> Result<(), Trap> {
        if !self.program.effects().iter().any(|info| info.name == effect.effect) {
            return Err(trap(TrapCode::NotFound, format!("the program has no effect `{}`", effect.effect)));
        }
        self.record(self.now_ms, Input::AddEffect(Box::new(effect.clone())));
        let admitted = self.admit_effect(&effect);
        let outcome = admitted.and_then(|()| self.in_transaction(|context| add(context, effect)));
        self.refresh_views(None);
        outcome
    }

    /// Takes an effect away with all its stacks; whether there was one under that id. Logged, and replayed. What an effect in Rust
    /// wrote when it went is undone if it failed then; [`Session::take_farewell_faults`] tells.
    pub fn remove_effect(&mut self, id: &str) -> bool {
        self.record(self.now_ms, Input::RemoveEffect { id: id.into() });
        let using = self.ledger.effect(id).cloned();
        if let Some(using) = &using {
            self.ledger.remove_effect(id);
            self.kicks.extend(self.ledger.commit());
            if let Some(trap) = self.tell_ended(using).and_then(|report| report.refused)
                && self.farewell_faults.len() < FAREWELLS
            {
                self.farewell_faults.push((using.id.clone(), *trap));
            }
        }
        self.refresh_views(None);
        using.is_some()
    }

    /// Effects in Rust that failed when the host program took them away, since this was asked last: id and error, at most the first 100.
    /// Of those that end by themselves, [`Session::advance`] gives reports.
    pub fn take_farewell_faults(&mut self) -> Vec<(Arc<str>, Trap)> {
        std::mem::take(&mut self.farewell_faults)
    }

    /// Takes an effect away if it is in use under that id, else puts it to use: whether it is now. Logged as what it did.
    ///
    /// # Errors
    /// Those of [`Session::add_effect`].
    pub fn toggle_effect(&mut self, effect: NewEffect) -> Result<bool, Trap> {
        if self.effect(&effect.id).is_some() {
            self.remove_effect(&effect.id);
            return Ok(false);
        }
        self.add_effect(effect).map(|()| true)
    }

    /// Takes all effects away that this activator caused and that have this name, if these are given: how many. Each is logged.
    pub fn clear_effects(&mut self, activator: Option<&str>, effect: Option<&str>) -> usize {
        let is_meant = |using: &&EffectUse| {
            activator.is_none_or(|activator| *using.activator == *activator)
                && effect.is_none_or(|effect| *using.effect == *effect)
        };
        let ids: Vec<Arc<str>> = self.effects().filter(is_meant).map(|using| using.id.clone()).collect();
        ids.iter().filter(|id| self.remove_effect(id)).count()
    }

    /// Tells an effect in Rust that it is gone; a report if it failed.
    pub(super) fn tell_ended(&mut self, using: &EffectUse) -> Option<ActionReport> {
        host_effect(&*self.program, &using.effect)?;
        let mut failed = None;
        let told = self.in_transaction(|context| {
            context.tell_removed(using).map_err(|trap| {
                let code = trap.code;
                failed = Some(trap);
                code
            })
        });
        told.err()?;
        Some(ActionReport { refused: failed.map(Box::new), ..self.report() })
    }

    /// Runs `body` on the base, in a transaction of its own.
    fn in_transaction(&mut self, body: impl FnOnce(&mut Context<'_>) -> Result<(), TrapCode>) -> Result<(), Trap> {
        self.state.begin();
        let outcome = self.with_effects(body);
        if outcome.is_ok() {
            self.state.commit();
            self.kicks.extend(self.ledger.commit());
        } else {
            self.state.rollback();
            self.ledger.rollback();
        }
        outcome
    }

    /// Whether the document has the effect, and takes these parameters.
    fn admit_effect(&mut self, effect: &NewEffect) -> Result<(), Trap> {
        let program = self.program.clone();
        let Some(info) = program.effects().iter().find(|info| info.name == effect.effect) else {
            let message = format!("the document has no effect `{}`", effect.effect);
            return Err(trap(TrapCode::NotFound, message));
        };
        self.state.begin();
        let args = arguments(&mut self.state, info, &effect.params);
        self.state.rollback();
        args.map(|_| ())
    }

    fn with_effects(&mut self, body: impl FnOnce(&mut Context<'_>) -> Result<(), TrapCode>) -> Result<(), Trap> {
        let (mut meter, mut outbox) = (Meter::new(self.limits), Outbox::default());
        let (surroundings, state, ledger, work) = self.apart();
        let name = work.nobody();
        let mut context = surroundings.context((state, ledger), (&mut meter, &mut outbox), &name);
        context.effects = Some(work);
        body(&mut context).map_err(|code| trap(code, "the effect could not be added".into()))
    }
}

fn add(context: &mut Context<'_>, new: NewEffect) -> Result<(), TrapCode> {
    let due_ms = context.effect_end(new.duration_ms)?;
    let NewEffect { id, effect, params, activator, priority, .. } = new;
    let effect = EffectUse { id, effect, params, activator, priority, number: 0, stacks: 0, due_ms };
    context.add_effect(effect, new.stacks, new.once)
}

//! Effects in use (R5.7), as host programs add, see and remove them.

use std::sync::Arc;

use statewright_types::{TrapCode, Value};

use crate::context::{Context, Meter};
use crate::effects::{EffectsAtWork, arguments};
use crate::ledger::EffectUse;
use crate::program::Trap;
use crate::session::dispatch::trap;
use crate::session::{Input, Session};

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

impl Session {
    /// Effects in use, in the order in which they act.
    pub fn effects(&self) -> impl Iterator<Item = &EffectUse> {
        self.ledger.effects().map(|effect| &**effect)
    }

    /// Puts an effect of the document to use, or has it change the state `once`. Logged, and replayed.
    ///
    /// # Errors
    /// `not_found` if the document has no such effect, `bad_parameters`, `bad_argument` for negative stacks,
    /// `duplicate_id`, `memory_limit`, `out_of_range` if it lasts longer than time can be counted; what stops an effect that
    /// acts once.
    pub fn add_effect(&mut self, effect: NewEffect) -> Result<(), Trap> {
        self.record(self.now_ms, Input::AddEffect(effect.clone()));
        let admitted = self.admit_effect(&effect);
        self.state.begin();
        let outcome = admitted.and_then(|()| self.with_effects(|context| add(context, effect)));
        if outcome.is_ok() {
            self.state.commit();
            self.kicks.extend(self.ledger.commit());
        } else {
            self.state.rollback();
            self.ledger.rollback();
        }
        self.refresh_views(None);
        outcome
    }

    /// Takes an effect away with all its stacks; whether there was one under that id. Logged, and replayed.
    pub fn remove_effect(&mut self, id: &str) -> bool {
        self.record(self.now_ms, Input::RemoveEffect { id: id.into() });
        let removed = self.ledger.remove_effect(id);
        self.kicks.extend(self.ledger.commit());
        self.refresh_views(None);
        removed
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
        let mut work = EffectsAtWork::new(self.program.clone(), self.limits);
        let (mut meter, mut events) = (Meter::new(self.limits), Vec::new());
        let handler = Arc::from("");
        let mut context = Context {
            state: &mut self.state,
            meter: &mut meter,
            now_ms: self.now_ms,
            host: self.host.as_deref().unwrap_or(""),
            sender: "",
            handler: &handler,
            events: &mut events,
            players: &self.players,
            ledger: &mut self.ledger,
            effects: Some(&mut work),
            arrived: None,
            tracer: None,
        };
        body(&mut context).map_err(|code| trap(code, "the effect could not be added".into()))
    }
}

fn add(context: &mut Context<'_>, new: NewEffect) -> Result<(), TrapCode> {
    let due_ms = context.effect_end(new.duration_ms)?;
    let NewEffect { id, effect, params, activator, priority, .. } = new;
    let effect = EffectUse { id, effect, params, activator, priority, number: 0, stacks: 0, due_ms };
    context.add_effect(effect, new.stacks, new.once)
}

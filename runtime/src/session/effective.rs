//! The effective state between transactions (R5.7): read without a copy, or as one, and what changes in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::Limits;

use crate::context::{Context, Meter};
use crate::effects::EffectsAtWork;
use crate::ledger::{EffectUse, Ledger};
use crate::program::{Footprint, Program, Trap};
use crate::session::Session;
use crate::session::dispatch::trap;
use crate::state::{Changes, Shown, State};

/// What effects make of the state.
pub(super) struct Effective {
    state: State,
    /// Which effects fail, by id, and why.
    faults: BTreeMap<Arc<str>, Trap>,
}

/// What effects showed when changes were taken last, and what that depends on.
#[derive(Default)]
pub(super) struct Sent {
    shown: Shown,
    /// [`Ledger::effects_version`] and [`Session::stirs`] of that moment; none if it was never taken, or for another program.
    moment: Option<(u64, u64)>,
    /// What the effects in use may touch.
    footprint: Option<Footprint>,
    looks_around: bool,
}

impl Sent {
    /// Another program's effects may do something else.
    pub(super) fn forget_program(&mut self) {
        self.moment = None;
    }

    /// Works out what the effects in use depend on.
    fn learn(&mut self, ledger: &Ledger, program: &dyn Program) {
        let (mut footprint, mut looks_around) = (Footprint::nothing(), false);
        for effect in ledger.effects() {
            if let Some(info) = program.effects().iter().find(|info| info.name == effect.effect) {
                footprint.add(&info.footprint);
                looks_around |= info.looks_around;
            }
        }
        (self.footprint, self.looks_around) = (Some(footprint), looks_around);
    }
}

/// What effects depend on besides the state.
struct Surroundings<'a> {
    program: &'a Arc<dyn Program>,
    limits: Limits,
    now_ms: i64,
    host: &'a str,
    players: &'a [Arc<str>],
}

impl Surroundings<'_> {
    /// Puts effects on a state that is in a transaction; `failed` is told of those that are left out.
    fn put_effects_on(&self, state: &mut State, ledger: &mut Ledger, failed: &mut dyn FnMut(&EffectUse, Trap)) {
        let mut work = EffectsAtWork::new(self.program.clone(), self.limits);
        let (mut meter, mut events) = (Meter::new(self.limits), Vec::new());
        let handler = Arc::from("");
        let mut context = Context {
            state,
            meter: &mut meter,
            now_ms: self.now_ms,
            host: self.host,
            sender: "",
            handler: &handler,
            events: &mut events,
            players: self.players,
            ledger,
            effects: Some(&mut work),
            arrived: None,
            tracer: None,
        };
        if let Err(code) = context.apply_telling(failed) {
            // No handler can run either. Viewers see the base until some effects are gone.
            context.state.overlay_lift();
            for effect in context.ledger.effects() {
                failed(effect, trap(code, "all effects together need more than they may use".into()));
            }
        }
    }
}

impl Session {
    /// The state with effects: what handlers read and viewers see. Makes a copy of the state when it is first asked for
    /// after something was done, if any effect is in use; [`Session::read_effective`] makes none.
    pub fn effective(&self) -> &State {
        match self.ledger.has_effects() {
            true => &self.effective.get_or_init(|| self.copy_effective()).state,
            false => &self.state,
        }
    }

    /// Effects that fail now and are left out: id and error.
    pub fn effect_faults(&self) -> impl Iterator<Item = (&Arc<str>, &Trap)> {
        let effective = self.ledger.has_effects().then(|| self.effective.get_or_init(|| self.copy_effective()));
        effective.into_iter().flat_map(|effective| &effective.faults)
    }

    fn copy_effective(&self) -> Effective {
        let mut state = self.state.clone();
        // Effects arrange nothing: all that the context asks of the ledger is which are in use.
        let mut ledger = Ledger::of_effects(&self.ledger);
        let mut faults = BTreeMap::new();
        state.begin();
        let surroundings = Surroundings {
            program: &self.program,
            limits: self.limits,
            now_ms: self.now_ms,
            host: self.host.as_deref().unwrap_or(""),
            players: &self.players,
        };
        surroundings.put_effects_on(&mut state, &mut ledger, &mut |effect, trap| {
            faults.entry(effect.id.clone()).or_insert(trap);
        });
        state.overlay_adopt();
        state.commit();
        Effective { state, faults }
    }

    /// Reads the state with effects, which are on while `read` runs: no copy, and the same as [`Session::effective`]. Takes
    /// as long as the effects do. What effects add has other references in `read` each time.
    pub fn read_effective<R>(&mut self, read: impl FnOnce(&State) -> R) -> R {
        if !self.ledger.has_effects() {
            return read(&self.state);
        }
        self.with_effects_on(|state| read(state))
    }

    /// Runs `body` with effects on, in a transaction that leaves nothing behind, whatever `body` writes.
    pub(super) fn with_effects_on<R>(&mut self, body: impl FnOnce(&mut State) -> R) -> R {
        let surroundings = Surroundings {
            program: &self.program,
            limits: self.limits,
            now_ms: self.now_ms,
            host: self.host.as_deref().unwrap_or(""),
            players: &self.players,
        };
        self.state.begin();
        surroundings.put_effects_on(&mut self.state, &mut self.ledger, &mut |_, _| {});
        let result = body(&mut self.state);
        self.state.rollback();
        result
    }

    /// What changed in the *effective* state since changes were last taken, or since the session was made: what changed in
    /// the state, but for what effects show as it was, and what effects show otherwise, because they came, went, or give
    /// another value now. Not within a transaction. Nothing is computed unless something changed that effects may read.
    ///
    /// A list or map whose content effects changed is `Replace`.
    pub fn take_changes(&mut self) -> Changes {
        let mut changes = self.state.take_changes();
        if !self.ledger.has_effects() && self.sent.shown.is_empty() {
            return changes;
        }
        let moment = (self.ledger.effects_version(), self.stirs);
        if !self.shows_another(moment, &changes) {
            self.sent.moment = Some(moment);
            self.sent.shown.drop_absent(&mut changes);
            return changes;
        }
        self.sent.learn(&self.ledger, &*self.program);
        let now = match self.ledger.has_effects() {
            true => self.with_effects_on(|state| state.shown()),
            false => Shown::default(),
        };
        self.sent.shown.rewrite(&now, &mut changes, &self.state);
        (self.sent.shown, self.sent.moment) = (now, Some(moment));
        changes
    }

    /// Whether effects may show something else than when changes were taken last.
    fn shows_another(&self, (version, stirs): (u64, u64), changes: &Changes) -> bool {
        let Some(last) = self.sent.moment else { return true };
        let looks = self.sent.looks_around && last.1 != stirs;
        let meets = |footprint: &Footprint| footprint.meets(changes, &self.state);
        last.0 != version || looks || self.sent.footprint.as_ref().is_none_or(meets)
    }
}

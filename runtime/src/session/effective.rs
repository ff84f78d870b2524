//! The effective state between transactions (R5.7): read without a copy, or as one, and what changes in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::effects::EffectsAtWork;
use crate::ledger::Ledger;
use crate::program::{Footprint, Program, Trap};
use crate::session::Session;
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
        let mut work = EffectsAtWork::new(self.program.clone(), self.limits);
        self.surroundings().put_effects_on((&mut state, &mut ledger), &mut work, &mut |effect, trap| {
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
        self.with_effects_on(|_, state, _| read(state))
    }

    /// What changed in the *effective* state since changes were last taken, or since the session was made: what changed in
    /// the state, but for what effects show as it was, and what effects show otherwise, because they came, went, or give
    /// another value now. Not within a transaction. Nothing is computed unless something changed that effects may read.
    ///
    /// A struct that effects add counts as the same as before if everybody sees the same of it; what else of it changed, encoders find while effects are on.
    pub fn take_changes(&mut self) -> Changes {
        let mut changes = Changes::default();
        self.take_changes_into(&mut changes);
        changes
    }

    /// [`Session::take_changes`] into memory that is used again.
    pub fn take_changes_into(&mut self, changes: &mut Changes) {
        self.state.take_changes_into(changes);
        if self.ledger.has_effects() || !self.sent.shown.is_empty() {
            self.show_effects(changes);
        }
        self.note_for_views(changes);
    }

    /// Makes of the changes of the base those of the effective state.
    fn show_effects(&mut self, changes: &mut Changes) {
        let moment = (self.ledger.effects_version(), self.stirs);
        if !self.shows_another(moment, changes) {
            self.sent.moment = Some(moment);
            self.sent.shown.drop_absent(changes);
            return;
        }
        self.sent.learn(&self.ledger, &*self.program);
        let now = match self.ledger.has_effects() {
            true => self.with_effects_on(|_, state, _| state.shown()),
            false => Shown::default(),
        };
        self.sent.shown.rewrite(&now, changes, &self.state);
        (self.sent.shown, self.sent.moment) = (now, Some(moment));
    }

    /// Whether effects may show something else than when changes were taken last.
    fn shows_another(&self, (version, stirs): (u64, u64), changes: &Changes) -> bool {
        let Some(last) = self.sent.moment else { return true };
        let looks = self.sent.looks_around && last.1 != stirs;
        let meets = |footprint: &Footprint| footprint.meets(changes, &self.state);
        last.0 != version || looks || self.sent.footprint.as_ref().is_none_or(meets)
    }
}

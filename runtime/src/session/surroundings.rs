//! What effects, filters and views depend on besides the state, apart from it: so that they can run on the session's own state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use statewright_types::Limits;

use crate::context::{Context, Meter, Outbox};
use crate::effects::EffectsAtWork;
use crate::ledger::{EffectUse, Ledger};
use crate::program::{Program, Trap};
use crate::session::Session;
use crate::session::dispatch::trap;
use crate::session::host_filters::HostFilterUses;
use crate::state::State;
use crate::visibility::Viewer;

/// The session without its state and its ledger.
pub(super) struct Surroundings<'a> {
    pub(super) program: &'a Arc<dyn Program>,
    pub(super) limits: Limits,
    pub(super) now_ms: i64,
    host: &'a str,
    players: &'a [Arc<str>],
    grants: &'a BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    pub(super) host_filters: &'a BTreeMap<Arc<str>, HostFilterUses>,
    /// Where it is noted that views ran short of what they share, if what they say is kept.
    pub(super) ran_short: Option<&'a AtomicBool>,
}

impl Session {
    pub(super) fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            program: &self.program,
            limits: self.limits,
            now_ms: self.now_ms,
            host: self.host.as_deref().unwrap_or(""),
            players: &self.players,
            grants: &self.grants,
            host_filters: &self.host_filters,
            ran_short: None,
        }
    }

    /// The same, with what it goes with; effects have used nothing yet.
    pub(super) fn apart(&mut self) -> (Surroundings<'_>, &mut State, &mut Ledger, &mut EffectsAtWork) {
        self.effects_at_work.begin(&self.program, self.limits);
        let surroundings = Surroundings {
            program: &self.program,
            limits: self.limits,
            now_ms: self.now_ms,
            host: self.host.as_deref().unwrap_or(""),
            players: &self.players,
            grants: &self.grants,
            host_filters: &self.host_filters,
            ran_short: Some(self.asked.ran_short()),
        };
        (surroundings, &mut self.state, &mut self.ledger, &mut self.effects_at_work)
    }

    /// Runs `body` on the state with effects on, in a transaction that leaves nothing behind.
    pub(super) fn with_effects_on<R>(
        &mut self,
        body: impl FnOnce(&Surroundings<'_>, &mut State, &mut Ledger) -> R,
    ) -> R {
        let (surroundings, state, ledger, work) = self.apart();
        state.begin();
        surroundings.put_effects_on((state, ledger), work, &mut |_, _| {});
        let result = body(&surroundings, state, ledger);
        state.rollback();
        result
    }
}

impl Surroundings<'_> {
    /// The world of a graph that runs outside of handlers.
    pub(super) fn context<'c>(
        &'c self,
        (state, ledger): (&'c mut State, &'c mut Ledger),
        (meter, outbox): (&'c mut Meter, &'c mut Outbox),
        name: &'c Arc<str>,
    ) -> Context<'c> {
        Context {
            state,
            meter,
            now_ms: self.now_ms,
            host: self.host,
            sender: "",
            handler: name,
            outbox,
            players: self.players,
            ledger,
            effects: None,
            arrived: None,
            tracer: None,
        }
    }

    /// Puts effects on a state that is in a transaction; `failed` is told of those that are left out.
    pub(super) fn put_effects_on(
        &self,
        (state, ledger): (&mut State, &mut Ledger),
        work: &mut EffectsAtWork,
        failed: &mut dyn FnMut(&EffectUse, Trap),
    ) {
        if !ledger.has_effects() {
            return;
        }
        let (mut meter, mut outbox) = (Meter::new(self.limits), Outbox::default());
        let name = work.nobody();
        let mut context = self.context((state, ledger), (&mut meter, &mut outbox), &name);
        context.effects = Some(work);
        if let Err(code) = context.apply_telling(failed) {
            // No handler can run either. Viewers see the base until some effects are gone.
            context.state.overlay_lift();
            for effect in context.ledger.effects() {
                failed(effect, trap(code, "all effects together need more than they may use".into()));
            }
        }
    }

    /// The viewer with that id and what was granted to it.
    pub(super) fn viewer(&self, id: &str) -> Viewer {
        Viewer { id: id.into(), grants: self.grants.get(id).cloned().unwrap_or_default() }
    }
}

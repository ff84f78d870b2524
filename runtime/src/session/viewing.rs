//! Views that are functions of the document (R9): asked about every record of their type, on the state that is projected.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use statewright_types::{TrapCode, Value};

use crate::context::{Meter, Outbox};
use crate::ledger::Ledger;
use crate::program::{FilterFootprint, Trap, ViewInfo};
use crate::session::Session;
use crate::session::surroundings::Surroundings;
use crate::state::{Changes, State};
use crate::visibility::{Seen, Viewer, project_seen};

/// Views that failed, by name, each with its first error. What they were asked about is hidden.
pub type ViewFaults = Vec<(Arc<str>, Trap)>;

/// What views said, until something changes that they looked at.
#[derive(Default)]
pub(super) struct Asked {
    said: BTreeMap<Arc<str>, Said>,
    /// [`Session::stirs`] when changes were taken last: whatever was done later, is not known yet.
    stirs: Option<u64>,
    /// Counts how often it was forgotten what they said.
    forgotten: u64,
    /// Whether some views ran short of fuel or memory, which all that a viewer is asked about share: then what was said hangs on how
    /// many elements there are, and in which order.
    ran_short: AtomicBool,
}

struct Said {
    seen: Arc<Seen>,
    /// To whom.
    viewer: Viewer,
    /// [`Asked::forgotten`] of that time.
    version: u64,
}

impl Asked {
    /// Nothing that was said holds any more.
    pub(super) fn forget(&mut self) {
        self.forgotten += 1;
        *self.ran_short.get_mut() = false;
    }

    pub(super) fn ran_short(&self) -> &AtomicBool {
        &self.ran_short
    }
}

impl Session {
    /// Views of the document that fail for a viewer now, and hide what they were asked about.
    pub fn view_faults(&self, id: &str) -> ViewFaults {
        match self.filtered.get(id) {
            Some(filtered) if self.keeps_views => filtered.view_faults.clone(),
            _ => self.project(self.effective(), id).1,
        }
    }

    /// `state` as a viewer sees it.
    pub(super) fn project(&self, state: &State, id: &str) -> (Value, ViewFaults) {
        let surroundings = self.surroundings();
        if self.program.views().is_empty() {
            return (project_seen(state, &surroundings.viewer(id), &Seen::default()), ViewFaults::new());
        }
        let mut copy = state.clone();
        copy.begin();
        surroundings.project(&mut copy, &mut self.ledger.clone(), id)
    }

    /// A number that is another whenever views that are functions may say something else, as far as changes were taken.
    pub(crate) fn asked_version(&self) -> u64 {
        self.asked.forgotten
    }

    /// What views that are functions of the document say of the effective state to a viewer without filters. Asked again only
    /// when something changed that they may look at (anything, if they ran short of fuel or memory), as [`Session::take_changes`] finds it.
    pub fn seen(&mut self, id: &str) -> Arc<Seen> {
        if self.program.views().is_empty() {
            return Arc::default();
        }
        let (viewer, is_known) = (self.viewer(id), self.asked.stirs == Some(self.stirs));
        let version = self.asked.forgotten;
        if is_known
            && let Some(said) = self.asked.said.get(id)
            && said.version == version
            && said.viewer == viewer
        {
            return said.seen.clone();
        }
        let seen = self.with_effects_on(|surroundings, state, ledger| surroundings.ask(state, ledger, &viewer).0);
        // Who says the same is given the same, so that nobody need compare it.
        let seen = match self.asked.said.get(id) {
            Some(said) if *said.seen == seen => said.seen.clone(),
            _ => Arc::new(seen),
        };
        if is_known {
            self.asked.said.insert(id.into(), Said { seen: seen.clone(), viewer, version });
        }
        seen
    }

    /// Forgets what views said if these changes, of the effective state, are of something that they may look at.
    pub(super) fn note_for_views(&mut self, changes: &Changes) {
        let views = self.program.views();
        if views.is_empty() {
            return;
        }
        let stirred = self.asked.stirs != Some(self.stirs);
        self.asked.stirs = Some(self.stirs);
        let touched = |footprint: &FilterFootprint| {
            footprint.looks_around && stirred || footprint.reads.meets(changes, &self.state)
        };
        // Elements that are new have not been asked about.
        let whole = self.state.taken_whole(changes);
        let grew = |view: &ViewInfo| whole.contains(&view.element);
        let ran_short = *self.asked.ran_short.get_mut() && !changes.is_empty();
        if ran_short || !changes.roots.is_empty() || views.iter().any(|view| touched(&view.footprint) || grew(view)) {
            self.asked.forget();
        }
    }
}

impl Surroundings<'_> {
    /// A state, which is in a transaction, as a viewer sees it.
    pub(super) fn project(&self, state: &mut State, ledger: &mut Ledger, id: &str) -> (Value, ViewFaults) {
        let viewer = self.viewer(id);
        let (seen, faults) = self.ask(state, ledger, &viewer);
        (project_seen(state, &viewer, &seen), faults)
    }

    /// Asks every view that is not granted about every record of its type. All share one meter; once it is used up, the rest fails.
    pub(super) fn ask(&self, state: &mut State, ledger: &mut Ledger, viewer: &Viewer) -> (Seen, ViewFaults) {
        let (mut seen, mut faults) = (Seen::default(), ViewFaults::new());
        if self.program.views().is_empty() {
            return (seen, faults);
        }
        let schema = state.schema().clone();
        let (mut meter, mut outbox) = (Meter::new(self.limits), Outbox::default());
        for (index, view) in self.program.views().iter().enumerate() {
            if viewer.grants.contains(&view.name) {
                continue;
            }
            for record in state.records(view.element) {
                let id = state.string(&viewer.id);
                let mut context = self.context((state, ledger), (&mut meter, &mut outbox), &view.name);
                match self.program.run_view(index, id, record, &mut context) {
                    Ok(true) => seen.add(&schema, &view.name, view.element, record),
                    Ok(false) => {}
                    Err(trap) => {
                        if let (TrapCode::FuelExhausted | TrapCode::MemoryLimit, Some(short)) =
                            (trap.code, self.ran_short)
                        {
                            short.store(true, Ordering::Relaxed);
                        }
                        if !faults.iter().any(|(name, _)| *name == view.name) {
                            faults.push((view.name.clone(), trap));
                        }
                    }
                }
            }
        }
        (seen, faults)
    }
}

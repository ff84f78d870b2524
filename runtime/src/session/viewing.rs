//! Views that are functions of the document (R9): asked about every record of their type, on the state that is projected.

use std::sync::Arc;

use crate::context::{Context, Meter, Outbox};
use crate::program::Trap;
use crate::session::Session;
use crate::state::State;
use crate::visibility::{Seen, Viewer, project_seen};
use statewright_types::Value;

/// Views that failed, by name, each with its first error. What they were asked about is hidden.
pub type ViewFaults = Vec<(Arc<str>, Trap)>;

impl Session {
    /// Views of the document that fail for a viewer now, and hide what they were asked about.
    pub fn view_faults(&self, id: &str) -> ViewFaults {
        match self.filtered.get(id) {
            Some(filtered) => filtered.view_faults.clone(),
            None => self.project(&self.state, id).1,
        }
    }

    /// `state` as a viewer sees it.
    pub(super) fn project(&self, state: &State, id: &str) -> (Value, ViewFaults) {
        let viewer = self.viewer(id);
        if self.program.views().is_empty() {
            return (project_seen(state, &viewer, &Seen::default()), ViewFaults::new());
        }
        let (seen, faults) = self.ask(&mut state.clone(), &viewer);
        (project_seen(state, &viewer, &seen), faults)
    }

    /// Asks every view that is not granted about every record of its type. All share one meter; once it is used up, the rest fails.
    fn ask(&self, state: &mut State, viewer: &Viewer) -> (Seen, ViewFaults) {
        let (mut seen, mut faults) = (Seen::default(), ViewFaults::new());
        let schema = state.schema().clone();
        let mut meter = Meter::new(self.limits);
        let (mut ledger, mut outbox) = (self.ledger.clone(), Outbox::default());
        for (index, view) in self.program.views().iter().enumerate() {
            if viewer.grants.contains(&view.name) {
                continue;
            }
            for record in state.records(view.element) {
                state.begin();
                let id = state.string(&viewer.id);
                let mut context = Context {
                    state,
                    meter: &mut meter,
                    now_ms: self.now_ms,
                    host: self.host.as_deref().unwrap_or(""),
                    sender: "",
                    handler: &view.name,
                    outbox: &mut outbox,
                    players: &self.players,
                    ledger: &mut ledger,
                    effects: None,
                    arrived: None,
                    tracer: None,
                };
                let said = self.program.run_view(index, id, record, &mut context);
                state.rollback();
                match said {
                    Ok(true) => seen.add(&schema, &view.name, view.element, record),
                    Ok(false) => {}
                    Err(trap) => {
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

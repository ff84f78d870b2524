//! Filters of viewers (R5.7): what a viewer's filters make of its copy of the effective state, before hidden fields are taken out.
//!
//! Views of viewers with filters are made anew after everything that is done to the session, so that a viewer whose
//! filter fails keeps the one before.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::{TrapCode, Value};

use crate::context::{Context, Meter, Tracer};
use crate::effects::arguments_of;
use crate::ledger::{FilterUse, FilterUses};
use crate::program::{Outcome, Trap};
use crate::session::Session;
use crate::session::dispatch::{reborrow, trap};
use crate::session::saved::SavedView;
use crate::session::viewing::ViewFaults;

/// What filters made of the state for one viewer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filtered {
    /// The last view that they could make; nothing at all until the first.
    view: Value,
    /// Which filter failed since, by id, and why.
    fault: Option<(Arc<str>, Trap)>,
    /// Views of the document that failed when it was made.
    pub(super) view_faults: ViewFaults,
}

impl Filtered {
    /// A view of which it is not known whether it can be made again.
    pub(super) fn last_good(saved: SavedView) -> Filtered {
        Filtered { view: saved.view, fault: None, view_faults: saved.faults }
    }

    /// The view, for [`Filtered::last_good`].
    pub(super) fn to_saved(&self) -> SavedView {
        SavedView { view: self.view.clone(), faults: self.view_faults.clone() }
    }
}

impl Session {
    /// The state as the viewer with that id sees it: with effects, through its filters, then without hidden fields; see
    /// [`project`](crate::visibility::project).
    pub fn view(&self, id: &str) -> Value {
        match self.filtered.get(id) {
            Some(filtered) => filtered.view.clone(),
            None => self.project(self.effective(), id).0,
        }
    }

    /// Filters that fail now, by viewer: filter id and error. Such a viewer's view is the last one that could be made.
    pub fn filter_faults(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, &Trap)> {
        self.filtered.iter().filter_map(|(viewer, filtered)| {
            let (id, trap) = filtered.fault.as_ref()?;
            Some((viewer, id, trap))
        })
    }

    /// Makes the views of all viewers that have filters, telling `tracer` what the filters do.
    pub(super) fn refresh_views(&mut self, tracer: Option<&mut dyn Tracer>) {
        self.effective.take();
        self.stirs += 1;
        if self.ledger.filters().is_empty() && self.filtered.is_empty() {
            return;
        }
        let mut tracer = tracer.filter(|tracer| tracer.sees_asides());
        let filters = self.ledger.filters().clone();
        let mut before = std::mem::take(&mut self.filtered);
        let mut after = BTreeMap::new();
        for (viewer, uses) in filters {
            let nothing = Filtered { view: Value::Map(Vec::new()), fault: None, view_faults: ViewFaults::new() };
            let mut filtered = before.remove(&viewer).unwrap_or(nothing);
            match self.filter(&viewer, &uses, reborrow(&mut tracer)) {
                Ok((view, view_faults)) => filtered = Filtered { view, fault: None, view_faults },
                Err(fault) => filtered.fault = Some(fault),
            }
            after.insert(viewer, filtered);
        }
        self.filtered = after;
    }

    /// One viewer's view, or the filter that failed.
    fn filter(
        &mut self,
        viewer: &Arc<str>,
        uses: &FilterUses,
        mut tracer: Option<&mut dyn Tracer>,
    ) -> Result<(Value, ViewFaults), (Arc<str>, Trap)> {
        let copy = self.effective().clone();
        let main = std::mem::replace(&mut self.state, copy);
        let mut outcome = Ok(());
        for (id, filter) in uses {
            outcome = self.run_filter(viewer, filter, reborrow(&mut tracer)).map_err(|trap| (id.clone(), trap));
            if outcome.is_err() {
                break;
            }
        }
        let copy = std::mem::replace(&mut self.state, main);
        outcome.map(|()| self.project(&copy, viewer))
    }

    /// Runs a filter on the state, which the caller has put a copy in the place of.
    fn run_filter(
        &mut self,
        viewer: &Arc<str>,
        filter: &FilterUse,
        mut tracer: Option<&mut dyn Tracer>,
    ) -> Result<(), Trap> {
        let program = self.program.clone();
        let named = program.filters().iter().enumerate().find(|(_, info)| info.name == filter.filter);
        let Some((index, info)) = named else {
            let message = format!("the document has no filter `{}` any more", filter.filter);
            return Err(trap(TrapCode::NotFound, message));
        };
        self.state.begin();
        let mut meter = Meter::new(self.limits);
        let mut events = Vec::new();
        let mut args = vec![self.state.string(viewer)];
        let declared = arguments_of("filter", &info.name, &info.params, &filter.params, &mut self.state);
        let outcome = match declared {
            Ok(declared) => {
                args.extend(declared);
                let mut context = Context {
                    state: &mut self.state,
                    meter: &mut meter,
                    now_ms: self.now_ms,
                    host: self.host.as_deref().unwrap_or(""),
                    sender: "",
                    handler: &info.name,
                    events: &mut events,
                    players: &self.players,
                    ledger: &mut self.ledger,
                    effects: None,
                    arrived: None,
                    tracer: reborrow(&mut tracer),
                };
                program.run_filter(index, &args, &mut context)
            }
            Err(bad) => Outcome::Trapped(bad),
        };
        // The checker keeps filters from arranging anything.
        self.ledger.rollback();
        self.state.commit();
        match outcome {
            Outcome::Done => Ok(()),
            Outcome::Trapped(trap) => Err(trap),
            Outcome::Suspended(_) => Err(trap(TrapCode::BadArgument, "a filter must not wait".to_owned())),
        }
    }
}

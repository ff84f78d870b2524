//! Filters of viewers (R5.7): what a viewer's filters make of its copy of the effective state, before hidden fields are taken out.
//!
//! Views of viewers with filters are made anew after everything that is done to the session, so that a viewer whose
//! filter fails keeps the one before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_types::{TrapCode, Value};

use crate::access::Access;
use crate::context::{Meter, Outbox, Tracer};
use crate::effects::arguments_of;
use crate::host::HostError;
use crate::ledger::{FilterUse, FilterUses, Ledger};
use crate::program::{FilterFootprint, Outcome, Trap};
use crate::session::Session;
use crate::session::dispatch::{reborrow, trap};
use crate::session::host_filters::{FilterView, HostFilterUse, HostFilterUses};
use crate::session::saved::SavedView;
use crate::session::surroundings::Surroundings;
use crate::session::viewing::ViewFaults;
use crate::state::State;

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

/// A viewer's view and the document's views that failed; or the filter that failed, by id, and why.
pub(crate) type Made = Result<(Value, ViewFaults), (Arc<str>, Trap)>;

impl Session {
    /// The state as the viewer with that id sees it: with effects, through its filters, then without hidden fields; see
    /// [`project`](crate::visibility::project).
    pub fn view(&self, id: &str) -> Value {
        match self.filtered.get(id) {
            Some(filtered) if self.keeps_views => filtered.view.clone(),
            filtered if self.is_filtered(id) => match self.filter_copy(id) {
                Ok((view, _)) => view,
                Err(_) => filtered.map_or(Value::Map(Vec::new()), |filtered| filtered.view.clone()),
            },
            _ => self.project(self.effective(), id).0,
        }
    }

    /// Whether a viewer has filters, of the document or in Rust.
    pub fn is_filtered(&self, id: &str) -> bool {
        self.ledger.filters().contains_key(id) || self.host_filters.contains_key(id)
    }

    /// Whether the views of viewers with filters are made after everything that is done to the session, as they are at first, or
    /// only when somebody asks for them. Asked for, a view whose filter fails is the last one that was kept, and
    /// [`Session::filter_faults`] are those of that time: for whoever keeps for itself what viewers saw last.
    pub fn keep_views(&mut self, kept: bool) {
        self.refresh_views(None);
        self.keeps_views = kept;
        self.refresh_views(None);
        if !kept {
            // All others can be made.
            self.filtered.retain(|_, filtered| filtered.fault.is_some());
        }
    }

    /// What a viewer saw before its filters failed, if that is known.
    pub(crate) fn last_good(&self, viewer: &str) -> Option<&Value> {
        self.filtered.get(viewer).map(|filtered| &filtered.view)
    }

    /// Has the session know what a viewer saw before its filters failed, or that they do not fail any more: for whoever keeps for itself
    /// what viewers saw last.
    pub(crate) fn know_last_good(&mut self, viewer: &Arc<str>, failed: Option<(Value, (Arc<str>, Trap))>) {
        match failed {
            Some((view, fault)) => {
                let filtered = Filtered { view, fault: Some(fault), view_faults: ViewFaults::new() };
                self.filtered.insert(viewer.clone(), filtered);
            }
            None => _ = self.filtered.remove(viewer),
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
    #[inline]
    pub(super) fn refresh_views(&mut self, tracer: Option<&mut dyn Tracer>) {
        if self.effective.get().is_some() {
            self.effective.take();
        }
        self.stirs += 1;
        let has_filters = !self.ledger.filters().is_empty() || !self.host_filters.is_empty();
        if self.keeps_views && (has_filters || !self.filtered.is_empty()) {
            self.make_all_views(tracer);
        }
    }

    #[inline(never)]
    fn make_all_views(&mut self, tracer: Option<&mut dyn Tracer>) {
        let viewers: BTreeSet<Arc<str>> = self.filtered_viewers().cloned().collect();
        let viewers: Vec<Arc<str>> = viewers.into_iter().collect();
        let made = self.make_views(&viewers, tracer);
        let mut before = std::mem::take(&mut self.filtered);
        for (viewer, made) in viewers.into_iter().zip(made) {
            let nothing = Filtered { view: Value::Map(Vec::new()), fault: None, view_faults: ViewFaults::new() };
            let mut filtered = before.remove(&viewer).unwrap_or(nothing);
            match made {
                Ok((view, view_faults)) => filtered = Filtered { view, fault: None, view_faults },
                Err(fault) => filtered.fault = Some(fault),
            }
            self.filtered.insert(viewer, filtered);
        }
    }

    /// Viewers with filters; those with both kinds twice.
    pub(crate) fn filtered_viewers(&self) -> impl Iterator<Item = &Arc<str>> {
        self.ledger.filters().keys().chain(self.host_filters.keys())
    }

    /// Makes the views of viewers with filters, as they are now, without copies of the state: effects are put on once, and what a
    /// viewer's filters write is taken back.
    pub(crate) fn make_views(&mut self, viewers: &[Arc<str>], tracer: Option<&mut dyn Tracer>) -> Vec<Made> {
        let mut tracer = tracer.filter(|tracer| tracer.sees_asides());
        self.with_effects_on(|surroundings, state, ledger| {
            let make = |viewer: &Arc<str>| surroundings.make_view(viewer, state, ledger, reborrow(&mut tracer));
            viewers.iter().map(make).collect()
        })
    }

    /// One viewer's view, if it can be made.
    pub(crate) fn make_view(&mut self, viewer: &Arc<str>) -> Option<Value> {
        let made = self.make_views(std::slice::from_ref(viewer), None).pop()?;
        made.ok().map(|(view, _)| view)
    }

    /// The views that are kept; else those that can be made now.
    pub(super) fn saved_views(&self) -> BTreeMap<Arc<str>, SavedView> {
        if self.keeps_views {
            return self.filtered.iter().map(|(viewer, seen)| (viewer.clone(), seen.to_saved())).collect();
        }
        let made = |viewer: &Arc<str>| {
            let seen = match self.filter_copy(viewer) {
                Ok((view, faults)) => SavedView { view, faults },
                Err(_) => self.filtered.get(viewer)?.to_saved(),
            };
            Some((viewer.clone(), seen))
        };
        self.filtered_viewers().filter_map(made).collect()
    }

    /// One viewer's view, made on a copy.
    fn filter_copy(&self, viewer: &str) -> Made {
        let mut state = self.effective().clone();
        state.begin();
        self.surroundings().make_view(viewer, &mut state, &mut self.ledger.clone(), None)
    }
}

impl Surroundings<'_> {
    /// One viewer's view, or the filter that failed. `state` is the effective one, in a transaction, and is so again.
    fn make_view(&self, viewer: &str, state: &mut State, ledger: &mut Ledger, tracer: Option<&mut dyn Tracer>) -> Made {
        let uses = ledger.filters().get(viewer).cloned().unwrap_or_default();
        state.overlay_apart(|state| {
            self.run_filters(viewer, &uses, state, ledger, tracer)?;
            Ok(self.project(state, ledger, viewer))
        })
    }

    /// Runs a viewer's filters, by ascending id; of equal ids the document's first.
    fn run_filters(
        &self,
        viewer: &str,
        uses: &FilterUses,
        state: &mut State,
        ledger: &mut Ledger,
        mut tracer: Option<&mut dyn Tracer>,
    ) -> Result<(), (Arc<str>, Trap)> {
        let nothing = HostFilterUses::new();
        let mut host = self.host_filters.get(viewer).unwrap_or(&nothing).iter().peekable();
        for (id, filter) in uses {
            while let Some((id, filter)) = host.next_if(|(other, _)| *other < id) {
                self.run_host_filter(viewer, filter, state).map_err(|trap| (id.clone(), trap))?;
            }
            let outcome = self.run_filter(viewer, filter, state, ledger, reborrow(&mut tracer));
            outcome.map_err(|trap| (id.clone(), trap))?;
        }
        for (id, filter) in host {
            self.run_host_filter(viewer, filter, state).map_err(|trap| (id.clone(), trap))?;
        }
        Ok(())
    }

    fn run_host_filter(&self, viewer: &str, filter: &HostFilterUse, state: &mut State) -> Result<(), Trap> {
        let FilterFootprint { reads, writes, looks_around } = &*filter.footprint;
        let access = Access::new(state, reads, writes, looks_around.then_some(self.now_ms));
        filter.filter.run(&mut FilterView { access, viewer }).map_err(HostError::into_trap)
    }

    /// Runs a filter of the document on the state.
    fn run_filter(
        &self,
        viewer: &str,
        filter: &FilterUse,
        state: &mut State,
        ledger: &mut Ledger,
        mut tracer: Option<&mut dyn Tracer>,
    ) -> Result<(), Trap> {
        let named = self.program.filters().iter().enumerate().find(|(_, info)| info.name == filter.filter);
        let Some((index, info)) = named else {
            let message = format!("the document has no filter `{}` any more", filter.filter);
            return Err(trap(TrapCode::NotFound, message));
        };
        let (mut meter, mut outbox) = (Meter::new(self.limits), Outbox::default());
        let mut args = vec![state.string(viewer)];
        args.extend(arguments_of("filter", &info.name, &info.params, &filter.params, state)?);
        let mut context = self.context((state, &mut *ledger), (&mut meter, &mut outbox), &info.name);
        context.tracer = reborrow(&mut tracer);
        let outcome = self.program.run_filter(index, &args, &mut context);
        // The checker keeps filters from arranging anything.
        ledger.rollback();
        match outcome {
            Outcome::Done => Ok(()),
            Outcome::Trapped(trap) => Err(trap),
            Outcome::Suspended(_) => Err(trap(TrapCode::BadArgument, "a filter must not wait".to_owned())),
        }
    }
}

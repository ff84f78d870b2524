//! Filters of viewers in Rust (R5.7): what a host program's functions make of a viewer's copy of the state, beside the
//! document's filters.
//!
//! A filter changes what one viewer sees, and never the state: so these are not in the log, and not in saved sessions. Whoever
//! restores a session sets them again.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::access::{Access, Declared};
use crate::host::HostError;
use crate::ledger::{FilterUse, FilterUses};
use crate::program::{FilterFootprint, Footprint};
use crate::session::Session;

/// A filter in Rust. It must be deterministic: the same state gives the same view.
///
/// Functions and closures that take a [`FilterView`] are filters that may touch anything, and run again whenever anything was done to the session;
/// [`declared`] makes them run only when something changed that they look at.
pub trait HostFilter: Send + Sync {
    /// What it touches; nothing declared is anything.
    fn declared(&self) -> Option<Declared> {
        None
    }

    /// Changes what the viewer sees, before hidden fields are taken out.
    ///
    /// # Errors
    /// Whatever stops it: then the viewer keeps the last view that could be made.
    fn run(&self, view: &mut FilterView<'_>) -> Result<(), HostError>;
}

impl<F: Fn(&mut FilterView<'_>) -> Result<(), HostError> + Send + Sync> HostFilter for F {
    fn run(&self, view: &mut FilterView<'_>) -> Result<(), HostError> {
        self(view)
    }
}

/// A filter that somebody has, for somebody else.
impl HostFilter for Arc<dyn HostFilter> {
    fn declared(&self) -> Option<Declared> {
        (**self).declared()
    }

    fn run(&self, view: &mut FilterView<'_>) -> Result<(), HostError> {
        (**self).run(view)
    }
}

/// A function as a filter that touches only what is declared.
pub fn declared<F>(touched: Declared, filter: F) -> impl HostFilter
where
    F: Fn(&mut FilterView<'_>) -> Result<(), HostError> + Send + Sync,
{
    DeclaredFilter { touched, filter }
}

struct DeclaredFilter<F> {
    touched: Declared,
    filter: F,
}

impl<F: Fn(&mut FilterView<'_>) -> Result<(), HostError> + Send + Sync> HostFilter for DeclaredFilter<F> {
    fn declared(&self) -> Option<Declared> {
        Some(self.touched.clone())
    }

    fn run(&self, view: &mut FilterView<'_>) -> Result<(), HostError> {
        (self.filter)(view)
    }
}

/// What a filter may do: look at the viewer's copy of the effective state, and change it.
pub struct FilterView<'a> {
    pub(super) access: Access<'a>,
    pub(super) viewer: &'a str,
}

impl FilterView<'_> {
    /// Whose view it is.
    pub fn viewer(&self) -> &str {
        self.viewer
    }
}

impl<'a> Deref for FilterView<'a> {
    type Target = Access<'a>;

    fn deref(&self) -> &Access<'a> {
        &self.access
    }
}

impl DerefMut for FilterView<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.access
    }
}

/// A filter in Rust that a viewer has.
#[derive(Clone)]
pub(super) struct HostFilterUse {
    pub(super) filter: Arc<dyn HostFilter>,
    pub(super) footprint: Arc<FilterFootprint>,
    /// No other one has it.
    number: u64,
}

/// Those of one viewer, by ascending id.
pub(super) type HostFilterUses = BTreeMap<Arc<str>, HostFilterUse>;

impl Session {
    /// Gives a viewer a filter in Rust, instead of what it had in Rust under that id. With the document's filters of the viewer
    /// it acts in the order of their ids; of equal ids, the document's first. Not logged, and not saved.
    ///
    /// # Errors
    /// Says which declared field the schema does not have.
    pub fn set_host_filter(&mut self, viewer: &str, id: &str, filter: impl HostFilter + 'static) -> Result<(), String> {
        let footprint = match filter.declared() {
            None => FilterFootprint::anything(),
            Some(declared) => {
                let (reads, writes) = declared.resolve(self.state.schema())?;
                FilterFootprint { reads, writes, looks_around: declared.is_timed() }
            }
        };
        self.filters_version += 1;
        let (filter, footprint) = (Arc::new(filter), Arc::new(footprint));
        let filter = HostFilterUse { filter, footprint, number: self.filters_version };
        self.host_filters.entry(viewer.into()).or_default().insert(id.into(), filter);
        self.refresh_views(None);
        Ok(())
    }

    /// Takes a viewer's filter in Rust away; whether it had one under that id.
    pub fn remove_host_filter(&mut self, viewer: &str, id: &str) -> bool {
        let Some(uses) = self.host_filters.get_mut(viewer) else { return false };
        let removed = uses.remove(id).is_some();
        if uses.is_empty() {
            self.host_filters.remove(viewer);
        }
        if removed {
            self.filters_version += 1;
            self.refresh_views(None);
        }
        removed
    }

    /// Whether a viewer has a filter in Rust under that id.
    pub fn has_host_filter(&self, viewer: &str, id: &str) -> bool {
        self.host_filters.get(viewer).is_some_and(|uses| uses.contains_key(id))
    }

    /// A viewer's filter in Rust.
    pub fn host_filter(&self, viewer: &str, id: &str) -> Option<&Arc<dyn HostFilter>> {
        self.host_filters.get(viewer)?.get(id).map(|using| &using.filter)
    }

    /// The filters in Rust in use: viewer and id, ascending.
    pub fn host_filters(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.host_filters.iter().flat_map(|(viewer, uses)| uses.keys().map(move |id| (viewer, id)))
    }
}

impl Session {
    /// Another one whenever viewers have other filters, or the filters do something else.
    pub(crate) fn filters_version(&self) -> FiltersVersion {
        let (document, host) = (self.ledger.filters_version(), self.filters_version);
        FiltersVersion { document, host, program: self.programs }
    }

    /// What a viewer's filters may touch, all together.
    pub(crate) fn filter_footprint(&self, viewer: &str) -> FilterFootprint {
        let mut all =
            FilterFootprint { reads: Footprint::nothing(), writes: Footprint::nothing(), looks_around: false };
        let infos = self.program.filters();
        let named = |filter: &FilterUse| infos.iter().find(|info| info.name == filter.filter);
        let of_document = self.ledger.filters().get(viewer).into_iter().flat_map(BTreeMap::values);
        let of_host = self.host_filters.get(viewer).into_iter().flat_map(BTreeMap::values);
        let footprints = of_document.filter_map(|filter| Some(&named(filter)?.footprint));
        for footprint in footprints.chain(of_host.map(|filter| &*filter.footprint)) {
            all.reads.add(&footprint.reads);
            all.writes.add(&footprint.writes);
            all.looks_around |= footprint.looks_around;
        }
        all
    }

    /// Which filters a viewer has: equal exactly if they are the same, with the same parameters.
    pub(crate) fn filters_of(&self, viewer: &str) -> FiltersOf {
        let host = self.host_filters.get(viewer).into_iter().flatten();
        FiltersOf {
            document: self.ledger.filters().get(viewer).cloned().unwrap_or_default(),
            host: host.map(|(id, filter)| (id.clone(), filter.number)).collect(),
        }
    }
}

/// How often it became another who has which filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FiltersVersion {
    document: u64,
    host: u64,
    /// Another program's filters may do something else under the same name.
    pub program: u64,
}

/// Which filters a viewer has.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FiltersOf {
    document: FilterUses,
    host: Vec<(Arc<str>, u64)>,
}

//! Viewers with filters: whose filters must run again for a span of changes, and who may take what everybody is sent.
//!
//! A viewer takes the shared bytes of a span if its filters would do the same again, and none of them writes where something
//! changed, above it, or inside of what is sent whole. What decides who sees what (owners, teams, keys, grants, views) is no
//! business of filters, but what comes into sight is sent whole, and may be something that a filter writes: then views are made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_types::{Schema, StructId, Value};

use crate::access::struct_inside;
use crate::program::{FilterFootprint, Footprint, Trap};
use crate::session::Session;
use crate::session::host_filters::{FiltersOf, FiltersVersion};
use crate::state::{Changes, State};
use crate::visibility::{players_field, scope_fields};

/// What viewers with filters are to be sent for a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refreshed {
    /// Views that were made anew, by viewer: what is sent is the difference from what the viewer has. All others take the
    /// shared bytes, but for those that [`FilteredViewers::is_frozen`] names, who are sent nothing.
    pub views: Vec<(Arc<str>, Value)>,
    /// Who has no filters any more: its view is among `views` a last time.
    pub freed: Vec<Arc<str>>,
    /// Whose filters fail since this span, by which and why.
    pub failed: Vec<(Arc<str>, (Arc<str>, Trap))>,
    /// Whether others than before have filters, perhaps.
    pub regrouped: bool,
}

/// So many places are looked through for those that are there twice.
const FEW: usize = 256;

/// Viewers with filters, from span to span.
#[derive(Debug, Default)]
pub struct FilteredViewers {
    viewers: BTreeMap<Arc<str>, Known>,
    /// Viewers whose filters touch the same.
    groups: Vec<Group>,
    /// Whose filters fail, by which and why.
    faults: BTreeMap<Arc<str>, (Arc<str>, Trap)>,
    filters_version: Option<FiltersVersion>,
    stirs: u64,
    grants_version: u64,
    asked_version: u64,
    /// Who has filters since this refresh.
    new: BTreeSet<Arc<str>>,
    /// Fields that say whose things are, of the schema.
    deciding: BTreeSet<(StructId, u32)>,
    /// The span that was looked at last.
    span: Span,
}

/// What is known of a viewer.
#[derive(Debug)]
struct Known {
    filters: FiltersOf,
    grants: BTreeSet<Arc<str>>,
    /// What its filters touch.
    touched: Arc<FilterFootprint>,
}

#[derive(Debug)]
struct Group {
    touched: Arc<FilterFootprint>,
    /// Types of structs in which the filters write something, however deep.
    tainted: BTreeSet<StructId>,
    /// Whether they write what decides who sees what: then nothing is shared.
    decides: bool,
    viewers: Vec<Arc<str>>,
}

impl FilteredViewers {
    /// None yet.
    pub fn new() -> FilteredViewers {
        FilteredViewers::default()
    }

    /// Whether nobody had filters at the last refresh.
    pub fn is_empty(&self) -> bool {
        self.viewers.is_empty()
    }

    /// Whether a viewer had filters at the last refresh.
    pub fn contains(&self, viewer: &str) -> bool {
        self.viewers.contains_key(viewer)
    }

    /// Whether a viewer's filters fail, so that it keeps what it has.
    pub fn is_frozen(&self, viewer: &str) -> bool {
        self.faults.contains_key(viewer)
    }

    /// Filters that fail, by viewer: filter id and error.
    pub fn faults(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, &Trap)> {
        self.faults.iter().map(|(viewer, (id, trap))| (viewer, id, trap))
    }

    /// Brings views up to date after a span: `changes` are what [`Session::take_changes`] gave, and nothing was done to the session
    /// since. Only filters run that must: without any, it takes time in proportion to the changes and to the number of
    /// different filters, not of viewers.
    pub fn refresh(&mut self, session: &mut Session, changes: &Changes) -> Refreshed {
        let mut stale = BTreeSet::new();
        let mut freed = Vec::new();
        let regrouped = self.filters_version != Some(session.filters_version());
        if regrouped {
            freed = self.learn_filters(session, &mut stale);
        }
        if self.grants_version != session.grants_version() {
            self.learn_grants(session, &mut stale);
        }
        let asked_anew = self.asked_version != session.asked_version();
        let stirred = self.stirs != session.stirs();
        (self.asked_version, self.stirs) = (session.asked_version(), session.stirs());
        if !self.groups.is_empty() {
            self.span.look_at(changes, session.state(), &self.deciding);
            let span = &self.span;
            let must_run = |group: &&Group| {
                asked_anew || stirred && group.touched.looks_around || group.must_run(span, changes, session.state())
            };
            for group in self.groups.iter().filter(must_run) {
                stale.extend(group.viewers.iter().cloned());
            }
        }
        let viewers: Vec<Arc<str>> = stale.into_iter().chain(freed.iter().cloned()).collect();
        let mut refreshed = Refreshed { freed, regrouped, ..Refreshed::default() };
        if !viewers.is_empty() {
            self.make(session, viewers, &mut refreshed);
        }
        refreshed
    }

    /// The views of these viewers that can be made.
    fn make(&mut self, session: &mut Session, viewers: Vec<Arc<str>>, refreshed: &mut Refreshed) {
        let made = session.make_views(&viewers, None);
        let Refreshed { views, failed, .. } = refreshed;
        for (viewer, made) in viewers.into_iter().zip(made) {
            let is_new = self.new.remove(&viewer);
            match made {
                Ok((view, _)) => {
                    if self.faults.remove(&viewer).is_some() {
                        session.know_last_good(&viewer, None);
                    }
                    views.push((viewer, view));
                }
                Err(fault) => {
                    // Until the first view that can be made, a viewer with filters sees nothing at all.
                    if is_new {
                        let view = session.last_good(&viewer).cloned().unwrap_or(Value::Map(Vec::new()));
                        views.push((viewer.clone(), view));
                    }
                    if self.faults.insert(viewer.clone(), fault.clone()).is_none() {
                        failed.push((viewer, fault));
                    }
                }
            }
        }
    }

    /// Learns who has which filters; `stale` gets those who have others than before. Gives who has none any more.
    fn learn_filters(&mut self, session: &mut Session, stale: &mut BTreeSet<Arc<str>>) -> Vec<Arc<str>> {
        let version = session.filters_version();
        let other_program = self.filters_version.is_none_or(|known| known.program != version.program);
        self.filters_version = Some(version);
        let schema = session.state().schema().clone();
        self.deciding = scope_fields(&schema).into_iter().map(|(ty, field)| (ty, field as u32)).collect();
        self.groups.clear();
        let now: BTreeSet<Arc<str>> = session.filtered_viewers().cloned().collect();
        let freed: Vec<Arc<str>> = self.viewers.keys().filter(|viewer| !now.contains(*viewer)).cloned().collect();
        for viewer in &freed {
            self.viewers.remove(viewer);
            self.faults.remove(viewer);
            session.know_last_good(viewer, None);
        }
        for viewer in now {
            let filters = session.filters_of(&viewer);
            let before = self.viewers.get(&viewer);
            if before.is_none() {
                self.new.insert(viewer.clone());
            }
            if other_program || before.is_none_or(|known| known.filters != filters) {
                stale.insert(viewer.clone());
                let touched = Arc::new(session.filter_footprint(&viewer));
                let grants = session.viewer(&viewer).grants;
                self.viewers.insert(viewer, Known { filters, grants, touched });
            }
        }
        for (viewer, Known { touched, .. }) in &self.viewers {
            match self.groups.iter_mut().find(|group| group.touched == *touched) {
                Some(group) => group.viewers.push(viewer.clone()),
                None => self.groups.push(Group::new(session, touched.clone(), &self.deciding, viewer.clone())),
            }
        }
        freed
    }

    fn learn_grants(&mut self, session: &Session, stale: &mut BTreeSet<Arc<str>>) {
        self.grants_version = session.grants_version();
        for (viewer, known) in &mut self.viewers {
            let grants = session.viewer(viewer).grants;
            if known.grants != grants {
                known.grants = grants;
                stale.insert(viewer.clone());
            }
        }
    }
}

impl Group {
    fn new(
        session: &Session,
        touched: Arc<FilterFootprint>,
        deciding: &BTreeSet<(StructId, u32)>,
        viewer: Arc<str>,
    ) -> Group {
        let views = session.program().views();
        let decides = match &touched.writes {
            Footprint::All => true,
            Footprint::Fields(fields) => {
                let asked = |at: &(StructId, u32)| views.iter().any(|view| view.footprint.reads.contains(at.0, at.1));
                fields.iter().any(|at| deciding.contains(at) || asked(at))
            }
        };
        let tainted = tainted(session.state().schema(), &touched.writes);
        Group { touched, tainted, decides, viewers: vec![viewer] }
    }

    /// Whether its filters must run for these changes, or the views be made without the shared bytes.
    fn must_run(&self, span: &Span, changes: &Changes, state: &State) -> bool {
        if changes.is_empty() {
            return false;
        }
        self.decides
            || span.decides
            || changes.tells_added()
            || self.touched.reads.meets(changes, state)
            || span.places.iter().any(|(ty, field)| self.touched.writes.contains(*ty, *field))
            || span.whole.iter().any(|ty| self.tainted.contains(ty))
    }
}

/// Where a span's changes are.
#[derive(Debug, Default)]
struct Span {
    /// The fields that changed, and those around them.
    places: Vec<(StructId, u32)>,
    /// Types of structs that are sent whole.
    whole: BTreeSet<StructId>,
    /// Whether something changed that decides who sees what.
    decides: bool,
}

impl Span {
    /// Becomes that of these changes, in the same memory.
    fn look_at(&mut self, changes: &Changes, state: &State, deciding: &BTreeSet<(StructId, u32)>) {
        let (places, mut most) = (&mut self.places, FEW);
        places.clear();
        for change in &changes.records {
            places.extend(change.fields.iter().map(|field| (change.ty, field)));
            state.fields_around(change.ty, change.record, |place| places.push(place));
            if places.len() >= most {
                // Most records of a span are of one kind.
                places.sort_unstable();
                places.dedup();
                most = FEW.max(2 * places.len());
            }
        }
        let main_root = state.main_root();
        let players = players_field(state.schema(), main_root).map(|field| (main_root, field as u32));
        self.decides = !changes.roots.is_empty() || places.iter().any(|at| deciding.contains(at));
        for change in &changes.containers {
            let mut first = None;
            state.fields_around_container(change.container, |place| {
                first = first.or(Some(place));
                places.push(place);
            });
            // Whose element is the first of its key among the players may be another now, and so its team.
            self.decides |= players.is_some() && first == players;
        }
        places.sort_unstable();
        places.dedup();
        self.whole = state.taken_whole(changes);
    }
}

/// The types of structs in which one of these fields is, however deep.
fn tainted(schema: &Schema, writes: &Footprint) -> BTreeSet<StructId> {
    let ids = || (0..schema.types().len()).map(|index| StructId(index as u32));
    let Footprint::Fields(fields) = writes else { return ids().collect() };
    let mut tainted: BTreeSet<StructId> = fields.iter().map(|(ty, _)| *ty).collect();
    // Each round adds a type, or is the last.
    loop {
        let holds = |ty: &StructId| {
            let fields = schema.types().get(ty.index()).map_or(&[][..], |def| &def.fields);
            fields.iter().filter_map(|field| struct_inside(&field.ty)).any(|inner| tainted.contains(&inner))
        };
        let more: Vec<StructId> = ids().filter(|ty| !tainted.contains(ty)).filter(holds).collect();
        if more.is_empty() {
            return tainted;
        }
        tainted.extend(more);
    }
}

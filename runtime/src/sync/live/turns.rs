//! What is new to each viewer: from change marks for most, from views for those who have filters, or whose views are functions.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::{Schema, StructId, Value};

use super::bodies::Body;
use super::draft::{Content, Draft};
use super::following::Views;
use super::table::Viewers;
use super::viewer::{Known, Noted, Viewer};
use super::windows::Windows;
use crate::session::Session;
use crate::sync::broadcast::{COHORT, NONE};
use crate::sync::debounce::Debounce;
use crate::sync::difference::{Steps, difference, full_body, steps};
use crate::sync::hooks::{self, Hooks, Verdict};
use crate::sync::planted::{self, Leak};
use crate::sync::{Sight, ViewerSights};
use crate::wire::describe::Profile;

/// A viewer whose turn it is, and then what is known of it once its messages count as sent.
#[derive(Debug)]
pub(super) struct Turn {
    /// Its position among viewers, or its cohort: as [`Viewers::at`] takes it.
    pub at: u32,
    /// What there is to tell; `None` if a hook held it back.
    pub content: Option<Content>,
    /// What it knows then, if it was told.
    pub then: Then,
    /// Whether it was told.
    pub told: bool,
    /// Whether it has the events that waited.
    pub events: bool,
    /// Whether it was told that it is out.
    pub out: bool,
    /// Whether a hook held something back.
    pub held: bool,
    /// Bytes and entries of a body that is too large to be sent.
    pub excess: Option<(usize, u64)>,
    /// The number of its last message.
    pub number: u64,
}

/// What a viewer that was told knows.
#[derive(Debug, Default)]
pub(super) enum Then {
    /// All that has changed so far.
    #[default]
    Span,
    /// By the same means as before.
    Same,
    Other(Box<Told>),
}

/// What is known of a viewer that was told.
#[derive(Debug)]
pub(super) struct Told {
    /// What it will have.
    pub known: Known,
    /// As whom it was told, if that is somebody else than before.
    pub sight: Option<Sight>,
    /// What it sees, if hooks made something else of that.
    pub seen: Option<Value>,
    /// What it sees through its filters, if that was worked out.
    pub view: Option<Value>,
}

impl Told {
    fn new(known: Known) -> Told {
        Told { known, sight: None, seen: None, view: None }
    }
}

impl Turn {
    fn new(at: u32) -> Turn {
        let content = Some(Content::Patch([NONE; 2]));
        Turn {
            at,
            content,
            then: Then::Span,
            told: false,
            events: false,
            out: false,
            held: false,
            excess: None,
            number: 0,
        }
    }

    /// Who the viewer is now.
    fn now<'a>(&'a self, viewer: &'a Viewer) -> &'a Sight {
        match &self.then {
            Then::Other(told) => told.sight.as_ref().unwrap_or_else(|| viewer.latest()),
            Then::Span | Then::Same => viewer.latest(),
        }
    }
}

/// Turns and what helps to make them, in memory that is used again.
#[derive(Debug, Default)]
pub(super) struct Turns {
    pub all: Vec<Turn>,
    /// By where they stand; and those who get everything.
    windows: Vec<(u64, u32)>,
    wholes: Vec<u32>,
    /// Of cohorts, by where they stand.
    cohorts: Vec<(u64, u32)>,
    /// Who is sent something else than its cohort.
    others: Vec<(u32, [u32; 2])>,
    /// Segments of the bodies of a window.
    public: Vec<u32>,
    private: Vec<u32>,
}

/// Whose turn it is.
#[derive(Clone, Copy)]
pub(super) enum Due<'a> {
    All,
    One(&'a str),
    /// Those whose deadline has come by that time of the clock.
    By(Debounce, i64),
}

impl Due<'_> {
    pub fn is(self, id: &str, viewer: &Viewer) -> bool {
        match self {
            Due::All => true,
            Due::One(one) => one == id,
            Due::By(debounce, now_ms) => viewer.pending.is_some_and(|pending| debounce.deadline(pending) <= now_ms),
        }
    }
}

/// What is told, and by what means.
pub(super) struct Teller<'a> {
    pub session: &'a mut Session,
    pub schema: &'a Schema,
    pub main_root: StructId,
    pub windows: &'a mut Windows,
    pub sight_version: u64,
    pub hooks: &'a mut [Box<dyn Hooks>],
    /// Whether hooks want to see views.
    pub wants_views: bool,
    pub views: Views<'a>,
}

/// What was made of viewers' bodies, by whose client it is and which bodies they wait for: addresses, which stay as long as they wait.
/// Most often a viewer waits for the same as the one before.
pub(super) struct Shared<T> {
    all: BTreeMap<Waits, T>,
    last: Option<(Waits, T)>,
}

type Waits = (usize, Vec<usize>);

impl<T: Copy> Shared<T> {
    pub fn new() -> Shared<T> {
        Shared { all: BTreeMap::new(), last: None }
    }

    fn get(&mut self, profile: &Profile, bodies: &[Arc<Body>]) -> Option<T> {
        let profile = std::ptr::from_ref(profile).addr();
        if let Some(((known, addresses), made)) = &self.last
            && *known == profile
            && addresses.len() == bodies.len()
            && addresses.iter().zip(bodies).all(|(address, body)| *address == Arc::as_ptr(body).addr())
        {
            return Some(*made);
        }
        if self.all.is_empty() {
            return None;
        }
        let key = waits(profile, bodies);
        let made = *self.all.get(&key)?;
        self.last = Some((key, made));
        Some(made)
    }

    fn insert(&mut self, profile: &Profile, bodies: &[Arc<Body>], made: T) {
        let key = waits(std::ptr::from_ref(profile).addr(), bodies);
        self.all.insert(key.clone(), made);
        self.last = Some((key, made));
    }
}

fn waits(profile: usize, bodies: &[Arc<Body>]) -> Waits {
    (profile, bodies.iter().map(|body| Arc::as_ptr(body).addr()).collect())
}

impl Teller<'_> {
    /// Whether a viewer's patches are differences of views.
    pub fn is_plain(&self, viewer: &Viewer) -> bool {
        self.wants_views || viewer.filters
    }

    /// Who a viewer is now, if that may be somebody else than before.
    pub fn sight(&mut self, id: &str, viewer: &Viewer) -> Option<Box<Sight>> {
        if viewer.sight_version == self.sight_version {
            return None;
        }
        let mut sight = Sight::new(id, viewer.profile.clone());
        sight.grants = self.session.viewer(id).grants;
        sight.team = self.windows.teams.get(id).cloned();
        sight.seen = (*self.session.seen(id)).clone();
        Some(Box::new(sight))
    }

    /// What there is to tell those whose turn it is, in order.
    pub fn turns(&mut self, viewers: &mut Viewers, due: Due<'_>, turns: &mut Turns, draft: &mut Draft) {
        turns.all.clear();
        turns.windows.clear();
        turns.wholes.clear();
        turns.cohorts.clear();
        let mut shared = Shared::new();
        let end = self.windows.end();
        for (at, id, viewer) in viewers.standing().filter(|(_, id, viewer)| due.is(id, viewer)) {
            let held = !self.hooks.is_empty() && hooks::ask(self.hooks, |hook| hook.before_filter(id)) == Verdict::Hold;
            let mut turn = Turn::new(at);
            let index = turns.all.len() as u32;
            match &viewer.known {
                _ if held => turn.content = None,
                Known::Span(from) if at >= COHORT => turns.cohorts.push((*from, index)),
                Known::Span(_) | Known::Nothing if !self.is_plain(viewer) => {
                    if let Some(sight) = self.sight(id, viewer) {
                        turn.then = Then::Other(Box::new(Told { sight: Some(*sight), ..Told::new(Known::Span(end)) }));
                    }
                    match &viewer.known {
                        Known::Span(from) => turns.windows.push((*from, index)),
                        _ => turns.wholes.push(index),
                    }
                }
                Known::View(_) if !self.wants_views && viewer.looked == self.session.stirs() => {
                    // Nothing was done since it was told what it has.
                    turn.then = Then::Same;
                }
                Known::Filtered if !self.wants_views && viewer.filters => {
                    self.filtered(&mut turn, (id, viewer), &mut shared, draft);
                }
                _ => self.plain(&mut turn, (id, viewer), draft),
            }
            turns.all.push(turn);
        }
        if !turns.wholes.is_empty() || !turns.windows.is_empty() {
            self.encode(viewers, turns, draft);
        }
        if !turns.cohorts.is_empty() {
            self.encode_cohorts(viewers, turns, draft);
        }
    }

    /// What a viewer sees.
    pub fn view(&mut self, id: &Arc<str>, viewer: &Viewer) -> Value {
        match &viewer.follower {
            Some(follower) if viewer.filters => {
                let now = follower.now(&self.views).or_else(|| self.session.make_view(id));
                now.unwrap_or(Value::Map(Vec::new()))
            }
            _ => self.session.view(id),
        }
    }

    /// What a viewer sees through its filters, if that is not what it was told, or would have been when deadlines were set last.
    /// `shared` has whether bodies make a difference.
    pub fn news(&mut self, id: &Arc<str>, viewer: &Viewer, shared: &mut Shared<bool>) -> Option<Noted> {
        let follower = viewer.follower.as_deref()?;
        let new = match &viewer.noted {
            Some(Noted::Waiting(bodies)) => follower.since().get(*bodies..),
            Some(Noted::View(_)) => None,
            Some(Noted::Sight(_)) | None => follower.news(),
        };
        if new.is_some_and(<[_]>::is_empty) {
            return None;
        }
        let now = Noted::Waiting(follower.since().len());
        if let Some(known) = new.and_then(|new| self.known_news(&viewer.profile, new)) {
            return (!known.is_empty()).then_some(now);
        }
        if let Some(differs) = new.and_then(|new| shared.get(&viewer.profile, new)) {
            return differs.then_some(now);
        }
        let before = self.noted(viewer);
        let view = self.view(id, viewer);
        let Some(before) = before else { return Some(now) };
        let Steps { body, is_local } = steps(&viewer.profile, self.schema, self.main_root, &before, &view);
        if let Some(new) = new.filter(|_| is_local) {
            shared.insert(&viewer.profile, new, !body.is_empty());
        }
        (!body.is_empty()).then_some(now)
    }

    /// The view that a viewer was told last, or would have been when deadlines were set last.
    pub fn noted<'v>(&self, viewer: &'v Viewer) -> Option<Cow<'v, Value>> {
        match &viewer.noted {
            Some(Noted::View(noted)) => Some(Cow::Borrowed(noted)),
            Some(Noted::Waiting(bodies)) => viewer.follower.as_ref()?.at(*bodies, &self.views).map(Cow::Owned),
            Some(Noted::Sight(_)) | None => self.told(viewer),
        }
    }

    /// The view that a viewer was told last, if it was told a view.
    pub fn told<'v>(&self, viewer: &'v Viewer) -> Option<Cow<'v, Value>> {
        match &viewer.known {
            Known::View(view) => Some(Cow::Borrowed(view)),
            Known::Filtered => viewer.follower.as_ref()?.before().map(Cow::Owned),
            Known::Nothing | Known::Span(_) => None,
        }
    }

    /// From what a viewer saw through its filters to what it sees.
    fn filtered(
        &mut self,
        turn: &mut Turn,
        (id, viewer): (&Arc<str>, &Viewer),
        shared: &mut Shared<u32>,
        draft: &mut Draft,
    ) {
        turn.then = Then::Same;
        let Some(follower) = viewer.follower.as_deref() else { return };
        if follower.is_still() {
            return;
        }
        let profile = &*viewer.profile;
        let news = follower.news();
        if let Some(known) = news.and_then(|news| self.known_news(profile, news)) {
            turn.content = Some(Content::Patch([draft.body(known), NONE]));
            return;
        }
        if let Some(body) = news.and_then(|news| shared.get(profile, news)) {
            turn.content = Some(Content::Patch([body, NONE]));
            return;
        }
        let Some(before) = follower.before() else { return self.plain(turn, (id, viewer), draft) };
        let seen = follower.now(&self.views);
        // What it sees is made anew if that cannot be known otherwise.
        let must_make = seen.is_none();
        let Some(now) = seen.or_else(|| self.session.make_view(id)) else {
            return self.plain(turn, (id, viewer), draft);
        };
        let Steps { body, is_local } = steps(profile, self.schema, self.main_root, &before, &now);
        let body = draft.body(&body);
        if let Some(news) = news.filter(|_| is_local) {
            shared.insert(profile, news, body);
        }
        turn.content = Some(Content::Patch([body, NONE]));
        if must_make {
            turn.then = Then::Other(Box::new(Told { view: Some(now), ..Told::new(Known::Filtered) }));
        }
    }

    /// The difference that bodies make, if it is known without views.
    fn known_news<'b>(&self, profile: &Profile, bodies: &'b [Arc<Body>]) -> Option<&'b [u8]> {
        let [body] = bodies else { return None };
        (body.knows_news && std::ptr::eq(profile, self.views.same)).then_some(&*body.news)
    }

    /// By the viewer's view.
    fn plain(&mut self, turn: &mut Turn, (id, viewer): (&Arc<str>, &Viewer), draft: &mut Draft) {
        let view = self.view(id, viewer);
        let mut now = view.clone();
        if self.wants_views {
            let ask = |hook: &mut dyn Hooks| match hook.wants_views() {
                true => hook.after_filter(id, &mut now),
                false => Verdict::Send,
            };
            if hooks::ask(self.hooks, ask) == Verdict::Hold {
                turn.content = None;
                return;
            }
        }
        let content = match self.told(viewer) {
            Some(before) if *before == now => Content::Patch([NONE; 2]),
            Some(before) => {
                let (profile, schema, main_root) = (&viewer.profile, self.schema, self.main_root);
                let body = match viewer.follower.is_some() && !self.wants_views {
                    true => steps(profile, schema, main_root, &before, &now).body,
                    false => difference(profile, schema, main_root, &before, &now),
                };
                Content::Patch([draft.body(&body), NONE])
            }
            // From here on it is told otherwise: what it has is not known as a view.
            None => {
                let body = full_body(&viewer.profile, self.schema, self.main_root, &now);
                Content::State(draft.body(&body))
            }
        };
        turn.content = Some(content);
        let mut told = Told::new(Known::Filtered);
        let is_filtered = viewer.filters;
        if !self.wants_views && !is_filtered {
            told.known = Known::Span(self.windows.end());
            told.sight = self.sight(id, viewer).map(|sight| *sight);
        }
        if self.wants_views {
            told.known = Known::View(now.clone());
        }
        told.seen = (now != view).then(|| view.clone());
        told.view = is_filtered.then_some(view);
        turn.then = Then::Other(Box::new(told));
    }

    /// From change marks.
    fn encode(&mut self, viewers: &Viewers, turns: &mut Turns, draft: &mut Draft) {
        let mut patches = std::mem::take(&mut self.windows.buffer);
        let windows = &mut *self.windows;
        let Turns { all, windows: standing, wholes, public, private, .. } = turns;
        // Most often all stand at the same place, and are in order.
        standing.sort_unstable();
        self.session.read_effective(|state| {
            for index in &*wholes {
                let Some(turn) = all.get_mut(*index as usize) else { continue };
                let Some((_, viewer)) = viewers.at(turn.at) else { continue };
                let body = windows.encoder.full(state, turn.now(viewer));
                turn.content = Some(Content::State(draft.body(&body)));
            }
            for group in standing.chunk_by(|one, other| one.0 == other.0) {
                let from = group.first().map_or(0, |first| first.0);
                let sights = group.iter().filter_map(|(_, index)| {
                    let turn = all.get(*index as usize)?;
                    let (_, viewer) = viewers.at(turn.at)?;
                    Some(ViewerSights { before: &viewer.sight, now: turn.now(viewer) })
                });
                windows.patch(from, state, sights, &mut patches);
                public.clear();
                private.clear();
                for ((_, index), of) in group.iter().zip(patches.iter()) {
                    let public = of.public.map(|at| segment(draft, public, at, || patches.public(at)));
                    let private = of.private.map(|at| segment(draft, private, at, || patches.private(at)));
                    let public = match public {
                        None if planted::is(Leak::EmptyMessages) && from < windows.end() => Some(draft.body(&[1])),
                        public => public,
                    };
                    if let Some(turn) = all.get_mut(*index as usize) {
                        turn.content = Some(Content::Patch([public.unwrap_or(NONE), private.unwrap_or(NONE)]));
                    }
                }
            }
        });
        self.windows.buffer = patches;
    }

    /// For cohorts. Those of them who are sent something else are taken out, and get turns of their own.
    fn encode_cohorts(&mut self, viewers: &mut Viewers, turns: &mut Turns, draft: &mut Draft) {
        let mut patches = std::mem::take(&mut self.windows.buffer);
        let windows = &mut *self.windows;
        let Turns { all, cohorts, others, private, .. } = turns;
        others.clear();
        self.session.read_effective(|state| {
            for (from, index) in &*cohorts {
                let Some(turn) = all.get_mut(*index as usize) else { continue };
                let Some((_, Viewer { profile, .. })) = viewers.at(turn.at) else { continue };
                windows.patch_still(*from, state, (viewers.sights(), profile), &mut patches);
                let public = match patches.common() {
                    None if planted::is(Leak::EmptyMessages) && *from < windows.end() => draft.body(&[1]),
                    public => public.map_or(NONE, |at| draft.body(patches.public(at))),
                };
                turn.content = Some(Content::Patch([public, NONE]));
                private.clear();
                for (viewer, body) in patches.privates() {
                    if viewers.cohort_of(*viewer) == Some(turn.at) {
                        let body = segment(draft, private, *body, || patches.private(*body));
                        others.push((*viewer, [public, body]));
                    }
                }
            }
        });
        self.windows.buffer = patches;
        for (viewer, body) in &*others {
            viewers.part(*viewer);
            all.push(Turn { content: Some(Content::Patch(*body)), ..Turn::new(*viewer) });
        }
        all.retain(|turn| viewers.is_there(turn.at));
        all.sort_unstable_by_key(|turn| turn.at);
    }
}

/// The segment of a body of the encoder's.
fn segment<'b>(draft: &mut Draft, known: &mut Vec<u32>, at: u32, body: impl FnOnce() -> &'b [u8]) -> u32 {
    let at = at as usize;
    if known.len() <= at {
        known.resize(at + 1, NONE);
    }
    match known.get_mut(at) {
        Some(known) => {
            if *known == NONE {
                *known = draft.body(body());
            }
            *known
        }
        None => NONE,
    }
}

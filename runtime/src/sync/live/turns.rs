//! What is new to each viewer: from change marks for most, from views for those who have filters, or whose views are functions.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::{Schema, StructId, Value};

use super::draft::{Content, Draft};
use super::following::Views;
use super::viewer::{Known, Viewer};
use super::windows::Windows;
use crate::session::Session;
use crate::sync::broadcast::NONE;
use crate::sync::difference::{Steps, difference, full_body, steps};
use crate::sync::hooks::{self, Hooks, Verdict};
use crate::sync::{Sight, ViewerSights};

/// A viewer whose turn it is.
pub(super) struct Turn<'a> {
    pub id: &'a Arc<str>,
    pub viewer: &'a Viewer,
    /// What there is to tell; `None` if a hook held it back.
    pub content: Option<Content>,
    /// What it knows then.
    pub known: Known,
    /// Who it is now, if that is somebody else than before.
    pub sight: Option<Box<Sight>>,
    /// What it sees, if hooks made something else of that.
    pub seen: Option<Box<Value>>,
    /// What it sees through its filters, if that was worked out.
    pub view: Option<Value>,
}

impl Turn<'_> {
    /// Who the viewer is now.
    fn now(&self) -> &Sight {
        self.sight.as_deref().unwrap_or_else(|| self.viewer.latest())
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

/// Viewers' patches by whose client it is and which bodies they wait for: addresses, which stay as long as they wait.
type Shared = BTreeMap<(usize, Vec<usize>), u32>;

impl Teller<'_> {
    /// Whether a viewer's patches are differences of views.
    pub fn is_plain(&self, id: &str) -> bool {
        self.wants_views || self.session.is_filtered(id)
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
    pub fn turns<'a>(
        &mut self,
        viewers: impl Iterator<Item = (&'a Arc<str>, &'a Viewer)>,
        draft: &mut Draft,
    ) -> Vec<Turn<'a>> {
        let mut turns: Vec<Turn<'a>> = Vec::with_capacity(viewers.size_hint().1.unwrap_or(0));
        // By where they stand; and those who get everything.
        let mut windows: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        let mut wholes = Vec::new();
        let mut shared = Shared::new();
        let end = self.windows.end();
        for (id, viewer) in viewers {
            let held = !self.hooks.is_empty() && hooks::ask(self.hooks, |hook| hook.before_filter(id)) == Verdict::Hold;
            let content = (!held).then_some(Content::Patch([NONE; 2]));
            let mut turn = Turn { id, viewer, content, known: Known::Span(end), sight: None, seen: None, view: None };
            match &viewer.known {
                _ if held => {}
                Known::Span(from) if !self.is_plain(id) => {
                    turn.sight = self.sight(id, viewer);
                    windows.entry(*from).or_default().push(turns.len());
                }
                Known::Nothing if !self.is_plain(id) => {
                    turn.sight = self.sight(id, viewer);
                    wholes.push(turns.len());
                }
                Known::View(_) if !self.wants_views && viewer.looked == self.session.stirs() => {
                    // Nothing was done since it was told what it has.
                    turn.known = viewer.known.clone();
                }
                Known::Filtered if !self.wants_views && self.session.is_filtered(id) => {
                    self.filtered(&mut turn, &mut shared, draft);
                }
                _ => self.plain(&mut turn, draft),
            }
            turns.push(turn);
        }
        if !wholes.is_empty() || !windows.is_empty() {
            self.encode(&mut turns, &windows, &wholes, draft);
        }
        turns
    }

    /// What a viewer sees.
    pub fn view(&mut self, id: &Arc<str>, viewer: &Viewer) -> Value {
        match &viewer.follower {
            Some(follower) if self.session.is_filtered(id) => {
                let now = follower.now(&self.views).ok().or_else(|| self.session.make_view(id));
                now.unwrap_or(Value::Map(Vec::new()))
            }
            _ => self.session.view(id),
        }
    }

    /// The view that a viewer was told last, if it was told a view.
    pub fn told<'v>(&self, viewer: &'v Viewer) -> Option<Cow<'v, Value>> {
        match &viewer.known {
            Known::View(view) => Some(Cow::Borrowed(view)),
            Known::Filtered => viewer.follower.as_ref()?.before(&self.views).ok().map(Cow::Owned),
            Known::Nothing | Known::Span(_) => None,
        }
    }

    /// From what a viewer saw through its filters to what it sees.
    fn filtered(&mut self, turn: &mut Turn<'_>, shared: &mut Shared, draft: &mut Draft) {
        turn.known = Known::Filtered;
        let Some(follower) = turn.viewer.follower.as_deref() else { return };
        if follower.is_still() {
            return;
        }
        let profile = &*turn.viewer.profile;
        let key = follower.news().map(|news| {
            let bodies = news.iter().map(|body| Arc::as_ptr(body).addr());
            (std::ptr::from_ref(profile).addr(), bodies.collect())
        });
        if let Some(body) = key.as_ref().and_then(|key| shared.get(key)) {
            turn.content = Some(Content::Patch([*body, NONE]));
            return;
        }
        let Ok(before) = follower.before(&self.views) else { return self.plain(turn, draft) };
        let now = follower.now_after(&before, &self.views).ok().or_else(|| self.session.make_view(turn.id));
        let Some(now) = now else { return self.plain(turn, draft) };
        let Steps { body, is_local } = steps(profile, self.schema, self.main_root, &before, &now);
        let body = draft.body(body);
        if let Some(key) = key.filter(|_| is_local) {
            shared.insert(key, body);
        }
        turn.content = Some(Content::Patch([body, NONE]));
        turn.view = Some(now);
    }

    /// By the viewer's view.
    fn plain(&mut self, turn: &mut Turn<'_>, draft: &mut Draft) {
        let Turn { id, viewer, .. } = *turn;
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
                Content::Patch([draft.body(body), NONE])
            }
            // From here on it is told otherwise: what it has is not known as a view.
            None => {
                let body = full_body(&viewer.profile, self.schema, self.main_root, &now);
                Content::State(draft.body(body))
            }
        };
        turn.content = Some(content);
        let is_filtered = self.session.is_filtered(id);
        turn.view = is_filtered.then(|| view.clone());
        turn.seen = (now != view).then(|| Box::new(view));
        if self.wants_views {
            turn.known = Known::View(now);
        } else if is_filtered {
            turn.known = Known::Filtered;
        } else {
            turn.sight = self.sight(id, viewer);
        }
    }

    /// From change marks.
    fn encode(
        &mut self,
        turns: &mut [Turn<'_>],
        groups: &BTreeMap<u64, Vec<usize>>,
        wholes: &[usize],
        draft: &mut Draft,
    ) {
        let mut encoder_buffer = std::mem::take(&mut self.windows.buffer);
        let windows = &mut *self.windows;
        self.session.read_effective(|state| {
            for index in wholes {
                let Some(turn) = turns.get_mut(*index) else { continue };
                let sight = turn.now();
                turn.content = Some(Content::State(draft.body(windows.encoder.full(state, sight))));
            }
            for (from, group) in groups {
                let patches = &mut encoder_buffer;
                {
                    let turns = &*turns;
                    let sights: Vec<_> = group
                        .iter()
                        .filter_map(|index| turns.get(*index))
                        .map(|turn| ViewerSights { before: &turn.viewer.sight, now: turn.now() })
                        .collect();
                    windows.patch(*from, state, &sights, patches);
                }
                let (mut public, mut private) = (Vec::new(), Vec::new());
                for (index, of) in group.iter().zip(patches.of()) {
                    let public = of.public.map(|at| segment(draft, &mut public, at, || patches.public(at)));
                    let private = of.private.map(|at| segment(draft, &mut private, at, || patches.private(at)));
                    if let Some(turn) = turns.get_mut(*index) {
                        turn.content = Some(Content::Patch([public.unwrap_or(NONE), private.unwrap_or(NONE)]));
                    }
                }
            }
        });
        self.windows.buffer = encoder_buffer;
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
                *known = draft.body(body().to_vec());
            }
            *known
        }
        None => NONE,
    }
}

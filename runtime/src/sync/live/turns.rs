//! What is new to each viewer: from change marks for most, from views for those who have filters, or whose views are functions.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::{Schema, StructId, Value};

use super::draft::{Content, Draft};
use super::viewer::{Known, Viewer};
use super::windows::Windows;
use crate::session::Session;
use crate::sync::broadcast::NONE;
use crate::sync::difference::{difference, full_body};
use crate::sync::hooks::{self, Hooks, Verdict};
use crate::sync::planted::{self, Leak};
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
}

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
        let end = self.windows.end();
        for (id, viewer) in viewers {
            let held = !self.hooks.is_empty() && hooks::ask(self.hooks, |hook| hook.before_filter(id)) == Verdict::Hold;
            let content = (!held).then_some(Content::Patch([NONE; 2]));
            let mut turn = Turn { id, viewer, content, known: Known::Span(end), sight: None, seen: None };
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
                _ => self.plain(&mut turn, draft),
            }
            turns.push(turn);
        }
        if !wholes.is_empty() || !windows.is_empty() {
            self.encode(&mut turns, &windows, &wholes, draft);
        }
        turns
    }

    /// By the viewer's view.
    fn plain(&mut self, turn: &mut Turn<'_>, draft: &mut Draft) {
        let Turn { id, viewer, .. } = *turn;
        let view = self.session.view(id);
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
        let content = match &viewer.known {
            Known::View(before) if *before == now => Content::Patch([NONE; 2]),
            Known::View(before) => {
                let body = difference(&viewer.profile, self.schema, self.main_root, before, &now);
                Content::Patch([draft.body(body), NONE])
            }
            // From here on it is told otherwise: what it has is not known as a view.
            Known::Nothing | Known::Span(_) => {
                let body = full_body(&viewer.profile, self.schema, self.main_root, &now);
                Content::State(draft.body(body))
            }
        };
        turn.content = Some(content);
        turn.seen = (now != view).then(|| Box::new(view));
        if self.is_plain(id) {
            turn.known = Known::View(now);
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
                    let public = match public {
                        None if planted::is(Leak::EmptyMessages) && *from < windows.end() => Some(draft.body(vec![1])),
                        public => public,
                    };
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

//! Change marks on their way to viewers: spans that were not told to everybody yet, and the encoder that tells them.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use statewright_types::schema::Audience;
use statewright_types::{Schema, StructId, Type, Value};

use crate::session::Session;
use crate::state::{Changes, State};
use crate::sync::{Concerns, Encoder, Onlookers, PatchBuffer, Sights, ViewerSights};
use crate::visibility::{ID, player_list, player_teams, team_field};
use crate::wire::describe::Profile;

/// So many spans may be kept, at least, before it is looked which of them nobody needs apart.
const SPANS: usize = 8;

/// Spans and who encodes them.
#[derive(Debug)]
pub(super) struct Windows {
    pub encoder: Encoder,
    pub buffer: PatchBuffer,
    pub teams: Teams,
    /// In order; the first has the number `first`.
    spans: VecDeque<Changes>,
    first: u64,
    /// How many there may be until some are put together.
    most: usize,
    /// Memory for the next span, and for who looks at one.
    spare: Changes,
    sights: Vec<ViewerSights<'static>>,
}

impl Windows {
    pub fn new(schema: &Arc<Schema>, main_root: StructId) -> Windows {
        Windows {
            encoder: Encoder::new(schema.clone(), main_root),
            buffer: PatchBuffer::default(),
            teams: Teams::new(schema, main_root),
            spans: VecDeque::new(),
            first: 0,
            most: SPANS,
            spare: Changes::default(),
            sights: Vec::new(),
        }
    }

    /// The number of the span that has not begun yet: where a viewer stands that knows everything.
    pub fn end(&self) -> u64 {
        self.first + self.spans.len() as u64
    }

    /// Ends the span at hand and gives it, to be looked at before it is [kept](Windows::keep); `None` if nothing changed.
    pub fn cut(&mut self, session: &mut Session) -> Option<Changes> {
        let mut changes = std::mem::take(&mut self.spare);
        session.take_changes_into(&mut changes);
        if changes.is_empty() {
            self.spare = changes;
            return None;
        }
        if self.teams.is_touched(session.state(), &changes) {
            let teams = &mut self.teams;
            session.read_effective(|state| teams.learn(state));
        }
        Some(changes)
    }

    /// Adds a span that was cut.
    pub fn keep(&mut self, changes: Changes) {
        self.spans.push_back(changes);
    }

    /// Drops what nobody needs any more and puts together what nobody needs apart, given where viewers stand.
    /// Spans before and after `border` stay apart.
    pub fn tidy(&mut self, places: impl Iterator<Item = u64> + Clone, border: u64, state: &State) {
        let first = places.clone().min().unwrap_or(u64::MAX).min(self.end());
        while self.first < first {
            self.spare = self.spans.pop_front().unwrap_or_default();
            self.first += 1;
        }
        self.most = self.most.min(2 * self.spans.len()).max(SPANS);
        if self.spans.len() <= self.most {
            return;
        }
        // Numbers stay, so that viewers need not be told: a span that is part of the one before is empty.
        let needed: BTreeSet<u64> = places.chain(std::iter::once(border)).collect();
        let (first, mut rest) = (self.first, self.spans.make_contiguous());
        let mut number = first;
        while let Some((into, others)) = std::mem::take(&mut rest).split_first_mut() {
            let count = (1..).zip(&*others).take_while(|(far, _)| !needed.contains(&(number + far))).count();
            let (later, further) = others.split_at_mut(count);
            into.merge_all(later.iter_mut().map(std::mem::take).filter(|changes| !changes.is_empty()), state);
            number += 1 + count as u64;
            rest = further;
        }
        // As many again until the next time: each is looked at a few times, however many there are.
        self.most = 2 * self.spans.len();
    }

    /// Whom that concerns which changed from that place on, of viewers some of which may be others than before (`are_others`).
    pub fn concerns(&mut self, from: u64, state: &State, viewers: &[ViewerSights<'_>], are_others: bool) -> Concerns {
        let window = window(&self.spans, from.saturating_sub(self.first), state);
        match window.is_empty() && !are_others {
            true => Concerns::Some(Vec::new()),
            false => self.encoder.concerns(state, &window, viewers),
        }
    }

    /// Encodes all that changed from that place on, for viewers that stand there.
    pub fn patch<'v>(
        &mut self,
        from: u64,
        state: &State,
        viewers: impl Iterator<Item = ViewerSights<'v>>,
        patches: &mut PatchBuffer,
    ) {
        let window = window(&self.spans, from.saturating_sub(self.first), state);
        let mut sights = again(std::mem::take(&mut self.sights));
        sights.extend(viewers);
        self.encoder.patch_into(state, &window, &*sights, patches);
        self.sights = again(sights);
    }

    /// Encodes one span that was cut last, for viewers that stand at its beginning.
    pub fn patch_span<'v>(
        &mut self,
        state: &State,
        changes: &Changes,
        viewers: impl Iterator<Item = ViewerSights<'v>>,
        patches: &mut PatchBuffer,
    ) {
        let mut sights = again(std::mem::take(&mut self.sights));
        sights.extend(viewers);
        self.encoder.patch_into(state, changes, &*sights, patches);
        self.sights = again(sights);
    }

    /// As [`Windows::patch`], for viewers that are what they were.
    pub fn patch_still(
        &mut self,
        from: u64,
        state: &State,
        (sights, profile): (&Sights, &Arc<Profile>),
        patches: &mut PatchBuffer,
    ) {
        let window = window(&self.spans, from.saturating_sub(self.first), state);
        self.encoder.patch_into(state, &window, Onlookers::Still(sights, profile), patches);
    }
}

/// The memory of a list for another one: what was in it may live less long.
fn again<'v>(mut sights: Vec<ViewerSights<'_>>) -> Vec<ViewerSights<'v>> {
    sights.clear();
    // In place.
    sights.into_iter().map_while(|_| None).collect()
}

/// All that changed from the span at that position on.
fn window<'a>(spans: &'a VecDeque<Changes>, from: u64, state: &State) -> Cow<'a, Changes> {
    let mut spans = spans.iter().skip(from as usize).filter(|changes| !changes.is_empty());
    let Some(first) = spans.next() else { return Cow::Owned(Changes::default()) };
    let Some(second) = spans.next() else { return Cow::Borrowed(first) };
    let mut window = first.clone();
    window.merge_all(std::iter::once(second).chain(spans).cloned(), state);
    Cow::Owned(window)
}

/// Which team each player is in, where that matters.
#[derive(Debug)]
pub(super) struct Teams {
    place: Option<Place>,
    teams: HashMap<Arc<str>, Value>,
    /// Counts how often they were learned.
    pub version: u64,
}

/// Where teams are written.
#[derive(Debug)]
struct Place {
    main_root: StructId,
    /// The position of `Players`.
    players: u32,
    ty: Type,
    player: StructId,
    /// The positions of a player's team and key.
    team: u32,
    key: Option<u32>,
}

impl Teams {
    fn new(schema: &Schema, main_root: StructId) -> Teams {
        Teams { place: Teams::find(schema, main_root), teams: HashMap::new(), version: 0 }
    }

    fn find(schema: &Schema, main_root: StructId) -> Option<Place> {
        let mut fields = schema.types().iter().flat_map(|def| &def.fields);
        if !fields.any(|field| field.audience.contains(&Audience::Team)) {
            return None;
        }
        let (field, player) = player_list(schema, main_root)?;
        let def = schema.get(player);
        Some(Place {
            main_root,
            players: schema.get(main_root).field(&field.name)? as u32,
            ty: field.ty.clone(),
            player,
            team: def.field(&team_field(def)?.name)? as u32,
            key: def.field(field.key.as_deref().unwrap_or(ID)).map(|key| key as u32),
        })
    }

    /// The team of a player.
    pub fn get(&self, id: &str) -> Option<&Value> {
        self.teams.get(id)
    }

    /// Whether somebody may be in another team after these changes.
    fn is_touched(&self, state: &State, changes: &Changes) -> bool {
        let Some(place) = &self.place else { return false };
        let players = state.root(place.main_root).and_then(|root| state.load(root, place.main_root, place.players));
        let in_list = players.is_ok_and(|players| changes.containers.iter().any(|change| change.container == players));
        in_list
            || changes.tells_added()
            || changes.records.iter().any(|change| {
                let of_player = change.ty == place.player
                    && (change.fields.contains(place.team) || place.key.is_some_and(|key| change.fields.contains(key)));
                of_player || change.ty == place.main_root && change.fields.contains(place.players)
            })
    }

    /// Reads them from the state with effects.
    pub fn learn(&mut self, state: &State) {
        let Some(place) = &self.place else { return };
        let players = state.root(place.main_root).and_then(|root| state.load(root, place.main_root, place.players));
        let players = players.and_then(|players| state.export(&place.ty, players)).unwrap_or(Value::Null);
        let teams = player_teams(state.schema(), place.main_root, &players);
        if teams != self.teams {
            self.teams = teams;
            self.version += 1;
        }
    }
}

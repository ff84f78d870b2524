//! What viewers decode is what the plain model says that they see, after every window, whoever they are and wherever
//! their windows begin and end.
//!
//! The environment's `STATEWRIGHT_SYNC_RUNS` multiplies the number of runs (each of 60 transactions of up to seven writes): 260 are two million
//! transactions. It starts with run `STATEWRIGHT_SYNC_FROM`, so that long runs need not repeat what was run before.

use std::sync::Arc;

use statewright_types::schema::parse;
use statewright_types::{Schema, StructId, Type, Value, json};

use super::writing::Writer;
use crate::replica::Replica;
use crate::state::{Changes, Shown, State};
use crate::sync::difference::{lone, steps};
use crate::sync::{Encoder, EncoderOptions, PatchBuffer, Sight, ViewerSights};
use crate::visibility::{self, Seen, Viewer, project_seen};
use crate::wire::weighing::{weigh_changes, weigh_state};
use crate::wire::{Description, Profile};

/// Owners, teams, admins, named and predicate views; nested, nullable, in maps and in keyed lists; other roots.
pub(super) const RICH: &str = r#"
package rich

view near {}
view staff { includes: admin }

@root(active)
type Game {
    Round int32
    Players []Player @key(ID)
    Bots map[string]Bot
    Deck []Card
    Secret int32 @view(admin)
    Never string @noSync
    Note *string @view(staff)
    Best *Player
    Grid [][]int16
    Cells [][]Card
    Hoards [][]Hoard
    Trove map[int32]Card @view(near)
    Bytes map[uint8]uint64
    Areas []*Area
    Spot Point
    Names []string
    Opened map[uuid]*Area @view(staff, near)
}

type Player {
    ID string
    Team *string
    Score int64
    Ratio float32
    X float64
    Y float64 @quantize(0.25)
    Hand []Card @view(owner)
    Plan Point @view(team)
    Purse *Hoard @view(owner, admin)
    Coins int32 @view(owner, team)
    Token uuid
    Tags *[]string @view(near)
    Limit *int32
    Rate *float64 @view(owner)
}

@owner(Boss)
type Bot {
    Boss string
    Side int32 @team
    Load []Card @view(owner)
    Goal *Point @view(team)
    Open bool
    Blob bytes
}

type Card {
    ID int64
    Name string @view(near)
    Power uint8
    Mark *uint16 @view(owner)
}

type Point {
    X float64
    Z float64 @view(owner)
}

type Area {
    ID string
    Team string
    Size uint32 @view(team)
    Marks []Point
    Inside []Area @view(owner)
}

type Hoard {
    Gold int64 @view(owner)
    Cards []Card
    Parts map[string]Point @view(team)
}

@root(inactive)
type Shop {
    Stock map[string]Hoard
    Closed bool
    Till int32 @view(admin)
}

@root(active)
type World {
    Areas []Area @key(Team)
    Seed uint64 @view(none)
}
"#;

/// Nothing but public fields.
const PLAIN: &str = r#"
package plain

@root(active)
type Game {
    Units []Unit
    Slots [][]int32
    Rows []*Unit
    Book map[int16]Unit
    Text string
}

type Unit {
    A int32
    B float64
    C float32
    D float64 @quantize(0.1)
    E string
    F []float64
    G *Unit
    H []bool
}
"#;

pub(super) fn schema(text: &str) -> Arc<Schema> {
    let (schema, diagnostics) = parse(text);
    schema.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

/// What clients that were built earlier do not know yet: the last fields of some types.
const NEW: [&str; 8] = [
    "    Opened map[uuid]*Area @view(staff, near)\n",
    "    Limit *int32\n    Rate *float64 @view(owner)\n",
    "    Blob bytes\n",
    "    Mark *uint16 @view(owner)\n",
    "    Inside []Area @view(owner)\n",
    "    Parts map[string]Point @view(team)\n",
    "    Seed uint64 @view(none)\n",
    "    G *Unit\n    H []bool\n",
];

/// What a client of an older schema has of a value.
fn known(schema: &Schema, ty: &Type, value: &Value) -> Value {
    match (ty, value) {
        (Type::Nullable(inner), value) => known(schema, inner, value),
        (Type::Struct(id), Value::Map(entries)) => {
            let def = schema.get(*id);
            let field = |(name, value): &(Arc<str>, Value)| {
                let field = &def.fields[def.field(name)?];
                Some((name.clone(), known(schema, &field.ty, value)))
            };
            Value::Map(entries.iter().filter_map(field).collect())
        }
        (Type::List(element), Value::List(values)) => {
            Value::List(values.iter().map(|value| known(schema, element, value)).collect())
        }
        (Type::Map(_, element), Value::Map(entries)) => {
            Value::Map(entries.iter().map(|(key, value)| (key.clone(), known(schema, element, value))).collect())
        }
        _ => value.clone(),
    }
}

/// The same of a whole view, which has other roots under their types' names.
fn known_view(schema: &Schema, view: &Value) -> Value {
    let root = schema.main_root(None).expect("a root");
    let Value::Map(entries) = view else { return view.clone() };
    let entry = |(name, value): &(Arc<str>, Value)| {
        let ty = match schema.get(root).field(name) {
            Some(at) => schema.get(root).fields[at].ty.clone(),
            None => Type::Struct(schema.by_name(name)?),
        };
        Some((name.clone(), known(schema, &ty, value)))
    };
    Value::Map(entries.iter().filter_map(entry).collect())
}

/// A viewer with its client.
struct Watcher {
    /// What its client knows.
    schema: Arc<Schema>,
    profile: Arc<Profile>,
    viewer: Viewer,
    seen: Seen,
    before: Sight,
    replica: Replica,
    /// What changed since it was last told.
    window: Changes,
}

struct Theatre {
    state: State,
    writer: Writer,
    watchers: Vec<Watcher>,
    encoder: Encoder,
    buffer: PatchBuffer,
    told: usize,
    /// Those of which that was one field.
    lone: usize,
    /// What effects write; 0 is nothing.
    script: u64,
    /// What they showed when changes were last taken.
    shown: Shown,
}

fn sight(state: &State, viewer: &Viewer, seen: &Seen, profile: &Arc<Profile>) -> Sight {
    let root = state.main_root();
    let value = state.root(root).ok().and_then(|slot| state.export(&statewright_types::Type::Struct(root), slot).ok());
    Sight {
        id: viewer.id.clone(),
        grants: viewer.grants.clone(),
        team: visibility::player_team(state.schema(), root, &value.unwrap_or(Value::Null), &viewer.id),
        seen: seen.clone(),
        profile: profile.clone(),
    }
}

/// Values as JSON, which tells every number's bits apart but those of NaNs.
fn show(value: &Value) -> String {
    json::to_string(value)
}

impl Theatre {
    fn new(text: &str, seed: u64, float_deltas: bool) -> Theatre {
        let schema = &schema(text);
        let older = NEW.iter().fold(text.to_string(), |text, new| text.replace(new, ""));
        let older = self::schema(&older);
        let root = schema.main_root(None).expect("a root");
        let mut state = State::new(schema.clone(), root, seed);
        let same = Arc::new(Profile::same(schema, root));
        let described = Description::of(&older, root);
        let between = Arc::new(Profile::between(schema, root, &described).expect("compatible"));
        let mut encoder = Encoder::new(schema.clone(), root).with_options(EncoderOptions { float_deltas });
        let mut writer = Writer::new(seed);
        state.begin();
        for _ in 0..40 {
            writer.write(&mut state);
        }
        state.commit();
        state.take_changes();
        let viewers = [
            Viewer::new("a"),
            Viewer::new("b"),
            Viewer::new("c").with("admin"),
            Viewer::new("nobody").with("staff"),
            Viewer::new(""),
            Viewer::new("é").with("near"),
            Viewer::new("a"),
            Viewer::new("b"),
            Viewer::new("c").with("staff"),
        ];
        let watch = |(at, viewer): (usize, Viewer)| {
            let (schema, profile) =
                if at < 6 { (schema.clone(), same.clone()) } else { (older.clone(), between.clone()) };
            let before = sight(&state, &viewer, &Seen::default(), &profile);
            let mut replica = Replica::new(schema.clone());
            replica.apply_full(&encoder.full(&state, &before)).expect("a full state");
            let (seen, window) = (Seen::default(), Changes::default());
            Watcher { schema, profile, viewer, seen, before, replica, window }
        };
        let watchers = viewers.into_iter().enumerate().map(watch).collect();
        Theatre {
            state,
            writer,
            watchers,
            encoder,
            buffer: PatchBuffer::default(),
            told: 0,
            lone: 0,
            script: 0,
            shown: Shown::default(),
        }
    }

    /// Views that are functions say something else, of records of any type.
    fn look_around(&mut self, at: usize) {
        let schema = self.state.schema().clone();
        let mut seen = Seen::default();
        for index in 0..schema.types().len() {
            let ty = StructId(index as u32);
            for record in self.state.records(ty) {
                if self.writer.roll(4) == 0 {
                    let view = ["near", "staff"][self.writer.roll(2)];
                    seen.add(&schema, &view.into(), ty, record);
                }
            }
        }
        self.watchers[at].seen = seen;
    }

    fn change_somebody(&mut self) {
        let at = self.writer.roll(self.watchers.len());
        match self.writer.roll(3) {
            0 => self.look_around(at),
            1 => {
                let grant: Arc<str> = ["near", "staff", "admin"][self.writer.roll(3)].into();
                let grants = &mut self.watchers[at].viewer.grants;
                if !grants.remove(&grant) {
                    grants.insert(grant);
                }
            }
            _ => self.watchers[at].seen = Seen::default(),
        }
    }

    /// Tells those viewers, all of which stand at the same place, what is new.
    fn tell(&mut self, who: &[usize], context: &str) {
        let now: Vec<Sight> = who
            .iter()
            .map(|at| {
                sight(&self.state, &self.watchers[*at].viewer, &self.watchers[*at].seen, &self.watchers[*at].profile)
            })
            .collect();
        let window = std::mem::take(&mut self.watchers[who[0]].window);
        let watchers = &self.watchers;
        let sights: Vec<ViewerSights<'_>> =
            who.iter().zip(&now).map(|(at, now)| ViewerSights { before: &watchers[*at].before, now }).collect();
        self.encoder.patch_into(&self.state, &window, &sights, &mut self.buffer);
        drop(sights);
        for ((place, at), now) in who.iter().enumerate().zip(now) {
            let watcher = &mut self.watchers[*at];
            let (public, private) = self.buffer.parts(place);
            let body = [public, private].concat();
            self.told += usize::from(!body.is_empty());
            let before = watcher.replica.to_value();
            // What viewers with filters are told of one field is known without their views.
            let (mut told, about) = (Vec::new(), (&*watcher.profile, &**self.state.schema(), self.state.main_root()));
            let is_lone = watcher.replica.rehearse(&body, |place, values| lone(&mut told, about, place, values));
            let known = watcher.replica.charged();
            let result = watcher.replica.apply(&body, None);
            let charged = watcher.replica.charged() - known;
            let weight = weigh_changes(&watcher.profile, self.state.schema(), self.state.main_root(), &body);
            assert_eq!(weight, Ok(charged), "{context}, viewer {at}: {body:?}");
            let most = watcher.profile.per_byte().map(|per_byte| per_byte * body.len() as u64);
            assert!(most.is_none_or(|most| charged <= most), "{context}, viewer {at}: {body:?}");
            if let Some(()) = is_lone.filter(|()| watcher.schema.hash() == self.state.schema().hash()) {
                let (profile, schema, main_root) = about;
                let expected = steps(profile, schema, main_root, &before, &watcher.replica.to_value());
                assert_eq!(told, expected.body, "{context}, viewer {at}");
                self.lone += 1;
            }
            let seen = known_view(&watcher.schema, &project_seen(&self.state, &watcher.viewer, &watcher.seen));
            let is = watcher.replica.to_value();
            let about = || {
                format!(
                    "{context}, viewer {at} ({:?})\nbytes {body:?} ({} public)\n was {}\n",
                    watcher.viewer,
                    public.len(),
                    show(&before)
                )
            };
            assert!(result.is_ok(), "{}{result:?}\nwant {}", about(), show(&seen));
            assert!(is == seen, "{}  is {}\nwant {}\n{window:?}", about(), show(&is), show(&seen));
            watcher.before = now;
            watcher.window = Changes::default();
        }
    }

    /// A full state for one viewer, which must be what it has.
    fn full(&mut self, at: usize, context: &str) {
        let watcher = &mut self.watchers[at];
        let now = sight(&self.state, &watcher.viewer, &watcher.seen, &watcher.profile);
        let mut replica = Replica::new(watcher.schema.clone());
        let body = self.encoder.full(&self.state, &now);
        let result = replica.apply_full(&body);
        let weight = weigh_state(&watcher.profile, self.state.schema(), self.state.main_root(), &body);
        assert_eq!(weight, Ok(replica.charged()), "{context}, full, viewer {at}");
        let most = watcher.profile.per_byte().map(|per_byte| per_byte * body.len() as u64);
        assert!(most.is_none_or(|most| replica.charged() <= most), "{context}, full, viewer {at}");
        let seen = known_view(&watcher.schema, &project_seen(&self.state, &watcher.viewer, &watcher.seen));
        assert!(
            result.is_ok() && replica.to_value() == seen,
            "{context}, full, viewer {at}: {result:?}\n{}\n{}",
            show(&replica.to_value()),
            show(&seen)
        );
    }

    /// Runs `body` while effects are on.
    fn effective<R>(&mut self, body: impl FnOnce(&mut Theatre) -> R) -> R {
        if self.script == 0 {
            return body(self);
        }
        self.state.begin();
        self.state.overlay_begin();
        let mut effects = Writer::new(self.script);
        for number in 1..3 {
            self.state.overlay_layer(number);
            for _ in 0..1 + effects.roll(4) {
                effects.write_main(&mut self.state);
            }
            self.state.overlay_keep();
        }
        let result = body(self);
        self.state.rollback();
        result
    }

    /// Other effects, the same, or none.
    fn change_effects(&mut self) {
        match self.writer.roll(4) {
            0 => self.script = 0,
            1 | 2 => self.script = self.writer.dice.int("script", 1, 1 << 40) as u64,
            _ => {}
        }
    }

    /// The changes of the effective state since they were last taken.
    fn take_changes(&mut self) -> Changes {
        let mut changes = self.state.take_changes();
        if self.script != 0 || !self.shown.is_empty() {
            let now = self.effective(|theatre| theatre.state.shown());
            self.shown.rewrite(&now, &mut changes, &self.state);
            self.shown = now;
        }
        changes
    }

    fn transaction(&mut self) {
        self.state.begin();
        for _ in 0..self.writer.roll(8) {
            self.writer.write(&mut self.state);
        }
        if self.state.statistics().records > 600 {
            let root = self.state.main_root();
            self.state.root_reset(root).expect("small");
        }
        if self.writer.roll(6) == 0 { self.state.rollback() } else { self.state.commit() }
    }
}

/// How many were told something, and one field only.
fn run(text: &str, seed: u64, effects: bool) -> [usize; 2] {
    let mut theatre = Theatre::new(text, seed, !seed.is_multiple_of(3));
    let all: Vec<usize> = (0..theatre.watchers.len()).collect();
    let together = seed.is_multiple_of(2);
    for step in 0..60 {
        let context = format!("seed {seed}, step {step}");
        theatre.transaction();
        if theatre.writer.roll(5) == 0 {
            theatre.change_somebody();
        }
        if theatre.writer.roll(3) == 0 {
            // A span ends.
            if effects {
                theatre.change_effects();
            }
            let span = theatre.take_changes();
            for watcher in &mut theatre.watchers {
                watcher.window.merge(span.clone(), &theatre.state);
            }
            theatre.effective(|theatre| {
                if together {
                    theatre.tell(&all, &context);
                } else {
                    for at in &all {
                        if theatre.writer.roll(3) == 0 {
                            theatre.tell(&[*at], &context);
                        }
                    }
                }
                if theatre.writer.roll(10) == 0 {
                    let at = theatre.writer.roll(all.len());
                    theatre.full(at, &context);
                }
            });
        }
    }
    [theatre.told, theatre.lone]
}

/// All of them.
fn runs(count: u64, run: impl Fn(u64) -> [usize; 2]) -> [usize; 2] {
    seeds(count).map(run).fold([0, 0], |all, more| [all[0] + more[0], all[1] + more[1]])
}

/// The seeds to run, of so many usually. Only tests may ask the environment.
#[cfg(test)]
fn seeds(count: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("STATEWRIGHT_SYNC_FROM").unwrap_or(0) * count;
    first..first + count * number("STATEWRIGHT_SYNC_RUNS").unwrap_or(1)
}

#[test]
fn viewers_decode_what_they_see() {
    let [told, lone] = runs(60, |seed| run(RICH, seed, false));
    assert!(told > 1500 && lone > 10, "{told}, {lone}");
}

#[test]
fn viewers_decode_what_everybody_sees() {
    let [told, lone] = runs(30, |seed| run(PLAIN, seed, false));
    assert!(told > 1000 && lone > 10, "{told}, {lone}");
}

#[test]
fn viewers_decode_what_effects_show() {
    let [told, _] = runs(40, |seed| run([RICH, PLAIN][seed as usize % 2], seed, true));
    assert!(told > 1000, "{told}");
}

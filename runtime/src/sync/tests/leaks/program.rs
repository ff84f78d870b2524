//! Handlers, effects, filters and views of the sessions: some touch what everybody sees, some what the viewer never sees.

use std::sync::Arc;

use statewright_types::{Schema, StructId, TrapCode, Type, Value};

use super::stage::VIEWER;
use crate::access::Declared;
use crate::context::{Context, Recipients};
use crate::host_effects::{EffectCall, EffectDeclaration, HostEffects};
use crate::program::{
    FilterFootprint, FilterInfo, Footprint, HandlerInfo, Outcome, Permissions, Program, Suspension, Trap, ViewInfo,
};

struct Handlers {
    infos: Vec<HandlerInfo>,
    filters: Vec<FilterInfo>,
    views: Vec<ViewInfo>,
    main_root: StructId,
    /// The positions of `Round` and `Secret`.
    fields: [u32; 2],
}

/// `Cheer` writes `Round` and emits to all; `Curse` writes `Secret` and emits to one, `Botch` does so and fails. The effect `Glow`
/// is on `Round`, `Shade` on `Secret`, `Spawn` adds structs that go by both. `Veil` and `Unveil` give the viewer a filter that is a graph to the session, on `Round`, and take
/// it; `Pry` and `Unpry` give one of the others one that goes by `Secret`, too. The view `strong` of cards goes by their power for the viewer, and by `Secret`
/// for everybody else; it fails now and then.
pub(super) fn program(schema: &Schema, main_root: StructId) -> Arc<dyn Program> {
    let info = |event: &str| HandlerInfo {
        name: event.into(),
        event: event.into(),
        params: Vec::new(),
        permissions: Permissions::default(),
    };
    let field = |name: &str| schema.get(main_root).field(name).expect("a field") as u32;
    let infos = EVENTS.into_iter().map(info).collect();
    let fields = [field("Round"), field("Secret")];
    let at = |index: usize| (main_root, fields[index]);
    let filter = |name: &str, reads: &[usize]| FilterInfo {
        name: name.into(),
        params: Vec::new(),
        footprint: FilterFootprint {
            reads: Footprint::Fields(reads.iter().map(|index| at(*index)).collect()),
            writes: Footprint::Fields([at(0)].into()),
            looks_around: false,
        },
    };
    let filters = vec![filter("Veil", &[0]), filter("Pry", &[0, 1])];
    let strong = |card: StructId| {
        let power = schema.get(card).field("Power").expect("a field") as u32;
        let reads = Footprint::Fields([(card, power), at(1)].into());
        let footprint = FilterFootprint { reads, writes: Footprint::nothing(), looks_around: false };
        ViewInfo { name: "strong".into(), element: card, footprint }
    };
    let cards = schema.by_name("Card").filter(|card| schema.get(*card).field("Aura").is_some());
    let views = cards.map(strong).into_iter().collect();
    let handlers = Arc::new(Handlers { infos, filters, views, main_root, fields });
    let mut effects = HostEffects::new();
    let root = &schema.get(main_root).name;
    for (name, field) in [("Glow", "Round"), ("Shade", "Secret")] {
        let touched = Declared::new().reads(root, field).writes(root, field);
        let act = move |call: &mut EffectCall<'_>| {
            let root = call.main_root()?;
            let now = call.int(root, field)?;
            call.set_int(root, field, (now + 1) % 1000)
        };
        effects.add(EffectDeclaration::new(name).touching(touched), act).expect("an effect");
    }
    add_spawn(&mut effects, schema, main_root);
    effects.on(handlers, schema).expect("effects")
}

/// The effect `Spawn` adds structs that go by `Round` in what everybody sees, and by `Secret` in what the viewer never does.
fn add_spawn(effects: &mut HostEffects, schema: &Schema, main_root: StructId) {
    let root = schema.get(main_root).name.clone();
    let player = schema.get(schema.by_name("Player").expect("players"));
    let hidden = ["Coins", "Cash"].into_iter().find(|name| player.field(name).is_some()).expect("a field").to_owned();
    let best = schema.get(main_root).field("Best").map(|at| schema.get(main_root).fields[at].ty.non_null().clone());
    let best_is_player = best == schema.by_name("Player").map(Type::Struct);
    let touched = Declared::new().reads(&root, "Round").reads(&root, "Secret");
    let touched = touched.writes_whole(&root, "Players").writes_whole(&root, "Best");
    let act = move |call: &mut EffectCall<'_>| {
        let root = call.main_root()?;
        let (round, secret) = (call.int(root, "Round")?, call.int(root, "Secret")?);
        let spawned = |at: i64| {
            let card = Value::map([("ID", Value::Int(secret))]);
            let hand = Value::List(vec![card; (secret & 1) as usize]);
            let score = Value::Int((round + at) & 1);
            Value::map([
                ("ID", Value::str("zz")),
                ("Score", score),
                (&*hidden, Value::Int(secret % 9 + at)),
                ("Hand", hand),
            ])
        };
        for at in 0..2 {
            call.push(root, "Players", &spawned(at))?;
        }
        let best = match best_is_player {
            true => spawned(0),
            false => Value::map([("A", Value::Int(round & 1)), ("Code", Value::Int(secret))]),
        };
        call.set_value(root, "Best", &best)
    };
    effects.add(EffectDeclaration::new("Spawn").touching(touched), act).expect("an effect");
}

const EVENTS: [&str; 7] = ["Cheer", "Curse", "Botch", "Veil", "Unveil", "Pry", "Unpry"];

impl Program for Handlers {
    fn document_hash(&self) -> [u8; 32] {
        [0; 32]
    }

    fn handlers(&self) -> &[HandlerInfo] {
        &self.infos
    }

    fn filters(&self) -> &[FilterInfo] {
        &self.filters
    }

    fn run_filter(&self, filter: usize, _: &[u64], cx: &mut Context<'_>) -> Outcome {
        let [round, secret] = self.fields;
        let root = cx.state.root(self.main_root).expect("the root");
        let read = |cx: &Context<'_>, field| cx.state.load(root, self.main_root, field).expect("a field") as i64;
        let decides = if filter == 0 { round } else { secret };
        if read(cx, decides).rem_euclid(4) == 3 {
            return Outcome::Trapped(Trap { code: TrapCode::Custom, message: None, node: None });
        }
        let now = read(cx, round).rem_euclid(50) + read(cx, decides).rem_euclid(7);
        cx.store(root, self.main_root, round, now as u64).expect("stored");
        Outcome::Done
    }

    fn views(&self) -> &[ViewInfo] {
        &self.views
    }

    fn run_view(&self, _: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        let root = cx.state.root(self.main_root).expect("the root");
        let secret = cx.state.load(root, self.main_root, self.fields[1]).expect("a field") as i64;
        let ViewInfo { element: card, footprint, .. } = &self.views[0];
        let Footprint::Fields(reads) = &footprint.reads else { return Ok(false) };
        let power = reads.iter().find(|(ty, _)| ty == card).map_or(0, |(_, field)| *field);
        let power = cx.state.load(element, *card, power).map_err(|code| Trap { code, message: None, node: None })?;
        let by = if cx.state.str(viewer) == VIEWER { power as i64 } else { power as i64 ^ secret };
        match by.rem_euclid(5) {
            4 => Err(Trap { code: TrapCode::Custom, message: None, node: None }),
            left => Ok(left < 2),
        }
    }

    fn run(&self, handler: usize, _: &[u64], cx: &mut Context<'_>) -> Outcome {
        let [round, secret] = self.fields;
        if handler > 2 {
            let (who, filter) = if handler < 5 { (VIEWER, "Veil") } else { ("a", "Pry") };
            let [who, id, filter] = [who, "g", filter].map(|text| cx.state.string(text));
            // It may have one already.
            _ = match handler % 2 {
                1 => cx.add_filter(who, id, filter, None).is_ok(),
                _ => cx.remove_filter(who, id),
            };
            return Outcome::Done;
        }
        let root = cx.state.root(self.main_root).expect("the root");
        let field = if handler == 0 { round } else { secret };
        let now = cx.state.load(root, self.main_root, field).expect("a field") as i64;
        cx.store(root, self.main_root, field, ((now + 7) % 1000) as u64).expect("stored");
        let kind = cx.state.string("Spoken");
        let to = if handler == 0 { Recipients::All } else { Recipients::Players(vec!["a".into()]) };
        cx.emit(kind, to, None).expect("emitted");
        match handler {
            2 => Outcome::Trapped(Trap { code: TrapCode::Custom, message: None, node: None }),
            _ => Outcome::Done,
        }
    }

    fn resume(&self, _: &Suspension, _: &mut Context<'_>) -> Outcome {
        Outcome::Done
    }
}

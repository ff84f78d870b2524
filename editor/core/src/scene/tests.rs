//! What a scene shows, and what questions about places cost.

use statewright_graph::document::{GraphKind, SourceDocument};
use statewright_graph::node::EXAMPLE_SCHEMA;
use statewright_types::{Diagnostic, Span, schema};

use super::pick::{Hit, fit};
use super::*;
use crate::meta::Rect;

const AT: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };

const TEXT: &str = r##"{"stateType": "Game", "handlers": [{"name": "H", "event": "E", "parameters": [{"name": "id", "type": "string"}],
"nodes": [
  {"id": "sum", "type": "Add", "inputs": {"a": 1, "b": "param:id"}, "_position": {"x": 0, "y": 200}},
  {"id": "set", "type": "SetField", "inputs": {"path": "Round", "value": "node:sum:result"}, "_position": {"x": 400, "y": 0}},
  {"id": "sw", "type": "Switch", "inputs": {"value": "state:Phase"}, "_position": {"x": 800, "y": 0}},
  {"id": "call", "type": "CallFunction", "inputs": {"function": "F", "args": {"v": 3}}, "_position": {"x": 1200, "y": 0}},
  {"id": "odd", "type": "Nothing", "inputs": {"x": "node:gone:y"}, "_position": {"x": 400, "y": 400}}],
"flow": [{"from": "start", "to": "set"}, {"from": "set", "to": "sw"}, {"from": "sw", "to": "call", "label": "play"}, {"from": "sw", "to": "end"}],
"_editor": {"frames": [{"id": "f", "title": "All", "colour": "#ff0000", "rect": [380, -40, 1200, 300]}],
  "notes": [{"id": "n", "text": "Hi", "rect": [0, 600, 200, 80]}],
  "reroutes": [{"wire": "set:value<sum:result", "points": [[300, 300]]}]}}],
"functions": [{"name": "F", "parameters": [{"name": "v", "type": "int"}, {"name": "w", "type": "Player"}], "nodes": [], "flow": []}]}"##;

fn scene_of(text: &str, findings: Option<&Findings>) -> Scene {
    let source = SourceDocument::parse(text).unwrap();
    let context = Context { schema: schema::parse(EXAMPLE_SCHEMA).0, ..Context::default() };
    let sight = Sight { context: &context, findings };
    Scene::new(&source, AT, sight, &mut Placements::default()).unwrap()
}

/// Scenes with the same on them, at the same places.
pub(crate) fn assert_same(made: &Scene, new: &Scene, why: &str) {
    assert_eq!(made.cards, new.cards, "{why}");
    assert_eq!(made.wires, new.wires, "{why}");
    assert_eq!((&made.frames, &made.notes, &made.bookmarks), (&new.frames, &new.notes, &new.bookmarks), "{why}");
    assert_eq!((made.bounds(), &made.by_id), (new.bounds(), &new.by_id), "{why}");
    let cells = |grid: &Grid| {
        let sorted = |items: &Vec<Item>| {
            let mut items = items.clone();
            items.sort_unstable();
            items
        };
        let mut all: Vec<_> = grid.cells.iter().map(|(cell, items)| (*cell, sorted(items))).collect();
        all.sort();
        (all, sorted(&grid.large))
    };
    assert_eq!(cells(made.grid()), cells(new.grid()), "{why}");
}

/// A scene of one text, and the scene of another that is made of it.
fn after(text: &str, next: &str) -> (Scene, Scene) {
    let context = Context { schema: schema::parse(EXAMPLE_SCHEMA).0, ..Context::default() };
    let sight = Sight { context: &context, findings: None };
    let (source, next) = (SourceDocument::parse(text).unwrap(), SourceDocument::parse(next).unwrap());
    let mut placements = Placements::default();
    let scene = Scene::new(&source, AT, sight, &mut placements).unwrap();
    let new = Scene::new(&next, AT, sight, &mut placements).unwrap();
    (scene.updated(&next, AT, sight, &mut placements).unwrap(), new)
}

#[test]
fn a_scene_is_made_of_the_one_before() {
    let replaced = |from: &str, to: &str| {
        assert!(TEXT.contains(from), "{from}");
        let (made, new) = after(TEXT, &TEXT.replace(from, to));
        assert_same(&made, &new, from);
    };
    replaced("\"a\": 1", "\"a\": 25");
    replaced("\"x\": 1200, \"y\": 0", "\"x\": 1300, \"y\": 10");
    replaced(
        "{\"id\": \"sw\", \"type\": \"Switch\", \"inputs\": {\"value\": \"state:Phase\"}, \"_position\": {\"x\": 800, \"y\": 0}},",
        "",
    );
    replaced("\"b\": \"param:id\"", "\"b\": 3");
    replaced("node:gone:y", "node:sum:result");
    replaced("\"id\": \"sum\"", "\"id\": \"gone\"");
    replaced("\"id\": \"odd\"", "\"id\": \"sum\"");
    replaced("[[300, 300]]", "[[310, 300], [320, 400]]");
    replaced("{\"from\": \"sw\", \"to\": \"end\"}", "{\"from\": \"call\", \"to\": \"set\"}");
    replaced("\"type\": \"int\"}", "\"type\": \"string\"}");
    replaced("\"title\": \"All\"", "\"title\": \"Some\"");
}

fn names(card: &Card, side: Side) -> String {
    let pins = card.pins.iter().filter(|pin| pin.id.side == side);
    pins.map(|pin| &*pin.id.name).collect::<Vec<_>>().join(" ")
}

#[test]
fn cards_have_the_pins_of_their_types_calls_and_cases() {
    let scene = scene_of(TEXT, None);
    let card = |id: &str| scene.card(id).unwrap();
    assert_eq!(names(card("start"), Side::Output), "id");
    assert_eq!(names(card("sum"), Side::Input), "a b");
    assert_eq!((names(card("sum"), Side::FlowIn), card("sum").is_executing), (String::new(), false));
    assert_eq!(names(card("sw"), Side::FlowOut), "play  default");
    assert_eq!(names(card("call"), Side::Input), "function args args.v args.w");
    assert_eq!(names(card("call"), Side::Output), "", "the function returns nothing");
    assert!(card("call").pin(Side::Input, "args.w").unwrap().kind == PinKind::Struct);
    assert!(!card("odd").is_known && names(card("odd"), Side::Input) == "x");
    let a = card("sum").pin(Side::Input, "a").unwrap();
    assert_eq!(a.field.as_ref().map(|field| field.text.as_str()), Some("1"));
    let b = card("sum").pin(Side::Input, "b").unwrap();
    assert!(b.is_connected && b.field.is_none() && b.is_required);
    let path = card("set").pin(Side::Input, "path").unwrap();
    assert_eq!(path.field.as_ref().map(|field| field.editor.clone()), Some(Editor::Path));
    let v = card("call").pin(Side::Input, "args.v").unwrap();
    assert!(matches!(v.field.as_ref().unwrap().editor, Editor::Whole { .. }));
}

#[test]
fn structs_that_are_made_and_values_that_are_returned_have_pins_of_their_types() {
    let text = r#"{"stateType": "Game", "functions": [{"name": "F", "parameters": [{"name": "who", "type": "Player"}],
        "returnType": "int", "nodes": [
        {"id": "make", "type": "CreateStruct", "inputs": {"type": "Player", "fields": {"Score": 3}}},
        {"id": "say", "type": "SetField", "inputs": {"path": "Round", "value": "param:who.Score"}},
        {"id": "read", "type": "GetField", "inputs": {"path": "Players"}},
        {"id": "back", "type": "Return", "inputs": {"value": 1}}], "flow": []}]}"#;
    let source = SourceDocument::parse(text).unwrap();
    let context = Context { schema: schema::parse(EXAMPLE_SCHEMA).0, ..Context::default() };
    let sight = Sight { context: &context, findings: None };
    let at = GraphAt { kind: GraphKind::Function, index: 0 };
    let scene = Scene::new(&source, at, sight, &mut Placements::default()).unwrap();
    let pin = |node: &str, name: &str| scene.pin(&PinId::new(node, Side::Input, name)).unwrap();
    let def = context.schema.as_ref().unwrap().by_name("Player").map(|id| context.schema.as_ref().unwrap().get(id));
    for field in &def.unwrap().fields {
        assert!(pin("make", &format!("fields.{}", field.name)).known.as_ref() == Some(&field.ty), "{}", field.name);
    }
    assert!(matches!(pin("back", "value").field.as_ref().unwrap().editor, Editor::Whole { .. }));
    let kind = |node: &str, name: &str| pin(node, name).field.as_ref().and_then(|field| field.kind);
    assert_eq!((kind("say", "path"), kind("read", "path")), (Some(PinKind::Int), Some(PinKind::List)));
    assert_eq!(kind("back", "value"), None, "a value that is written out has no kind but its own");
}

#[test]
fn wires_say_what_fits_and_where_they_go() {
    let scene = scene_of(TEXT, None);
    let find = |to: &str, name: &str| {
        scene.wires.iter().find(|wire| &*wire.wire.to.node == to && &*wire.wire.to.name == name).unwrap()
    };
    assert_eq!(find("odd", "x").fit, Fit::Broken);
    let sum = find("set", "value");
    assert_eq!((sum.points.len(), sum.route.pieces.len()), (1, 2));
    assert!(scene.wires.iter().any(|wire| wire.ends && wire.label.is_empty()));
    assert!(scene.wires.iter().any(|wire| wire.label == "play"));
}

#[test]
fn what_is_wrong_is_at_its_pin_and_breaks_its_wire() {
    let mut diagnostic = Diagnostic::error("E1", Span::default(), "no").help("do").fix(Span::default(), "x");
    diagnostic.place.handler = Some("H".into());
    diagnostic.place.node = Some("sum".into());
    diagnostic.place.port = Some("b".into());
    let scene = scene_of(TEXT, Some(&Findings::new(1, vec![diagnostic], Vec::new(), Vec::new())));
    let card = scene.card("sum").unwrap();
    let pin = card.pin(Side::Input, "b").unwrap();
    assert_eq!((pin.badges[0].help.as_str(), pin.badges[0].fixes.len(), card.badges.len()), ("do", 1, 0));
    assert_eq!(card.severity, Some(statewright_types::Severity::Error));
    let wire = scene.wires.iter().find(|wire| &*wire.wire.to.node == "sum").unwrap();
    assert_eq!(wire.fit, Fit::Broken);
}

#[test]
fn what_is_under_a_point_is_found_topmost_first() {
    let scene = scene_of(TEXT, None);
    let card = scene.card("set").unwrap();
    let pin = PinId::new("set", Side::Input, "value");
    assert_eq!(scene.pick(scene.pin_at(&pin).unwrap(), 1.0), Some(Hit::Pin(pin)));
    assert_eq!(scene.pick(card.rect.centre(), 1.0), Some(Hit::Node("set".into())));
    assert!(matches!(scene.pick((300.0, 300.0), 1.0), Some(Hit::Reroute(_, 0))));
    let flow = scene.wires.iter().find(|wire| wire.label == "play").unwrap();
    assert_eq!(scene.pick(flow.route.middle(), 1.0), Some(Hit::Wire(flow.wire.clone())));
    assert_eq!(scene.pick((600.0, -30.0), 1.0), Some(Hit::Frame("f".into())));
    assert_eq!(scene.pick((50.0, 620.0), 1.0), Some(Hit::Note("n".into())));
    assert_eq!(scene.pick((1580.0, 260.0), 1.0), Some(Hit::Corner { frame: true, id: "f".into() }));
    assert_eq!(scene.pick((-5000.0, 0.0), 1.0), None);
}

#[test]
fn wires_join_what_goes_together_and_the_best_comes_first() {
    let scene = scene_of(TEXT, None);
    let pin = |id: &str, side, name: &str| scene.pin(&PinId::new(id, side, name)).unwrap();
    let result = pin("sum", Side::Output, "result");
    assert!(result.joins(pin("set", Side::Input, "value")).is_some());
    assert_eq!(result.joins(pin("sum", Side::Input, "a")), None, "its own input");
    assert_eq!(result.joins(pin("sw", Side::FlowIn, "")), None, "flow and value");
    assert_eq!(pin("sum", Side::Input, "a").joins(pin("call", Side::Input, "args.v")), None, "two inputs");
    let exit = pin("sw", Side::FlowOut, "default");
    assert_eq!(pin("call", Side::FlowIn, "").joins(exit), Some(Fit::Same), "backwards too");
    // `args.v` is a number and free; `function` is a name, of which a number is none.
    assert_eq!(scene.partner_at(result, "call"), Some(PinId::new("call", Side::Input, "args.v")));
    assert_eq!(scene.partner_at(result, "sum"), None);
    let id = pin("start", Side::Output, "id");
    assert!(scene.partners(id).iter().all(|pin| *pin.id.name != *"args.v"), "a text is no number");
}

#[test]
fn bands_frames_bounds_and_fit() {
    let scene = scene_of(TEXT, None);
    let band = scene.band(&Rect::between((1500.0, 150.0), (790.0, -10.0)));
    assert_eq!(band.nodes.iter().map(|id| &**id).collect::<Vec<_>>(), ["call", "sw"]);
    assert_eq!(band.wires.len(), 1 + usize::from(band.wires.iter().any(|wire| &*wire.to.node == "end")));
    assert_eq!(scene.in_frame("f").nodes.len(), 3);
    let bounds = scene.bounds().unwrap();
    assert!(bounds.holds(&scene.card("start").unwrap().rect) && bounds.bottom() == 680.0);
    let (centre, zoom) = fit(&Rect::new(0.0, 0.0, 2000.0, 1000.0), (1096.0, 1096.0));
    assert_eq!((centre, zoom), ((1000.0, 500.0), 0.5));
}

/// A document of `count` nodes in a grid, each reading the one before, all in the flow.
pub(crate) fn large(count: usize) -> String {
    let mut nodes = Vec::new();
    let mut flow = vec![r#"{"from": "start", "to": "n0"}"#.to_owned()];
    for index in 0..count {
        let (x, y) = ((index % 100) * 300, (index / 100) * 220);
        let value = if index == 0 { "1".to_owned() } else { format!("\"node:n{}:value\"", index - 1) };
        nodes.push(format!(
            r#"{{"id": "n{index}", "type": "SetVariable", "inputs": {{"name": "v", "value": {value}}}, "_position": {{"x": {x}, "y": {y}}}}}"#
        ));
        if index > 0 {
            flow.push(format!(r#"{{"from": "n{}", "to": "n{index}"}}"#, index - 1));
        }
    }
    format!(
        "{{\"stateType\": \"Game\", \"handlers\": [{{\"name\": \"H\", \"event\": \"E\", \"nodes\": [\n{}\n], \"flow\": [\n{}\n]}}]}}\n",
        nodes.join(",\n"),
        flow.join(",\n")
    )
}

#[test]
fn a_view_of_eighty_nodes_among_ten_thousand_looks_at_few_things() {
    let scene = scene_of(&large(10_000), None);
    assert_eq!((scene.cards.len(), scene.wires.len()), (10_001, 19_999));
    let before = scene.grid().looked_at();
    let view = scene.in_view(&Rect::new(9_000.0, 8_000.0, 1_900.0, 1_700.0));
    assert!((40..=90).contains(&view.cards.len()), "{}", view.cards.len());
    let looked_at = scene.grid().looked_at() - before;
    assert!(looked_at < 2_000, "{looked_at} looked at");
    let before = scene.grid().looked_at();
    scene.pick((9_010.0, 8_010.0), 1.0);
    assert!(scene.grid().looked_at() - before < 200);
}

#[test]
fn nodes_without_places_stay_where_they_were_put() {
    let text = TEXT.replace(", \"_position\": {\"x\": 400, \"y\": 0}", "");
    let source = SourceDocument::parse(&text).unwrap();
    let context = Context::default();
    let sight = Sight { context: &context, findings: None };
    let mut placements = Placements::default();
    let first = Scene::new(&source, AT, sight, &mut placements).unwrap();
    let fewer = SourceDocument::parse(&text.replace("{\"from\": \"set\", \"to\": \"sw\"}, ", "")).unwrap();
    let second = Scene::new(&fewer, AT, sight, &mut placements).unwrap();
    assert_eq!(first.card("set").unwrap().rect, second.card("set").unwrap().rect);
}

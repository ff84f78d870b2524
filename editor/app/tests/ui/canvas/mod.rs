//! The canvas: what is done there with pointer and keys, seen in the document.
//!
//! - [`view`]: what is seen of it; [`edits`]: frames, notes, values, pins; [`keys`]: without a pointer
//! - [`wires`]: ways around cards; [`palette`]: what is offered

mod edits;
mod keys;
mod palette;
mod view;
mod wires;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use statewright_editor::canvas::Here;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_editor_core::navigation::Focus;
use statewright_editor_core::wires::{PinId, Side};

use crate::window::{DOCUMENT, Window};

const NONE: Modifiers = Modifiers::NONE;

impl Window {
    /// Does an action of the menus.
    fn act(&mut self, action: Action) {
        self.editor().push(Todo::Act(action));
        self.settle();
    }

    fn here(&mut self) -> Here {
        Here::of(self.editor()).unwrap()
    }

    /// Where the middle of what has a label is on the screen.
    fn place(&self, label: &str) -> Pos2 {
        self.harness.get_by_label(label).rect().center()
    }

    fn hold(&mut self, modifiers: Modifiers) {
        self.harness.event(Event::ModifiersChanged(modifiers));
    }

    fn button(&mut self, pos: Pos2, button: PointerButton, pressed: bool, modifiers: Modifiers) {
        self.harness.event(Event::PointerButton { pos, button, pressed, modifiers });
        self.harness.step();
    }

    /// Drags with a button from one place over some to another.
    fn drag_with(&mut self, from: Pos2, to: Pos2, button: PointerButton, modifiers: Modifiers) {
        self.hold(modifiers);
        self.harness.event(Event::PointerMoved(from));
        self.harness.step();
        self.button(from, button, true, modifiers);
        for part in 1..=4 {
            self.harness.event(Event::PointerMoved(from.lerp(to, part as f32 / 4.0)));
            self.harness.step();
        }
        self.button(to, button, false, modifiers);
        self.hold(NONE);
        self.settle();
    }

    fn drag(&mut self, from: Pos2, to: Pos2) {
        self.drag_with(from, to, PointerButton::Primary, NONE);
    }

    fn click_at(&mut self, at: Pos2, button: PointerButton, modifiers: Modifiers) {
        self.harness.event(Event::PointerMoved(at));
        self.harness.step();
        self.button(at, button, true, modifiers);
        self.button(at, button, false, modifiers);
        self.settle();
    }

    fn double_click(&mut self, pos: Pos2) {
        self.harness.event(Event::PointerMoved(pos));
        self.harness.step();
        for pressed in [true, false, true, false] {
            let (button, modifiers) = (PointerButton::Primary, NONE);
            self.harness.input_mut().events.push(Event::PointerButton { pos, button, pressed, modifiers });
        }
        self.harness.step();
        self.settle();
    }

    fn type_text(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.settle();
    }

    fn selected(&mut self) -> String {
        let (document, _) = self.editor().active().unwrap();
        let nodes: Vec<&str> = document.open.selection().nodes.iter().map(|id| &**id).collect();
        nodes.join(" ")
    }

    fn steps(&mut self) -> usize {
        self.editor().active().map(|(document, _)| document.open.history().done()).unwrap()
    }

    /// Saves, and what the file then says is what the editor has.
    fn saved(&mut self) -> String {
        self.act(Action::Save);
        let text = self.text();
        assert_eq!(self.file("game.json"), text);
        text
    }
}

#[test]
fn a_document_is_opened_and_checked() {
    let mut window = Window::new("opened", DOCUMENT);
    let (document, _) = window.editor().active().unwrap();
    assert_eq!(document.checked.findings.count(), (0, 0), "{:?}", document.checked.findings);
    assert_eq!(window.text(), window.file("game.json"));
}

#[test]
fn nodes_are_dragged_onto_the_grid_in_one_step() {
    let mut window = Window::new("dragged", DOCUMENT);
    let zoom = window.here().camera.zoom as f32;
    let at = window.harness.get_by_label("Add sum").rect().left_top() + vec2(60.0, 8.0) * zoom;
    window.drag(at, at + vec2(87.0, 43.0) * zoom);
    // 260 + 87 and 220 + 43, at the nearest lines of a grid of 20.
    assert!(window.saved().contains(r#""_position": {"x": 340, "y": 260}"#), "{}", window.text());
    assert_eq!((window.steps(), window.selected().as_str()), (1, "sum"));
    window.act(Action::Undo);
    assert_eq!(window.text(), DOCUMENT);
}

#[test]
fn a_wire_is_drawn_from_a_pin_to_a_pin_and_taken_away_again() {
    let mut window = Window::new("connected", DOCUMENT);
    let from = window.place("start output points int64, connected");
    let to = window.place("sum input b number, 2");
    window.drag(from, to);
    assert!(window.saved().contains(r#""b": "param:points""#), "{}", window.text());
    // Backwards, from the input to the output, over the wire's end: it is taken off and dropped where nothing is.
    let at = window.place("sum input b number, connected");
    window.drag(at, at + vec2(-30.0, 120.0));
    assert!(!window.text().contains(r#""b": "param:points""#), "{}", window.text());
    assert_eq!(window.steps(), 2);
}

#[test]
fn a_wire_dropped_on_a_node_takes_the_pin_that_fits_best() {
    let mut window = Window::new("best", &DOCUMENT.replace(r#""value": "node:sum:result""#, r#""value": 1"#));
    let from = window.place("sum output result number");
    let onto = window.harness.get_by_label("SetField set").rect().center_bottom() - vec2(0.0, 3.0);
    window.drag(from, onto);
    assert!(window.saved().contains(r#""value": "node:sum:result""#), "{}", window.text());
}

#[test]
fn a_wire_dropped_on_nothing_asks_for_a_node_that_fits_and_connects_it() {
    let mut window = Window::new("asked", DOCUMENT);
    let from = window.place("set exit");
    window.drag(from, from + vec2(140.0, 90.0));
    window.type_text("trace");
    window.press(NONE, Key::Enter);
    let text = window.saved();
    assert!(text.contains(r#""type": "Trace""#) && text.contains(r#"{"from": "set", "to": "trace"}"#), "{text}");
    assert_eq!(window.selected(), "trace");
    assert_eq!(window.editor().settings.habits.recent.front().map(String::as_str), Some("Trace"));
}

#[test]
fn the_palette_is_searched_by_keys_and_left_by_escape() {
    let mut window = Window::new("palette", DOCUMENT);
    window.press(NONE, Key::Space);
    window.type_text("branch");
    window.press(NONE, Key::Enter);
    assert!(window.text().contains(r#""type": "If""#), "{}", window.text());
    let before = window.text();
    window.press(NONE, Key::Tab);
    assert!(window.editor().dialog.is_some());
    window.press(NONE, Key::Escape);
    assert!(window.editor().dialog.is_none());
    assert_eq!(window.text(), before);
}

#[test]
fn favourites_come_first() {
    let mut window = Window::new("favourites", DOCUMENT);
    window.press(NONE, Key::Space);
    window.type_text("wait");
    window.click("Favourite: Wait");
    assert!(window.editor().settings.habits.favourites.contains("Wait"));
    window.press(NONE, Key::Escape);
    window.press(NONE, Key::Space);
    window.press(NONE, Key::Enter);
    assert!(window.saved().contains(r#""type": "Wait""#), "{}", window.text());
}

#[test]
fn clicks_and_bands_select_and_keys_add() {
    let mut window = Window::new("selected", DOCUMENT);
    let sum = window.harness.get_by_label("Add sum").rect();
    let set = window.harness.get_by_label("SetField set").rect();
    let head = |rect: egui::Rect| rect.left_top() + vec2(40.0, 6.0);
    window.click_at(head(sum), PointerButton::Primary, NONE);
    assert_eq!(window.selected(), "sum");
    window.hold(Modifiers::SHIFT);
    window.click_at(head(set), PointerButton::Primary, Modifiers::SHIFT);
    window.hold(NONE);
    assert_eq!(window.selected(), "set sum");
    let empty = sum.left_bottom() + vec2(-30.0, 60.0);
    window.click_at(empty, PointerButton::Primary, NONE);
    assert_eq!(window.selected(), "");
    window.drag(empty, sum.center());
    assert_eq!(window.selected(), "sum");
    window.act(Action::SelectAll);
    assert_eq!(window.selected(), "set sum");
    assert_eq!(window.text(), DOCUMENT, "selecting changes nothing");
}

#[test]
fn the_view_goes_along_with_the_pointer_and_zooms_at_it() {
    let mut window = Window::new("view", DOCUMENT);
    let before = window.here().camera;
    let at = window.here().view.center() + vec2(10.0, 150.0);
    window.drag_with(at, at + vec2(60.0, 30.0), PointerButton::Middle, NONE);
    let after = window.here().camera;
    let moved = ((before.centre.0 - after.centre.0) * before.zoom, (before.centre.1 - after.centre.1) * before.zoom);
    assert!((moved.0 - 60.0).abs() < 1.0 && (moved.1 - 30.0).abs() < 1.0, "{moved:?}");
    let here = window.here();
    let point = here.camera.to_canvas(here.view, at);
    window.harness.event(Event::PointerMoved(at));
    window.harness.event(Event::Zoom(1.5));
    window.settle();
    let here = window.here();
    assert!((here.camera.zoom / before.zoom - 1.5).abs() < 1e-3);
    assert!((here.camera.to_screen(here.view, point) - at).length() < 1.0);
    window.act(Action::FitAll);
    let here = window.here();
    assert!(here.camera.seen(here.view).holds(&here.scene.bounds().unwrap()));
}

#[test]
fn a_wire_gets_a_point_by_a_double_click_which_is_dragged_and_removed() {
    let mut window = Window::new("reroute", DOCUMENT);
    let wire = "Wire from sum result to set value";
    let at = window.place(wire);
    window.double_click(at);
    assert!(window.text().contains(r#""reroutes""#), "{}", window.text());
    let here = window.here();
    let found = here.scene.wires.iter().find(|wire| !wire.points.is_empty()).unwrap();
    let point = here.camera.to_screen(here.view, found.points[0]);
    let key = found.points[0];
    window.drag(point, point + vec2(0.0, 60.0));
    let here = window.here();
    let moved = here.scene.wires.iter().find(|wire| !wire.points.is_empty()).unwrap().points[0];
    assert!(moved.1 > key.1 + 20.0, "{key:?} {moved:?}");
    let point = here.camera.to_screen(here.view, moved);
    window.click_at(point, PointerButton::Secondary, NONE);
    window.click("Remove point");
    assert!(!window.saved().contains(r#""points": [["#), "{}", window.text());
}

#[test]
fn values_are_edited_on_the_card() {
    let mut window = Window::new("fields", DOCUMENT);
    window.act(Action::ZoomReset);
    window.harness.get_by_label("sum input b number, 2").click_accesskit();
    window.settle();
    window.type_text("40");
    window.press(NONE, Key::Enter);
    assert!(window.saved().contains(r#""b": 40"#), "{}", window.text());
    assert_eq!(window.steps(), 1);
    window.harness.get_by_label("sum input b number, 40").click_accesskit();
    window.settle();
    window.type_text("7");
    window.press(NONE, Key::Escape);
    assert!(window.text().contains(r#""b": 40"#), "Escape leaves it as it was");
}

#[test]
fn a_path_is_completed_by_the_schema() {
    let mut window = Window::new("path", DOCUMENT);
    window.act(Action::ZoomReset);
    window.harness.get_by_label("set input path path, Score").click_accesskit();
    window.settle();
    window.type_text("Na");
    window.press(NONE, Key::ArrowDown);
    window.press(NONE, Key::Enter);
    window.press(NONE, Key::Enter);
    assert!(window.saved().contains(r#""path": "Name""#), "{}", window.text());
}

#[test]
fn a_name_is_chosen_on_the_card() {
    let document = DOCUMENT.replace(
        "{\"id\": \"set\"",
        "{\"id\": \"sort\", \"type\": \"Sum\", \"inputs\": {\"path\": \"Players\", \"field\": \"ID\"}, \
         \"_position\": {\"x\": 260, \"y\": 420}},\n        {\"id\": \"set\"",
    );
    let mut window = Window::new("name-on-card", &document);
    window.act(Action::ZoomReset);
    window.harness.get_by_label("sort input field constant, ID").click_accesskit();
    window.settle();
    window.press(NONE, Key::ArrowDown);
    window.press(NONE, Key::ArrowDown);
    window.press(NONE, Key::Enter);
    assert!(window.saved().contains(r#""field": "Score""#), "{}", window.text());
}

#[test]
fn everything_is_done_by_keyboard_alone() {
    let mut window = Window::new("keyboard", DOCUMENT);
    window.press(NONE, Key::ArrowRight);
    window.press(NONE, Key::ArrowRight);
    let here = window.here();
    let focus = here.focus(window.editor());
    assert!(matches!(focus, Some(Focus::Node(_))), "{focus:?}");
    // To the sum, and by two steps of the grid down, as one step of the history.
    statewright_editor::canvas::go_to(window.editor(), &"sum".into());
    window.settle();
    window.hold(Modifiers::COMMAND);
    for _ in 0..2 {
        let (key, modifiers) = (Key::ArrowDown, Modifiers::COMMAND);
        window.harness.event(Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers });
        window.harness.step();
    }
    window.hold(NONE);
    window.settle();
    assert!(window.text().contains(r#""x": 260, "y": 260"#), "{}", window.text());
    assert_eq!(window.steps(), 1);
    // Into it, and its last input gets what was said.
    window.press(NONE, Key::Enter);
    let here = window.here();
    let pin = PinId::new("sum", Side::Input, "b");
    here.set_focus(window.editor(), Some(Focus::Pin(pin)));
    window.press(NONE, Key::Enter);
    window.type_text("9");
    window.press(NONE, Key::Enter);
    assert!(window.text().contains(r#""b": 9"#), "{}", window.text());
    // Connecting: from the parameter to what takes it, chosen from a list.
    let pin = PinId::new("start", Side::Output, "points");
    here.set_focus(window.editor(), Some(Focus::Pin(pin)));
    window.act(Action::Connect);
    window.type_text("sum input b");
    window.press(NONE, Key::Enter);
    assert!(window.saved().contains(r#""b": "param:points""#), "{}", window.text());
}

#[test]
fn escape_leaves_a_pin_for_its_node_and_then_selects_nothing() {
    let mut window = Window::new("escape", DOCUMENT);
    let here = window.here();
    here.set_focus(window.editor(), Some(Focus::Pin(PinId::new("sum", Side::Input, "a"))));
    window.press(NONE, Key::Escape);
    assert_eq!(here.focus(window.editor()), Some(Focus::Node("sum".into())));
    assert_eq!(window.selected(), "sum");
    window.press(NONE, Key::Escape);
    assert_eq!((here.focus(window.editor()), window.selected()), (None, String::new()));
}

#[test]
fn screen_readers_are_told_of_cards_pins_wires_and_where_the_keyboard_is() {
    let mut window = Window::new("spoken", &DOCUMENT.replace(r#""b": 2"#, r#""b": "node:gone:x""#));
    let card = window.harness.get_by_label("Add sum, 1 error");
    assert_eq!(card.accesskit_node().role(), Role::Group);
    window.harness.get_by_label("SetField set").focus();
    window.settle();
    let here = window.here();
    assert_eq!(here.focus(window.editor()), Some(Focus::Node("set".into())));
    let canvas = window.harness.get_by_role(Role::Canvas);
    assert_eq!(canvas.value().as_deref(), Some("SetField, set"));
    assert_eq!(window.selected(), "set");
    assert!(window.harness.query_by_label("Flow from start to set").is_some());
}

#[test]
fn nodes_align_lay_themselves_out_and_get_frames_and_notes() {
    let mut window = Window::new("arranged", DOCUMENT);
    window.act(Action::SelectAll);
    window.act(Action::AlignTop);
    assert!(window.text().contains(r#""x": 260, "y": 60"#), "{}", window.text());
    window.act(Action::AddFrame);
    assert!(window.text().contains(r#""frames": [{"id": "frame""#), "{}", window.text());
    window.act(Action::SelectNone);
    window.act(Action::AddNote);
    assert!(window.text().contains(r#""notes": [{"id": "note""#), "{}", window.text());
    window.act(Action::Layout);
    assert_eq!(window.steps(), 4);
    while window.steps() > 0 {
        window.act(Action::Undo);
    }
    assert_eq!(window.text(), DOCUMENT);
}

#[test]
fn a_frame_takes_what_is_in_it_along() {
    let framed = DOCUMENT.replace(
        r#""flow": ["#,
        r#""_editor": {"frames": [{"id": "f", "title": "Both", "rect": [200, 20, 700, 420]}]}, "flow": ["#,
    );
    let mut window = Window::new("frame", &framed);
    let zoom = window.here().camera.zoom as f32;
    let title = window.harness.get_by_label("Frame Both").rect().left_top() + vec2(30.0, 9.0) * zoom;
    window.drag(title, title + vec2(40.0, 20.0) * zoom);
    let text = window.saved();
    assert!(text.contains(r#""rect": [240, 40, 700, 420]"#), "{text}");
    assert!(text.contains(r#""x": 300, "y": 240"#) && text.contains(r#""x": 600, "y": 80"#), "{text}");
    assert_eq!(window.steps(), 1);
}

#[test]
fn nodes_collapse_to_a_function_and_its_call_opens_it() {
    let mut window = Window::new("collapsed", DOCUMENT);
    window.act(Action::SelectAll);
    window.act(Action::Collapse);
    window.type_text("Total");
    window.press(NONE, Key::Enter);
    let notices: Vec<_> = window.editor().notices.all().to_vec();
    assert!(notices.is_empty() && window.editor().dialog.is_none(), "{notices:?}");
    assert!(window.text().contains(r#""name": "Total""#), "{}", window.text());
    let call = window.here().scene.cards.iter().find(|card| &*card.ty == "CallFunction").unwrap().id.clone();
    let at = window.harness.get_by_label(&format!("CallFunction {call}")).rect().left_top() + vec2(40.0, 6.0);
    window.double_click(at);
    assert_eq!(&*window.here().name.name, "Total");
}

#[test]
fn a_cut_is_pasted_at_the_pointer_with_its_wires() {
    let mut window = Window::new("pasted", DOCUMENT);
    window.act(Action::SelectAll);
    window.act(Action::Copy);
    let copied = window.harness.output().platform_output.commands.clone();
    let text = copied.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let (document, _) = window.editor().active().unwrap();
    let selection = document.open.selection().clone();
    let text =
        text.unwrap_or_else(|| statewright_editor_core::clipboard::copy(document.open.source(), &selection).unwrap());
    let middle = window.here().view.center();
    window.harness.event(Event::PointerMoved(middle));
    window.harness.event(Event::Paste(text));
    window.settle();
    let here = window.here();
    assert_eq!(here.scene.cards.len(), 5, "{}", window.text());
    let copies = here.scene.wires.iter().filter(|wire| !wire.wire.is_flow()).count();
    assert_eq!(copies, 4, "each sum reads the parameter, each set its sum");
}

#[test]
fn entries_and_cases_are_added_renamed_and_removed() {
    let document = DOCUMENT.replace(
        r#"{"id": "set", "type": "SetField", "inputs": {"path": "Score", "value": "node:sum:result"}, "_position": {"x": 560, "y": 60}}"#,
        r#"{"id": "set", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"n": 1}}, "_position": {"x": 560, "y": 60}},
        {"id": "sw", "type": "Switch", "inputs": {"value": "state:Name"}, "_position": {"x": 860, "y": 60}}"#,
    );
    let mut window = Window::new("entries", &document);
    let head = |window: &Window, label: &str| window.harness.get_by_label(label).rect().left_top() + vec2(30.0, 5.0);
    let at = head(&window, "EmitToAll set");
    window.click_at(at, PointerButton::Secondary, NONE);
    window.click("Add to payload…");
    window.type_text("more");
    window.press(NONE, Key::Enter);
    assert!(window.text().contains(r#""more": 0"#), "{}", window.text());
    let entry = window.here().scene.pin_at(&PinId::new("set", Side::Input, "payload.n")).unwrap();
    let here = window.here();
    let at = here.camera.to_screen(here.view, entry);
    window.click_at(at, PointerButton::Secondary, NONE);
    window.click("Remove entry");
    assert!(!window.text().contains(r#""n": 1"#), "{}", window.text());
    let at = head(&window, "Switch sw, 1 warning");
    window.click_at(at, PointerButton::Secondary, NONE);
    window.click("Add case…");
    window.type_text("red");
    window.press(NONE, Key::Enter);
    assert!(window.saved().contains(r#""label": "red""#), "{}", window.text());
}

#[test]
fn a_problem_is_shown_at_its_badge_and_fixed_there() {
    let mut window = Window::new("badge", &DOCUMENT.replace(r#""path": "Score""#, r#""path": "Scor""#));
    let card = window.here().scene.card("set").unwrap().clone();
    let badge = card.pins.iter().flat_map(|pin| pin.badges.first().map(|badge| (pin, badge))).next();
    let Some((pin, badge)) = badge else { panic!("{:?}", card.badges) };
    assert!(badge.is_error);
    let here = window.here();
    let at = here.camera.to_screen(here.view, card.place_of(pin)) + vec2(-14.0, 0.0) * here.camera.zoom as f32;
    let fix = badge.fixes.first().map(|fix| fix.text.clone());
    window.click_at(at, PointerButton::Primary, NONE);
    assert!(window.editor().canvas.problems.is_some());
    if let Some(fix) = fix {
        window.click(&format!("Fix: {fix}"));
        assert!(window.saved().contains(r#""path": "Score""#), "{}", window.text());
    }
}

#[test]
fn nothing_is_drawn_while_nothing_happens() {
    let mut window = Window::new("idle", DOCUMENT);
    window.settle();
    let delays: Vec<_> = window.harness.output().viewport_output.values().map(|output| output.repaint_delay).collect();
    assert!(delays.iter().all(|delay| *delay > std::time::Duration::from_secs(3600)), "{delays:?}");
}

#[test]
fn the_minimap_moves_the_view() {
    let mut window = Window::new("minimap", DOCUMENT);
    window.act(Action::ZoomReset);
    let map = window.harness.get_by_label("Minimap").rect();
    let before = window.here().camera.centre;
    window.click_at(map.left_top() + vec2(4.0, 4.0), PointerButton::Primary, NONE);
    let after = window.here().camera.centre;
    assert!(after.0 < before.0 && after.1 < before.1, "{before:?} {after:?}");
}

#[test]
fn a_number_is_dragged_at_its_field_in_one_step() {
    let mut window = Window::new("number", DOCUMENT);
    window.act(Action::ZoomReset);
    let at = window.place("sum input b number, 2") + vec2(34.0, 0.0);
    window.drag(at, at + vec2(50.0, 0.0));
    // A fifth for each point: 2 and 10, less what it takes to be a drag.
    let text = window.saved();
    assert!((8..=12).any(|number| text.contains(&format!(r#""b": {number}}}"#))), "{text}");
    assert_eq!(window.steps(), 1);
    window.act(Action::Undo);
    assert_eq!(window.text(), DOCUMENT);
}

#[test]
fn a_click_with_ctrl_takes_the_wires_from_a_pin() {
    let mut window = Window::new("unwired", DOCUMENT);
    let at = window.place("set input value any, connected");
    window.hold(Modifiers::COMMAND);
    window.click_at(at, PointerButton::Primary, Modifiers::COMMAND);
    window.hold(NONE);
    assert!(!window.saved().contains("node:sum:result"), "{}", window.text());
}

#[test]
fn a_frame_gets_its_size_by_its_corner() {
    let framed = DOCUMENT.replace(
        r#""flow": ["#,
        r#""_editor": {"frames": [{"id": "f", "title": "F", "rect": [200, 20, 700, 420]}]}, "flow": ["#,
    );
    let mut window = Window::new("corner", &framed);
    window.act(Action::Minimap);
    let zoom = window.here().camera.zoom as f32;
    let corner = window.harness.get_by_label("Frame F").rect().right_bottom() - vec2(2.0, 2.0);
    window.drag(corner, corner + vec2(-42.0, -38.0) * zoom);
    assert!(window.saved().contains(r#""rect": [200, 20, 660, 380]"#), "{}", window.text());
}

#[test]
fn menus_are_opened_and_gone_through_by_keys() {
    let mut window = Window::new("menu", DOCUMENT);
    let here = window.here();
    here.set_focus(window.editor(), Some(Focus::Pin(PinId::new("sum", Side::Input, "a"))));
    window.press(Modifiers::SHIFT, Key::F10);
    for _ in 0..8 {
        if window.harness.get_by_label("Disconnect").is_focused() {
            break;
        }
        window.press(NONE, Key::ArrowDown);
    }
    window.press(NONE, Key::Enter);
    assert!(!window.saved().contains("param:points"), "{}", window.text());
    // The keyboard is on the canvas again.
    window.press(NONE, Key::Space);
    assert!(window.editor().dialog.is_some());
}

#[test]
fn only_what_fits_a_pin_is_offered() {
    let mut window = Window::new("filtered", DOCUMENT);
    let at = window.here().scene.pin_at(&PinId::new("set", Side::Input, "value")).unwrap();
    let from = PinId::new("sum", Side::Output, "result");
    window.editor().push(statewright_editor::dialogs::palette::open(at, Some(from)));
    window.settle();
    // Without a text what is of the very type comes first: arithmetic before what takes anything.
    let below = |label: &str| window.harness.get_by_label(label).rect().top();
    assert!(below("Fits best") < below("Subtract"));
    window.type_text("And");
    assert!(window.harness.query_by_label("And").is_none(), "a number is no condition");
    window.press(NONE, Key::Escape);
    assert_eq!(window.text(), DOCUMENT);
}

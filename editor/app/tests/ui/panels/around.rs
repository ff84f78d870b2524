//! What is around the canvas: the toolbar, and the edges of the sides.

use egui::{Event, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use statewright_editor::canvas::Here;
use statewright_editor::panels::Panel;
use statewright_editor::regions::Region;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_editor_core::command::Command;
use statewright_editor_core::meta::Rect;
use statewright_graph::document::{GraphAt, GraphKind};

use crate::window::{DOCUMENT, Window};

const AT: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };

/// A note, so that there is something to undo.
fn edit(window: &mut Window) -> String {
    let rect = Rect::new(0.0, 400.0, 200.0, 80.0);
    window.work(Todo::Run(Command::AddNote { graph: AT, text: "Here".to_owned(), rect }, None));
    assert_ne!(window.text(), DOCUMENT);
    window.text()
}

#[test]
fn buttons_of_the_toolbar_do_what_their_actions_do() {
    let mut window = Window::new("toolbar", DOCUMENT);
    let edited = edit(&mut window);
    window.click("Undo (Ctrl+Z)");
    assert_eq!(window.text(), DOCUMENT);
    window.click("Redo (Ctrl+Shift+Z)");
    assert_eq!(window.text(), edited);
    window.click("Save (Ctrl+S)");
    assert_eq!(window.file("game.json"), edited);
    window.click("Add node… (Space)");
    assert!(window.editor().dialog.is_some());
    window.press(Modifiers::NONE, Key::Escape);
    window.editor().panels.bottom = None;
    window.click("Checked: nothing is wrong");
    assert_eq!(window.editor().panels.bottom, Some(Panel::Problems));
    let zoom = |window: &mut Window| Here::of(window.editor()).unwrap().camera.zoom;
    window.work(Todo::Act(Action::ZoomReset));
    window.work(Todo::Act(Action::ZoomIn));
    assert_eq!(zoom(&mut window), 1.25);
    window.click("Fit everything (F)");
    assert!(zoom(&mut window) <= 1.0);
}

#[test]
fn every_panel_is_shown_by_an_action() {
    let mut window = Window::new("panel-actions", DOCUMENT);
    let is_of_a_panel = |action: &&Action| {
        (action.name().starts_with("view.") && **action != Action::Commands) || **action == Action::Find
    };
    let mut shown = std::collections::BTreeSet::new();
    for action in Action::ALL.iter().filter(is_of_a_panel) {
        window.work(Todo::Act(*action));
        let panels = &window.editor().panels;
        shown.extend([panels.left, panels.right, panels.bottom].into_iter().flatten());
    }
    assert_eq!(shown.into_iter().collect::<Vec<_>>(), Panel::ALL);
}

#[test]
fn what_cannot_be_done_is_not_pressed_in_the_toolbar() {
    let window = Window::new("toolbar-idle", DOCUMENT);
    for (label, is_enabled) in
        [("Undo (Ctrl+Z)", false), ("Step (F10)", false), ("Stop (Shift+F5)", false), ("Run handler… (F5)", true)]
    {
        let button = window.harness.get_by_label(label);
        assert_eq!(button.accesskit_node().is_disabled(), !is_enabled, "{label}");
    }
}

#[test]
fn the_toolbar_is_gone_through_by_keys_and_hidden_by_a_setting() {
    let mut window = Window::new("toolbar-keys", DOCUMENT);
    let edited = edit(&mut window);
    window.editor().regions.want(Region::Toolbar);
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.file("game.json"), edited, "the first button saves");
    window.press(Modifiers::NONE, Key::Tab);
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.text(), DOCUMENT, "the second undoes");
    window.work(Todo::Act(Action::Toolbar));
    assert!(!window.has("Save (Ctrl+S)") && !window.editor().settings.toolbar);
    window.work(Todo::Act(Action::Settings));
    window.click("Show the toolbar");
    assert!(window.editor().settings.toolbar);
}

fn height(window: &mut Window) -> f32 {
    window.editor().regions.rect(Region::Bottom).unwrap().height()
}

fn pointer(window: &mut Window, pos: Pos2, pressed: Option<bool>) {
    window.harness.event(Event::PointerMoved(pos));
    if let Some(pressed) = pressed {
        let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
        window.harness.event(Event::PointerButton { pos, button, pressed, modifiers });
    }
    window.harness.step();
}

#[test]
fn the_edge_of_the_bottom_side_is_dragged_from_either_side_of_it() {
    let mut window = Window::new("edge", DOCUMENT);
    for beside in [-5.0, 5.0] {
        let before = height(&mut window);
        let rect = window.editor().regions.rect(Region::Bottom).unwrap();
        let at = rect.center_top() + vec2(150.0, beside);
        pointer(&mut window, at, None);
        pointer(&mut window, at, Some(true));
        pointer(&mut window, at - vec2(0.0, 30.0), None);
        pointer(&mut window, at - vec2(0.0, 60.0), None);
        pointer(&mut window, at - vec2(0.0, 60.0), Some(false));
        window.settle();
        let by = height(&mut window) - before;
        assert!((by - 60.0).abs() <= 8.0, "{beside}: {by}");
    }
    assert_eq!(window.text(), DOCUMENT, "nothing on the canvas was dragged");
}

#[test]
fn edges_are_moved_by_keys() {
    let mut window = Window::new("edge-keys", DOCUMENT);
    let before = height(&mut window);
    window.harness.get_by_label("Height of the bottom side").focus();
    window.settle();
    window.press(Modifiers::NONE, Key::ArrowUp);
    window.press(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(height(&mut window), before + 48.0);
    window.press(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(height(&mut window), before + 24.0);
    // From elsewhere: the side that has the keyboard, else the bottom.
    window.editor().regions.want(Region::Canvas);
    window.settle();
    window.press(Modifiers::ALT, Key::PageDown);
    assert_eq!(height(&mut window), before);
    let width = |window: &mut Window| window.editor().regions.rect(Region::Left).unwrap().width();
    let left = width(&mut window);
    window.editor().regions.want(Region::Left);
    window.settle();
    window.press(Modifiers::ALT, Key::PageUp);
    assert_eq!((width(&mut window), height(&mut window)), (left + 24.0, before));
}

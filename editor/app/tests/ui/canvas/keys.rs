//! The canvas by keyboard alone, and what every node has for help.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use statewright_editor::dialogs::Dialog;
use statewright_editor::dialogs::help::Help;
use statewright_editor::todo::Todo;
use statewright_editor_core::navigation::Focus;
use statewright_editor_core::wires::{PinId, Side};
use statewright_graph::node::table;

use super::NONE;
use crate::window::{DOCUMENT, Window};

impl Window {
    fn presses(&mut self, keys: &[Key]) {
        for key in keys {
            self.press(NONE, *key);
        }
    }

    fn focus(&mut self) -> Option<Focus> {
        let here = self.here();
        here.focus(self.editor())
    }
}

#[test]
fn keys_alone_go_along_wires_edit_connect_and_take_away() {
    let mut window = Window::new("keys-alone", DOCUMENT);
    // The start first, then by columns; into the sum, to the other side, along its wire, to where that leads.
    window.presses(&[Key::ArrowRight, Key::PageDown]);
    assert_eq!(window.focus(), Some(Focus::Node("sum".into())));
    window.presses(&[Key::Enter, Key::ArrowRight, Key::ArrowRight]);
    assert!(matches!(window.focus(), Some(Focus::Wire(_))), "{:?}", window.focus());
    window.press(NONE, Key::ArrowRight);
    assert_eq!(window.focus(), Some(Focus::Pin(PinId::new("set", Side::Input, "value"))));
    // Back along it, and it is taken away.
    window.press(NONE, Key::ArrowLeft);
    window.press(NONE, Key::Delete);
    assert!(!window.text().contains("node:sum:result"), "{}", window.text());
    // The sum's last input is written, and its result connected with one of the pins that take it.
    window.presses(&[Key::PageDown, Key::PageUp]);
    while window.focus() != Some(Focus::Node("sum".into())) {
        window.press(NONE, Key::PageDown);
    }
    window.presses(&[Key::Enter, Key::ArrowDown, Key::Enter]);
    window.type_text("12");
    window.press(NONE, Key::Enter);
    assert!(window.text().contains(r#""b": 12"#), "{}", window.text());
    window.presses(&[Key::ArrowRight, Key::W]);
    window.type_text("set input value");
    window.press(NONE, Key::Enter);
    assert!(window.saved().contains(r#""value": "node:sum:result""#), "{}", window.text());
    // From the keyboard's node the palette, and out again with nothing selected.
    window.presses(&[Key::Escape, Key::Escape, Key::Escape]);
    assert_eq!(window.selected(), "");
    window.press(Modifiers::SHIFT, Key::F10);
    assert!(window.editor().canvas.menu.is_some());
}

#[test]
fn cards_pins_and_wires_have_roles_names_and_values() {
    let window = Window::new("roles", DOCUMENT);
    let role = |label: &str| window.harness.get_by_label(label).accesskit_node().role();
    assert_eq!(role("SetField set"), Role::Group);
    assert_eq!(role("sum input b number, 2"), Role::ListItem);
    assert_eq!(role("Wire from sum result to set value"), Role::ListItem);
    assert_eq!(role("Flow from start to set"), Role::ListItem);
    let pin = window.harness.get_by_label("sum input b number, 2");
    assert_eq!(pin.accesskit_node().value().as_deref(), Some("2"));
    let card = pin.accesskit_node().parent().unwrap();
    assert_eq!(card.label().as_deref(), Some("Add sum"), "pins are below their node");
}

#[test]
fn lambdas_are_told_of() {
    let document = DOCUMENT.replace(
        r#"{"id": "sum", "type": "Add", "inputs": {"a": "param:points", "b": 2}"#,
        r#"{"id": "sum", "type": "FilterArray", "inputs": {"array": "state:Players", "condition": true}"#,
    );
    let window = Window::new("lambdas", &document);
    let found = window.harness.query_all_by_label_contains(", for each element").next();
    assert!(found.is_some());
}

#[test]
fn every_node_has_help() {
    let mut window = Window::new("help", DOCUMENT);
    for row in table() {
        let help = Dialog::Help(Help::Node(row.name.to_owned()));
        window.editor().push(Todo::Dialog(Box::new(help)));
        window.harness.run_ok();
        let summary = row.summary.replace('`', "");
        let said = window.harness.query_all_by_label_contains(&summary).next();
        assert!(!row.summary.is_empty() && said.is_some(), "{}", row.name);
    }
    window.press(NONE, Key::Escape);
    assert_eq!(window.text(), DOCUMENT);
}

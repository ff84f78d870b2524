//! The edges between the canvas and what is around it: dragged, moved by arrow keys where they have the keyboard, and put back
//! by a double-click. They lie above what they separate, so that the whole of their width can be grabbed.

use std::collections::BTreeMap;

use egui::accesskit::{Orientation, Role};
use egui::{Context, CursorIcon, Event, EventFilter, Id, Key, Rect, Sense, Stroke, Ui, vec2};

use super::{Panel, Side};
use crate::editor::Editor;
use crate::regions::Region;

/// How far from an edge it can be grabbed.
const REACH: f32 = 6.0;
/// Length of the grip that shows where.
const GRIP: f32 = 32.0;
/// Points by which a key moves it.
const STEP: f32 = 24.0;
/// Least size of a side.
pub const LEAST: f32 = 120.0;

/// Sizes that sides were given. What needs columns keeps a height of its own.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    given: BTreeMap<Edge, f32>,
    shown: BTreeMap<Side, (Edge, f32, f32)>,
}

/// One whose size is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    side: Side,
    has_columns: bool,
}

impl Sizes {
    /// The size of a side that shows a panel: as given, within what the window allows.
    pub fn of(&mut self, side: Side, panel: Panel, default: f32, most: f32) -> f32 {
        let edge = Edge { side, has_columns: side == Side::Bottom && panel.scrolls_itself() };
        let size = self.given.get(&edge).copied().unwrap_or(default).clamp(LEAST, most.max(LEAST));
        self.shown.insert(side, (edge, size, most));
        size
    }

    /// What a side measures now.
    pub fn now(&self, side: Side) -> Option<f32> {
        self.shown.get(&side).map(|(_, size, _)| *size)
    }

    /// Gives a side a size.
    pub fn set(&mut self, side: Side, size: f32) {
        if let Some((edge, _, most)) = self.shown.get(&side) {
            self.given.insert(*edge, size.clamp(LEAST, most.max(LEAST)));
        }
    }

    fn reset(&mut self, side: Side) {
        if let Some((edge, ..)) = self.shown.get(&side) {
            self.given.remove(edge);
        }
    }
}

const SIDES: [(Side, Region, &str); 3] = [
    (Side::Left, Region::Left, "Width of the left side"),
    (Side::Right, Region::Right, "Width of the right side"),
    (Side::Bottom, Region::Bottom, "Height of the bottom side"),
];

/// Takes drags and keys of the edges, and draws their grips. After everything that they separate.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    for (side, region, label) in SIDES {
        let Some(rect) = editor.panels.shown(side).and_then(|_| editor.regions.current(region)) else { continue };
        edge(editor, side, rect, label, ui);
    }
}

fn edge(editor: &mut Editor, side: Side, rect: Rect, label: &str, ui: &mut Ui) {
    let line = match side {
        Side::Left => Rect::from_min_max(rect.right_top(), rect.right_bottom()),
        Side::Right => Rect::from_min_max(rect.left_top(), rect.left_bottom()),
        Side::Bottom => Rect::from_min_max(rect.left_top(), rect.right_top()),
    };
    let is_flat = side == Side::Bottom;
    let grown = if is_flat { vec2(0.0, REACH) } else { vec2(REACH, 0.0) };
    let id = Id::new(("edge", label));
    let response = ui.interact(line.expand2(grown), id, Sense::click_and_drag());
    let Some(now) = editor.panels.edges.now(side) else { return };
    if response.double_clicked() {
        editor.panels.edges.reset(side);
    } else if let Some(at) = response.interact_pointer_pos().filter(|_| response.dragged()) {
        let size = match side {
            Side::Left => at.x - rect.left(),
            Side::Right => rect.right() - at.x,
            Side::Bottom => rect.bottom() - at.y,
        };
        editor.panels.edges.set(side, size);
    }
    if response.has_focus() {
        let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
        let steps = keys(ui.ctx(), side);
        if steps != 0.0 {
            editor.panels.edges.set(side, now + steps * STEP);
        }
    }
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(Role::Splitter);
        node.set_label(label);
        node.set_orientation(if is_flat { Orientation::Horizontal } else { Orientation::Vertical });
        node.set_numeric_value(f64::from(now.round()));
    });
    let is_on = response.hovered() || response.dragged() || response.has_focus();
    if response.hovered() || response.dragged() {
        ui.set_cursor_icon(if is_flat { CursorIcon::ResizeVertical } else { CursorIcon::ResizeHorizontal });
    }
    let colours = &editor.colours;
    if is_on {
        ui.painter().line_segment([line.min, line.max], Stroke::new(2.0, colours.accent));
    }
    let half = if is_flat { vec2(GRIP / 2.0, 0.0) } else { vec2(0.0, GRIP / 2.0) };
    let grip = [line.center() - half, line.center() + half];
    ui.painter().line_segment(grip, Stroke::new(3.0, if is_on { colours.accent } else { colours.soft }));
}

/// By how many steps keys make it larger.
fn keys(ctx: &Context, side: Side) -> f32 {
    let (more, less) = match side {
        Side::Left => (Key::ArrowRight, Key::ArrowLeft),
        Side::Right => (Key::ArrowLeft, Key::ArrowRight),
        Side::Bottom => (Key::ArrowUp, Key::ArrowDown),
    };
    ctx.input_mut(|input| {
        let mut steps = 0.0;
        input.events.retain(|event| match event {
            Event::Key { key, pressed: true, modifiers, .. }
                if modifiers.is_none() && (*key == more || *key == less) =>
            {
                steps += if *key == more { 1.0 } else { -1.0 };
                false
            }
            _ => true,
        });
        steps
    })
}

/// Makes the side that has the keyboard larger or smaller; the one at the bottom from everywhere else.
pub fn resize(editor: &mut Editor, is_larger: bool) {
    let focused = editor.regions.focused(&editor.ctx().clone());
    let side = SIDES.iter().find(|(_, region, _)| *region == focused).map_or(Side::Bottom, |(side, ..)| *side);
    if let Some(now) = editor.panels.edges.now(side).filter(|_| editor.panels.shown(side).is_some()) {
        editor.panels.edges.set(side, now + if is_larger { STEP } else { -STEP });
    }
}

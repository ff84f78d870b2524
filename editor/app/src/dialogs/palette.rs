//! The palette: everything that can be added to a graph, found by a few letters; from a pin only what fits it.

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align2, Area, FontId, Frame, Id, Key, Modifiers, Order, RichText, ScrollArea, Sense, TextEdit, Ui, pos2, vec2,
};
use statewright_editor_core::command::arrange::snapped;
use statewright_editor_core::command::{Command, NodeToAdd};
use statewright_editor_core::palette::{Entry, Found, Palette};
use statewright_editor_core::scene::Pin;
use statewright_editor_core::scene::card::{HEADER, ROW, WIDTH};
use statewright_editor_core::wires::{PinId, Side};
use statewright_graph::node::Need;

use super::Dialog;
use crate::canvas::{Here, icons};
use crate::editor::Editor;
use crate::fields;
use crate::theme::Colours;
use crate::todo::Todo;

const WIDE: f32 = 620.0;
const HIGH: f32 = 420.0;
const LINE: f32 = 27.0;

/// The dialog.
#[derive(Clone, Debug)]
pub struct State {
    /// Where the node goes.
    at: (f64, f64),
    /// The pin that it is connected with.
    pin: Option<PinId>,
    text: String,
    chosen: usize,
    was_shown: bool,
}

/// Opens it for a place on the canvas, and for a pin.
pub fn open(at: (f64, f64), pin: Option<PinId>) -> Todo {
    let state = State { at, pin, text: String::new(), chosen: 0, was_shown: false };
    Todo::Dialog(Box::new(Dialog::Palette(state)))
}

/// A row of the list.
enum Row {
    Heading(&'static str),
    Found(usize),
}

/// Draws it; whether it stays.
pub fn show(editor: &mut Editor, state: &mut State, ui: &mut Ui) -> bool {
    let Some(here) = Here::of(editor) else { return false };
    let Some(document) = editor.documents.get(&here.document) else { return false };
    let palette = Palette::new(&document.open.source().document, &document.context.hosts);
    let pin = state.pin.as_ref().and_then(|pin| here.scene.pin(pin)).cloned();
    let mut found = palette.search(&state.text, pin.as_ref(), &editor.settings.habits);
    let rows = rows(editor, state, &palette, &mut found);
    let screen = ui.ctx().content_rect();
    let wanted = here.camera.to_screen(here.view, state.at);
    let room = (screen.max - vec2(WIDE + 24.0, HIGH + 24.0)).max(screen.min);
    let at = wanted.clamp(screen.min + vec2(8.0, 8.0), room);
    let keys = keys(ui, state, &found);
    let mut chosen = keys.takes.then_some(state.chosen);
    let mut starred = None;
    let area = Area::new(Id::new("palette")).order(Order::Foreground).fixed_pos(pos2(at.x, at.y));
    let shown = area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(10.0).show(ui, |ui| {
            ui.set_width(WIDE);
            search(state, pin.as_ref(), ui);
            ui.add_space(6.0);
            ui.horizontal_top(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(WIDE * 0.58);
                    list(editor, state, &palette, &found, &rows, keys.moved, ui, &mut chosen, &mut starred);
                });
                ui.separator();
                ui.vertical(|ui| {
                    ui.set_min_height(HIGH - 60.0);
                    if let Some(entry) = found.get(state.chosen).and_then(|found| palette.entries().get(found.entry)) {
                        describe(&editor.colours, entry, ui);
                    }
                });
            });
        });
    });
    if let Some(key) = starred {
        editor.settings.habits.toggle(&key);
    }
    if let Some(found) = chosen.and_then(|index| found.get(index)) {
        if let Some(entry) = palette.entries().get(found.entry) {
            add(editor, state, &here, entry, found);
        }
        return false;
    }
    let outside = ui.input(|input| {
        input.pointer.any_pressed() && input.pointer.interact_pos().is_some_and(|at| !shown.response.rect.contains(at))
    });
    !(keys.leaves || (outside && state.was_shown))
}

/// What keys did.
struct Keys {
    takes: bool,
    leaves: bool,
    moved: bool,
}

fn keys(ui: &Ui, state: &mut State, found: &[Found]) -> Keys {
    let (up, down, takes, leaves, page_up, page_down) = ui.input_mut(|input| {
        (
            input.consume_key(Modifiers::NONE, Key::ArrowUp),
            input.consume_key(Modifiers::NONE, Key::ArrowDown),
            input.consume_key(Modifiers::NONE, Key::Enter),
            input.consume_key(Modifiers::NONE, Key::Escape),
            input.consume_key(Modifiers::NONE, Key::PageUp),
            input.consume_key(Modifiers::NONE, Key::PageDown),
        )
    });
    let last = found.len().saturating_sub(1);
    let by = usize::from(down) + 8 * usize::from(page_down);
    let back = usize::from(up) + 8 * usize::from(page_up);
    state.chosen = (state.chosen + by).min(last).saturating_sub(back);
    Keys { takes, leaves, moved: by + back > 0 }
}

fn search(state: &mut State, pin: Option<&Pin>, ui: &mut Ui) {
    if let Some(pin) = pin {
        let way = if pin.id.is_source() { "What goes on from" } else { "What leads to" };
        let name = format!("{way} {} {}: {}", pin.id.node, pin.label, if pin.id.is_flow() { "flow" } else { &pin.ty });
        ui.label(RichText::new(name).small());
    }
    let field = TextEdit::singleline(&mut state.text).hint_text("Search nodes").desired_width(f32::INFINITY);
    let response = ui.add(field.id(Id::new("palette text")));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("Search nodes"));
    if !state.was_shown || !response.has_focus() {
        response.request_focus();
        state.was_shown = true;
    }
    if response.changed() {
        state.chosen = 0;
    }
}

/// Rows with headings: without a text by favourites, recent ones, what is of the pin's very type, and groups.
fn rows(editor: &Editor, state: &State, palette: &Palette, found: &mut [Found]) -> Vec<Row> {
    if !state.text.trim().is_empty() {
        return (0..found.len()).map(Row::Found).collect();
    }
    let habits = &editor.settings.habits;
    let group = |found: &Found| {
        let Some(entry) = palette.entries().get(found.entry) else { return (3, "") };
        if habits.favourites.contains(&entry.key) {
            (0, "Favourites")
        } else if habits.recent.contains(&entry.key) {
            (1, "Recent")
        } else if found.is_exact {
            (2, "Fits best")
        } else {
            (3, entry.category.title())
        }
    };
    let order = |found: &Found| {
        let (rank, _) = group(found);
        let category = palette.entries().get(found.entry).map(|entry| entry.category);
        let recent =
            palette.entries().get(found.entry).and_then(|entry| habits.recent.iter().position(|key| *key == entry.key));
        (rank, if rank == 3 { category } else { None }, if rank == 1 { recent } else { None }, found.entry)
    };
    found.sort_by_key(order);
    let mut rows = Vec::new();
    let mut last = "";
    for (index, found) in found.iter().enumerate() {
        let (_, heading) = group(found);
        if heading != last {
            rows.push(Row::Heading(heading));
            last = heading;
        }
        rows.push(Row::Found(index));
    }
    rows
}

#[expect(clippy::too_many_arguments, reason = "what one list is drawn from and what it answers")]
fn list(
    editor: &Editor,
    state: &mut State,
    palette: &Palette,
    found: &[Found],
    rows: &[Row],
    moved: bool,
    ui: &mut Ui,
    taken: &mut Option<usize>,
    starred: &mut Option<String>,
) {
    let colours = &editor.colours;
    let mut scroll = ScrollArea::vertical().auto_shrink([false, false]).max_height(HIGH - 60.0);
    let row_of = |chosen: usize| rows.iter().position(|row| matches!(row, Row::Found(index) if *index == chosen));
    if moved {
        let top = row_of(state.chosen).unwrap_or(0) as f32 * LINE;
        scroll = scroll.vertical_scroll_offset((top - HIGH * 0.4).max(0.0));
    }
    if found.is_empty() {
        ui.label(RichText::new("No node of this name. Try other letters.").color(colours.soft));
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    scroll.show_rows(ui, LINE, rows.len(), |ui, range| {
        for row in rows.get(range).unwrap_or(&[]) {
            match row {
                Row::Heading(title) => {
                    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
                    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Label, true, *title));
                    let font = FontId::proportional(11.5);
                    ui.painter().text(
                        rect.left_bottom() + vec2(6.0, -4.0),
                        Align2::LEFT_BOTTOM,
                        title,
                        font,
                        colours.soft,
                    );
                }
                Row::Found(index) => {
                    let Some(found) = found.get(*index) else { continue };
                    let Some(entry) = palette.entries().get(found.entry) else { continue };
                    let is_favourite = editor.settings.habits.favourites.contains(&entry.key);
                    let is_chosen = *index == state.chosen;
                    match entry_row(colours, entry, &found.letters, is_chosen, is_favourite, ui) {
                        Answer::Taken => *taken = Some(*index),
                        Answer::Starred => *starred = Some(entry.key.clone()),
                        Answer::Pointed => state.chosen = *index,
                        Answer::Nothing => {}
                    }
                }
            }
        }
    });
}

/// What the pointer did with a row.
enum Answer {
    Nothing,
    Pointed,
    Taken,
    Starred,
}

fn entry_row(
    colours: &Colours,
    entry: &Entry,
    letters: &[usize],
    is_chosen: bool,
    is_favourite: bool,
    ui: &mut Ui,
) -> Answer {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::click());
    let title = entry.title.clone();
    response.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::SelectableLabel, true, is_chosen, &title));
    let painter = ui.painter();
    if is_chosen {
        painter.rect_filled(rect, 4.0, colours.accent.gamma_multiply(if colours.is_dark { 0.35 } else { 0.22 }));
    } else if response.hovered() {
        painter.rect_filled(rect, 4.0, colours.field);
    }
    let colour = colours.category(Some(entry.category));
    let tile = egui::Rect::from_center_size(pos2(rect.left() + 16.0, rect.center().y), vec2(19.0, 19.0));
    painter.rect_filled(tile, 4.0, colour);
    for line in icons::category(Some(entry.category)) {
        let points: Vec<_> =
            line.points.iter().map(|point| tile.min + vec2(2.5, 2.5) + point.to_vec2() * 0.875).collect();
        let stroke = egui::Stroke::new(1.2, egui::Color32::WHITE);
        painter.add(if line.is_closed {
            egui::Shape::closed_line(points, stroke)
        } else {
            egui::Shape::line(points, stroke)
        });
    }
    let mut job = LayoutJob::default();
    for (index, letter) in entry.title.chars().enumerate() {
        let is_typed = letters.contains(&index);
        let colour = if is_typed { colours.accent } else { colours.text };
        job.append(letter.encode_utf8(&mut [0; 4]), 0.0, TextFormat::simple(FontId::proportional(13.5), colour));
    }
    let galley = painter.layout_job(job);
    painter.galley(pos2(rect.left() + 34.0, rect.center().y - galley.size().y / 2.0), galley, colours.text);
    let star = egui::Rect::from_center_size(pos2(rect.right() - 16.0, rect.center().y), vec2(24.0, LINE));
    let star_response = ui.interact(star, response.id.with("star"), Sense::click());
    let name = if is_favourite { "No favourite any more" } else { "Favourite" };
    star_response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, format!("{name}: {title}")));
    if is_favourite || response.hovered() || star_response.hovered() {
        draw_star(ui, star.center(), if is_favourite { colours.warning } else { colours.soft }, is_favourite);
    }
    if star_response.on_hover_text(name).clicked() {
        return Answer::Starred;
    }
    if response.clicked() {
        return Answer::Taken;
    }
    let moved = ui.input(|input| input.pointer.delta() != egui::Vec2::ZERO);
    if response.hovered() && moved { Answer::Pointed } else { Answer::Nothing }
}

fn draw_star(ui: &Ui, at: egui::Pos2, colour: egui::Color32, is_full: bool) {
    let turn = std::f32::consts::TAU / 10.0;
    let point = |index: u8| {
        let radius = if index.is_multiple_of(2) { 6.5 } else { 2.9 };
        at + egui::Vec2::angled(f32::from(index) * turn - std::f32::consts::FRAC_PI_2) * radius
    };
    let points: Vec<egui::Pos2> = (0..10).map(point).collect();
    if is_full {
        // A star is not convex: a fan of triangles is.
        for index in 0..10u8 {
            let triangle = vec![at, point(index), point((index + 1) % 10)];
            ui.painter().add(egui::Shape::convex_polygon(triangle, colour, egui::Stroke::NONE));
        }
    }
    ui.painter().add(egui::Shape::closed_line(points, egui::Stroke::new(1.2, colour)));
}

/// What an entry is, takes and gives.
fn describe(colours: &Colours, entry: &Entry, ui: &mut Ui) {
    ui.set_width(WIDE * 0.37);
    ui.label(RichText::new(&entry.title).strong().size(15.0));
    ui.label(RichText::new(entry.category.title()).color(colours.soft).small());
    ui.add_space(4.0);
    ui.label(fields::prose(ui, &entry.summary, colours.text, colours.accent));
    ui.add_space(6.0);
    ScrollArea::vertical().id_salt("palette docs").max_height(HIGH - 190.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let port = |ui: &mut Ui, name: &str, ty: &str, docs: &str, is_required: bool| {
            let mark = if is_required { " *" } else { "" };
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(format!("{name}{mark}")).strong().small());
                ui.label(RichText::new(ty).color(colours.soft).small());
            })
            .response
            .on_hover_text(docs);
        };
        if !entry.row.inputs.is_empty() {
            ui.label(RichText::new("Inputs").color(colours.soft).small());
        }
        for input in entry.row.inputs {
            port(ui, input.name, input.ty, input.docs, input.need == Need::Required);
        }
        if !entry.row.outputs.is_empty() {
            ui.add_space(4.0);
            ui.label(RichText::new("Outputs").color(colours.soft).small());
        }
        for output in entry.row.outputs {
            port(ui, output.name, output.ty, output.docs, false);
        }
    });
}

/// Adds what was chosen, so that the pin that is connected comes where it was asked for.
fn add(editor: &mut Editor, state: &State, here: &Here, entry: &Entry, found: &Found) {
    editor.settings.habits.used(&entry.key);
    let (x, y) = state.at;
    let place = match state.pin.as_ref().map(|pin| pin.side) {
        Some(Side::Output | Side::FlowOut) => (x, y - HEADER - ROW / 2.0),
        Some(Side::Input | Side::FlowIn) => (x - WIDTH, y - HEADER - ROW / 2.0),
        None => (x, y),
    };
    let step = if editor.settings.snap { editor.settings.grid_step } else { 0.0 };
    let connect = state.pin.clone().zip(found.connect.clone());
    let node = NodeToAdd {
        ty: entry.ty.to_owned(),
        id: None,
        inputs: entry.inputs.clone(),
        position: snapped(place, step),
        connect,
    };
    editor.push(Todo::Run(Command::AddNode { graph: here.at, node }, None));
}

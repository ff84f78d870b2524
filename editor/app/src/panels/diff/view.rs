//! Two versions of a graph in the place of the canvas: side by side with one camera, or both in one. Nothing is edited there.

use std::rc::Rc;

use egui::{Align, Id, Key, Layout as Direction, Rect, RichText, Sense, Ui, UiBuilder, WidgetInfo, WidgetType, vec2};
use statewright_editor_core::actions::{Action, Menu};
use statewright_editor_core::diff::items::GraphName;
use statewright_editor_core::diff::sides::Sides;
use statewright_editor_core::diff::{DocumentDiff, State as Became};
use statewright_editor_core::scene::Scene;
use statewright_editor_core::selection::Selection;

use super::list;
use crate::canvas;
use crate::canvas::camera::Camera;
use crate::canvas::overlay::{Mark, Overlay};
use crate::canvas::pen::Pen;
use crate::canvas::{ground, input, still};
use crate::editor::Editor;
use crate::fields;
use crate::todo::Todo;

/// How two versions are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Marks on the canvas, which is edited as always.
    #[default]
    Marks,
    /// The older version left, the newer one right.
    Beside,
    /// Both in one: what is gone is a ghost.
    Together,
}

impl Layout {
    /// Every layout, with what it is called.
    pub const ALL: [(Layout, &'static str); 3] =
        [(Layout::Marks, "On the canvas"), (Layout::Beside, "Side by side"), (Layout::Together, "Both in one")];
}

/// How far the arrow keys move, in points of the screen.
const STEP: f32 = 80.0;
/// How much a key zooms.
const ZOOM: f64 = 1.25;
/// The least zoom to begin with, at which everything is labelled.
const LEAST: f64 = 0.6;
/// Marked nodes of a side that can be pressed.
const MOST: usize = 400;

/// What is drawn, made anew when a version changes.
#[derive(Debug)]
struct Drawn {
    key: (u64, u64, GraphName),
    sides: Rc<Sides>,
    /// Marks of the older version, the newer one, both.
    marks: [Rc<Overlay>; 3],
}

/// What it remembers.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub layout: Layout,
    pub graph: Option<GraphName>,
    /// A node to bring into view, and to point at.
    pub pointed: Option<std::sync::Arc<str>>,
    camera: Camera,
    /// Of which graph the camera was placed.
    placed: Option<(GraphName, Layout)>,
    reveals: bool,
    drawn: Option<Drawn>,
}

impl Shown {
    /// Nothing looked at yet.
    pub fn with(layout: Layout) -> Shown {
        Shown { layout, ..Shown::default() }
    }

    /// A difference is looked at.
    pub fn go(&mut self, graph: Option<GraphName>, node: Option<std::sync::Arc<str>>) {
        self.graph = graph.or(self.graph.take());
        self.reveals = node.is_some();
        self.pointed = node;
    }

    /// Where it looks.
    pub fn camera(&self) -> Camera {
        self.camera
    }
}

/// Whether two versions are in the place of the canvas.
pub fn is_shown(editor: &Editor) -> bool {
    let active = editor.active().map(|(document, _)| document.id);
    editor
        .panels
        .diff
        .comparison
        .as_ref()
        .is_some_and(|comparison| comparison.shown.layout != Layout::Marks && active == Some(comparison.document))
}

/// Does an action of the canvas while it is not there; whether it is one of those.
pub fn act(editor: &mut Editor, action: Action) -> bool {
    if !is_shown(editor) {
        return false;
    }
    let view = editor.canvas.view;
    let Some(comparison) = &mut editor.panels.diff.comparison else { return false };
    let shown = &mut comparison.shown;
    match action {
        Action::FitAll | Action::FitSelection => shown.placed = None,
        Action::ZoomIn => shown.camera.zoom_at(view, view.center(), ZOOM),
        Action::ZoomOut => shown.camera.zoom_at(view, view.center(), 1.0 / ZOOM),
        Action::ZoomReset => shown.camera.zoom = 1.0,
        Action::Grid | Action::Minimap | Action::Snap => return false,
        Action::SelectNone => shown.pointed = None,
        Action::Cut | Action::Copy | Action::Paste | Action::Duplicate | Action::Delete | Action::DeleteBridge => {
            refuse(editor)
        }
        Action::AddNode | Action::AddFrame | Action::AddNote | Action::Comment | Action::Connect => refuse(editor),
        Action::Collapse | Action::Expand => refuse(editor),
        _ if action.menu() == Menu::Arrange => refuse(editor),
        _ => return false,
    }
    true
}

fn refuse(editor: &mut Editor) {
    editor.notices.tell("versions are only looked at here: choose \"On the canvas\" in Compare to edit".to_owned());
}

/// The graphs that differ.
fn graphs(diff: &DocumentDiff) -> Vec<GraphName> {
    diff.graphs.keys().cloned().collect()
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    super::look(editor);
    let Some(name) = graph(editor) else {
        fields::hint(ui, &editor.colours, "No graph differs.");
        return;
    };
    bar(editor, ui, &name);
    let view = ui.available_rect_before_wrap();
    ui.allocate_rect(view, Sense::hover());
    editor.canvas.view = view;
    ui.painter_at(view).rect_filled(view, 0.0, editor.colours.page);
    let Some((sides, marks)) = drawn(editor, &name) else { return };
    let Some(comparison) = &editor.panels.diff.comparison else { return };
    let [older, newer, both] = marks;
    match comparison.shown.layout {
        Layout::Together => {
            let title = format!("{} and {}", comparison.name, comparison.now);
            half(
                editor,
                ui,
                view,
                &Half { title, suffix: "", scene: sides.both.as_ref(), marks: &both, is_first: true, is_both: true },
                &name,
            );
        }
        _ => {
            let titles = [format!("Older: {}", comparison.name), format!("Newer: {}", comparison.now)];
            let (left, right) = view.split_left_right_at_fraction(0.5);
            // Both are of one size, so that one camera shows the same part in both.
            let gap = vec2(1.0, 0.0);
            let halves = [Rect::from_min_max(left.min, left.max - gap), Rect::from_min_max(right.min + gap, right.max)];
            let [title, newer_title] = titles;
            half(
                editor,
                ui,
                halves[0],
                &Half {
                    title,
                    suffix: " in the older version",
                    scene: sides.before.as_ref(),
                    marks: &older,
                    is_first: true,
                    is_both: false,
                },
                &name,
            );
            half(
                editor,
                ui,
                halves[1],
                &Half {
                    title: newer_title,
                    suffix: " in the newer version",
                    scene: sides.after.as_ref(),
                    marks: &newer,
                    is_first: false,
                    is_both: false,
                },
                &name,
            );
            ui.painter().vline(view.center().x, view.y_range(), egui::Stroke::new(2.0, editor.colours.edge));
        }
    }
}

/// The graph that is shown: the one that was chosen, the one of the tab, or the first that differs.
fn graph(editor: &mut Editor) -> Option<GraphName> {
    let (document, at) = editor.active()?;
    let of_tab = document.graph_name(at);
    let comparison = editor.panels.diff.comparison.as_mut()?;
    let differ = graphs(&comparison.diff);
    let is_wanted = |name: &GraphName| differ.contains(name) || of_tab.as_ref() == Some(name);
    let now = comparison.shown.graph.clone().filter(is_wanted);
    let found = now.or_else(|| of_tab.clone().filter(|name| differ.contains(name))).or_else(|| differ.first().cloned());
    comparison.shown.graph = found.or(of_tab);
    comparison.shown.graph.clone()
}

fn bar(editor: &mut Editor, ui: &mut Ui, name: &GraphName) {
    let colours = editor.colours;
    let Some(comparison) = &editor.panels.diff.comparison else { return };
    let all = graphs(&comparison.diff);
    let count = comparison.items.len();
    let at = comparison.at;
    let mut chosen = None;
    let mut stepped = None;
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.add_space(8.0);
        let title = |name: &GraphName| format!("{} {}", name.kind().noun(), name.name);
        let shown = egui::ComboBox::from_id_salt("compared graph").width(220.0).selected_text(title(name));
        let shown = shown.show_ui(ui, |ui| {
            for other in &all {
                if ui.selectable_label(other == name, title(other)).clicked() {
                    chosen = Some(other.clone());
                }
            }
        });
        fields::name(&shown.response, "Graph that is compared");
        for (sign, label, is_back) in [("⏴", "Previous difference", true), ("⏵", "Next difference", false)] {
            if fields::sign(ui, sign, label).clicked() {
                stepped = Some(is_back);
            }
        }
        let text = match at {
            Some(at) => format!("{} of {count}", at + 1),
            None if count == 1 => "1 difference".to_owned(),
            None => format!("{count} differences"),
        };
        ui.label(RichText::new(text).color(colours.soft));
        ui.with_layout(Direction::right_to_left(Align::Center), |ui| {
            ui.add_space(8.0);
            for (mark, word) in [(Mark::Changed, "changed"), (Mark::Removed, "removed"), (Mark::Added, "added")] {
                let (sign, colour) = super::colour(&colours, mark);
                ui.label(RichText::new(word).color(colours.soft));
                fields::badge(ui, &colours, sign, colour);
            }
        });
    });
    ui.add_space(4.0);
    if let (Some(chosen), Some(comparison)) = (chosen, &mut editor.panels.diff.comparison) {
        comparison.shown.go(Some(chosen), None);
    }
    if let Some(is_back) = stepped {
        super::step(editor, is_back);
    }
}

/// The scenes and marks of a graph, made anew where a version changed.
fn drawn(editor: &mut Editor, name: &GraphName) -> Option<(Rc<Sides>, [Rc<Overlay>; 3])> {
    let (document, _) = editor.active()?;
    let comparison = editor.panels.diff.comparison.as_ref()?;
    let key = (document.open.revision(), document.stamp, name.clone());
    if let Some(drawn) = comparison.shown.drawn.as_ref().filter(|drawn| drawn.key == key) {
        return Some((drawn.sides.clone(), drawn.marks.clone()));
    }
    let after = document.open.source();
    let sides = Rc::new(Sides::new(&comparison.before, after, &comparison.diff, name, &document.context));
    let graph = comparison.diff.graphs.get(name);
    let wires = || sides.wires.iter().map(|(wire, state)| (wire.clone(), *state));
    let marks = [
        list::marks(graph, wires(), |state| state != Became::Added),
        list::marks(graph, wires(), |state| state != Became::Removed),
        list::marks(graph, wires(), |_| true),
    ]
    .map(Rc::new);
    let drawn = Drawn { key, sides: sides.clone(), marks: marks.clone() };
    editor.panels.diff.comparison.as_mut()?.shown.drawn = Some(drawn);
    Some((sides, marks))
}

/// One of the pictures.
struct Half<'a> {
    title: String,
    /// What names of nodes end with.
    suffix: &'static str,
    scene: Option<&'a Scene>,
    marks: &'a Overlay,
    is_first: bool,
    is_both: bool,
}

fn half(editor: &mut Editor, ui: &mut Ui, view: Rect, half: &Half<'_>, name: &GraphName) {
    let id = if half.is_first { canvas::id() } else { Id::new("newer version") };
    let response = ui.interact(view, id, Sense::click_and_drag());
    let label = format!("{} of {}, only to look at", half.title, name.name);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, &label));
    let colours = editor.colours;
    let Some(comparison) = &mut editor.panels.diff.comparison else { return };
    let shown = &mut comparison.shown;
    if let Some(scene) = half.scene {
        place(shown, view, scene, half.marks, name);
    }
    if response.contains_pointer() {
        input::wheel(ui, view, &mut shown.camera);
    }
    if response.dragged() {
        shown.camera.pan(response.drag_delta());
    }
    if response.clicked() {
        response.request_focus();
    }
    if response.has_focus() {
        keys(ui, &response, &mut shown.camera);
    }
    let (camera, pointed) = (shown.camera, shown.pointed.clone());
    let pen = Pen::new(ui.painter_at(view), view, camera, &colours);
    if editor.settings.grid {
        ground::grid(&pen, editor.settings.grid_step);
    }
    match half.scene {
        Some(scene) => {
            let mut marks = half.marks.clone();
            marks.pointed.extend(pointed);
            still::draw(&pen, scene, &marks, half.is_both);
            pressed(editor, ui, &pen, scene, half, name);
        }
        None => {
            let font = egui::FontId::proportional(15.0);
            let text = format!("{} is not in this version", name.name);
            pen.painter.text(view.center(), egui::Align2::CENTER_CENTER, text, font, colours.soft);
        }
    }
    let plate = Rect::from_min_size(view.left_top() + vec2(10.0, 8.0), vec2(view.width() - 20.0, 26.0));
    let mut corner = ui.new_child(UiBuilder::new().max_rect(plate));
    egui::Frame::popup(corner.style()).inner_margin(vec2(8.0, 3.0)).show(&mut corner, |ui| {
        ui.add(egui::Label::new(RichText::new(&half.title).strong()).truncate());
    });
}

/// Everything in view when a graph is shown first, and what was gone to.
fn place(shown: &mut Shown, view: Rect, scene: &Scene, marks: &Overlay, name: &GraphName) {
    let key = (name.clone(), shown.layout);
    if shown.placed.as_ref() != Some(&key)
        && let Some(bounds) = scene.bounds()
    {
        shown.placed = Some(key);
        shown.camera.fit(view.shrink2(vec2(0.0, 24.0)), &bounds);
        // Too small to read is no help: then the first change is shown.
        let first = scene.cards.iter().find(|card| marks.marks.contains_key(&card.id));
        if shown.camera.zoom < LEAST
            && let Some(card) = first.or(scene.cards.first())
        {
            shown.camera.zoom = LEAST;
            shown.camera.centre = (card.rect.x + card.rect.width / 2.0, card.rect.y + card.rect.height / 2.0);
        }
    }
    let card = shown.pointed.as_ref().filter(|_| shown.reveals).and_then(|node| scene.card(node));
    if let Some(card) = card {
        shown.reveals = false;
        shown.camera.reveal(view, &card.rect);
    }
}

fn keys(ui: &Ui, response: &egui::Response, camera: &mut Camera) {
    let filter = egui::EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
    ui.ctx().memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let ways = [
        (Key::ArrowLeft, vec2(STEP, 0.0)),
        (Key::ArrowRight, vec2(-STEP, 0.0)),
        (Key::ArrowUp, vec2(0.0, STEP)),
        (Key::ArrowDown, vec2(0.0, -STEP)),
    ];
    for (key, by) in ways {
        if ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key)) {
            camera.pan(by);
        }
    }
}

/// Marked nodes say what became of them, and lead to the list.
fn pressed(editor: &mut Editor, ui: &Ui, pen: &Pen<'_>, scene: &Scene, half: &Half<'_>, name: &GraphName) {
    let seen = scene.in_view(&pen.camera.seen(pen.view));
    let marked = seen.cards.iter().filter_map(|card| Some((card, half.marks.marks.get(&card.id)?)));
    let mut found = None;
    for (card, mark) in marked.take(MOST) {
        let rect = pen.rect(&card.rect).intersect(pen.view);
        let response = ui.interact(rect, Id::new(("compared", half.suffix, &card.id)), Sense::click());
        let word = match mark {
            Mark::Added => "added",
            Mark::Removed => "removed",
            Mark::Changed => "changed",
            Mark::Conflict => "in conflict",
        };
        let label = format!("{} {word}{}", card.id, half.suffix);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &label));
        if response.clicked() {
            found = Some(card.id.clone());
        }
        let Some(comparison) = &editor.panels.diff.comparison else { return };
        let of_it = comparison
            .items
            .iter()
            .filter(|item| item.graph.as_ref() == Some(name) && item.node.as_ref() == Some(&card.id));
        let lines: Vec<&str> = of_it.map(|item| &*item.text).collect();
        response.on_hover_text(lines.join("\n"));
    }
    let Some(id) = found else { return };
    let Some(comparison) = &mut editor.panels.diff.comparison else { return };
    comparison.shown.pointed = Some(id.clone());
    let is_it = |item: &list::Item| item.graph.as_ref() == Some(name) && item.node.as_ref() == Some(&id);
    comparison.at = comparison.items.iter().position(is_it);
    let Some((document, at)) = editor.active() else { return };
    // What is there is selected too, so that Properties shows it.
    if document.graph_name(at).as_ref() == Some(name)
        && document.graph(at).is_some_and(|graph| graph.nodes.iter().any(|node| node.id.text == id))
    {
        editor.push(Todo::Select(Selection::of_nodes(at, [id])));
    }
}

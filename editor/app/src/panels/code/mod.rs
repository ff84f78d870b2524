//! The document as text beside the graph: JSON, IR, Rust, JavaScript. Lines and nodes point at each other.
//!
//! - [`colouring`]: which words of a line are what

pub mod colouring;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{FontId, ScrollArea, TextFormat, Ui, WidgetType};
use statewright_editor_core::code::{self, Code, Language, Origin};
use statewright_editor_core::meta::Rect;
use statewright_editor_core::run::past::Later;
use statewright_editor_core::selection::Selection;
use statewright_graph::document::SourceDocument;

use super::run::{empty, named};
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::theme::Colours;
use crate::todo::{Place, Todo};

/// The widest that lines are drawn, points.
const WIDEST: f32 = 20_000.0;

/// What a text is of.
type Of = (DocumentId, u64, u64, Language);

/// A text with where its lines are.
#[derive(Debug)]
struct Shown {
    code: Code,
    lines: Vec<std::ops::Range<usize>>,
    longest: usize,
}

/// What it remembers.
#[derive(Debug)]
pub struct State {
    language: Language,
    coming: Option<(Of, Later<Option<Code>>)>,
    shown: Option<(Of, Option<Shown>)>,
    /// The node, or the graph, that was scrolled to last.
    at: Option<Origin>,
    pointed: Option<Origin>,
    lit: Option<Origin>,
}

impl Default for State {
    fn default() -> State {
        State { language: Language::Json, coming: None, shown: None, at: None, pointed: None, lit: None }
    }
}

impl State {
    /// The text that is shown, and the lines that are marked in it.
    pub fn text(&self) -> Option<&str> {
        Some(&*self.code()?.text)
    }

    fn code(&self) -> Option<&Code> {
        self.shown.as_ref().and_then(|(_, shown)| Some(&shown.as_ref()?.code))
    }

    /// The first line that came from a node, from 0.
    pub fn line_of(&self, graph: &str, node: &str) -> Option<usize> {
        self.code()?.of(graph, node).first().map(|range| range.start)
    }

    /// The node whose lines are lit, as the pointer is on it.
    pub fn lit(&self) -> Option<&Origin> {
        self.lit.as_ref()
    }
}

/// Asks for the text of the active document where it is another one, on a thread of its own.
fn ask(editor: &mut Editor) {
    let wake = editor.waker();
    let Some((document, _)) = editor.active() else { return };
    let language = editor.panels.code.language;
    let of: Of = (document.id, document.open.revision(), document.stamp, language);
    let state = &editor.panels.code;
    let is_known = state.shown.as_ref().is_some_and(|(known, _)| *known == of);
    if is_known || state.coming.is_some() {
        return;
    }
    let text: Arc<str> = document.open.text().into();
    let path = document.open.path().map_or_else(|| "document.json".into(), ToOwned::to_owned);
    let schema = document.schema.text.clone();
    let config = document.config.as_ref().map(|config| config.text.clone());
    let hosts = document.host_nodes(&editor.host);
    let work = move || {
        let source = SourceDocument::parse(&text).ok()?;
        if language == Language::Json {
            return Some(code::json(&source));
        }
        code::code(&source, &code::loaded(&path, &text, &schema, config.as_deref(), false, hosts), language)
    };
    editor.panels.code.coming = Some((of, Later::new(work, wake)));
}

/// Takes a text that was made meanwhile.
fn poll(editor: &mut Editor) {
    let answer = editor.panels.code.coming.as_ref().and_then(|(_, later)| later.answer());
    if let Some(code) = answer {
        take(editor, code);
    }
}

/// Waits until the text is that of the document as it is.
pub fn wait(editor: &mut Editor) {
    for _ in 0..2 {
        ask(editor);
        if let Some(code) = editor.panels.code.coming.as_ref().and_then(|(_, later)| later.wait()) {
            take(editor, code);
        }
    }
}

fn take(editor: &mut Editor, code: Option<Code>) {
    let state = &mut editor.panels.code;
    let Some((of, _)) = state.coming.take() else { return };
    let shown = code.map(|code| {
        let mut start = 0;
        let line = |text: &str| {
            let range = start..start + text.trim_end_matches(['\n', '\r']).len();
            start += text.len();
            range
        };
        let lines: Vec<_> = code.text.split_inclusive('\n').map(line).collect();
        let longest = lines.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        Shown { code, lines, longest }
    });
    // Lines of the node that is shown may be others now. A graph's are where they were, as long as the language is the same.
    let is_other = state.shown.as_ref().is_none_or(|(before, _)| (before.0, before.3) != (of.0, of.3));
    if is_other || state.at.as_ref().is_some_and(|at| !at.node.is_empty()) {
        state.at = None;
    }
    state.shown = Some((of, shown));
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    ask(editor);
    poll(editor);
    bar(editor, ui);
    let colours = editor.colours;
    let chosen = chosen(editor);
    let Some((of, shown)) = editor.panels.code.shown.take() else {
        empty(ui, &colours, "…");
        return;
    };
    match &shown {
        Some(shown) => lines(editor, shown, &chosen, &colours, ui),
        None => empty(ui, &colours, "The document has errors: there is no code of it until they are mended."),
    }
    if editor.panels.code.shown.is_none() {
        editor.panels.code.shown = Some((of, shown));
    }
}

fn bar(editor: &mut Editor, ui: &mut Ui) {
    let state = &mut editor.panels.code;
    ui.horizontal_wrapped(|ui| {
        for language in Language::ALL {
            ui.selectable_value(&mut state.language, language, language.title());
        }
        let button = ui.add_enabled(state.text().is_some(), egui::Button::new("Copy"));
        named(&button, WidgetType::Button, "Copy code");
        if let (true, Some(text)) = (button.clicked(), state.text()) {
            ui.ctx().copy_text(text.to_owned());
        }
        if state.coming.is_some() {
            ui.spinner();
        }
    });
}

/// The nodes that are selected, and that are pointed at elsewhere.
fn chosen(editor: &Editor) -> BTreeSet<Origin> {
    let Some((document, at)) = editor.active() else { return BTreeSet::new() };
    let selection = document.open.selection();
    let Some(graph) = document.graph(selection.graph.unwrap_or(at)) else { return BTreeSet::new() };
    let name = graph.name.text.clone();
    selection.nodes.iter().map(|node| Origin { graph: name.clone(), node: node.clone() }).collect()
}

/// The node that the pointer is on, on the canvas.
fn under_pointer(editor: &mut Editor) -> Option<Origin> {
    let (x, y) = editor.canvas.pointer?;
    let (document, at) = editor.active_mut()?;
    let scene = document.scene(at)?;
    let node = scene.in_view(&Rect::new(x, y, 0.0, 0.0)).cards.last()?.id.clone();
    Some(Origin { graph: document.graph(at)?.name.text.clone(), node })
}

fn lines(editor: &mut Editor, shown: &Shown, chosen: &BTreeSet<Origin>, colours: &Colours, ui: &mut Ui) {
    let font = egui::TextStyle::Monospace.resolve(ui.style());
    let height = ui.fonts_mut(|fonts| fonts.row_height(&font)) + 3.0;
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut scroll = ScrollArea::both().id_salt("code lines").auto_shrink([false, false]);
    let first = chosen.first().cloned().or_else(|| {
        let (document, at) = editor.active()?;
        Some(Origin { graph: document.graph(at)?.name.text.clone(), node: "".into() })
    });
    if first != editor.panels.code.at {
        let before = std::mem::replace(&mut editor.panels.code.at, first.clone());
        // A node that is let go of leaves its graph where it is.
        let goes = |origin: &&Origin| {
            !origin.node.is_empty() || before.as_ref().is_none_or(|before| before.graph != origin.graph)
        };
        let ranges = first.as_ref().filter(goes).map(|origin| shown.code.of(&origin.graph, &origin.node));
        if let Some(line) = ranges.and_then(|ranges| ranges.first()).map(|range| range.start) {
            let spacing = ui.spacing().item_spacing.y;
            scroll = scroll.vertical_scroll_offset((line as f32 - 4.0).max(0.0) * (height + spacing));
        }
    }
    let language = editor.panels.code.language;
    let digits = shown.lines.len().to_string().len();
    let width = ui.fonts_mut(|fonts| fonts.glyph_width(&font, 'm')) * (shown.longest + digits + 4) as f32;
    let width = width.max(ui.available_width());
    let hovered = under_pointer(editor);
    editor.panels.code.lit.clone_from(&hovered);
    let mut pointed = None;
    let mut clicked = None;
    scroll.show_rows(ui, height, shown.lines.len(), |ui, range| {
        for index in range {
            let Some(text) = shown.lines.get(index).and_then(|range| shown.code.text.get(range.clone())) else {
                continue;
            };
            let origin = shown.code.origin(index);
            let is_chosen = origin.is_some_and(|origin| chosen.contains(origin));
            let is_pointed =
                origin.is_some() && (origin == editor.panels.code.pointed.as_ref() || origin == hovered.as_ref());
            let job = job(index, digits, text, language, &font, colours);
            let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
            let (rect, _) = ui.allocate_exact_size(egui::vec2(width.min(WIDEST), height), egui::Sense::hover());
            // What is seen of the line can be clicked, to the end of the panel.
            let seen = rect.intersect(ui.clip_rect());
            let response = ui.interact(seen, ui.id().with(("line", index)), egui::Sense::click());
            if is_chosen || is_pointed || response.hovered() {
                let strength = if is_chosen { 0.22 } else { 0.10 };
                ui.painter().rect_filled(seen, 0.0, colours.accent.gamma_multiply(strength));
            }
            ui.painter().galley(rect.min + egui::vec2(0.0, 1.5), galley, colours.text);
            let name = format!("Line {}: {}", index + 1, text.trim());
            named(&response, WidgetType::Label, &name);
            if response.hovered() {
                pointed = origin.cloned();
            }
            if response.clicked() {
                clicked = origin.cloned();
            }
        }
    });
    point(editor, pointed);
    if let Some(origin) = clicked {
        go_to(editor, &origin);
    }
}

/// A line with its number, in colours.
fn job(index: usize, digits: usize, text: &str, language: Language, font: &FontId, colours: &Colours) -> LayoutJob {
    let mut job = LayoutJob::default();
    let format = |colour| TextFormat::simple(font.clone(), colour);
    job.append(&format!("{:>digits$}  ", index + 1), 0.0, format(colours.soft.gamma_multiply(0.7)));
    for (word, part) in colouring::parts(text, language) {
        job.append(part, 0.0, format(word.colour(colours)));
    }
    job
}

/// Marks a node on the canvas as pointed at.
fn point(editor: &mut Editor, pointed: Option<Origin>) {
    if editor.panels.code.pointed == pointed {
        return;
    }
    editor.panels.code.pointed.clone_from(&pointed);
    let Some(id) = editor.active().map(|(document, _)| document.id) else { return };
    for ((document, graph), overlay) in &mut editor.overlays {
        let node = pointed.as_ref().filter(|origin| *document == id && origin.graph == graph.name);
        overlay.pointed = node.map(|origin| origin.node.clone()).into_iter().collect();
    }
    let name = pointed.and_then(|origin| {
        let (document, _) = editor.active()?;
        let (at, _) = document.graphs().find(|(_, graph)| graph.name.text == origin.graph)?;
        Some((document.graph_name(at)?, origin.node))
    });
    if let Some((graph, node)) = name {
        editor.overlays.entry((id, graph)).or_default().pointed = BTreeSet::from([node]);
    }
}

/// Selects the node that a line came from, and brings it into view.
fn go_to(editor: &mut Editor, origin: &Origin) {
    let Some((document, _)) = editor.active() else { return };
    let Some((at, _)) = document.graphs().find(|(_, graph)| graph.name.text == origin.graph) else { return };
    let place = Place {
        document: document.id,
        graph: document.graph_name(at),
        node: Some(origin.node.clone()).filter(|node| !node.is_empty()),
    };
    // It is there already: the text does not jump.
    editor.panels.code.at = Some(origin.clone());
    let is_graph = place.node.is_none();
    editor.push(Todo::Show(place));
    if is_graph {
        editor.push(Todo::Select(Selection::default()));
    }
}

//! What is around the canvas. A panel is a module with its state and `show`, and a row of the table here.

pub mod code;
pub mod diff;
pub mod edges;
pub mod find;
pub mod history;
pub mod odds;
pub mod outline;
pub mod problems;
pub mod project;
pub mod properties;
pub mod run;
pub mod schema;
pub mod tests;
pub mod timeline;

use egui::{Id, Panel as EguiPanel, RichText, ScrollArea, Ui};

use crate::editor::Editor;
use crate::regions::Region;
use crate::todo::Todo;

/// Where a panel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Side {
    Left,
    Right,
    Bottom,
}

impl Side {
    /// The part of the window that it is.
    pub const fn region(self) -> Region {
        match self {
            Side::Left => Region::Left,
            Side::Right => Region::Right,
            Side::Bottom => Region::Bottom,
        }
    }
}

macro_rules! panels {
    ($($variant:ident $module:ident $title:literal $side:ident;)*) => {
        /// A panel.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs)]
        pub enum Panel { $($variant),* }

        impl Panel {
            /// Every panel, in the order of the tabs of its side.
            pub const ALL: &'static [Panel] = &[$(Panel::$variant),*];

            /// What its tab says.
            pub const fn title(self) -> &'static str {
                match self { $(Panel::$variant => $title),* }
            }

            /// Where it is.
            pub const fn side(self) -> Side {
                match self { $(Panel::$variant => Side::$side),* }
            }

            fn show(self, editor: &mut Editor, ui: &mut Ui) {
                match self { $(Panel::$variant => $module::show(editor, ui)),* }
            }
        }

        /// What panels remember.
        #[derive(Debug, Default)]
        #[allow(missing_docs)]
        pub struct Panels {
            /// Which panel each side shows; none while the side is closed.
            pub left: Option<Panel>,
            pub right: Option<Panel>,
            pub bottom: Option<Panel>,
            /// How large the sides are.
            pub edges: edges::Sizes,
            $(pub $module: $module::State),*
        }
    };
}

panels! {
    Project project "Project" Left;
    Outline outline "Graphs" Left;
    Properties properties "Properties" Right;
    History history "History" Right;
    Code code "Code" Right;
    Problems problems "Problems" Bottom;
    Find find "Find" Bottom;
    Run run "Run" Bottom;
    Timeline timeline "Timeline" Bottom;
    Tests tests "Tests" Bottom;
    Schema schema "Schema" Bottom;
    Diff diff "Compare" Bottom;
    Odds odds "Odds" Bottom;
}

impl Panel {
    /// Whether parts of it scroll, instead of the whole.
    fn scrolls_itself(self) -> bool {
        matches!(self, Panel::Run | Panel::Timeline | Panel::Tests | Panel::Code | Panel::Odds)
    }
}

impl Panels {
    /// What a new editor shows.
    pub fn first() -> Panels {
        Panels {
            left: Some(Panel::Outline),
            right: Some(Panel::Properties),
            bottom: Some(Panel::Problems),
            ..Panels::default()
        }
    }

    /// The panel that a side shows.
    pub fn shown(&self, side: Side) -> Option<Panel> {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
            Side::Bottom => self.bottom,
        }
    }

    /// Shows a panel at its side, or closes the side.
    pub fn set(&mut self, side: Side, panel: Option<Panel>) {
        match side {
            Side::Left => self.left = panel,
            Side::Right => self.right = panel,
            Side::Bottom => self.bottom = panel,
        }
    }
}

/// Draws a side, if it is open.
pub fn show(editor: &mut Editor, side: Side, ui: &mut Ui) {
    let Some(shown) = editor.panels.shown(side) else { return };
    // In a small window, or one where everything is large, the canvas keeps its room.
    let window = ui.ctx().content_rect();
    let (width, height) = (window.width(), window.height());
    let of = |wanted: f32, whole: f32, part: f32, most: f32| (wanted.min(whole * part), (whole * most).max(120.0));
    let (panel, (size, most)) = match side {
        Side::Left => (EguiPanel::left("left"), of(260.0, width, 0.24, 0.3)),
        Side::Right => (EguiPanel::right("right"), of(320.0, width, 0.28, 0.36)),
        // What has columns needs more room, and keeps its own height.
        Side::Bottom if shown.scrolls_itself() => (EguiPanel::bottom("bottom columns"), of(320.0, height, 0.45, 0.75)),
        Side::Bottom => (EguiPanel::bottom("bottom"), of((height * 0.26).clamp(210.0, 320.0), height, 0.4, 0.75)),
    };
    let size = editor.panels.edges.of(side, shown, size, most);
    let drawn = panel.resizable(false).exact_size(size).show(ui, |ui| {
        tabs(editor, side, shown, ui);
        ui.separator();
        if shown.scrolls_itself() {
            shown.show(editor, ui);
            return;
        }
        let scroll = ScrollArea::both().id_salt(Id::new(("panel", shown.title()))).auto_shrink([false, false]);
        scroll.show(ui, |ui| shown.show(editor, ui));
    });
    editor.regions.drawn(side.region(), drawn.response.rect);
}

fn tabs(editor: &mut Editor, side: Side, shown: Panel, ui: &mut Ui) {
    ui.add_space(3.0);
    ui.horizontal(|ui| {
        // However many rows the tabs take, the cross has its own room beside them.
        let cross = ui.spacing().interact_size.y + 2.0 * ui.spacing().item_spacing.x;
        let room = egui::vec2(ui.available_width() - cross, ui.spacing().interact_size.y);
        let layout = egui::Layout::left_to_right(egui::Align::Center).with_main_wrap(true);
        ui.allocate_ui_with_layout(room, layout, |ui| {
            for panel in Panel::ALL.iter().copied().filter(|panel| panel.side() == side) {
                let title = RichText::new(panel.title()).strong();
                let tab = ui.selectable_label(panel == shown, title);
                if panel == shown {
                    editor.regions.first(side.region(), &tab);
                }
                if tab.clicked() {
                    editor.push(Todo::Panel(panel));
                }
            }
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let side_name = match side {
                Side::Left => "Close left side",
                Side::Right => "Close right side",
                Side::Bottom => "Close bottom side",
            };
            if crate::fields::cross(ui, side_name).clicked() {
                editor.panels.set(side, None);
            }
        });
    });
}

//! A window of the machine's.

use std::path::PathBuf;

use egui::ViewportBuilder;

use crate::map::Map;
use crate::{Editor, Host};

/// Why there is no window.
#[derive(Debug)]
pub struct NoWindow(pub String);

impl std::fmt::Display for NoWindow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "no window can be opened: {}; run this where there is a display (DISPLAY or WAYLAND_DISPLAY is set)",
            self.0
        )
    }
}

impl std::error::Error for NoWindow {}

/// What a window opens with.
#[derive(Clone, Debug)]
pub enum Begin {
    /// Files, or a folder.
    Paths(Vec<PathBuf>),
    /// Texts that are no files yet.
    #[allow(missing_docs)]
    Text { document: String, schema: String },
}

struct Window(Editor);

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.0.ui(ui);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.0.close();
    }
}

/// Opens the editor, and ends with it.
///
/// # Errors
/// There is no display, or it has no OpenGL.
pub fn run(host: Host, begin: Begin) -> Result<(), NoWindow> {
    let viewport = ViewportBuilder::default()
        .with_title("Statewright")
        .with_app_id("statewright")
        .with_inner_size([1440.0, 900.0])
        .with_min_inner_size([720.0, 480.0])
        .with_drag_and_drop(true);
    let options = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    let made = move |creation: &eframe::CreationContext<'_>| {
        if let Some(map) = Map::asked_for() {
            creation.egui_ctx.add_plugin(map);
        }
        let mut editor = Editor::new(host, &creation.egui_ctx);
        match &begin {
            Begin::Paths(paths) => editor.begin(paths),
            Begin::Text { document, schema } => editor.begin_with(document, schema),
        }
        Ok(Box::new(Window(editor)) as Box<dyn eframe::App>)
    };
    eframe::run_native("Statewright", options, Box::new(made)).map_err(|error| NoWindow(error.to_string()))
}

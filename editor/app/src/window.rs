//! A window of the machine's.

use std::path::PathBuf;

use egui::ViewportBuilder;

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

/// Whether there is a display to open a window on.
pub fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
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

/// Opens the editor with files or a folder, and ends with it.
///
/// # Errors
/// There is no display, or it has no OpenGL.
pub fn run(host: Host, paths: &[PathBuf]) -> Result<(), NoWindow> {
    let viewport = ViewportBuilder::default()
        .with_title("Statewright")
        .with_app_id("statewright")
        .with_inner_size([1440.0, 900.0])
        .with_min_inner_size([720.0, 480.0])
        .with_drag_and_drop(true);
    let options = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    let paths = paths.to_vec();
    let made = move |creation: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, Box<dyn std::error::Error + Send + Sync>> {
        let mut editor = Editor::new(host, &creation.egui_ctx);
        editor.begin(&paths);
        Ok(Box::new(Window(editor)))
    };
    eframe::run_native("Statewright", options, Box::new(made)).map_err(|error| NoWindow(error.to_string()))
}

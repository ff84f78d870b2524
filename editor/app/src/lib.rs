//! The editor's window: what `editor/core` knows, drawn and operated. Everything but the window itself needs no display.
//!
//! - [`editor`]: the whole of it: documents, tabs, panels, dialogs; [`host`]: what it has of the machine
//! - [`document`]: one open document with its checker, its companions, and how each graph of it is looked at
//! - [`mod@todo`]: what a frame asks for, done behind it; [`act`]: what each action does; [`keys`]: keys to actions
//! - [`canvas`]: the graph; [`panels`]: what is around it; [`bars`]: menus, tabs, status, [`toolbar`]; [`dialogs`]: what is above it
//! - [`fields`]: text fields and rows with names; [`regions`]: moving the keyboard between parts; [`welcome`]: nothing open
//! - [`theme`]: colours, shapes, icons
//! - `window`: a window of the machine's, `sample`: what it opens with, `map`: for programs that operate it (feature `window`)
//!
//! A frame draws and collects [`todo::Todo`]s; nothing changes a document while it is being drawn.

pub mod act;
pub mod bars;
pub mod canvas;
pub mod dialogs;
pub mod document;
pub mod editor;
pub mod fields;
pub mod host;
pub mod keys;
#[cfg(feature = "window")]
pub mod map;
pub mod nodes;
pub mod notices;
pub mod panels;
pub mod regions;
#[cfg(feature = "window")]
pub mod sample;
pub mod theme;
pub mod todo;
pub mod toolbar;
pub mod welcome;
#[cfg(feature = "window")]
pub mod window;

pub use editor::Editor;
pub use host::Host;

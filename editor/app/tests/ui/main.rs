//! The editor, operated by label without a window. Each test ends by looking at the saved document, its text, or a session.
//!
//! - [`window`]: an editor on files of a folder of its own

mod canvas;
mod live;
mod odds;
mod panels;
mod window;

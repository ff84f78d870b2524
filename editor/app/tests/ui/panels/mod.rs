//! Panels and dialogs.
//!
//! - [`files`]: opening, saving, what changed underneath, recovery; [`graphs`]: outline and tabs

mod files;
mod graphs;

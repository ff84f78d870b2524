//! Panels and dialogs.
//!
//! - [`files`]: opening, saving, what changed underneath, recovery; [`graphs`]: outline and tabs; [`properties`]: what is selected

mod files;
mod graphs;
mod properties;

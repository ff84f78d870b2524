//! Panels and dialogs.
//!
//! - [`about`]: problems, history, find, commands, settings, help, moving about
//! - [`files`]: opening, saving, what changed underneath, recovery; [`graphs`]: outline and tabs; [`properties`]: what is selected;
//!   [`schema`]: schemas and configurations; [`compare`]: versions and merging

mod about;
mod compare;
mod files;
mod graphs;
mod properties;
mod schema;

//! Panels and dialogs.
//!
//! - [`around`]: toolbar and edges; [`about`]: problems, history, find, commands, settings, help, moving about
//! - [`bad`]: what is not as it should be, on a disk of [`faulty`]
//! - [`files`]: opening, saving, what changed underneath, recovery; [`graphs`]: outline and tabs; [`properties`]: what is selected;
//!   [`schema`]: schemas and configurations; [`compare`]: versions and merging; [`project`]: files of a folder together

mod about;
mod around;
mod bad;
mod compare;
mod faulty;
mod files;
mod graphs;
mod project;
mod properties;
mod schema;

//! Two versions of a text or document.

pub mod lines;

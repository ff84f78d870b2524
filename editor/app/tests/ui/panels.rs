//! Panels and dialogs.

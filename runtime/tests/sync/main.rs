//! Synchronisation: what viewers are sent, and when.

mod differing;

//! What makes a module valid.

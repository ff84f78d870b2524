//! Every command.

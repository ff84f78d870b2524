//! What outlives a session: its bytes, the way from one schema to another, recordings. All of it is data; files are the
//! host program's.
//!
//! - [`migration`]: a session that was saved under one schema, under another
//! - [`recording`]: what was done to a session, to be replayed

pub mod migration;
pub mod recording;

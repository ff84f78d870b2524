//! What outlives a session: its bytes, the way from one schema to another, recordings. All of it is data; files are the
//! host program's.
//!
//! - [`reader`]: bytes that may be anything, read
//! - [`migration`]: a session that was saved under one schema, under another
//! - [`recording`]: what was done to a session, to be replayed

pub mod migration;
pub mod reader;
pub mod recording;

//! Plain Rust structs as tracked state: what `#[derive(Tracked)]` makes calls of, and what its accessors return.
//! `docs/tracked.md` shows how it is used.
//!
//! - `stored`: what every type of a field can do. `scalars`, `containers`, `nullable`: those types.
//! - `record`: structs in the state, by position of the field; `numbers`: their numbers, looked up once. `lists`, `maps`: collections in the state.
//! - `declare`: from structs to a schema. `key`: what elements are looked up by.
//! - `alone`: a state of structs without a session.
//! - `seen`, `seen_many`: what a viewer sees of a plain struct.

mod alone;
mod containers;
mod declare;
mod key;
mod lists;
mod maps;
mod nullable;
mod numbers;
mod record;
mod scalars;
mod seen;
mod seen_many;
mod stored;

pub use alone::TrackedState;
pub use declare::{Declarations, SchemaMismatch, TrackedSchema};
pub use key::{Key, MapKey};
pub use lists::{ListMut, ListRef};
pub use maps::{MapMut, MapRef};
pub use numbers::NumbersMut;
pub use record::{RecordMut, RecordRef, Root};
pub use scalars::{Bytes, Number, Uuid};
pub use seen::{Place, Scope, Team, Viewer, recycle};
pub use seen_many::{SeenList, SeenMap};
pub use statewright_derive::Tracked;
pub use stored::{Holds, Kind, Record, Stored};

pub use statewright_runtime::state::State;

/// What the macro's code names besides; no interface.
#[doc(hidden)]
pub mod parts {
    pub use statewright_runtime::state::Edit;
    pub use statewright_types::scalar::quantise;
    pub use statewright_types::schema::raw::{Name, RawDefault, RawField, RawSchema, RawType, RawView};
    pub use statewright_types::schema::{Role, Writer};
    pub use statewright_types::{Schema, Span, StructId, TrapCode};

    pub use super::stored::{key_position, position};
}

//! The numbers of docs/protocol.md.

/// The version of the protocol.
pub const VERSION: u8 = 1;

/// First bytes of messages.
pub mod message {
    /// Server: the handshake is done.
    pub const WELCOME: u8 = 0x01;
    /// Server: a refusal.
    pub const REFUSED: u8 = 0x02;
    /// Server: the whole view.
    pub const STATE: u8 = 0x03;
    /// Server: changes of the view.
    pub const PATCH: u8 = 0x04;
    /// Server: events.
    pub const EVENTS: u8 = 0x05;
    /// Server: changes, then events.
    pub const PATCH_EVENTS: u8 = 0x06;
    /// Server: the viewer is out.
    pub const BYE: u8 = 0x07;
    /// Server: several messages.
    pub const BATCH: u8 = 0x08;
    /// Client: the handshake.
    pub const HELLO: u8 = 0x41;
    /// Client: what it has applied.
    pub const ACK: u8 = 0x42;
    /// Client: asks for the whole view.
    pub const RESYNC: u8 = 0x43;
}

/// Flags of `Hello`.
pub mod hello {
    /// Epoch and sequence number follow.
    pub const RESUME: u8 = 1;
    /// A schema description follows.
    pub const DESCRIPTION: u8 = 2;
}

/// Steps with the cursor in a struct.
pub mod record {
    /// Leave it.
    pub const UP: u64 = 0;
    /// Back to the main root.
    pub const HOME: u64 = 1;
    /// A field is not visible any more.
    pub const HIDE: u64 = 2;
    /// Enter another root.
    pub const ROOT: u64 = 3;
    /// Another root is gone.
    pub const ROOT_GONE: u64 = 4;
    /// Another root is there.
    pub const ROOT_THERE: u64 = 5;
    /// What is added to a field's id: the tags below are taken.
    pub const FIELD_BASE: u64 = 3;

    /// The tag of a field that has the value that follows.
    pub const fn set(id: u16) -> u64 {
        (id as u64 + FIELD_BASE) << 1
    }

    /// The tag of a field that changes.
    pub const fn change(id: u16) -> u64 {
        set(id) | 1
    }
}

/// Steps with the cursor in a list: even tags. See [`element`](list::element) for the odd ones.
pub mod list {
    /// Leave it.
    pub const UP: u64 = 0;
    /// Back to the main root.
    pub const HOME: u64 = 1 << 1;
    /// Insert one.
    pub const INSERT: u64 = 2 << 1;
    /// Remove one.
    pub const REMOVE: u64 = 3 << 1;
    /// Move one.
    pub const MOVE: u64 = 4 << 1;
    /// Replace everything.
    pub const REPLACE_ALL: u64 = 5 << 1;
    /// Arrange: elements by where they were before, and new ones.
    pub const ARRANGE: u64 = 6 << 1;
    /// Columns of fields.
    pub const COLUMNS: u64 = 7 << 1;
    /// Replace one.
    pub const REPLACE: u64 = 8 << 1;
    /// Insert several.
    pub const INSERT_MANY: u64 = 9 << 1;
    /// Remove several.
    pub const REMOVE_MANY: u64 = 10 << 1;
    /// Values, one after the other.
    pub const VALUES: u64 = 11 << 1;

    /// The tag of an element so far behind the mark.
    pub const fn element(ahead: u32) -> u64 {
        (ahead as u64) << 1 | 1
    }
}

/// Steps with the cursor in a map.
pub mod map {
    /// Leave it.
    pub const UP: u64 = 0;
    /// Back to the main root.
    pub const HOME: u64 = 1;
    /// Put an entry.
    pub const PUT: u64 = 2;
    /// Enter a value.
    pub const ENTER: u64 = 3;
    /// Delete an entry.
    pub const DELETE: u64 = 4;
    /// Replace everything.
    pub const REPLACE_ALL: u64 = 5;
}

/// Kinds of payloads of events.
pub mod payload {
    /// Null.
    pub const NULL: u8 = 0;
    /// False.
    pub const FALSE: u8 = 1;
    /// True.
    pub const TRUE: u8 = 2;
    /// An integer of 64 bits with a sign.
    pub const INT: u8 = 3;
    /// A larger integer without one.
    pub const UINT: u8 = 4;
    /// A float.
    pub const FLOAT: u8 = 5;
    /// Text.
    pub const TEXT: u8 = 6;
    /// Bytes.
    pub const BYTES: u8 = 7;
    /// A list.
    pub const LIST: u8 = 8;
    /// A map from texts.
    pub const MAP: u8 = 9;
    /// What the host program has encoded.
    pub const RAW: u8 = 10;
}

/// What a decoder takes at most.
pub mod limits {
    /// Bytes of a message.
    pub const MESSAGE_BYTES: usize = 16 << 20;
    /// Bytes of a message of a client.
    pub const CLIENT_MESSAGE_BYTES: usize = 1 << 20;
    /// Elements, entries, fields and steps of a message.
    pub const ENTRIES: u64 = 4 << 20;
    /// Levels of nesting.
    pub const NESTING: usize = 64;
    /// Levels of nesting of an event's payload.
    pub const PAYLOAD_NESTING: usize = 60;
}

//! What a handler declares: made by the compiler, obeyed by sessions.

use std::sync::Arc;

use crate::Type;

/// A handler's declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct HandlerInfo {
    /// Its name.
    pub name: Arc<str>,
    /// The event it handles.
    pub event: Arc<str>,
    /// Declared parameters, without `senderID`.
    pub params: Vec<(Arc<str>, Type)>,
    /// Who may send the event.
    pub permissions: Permissions,
}

/// All that are given must hold (R7.5). The session itself passes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Only the host.
    pub host_only: bool,
    /// The parameter (by position) that must equal the sender's id.
    pub player_param: Option<usize>,
    /// Only these ids.
    pub allowed_players: Option<Vec<Arc<str>>>,
}

/// Events that only the session itself sends (R1.5). From a client they are `permission_denied`.
pub const RESERVED_EVENTS: [&str; 5] = ["SessionStart", "PlayerConnect", "PlayerDisconnect", "HostChanged", "Tick"];

//! Where a host program may look at, change or hold back what viewers are sent.

use statewright_types::Value;

use super::broadcast::Broadcast;

/// What becomes of a viewer's message, or of a broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on its way.
    Send,
    /// It does not. Nothing is lost: what changed goes into the viewer's next message, events too. With a debounce that is due when the viewer sees
    /// something new, or after the quiet time or the maximum wait, whichever is shorter, and at least a millisecond of the host's clock later.
    Hold,
}

/// Functions that are called on the way of each broadcast, in the order in which hooks were added. Those of a viewer are called only if
/// something may be sent to it. A peek ([`LiveSession::broadcast`](super::LiveSession::broadcast)) calls all but [`Hooks::after_broadcast`].
pub trait Hooks: Send + Sync {
    /// Whether [`Hooks::after_filter`] wants the viewer's view. Views are made for hooks only then, as they cost time.
    fn wants_views(&self) -> bool {
        false
    }

    /// Before the viewer's filters.
    fn before_filter(&mut self, viewer: &str) -> Verdict {
        let _ = viewer;
        Verdict::Send
    }

    /// After the viewer's filters, with hidden fields taken out: the view may be changed, within the schema. Only if [`Hooks::wants_views`].
    fn after_filter(&mut self, viewer: &str, view: &mut Value) -> Verdict {
        let _ = (viewer, view);
        Verdict::Send
    }

    /// Before the viewer's message is put together.
    fn before_encode(&mut self, viewer: &str) -> Verdict {
        let _ = viewer;
        Verdict::Send
    }

    /// With the message as it will be sent, which may be rewritten (framed, encrypted, compressed). The history keeps what this leaves.
    fn after_encode(&mut self, viewer: &str, message: &mut Vec<u8>) -> Verdict {
        let _ = (viewer, message);
        Verdict::Send
    }

    /// Whether [`Hooks::after_encode`] wants messages in one piece; else they stay apart, which is faster. By default yes.
    fn wants_messages(&self) -> bool {
        true
    }

    /// With all messages, before they count as sent.
    fn before_broadcast(&mut self, broadcast: &Broadcast) -> Verdict {
        let _ = broadcast;
        Verdict::Send
    }

    /// After they count as sent.
    fn after_broadcast(&mut self, broadcast: &Broadcast) {
        let _ = broadcast;
    }
}

/// Asks all hooks until one holds.
pub(super) fn ask(hooks: &mut [Box<dyn Hooks>], mut each: impl FnMut(&mut dyn Hooks) -> Verdict) -> Verdict {
    let held = hooks.iter_mut().any(|hook| each(&mut **hook) == Verdict::Hold);
    if held { Verdict::Hold } else { Verdict::Send }
}

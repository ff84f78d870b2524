//! When a viewer is sent what changed: some time after the last change that it sees, and not too long after the first.

/// How long changes are gathered, in milliseconds of the host's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Debounce {
    /// From the last visible change on. Negative counts as 0.
    pub quiet_ms: i64,
    /// From the first visible change on, at most. Negative counts as 0.
    pub max_wait_ms: i64,
}

impl Debounce {
    /// When changes that began and ended at these times are due.
    pub(super) fn deadline(&self, pending: Pending) -> i64 {
        let quiet = pending.last_ms.saturating_add(self.quiet_ms.max(0));
        quiet.min(pending.first_ms.saturating_add(self.max_wait_ms.max(0)))
    }
}

/// Changes of a viewer's that were not sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    pub first_ms: i64,
    pub last_ms: i64,
}

impl Pending {
    /// One more change at that time.
    pub fn touch(pending: &mut Option<Pending>, now_ms: i64) {
        match pending {
            Some(pending) => pending.last_ms = now_ms,
            None => *pending = Some(Pending { first_ms: now_ms, last_ms: now_ms }),
        }
    }
}

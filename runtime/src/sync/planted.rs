//! Leaks that tests of this crate plant on purpose, to see that they would be found. Anywhere else there are none.

/// A way in which a viewer could come to know what it does not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(test), allow(dead_code))]
pub(crate) enum Leak {
    /// Whoever is due gets a message for a window in which only hidden things changed.
    EmptyMessages,
    /// Sequence numbers count messages to others.
    SharedNumbers,
    /// A field that was written is told to who does not see it.
    UnseenFields,
    /// A hidden change moves a deadline.
    HiddenDeadlines,
    /// An event for others starts a deadline.
    OthersEvents,
    /// Operations of spans do not cancel out where another viewer's window ended between them.
    CutOperations,
    /// Elements are addressed by the rows that they are stored in.
    Rows,
    /// Private fields come in the order in which they were first written by anybody.
    WriteOrder,
    /// A float's difference is from what it was at the last cut.
    CutFloats,
    /// The public body has as many steps more as hidden containers changed.
    HiddenCounts,
    /// An acknowledgement trims everybody's history.
    SharedAcks,
    /// An update that failed moves deadlines.
    Errors,
    /// News of one field that are worked out from one filtered viewer's copy, for all who share the body, have another form than those
    /// worked out from views: they show whether that viewer had something else to be told.
    OtherForms,
}

#[cfg(test)]
impl Leak {
    /// Every leak.
    pub(crate) const ALL: [Leak; 13] = [
        Leak::EmptyMessages,
        Leak::SharedNumbers,
        Leak::UnseenFields,
        Leak::HiddenDeadlines,
        Leak::OthersEvents,
        Leak::CutOperations,
        Leak::Rows,
        Leak::WriteOrder,
        Leak::CutFloats,
        Leak::HiddenCounts,
        Leak::SharedAcks,
        Leak::Errors,
        Leak::OtherForms,
    ];
}

#[cfg(test)]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Leak>> = const { std::cell::Cell::new(None) };
}

/// Whether a leak is planted in this thread.
#[cfg(test)]
pub(crate) fn is(leak: Leak) -> bool {
    PLANTED.get() == Some(leak)
}

/// Whether a leak is planted: none ever is.
#[cfg(not(test))]
#[inline(always)]
pub(crate) const fn is(_: Leak) -> bool {
    false
}

/// Plants a leak in this thread, or digs it out.
#[cfg(test)]
pub(crate) fn plant(leak: Option<Leak>) {
    PLANTED.set(leak);
}

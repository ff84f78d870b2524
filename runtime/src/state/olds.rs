//! What fields held before the span: of each record a chain, in the order in which they were first written, from the end.

use std::sync::Arc;

use crate::memory::Filled;

/// What a field held before the span: of floats, and of owner, team and key fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OldValue<'a> {
    /// Null.
    Null,
    /// A number or bool, as a slot.
    Number(u64),
    /// A string or uuid.
    Text(&'a Arc<str>),
}

/// Set in [`OldEntry::field`] of nulls, and of texts.
const NULL: u32 = 1 << 31;
const TEXT: u32 = 1 << 30;

/// An old value, in two words. Compiled code adds those of numbers: docs/architecture.md.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct OldEntry {
    /// The number; of a text, which one.
    pub number: u64,
    /// The number of the next one of the record, from 1; 0 is none.
    pub next: u32,
    /// The field, by position. The two highest bits say that it is no number.
    pub field: u32,
}

impl OldEntry {
    #[inline]
    fn position(self) -> u32 {
        self.field & !(NULL | TEXT)
    }
}

/// The old values of all records.
#[derive(Clone, Debug, Default)]
pub(super) struct Olds {
    pub(super) entries: Filled<OldEntry>,
    /// Of each text among them, in their order.
    texts: Vec<Arc<str>>,
}

impl Olds {
    /// Adds a value to a chain, which is given by its first number; the first number from now on.
    #[inline(always)]
    pub(super) fn push(&mut self, next: u32, field: u32, value: OldValue<'_>) -> u32 {
        match value {
            OldValue::Number(number) => self.entries.push(OldEntry { number, next, field }),
            other => self.push_rare(next, field, other),
        }
        self.entries.len() as u32
    }

    #[cold]
    fn push_rare(&mut self, next: u32, field: u32, value: OldValue<'_>) {
        let (number, kind) = match value {
            OldValue::Text(value) => {
                self.texts.push(value.clone());
                (self.texts.len() as u64 - 1, TEXT)
            }
            OldValue::Number(number) => (number, 0),
            OldValue::Null => (0, NULL),
        };
        self.entries.push(OldEntry { number, next, field: field | kind });
    }

    #[inline]
    fn entry(&self, number: u32) -> Option<&OldEntry> {
        self.entries.as_slice().get((number as usize).wrapping_sub(1))
    }

    #[inline]
    fn value(&self, old: &OldEntry) -> OldValue<'_> {
        if old.field & (NULL | TEXT) == 0 {
            return OldValue::Number(old.number);
        }
        let text = if old.field & TEXT == 0 { None } else { self.texts.get(old.number as usize) };
        text.map_or(OldValue::Null, OldValue::Text)
    }

    /// What a field of the record with that chain held.
    #[inline]
    pub(super) fn get(&self, chain: u32, field: u32) -> Option<OldValue<'_>> {
        let mut next = chain;
        while let Some(old) = self.entry(next) {
            if old.position() == field {
                return Some(self.value(old));
            }
            next = old.next;
        }
        None
    }

    /// The number that a field of the record with that chain held, if it was one.
    #[inline]
    pub(super) fn number(&self, chain: u32, field: u32) -> Option<u64> {
        let mut next = chain;
        while let Some(old) = self.entry(next) {
            if old.position() == field {
                return (old.field == field).then_some(old.number);
            }
            next = old.next;
        }
        None
    }

    /// Takes back the last one, if it is the first of that chain and of that field; the chain as it is then.
    pub(super) fn pop(&mut self, chain: u32, field: u32) -> u32 {
        let Some(old) = self.entry(chain).filter(|old| old.position() == field).copied() else { return chain };
        debug_assert_eq!(chain as usize, self.entries.len(), "old values are taken back in reverse");
        self.entries.pop();
        self.texts.truncate(if old.field & TEXT == 0 { self.texts.len() } else { old.number as usize });
        old.next
    }

    /// Adds all of a chain of others, in its order; the first number.
    pub(super) fn take_over(&mut self, others: &Olds, chain: u32) -> u32 {
        let (mut next, before) = (chain, self.entries.len());
        while let Some(old) = others.entry(next) {
            // The next one follows.
            let following = if old.next == 0 { 0 } else { self.entries.len() as u32 + 2 };
            self.push(following, old.position(), others.value(old));
            next = old.next;
        }
        if chain == 0 { 0 } else { before as u32 + 1 }
    }

    /// Whether there are none.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets everything but its memory.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.texts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_keep_their_order_when_they_move() {
        let text: Arc<str> = "red".into();
        let mut olds = Olds::default();
        let other = olds.push(0, 1, OldValue::Number(9));
        let first = olds.push(0, 1, OldValue::Number(5));
        let chain = olds.push(first, 2, OldValue::Text(&text));
        let chain = olds.push(chain, 1, OldValue::Null);
        let mut moved = Olds::default();
        assert_eq!(moved.take_over(&olds, 0), 0);
        let chains = [(&olds, chain), (&moved.clone(), 0)];
        assert_eq!(chains.map(|(olds, chain)| olds.get(chain, 2)), [Some(OldValue::Text(&text)), None]);
        let moved_chain = moved.take_over(&olds, chain);
        for (olds, chain) in [(&olds, chain), (&moved, moved_chain)] {
            assert_eq!(olds.get(chain, 1), Some(OldValue::Null), "the last one that was added counts");
            assert_eq!((olds.number(chain, 1), olds.get(chain, 7)), (None, None));
        }
        assert_eq!(olds.number(other, 1), Some(9));
    }

    #[test]
    fn what_was_added_last_is_taken_back() {
        let texts: [Arc<str>; 2] = ["red".into(), "blue".into()];
        let mut olds = Olds::default();
        let one = olds.push(0, 3, OldValue::Text(&texts[0]));
        let two = olds.push(one, 4, OldValue::Text(&texts[1]));
        assert_eq!(olds.pop(two, 9), two, "nothing was kept of that field");
        assert_eq!(olds.pop(two, 4), one);
        let two = olds.push(one, 4, OldValue::Number(1));
        assert_eq!((olds.get(two, 3), olds.number(two, 4)), (Some(OldValue::Text(&texts[0])), Some(1)));
        assert_eq!(olds.pop(two, 4), one);
        assert_eq!(olds.pop(one, 3), 0);
        assert_eq!((olds.entries.len(), olds.texts.len()), (0, 0));
    }
}

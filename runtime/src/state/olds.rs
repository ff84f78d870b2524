//! What fields held before the span: of each record a chain, in the order in which they were first written, from the end.

use std::sync::Arc;

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
enum Kind {
    Null,
    Number,
    Text,
}

/// An old value. All its parts are numbers, so that it is written in one go.
#[derive(Clone, Copy, Debug)]
struct Old {
    field: u32,
    /// The number of the next one, from 1; 0 is none.
    next: u32,
    kind: Kind,
    /// Of a text, which one.
    text: u32,
    number: u64,
}

/// The old values of all records.
#[derive(Clone, Debug, Default)]
pub(super) struct Olds {
    entries: Vec<Old>,
    /// Of each text among them, in their order.
    texts: Vec<Arc<str>>,
}

impl Olds {
    /// Adds a value to a chain, which is given by its first number; the first number from now on.
    #[inline(always)]
    pub(super) fn push(&mut self, next: u32, field: u32, value: OldValue<'_>) -> u32 {
        match value {
            OldValue::Number(number) => self.entries.push(Old { field, next, kind: Kind::Number, text: 0, number }),
            other => self.push_rare(next, field, other),
        }
        self.entries.len() as u32
    }

    #[cold]
    fn push_rare(&mut self, next: u32, field: u32, value: OldValue<'_>) {
        let text = self.texts.len() as u32;
        let kind = match value {
            OldValue::Text(value) => {
                self.texts.push(value.clone());
                Kind::Text
            }
            OldValue::Null | OldValue::Number(_) => Kind::Null,
        };
        self.entries.push(Old { field, next, kind, text, number: 0 });
    }

    #[inline]
    fn entry(&self, number: u32) -> Option<&Old> {
        self.entries.get((number as usize).wrapping_sub(1))
    }

    fn value(&self, old: &Old) -> OldValue<'_> {
        match (old.kind, self.texts.get(old.text as usize)) {
            (Kind::Number, _) => OldValue::Number(old.number),
            (Kind::Text, Some(text)) => OldValue::Text(text),
            _ => OldValue::Null,
        }
    }

    /// What a field of the record with that chain held.
    #[inline]
    pub(super) fn get(&self, chain: u32, field: u32) -> Option<OldValue<'_>> {
        let mut next = chain;
        while let Some(old) = self.entry(next) {
            if old.field == field {
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
            if old.field == field {
                return (old.kind == Kind::Number).then_some(old.number);
            }
            next = old.next;
        }
        None
    }

    /// Takes back the last one, if it is the first of that chain and of that field; the chain as it is then.
    pub(super) fn pop(&mut self, chain: u32, field: u32) -> u32 {
        let Some(old) = self.entry(chain).filter(|old| old.field == field).copied() else { return chain };
        debug_assert_eq!(chain as usize, self.entries.len(), "old values are taken back in reverse");
        self.entries.pop();
        self.texts.truncate(if old.kind == Kind::Text { old.text as usize } else { self.texts.len() });
        old.next
    }

    /// Adds all of a chain of others, in its order; the first number.
    pub(super) fn take_over(&mut self, others: &Olds, chain: u32) -> u32 {
        let (mut next, before) = (chain, self.entries.len());
        while let Some(old) = others.entry(next) {
            // The next one follows.
            let following = if old.next == 0 { 0 } else { self.entries.len() as u32 + 2 };
            self.push(following, old.field, others.value(old));
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

//! Short lists of values: operands, arguments, parameters. Most have at most three, which need no memory of their own.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::Value;

/// How many values stand in the list itself.
const FEW: usize = 3;

/// A list of values; reads and writes as a slice.
#[derive(Clone)]
pub struct Values(Held);

#[derive(Clone)]
enum Held {
    /// So many of these.
    Few(u8, [Value; FEW]),
    /// More, or what was more once. Behind one pointer, so that a list takes 16 bytes.
    #[expect(clippy::box_collection, reason = "a vector in place would double the size of every list")]
    Many(Box<Vec<Value>>),
}

impl Values {
    /// An empty list.
    pub const fn new() -> Values {
        Values(Held::Few(0, [Value(0); FEW]))
    }

    /// Appends a value.
    pub fn push(&mut self, value: Value) {
        match &mut self.0 {
            Held::Few(count, few) => match few.get_mut(usize::from(*count)) {
                Some(place) => {
                    *place = value;
                    *count += 1;
                }
                None => {
                    let mut many = Vec::with_capacity(2 * FEW);
                    many.extend_from_slice(few);
                    many.push(value);
                    self.0 = Held::Many(Box::new(many));
                }
            },
            Held::Many(many) => many.push(value),
        }
    }

    /// Makes it at least `length` long, with `value` in the new places.
    pub fn grow(&mut self, length: usize, value: Value) {
        while self.len() < length {
            self.push(value);
        }
    }

    /// Keeps the values at the positions that `keep` says yes to.
    pub fn retain_positions(&mut self, keep: impl Fn(usize) -> bool) {
        let mut kept = 0;
        for position in 0..self.len() {
            if keep(position) {
                self.swap(kept, position);
                kept += 1;
            }
        }
        match &mut self.0 {
            Held::Few(count, _) => *count = kept as u8,
            Held::Many(many) => many.truncate(kept),
        }
    }
}

impl Default for Values {
    fn default() -> Values {
        Values::new()
    }
}

impl Deref for Values {
    type Target = [Value];
    fn deref(&self) -> &[Value] {
        match &self.0 {
            Held::Few(count, few) => few.get(..usize::from(*count)).unwrap_or(few),
            Held::Many(many) => many,
        }
    }
}

impl DerefMut for Values {
    fn deref_mut(&mut self) -> &mut [Value] {
        match &mut self.0 {
            Held::Few(count, few) => {
                let count = usize::from(*count).min(FEW);
                &mut few[..count]
            }
            Held::Many(many) => many,
        }
    }
}

impl From<&[Value]> for Values {
    #[inline]
    fn from(values: &[Value]) -> Values {
        const NONE: Value = Value(0);
        Values(match *values {
            [] => Held::Few(0, [NONE; FEW]),
            [a] => Held::Few(1, [a, NONE, NONE]),
            [a, b] => Held::Few(2, [a, b, NONE]),
            [a, b, c] => Held::Few(3, [a, b, c]),
            _ => Held::Many(Box::new(values.to_vec())),
        })
    }
}

impl<const N: usize> From<[Value; N]> for Values {
    fn from(values: [Value; N]) -> Values {
        values[..].into()
    }
}

impl From<Vec<Value>> for Values {
    fn from(values: Vec<Value>) -> Values {
        match values.len() {
            ..=FEW => values[..].into(),
            _ => Values(Held::Many(Box::new(values))),
        }
    }
}

impl FromIterator<Value> for Values {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Values {
        let mut list = Values::new();
        list.extend(values);
        list
    }
}

impl Extend<Value> for Values {
    fn extend<I: IntoIterator<Item = Value>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.push(value));
    }
}

impl<'a> IntoIterator for &'a Values {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Values {
    type Item = &'a mut Value;
    type IntoIter = std::slice::IterMut<'a, Value>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Values) -> bool {
        self[..] == other[..]
    }
}

impl<const N: usize> PartialEq<[Value; N]> for Values {
    fn eq(&self, other: &[Value; N]) -> bool {
        self[..] == other[..]
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self[..].fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_grows_and_shrinks_like_a_vector() {
        for length in 0..8 {
            let values: Vec<Value> = (0..length).map(Value).collect();
            let list: Values = values.iter().copied().collect();
            assert_eq!(list[..], values[..]);
            assert_eq!((Values::from(values.clone()), Values::from(&values[..])), (list.clone(), list.clone()));
            let mut grown = list.clone();
            grown.grow(6, Value(9));
            assert_eq!(
                (grown.len(), grown.last()),
                (values.len().max(6), [values.last(), Some(&Value(9))][usize::from(length < 6)])
            );
            for bits in 0..1u32 << length {
                let mut kept = list.clone();
                kept.retain_positions(|position| bits >> position & 1 == 1);
                let wanted: Values = values.iter().copied().filter(|value| bits >> value.0 & 1 == 1).collect();
                assert_eq!(kept, wanted);
            }
        }
    }

    #[test]
    fn an_instruction_is_small() {
        assert_eq!(size_of::<Values>(), 16);
        assert!(size_of::<super::super::Inst>() <= 56, "{}", size_of::<super::super::Inst>());
    }
}

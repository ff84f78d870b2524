//! What elements are looked up by.

use statewright_runtime::state::State;
use statewright_types::Type;

use super::stored::{Kind, Stored};

/// A key: text or an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key<'k> {
    /// Of a string or uuid field.
    Text(&'k str),
    /// Of an integer field.
    Int(i128),
}

impl<'k> From<&'k str> for Key<'k> {
    fn from(text: &'k str) -> Key<'k> {
        Key::Text(text)
    }
}

impl<'k> From<&'k String> for Key<'k> {
    fn from(text: &'k String) -> Key<'k> {
        Key::Text(text)
    }
}

macro_rules! integer_keys {
    ($($int:ty),*) => {$(
        impl From<$int> for Key<'_> {
            fn from(number: $int) -> Self {
                Key::Int(i128::from(number))
            }
        }

        impl MapKey for $int {
            fn key(plain: &$int) -> Key<'_> {
                Key::Int(i128::from(*plain))
            }
        }
    )*};
}

integer_keys!(i8, i16, i32, i64, u8, u16, u32, u64);

/// A type that the keys of a map may have.
pub trait MapKey: Stored {
    /// A plain one as a key.
    fn key(plain: &Self::Plain) -> Key<'_>;
}

impl Key<'_> {
    /// The slot of a key of type `ty`; `None` if it is of another kind, or out of range.
    pub(super) fn slot(self, state: &mut State, ty: &Type) -> Option<u64> {
        match (self, ty) {
            (Key::Text(text), Type::String | Type::Uuid) => Some(state.string(text)),
            (Key::Int(number), Type::Int(kind)) => {
                let (min, max) = kind.range();
                (min..=max).contains(&number).then_some(number as u64)
            }
            _ => None,
        }
    }

    /// Whether the slot holds this key.
    pub(super) fn is(self, state: &State, ty: &Type, slot: u64) -> bool {
        match (self, ty) {
            (Key::Text(text), Type::String | Type::Uuid) => state.str(slot) == text,
            (Key::Int(number), Type::Int(kind)) => {
                let (min, _) = kind.range();
                number == if min < 0 { i128::from(slot as i64) } else { i128::from(slot) }
            }
            _ => false,
        }
    }
}

/// The type of the key field of a collection's elements.
pub(super) fn type_of_key(kind: Kind) -> Option<(u32, &'static Type)> {
    let field = kind.key?;
    Some((field, Kind::of_field(kind.schema, kind.inside().struct_id(), field, None).ty))
}

//! Bools, numbers, text and bytes.

use statewright_runtime::state::State;
use statewright_types::TrapCode;

use super::declare::Declarations;
use super::key::{Key, MapKey};
use super::seen::{Place, Scope, Viewer};
use super::stored::{Kind, Stored};

/// `String`s that are uuids: what `#[tracked(uuid)]` makes of a field's type.
#[derive(Debug)]
pub enum Uuid {}

/// `Vec<u8>`s that are bytes, not lists: what `#[tracked(bytes)]` makes of a field's type.
#[derive(Debug)]
pub enum Bytes {}

/// A number that can be added to.
pub trait Number: for<'a> Stored<Set<'a> = Self> + Sized {
    /// The sum.
    ///
    /// # Errors
    /// `overflow` beyond 64 bits, `out_of_range` beyond a narrower type.
    fn plus(self, by: Self) -> Result<Self, TrapCode>;
    /// What is at a slot.
    fn from_slot(slot: u64) -> Self;
    /// The slot of it.
    fn to_slot(self) -> u64;
}

/// What all scalars have in common: they are handed out as what they are read as.
macro_rules! handed_out {
    ($read:ty) => {
        type Ref<'a> = $read;
        type Mut<'a> = $read;
        type Set<'a> = $read;
        type Got<'a> = Option<$read>;
        type Seen<'a> = $read;
        type SeenAll<'a> = &'a [Self::Plain];

        fn edit<'a>(state: &'a mut State, kind: Kind, slot: u64) -> Self::Mut<'a> {
            Self::view(state, kind, slot)
        }

        fn got<'a>(state: &'a mut State, kind: Kind, slot: Option<u64>) -> Self::Got<'a> {
            slot.map(|slot| Self::view(state, kind, slot))
        }

        fn seen<'a>(plain: &'a Self::Plain, _: &'a Viewer, _: Place<'a>, _: Scope) -> Self::Seen<'a> {
            Self::set(plain)
        }

        fn seen_all<'a>(plain: &'a [Self::Plain], _: &'a Viewer, _: Place<'a>, _: Scope) -> Self::SeenAll<'a> {
            plain
        }

        fn copy_for(plain: &Self::Plain, _: &Viewer, _: Place<'_>, _: Scope) -> Self::Plain {
            plain.clone()
        }
    };
}

macro_rules! numbers {
    ($($rust:ty, $name:literal, |$slot:ident| $read:expr, |$value:ident| $write:expr;)*) => {$(
        impl Stored for $rust {
            type Plain = $rust;
            handed_out!($rust);

            const LOOKS: bool = false;

            fn schema_type(_: &mut Declarations) -> String {
                $name.to_owned()
            }

            #[inline]
            fn view(_: &State, _: Kind, $slot: u64) -> $rust {
                $read
            }

            fn read(_: &State, _: Kind, $slot: u64) -> $rust {
                $read
            }

            #[inline]
            fn set(plain: &$rust) -> $rust {
                *plain
            }

            #[inline]
            fn make($value: $rust, _: &mut State, _: Kind) -> Result<u64, TrapCode> {
                Ok($write)
            }
        }
    )*};
}

numbers! {
    bool, "bool", |slot| slot != 0, |value| u64::from(value);
    i8, "int8", |slot| slot as i8, |value| i64::from(value) as u64;
    i16, "int16", |slot| slot as i16, |value| i64::from(value) as u64;
    i32, "int32", |slot| slot as i32, |value| i64::from(value) as u64;
    i64, "int64", |slot| slot as i64, |value| value as u64;
    u8, "uint8", |slot| slot as u8, |value| u64::from(value);
    u16, "uint16", |slot| slot as u16, |value| u64::from(value);
    u32, "uint32", |slot| slot as u32, |value| u64::from(value);
    u64, "uint64", |slot| slot, |value| value;
    f32, "float32", |slot| f64::from_bits(slot) as f32, |value| f64::from(value).to_bits();
    f64, "float64", |slot| f64::from_bits(slot), |value| value.to_bits();
}

macro_rules! sums {
    ($($rust:ty, |$slot:ident| $read:expr, |$value:ident| $write:expr, |$a:ident, $b:ident| $sum:expr;)*) => {$(
        impl Number for $rust {
            #[inline]
            fn plus(self, by: $rust) -> Result<$rust, TrapCode> {
                let ($a, $b) = (self, by);
                $sum
            }

            #[inline]
            fn from_slot($slot: u64) -> $rust {
                $read
            }

            #[inline]
            fn to_slot(self) -> u64 {
                let $value = self;
                $write
            }
        }
    )*};
}

sums! {
    i8, |slot| slot as i8, |value| i64::from(value) as u64, |a, b| a.checked_add(b).ok_or(TrapCode::OutOfRange);
    i16, |slot| slot as i16, |value| i64::from(value) as u64, |a, b| a.checked_add(b).ok_or(TrapCode::OutOfRange);
    i32, |slot| slot as i32, |value| i64::from(value) as u64, |a, b| a.checked_add(b).ok_or(TrapCode::OutOfRange);
    i64, |slot| slot as i64, |value| value as u64, |a, b| a.checked_add(b).ok_or(TrapCode::Overflow);
    u8, |slot| slot as u8, |value| u64::from(value), |a, b| a.checked_add(b).ok_or(TrapCode::OutOfRange);
    u16, |slot| slot as u16, |value| u64::from(value), |a, b| a.checked_add(b).ok_or(TrapCode::OutOfRange);
    u32, |slot| slot as u32, |value| u64::from(value), |a, b| a.checked_add(b).ok_or(TrapCode::OutOfRange);
    u64, |slot| slot, |value| value, |a, b| a.checked_add(b).ok_or(TrapCode::Overflow);
    f32, |slot| f64::from_bits(slot) as f32, |value| f64::from(value).to_bits(), |a, b| Ok(a + b);
    f64, |slot| f64::from_bits(slot), |value| value.to_bits(), |a, b| Ok(a + b);
}

/// Text goes in once: what is there already stays.
fn put_text(text: &str, state: &mut State, old: u64) -> Result<Option<u64>, TrapCode> {
    if old != 0 && state.str(old) == text { Ok(None) } else { make_text(text, state).map(Some) }
}

fn make_text(text: &str, state: &mut State) -> Result<u64, TrapCode> {
    if text.len() as u64 > state.limits().string_bytes { Err(TrapCode::MemoryLimit) } else { Ok(state.string(text)) }
}

macro_rules! texts {
    ($($rust:ty, $name:literal;)*) => {$(
        impl Stored for $rust {
            type Plain = String;
            handed_out!(&'a str);

            fn schema_type(_: &mut Declarations) -> String {
                $name.to_owned()
            }

            fn view(state: &State, _: Kind, slot: u64) -> &str {
                state.str(slot)
            }

            fn read(state: &State, _: Kind, slot: u64) -> String {
                state.str(slot).to_owned()
            }

            fn set(plain: &String) -> &str {
                plain
            }

            fn make(value: &str, state: &mut State, _: Kind) -> Result<u64, TrapCode> {
                make_text(value, state)
            }

            fn put(value: &str, state: &mut State, _: Kind, old: u64) -> Result<Option<u64>, TrapCode> {
                put_text(value, state, old)
            }

            fn text(plain: &String) -> Option<&str> {
                Some(plain)
            }
        }

        impl MapKey for $rust {
            fn key(plain: &String) -> Key<'_> {
                Key::Text(plain)
            }
        }
    )*};
}

texts! {
    String, "string";
    Uuid, "uuid";
}

impl Stored for Bytes {
    type Plain = Vec<u8>;
    handed_out!(&'a [u8]);

    fn schema_type(_: &mut Declarations) -> String {
        "bytes".to_owned()
    }

    fn view(state: &State, _: Kind, slot: u64) -> &[u8] {
        state.get_bytes(slot)
    }

    fn read(state: &State, _: Kind, slot: u64) -> Vec<u8> {
        state.get_bytes(slot).to_vec()
    }

    fn set(plain: &Vec<u8>) -> &[u8] {
        plain
    }

    fn make(value: &[u8], state: &mut State, _: Kind) -> Result<u64, TrapCode> {
        if value.len() as u64 > state.limits().string_bytes {
            return Err(TrapCode::MemoryLimit);
        }
        Ok(state.bytes(value))
    }

    fn put(value: &[u8], state: &mut State, kind: Kind, old: u64) -> Result<Option<u64>, TrapCode> {
        if old != 0 && state.get_bytes(old) == value { Ok(None) } else { Bytes::make(value, state, kind).map(Some) }
    }
}

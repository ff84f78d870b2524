//! Reads parts of a saved session from a value, and says what is not as it should be.

use std::sync::Arc;

use statewright_types::Value;

use super::LoadError;

type Read<T> = Result<T, LoadError>;

/// A part, and what it is called.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    value: &'a Value,
    name: &'a str,
}

impl<'a> Part<'a> {
    pub(super) fn new(value: &'a Value, name: &'a str) -> Part<'a> {
        Part { value, name }
    }

    pub(super) fn bad<T>(self, wanted: &str) -> Read<T> {
        Err(LoadError::Malformed(format!("`{}` should be {wanted}", self.name)))
    }

    /// An entry that must be there.
    pub(super) fn get(self, key: &'a str) -> Read<Part<'a>> {
        match self.value.get(key) {
            Some(value) => Ok(Part { value, name: key }),
            None => Err(LoadError::Malformed(format!("`{}` lacks `{key}`", self.name))),
        }
    }

    pub(super) fn value(self) -> &'a Value {
        self.value
    }

    pub(super) fn list(self) -> Read<impl Iterator<Item = Part<'a>>> {
        match self.value {
            Value::List(elements) => Ok(elements.iter().map(move |value| Part { value, name: self.name })),
            _ => self.bad("a list"),
        }
    }

    pub(super) fn entries(self) -> Read<impl Iterator<Item = (&'a Arc<str>, Part<'a>)>> {
        match self.value {
            Value::Map(entries) => Ok(entries.iter().map(|(key, value)| (key, Part { value, name: key }))),
            _ => self.bad("an object"),
        }
    }

    pub(super) fn text(self) -> Read<Arc<str>> {
        match self.value {
            Value::Str(text) => Ok(text.clone()),
            _ => self.bad("text"),
        }
    }

    pub(super) fn optional_text(self) -> Read<Option<Arc<str>>> {
        match self.value {
            Value::Null => Ok(None),
            _ => self.text().map(Some),
        }
    }

    pub(super) fn texts<C: FromIterator<Arc<str>>>(self) -> Read<C> {
        self.list()?.map(Part::text).collect()
    }

    pub(super) fn bool(self) -> Read<bool> {
        match self.value {
            Value::Bool(value) => Ok(*value),
            _ => self.bad("true or false"),
        }
    }

    pub(super) fn int(self) -> Read<i64> {
        match self.value {
            Value::Int(value) => Ok(*value),
            _ => self.bad("an integer"),
        }
    }

    pub(super) fn uint(self) -> Read<u64> {
        match self.value {
            Value::Int(value) if *value >= 0 => Ok(value.unsigned_abs()),
            Value::UInt(value) => Ok(*value),
            _ => self.bad("an integer that is not negative"),
        }
    }

    /// What counts up: with room to go on.
    pub(super) fn count(self) -> Read<u64> {
        match self.uint()? {
            count if i64::try_from(count).is_ok() => Ok(count),
            _ => self.bad("an integer of 63 bits"),
        }
    }

    pub(super) fn word(self) -> Read<u32> {
        let Ok(word) = u32::try_from(self.uint()?) else { return self.bad("an integer of 32 bits") };
        Ok(word)
    }

    pub(super) fn hash(self) -> Read<[u8; 32]> {
        let text = self.text()?;
        let digits: Option<Vec<u8>> =
            text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
        let mut hash = [0; 32];
        match digits {
            Some(digits) if digits.len() == 64 => {
                for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
                    *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
                }
                Ok(hash)
            }
            _ => self.bad("64 hexadecimal digits"),
        }
    }
}

//! Numbers of a struct in the state, with the struct looked up once.

use statewright_runtime::state::Edit;
use statewright_types::TrapCode;

use super::scalars::Number;

/// The numbers of one struct, by position of the field: what the accessors of the macro stand on.
#[derive(Debug)]
pub struct NumbersMut<'a>(Edit<'a>);

impl<'a> NumbersMut<'a> {
    /// Of what is edited.
    #[inline(always)]
    pub fn new(edit: Edit<'a>) -> NumbersMut<'a> {
        NumbersMut(edit)
    }

    /// Reads a number.
    #[inline(always)]
    pub fn get<C: Number>(&self, field: u32) -> C {
        // The macro names no field that is not there.
        C::from_slot(self.0.load(field).unwrap_or(0))
    }

    /// Writes a number, if it differs.
    ///
    /// # Errors
    /// `bad_argument` of a field that a list is keyed by, and of those after the 64th.
    #[inline(always)]
    pub fn set<C: Number>(&mut self, field: u32, value: C) -> Result<(), TrapCode> {
        self.0.store(field, value.to_slot())
    }

    /// Adds to a number.
    ///
    /// # Errors
    /// `overflow` beyond 64 bits, `out_of_range` beyond a narrower type, and as [`NumbersMut::set`].
    #[inline(always)]
    pub fn add<C: Number>(&mut self, field: u32, by: C) -> Result<(), TrapCode> {
        self.0.update(field, |slot| Ok(C::from_slot(slot).plus(by)?.to_slot()))
    }
}

//! What a client is told when its action failed: one row per code. Handlers, nodes and other internals are for the
//! session's log only.

use std::sync::Arc;

use statewright_types::TrapCode;

use crate::program::Trap;

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code, stable.
    pub code: TrapCode,
    /// One sentence.
    pub message: Arc<str>,
}

/// Which text a client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Only the row's sentence, as the detail would tell about the server's inside.
    Sentence,
    /// The trap's own message where it has one, as it concerns what the client itself sent or was meant for it.
    Detail,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalRow {
    /// The code.
    pub code: TrapCode,
    /// Which text.
    pub told: Told,
    /// The sentence.
    pub sentence: &'static str,
}

const fn row(code: TrapCode, told: Told, sentence: &'static str) -> RefusalRow {
    RefusalRow { code, told, sentence }
}

/// The table, in the order of [`TrapCode::ALL`].
pub const REFUSALS: &[RefusalRow] = &[
    row(TrapCode::Overflow, Told::Sentence, "A number became too large; nothing was changed."),
    row(TrapCode::DivideByZero, Told::Sentence, "A number was divided by zero; nothing was changed."),
    row(TrapCode::NotFound, Told::Sentence, "Something that this needs does not exist; nothing was changed."),
    row(TrapCode::IndexOutOfRange, Told::Sentence, "A position is outside its list; nothing was changed."),
    row(TrapCode::StaleReference, Told::Sentence, "Something that this needs was removed; nothing was changed."),
    row(TrapCode::ModifiedDuringIteration, Told::Sentence, "A list changed while it was read; nothing was changed."),
    row(TrapCode::NullReference, Told::Sentence, "Something that this needs is missing; nothing was changed."),
    row(TrapCode::OutOfRange, Told::Sentence, "A number does not fit its place; nothing was changed."),
    row(TrapCode::BadArgument, Told::Detail, "A value cannot be used like this; nothing was changed."),
    row(TrapCode::DuplicateId, Told::Sentence, "Something with that id exists already; nothing was changed."),
    row(TrapCode::FuelExhausted, Told::Sentence, "This took too many steps; nothing was changed."),
    row(TrapCode::MemoryLimit, Told::Sentence, "This took too much memory; nothing was changed."),
    row(TrapCode::PermissionDenied, Told::Sentence, "You may not do this."),
    row(TrapCode::BadParameters, Told::Detail, "The parameters do not have the types that this event takes."),
    row(TrapCode::UnknownEvent, Told::Detail, "There is no such event."),
    row(TrapCode::Custom, Told::Detail, "The server declined; nothing was changed."),
];

impl Refusal {
    /// What a client is told about `trap`.
    pub fn of(trap: &Trap) -> Refusal {
        let row = REFUSALS.iter().find(|row| row.code == trap.code);
        let sentence = row.map_or(trap.code.message(), |row| row.sentence);
        let detail = match row {
            Some(RefusalRow { told: Told::Detail, .. }) => trap.message.clone(),
            _ => None,
        };
        Refusal { code: trap.code, message: detail.unwrap_or_else(|| sentence.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_row_in_order() {
        let codes: Vec<_> = REFUSALS.iter().map(|row| row.code).collect();
        assert_eq!(codes, TrapCode::ALL);
    }

    #[test]
    fn internals_stay_inside() {
        let trap = |code| Trap { code, message: Some("row 17 of the vault".into()), node: Some("n1".into()) };
        assert_eq!(&*Refusal::of(&trap(TrapCode::Custom)).message, "row 17 of the vault");
        assert_eq!(
            &*Refusal::of(&trap(TrapCode::NotFound)).message,
            "Something that this needs does not exist; nothing was changed."
        );
    }
}

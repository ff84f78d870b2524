//! Why an activation stopped (LANGUAGE R7.2). Compared exactly by tests and by every back end.

use std::fmt;

macro_rules! traps {
    ($($variant:ident $code:literal $doc:literal;)*) => {
        /// An error that stops an activation and undoes its writes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum TrapCode { $(#[doc = $doc] $variant,)* }

        impl TrapCode {
            /// Every code, in the order of the language reference.
            pub const ALL: &'static [TrapCode] = &[$(TrapCode::$variant),*];

            /// The code as documents, tests and clients spell it.
            pub const fn code(self) -> &'static str {
                match self { $(TrapCode::$variant => $code,)* }
            }

            /// One sentence for people.
            pub const fn message(self) -> &'static str {
                match self { $(TrapCode::$variant => $doc,)* }
            }

            /// The code spelled `code`.
            pub fn by_code(code: &str) -> Option<TrapCode> {
                match code { $($code => Some(TrapCode::$variant),)* _ => None }
            }
        }
    };
}

traps! {
    Overflow "overflow" "The result does not fit into 64 bits.";
    DivideByZero "divide_by_zero" "The divisor is zero.";
    NotFound "not_found" "No element, entry or field of that key exists.";
    IndexOutOfRange "index_out_of_range" "The index is outside the array.";
    StaleReference "stale_reference" "The element that this reference stands for was removed.";
    ModifiedDuringIteration "modified_during_iteration" "The collection gained or lost elements while a loop ran over it.";
    NullReference "null_reference" "The value is null.";
    OutOfRange "out_of_range" "The value does not fit the type it is stored in.";
    BadArgument "bad_argument" "An input has a value that this node cannot work with.";
    DuplicateId "duplicate_id" "Something with that id exists already.";
    FuelExhausted "fuel_exhausted" "The activation used up its fuel.";
    MemoryLimit "memory_limit" "A value, or all values of the activation together, exceed the memory limit.";
    PermissionDenied "permission_denied" "The sender may not do this.";
    BadParameters "bad_parameters" "The event's parameters do not have the declared types.";
    UnknownEvent "unknown_event" "No handler handles this event and nobody waits for it.";
    Custom "custom" "The handler failed by itself.";
}

impl fmt::Display for TrapCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for TrapCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_are_unique() {
        for code in TrapCode::ALL {
            assert_eq!(TrapCode::by_code(code.code()), Some(*code));
            assert_eq!(code.to_string(), code.code());
            assert!(code.message().ends_with('.'));
            assert!(code.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        }
        assert_eq!(TrapCode::ALL.len(), 16);
        assert_eq!(TrapCode::by_code("Overflow"), None);
    }
}

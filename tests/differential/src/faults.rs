//! The planted faults: what is wrong with each, and the hunt that must find it.

use crate::execution::Execution;
use crate::hunt::{Finding, Hunt};

/// A fault that stands somewhere in the sources behind `planted::is`.
pub struct Fault {
    /// Its number there.
    pub number: u32,
    /// What is wrong.
    pub what: &'static str,
}

const fn fault(number: u32, what: &'static str) -> Fault {
    Fault { number, what }
}

/// All of them. They act in one execution only, wherever their code is shared.
pub const FAULTS: &[Fault] = &[
    fault(1, "floor of a quotient goes toward zero"),
    fault(2, "a remainder has the divisor's sign"),
    fault(3, "-0 is not smaller than 0"),
    fault(4, "the greater of a NaN and a number is the number"),
    fault(5, "the sign of -0 is 0"),
    fault(6, "a float32 is not rounded"),
    fault(7, "halves are rounded to even"),
    fault(8, "a float beyond int64 is not refused"),
    fault(9, "a number beyond its type is not refused"),
    fault(10, "an unsigned integer is compared as a signed one"),
    fault(11, "an integer is rounded before it is compared with a float"),
    fault(12, "an unsigned integer is rounded before it is compared with a float"),
    fault(13, "text is compared by UTF-16 units"),
    fault(14, "characters are counted in UTF-16 units"),
    fault(15, "Ceil goes toward zero"),
    fault(18, "a negative number becomes an unsigned one"),
    fault(19, "random integers beyond their range are kept"),
    fault(20, "a random float draws once instead of twice"),
    fault(21, "a float's remainder has the divisor's sign"),
    fault(22, "a text is found at its byte"),
    fault(23, "only ASCII becomes upper case"),
    fault(24, "only ASCII space is trimmed"),
    fault(25, "a slice of a text leaves out the first character"),
    fault(26, "a number with a plus is not read"),
    fault(30, "fuel is off by one"),
    fault(31, "memory is off by one"),
    fault(32, "a written field is not marked as changed"),
    fault(33, "an operation on a list or map is not marked"),
    fault(34, "an entry of a map is not overwritten"),
    fault(35, "an index beyond a list inserts at its end"),
    fault(36, "an equal text that is written is a change"),
    fault(37, "a delay of nothing is no delay"),
    fault(39, "calling an event off always says yes"),
    fault(40, "who may write is not looked at"),
    fault(41, "taking a filter away says the opposite"),
    fault(42, "a list that loses elements in a loop is not noticed"),
    fault(43, "a lookup by a field finds the first element"),
    fault(44, "fields of removed elements are read"),
    fault(45, "what was saved is forgotten when a wait ends"),
    fault(46, "a deadline is late by a millisecond"),
    fault(47, "an event that did not come has come"),
    fault(48, "deadlines are forgotten when a handler suspends"),
    fault(50, "operands of a subtraction are swapped"),
    fault(51, "a wait of a millisecond takes two"),
    fault(52, "an error names the node before"),
];

/// Hunts one fault; the finding and after how many documents.
pub fn hunt(
    fault: &Fault,
    reference: &dyn Execution,
    execution: &dyn Execution,
    (seed, documents, threads): (u64, u64, usize),
) -> (Option<Finding>, u64) {
    let hunt = Hunt {
        reference,
        executions: vec![execution],
        seed,
        documents,
        threads,
        fault: fault.number,
        findings: 1,
        stop: &|_| false,
    };
    let (progress, mut findings) = hunt.run();
    (findings.pop(), progress.drawn)
}

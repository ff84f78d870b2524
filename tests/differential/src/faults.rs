//! The planted faults: what is wrong with each, and the hunt that must find it.

use statewright_types::planted;

use crate::case::Case;
use crate::execution::{Execution, LINKED, Prepared};
use crate::generate::generate;
use crate::hunt::{Finding, Hunt};

/// A fault that stands somewhere in the sources behind `planted::is`.
pub struct Fault {
    /// Its number there.
    pub number: u32,
    /// What is wrong.
    pub what: &'static str,
    /// The executions that have it.
    pub of: Of,
}

/// Which executions run the code that a fault stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Those that call the functions of `types` and `runtime`: all, but for what they do by themselves.
    All,
    /// The same without machine code, which has instructions of its own for it.
    Called,
    /// The interpreter alone.
    Interpreter,
    /// The interpreter where instructions are joined and lists taken in lanes.
    Joined,
    /// All that run modules with passes.
    Passes,
    /// Where integers are held to their ranges.
    Ranges,
    /// Machine code alone.
    Jit,
    /// What writes Rust.
    Rust,
    /// What writes JavaScript.
    Js,
}

impl Fault {
    /// Whether it can be found in that execution.
    pub fn is_in(&self, execution: &str) -> bool {
        match self.of {
            // JavaScript has a runtime library of its own.
            Of::All => execution != "js",
            Of::Called => !matches!(execution, "js" | "jit"),
            Of::Interpreter => matches!(execution, "interpreter" | "passes" | "joined" | "plain"),
            Of::Joined => matches!(execution, "interpreter" | "joined"),
            Of::Ranges => execution == "passes",
            Of::Jit => execution == "jit",
            Of::Rust => execution == LINKED,
            Of::Js => execution == "js",
            // Emitted Rust would have to be built for each of them.
            Of::Passes => !matches!(execution, "plain" | "joined" | LINKED),
        }
    }

    /// Whether it can change what happens in a case: those in what writes programs must make another one of it.
    pub fn changes(&self, case: &Case) -> bool {
        let written = match self.of {
            Of::Rust => Prepared::emitted_rust,
            Of::Js => Prepared::emitted_js,
            _ => return true,
        };
        let text = |fault: u32| {
            let prepared = Prepared::with_fault(case.clone(), fault).ok()?;
            Some(planted::with(fault, || written(&prepared)))
        };
        text(0) != text(self.number)
    }
}

const fn fault(number: u32, what: &'static str) -> Fault {
    Fault { number, what, of: Of::All }
}

const fn called(number: u32, what: &'static str) -> Fault {
    Fault { number, what, of: Of::Called }
}

const fn interpreted(number: u32, what: &'static str) -> Fault {
    Fault { number, what, of: Of::Interpreter }
}

const fn joined(number: u32, what: &'static str) -> Fault {
    Fault { number, what, of: Of::Joined }
}

const fn passed(number: u32, what: &'static str) -> Fault {
    Fault { number, what, of: Of::Passes }
}

const fn bounded(number: u32, what: &'static str) -> Fault {
    Fault { number, what, of: Of::Ranges }
}

const fn compiled(number: u32, what: &'static str) -> Fault {
    Fault { number, what, of: Of::Jit }
}

const fn written(number: u32, what: &'static str) -> Fault {
    Fault { number, what, of: Of::Rust }
}

const fn scripted(number: u32, what: &'static str) -> Fault {
    Fault { number, what, of: Of::Js }
}

/// All of them. They act in one execution only, wherever their code is shared.
pub const FAULTS: &[Fault] = &[
    called(1, "floor of a quotient goes toward zero"),
    called(2, "a remainder has the divisor's sign"),
    fault(3, "-0 is not smaller than 0"),
    fault(4, "the greater of a NaN and a number is the number"),
    called(5, "the sign of -0 is 0"),
    called(6, "a float32 is not rounded"),
    fault(7, "halves are rounded to even"),
    fault(8, "a float beyond int64 is not refused"),
    fault(9, "a number beyond its type is not refused"),
    called(10, "an unsigned integer is compared as a signed one"),
    fault(11, "an integer is rounded before it is compared with a float"),
    fault(12, "an unsigned integer is rounded before it is compared with a float"),
    fault(13, "text is compared by UTF-16 units"),
    fault(14, "characters are counted in UTF-16 units"),
    fault(15, "Ceil goes toward zero"),
    called(18, "a negative number becomes an unsigned one"),
    fault(19, "random integers beyond their range are kept"),
    fault(20, "a random float draws once instead of twice"),
    fault(21, "a float's remainder has the divisor's sign"),
    fault(22, "a text is found at its byte"),
    fault(23, "only ASCII becomes upper case"),
    fault(24, "only ASCII space is trimmed"),
    fault(25, "a slice of a text leaves out the first character"),
    fault(26, "a number with a plus is not read"),
    interpreted(30, "fuel is off by one"),
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
    called(44, "fields of removed elements are read"),
    interpreted(45, "what was saved is forgotten when a wait ends"),
    interpreted(46, "a deadline is late by a millisecond"),
    interpreted(47, "an event that did not come has come"),
    interpreted(48, "deadlines are forgotten when a handler suspends"),
    interpreted(50, "operands of a subtraction are swapped"),
    interpreted(51, "a wait of a millisecond takes two"),
    interpreted(52, "an error names the node before"),
    passed(60, "fuel is charged before what may stop"),
    passed(61, "what was read before a write is taken for what is there after it"),
    passed(62, "what may stop is dropped where nobody needs its result"),
    passed(63, "a − b is taken for b − a"),
    passed(64, "what may stop is done in front of a loop"),
    passed(65, "an element that is found by its key is not charged for"),
    bounded(66, "what one way to a block says holds on all of them"),
    bounded(67, "what is at most a number is less"),
    compiled(70, "an overflow is not looked for"),
    compiled(71, "the last fuel cannot be used"),
    compiled(72, "fields of what stands where a removed element stood are read"),
    compiled(73, "small unsigned integers are read with a sign"),
    compiled(74, "the greatest number of a small type does not fit it"),
    compiled(75, "the remainder of a negative number by a power of two is wrong"),
    compiled(76, "a deadline is late by a millisecond"),
    compiled(78, "a number that is written in place is not taken back"),
    compiled(79, "a number that is written in place is not marked as changed"),
    written(80, "operands of a subtraction are swapped"),
    written(81, "the smaller of -0 and 0 is whichever comes first"),
    written(82, "a number that a field does not hold is not refused"),
    written(83, "fields of removed elements are read"),
    written(84, "each charge of fuel is one more"),
    written(85, "what is no number equals every integer"),
    written(86, "the opposite of less is greater"),
    written(87, "deadlines are forgotten when a handler suspends"),
    written(88, "a handler that fails does not say why"),
    scripted(90, "sums beyond the exact numbers are rounded"),
    scripted(91, "a product of 0 and a negative number is -0"),
    scripted(92, "a quotient of a negative number goes down"),
    scripted(93, "an integer beyond the exact numbers never equals a float"),
    scripted(94, "text is compared by UTF-16 units"),
    scripted(95, "charges that become one leave out the first"),
    scripted(96, "fields of removed elements are read"),
    scripted(97, "a float32 is not rounded"),
    scripted(98, "0 negated is not -0"),
    compiled(100, "of two lanes, both are the first element"),
    compiled(101, "the last element behind lanes is left out"),
    compiled(102, "passes in lanes that end early count, and are made again"),
    compiled(103, "what is chosen in lanes is the other value"),
    compiled(104, "a sum in lanes that might be too large is not made again"),
    joined(105, "fuel of passes in lanes that are made again is charged twice"),
    joined(106, "what passes in lanes left is not taken back when they are made again"),
    joined(107, "lanes jump where they should go on"),
    joined(108, "behind passes in lanes, registers are as the first of them left them"),
    compiled(109, "what was written in place before is taken for written down in the next transaction"),
    compiled(110, "the remainder of any number by a power of two is that of one that is not negative"),
];

/// Hunts one fault; the finding and after how many documents.
pub fn hunt(
    fault: &Fault,
    reference: &dyn Execution,
    execution: &dyn Execution,
    (seed, documents, threads): (u64, u64, usize),
) -> (Option<Finding>, u64) {
    let hunt = Hunt {
        cases: &|seed| generate(seed).filter(|case| fault.changes(case)),
        reference,
        executions: vec![execution],
        seed,
        documents,
        threads,
        fault: fault.number,
        asks_reach: false,
        findings: 1,
        stop: &|_| false,
    };
    let (progress, mut findings) = hunt.run();
    (findings.pop(), progress.drawn)
}

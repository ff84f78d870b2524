//! Host nodes of numbers and bools as plain functions of Rust: no call to build, nothing to look up, and compiled code calls them
//! where they are.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use statewright_types::host::HostNode;
use statewright_types::scalar::canonical_nan;
use statewright_types::{IntKind, TrapCode, Type};

use super::HostError;

/// Inputs of such a node at most.
pub const MOST_NUMBERS: usize = 4;

/// A type that a port may have: `i64`, `u64`, `f64` or `bool`.
pub trait Number: Copy + private::Sealed {
    /// Whether an input of that type is given as this one.
    fn is_input(ty: &Type) -> bool;
    /// Whether every value is one of an output of that type.
    fn is_output(ty: &Type) -> bool;
    /// From a slot.
    fn of_slot(slot: u64) -> Self;
    /// As a slot.
    fn slot(self) -> u64;
}

mod private {
    pub trait Sealed {}
    impl Sealed for i64 {}
    impl Sealed for u64 {}
    impl Sealed for f64 {}
    impl Sealed for bool {}
}

impl Number for i64 {
    fn is_input(ty: &Type) -> bool {
        matches!(ty, Type::Int(kind) if *kind != IntKind::U64)
    }

    fn is_output(ty: &Type) -> bool {
        *ty == Type::INT
    }

    #[inline(always)]
    fn of_slot(slot: u64) -> i64 {
        slot as i64
    }

    #[inline(always)]
    fn slot(self) -> u64 {
        self as u64
    }
}

impl Number for u64 {
    fn is_input(ty: &Type) -> bool {
        *ty == Type::Int(IntKind::U64)
    }

    fn is_output(ty: &Type) -> bool {
        *ty == Type::Int(IntKind::U64)
    }

    #[inline(always)]
    fn of_slot(slot: u64) -> u64 {
        slot
    }

    #[inline(always)]
    fn slot(self) -> u64 {
        self
    }
}

impl Number for f64 {
    fn is_input(ty: &Type) -> bool {
        ty.is_float()
    }

    fn is_output(ty: &Type) -> bool {
        *ty == Type::Float64
    }

    #[inline(always)]
    fn of_slot(slot: u64) -> f64 {
        canonical_nan(f64::from_bits(slot))
    }

    #[inline(always)]
    fn slot(self) -> u64 {
        canonical_nan(self).to_bits()
    }
}

impl Number for bool {
    fn is_input(ty: &Type) -> bool {
        *ty == Type::Bool
    }

    fn is_output(ty: &Type) -> bool {
        *ty == Type::Bool
    }

    #[inline(always)]
    fn of_slot(slot: u64) -> bool {
        slot != 0
    }

    #[inline(always)]
    fn slot(self) -> u64 {
        u64::from(self)
    }
}

/// What such a function gives: a [`Number`], or one or an error.
pub trait Given {
    /// The number.
    type Number: Number;
    /// As a result.
    ///
    /// # Errors
    /// What the function gave as one.
    fn given(self) -> Result<Self::Number, HostError>;
}

impl<N: Number> Given for N {
    type Number = N;

    #[inline(always)]
    fn given(self) -> Result<N, HostError> {
        Ok(self)
    }
}

impl<N: Number> Given for Result<N, HostError> {
    type Number = N;

    #[inline(always)]
    fn given(self) -> Result<N, HostError> {
        self
    }
}

/// A function of up to four numbers; `Args` are their types.
pub trait NumberFunction<Args>: Send + Sync + 'static {
    /// How many inputs it has.
    const INPUTS: usize;
    /// Whether it fits inputs and an output of these types.
    fn fits(inputs: &[Type], output: &Type) -> bool;
    /// Calls it; of the slots only as many as there are inputs count.
    ///
    /// # Errors
    /// What it gives as one.
    fn call(&self, slots: [u64; MOST_NUMBERS]) -> Result<u64, HostError>;
}

macro_rules! functions {
    ($($count:literal ($($arg:ident $at:literal),*);)*) => {$(
        impl<F, G: Given, $($arg: Number),*> NumberFunction<($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> G + Send + Sync + 'static,
        {
            const INPUTS: usize = $count;

            #[allow(unused_variables)] // without inputs
            fn fits(inputs: &[Type], output: &Type) -> bool {
                inputs.len() == $count
                    && $(inputs.get($at).is_some_and($arg::is_input) &&)*
                    G::Number::is_output(output)
            }

            #[inline(always)]
            #[allow(unused_variables)]
            fn call(&self, slots: [u64; MOST_NUMBERS]) -> Result<u64, HostError> {
                Ok(self($($arg::of_slot(slots[$at])),*).given()?.slot())
            }
        }
    )*};
}

functions! {
    0 ();
    1 (A 0);
    2 (A 0, B 1);
    3 (A 0, B 1, C 2);
    4 (A 0, B 1, C 2, D 3);
}

/// Why a function did not come back with a number. The first field is 0 until then, and compiled code looks at it.
#[repr(C)]
#[derive(Default)]
pub struct Failure {
    failed: u64,
    why: Option<Why>,
}

/// What became of a call.
pub enum Why {
    /// It gave an error.
    Error(TrapCode, Arc<str>),
    /// It panicked, which is to go on once no compiled frame is in the way.
    Panicked(Box<dyn Any + Send>),
}

impl Failure {
    #[cold]
    fn set(&mut self, why: Why) {
        *self = Failure { failed: 1, why: Some(why) };
    }

    /// What happened, if anything did; then nothing has.
    pub fn take(&mut self) -> Option<Why> {
        self.failed = 0;
        self.why.take()
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").field("failed", &self.failed).finish_non_exhaustive()
    }
}

/// A function where compiled code calls it: `extern "C" fn(data, slot, slot, slot, slot, &mut Failure) -> slot`. It does not
/// unwind. Good for as long as the node is registered somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Address {
    /// Of the function.
    pub function: usize,
    /// Of what it is given first.
    pub data: usize,
}

/// A registered function of numbers, whatever its type.
pub(super) trait Registered: Send + Sync {
    fn fits(&self, inputs: &[Type], output: &Type) -> bool;
    fn call(&self, slots: [u64; MOST_NUMBERS]) -> Result<u64, HostError>;
    fn address(&self) -> Address;
}

struct Typed<F, Args> {
    function: F,
    args: std::marker::PhantomData<fn(Args)>,
}

impl<F: NumberFunction<Args>, Args: 'static> Registered for Typed<F, Args> {
    fn fits(&self, inputs: &[Type], output: &Type) -> bool {
        F::fits(inputs, output)
    }

    fn call(&self, slots: [u64; MOST_NUMBERS]) -> Result<u64, HostError> {
        self.function.call(slots)
    }

    fn address(&self) -> Address {
        let function: extern "C" fn(&F, u64, u64, u64, u64, &mut Failure) -> u64 = direct::<F, Args>;
        Address { function: function as usize, data: std::ptr::from_ref(&self.function) as usize }
    }
}

pub(super) fn registered<F: NumberFunction<Args>, Args: 'static>(function: F) -> Arc<dyn Registered> {
    Arc::new(Typed { function, args: std::marker::PhantomData })
}

extern "C" fn direct<F: NumberFunction<Args>, Args>(
    function: &F,
    a: u64,
    b: u64,
    c: u64,
    d: u64,
    failure: &mut Failure,
) -> u64 {
    match catch_unwind(AssertUnwindSafe(|| function.call([a, b, c, d]))) {
        Ok(Ok(slot)) => slot,
        Ok(Err(HostError { code, message })) => {
            failure.set(Why::Error(code, message));
            0
        }
        Err(panic) => {
            failure.set(Why::Panicked(panic));
            0
        }
    }
}

/// What does not fit between a declaration and a function, for people.
pub(super) fn misfit<F: NumberFunction<Args>, Args>(node: &HostNode, _: &F) -> Option<String> {
    let parse = |ty: &String| statewright_types::schema::parse_type(ty, &|_| None).ok();
    let inputs: Option<Vec<Type>> = node.inputs.iter().map(|input| parse(&input.ty)).collect();
    let outputs: Option<Vec<Type>> = node.outputs.iter().map(|output| parse(&output.ty)).collect();
    let fits = match (inputs, outputs.as_deref()) {
        (Some(inputs), Some([output])) => F::fits(&inputs, output),
        _ => false,
    };
    (!fits).then(|| {
        let name = &node.name;
        format!(
            "the node `{name}` is declared with other ports than its function has: an `i64` is an integer of at most 64 signed bits \
             (as an output int64), a `u64` uint64, an `f64` a float (as an output float64), a `bool` bool; there is one output"
        )
    })
}

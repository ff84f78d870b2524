//! Nodes of the host program: their functions, and how a running handler calls them.
//!
//! A function must be deterministic: equal inputs give equal outputs, on every machine and in every run, or replays end
//! elsewhere. It sees its inputs and session time, and nothing else of the session.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use statewright_types::host::{DECLARATION, HOST_TRAPS, HostDeclarations, HostNode};
use statewright_types::scalar::{canonical_nan, fround32};
use statewright_types::{Diagnostic, IntKind, RecordType, Span, TrapCode, Type, Value};

use crate::context::Context;
use crate::host_effects::{EffectDeclaration, HostEffect, HostEffects};
use crate::state::State;

pub mod numbers;

use numbers::{Address, MOST_NUMBERS, NumberFunction};

/// What a host node does.
#[derive(Clone)]
enum Function {
    /// Anything.
    Any(Arc<AnyFunction>),
    /// It computes a number from numbers.
    Numbers(Arc<dyn numbers::Registered>),
}

type AnyFunction = dyn Fn(&mut HostCall<'_>) -> Result<(), HostError> + Send + Sync;

/// The nodes of a host program: declarations, and functions.
#[derive(Clone, Default)]
pub struct HostNodes {
    declarations: Arc<HostDeclarations>,
    functions: HashMap<String, Function>,
    effects: HostEffects,
}

impl HostNodes {
    /// Adds a node. It is called with its inputs and sets its outputs, both by position in the declaration.
    ///
    /// # Errors
    /// The name is taken, or the declaration is not sound.
    pub fn add(
        &mut self,
        node: HostNode,
        function: impl Fn(&mut HostCall<'_>) -> Result<(), HostError> + Send + Sync + 'static,
    ) -> Result<(), Diagnostic> {
        let name = node.name.clone();
        Arc::make_mut(&mut self.declarations).add(node)?;
        self.functions.insert(name, Function::Any(Arc::new(function)));
        Ok(())
    }

    /// Adds a node with one output whose ports are numbers and bools, as a function of at most four `i64`, `u64`, `f64` or
    /// `bool` that gives one, or a `Result` with one. It is called faster than what [`HostNodes::add`] takes.
    ///
    /// # Errors
    /// The name is taken, the declaration is not sound, or its ports are not those of the function.
    pub fn add_numbers<Args: 'static>(
        &mut self,
        node: HostNode,
        function: impl NumberFunction<Args>,
    ) -> Result<(), Diagnostic> {
        let name = node.name.clone();
        if let Some(message) = numbers::misfit(&node, &function) {
            return Err(Diagnostic::error(DECLARATION, Span::default(), message).help("see docs/host-nodes.md"));
        }
        Arc::make_mut(&mut self.declarations).add(node)?;
        self.functions.insert(name, Function::Numbers(numbers::registered(function)));
        Ok(())
    }

    /// Adds an effect in Rust. Documents compiled with it can put it to use, as host programs can.
    ///
    /// # Errors
    /// The name is taken.
    pub fn add_effect(
        &mut self,
        declaration: EffectDeclaration,
        effect: impl HostEffect + 'static,
    ) -> Result<(), String> {
        let signature = declaration.signature();
        self.effects.add(declaration, effect)?;
        Arc::make_mut(&mut self.declarations).add_effect(signature);
        Ok(())
    }

    /// The effects in Rust.
    pub fn effects(&self) -> &HostEffects {
        &self.effects
    }

    /// Nodes that documents can be checked against; running one stops with `custom`.
    pub fn declared(declarations: HostDeclarations) -> HostNodes {
        HostNodes { declarations: Arc::new(declarations), ..HostNodes::default() }
    }

    /// What is declared.
    pub fn declarations(&self) -> &Arc<HostDeclarations> {
        &self.declarations
    }
}

impl fmt::Debug for HostNodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.declarations.nodes().iter().map(|node| &node.name);
        f.debug_list().entries(names).finish()
    }
}

/// Why a host node stops the handler that called it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    code: TrapCode,
    message: Arc<str>,
}

impl HostError {
    /// An error with a code of [`HOST_TRAPS`] (any other becomes `custom`) and a text for people.
    pub fn new(code: TrapCode, message: impl Into<Arc<str>>) -> HostError {
        let code = if HOST_TRAPS.contains(&code) { code } else { TrapCode::Custom };
        HostError { code, message: message.into() }
    }
}

impl HostError {
    /// As what stops an effect or a filter.
    pub(crate) fn into_trap(self) -> crate::program::Trap {
        crate::program::Trap { code: self.code, message: Some(self.message), node: None }
    }
}

impl From<TrapCode> for HostError {
    fn from(code: TrapCode) -> HostError {
        HostError::new(code, code.message())
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for HostError {}

/// A function asked for what its declaration does not have.
#[cold]
fn unfit(what: fmt::Arguments<'_>) -> HostError {
    HostError::new(TrapCode::BadArgument, what.to_string())
}

/// A call of a host node. Inputs and outputs are known by position; asking for one that is not there, or as another
/// type, is `bad_argument`. Outputs that are not set are zero.
pub struct HostCall<'a> {
    state: &'a mut State,
    now_ms: i64,
    most_bytes: u64,
    inputs: &'a [Type],
    args: &'a [u64],
    outputs: &'a [(Arc<str>, Type)],
    results: &'a mut [u64],
    /// A bit for each output that was set.
    set: u32,
}

impl HostCall<'_> {
    /// Session time, milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    #[inline(always)]
    fn arg(&self, input: usize, fits: impl Fn(&Type) -> bool, wanted: &str) -> Result<u64, HostError> {
        match (self.inputs.get(input), self.args.get(input)) {
            (Some(ty), Some(slot)) if fits(ty) => Ok(*slot),
            _ => Err(unfit(format_args!("input {input} is no {wanted}"))),
        }
    }

    /// A signed integer, or one that fits int32 or less.
    pub fn int(&self, input: usize) -> Result<i64, HostError> {
        let slot = self.arg(input, |ty| matches!(ty, Type::Int(kind) if *kind != IntKind::U64), "integer")?;
        Ok(slot as i64)
    }

    /// A uint64.
    pub fn uint(&self, input: usize) -> Result<u64, HostError> {
        self.arg(input, |ty| *ty == Type::Int(IntKind::U64), "uint64")
    }

    /// A float. NaN is the canonical one.
    pub fn float(&self, input: usize) -> Result<f64, HostError> {
        Ok(canonical_nan(f64::from_bits(self.arg(input, Type::is_float, "float")?)))
    }

    /// A bool.
    pub fn bool(&self, input: usize) -> Result<bool, HostError> {
        Ok(self.arg(input, |ty| *ty == Type::Bool, "bool")? != 0)
    }

    /// A string or uuid.
    pub fn text(&self, input: usize) -> Result<&str, HostError> {
        Ok(self.state.str(self.arg(input, Type::is_text, "text")?))
    }

    /// Whether a nullable input is null.
    pub fn is_null(&self, input: usize) -> Result<bool, HostError> {
        Ok(self.arg(input, |ty| matches!(ty, Type::Nullable(_)), "nullable value")? == 0)
    }

    /// Any input, with all that is in it; a struct is a map of its fields. Takes time in proportion to its size.
    pub fn value(&self, input: usize) -> Result<Value, HostError> {
        let slot = self.arg(input, |_| true, "input")?;
        let ty = self.inputs.get(input).unwrap_or(&Type::Bool);
        Ok(self.state.export(ty, slot)?)
    }

    #[inline(always)]
    fn put(&mut self, output: usize, slot: u64) {
        if let Some(result) = self.results.get_mut(output) {
            *result = slot;
            self.set |= 1 << (output % 32);
        }
    }

    #[inline(always)]
    fn output(&self, output: usize, fits: impl Fn(&Type) -> bool, given: &str) -> Result<&Type, HostError> {
        match self.outputs.get(output) {
            Some((_, ty)) if fits(ty) => Ok(ty),
            _ => Err(unfit(format_args!("output {output} takes no {given}"))),
        }
    }

    /// Sets an output to an integer.
    ///
    /// # Errors
    /// `out_of_range` if its type does not hold the number.
    pub fn set_int(&mut self, output: usize, value: i64) -> Result<(), HostError> {
        let Type::Int(kind) = self.output(output, Type::is_int, "integer")? else { return Ok(()) };
        // The kind of most of them holds every number.
        let (least, most) = kind.range();
        if *kind != IntKind::I64 && !(least..=most).contains(&i128::from(value)) {
            return Err(HostError::new(TrapCode::OutOfRange, format!("output {output} does not hold {value}")));
        }
        self.put(output, value as u64);
        Ok(())
    }

    /// Sets an output of type uint64.
    pub fn set_uint(&mut self, output: usize, value: u64) -> Result<(), HostError> {
        self.output(output, |ty| *ty == Type::Int(IntKind::U64), "uint64")?;
        self.put(output, value);
        Ok(())
    }

    /// Sets an output to a float; NaN becomes the canonical one.
    pub fn set_float(&mut self, output: usize, value: f64) -> Result<(), HostError> {
        let is_narrow = *self.output(output, Type::is_float, "float")? == Type::Float32;
        let value = if is_narrow { fround32(value) } else { value };
        self.put(output, canonical_nan(value).to_bits());
        Ok(())
    }

    /// Sets an output to a bool.
    pub fn set_bool(&mut self, output: usize, value: bool) -> Result<(), HostError> {
        self.output(output, |ty| *ty == Type::Bool, "bool")?;
        self.put(output, u64::from(value));
        Ok(())
    }

    /// Sets an output to text.
    ///
    /// # Errors
    /// `memory_limit` if it is longer than a string may be.
    pub fn set_text(&mut self, output: usize, value: &str) -> Result<(), HostError> {
        self.output(output, Type::is_text, "text")?;
        if value.len() as u64 > self.most_bytes {
            return Err(TrapCode::MemoryLimit.into());
        }
        let slot = self.state.string(value);
        self.put(output, slot);
        Ok(())
    }

    /// Sets any output; a struct is a map of its fields, and has its schema's defaults for the others.
    pub fn set_value(&mut self, output: usize, value: &Value) -> Result<(), HostError> {
        let ty = self.output(output, |_| true, "value")?.clone();
        let slot = self
            .state
            .import(&ty, value)
            .map_err(|error| HostError::new(TrapCode::BadArgument, format!("output {output}: {error}")))?;
        self.put(output, slot);
        Ok(())
    }
}

/// What a call of a host node depends on besides its inputs and the state.
#[derive(Clone, Copy, Debug)]
pub struct HostNow {
    /// Session time, milliseconds.
    pub time_ms: i64,
    /// Bytes of a string at most.
    pub string_bytes: u64,
}

impl HostNow {
    /// In a running handler.
    #[inline]
    pub fn of(cx: &Context<'_>) -> HostNow {
        HostNow { time_ms: cx.now_ms, string_bytes: cx.meter.limits.string_bytes }
    }
}

/// A place in a program that calls a host node.
#[derive(Clone)]
pub struct HostSite {
    name: Arc<str>,
    function: Option<Function>,
    inputs: Vec<Type>,
    /// Names and types of the outputs.
    outputs: Vec<(Arc<str>, Type)>,
    /// What several outputs are given as.
    record: Option<Arc<RecordType>>,
}

impl HostSite {
    /// A call of the node `name` with arguments of these types; several outputs make a record.
    pub fn new(nodes: &HostNodes, name: &Arc<str>, inputs: Vec<Type>, result: Option<&Type>) -> HostSite {
        let (outputs, record) = match result {
            None => (Vec::new(), None),
            Some(Type::Record(record)) => (record.fields.clone(), Some(record.clone())),
            Some(ty) => (vec![(name.clone(), ty.clone())], None),
        };
        let mut function = nodes.functions.get(&**name).cloned();
        if let Some(Function::Numbers(numbers)) = &function
            && !(record.is_none() && outputs.first().is_some_and(|(_, output)| numbers.fits(&inputs, output)))
        {
            let unfit =
                |_: &mut HostCall<'_>| Err(unfit(format_args!("the node has other ports here than its function")));
            function = Some(Function::Any(Arc::new(unfit)));
        }
        HostSite { name: name.clone(), function, inputs, outputs, record }
    }

    /// Where the function is, if it is one of numbers: then that gives, from the slots of the arguments, what [`HostSite::call`]
    /// does. Good for as long as this site is there.
    pub fn address(&self) -> Option<Address> {
        match &self.function {
            Some(Function::Numbers(function)) => Some(function.address()),
            _ => None,
        }
    }

    /// Calls it. Gives the slot of the output, or of a record of all; 0 if there is none.
    ///
    /// # Errors
    /// The code and the message to stop with.
    pub fn call(&self, args: &[u64], state: &mut State, now: HostNow) -> Result<u64, (TrapCode, Arc<str>)> {
        if let Some(Function::Numbers(function)) = &self.function {
            let mut slots = [0; MOST_NUMBERS];
            slots.iter_mut().zip(args).for_each(|(slot, arg)| *slot = *arg);
            return function.call(slots).map_err(|HostError { code, message }| (code, message));
        }
        match &self.record {
            None => {
                let mut result = [0];
                self.call_into(args, state, now, &mut result)?;
                Ok(result[0])
            }
            Some(record) => {
                let mut results = vec![0; self.outputs.len()];
                self.call_into(args, state, now, &mut results)?;
                Ok(state.record_new(record, &results))
            }
        }
    }

    #[inline]
    fn call_into(
        &self,
        args: &[u64],
        state: &mut State,
        now: HostNow,
        results: &mut [u64],
    ) -> Result<(), (TrapCode, Arc<str>)> {
        let Some(Function::Any(function)) = &self.function else {
            let message = format!("`{}` is a node of a host program, which does not run here", self.name);
            return Err((TrapCode::Custom, message.into()));
        };
        let mut call = HostCall {
            state,
            now_ms: now.time_ms,
            most_bytes: now.string_bytes,
            inputs: &self.inputs,
            args,
            outputs: &self.outputs,
            results,
            set: 0,
        };
        function(&mut call).map_err(|HostError { code, message }| (code, message))?;
        let set = call.set;
        if results.len() == 1 && set == 1 {
            return Ok(());
        }
        for (index, (result, (_, ty))) in results.iter_mut().zip(&self.outputs).enumerate() {
            if set >> (index % 32) & 1 == 0 {
                *result = state.zero(ty);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for HostSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostSite").field("name", &self.name).finish_non_exhaustive()
    }
}

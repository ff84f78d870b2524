//! Effects in Rust (R5.7): declared with the fields that they touch, and given to a program, whose sessions then have them beside
//! the document's own.
//!
//! They belong to the program, as host nodes do, because they are a part of what a session means: whoever replays a log or loads a
//! saved session gives the same program, and with it the effects.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use statewright_types::host::HostEffectSignature;
use statewright_types::{Config, Schema, Type, Value};

use crate::access::{Access, Declared};
use crate::context::Context;
use crate::host::HostError;
use crate::ledger::EffectUse;
use crate::program::{
    EffectInfo, Execution, FilterInfo, Footprint, HandlerInfo, Outcome, Program, Suspension, Trap, ViewInfo,
};

/// An effect in Rust. It must be deterministic: all that it depends on is the state, its [`EffectUse`], and session time if that was
/// declared; and it must not panic.
///
/// Functions and closures that take an [`EffectCall`] are effects.
pub trait HostEffect: Send + Sync {
    /// Changes what is read of the state; called once for each stack, on the state as effects before it left it. Acts on the base if
    /// the effect was added `once`.
    ///
    /// # Errors
    /// Whatever stops it: then it is left out, and so are its other stacks.
    fn apply(&self, call: &mut EffectCall<'_>) -> Result<(), HostError>;

    /// Whether it acts now: for effects with a condition. Asked whenever it would act.
    ///
    /// # Errors
    /// As [`HostEffect::apply`].
    fn is_active(&self, call: &EffectCall<'_>) -> Result<bool, HostError> {
        let _ = call;
        Ok(true)
    }

    /// When it ends by itself, session time in milliseconds: asked when it is added, and when a stack is. `using.due_ms` is what the
    /// duration that was given comes to. What is earlier than `now_ms` counts as `now_ms`.
    fn ends_ms(&self, using: &EffectUse, now_ms: i64) -> Option<i64> {
        let _ = now_ms;
        using.due_ms
    }

    /// When it will act otherwise by itself, after `now_ms`, for those that look at session time: a part of
    /// [`Session::next_deadline`](crate::session::Session::next_deadline).
    fn changes_ms(&self, using: &EffectUse, now_ms: i64) -> Option<i64> {
        let _ = (using, now_ms);
        None
    }

    /// Called when it is added (not for further stacks), on the state without effects: what is written stays.
    ///
    /// # Errors
    /// Whatever stops it: then it is not added.
    fn on_added(&self, call: &mut EffectCall<'_>) -> Result<(), HostError> {
        let _ = call;
        Ok(())
    }

    /// Called when it is removed or has ended, on the state without effects: what is written stays.
    ///
    /// # Errors
    /// Whatever stops it: then what it wrote is undone. A handler that removes it stops; otherwise it is gone all the same.
    fn on_removed(&self, call: &mut EffectCall<'_>) -> Result<(), HostError> {
        let _ = call;
        Ok(())
    }
}

impl<F: Fn(&mut EffectCall<'_>) -> Result<(), HostError> + Send + Sync> HostEffect for F {
    fn apply(&self, call: &mut EffectCall<'_>) -> Result<(), HostError> {
        self(call)
    }
}

/// What an effect is given: the state, and how it is used.
pub struct EffectCall<'a> {
    access: Access<'a>,
    using: &'a EffectUse,
}

impl EffectCall<'_> {
    /// Id, parameters, activator, priority, stacks.
    pub fn using(&self) -> &EffectUse {
        self.using
    }

    /// A parameter; null if there is none of that name.
    pub fn param(&self, name: &str) -> &Value {
        self.using.params.get(name).unwrap_or(&Value::Null)
    }

    /// A parameter that is an integer; 0 if it is none.
    pub fn int_param(&self, name: &str) -> i64 {
        match self.param(name) {
            Value::Int(number) => *number,
            _ => 0,
        }
    }

    /// A parameter that is a number; 0 if it is none.
    pub fn float_param(&self, name: &str) -> f64 {
        match self.param(name) {
            Value::Int(number) => *number as f64,
            Value::UInt(number) => *number as f64,
            Value::Float(number) => *number,
            _ => 0.0,
        }
    }

    /// A parameter that is text; "" if it is none.
    pub fn text_param(&self, name: &str) -> &str {
        match self.param(name) {
            Value::Str(text) => text,
            _ => "",
        }
    }
}

impl<'a> Deref for EffectCall<'a> {
    type Target = Access<'a>;

    fn deref(&self) -> &Access<'a> {
        &self.access
    }
}

impl DerefMut for EffectCall<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.access
    }
}

/// What an effect is called, its parameters, and what it touches.
#[derive(Clone, Debug)]
pub struct EffectDeclaration {
    name: Arc<str>,
    params: Vec<(Arc<str>, String)>,
    touched: Declared,
}

impl EffectDeclaration {
    /// Without parameters, and touching nothing.
    pub fn new(name: &str) -> EffectDeclaration {
        EffectDeclaration { name: name.into(), params: Vec::new(), touched: Declared::new() }
    }

    /// Adds a parameter, of a type as schemas spell it.
    #[must_use]
    pub fn param(mut self, name: &str, ty: &str) -> EffectDeclaration {
        self.params.push((name.into(), ty.into()));
        self
    }

    /// What it touches.
    #[must_use]
    pub fn touching(mut self, touched: Declared) -> EffectDeclaration {
        self.touched = touched;
        self
    }
}

impl EffectDeclaration {
    /// What the compiler of documents needs to know of it.
    pub fn signature(&self) -> HostEffectSignature {
        HostEffectSignature { name: self.name.clone(), params: self.params.clone() }
    }
}

/// The effects in Rust of a host program.
#[derive(Clone, Default)]
pub struct HostEffects {
    all: Vec<(EffectDeclaration, Arc<dyn HostEffect>)>,
}

impl HostEffects {
    /// None yet.
    pub fn new() -> HostEffects {
        HostEffects::default()
    }

    /// Adds an effect.
    ///
    /// # Errors
    /// The name is taken.
    pub fn add(&mut self, declaration: EffectDeclaration, effect: impl HostEffect + 'static) -> Result<(), String> {
        if self.all.iter().any(|(other, _)| other.name == declaration.name) {
            return Err(format!("there is an effect `{}` already", declaration.name));
        }
        self.all.push((declaration, Arc::new(effect)));
        Ok(())
    }

    /// The program with these effects. It must have been compiled with their signatures, so that its handlers leave out what effects
    /// add when they write the base.
    ///
    /// # Errors
    /// Says what the schema does not have, or which name the document's own effects have already.
    pub fn on(&self, program: Arc<dyn Program>, schema: &Schema) -> Result<Arc<dyn Program>, String> {
        if self.all.is_empty() {
            return Ok(program);
        }
        let first = program.effects().len();
        let mut infos = program.effects().to_vec();
        let mut effects = Vec::with_capacity(self.all.len());
        for (EffectDeclaration { name, params, touched }, effect) in &self.all {
            if infos.iter().any(|info| info.name == *name) {
                return Err(format!("the document has an effect `{name}` of its own"));
            }
            let in_effect = |error: String| format!("the effect `{name}`: {error}");
            let (reads, writes) = touched.resolve(schema).map_err(in_effect)?;
            let typed = |(param, ty): &(Arc<str>, String)| {
                schema.parse_type(ty).map(|ty| (param.clone(), ty)).map_err(in_effect)
            };
            let params = params.iter().map(typed).collect::<Result<Vec<(Arc<str>, Type)>, String>>()?;
            let looks_around = touched.is_timed();
            infos.push(EffectInfo { name: name.clone(), params, footprint: reads.clone(), looks_around });
            effects.push(RegisteredEffect { effect: effect.clone(), reads, writes, is_timed: looks_around });
        }
        Ok(Arc::new(WithEffects { program, first, infos, effects }))
    }
}

impl fmt::Debug for HostEffects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all.iter().map(|(declaration, _)| &declaration.name)).finish()
    }
}

/// An effect in Rust of a program.
pub struct RegisteredEffect {
    effect: Arc<dyn HostEffect>,
    reads: Footprint,
    writes: Footprint,
    is_timed: bool,
}

impl RegisteredEffect {
    /// The effect.
    pub fn effect(&self) -> &dyn HostEffect {
        &*self.effect
    }

    /// Calls it on the state as it is.
    pub(crate) fn call(
        &self,
        using: &EffectUse,
        cx: &mut Context<'_>,
        body: impl FnOnce(&dyn HostEffect, &mut EffectCall<'_>) -> Result<(), HostError>,
    ) -> Result<(), Trap> {
        let access = Access::new(cx.state, &self.reads, &self.writes, self.is_timed.then_some(cx.now_ms));
        body(&*self.effect, &mut EffectCall { access, using }).map_err(HostError::into_trap)
    }

    /// Has it act, if its condition holds.
    pub(crate) fn act(&self, using: &EffectUse, cx: &mut Context<'_>) -> Result<(), Trap> {
        self.call(using, cx, |effect, call| if effect.is_active(call)? { effect.apply(call) } else { Ok(()) })
    }
}

/// A program with effects in Rust.
struct WithEffects {
    program: Arc<dyn Program>,
    /// How many effects the document has: those in Rust come after.
    first: usize,
    infos: Vec<EffectInfo>,
    effects: Vec<RegisteredEffect>,
}

impl Program for WithEffects {
    fn execution(&self) -> Execution {
        self.program.execution()
    }

    fn document_hash(&self) -> [u8; 32] {
        self.program.document_hash()
    }

    fn handlers(&self) -> &[HandlerInfo] {
        self.program.handlers()
    }

    fn config(&self) -> Option<&Arc<Config>> {
        self.program.config()
    }

    fn filters(&self) -> &[FilterInfo] {
        self.program.filters()
    }

    fn run_filter(&self, filter: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.program.run_filter(filter, args, cx)
    }

    fn effects(&self) -> &[EffectInfo] {
        &self.infos
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.program.run_effect(effect, args, cx)
    }

    fn host_effect(&self, effect: usize) -> Option<&RegisteredEffect> {
        match effect.checked_sub(self.first) {
            Some(at) => self.effects.get(at),
            None => self.program.host_effect(effect),
        }
    }

    fn has_host_effects(&self) -> bool {
        !self.effects.is_empty() || self.program.has_host_effects()
    }

    fn views(&self) -> &[ViewInfo] {
        self.program.views()
    }

    fn run_view(&self, view: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        self.program.run_view(view, viewer, element, cx)
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.program.run(handler, args, cx)
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        self.program.resume(suspension, cx)
    }
}

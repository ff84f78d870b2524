//! Which sums and products of a loop that is tried cannot leave int64, and which numbers must be small for that.
//!
//! Numbers that come into the loop are as large as their types say, or [`SMALL`], which is then asked of them at run time. What a
//! parameter of the header gains in each pass, it gains at most [`PASSES`] times.

use std::collections::{HashMap, HashSet};

use statewright_graph::ir::{BlockId, Function, Imm, Inst, Op, Value};
use statewright_types::{IntKind, Schema, Type};

use super::attempt::Flow;
use crate::fold::Folded;
use statewright_graph::ranges::typed;

/// Bits of what `Checks::small` lets through, an int32 of either sign.
const SMALL: u32 = 32;
/// Bits of the number of passes.
const PASSES: u32 = 18;
/// Bits of what fits, sums of two included.
const MOST: u32 = 62;
/// Rounds in which the bounds of the header's parameters are found; more than this find no more.
const ROUNDS: usize = 3;

/// What is known of a number's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bound {
    /// It is less than 2 to the power of this, whatever its sign.
    bits: Option<u32>,
    /// It differs from what that parameter of the header was by less than 2 to the power of this.
    gained: Option<(Value, u32)>,
}

/// The outcome.
#[derive(Clone, Debug, Default)]
pub(super) struct Small {
    /// Sums and products that fit.
    fits: HashSet<Value>,
    /// What must be small for that.
    asked: HashSet<Value>,
}

struct Search<'a> {
    function: &'a Function,
    schema: &'a Schema,
    folded: &'a Folded,
    flow: &'a Flow<'a>,
    header: BlockId,
    outside: &'a [Value],
    index: Value,
    bounds: HashMap<Value, Bound>,
    fits: HashSet<Value>,
}

impl Small {
    /// Of a loop whose header is given `outside` where it begins.
    pub fn new(
        function: &Function,
        schema: &Schema,
        flow: &Flow<'_>,
        (header, outside): (BlockId, &[Value]),
        index: Value,
        folded: &Folded,
    ) -> Small {
        let (bounds, fits) = (HashMap::new(), HashSet::new());
        let mut search = Search { function, schema, folded, flow, header, outside, index, bounds, fits };
        let mut known: HashMap<Value, u32> = HashMap::new();
        for _ in 0..ROUNDS {
            search.round(&known);
            known = search.of_header();
        }
        search.round(&known);
        let asked = search.asked();
        Small { fits: search.fits, asked }
    }

    /// Whether the result of a sum or product fits.
    pub fn fits(&self, value: Value) -> bool {
        self.fits.contains(&value)
    }

    /// Whether a value must be small.
    pub fn is_asked(&self, value: Value) -> bool {
        self.asked.contains(&value)
    }

    /// What must be small, in order.
    pub fn asked(&self) -> Vec<Value> {
        let mut asked: Vec<Value> = self.asked.iter().copied().collect();
        asked.sort_unstable();
        asked
    }
}

impl Search<'_> {
    fn params(&self, block: BlockId) -> &[Value] {
        self.function.blocks.get(block.index()).map_or(&[], |block| &block.params)
    }

    /// Bounds of everything in the loop, from those of the header's parameters.
    fn round(&mut self, known: &HashMap<Value, u32>) {
        self.bounds.clear();
        self.fits.clear();
        for param in self.params(self.header).to_vec() {
            let bound = Bound { bits: known.get(&param).copied(), gained: Some((param, 0)) };
            self.bounds.insert(param, bound);
        }
        for id in self.flow.order.clone() {
            if id != self.header {
                for (at, param) in self.params(id).to_vec().into_iter().enumerate() {
                    let bound = self.joined(id, at);
                    self.bounds.insert(param, bound);
                }
            }
            for inst in self.function.blocks.get(id.index()).into_iter().flat_map(|block| &block.insts) {
                if let Some(result) = inst.result {
                    let bound = self.result(inst, result);
                    self.bounds.insert(result, bound);
                }
            }
        }
    }

    /// What a parameter is given within the loop.
    fn joined(&self, block: BlockId, at: usize) -> Bound {
        let args = self.flow.passes.iter().filter(|(target, _)| *target == block).filter_map(|(_, args)| args.get(at));
        args.map(|arg| self.bound(*arg)).reduce(either).unwrap_or_default()
    }

    /// Bounds of the header's parameters over all passes.
    fn of_header(&self) -> HashMap<Value, u32> {
        let mut known = HashMap::new();
        for (at, (param, first)) in self.params(self.header).iter().zip(self.outside).enumerate() {
            let Some(first) = self.bound(*first).bits else { continue };
            let next = self.joined(self.header, at);
            let bits = match next {
                _ if *param == self.index => Some(first.max(PASSES) + 1),
                Bound { bits: Some(bits), .. } => Some(bits.max(first)),
                Bound { gained: Some((of, bits)), .. } if of == *param => Some((bits + PASSES).max(first) + 1),
                Bound { .. } => None,
            };
            if let Some(bits) = bits.filter(|bits| *bits <= MOST) {
                known.insert(*param, bits);
            }
        }
        known
    }

    fn bound(&self, value: Value) -> Bound {
        if let Some(bound) = self.bounds.get(&value) {
            return *bound;
        }
        if let Some(constant) = self.folded.int(self.function, value) {
            return Bound { bits: Some(bits_of(i128::from(constant))), gained: None };
        }
        self.given(self.function.ty(value))
    }

    /// Of what comes from elsewhere.
    fn given(&self, ty: &Type) -> Bound {
        let Some((low, high)) = typed(ty) else { return Bound::default() };
        let bits = match ty {
            Type::Int(IntKind::U64) => None,
            _ => Some(bits_of(low).max(bits_of(high)).min(SMALL)),
        };
        Bound { bits, gained: None }
    }

    fn result(&mut self, inst: &Inst, result: Value) -> Bound {
        let args: Vec<Bound> = inst.args.iter().map(|arg| self.bound(*arg)).collect();
        let arg = |at: usize| args.get(at).copied().unwrap_or_default();
        let both = |f: fn(u32, u32) -> u32| Some(f(arg(0).bits?, arg(1).bits?));
        match inst.op {
            Op::IConst => match inst.imm {
                Imm::Int(value) => Bound { bits: Some(bits_of(i128::from(value))), gained: None },
                _ => Bound::default(),
            },
            Op::IAdd
            | Op::ISub
            | Op::IAddWrap
            | Op::ISubWrap
            | Op::IMul
            | Op::IMulWrap
            | Op::IAddOver
            | Op::ISubOver
            | Op::IMulOver => {
                let is_product = matches!(inst.op, Op::IMul | Op::IMulWrap | Op::IMulOver);
                let bits =
                    both(if is_product { |a, b| a + b } else { |a, b| a.max(b) + 1 }).filter(|bits| *bits <= MOST);
                if bits.is_some() {
                    self.fits.insert(result);
                }
                let gains = |of: Bound, by: Bound| Some((of.gained?.0, of.gained?.1.max(by.bits?) + 1));
                let gained = match inst.op {
                    Op::IAdd | Op::IAddWrap => gains(arg(0), arg(1)).or_else(|| gains(arg(1), arg(0))),
                    Op::ISub | Op::ISubWrap => gains(arg(0), arg(1)),
                    _ => None,
                };
                Bound { bits, gained: gained.filter(|(_, bits)| *bits <= MOST) }
            }
            Op::IRem => Bound { bits: arg(1).bits.into_iter().chain(arg(0).bits).min(), gained: None },
            Op::IDiv | Op::IDivFloor | Op::INeg | Op::IAbs => {
                Bound { bits: arg(0).bits.map(|bits| bits + 1), gained: None }
            }
            Op::IMin | Op::IMax => Bound { bits: both(u32::max), gained: None },
            Op::ISign => Bound { bits: Some(1), gained: None },
            Op::Select => either(arg(1), arg(2)),
            Op::Reveal => arg(0),
            Op::Narrow => match &inst.imm {
                Imm::Type(ty) => Bound { bits: arg(0).bits.into_iter().chain(self.given(ty).bits).min(), gained: None },
                _ => Bound::default(),
            },
            Op::Load | Op::LoadKnown => match inst.imm {
                Imm::Field(ty, field) => {
                    let def = self.schema.types().get(ty.index()).and_then(|def| def.fields.get(field as usize));
                    def.map_or_else(Bound::default, |field| self.given(&field.ty))
                }
                _ => Bound::default(),
            },
            _ => self.given(self.function.ty(result)),
        }
    }

    /// What comes into the loop, or into its sums, and is as large as its type lets it, where something that fits is made of it.
    fn asked(&self) -> HashSet<Value> {
        let (mut asked, mut seen) = (HashSet::new(), HashSet::new());
        let mut open: Vec<Value> = self.fits.iter().copied().collect();
        while let Some(value) = open.pop() {
            if !seen.insert(value) {
                continue;
            }
            let inst = self.folded.definition(self.function, value).filter(|_| self.bounds.contains_key(&value));
            match inst {
                Some(inst) if self.is_made(inst) => open.extend(inst.args.iter()),
                Some(inst) => {
                    if self.is_large(inst, value) {
                        asked.insert(value);
                    }
                }
                None if self.bounds.contains_key(&value) => open.extend(self.given_to(value)),
                None => {
                    if self.folded.int(self.function, value).is_none() && *self.function.ty(value) == Type::INT {
                        asked.insert(value);
                    }
                }
            }
        }
        asked
    }

    /// Whether the bound of a result is made of those of the operands.
    fn is_made(&self, inst: &Inst) -> bool {
        matches!(
            inst.op,
            Op::IAdd
                | Op::ISub
                | Op::IMul
                | Op::IAddWrap
                | Op::ISubWrap
                | Op::IMulWrap
                | Op::IAddOver
                | Op::ISubOver
                | Op::IMulOver
                | Op::IRem
                | Op::IDiv
                | Op::IDivFloor
                | Op::INeg
                | Op::IAbs
                | Op::IMin
                | Op::IMax
                | Op::Select
                | Op::Reveal
                | Op::Narrow
        )
    }

    /// Whether it is bounded by nothing but being asked.
    fn is_large(&self, inst: &Inst, value: Value) -> bool {
        let is_integer = *self.function.ty(value) == Type::INT;
        is_integer
            && inst.op != Op::IConst
            && inst.op != Op::ISign
            && self.bounds.get(&value).is_some_and(|bound| bound.bits == Some(SMALL))
    }

    /// What is passed to a parameter.
    fn given_to(&self, param: Value) -> Vec<Value> {
        let mut given = Vec::new();
        for id in &self.flow.order {
            let Some(at) = self.params(*id).iter().position(|other| *other == param) else { continue };
            let passes = self.flow.passes.iter().filter(|(target, _)| target == id);
            given.extend(passes.filter_map(|(_, args)| args.get(at)));
            if *id == self.header && param != self.index {
                given.extend(self.outside.get(at));
            }
        }
        given
    }
}

/// Of what is one or the other.
fn either(a: Bound, b: Bound) -> Bound {
    let bits = a.bits.zip(b.bits).map(|(a, b)| a.max(b));
    let gained = a.gained.zip(b.gained).filter(|((a, _), (b, _))| a == b);
    Bound { bits, gained: gained.map(|((of, a), (_, b))| (of, a.max(b))) }
}

/// How many bits the size of a number has.
fn bits_of(number: i128) -> u32 {
    128 - number.unsigned_abs().leading_zeros()
}

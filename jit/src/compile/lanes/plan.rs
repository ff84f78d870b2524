//! Whether a loop over a dense list can be made several elements at a time, and how.

use statewright_graph::ir::{Cond, Function, Imm, Inst, Op, Target, Terminator, Value};
use statewright_types::Type;
use statewright_types::hashing::HashMap;
use statewright_types::layout::Repr;

use crate::compile::loops::Loop;
use crate::compile::machine_type;

/// What becomes of a parameter of the loop's head from pass to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::compile) enum Course {
    /// It counts the passes.
    Counts,
    /// It stays what it is.
    Stays,
    /// Each pass adds something that does not depend on it; if `bounded`, only sums that are not too large will do.
    Sum { bounded: bool },
    /// It becomes true if something is that does not depend on it.
    Any,
}

/// A loop of which several passes can be made at once, as long as none of them goes the rare way.
#[derive(Clone, Debug)]
pub(in crate::compile) struct Plan {
    /// The block of the way that most passes go, which leads back to the head. The head itself if there is one way.
    pub latch: usize,
    /// The block behind the head on that way, if it is another.
    pub common: Option<usize>,
    /// Unless that is so, no pass goes the rare way. Where it is so, one may.
    pub rare: Option<Value>,
    /// That way, if it can be gone for any element.
    pub other: Option<RareWay>,
    /// Of each parameter of the head.
    pub courses: Vec<Course>,
    /// What the next pass is given.
    pub next: Vec<Value>,
    /// Values from outside that are read.
    pub from_outside: Vec<Value>,
    /// The element that a pass is at.
    pub rows: Vec<Value>,
}

/// A way that a pass seldom goes.
#[derive(Clone, Debug)]
pub(in crate::compile) struct RareWay {
    /// Where a pass goes it.
    pub condition: Value,
    pub block: usize,
    /// What the next pass is given.
    pub next: Vec<Value>,
}

/// What a value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The element, the count, and what only counts.
    Row,
    Count,
    Next,
    Test,
    /// It depends on the element and what is the same in all passes.
    Lane,
    /// A parameter by position, to which so much was added, by steps.
    Of(usize, u32),
}

/// How a loop can be made so, if it can.
pub(in crate::compile) fn plan(
    function: &Function,
    around: &Loop,
    constants: &HashMap<Value, i64>,
    repr: impl Fn(&Imm) -> Option<Repr>,
) -> Option<Plan> {
    let (list, _) = around.rows()?;
    let counted = around.counted?;
    let head = &function.blocks[around.header];
    let Terminator::Branch { condition, then, otherwise } = &head.terminator else { return None };
    let goes_back = then.block.index() == around.header;
    let (latch, rare, next): (usize, Option<Value>, &Target) = if goes_back {
        (around.header, None, then)
    } else {
        let common = otherwise.block.index();
        let Terminator::Branch { then: next, .. } = &function.blocks.get(common)?.terminator else { return None };
        let is_plain = function.blocks[common].params.is_empty() && around.holds(common);
        if !is_plain || next.block.index() != around.header {
            return None;
        }
        (common, Some(sufficient(&head.insts, *condition)), next)
    };
    let common = (latch != around.header).then_some(latch);
    let next: Vec<Value> = next.args.to_vec();
    let mut walk = Walk {
        function,
        constants,
        kinds: HashMap::default(),
        bounded: vec![false; head.params.len()],
        most_steps: vec![0; head.params.len()],
        from_outside: Vec::new(),
        rows: Vec::new(),
        counted: (counted.count, list),
    };
    for (at, (param, next)) in head.params.iter().zip(&next).enumerate() {
        let kind = match function.ty(*param) {
            _ if *param == counted.count => Kind::Count,
            _ if param == next => Kind::Lane,
            Type::Int(_) | Type::Bool => Kind::Of(at, 0),
            _ => return None,
        };
        walk.kinds.insert(*param, kind);
    }
    let insts = head.insts.iter().chain(common.iter().flat_map(|block| &function.blocks[*block].insts));
    for inst in insts {
        let kind = walk.kind(inst, &repr)?;
        walk.kinds.insert(inst.result?, kind);
    }
    if rare.is_some_and(|rare| walk.of(rare) != Some(Kind::Lane)) {
        return None;
    }
    let other = if goes_back { None } else { walk.rare_way(around, (*condition, then), &repr) };
    let mut courses = Vec::with_capacity(next.len());
    for (at, (param, next)) in head.params.iter().zip(&next).enumerate() {
        let (kind, after) = (walk.of(*param)?, walk.of(*next)?);
        courses.push(match (kind, after) {
            (Kind::Count, Kind::Next) => Course::Counts,
            _ if param == next => Course::Stays,
            (_, Kind::Of(of, _)) if of == at => match function.ty(*param) {
                Type::Bool => Course::Any,
                // Between two sums one might be too large and the other bring it back.
                _ if walk.bounded[at] && walk.most_steps[at] > 1 => return None,
                _ => Course::Sum { bounded: walk.bounded[at] },
            },
            _ => return None,
        });
    }
    let Walk { from_outside, rows, .. } = walk;
    Some(Plan { latch, common, rare, other, courses, next, from_outside, rows })
}

#[derive(Clone)]
struct Walk<'a> {
    function: &'a Function,
    constants: &'a HashMap<Value, i64>,
    kinds: HashMap<Value, Kind>,
    /// By parameter: whether it was asked for whether a sum is too large, and in how many steps something is added at most.
    bounded: Vec<bool>,
    most_steps: Vec<u32>,
    from_outside: Vec<Value>,
    rows: Vec<Value>,
    /// What counts, and the list.
    counted: (Value, Value),
}

impl Walk<'_> {
    /// The rare way behind the head, if all of it may be done for elements that do not go it.
    fn rare_way(
        &self,
        around: &Loop,
        (condition, to): (Value, &Target),
        repr: &impl Fn(&Imm) -> Option<Repr>,
    ) -> Option<RareWay> {
        let at = to.block.index();
        let block = self.function.blocks.get(at).filter(|block| block.params.is_empty() && around.holds(at))?;
        let Terminator::Branch { then: next, .. } = &block.terminator else { return None };
        let mut walk = self.clone();
        for inst in &block.insts {
            let kind = walk.kind(inst, repr)?;
            walk.kinds.insert(inst.result?, kind);
        }
        (next.block.index() == around.header).then(|| RareWay { condition, block: at, next: next.args.to_vec() })
    }

    /// Of an operand; what the loop does not define is from outside, and the same in all passes.
    fn of(&mut self, value: Value) -> Option<Kind> {
        if let Some(kind) = self.kinds.get(&value) {
            return Some(*kind);
        }
        if !is_lane(self.function.ty(value)) {
            return None;
        }
        self.from_outside.push(value);
        self.kinds.insert(value, Kind::Lane);
        Some(Kind::Lane)
    }

    fn kind(&mut self, inst: &Inst, repr: &impl Fn(&Imm) -> Option<Repr>) -> Option<Kind> {
        match (inst.op, &inst.args[..]) {
            (Op::ListAt, [list, at]) if (*at, *list) == self.counted => {
                self.rows.extend(inst.result);
                return Some(Kind::Row);
            }
            (Op::LoadKnown, [row]) => {
                let is_row = self.kinds.get(row) == Some(&Kind::Row);
                let is_wide = is_row && is_lane(self.function.ty(inst.result?)) && repr(&inst.imm).is_some();
                return is_wide.then_some(Kind::Lane);
            }
            (Op::IConst | Op::FConst | Op::BConst, _) => return Some(Kind::Lane),
            (Op::IAdd | Op::IAddWrap, [count, one]) if *count == self.counted.0 => {
                return (self.constants.get(one) == Some(&1)).then_some(Kind::Next);
            }
            (Op::ICmp, [next, _]) if self.kinds.get(next) == Some(&Kind::Next) => return Some(Kind::Test),
            _ => {}
        }
        let mut kinds = [Kind::Lane; 3];
        for (kind, arg) in kinds.iter_mut().zip(&inst.args) {
            *kind = self.of(*arg)?;
        }
        if inst.args.len() > 3 || !kinds.iter().all(|kind| matches!(kind, Kind::Lane | Kind::Of(..))) {
            return None;
        }
        if kinds == [Kind::Lane; 3] {
            return self.is_for_lanes(inst).then_some(Kind::Lane);
        }
        match (inst.op, kinds) {
            (Op::IAddWrap, [Kind::Of(at, steps), Kind::Lane, _] | [Kind::Lane, Kind::Of(at, steps), _])
            | (Op::ISubWrap, [Kind::Of(at, steps), Kind::Lane, _]) => {
                self.most_steps[at] = self.most_steps[at].max(steps + 1);
                Some(Kind::Of(at, steps + 1))
            }
            // It is asked of all passes at once whether what they leave is too large.
            (Op::IAddOver, [Kind::Of(at, 0), Kind::Lane, _] | [Kind::Lane, Kind::Of(at, 0), _])
            | (Op::ISubOver, [Kind::Of(at, 0), Kind::Lane, _]) => {
                self.bounded[at] = true;
                Some(Kind::Lane)
            }
            (Op::Or, [Kind::Of(at, steps), Kind::Lane, _] | [Kind::Lane, Kind::Of(at, steps), _]) => {
                Some(Kind::Of(at, steps))
            }
            (Op::Select, [Kind::Lane, Kind::Of(at, yes), Kind::Of(other, no)]) if at == other => {
                Some(Kind::Of(at, yes.max(no)))
            }
            _ => None,
        }
    }

    /// Whether it can be done in lanes.
    fn is_for_lanes(&self, inst: &Inst) -> bool {
        let by = || inst.args.get(1).and_then(|value| self.constants.get(value)).copied();
        match inst.op {
            Op::IAddWrap | Op::ISubWrap | Op::IAddOver | Op::ISubOver | Op::ICmp => true,
            Op::FAdd | Op::FSub | Op::FMul | Op::FDiv | Op::FNeg | Op::FAbs | Op::FSqrt | Op::FCmp => true,
            Op::Not | Op::And | Op::Or | Op::Select => true,
            Op::IMulWrap => by().is_some_and(|by| u64::try_from(by).is_ok_and(u64::is_power_of_two)),
            Op::IMulOver => by() == Some(2),
            _ => false,
        }
    }
}

/// What a condition cannot hold without, and is less to compute: of a float that is also asked whether it is a number, the rest. Those
/// that are none go the rare way, and find there that they need not.
fn sufficient(insts: &[Inst], condition: Value) -> Value {
    let defined = |value: Value| insts.iter().find(|inst| inst.result == Some(value));
    let asks_for_number = |value: Value| {
        defined(value).is_some_and(|inst| {
            inst.op == Op::FCmp && inst.imm == Imm::Cond(Cond::Eq) && inst.args.first() == inst.args.get(1)
        })
    };
    match defined(condition).map(|inst| (inst.op, &inst.args[..])) {
        Some((Op::And, [rest, is_number] | [is_number, rest])) if asks_for_number(*is_number) => *rest,
        _ => condition,
    }
}

/// Whether values of a type are numbers or truths of a lane.
fn is_lane(ty: &Type) -> bool {
    matches!(ty, Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64) && machine_type(ty).bits() <= 64
}

//! Writes the second form of a counted loop, and what is asked in front of it.

use crate::passes::writing::{computing, to};
use std::collections::HashMap;

use statewright_types::{Schema, Type};

use super::bounds::{Param, Pass};
use super::sums::add_selected;
use super::{Counted, MOST_CHARGED, MOST_PASSES};
use crate::ir::{Block, Cond, Function, Imm, Inst, Op, Target, Terminator, Value, Values};
use crate::passes::select::{Form, Sum, When};

/// What was written beside a loop.
pub(super) struct Written {
    /// The heads of the second form.
    pub heads: Vec<usize>,
    /// Parameters of the block to which all forms lead, for what is read behind the loop.
    pub params: Vec<Value>,
}

/// Writes it; nothing if the loop gains nothing, or the second form cannot be.
pub(super) fn write(
    function: &mut Function,
    found: &Counted,
    constants: &HashMap<Value, i64>,
    schema: &Schema,
    leave: &[Value],
) -> Option<Written> {
    let forms = if found.list.is_some() { 2 } else { 1 };
    let made: Vec<Made> = (0..forms).map_while(|_| make(function, found, constants, schema)).collect();
    let [first, ..] = &made[..] else { return None };
    if made.len() < forms || !(first.most > 0 || first.asks || found.list.is_some() || found.body.branches) {
        return None;
    }
    let (most, sums) = (first.most, first.sums);
    let join = function.blocks.len();
    let params = join_block(function, found, leave);
    let entry = found.entry;
    let plain = to(found.body.head, found.args.clone());
    let mut front = Front { function, block: entry };
    let (zero, no) = (front.int(0), front.op(Op::BConst, &[], Imm::Bool(false), Type::Bool));
    let starts = Starts { zero, no, plain: plain.clone(), join };
    let mut asked = Vec::new();
    if sums || most > 0 {
        let limit = front.int(MOST_PASSES);
        asked.push(front.op(Op::ICmp, &[found.limit, limit], Imm::Cond(Cond::Gt), Type::Bool));
    }
    if most > 0 {
        let each = front.int(most);
        let amount = front.op(Op::IMulWrap, &[found.limit, each], Imm::None, Type::INT);
        asked.push(front.op(Op::FuelShort, &[amount], Imm::None, Type::Bool));
    }
    let asked = asked.into_iter().reduce(|a, b| front.op(Op::Or, &[a, b], Imm::None, Type::Bool));
    let turns = first_turns(&made, function, found, leave);
    let write = |made: Made| {
        if turns {
            made.write_turned(function, found, &starts, leave)
        } else {
            made.write(function, found, &starts, leave)
        }
    };
    let forms: Vec<Target> = made.into_iter().map(write).collect();
    let heads = forms.iter().map(|form| form.block.index()).collect();
    let mut forms = forms.into_iter();
    let mut way = Terminator::Jump(forms.next()?);
    if let (Some(list), Some(dense), Terminator::Jump(other)) = (found.list, forms.next(), way.clone()) {
        // Machine code reads the rows from where that was asked: nothing may stand in between.
        let block = push(function, entry, way);
        let is_dense = Front { function, block }.op(Op::ListDense, &[list], Imm::None, Type::Bool);
        function.blocks[block].terminator = Terminator::Branch { condition: is_dense, then: dense, otherwise: other };
        way = Terminator::Jump(to(block, []));
    }
    if turns {
        // The first pass is made without a look, so here is where there is none.
        let params = &function.blocks[found.body.head].params;
        let at =
            |value: &Value| params.iter().position(|param| param == value).and_then(|at| found.args.get(at)).copied();
        let left: Vec<Value> = leave.iter().filter_map(at).collect();
        let block = push(function, entry, Terminator::Jump(to(join, left)));
        let is_any =
            Front { function, block: entry }.op(Op::ICmp, &[zero, found.limit], Imm::Cond(Cond::Lt), Type::Bool);
        let inner = push(function, entry, way);
        way = Terminator::Branch { condition: is_any, then: to(inner, []), otherwise: to(block, []) };
    }
    if let Some(condition) = asked {
        let inner = push(function, entry, way);
        way = Terminator::Branch { condition, then: plain, otherwise: to(inner, []) };
    }
    function.blocks[entry].terminator = way;
    Some(Written { heads, params })
}

/// A new block without instructions, of the node of another one.
fn push(function: &mut Function, of: usize, terminator: Terminator) -> usize {
    let node = function.blocks[of].node;
    function.blocks.push(Block { params: Values::new(), insts: Vec::new(), terminator, node });
    function.blocks.len() - 1
}

/// Whether a head does nothing but look whether there is another pass, so that it can stand at the end of each.
fn first_turns(made: &[Made], function: &Function, found: &Counted, leave: &[Value]) -> bool {
    let params = &function.blocks[found.body.head].params;
    made.iter().all(|made| made.head.len() == 1) && leave.iter().all(|value| params.contains(value))
}

/// The block to which all forms lead, and the old form's way there: its parameters.
fn join_block(function: &mut Function, found: &Counted, leave: &[Value]) -> Vec<Value> {
    let join = function.blocks.len();
    let params: Vec<Value> = leave
        .iter()
        .map(|value| {
            function.values.push(function.ty(*value).clone());
            Value(function.values.len() as u32 - 1)
        })
        .collect();
    let head = &mut function.blocks[found.body.head];
    let node = head.node;
    if let Terminator::Branch { otherwise, .. } = &mut head.terminator {
        let exit = std::mem::replace(otherwise, to(join, leave.to_vec()));
        let terminator = Terminator::Jump(exit);
        function.blocks.push(Block { params: params.as_slice().into(), insts: Vec::new(), terminator, node });
    }
    params
}

/// Appends instructions to a block.
struct Front<'a> {
    function: &'a mut Function,
    block: usize,
}

impl Front<'_> {
    fn op(&mut self, op: Op, args: &[Value], imm: Imm, ty: Type) -> Value {
        let node = self.function.blocks[self.block].node;
        let (inst, result) = computing(self.function, node, (op, args, imm), ty);
        self.function.blocks[self.block].insts.push(inst);
        result
    }

    fn int(&mut self, value: i64) -> Value {
        self.op(Op::IConst, &[], Imm::Int(value), Type::INT)
    }
}

/// What the blocks of a second form begin with and lead to.
struct Starts {
    zero: Value,
    no: Value,
    plain: Target,
    join: usize,
}

/// What only some passes charge: so much where that is so, and so much where it is not.
type Charge = (Value, i64, i64);

/// The second form, not yet in blocks.
struct Made {
    /// Parameters of its head: those of the head as it was, whether a sum was too large, and what was charged that not every
    /// pass charges.
    params: Vec<Value>,
    head: Vec<Inst>,
    body: Vec<Inst>,
    /// What the next pass gets for the first of the parameters.
    next: Vec<Value>,
    over: Value,
    is_over: Value,
    charged: Value,
    /// What values of the loop are here.
    now: HashMap<Value, Value>,
    /// What every pass charges, and what some do.
    each: i64,
    charges: Vec<Charge>,
    /// What a pass charges at most.
    most: i64,
    /// Whether there are sums, and some that may be too large.
    sums: bool,
    asks: bool,
}

fn make(function: &mut Function, found: &Counted, constants: &HashMap<Value, i64>, schema: &Schema) -> Option<Made> {
    let head = function.blocks[found.body.head].clone();
    let mut fresh = |ty: Type| {
        function.values.push(ty);
        Value(function.values.len() as u32 - 1)
    };
    let (over, charged) = (fresh(Type::Bool), fresh(Type::INT));
    let mut params = Vec::with_capacity(head.params.len() + 2);
    for param in &head.params {
        let ty = function.ty(*param).clone();
        function.values.push(ty);
        params.push(Value(function.values.len() as u32 - 1));
    }
    let mut form = Form::new(function, &found.body, constants);
    form.charges = Some(Vec::new());
    form.now = head.params.iter().copied().zip(params.iter().copied()).collect();
    let (mut fuel, mut none) = (Sum::Known(0), None);
    head.insts.iter().for_each(|inst| form.inst(inst, &mut fuel, &mut none));
    let head_insts = std::mem::take(&mut form.insts);
    if !form.sums.is_empty() {
        return None;
    }
    let now = form.now.clone();
    // A pass is made where the head's test has held; the test itself may stand behind the pass.
    let holds = form.op(Op::BConst, &[], Imm::Bool(true), Type::Bool);
    form.now.insert(found.condition, holds);
    let (next, ..) = form.flatten(&found.body);
    let (charges, sums, insts) =
        (form.charges.take()?, std::mem::take(&mut form.sums), std::mem::take(&mut form.insts));
    let result_of = |(at, op): (usize, Op)| Some((insts.get(at)?.result?, op));
    let mut sums: HashMap<Value, Op> = sums.into_iter().filter_map(result_of).collect();
    let has_sums = !sums.is_empty();
    let insts = add_selected(function, insts, &next, &mut sums);

    let defined = |value: Value| insts.iter().find(|inst| inst.result == Some(value));
    let constant = |value: Value| match defined(value) {
        Some(Inst { op: Op::IConst, imm: Imm::Int(constant), .. }) => Some(*constant),
        _ => constants.get(&value).copied(),
    };
    let count = params[found.index];
    let adds_one = defined(*next.get(found.index)?).is_some_and(|inst| {
        matches!(inst.op, Op::IAddWrap)
            && inst.args.first() == Some(&count)
            && inst.args.get(1).and_then(|one| constant(*one)) == Some(1)
    });
    if !adds_one {
        return None;
    }
    let (each, charges) = gather(&charges)?;
    let most = charges.iter().try_fold(each, |sum, (_, yes, no)| sum.checked_add(*yes.max(no)))?;
    if most > MOST_CHARGED {
        return None;
    }
    let of_params = params.iter().zip(&found.args).zip(&next).map(|((value, first), next)| Param {
        value: *value,
        first: constants.get(first).copied(),
        next: *next,
    });
    let pass = Pass { insts: &insts, constants, schema, count, params: of_params.collect() };
    let unsure = pass.unsure(&sums);

    // Each of those is asked, in front of the sum, whether it is too large.
    let mut body_insts = Vec::with_capacity(insts.len() + 2 * unsure.len());
    let mut is_over = over;
    for inst in insts {
        if let Some(op) = inst.result.filter(|result| unsure.contains(result)).and_then(|result| sums.get(&result)) {
            let mut make = |op: Op, args: Values| {
                function.values.push(Type::Bool);
                let result = Value(function.values.len() as u32 - 1);
                body_insts.push(Inst { op, args, imm: Imm::None, result: Some(result), node: inst.node });
                result
            };
            let this = make(*op, inst.args.clone());
            is_over = make(Op::Or, [is_over, this].into());
        }
        body_insts.push(inst);
    }
    Some(Made {
        params,
        head: head_insts,
        body: body_insts,
        next,
        over,
        is_over,
        charged,
        now,
        each,
        charges,
        most,
        sums: has_sums,
        asks: !unsure.is_empty(),
    })
}

/// What every pass charges, and what some do, by condition.
fn gather(charges: &[(When, i64)]) -> Option<(i64, Vec<Charge>)> {
    let mut each = 0i64;
    let mut some: Vec<Charge> = Vec::new();
    for (when, amount) in charges {
        if !(0..=MOST_CHARGED).contains(amount) {
            return None;
        }
        let When::If(condition, is) = when else {
            each = each.checked_add(*amount)?;
            continue;
        };
        let at = some.iter().position(|(known, ..)| known == condition).unwrap_or_else(|| {
            some.push((*condition, 0, 0));
            some.len() - 1
        });
        let (_, yes, no) = &mut some[at];
        let sum = if *is { yes } else { no };
        *sum = sum.checked_add(*amount)?;
    }
    for (_, yes, no) in &mut some {
        let least = *yes.min(no);
        (*yes, *no, each) = (*yes - least, *no - least, each.checked_add(least)?);
    }
    some.retain(|(_, yes, no)| yes != no);
    Some((each, some))
}

impl Made {
    /// Writes its blocks, the head before each pass; how it is entered.
    fn write(mut self, function: &mut Function, found: &Counted, starts: &Starts, leave: &[Value]) -> Target {
        let of = found.body.head;
        let done = || Terminator::Jump(starts.plain.clone());
        let (head, body, end) = (push(function, of, done()), push(function, of, done()), push(function, of, done()));
        let here = |value: Value| self.now.get(&value).copied().unwrap_or(value);
        let condition = here(found.condition);
        let left = leave.iter().map(|value| here(*value)).collect::<Vec<_>>();
        function.blocks[head].insts = std::mem::take(&mut self.head);
        function.blocks[head].params = self.params.iter().copied().chain([self.over, self.charged]).collect();
        function.blocks[head].terminator = Terminator::Branch { condition, then: to(body, []), otherwise: to(end, []) };
        function.blocks[body].insts = std::mem::take(&mut self.body);
        self.pass(function, body, |next| Terminator::Jump(to(head, next)));
        let (over, charged) = (self.over, self.charged);
        self.end(function, found, starts, end, (over, charged, left));
        self.entered(found, starts, head)
    }

    /// The same with the head behind each pass: a jump less.
    fn write_turned(mut self, function: &mut Function, found: &Counted, starts: &Starts, leave: &[Value]) -> Target {
        let of = found.body.head;
        let done = || Terminator::Jump(starts.plain.clone());
        let (body, end) = (push(function, of, done()), push(function, of, done()));
        let places: Vec<usize> = {
            let params = &function.blocks[of].params;
            leave.iter().filter_map(|value| params.iter().position(|param| param == value)).collect()
        };
        let mut given = Vec::with_capacity(leave.len() + 2);
        for ty in
            leave.iter().map(|value| function.ty(*value).clone()).chain([Type::Bool, Type::INT]).collect::<Vec<_>>()
        {
            function.values.push(ty);
            given.push(Value(function.values.len() as u32 - 1));
        }
        function.blocks[end].params = given.as_slice().into();
        function.blocks[body].insts = std::mem::take(&mut self.body);
        function.blocks[body].params = self.params.iter().copied().chain([self.over, self.charged]).collect();
        let again = self.next[found.index];
        let condition =
            Front { function, block: body }.op(Op::ICmp, &[again, found.limit], Imm::Cond(Cond::Lt), Type::Bool);
        let known = self.params.len();
        self.pass(function, body, |next| {
            let left: Vec<Value> = places.iter().map(|at| next[*at]).chain(next[known..].iter().copied()).collect();
            Terminator::Branch { condition, then: to(body, next), otherwise: to(end, left) }
        });
        if let Some((left, [over, charged])) = given.split_last_chunk::<2>() {
            self.end(function, found, starts, end, (*over, *charged, left.to_vec()));
        }
        self.entered(found, starts, body)
    }

    fn entered(&self, found: &Counted, starts: &Starts, head: usize) -> Target {
        let mut entered = found.args.to_vec();
        entered.extend([starts.no, starts.zero]);
        to(head, entered)
    }

    /// A pass: `again` goes on with what the next one gets.
    fn pass(&self, function: &mut Function, body: usize, again: impl Fn(Vec<Value>) -> Terminator) {
        let rare = self.rare(function, body);
        let mut front = Front { function, block: body };
        let mut charged = self.charged;
        for (condition, yes, no) in self.charges.iter().filter(|(condition, ..)| Some(*condition) != rare) {
            let (yes, no) = (front.int(*yes), front.int(*no));
            let amount = front.op(Op::Select, &[*condition, yes, no], Imm::None, Type::INT);
            charged = front.op(Op::IAddWrap, &[charged, amount], Imm::None, Type::INT);
        }
        let Some(condition) = rare else {
            let next = self.given(self.next.clone(), charged);
            function.blocks[body].terminator = again(next);
            return;
        };
        let charge = self.charges.iter().find(|(of, ..)| *of == condition).map_or((0, 0), |(_, yes, no)| (*yes, *no));
        let ways = [(true, charge.0), (false, charge.1)].map(|(is, amount)| {
            let next = self.chosen(function, body, condition, is);
            let block = push(function, body, Terminator::Jump(to(body, [])));
            let charged = add(&mut Front { function, block }, charged, amount);
            function.blocks[block].terminator = again(self.given(next, charged));
            to(block, [])
        });
        let [then, otherwise] = ways;
        function.blocks[body].terminator = Terminator::Branch { condition, then, otherwise };
    }

    fn given(&self, mut next: Vec<Value>, charged: Value) -> Vec<Value> {
        next.extend([self.is_over, charged]);
        next
    }

    /// Behind the last pass: all over again if something was odd, else everything is charged.
    fn end(
        &self,
        function: &mut Function,
        found: &Counted,
        starts: &Starts,
        end: usize,
        (over, charged, left): (Value, Value, Vec<Value>),
    ) {
        let node = function.blocks[end].node;
        let charge = push(function, end, Terminator::Jump(to(starts.join, left)));
        if self.most > 0 {
            let mut front = Front { function, block: charge };
            let each = front.int(self.each);
            let amount = front.op(Op::IMulWrap, &[found.limit, each], Imm::None, Type::INT);
            let amount = front.op(Op::IAddWrap, &[amount, charged], Imm::None, Type::INT);
            let args = [amount].into();
            function.blocks[charge].insts.push(Inst { op: Op::FuelN, args, imm: Imm::None, result: None, node });
        }
        function.blocks[end].terminator = if self.asks {
            Terminator::Branch { condition: over, then: starts.plain.clone(), otherwise: to(charge, []) }
        } else {
            Terminator::Jump(to(charge, []))
        };
    }

    /// The condition under which a parameter is replaced by what it was just compared with: what is the least so far, or the
    /// greatest, seldom changes, so that a branch is guessed well, and whoever waits for the comparison waits in vain.
    fn rare(&self, function: &Function, body: usize) -> Option<Value> {
        let insts = &function.blocks[body].insts;
        let made: HashMap<Value, &Inst> = insts.iter().filter_map(|inst| Some((inst.result?, inst))).collect();
        self.params.iter().zip(&self.next).find_map(|(param, next)| {
            let select = made.get(next).filter(|inst| inst.op == Op::Select)?;
            let [condition, new, old] = select.args[..] else { return None };
            let mut open = vec![condition];
            let mut compares = false;
            while let Some(inst) = open.pop().and_then(|value| made.get(&value)) {
                match inst.op {
                    Op::And | Op::Not => open.extend(inst.args.iter()),
                    Op::ICmp | Op::FCmp => compares |= inst.args.contains(param) && inst.args.contains(&new),
                    _ => {}
                }
            }
            (old == *param && compares).then_some(condition)
        })
    }

    /// What the next pass gets where a condition is so, or is not.
    fn chosen(&self, function: &Function, body: usize, condition: Value, is: bool) -> Vec<Value> {
        let insts = &function.blocks[body].insts;
        let pick = |value: &Value| {
            let of = insts.iter().find(|inst| inst.result == Some(*value) && inst.op == Op::Select);
            match of.map(|inst| &inst.args[..]) {
                Some([by, yes, no]) if *by == condition => {
                    if is {
                        *yes
                    } else {
                        *no
                    }
                }
                _ => *value,
            }
        };
        self.next.iter().map(pick).collect()
    }
}

fn add(front: &mut Front<'_>, sum: Value, amount: i64) -> Value {
    if amount == 0 {
        return sum;
    }
    let amount = front.int(amount);
    front.op(Op::IAddWrap, &[sum, amount], Imm::None, Type::INT)
}

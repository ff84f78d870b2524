//! Loops over dense lists, several elements at a time: an element in each lane of a vector. Such a loop stands in front of the
//! loop as it is, and leaves at least the last element to it. It changes nothing but its own sums; so if anything is odd (a sum
//! that might be too large) the loop as it is makes all passes instead. Where an element goes the rare way, it and those made
//! with it are made one by one, or the loop as it is goes on with them and comes back behind it.
//!
//! Sums are kept by lane, each within a quarter of the integers if somebody asks whether they are too large, so that neither
//! they nor any sum in the order of the passes can be. What asks (`iadd.over` and the like) is therefore false here. Sums of
//! floats depend on their order, and are not made so.

use std::collections::BTreeSet;

use cranelift_codegen::ir::condcodes::{CondCode, FloatCC, IntCC};
use cranelift_codegen::ir::{self as clif, BlockArg, Endianness, InstBuilder, MemFlagsData, types};
use cranelift_module::Module;
use statewright_graph::ir::{Imm, Inst, Op, Value};
use statewright_runtime::state::row_words;
use statewright_types::hashing::HashMap;
use statewright_types::layout::Repr;
use statewright_types::{StructId, planted};

use super::arms::{cond, float_condition, int, int_condition};
use super::body::Body;
use super::machine_type;
use crate::error::JitError;

pub(super) mod plan;

use plan::{Course, Plan, RareWay};

/// Elements of a vector.
const LANES: i64 = 2;
/// Vectors that are made in a pass.
const VECTORS: i64 = 2;
/// How often a loop comes back from the rare way before it stays as it is: it was not so rare.
const MOST_RARE: i64 = 64;
/// Sums within a quarter of the integers get a sign when that is added to them if they are not.
const QUARTER: i64 = 1 << 62;
/// Of two vectors, what stands first in each: bytes by number, those of the second from 16.
const LOW_HALVES: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
/// What stands second.
const HIGH_HALVES: [u8; 16] = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31];

/// What a pass over several elements knows.
struct Lanes {
    /// What values are here.
    values: HashMap<Value, clif::Value>,
    /// The sign is that of a lane in which something was odd, if anything can be.
    odd: clif::Value,
    /// The first of the rows, and bytes from one to the next.
    row: clif::Value,
    stride: i64,
    /// Which vector it is.
    vector: i64,
    /// Of values that are 1 where something holds and else 0, what holds.
    ones: HashMap<clif::Value, clif::Value>,
    /// Of comparisons of floats, what is compared.
    compared: HashMap<clif::Value, (FloatCC, clif::Value, clif::Value)>,
    /// Values of which nothing holds.
    nothing: Vec<clif::Value>,
    /// Where fields stand that are loaded with the one before them.
    seconds: Vec<i32>,
}

/// Whether a field is a lane as it stands in its row.
fn is_word(repr: Repr) -> bool {
    matches!(repr, Repr::I64 | Repr::U64 | Repr::F64)
}

fn lanes_of(machine: types::Type) -> types::Type {
    if machine == types::F64 { types::F64X2 } else { types::I64X2 }
}

impl<M: Module> Body<'_, '_, '_, M> {
    /// Finds the loops that can be made so, and makes the blocks that lead to them.
    pub fn plan_lanes(&mut self) {
        if !self.flow.loops.iter().any(|around| around.rows().is_some()) || !self.has_lanes() {
            return;
        }
        let insts = self.function.blocks.iter().flat_map(|block| &block.insts);
        let known = insts.filter(|inst| inst.op == Op::IConst);
        let constants: HashMap<Value, i64> = known.filter_map(|inst| Some((inst.result?, int(&inst.imm)))).collect();
        self.integers = constants;
        let mut plans = Vec::new();
        for around in &self.flow.loops {
            let plan =
                plan::plan(self.function, around, &self.integers, |imm| self.place_of_field(imm).map(|place| place.1));
            plans.extend(plan.map(|plan| (around.header, plan)));
        }
        self.unit.loops_at_once += plans.len();
        for (header, plan) in plans {
            let block = self.b.create_block();
            for param in &self.function.blocks[header].params {
                self.b.append_block_param(block, machine_type(self.function.ty(*param)));
            }
            let tries = self.b.declare_var(types::I64);
            self.ahead.insert(header, (block, plan, tries));
        }
    }

    /// Whether this machine has operations for two integers or floats of 64 bits at once.
    fn has_lanes(&self) -> bool {
        let isa = self.module.isa();
        let has_all = || isa.isa_flags().iter().any(|flag| flag.name == "has_sse42" && flag.as_bool() == Some(true));
        isa.name() != "x64" || has_all()
    }

    fn place_of_field(&self, imm: &Imm) -> Option<(i32, Repr)> {
        let Imm::Field(id, field) = *imm else { return None };
        let place = self.unit.source.schema.layout(id).fields.get(field as usize)?;
        (!matches!(place.repr, Repr::Handle | Repr::Reference)).then_some((place.offset as i32, place.repr))
    }

    /// Before a loop that has not begun.
    pub fn begin_lanes(&mut self, head: usize) {
        let Some(tries) = self.ahead.get(&head).filter(|ahead| ahead.1.rare.is_some()).map(|ahead| ahead.2) else {
            return;
        };
        let most = self.int(MOST_RARE);
        self.b.def_var(tries, most);
    }

    /// Generates what stands in front of a loop's head, if anything does.
    pub fn lanes_ahead(&mut self, at: usize) -> Result<(), JitError> {
        let Some((ahead, plan, tries)) = self.ahead.get(&at).cloned() else { return Ok(()) };
        let (Some(head), Some((around, id))) = (self.blocks[at], self.flow.begins(at)) else { return Ok(()) };
        let (Some(cursor), Some(counted)) = (self.cursors.get(&around).copied(), self.flow.loops[around].counted)
        else {
            return Ok(());
        };
        self.b.switch_to_block(ahead);
        let given = self.b.block_params(ahead).to_vec();
        let is_count = |course: &Course| *course == Course::Counts;
        let Some(count) = plan.courses.iter().position(is_count).and_then(|at| given.get(at)).copied() else {
            return Ok(());
        };
        let passes = self.get(counted.passes);
        // The loop as it is makes the last pass: it knows what comes behind.
        let last = self.b.ins().iadd_imm_s(passes, -LANES * VECTORS);
        let mut enough = self.b.ins().icmp(IntCC::SignedLessThan, count, last);
        if plan.rare.is_some() {
            let left = self.b.use_var(tries);
            let any = self.b.ins().icmp_imm_s(IntCC::NotEqual, left, 0);
            enough = self.b.ins().band(enough, any);
        }
        let [begin, pass, end, done] = [0; 4].map(|_| self.b.create_block());
        let plainly: Vec<BlockArg> = given.iter().map(|value| BlockArg::Value(*value)).collect();
        self.b.ins().brif(enough, begin, &[], head, &plainly);

        self.b.switch_to_block(begin);
        if plan.rare.is_some() {
            let left = self.b.use_var(tries);
            let left = self.b.ins().iadd_imm_s(left, -1);
            self.b.def_var(tries, left);
        }
        let mut lanes = self.first_lanes(at, &plan, &given);
        let first_row = self.b.use_var(cursor);
        let mut first = vec![count, first_row, lanes.odd];
        for (course, given) in plan.courses.iter().zip(&given) {
            match course {
                Course::Sum { .. } => first.push(self.b.ins().scalar_to_vector(types::I64X2, *given)),
                Course::Any => first.push(self.nothing_in_lanes()),
                Course::Counts | Course::Stays => {}
            }
        }
        let args: Vec<BlockArg> = first.iter().map(|value| BlockArg::Value(*value)).collect();
        let types: Vec<types::Type> = first.iter().map(|value| self.b.func.dfg.value_type(*value)).collect();
        self.b.ins().jump(pass, &args);
        for block in [pass, end] {
            types.iter().for_each(|ty| {
                self.b.append_block_param(block, *ty);
            });
        }

        self.b.switch_to_block(pass);
        let before = self.b.block_params(pass).to_vec();
        let (count, mut states) = (before[0], before[3..].to_vec());
        (lanes.row, lanes.odd) = (before[1], before[2]);
        lanes.stride = self.stride(id);
        let mut rare = None;
        for vector in 0..VECTORS {
            lanes.vector = vector;
            self.make_lanes(at, &plan, &mut lanes, &mut states);
            if let Some(this) = plan.rare.and_then(|value| lanes.values.get(&value)).copied() {
                rare = Some(rare.map_or(this, |before| self.b.ins().bor(before, this)));
            }
        }
        if let Some(rare) = rare {
            let any = self.b.ins().vany_true(rare);
            let kept = if planted::is(102) { [&before[..3], &states[..]].concat() } else { before };
            let unchanged: Vec<BlockArg> = kept.iter().map(|value| BlockArg::Value(*value)).collect();
            let on = self.b.create_block();
            self.b.ins().brif(any, end, &unchanged, on, &[]);
            self.b.switch_to_block(on);
        }
        let count = self.b.ins().iadd_imm_s(count, LANES * VECTORS);
        let row = self.b.ins().iadd_imm_s(lanes.row, LANES * VECTORS * lanes.stride);
        let after: Vec<BlockArg> = [count, row, lanes.odd].into_iter().chain(states).map(BlockArg::Value).collect();
        let again = self.b.ins().icmp(IntCC::SignedLessThan, count, last);
        self.b.ins().brif(again, pass, &after, end, &after);

        self.b.switch_to_block(end);
        let left = self.b.block_params(end).to_vec();
        let odd = if planted::is(104) { self.nothing_in_lanes() } else { left[2] };
        let signs = self.b.ins().vhigh_bits(types::I32, odd);
        self.b.ins().brif(signs, head, &plainly, done, &[]);
        self.b.switch_to_block(done);
        self.b.def_var(cursor, left[1]);
        let mut states = left[3..].iter().copied();
        let mut args = Vec::with_capacity(given.len());
        for (course, given) in plan.courses.iter().zip(&given) {
            args.push(BlockArg::Value(match course {
                Course::Counts if planted::is(101) => self.b.ins().iadd_imm_s(left[0], 1),
                Course::Counts => left[0],
                Course::Stays => *given,
                Course::Sum { .. } => {
                    let state = states.next().unwrap_or(left[2]);
                    let [one, other] = [0u8, 1].map(|lane| self.b.ins().extractlane(state, lane));
                    self.b.ins().iadd(one, other)
                }
                Course::Any => {
                    let state = states.next().unwrap_or(left[2]);
                    let any = self.b.ins().vany_true(state);
                    self.b.ins().bor(*given, any)
                }
            }));
        }
        let Some(way) = &plan.other else {
            self.b.ins().jump(head, &args);
            return Ok(());
        };
        let (each, until) = (self.b.create_block(), self.b.ins().iadd_imm_s(left[0], LANES * VECTORS));
        let was_rare = self.b.ins().icmp(IntCC::SignedLessThan, left[0], last);
        self.b.ins().brif(was_rare, each, &args, head, &args);
        self.one_by_one(at, &plan, way, (each, until, ahead))
    }

    /// The passes of which one went the rare way: each does both ways and chooses, since nobody can guess which of them it is. Goes
    /// on with several at a time where the count comes to `until`.
    fn one_by_one(
        &mut self,
        at: usize,
        plan: &Plan,
        way: &RareWay,
        (each, until, ahead): (clif::Block, clif::Value, clif::Block),
    ) -> Result<(), JitError> {
        let function = self.function;
        let params = &function.blocks[at].params;
        let outside: Vec<Option<clif::Value>> = params.iter().map(|param| self.values[param.index()]).collect();
        for param in params {
            let value = self.b.append_block_param(each, machine_type(function.ty(*param)));
            self.values[param.index()] = Some(value);
        }
        self.b.switch_to_block(each);
        self.begin_block(at);
        for block in [Some(at), Some(way.block), plan.common].into_iter().flatten() {
            for inst in &function.blocks[block].insts {
                self.tag(inst.node);
                self.inst(inst)?;
            }
        }
        let rare = self.get(way.condition);
        let mut next = Vec::with_capacity(params.len());
        for (rarely, mostly) in way.next.iter().zip(&plan.next) {
            let [yes, no] = [*rarely, *mostly].map(|value| self.get(value));
            next.push(if yes == no { yes } else { self.b.ins().select(rare, yes, no) });
        }
        let count = plan.courses.iter().position(|course| *course == Course::Counts).and_then(|at| next.get(at));
        let again = self.b.ins().icmp(IntCC::SignedLessThan, count.copied().unwrap_or(until), until);
        let args: Vec<BlockArg> = next.into_iter().map(BlockArg::Value).collect();
        self.b.ins().brif(again, each, &args, ahead, &args);
        for (param, value) in params.iter().zip(outside) {
            self.values[param.index()] = value;
        }
        Ok(())
    }

    fn stride(&self, id: StructId) -> i64 {
        8 * row_words(self.unit.source.schema.layout(id)) as i64
    }

    fn nothing_in_lanes(&mut self) -> clif::Value {
        let zero = self.int(0);
        self.b.ins().splat(types::I64X2, zero)
    }

    /// What is the same in all passes.
    fn first_lanes(&mut self, at: usize, plan: &Plan, given: &[clif::Value]) -> Lanes {
        let mut values = HashMap::default();
        for value in &plan.from_outside {
            let scalar = self.get(*value);
            values.insert(*value, self.in_all_lanes(scalar));
        }
        let params = &self.function.blocks[at].params;
        for ((course, param), given) in plan.courses.iter().zip(params).zip(given) {
            if *course == Course::Stays {
                values.insert(*param, self.in_all_lanes(*given));
            }
        }
        let odd = self.nothing_in_lanes();
        let seconds = self.seconds(at, plan);
        Lanes {
            values,
            odd,
            row: odd,
            stride: 0,
            vector: 0,
            ones: HashMap::default(),
            compared: HashMap::default(),
            nothing: Vec::new(),
            seconds,
        }
    }

    /// Of words that are loaded and stand one behind the other, every other one.
    fn seconds(&self, at: usize, plan: &Plan) -> Vec<i32> {
        let insts = std::iter::once(at).chain(plan.common).flat_map(|block| &self.function.blocks[block].insts);
        let places = insts.filter(|inst| inst.op == Op::LoadKnown).filter_map(|inst| self.place_of_field(&inst.imm));
        let words: BTreeSet<i32> = places.filter(|(_, repr)| is_word(*repr)).map(|(offset, _)| offset).collect();
        let mut seconds = Vec::new();
        for offset in &words {
            let before = offset - 8;
            if words.contains(&before) && !seconds.contains(&before) {
                seconds.push(*offset);
            }
        }
        seconds
    }

    fn in_all_lanes(&mut self, scalar: clif::Value) -> clif::Value {
        let machine = self.b.func.dfg.value_type(scalar);
        let scalar = if machine == types::I8 { self.truth(scalar) } else { scalar };
        self.b.ins().splat(lanes_of(machine), scalar)
    }

    /// All bits of a lane, or none.
    fn truth(&mut self, scalar: clif::Value) -> clif::Value {
        let wide = self.b.ins().uextend(types::I64, scalar);
        self.b.ins().ineg(wide)
    }

    /// Makes passes for one vector; `states` are those of the parameters that change, by lane.
    fn make_lanes(&mut self, at: usize, plan: &Plan, lanes: &mut Lanes, states: &mut [clif::Value]) {
        let function = self.function;
        let changes = |course: &Course| matches!(course, Course::Sum { .. } | Course::Any);
        let changing = || (0..plan.courses.len()).filter(|at| changes(&plan.courses[*at]));
        for (position, state) in changing().zip(states.iter()) {
            lanes.values.insert(function.blocks[at].params[position], *state);
        }
        let blocks = std::iter::once(at).chain(plan.common);
        for inst in blocks.flat_map(|block| &function.blocks[block].insts) {
            self.tag(inst.node);
            let (Some(result), Some(value)) = (inst.result, self.in_lanes(inst, at, plan, lanes)) else { continue };
            lanes.values.insert(result, value);
        }
        for (position, state) in changing().zip(states) {
            *state = lanes.values.get(&plan.next[position]).copied().unwrap_or(*state);
            if plan.courses[position] == (Course::Sum { bounded: true }) {
                let quarter = self.int(QUARTER);
                let quarter = self.b.ins().splat(types::I64X2, quarter);
                let above = self.b.ins().iadd(*state, quarter);
                lanes.odd = self.b.ins().bor(lanes.odd, above);
            }
        }
    }

    /// An instruction in all lanes; nothing if it only counts or is the element.
    fn in_lanes(&mut self, inst: &Inst, at: usize, plan: &Plan, lanes: &mut Lanes) -> Option<clif::Value> {
        let arg = |at: usize| inst.args.get(at).and_then(|value| lanes.values.get(value)).copied();
        let is_float = |value: clif::Value, body: &Self| body.b.func.dfg.value_type(value) == types::F64X2;
        Some(match inst.op {
            Op::IConst => {
                let constant = self.int(int(&inst.imm));
                self.in_all_lanes(constant)
            }
            Op::FConst => {
                let Imm::Float(bits) = inst.imm else { return None };
                let constant = self.b.ins().f64const(f64::from_bits(bits));
                self.in_all_lanes(constant)
            }
            Op::BConst => {
                let constant = self.int(if inst.imm == Imm::Bool(true) { -1 } else { 0 });
                self.in_all_lanes(constant)
            }
            Op::LoadKnown if plan.rows.contains(inst.args.first()?) => self.load_lanes(inst, lanes)?,
            Op::IAddWrap => match lanes.ones.get(&arg(1)?).copied() {
                // All bits are −1.
                Some(holds) => self.b.ins().isub(arg(0)?, holds),
                None => self.b.ins().iadd(arg(0)?, arg(1)?),
            },
            Op::ISubWrap => self.b.ins().isub(arg(0)?, arg(1)?),
            Op::IMulWrap => {
                let by = inst.args.get(1).and_then(|value| self.integers.get(value)).copied()?;
                if by == 2 {
                    self.b.ins().iadd(arg(0)?, arg(0)?)
                } else {
                    let by = self.int(i64::from(by.trailing_zeros()));
                    self.b.ins().ishl(arg(0)?, by)
                }
            }
            Op::IAddOver | Op::ISubOver | Op::IMulOver => {
                // Sums that are kept by lane are looked at behind each pass.
                let params = self.function.blocks[at].params.iter().zip(&plan.courses);
                let mut sums = params.filter(|(_, course)| matches!(course, Course::Sum { .. }));
                if !sums.any(|(param, _)| inst.args.contains(param)) {
                    let odd = self.odd_lanes(inst.op, arg(0)?, arg(1)?);
                    lanes.odd = self.b.ins().bor(lanes.odd, odd);
                }
                let nothing = self.nothing_in_lanes();
                lanes.nothing.push(nothing);
                nothing
            }
            Op::ICmp => self.b.ins().icmp(int_condition(cond(&inst.imm)), arg(0)?, arg(1)?),
            Op::FCmp => {
                let (condition, one, other) = (float_condition(cond(&inst.imm)), arg(0)?, arg(1)?);
                let holds = self.b.ins().fcmp(condition, one, other);
                lanes.compared.insert(holds, (condition, one, other));
                holds
            }
            Op::FAdd => self.b.ins().fadd(arg(0)?, arg(1)?),
            Op::FSub => self.b.ins().fsub(arg(0)?, arg(1)?),
            Op::FMul => self.b.ins().fmul(arg(0)?, arg(1)?),
            Op::FDiv => self.b.ins().fdiv(arg(0)?, arg(1)?),
            Op::FNeg => self.b.ins().fneg(arg(0)?),
            Op::FAbs => self.b.ins().fabs(arg(0)?),
            Op::FSqrt => self.b.ins().sqrt(arg(0)?),
            Op::Not => match lanes.compared.get(&arg(0)?).copied() {
                Some((condition, one, other)) => self.b.ins().fcmp(condition.complement(), one, other),
                None => self.b.ins().bnot(arg(0)?),
            },
            Op::And => self.b.ins().band(arg(0)?, arg(1)?),
            Op::Or => match (arg(0)?, arg(1)?) {
                (some, nothing) | (nothing, some) if lanes.nothing.contains(&nothing) => some,
                (one, other) => self.b.ins().bor(one, other),
            },
            Op::Select => {
                let (condition, yes, no) = (arg(0)?, arg(1)?, arg(2)?);
                let (yes, no) = if planted::is(103) { (no, yes) } else { (yes, no) };
                if yes == no {
                    yes
                } else if is_float(yes, self) {
                    let none = MemFlagsData::new();
                    let [yes, no] = [yes, no].map(|value| self.b.ins().bitcast(types::I64X2, none, value));
                    let chosen = self.b.ins().bitselect(condition, yes, no);
                    self.b.ins().bitcast(types::F64X2, none, chosen)
                } else if inst.args.get(2).and_then(|no| self.integers.get(no)) == Some(&0) {
                    let chosen = self.b.ins().band(condition, yes);
                    if inst.args.get(1).and_then(|yes| self.integers.get(yes)) == Some(&1) {
                        lanes.ones.insert(chosen, condition);
                    }
                    chosen
                } else {
                    self.b.ins().bitselect(condition, yes, no)
                }
            }
            _ => return None,
        })
    }

    /// A sign where an operation of integers is too large.
    fn odd_lanes(&mut self, op: Op, a: clif::Value, b: clif::Value) -> clif::Value {
        match op {
            Op::IAddOver => {
                let sum = self.b.ins().iadd(a, b);
                let [one, other] = [a, b].map(|operand| self.b.ins().bxor(operand, sum));
                self.b.ins().band(one, other)
            }
            Op::ISubOver => {
                let difference = self.b.ins().isub(a, b);
                let [one, other] = [b, difference].map(|operand| self.b.ins().bxor(a, operand));
                self.b.ins().band(one, other)
            }
            // Times two.
            _ => {
                let twice = self.b.ins().iadd(a, a);
                self.b.ins().bxor(a, twice)
            }
        }
    }

    /// A field of the elements of a vector.
    fn load_lanes(&mut self, inst: &Inst, lanes: &Lanes) -> Option<clif::Value> {
        let (offset, repr) = self.place_of_field(&inst.imm)?;
        let from = i32::try_from(lanes.vector * LANES * lanes.stride).ok()?.checked_add(offset)?;
        let next = if planted::is(100) { from } else { from.checked_add(i32::try_from(lanes.stride).ok()?)? };
        if is_word(repr) {
            let is_second = lanes.seconds.contains(&offset);
            let [from, next] = if is_second { [from - 8, next - 8] } else { [from, next] };
            // What stands behind the field is loaded with it, for the next one or nobody: there is another row behind each of these.
            // Nothing writes rows as long as this row is looked at, so that each is loaded where it is used, and once.
            let flags = MemFlagsData::new().with_notrap().with_readonly().with_can_move();
            let [one, other] = [from, next].map(|start| self.b.ins().load(types::I8X16, flags, lanes.row, start));
            let halves = if is_second { HIGH_HALVES } else { LOW_HALVES };
            let halves = self.b.func.dfg.immediates.push(halves[..].into());
            let both = self.b.ins().shuffle(one, other, halves);
            let little = MemFlagsData::new().with_endianness(Endianness::Little);
            let machine = if repr == Repr::F64 { types::F64X2 } else { types::I64X2 };
            return Some(self.b.ins().bitcast(machine, little, both));
        }
        let [one, other] = [from, next].map(|start| {
            let value = self.read(lanes.row, start, repr);
            if self.b.func.dfg.value_type(value) == types::I8 { self.truth(value) } else { value }
        });
        let machine = self.b.func.dfg.value_type(one);
        let vector = self.b.ins().scalar_to_vector(lanes_of(machine), one);
        Some(self.b.ins().insertlane(vector, other, 1u8))
    }
}

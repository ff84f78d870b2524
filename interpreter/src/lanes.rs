//! Passes of a loop over a list, up to 64 at a time, where nothing that the loop does can be seen from outside but in
//! its registers: each step for all passes ("lanes") that come by, then the next step. So a step is found once, and not
//! once a pass. From the first step on that reads what a pass leaves to the next one, the lanes go one after the other.
//!
//! Nothing here traps: a lane that would is left to the instructions, with all behind it, and so is what fuel may not last
//! for. [`crate::decode`] finds the loops (`decode::lanes`).

use statewright_runtime::context::Context;
use statewright_runtime::state::{FieldPlace, State};
use statewright_types::{StructId, planted, scalar};

use crate::code::Reg;

/// As many as a word has bits.
pub(crate) const LANES: usize = 64;
/// Fewer passes are not worth it.
pub(crate) const WORTH: i64 = 8;
/// The most steps of a loop; the one behind them is its end.
pub(crate) const STEPS: usize = 64;
/// The most columns.
pub(crate) const COLUMNS: usize = 32;
/// The column of the index, that of the element.
pub(crate) const INDEX: u8 = 0;
pub(crate) const ELEMENT: u8 = 1;

/// A register, a value for each lane.
pub(crate) type Column = [u64; LANES];

/// A loop that can be run in lanes.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The list's register, that of its length.
    pub list: Reg,
    pub length: Reg,
    /// What a pass charges where it begins.
    pub fuel: u64,
    /// No pass charges more.
    pub most_fuel: u64,
    /// What a pass does, each step before those that it leads to.
    pub steps: Vec<Step>,
    /// From this step on one lane after the other.
    pub serial: usize,
    /// The type of the elements, if words of them are loaded.
    pub element_type: Option<StructId>,
    /// The registers that it works on, the index and the element first.
    pub columns: Vec<Source>,
}

/// What a column begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nothing: every lane writes it before it reads it.
    Lanes(Reg),
    /// A register that the loop only reads.
    Same(Reg),
    Constant(u64),
    /// A register that a pass reads as the one before left it. It stands in the first lane.
    Carried(Reg),
}

/// One step. Operands are columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub what: What,
    /// The step that follows.
    pub next: u8,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    Fuel(u64),
    /// `is_alone`, here and below: nothing else writes `d`, so that lanes that do not come by may be written too.
    Load {
        d: u8,
        a: u8,
        place: FieldPlace,
        is_alone: bool,
    },
    /// A whole word of the element, which is looked up before.
    LoadWord {
        d: u8,
        word: u32,
        is_alone: bool,
    },
    Compute {
        f: Function,
        d: u8,
        a: u8,
        b: u8,
        is_alone: bool,
    },
    /// To `to` if the function gives `if_is`.
    Jump {
        f: Function,
        if_is: bool,
        a: u8,
        b: u8,
        to: u8,
    },
}

/// What is computed of two values, or of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Same,
    IAdd,
    ISub,
    IMul,
    IAddWrap,
    ISubWrap,
    IMulWrap,
    IAddOver,
    ISubOver,
    IMulOver,
    IDiv,
    IDivFloor,
    IRem,
    INeg,
    IAbs,
    IMin,
    IMax,
    FAdd,
    FSub,
    FMul,
    FDiv,
    FNeg,
    FAbs,
    IToF,
    IEq,
    INe,
    ILt,
    ILe,
    FEq,
    FNe,
    FLt,
    FLe,
    Not,
    And,
    Or,
}

impl Function {
    /// Nothing where it traps.
    #[inline(always)]
    fn of(self, a: u64, b: u64) -> Option<u64> {
        let (i, j) = (a as i64, b as i64);
        let (x, y) = (f64::from_bits(a), f64::from_bits(b));
        let int = |result: Result<i64, _>| result.ok().map(|value: i64| value as u64);
        let float = |value: f64| Some(value.to_bits());
        let truth = |value: bool| Some(u64::from(value));
        match self {
            Function::Same => Some(a),
            Function::IAdd => int(scalar::iadd(i, j)),
            Function::ISub => int(scalar::isub(i, j)),
            Function::IMul => int(scalar::imul(i, j)),
            Function::IAddWrap => Some(scalar::iadd_wrap(i, j) as u64),
            Function::ISubWrap => Some(scalar::isub_wrap(i, j) as u64),
            Function::IMulWrap => Some(scalar::imul_wrap(i, j) as u64),
            Function::IAddOver => truth(scalar::iadd_over(i, j)),
            Function::ISubOver => truth(scalar::isub_over(i, j)),
            Function::IMulOver => truth(scalar::imul_over(i, j)),
            Function::IDiv => int(scalar::idiv(i, j)),
            Function::IDivFloor => int(scalar::idiv_floor(i, j)),
            Function::IRem => int(scalar::irem(i, j)),
            Function::INeg => int(scalar::ineg(i)),
            Function::IAbs => int(scalar::iabs(i)),
            Function::IMin => Some(i.min(j) as u64),
            Function::IMax => Some(i.max(j) as u64),
            Function::FAdd => float(x + y),
            Function::FSub => float(x - y),
            Function::FMul => float(x * y),
            Function::FDiv => float(x / y),
            Function::FNeg => float(-x),
            Function::FAbs => float(x.abs()),
            Function::IToF => float(i as f64),
            Function::IEq => truth(a == b),
            Function::INe => truth(a != b),
            Function::ILt => truth(i < j),
            Function::ILe => truth(i <= j),
            Function::FEq => truth(x == y),
            Function::FNe => truth(x != y),
            Function::FLt => truth(x < y),
            Function::FLe => truth(x <= y),
            Function::Not => Some(a ^ 1),
            Function::And => Some(a & b),
            Function::Or => Some(a | b),
        }
    }
}

/// Evaluates an expression in which a closure computes the function: compiled once for each.
macro_rules! with_function {
    ($f:expr, |$g:ident| $body:expr) => {
        with_function!($f, |$g| $body, Same IAdd ISub IMul IAddWrap ISubWrap IMulWrap IAddOver ISubOver IMulOver
            IDiv IDivFloor IRem INeg IAbs IMin IMax FAdd FSub FMul
            FDiv FNeg FAbs IToF IEq INe ILt ILe FEq FNe FLt FLe Not And Or)
    };
    ($f:expr, |$g:ident| $body:expr, $($name:ident)*) => {
        match $f {
            $(Function::$name => {
                let $g = |a: u64, b: u64| Function::$name.of(a, b);
                $body
            })*
        }
    };
}

/// A lane that is left to the instructions.
struct Stuck(usize);

/// Runs passes from the end of one on, which is where they leave off. None where effects are in use.
#[inline(never)]
pub(crate) fn run(plan: &Plan, regs: &mut [u64], columns: &mut Vec<Column>, cx: &mut Context<'_>) {
    let [Source::Lanes(index), Source::Lanes(element), ..] = plan.columns[..] else { return };
    if cx.state.is_overlaid() {
        return;
    }
    let get = |register: Reg| regs[register as usize];
    let (mut at, length) = (get(index) as i64, get(plan.length) as i64);
    let elements = cx.state.list_slots(get(plan.list));
    let length = length.min(elements.len() as i64);
    if columns.len() < plan.columns.len() {
        columns.resize(COLUMNS, [0; LANES]);
    }
    for (column, source) in columns.iter_mut().zip(&plan.columns) {
        match *source {
            Source::Lanes(_) => {}
            Source::Same(register) => column.fill(get(register)),
            Source::Constant(value) => column.fill(value),
            Source::Carried(register) => column[0] = get(register),
        }
    }
    while at >= 0 && at < length - 1 {
        let rest = &elements[at as usize + 1..length as usize];
        let affordable = usize::try_from(cx.meter.fuel / plan.most_fuel.max(1)).unwrap_or(LANES);
        let Some(few) = rest.get(..rest.len().min(affordable).min(LANES)).filter(|few| !few.is_empty()) else { break };
        let mut batch = Batch { plan, columns, state: cx.state, starts: [0; LANES], last: [0; COLUMNS], fuel: 0 };
        let count = batch.run(at + 1, few);
        if count == 0 {
            break;
        }
        let (fuel, last) = (batch.fuel, batch.last);
        cx.meter.fuel -= fuel;
        at += count as i64;
        for ((column, source), last) in columns.iter().zip(&plan.columns).zip(last) {
            match *source {
                Source::Lanes(register) if last > 0 => {
                    regs[register as usize] = column[if planted::is(108) { 0 } else { usize::from(last) - 1 }]
                }
                Source::Carried(register) => regs[register as usize] = column[0],
                _ => {}
            }
        }
        regs[index as usize] = at as u64;
        regs[element as usize] = columns[usize::from(ELEMENT)][count - 1];
        if count < few.len() {
            break;
        }
    }
}

/// Passes that are run at once.
struct Batch<'a> {
    plan: &'a Plan,
    columns: &'a mut [Column],
    state: &'a State,
    /// Where the rows of the elements begin.
    starts: [usize; LANES],
    /// By column, one more than the last lane that wrote it.
    last: [u8; COLUMNS],
    fuel: u64,
}

/// The first `count` lanes.
fn first(count: usize) -> u64 {
    if count >= LANES { u64::MAX } else { (1 << count) - 1 }
}

impl Batch<'_> {
    /// Runs passes over `elements`, the first of which has this index; gives how many came through.
    fn run(&mut self, index: i64, elements: &[u64]) -> usize {
        let mut before = [0; COLUMNS];
        for ((before, column), _) in before.iter_mut().zip(&*self.columns).zip(&self.plan.columns) {
            *before = column[0];
        }
        let mut count = elements.len();
        while count > 0 {
            let Err(Stuck(lane)) = self.pass(index, &elements[..count]) else { break };
            // Once more, without the lane that is stuck.
            count = lane;
            (self.last, self.fuel) = ([0; COLUMNS], if planted::is(105) { self.fuel } else { 0 });
            for (at, source) in self.plan.columns.iter().enumerate() {
                if let Source::Carried(_) = source
                    && !planted::is(106)
                {
                    self.columns[at][0] = before[at];
                }
            }
        }
        count
    }

    fn pass(&mut self, index: i64, elements: &[u64]) -> Result<(), Stuck> {
        let plan = self.plan;
        for (lane, slot) in self.columns[usize::from(INDEX)].iter_mut().enumerate() {
            *slot = (index as u64).wrapping_add(lane as u64);
        }
        self.columns[usize::from(ELEMENT)][..elements.len()].copy_from_slice(elements);
        let rows = plan.element_type.and_then(|ty| self.state.rows(ty)).unwrap_or_default();
        if plan.element_type.is_some() {
            for (lane, (start, element)) in self.starts.iter_mut().zip(elements).enumerate() {
                *start = rows.start(*element).ok_or(Stuck(lane))?;
            }
        }
        let all = first(elements.len());
        self.fuel += plan.fuel * elements.len() as u64;
        let mut coming = [0; STEPS + 1];
        coming[0] = all;
        for (at, step) in plan.steps[..plan.serial].iter().enumerate() {
            let lanes = coming[at];
            if lanes == 0 {
                continue;
            }
            let mut going_on = lanes;
            let is_whole = |is_alone| lanes == u64::MAX || is_alone && lanes.count_ones() > LANES as u32 / 2;
            match step.what {
                What::Fuel(amount) => self.fuel += amount * u64::from(lanes.count_ones()),
                What::Load { d, a, place, is_alone } => {
                    let records = self.columns[usize::from(a)];
                    let Some(rows) = self.state.rows(place.ty) else { return Err(Stuck(0)) };
                    let column = &mut self.columns[usize::from(d)];
                    compute(column, &records, &records, lanes, is_whole(is_alone), |record, _| {
                        rows.load(record, place)
                    })?;
                    self.wrote(d, lanes);
                }
                What::LoadWord { d, word, is_alone } => {
                    let column = &mut self.columns[usize::from(d)];
                    let starts = &self.starts;
                    fill(column, lanes, is_whole(is_alone), |lane| rows.word(starts[lane], word));
                    self.wrote(d, lanes);
                }
                What::Compute { f, d, a, b, is_alone } => {
                    let [d_at, a_at, b_at] = [d, a, b].map(usize::from);
                    let mut copies = None;
                    let (column, a, b) = if d == a || d == b {
                        let (a, b) = copies.insert((self.columns[a_at], self.columns[b_at]));
                        (&mut self.columns[d_at], &*a, &*b)
                    } else if a == b {
                        let Ok([column, a]) = self.columns.get_disjoint_mut([d_at, a_at]) else { return Err(Stuck(0)) };
                        (column, &*a, &*a)
                    } else {
                        let apart = self.columns.get_disjoint_mut([d_at, a_at, b_at]);
                        let Ok([column, a, b]) = apart else { return Err(Stuck(0)) };
                        (column, &*a, &*b)
                    };
                    with_function!(f, |f| compute(column, a, b, lanes, is_whole(is_alone), f))?;
                    self.wrote(d, lanes);
                }
                What::Jump { f, if_is, a, b, to } => {
                    let (a, b) = (&self.columns[usize::from(a)], &self.columns[usize::from(b)]);
                    let holds = with_function!(f, |f| test(a, b, f));
                    let jumping = lanes & if if_is || planted::is(107) { holds } else { !holds };
                    coming[usize::from(to)] |= jumping;
                    going_on = lanes & !jumping;
                }
            }
            coming[usize::from(step.next)] |= going_on;
        }
        self.one_by_one(&mut coming)
    }

    fn wrote(&mut self, column: u8, lanes: u64) {
        let last = &mut self.last[usize::from(column)];
        *last = (*last).max((u64::BITS - lanes.leading_zeros()) as u8);
    }

    /// The steps that depend on the passes before.
    fn one_by_one(&mut self, coming: &mut [u64; STEPS + 1]) -> Result<(), Stuck> {
        let plan = self.plan;
        let from = plan.serial;
        let Some(entry) = plan.steps.get(from) else { return Ok(()) };
        let others = coming[from + 1..plan.steps.len()].iter().fold(0, |lanes, more| lanes | more);
        let mut lanes = coming[from] | others;
        // A sum or the like, which is all that is left to do.
        if let What::Compute { f, d, a, b, .. } = entry.what
            && usize::from(entry.next) == plan.steps.len()
            && others == 0
            && (a == d) != (b == d)
            && let Source::Carried(_) = plan.columns[usize::from(d)]
        {
            let (so_far, other) = (self.get(d, 0), self.operand(if a == d { b } else { a }));
            let result = with_function!(f, |f| fold(so_far, other, coming[from], a == d, f))?;
            self.columns[usize::from(d)][0] = result;
            return Ok(());
        }
        while lanes != 0 {
            // A test that most lanes do not get through: on to the next that does.
            if let What::Jump { f, if_is, a, b, to } = entry.what
                && (usize::from(to) == plan.steps.len()) != (usize::from(entry.next) == plan.steps.len())
                && others == 0
            {
                let ends_if = if usize::from(to) == plan.steps.len() { if_is } else { !if_is };
                let (a, b) = (self.operand(a), self.operand(b));
                lanes = with_function!(f, |f| skip(a, b, lanes, ends_if, f));
                if lanes == 0 {
                    break;
                }
            }
            let lane = lanes.trailing_zeros() as usize;
            lanes &= lanes - 1;
            let mut at = from;
            while coming[at] >> lane & 1 == 0 {
                at += 1;
            }
            while let Some(step) = plan.steps.get(at) {
                at = usize::from(self.step(step, lane).ok_or(Stuck(lane))?);
            }
        }
        Ok(())
    }

    fn operand(&self, column: u8) -> (&Column, usize) {
        let is_carried = matches!(self.plan.columns[usize::from(column)], Source::Carried(_));
        (&self.columns[usize::from(column)], if is_carried { 0 } else { LANES - 1 })
    }

    fn get(&self, column: u8, lane: usize) -> u64 {
        let (column, mask) = self.operand(column);
        column[lane & mask]
    }

    fn set(&mut self, column: u8, lane: usize, value: u64) {
        let (_, mask) = self.operand(column);
        self.columns[usize::from(column)][lane & mask] = value;
        self.last[usize::from(column)] = lane as u8 + 1;
    }

    /// One step of one lane; gives the next one.
    fn step(&mut self, step: &Step, lane: usize) -> Option<u8> {
        match step.what {
            What::Fuel(amount) => self.fuel += amount,
            What::Load { d, a, place, .. } => {
                let value = self.state.load_at(self.get(a, lane), place).ok()?;
                self.set(d, lane, value);
            }
            What::LoadWord { d, word, .. } => {
                let rows = self.plan.element_type.and_then(|ty| self.state.rows(ty))?;
                self.set(d, lane, rows.word(self.starts[lane], word));
            }
            What::Compute { f, d, a, b, .. } => {
                let value = f.of(self.get(a, lane), self.get(b, lane))?;
                self.set(d, lane, value);
            }
            What::Jump { f, if_is, a, b, to } => {
                let holds = f.of(self.get(a, lane), self.get(b, lane))? != 0;
                if holds == if_is {
                    return Some(to);
                }
            }
        }
        Some(step.next)
    }
}

/// Computes `lanes` of a column; the others too if the column is written as a whole.
#[inline(always)]
fn compute(
    column: &mut Column,
    a: &Column,
    b: &Column,
    lanes: u64,
    is_whole: bool,
    f: impl Fn(u64, u64) -> Option<u64>,
) -> Result<(), Stuck> {
    let mut stuck = 0;
    // Where more than half of them are idle, the others are looked for.
    if is_whole {
        for lane in 0..LANES {
            match f(a[lane], b[lane]) {
                Some(value) => column[lane] = value,
                None => stuck |= 1 << lane,
            }
        }
    } else {
        let mut left = lanes;
        while left != 0 {
            let lane = left.trailing_zeros() as usize % LANES;
            left &= left - 1;
            match f(a[lane], b[lane]) {
                Some(value) => column[lane] = value,
                None => stuck |= 1 << lane,
            }
        }
    }
    match stuck & lanes {
        0 => Ok(()),
        stuck => Err(Stuck(stuck.trailing_zeros() as usize)),
    }
}

/// The same of what is known to be there.
#[inline(always)]
fn fill(column: &mut Column, lanes: u64, is_whole: bool, f: impl Fn(usize) -> u64) {
    if is_whole {
        for (lane, slot) in column.iter_mut().enumerate() {
            *slot = f(lane);
        }
    } else {
        let mut left = lanes;
        while left != 0 {
            let lane = left.trailing_zeros() as usize % LANES;
            left &= left - 1;
            column[lane] = f(lane);
        }
    }
}

/// The lanes for which it holds, and perhaps some that do not count.
#[inline(always)]
fn test(a: &Column, b: &Column, f: impl Fn(u64, u64) -> Option<u64>) -> u64 {
    let mut lanes = 0;
    for lane in 0..LANES {
        lanes |= u64::from(f(a[lane], b[lane]).is_some_and(|value| value != 0)) << lane;
    }
    lanes
}

/// Computes from lane to lane: `so_far` is on the left or on the right.
#[inline(always)]
fn fold(
    mut so_far: u64,
    (other, mask): (&Column, usize),
    mut lanes: u64,
    is_left: bool,
    f: impl Fn(u64, u64) -> Option<u64>,
) -> Result<u64, Stuck> {
    while lanes != 0 {
        let lane = lanes.trailing_zeros() as usize;
        lanes &= lanes - 1;
        let other = other[lane & mask];
        so_far = if is_left { f(so_far, other) } else { f(other, so_far) }.ok_or(Stuck(lane))?;
    }
    Ok(so_far)
}

/// Takes the first lanes away, as long as it `ends` them.
#[inline(always)]
fn skip(
    (a, a_mask): (&Column, usize),
    (b, b_mask): (&Column, usize),
    mut lanes: u64,
    ends: bool,
    f: impl Fn(u64, u64) -> Option<u64>,
) -> u64 {
    while lanes != 0 {
        let lane = lanes.trailing_zeros() as usize;
        if f(a[lane & a_mask], b[lane & b_mask]).is_some_and(|value| value != 0) != ends {
            break;
        }
        lanes &= lanes - 1;
    }
    lanes
}

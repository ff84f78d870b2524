//! Finds the loops over lists whose passes can be run many at once ([`crate::lanes`]): all that a pass does is load,
//! compute, jump forward and charge fuel. Stands last, when instructions are joined: a joined one counts as its first part,
//! since its parts stand behind it.

use std::collections::HashMap;

use statewright_runtime::state::FieldPlace;
use statewright_types::StructId;

use crate::code::{Code, Inst, Reg};
use crate::lanes::{COLUMNS, ELEMENT, Function, INDEX, Plan, STEPS, Source, Step, What};

/// Lets ends of passes try to run many passes.
pub(super) fn plan(code: &mut Code) {
    let mut plans: HashMap<usize, Option<u16>> = HashMap::new();
    let mut ends = Vec::new();
    for at in 0..code.insts.len() {
        let (Inst::EachLoop { to, .. } | Inst::CountLoopGet { to, .. }) = code.insts[at] else { continue };
        let plan = *plans.entry(to as usize).or_insert_with(|| {
            let (number, plan) = (u16::try_from(code.plans.len()).ok()?, planned(code, code.insts[at])?);
            code.plans.push(plan);
            Some(number)
        });
        ends.extend(plan.map(|plan| (at, plan)));
    }
    for (at, plan) in ends {
        let inst = code.insts[at];
        let (Inst::EachLoop { a, b, .. } | Inst::CountLoopGet { a, b, .. }) = inst else { continue };
        let alone = code.insts.len() as u32;
        code.insts[at] = Inst::LanesLoop { plan, a, b, alone };
        let node = code.nodes[at];
        code.insts.extend([inst, Inst::Jump { to: at as u32 + 1 }]);
        code.nodes.extend([node, node]);
    }
}

/// What an instruction does in registers, and where it goes on.
struct Part {
    pc: usize,
    does: Does,
    next: usize,
    to: Option<usize>,
}

enum Does {
    Fuel(u64),
    Load { d: Reg, a: Reg, place: FieldPlace },
    Compute { f: Function, d: Reg, a: Reg, b: Operand },
    Jump { f: Function, if_is: bool, a: Reg, b: Reg },
}

enum Operand {
    Register(Reg),
    Constant(u64),
}

/// The plan of the loop whose passes end with `end`, if it is one of those.
fn planned(code: &Code, end: Inst) -> Option<Plan> {
    let (Inst::EachLoop { fuel, a: index, b: length, list, d: element, to, .. }
    | Inst::CountLoopGet { fuel, a: index, b: length, list, d: element, to, .. }) = end
    else {
        return None;
    };
    let [index, length, list, element] = [index, length, list, element].map(Reg::from);
    let parts = ordered(code, end, to as usize)?;
    let mut columns = vec![Source::Lanes(index), Source::Lanes(element)];
    let steps = parts.iter().map(|part| step(part, &parts, &mut columns)).collect::<Option<Vec<_>>>()?;
    if columns.len() > COLUMNS || element == index {
        return None;
    }
    for column in steps.iter().filter_map(written) {
        match columns[usize::from(column)] {
            Source::Same(register) | Source::Lanes(register) if [index, length, list].contains(&register) => {
                return None;
            }
            Source::Same(register) => columns[usize::from(column)] = Source::Lanes(register),
            _ => {}
        }
    }
    let mut plan = Plan {
        list,
        length,
        fuel: u64::from(fuel),
        most_fuel: u64::from(fuel),
        steps,
        serial: 0,
        element_type: None,
        columns,
    };
    find_carried(&mut plan);
    delay_carried(&mut plan);
    // What is left besides would not make up for the trouble.
    let is_work = |step: &&Step| !matches!(step.what, What::Fuel(_));
    if plan.steps[..plan.serial].iter().filter(is_work).count() < 2 {
        return None;
    }
    load_words(&mut plan);
    note_alone(&mut plan);
    for step in &plan.steps {
        if let What::Fuel(amount) = step.what {
            plan.most_fuel = plan.most_fuel.checked_add(amount)?;
        }
    }
    Some(plan)
}

/// What a pass can come by, each part before those that it leads to; nothing if there is more than loads, computations,
/// jumps and fuel, a way round, or no way to `end`.
fn ordered(code: &Code, end: Inst, to: usize) -> Option<Vec<Part>> {
    let mut out: Vec<Part> = Vec::new();
    // Parts that are begun: those among them whose successors are done go out.
    let mut open: Vec<(usize, bool)> = vec![(to, false)];
    let mut begun: Vec<usize> = Vec::new();
    while let Some((pc, is_done)) = open.pop() {
        if is_done {
            out.push(part(code, pc)?);
            continue;
        }
        if is_end(code, end, pc) || out.iter().any(|part| part.pc == pc) {
            continue;
        }
        // On the way to itself, or come by twice before it was done.
        if begun.contains(&pc) && open.contains(&(pc, true)) {
            return None;
        }
        if begun.len() >= 2 * STEPS {
            return None;
        }
        begun.push(pc);
        open.push((pc, true));
        let part = part(code, pc)?;
        open.extend([Some(part.next), part.to].into_iter().flatten().map(|pc| (pc, false)));
    }
    out.reverse();
    (out.len() <= STEPS && !out.is_empty()).then_some(out)
}

/// Whether a pass ends there.
fn is_end(code: &Code, end: Inst, pc: usize) -> bool {
    let registers = |inst| match inst {
        Inst::EachLoop { fuel, a, b, list, d, back, to } => Some((true, fuel, a, b, list, d, back, to)),
        Inst::CountLoopGet { fuel, a, b, list, d, back, to } => Some((false, fuel, a, b, list, d, back, to)),
        _ => None,
    };
    code.insts.get(pc).is_some_and(|inst| registers(*inst).is_some() && registers(*inst) == registers(end))
}

/// An instruction, or the first part of a joined one.
#[rustfmt::skip] // a table, one row a line
fn part(code: &Code, pc: usize) -> Option<Part> {
    let inst = *code.insts.get(pc)?;
    let go = |does: Does| Some(Part { pc, does, next: pc + 1, to: None });
    let two = |f: Function, d: Reg, a: Reg, b: Reg| go(Does::Compute { f, d, a, b: Operand::Register(b) });
    let one = |f: Function, d: Reg, a: Reg| go(Does::Compute { f, d, a, b: Operand::Register(a) });
    let load = |d: Reg, a: Reg, place: FieldPlace| go(Does::Load { d, a, place });
    let word = |t: u16, a: u16, ty: u16, word: u16| {
        load(t.into(), a.into(), FieldPlace::of_word(StructId(ty.into()), word.into()))
    };
    let jump = |f: Function, if_is: bool, a: Reg, b: Reg, to: u32| {
        Some(Part { pc, does: Does::Jump { f, if_is, a, b }, next: pc + 1, to: Some(to as usize) })
    };
    match inst {
        Inst::Fuel { amount } => go(Does::Fuel(amount)),
        Inst::Fuels { count } => {
            Some(Part { pc, does: Does::Fuel(count.into()), next: pc + usize::from(count), to: None })
        }
        Inst::Jump { to } => Some(Part { pc, does: Does::Fuel(0), next: to as usize, to: None }),
        Inst::Move { d, a } => one(Function::Same, d, a),
        Inst::IAdd { d, a, b } => two(Function::IAdd, d, a, b),
        Inst::ISub { d, a, b } => two(Function::ISub, d, a, b),
        Inst::IMul { d, a, b } => two(Function::IMul, d, a, b),
        Inst::IAddWrap { d, a, b } => two(Function::IAddWrap, d, a, b),
        Inst::ISubWrap { d, a, b } => two(Function::ISubWrap, d, a, b),
        Inst::IMulWrap { d, a, b } => two(Function::IMulWrap, d, a, b),
        Inst::IAddOver { d, a, b } => two(Function::IAddOver, d, a, b),
        Inst::ISubOver { d, a, b } => two(Function::ISubOver, d, a, b),
        Inst::IMulOver { d, a, b } => two(Function::IMulOver, d, a, b),
        Inst::IDiv { d, a, b } => two(Function::IDiv, d, a, b),
        Inst::IDivFloor { d, a, b } => two(Function::IDivFloor, d, a, b),
        Inst::IRem { d, a, b } => two(Function::IRem, d, a, b),
        Inst::IRemBits { d, a, bits } => {
            go(Does::Compute { f: Function::IRem, d, a, b: Operand::Constant(1 << (bits & 63)) })
        }
        Inst::INeg { d, a } => one(Function::INeg, d, a),
        Inst::IAbs { d, a } => one(Function::IAbs, d, a),
        Inst::IMin { d, a, b } => two(Function::IMin, d, a, b),
        Inst::IMax { d, a, b } => two(Function::IMax, d, a, b),
        Inst::FAdd { d, a, b } => two(Function::FAdd, d, a, b),
        Inst::FSub { d, a, b } => two(Function::FSub, d, a, b),
        Inst::FMul { d, a, b } => two(Function::FMul, d, a, b),
        Inst::FDiv { d, a, b } => two(Function::FDiv, d, a, b),
        Inst::FNeg { d, a } => one(Function::FNeg, d, a),
        Inst::FAbs { d, a } => one(Function::FAbs, d, a),
        Inst::IToF { d, a } => one(Function::IToF, d, a),
        Inst::IEq { d, a, b } => two(Function::IEq, d, a, b),
        Inst::INe { d, a, b } => two(Function::INe, d, a, b),
        Inst::ILt { d, a, b } => two(Function::ILt, d, a, b),
        Inst::ILe { d, a, b } => two(Function::ILe, d, a, b),
        Inst::FEq { d, a, b } => two(Function::FEq, d, a, b),
        Inst::FNe { d, a, b } => two(Function::FNe, d, a, b),
        Inst::FLt { d, a, b } => two(Function::FLt, d, a, b),
        Inst::FLe { d, a, b } => two(Function::FLe, d, a, b),
        Inst::Not { d, a } => one(Function::Not, d, a),
        Inst::And { d, a, b } => two(Function::And, d, a, b),
        Inst::Or { d, a, b } => two(Function::Or, d, a, b),
        Inst::Load { d, a, field } => load(d, a, *code.fields.get(field as usize)?),
        Inst::IMulAdd { m, a, b, .. } => two(Function::IMul, m.into(), a.into(), b.into()),
        Inst::FMulAdd { m, a, b, .. } => two(Function::FMul, m.into(), a.into(), b.into()),
        Inst::LoadIAdd { t, a, ty, word: w, .. } | Inst::LoadISub { t, a, ty, word: w, .. } => word(t, a, ty, w),
        Inst::LoadIMul { t, a, ty, word: w, .. } | Inst::LoadFAdd { t, a, ty, word: w, .. } => word(t, a, ty, w),
        Inst::LoadFSub { t, a, ty, word: w, .. } | Inst::LoadFMul { t, a, ty, word: w, .. } => word(t, a, ty, w),
        Inst::LoadFSubSquare { t, a, ty, word: w, .. } => word(t, a, ty, w),
        Inst::LoadJumpIf { t, a, ty, word: w, .. } => word(t, a, ty, w),
        Inst::LoadJumpUnless { t, a, ty, word: w, .. } => word(t, a, ty, w),
        Inst::LoadJumpIEq { t, a, ty, word: w, .. } | Inst::LoadJumpINe { t, a, ty, word: w, .. } => word(t, a, ty, w),
        Inst::LoadJumpILt { t, a, ty, word: w, .. } | Inst::LoadJumpILe { t, a, ty, word: w, .. } => word(t, a, ty, w),
        Inst::LoadJumpIGt { t, a, ty, word: w, .. } | Inst::LoadJumpIGe { t, a, ty, word: w, .. } => word(t, a, ty, w),
        Inst::JumpIf { a, to, .. } => jump(Function::Same, true, a, a, to),
        Inst::JumpUnless { a, to, .. } => jump(Function::Same, false, a, a, to),
        Inst::JumpIEq { a, b, to, .. } => jump(Function::IEq, true, a, b, to),
        Inst::JumpINe { a, b, to, .. } => jump(Function::INe, true, a, b, to),
        Inst::JumpILt { a, b, to, .. } => jump(Function::ILt, true, a, b, to),
        Inst::JumpILe { a, b, to, .. } => jump(Function::ILe, true, a, b, to),
        Inst::JumpFEq { a, b, to, .. } => jump(Function::FEq, true, a, b, to),
        Inst::JumpFNe { a, b, to, .. } => jump(Function::FNe, true, a, b, to),
        Inst::JumpFLt { a, b, to, .. } => jump(Function::FLt, true, a, b, to),
        Inst::JumpFLe { a, b, to, .. } => jump(Function::FLe, true, a, b, to),
        Inst::JumpNotFLt { a, b, to, .. } => jump(Function::FLt, false, a, b, to),
        Inst::JumpNotFLe { a, b, to, .. } => jump(Function::FLe, false, a, b, to),
        _ => None,
    }
}

/// The number of a register's column, of a new one if need be.
fn column(columns: &mut Vec<Source>, register: Reg) -> u8 {
    let is_same = |source: &Source| match source {
        Source::Lanes(known) | Source::Same(known) | Source::Carried(known) => *known == register,
        Source::Constant(_) => false,
    };
    let known = columns.iter().position(is_same);
    known.unwrap_or_else(|| {
        columns.push(Source::Same(register));
        columns.len() - 1
    }) as u8 // a part has three at most, and there are no more than `STEPS`
}

fn step(part: &Part, parts: &[Part], columns: &mut Vec<Source>) -> Option<Step> {
    // What is no part is the end.
    let number = |to: usize| parts.iter().position(|part| part.pc == to).unwrap_or(parts.len()) as u8;
    let what = match &part.does {
        Does::Fuel(amount) => What::Fuel(*amount),
        Does::Load { d, a, place } => {
            What::Load { d: column(columns, *d), a: column(columns, *a), place: *place, is_alone: false }
        }
        Does::Compute { f, d, a, b } => {
            let b = match b {
                Operand::Register(register) => column(columns, *register),
                Operand::Constant(value) => {
                    columns.push(Source::Constant(*value));
                    columns.len() as u8 - 1
                }
            };
            What::Compute { f: *f, d: column(columns, *d), a: column(columns, *a), b, is_alone: false }
        }
        Does::Jump { f, if_is, a, b } => {
            let to = part.to.map(number)?;
            What::Jump { f: *f, if_is: *if_is, a: column(columns, *a), b: column(columns, *b), to }
        }
    };
    Some(Step { what, next: number(part.next) })
}

/// The column that a step writes.
fn written(step: &Step) -> Option<u8> {
    match step.what {
        What::Load { d, .. } | What::LoadWord { d, .. } | What::Compute { d, .. } => Some(d),
        What::Fuel(_) | What::Jump { .. } => None,
    }
}

/// The columns that a step reads.
fn read(step: &Step) -> [Option<u8>; 2] {
    match step.what {
        What::Fuel(_) => [None, None],
        What::LoadWord { .. } => [Some(ELEMENT), None],
        What::Load { a, .. } => [Some(a), None],
        What::Compute { a, b, .. } | What::Jump { a, b, .. } => [Some(a), Some(b)],
    }
}

/// Finds the columns that the loop writes, but may read before that in the same pass.
fn find_carried(plan: &mut Plan) {
    // By step, the columns that every way to it has written. Steps come in an order in which one pass is enough.
    let mut before = vec![u32::MAX; plan.steps.len() + 1];
    before[0] = 1 << INDEX | 1 << ELEMENT;
    for (at, step) in plan.steps.iter().enumerate() {
        let mut has = before[at];
        for column in read(step).into_iter().flatten() {
            if let Source::Lanes(register) = plan.columns[usize::from(column)]
                && has >> column & 1 == 0
            {
                plan.columns[usize::from(column)] = Source::Carried(register);
            }
        }
        has |= written(step).map_or(0, |column| 1 << column);
        successors(step).for_each(|next| before[next] &= has);
    }
}

/// Puts steps that have to do with what is carried behind all that need not wait for them.
fn delay_carried(plan: &mut Plan) {
    let is_carried = |column: u8| matches!(plan.columns[usize::from(column)], Source::Carried(_));
    let touches = |step: &Step| read(step).into_iter().flatten().chain(written(step)).any(is_carried);
    let end = plan.steps.len();
    let mut ways = vec![0; end + 1];
    plan.steps.iter().flat_map(successors).for_each(|next| ways[next] += 1);
    // By step, its new number.
    let mut numbers = vec![end; end + 1];
    let mut serial = None;
    for number in 0..end {
        let is_next = |at: &usize| ways[*at] == 0 && numbers[*at] == end;
        let at_once = (0..end).find(|at| is_next(at) && !touches(&plan.steps[*at]));
        let Some(at) = at_once.or_else(|| (0..end).find(is_next)) else { return };
        if at_once.is_none() {
            serial.get_or_insert(number);
        }
        numbers[at] = number;
        successors(&plan.steps[at]).for_each(|next| ways[next] -= 1);
    }
    plan.serial = serial.unwrap_or(end);
    let mut steps = vec![plan.steps[0]; end];
    for (step, number) in plan.steps.iter().zip(&numbers) {
        let mut step = *step;
        step.next = numbers[usize::from(step.next)] as u8;
        if let What::Jump { to, .. } = &mut step.what {
            *to = numbers[usize::from(*to)] as u8;
        }
        steps[*number] = step;
    }
    plan.steps = steps;
}

/// The steps, or the end, that a step leads to.
fn successors(step: &Step) -> impl Iterator<Item = usize> + use<> {
    let to = match step.what {
        What::Jump { to, .. } => Some(to),
        _ => None,
    };
    [Some(step.next), to].into_iter().flatten().map(usize::from)
}

/// Has the elements looked up once, where words of them are loaded and nothing overwrites them.
fn load_words(plan: &mut Plan) {
    if plan.steps.iter().any(|step| written(step) == Some(ELEMENT)) {
        return;
    }
    for step in &mut plan.steps {
        if let What::Load { d, a: ELEMENT, place, is_alone } = step.what
            && let Some(word) = place.whole_word()
            && plan.element_type.is_none_or(|ty| ty == place.ty)
        {
            plan.element_type = Some(place.ty);
            step.what = What::LoadWord { d, word, is_alone };
        }
    }
}

/// Notes which steps are the only ones to write their columns.
fn note_alone(plan: &mut Plan) {
    let mut writers = [0; COLUMNS];
    writers[usize::from(ELEMENT)] = 1;
    plan.steps.iter().filter_map(written).for_each(|column| writers[usize::from(column)] += 1);
    for step in &mut plan.steps {
        if let What::Load { d, is_alone, .. } | What::LoadWord { d, is_alone, .. } | What::Compute { d, is_alone, .. } =
            &mut step.what
        {
            *is_alone = writers[usize::from(*d)] == 1;
        }
    }
}

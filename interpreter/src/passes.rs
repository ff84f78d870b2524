//! Passes of short loops that make one list of another, many at a time: what [`crate::short`] would do with their
//! instructions one by one, as long as nothing traps and fuel and room last. The rest is left to the instructions.

use statewright_runtime::context::Context;
use statewright_runtime::state::State;
use statewright_types::{StructId, TrapCode, scalar};

use crate::code::{Code, Inst, Reg};

/// Elements are appended so many at a time.
const FEW: usize = 64;

/// The registers of a loop, and its fuel.
struct Loop {
    source: u64,
    target: u64,
    index: u16,
    end: u16,
    element: u16,
    /// Where the field of the element goes, and what is made of it.
    loaded: u16,
    made: u16,
    fuel: u64,
    /// What is charged besides in a pass that appends.
    fuel_to_append: u64,
}

/// What a pass comes to.
struct Pass {
    loaded: u64,
    made: u64,
    /// What it appends.
    appended: Option<u64>,
}

/// Whether the `ListPush` at `at` with the `CountLoopGet` behind it ends a loop that [`run`] knows: one that appends
/// elements of which a field passes a test, or what it makes of a field.
pub(crate) fn fits(code: &Code, at: usize) -> bool {
    let Some(&[Inst::ListPush { a: out, b: pushed }, Inst::CountLoopGet { a, b: end, list, d: element, to, .. }]) =
        code.insts.get(at..).and_then(<[Inst]>::first_chunk)
    else {
        return false;
    };
    let head = to as usize;
    let (index, end, list, element) = (Reg::from(a), Reg::from(end), Reg::from(list), Reg::from(element));
    let is_next = |length: usize| head + length == at;
    let (written, read, is_whole) = match code.insts.get(head) {
        Some(
            Inst::LoadJumpIEq { fuel, t, a, b, to, .. }
            | Inst::LoadJumpINe { fuel, t, a, b, to, .. }
            | Inst::LoadJumpILt { fuel, t, a, b, to, .. }
            | Inst::LoadJumpILe { fuel, t, a, b, to, .. }
            | Inst::LoadJumpIGt { fuel, t, a, b, to, .. }
            | Inst::LoadJumpIGe { fuel, t, a, b, to, .. },
        ) => {
            let is_whole = is_next(2 + usize::from(*fuel)) && *to as usize == at + 1 && Reg::from(*a) == element;
            (vec![Reg::from(*t)], vec![Reg::from(*b)], is_whole && pushed == element)
        }
        Some(
            Inst::LoadIAdd { t, a, b, d, .. } | Inst::LoadISub { t, a, b, d, .. } | Inst::LoadIMul { t, a, b, d, .. },
        ) => {
            let is_whole = is_next(2) && Reg::from(*a) == element && pushed == Reg::from(*d);
            (vec![Reg::from(*t), Reg::from(*d)], vec![Reg::from(*b)], is_whole)
        }
        Some(Inst::Load { d, a, .. }) => (vec![*d], Vec::new(), is_next(1) && *a == element && pushed == *d),
        _ => return false,
    };
    let written = [&[index, element], &written[..]].concat();
    let read = [&[end, list, out], &read[..]].concat();
    let is_alone = |(at, register): (usize, &Reg)| !written[..at].contains(register) && !read.contains(register);
    is_whole && written.iter().enumerate().all(is_alone)
}

/// Runs passes from the `CountLoopGet` behind the `ListPush` at `at` on, which is where they leave off. None where effects
/// are in use: they act anew after each write, and may make lists longer or shorter.
#[inline(never)]
pub(crate) fn run(code: &Code, regs: &mut [u64], at: usize, cx: &mut Context<'_>) {
    if !cx.state.is_overlaid() {
        cx.meter.fuel = run_on(code, regs, at, cx.meter.fuel, cx.state);
    }
}

/// The same; gives the fuel that is left.
fn run_on(code: &Code, regs: &mut [u64], at: usize, fuel_left: u64, state: &mut State) -> u64 {
    let Some(&[Inst::ListPushPasses { a: out, .. }, Inst::CountLoopGet { fuel, a, b: end, list, d, to, .. }]) =
        code.insts.get(at..).and_then(<[Inst]>::first_chunk)
    else {
        return fuel_left;
    };
    let (source, target) = (regs[usize::from(list)], regs[out as usize]);
    let plain = Loop {
        source,
        target,
        index: a,
        end,
        element: d,
        loaded: d,
        made: d,
        fuel: u64::from(fuel),
        fuel_to_append: 0,
    };
    // Appends the elements that do not make it jump.
    macro_rules! filter {
        ($fuel:expr, $t:expr, $ty:expr, $word:expr, $b:expr, $jumps:expr) => {{
            let this = Loop { loaded: $t, made: $t, fuel_to_append: u64::from($fuel), ..plain };
            let (other, jumps): (i64, fn(i64, i64) -> bool) = (regs[usize::from($b)] as i64, $jumps);
            let (ty, word) = (StructId(u32::from($ty)), u32::from($word));
            passes(&this, regs, fuel_left, state, |state, element| {
                let loaded = state.load_word(element, ty, word).ok()?;
                let appended = (!jumps(loaded as i64, other)).then_some(element);
                Some(Pass { loaded, made: loaded, appended })
            })
        }};
    }
    // Appends what is made of a field.
    macro_rules! map {
        ($t:expr, $ty:expr, $word:expr, $b:expr, $d:expr, $make:expr) => {{
            let this = Loop { loaded: $t, made: $d, ..plain };
            let (other, make): (i64, fn(i64, i64) -> Result<i64, TrapCode>) = (regs[usize::from($b)] as i64, $make);
            let (ty, word) = (StructId(u32::from($ty)), u32::from($word));
            passes(&this, regs, fuel_left, state, |state, element| {
                let loaded = state.load_word(element, ty, word).ok()?;
                let made = make(loaded as i64, other).ok()? as u64;
                Some(Pass { loaded, made, appended: Some(made) })
            })
        }};
    }
    match code.insts[to as usize] {
        Inst::LoadJumpIEq { fuel, t, ty, word, b, .. } => filter!(fuel, t, ty, word, b, |a, b| a == b),
        Inst::LoadJumpINe { fuel, t, ty, word, b, .. } => filter!(fuel, t, ty, word, b, |a, b| a != b),
        Inst::LoadJumpILt { fuel, t, ty, word, b, .. } => filter!(fuel, t, ty, word, b, |a, b| a < b),
        Inst::LoadJumpILe { fuel, t, ty, word, b, .. } => filter!(fuel, t, ty, word, b, |a, b| a <= b),
        Inst::LoadJumpIGt { fuel, t, ty, word, b, .. } => filter!(fuel, t, ty, word, b, |a, b| a > b),
        Inst::LoadJumpIGe { fuel, t, ty, word, b, .. } => filter!(fuel, t, ty, word, b, |a, b| a >= b),
        Inst::LoadIAdd { t, ty, word, b, d, .. } => map!(t, ty, word, b, d, scalar::iadd),
        Inst::LoadISub { t, ty, word, b, d, .. } => map!(t, ty, word, b, d, scalar::isub),
        Inst::LoadIMul { t, ty, word, b, d, .. } => map!(t, ty, word, b, d, scalar::imul),
        Inst::Load { d, field, .. } => {
            let place = code.fields[field as usize];
            let this = Loop { loaded: d as u16, made: d as u16, ..plain };
            passes(&this, regs, fuel_left, state, |state, element| {
                let loaded = state.load_at(element, place).ok()?;
                Some(Pass { loaded, made: loaded, appended: Some(loaded) })
            })
        }
        _ => fuel_left,
    }
}

#[inline(always)]
fn passes(
    this: &Loop,
    regs: &mut [u64],
    mut fuel_left: u64,
    state: &mut State,
    pass: impl Fn(&State, u64) -> Option<Pass>,
) -> u64 {
    if this.source == this.target {
        return fuel_left; // it grows while it is read
    }
    let (mut index, end) = (regs[usize::from(this.index)] as i64, regs[usize::from(this.end)] as i64);
    let (mut last, mut few) = (None, [0; FEW]);
    loop {
        let room = usize::try_from(state.list_room(this.target)).unwrap_or(FEW).min(FEW);
        let mut count = 0;
        let elements = state.list_slots(this.source);
        while count < room
            && index < end
            && index + 1 < end
            && let Some(&element) = usize::try_from(index + 1).ok().and_then(|next| elements.get(next))
            && let Some(Pass { loaded, made, appended }) = pass(state, element)
            && let Some(left) = fuel_left.checked_sub(this.fuel + appended.map_or(0, |_| this.fuel_to_append))
        {
            (index, fuel_left) = (index + 1, left);
            last = Some((element, loaded, made));
            if let Some(slot) = appended {
                few[count] = slot;
                count += 1;
            }
        }
        state.list_extend(this.target, &few[..count]);
        if count < FEW {
            break;
        }
    }
    if let Some((element, loaded, made)) = last {
        regs[usize::from(this.index)] = index as u64;
        regs[usize::from(this.element)] = element;
        regs[usize::from(this.loaded)] = loaded;
        regs[usize::from(this.made)] = made;
    }
    fuel_left
}

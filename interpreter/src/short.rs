//! The short loop: arithmetic, comparisons, jumps, fuel, loads and stores. But for writes, lookups and the host program
//! it calls nothing that is not inlined, so that it keeps its few values in machine registers; everything else it leaves to
//! [`crate::machine`].

use statewright_runtime::context::{Context, Meter};
use statewright_runtime::state::{FieldPlace, State};
use statewright_types::{StructId, TrapCode, planted, scalar};

use crate::code::{Code, Inst, NONE, Reg};
use crate::host::{self, HostSide};
use crate::lanes::WORTH;
use crate::stack::WINDOW;

/// A frame's registers, by a number of 16 or of 32 bits.
pub(crate) trait Registers {
    /// A register's value.
    fn get(&self, register: impl Into<Reg>) -> u64;
    /// Writes a register.
    fn set(&mut self, register: impl Into<Reg>, value: u64);
}

/// Of functions that have at most [`WINDOW`] registers: a number of 16 bits is in range.
impl Registers for [u64; WINDOW] {
    #[inline(always)]
    fn get(&self, register: impl Into<Reg>) -> u64 {
        self[usize::from(register.into() as u16)]
    }

    #[inline(always)]
    fn set(&mut self, register: impl Into<Reg>, value: u64) {
        self[usize::from(register.into() as u16)] = value;
    }
}

/// Of all others.
impl Registers for [u64] {
    #[inline(always)]
    fn get(&self, register: impl Into<Reg>) -> u64 {
        self[register.into() as usize]
    }

    #[inline(always)]
    fn set(&mut self, register: impl Into<Reg>, value: u64) {
        self[register.into() as usize] = value;
    }
}

/// Where the short loop stopped.
pub(crate) struct Stopped {
    /// At this instruction: it trapped, or it is none of the short loop's.
    pub pc: usize,
    /// How many jumps are left.
    pub jumps: u64,
    /// Why, if it trapped.
    pub trap: Option<TrapCode>,
}

/// Five further operands.
#[inline(always)]
fn operands(code: &Code, x: u32) -> [u32; 5] {
    code.extra.get(x as usize..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
}

/// A write, kept out of the loop.
#[inline(never)]
fn store(state: &mut State, record: u64, place: FieldPlace, value: u64) -> Result<(), TrapCode> {
    state.store(record, place.ty, place.field, value)
}

/// Looks for an element by its key, kept out of the loop.
#[inline(never)]
fn find_key(state: &mut State, list: u64, place: FieldPlace, key: u64) -> Result<i64, TrapCode> {
    match place.is_number {
        true => state.list_find_number(list, place, key).map(|(at, _)| at),
        false => state.list_find_key(list, place.ty, place.field, key),
    }
}

/// Appends to a list, kept out of the loop.
#[inline(never)]
fn push(state: &mut State, list: u64, value: u64) -> Result<(), TrapCode> {
    state.list_push(list, value)
}

/// Runs from `pc` on, up to an instruction that it does not know.
pub(crate) fn run(
    code: &Code,
    regs: &mut [u64],
    pc: usize,
    jumps: u64,
    cx: &mut Context<'_>,
    side: &mut HostSide,
) -> Stopped {
    let is_small = code.registers as usize <= WINDOW;
    let window: Option<&mut [u64; WINDOW]> = if is_small { regs.first_chunk_mut() } else { None };
    match window {
        Some(window) => run_on(&code.insts, window, code, pc, jumps, cx.state, cx.meter, side),
        None => run_on(&code.insts, regs, code, pc, jumps, cx.state, cx.meter, side),
    }
}

#[inline(never)]
#[allow(clippy::too_many_arguments)] // each of them would be an indirection more
#[allow(clippy::neg_cmp_op_on_partial_ord)] // with a NaN, `not <` and `>=` differ
fn run_on<R: Registers + ?Sized>(
    insts: &[Inst],
    regs: &mut R,
    code: &Code,
    mut pc: usize,
    mut jumps: u64,
    state: &mut State,
    meter: &mut Meter,
    side: &mut HostSide,
) -> Stopped {
    // Here and not in memory, where each charge would wait for the one before it.
    let mut fuel_left = meter.fuel;
    macro_rules! trap {
        ($code:expr) => {{
            meter.fuel = fuel_left;
            return Stopped { pc, jumps, trap: Some($code) };
        }};
    }
    macro_rules! leave {
        () => {{
            meter.fuel = fuel_left;
            return Stopped { pc, jumps, trap: None };
        }};
    }
    macro_rules! charge_fuel {
        ($amount:expr) => {
            match fuel_left.checked_sub($amount) {
                Some(_) if planted::is(30) && fuel_left == $amount => trap!(TrapCode::FuelExhausted),
                Some(left) => fuel_left = left,
                None => {
                    fuel_left = 0;
                    trap!(TrapCode::FuelExhausted)
                }
            }
        };
    }
    macro_rules! get {
        ($reg:expr) => {
            regs.get($reg)
        };
    }
    macro_rules! int {
        ($reg:expr) => {
            regs.get($reg) as i64
        };
    }
    macro_rules! float {
        ($reg:expr) => {
            f64::from_bits(regs.get($reg))
        };
    }
    macro_rules! set {
        ($reg:expr, $value:expr) => {{
            let value: u64 = $value;
            regs.set($reg, value);
        }};
    }
    macro_rules! set_int {
        ($reg:expr, $value:expr) => {{
            let value: i64 = $value;
            regs.set($reg, value as u64);
        }};
    }
    macro_rules! set_bool {
        ($reg:expr, $value:expr) => {
            regs.set($reg, u64::from($value))
        };
    }
    macro_rules! set_float {
        ($reg:expr, $value:expr) => {{
            let value: f64 = $value;
            regs.set($reg, value.to_bits());
        }};
    }
    // Charges what the `Fuel`s behind this instruction would, and skips them; what cannot be charged is left to them.
    macro_rules! charge {
        ($fuel:expr) => {
            if let Some(left) = fuel_left.checked_sub(u64::from($fuel)) {
                fuel_left = left;
                pc += usize::from($fuel);
            }
        };
    }
    macro_rules! jump_if {
        ($condition:expr, $fuel:expr, $to:expr) => {{
            if $condition {
                pc = $to as usize;
                continue;
            }
            charge!($fuel);
        }};
    }
    macro_rules! count_jump {
        () => {
            match jumps.checked_sub(1) {
                Some(left) => jumps = left,
                None => {
                    fuel_left = 0;
                    trap!(TrapCode::FuelExhausted)
                }
            }
        };
    }
    macro_rules! field {
        ($index:expr) => {
            code.fields[$index as usize]
        };
    }
    macro_rules! extra {
        ($index:expr) => {
            code.extra[$index as usize]
        };
    }
    macro_rules! check {
        ($result:expr) => {
            match $result {
                Ok(value) => value,
                Err(code) => trap!(code),
            }
        };
    }
    macro_rules! get_and_charge {
        ($fuel:expr, $list:expr, $d:expr, $index:expr, $back:expr) => {
            match (state.list_get(get!($list), $index), fuel_left.checked_sub(u64::from($fuel))) {
                (Ok(element), Some(left)) => {
                    set!($d, element);
                    fuel_left = left;
                }
                _ => pc -= usize::from($back),
            }
        };
    }
    macro_rules! count_loop_get {
        ($fuel:expr, $a:expr, $b:expr, $list:expr, $d:expr, $back:expr, $to:expr) => {{
            let next = check!(scalar::iadd(int!($a), 1));
            set_int!($a, next);
            if next < int!($b) {
                pc = $to as usize;
                get_and_charge!($fuel, $list, $d, next, $back);
                continue;
            }
        }};
    }
    // Adds up while nothing stops it; the `CountLoopGet` that follows goes on from there.
    macro_rules! sum {
        ($a:expr, $b:expr, $add:expr) => {{
            let mut sum = check!($add(get!($a), get!($b)));
            if let Inst::CountLoopGet { fuel, a, b, list, d, .. } = insts[pc + 1] {
                let (mut index, end, elements) = (int!(a), int!(b), state.list_slots(get!(list)));
                while index + 1 < end
                    && let Some(element) = elements.get((index + 1) as usize)
                    && let Some(left) = fuel_left.checked_sub(u64::from(fuel))
                {
                    (index, fuel_left) = (index + 1, left);
                    set!(d, *element);
                    sum = check!($add(sum, *element));
                }
                set_int!(a, index);
            }
            set!($a, sum);
        }};
    }
    macro_rules! load {
        ($record:expr, $field:expr) => {
            check!(state.load_at(get!($record), field!($field)))
        };
    }
    // What `LoadX` begins with: the value is in its register, and `pc` at the other part.
    macro_rules! load_then {
        ($t:expr, $a:expr, $ty:expr, $word:expr) => {{
            let value = check!(state.load_word(get!($a), StructId(u32::from($ty)), u32::from($word)));
            set!($t, value);
            pc += 1;
            value
        }};
    }
    macro_rules! list_head {
        ($d:expr, $a:expr, $operands:expr) => {{
            let [field, version, length, ..] = $operands;
            let list = load!($a, field);
            set!($d, list);
            let (now, elements) = state.list_head(list);
            if now != get!(version) {
                trap!(TrapCode::ModifiedDuringIteration);
            }
            set!(length, elements.len() as u64);
            elements
        }};
    }
    macro_rules! list_each {
        ($d:expr, $a:expr, $operands:expr) => {{
            let operands = $operands;
            let [_, _, _, index, element] = operands;
            if let Some(slot) = list_head!($d, $a, operands).get(get!(index) as usize) {
                set!(element, slot);
                pc += 2;
                if let Inst::Fuels { count } = insts[pc + 1] {
                    charge!(count);
                }
            }
        }};
    }

    loop {
        match insts[pc] {
            Inst::Move { d, a } => set!(d, get!(a)),
            Inst::IAdd { d, a, b } => set_int!(d, check!(scalar::iadd(int!(a), int!(b)))),
            Inst::ISub { d, a: b, b: a } if planted::is(50) => set_int!(d, check!(scalar::isub(int!(a), int!(b)))),
            Inst::ISub { d, a, b } => set_int!(d, check!(scalar::isub(int!(a), int!(b)))),
            Inst::IMul { d, a, b } => set_int!(d, check!(scalar::imul(int!(a), int!(b)))),
            Inst::IAddWrap { d, a, b } => set_int!(d, scalar::iadd_wrap(int!(a), int!(b))),
            Inst::ISubWrap { d, a, b } => set_int!(d, scalar::isub_wrap(int!(a), int!(b))),
            Inst::IMulWrap { d, a, b } => set_int!(d, scalar::imul_wrap(int!(a), int!(b))),
            Inst::IAddOver { d, a, b } => set_bool!(d, scalar::iadd_over(int!(a), int!(b))),
            Inst::ISubOver { d, a, b } => set_bool!(d, scalar::isub_over(int!(a), int!(b))),
            Inst::IMulOver { d, a, b } => set_bool!(d, scalar::imul_over(int!(a), int!(b))),
            Inst::IDiv { d, a, b } => set_int!(d, check!(scalar::idiv(int!(a), int!(b)))),
            Inst::IDivFloor { d, a, b } => set_int!(d, check!(scalar::idiv_floor(int!(a), int!(b)))),
            Inst::IRem { d, a, b } => set_int!(d, check!(scalar::irem(int!(a), int!(b)))),
            Inst::IRemBits { d, a, bits } => {
                let (value, mask) = (int!(a), (1i64 << (bits & 63)) - 1);
                // Toward zero: what is negative is brought up to zero or above first.
                let bias = (value >> 63) & mask;
                set_int!(d, (value.wrapping_add(bias) & mask) - bias);
            }
            Inst::INeg { d, a } => set_int!(d, check!(scalar::ineg(int!(a)))),
            Inst::IAbs { d, a } => set_int!(d, check!(scalar::iabs(int!(a)))),
            Inst::IMin { d, a, b } => set_int!(d, int!(a).min(int!(b))),
            Inst::IMax { d, a, b } => set_int!(d, int!(a).max(int!(b))),
            Inst::ISign { d, a } => set_int!(d, scalar::isign(int!(a))),
            Inst::FAdd { d, a, b } => set_float!(d, float!(a) + float!(b)),
            Inst::FSub { d, a, b } => set_float!(d, float!(a) - float!(b)),
            Inst::FMul { d, a, b } => set_float!(d, float!(a) * float!(b)),
            Inst::FDiv { d, a, b } => set_float!(d, float!(a) / float!(b)),
            Inst::FNeg { d, a } => set_float!(d, -float!(a)),
            Inst::FAbs { d, a } => set_float!(d, float!(a).abs()),
            Inst::IToF { d, a } => set_float!(d, int!(a) as f64),
            Inst::UToF { d, a } => set_float!(d, get!(a) as f64),
            Inst::UToI { d, a } => set_int!(d, check!(scalar::utoi(get!(a)))),
            Inst::IToU { d, a } => set!(d, check!(scalar::itou(int!(a)))),
            Inst::Narrow { kind, d, a } => set_int!(d, check!(scalar::narrow(kind, int!(a)))),
            Inst::IEq { d, a, b } => set_bool!(d, get!(a) == get!(b)),
            Inst::INe { d, a, b } => set_bool!(d, get!(a) != get!(b)),
            Inst::ILt { d, a, b } => set_bool!(d, int!(a) < int!(b)),
            Inst::ILe { d, a, b } => set_bool!(d, int!(a) <= int!(b)),
            Inst::UCmp { cond, d, a, b } => set_bool!(d, cond.holds(Some(get!(a).cmp(&get!(b))))),
            Inst::UICmp { cond, d, a, b } => {
                set_bool!(d, cond.holds(Some(scalar::cmp_uint_int(get!(a), int!(b)))));
            }
            Inst::FEq { d, a, b } => set_bool!(d, float!(a) == float!(b)),
            Inst::FNe { d, a, b } => set_bool!(d, float!(a) != float!(b)),
            Inst::FLt { d, a, b } => set_bool!(d, float!(a) < float!(b)),
            Inst::FLe { d, a, b } => set_bool!(d, float!(a) <= float!(b)),
            Inst::Not { d, a } => set!(d, get!(a) ^ 1),
            Inst::And { d, a, b } => set!(d, get!(a) & get!(b)),
            Inst::Or { d, a, b } => set!(d, get!(a) | get!(b)),
            Inst::Select { d, a, x } => {
                let (yes, no) = (get!(extra!(x)), get!(extra!(x + 1)));
                set!(d, if get!(a) != 0 { yes } else { no });
            }
            Inst::IsNull { d, a } => set_bool!(d, get!(a) == 0),
            Inst::NonNull { d, a } => match get!(a) {
                0 => trap!(TrapCode::NullReference),
                slot => set!(d, slot),
            },
            Inst::Load { d, a, field } => {
                set!(d, check!(state.load_at(get!(a), field!(field))));
            }
            Inst::Root { d, id } => set!(d, check!(state.root(id))),
            Inst::Store { a, b, field } => {
                if state.is_overlaid() {
                    leave!();
                }
                let (place, record, value) = (field!(field), get!(a), get!(b));
                check!(store(state, record, place, value));
            }
            Inst::HostCall { d, site, x } => match host::call(code, (site, x), regs, state, side) {
                Some(result) => {
                    let value = check!(result);
                    if d != NONE {
                        set!(d, value);
                    }
                }
                None => leave!(),
            },
            Inst::RootStore { t, b, id, field } => {
                let record = check!(state.root(id));
                set!(t, record);
                pc += 1;
                if state.is_overlaid() {
                    leave!();
                }
                let (place, value) = (field!(field), get!(b));
                check!(store(state, record, place, value));
            }
            Inst::ListVersion { d, a } => set!(d, state.list_version(get!(a))),
            Inst::ListHead { d, a, x } => {
                let _elements = list_head!(d, a, operands(code, x));
            }
            Inst::ListEach { d, a, x } => list_each!(d, a, operands(code, x)),
            Inst::ListLen { d, a } => set!(d, state.list_len(get!(a))),
            Inst::ListGet { d, a, b } => set!(d, check!(state.list_get(get!(a), int!(b)))),
            Inst::ListFindKey { d, a, x } => {
                let (key, place) = (get!(extra!(x)), field!(extra!(x + 1)));
                let list = get!(a);
                set_int!(d, check!(find_key(state, list, place, key)));
            }
            Inst::ListPush { a, b } => {
                if state.is_overlaid() {
                    leave!();
                }
                let (list, value) = (get!(a), get!(b));
                check!(push(state, list, value));
            }
            Inst::ListPushLoop { a, b } => {
                if state.is_overlaid() {
                    leave!();
                }
                let (list, value) = (get!(a), get!(b));
                check!(push(state, list, value));
                if let Inst::CountLoopGet { fuel, a, b, list, d, back, to } = insts[pc + 1] {
                    pc += 1;
                    count_loop_get!(fuel, a, b, list, d, back, to);
                }
            }
            Inst::ListGetLoad { d, a, b } => {
                let element = check!(state.list_get(get!(a), int!(b)));
                set!(d, element);
                pc += 1;
                if let Inst::Load { d, field, .. } = insts[pc] {
                    set!(d, check!(state.load_at(element, field!(field))));
                }
            }
            Inst::Fuel { amount } => charge_fuel!(amount),
            Inst::Fuels { count } => match fuel_left.checked_sub(u64::from(count)) {
                Some(left) => {
                    fuel_left = left;
                    pc += usize::from(count);
                    continue;
                }
                None => charge_fuel!(1),
            },
            Inst::FuelN { a } => charge_fuel!(u64::try_from(int!(a)).unwrap_or(0)),
            Inst::FuelShort { d, a } => set_bool!(d, fuel_left < u64::try_from(int!(a)).unwrap_or(0)),
            Inst::MemN { a } => check!(meter.charge_memory(u64::try_from(int!(a)).unwrap_or(0))),
            Inst::MemShort { d, a } => set_bool!(d, meter.memory < u64::try_from(int!(a)).unwrap_or(0)),
            Inst::EntriesShort { d, a } => set_bool!(d, meter.limits.entries < u64::try_from(int!(a)).unwrap_or(0)),
            Inst::TrapIf { code, a } => {
                if get!(a) != 0 {
                    trap!(code);
                }
            }
            Inst::Jump { to } => {
                pc = to as usize;
                continue;
            }
            Inst::Loop { to } => {
                count_jump!();
                pc = to as usize;
                continue;
            }
            Inst::AddLoop { a, b, to } => {
                set_int!(a, check!(scalar::iadd(int!(a), int!(b))));
                count_jump!();
                pc = to as usize;
                continue;
            }
            Inst::AddLoopEach { a, b, to } => {
                set_int!(a, check!(scalar::iadd(int!(a), int!(b))));
                count_jump!();
                pc = to as usize;
                if let Inst::ListEach { d, a, x } = insts[pc] {
                    list_each!(d, a, operands(code, x));
                } else {
                    continue;
                }
            }
            Inst::CountLoop { fuel, a, b, to } => {
                let next = check!(scalar::iadd(int!(a), 1));
                set_int!(a, next);
                if next < int!(b) {
                    count_jump!();
                    pc = to as usize;
                    charge!(fuel);
                    continue;
                }
            }
            Inst::CountLoopGet { fuel, a, b, list, d, back, to } => count_loop_get!(fuel, a, b, list, d, back, to),
            Inst::EachLoop { fuel, a, b, list, d, back, to } => {
                let next = check!(scalar::iadd(int!(a), 1));
                set_int!(a, next);
                pc = to as usize;
                // Effects act anew after a write, and may make the list longer or shorter.
                if next < int!(b) && !state.is_overlaid() {
                    get_and_charge!(fuel, list, d, next, back);
                } else {
                    pc -= usize::from(back);
                }
                continue;
            }
            Inst::LanesLoop { a, b, alone, .. } => {
                if int!(b).wrapping_sub(int!(a)) > WORTH {
                    leave!();
                }
                pc = alone as usize;
                continue;
            }
            Inst::LoadIAdd { t, a, ty, word, b, d } => {
                let value = load_then!(t, a, ty, word);
                set_int!(d, check!(scalar::iadd(value as i64, int!(b))));
            }
            Inst::LoadISub { t, a, ty, word, b, d } => {
                let value = load_then!(t, a, ty, word);
                set_int!(d, check!(scalar::isub(value as i64, int!(b))));
            }
            Inst::LoadIMul { t, a, ty, word, b, d } => {
                let value = load_then!(t, a, ty, word);
                set_int!(d, check!(scalar::imul(value as i64, int!(b))));
            }
            Inst::LoadFAdd { t, a, ty, word, b, d } => {
                let value = load_then!(t, a, ty, word);
                set_float!(d, f64::from_bits(value) + float!(b));
            }
            Inst::LoadFSub { t, a, ty, word, b, d } => {
                let value = load_then!(t, a, ty, word);
                set_float!(d, f64::from_bits(value) - float!(b));
            }
            Inst::LoadFSubSquare { t, a, ty, word, b, d, m } => {
                let value = load_then!(t, a, ty, word);
                let difference = f64::from_bits(value) - float!(b);
                set_float!(d, difference);
                set_float!(m, difference * difference);
                pc += 1;
            }
            Inst::LoadFMul { t, a, ty, word, b, d } => {
                let value = load_then!(t, a, ty, word);
                set_float!(d, f64::from_bits(value) * float!(b));
            }
            Inst::LoadJumpIf { fuel, t, a, ty, word, to } => jump_if!(load_then!(t, a, ty, word) != 0, fuel, to),
            Inst::LoadJumpUnless { fuel, t, a, ty, word, to } => jump_if!(load_then!(t, a, ty, word) == 0, fuel, to),
            Inst::LoadJumpIEq { fuel, t, a, ty, word, b, to } => {
                jump_if!(load_then!(t, a, ty, word) == get!(b), fuel, to)
            }
            Inst::LoadJumpINe { fuel, t, a, ty, word, b, to } => {
                jump_if!(load_then!(t, a, ty, word) != get!(b), fuel, to)
            }
            Inst::LoadJumpILt { fuel, t, a, ty, word, b, to } => {
                jump_if!((load_then!(t, a, ty, word) as i64) < int!(b), fuel, to);
            }
            Inst::LoadJumpILe { fuel, t, a, ty, word, b, to } => {
                jump_if!(load_then!(t, a, ty, word) as i64 <= int!(b), fuel, to);
            }
            Inst::LoadJumpIGt { fuel, t, a, ty, word, b, to } => {
                jump_if!(load_then!(t, a, ty, word) as i64 > int!(b), fuel, to);
            }
            Inst::LoadJumpIGe { fuel, t, a, ty, word, b, to } => {
                jump_if!(load_then!(t, a, ty, word) as i64 >= int!(b), fuel, to);
            }
            Inst::IMulAdd { m, a, b, c, d } => {
                let product = check!(scalar::imul(int!(a), int!(b)));
                set_int!(m, product);
                pc += 1;
                set_int!(d, check!(scalar::iadd(product, int!(c))));
            }
            Inst::ISum { a, b } => {
                sum!(a, b, |sum: u64, element: u64| { scalar::iadd(sum as i64, element as i64).map(|sum| sum as u64) })
            }
            Inst::FSum { a, b } => {
                sum!(a, b, |sum: u64, element: u64| { Ok((f64::from_bits(sum) + f64::from_bits(element)).to_bits()) })
            }
            Inst::FMulAdd { m, a, b, c, d } => {
                let product = float!(a) * float!(b);
                set_float!(m, product);
                pc += 1;
                set_float!(d, product + float!(c));
            }
            Inst::JumpIf { fuel, a, to } => jump_if!(get!(a) != 0, fuel, to),
            Inst::JumpUnless { fuel, a, to } => jump_if!(get!(a) == 0, fuel, to),
            Inst::JumpIEq { fuel, a, b, to } => jump_if!(get!(a) == get!(b), fuel, to),
            Inst::JumpINe { fuel, a, b, to } => jump_if!(get!(a) != get!(b), fuel, to),
            Inst::JumpILt { fuel, a, b, to } => jump_if!(int!(a) < int!(b), fuel, to),
            Inst::JumpILe { fuel, a, b, to } => jump_if!(int!(a) <= int!(b), fuel, to),
            Inst::JumpFEq { fuel, a, b, to } => jump_if!(float!(a) == float!(b), fuel, to),
            Inst::JumpFNe { fuel, a, b, to } => jump_if!(float!(a) != float!(b), fuel, to),
            Inst::JumpFLt { fuel, a, b, to } => jump_if!(float!(a) < float!(b), fuel, to),
            Inst::JumpFLe { fuel, a, b, to } => jump_if!(float!(a) <= float!(b), fuel, to),
            Inst::JumpNotFLt { fuel, a, b, to } => jump_if!(!(float!(a) < float!(b)), fuel, to),
            Inst::JumpNotFLe { fuel, a, b, to } => jump_if!(!(float!(a) <= float!(b)), fuel, to),
            _ => leave!(),
        }
        pc += 1;
    }
}

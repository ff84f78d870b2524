//! The short loop: arithmetic, comparisons, jumps, fuel, loads and stores. But for stores it calls nothing that is not
//! inlined, so that it keeps its few values in machine registers; everything else it leaves to [`crate::machine`].

use statewright_runtime::context::Meter;
use statewright_runtime::state::{FieldPlace, State};
use statewright_types::{TrapCode, scalar};

use crate::code::{Code, Inst, Reg};
use crate::stack::WINDOW;

/// A frame's registers.
pub(crate) trait Registers {
    /// A register's value.
    fn get(&self, register: Reg) -> u64;
    /// Writes a register.
    fn set(&mut self, register: Reg, value: u64);
}

/// Of functions that have at most [`WINDOW`] registers: a number of 16 bits is in range.
impl Registers for [u64; WINDOW] {
    fn get(&self, register: Reg) -> u64 {
        self[usize::from(register as u16)]
    }

    fn set(&mut self, register: Reg, value: u64) {
        self[usize::from(register as u16)] = value;
    }
}

/// Of all others.
impl Registers for [u64] {
    fn get(&self, register: Reg) -> u64 {
        self[register as usize]
    }

    fn set(&mut self, register: Reg, value: u64) {
        self[register as usize] = value;
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

/// Runs from `pc` on, up to an instruction that it does not know.
#[inline(never)]
#[allow(clippy::neg_cmp_op_on_partial_ord)] // with a NaN, `not <` and `>=` differ
pub(crate) fn run<R: Registers + ?Sized>(
    insts: &[Inst],
    regs: &mut R,
    code: &Code,
    mut pc: usize,
    mut jumps: u64,
    state: &mut State,
    meter: &mut Meter,
) -> Stopped {
    macro_rules! trap {
        ($code:expr) => {
            return Stopped { pc, jumps, trap: Some($code) }
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
    macro_rules! jump_if {
        ($condition:expr, $to:expr) => {
            if $condition {
                pc = $to as usize;
                continue;
            }
        };
    }
    macro_rules! count_jump {
        () => {
            match jumps.checked_sub(1) {
                Some(left) => jumps = left,
                None => {
                    meter.fuel = 0;
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
    loop {
        match insts[pc] {
            Inst::Move { d, a } => set!(d, get!(a)),
            Inst::IAdd { d, a, b } => set_int!(d, check!(scalar::iadd(int!(a), int!(b)))),
            Inst::ISub { d, a, b } => set_int!(d, check!(scalar::isub(int!(a), int!(b)))),
            Inst::IMul { d, a, b } => set_int!(d, check!(scalar::imul(int!(a), int!(b)))),
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
                    return Stopped { pc, jumps, trap: None };
                }
                let (place, record, value) = (field!(field), get!(a), get!(b));
                check!(store(state, record, place, value));
            }
            Inst::ListVersion { d, a } => set!(d, state.list_version(get!(a))),
            Inst::ListHead { d, a, x } | Inst::ListEach { d, a, x } => {
                let [field, version, length, index, element] = operands(code, x);
                let list = check!(state.load_at(get!(a), field!(field)));
                set!(d, list);
                let (now, elements) = state.list_head(list);
                if now != get!(version) {
                    trap!(TrapCode::ModifiedDuringIteration);
                }
                set!(length, elements.len() as u64);
                if let Inst::ListEach { .. } = insts[pc]
                    && let Some(slot) = elements.get(get!(index) as usize).copied()
                {
                    set!(element, slot);
                    pc += 2;
                    if let Inst::FuelTwice { both, .. } = insts[pc + 1]
                        && let Some(left) = meter.fuel.checked_sub(u64::from(both))
                    {
                        meter.fuel = left;
                        pc += 2;
                    }
                }
            }
            Inst::ListLen { d, a } => set!(d, state.list_len(get!(a))),
            Inst::ListGet { d, a, b } => set!(d, check!(state.list_get(get!(a), int!(b)))),
            Inst::ListGetLoad { d, a, b } => {
                let element = check!(state.list_get(get!(a), int!(b)));
                set!(d, element);
                pc += 1;
                if let Inst::Load { d, field, .. } = insts[pc] {
                    set!(d, check!(state.load_at(element, field!(field))));
                }
            }
            Inst::Fuel { amount } => check!(meter.charge_fuel(amount)),
            Inst::FuelTwice { amount, both } => match meter.fuel.checked_sub(u64::from(both)) {
                Some(left) => {
                    meter.fuel = left;
                    pc += 1;
                }
                None => check!(meter.charge_fuel(u64::from(amount))),
            },
            Inst::FuelN { a } => check!(meter.charge_fuel(u64::try_from(int!(a)).unwrap_or(0))),
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
            Inst::CountLoop { a, b, to } => {
                let next = check!(scalar::iadd(int!(a), 1));
                set_int!(a, next);
                if next < int!(b) {
                    count_jump!();
                    pc = to as usize;
                    continue;
                }
            }
            Inst::JumpIf { a, to } => jump_if!(get!(a) != 0, to),
            Inst::JumpUnless { a, to } => jump_if!(get!(a) == 0, to),
            Inst::JumpIEq { a, b, to } => jump_if!(get!(a) == get!(b), to),
            Inst::JumpINe { a, b, to } => jump_if!(get!(a) != get!(b), to),
            Inst::JumpILt { a, b, to } => jump_if!(int!(a) < int!(b), to),
            Inst::JumpILe { a, b, to } => jump_if!(int!(a) <= int!(b), to),
            Inst::JumpFEq { a, b, to } => jump_if!(float!(a) == float!(b), to),
            Inst::JumpFNe { a, b, to } => jump_if!(float!(a) != float!(b), to),
            Inst::JumpFLt { a, b, to } => jump_if!(float!(a) < float!(b), to),
            Inst::JumpFLe { a, b, to } => jump_if!(float!(a) <= float!(b), to),
            Inst::JumpNotFLt { a, b, to } => jump_if!(!(float!(a) < float!(b)), to),
            Inst::JumpNotFLe { a, b, to } => jump_if!(!(float!(a) <= float!(b)), to),
            _ => return Stopped { pc, jumps, trap: None },
        }
        pc += 1;
    }
}

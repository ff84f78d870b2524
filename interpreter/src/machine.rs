//! Runs decoded functions: an explicit stack of frames over one array of registers.
//!
//! Fuel is charged by `fuel` and `fuel.n` only. IR that was lowered charges at least 1 for every pass of a loop, but
//! nothing proves that of IR written by hand, so the machine also counts jumps backward (but for those seen to charge
//! fuel) and calls, and stops with `fuel_exhausted` after [`parts::JUMPS_PER_FUEL`] for each unit of the fuel limit and
//! [`parts::FREE_JUMPS`] more. An activation that charges as lowering does cannot meet that limit before its fuel's.

use std::sync::Arc;

use statewright_runtime::context::Context;
use statewright_runtime::host::HostNow;
use statewright_runtime::program::{Outcome, SavedDeadline, SavedFrame, Suspension, Trap, WaitFor};
use statewright_types::{TrapCode, planted, scalar, text};

use crate::code::{Code, Inst, NONE, Pc, Reg};
use crate::host::HostSide;
use crate::stack::Stack;
use crate::{calls, lanes, operations, passes, short, texts};

pub(crate) mod parts;
mod saving;

use parts::{Frame, Pending, enter, event_data, jumps, unfit};

/// What a run works on; kept between runs, so that they need not allocate.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// The registers of all frames.
    stack: Stack,
    frames: Vec<Frame>,
    /// Slots of the stream's and the host's name and of string constants made in this run (strings that nothing holds end with
    /// the transaction); 0 or too short for none.
    strings: Vec<u64>,
    /// By depth, the deadlines of frames that were restored and have not run yet.
    restored: Vec<Vec<SavedDeadline>>,
    scratch: calls::Scratch,
    columns: Vec<lanes::Column>,
    /// Of a run inside of this one.
    pub(crate) next: Option<Box<Buffers>>,
}

/// How the loop ended.
enum Stop {
    Done,
    Suspend { wait: WaitFor, site: u32 },
    Trap { code: TrapCode, message: Option<Arc<str>> },
}

/// One run or resumption.
pub(crate) struct Machine<'r, 'c> {
    functions: &'r [Code],
    constants: &'r [Arc<str>],
    cx: &'r mut Context<'c>,
    buffers: &'r mut Buffers,
    /// Where the running function is.
    pc: usize,
    /// What the outermost function gave, if it has ended.
    pub(crate) returned: u64,
}

impl<'r, 'c> Machine<'r, 'c> {
    /// Ready to run, with nothing on the stack.
    #[inline]
    pub fn new(
        functions: &'r [Code],
        constants: &'r [Arc<str>],
        cx: &'r mut Context<'c>,
        buffers: &'r mut Buffers,
    ) -> Machine<'r, 'c> {
        buffers.stack.clear();
        Machine { functions, constants, cx, buffers, pc: 0, returned: 0 }
    }

    /// Runs the function at `index`; missing arguments are 0. Nothing if it is done; what is more is rare, and in a box it is
    /// cheaper to hand on.
    #[inline]
    pub fn run(&mut self, index: usize, args: &[u64]) -> Option<Box<Outcome>> {
        let Some(code) = self.functions.get(index) else { return Some(Box::new(unfit())) };
        let base = self.buffers.stack.push(code);
        let window = self.buffers.stack.window(base);
        for (register, arg) in window.iter_mut().zip(args.iter().take(code.params as usize)) {
            *register = *arg;
        }
        // Most handlers are short: they need no frame until they do something that the short loop does not.
        let window = self.buffers.stack.window(base);
        let mut side = HostSide::of(self.cx);
        let short = short::run(code, window, 0, jumps(self.cx), self.cx, &mut side);
        if short.trap.is_none()
            && let Inst::Return { a } = code.insts[short.pc]
        {
            self.returned = if a == NONE { 0 } else { window[a as usize] };
            return None;
        }
        self.buffers.clear();
        let frame =
            Frame { function: index as u32, base, pc: short.pc as Pc, result: NONE, pending: Pending::Block(0) };
        self.buffers.frames.push(frame);
        match short.trap {
            None => self.go(short.jumps),
            Some(code) => {
                self.pc = short.pc;
                Some(Box::new(Outcome::Trapped(Trap { code, message: side.message, node: self.node() })))
            }
        }
    }

    fn go(&mut self, jumps: u64) -> Option<Box<Outcome>> {
        Some(Box::new(match self.execute(jumps) {
            Stop::Done => return None,
            Stop::Suspend { wait, site } => {
                let node = self.node();
                Outcome::Suspended(Suspension { wait, frames: self.save(site), node })
            }
            Stop::Trap { code, message } => Outcome::Trapped(Trap { code, message, node: self.node() }),
        }))
    }

    /// The node of the instruction that ran last.
    fn node(&self) -> Option<Arc<str>> {
        let code = self.functions.get(self.buffers.frames.last()?.function as usize)?;
        let tag = *code.nodes.get(self.pc.saturating_sub(usize::from(planted::is(52))))?;
        code.node_ids.get(tag as usize).filter(|id| !id.is_empty()).cloned()
    }

    /// The loop. Registers are indexed without further ado: a decoded function names only registers of its window.
    #[allow(clippy::too_many_lines)]
    fn execute(&mut self, mut jumps: u64) -> Stop {
        let Buffers { stack, frames, strings, scratch, columns, .. } = &mut *self.buffers;
        let cx = &mut *self.cx;
        let functions = self.functions;
        'frame: loop {
            let Some(frame) = frames.last_mut() else { return Stop::Done };
            let code = &functions[frame.function as usize];
            let insts = &code.insts[..];
            let base = frame.base;
            let regs = stack.window(base);
            let mut pc = frame.pc as usize;

            macro_rules! trap {
                ($code:expr) => {{
                    self.pc = pc;
                    return Stop::Trap { code: $code, message: None };
                }};
            }
            macro_rules! check {
                ($result:expr) => {
                    match $result {
                        Ok(value) => value,
                        Err(code) => trap!(code),
                    }
                };
            }
            macro_rules! get {
                ($reg:expr) => {
                    regs[$reg as usize]
                };
            }
            macro_rules! int {
                ($reg:expr) => {
                    regs[$reg as usize] as i64
                };
            }
            macro_rules! float {
                ($reg:expr) => {
                    f64::from_bits(regs[$reg as usize])
                };
            }
            macro_rules! set {
                ($reg:expr, $value:expr) => {{
                    let value: u64 = $value;
                    regs[$reg as usize] = value;
                }};
            }
            macro_rules! set_int {
                ($reg:expr, $value:expr) => {{
                    let value: i64 = $value;
                    regs[$reg as usize] = value as u64;
                }};
            }
            macro_rules! set_bool {
                ($reg:expr, $value:expr) => {
                    regs[$reg as usize] = u64::from($value)
                };
            }
            macro_rules! set_float {
                ($reg:expr, $value:expr) => {{
                    let value: f64 = $value;
                    regs[$reg as usize] = value.to_bits();
                }};
            }
            macro_rules! count_jump {
                () => {
                    match jumps.checked_sub(1) {
                        Some(left) => jumps = left,
                        None => {
                            cx.meter.fuel = 0;
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
            macro_rules! ty {
                ($index:expr) => {
                    &code.types[$index as usize]
                };
            }
            macro_rules! extra {
                ($index:expr) => {
                    code.extra[$index as usize]
                };
            }

            loop {
                let mut side = HostSide::of(cx);
                let short = short::run(code, regs, pc, jumps, cx, &mut side);
                (pc, jumps) = (short.pc, short.jumps);
                if let Some(code) = short.trap {
                    self.pc = pc;
                    return Stop::Trap { code, message: side.message };
                }
                match insts[pc] {
                    Inst::SConst { d, text } => {
                        let text = text as usize;
                        set!(d, operations::once(strings, text + 2, cx.state, &self.constants[text]));
                    }
                    Inst::Zero { d, ty } => set!(d, cx.state.zero(ty!(ty))),
                    Inst::FUnary { f, d, a } => set_float!(d, calls::float_unary(f, float!(a))),
                    Inst::FBinary { f, d, a, b } => set_float!(d, calls::float_binary(f, float!(a), float!(b))),
                    Inst::FToI { rounding, d, a } => set_int!(d, check!(calls::float_to_int(rounding, float!(a)))),
                    Inst::IFCmp { cond, d, a, b } => {
                        set_bool!(d, cond.holds(scalar::cmp_int_float(int!(a), float!(b))));
                    }
                    Inst::UFCmp { cond, d, a, b } => {
                        set_bool!(d, cond.holds(scalar::cmp_uint_float(get!(a), float!(b))));
                    }
                    Inst::SCmp { cond, d, a, b } => {
                        let ordering = scalar::cmp_text(cx.state.str(get!(a)), cx.state.str(get!(b)));
                        set_bool!(d, cond.holds(Some(ordering)));
                    }
                    Inst::Equal { d, a, x } => {
                        let (b, ty) = (extra!(x), extra!(x + 1));
                        set_bool!(d, check!(cx.state.equal(ty!(ty), get!(a), get!(b))));
                    }
                    Inst::Digest { d, a, ty } => set!(d, check!(cx.state.digest(ty!(ty), get!(a)))),
                    Inst::TextOf { kind, d, a } => set!(d, operations::text_of(cx, kind, get!(a))),
                    Inst::Concat { d, x, count } => {
                        let (parts, buffer) = scratch.gather(regs, &code.extra[x as usize..][..count as usize]);
                        set!(d, check!(operations::concat(cx, buffer, parts)));
                    }
                    Inst::StrLen { d, a } => set_int!(d, scalar::text_len(cx.state.str(get!(a)))),
                    Inst::StrAt { d, a, b } => {
                        set!(d, check!(operations::str_at(cx, &mut scratch.text, get!(a), int!(b))))
                    }
                    Inst::StrContains { d, a, b } => {
                        set_bool!(d, cx.state.str(get!(a)).contains(cx.state.str(get!(b))));
                    }
                    Inst::StrStarts { d, a, b } => {
                        set_bool!(d, cx.state.str(get!(a)).starts_with(cx.state.str(get!(b))));
                    }
                    Inst::StrEnds { d, a, b } => {
                        set_bool!(d, cx.state.str(get!(a)).ends_with(cx.state.str(get!(b))));
                    }
                    Inst::StrSlice { d, a, x } => {
                        let (start, count) = (int!(extra!(x)), int!(extra!(x + 1)));
                        let part =
                            operations::copy(&mut scratch.text, text::slice(cx.state.str(get!(a)), start, count));
                        set!(d, cx.state.string(part));
                    }
                    Inst::StrFind { d, a, b } => {
                        set_int!(d, text::find(cx.state.str(get!(a)), cx.state.str(get!(b))));
                    }
                    Inst::StrReplace { d, a, x } => {
                        let (old, new) = (get!(extra!(x)), get!(extra!(x + 1)));
                        set!(d, check!(texts::replace(cx, get!(a), old, new)));
                    }
                    Inst::StrSplit { d, a, b } => set!(d, check!(texts::split(cx, get!(a), get!(b)))),
                    Inst::StrJoin { d, a, b } => set!(d, check!(texts::join(cx, get!(a), get!(b)))),
                    Inst::StrRepeat { d, a, b } => set!(d, check!(texts::repeat(cx, get!(a), int!(b)))),
                    Inst::StrUpper { d, a } => set!(d, check!(texts::upper(cx, get!(a)))),
                    Inst::StrLower { d, a } => set!(d, check!(texts::lower(cx, get!(a)))),
                    Inst::StrTrim { d, a } => {
                        let part = operations::copy(&mut scratch.text, text::trim(cx.state.str(get!(a))));
                        set!(d, cx.state.string(part));
                    }
                    Inst::StrIsInt { d, a } => set_bool!(d, text::parse_int(cx.state.str(get!(a))).is_some()),
                    Inst::StrToInt { d, a } => {
                        set_int!(d, text::parse_int(cx.state.str(get!(a))).unwrap_or(0));
                    }
                    Inst::StrIsFloat { d, a } => {
                        set_bool!(d, text::parse_float(cx.state.str(get!(a))).is_some());
                    }
                    Inst::StrToFloat { d, a } => {
                        set_float!(d, text::parse_float(cx.state.str(get!(a))).unwrap_or(0.0));
                    }
                    Inst::StrFormat { d, a, x } => {
                        let (names, args) = (get!(extra!(x)), get!(extra!(x + 1)));
                        let kinds = &self.constants[extra!(x + 2) as usize];
                        set!(d, check!(texts::format(cx, get!(a), names, args, kinds)));
                    }
                    Inst::BytesLen { d, a } => set_int!(d, cx.state.get_bytes(get!(a)).len() as i64),
                    Inst::Some { d, a, ty } => set!(d, cx.state.some(ty!(ty), get!(a))),
                    Inst::Unwrap { d, a, ty } => set!(d, check!(cx.state.unwrap(ty!(ty), get!(a)))),
                    Inst::StructNew { d, id } => set!(d, cx.state.struct_new(id)),
                    Inst::StructInit { a, b, field } => {
                        let place = field!(field);
                        check!(cx.state.struct_init(get!(a), place.ty, place.field, get!(b)));
                    }
                    Inst::StructCopy { d, a, id } => set!(d, check!(cx.state.struct_copy(get!(a), id))),
                    Inst::StructAttached { d, a, id } => {
                        set_bool!(d, check!(cx.state.struct_attached(get!(a), id)));
                    }
                    Inst::RecordNew { d, ty, x } => {
                        let fields = calls::operands(scratch, regs, &code.extra, x);
                        set!(d, operations::record_new(cx, ty!(ty), fields));
                    }
                    Inst::RecordGet { d, a, index } => set!(d, cx.state.record_get(get!(a), index)),
                    Inst::ListNew { d, ty, x } => {
                        let elements = calls::operands(scratch, regs, &code.extra, x);
                        set!(d, check!(cx.state.list_new(ty!(ty), elements)));
                    }
                    // The short loop leaves it where effects are in use; the `CountLoopGet` that may follow stands behind.
                    Inst::ListPush { a, b } | Inst::ListPushLoop { a, b } => check!(cx.list_push(get!(a), get!(b))),
                    Inst::ListPushPasses { a, b } => {
                        check!(cx.list_push(get!(a), get!(b)));
                        passes::run(code, regs, pc, cx);
                    }
                    Inst::LanesLoop { plan, alone, .. } => {
                        lanes::run(&code.plans[usize::from(plan)], regs, columns, cx);
                        pc = alone as usize;
                        continue;
                    }
                    Inst::ListSnapshot { d, a } => set!(d, cx.state.list_snapshot(get!(a))),
                    Inst::ListFind { d, a, b } => set_int!(d, check!(cx.state.list_find(get!(a), get!(b)))),
                    Inst::ListOrder { key, d, a, b } => {
                        set!(d, check!(texts::order(cx, key, get!(b) != 0, get!(a))));
                    }
                    Inst::ListInsert { a, index, b } => {
                        check!(cx.list_insert(get!(a), int!(index), get!(b)));
                    }
                    Inst::ListSet { a, index, b } => check!(cx.list_set(get!(a), int!(index), get!(b))),
                    Inst::ListRemove { a, index } => check!(cx.list_remove(get!(a), int!(index))),
                    Inst::ListAssign { a, b } => check!(cx.list_assign(get!(a), get!(b))),
                    Inst::ListClear { a } => check!(cx.list_clear(get!(a))),
                    Inst::MapNew { d, ty, x } => {
                        let entries = calls::operands(scratch, regs, &code.extra, x);
                        set!(d, check!(cx.state.map_new(ty!(ty), entries)));
                    }
                    Inst::MapLen { d, a } => set!(d, cx.state.map_len(get!(a))),
                    Inst::MapFind { d, a, b } => set_int!(d, cx.state.map_find(get!(a), get!(b))),
                    Inst::MapKeyAt { d, a, b } => set!(d, check!(cx.state.map_key_at(get!(a), int!(b)))),
                    Inst::MapValueAt { d, a, b } => set!(d, check!(cx.state.map_value_at(get!(a), int!(b)))),
                    Inst::MapPut { a, key, b } => check!(cx.map_put(get!(a), get!(key), get!(b))),
                    Inst::MapRemove { d, a, b } => set_bool!(d, check!(cx.map_remove(get!(a), get!(b)))),
                    Inst::MapSnapshot { d, a } => set!(d, cx.state.map_snapshot(get!(a))),
                    Inst::MapAssign { a, b } => check!(cx.map_assign(get!(a), get!(b))),
                    Inst::MapClear { a } => check!(cx.map_clear(get!(a))),
                    Inst::MapVersion { d, a } => set!(d, cx.state.map_version(get!(a))),
                    Inst::RandInt { d, x } => {
                        let (stream, low, high) = (extra!(x), extra!(x + 1), extra!(x + 2));
                        let name = operations::copy(&mut scratch.text, cx.state.str(get!(stream)));
                        set_int!(d, cx.state.streams().int(name, int!(low), int!(high)));
                    }
                    Inst::RandFloat { d, x } => {
                        let (stream, low, high) = (extra!(x), extra!(x + 1), extra!(x + 2));
                        let name = operations::copy(&mut scratch.text, cx.state.str(get!(stream)));
                        set_float!(d, cx.state.streams().float(name, float!(low), float!(high)));
                    }
                    Inst::RandUnit { d, a } => {
                        let name = operations::copy(&mut scratch.text, cx.state.str(get!(a)));
                        set_float!(d, cx.state.streams().unit(name));
                    }
                    Inst::Now { d } => set_int!(d, cx.now_ms),
                    Inst::Stream { d } => set!(d, operations::once(strings, 0, cx.state, cx.handler)),
                    Inst::Host { d } => set!(d, operations::once(strings, 1, cx.state, cx.host)),
                    Inst::WriteCheck { a, id, field } => check!(cx.check_write(get!(a), id, field)),
                    Inst::WriteCheckIn { a, b } => {
                        let at = if b == NONE { None } else { Some(get!(b)) };
                        check!(cx.check_write_in(get!(a), at));
                    }
                    Inst::ChangeRoot { what, d, id } => {
                        let result = check!(operations::change_root(cx, what, id));
                        if d != NONE {
                            set!(d, u64::from(result));
                        }
                    }
                    Inst::ConfigGet { d, a, ty } => set!(d, cx.state.config_get(get!(a), ty!(ty))),
                    Inst::Emit { to, a, x } => {
                        let (whom, payload, ty) = (extra!(x), extra!(x + 1), extra!(x + 2));
                        let whom = if whom == NONE { 0 } else { get!(whom) };
                        let payload = if payload == NONE { None } else { Some((ty!(ty), get!(payload))) };
                        check!(operations::emit(cx, to, whom, get!(a), payload));
                    }
                    Inst::Arrange { what, d, x } => {
                        let operand = |at: u32| if extra!(at) == NONE { 0 } else { get!(extra!(at)) };
                        let operands = [operand(x), operand(x + 1), operand(x + 2)];
                        let payload =
                            if extra!(x + 3) == NONE { None } else { Some((ty!(extra!(x + 4)), operand(x + 3))) };
                        let result = check!(operations::arrange(cx, what, operands, payload));
                        if d != NONE {
                            set!(d, result);
                        }
                    }
                    Inst::EffectAdd { x } => {
                        let operands = std::array::from_fn(|at| get!(extra!(x + at as u32)));
                        let params =
                            if extra!(x + 7) == NONE { None } else { Some((ty!(extra!(x + 8)), get!(extra!(x + 7)))) };
                        check!(operations::effect_add(cx, operands, params));
                    }
                    Inst::EffectsLift => cx.lift_effects(),
                    Inst::EffectsLiftAt { a, field } => {
                        let place = field!(field);
                        cx.lift_effects_at(get!(a), place.ty, place.field);
                    }
                    Inst::EffectsApply => check!(cx.apply_effects()),
                    // The short loop leaves it where effects are in use.
                    Inst::Store { a, b, field } => {
                        let place = field!(field);
                        check!(cx.store(get!(a), place.ty, place.field, get!(b)));
                    }
                    Inst::Mem { a, ty } => check!(cx.charge_size(ty!(ty), get!(a))),
                    Inst::Call { d, site } => {
                        count_jump!();
                        frame.pc = pc as Pc + 1;
                        frame.result = d;
                        frame.pending = Pending::Site(site);
                        let callee = enter(stack, functions, base, &code.sites[site as usize]);
                        frames.push(callee);
                        continue 'frame;
                    }
                    Inst::HostCall { d, site, x } => {
                        let args = calls::operands(scratch, regs, &code.extra, x);
                        match code.hosts[site as usize].call(args, cx.state, HostNow::of(cx)) {
                            Ok(value) if d != NONE => set!(d, value),
                            Ok(_) => {}
                            Err((code, message)) => {
                                self.pc = pc;
                                return Stop::Trap { code, message: Some(message) };
                            }
                        }
                    }
                    Inst::Message { a, x } => {
                        let value = if extra!(x) == NONE { None } else { Some((ty!(extra!(x + 1)), get!(extra!(x)))) };
                        operations::message(cx, &code.name, calls::node(code, pc), get!(a), value);
                    }
                    Inst::Enter => calls::enter(cx, code, pc),
                    Inst::Leave => calls::leave(cx, code, pc),
                    Inst::Watch { d, a, x } => {
                        let name = &self.constants[extra!(x + 1) as usize];
                        set!(d, calls::watch(cx, ty!(extra!(x)), name, get!(a)));
                    }
                    Inst::Probe { a, ty, text } => {
                        let port = &self.constants[text as usize];
                        calls::probe(cx, code, pc, port, ty!(ty), get!(a));
                    }
                    Inst::Return { a } => {
                        let value = if a == NONE { 0 } else { get!(a) };
                        stack.pop(base);
                        frames.pop();
                        if let Some(caller) = frames.last()
                            && caller.result != NONE
                        {
                            stack.set(caller.base, caller.result, value);
                        } else if frames.is_empty() {
                            self.returned = value;
                        }
                        continue 'frame;
                    }
                    Inst::Trap { code, a } => {
                        self.pc = pc;
                        let message = (a != NONE).then(|| Arc::from(cx.state.str(get!(a))));
                        return Stop::Trap { code, message };
                    }
                    Inst::Suspend { a, site } => {
                        self.pc = pc;
                        return Stop::Suspend {
                            wait: WaitFor::Duration(int!(a).max(1 + i64::from(planted::is(51)))),
                            site,
                        };
                    }
                    Inst::SuspendForEvent { a, timeout, site } => {
                        self.pc = pc;
                        let Some(data) = event_data(code, site) else { trap!(TrapCode::BadArgument) };
                        let event = Arc::from(cx.state.str(get!(a)));
                        let wait = WaitFor::Event { event, timeout_ms: int!(timeout), data };
                        return Stop::Suspend { wait, site };
                    }
                    Inst::Move { .. }
                    | Inst::IAdd { .. }
                    | Inst::ISub { .. }
                    | Inst::IMul { .. }
                    | Inst::IAddWrap { .. }
                    | Inst::ISubWrap { .. }
                    | Inst::IMulWrap { .. }
                    | Inst::IAddOver { .. }
                    | Inst::ISubOver { .. }
                    | Inst::IMulOver { .. }
                    | Inst::IDiv { .. }
                    | Inst::IDivFloor { .. }
                    | Inst::IRem { .. }
                    | Inst::IRemBits { .. }
                    | Inst::INeg { .. }
                    | Inst::IAbs { .. }
                    | Inst::IMin { .. }
                    | Inst::IMax { .. }
                    | Inst::ISign { .. }
                    | Inst::FAdd { .. }
                    | Inst::FSub { .. }
                    | Inst::FMul { .. }
                    | Inst::FDiv { .. }
                    | Inst::FNeg { .. }
                    | Inst::FAbs { .. }
                    | Inst::IToF { .. }
                    | Inst::UToF { .. }
                    | Inst::UToI { .. }
                    | Inst::IToU { .. }
                    | Inst::Narrow { .. }
                    | Inst::IEq { .. }
                    | Inst::INe { .. }
                    | Inst::ILt { .. }
                    | Inst::ILe { .. }
                    | Inst::UCmp { .. }
                    | Inst::UICmp { .. }
                    | Inst::FEq { .. }
                    | Inst::FNe { .. }
                    | Inst::FLt { .. }
                    | Inst::FLe { .. }
                    | Inst::Not { .. }
                    | Inst::And { .. }
                    | Inst::Or { .. }
                    | Inst::Select { .. }
                    | Inst::IsNull { .. }
                    | Inst::NonNull { .. }
                    | Inst::Root { .. }
                    | Inst::RootStore { .. }
                    | Inst::Load { .. }
                    | Inst::ListLen { .. }
                    | Inst::ListVersion { .. }
                    | Inst::ListHead { .. }
                    | Inst::ListEach { .. }
                    | Inst::ListGet { .. }
                    | Inst::ListFindKey { .. }
                    | Inst::ListGetLoad { .. }
                    | Inst::Fuel { .. }
                    | Inst::Fuels { .. }
                    | Inst::FuelN { .. }
                    | Inst::FuelShort { .. }
                    | Inst::MemN { .. }
                    | Inst::MemShort { .. }
                    | Inst::EntriesShort { .. }
                    | Inst::TrapIf { .. }
                    | Inst::Jump { .. }
                    | Inst::Loop { .. }
                    | Inst::AddLoop { .. }
                    | Inst::AddLoopEach { .. }
                    | Inst::CountLoop { .. }
                    | Inst::CountLoopGet { .. }
                    | Inst::EachLoop { .. }
                    | Inst::LoadIAdd { .. }
                    | Inst::LoadISub { .. }
                    | Inst::LoadIMul { .. }
                    | Inst::LoadFAdd { .. }
                    | Inst::LoadFSub { .. }
                    | Inst::LoadFSubSquare { .. }
                    | Inst::LoadFMul { .. }
                    | Inst::LoadJumpIf { .. }
                    | Inst::LoadJumpUnless { .. }
                    | Inst::LoadJumpIEq { .. }
                    | Inst::LoadJumpINe { .. }
                    | Inst::LoadJumpILt { .. }
                    | Inst::LoadJumpILe { .. }
                    | Inst::LoadJumpIGt { .. }
                    | Inst::LoadJumpIGe { .. }
                    | Inst::IMulAdd { .. }
                    | Inst::FMulAdd { .. }
                    | Inst::ISum { .. }
                    | Inst::FSum { .. }
                    | Inst::JumpIf { .. }
                    | Inst::JumpUnless { .. }
                    | Inst::JumpIEq { .. }
                    | Inst::JumpINe { .. }
                    | Inst::JumpILt { .. }
                    | Inst::JumpILe { .. }
                    | Inst::JumpFEq { .. }
                    | Inst::JumpFNe { .. }
                    | Inst::JumpFLt { .. }
                    | Inst::JumpFLe { .. }
                    | Inst::JumpNotFLt { .. }
                    | Inst::JumpNotFLe { .. } => unreachable!("these run in the short loop"),
                }
                pc += 1;
            }
        }
    }
}

//! The compact form that functions are decoded to: small instructions over a window of registers. An instruction is
//! 16 bytes; what does not fit stands in the function's tables.

use std::sync::Arc;

use statewright_graph::ir::Cond;
use statewright_runtime::host::HostSite;
use statewright_runtime::state::FieldPlace;
use statewright_types::{IntKind, StructId, TrapCode, Type};

use crate::lanes::Plan;
use crate::operations::{Arrangement, Recipient, RootChange, SortKey, TextKind};

/// A register: an index into the frame's window.
pub(crate) type Reg = u32;
/// An index into [`Code::insts`].
pub(crate) type Pc = u32;

/// "No register".
pub(crate) const NONE: Reg = Reg::MAX;

/// One instruction. `d` receives the result; `a`, `b` are operands; `x` is a place in [`Code::extra`]; `ty`,
/// `field`, `text` and `site` are indices into the tables of that name. One per IR operation, where it is not
/// resolved while decoding, and the fused and control forms.
#[rustfmt::skip] // a table, one row a line
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inst {
    // The first and the last are the short loop's, which spares its jump table a check.
    Move { d: Reg, a: Reg },
    /// `strings[text]`, made on first use in a run.
    SConst { d: Reg, text: u32 },
    /// The zero of a type that lives in the heap.
    Zero { d: Reg, ty: u32 },
    ConfigGet { d: Reg, a: Reg, ty: u32 },
    WriteCheck { a: Reg, id: StructId, field: u32 },
    WriteCheckIn { a: Reg, b: Reg },
    ChangeRoot { what: RootChange, d: Reg, id: StructId },

    IAdd { d: Reg, a: Reg, b: Reg },
    ISub { d: Reg, a: Reg, b: Reg },
    IMul { d: Reg, a: Reg, b: Reg },
    IAddWrap { d: Reg, a: Reg, b: Reg },
    ISubWrap { d: Reg, a: Reg, b: Reg },
    IMulWrap { d: Reg, a: Reg, b: Reg },
    IAddOver { d: Reg, a: Reg, b: Reg },
    ISubOver { d: Reg, a: Reg, b: Reg },
    IMulOver { d: Reg, a: Reg, b: Reg },
    IDiv { d: Reg, a: Reg, b: Reg },
    IDivFloor { d: Reg, a: Reg, b: Reg },
    IRem { d: Reg, a: Reg, b: Reg },
    /// The remainder of a division by 2 to the power `bits`.
    IRemBits { d: Reg, a: Reg, bits: u32 },
    INeg { d: Reg, a: Reg },
    IAbs { d: Reg, a: Reg },
    IMin { d: Reg, a: Reg, b: Reg },
    IMax { d: Reg, a: Reg, b: Reg },
    ISign { d: Reg, a: Reg },

    FAdd { d: Reg, a: Reg, b: Reg },
    FSub { d: Reg, a: Reg, b: Reg },
    FMul { d: Reg, a: Reg, b: Reg },
    FDiv { d: Reg, a: Reg, b: Reg },
    FNeg { d: Reg, a: Reg },
    FAbs { d: Reg, a: Reg },
    /// A function of one float.
    FUnary { f: FloatUnary, d: Reg, a: Reg },
    /// A function of two floats.
    FBinary { f: FloatBinary, d: Reg, a: Reg, b: Reg },

    IToF { d: Reg, a: Reg },
    UToF { d: Reg, a: Reg },
    UToI { d: Reg, a: Reg },
    IToU { d: Reg, a: Reg },
    FToI { rounding: Rounding, d: Reg, a: Reg },
    Narrow { kind: IntKind, d: Reg, a: Reg },

    IEq { d: Reg, a: Reg, b: Reg },
    INe { d: Reg, a: Reg, b: Reg },
    ILt { d: Reg, a: Reg, b: Reg },
    ILe { d: Reg, a: Reg, b: Reg },
    UCmp { cond: Cond, d: Reg, a: Reg, b: Reg },
    UICmp { cond: Cond, d: Reg, a: Reg, b: Reg },
    FEq { d: Reg, a: Reg, b: Reg },
    FNe { d: Reg, a: Reg, b: Reg },
    FLt { d: Reg, a: Reg, b: Reg },
    FLe { d: Reg, a: Reg, b: Reg },
    IFCmp { cond: Cond, d: Reg, a: Reg, b: Reg },
    UFCmp { cond: Cond, d: Reg, a: Reg, b: Reg },
    SCmp { cond: Cond, d: Reg, a: Reg, b: Reg },
    /// Operands `a` and `extra[x]`, type `extra[x + 1]`.
    Equal { d: Reg, a: Reg, x: u32 },
    Digest { d: Reg, a: Reg, ty: u32 },
    Not { d: Reg, a: Reg },
    And { d: Reg, a: Reg, b: Reg },
    Or { d: Reg, a: Reg, b: Reg },
    /// `extra[x]` if `a` is true, else `extra[x + 1]`.
    Select { d: Reg, a: Reg, x: u32 },

    TextOf { kind: TextKind, d: Reg, a: Reg },
    /// Operands `extra[x..x + count]`.
    Concat { d: Reg, x: u32, count: u32 },
    StrLen { d: Reg, a: Reg },
    StrAt { d: Reg, a: Reg, b: Reg },
    StrContains { d: Reg, a: Reg, b: Reg },
    StrStarts { d: Reg, a: Reg, b: Reg },
    StrEnds { d: Reg, a: Reg, b: Reg },
    /// Start `extra[x]`, count `extra[x + 1]`.
    StrSlice { d: Reg, a: Reg, x: u32 },
    StrFind { d: Reg, a: Reg, b: Reg },
    /// What to replace `extra[x]`, by what `extra[x + 1]`.
    StrReplace { d: Reg, a: Reg, x: u32 },
    StrSplit { d: Reg, a: Reg, b: Reg },
    StrJoin { d: Reg, a: Reg, b: Reg },
    StrRepeat { d: Reg, a: Reg, b: Reg },
    StrUpper { d: Reg, a: Reg },
    StrLower { d: Reg, a: Reg },
    StrTrim { d: Reg, a: Reg },
    StrIsInt { d: Reg, a: Reg },
    StrToInt { d: Reg, a: Reg },
    StrIsFloat { d: Reg, a: Reg },
    StrToFloat { d: Reg, a: Reg },
    /// Names `extra[x]`, arguments `extra[x + 1]`, their kinds `strings[extra[x + 2]]`.
    StrFormat { d: Reg, a: Reg, x: u32 },
    BytesLen { d: Reg, a: Reg },

    Some { d: Reg, a: Reg, ty: u32 },
    IsNull { d: Reg, a: Reg },
    /// Of a nullable that is the thing itself.
    NonNull { d: Reg, a: Reg },
    /// Of a nullable that is a box.
    Unwrap { d: Reg, a: Reg, ty: u32 },

    Root { d: Reg, id: StructId },
    Load { d: Reg, a: Reg, field: u32 },
    Store { a: Reg, b: Reg, field: u32 },
    StructNew { d: Reg, id: StructId },
    StructInit { a: Reg, b: Reg, field: u32 },
    StructCopy { d: Reg, a: Reg, id: StructId },
    StructAttached { d: Reg, a: Reg, id: StructId },
    /// Fields `extra[x + 1 ..]`, as many as `extra[x]`.
    RecordNew { d: Reg, ty: u32, x: u32 },
    RecordGet { d: Reg, a: Reg, index: u32 },

    /// Elements `extra[x + 1 ..]`, as many as `extra[x]`.
    ListNew { d: Reg, ty: u32, x: u32 },
    ListLen { d: Reg, a: Reg },
    ListGet { d: Reg, a: Reg, b: Reg },
    /// `ListGet`, and then the `Load` that follows.
    ListGetLoad { d: Reg, a: Reg, b: Reg },
    /// The head of a loop over a live list, in one step: `Load` of the list from `a`, `ListVersion`, the trap if that
    /// is not `extra[x + 1]`, `ListLen` into `extra[x + 2]`. The field is `extra[x]`. `extra[x + 5]` is 1 if nothing else is
    /// written to the registers of the list and of the length.
    ListHead { d: Reg, a: Reg, x: u32 },
    /// `ListHead`; then, if `extra[x + 3]` is an index of the list, the element into `extra[x + 4]`, and on behind the
    /// jump, the `ListGet` and the `Fuels` that follow. Else they decide.
    ListEach { d: Reg, a: Reg, x: u32 },
    ListPush { a: Reg, b: Reg },
    /// `ListPush`, and the `CountLoopGet` that follows.
    ListPushLoop { a: Reg, b: Reg },
    /// `ListPush`, and as many passes more of the loop that ends here as [`crate::passes`] can make.
    ListPushPasses { a: Reg, b: Reg },
    ListSnapshot { d: Reg, a: Reg },
    ListFind { d: Reg, a: Reg, b: Reg },
    /// Key `extra[x]`, field `extra[x + 1]`.
    ListFindKey { d: Reg, a: Reg, x: u32 },
    /// Descending if `b`.
    ListOrder { key: SortKey, d: Reg, a: Reg, b: Reg },
    ListInsert { a: Reg, index: Reg, b: Reg },
    ListSet { a: Reg, index: Reg, b: Reg },
    ListRemove { a: Reg, index: Reg },
    ListAssign { a: Reg, b: Reg },
    ListClear { a: Reg },
    ListVersion { d: Reg, a: Reg },

    /// Keys and values in turn `extra[x + 1 ..]`, as many as `extra[x]`.
    MapNew { d: Reg, ty: u32, x: u32 },
    MapLen { d: Reg, a: Reg },
    MapFind { d: Reg, a: Reg, b: Reg },
    MapKeyAt { d: Reg, a: Reg, b: Reg },
    MapValueAt { d: Reg, a: Reg, b: Reg },
    MapPut { a: Reg, key: Reg, b: Reg },
    MapRemove { d: Reg, a: Reg, b: Reg },
    MapSnapshot { d: Reg, a: Reg },
    MapAssign { a: Reg, b: Reg },
    MapClear { a: Reg },
    MapVersion { d: Reg, a: Reg },

    /// Stream `extra[x]`, bounds `extra[x + 1]` and `extra[x + 2]`.
    RandInt { d: Reg, x: u32 },
    /// As `RandInt`.
    RandFloat { d: Reg, x: u32 },
    /// Stream `a`.
    RandUnit { d: Reg, a: Reg },
    Now { d: Reg },
    Stream { d: Reg },
    Host { d: Reg },
    /// Event type `a`, recipient `extra[x]`, payload `extra[x + 1]` (or [`NONE`]) of type `extra[x + 2]`.
    Emit { to: Recipient, a: Reg, x: u32 },
    /// `x`: up to three operands, the record or payload and its type.
    Arrange { what: Arrangement, d: Reg, x: u32 },
    /// `x`: seven operands, the record of parameters (or [`NONE`]) and its type.
    EffectAdd { x: u32 },
    EffectsLift,
    EffectsLiftAt { a: Reg, field: u32 },
    EffectsApply,

    Fuel { amount: u64 },
    /// `Fuel` of 1, here and in those that follow, `count` in all; where there is not as much left, only its own.
    Fuels { count: u8 },
    FuelN { a: Reg },
    FuelShort { d: Reg, a: Reg },
    Mem { a: Reg, ty: u32 },
    MemN { a: Reg },
    MemShort { d: Reg, a: Reg },
    EntriesShort { d: Reg, a: Reg },
    TrapIf { code: TrapCode, a: Reg },
    /// Calls `sites[site]`; the result goes to `d`, then it goes on with the next instruction.
    Call { d: Reg, site: u32 },
    /// Calls `hosts[site]` with the operands `extra[x + 1 ..]`, as many as `extra[x]`.
    HostCall { d: Reg, site: u32, x: u32 },
    /// Text `a`, value `extra[x]` (or [`NONE`]) of type `extra[x + 1]`.
    Message { a: Reg, x: u32 },
    Enter,
    Leave,
    Probe { a: Reg, ty: u32, text: u32 },
    /// Type `extra[x]`, name `strings[extra[x + 1]]`.
    Watch { d: Reg, a: Reg, x: u32 },

    /// `a` may be [`NONE`].
    Return { a: Reg },
    /// Message `a`, or [`NONE`].
    Trap { code: TrapCode, a: Reg },
    /// Suspends for `a` milliseconds; what is saved is in `sites[site]`.
    Suspend { a: Reg, site: u32 },
    /// Suspends until the event `a` comes in, for at most `timeout` milliseconds; what is saved is in `sites[site]`.
    SuspendForEvent { a: Reg, timeout: Reg, site: u32 },
    /// Forward.
    Jump { to: Pc },
    /// Backward: counted, see [`crate::machine`].
    Loop { to: Pc },
    /// Adds `b` to `a`, then as `Loop`.
    AddLoop { a: Reg, b: Reg, to: Pc },
    /// `AddLoop` to a `ListEach` of the same index, and that too.
    AddLoopEach { a: Reg, b: Reg, to: Pc },
    /// Adds 1 to `a`; then, if that is below `b`, as `Loop`. `fuel` counts the `Fuel`s of 1 at `to`, which are charged.
    CountLoop { fuel: u8, a: Reg, b: Reg, to: Pc },
    /// `CountLoop`, and the `Fuel`s and `ListGet` it leads to: element `a` of `list` into `d`, on at `to`. What fails is left
    /// to these, `back` before that. The length of the list bounds the passes, so they are not counted.
    CountLoopGet { fuel: u8, a: u16, b: u16, list: u16, d: u16, back: u16, to: Pc },
    /// The same to a `ListEach` in a loop that cannot change the list: adds 1 to `a`, and if that is below `b`, the length,
    /// gets the element and charges what follows, as above. Else on at the `ListEach`.
    EachLoop { fuel: u8, a: u16, b: u16, list: u16, d: u16, back: u16, to: Pc },

    /// The end of a pass over a list: as many passes as `plans[plan]` can run at once, if many are left of the `b`; then, on
    /// at `alone`, one as always. `a` is the index.
    LanesLoop { plan: u16, a: u16, b: u16, alone: Pc },

    // Conditional jumps; `fuel` counts the `Fuel`s of 1 that follow: they are charged where the jump is not taken.
    JumpIf { fuel: u8, a: Reg, to: Pc },
    JumpUnless { fuel: u8, a: Reg, to: Pc },
    JumpIEq { fuel: u8, a: Reg, b: Reg, to: Pc },
    JumpINe { fuel: u8, a: Reg, b: Reg, to: Pc },
    JumpILt { fuel: u8, a: Reg, b: Reg, to: Pc },
    JumpILe { fuel: u8, a: Reg, b: Reg, to: Pc },
    JumpFEq { fuel: u8, a: Reg, b: Reg, to: Pc },
    JumpFNe { fuel: u8, a: Reg, b: Reg, to: Pc },
    JumpFLt { fuel: u8, a: Reg, b: Reg, to: Pc },
    JumpFLe { fuel: u8, a: Reg, b: Reg, to: Pc },
    JumpNotFLt { fuel: u8, a: Reg, b: Reg, to: Pc },

    // A `Load` of a field of `a` into `t`, and then the instruction that follows, of which `b` is the other operand. Each
    // stands in front of its parts, which stay for who jumps between them. The field is a whole `word` of a row of `ty`.
    LoadIAdd { t: u16, a: u16, ty: u16, word: u16, b: u16, d: u16 },
    /// Loaded minus `b`.
    LoadISub { t: u16, a: u16, ty: u16, word: u16, b: u16, d: u16 },
    LoadIMul { t: u16, a: u16, ty: u16, word: u16, b: u16, d: u16 },
    LoadFAdd { t: u16, a: u16, ty: u16, word: u16, b: u16, d: u16 },
    /// Loaded minus `b`.
    LoadFSub { t: u16, a: u16, ty: u16, word: u16, b: u16, d: u16 },
    /// `LoadFSub`, and then the square of the difference into `m`.
    LoadFSubSquare { t: u16, a: u16, ty: u16, word: u16, b: u16, d: u16, m: u16 },
    LoadFMul { t: u16, a: u16, ty: u16, word: u16, b: u16, d: u16 },
    LoadJumpIf { fuel: u8, t: u16, a: u16, ty: u16, word: u16, to: Pc },
    LoadJumpUnless { fuel: u8, t: u16, a: u16, ty: u16, word: u16, to: Pc },
    LoadJumpIEq { fuel: u8, t: u16, a: u16, ty: u16, word: u16, b: u16, to: Pc },
    LoadJumpINe { fuel: u8, t: u16, a: u16, ty: u16, word: u16, b: u16, to: Pc },
    LoadJumpILt { fuel: u8, t: u16, a: u16, ty: u16, word: u16, b: u16, to: Pc },
    LoadJumpILe { fuel: u8, t: u16, a: u16, ty: u16, word: u16, b: u16, to: Pc },
    /// Loaded greater than `b`.
    LoadJumpIGt { fuel: u8, t: u16, a: u16, ty: u16, word: u16, b: u16, to: Pc },
    /// Loaded at least `b`.
    LoadJumpIGe { fuel: u8, t: u16, a: u16, ty: u16, word: u16, b: u16, to: Pc },
    /// A `Root` into `t`, and then the `Store` into it that follows.
    RootStore { t: u16, b: u16, id: StructId, field: u32 },
    /// The product of `a` and `b` into `m`, plus `c`.
    IMulAdd { m: u16, a: u16, b: u16, c: u16, d: u16 },
    /// The product of `a` and `b` into `m`, rounded, and then the sum with `c`.
    FMulAdd { m: u16, a: u16, b: u16, c: u16, d: u16 },
    /// `IAdd` of `b` to `a`, and as many passes more as the `CountLoopGet` that follows and leads here makes: the sum of a
    /// list.
    ISum { a: Reg, b: Reg },
    /// The same with `FAdd`.
    FSum { a: Reg, b: Reg },
    JumpNotFLe { fuel: u8, a: Reg, b: Reg, to: Pc },
}

/// Functions of one float that are no machine instruction.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FloatUnary {
    Sign,
    Sqrt,
    Sin,
    Cos,
    Tan,
    Asin,
    Exp,
    Log,
    Round32,
}

/// Functions of two floats that are no machine instruction.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FloatBinary {
    Rem,
    Min,
    Max,
    Atan2,
    Pow,
}

/// How a float becomes an integer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rounding {
    Floor,
    Ceil,
    Round,
    Trunc,
}

/// A call or a suspension.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The called function, by position; unused in a suspension.
    pub callee: u32,
    /// Its arguments.
    pub args: Vec<Reg>,
    /// The resume block; unused in a call that does not suspend.
    pub resume: u32,
    /// What survives a suspension.
    pub saved: Vec<Reg>,
    /// What cuts it short, innermost first.
    pub deadlines: Vec<Deadline>,
}

/// What cuts a suspension short.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    /// When, ms.
    pub due: Reg,
    /// The resume block.
    pub block: u32,
    /// What survives until then.
    pub saved: Vec<Reg>,
}

/// A block that a suspended activation may go on in.
#[derive(Clone, Debug)]
pub(crate) struct ResumeBlock {
    /// Where it begins.
    pub pc: Pc,
    /// Its parameters with their types, results of the pending call or wait first.
    pub params: Vec<(Reg, Type)>,
}

/// A function, decoded.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// The function's name, for tracers.
    pub name: Arc<str>,
    /// What to do, from 0 on.
    pub insts: Vec<Inst>,
    /// The node of each instruction.
    pub nodes: Vec<u32>,
    /// Ids of nodes.
    pub node_ids: Vec<Arc<str>>,
    /// Further operands.
    pub extra: Vec<u32>,
    /// Types that instructions name.
    pub types: Vec<Type>,
    /// Fields that instructions name.
    pub fields: Vec<FieldPlace>,
    /// Calls and suspensions.
    pub sites: Vec<Site>,
    /// Loops whose passes can be run many at once.
    pub plans: Vec<Plan>,
    /// Calls of the host program's nodes.
    pub hosts: Vec<HostSite>,
    /// By block number.
    pub resume_blocks: Vec<Option<ResumeBlock>>,
    /// How many parameters it has; they are the first registers.
    pub params: u32,
    /// Whether it gives a value.
    pub has_result: bool,
    /// How many registers it needs; the last ones are `constants`.
    pub registers: u32,
    /// Values of the last registers.
    pub constants: Vec<u64>,
}

const _: () = assert!(size_of::<Inst>() == 16);

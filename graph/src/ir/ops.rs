//! The table of IR operations: mnemonic, operands, constant part, result, traps, effects, meaning. The text
//! format, the verifier and the reference are derived from it; each back end has one arm per row.

use statewright_types::TrapCode;

/// What an operand or a result must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `int64`
    Int,
    /// `uint64`
    UInt,
    /// `float64`
    Float,
    /// `bool`
    Bool,
    /// `string` or `uuid`
    Text,
    /// `[]T`
    List,
    /// `map[K]V`
    Map,
    /// A struct.
    Struct,
    /// An anonymous record.
    Record,
    /// `*T`
    Nullable,
    /// Any type.
    Any,
    /// Result only: the loaded type of the field, element, entry, type or callee in question; see the row.
    Derived,
}

/// Which constant part a row takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ImmKind {
    None,
    Int,
    Float,
    Bool,
    Str,
    Type,
    Struct,
    Field,
    Cond,
    Trap,
    Func,
    Host,
}

/// What an instruction may do besides computing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Depends on its operands only; may be dropped, merged and moved (but not before its checks).
    Pure,
    /// Reads state or session.
    Reads,
    /// Makes a new object.
    Allocates,
    /// Changes state, or a value under construction.
    Writes,
    /// Draws from a random stream.
    Draws,
    /// Queues an event.
    Emits,
    /// Arranges something with the session.
    Arranges,
    /// Charges fuel or memory, or traps on purpose.
    Charges,
    /// Looks at the fuel or memory that is left: stays between the charges between which it stands.
    Measures,
    /// Calls a function, which may do all of these.
    Calls,
    /// Tells a tracer.
    Observes,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct OpRow {
    /// The operation.
    pub op: Op,
    /// Its spelling in IR text.
    pub mnemonic: &'static str,
    /// Fixed operands.
    pub args: &'static [Class],
    /// Whether any number of further operands follows, all of the class given.
    pub rest: Option<Class>,
    /// Constant part.
    pub imm: ImmKind,
    /// Result, if it defines a value.
    pub result: Option<Class>,
    /// The only codes it may trap with.
    pub traps: &'static [TrapCode],
    /// What else it does.
    pub effect: Effect,
    /// What it means.
    pub doc: &'static str,
}

macro_rules! rest {
    () => {
        None
    };
    ($class:ident) => {
        Some(Class::$class)
    };
}

macro_rules! ops {
    ($($op:ident $mnemonic:literal ($($arg:ident),* $(; $rest:ident)?) $imm:ident -> $result:ident $effect:ident [$($trap:ident),*] $doc:literal;)*) => {
        /// An IR operation; see its row for the meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Op { $(#[doc = $doc] $op,)* }

        /// The table, indexed by `Op as usize`.
        pub const OPS: &[OpRow] = &[$(OpRow {
            op: Op::$op,
            mnemonic: $mnemonic,
            args: &[$(Class::$arg),*],
            rest: rest!($($rest)?),
            imm: ImmKind::$imm,
            result: result!($result),
            traps: &[$(TrapCode::$trap),*],
            effect: Effect::$effect,
            doc: $doc,
        },)*];
    };
}

macro_rules! result {
    (Nothing) => {
        None
    };
    ($class:ident) => {
        Some(Class::$class)
    };
}

impl Op {
    /// The operation's row.
    pub fn row(self) -> &'static OpRow {
        &OPS[self as usize]
    }

    /// Whether it stands in modules lowered for tracing only.
    pub fn is_traced_only(self) -> bool {
        matches!(self, Op::Enter | Op::Leave | Op::Probe | Op::Watch)
    }

    /// Whether it computes with numbers and truths, in a few instructions of a processor: what works on text or is a function of
    /// libm takes as long as dozens of those.
    pub fn is_quick(self) -> bool {
        use Op::{FAsin, FAtan2, FCos, FExp, FLog, FPow, FRem, FSin, FTan};
        let row = self.row();
        let is_plain = |class: &Class| {
            matches!(class, Class::Int | Class::UInt | Class::Float | Class::Bool | Class::Struct | Class::Nullable)
        };
        let is_function = matches!(self, FAsin | FAtan2 | FCos | FExp | FLog | FPow | FRem | FSin | FTan);
        let is_same = matches!(self, Op::Select | Op::Reveal | Op::Retype);
        row.effect == Effect::Pure && !is_function && (is_same || row.args.iter().all(is_plain))
    }

    /// The operation spelled `mnemonic`.
    pub fn by_mnemonic(mnemonic: &str) -> Option<Op> {
        OPS.iter().find(|row| row.mnemonic == mnemonic).map(|row| row.op)
    }
}

ops! {
    // Constants.
    IConst "iconst" () Int -> Int Pure [] "An integer.";
    UConst "uconst" () Int -> UInt Pure [] "An unsigned integer, given by the int64 of the same bits.";
    FConst "fconst" () Float -> Float Pure [] "A float.";
    BConst "bconst" () Bool -> Bool Pure [] "A bool.";
    SConst "sconst" () Str -> Text Pure [] "A string.";
    Zero "zero" () Type -> Derived Allocates [] "The zero of the (full) type: 0, false, \"\", empty, null; of a struct, a value with zero fields; of a record, zero fields.";

    // Integers.
    IAdd "iadd" (Int, Int) None -> Int Pure [Overflow] "a + b.";
    ISub "isub" (Int, Int) None -> Int Pure [Overflow] "a − b.";
    IMul "imul" (Int, Int) None -> Int Pure [Overflow] "a · b.";
    IAddWrap "iadd.wrap" (Int, Int) None -> Int Pure [] "The low 64 bits of a + b.";
    ISubWrap "isub.wrap" (Int, Int) None -> Int Pure [] "The low 64 bits of a − b.";
    IMulWrap "imul.wrap" (Int, Int) None -> Int Pure [] "The low 64 bits of a · b.";
    IAddOver "iadd.over" (Int, Int) None -> Bool Pure [] "Whether `iadd` would stop.";
    ISubOver "isub.over" (Int, Int) None -> Bool Pure [] "Whether `isub` would stop.";
    IMulOver "imul.over" (Int, Int) None -> Bool Pure [] "Whether `imul` would stop.";
    IDiv "idiv" (Int, Int) None -> Int Pure [DivideByZero, Overflow] "a / b, toward zero.";
    IDivFloor "idiv.floor" (Int, Int) None -> Int Pure [DivideByZero, Overflow] "a / b, toward negative infinity.";
    IRem "irem" (Int, Int) None -> Int Pure [DivideByZero] "The remainder, with the dividend's sign; MIN rem −1 is 0.";
    INeg "ineg" (Int) None -> Int Pure [Overflow] "−a.";
    IAbs "iabs" (Int) None -> Int Pure [Overflow] "|a|.";
    IMin "imin" (Int, Int) None -> Int Pure [] "The smaller.";
    IMax "imax" (Int, Int) None -> Int Pure [] "The larger.";
    ISign "isign" (Int) None -> Int Pure [] "−1, 0 or 1.";

    // Floats: IEEE-754 binary64; the functions are those of libm.
    FAdd "fadd" (Float, Float) None -> Float Pure [] "a + b.";
    FSub "fsub" (Float, Float) None -> Float Pure [] "a − b.";
    FMul "fmul" (Float, Float) None -> Float Pure [] "a · b.";
    FDiv "fdiv" (Float, Float) None -> Float Pure [] "a / b.";
    FRem "frem" (Float, Float) None -> Float Pure [] "The remainder, with the dividend's sign (fmod).";
    FNeg "fneg" (Float) None -> Float Pure [] "−a.";
    FAbs "fabs" (Float) None -> Float Pure [] "|a|.";
    FMin "fmin" (Float, Float) None -> Float Pure [] "The smaller; NaN if either is; −0 < 0.";
    FMax "fmax" (Float, Float) None -> Float Pure [] "The larger; NaN if either is; −0 < 0.";
    FSign "fsign" (Float) None -> Float Pure [] "−1, 0 or 1 as a float; ±0 and NaN as they are.";
    FSqrt "fsqrt" (Float) None -> Float Pure [] "Square root.";
    FSin "fsin" (Float) None -> Float Pure [] "Sine of radians.";
    FCos "fcos" (Float) None -> Float Pure [] "Cosine of radians.";
    FTan "ftan" (Float) None -> Float Pure [] "Tangent of radians.";
    FAsin "fasin" (Float) None -> Float Pure [] "Arc sine, radians.";
    FAtan2 "fatan2" (Float, Float) None -> Float Pure [] "Arc tangent of y/x, radians.";
    FExp "fexp" (Float) None -> Float Pure [] "e to the power a.";
    FLog "flog" (Float) None -> Float Pure [] "Natural logarithm.";
    FPow "fpow" (Float, Float) None -> Float Pure [] "a to the power b.";

    // Conversions.
    IToF "itof" (Int) None -> Float Pure [] "Nearest float, ties to even.";
    UToF "utof" (UInt) None -> Float Pure [] "Nearest float, ties to even.";
    UToI "utoi" (UInt) None -> Int Pure [Overflow] "The same number as int64.";
    IToU "itou" (Int) None -> UInt Pure [OutOfRange] "The same number as uint64.";
    FToIFloor "ftoi.floor" (Float) None -> Int Pure [OutOfRange] "Down to an integer.";
    FToICeil "ftoi.ceil" (Float) None -> Int Pure [OutOfRange] "Up to an integer.";
    FToIRound "ftoi.round" (Float) None -> Int Pure [OutOfRange] "To the nearest integer, half away from zero.";
    FToITrunc "ftoi.trunc" (Float) None -> Int Pure [OutOfRange] "Toward zero.";
    Narrow "narrow" (Int) Type -> Int Pure [OutOfRange] "The same number, if the narrow integer type holds it.";
    FRound32 "fround32" (Float) None -> Float Pure [] "Rounded to binary32 and widened again.";
    Retype "retype" (Text) Type -> Derived Pure [] "A uuid as string or a string as uuid.";

    // Comparisons and logic.
    ICmp "icmp" (Int, Int) Cond -> Bool Pure [] "Compares signed integers.";
    UCmp "ucmp" (UInt, UInt) Cond -> Bool Pure [] "Compares unsigned integers.";
    UICmp "uicmp" (UInt, Int) Cond -> Bool Pure [] "Compares an unsigned with a signed integer, mathematically.";
    FCmp "fcmp" (Float, Float) Cond -> Bool Pure [] "Compares floats; with a NaN only `ne` holds.";
    IFCmp "ifcmp" (Int, Float) Cond -> Bool Pure [] "Compares an integer with a float mathematically, without rounding.";
    UFCmp "ufcmp" (UInt, Float) Cond -> Bool Pure [] "Compares an unsigned integer with a float mathematically.";
    SCmp "scmp" (Text, Text) Cond -> Bool Pure [] "Compares text by code point.";
    Equal "equal" (Any, Any) None -> Bool Reads [StaleReference, MemoryLimit] "Whether two values of one type are equal by content.";
    Digest "digest" (Any) None -> Int Reads [StaleReference, MemoryLimit] "An integer that is the same for equal values of a type, and hardly ever for others: the first eight bytes of a SHA-256.";
    Not "not" (Bool) None -> Bool Pure [] "Negation.";
    And "and" (Bool, Bool) None -> Bool Pure [] "Both.";
    Or "or" (Bool, Bool) None -> Bool Pure [] "Either.";
    Select "select" (Bool, Any, Any) None -> Derived Pure [] "The second operand if the first is true, else the third (of the same type).";

    // Secrecy.
    Reveal "reveal" (Any) None -> Derived Pure [] "The operand, declared fit for whoever it reaches (R9).";

    // Text.
    Text "text" (Any) None -> Text Allocates [] "The text of a bool, integer, float, string or uuid (R3.5).";
    Concat "concat" (; Text) None -> Text Allocates [MemoryLimit] "All operands joined.";
    StrLen "str.len" (Text) None -> Int Pure [] "Number of Unicode scalar values.";
    StrAt "str.at" (Text, Int) None -> Text Allocates [IndexOutOfRange] "The character at an index, as a string.";
    StrContains "str.contains" (Text, Text) None -> Bool Pure [] "Whether the second occurs in the first.";
    StrStarts "str.starts" (Text, Text) None -> Bool Pure [] "Whether the first starts with the second.";
    StrEnds "str.ends" (Text, Text) None -> Bool Pure [] "Whether the first ends with the second.";
    StrSlice "str.slice" (Text, Int, Int) None -> Text Allocates [] "As many characters as the third operand says, from the second on, as far as there are any; negative numbers are 0.";
    StrFind "str.find" (Text, Text) None -> Int Pure [] "Index of the first occurrence of the second in the first, in characters, or −1; \"\" is at 0.";
    StrReplace "str.replace" (Text, Text, Text) None -> Text Allocates [MemoryLimit] "The first with every occurrence of the second, from left to right, replaced by the third; \"\" stands before every character and at the end.";
    StrSplit "str.split" (Text, Text) None -> Derived Allocates [MemoryLimit] "The parts of the first between occurrences of the second, a []string; between characters if that is \"\".";
    StrJoin "str.join" (List, Text) None -> Text Allocates [MemoryLimit] "The strings of a list, with the text between them.";
    StrRepeat "str.repeat" (Text, Int) None -> Text Allocates [BadArgument, MemoryLimit] "The text that many times; `bad_argument` if negative.";
    StrUpper "str.upper" (Text) None -> Text Allocates [MemoryLimit] "In upper case (Unicode's default full mapping).";
    StrLower "str.lower" (Text) None -> Text Allocates [MemoryLimit] "In lower case (Unicode's default full mapping).";
    StrTrim "str.trim" (Text) None -> Text Allocates [] "Without White_Space at both ends.";
    StrIsInt "str.is_int" (Text) None -> Bool Pure [] "Whether the text spells an int64: a sign if need be, and decimal digits.";
    StrToInt "str.to_int" (Text) None -> Int Pure [] "The int64 that the text spells, or 0.";
    StrIsFloat "str.is_float" (Text) None -> Bool Pure [] "Whether the text spells a float64: decimal, within range, or `NaN`, `Infinity`, `-Infinity`.";
    StrToFloat "str.to_float" (Text) None -> Float Pure [] "The float64 that the text spells, or 0.";
    StrFormat "str.format" (Text, List, List) Str -> Text Allocates [BadArgument, MemoryLimit] "The first with its placeholders filled from the third, a []string, whose names are the second (empty if they have none). The constant has a letter for each argument, the last for all that follow: `i` integer, `f` float, else other. Placeholders: `{}`, `{0}`, `{name}`, `%s`, `%v`, `%d`, `%f`, `%.2f`, `%%`.";
    BytesLen "bytes.len" (Any) None -> Int Pure [] "Number of bytes of a `bytes` value.";

    // Null.
    Null "null" () Type -> Derived Pure [] "Null of the given nullable type.";
    Some "some" (Any) Type -> Derived Allocates [] "A value as the given nullable type.";
    IsNull "is_null" (Nullable) None -> Bool Pure [] "Whether it is null.";
    NonNull "nonnull" (Nullable) None -> Derived Pure [NullReference] "What is inside (loaded).";

    // Structs and records.
    Root "root" () Struct -> Struct Reads [NotFound] "The root of that type.";
    RootActivate "root.activate" () Struct -> Bool Writes [MemoryLimit, FuelExhausted] "Makes the root of that type be there, with the values that it was left with, at first with schema defaults. Whether it was not.";
    RootDeactivate "root.deactivate" () Struct -> Bool Writes [MemoryLimit, FuelExhausted] "Takes the root of that type away, which keeps its values. Whether it was there; the main root stays.";
    RootIsActive "root.is_active" () Struct -> Bool Reads [] "Whether the root of that type is there.";
    RootReset "root.reset" () Struct -> Nothing Writes [PermissionDenied, MemoryLimit, FuelExhausted] "Overwrites the root of that type with schema defaults, in place; nothing if it never was there.";
    Load "load" (Struct) Field -> Derived Reads [StaleReference] "A field, loaded; of a list or map, the live container.";
    LoadKnown "load.known" (Struct) Field -> Derived Reads [] "As `load`, of a record that is known to be there: an earlier instruction that every way leads through has loaded from it or would have stopped, and nothing was removed since.";
    Store "store" (Struct, Any) Field -> Nothing Writes [StaleReference, BadArgument, MemoryLimit, FuelExhausted] "Writes a field of a live struct. Copies; a nested struct or container is overwritten in place. `bad_argument` if the struct is a value.";
    WriteCheck "write.check" (Struct) Field -> Nothing Charges [PermissionDenied, StaleReference] "Stops unless the sender may write that field of a live struct (R9), the fields that hold it, and those of a struct that is overwritten with it.";
    WriteCheckIn "write.check.in" (Any; Any) None -> Nothing Charges [PermissionDenied] "The same for a live list or map, and for the struct at an index or under a key of it, which is overwritten.";
    StructNew "struct.new" () Struct -> Struct Draws [] "A value with schema defaults; `@auto(uuid)` fields are drawn.";
    StructInit "struct.init" (Struct, Any) Field -> Nothing Writes [StaleReference, BadArgument, MemoryLimit] "Writes a field of a value under construction.";
    StructCopy "struct.copy" (Struct) None -> Struct Allocates [StaleReference, MemoryLimit] "A deep copy, a value.";
    StructAttached "struct.attached" (Struct) None -> Bool Reads [StaleReference] "Whether it is a live reference.";
    RecordNew "record.new" (; Any) Type -> Derived Allocates [] "A record of the given type from its fields in order.";
    RecordGet "record.get" (Record) Int -> Derived Pure [] "The field at that position.";

    // Lists. A live list journals and marks its changes; a value is changed only while it is built.
    ListNew "list.new" (; Any) Type -> Derived Allocates [MemoryLimit] "A list of the given type from its elements.";
    ListLen "list.len" (List) None -> Int Reads [] "Number of elements.";
    ListGet "list.get" (List, Int) None -> Derived Reads [IndexOutOfRange] "An element, loaded.";
    ListAt "list.at" (List, Int) None -> Derived Reads [] "As `list.get`, at an index that is known to be within.";
    ListDense "list.dense" (List) None -> Bool Measures [] "Whether the elements are structs whose rows stand one behind the other, as far as that is known: false is always right. For machine code.";
    ListPush "list.push" (List, Any) None -> Nothing Writes [MemoryLimit, FuelExhausted] "Appends to a list under construction.";
    ListSnapshot "list.snapshot" (List) None -> Derived Allocates [] "The list as it is now, as a value (its struct elements stay live).";
    ListFind "list.find" (List, Any) None -> Int Reads [StaleReference] "Index of the first equal element, or −1.";
    ListFindKey "list.find_key" (List, Any) Field -> Int Reads [StaleReference] "Index of the first struct whose field (text or integer) equals the operand (text, or of its loaded type), or −1. Uses the index of a live list where it has that key.";
    ListOrder "list.order" (List, Bool) None -> Derived Allocates [] "The positions of a list of numbers or texts, an []int64, in ascending order of these, or descending if the bool is true. Equals keep their order; NaN comes last either way.";
    ListInsert "list.insert" (List, Int, Any) None -> Nothing Writes [IndexOutOfRange, MemoryLimit, StaleReference, FuelExhausted] "Inserts a copy before an index (or at the end) of a live list.";
    ListSet "list.set" (List, Int, Any) None -> Nothing Writes [IndexOutOfRange, StaleReference, MemoryLimit, FuelExhausted] "Overwrites an element of a live list; a struct in place.";
    ListRemove "list.remove" (List, Int) None -> Nothing Writes [IndexOutOfRange, StaleReference, MemoryLimit, FuelExhausted] "Removes an element of a live list.";
    ListAssign "list.assign" (List, List) None -> Nothing Writes [StaleReference, MemoryLimit, FuelExhausted] "Replaces a live list's content; elements that were in it keep their identity (R5.2).";
    ListClear "list.clear" (List) None -> Nothing Writes [MemoryLimit, FuelExhausted] "Empties a live list.";
    ListVersion "list.version" (List) None -> Int Reads [] "A number that changes whenever the live list gains, loses or is given elements.";

    // Maps, by ascending key.
    MapNew "map.new" (; Any) Type -> Derived Allocates [MemoryLimit] "A map of the given type from keys and values in turn; a later key replaces an earlier.";
    MapLen "map.len" (Map) None -> Int Reads [] "Number of entries.";
    MapFind "map.find" (Map, Any) None -> Int Reads [] "Position of a key, or −1.";
    MapKeyAt "map.key_at" (Map, Int) None -> Derived Reads [IndexOutOfRange] "The key at a position.";
    MapValueAt "map.value_at" (Map, Int) None -> Derived Reads [IndexOutOfRange] "The value at a position, loaded.";
    MapPut "map.put" (Map, Any, Any) None -> Nothing Writes [MemoryLimit, StaleReference, FuelExhausted] "Inserts or overwrites (a struct in place) an entry.";
    MapRemove "map.remove" (Map, Any) None -> Bool Writes [MemoryLimit, FuelExhausted] "Removes an entry; whether there was one.";
    MapSnapshot "map.snapshot" (Map) None -> Derived Allocates [] "The map as it is now, as a value.";
    MapAssign "map.assign" (Map, Map) None -> Nothing Writes [StaleReference, MemoryLimit, FuelExhausted] "Replaces a live map's content; structs under a key that stays are overwritten in place.";
    MapClear "map.clear" (Map) None -> Nothing Writes [MemoryLimit, FuelExhausted] "Empties a live map.";
    MapVersion "map.version" (Map) None -> Int Reads [] "As `list.version`.";

    // Chance, time, session.
    RandInt "rand.int" (Int, Int, Text) None -> Int Draws [] "An integer between both bounds (inclusive, in either order) from the named stream.";
    RandFloat "rand.float" (Float, Float, Text) None -> Float Draws [] "A float from the smaller bound up to, not including, the larger, from the named stream.";
    RandUnit "rand.unit" (Text) None -> Float Draws [] "A float in [0, 1) from the named stream.";
    Now "now" () None -> Int Reads [] "The action's time in milliseconds.";
    Stream "stream" () None -> Text Reads [] "The activation's default random stream: its handler's name.";
    Host "host" () None -> Text Reads [] "The host's id, or \"\".";
    EmitAll "emit.all" (Text; Any) None -> Nothing Emits [StaleReference, MemoryLimit] "Event type, then at most one payload: to everybody.";
    EmitOne "emit.one" (Text, Text; Any) None -> Nothing Emits [StaleReference, MemoryLimit] "Player id, event type, payload: to one.";
    EmitMany "emit.many" (List, Text; Any) None -> Nothing Emits [StaleReference, MemoryLimit] "List of player ids, event type, payload.";
    EmitExcept "emit.except" (Text, Text; Any) None -> Nothing Emits [StaleReference, MemoryLimit] "Player id, event type, payload: to all but one.";
    Kick "kick" (Text, Text) None -> Bool Arranges [] "Player id, reason: takes the player out when the transaction commits. Whether it is there and not being taken out already.";
    Schedule "schedule" (Text, Int; Any) None -> Int Arranges [StaleReference, MemoryLimit, OutOfRange] "Event type, milliseconds (at least 1), payload: has the session send the event then. Its number, from 1 on.";
    Unschedule "unschedule" (Int) None -> Bool Arranges [] "Calls a scheduled event off; whether it was still to come.";
    FilterAdd "filter.add" (Text, Text, Text; Any) None -> Nothing Arranges [StaleReference, MemoryLimit] "Viewer id, filter id, name of the module's filter, record of its parameters: puts the filter to use, instead of what the viewer had under that id.";
    FilterRemove "filter.remove" (Text, Text) None -> Bool Arranges [] "Viewer id, filter id: takes the filter away; whether there was one.";
    FilterHas "filter.has" (Text, Text) None -> Bool Reads [] "Viewer id, filter id: whether the viewer has that filter.";
    EffectAdd "effect.add" (Text, Text, Text, Int, Int, Int, Bool; Any) None -> Nothing Arranges [StaleReference, MemoryLimit, DuplicateId, NotFound, OutOfRange, BadArgument, FuelExhausted, Overflow, DivideByZero, IndexOutOfRange, ModifiedDuringIteration, NullReference, Custom] "Effect id, name of the module's effect, activator, duration in milliseconds (0 or less: until it is removed), priority, stacks (0: none), whether it acts once on the base and is gone, record of its parameters: puts the effect to use. Traps as the effect does if it acts once.";
    EffectRemove "effect.remove" (Text) None -> Bool Arranges [FuelExhausted, MemoryLimit] "Effect id: takes the effect away with all its stacks; whether there was one.";
    EffectHas "effect.has" (Text) None -> Bool Reads [] "Effect id: whether there is such an effect.";
    EffectsLift "effects.lift" () None -> Nothing Writes [] "Takes effects off the state: what follows reads the base. Nothing in effects and filters.";
    EffectsLiftAt "effects.lift_at" (Struct) Field -> Nothing Writes [] "As `effects.lift`, for reading and writing that field of a live struct only: nothing if no effect in use can touch it.";
    EffectsApply "effects.apply" () None -> Nothing Writes [FuelExhausted, MemoryLimit] "Applies effects to the state again.";
    ConfigGet "config.get" (Text) Type -> Derived Reads [] "The configured value of that name; the zero of the (scalar) type if there is none of that type.";
    ConfigSet "config.set" (Text, Any) None -> Nothing Arranges [BadArgument] "Sets the configured value of that name; `bad_argument` if it is beyond its bounds and options.";
    ConfigReload "config.reload" () None -> Nothing Arranges [] "Sets every configured value to what the host program gave last.";

    // Accounting and control.
    Fuel "fuel" () Int -> Nothing Charges [FuelExhausted] "Charges that much fuel.";
    FuelN "fuel.n" (Int) None -> Nothing Charges [FuelExhausted] "Charges as much fuel as the operand says (0 if negative).";
    Mem "mem" (Any) None -> Nothing Charges [MemoryLimit] "Charges the size of a value (R7.4).";
    MemN "mem.n" (Int) None -> Nothing Charges [MemoryLimit] "Charges as many bytes as the operand says (0 if negative).";
    FuelShort "fuel.short" (Int) None -> Bool Measures [] "Whether less fuel is left than the operand says.";
    MemShort "mem.short" (Int) None -> Bool Measures [] "Whether less memory is left than the operand says, in bytes.";
    EntriesShort "entries.short" (Int) None -> Bool Measures [] "Whether a list may not have as many entries as the operand says.";
    TrapIf "trap_if" (Bool) Trap -> Nothing Charges [Overflow, DivideByZero, NotFound, IndexOutOfRange, StaleReference, ModifiedDuringIteration, NullReference, OutOfRange, BadArgument] "Stops with the code if the operand is true.";
    Call "call" (; Any) Func -> Derived Calls [] "Calls a function that does not suspend; has a result if the function has one. Traps as the callee does.";

    // The host program.
    HostCall "host.call" (; Any) Host -> Derived Calls [Custom, BadArgument, NotFound, IndexOutOfRange, OutOfRange, Overflow, DivideByZero, NullReference, StaleReference, DuplicateId, PermissionDenied, MemoryLimit] "Calls a node of the host program, named with the (full) type of its output; a record if it has several, nothing if it has none.";

    // Telling.
    Message "message" (Text; Any) None -> Nothing Observes [] "A text and at most one value for whoever listens: the log, a debugger. In every module.";

    // Trace.
    Enter "enter" () None -> Nothing Observes [] "The node it is tagged with begins; tagged with none, the function.";
    Leave "leave" () None -> Nothing Observes [] "The node it is tagged with has ended; tagged with none, the function returns.";
    Probe "probe" (Any) Str -> Nothing Observes [] "The operand is the value of the named port of the node it is tagged with.";
    Watch "watch" (Any) Str -> Derived Observes [] "The operand, unless the tracer has put another value in the place of what is read: a parameter, variable, output or loop value, which the constant names (after its declared type, where that is narrower).";
}

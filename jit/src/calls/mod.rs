//! What compiled code calls: one function for each operation that it does not do itself, in one table. All have one
//! signature: the run, a [`Site`] by number, three operands, or the address of an array of operands and their number. They give
//! 0 and leave what they make in [`Run::result`], or a trap's status and leave that with the place in [`Run::stopped`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use statewright_runtime::context::Context;
use statewright_runtime::host::numbers::Failure;
use statewright_types::TrapCode;

use crate::run::{ListView, PANICKED, Run, Work};
use crate::sites::{Site, status_of};

mod containers;
mod control;
mod floats;
mod records;
mod session;
mod texts;

/// A helper as compiled code calls it.
pub(crate) type HelperFn = unsafe extern "C" fn(*mut Run, u64, u64, u64, u64) -> u64;

/// What finds an element by a key that is a number: the run, which of [`Sites::keys`], the list, the key.
pub(crate) type FindFn = unsafe extern "C" fn(*mut Run, u64, u64, u64) -> u64;

/// The element, if the list's index knows it as the only one that it can be; else 0, and nothing is said: `ListFindKey` finds out.
/// Looks only, and nothing in it panics, so that it needs no guard.
///
/// # Safety
/// `run` is the run of the activation that compiled code runs in, and nobody else looks at its context meanwhile.
pub(crate) unsafe extern "C" fn find_number(run: *mut Run, number: u64, list: u64, key: u64) -> u64 {
    // SAFETY: by the caller's contract it is there and nobody writes it; `Run::cx` and `Run::sites` are set for as long as
    // compiled code runs.
    let (cx, sites) = unsafe { (&*(*run).cx, &*(*run).sites) };
    let place = sites.keys.get(number as usize);
    place.and_then(|place| cx.state.list_element_of(list, *place, key)).unwrap_or(0)
}

/// A call of a helper.
pub(crate) struct Call<'r, 'c> {
    pub cx: &'r mut Context<'c>,
    pub site: &'r Site,
    pub work: &'r mut Work,
    pub list: &'r mut ListView,
    pub found: &'r mut u64,
    pub failure: &'r mut Failure,
    /// Whether rows and elements may be elsewhere afterwards. Set before by what kind of helper it is.
    pub moved: bool,
}

/// What a helper gives.
pub(crate) type Given = Result<u64, TrapCode>;

/// What compiled code has to know of a helper: bits.
pub(crate) const NOTHING: u8 = 0;
/// It looks at the meter's fuel, and may charge it.
pub(crate) const METERED: u8 = 1;
/// Rows may be elsewhere, and lists be others, afterwards.
pub(crate) const SHIFTS: u8 = 2;
/// Both: effects may act.
pub(crate) const MOVES: u8 = METERED | SHIFTS;

macro_rules! helpers {
    ($($name:ident $flags:ident $path:path;)*) => {
        /// A helper, by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Helper { $($name,)* }

        impl Helper {
            /// What compiled code has to know of it.
            pub fn flags(self) -> u8 {
                const FLAGS: &[u8] = &[$($flags,)*];
                FLAGS[self as usize]
            }
        }

        /// How many there are.
        pub(crate) const COUNT: usize = [$(Helper::$name,)*].len();

        /// By the number of [`Helper`].
        pub(crate) static TABLE: [HelperFn; COUNT] = [$({
            unsafe extern "C" fn shim(run: *mut Run, site: u64, a: u64, b: u64, c: u64) -> u64 {
                // SAFETY: compiled code passes on the run that it was called with, and operands as the site's operation has them.
                unsafe { enter::<{ $flags }>(run, site, |call| $path(call, [a, b, c])) }
            }
            shim as HelperFn
        },)*];
    };
}

/// Calls a helper's body, guarded: nothing unwinds through compiled frames.
///
/// # Safety
/// `run` is the run of the activation that compiled code runs in, and nobody else looks at it or its context meanwhile.
#[inline(always)]
unsafe fn enter<const FLAGS: u8>(run: *mut Run, site: u64, body: impl FnOnce(&mut Call<'_, '_>) -> Given) -> u64 {
    // SAFETY: by the caller's contract it is there and nobody else's.
    let run = unsafe { &mut *run };
    // SAFETY: `Run::cx` is set for as long as compiled code runs, and `Run::work` holds no reference to it.
    let cx = unsafe { &mut *run.cx };
    // SAFETY: it points to those of the program that runs, which outlives the run and is never written.
    let sites = unsafe { &*run.sites };
    let Some(site) = sites.sites.get(site as usize) else {
        run.stopped = PANICKED;
        return PANICKED;
    };
    if FLAGS & METERED != 0 {
        cx.meter.fuel = run.fuel;
    }
    let mut call = Call {
        cx,
        site,
        work: &mut run.work,
        list: &mut run.list,
        found: &mut run.found,
        failure: &mut run.failure,
        moved: FLAGS & SHIFTS != 0,
    };
    let given = catch_unwind(AssertUnwindSafe(|| {
        let given = body(&mut call);
        if call.moved {
            call.work.look(sites, call.cx.state);
        }
        given
    }));
    if FLAGS & METERED != 0 {
        run.fuel = cx.meter.fuel;
    }
    let status = match given {
        Ok(Ok(result)) => {
            run.result = result;
            return 0;
        }
        Ok(Err(code)) => status_of(code),
        Err(panic) => {
            run.work.panic = Some(panic);
            PANICKED
        }
    };
    run.stopped = u64::from(site.place) << 8 | status;
    status
}

/// The operands of a call that passes them as an array: its address and their number.
fn operands<'a>([address, count, _]: [u64; 3]) -> &'a [u64] {
    if count == 0 {
        return &[];
    }
    // SAFETY: compiled code passes the address of a stack slot of its own frame with that many operands in it, which nothing writes
    // until the helper returns. No helper keeps the slice.
    unsafe { std::slice::from_raw_parts(address as *const u64, count as usize) }
}

helpers! {
    // Floats.
    FRem NOTHING floats::rem;
    FSin NOTHING floats::sin;
    FCos NOTHING floats::cos;
    FTan NOTHING floats::tan;
    FAsin NOTHING floats::asin;
    FAtan2 NOTHING floats::atan2;
    FExp NOTHING floats::exp;
    FLog NOTHING floats::log;
    FPow NOTHING floats::pow;
    FMin NOTHING floats::min;
    FMax NOTHING floats::max;
    FloorToInt NOTHING floats::floor;
    CeilToInt NOTHING floats::ceil;
    RoundToInt NOTHING floats::round;
    CompareIntFloat NOTHING floats::compare_int;
    CompareUIntFloat NOTHING floats::compare_uint;

    // Text.
    SConst NOTHING texts::constant;
    CompareText NOTHING texts::compare;
    TextOfBool NOTHING texts::of_bool;
    TextOfInt NOTHING texts::of_int;
    TextOfUInt NOTHING texts::of_uint;
    TextOfFloat NOTHING texts::of_float;
    Concat NOTHING texts::concat;
    StrLen NOTHING texts::len;
    StrAt NOTHING texts::at;
    StrContains NOTHING texts::contains;
    StrStarts NOTHING texts::starts;
    StrEnds NOTHING texts::ends;
    StrSlice NOTHING texts::slice;
    StrFind NOTHING texts::find;
    StrReplace NOTHING texts::replace;
    StrSplit NOTHING texts::split;
    StrJoin NOTHING texts::join;
    StrRepeat NOTHING texts::repeat;
    StrUpper NOTHING texts::upper;
    StrLower NOTHING texts::lower;
    StrTrim NOTHING texts::trim;
    StrIsInt NOTHING texts::is_int;
    StrToInt NOTHING texts::to_int;
    StrIsFloat NOTHING texts::is_float;
    StrToFloat NOTHING texts::to_float;
    StrFormat NOTHING texts::format;
    BytesLen NOTHING texts::bytes_len;

    // By type, structs, records.
    Zero MOVES records::zero;
    Equal NOTHING records::equal;
    Digest NOTHING records::digest;
    Some NOTHING records::some;
    Unwrap NOTHING records::unwrap;
    RootActivate MOVES records::activate;
    RootDeactivate MOVES records::deactivate;
    RootIsActive NOTHING records::is_active;
    RootReset MOVES records::reset;
    Load NOTHING records::load;
    Store MOVES records::store;
    WriteCheck NOTHING records::write_check;
    WriteCheckIn NOTHING records::write_check_in;
    WriteCheckAt NOTHING records::write_check_at;
    StructNew MOVES records::struct_new;
    StructInit MOVES records::struct_init;
    StructCopy MOVES records::struct_copy;
    StructAttached NOTHING records::struct_attached;
    RecordNew NOTHING records::record_new;
    RecordGet NOTHING records::record_get;

    // Lists and maps.
    ListView NOTHING containers::list_view;
    FieldListView NOTHING containers::field_list_view;
    ListNew NOTHING containers::list_new;
    ListDense NOTHING containers::list_dense;
    ListLen NOTHING containers::list_len;
    ListGet NOTHING containers::list_get;
    ListPush MOVES containers::list_push;
    ListSnapshot NOTHING containers::list_snapshot;
    ListFind NOTHING containers::list_find;
    ListFindKey NOTHING containers::list_find_key;
    ListOrder NOTHING containers::list_order;
    ListInsert MOVES containers::list_insert;
    ListSet MOVES containers::list_set;
    ListRemove MOVES containers::list_remove;
    ListAssign MOVES containers::list_assign;
    ListClear MOVES containers::list_clear;
    ListVersion NOTHING containers::list_version;
    MapNew NOTHING containers::map_new;
    MapLen NOTHING containers::map_len;
    MapFind NOTHING containers::map_find;
    MapKeyAt NOTHING containers::map_key_at;
    MapValueAt NOTHING containers::map_value_at;
    MapPut MOVES containers::map_put;
    MapRemove MOVES containers::map_remove;
    MapSnapshot NOTHING containers::map_snapshot;
    MapAssign MOVES containers::map_assign;
    MapClear MOVES containers::map_clear;
    MapVersion NOTHING containers::map_version;

    // Chance, time, session.
    RandInt NOTHING session::rand_int;
    RandFloat NOTHING session::rand_float;
    RandUnit NOTHING session::rand_unit;
    Now NOTHING session::now;
    Stream NOTHING session::stream;
    Host NOTHING session::host;
    EmitAll NOTHING session::emit_all;
    EmitOne NOTHING session::emit_one;
    EmitMany NOTHING session::emit_many;
    EmitExcept NOTHING session::emit_except;
    Kick MOVES session::kick;
    Schedule MOVES session::schedule;
    Unschedule MOVES session::unschedule;
    FilterAdd MOVES session::filter_add;
    FilterRemove MOVES session::filter_remove;
    FilterHas NOTHING session::filter_has;
    EffectAdd MOVES session::effect_add;
    EffectRemove MOVES session::effect_remove;
    EffectHas NOTHING session::effect_has;
    EffectsLift MOVES session::effects_lift;
    EffectsLiftAt MOVES session::effects_lift_at;
    EffectsApply MOVES session::effects_apply;
    ConfigGet MOVES session::config_get;
    ConfigSet MOVES session::config_set;
    ConfigReload MOVES session::config_reload;

    // Accounting, control, telling.
    Mem NOTHING control::mem;
    MemN NOTHING control::mem_n;
    MemShort NOTHING control::mem_short;
    EntriesShort NOTHING control::entries_short;
    HostCall SHIFTS control::host_call;
    HostFailed NOTHING control::host_failed;
    FailWith METERED control::fail_with;
    SuspendFor METERED control::suspend_for;
    SuspendForEvent METERED control::suspend_for_event;
    SaveFrame METERED control::save_frame;
    Message MOVES control::message;
    Enter MOVES control::enter;
    Leave MOVES control::leave;
    Probe MOVES control::probe;
    Watch MOVES control::watch;
}

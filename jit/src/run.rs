//! What compiled code and its helpers share while an activation runs. The first fields stand at offsets that the code
//! knows; the others are the helpers' own.

use std::any::Any;
use std::sync::Arc;

use statewright_interpreter::operations::once;
use statewright_runtime::context::Context;
use statewright_runtime::host::numbers::{Address, Failure};
use statewright_runtime::program::{SavedFrame, WaitFor};
use statewright_runtime::state::{State, TableView, WriteView};
use statewright_types::{StructId, planted};

use crate::calls::{COUNT, FindFn, HelperFn, TABLE, find_number};
use crate::sites::Sites;

/// What a compiled function gives: it is done.
pub(crate) const DONE: u64 = 0;
/// It stopped; [`Run::stopped`] says why and where.
pub(crate) const STOPPED: u64 = 1;
/// It waits; the frames are in [`Work::frames`].
pub(crate) const WAITS: u64 = 2;

/// A helper's status, and the low byte of [`Run::stopped`], is 0 or one more than the position of a trap code, or this: it panicked.
pub(crate) const PANICKED: u64 = 0xff;
/// In the low byte of [`Run::stopped`], beside a status: what could not be charged has left no fuel, whatever [`Run::fuel`] says.
pub(crate) const EMPTY: u64 = 0x40;
/// Of [`Run::stopped`]: what is above the low byte is a number of [`crate::sites::Sites::groups`].
pub(crate) const IN_GROUP: u64 = 1 << 62;

/// Checks at most that wait for one branch, besides charges.
pub(crate) const MOST_FLAGS: usize = 32;

/// Fields of roots at most of which code knows whether they are written down already: [`Work::written`].
pub(crate) const MOST_WRITTEN: usize = 32;

/// The flat elements of a list, where nothing changes it for a while.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListView {
    pub slots: *const u64,
    pub length: u64,
    pub version: u64,
    /// The first row, if it is a list of structs and their rows stand one behind the other.
    pub rows: *const u64,
}

impl ListView {
    pub const NONE: ListView = ListView { slots: std::ptr::null(), length: 0, version: 0, rows: std::ptr::null() };
}

/// A root, and where it stands; nothing but 0 for one that is not there.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct RootView {
    pub record: u64,
    /// The record's row; may be written if [`Work::write`] says so.
    pub row: *const u64,
    pub head: *mut u8,
}

impl RootView {
    const NONE: RootView = RootView { record: 0, row: std::ptr::null(), head: std::ptr::null_mut() };

    /// Of the root of that type, whose rows have so many words.
    fn of(state: &mut State, ty: StructId, words: usize) -> RootView {
        let Ok(record) = state.root(ty) else { return RootView::NONE };
        let (view, row) = (state.table_view_mut(ty), record as u32 as usize);
        RootView {
            record,
            row: view.rows.wrapping_add(row * words),
            head: view.heads.wrapping_add(row * TableView::HEAD as usize),
        }
    }
}

/// An activation, as compiled code sees it.
#[repr(C)]
pub(crate) struct Run {
    /// Fuel left: up to date while a helper runs that may look at it, and at the end.
    pub fuel: u64,
    /// Jumps and calls left that are not seen to charge fuel.
    pub jumps: u64,
    /// What the last helper or function gave.
    pub result: u64,
    /// Why and where it stopped: a place of [`crate::sites::Sites::places`] above a status. Helpers that stop leave it too.
    pub stopped: u64,
    /// Where the rows of each type of [`crate::sites::Sites::types`] are.
    pub views: *const TableView,
    /// By position in [`crate::sites::Sites::roots`].
    pub roots: *const RootView,
    /// By [`string_at`], string constants; 0 for one that has not been made.
    pub strings: *const u64,
    /// [`crate::sites::Sites::addresses`]
    pub addresses: *const Address,
    /// What the last host node of numbers that did not give one left.
    pub failure: Failure,
    /// What the helper `ListView` gave.
    pub list: ListView,
    /// The element that the helper `ListFindKey` found, if it found one.
    pub found: u64,
    /// Of checks that are acted upon together, which have failed: 1, or 0.
    pub flags: [u8; MOST_FLAGS],
    /// What finds an element by a key that is a number.
    pub find_number: FindFn,
    /// The table of helpers.
    pub helpers: [HelperFn; COUNT],

    // From here on compiled code knows nothing.
    /// The running activation's world.
    pub cx: *mut Context<'static>,
    pub sites: *const Sites,
    pub work: Work,
    /// Another one that nobody uses, while nobody uses this one.
    pub next: *mut Run,
    /// Whether to keep it for the next activation.
    pub is_kept: bool,
}

/// Where the string constant of that number is kept, behind the names of the stream and the host.
pub(crate) const fn string_at(number: usize) -> usize {
    number + 2
}

/// Strings that were made for the calls under way. What nothing holds ends with the transaction.
#[derive(Default)]
pub(crate) struct Strings {
    /// Slots; 0 for none.
    slots: Vec<u64>,
    /// Which of them are there.
    made: Vec<usize>,
}

impl Strings {
    /// Forgets them.
    #[inline]
    fn clear(&mut self) {
        for at in self.made.drain(..) {
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = 0;
            }
        }
    }

    /// The slot of `text`, kept at that place, made when it is first asked for.
    pub fn get(&mut self, at: usize, state: &mut State, text: &str) -> u64 {
        if self.slots.get(at).is_none_or(|slot| *slot == 0) {
            self.made.push(at);
        }
        once(&mut self.slots, at, state, text)
    }

    fn slots(&self) -> *const u64 {
        self.slots.as_ptr()
    }
}

/// What helpers keep while an activation runs.
pub(crate) struct Work {
    pub strings: Strings,
    /// By type of [`Sites::types`]; only those that the running function and what it calls read are up to date.
    pub table_views: Vec<TableView>,
    /// By root of [`Sites::roots`], in the same way.
    pub roots: Vec<RootView>,
    /// Where what is written is written down, if functions write: the list of undo entries, which has no room while it may not be
    /// written so, and the span. Of the rest code knows nothing.
    pub write: WriteView,
    /// By number of [`Sites::written`], 1 for fields that code has written since somebody looked where that is: mark and undo entry are
    /// there, and what comes later needs neither.
    pub written: [u8; MOST_WRITTEN],
    /// The running function.
    pub function: usize,
    /// Where rows and roots are that are up to date, and of which function ([`Sites::entrance`]); 0 for none.
    pub looked: (u64, u64),
    pub text: String,
    /// Frames of the suspension under way, the innermost first.
    pub frames: Vec<SavedFrame>,
    /// What it waits for.
    pub wait: Option<WaitFor>,
    /// Text of a trap.
    pub message: Option<Arc<str>>,
    /// Of a helper that panicked, to be gone on with outside of compiled code.
    pub panic: Option<Box<dyn Any + Send>>,
}

impl Work {
    /// Forgets what a call left that did not come to its end.
    pub fn clear(&mut self) {
        self.frames.clear();
        (self.wait, self.message, self.panic) = (None, None, None);
    }

    /// Has room for what a program's code refers to.
    #[cold]
    fn make_room(&mut self, sites: &Sites) {
        let (strings, types, roots) = (string_at(sites.strings()), sites.types.len(), sites.roots.len());
        self.strings.slots.resize(strings.max(self.strings.slots.len()), 0);
        self.table_views.resize(types.max(self.table_views.len()), TableView::NONE);
        self.roots.resize(roots.max(self.roots.len()), RootView::NONE);
    }

    /// Looks where what is written is written down.
    #[inline]
    pub fn look_at_lists(&mut self, state: &mut State) {
        let WriteView { undo, span, closed, .. } = state.write_view();
        (self.write.undo, self.write.span) = (undo, span);
        // Somebody else may have taken back, or have begun a transaction, since.
        if !planted::is(109) {
            self.written = [0; MOST_WRITTEN];
        }
        if closed != 0 {
            self.write.undo.capacity = 0;
        }
    }

    /// Looks where that is which the running function reads.
    #[inline(never)]
    pub fn look(&mut self, sites: &Sites, state: &mut State) {
        let Some(function) = sites.functions.get(self.function) else { return };
        self.looked = (state.places(), sites.entrance(self.function));
        for number in &function.types {
            let number = *number as usize;
            if let (Some(view), Some(ty)) = (self.table_views.get_mut(number), sites.types.get(number)) {
                *view = state.table_view_mut(*ty);
            }
        }
        for number in &function.roots {
            let number = *number as usize;
            if let (Some(root), Some((ty, words))) = (self.roots.get_mut(number), sites.roots.get(number)) {
                *root = RootView::of(state, *ty, *words);
            }
        }
        if function.writes {
            self.look_at_lists(state);
        }
    }
}

impl Run {
    pub fn new() -> Run {
        Run {
            fuel: 0,
            jumps: 0,
            result: 0,
            stopped: 0,
            views: std::ptr::null(),
            roots: std::ptr::null(),
            strings: std::ptr::null(),
            addresses: std::ptr::null(),
            failure: Failure::default(),
            list: ListView::NONE,
            found: 0,
            flags: [0; MOST_FLAGS],
            find_number,
            helpers: TABLE,
            cx: std::ptr::null_mut(),
            sites: std::ptr::null(),
            work: Work {
                strings: Strings::default(),
                table_views: Vec::new(),
                roots: Vec::new(),
                write: WriteView::NONE,
                written: [0; MOST_WRITTEN],
                function: 0,
                looked: (0, 0),
                text: String::new(),
                frames: Vec::new(),
                wait: None,
                message: None,
                panic: None,
            },
            next: std::ptr::null_mut(),
            is_kept: false,
        }
    }

    /// Makes it one of a function of a program, and of a context, which all must be there for as long as it is used.
    #[inline(always)]
    pub fn prepare(&mut self, sites: &Sites, function: usize, writes: bool, cx: &mut Context<'_>) {
        self.work.strings.clear();
        self.fuel = cx.meter.fuel;
        // A program may be moved between calls, and what it refers to may not.
        self.sites = sites;
        self.cx = std::ptr::from_mut(cx).cast();
        if self.work.looked != (cx.state.places(), sites.entrance(function)) {
            self.look_anew(sites, function, cx);
        } else if writes {
            self.work.look_at_lists(cx.state);
        }
    }

    /// It was another one's, or something moved since.
    #[inline(never)]
    fn look_anew(&mut self, sites: &Sites, function: usize, cx: &mut Context<'_>) {
        let work = &mut self.work;
        if work.strings.slots.len() < string_at(sites.strings())
            || work.table_views.len() < sites.types.len()
            || work.roots.len() < sites.roots.len()
        {
            work.make_room(sites);
        }
        self.views = work.table_views.as_ptr();
        self.roots = work.roots.as_ptr();
        self.strings = work.strings.slots();
        self.addresses = sites.addresses.as_ptr();
        work.function = function;
        work.look(sites, cx.state);
    }
}

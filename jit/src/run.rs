//! What compiled code and its helpers share while an activation runs. The first fields stand at offsets that the code
//! knows; the others are the helpers' own.

use std::any::Any;
use std::sync::Arc;

use statewright_runtime::context::Context;
use statewright_runtime::program::{SavedFrame, WaitFor};
use statewright_runtime::state::{State, TableView};

use crate::calls::HelperFn;
use crate::sites::Sites;

/// What a compiled function gives: it is done.
pub(crate) const DONE: u64 = 0;
/// It stopped; [`Run::stopped`] says why and where.
pub(crate) const STOPPED: u64 = 1;
/// It waits; the frames are in [`Work::frames`].
pub(crate) const WAITS: u64 = 2;

/// A helper's status, and the low byte of [`Run::stopped`], is 0 or one more than the position of a trap code, or this: it panicked.
pub(crate) const PANICKED: u64 = 0xff;
/// Of [`Run::stopped`]: the place above the low byte is a number of [`crate::sites::Sites::fuel_groups`].
pub(crate) const IN_GROUP: u64 = 1 << 62;

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

/// An activation, as compiled code sees it.
#[repr(C)]
pub(crate) struct Run {
    /// Fuel left: up to date while a helper runs that may look at it, and at the end.
    pub fuel: u64,
    /// Jumps and calls left that are not seen to charge fuel.
    pub jumps: u64,
    /// What the last helper or function gave.
    pub result: u64,
    /// Why and where it stopped: a place of [`crate::sites::Sites::places`] above the status of a helper.
    pub stopped: u64,
    /// The table of helpers.
    pub helpers: *const HelperFn,
    /// Where the rows of each type of [`crate::sites::Sites::types`] are.
    pub views: *const TableView,
    /// What the helper `ListView` gave.
    pub list: ListView,

    // From here on compiled code knows nothing.
    /// The running activation's world.
    pub cx: *mut Context<'static>,
    pub sites: *const Sites,
    pub work: Work,
}

/// What helpers keep while an activation runs.
#[derive(Default)]
pub(crate) struct Work {
    /// Slots of the stream's and the host's name and of the string constants that were made in this run; 0 or too short
    /// for none. Strings that nothing holds end with the transaction.
    pub strings: Vec<u64>,
    /// By type of [`Sites::types`]; only those that the running function and what it calls read are up to date.
    pub table_views: Vec<TableView>,
    /// The running function.
    pub function: usize,
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
    /// Forgets the run before.
    pub fn clear(&mut self) {
        self.strings.clear();
        self.frames.clear();
        (self.wait, self.message, self.panic) = (None, None, None);
    }

    /// Looks where the rows are now that the running function reads.
    #[inline]
    pub fn look(&mut self, sites: &Sites, state: &State) {
        let Some(function) = sites.functions.get(self.function) else { return };
        for number in &function.types {
            let number = *number as usize;
            if let (Some(view), Some(ty)) = (self.table_views.get_mut(number), sites.types.get(number)) {
                *view = state.table_view(*ty);
            }
        }
    }
}

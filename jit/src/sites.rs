//! What compiled code refers to by number: places for errors, and what helpers need beside their operands.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use statewright_runtime::host::HostSite;
use statewright_runtime::host::numbers::Address;
use statewright_runtime::state::FieldPlace;
use statewright_types::hashing::HashMap;
use statewright_types::{RecordType, StructId, TrapCode, Type};

use crate::run::MOST_WRITTEN;

/// What a call of a helper needs beside its operands. What the helper does not look at is left empty.
#[derive(Clone)]
pub(crate) struct Site {
    /// The function's name and the node's id, for tracers and messages.
    pub function: Arc<str>,
    pub node: Arc<str>,
    /// The node's place, for errors.
    pub place: u32,
    /// Of the operand or the constant part.
    pub ty: Type,
    /// The struct type, or that of the field.
    pub id: StructId,
    pub field: u32,
    /// The constant part, if it is text.
    pub text: Arc<str>,
    pub host: Option<HostSite>,
    pub suspension: Option<Box<SuspensionSite>>,
}

/// Where and with what a frame is saved. Its values come in one array: arguments of the wait, what is saved, and for each
/// deadline its time and what is saved for it.
#[derive(Clone)]
pub(crate) struct SuspensionSite {
    /// The function, by position in the module.
    pub function: u32,
    /// Arguments of the wait.
    pub args: usize,
    /// The resume block, and the types of what is saved.
    pub resume: (u32, Vec<Type>),
    /// The same of each deadline.
    pub deadlines: Vec<(u32, Vec<Type>)>,
    /// What the resume block of a wait for an event is given of it.
    pub data: Option<Arc<RecordType>>,
}

/// A block that a suspended activation may go on in.
#[derive(Clone, Debug)]
pub(crate) struct ResumeBlock {
    /// Types of its parameters, results of the pending call or wait first.
    pub params: Vec<Type>,
    /// The node of what it does first, for tracers.
    pub node: Arc<str>,
}

/// A check of several that are acted upon together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HeldCheck {
    /// A charge of fuel, and its place.
    Charge { amount: u64, place: u32 },
    /// Any other: what it leaves in the run where it failed, which the next flag says.
    Flag { stopped: u64 },
}

/// One function, as resumptions see it.
#[derive(Clone, Debug)]
pub(crate) struct FunctionSites {
    pub name: Arc<str>,
    pub has_result: bool,
    pub params: usize,
    /// Which of [`Sites::types`] it and what it calls read.
    pub types: Vec<u32>,
    /// Which of [`Sites::roots`].
    pub roots: Vec<u32>,
    /// Whether it or what it calls writes numbers where they are.
    pub writes: bool,
    /// By block number.
    pub resume_blocks: Vec<Option<ResumeBlock>>,
}

/// All that a module's compiled code refers to.
#[derive(Clone, Default)]
pub(crate) struct Sites {
    pub sites: Vec<Site>,
    /// Ids of nodes; empty for none.
    pub places: Vec<Arc<str>>,
    /// Checks that are acted upon together.
    pub groups: Vec<Vec<HeldCheck>>,
    /// Struct types whose rows compiled code reads.
    pub types: Vec<StructId>,
    /// Types of roots that compiled code reads or writes, and how many words their rows have.
    pub roots: Vec<(StructId, usize)>,
    /// Fields of roots that compiled code writes, as many as [`MOST_WRITTEN`].
    pub written: Vec<(StructId, u32)>,
    /// Fields that lists are searched by and that are numbers.
    pub keys: Vec<FieldPlace>,
    /// Host nodes of numbers. What they are in is kept by the sites that call them.
    pub addresses: Vec<Address>,
    pub functions: Vec<FunctionSites>,
    /// The first function's [`Sites::entrance`].
    first_entrance: u64,
    strings: HashMap<Arc<str>, u32>,
    by_type: HashMap<StructId, u32>,
}

/// Of all programs, so that no two functions have the same.
static NEXT_ENTRANCE: AtomicU64 = AtomicU64::new(1);

impl Sites {
    /// All functions are there: draws their numbers.
    pub fn number_functions(&mut self) {
        self.first_entrance = NEXT_ENTRANCE.fetch_add(self.functions.len() as u64, Ordering::Relaxed);
    }

    /// A number that no other function of any program ever has.
    #[inline(always)]
    pub fn entrance(&self, function: usize) -> u64 {
        self.first_entrance + function as u64
    }

    /// A place of a node.
    pub fn place(&mut self, node: &Arc<str>) -> u32 {
        self.places.push(node.clone());
        self.places.len() as u32 - 1
    }

    /// The number of a string constant, each once.
    pub fn string(&mut self, text: &Arc<str>) -> u32 {
        let next = self.strings.len() as u32;
        *self.strings.entry(text.clone()).or_insert(next)
    }

    /// How many string constants there are.
    pub fn strings(&self) -> usize {
        self.strings.len()
    }

    /// The position of a root's type among those that are read. There are few.
    pub fn root(&mut self, ty: StructId, words: usize) -> u32 {
        let known = self.roots.iter().position(|(root, _)| *root == ty);
        known.unwrap_or_else(|| {
            self.roots.push((ty, words));
            self.roots.len() - 1
        }) as u32
    }

    /// The position of a field of a root among those that are written, if it has one.
    pub fn written(&mut self, ty: StructId, field: u32) -> Option<usize> {
        let known = self.written.iter().position(|written| *written == (ty, field));
        known.or_else(|| {
            let next = self.written.len();
            (next < MOST_WRITTEN).then(|| {
                self.written.push((ty, field));
                next
            })
        })
    }

    /// The position of a field among those that lists are searched by.
    pub fn key(&mut self, place: FieldPlace) -> u32 {
        let known = self.keys.iter().position(|key| *key == place);
        known.unwrap_or_else(|| {
            self.keys.push(place);
            self.keys.len() - 1
        }) as u32
    }

    /// The position of a type among those whose rows are read.
    pub fn table(&mut self, ty: StructId) -> u32 {
        *self.by_type.entry(ty).or_insert_with(|| {
            self.types.push(ty);
            self.types.len() as u32 - 1
        })
    }

    /// What the first check of a group that failed leaves in the run, and the fuel that is left then. `fuel` is what there was
    /// before all of them, `flags` says which have failed that are no charges.
    pub fn first_failed(&self, group: usize, fuel: u64, flags: &[u8]) -> Option<(u64, u64)> {
        let (mut charged, mut flags) = (0u64, flags.iter());
        let mut last = None;
        for check in self.groups.get(group)? {
            match *check {
                HeldCheck::Charge { amount, place } => {
                    charged = charged.saturating_add(amount);
                    last = Some((u64::from(place) << 8 | status_of(TrapCode::FuelExhausted), 0));
                    if fuel < charged {
                        return last;
                    }
                }
                HeldCheck::Flag { stopped } => {
                    let left = fuel.saturating_sub(charged);
                    if flags.next().is_some_and(|flag| *flag != 0) {
                        return Some((stopped, left));
                    }
                }
            }
        }
        last
    }
}

/// The code of a status that is neither 0 nor a panic.
pub(crate) fn code_of(status: u64) -> TrapCode {
    let index = (status as usize).wrapping_sub(1);
    TrapCode::ALL.get(index).copied().unwrap_or(TrapCode::Custom)
}

/// The status for a code.
pub(crate) fn status_of(code: TrapCode) -> u64 {
    code as u64 + 1
}

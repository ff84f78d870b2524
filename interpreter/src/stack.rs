//! The registers of all frames, one window after the other.
//!
//! Behind the last window there are always [`WINDOW`] slots more, so that a function of at most so many registers can
//! be given an array of that length, into which a 16-bit number is an index that needs no check.

use crate::code::{Code, Reg};

/// As many registers as a 16-bit number tells apart.
pub(crate) const WINDOW: usize = 1 << 16;
/// Room for windows to begin with, in slots.
const FIRST_ROOM: usize = 1 << 12;

/// The registers of all frames.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    slots: Vec<u64>,
    top: usize,
}

impl Stack {
    /// Drops all windows.
    pub fn clear(&mut self) {
        self.top = 0;
    }

    /// Makes a window for a function and sets its constants; gives its base. The other registers hold what happens to
    /// be there: a verified function reads none before it wrote it.
    #[inline]
    pub fn push(&mut self, code: &Code) -> usize {
        let base = self.top;
        self.top += code.registers as usize;
        if self.slots.is_empty() {
            // Zeroed memory is not touched, so what is not used costs nothing.
            self.slots = vec![0; self.top + FIRST_ROOM + WINDOW];
        } else if self.slots.len() < self.top + WINDOW {
            self.slots.resize(2 * self.top + WINDOW, 0);
        }
        let first = self.top - code.constants.len();
        if first < self.top
            && let Some(constants) = self.slots.get_mut(first..self.top)
        {
            constants.copy_from_slice(&code.constants);
        }
        base
    }

    /// Drops the window at `base`, which is the last.
    pub fn pop(&mut self, base: usize) {
        self.top = base;
    }

    /// The window at `base`, and what is behind it.
    #[inline]
    pub fn window(&mut self, base: usize) -> &mut [u64] {
        self.slots.get_mut(base..).unwrap_or_default()
    }

    /// A register of the window at `base`.
    pub fn get(&self, base: usize, register: Reg) -> u64 {
        self.slots.get(base + register as usize).copied().unwrap_or(0)
    }

    /// Sets a register of the window at `base`.
    pub fn set(&mut self, base: usize, register: Reg, value: u64) {
        if let Some(slot) = self.slots.get_mut(base + register as usize) {
            *slot = value;
        }
    }
}

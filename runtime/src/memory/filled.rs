//! Lists that compiled code may append to: an array that is always full, and a count of how much of it is meant.

/// Room that a list has once anything is in it.
const ROOM: usize = 64;

/// A list of plain entries. What is behind the `used` ones has no meaning.
#[derive(Debug, Default)]
pub struct Filled<T> {
    entries: Vec<T>,
    used: u64,
}

/// Where a [`Filled`] list is, for code that appends by address: while `*used < capacity`, an entry is written at
/// `entries + *used` and then counted. Good until somebody else appends or the list moves.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FilledView {
    /// The first entry.
    pub entries: *mut u8,
    /// How many there are.
    pub used: *mut u64,
    /// How many there may be before the list must grow.
    pub capacity: u64,
}

impl FilledView {
    /// Of no list: nothing can be appended.
    pub const NONE: FilledView = FilledView { entries: std::ptr::null_mut(), used: std::ptr::null_mut(), capacity: 0 };
}

impl<T: Copy> Clone for Filled<T> {
    fn clone(&self) -> Filled<T> {
        Filled { entries: self.as_slice().to_vec(), used: self.used }
    }
}

impl<T: Copy + Default> Filled<T> {
    /// How many entries there are.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.used as usize
    }

    /// Whether there are none.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Appends an entry. Room is made first: an entry that goes through the stack waits there for its halves.
    #[inline(always)]
    pub fn push(&mut self, entry: T) {
        if self.used as usize >= self.entries.len() {
            self.grow();
        }
        if let Some(place) = self.entries.get_mut(self.used as usize) {
            *place = entry;
            self.used += 1;
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.entries.resize((self.entries.len() * 2).max(ROOM), T::default());
    }

    /// The entry at `at`, which must be one of those that are used.
    #[inline(always)]
    pub fn at_mut(&mut self, at: usize) -> Option<&mut T> {
        debug_assert!(at < self.len(), "what is behind the last entry has no meaning");
        self.entries.get_mut(at)
    }

    /// Takes the last one off.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let last = self.as_slice().last().copied()?;
        self.used -= 1;
        Some(last)
    }

    /// Forgets all but its memory.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.used = 0;
    }

    /// Where it is.
    pub fn view(&mut self) -> FilledView {
        FilledView {
            entries: self.entries.as_mut_ptr().cast(),
            used: &raw mut self.used,
            capacity: self.entries.len() as u64,
        }
    }
}

impl<T> Filled<T> {
    /// The entries.
    #[inline]
    pub fn as_slice(&self) -> &[T] {
        self.entries.get(..self.used as usize).unwrap_or_default()
    }

    /// The same, to be changed.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        self.entries.get_mut(..self.used as usize).unwrap_or_default()
    }
}

impl<T: Copy + Default> Filled<T> {
    /// Keeps those of which `keep` says so, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let mut kept = 0;
        for at in 0..self.len() {
            let Some(entry) = self.entries.get(at).copied().filter(|entry| keep(entry)) else { continue };
            if let Some(place) = self.entries.get_mut(kept) {
                *place = entry;
                kept += 1;
            }
        }
        self.used = kept as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_behind_the_last_entry_has_no_meaning() {
        let mut list = Filled::default();
        (0..200u32).for_each(|entry| list.push(entry));
        assert_eq!(list.as_slice(), (0..200).collect::<Vec<_>>());
        list.retain(|entry| entry % 50 == 1);
        assert_eq!(list.as_slice(), &[1, 51, 101, 151]);
        assert_eq!((list.pop(), list.len()), (Some(151), 3));
        let copy = list.clone();
        list.clear();
        assert_eq!((list.is_empty(), list.pop(), list.as_slice()), (true, None, &[][..]));
        list.push(9);
        assert_eq!((list.as_slice(), copy.as_slice()), (&[9][..], &[1, 51, 101][..]));
    }

    #[test]
    fn a_view_says_how_much_fits_without_growing() {
        let mut list = Filled::<u64>::default();
        assert_eq!(list.view().capacity, 0);
        list.push(1);
        let view = list.view();
        assert_eq!((view.capacity, view.entries.cast_const().cast()), (ROOM as u64, list.as_slice().as_ptr()));
        (1..ROOM as u64).for_each(|entry| list.push(entry));
        assert_eq!(view.entries, list.view().entries, "nothing has moved");
        list.push(9);
        assert_eq!((list.view().capacity, list.len()), (2 * ROOM as u64, ROOM + 1));
    }
}

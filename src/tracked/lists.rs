//! Lists in the state.

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;

use statewright_runtime::state::State;
use statewright_types::TrapCode;

use super::key::{Key, type_of_key};
use super::stored::{Kind, Record, Stored};

/// A list of a state that is read.
pub struct ListRef<'a, C> {
    state: &'a State,
    kind: Kind,
    list: u64,
    elements: PhantomData<C>,
}

impl<C> Clone for ListRef<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for ListRef<'_, C> {}

impl<C> fmt::Debug for ListRef<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListRef").field("len", &self.state.list_len(self.list)).finish_non_exhaustive()
    }
}

impl<'a, C: Stored> ListRef<'a, C> {
    pub(super) fn new(state: &'a State, kind: Kind, list: u64) -> ListRef<'a, C> {
        ListRef { state, kind, list, elements: PhantomData }
    }

    /// How many elements there are.
    pub fn len(self) -> usize {
        self.state.list_len(self.list) as usize
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The element at an index.
    pub fn at(self, index: usize) -> Option<C::Ref<'a>> {
        let slot = self.state.list_slots(self.list).get(index)?;
        Some(C::view(self.state, self.kind.inside(), *slot))
    }

    /// The element with a key; `None` if there is none, or the list has no `key`. O(length): [`ListMut::get`] has an index.
    pub fn get<'k>(self, key: impl Into<Key<'k>>) -> Option<C::Ref<'a>> {
        self.at(self.index_of(key)?)
    }

    /// The index of the element with a key.
    pub fn index_of<'k>(self, key: impl Into<Key<'k>>) -> Option<usize> {
        search(self.state, self.kind, self.list, key.into())
    }

    /// All elements in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = C::Ref<'a>> + ExactSizeIterator {
        let inside = self.kind.inside();
        self.state.list_slots(self.list).iter().map(move |slot| C::view(self.state, inside, *slot))
    }

    /// A plain copy.
    pub fn to_vec(self) -> Vec<C::Plain> {
        Vec::<C>::read(self.state, self.kind, self.list)
    }
}

fn search(state: &State, kind: Kind, list: u64, key: Key<'_>) -> Option<usize> {
    let (field, key_type) = type_of_key(kind)?;
    let ty = kind.inside().struct_id();
    let is = |slot: &u64| state.load(*slot, ty, field).is_ok_and(|slot| key.is(state, key_type, slot));
    state.list_slots(list).iter().position(is)
}

/// A list of a state that may be written. What leads further takes the handle; [`ListMut::reborrow`] keeps it.
pub struct ListMut<'a, C> {
    state: &'a mut State,
    kind: Kind,
    list: u64,
    elements: PhantomData<C>,
}

impl<C> fmt::Debug for ListMut<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListMut").field("len", &self.state.list_len(self.list)).finish_non_exhaustive()
    }
}

/// Lists shorter than this are searched without an index, and without making text of the key.
const SHORT: u64 = 16;

impl<'a, C: Stored> ListMut<'a, C> {
    pub(super) fn new(state: &'a mut State, kind: Kind, list: u64) -> ListMut<'a, C> {
        ListMut { state, kind, list, elements: PhantomData }
    }

    /// The same handle, for a shorter time.
    pub fn reborrow(&mut self) -> ListMut<'_, C> {
        ListMut { state: self.state, kind: self.kind, list: self.list, elements: PhantomData }
    }

    /// The list for reading.
    pub fn as_ref(&self) -> ListRef<'_, C> {
        ListRef::new(self.state, self.kind, self.list)
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.as_ref().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at an index.
    pub fn at(self, index: usize) -> Option<C::Mut<'a>> {
        let slot = self.state.list_slots(self.list).get(index).copied()?;
        Some(C::edit(self.state, self.kind.inside(), slot))
    }

    /// The handle of the struct with a key. There may be none: then writing to it is `not_found`, reading gives zeros,
    /// and `found()` tells. O(1) on average.
    pub fn get<'k>(mut self, key: impl Into<Key<'k>>) -> C::Got<'a> {
        let (list, inside) = (self.list, self.kind.inside());
        let at = self.find(key.into());
        let slot = at.and_then(|at| self.state.list_slots(list).get(at).copied());
        C::got(self.state, inside, slot)
    }

    /// The index of the element with a key. O(1) on average.
    pub fn index_of<'k>(&mut self, key: impl Into<Key<'k>>) -> Option<usize> {
        self.find(key.into())
    }

    fn find(&mut self, key: Key<'_>) -> Option<usize> {
        if self.state.list_len(self.list) < SHORT {
            return search(self.state, self.kind, self.list, key);
        }
        let (field, key_type) = type_of_key(self.kind)?;
        let key = key.slot(self.state, key_type)?;
        let found = self.state.list_find_key(self.list, self.kind.inside().struct_id(), field, key);
        usize::try_from(found.ok()?).ok()
    }

    /// All elements in order, for reading.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = C::Ref<'_>> + ExactSizeIterator {
        self.as_ref().iter()
    }

    /// Calls a function with the handle of each element in order, until one fails. It cannot add or remove elements.
    ///
    /// # Errors
    /// What the function fails with.
    pub fn try_each<E>(&mut self, mut each: impl FnMut(C::Mut<'_>) -> Result<(), E>) -> Result<(), E> {
        for at in 0..self.len() {
            if let Some(element) = self.reborrow().at(at) {
                each(element)?;
            }
        }
        Ok(())
    }

    /// Calls a function with the numbers of each struct in order, until one fails: the fastest way to write many.
    ///
    /// # Errors
    /// What the function fails with; `stale_reference` of a list that is not there any more.
    #[inline]
    pub fn edit_numbers(&mut self, mut each: impl FnMut(C::Numbers<'_>) -> Result<(), TrapCode>) -> Result<(), TrapCode>
    where
        C: Record,
    {
        self.state.edit_each(self.list, |edit| each(C::numbers(edit)))
    }

    /// Appends an element.
    ///
    /// # Errors
    /// `memory_limit`; `stale_reference` of a list that is not there any more.
    pub fn push(&mut self, value: C::Set<'_>) -> Result<(), TrapCode> {
        let slot = C::make(value, self.state, self.kind.inside())?;
        self.state.list_push(self.list, slot)
    }

    /// Inserts an element before an index, or at the end.
    ///
    /// # Errors
    /// `index_out_of_range`, and as [`ListMut::push`].
    pub fn insert(&mut self, index: usize, value: C::Set<'_>) -> Result<(), TrapCode> {
        let slot = C::make(value, self.state, self.kind.inside())?;
        self.state.list_insert(self.list, index_of(index), slot)
    }

    /// Overwrites an element; a struct or collection in place.
    ///
    /// # Errors
    /// `index_out_of_range`, and as [`ListMut::push`].
    pub fn set(&mut self, index: usize, value: C::Set<'_>) -> Result<(), TrapCode> {
        let old = self.state.list_get(self.list, index_of(index))?;
        match C::put(value, self.state, self.kind.inside(), old)? {
            Some(slot) => self.state.list_set(self.list, index_of(index), slot),
            None => Ok(()),
        }
    }

    /// Removes an element.
    ///
    /// # Errors
    /// `index_out_of_range`.
    pub fn remove(&mut self, index: usize) -> Result<(), TrapCode> {
        self.state.list_remove(self.list, index_of(index))
    }

    /// Removes the element with a key.
    ///
    /// # Errors
    /// `not_found`.
    pub fn remove_key<'k>(&mut self, key: impl Into<Key<'k>>) -> Result<(), TrapCode> {
        let index = self.find(key.into()).ok_or(TrapCode::NotFound)?;
        self.remove(index)
    }

    /// Removes all elements.
    pub fn clear(&mut self) {
        self.state.list_clear(self.list);
    }

    /// Makes the list what a plain one is. What is the same stays what it is: structs of the same key, else of the same index.
    ///
    /// # Errors
    /// As [`ListMut::push`].
    pub fn replace(&mut self, value: &[C::Plain]) -> Result<(), TrapCode> {
        Vec::<C>::put(value, self.state, self.kind, self.list).map(|_| ())
    }

    /// Moves an element; `to` is counted without it.
    ///
    /// # Errors
    /// `index_out_of_range`.
    pub fn move_to(&mut self, from: usize, to: usize) -> Result<(), TrapCode> {
        self.arrange(|slots| {
            if from >= slots.len() || to >= slots.len() {
                return false;
            }
            let slot = slots.remove(from);
            slots.insert(to, slot);
            true
        })
    }

    /// Exchanges two elements.
    ///
    /// # Errors
    /// `index_out_of_range`.
    pub fn swap(&mut self, a: usize, b: usize) -> Result<(), TrapCode> {
        self.arrange(|slots| {
            let there = a < slots.len() && b < slots.len();
            if there {
                slots.swap(a, b);
            }
            there
        })
    }

    /// Sorts the elements; equal ones stay in their order.
    ///
    /// # Errors
    /// `memory_limit`.
    pub fn sort_by(&mut self, mut order: impl FnMut(C::Ref<'_>, C::Ref<'_>) -> Ordering) -> Result<(), TrapCode> {
        let (inside, mut slots) = (self.kind.inside(), self.state.list_slots(self.list).to_vec());
        let state = &*self.state;
        slots.sort_by(|a, b| order(C::view(state, inside, *a), C::view(state, inside, *b)));
        self.assign(&slots)
    }

    fn arrange(&mut self, change: impl FnOnce(&mut Vec<u64>) -> bool) -> Result<(), TrapCode> {
        let mut slots = self.state.list_slots(self.list).to_vec();
        if change(&mut slots) { self.assign(&slots) } else { Err(TrapCode::IndexOutOfRange) }
    }

    /// Elements that were in the list keep their identity.
    fn assign(&mut self, slots: &[u64]) -> Result<(), TrapCode> {
        let source = self.state.list_new(self.kind.ty, slots)?;
        self.state.list_assign(self.list, source)
    }

    /// A plain copy.
    pub fn to_vec(&self) -> Vec<C::Plain> {
        self.as_ref().to_vec()
    }
}

/// An index as the state takes it: what does not fit is out of range there.
fn index_of(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

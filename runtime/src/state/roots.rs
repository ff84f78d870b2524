//! Roots: there or not. One that is not keeps its values (R2.3), and its fields are `not_found` (R5.7).

use statewright_types::{StructId, TrapCode};

use super::undo::Undo;
use super::{Root, State};
use crate::memory::Owner;

impl State {
    /// `root`: the record of the root of that type.
    ///
    /// # Errors
    /// `not_found` if that type is no active root.
    #[inline]
    pub fn root(&self, ty: StructId) -> Result<u64, TrapCode> {
        let root = self.roots.iter().find(|root| root.ty == ty && root.active);
        root.map(|root| root.record).ok_or(TrapCode::NotFound)
    }

    /// `root.is_active`: whether the root of that type is there.
    pub fn root_is_active(&self, ty: StructId) -> bool {
        self.root(ty).is_ok()
    }

    /// `root.activate`: makes a root be there, with the values that it was left with, at first with its schema's defaults.
    /// Whether it was not.
    pub fn root_activate(&mut self, ty: StructId) -> bool {
        if ty.index() >= self.structs.len() {
            return false;
        }
        if self.roots.iter().any(|root| root.ty == ty) {
            return self.set_active(ty, true);
        }
        let value = self.struct_new(ty);
        let record = self.copy_record(ty, value, Owner::Root, 0).unwrap_or(0);
        let at = self.roots.partition_point(|root| root.ty < ty);
        self.roots.insert(at, Root { ty, record, active: true });
        self.places.moved();
        let marked = self.mark_root(ty, false);
        self.log(Undo::Root { ty, was: None, marked });
        true
    }

    /// `root.deactivate`: takes a root away, which keeps its values. Whether it was there. The main root stays.
    pub fn root_deactivate(&mut self, ty: StructId) -> bool {
        ty != self.main_root && self.set_active(ty, false)
    }

    fn set_active(&mut self, ty: StructId, active: bool) -> bool {
        let Some(root) = self.roots.iter_mut().find(|root| root.ty == ty && root.active != active) else {
            return false;
        };
        root.active = active;
        self.places.moved();
        let marked = self.mark_root(ty, !active);
        self.log(Undo::Root { ty, was: Some(!active), marked });
        true
    }

    /// `root.reset`: overwrites a root with its schema's defaults, in place; nothing for one that never was there.
    ///
    /// # Errors
    /// `memory_limit` if the defaults are larger than the limits allow.
    pub fn root_reset(&mut self, ty: StructId) -> Result<(), TrapCode> {
        let Some(record) = self.roots.iter().find(|root| root.ty == ty).map(|root| root.record) else { return Ok(()) };
        let value = self.struct_new(ty);
        self.assign_record(ty, record, value)
    }

    /// The record of a root that is there no more, whose values would come back.
    pub(super) fn dormant(&self, ty: StructId) -> Option<u64> {
        self.roots.iter().find(|root| root.ty == ty && !root.active).map(|root| root.record)
    }
}

//! Who may write what (R9): `@write` of a field, of the fields that hold it, and of what is overwritten with it.
//!
//! An owner is found as for `@view(owner)` (see [`crate::visibility`]), by climbing from the record to its root.

use statewright_types::schema::Writer;
use statewright_types::{StructId, TrapCode, Type};

use super::State;
use super::kinds::Kind;
use crate::memory::{Owner, row_of};

/// The key field where none is declared.
const ID: &str = "ID";

/// A field of a live record.
#[derive(Clone, Copy)]
struct Spot {
    ty: StructId,
    row: u32,
    field: u32,
}

impl State {
    /// Whether `sender` may write a field of a record: a client that is not "", who is the session itself and may do everything.
    /// Values that are not part of the state are anybody's.
    ///
    /// # Errors
    /// `stale_reference`.
    pub fn may_write(&self, sender: &str, record: u64, ty: StructId, field: u32) -> Result<bool, TrapCode> {
        let row = self.live_row(record, ty)?;
        if sender.is_empty() || !self.struct_attached(record, ty)? {
            return Ok(true);
        }
        let spot = Spot { ty, row, field };
        let inside = match self.schema.types().get(ty.index()).and_then(|def| def.fields.get(field as usize)) {
            Some(def) => self.may_overwrite(sender, &def.ty, self.read_raw(ty, row, field)),
            None => true,
        };
        Ok(inside && self.may_climb(sender, Some(spot)))
    }

    /// Whether `sender` may change a list or map, and overwrite what is at an index or key of it. Elements that come and go are
    /// the container's matter, not that of their fields.
    pub fn may_write_in(&self, sender: &str, container: u64, at: Option<u64>) -> bool {
        let Some(owner) = self.owner(container).filter(|_| !sender.is_empty()) else { return true };
        let kind = self.heap.get(container).map(|container| self.types.kind(container.element));
        let element = match (kind, at) {
            (Some(Kind::Struct(ty) | Kind::NullStruct(ty)), Some(at)) => Some((ty, self.at(container, at))),
            _ => None,
        };
        let inside = element.is_none_or(|(ty, slot)| self.may_overwrite(sender, &Type::Struct(ty), slot));
        inside && self.may_climb(sender, self.spot(owner))
    }

    /// Whether `sender` may overwrite a root with its defaults.
    pub fn may_reset(&self, sender: &str, ty: StructId) -> bool {
        let record = self.root(ty).ok().or_else(|| self.dormant(ty));
        sender.is_empty() || record.is_none_or(|record| self.may_overwrite(sender, &Type::Struct(ty), record))
    }

    /// The slot at an index of a list, or under a key of a map; 0 if there is none.
    fn at(&self, container: u64, at: u64) -> u64 {
        let is_map =
            self.heap.get(container).is_some_and(|container| matches!(container.shape, super::heap::Shape::Map(_)));
        let position = if is_map { self.map_find(container, at) } else { at as i64 };
        let slot = usize::try_from(position).ok().and_then(|position| self.heap.values(container).get(position));
        slot.copied().unwrap_or(0)
    }

    /// Whether all fields of a struct in the place of `slot`, and of the structs in it, may be written.
    fn may_overwrite(&self, sender: &str, ty: &Type, slot: u64) -> bool {
        let mut rest = vec![(ty.clone(), slot)];
        while let Some((ty, slot)) = rest.pop() {
            let Type::Struct(id) = ty.non_null() else { continue };
            let (Ok(row), Some(def)) = (self.live_row(slot, *id), self.schema.types().get(id.index())) else {
                continue;
            };
            for (at, field) in def.fields.iter().enumerate() {
                let spot = Spot { ty: *id, row, field: at as u32 };
                if !self.may_write_here(sender, spot) {
                    return false;
                }
                rest.push((field.ty.clone(), self.read_raw(*id, row, at as u32)));
            }
        }
        true
    }

    /// Whether a field may be written, and all fields that hold it.
    fn may_climb(&self, sender: &str, from: Option<Spot>) -> bool {
        let mut at = from;
        while let Some(spot) = at {
            if !self.may_write_here(sender, spot) {
                return false;
            }
            at = self.holder(spot);
        }
        true
    }

    /// What a single field says.
    fn may_write_here(&self, sender: &str, spot: Spot) -> bool {
        let field = self.schema.types().get(spot.ty.index()).and_then(|def| def.fields.get(spot.field as usize));
        match field.map(|field| field.writer) {
            None | Some(Writer::Anyone) => true,
            Some(Writer::Server) => false,
            Some(Writer::Owner) => self.owner_id(spot).is_some_and(|owner| !owner.is_empty() && owner == sender),
        }
    }

    /// The field that holds the record of `spot`.
    fn holder(&self, spot: Spot) -> Option<Spot> {
        self.spot(self.tables.get(spot.ty.index())?.owner(spot.row))
    }

    /// The field that an owner is, or that holds it. Containers nest no deeper than their field's type.
    fn spot(&self, mut owner: Owner) -> Option<Spot> {
        loop {
            owner = match owner {
                Owner::Field { ty, row, field } => return Some(Spot { ty, row, field }),
                Owner::Container(number) => self.owner(u64::from(number))?,
                Owner::Free | Owner::Value | Owner::Lifted | Owner::Root => return None,
            };
        }
    }

    /// Who owns the record of `spot`; `None` and "" are nobody.
    fn owner_id(&self, spot: Spot) -> Option<&str> {
        let (mut at, mut entry) = (spot, None);
        loop {
            let def = self.schema.types().get(at.ty.index())?;
            let text = |name: &str| {
                let field =
                    def.field(name).filter(|field| def.fields.get(*field).is_some_and(|field| field.ty.is_text()))?;
                Some(self.str(self.read_raw(at.ty, at.row, field as u32)))
            };
            if let Some(field) = &def.owner_field {
                return text(field);
            }
            let table = self.tables.get(at.ty.index())?;
            let holder = self.holder(at);
            if let Owner::Container(number) = table.owner(at.row) {
                let field = holder.and_then(|spot| {
                    self.schema.types().get(spot.ty.index())?.fields.get(spot.field as usize)?.key.as_deref()
                });
                if let Some(key) = text(field.unwrap_or(ID)) {
                    return Some(key);
                }
                entry = self.entry_key(u64::from(number), table.reference(at.row)).or(entry);
            }
            match holder {
                Some(spot) => at = spot,
                None => return entry,
            }
        }
    }

    /// The text key under which a map holds an element.
    fn entry_key(&self, map: u64, element: u64) -> Option<&str> {
        let position = self.heap.values(map).iter().position(|slot| row_of(*slot) == row_of(element))?;
        let is_text = self
            .heap
            .get(map)
            .is_some_and(|container| matches!(container.shape, super::heap::Shape::Map(super::kinds::KeyKind::Text)));
        self.heap.keys(map).get(position).filter(|_| is_text).map(|key| self.str(*key))
    }
}

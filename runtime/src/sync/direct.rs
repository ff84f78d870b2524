//! Windows that need no tree: public fields of one record, or of elements of one list. The way there is all that must be known.

use statewright_types::StructId;

use super::columns::RUN;
use super::emit::Emitter;
use crate::state::RecordChange;
use crate::wire::codes::{list, record};
use crate::wire::stream::{Place, Step};
use crate::wire::varint;

/// A step on the way from a record to its root.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hop {
    Root(StructId),
    /// Out of a field, which holds a list of it, or it itself.
    Field {
        ty: StructId,
        field: u32,
        in_list: bool,
    },
    /// Out of a list.
    Element(u32),
}

impl Emitter<'_> {
    /// The public fields of the one record that changed; `way` leads from it to its root.
    pub(super) fn lone(&mut self, change: &RecordChange, way: &[Hop]) {
        let shape = self.whole.shape;
        self.stream.begin();
        for hop in way.iter().rev() {
            // As a stream enters places. Nobody asks this one where it is.
            let step = match hop {
                Hop::Element(at) => Some(list::element(*at)),
                Hop::Field { ty, field, .. } => shape.ty(*ty).and_then(|ty| ty.id(*field)).map(record::change),
                Hop::Root(ty) if *ty == self.whole.tables.main_root => continue,
                Hop::Root(_) => match self.hop(hop) {
                    Some(Some((Step::Root(id), _))) => {
                        varint::put(&mut self.stream.bytes, record::ROOT);
                        Some(u64::from(id))
                    }
                    _ => None,
                },
            };
            let Some(step) = step else { return self.stream.drop_body() };
            varint::put(&mut self.stream.bytes, step);
        }
        let head = self.stream.bytes.len();
        self.is_there = true;
        if let Some(only) = change.fields.only()
            && self.new_value(change.ty, change.record, only, change)
        {
            return;
        }
        self.fields(change.ty, change.record, change);
        // Nobody goes where nothing is to be told.
        if self.stream.bytes.len() == head {
            self.stream.drop_body();
        }
    }

    /// The public fields of records that changed in one list, by ascending `places`; `way` leads from the list to its root.
    /// `is_run`: all are one run.
    pub(super) fn elements_of(&mut self, records: &[RecordChange], places: &[u32], is_run: bool, way: &[Hop]) {
        self.stream.begin();
        self.trail.clear();
        for hop in way.iter().rev() {
            match self.hop(hop) {
                Some(step) => self.trail.extend(step),
                None => return,
            }
        }
        let mut rest = (records, places);
        while let (Some(first), Some(place)) = (rest.0.first(), rest.1.first()) {
            let in_columns = self.travels_in_columns(first.ty, &first.fields);
            let run = match (in_columns, is_run) {
                (false, _) => 0,
                (_, true) => rest.0.len(),
                _ => self.run_of(rest.0, rest.1),
            };
            if run >= RUN {
                let (told, others) = rest.0.split_at(run.min(rest.0.len()));
                self.columns(first.ty, *place, run, &first.fields, told.iter());
                rest = (others, rest.1.get(run..).unwrap_or_default());
                continue;
            }
            self.trail.push((Step::Index(*place), Place::Struct));
            self.fields(first.ty, first.record, first);
            self.trail.pop();
            rest = (rest.0.get(1..).unwrap_or_default(), rest.1.get(1..).unwrap_or_default());
        }
    }

    /// How many records from the first on stand next to each other, and changed in the same fields.
    fn run_of(&self, records: &[RecordChange], places: &[u32]) -> usize {
        let (Some(first), Some(start)) = (records.first(), places.first()) else { return 0 };
        let Some(shape) = self.whole.shape.ty(first.ty) else { return 0 };
        let mut each = (0..).zip(records).zip(places);
        let is_alike = |((at, change), place): &((u32, &RecordChange), &u32)| {
            **place == start + at && change.fields.is_same_within(&first.fields, &shape.set)
        };
        each.position(|each| !is_alike(&each)).unwrap_or(records.len())
    }

    /// A hop back: no step, if it is the main root; nothing, if the client has no such place.
    fn hop(&self, hop: &Hop) -> Option<Option<(Step, Place)>> {
        let (tables, shape) = (self.whole.tables, self.whole.shape);
        Some(match *hop {
            Hop::Root(ty) if ty == tables.main_root => None,
            Hop::Root(ty) => {
                let id = tables.types.get(ty.index()).map_or(0, |table| table.id);
                Some((Step::Root(id), Place::Struct)).filter(|_| shape.roots.contains(&ty)).map(Some)?
            }
            Hop::Field { ty, field, in_list } => {
                // All that is on the way is public.
                let id = shape.ty(ty)?.cell(field)?.id;
                Some((Step::Field(id), if in_list { Place::List(0) } else { Place::Struct }))
            }
            Hop::Element(at) => Some((Step::Index(at), Place::Struct)),
        })
    }
}

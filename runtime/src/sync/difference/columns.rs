//! Elements next to each other that changed alike: the same fields of each, without tags, as the encoder sends them.

use statewright_types::{StructId, Type, Value};

use super::{Writer, by_position, enterable, values};
use crate::sync::columns::RUN;
use crate::wire::codes::{list, record};
use crate::wire::put;

/// An element that is another than before: its position, and what it was and is.
pub(super) type Changed<'v> = (usize, &'v Value, &'v Value);

/// A field of a run of elements.
struct Column<'v> {
    id: u16,
    ty: &'v Type,
    /// Of each element what it was, and is.
    values: Vec<(&'v Value, &'v Value)>,
}

impl Column<'_> {
    /// Whether its differences take less than its values.
    fn differs(&self) -> bool {
        let bytes = |width: i64| {
            let spared = |(before, now)| width - 1 - put::xor_bytes(values::exclusive(self.ty, before, now)) as i64;
            self.values.iter().copied().map(spared).sum::<i64>()
        };
        match self.ty {
            Type::Float32 => bytes(4) > 0,
            Type::Float64 => bytes(8) > 0,
            _ => false,
        }
    }
}

impl<'a> Writer<'a> {
    /// Writes the elements at the front that may travel as columns; how many those are.
    pub(super) fn run(&mut self, ty: StructId, changed: &[Changed<'_>]) -> usize {
        let next_to = |far: usize| {
            let (first, other) = (changed.first(), changed.get(far));
            first.zip(other).is_some_and(|(first, other)| other.0 - first.0 == far)
        };
        let Some((at, ..)) = changed.first().filter(|_| next_to(RUN - 1)) else { return 0 };
        let mut fields = Vec::new();
        let mut columns: Vec<Column<'_>> = Vec::new();
        let mut run = 0;
        for (far, element) in changed.iter().enumerate() {
            let Some(told) = self.told(ty, element).filter(|told| !told.is_empty() && next_to(far)) else { break };
            let ids = told.iter().map(|(id, ..)| *id);
            if far == 0 {
                fields.extend(ids);
                columns.extend(told.iter().map(|(id, ty, _)| Column { id: *id, ty, values: Vec::new() }));
            } else if !ids.eq(fields.iter().copied()) {
                break;
            }
            columns.iter_mut().zip(&told).for_each(|(column, (.., values))| column.values.push(*values));
            run += 1;
        }
        if run < RUN {
            return 0;
        }
        self.close(false);
        self.put(list::COLUMNS);
        for number in [*at, run, columns.len()] {
            self.put(number as u64);
        }
        let differ: Vec<bool> = columns.iter().map(Column::differs).collect();
        for (column, differs) in columns.iter().zip(&differ) {
            self.put(if *differs { record::change(column.id) } else { record::set(column.id) });
        }
        for element in 0..run {
            for (Column { ty, values, .. }, differs) in columns.iter().zip(&differ) {
                let Some((before, now)) = values.get(element) else { continue };
                match differs {
                    true => put::xor(&mut self.out, values::exclusive(ty, before, now)),
                    false => self.value(ty, now, None),
                }
            }
        }
        run
    }

    /// What of an element's fields is to be told, in the client's order; `None` if not all of that may travel in columns: what comes into sight
    /// or goes, what is entered, and what is quantised, may not.
    fn told<'v>(
        &self,
        ty: StructId,
        (_, before, now): &Changed<'v>,
    ) -> Option<Vec<(u16, &'a Type, (&'v Value, &'v Value))>> {
        let (profile, schema) = (self.profile, self.schema);
        let def = schema.get(ty);
        let (before, now) = (by_position(def, before), by_position(def, now));
        let mut told = Vec::new();
        for field in profile.fields(ty) {
            let Some(position) = field.position.map(|position| position as usize) else { continue };
            let Some(declared) = def.fields.get(position) else { continue };
            match (before.get(position).copied().flatten(), now.get(position).copied().flatten()) {
                (None, None) => {}
                (Some(before), Some(now)) if before == now => {}
                (Some(before), Some(now)) if field.step.is_none() && enterable(&declared.ty, before, now).is_none() => {
                    told.push((field.id, &declared.ty, (before, now)));
                }
                _ => return None,
            }
        }
        Some(told)
    }
}

//! Runs of elements that changed alike, as columns: the same fields of each, without tags.

use std::slice::ChunksExactMut;

use statewright_types::StructId;

use super::emit::Emitter;
use super::tables::{Cell, How, Kind, KindId};
use crate::state::{Changes, FieldSet, RecordChange, Rows};
use crate::wire::codes::{list, record};
use crate::wire::{put, varint};

/// So many elements next to each other, changed alike, are worth columns.
pub(super) const RUN: usize = 3;

/// A field of a run of elements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    cell: Cell,
    id: u16,
    /// How many bytes every value takes; 0 if that depends on it.
    width: usize,
    /// Whether it may travel as differences.
    may_differ: bool,
    /// How many bytes differences take less than values; very few, if there are none.
    spared: i64,
}

impl Column {
    fn new(cell: Cell, id: u16, float_deltas: bool) -> Column {
        let width = match cell.how {
            How::Byte => 1,
            How::F32 => 4,
            How::F64 => 8,
            _ => 0,
        };
        let may_differ = float_deltas && matches!(cell.how, How::F32 | How::F64);
        Column { cell, id, width, may_differ, spared: 0 }
    }

    /// Counts what the difference of one element's field takes, and gives it.
    #[inline]
    fn weigh(&mut self, changes: &Changes, change: &RecordChange, slot: u64) -> u64 {
        let Some(old) = changes.old_number(change, self.cell.place.field) else {
            self.spared = i64::MIN / 2;
            return 0;
        };
        let bits = if self.width == 4 { u64::from(put::narrow(old) ^ put::narrow(slot)) } else { old ^ slot };
        self.spared += self.width as i64 - 1 - put::xor_bytes(bits) as i64;
        bits
    }
}

impl Emitter<'_> {
    pub(super) fn travels_in_columns(&self, ty: StructId, set: &FieldSet) -> bool {
        let fields = self.whole.shape.ty(ty).map_or(&[][..], |shape| &shape.fields);
        let mut changed = fields.iter().filter(|(position, _)| set.contains(*position)).peekable();
        // What is quantised may not have changed for the client.
        let is_plain = |kind: KindId| !matches!(self.whole.tables.kind(kind), Kind::Steps(_));
        changed.peek().is_some() && changed.all(|(_, kind)| is_plain(*kind))
    }

    /// Columns of a run of elements from `start` on, which all changed in the same fields.
    pub(super) fn columns<'c>(
        &mut self,
        ty: StructId,
        start: u32,
        run: usize,
        set: &FieldSet,
        records: impl Iterator<Item = &'c RecordChange> + Clone,
    ) {
        let whole = self.whole;
        let Some(table) = whole.tables.types.get(ty.index()) else { return };
        let (Some(shape), Some(rows)) = (whole.shape.ty(ty), whole.state.rows(ty)) else { return };
        self.columns.clear();
        for position in table.by_id.iter().copied().filter(|position| set.contains(*position)) {
            let Some(id) = table.fields.get(position as usize).map(|field| field.id) else { continue };
            if let Some(cell) = shape.cell(position) {
                self.columns.push(Column::new(cell, id, self.options.float_deltas));
            }
        }
        self.bits.clear();
        if self.columns.iter().any(|column| column.may_differ) {
            // Whether the differences of a column take less than its values.
            for change in records.clone() {
                let Some(start) = rows.start(change.record) else { continue };
                for column in self.columns.iter_mut().filter(|column| column.may_differ) {
                    self.bits.push(column.weigh(self.changes, change, rows.at(start, column.cell.place)));
                }
            }
        }
        self.stream.go(self.trail);
        self.stream.operation(list::COLUMNS);
        let out = &mut self.stream.bytes;
        varint::put(out, u64::from(start));
        varint::put(out, run as u64);
        varint::put(out, self.columns.len() as u64);
        for column in &*self.columns {
            let (id, differs) = (column.id, column.spared > 0);
            varint::put(out, if differs { record::change(id) } else { record::set(id) });
        }
        if self.columns.iter().all(|column| column.width > 0 && column.spared <= 0) {
            return put_fixed(out, self.columns, run, rows, records);
        }
        if self.columns.iter().all(|column| column.spared > 0) {
            return put::xors(out, self.bits);
        }
        let mut bits = self.bits.iter();
        for change in records {
            let Some(start) = rows.start(change.record) else { continue };
            for column in &*self.columns {
                let known = if column.may_differ { bits.next() } else { None };
                match known {
                    Some(bits) if column.spared > 0 => put::xor(out, *bits),
                    _ => whole.cell(out, column.cell, rows.at(start, column.cell.place)),
                }
            }
        }
    }
}

/// Values of which each takes so many bytes, in room that is made for all of them at once.
fn put_fixed<'c>(
    out: &mut Vec<u8>,
    columns: &[Column],
    run: usize,
    rows: Rows<'_>,
    records: impl Iterator<Item = &'c RecordChange>,
) {
    if columns.iter().all(|column| column.cell.how == How::F64) {
        return put_words(out, columns, run, rows, records);
    }
    let begin = out.len();
    let width = columns.iter().map(|column| column.width).sum::<usize>();
    out.resize(begin + run * width, 0);
    let mut room = out.get_mut(begin..).unwrap_or_default();
    for start in records.filter_map(|change| rows.start(change.record)) {
        for column in columns {
            let slot = rows.at(start, column.cell.place);
            let bits = if column.cell.how == How::F32 { u64::from(put::narrow(slot)) } else { slot };
            let Some((place, rest)) = room.split_at_mut_checked(column.width) else { return };
            match <&mut [u8; 8]>::try_from(&mut *place) {
                Ok(place) => *place = bits.to_le_bytes(),
                Err(_) => place.iter_mut().zip(bits.to_le_bytes()).for_each(|(place, byte)| *place = byte),
            }
            room = rest;
        }
    }
    // There is a row for every record, or what is left over goes.
    let rest = room.len();
    out.truncate(out.len() - rest);
}

/// The same of values that are words of their rows, as float64s are.
fn put_words<'c>(
    out: &mut Vec<u8>,
    columns: &[Column],
    run: usize,
    rows: Rows<'_>,
    records: impl Iterator<Item = &'c RecordChange>,
) {
    let (begin, width) = (out.len(), columns.len() * size_of::<u64>());
    out.resize(begin + run * width, 0);
    let rows = records.filter_map(|change| rows.row(change.record));
    let room = out.get_mut(begin..).unwrap_or_default().chunks_exact_mut(width.max(1));
    let word_of = |column: &Column| column.cell.place.whole_word().unwrap_or(0) as usize;
    let first = columns.first().map_or(0, word_of);
    let are_neighbours = (first..).zip(columns).all(|(word, column)| word_of(column) == word);
    let told = match columns.len() {
        1 if are_neighbours => put_neighbours::<1>(room, first, rows),
        2 if are_neighbours => put_neighbours::<2>(room, first, rows),
        3 if are_neighbours => put_neighbours::<3>(room, first, rows),
        4 if are_neighbours => put_neighbours::<4>(room, first, rows),
        _ => {
            let put = |(room, row): (&mut [u8], &[u64])| {
                let words = columns.iter().map(|column| row.get(word_of(column)).copied().unwrap_or(0));
                room.as_chunks_mut().0.iter_mut().zip(words).for_each(|(place, word)| *place = word.to_le_bytes());
            };
            room.zip(rows).map(put).count()
        }
    };
    // As above.
    out.truncate(begin + told * width);
}

/// The same of words that stand next to each other, so many in each row that the compiler knows it; for how many rows.
fn put_neighbours<'r, const N: usize>(
    room: ChunksExactMut<'_, u8>,
    first: usize,
    rows: impl Iterator<Item = &'r [u64]>,
) -> usize {
    let mut told = 0;
    for (room, row) in room.zip(rows) {
        let words = row.get(first..).and_then(<[u64]>::first_chunk::<N>);
        let places = room.as_chunks_mut().0.first_chunk_mut::<N>();
        if let (Some(places), Some(words)) = (places, words) {
            *places = words.map(u64::to_le_bytes);
        }
        told += 1;
    }
    told
}

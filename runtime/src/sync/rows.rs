//! Many records one behind the other, all of whose fields are numbers, texts or lists of integers.
//!
//! They are written into room that is made for many at once: the length of a vector is in memory, where each field would wait for the
//! one before.

use statewright_types::IntKind;

use super::tables::{Cell, How};
use super::whole::Whole;
use crate::short::packed;
use crate::state::Rows;
use crate::wire::{put, varint};

/// So many records at a time.
const RECORDS: usize = 256;
/// Room that fields take at first, each.
const FIELD: usize = 8;
/// Room that is there behind the fields.
const BEHIND: usize = 64;

/// Room, and where in it the next byte goes. Nothing is written where there is no room.
struct Pen<'a> {
    room: &'a mut [u8],
    at: usize,
}

impl Pen<'_> {
    /// The first `length` of these bytes; the others may be overwritten.
    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N], length: usize) -> Option<()> {
        *self.room.get_mut(self.at..)?.first_chunk_mut()? = bytes;
        self.at += length;
        Some(())
    }

    #[inline(always)]
    fn number(&mut self, number: u64) -> Option<()> {
        match number {
            0..0x80 => self.put([number as u8], 1),
            0x80..0x4000 => self.put([number as u8 | 0x80, (number >> 7) as u8], 2),
            _ => self.long(number),
        }
    }

    #[inline(never)]
    fn long(&mut self, number: u64) -> Option<()> {
        let mut done = Some(());
        varint::bytes(number, |byte| done = done.and_then(|()| self.put([byte], 1)));
        done
    }

    #[inline(always)]
    fn int(&mut self, kind: IntKind, slot: u64) -> Option<()> {
        match kind {
            IntKind::I8 | IntKind::U8 => self.put([slot as u8], 1),
            IntKind::I16 | IntKind::I32 | IntKind::I64 => self.number(varint::zigzag(slot as i64)),
            IntKind::U16 | IntKind::U32 | IntKind::U64 => self.number(slot),
        }
    }

    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) -> Option<()> {
        if bytes.len() < 16
            && let Some(packed) = packed(bytes)
        {
            return self.put((packed << 8 | bytes.len() as u128).to_le_bytes(), 1 + bytes.len());
        }
        self.number(bytes.len() as u64)?;
        self.room.get_mut(self.at..)?.get_mut(..bytes.len())?.copy_from_slice(bytes);
        self.at += bytes.len();
        Some(())
    }

    /// `None` if there is no room.
    #[inline(always)]
    fn cell(&mut self, whole: Whole<'_>, cell: &Cell, slot: u64) -> Option<()> {
        match cell.how {
            How::Byte => self.put([slot as u8], 1),
            How::Signed => self.number(varint::zigzag(slot as i64)),
            How::Unsigned => self.number(slot),
            How::F32 => self.put(put::narrow(slot).to_le_bytes(), 4),
            How::F64 => self.put(slot.to_le_bytes(), 8),
            How::Text => self.bytes(whole.state.str(slot).as_bytes()),
            How::Ints(kind) => {
                let elements = whole.state.list_slots(slot);
                self.number(elements.len() as u64)?;
                elements.iter().try_for_each(|slot| self.int(kind, *slot))
            }
            // Not written this way.
            How::Other => Some(()),
        }
    }
}

/// Whether records of these fields are written this way.
pub(super) fn are_plain(cells: &[Cell]) -> bool {
    cells.iter().all(|cell| cell.how != How::Other)
}

/// Writes these fields of records, which are [plain](are_plain).
pub(super) fn put(whole: Whole<'_>, out: &mut Vec<u8>, cells: &[Cell], rows: Rows<'_>, records: &[u64]) {
    for mut rest in records.chunks(RECORDS) {
        let mut room = rest.len() * cells.len() * FIELD + BEHIND;
        while !rest.is_empty() {
            let begin = out.len();
            out.resize(begin + room, 0);
            let mut pen = Pen { room: out, at: begin };
            let mut written = 0;
            for record in rest {
                if let Some(start) = rows.start(*record) {
                    let before = pen.at;
                    let mut each = cells.iter();
                    if each.try_for_each(|cell| pen.cell(whole, cell, rows.at(start, cell.place))).is_none() {
                        pen.at = before;
                        break;
                    }
                }
                written += 1;
            }
            let end = pen.at;
            out.truncate(end);
            rest = rest.get(written..).unwrap_or_default();
            // However long a record is, there is room for it some time.
            room *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_a_vector_gets() {
        let texts =
            ["", "a", "seven .", "fifteen bytes !", "sixteen bytes !!", "a text that is longer than all of the others"];
        for number in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 1 << 40, u64::MAX] {
            for text in texts {
                let mut out = Vec::new();
                varint::put(&mut out, number);
                varint::put_bytes(&mut out, text.as_bytes());
                let mut room = [0; 80];
                let mut pen = Pen { room: &mut room, at: 0 };
                let done = pen.number(number).and_then(|()| pen.bytes(text.as_bytes()));
                let at = pen.at;
                assert_eq!((done, room.get(..at)), (Some(()), Some(&*out)), "{number} {text}");
                for short in 0..out.len() {
                    let mut pen = Pen { room: &mut room[..short], at: 0 };
                    assert_eq!(pen.number(number).and_then(|()| pen.bytes(text.as_bytes())), None, "{short}");
                    assert!(pen.at <= short);
                }
            }
        }
    }
}

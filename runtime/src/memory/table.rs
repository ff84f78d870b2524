//! Records of one struct type: rows of a fixed layout, with generations, heads and owners beside them.

use statewright_types::StructId;
use statewright_types::layout::{FieldSlot, RecordLayout, Repr};

mod head;
mod overwriting;
mod row;

use head::{APART, Head};
use overwriting::{Field, Written};
pub use overwriting::{First, Overwritten, RowMut, RowsMut};
pub use row::{Row, Rows};

/// The one NaN that is ever stored (LANGUAGE R3.2), as binary64.
pub const CANONICAL_NAN: u64 = 0x7ff8_0000_0000_0000;

/// Who keeps a row or a container alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody: the memory is free.
    Free,
    /// Nobody: it is a value of the running transaction.
    Value,
    /// Nobody at the moment: an effect adds it to the state, and effects are lifted.
    Lifted,
    /// The state itself.
    Root,
    /// A field of a record.
    Field {
        /// The record's type.
        ty: StructId,
        /// The record's row.
        row: u32,
        /// The field, by position.
        field: u32,
    },
    /// A list or map, by number.
    Container(u32),
}

/// The reference to `row` at `generation`.
pub const fn reference(generation: u32, row: u32) -> u64 {
    (generation as u64) << 32 | row as u64
}

/// How many words a row of that layout has.
pub fn row_words(layout: &RecordLayout) -> usize {
    (layout.stride as usize / 8).max(1)
}

/// Where the rows of a table are, for code that reads them by address. Good until a row is added or a record copied; what is
/// written into rows in between is there.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TableView {
    /// [`row_words`] words for each row; a field stands at its offset in the layout.
    pub rows: *const u64,
    /// A generation for each row; a reference is stale unless its own is odd and the same.
    pub generations: *const u32,
    /// How many rows there are.
    pub count: u64,
    /// A head of [`TableView::HEAD`] bytes for each row: docs/architecture.md. Null for those who only read.
    pub heads: *mut u8,
}

impl TableView {
    /// Bytes of a head.
    pub const HEAD: u64 = size_of::<Head>() as u64;

    /// Of no rows.
    pub const NONE: TableView =
        TableView { rows: std::ptr::null(), generations: std::ptr::null(), count: 0, heads: std::ptr::null_mut() };
}

/// The row of a reference.
pub const fn row_of(reference: u64) -> u32 {
    reference as u32
}

/// A slot from a field's bits (the low `repr.size()` bytes of `bits`).
#[inline]
pub fn decode(bits: u64, repr: Repr) -> u64 {
    match repr {
        Repr::Bool => u64::from(bits as u8 != 0),
        Repr::I8 => bits as i8 as i64 as u64,
        Repr::I16 => bits as i16 as i64 as u64,
        Repr::I32 => bits as i32 as i64 as u64,
        Repr::U8 => u64::from(bits as u8),
        Repr::U16 => u64::from(bits as u16),
        Repr::U32 | Repr::Handle => u64::from(bits as u32),
        Repr::F32 => {
            let wide = f64::from(f32::from_bits(bits as u32));
            if wide.is_nan() { CANONICAL_NAN } else { wide.to_bits() }
        }
        Repr::I64 | Repr::U64 | Repr::F64 | Repr::Reference => bits,
    }
}

/// A field's bits from a slot; the inverse of [`decode`] for values that fit, and what fits of others.
#[inline(always)]
pub fn encode(slot: u64, repr: Repr) -> u64 {
    match repr {
        Repr::Bool => u64::from(slot != 0),
        Repr::I8 | Repr::U8 => u64::from(slot as u8),
        Repr::I16 | Repr::U16 => u64::from(slot as u16),
        Repr::I32 | Repr::U32 | Repr::Handle => u64::from(slot as u32),
        Repr::F32 => {
            let wide = f64::from_bits(slot);
            let bits = if wide.is_nan() { 0x7fc0_0000 } else { (wide as f32).to_bits() };
            u64::from(bits)
        }
        Repr::F64 if f64::from_bits(slot).is_nan() => CANONICAL_NAN,
        Repr::I64 | Repr::U64 | Repr::F64 | Repr::Reference => slot,
    }
}

/// Where a field stands in the rows of its type, worked out once for all loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldPlace {
    /// The type.
    pub ty: StructId,
    /// The field, by position.
    pub field: u32,
    pub(super) bits: Bits,
    written: Written,
    /// Whether writing the field changes nothing but its bits: it owns nothing.
    pub is_number: bool,
}

/// Which bits of a row a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bits {
    pub(super) word: u32,
    /// Shifting left by this brings the field to the top of the word,
    left: u8,
    /// and right by this to the bottom.
    right: u8,
    widening: Widening,
}

impl Bits {
    const fn of(slot: FieldSlot) -> Bits {
        let widening = match slot.repr {
            Repr::I8 | Repr::I16 | Repr::I32 => Widening::Sign,
            Repr::F32 => Widening::Float,
            // A bool is written as 0 or 1, and what has 64 bits has nothing above it.
            Repr::Bool | Repr::U8 | Repr::U16 | Repr::U32 | Repr::Handle => Widening::Zeros,
            Repr::I64 | Repr::U64 | Repr::F64 | Repr::Reference => Widening::Zeros,
        };
        let (right, shift) = (64 - 8 * slot.repr.size(), slot.offset as usize % 8 * 8);
        Bits { word: slot.offset / 8, left: (right - shift) as u8, right: right as u8, widening }
    }

    #[inline(always)]
    pub(super) fn widen(self, word: u64) -> u64 {
        let top = word << (self.left & 63);
        match self.widening {
            Widening::Zeros => top >> (self.right & 63),
            Widening::Sign => (top as i64 >> (self.right & 63)) as u64,
            Widening::Float => float(top >> 32),
        }
    }
}

/// What stands above a narrow field's bits when it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Widening {
    Zeros,
    Sign,
    /// The field is a binary32.
    Float,
}

impl FieldPlace {
    /// Of the field at position `field` of a type with that layout; `None` if it has no such field.
    pub fn new(ty: StructId, field: u32, layout: &RecordLayout) -> Option<FieldPlace> {
        let slot = layout.fields.get(field as usize)?;
        Some(FieldPlace::at(ty, field, slot.offset, slot.repr))
    }

    /// Of a field that begins at that byte of a row.
    pub const fn at(ty: StructId, field: u32, offset: u32, repr: Repr) -> FieldPlace {
        let is_number = !matches!(repr, Repr::Handle | Repr::Reference);
        FieldPlace { ty, field, bits: Bits::of(FieldSlot { offset, repr }), written: Written::of(repr), is_number }
    }

    /// Of a field of which no more is known than that it fills this word of the row.
    pub fn of_word(ty: StructId, word: u32) -> FieldPlace {
        let bits = Bits { word, left: 0, right: 0, widening: Widening::Zeros };
        FieldPlace { ty, field: 0, bits, written: Written::of(Repr::U64), is_number: false }
    }

    /// Which word of the row the field is, if it fills one.
    pub fn whole_word(&self) -> Option<u32> {
        (self.bits.right == 0).then_some(self.bits.word)
    }
}

/// Out of the way of loads that need it not.
#[inline(never)]
fn float(bits: u64) -> u64 {
    decode(bits, Repr::F32)
}

/// The bits that a field of `repr` occupies, at the bottom of a word.
#[inline]
const fn mask(repr: Repr) -> u64 {
    u64::MAX >> (64 - 8 * repr.size())
}

/// All records of one struct type.
///
/// A generation is odd while the row is in use, even while it is not, so that it never is 0 in a reference and an
/// old reference never matches.
#[derive(Clone, Debug)]
pub struct Table {
    fields: Vec<Field>,
    pub(super) words: usize,
    pub(super) rows: Vec<u64>,
    generations: Vec<u32>,
    heads: Vec<Head>,
    owners: Vec<Owner>,
    /// How many words of change bits a row has besides those in its head: none, unless the type has more than 64 fields.
    high_words: usize,
    high: Vec<u64>,
    free: Vec<u32>,
}

impl Table {
    /// An empty table for records of that layout.
    pub fn new(layout: &RecordLayout) -> Table {
        Table {
            fields: layout.fields.iter().map(|slot| Field::new(*slot)).collect(),
            words: row_words(layout),
            rows: Vec::new(),
            generations: Vec::new(),
            heads: Vec::new(),
            owners: Vec::new(),
            high_words: layout.fields.len().div_ceil(64).saturating_sub(1),
            high: Vec::new(),
            free: Vec::new(),
        }
    }

    /// A row holding `template` (or zeros where that is shorter); its reference.
    pub fn allocate(&mut self, template: &[u64], owner: Owner, born: u64) -> u64 {
        let row = match self.free.pop() {
            Some(row) => row,
            None => self.grow(),
        };
        let index = row as usize;
        self.fill(row, template);
        let generation = self.generations.get(index).map_or(1, |generation| generation.wrapping_add(1) | 1);
        set(&mut self.generations, index, generation);
        if let Some(head) = self.heads.get_mut(index) {
            *head = Head { since: born, place: head.place, ..Head::default() };
        }
        self.set_owner(row, owner);
        if self.high_words > 0 {
            self.high_of(row).fill(0);
        }
        reference(generation, row)
    }

    /// Overwrites a row with `template`, with zeros where that is shorter.
    pub fn fill(&mut self, row: u32, template: &[u64]) {
        let start = row as usize * self.words;
        if let Some(words) = self.rows.get_mut(start..start + self.words) {
            words.fill(0);
            for (word, initial) in words.iter_mut().zip(template) {
                *word = *initial;
            }
        }
    }

    /// How many rows there are, in use or not.
    #[inline]
    pub fn count(&self) -> usize {
        self.generations.len()
    }

    fn grow(&mut self) -> u32 {
        let row = self.generations.len();
        self.rows.resize((row + 1) * self.words, 0);
        self.generations.push(0);
        self.heads.push(Head::default());
        self.owners.push(Owner::Free);
        self.high.resize((row + 1) * self.high_words, 0);
        row as u32
    }

    /// Makes the memory of `row` available again, and stale what still refers to it.
    pub fn release(&mut self, row: u32) {
        let Some(generation) = self.generations.get_mut(row as usize) else { return };
        if *generation & 1 == 1 {
            *generation = generation.wrapping_add(1);
        }
        let worn_out = *generation >= u32::MAX - 2;
        self.set_owner(row, Owner::Free);
        if !worn_out {
            self.free.push(row);
        }
    }

    /// Advances the generation, so that references are stale, but keeps the memory.
    pub fn retire(&mut self, row: u32) {
        if let Some(generation) = self.generations.get_mut(row as usize).filter(|generation| **generation & 1 == 1) {
            *generation = generation.wrapping_add(1);
        }
    }

    /// Takes [`Table::retire`] back.
    pub fn revive(&mut self, row: u32) {
        if let Some(generation) = self.generations.get_mut(row as usize).filter(|generation| **generation & 1 == 0) {
            *generation = generation.wrapping_sub(1);
        }
    }

    /// Whether `reference` stands for a row in use.
    #[inline]
    pub fn is_live(&self, reference: u64) -> bool {
        let generation = (reference >> 32) as u32;
        generation & 1 == 1 && self.generations.get(row_of(reference) as usize) == Some(&generation)
    }

    /// Whether the row is in use.
    pub fn in_use(&self, row: u32) -> bool {
        self.generations.get(row as usize).is_some_and(|generation| generation & 1 == 1)
    }

    /// References to the rows that belong to the state, by row.
    pub fn attached(&self) -> impl Iterator<Item = u64> + '_ {
        let rows = (0..).zip(&self.owners);
        let apart = |owner: &Owner| matches!(owner, Owner::Free | Owner::Value | Owner::Lifted);
        let live = rows.filter(move |(row, owner)| self.in_use(*row) && !apart(owner));
        live.map(|(row, _)| self.reference(row))
    }

    /// The reference to `row` as it is now.
    #[inline]
    pub fn reference(&self, row: u32) -> u64 {
        reference(self.generations.get(row as usize).copied().unwrap_or(0), row)
    }

    /// A field of the record that `reference` stands for; `None` if it is stale, or has no such field.
    #[inline]
    pub fn load(&self, reference: u64, field: u32) -> Option<u64> {
        let bits = self.fields.get(field as usize)?.bits;
        self.load_word(reference, bits.word).map(|word| bits.widen(word))
    }

    /// The same for a place that was worked out before.
    #[inline(always)]
    pub fn load_at(&self, reference: u64, place: FieldPlace) -> Option<u64> {
        self.load_word(reference, place.bits.word).map(|word| place.bits.widen(word))
    }

    /// The same for a field that fills a word of the row.
    #[inline(always)]
    pub fn load_word(&self, reference: u64, word: u32) -> Option<u64> {
        self.rows().load_word(reference, word)
    }

    /// The rows as they are, for many loads in a row.
    #[inline]
    pub fn rows(&self) -> Rows<'_> {
        Rows::new(&self.generations, &self.rows, self.words)
    }

    /// Where they are.
    #[inline]
    pub fn view(&self) -> TableView {
        let (rows, generations) = (self.rows.as_ptr(), self.generations.as_ptr());
        TableView { rows, generations, count: self.generations.len() as u64, heads: std::ptr::null_mut() }
    }

    /// The same for code that writes fields and heads too.
    #[inline]
    pub fn view_mut(&mut self) -> TableView {
        let (rows, heads) = (self.rows.as_mut_ptr().cast_const(), self.heads.as_mut_ptr().cast());
        TableView { rows, heads, ..self.view() }
    }

    /// A field as a slot.
    #[inline]
    pub fn read(&self, row: u32, field: FieldSlot) -> u64 {
        let index = row as usize * self.words + (field.offset / 8) as usize;
        let word = self.rows.get(index).copied().unwrap_or(0);
        decode(word >> (field.offset % 8 * 8), field.repr)
    }

    /// Reads a field whose place was worked out before.
    #[inline(always)]
    pub fn read_at(&self, row: u32, place: FieldPlace) -> u64 {
        let index = row as usize * self.words + place.bits.word as usize;
        self.rows.get(index).map_or(0, |word| place.bits.widen(*word))
    }

    /// Writes a field.
    #[inline]
    pub fn write(&mut self, row: u32, field: FieldSlot, slot: u64) {
        let index = row as usize * self.words + (field.offset / 8) as usize;
        let shift = field.offset % 8 * 8;
        if let Some(word) = self.rows.get_mut(index) {
            *word = *word & !(mask(field.repr) << shift) | encode(slot, field.repr) << shift;
        }
    }

    /// Copies all fields of `from` to `to`.
    pub fn copy(&mut self, from: u32, to: u32) {
        let (from, to) = (from as usize * self.words, to as usize * self.words);
        if from.max(to) + self.words <= self.rows.len() {
            self.rows.copy_within(from..from + self.words, to);
        }
    }

    /// Who owns `row`.
    #[inline]
    pub fn owner(&self, row: u32) -> Owner {
        *self.owner_ref(row)
    }

    /// The same, where it is.
    #[inline]
    pub fn owner_ref(&self, row: u32) -> &Owner {
        self.owners.get(row as usize).unwrap_or(&Owner::Free)
    }

    /// Changes who owns `row`.
    pub fn set_owner(&mut self, row: u32, owner: Owner) {
        let is_apart = matches!(owner, Owner::Free | Owner::Value | Owner::Lifted);
        if let Some(head) = self.heads.get_mut(row as usize) {
            head.since = head.since & !APART | if is_apart { APART } else { 0 };
        }
        set(&mut self.owners, row as usize, owner);
    }

    /// Rows in use.
    pub fn used(&self) -> usize {
        self.generations.iter().filter(|generation| **generation & 1 == 1).count()
    }
}

fn set<T>(array: &mut [T], index: usize, value: T) {
    if let Some(entry) = array.get_mut(index) {
        *entry = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPRS: [Repr; 13] = [
        Repr::Bool,
        Repr::I8,
        Repr::I16,
        Repr::I32,
        Repr::I64,
        Repr::U8,
        Repr::U16,
        Repr::U32,
        Repr::U64,
        Repr::F32,
        Repr::F64,
        Repr::Handle,
        Repr::Reference,
    ];

    fn table(stride: u32, fields: usize) -> Table {
        let fields = vec![FieldSlot { offset: 0, repr: Repr::U64 }; fields];
        Table::new(&RecordLayout { fields, stride })
    }

    #[test]
    fn a_written_slot_reads_back_and_neighbours_stay() {
        for repr in REPRS {
            let fields: Vec<_> =
                (0..8 / repr.size()).map(|n| FieldSlot { offset: (n * repr.size()) as u32, repr }).collect();
            let mut table = Table::new(&RecordLayout { fields: fields.clone(), stride: 8 });
            let row = row_of(table.allocate(&[u64::MAX], Owner::Value, 0));
            for field in &fields {
                table.write(row, *field, 0);
            }
            let one = if matches!(repr, Repr::F32 | Repr::F64) { 1.0f64.to_bits() } else { 1 };
            let layout = RecordLayout { fields: fields.clone(), stride: 8 };
            for (n, field) in fields.iter().enumerate() {
                table.write(row, *field, one);
                let place = FieldPlace::new(StructId(0), n as u32, &layout);
                let loaded = place.and_then(|place| table.load_at(table.reference(row), place));
                assert_eq!(loaded, Some(table.read(row, *field)), "{repr:?}: field {n}");
                for (m, other) in fields.iter().enumerate() {
                    let slot = table.read(row, *other);
                    assert_eq!(slot != 0, m <= n, "{repr:?}: field {m} after writing field {n}");
                }
            }
        }
    }

    #[test]
    fn narrow_integers_are_sign_extended_and_floats_rounded() {
        for (repr, slot) in
            REPRS.iter().flat_map(|repr| [0, 1, 77, u64::MAX, f64::NAN.to_bits()].map(|slot| (*repr, slot)))
        {
            let layout = RecordLayout { fields: vec![FieldSlot { offset: 8 - repr.size() as u32, repr }], stride: 8 };
            let mut table = Table::new(&layout);
            let record = table.allocate(&[u64::MAX], Owner::Value, 0);
            table.write(row_of(record), layout.fields[0], slot);
            let place = FieldPlace::new(StructId(0), 0, &layout);
            let loaded = place.and_then(|place| table.load_at(record, place));
            assert_eq!(loaded, Some(decode(encode(slot, repr), repr)), "{repr:?} {slot:x}");
        }

        let cases = [
            (Repr::I8, -5i64 as u64, -5i64 as u64),
            (Repr::I16, -5i64 as u64, -5i64 as u64),
            (Repr::I32, i64::from(i32::MIN) as u64, i64::from(i32::MIN) as u64),
            (Repr::U8, 255, 255),
            (Repr::U32, u64::from(u32::MAX), u64::from(u32::MAX)),
            (Repr::U64, u64::MAX, u64::MAX),
            (Repr::F32, 0.1f64.to_bits(), f64::from(0.1f32).to_bits()),
            (Repr::F32, (-0.0f64).to_bits(), (-0.0f64).to_bits()),
            (Repr::F32, f64::NAN.to_bits() | 77, CANONICAL_NAN),
            (Repr::F64, (-f64::NAN).to_bits() | 77, CANONICAL_NAN),
        ];
        for (repr, slot, expected) in cases {
            assert_eq!(decode(encode(slot, repr), repr), expected, "{repr:?} {slot:x}");
        }
    }

    #[test]
    fn released_rows_are_reused_under_another_generation() {
        let mut table = table(16, 2);
        let first = table.allocate(&[7, 8], Owner::Value, 0);
        assert!(table.is_live(first));
        table.retire(row_of(first));
        assert!(!table.is_live(first));
        table.revive(row_of(first));
        assert!(table.is_live(first));
        table.release(row_of(first));
        let second = table.allocate(&[], Owner::Root, 0);
        assert_eq!(row_of(first), row_of(second));
        assert!(!table.is_live(first) && table.is_live(second));
        assert_eq!(table.read(row_of(second), FieldSlot { offset: 0, repr: Repr::U64 }), 0, "zeroed");
    }

    #[test]
    fn nothing_panics_on_rows_that_do_not_exist() {
        let mut table = table(8, 1);
        let field = FieldSlot { offset: 4000, repr: Repr::I32 };
        for row in [0, 1, u32::MAX] {
            table.write(row, field, 1);
            table.copy(row, 3);
            table.release(row);
            table.retire(row);
            table.revive(row);
            table.set_owner(row, Owner::Root);
            assert_eq!((table.read(row, field), table.owner(row), table.mark(row)), (0, Owner::Free, 0));
            assert!(!table.set_dirty(row, 900) && !table.is_live(reference(1, row)));
        }
    }

    #[test]
    fn dirty_bits_are_set_once() {
        let mut table = table(8, 130);
        let row = row_of(table.allocate(&[], Owner::Root, 0));
        assert!(table.set_dirty(row, 129));
        assert!(!table.set_dirty(row, 129));
        table.unset_dirty(row, 129);
        assert!(table.set_dirty(row, 129));
    }
}

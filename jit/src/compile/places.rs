//! Where records and rows were found in the block that is being generated, until something moves. Where Cranelift optimises, it
//! finds what is loaded twice by itself; elsewhere it would load and check everything anew.

use cranelift_codegen::ir as clif;
use cranelift_module::Module;
use statewright_graph::ir::Value;
use statewright_types::StructId;

use super::body::Body;
use crate::memory::Effort;

/// So many are looked through at most.
const MOST: usize = 16;

/// What was found.
#[derive(Default)]
pub(super) struct Places {
    /// Rows, generations and count of a type.
    views: Vec<(StructId, [clif::Value; 3])>,
    /// The row of a record that is there, as one of its type.
    rows: Vec<(Value, StructId, clif::Value)>,
}

impl Places {
    /// Forgets all: something moved, or another block begins.
    pub fn clear(&mut self) {
        self.views.clear();
        self.rows.clear();
    }
}

impl<M: Module> Body<'_, '_, '_, M> {
    /// The row of a record that was found before.
    pub fn known_row(&self, record: Value, id: StructId) -> Option<clif::Value> {
        self.places.rows.iter().find(|(known, ty, _)| (*known, *ty) == (record, id)).map(|(.., row)| *row)
    }

    /// Keeps where a record was found.
    pub fn keep_row(&mut self, record: Value, id: StructId, row: clif::Value) {
        if self.effort != Effort::Full && self.places.rows.len() < MOST {
            self.places.rows.push((record, id, row));
        }
    }

    /// Rows, generations and count of a type, looked up once.
    pub fn view_once(&mut self, id: StructId) -> [clif::Value; 3] {
        if let Some((_, view)) = self.places.views.iter().find(|(known, _)| *known == id) {
            return *view;
        }
        let view = self.view(id);
        if self.effort != Effort::Full && self.places.views.len() < MOST {
            self.places.views.push((id, view));
        }
        view
    }
}

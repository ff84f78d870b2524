//! The client's side, without a network: a copy of what a viewer sees, made of the bytes that it is sent.
//!
//! - [`Replica`]: the copy. [`node`]: its values. [`item`]: looking into it. [`change`]: what a body changed.
//! - `plan`: the client's schema as its loops know it. `decode`: values; `encode`: the copy as bytes again. `apply`: changes. `journal`: taking them back.
//!   `spare`: memory that is used again.
//! - [`client`]: the protocol around a replica.
//!
//! Invariant: a body that is malformed changes nothing, whatever it says.

use std::sync::Arc;

use statewright_types::{Schema, StructId, Value};

use crate::wire::codes::limits;
use crate::wire::reader::{Malformed, Reader};
use apply::{Applier, Scratch};
use decode::Decoder;
use journal::Journal;
use node::Node;
use plan::{Kind, Plan};
use spare::Spare;

mod apply;
pub mod change;
pub mod client;
mod decode;
mod encode;
pub mod item;
mod journal;
pub mod node;
mod plan;
mod spare;

#[cfg(test)]
mod tests;

pub use change::{Change, Path, PathStep, What};
pub use client::{Client, Incoming, Lost};
pub use item::Item;

/// How many elements, entries and fields a replica has at most, whatever the messages were that made it.
pub const MAX_ENTRIES: u64 = 2 * limits::ENTRIES;

/// A copy of what a viewer sees.
#[derive(Debug)]
pub struct Replica {
    schema: Arc<Schema>,
    plan: Arc<Plan>,
    /// As in the plan. Hidden: not there.
    roots: Vec<Node>,
    /// Elements, entries and fields in it, or more.
    entries: u64,
    journal: Journal,
    scratch: Scratch,
    spare: Spare,
}

impl Clone for Replica {
    fn clone(&self) -> Replica {
        Replica {
            schema: self.schema.clone(),
            plan: self.plan.clone(),
            roots: self.roots.clone(),
            entries: self.entries,
            journal: Journal::default(),
            scratch: Scratch::default(),
            spare: Spare::default(),
        }
    }
}

impl Replica {
    /// Nothing yet, for a client with this schema. The main root is the schema's own; see [`Replica::with_root`].
    pub fn new(schema: Arc<Schema>) -> Replica {
        let main_root = schema.main_root(None).unwrap_or(StructId(0));
        Replica::with_root(schema, main_root)
    }

    /// The same for a document that names another main root.
    pub fn with_root(schema: Arc<Schema>, main_root: StructId) -> Replica {
        let plan = Arc::new(Plan::new(&schema, main_root));
        let roots = vec![Node::Hidden; plan.roots.len()];
        let (journal, scratch, spare) = (Journal::default(), Scratch::default(), Spare::default());
        Replica { schema, plan, roots, entries: 0, journal, scratch, spare }
    }

    /// The client's schema.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The type of the main root.
    pub fn main_root(&self) -> StructId {
        StructId(self.plan.roots.first().map_or(0, |root| root.ty))
    }

    /// Whether a full state has been applied.
    pub fn has_state(&self) -> bool {
        matches!(self.roots.first(), Some(Node::Struct(_)))
    }

    /// Replaces everything by the full state that `body` is.
    ///
    /// # Errors
    /// If it is none; then nothing changes.
    pub fn apply_full(&mut self, body: &[u8]) -> Result<(), Malformed> {
        let mut decoder = Decoder { plan: &self.plan, reader: Reader::new(body)?, spare: &mut self.spare };
        let roots = decoder.full()?;
        self.entries = decoder.reader.charged();
        self.spare.release(std::mem::replace(&mut self.roots, roots));
        Ok(())
    }

    /// Applies changes, and notes them in `changed` if it is there.
    ///
    /// # Errors
    /// If they are malformed, or do not fit what is there; then nothing changes.
    pub fn apply(&mut self, body: &[u8], changed: Option<&mut Vec<Change>>) -> Result<(), Malformed> {
        match changed {
            None => self.apply_noting(body, None),
            Some(changed) => {
                let known = changed.len();
                let applied = self.apply_noting(body, Some(changed));
                if applied.is_err() {
                    changed.truncate(known);
                }
                applied
            }
        }
    }

    fn apply_noting(&mut self, body: &[u8], changed: Option<&mut Vec<Change>>) -> Result<(), Malformed> {
        let decoder = Decoder { plan: &self.plan, reader: Reader::new(body)?, spare: &mut self.spare };
        let (roots, journal, scratch) = (&mut self.roots[..], &mut self.journal, &mut self.scratch);
        let mut applier = Applier { decoder, roots, journal, scratch, changed };
        let applied = applier.run();
        let charged = applier.decoder.reader.charged();
        match applied.and_then(|()| self.grow(charged)) {
            Ok(()) => self.journal.clear(),
            Err(problem) => {
                self.journal.roll_back(&mut self.roots);
                return Err(problem);
            }
        }
        Ok(())
    }

    /// Has `tell` look at what changes would do, if that is one value in the place of another: the way to what it is in, from the main root,
    /// where it is in there, and both. Nothing changes.
    pub(crate) fn rehearse<R>(
        &mut self,
        body: &[u8],
        tell: impl FnOnce((&[u32], u32), (&Node, &Node)) -> Option<R>,
    ) -> Option<R> {
        let decoder = Decoder { plan: &self.plan, reader: Reader::new(body).ok()?, spare: &mut self.spare };
        let (roots, journal, scratch) = (&mut self.roots[..], &mut self.journal, &mut self.scratch);
        let applied = Applier { decoder, roots, journal, scratch, changed: None }.run();
        let told = applied.ok().and_then(|()| {
            let (path, at, before) = self.journal.only()?;
            let (0, way) = path.split_first()? else { return None };
            let place = way.iter().try_fold(self.roots.first()?, |node, at| node.child(*at as usize))?;
            tell((way, at), (before, place.child(at as usize)?))
        });
        self.journal.roll_back(&mut self.roots);
        told
    }

    /// How many elements, entries, fields and steps all bodies since the full state had, as long as those are not too many.
    #[cfg(test)]
    pub(crate) fn charged(&self) -> u64 {
        self.entries
    }

    /// Counts what a body may have added; exactly, once that could be too much.
    fn grow(&mut self, charged: u64) -> Result<(), Malformed> {
        let known = self.entries;
        self.entries += charged;
        if self.entries > MAX_ENTRIES {
            self.entries = self.roots.iter().map(Node::entries).sum();
        }
        if self.entries > MAX_ENTRIES {
            self.entries = known;
            return Err(Malformed::new(&"the state becomes too large"));
        }
        Ok(())
    }

    /// Everything, in the form of `Session::view`: the main root's fields at the top, every other root that is there
    /// under its type's name. Hidden fields are absent.
    pub fn to_value(&self) -> Value {
        let mut top = match self.root_item(0).map(|root| root.to_value()) {
            Some(Value::Map(fields)) => fields,
            _ => Vec::new(),
        };
        for at in &self.plan.listed {
            if let (Some(root), Some(item)) = (self.plan.roots.get(*at), self.root_item(*at)) {
                top.push((root.name.clone(), item.to_value()));
            }
        }
        Value::Map(top)
    }

    /// A root that is there, by its position in the plan.
    fn root_item(&self, at: usize) -> Option<Item<'_>> {
        let (node @ Node::Struct(_), root) = (self.roots.get(at)?, self.plan.roots.get(at)?) else { return None };
        Some(Item::new(&self.plan, node, Kind::Struct(root.ty)))
    }

    /// The main root, once there is a state.
    pub fn root(&self) -> Option<Item<'_>> {
        self.root_item(0)
    }

    /// Another root that is there, by its type's name.
    pub fn other_root(&self, name: &str) -> Option<Item<'_>> {
        let at = self.plan.roots.iter().skip(1).position(|root| &*root.name == name)?;
        self.root_item(at + 1)
    }

    /// What is at a path: `Players[37].Score`, `Scores["alice"]` (quotes may be left out), `Shop.Closed` for another root.
    /// `None` if there is no such place; hidden fields are there, hidden.
    pub fn get(&self, path: &str) -> Option<Item<'_>> {
        let (first, rest) = path.split_at(path.find(['.', '[']).unwrap_or(path.len()));
        match self.root()?.field(first) {
            Some(item) => item.follow(rest),
            None => self.other_root(first)?.follow(rest),
        }
    }
}

//! Changes, step by step: docs/protocol.md, "Changes". The cursor is a path of positions from a root; every step that
//! writes goes down it anew, which is cheap and needs no pointers.

use super::change::{self, Change, PathStep, What};
use super::decode::Decoder;
use super::journal::{Journal, Undo, resolve};
use super::node::Node;
use super::plan::{KeyKind, Kind, Plan};
use crate::wire::codes::{list, map, record};
use crate::wire::reader::{Malformed, Reader};

/// What the cursor is in.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// A struct, by its type.
    Struct(u32),
    /// A list of that kind, with the mark.
    List(Kind, u32),
    /// A map.
    Map(KeyKind, Kind),
}

/// The cursor's memory, kept from body to body.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    path: Vec<u32>,
    places: Vec<Place>,
    /// Tags of columns.
    columns: Vec<Column>,
}

/// A tag of columns: position and kind of its field, and whether differences follow.
#[derive(Clone, Copy, Debug)]
struct Column {
    at: usize,
    kind: Kind,
    difference: bool,
}

/// A body in the middle of being applied.
pub(super) struct Applier<'a, 'b> {
    pub decoder: Decoder<'a, 'b>,
    pub roots: &'a mut [Node],
    pub journal: &'a mut Journal,
    pub scratch: &'a mut Scratch,
    pub changed: Option<&'a mut Vec<Change>>,
}

impl<'a, 'b> Applier<'a, 'b> {
    /// Everything that is in the reader.
    pub(super) fn run(&mut self) -> Result<(), Malformed> {
        self.home();
        while !self.decoder.reader.is_empty() {
            self.decoder.reader.charge(1)?;
            let tag = self.decoder.reader.varint()?;
            match self.scratch.places.last() {
                Some(Place::Struct(ty)) => self.in_struct(*ty, tag)?,
                Some(Place::List(element, mark)) => self.in_list(*element, *mark, tag)?,
                Some(Place::Map(key, value)) => self.in_map(*key, *value, tag)?,
                None => return Err(self.fail(&"there is no state yet")),
            }
        }
        Ok(())
    }

    #[cold]
    fn fail(&self, what: &'static &'static str) -> Malformed {
        self.decoder.reader.fail(what)
    }

    fn plan(&self) -> &'a Plan {
        self.decoder.plan
    }

    fn reader(&mut self) -> &mut Reader<'b> {
        &mut self.decoder.reader
    }

    /// Levels above what is in the place of the cursor.
    fn depth(&self) -> usize {
        self.scratch.path.len()
    }

    fn home(&mut self) {
        self.enter_root(0);
    }

    fn enter_root(&mut self, at: usize) {
        self.scratch.path.clear();
        self.scratch.places.clear();
        self.journal.moved();
        if let (Some(Node::Struct(_)), Some(root)) = (self.roots.get(at), self.decoder.plan.roots.get(at)) {
            self.scratch.path.push(at as u32);
            self.scratch.places.push(Place::Struct(root.ty));
        }
    }

    fn up(&mut self) -> Result<(), Malformed> {
        if self.scratch.places.len() < 2 {
            return Err(self.fail(&"nothing to leave"));
        }
        self.scratch.path.pop();
        self.scratch.places.pop();
        self.journal.moved();
        Ok(())
    }

    /// Into what is at a position of the place of the cursor.
    fn enter(&mut self, at: usize, kind: Kind) -> Result<(), Malformed> {
        let plan = self.plan();
        let place = match plan.non_null(kind) {
            Kind::Struct(ty) => Place::Struct(ty),
            Kind::List(element) => Place::List(plan.kind(element), 0),
            Kind::Map(key, value) => Place::Map(key, plan.kind(value)),
            _ => return Err(self.fail(&"what is neither struct, list nor map cannot be entered")),
        };
        self.decoder.level(self.depth())?;
        let there = resolve(self.roots, &self.scratch.path).and_then(|node| node.child(at));
        if !matches!(there, Some(Node::Struct(_) | Node::List(_) | Node::Map(_))) {
            return Err(self.fail(&"what is null, hidden or not there cannot be entered"));
        }
        self.scratch.path.push(at as u32);
        self.scratch.places.push(place);
        self.journal.moved();
        Ok(())
    }

    /// Notes a change of what is at a position of the place of the cursor.
    fn changed(&mut self, at: u32, what: What) {
        if let Some(changed) = &mut self.changed {
            self.scratch.path.push(at);
            let path = change::name(self.decoder.plan, self.roots, &self.scratch.path);
            self.scratch.path.pop();
            changed.push(Change { path, what });
        }
    }

    /// Notes a change of the place of the cursor.
    fn changed_whole(&mut self, what: What) {
        if let Some(changed) = &mut self.changed {
            let path = change::name(self.decoder.plan, self.roots, &self.scratch.path);
            changed.push(Change { path, what });
        }
    }

    /// Replaces what is at a position of the place of the cursor.
    fn set(&mut self, at: usize, node: Node, what: What) -> Result<(), Malformed> {
        let place = resolve(self.roots, &self.scratch.path).and_then(|place| place.child_mut(at));
        let Some(place) = place else { return Err(self.fail(&"there is no such place")) };
        let old = std::mem::replace(place, node);
        self.journal.note(&self.scratch.path, Undo::Child(at as u32, old));
        self.changed(at as u32, what);
        Ok(())
    }

    // Structs.

    fn in_struct(&mut self, ty: u32, tag: u64) -> Result<(), Malformed> {
        match tag {
            record::UP => self.up(),
            record::HOME => {
                self.home();
                Ok(())
            }
            record::HIDE => {
                let id = self.reader().varint()?;
                let Some((at, _)) = self.plan().field(ty, id) else { return Err(self.fail(&"there is no such field")) };
                self.set(at, Node::Hidden, What::Hidden)
            }
            record::ROOT => {
                let at = self.other_root()?;
                self.enter_root(at);
                if self.scratch.path.is_empty() {
                    return Err(self.fail(&"a root that is not there cannot be entered"));
                }
                Ok(())
            }
            record::ROOT_GONE => {
                let at = self.other_root()?;
                if !matches!(self.roots.get(at), Some(Node::Struct(_))) {
                    return Err(self.fail(&"a root that is not there cannot go"));
                }
                self.put_root(at, Node::Hidden, What::Gone)
            }
            record::ROOT_THERE => {
                let at = self.other_root()?;
                let ty = self.plan().roots.get(at).map_or(0, |root| root.ty);
                let node = self.decoder.value(Kind::Struct(ty), 0)?;
                self.put_root(at, node, What::There)
            }
            _ => self.field(ty, tag),
        }
    }

    fn other_root(&mut self) -> Result<usize, Malformed> {
        let id = self.reader().id()?;
        self.plan().other_root(id).ok_or_else(|| self.fail(&"there is no such root"))
    }

    fn put_root(&mut self, at: usize, node: Node, what: What) -> Result<(), Malformed> {
        if self.scratch.path.first() == Some(&(at as u32)) {
            return Err(self.fail(&"the cursor is in that root"));
        }
        let Some(place) = self.roots.get_mut(at) else { return Err(self.fail(&"there is no such root")) };
        let old = std::mem::replace(place, node);
        self.journal.moved();
        self.journal.note(&[at as u32], Undo::Whole(old));
        self.journal.moved();
        if let Some(changed) = &mut self.changed {
            let path = change::name(self.decoder.plan, self.roots, &[at as u32]);
            changed.push(Change { path, what });
        }
        Ok(())
    }

    /// Position and kind of the field that a tag names.
    #[inline]
    fn tagged(&self, ty: u32, tag: u64) -> Result<(usize, Kind), Malformed> {
        let id = (tag >> 1).checked_sub(record::FIELD_BASE);
        id.and_then(|id| self.plan().field(ty, id)).ok_or_else(|| self.fail(&"there is no such field"))
    }

    fn field(&mut self, ty: u32, tag: u64) -> Result<(), Malformed> {
        let (at, kind) = self.tagged(ty, tag)?;
        if tag & 1 == 0 {
            let node = self.decoder.value(kind, self.depth())?;
            return self.set(at, node, What::Set);
        }
        if matches!(self.plan().non_null(kind), Kind::Struct(_) | Kind::List(_) | Kind::Map(..)) {
            return self.enter(at, kind);
        }
        let place = resolve(self.roots, &self.scratch.path).and_then(|place| place.child_mut(at));
        let Some(place) = place else { return Err(self.fail(&"there is no such place")) };
        let new = self.decoder.difference(kind, place)?;
        let old = std::mem::replace(place, new);
        self.journal.note(&self.scratch.path, Undo::Child(at as u32, old));
        self.changed(at as u32, What::Set);
        Ok(())
    }

    // Lists.

    fn in_list(&mut self, element: Kind, mark: u32, tag: u64) -> Result<(), Malformed> {
        if tag & 1 != 0 {
            return self.element(element, mark, tag >> 1);
        }
        if let Some(Place::List(_, mark)) = self.scratch.places.last_mut() {
            *mark = 0;
        }
        match tag {
            list::UP => self.up(),
            list::HOME => {
                self.home();
                Ok(())
            }
            list::INSERT => {
                let at = self.reader().index()?;
                self.reader().charge(1)?;
                let node = self.decoder.value(element, self.depth())?;
                let nodes = self.nodes()?;
                if at as usize > nodes.len() {
                    return Err(self.fail(&"an element beyond the end of the list"));
                }
                nodes.insert(at as usize, node);
                self.noted(Undo::Inserted(at, 1), at, What::Inserted(1))
            }
            list::INSERT_MANY => {
                let at = self.reader().index()?;
                let new = self.decoder.list(element, self.depth() - 1)?;
                let count = new.len() as u32;
                let nodes = self.nodes()?;
                if at as usize > nodes.len() {
                    return Err(self.fail(&"an element beyond the end of the list"));
                }
                nodes.splice(at as usize..at as usize, new);
                self.noted(Undo::Inserted(at, count), at, What::Inserted(count))
            }
            list::REMOVE => self.remove(1),
            list::REMOVE_MANY => self.remove_many(),
            list::MOVE => self.move_one(),
            list::REPLACE_ALL => {
                let new = self.decoder.list(element, self.depth() - 1)?;
                let old = std::mem::replace(self.nodes()?, new);
                self.journal.note(&self.scratch.path, Undo::Whole(Node::List(old)));
                self.changed_whole(What::Set);
                Ok(())
            }
            list::ARRANGE => self.arrange(element),
            list::COLUMNS => self.columns(element),
            list::REPLACE => {
                let at = self.reader().index()?;
                let node = self.decoder.value(element, self.depth())?;
                self.set(at as usize, node, What::Set)
            }
            list::VALUES => self.values(element),
            _ => Err(self.fail(&"there is no such step in a list")),
        }
    }

    fn nodes(&mut self) -> Result<&mut Vec<Node>, Malformed> {
        let lost = self.decoder.reader.fail(&"there is no such list");
        match resolve(self.roots, &self.scratch.path) {
            Some(Node::List(nodes)) => Ok(nodes),
            _ => Err(lost),
        }
    }

    /// Notes what takes back something that was done to the list of the cursor.
    fn noted(&mut self, undo: Undo, at: u32, what: What) -> Result<(), Malformed> {
        self.journal.note(&self.scratch.path, undo);
        self.changed(at, what);
        Ok(())
    }

    fn element(&mut self, element: Kind, mark: u32, ahead: u64) -> Result<(), Malformed> {
        let at = u32::try_from(ahead).ok().and_then(|ahead| mark.checked_add(ahead));
        let Some((at, next)) = at.and_then(|at| Some((at, at.checked_add(1)?))) else {
            return Err(self.fail(&"an element beyond the end of the list"));
        };
        if let Some(Place::List(_, mark)) = self.scratch.places.last_mut() {
            *mark = next;
        }
        if matches!(self.plan().non_null(element), Kind::Struct(_) | Kind::List(_) | Kind::Map(..)) {
            return self.enter(at as usize, element);
        }
        let node = self.decoder.value(element, self.depth())?;
        self.set(at as usize, node, What::Set)
    }

    fn remove_many(&mut self) -> Result<(), Malformed> {
        let at = self.reader().index()?;
        let count = self.reader().index()?;
        self.remove_from(at, count)
    }

    fn remove(&mut self, count: u32) -> Result<(), Malformed> {
        let at = self.reader().index()?;
        self.remove_from(at, count)
    }

    fn remove_from(&mut self, at: u32, count: u32) -> Result<(), Malformed> {
        let nodes = self.nodes()?;
        let end = (at as usize).saturating_add(count as usize);
        if end > nodes.len() {
            return Err(self.fail(&"an element beyond the end of the list"));
        }
        let removed = nodes.drain(at as usize..end).collect();
        self.noted(Undo::Removed(at, removed), at, What::Removed(count))
    }

    fn move_one(&mut self) -> Result<(), Malformed> {
        let (from, to) = (self.reader().index()?, self.reader().index()?);
        let nodes = self.nodes()?;
        if from as usize >= nodes.len() || to as usize >= nodes.len() {
            return Err(self.fail(&"an element beyond the end of the list"));
        }
        // Only what lies between the two moves.
        if let Some(between) = nodes.get_mut(from.min(to) as usize..=from.max(to) as usize) {
            if from < to { between.rotate_left(1) } else { between.rotate_right(1) }
        }
        self.noted(Undo::Moved(from, to), to, What::Moved(from))
    }

    fn arrange(&mut self, element: Kind) -> Result<(), Malformed> {
        let count = self.reader().count()?;
        if count > self.reader().left() {
            return Err(self.fail(&"a list is longer than its message"));
        }
        let before = self.nodes()?.len();
        let mut taken = vec![false; before];
        let (mut sources, mut new) = (Vec::with_capacity(count), Vec::new());
        for _ in 0..count {
            let source = self.reader().index()?.checked_sub(1);
            match source {
                Some(at) => match taken.get_mut(at as usize) {
                    Some(taken) if !*taken => *taken = true,
                    _ => return Err(self.fail(&"an element beyond the end of the list, or twice")),
                },
                None => new.push(self.decoder.value(element, self.depth())?),
            }
            sources.push(source);
        }
        let nodes = self.nodes()?;
        let mut old = std::mem::take(nodes);
        let mut new = new.into_iter();
        nodes.extend(sources.iter().map(|source| match source {
            Some(at) => old.get_mut(*at as usize).map(std::mem::take).unwrap_or_default(),
            None => new.next().unwrap_or_default(),
        }));
        let dropped = (0..).zip(old).zip(taken).filter(|(_, taken)| !taken).map(|(dropped, _)| dropped).collect();
        self.journal.note(&self.scratch.path, Undo::Arranged(sources, dropped));
        self.changed_whole(What::Arranged);
        Ok(())
    }

    fn columns(&mut self, element: Kind) -> Result<(), Malformed> {
        let Kind::Struct(ty) = element else { return Err(self.fail(&"columns of what are no structs")) };
        let (first, count) = (self.reader().index()?, self.reader().index()?);
        let tags = self.reader().count()?;
        if tags == 0 || tags > self.reader().left() {
            return Err(self.fail(&"columns without tags, or cut"));
        }
        let mut columns = std::mem::take(&mut self.scratch.columns);
        columns.clear();
        let read = self.column_tags(ty, tags, &mut columns);
        let applied = read.and_then(|()| self.column_values(first, count, &columns));
        self.scratch.columns = columns;
        applied
    }

    fn column_tags(&mut self, ty: u32, tags: usize, columns: &mut Vec<Column>) -> Result<(), Malformed> {
        for _ in 0..tags {
            let tag = self.reader().varint()?;
            let (at, kind) = self.tagged(ty, tag)?;
            columns.push(Column { at, kind, difference: tag & 1 != 0 });
        }
        Ok(())
    }

    fn column_values(&mut self, first: u32, count: u32, columns: &[Column]) -> Result<(), Malformed> {
        let depth = self.depth() + 1;
        self.reader().charge(u64::from(count).saturating_mul(columns.len() as u64))?;
        let nodes = match resolve(self.roots, &self.scratch.path) {
            Some(Node::List(nodes)) => nodes.get_mut(first as usize..(first as usize).saturating_add(count as usize)),
            _ => None,
        };
        let Some(nodes) = nodes else {
            return Err(self.decoder.reader.fail(&"an element beyond the end of the list"));
        };
        for (element, node) in (first..).zip(nodes) {
            for column in columns {
                let Some(place) = node.child_mut(column.at) else {
                    return Err(self.decoder.reader.fail(&"there is no such place"));
                };
                let new = if column.difference {
                    self.decoder.difference(column.kind, place)?
                } else {
                    self.decoder.value(column.kind, depth)?
                };
                let old = std::mem::replace(place, new);
                self.journal.note(&self.scratch.path, Undo::Field(element, column.at as u32, old));
            }
        }
        if self.changed.is_some() {
            for element in first..first + count {
                self.scratch.path.push(element);
                for column in columns {
                    self.changed(column.at as u32, What::Set);
                }
                self.scratch.path.pop();
            }
        }
        Ok(())
    }

    fn values(&mut self, element: Kind) -> Result<(), Malformed> {
        if matches!(self.plan().non_null(element), Kind::Struct(_) | Kind::List(_) | Kind::Map(..)) {
            return Err(self.fail(&"values of what are structs, lists or maps"));
        }
        let (first, count) = (self.reader().index()?, self.reader().index()?);
        let depth = self.depth();
        self.reader().charge(u64::from(count))?;
        let nodes = match resolve(self.roots, &self.scratch.path) {
            Some(Node::List(nodes)) => nodes.get_mut(first as usize..(first as usize).saturating_add(count as usize)),
            _ => None,
        };
        let Some(nodes) = nodes else {
            return Err(self.decoder.reader.fail(&"an element beyond the end of the list"));
        };
        for (at, node) in (first..).zip(nodes) {
            let old = std::mem::replace(node, self.decoder.value(element, depth)?);
            self.journal.note(&self.scratch.path, Undo::Child(at, old));
        }
        if self.changed.is_some() {
            (first..first + count).for_each(|at| self.changed(at, What::Set));
        }
        Ok(())
    }

    // Maps.

    fn in_map(&mut self, key: KeyKind, value: Kind, tag: u64) -> Result<(), Malformed> {
        match tag {
            map::UP => self.up(),
            map::HOME => {
                self.home();
                Ok(())
            }
            map::PUT => self.put(key, value),
            map::ENTER => {
                let at = self.find(key)?;
                self.enter(at, value)
            }
            map::DELETE => {
                let at = self.find(key)?;
                let Some(Node::Map(entries)) = resolve(self.roots, &self.scratch.path) else {
                    return Err(self.decoder.reader.fail(&"there is no such map"));
                };
                let (key, old) = (entries.keys.remove(at), entries.values.remove(at));
                if let Some(changed) = &mut self.changed {
                    let mut path = change::name(self.decoder.plan, self.roots, &self.scratch.path);
                    path.0.push(PathStep::Key(key.clone()));
                    changed.push(Change { path, what: What::Deleted });
                }
                self.journal.note(&self.scratch.path, Undo::Deleted(at as u32, Box::new((key, old))));
                Ok(())
            }
            map::REPLACE_ALL => {
                let new = Node::Map(Box::new(self.decoder.map(key, value, self.depth() - 1)?));
                if let Some(place) = resolve(self.roots, &self.scratch.path) {
                    let old = std::mem::replace(place, new);
                    self.journal.note(&self.scratch.path, Undo::Whole(old));
                }
                self.changed_whole(What::Set);
                Ok(())
            }
            _ => Err(self.fail(&"there is no such step in a map")),
        }
    }

    /// The position of the key that follows.
    fn find(&mut self, key: KeyKind) -> Result<usize, Malformed> {
        let key = self.decoder.key(key)?;
        match resolve(self.roots, &self.scratch.path) {
            Some(Node::Map(entries)) => entries.find(&key).ok(),
            _ => None,
        }
        .ok_or_else(|| self.fail(&"there is no such key"))
    }

    fn put(&mut self, key: KeyKind, value: Kind) -> Result<(), Malformed> {
        let key = self.decoder.key(key)?;
        self.reader().charge(1)?;
        let node = self.decoder.value(value, self.depth())?;
        let Some(Node::Map(entries)) = resolve(self.roots, &self.scratch.path) else {
            return Err(self.fail(&"there is no such map"));
        };
        match entries.find(&key) {
            Ok(at) => self.set(at, node, What::Set),
            Err(at) => {
                entries.keys.insert(at, key);
                entries.values.insert(at, node);
                self.noted(Undo::Put(at as u32), at as u32, What::Set)
            }
        }
    }
}

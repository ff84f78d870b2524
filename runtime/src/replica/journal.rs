//! How to take back what a body did before it turned out to be malformed.

use super::node::{Key, Node};

/// One thing that was done, at a place.
#[derive(Debug)]
struct Entry {
    /// The place, a part of [`Journal::steps`].
    path: (u32, u32),
    undo: Undo,
}

/// What takes it back.
#[derive(Debug)]
pub(super) enum Undo {
    /// The whole value was that.
    Whole(Node),
    /// What is at a position in it was that.
    Child(u32, Node),
    /// The field of an element, by their positions, was that.
    Field(u32, u32, Node),
    /// Elements were inserted: where, how many.
    Inserted(u32, u32),
    /// Elements were removed: where, which.
    Removed(u32, Vec<Node>),
    /// One was moved: from where to where.
    Moved(u32, u32),
    /// All were arranged: of each, where it was before, if anywhere; and those that were dropped, with where they were.
    Arranged(Vec<Option<u32>>, Vec<(u32, Node)>),
    /// An entry was put where none was.
    Put(u32),
    /// An entry was deleted.
    Deleted(u32, Box<(Key, Node)>),
}

/// All that was done since the body began. Keeps its memory.
#[derive(Debug, Default)]
pub(super) struct Journal {
    entries: Vec<Entry>,
    /// Positions from the roots downwards, of one place after the other.
    steps: Vec<u32>,
    /// The part of `steps` that is where the cursor stands, if it is there already.
    current: Option<(u32, u32)>,
}

impl Journal {
    /// The cursor has moved.
    #[inline]
    pub(super) fn moved(&mut self) {
        self.current = None;
    }

    /// Notes what takes back something at `path`, where the cursor stands.
    #[inline]
    pub(super) fn note(&mut self, path: &[u32], undo: Undo) {
        let path = match self.current {
            Some(current) => current,
            None => {
                let place = (self.steps.len() as u32, path.len() as u32);
                self.steps.extend_from_slice(path);
                self.current = Some(place);
                place
            }
        };
        self.entries.push(Entry { path, undo });
    }

    /// Nothing is to be taken back.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.steps.clear();
        self.current = None;
    }

    /// The one thing that was done, if it is one value in the place of another: where, and what was there.
    pub(super) fn only(&self) -> Option<(&[u32], u32, &Node)> {
        let [Entry { path: (from, len), undo: Undo::Child(at, old) }] = &*self.entries else { return None };
        Some((self.steps.get(*from as usize..(from + len) as usize)?, *at, old))
    }

    /// Takes everything back, last things first.
    pub(super) fn roll_back(&mut self, roots: &mut [Node]) {
        while let Some(Entry { path: (from, len), undo }) = self.entries.pop() {
            let path = self.steps.get(from as usize..(from + len) as usize).unwrap_or_default();
            if let Some(node) = resolve(roots, path) {
                take_back(node, undo);
            }
        }
        self.clear();
    }
}

/// What is at the end of a path: the position of a root, then positions in what is there.
#[inline]
pub(super) fn resolve<'n>(roots: &'n mut [Node], path: &[u32]) -> Option<&'n mut Node> {
    let (root, rest) = path.split_first()?;
    let mut node = roots.get_mut(*root as usize)?;
    for at in rest {
        node = node.child_mut(*at as usize)?;
    }
    Some(node)
}

fn take_back(node: &mut Node, undo: Undo) {
    match (undo, node) {
        (Undo::Whole(old), node) => *node = old,
        (Undo::Child(at, old), node) => put_child(node, at, old),
        (Undo::Field(element, at, old), node) => {
            if let Some(element) = node.child_mut(element as usize) {
                put_child(element, at, old);
            }
        }
        (Undo::Inserted(at, count), Node::List(nodes)) => {
            nodes.drain(at as usize..(at + count) as usize);
        }
        (Undo::Removed(at, removed), Node::List(nodes)) => {
            nodes.splice(at as usize..at as usize, removed);
        }
        (Undo::Moved(from, to), Node::List(nodes)) => {
            let element = nodes.remove(to as usize);
            nodes.insert(from as usize, element);
        }
        (Undo::Arranged(sources, dropped), Node::List(nodes)) => {
            let kept = sources.iter().flatten().count();
            let mut old = vec![Node::Hidden; kept + dropped.len()];
            let moved = sources.iter().zip(nodes.drain(..));
            let moved = moved.filter_map(|(source, node)| source.map(|source| (source, node)));
            for (at, node) in moved.chain(dropped) {
                if let Some(place) = old.get_mut(at as usize) {
                    *place = node;
                }
            }
            *nodes = old;
        }
        (Undo::Put(at), Node::Map(entries)) => {
            entries.keys.remove(at as usize);
            entries.values.remove(at as usize);
        }
        (Undo::Deleted(at, entry), Node::Map(entries)) => {
            let (key, value) = *entry;
            entries.keys.insert(at as usize, key);
            entries.values.insert(at as usize, value);
        }
        _ => {}
    }
}

fn put_child(node: &mut Node, at: u32, old: Node) {
    if let Some(place) = node.child_mut(at as usize) {
        *place = old;
    }
}

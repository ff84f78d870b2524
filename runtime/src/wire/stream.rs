//! Changes as a sequence of steps with a cursor: going from one place to the next says only where they differ.

use std::ops::Range;

use super::codes::{list, map, record};
use super::varint;

/// A step from one place of the state to one inside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// From the main root to another, by the id of its type. First or nowhere.
    Root(u16),
    /// From a struct to what its field holds, by the field's id.
    Field(u16),
    /// From a list to an element, by its position at the end of the span.
    Index(u32),
    /// From a map to the value of a text key.
    Text(std::sync::Arc<str>),
    /// From a map to the value of an integer key.
    Int(i64),
    /// From a map to the value of an integer key without a sign.
    UInt(u64),
    /// From a map to the value of an integer key of 8 bits.
    Byte(u8),
}

/// What the cursor is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A struct.
    Struct,
    /// A list, with the mark.
    List(u32),
    /// A map.
    Map,
}

/// Writes changes. Places must be gone to in the order in which a walk over the state meets them, for short addresses;
/// any other order is right, and longer.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    /// What has been written.
    pub bytes: Vec<u8>,
    /// Where in it the changes begin that are being written.
    start: usize,
    /// Where the cursor is, and how it got there.
    path: Vec<(Step, Place)>,
}

impl Stream {
    /// Begins with changes, at the main root, behind all that has been written.
    #[inline]
    pub fn begin(&mut self) {
        self.start = self.bytes.len();
        self.path.clear();
    }

    /// Takes back the changes that are being written.
    pub fn drop_body(&mut self) {
        self.bytes.truncate(self.start);
        self.path.clear();
    }

    /// The changes that are being written: where in the bytes they are.
    #[inline]
    pub fn body(&self) -> Range<usize> {
        self.start..self.bytes.len()
    }

    /// Moves the cursor to the end of `path`: each step, and what it leads to.
    pub fn go(&mut self, path: &[(Step, Place)]) {
        let same = |(mine, theirs): &(&(Step, Place), &(Step, Place))| mine.0 == theirs.0;
        let mut common = self.path.iter().zip(path).take_while(same).count();
        // An element before the mark is out of reach, unless the list is entered anew.
        if let (Some((Step::Index(index), _)), Some((_, Place::List(mark)))) =
            (path.get(common), common.checked_sub(1).and_then(|at| self.path.get(at)))
            && index < mark
        {
            common -= 1;
        }
        let leaves_root = matches!(self.path.first(), Some((Step::Root(_), _))) && common == 0;
        if self.path.len() > common && (leaves_root || common == 0 && self.path.len() > 1) {
            self.home();
        }
        while self.path.len() > common {
            // All three tags are 0.
            varint::put(&mut self.bytes, record::UP);
            self.path.pop();
        }
        for (step, place) in &path[common.min(path.len())..] {
            self.enter(step.clone(), *place);
        }
    }

    /// The tag that brings the cursor back to the main root from where it is now; `None` if it is there.
    #[inline]
    pub fn way_home(&self) -> Option<u64> {
        self.path.last().map(|(_, place)| match place {
            Place::List(_) => list::HOME,
            Place::Map => map::HOME,
            Place::Struct => record::HOME,
        })
    }

    /// Back to the main root.
    pub fn home(&mut self) {
        let tag = self.way_home().unwrap_or(record::HOME);
        varint::put(&mut self.bytes, tag);
        self.path.clear();
    }

    /// Goes one step on from where the cursor is.
    #[inline]
    pub fn enter(&mut self, step: Step, place: Place) {
        match &step {
            Step::Root(id) => {
                varint::put(&mut self.bytes, record::ROOT);
                varint::put(&mut self.bytes, u64::from(*id));
            }
            Step::Field(id) => varint::put(&mut self.bytes, record::change(*id)),
            Step::Index(index) => self.element(*index),
            Step::Text(_) | Step::Int(_) | Step::UInt(_) | Step::Byte(_) => {
                varint::put(&mut self.bytes, map::ENTER);
                self.key(&step);
            }
        }
        // Every list begins with its mark at 0.
        let place = if matches!(place, Place::List(_)) { Place::List(0) } else { place };
        self.path.push((step, place));
    }

    /// The tag of an element of the list that the cursor is in; its value, or steps in it, follow.
    pub fn element(&mut self, index: u32) {
        let mark = match self.path.last_mut() {
            Some((_, Place::List(mark))) => std::mem::replace(mark, index + 1),
            _ => 0,
        };
        varint::put(&mut self.bytes, list::element(index.wrapping_sub(mark)));
    }

    /// An even tag of the list that the cursor is in; what it takes follows.
    pub fn operation(&mut self, tag: u64) {
        if let Some((_, Place::List(mark))) = self.path.last_mut() {
            *mark = 0;
        }
        varint::put(&mut self.bytes, tag);
    }

    /// A key of a map.
    pub fn key(&mut self, step: &Step) {
        match step {
            Step::Text(text) => varint::put_bytes(&mut self.bytes, text.as_bytes()),
            Step::Int(number) => varint::put_signed(&mut self.bytes, *number),
            Step::UInt(number) => varint::put(&mut self.bytes, *number),
            Step::Byte(byte) => self.bytes.push(*byte),
            Step::Root(_) | Step::Field(_) | Step::Index(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_their_way() {
        let at = |index, field| {
            vec![
                (Step::Field(3), Place::List(0)),
                (Step::Index(index), Place::Struct),
                (Step::Field(field), Place::List(0)),
            ]
        };
        let mut stream = Stream::default();
        stream.go(&at(37, 5));
        assert_eq!(stream.bytes, [13, 75, 17]);
        stream.bytes.clear();
        stream.go(&at(37, 6));
        assert_eq!(stream.bytes, [0, 19]);
        stream.bytes.clear();
        stream.go(&at(39, 5));
        assert_eq!(stream.bytes, [0, 0, 3, 17], "one element is passed over");
        stream.bytes.clear();
        stream.go(&at(2, 5));
        assert_eq!(stream.bytes, [2, 13, 5, 17], "the list is entered anew, by way of home");
        stream.bytes.clear();
        stream.go(&[]);
        assert_eq!(stream.bytes, [2], "from deep inside, home is one step");
        stream.go(&[(Step::Root(2), Place::Struct)]);
        stream.bytes.clear();
        stream.go(&[(Step::Field(1), Place::Struct)]);
        assert_eq!(stream.bytes, [1, 9]);
    }
}

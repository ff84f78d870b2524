//! What a client holds: one value of its copy, small, texts of up to 15 bytes without an allocation.

use std::cmp::Ordering;

/// One value. Floats compare by bits, so that NaN equals itself.
#[derive(Clone, Debug, Default)]
pub enum Node {
    /// Not visible, or not known to the server.
    #[default]
    Hidden,
    /// No value.
    Null,
    /// true or false
    Bool(bool),
    /// An integer of any kind but uint64.
    Int(i64),
    /// A uint64.
    UInt(u64),
    /// A float of either width.
    Float(f64),
    /// A quantised float: so many steps.
    Steps(i64),
    /// A short text.
    Short(Short),
    /// A longer text.
    Long(Box<str>),
    /// Bytes.
    Bytes(Box<[u8]>),
    /// A uuid in its usual form; any other text of a uuid is a text.
    Uuid([u8; 16]),
    /// The fields of a struct, by ascending id.
    Struct(Box<[Node]>),
    /// Elements.
    List(Vec<Node>),
    /// Entries.
    Map(Box<Entries>),
}

impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        match (self, other) {
            (Node::Hidden, Node::Hidden) | (Node::Null, Node::Null) => true,
            (Node::Bool(a), Node::Bool(b)) => a == b,
            (Node::Int(a), Node::Int(b)) | (Node::Steps(a), Node::Steps(b)) => a == b,
            (Node::UInt(a), Node::UInt(b)) => a == b,
            (Node::Float(a), Node::Float(b)) => a.to_bits() == b.to_bits(),
            (Node::Short(a), Node::Short(b)) => a == b,
            (Node::Long(a), Node::Long(b)) => a == b,
            (Node::Bytes(a), Node::Bytes(b)) => a == b,
            (Node::Uuid(a), Node::Uuid(b)) => a == b,
            (Node::Struct(a), Node::Struct(b)) => a == b,
            (Node::List(a), Node::List(b)) => a == b,
            (Node::Map(a), Node::Map(b)) => a == b,
            _ => false,
        }
    }
}

/// A text of at most 15 bytes: its length, its bytes, zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short([u8; 16]);

impl Short {
    /// How many bytes it has at most.
    pub const BYTES: usize = 15;

    /// `None` if the text is longer.
    pub fn new(text: &str) -> Option<Short> {
        let mut bytes = [0; Short::BYTES + 1];
        bytes.get_mut(1..=text.len())?.copy_from_slice(text.as_bytes());
        bytes[0] = text.len() as u8;
        Some(Short(bytes))
    }

    /// Length, bytes and zeros, as they were read.
    #[inline]
    pub(super) fn of(bytes: [u8; Short::BYTES + 1]) -> Short {
        Short(bytes)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let [len, bytes @ ..] = &self.0;
        bytes.get(..usize::from(*len)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// The entries of a map, by ascending key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entries {
    /// Keys, ascending.
    pub keys: Vec<Key>,
    /// As many values.
    pub values: Vec<Node>,
}

impl Entries {
    /// Where `key` is, or where it belongs.
    pub fn find(&self, key: &Key) -> Result<usize, usize> {
        self.keys.binary_search_by(|known| known.order(key))
    }
}

/// A key of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A short text.
    Short(Short),
    /// A longer text.
    Long(Box<str>),
    /// An integer with a sign.
    Int(i64),
    /// An integer without one.
    UInt(u64),
}

impl Key {
    /// A key that is a text.
    pub fn text(text: &str) -> Key {
        Short::new(text).map_or_else(|| Key::Long(text.into()), Key::Short)
    }

    /// Texts by their bytes, integers as numbers. All keys of a map are of one kind.
    pub fn order(&self, other: &Key) -> Ordering {
        match (self, other) {
            (Key::Int(a), Key::Int(b)) => a.cmp(b),
            (Key::UInt(a), Key::UInt(b)) => a.cmp(b),
            _ => self.as_str().cmp(other.as_str()),
        }
    }

    /// The text; nothing of an integer.
    pub fn as_str(&self) -> &str {
        match self {
            Key::Short(text) => text.as_str(),
            Key::Long(text) => text,
            Key::Int(_) | Key::UInt(_) => "",
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::Int(number) => write!(f, "{number}"),
            Key::UInt(number) => write!(f, "{number}"),
            Key::Short(_) | Key::Long(_) => f.write_str(self.as_str()),
        }
    }
}

impl Node {
    /// A text.
    pub fn text(text: &str) -> Node {
        Short::new(text).map_or_else(|| Node::Long(text.into()), Node::Short)
    }

    /// The text, but of a uuid.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Node::Short(text) => Some(text.as_str()),
            Node::Long(text) => Some(text),
            _ => None,
        }
    }

    /// Field, element or value of an entry at a position.
    #[inline]
    pub fn child(&self, at: usize) -> Option<&Node> {
        match self {
            Node::Struct(fields) => fields.get(at),
            Node::List(elements) => elements.get(at),
            Node::Map(entries) => entries.values.get(at),
            _ => None,
        }
    }

    /// The same, to write.
    #[inline]
    pub fn child_mut(&mut self, at: usize) -> Option<&mut Node> {
        match self {
            Node::Struct(fields) => fields.get_mut(at),
            Node::List(elements) => elements.get_mut(at),
            Node::Map(entries) => entries.values.get_mut(at),
            _ => None,
        }
    }

    /// All that is in it, one level down.
    fn children(&self) -> &[Node] {
        match self {
            Node::Struct(fields) => fields,
            Node::List(elements) => elements,
            Node::Map(entries) => &entries.values,
            _ => &[],
        }
    }

    /// Elements, entries and fields in it, all levels down.
    pub fn entries(&self) -> u64 {
        let (mut count, mut open) = (0, vec![self]);
        while let Some(node) = open.pop() {
            count += node.children().len() as u64;
            open.extend(node.children().iter().filter(|child| !child.children().is_empty()));
        }
        count
    }
}

/// What a uuid holds: the bytes of its usual form, or any other text.
pub(super) fn uuid_bytes_or_text(node: &Node) -> Result<&[u8; 16], &str> {
    match node {
        Node::Uuid(bytes) => Ok(bytes),
        node => Err(node.as_text().unwrap_or_default()),
    }
}

/// The usual form of a uuid.
pub fn uuid_text(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_small() {
        assert_eq!(size_of::<Node>(), 24);
        assert_eq!(size_of::<Key>(), 24);
        assert_eq!(size_of::<Result<Node, crate::wire::Malformed>>(), 24);
    }

    #[test]
    fn texts_are_short_or_long() {
        for text in ["", "a", "fifteen bytes !", "sixteen bytes !!", "日本語日本語"] {
            assert_eq!(Node::text(text).as_text(), Some(text));
            assert_eq!(Key::text(text).to_string(), text);
        }
        assert!(matches!(Node::text("fifteen bytes !"), Node::Short(_)));
        assert_eq!(Key::text("b").order(&Key::text("a longer one than b")), Ordering::Greater);
    }

    #[test]
    fn uuids_have_their_usual_form() {
        let bytes = [0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x42, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0];
        assert_eq!(uuid_text(&bytes), "123e4567-e89b-42d3-a456-426614174000");
    }
}

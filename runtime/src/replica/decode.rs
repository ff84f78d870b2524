//! Values from bytes: docs/protocol.md, "Values" and "Full state".

use statewright_types::IntKind;

use super::node::{Entries, Key, Node, Short};
use super::plan::{KeyKind, Kind, Plan};
use super::spare::Spare;
use crate::wire::codes::limits;
use crate::wire::reader::{Malformed, QUIET_64, Reader, narrowed, widened};
use crate::wire::varint::unzigzag;

const OUT_OF_RANGE: &str = "an integer is out of range";

/// Quantised floats are below this many steps.
const STEPS: u64 = 1 << 53;

/// Bytes that are made of nothing but the values of a plan's kinds.
pub(super) struct Decoder<'a, 'b> {
    pub plan: &'a Plan,
    pub reader: Reader<'b>,
    pub spare: &'a mut Spare,
}

impl Decoder<'_, '_> {
    /// All roots, in the order of the plan; those that are not there are hidden.
    pub(super) fn full(&mut self) -> Result<Vec<Node>, Malformed> {
        let mut roots = vec![Node::Hidden; self.plan.roots.len()];
        let mut previous = 0;
        self.root(&mut roots, 0)?;
        for _ in 0..self.reader.count()? {
            let id = self.reader.id()?;
            let Some(at) = self.plan.other_root(id).filter(|_| id > previous) else {
                return Err(self.reader.fail(&"a root that does not exist, or out of order"));
            };
            previous = id;
            self.root(&mut roots, at)?;
        }
        self.reader.end()?;
        Ok(roots)
    }

    fn root(&mut self, roots: &mut [Node], at: usize) -> Result<(), Malformed> {
        if let (Some(place), Some(root)) = (roots.get_mut(at), self.plan.roots.get(at)) {
            *place = self.structure(root.ty, 0)?;
        }
        Ok(())
    }

    /// Appends a value of a kind. What is short and frequent is read in place, and written where it stays: a node that
    /// goes through a result on its way waits there for its halves.
    #[inline(always)]
    fn push(&mut self, nodes: &mut Vec<Node>, kind: Kind, depth: usize) -> Result<(), Malformed> {
        match kind {
            Kind::Int(IntKind::I32) => {
                let number = self.reader.signed()?;
                if i32::try_from(number).is_err() {
                    return Err(self.reader.fail(&OUT_OF_RANGE));
                }
                nodes.push(Node::Int(number));
            }
            Kind::Int(IntKind::I64) => nodes.push(Node::Int(self.reader.signed()?)),
            Kind::Float64 => nodes.push(Node::Float(self.reader.f64()?)),
            Kind::Text => match self.reader.short_text() {
                Some(bytes) => nodes.push(Node::Short(Short::of(bytes))),
                None => nodes.push(Node::text(self.reader.text()?)),
            },
            other => nodes.push(self.value(other, depth)?),
        }
        Ok(())
    }

    /// A value of a kind, `depth` levels below the root. As deep as the limit allows.
    #[inline(never)]
    pub(super) fn value(&mut self, kind: Kind, depth: usize) -> Result<Node, Malformed> {
        Ok(match kind {
            Kind::Bool => Node::Bool(self.reader.flag()?),
            Kind::Int(kind) => self.int(kind)?,
            Kind::Float32 => Node::Float(self.reader.f32()?),
            Kind::Float64 => Node::Float(self.reader.f64()?),
            Kind::Steps(_) => self.steps()?,
            Kind::Text => Node::text(self.reader.text()?),
            Kind::Bytes => Node::Bytes(self.reader.sized()?.into()),
            Kind::Uuid => self.uuid()?,
            Kind::Struct(ty) => self.structure(ty, depth)?,
            Kind::List(element) => Node::List(self.list(self.plan.kind(element), depth)?),
            Kind::Map(key, value) => Node::Map(Box::new(self.map(key, self.plan.kind(value), depth)?)),
            Kind::Nullable(of) => {
                if self.reader.flag()? {
                    self.value(self.plan.kind(of), depth)?
                } else {
                    Node::Null
                }
            }
        })
    }

    #[inline]
    fn int(&mut self, kind: IntKind) -> Result<Node, Malformed> {
        if kind == IntKind::U64 {
            return self.reader.varint().map(Node::UInt);
        }
        self.narrow(kind).map(Node::Int)
    }

    /// An integer of any kind but uint64.
    #[inline]
    fn narrow(&mut self, kind: IntKind) -> Result<i64, Malformed> {
        let number = match kind {
            IntKind::I8 => return Ok(i64::from(self.reader.byte()? as i8)),
            IntKind::U8 => return Ok(i64::from(self.reader.byte()?)),
            IntKind::I64 => return self.reader.signed(),
            IntKind::I16 | IntKind::I32 => self.reader.signed()?,
            IntKind::U16 | IntKind::U32 | IntKind::U64 => i64::try_from(self.reader.varint()?).unwrap_or(i64::MAX),
        };
        if wrapped(kind, number) == number { Ok(number) } else { Err(self.reader.fail(&OUT_OF_RANGE)) }
    }

    fn steps(&mut self) -> Result<Node, Malformed> {
        match self.reader.varint()?.checked_sub(1) {
            Some(folded) => self.checked_steps(unzigzag(folded)),
            None => self.reader.f64().map(Node::Float),
        }
    }

    fn checked_steps(&self, steps: i64) -> Result<Node, Malformed> {
        if steps.unsigned_abs() < STEPS {
            Ok(Node::Steps(steps))
        } else {
            Err(self.reader.fail(&"a quantised float has too many steps"))
        }
    }

    fn uuid(&mut self) -> Result<Node, Malformed> {
        match self.reader.byte()? {
            0 => Ok(Node::text("")),
            1 => Ok(Node::Uuid(self.reader.array()?)),
            2 => match self.reader.text()? {
                "" => Err(self.reader.fail(&"an empty uuid is the byte 0")),
                text if is_usual(text) => Err(self.reader.fail(&"a uuid in its usual form is 16 bytes")),
                text => Ok(Node::text(text)),
            },
            _ => Err(self.reader.fail(&"there is no such form of a uuid")),
        }
    }

    /// Whether one more level may be entered.
    #[inline]
    pub(super) fn level(&self, depth: usize) -> Result<(), Malformed> {
        if depth < limits::NESTING { Ok(()) } else { Err(self.reader.fail(&"it nests more than 64 deep")) }
    }

    /// A struct with its own absent fields.
    fn structure(&mut self, ty: u32, depth: usize) -> Result<Node, Malformed> {
        self.level(depth)?;
        let plan = self.plan;
        let fields = plan.fields(ty);
        self.reader.charge(fields.len() as u64)?;
        let absent = self.reader.bits(fields.len())?;
        let mut nodes = self.spare.take(fields.len());
        if absent.is_empty() {
            for field in fields {
                self.push(&mut nodes, field.kind, depth + 1)?;
            }
        } else {
            for (at, field) in fields.iter().enumerate() {
                if absent.has(at) {
                    nodes.push(Node::Hidden);
                } else {
                    self.push(&mut nodes, field.kind, depth + 1)?;
                }
            }
        }
        Ok(Node::Struct(nodes.into_boxed_slice()))
    }

    /// A list as a value.
    pub(super) fn list(&mut self, element: Kind, depth: usize) -> Result<Vec<Node>, Malformed> {
        self.level(depth)?;
        let count = self.reader.count()?;
        if let Kind::Struct(ty) = element {
            return self.structs(ty, count, depth);
        }
        // Every value has at least one byte, but the fields of hidden structs.
        if count > self.reader.left() {
            return Err(self.reader.fail(&"a list is longer than its message"));
        }
        let mut nodes = self.spare.take(count);
        match element {
            Kind::Int(IntKind::I32 | IntKind::I64) if let Some(small) = self.reader.small(count) => {
                nodes.extend(small.iter().map(|byte| Node::Int(unzigzag(u64::from(*byte)))));
            }
            element => {
                for _ in 0..count {
                    self.push(&mut nodes, element, depth + 1)?;
                }
            }
        }
        Ok(nodes)
    }

    /// Elements in runs that have the same fields absent.
    fn structs(&mut self, ty: u32, count: usize, depth: usize) -> Result<Vec<Node>, Malformed> {
        let plan = self.plan;
        let fields = plan.fields(ty);
        self.reader.charge(count as u64 * fields.len() as u64)?;
        if count > 0 {
            self.level(depth + 1)?;
        }
        let mut nodes = Vec::with_capacity(count.min(self.reader.left()));
        while nodes.len() < count {
            let run = self.reader.varint()?;
            if run == 0 || run > (count - nodes.len()) as u64 {
                return Err(self.reader.fail(&"a run of no elements, or of too many"));
            }
            let absent = self.reader.bits(fields.len())?;
            for _ in 0..run {
                let mut element = self.spare.take(fields.len());
                if absent.is_empty() {
                    for field in fields {
                        self.push(&mut element, field.kind, depth + 2)?;
                    }
                } else {
                    for (at, field) in fields.iter().enumerate() {
                        if absent.has(at) {
                            element.push(Node::Hidden);
                        } else {
                            self.push(&mut element, field.kind, depth + 2)?;
                        }
                    }
                }
                nodes.push(Node::Struct(element.into_boxed_slice()));
            }
        }
        Ok(nodes)
    }

    /// A map as a value.
    pub(super) fn map(&mut self, key: KeyKind, value: Kind, depth: usize) -> Result<Entries, Malformed> {
        self.level(depth)?;
        let count = self.reader.count()?;
        if count > self.reader.left() {
            return Err(self.reader.fail(&"a map is longer than its message"));
        }
        let mut entries = Entries { keys: Vec::with_capacity(count), values: Vec::with_capacity(count) };
        for _ in 0..count {
            let key = self.key(key)?;
            if entries.keys.last().is_some_and(|last| last.order(&key).is_ge()) {
                return Err(self.reader.fail(&"keys that do not ascend"));
            }
            entries.keys.push(key);
            entries.values.push(self.value(value, depth + 1)?);
        }
        Ok(entries)
    }

    /// A key of a map.
    pub(super) fn key(&mut self, kind: KeyKind) -> Result<Key, Malformed> {
        Ok(match kind {
            KeyKind::Text => Key::text(self.reader.text()?),
            KeyKind::Int(IntKind::U64) => Key::UInt(self.reader.varint()?),
            KeyKind::Int(kind) => Key::Int(self.narrow(kind)?),
        })
    }

    /// What `old` becomes by the difference that follows.
    #[inline]
    pub(super) fn difference(&mut self, kind: Kind, old: &Node) -> Result<Node, Malformed> {
        match (kind, old) {
            (Kind::Int(IntKind::I8 | IntKind::U8), _) => Err(self.reader.fail(&"a difference of an integer of 8 bits")),
            (Kind::Int(kind), Node::Int(old)) => Ok(Node::Int(wrapped(kind, old.wrapping_add(self.reader.signed()?)))),
            (Kind::Int(_), Node::UInt(old)) => Ok(Node::UInt(old.wrapping_add(self.reader.signed()? as u64))),
            (Kind::Float64, Node::Float(old)) => {
                let bits = old.to_bits() ^ self.reader.xor(8)?;
                let number = f64::from_bits(bits);
                if number.is_nan() && bits != QUIET_64 {
                    return Err(self.reader.fail(&"a NaN has a payload"));
                }
                Ok(Node::Float(number))
            }
            (Kind::Float32, Node::Float(old)) => {
                let bits = narrowed(*old) ^ self.reader.xor(4)? as u32;
                widened(bits).map(Node::Float).ok_or_else(|| self.reader.fail(&"a NaN has a payload"))
            }
            (Kind::Steps(_), Node::Steps(old)) => {
                let steps = old.wrapping_add(self.reader.signed()?);
                self.checked_steps(steps)
            }
            _ => Err(self.reader.fail(&"a difference of what is no number, hidden, or not quantised")),
        }
    }
}

/// An integer at a kind's width; uint64 is not kept so.
#[inline]
fn wrapped(kind: IntKind, number: i64) -> i64 {
    match kind {
        IntKind::I8 => i64::from(number as i8),
        IntKind::I16 => i64::from(number as i16),
        IntKind::I32 => i64::from(number as i32),
        IntKind::I64 | IntKind::U64 => number,
        IntKind::U8 => i64::from(number as u8),
        IntKind::U16 => i64::from(number as u16),
        IntKind::U32 => i64::from(number as u32),
    }
}

/// Whether a text is a uuid as 16 bytes would give it.
fn is_usual(text: &str) -> bool {
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

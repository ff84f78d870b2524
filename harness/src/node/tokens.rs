//! Reading what comes back: one flat array of numbers and texts, by types that both sides know.

use std::sync::Arc;

use statewright_runtime::state::State;
use statewright_types::json::{Kind, NodeId, Tree, base64_decode};
use statewright_types::{StructId, TrapCode, Type};

/// How deep places and values nest at most.
const DEPTH: usize = 256;

/// Why something could not be done.
pub enum Stop {
    /// The session says so: the handler stops with it.
    Trap(TrapCode, Option<Arc<str>>),
    /// It cannot be: the two sides disagree, or the process is broken.
    Fault(String),
}

impl From<TrapCode> for Stop {
    fn from(code: TrapCode) -> Stop {
        Stop::Trap(code, None)
    }
}

/// A fault.
pub fn fault(what: impl Into<String>) -> Stop {
    Stop::Fault(what.into())
}

/// What is left of a line.
pub struct Tokens<'t> {
    tree: &'t Tree,
    rest: std::slice::Iter<'t, NodeId>,
}

impl<'t> Tokens<'t> {
    /// All of it.
    pub fn new(tree: &'t Tree) -> Tokens<'t> {
        Tokens { tree, rest: tree.elements(tree.root()).iter() }
    }

    fn next(&mut self) -> Result<NodeId, Stop> {
        self.rest.next().copied().ok_or_else(|| fault("an answer of `node` ends too early"))
    }

    /// A text.
    pub fn text(&mut self) -> Result<Arc<str>, Stop> {
        let node = self.next()?;
        self.tree.str(node).cloned().ok_or_else(|| fault(format!("expected a text, not {}", self.tree.text(node))))
    }

    /// A text or null.
    pub fn maybe_text(&mut self) -> Result<Option<Arc<str>>, Stop> {
        let node = self.next()?;
        Ok(self.tree.str(node).cloned())
    }

    fn word(&self, node: NodeId) -> &'t str {
        match self.tree.str(node) {
            Some(text) => text,
            None => self.tree.text(node),
        }
    }

    /// An integer of any kind.
    pub fn number<N: std::str::FromStr>(&mut self) -> Result<N, Stop> {
        let node = self.next()?;
        let word = self.word(node);
        word.parse().map_err(|_| fault(format!("expected an integer, not {word}")))
    }

    /// A float.
    pub fn float(&mut self) -> Result<f64, Stop> {
        let node = self.next()?;
        let word = self.word(node);
        word.parse().map_err(|_| fault(format!("expected a float, not {word}")))
    }

    /// A flag.
    pub fn flag(&mut self) -> Result<bool, Stop> {
        Ok(self.number::<u8>()? != 0)
    }

    /// A reference to a record, with its type; 0 for one that is gone and never had a number.
    pub fn record(&mut self, state: &State, depth: usize) -> Result<(StructId, u64), Stop> {
        let ty = StructId(self.number()?);
        if depth > DEPTH {
            return Err(fault("a place nests too deep"));
        }
        let record = match &*self.text()? {
            "#" => self.number()?,
            "x" => 0,
            "r" => state.root(ty)?,
            "f" => {
                let (holder, record) = self.record(state, depth + 1)?;
                state.load(record, holder, self.number()?)?
            }
            "i" => {
                let (_, container) = self.container(state, depth + 1)?;
                state.list_get(container, self.number()?)?
            }
            other => return Err(fault(format!("`{other}` is no place of a record"))),
        };
        Ok((ty, record))
    }

    /// A live list or map, with its type.
    pub fn container(&mut self, state: &State, depth: usize) -> Result<(Type, u64), Stop> {
        if depth > DEPTH {
            return Err(fault("a place nests too deep"));
        }
        match &*self.text()? {
            "f" => {
                let (holder, record) = self.record(state, depth + 1)?;
                let field: u32 = self.number()?;
                let def = state.schema().types().get(holder.index()).and_then(|def| def.fields.get(field as usize));
                let ty = def.map(|def| def.ty.non_null().clone()).ok_or_else(|| fault("there is no such field"))?;
                Ok((ty, state.load(record, holder, field)?))
            }
            "i" => {
                let (outer, container) = self.container(state, depth + 1)?;
                let slot = state.list_get(container, self.number()?)?;
                match outer {
                    Type::List(element) | Type::Map(_, element) => Ok((element.non_null().clone(), slot)),
                    _ => Err(fault("only lists and maps have elements")),
                }
            }
            other => Err(fault(format!("`{other}` is no place of a list or map"))),
        }
    }

    /// A value of a type, as a slot.
    pub fn value(&mut self, ty: &Type, state: &mut State, depth: usize) -> Result<u64, Stop> {
        if depth > DEPTH {
            return Err(fault("a value nests too deep"));
        }
        if let Type::Nullable(inner) = ty {
            if self.rest.as_slice().first().is_some_and(|node| self.tree.kind(*node) == Kind::Null) {
                self.next()?;
                return Ok(0);
            }
            let slot = self.value(inner, state, depth)?;
            return Ok(state.some(ty, slot));
        }
        Ok(match ty {
            Type::Bool => u64::from(self.flag()?),
            Type::Int(statewright_types::IntKind::U64) => self.number()?,
            Type::Int(_) => self.number::<i64>()? as u64,
            Type::Float32 | Type::Float64 => self.float()?.to_bits(),
            Type::String | Type::Uuid => {
                let text = self.text()?;
                state.string(&text)
            }
            Type::Bytes => {
                let bytes = base64_decode(&self.text()?).ok_or_else(|| fault("expected base64"))?;
                state.bytes(&bytes)
            }
            Type::List(element) => match &*self.text()? {
                "c" => self.container(state, depth + 1)?.1,
                _ => {
                    let count: usize = self.number()?;
                    let mut slots = Vec::new();
                    for _ in 0..count {
                        slots.push(self.value(element, state, depth + 1)?);
                    }
                    state.list_new(ty, &slots)?
                }
            },
            Type::Map(key, value) => match &*self.text()? {
                "c" => self.container(state, depth + 1)?.1,
                _ => {
                    let count: usize = self.number()?;
                    let mut slots = Vec::new();
                    for _ in 0..count {
                        slots.push(self.value(key, state, depth + 1)?);
                        slots.push(self.value(value, state, depth + 1)?);
                    }
                    state.map_new(ty, &slots)?
                }
            },
            Type::Struct(id) => match &*self.text()? {
                "r" => self.record(state, depth + 1)?.1,
                _ => self.fields(*id, state, depth)?,
            },
            Type::Record(record) => {
                let mut slots = Vec::new();
                for (_, ty) in &record.fields {
                    slots.push(self.value(ty, state, depth + 1)?);
                }
                state.record_new(record, &slots)
            }
            Type::Nullable(_) => 0,
        })
    }

    fn fields(&mut self, id: StructId, state: &mut State, depth: usize) -> Result<u64, Stop> {
        let record = state.zero(&Type::Struct(id));
        let schema = state.schema().clone();
        let fields = schema.types().get(id.index()).map_or(&[][..], |def| &def.fields);
        for (at, field) in fields.iter().enumerate() {
            let slot = self.value(&field.ty, state, depth + 1)?;
            state.struct_init(record, id, at as u32, slot)?;
        }
        Ok(record)
    }
}

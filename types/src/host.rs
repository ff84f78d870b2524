//! Nodes that a host program adds to the language: what the checker, editors and pictures know of them. Their functions
//! are the host program's (`statewright_runtime::host`).

use std::collections::HashMap;
use std::sync::Arc;

use crate::schema::parse_type;
use crate::{Diagnostic, Span, StructId, TrapCode, Value, json};

mod read;

pub use read::read;

/// The code of what is wrong with a declaration.
pub const DECLARATION: &str = "E160";
/// Its title, for the reference.
pub const CODES: &[(&str, &str)] =
    &[(DECLARATION, "A node or an effect of the host program is not declared as it should be.")];

/// How many inputs or outputs a node may have.
pub const MOST_PORTS: usize = 32;

/// What a host node may stop with. Others become `custom`.
pub const HOST_TRAPS: &[TrapCode] = &[
    TrapCode::Custom,
    TrapCode::BadArgument,
    TrapCode::NotFound,
    TrapCode::IndexOutOfRange,
    TrapCode::OutOfRange,
    TrapCode::Overflow,
    TrapCode::DivideByZero,
    TrapCode::NullReference,
    TrapCode::StaleReference,
    TrapCode::DuplicateId,
    TrapCode::PermissionDenied,
    TrapCode::MemoryLimit,
];

/// A node of the host program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostNode {
    /// Its name in documents.
    pub name: String,
    /// Its group in palettes; one of the language's, such as `Math`, or any other.
    pub category: String,
    /// One sentence.
    pub summary: String,
    /// What else there is to know; may be empty.
    pub docs: String,
    /// Whether it runs in the flow only. A pure node computes its outputs from its inputs and does nothing else.
    pub executing: bool,
    /// In the order in which they are evaluated.
    pub inputs: Vec<HostInput>,
    /// Outputs.
    pub outputs: Vec<HostOutput>,
    /// Errors that it may stop with, of [`HOST_TRAPS`].
    pub errors: Vec<TrapCode>,
    /// Version (of the host program) that deprecated it.
    pub deprecated: Option<String>,
    /// What to use instead.
    pub replaced_by: Option<Replacement>,
}

/// An input of a host node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostInput {
    /// Its name.
    pub name: String,
    /// Its type, as schemas spell it: `int64`, `[]string`, `*Player`…
    pub ty: String,
    /// Whether it must be given.
    pub need: HostNeed,
    /// One sentence.
    pub docs: String,
}

/// Whether an input must be given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostNeed {
    /// Yes.
    Required,
    /// No; the function then gets the type's zero (null of a nullable type).
    Optional,
    /// No; this JSON scalar stands in.
    Default(String),
}

/// An output of a host node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostOutput {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: String,
    /// One sentence.
    pub docs: String,
}

/// The node that replaces a deprecated one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replacement {
    /// Its name.
    pub node: String,
    /// Ports, inputs or outputs, that have other names there: old and new.
    pub ports: Vec<(String, String)>,
}

impl HostNode {
    /// A node that computes its outputs from its inputs, wherever they are needed.
    pub fn pure(name: &str, summary: &str) -> HostNode {
        HostNode {
            name: name.to_owned(),
            category: "Host".to_owned(),
            summary: summary.to_owned(),
            docs: String::new(),
            executing: false,
            inputs: Vec::new(),
            outputs: Vec::new(),
            errors: Vec::new(),
            deprecated: None,
            replaced_by: None,
        }
    }

    /// A node that acts, when the flow reaches it.
    pub fn executing(name: &str, summary: &str) -> HostNode {
        HostNode { executing: true, ..HostNode::pure(name, summary) }
    }

    /// Puts it into a group.
    #[must_use]
    pub fn category(mut self, category: &str) -> HostNode {
        self.category = category.to_owned();
        self
    }

    /// Adds what else there is to know.
    #[must_use]
    pub fn docs(mut self, docs: &str) -> HostNode {
        self.docs = docs.to_owned();
        self
    }

    /// Adds an input that must be given.
    #[must_use]
    pub fn input(self, name: &str, ty: &str, docs: &str) -> HostNode {
        self.with_input(name, ty, HostNeed::Required, docs)
    }

    /// Adds an input that may be missing, and is then zero or null.
    #[must_use]
    pub fn optional(self, name: &str, ty: &str, docs: &str) -> HostNode {
        self.with_input(name, ty, HostNeed::Optional, docs)
    }

    /// Adds an input with a default, a scalar or null.
    #[must_use]
    pub fn default(self, name: &str, ty: &str, default: &Value, docs: &str) -> HostNode {
        self.with_input(name, ty, HostNeed::Default(json::to_string(default)), docs)
    }

    fn with_input(mut self, name: &str, ty: &str, need: HostNeed, docs: &str) -> HostNode {
        self.inputs.push(HostInput { name: name.to_owned(), ty: ty.to_owned(), need, docs: docs.to_owned() });
        self
    }

    /// Adds an output.
    #[must_use]
    pub fn output(mut self, name: &str, ty: &str, docs: &str) -> HostNode {
        self.outputs.push(HostOutput { name: name.to_owned(), ty: ty.to_owned(), docs: docs.to_owned() });
        self
    }

    /// Says that it may stop with an error.
    #[must_use]
    pub fn error(mut self, code: TrapCode) -> HostNode {
        self.errors.push(code);
        self
    }

    /// Deprecates it since a version of the host program.
    #[must_use]
    pub fn deprecated(mut self, since: &str) -> HostNode {
        self.deprecated = Some(since.to_owned());
        self
    }

    /// Names what to use instead, and the ports (old, new) that are called otherwise there.
    #[must_use]
    pub fn replaced_by(mut self, node: &str, ports: &[(&str, &str)]) -> HostNode {
        let ports = ports.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect();
        self.replaced_by = Some(Replacement { node: node.to_owned(), ports });
        self
    }

    /// What is wrong with the declaration by itself, if anything is.
    fn wrong(&self) -> Option<String> {
        if self.name.is_empty() {
            return Some("a node must have a name".into());
        }
        let within = |what: &str| format!("the node `{}` {what}", self.name);
        if self.inputs.len() > MOST_PORTS || self.outputs.len() > MOST_PORTS {
            return Some(within(&format!("has more than {MOST_PORTS} inputs or outputs")));
        }
        let inputs = self.inputs.iter().map(|port| (&port.name, &port.ty));
        let outputs = self.outputs.iter().map(|port| (&port.name, &port.ty));
        for ports in [inputs.collect::<Vec<_>>(), outputs.collect()] {
            for (index, (name, ty)) in ports.iter().enumerate() {
                if name.is_empty() || ports.iter().take(index).any(|(other, _)| other == name) {
                    return Some(within(&format!("has two ports named `{name}`, or one without a name")));
                }
                // Which structs there are is the schema's business.
                if let Err(message) = parse_type(ty, &|_| Some(StructId(0))) {
                    return Some(within(&format!("has a port `{name}` whose type is none: {message}")));
                }
            }
        }
        if let Some(port) =
            self.inputs.iter().find(|port| matches!(&port.need, HostNeed::Default(text) if !is_scalar(text)))
        {
            return Some(within(&format!("has a default for `{}` that is no JSON scalar", port.name)));
        }
        let forbidden = self.errors.iter().find(|code| !HOST_TRAPS.contains(code))?;
        Some(within(&format!("may not stop with `{forbidden}`")))
    }
}

fn is_scalar(text: &str) -> bool {
    json::parse(text).is_ok_and(|tree| !matches!(tree.kind(tree.root()), json::Kind::Array | json::Kind::Object))
}

/// The nodes that a host program declares.
#[derive(Clone, Debug, Default)]
pub struct HostDeclarations {
    nodes: Vec<Arc<HostNode>>,
    by_name: HashMap<String, usize>,
    effects: Vec<HostEffectSignature>,
}

/// What documents need to know of an effect of the host program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostEffectSignature {
    /// Its name.
    pub name: Arc<str>,
    /// Names and types of its parameters.
    pub params: Vec<(Arc<str>, String)>,
}

impl HostDeclarations {
    /// Adds a node.
    ///
    /// # Errors
    /// The name is taken, or the declaration is not sound.
    pub fn add(&mut self, node: HostNode) -> Result<(), Diagnostic> {
        self.add_at(node, Span::default())
    }

    fn add_at(&mut self, node: HostNode, span: Span) -> Result<(), Diagnostic> {
        let taken = self.by_name.contains_key(&node.name);
        let taken = taken.then(|| format!("there are two nodes `{}`", node.name));
        if let Some(message) = taken.or_else(|| node.wrong()) {
            return Err(Diagnostic::error(DECLARATION, span, message).help("see docs/host-nodes.md"));
        }
        self.by_name.insert(node.name.clone(), self.nodes.len());
        self.nodes.push(Arc::new(node));
        Ok(())
    }

    /// Adds an effect, that documents can put to use as their own.
    pub fn add_effect(&mut self, effect: HostEffectSignature) {
        self.effects.push(effect);
    }

    /// The effects, in the order in which they were added.
    pub fn effects(&self) -> &[HostEffectSignature] {
        &self.effects
    }

    /// All nodes, in the order in which they were added.
    pub fn nodes(&self) -> &[Arc<HostNode>] {
        &self.nodes
    }

    /// The node of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<HostNode>> {
        self.nodes.get(*self.by_name.get(name)?)
    }

    /// The nodes as JSON, for [`read()`].
    pub fn to_value(&self) -> Value {
        Value::map([("nodes", Value::List(self.nodes.iter().map(|node| node.to_value()).collect()))])
    }
}

impl HostNode {
    fn to_value(&self) -> Value {
        let text = |text: &str| Value::from(text);
        let inputs = self.inputs.iter().map(|port| {
            let mut entries = vec![("name", text(&port.name)), ("type", text(&port.ty)), ("docs", text(&port.docs))];
            match &port.need {
                HostNeed::Required => {}
                HostNeed::Optional => entries.push(("optional", Value::Bool(true))),
                HostNeed::Default(json) => {
                    let value = json::parse(json.as_str()).map_or(Value::Null, |tree| tree.value(tree.root()));
                    entries.push(("default", value));
                }
            }
            Value::map(entries)
        });
        let outputs = self
            .outputs
            .iter()
            .map(|port| Value::map([("name", text(&port.name)), ("type", text(&port.ty)), ("docs", text(&port.docs))]));
        let mut entries = vec![
            ("name", text(&self.name)),
            ("category", text(&self.category)),
            ("summary", text(&self.summary)),
            ("docs", text(&self.docs)),
            ("kind", text(if self.executing { "executing" } else { "pure" })),
            ("inputs", Value::List(inputs.collect())),
            ("outputs", Value::List(outputs.collect())),
            ("errors", Value::List(self.errors.iter().map(|code| text(code.code())).collect())),
        ];
        entries.extend(self.deprecated.as_ref().map(|since| ("deprecated", text(since))));
        if let Some(Replacement { node, ports }) = &self.replaced_by {
            let ports = Value::map(ports.iter().map(|(old, new)| (old.as_str(), text(new))));
            entries.push(("replaced_by", Value::map([("node", text(node)), ("ports", ports)])));
        }
        Value::map(entries)
    }
}

#[cfg(test)]
mod tests;

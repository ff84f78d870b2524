//! References as documents write them, looked up in a run that is held up: what they name now, and where a value can
//! be written.

use std::sync::Arc;

use statewright_graph::document::reference::{Index, KeyValue};
use statewright_graph::document::{Head, Path, Reference, Scheme, Step};
use statewright_runtime::context::Context;
use statewright_runtime::state::State;
use statewright_types::{Schema, StructId, TrapCode, Type, Value, json, suggest};

use super::outline::Outline;
use super::stack::Frame;

/// How deep references may stand in brackets of references.
const DEPTH: usize = 8;

/// A function of the run, and the state as it is.
pub struct Scope<'a> {
    /// What is known of the document.
    pub outline: &'a Outline,
    /// The function; none before the run and between handlers.
    pub frame: Option<&'a Frame>,
    /// The state, in a transaction.
    pub state: &'a mut State,
}

/// A value with its type, in the running transaction.
#[derive(Clone, Debug)]
pub struct Found {
    /// As declared.
    pub ty: Type,
    /// The value.
    pub slot: u64,
    /// Where it stands in the state, or in a struct; none if nowhere.
    pub place: Option<Place>,
    /// By which field the elements of this list are told apart.
    key: Option<Arc<str>>,
    /// The reference up to here.
    shown: String,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A field of a record.
    Field(u64, StructId, u32),
    /// An element of a list.
    Element(u64, i64),
    /// An entry of a map, by its key.
    Entry(u64, u64),
}

type Lookup<T> = Result<T, String>;

impl Scope<'_> {
    fn schema(&self) -> Arc<Schema> {
        self.state.schema().clone()
    }

    /// What `path`, as in a `path` input, leads to.
    pub fn path(&mut self, text: &str) -> Lookup<Found> {
        let path = Path::parse(text).map_err(|error| format!("{}; {}", error.message, error.help))?;
        self.state_path(&path.head, &path.steps, 0)
    }

    /// What `reference` names.
    pub fn reference(&mut self, reference: &Reference) -> Lookup<Found> {
        self.reference_at(reference, 0)
    }

    fn reference_at(&mut self, reference: &Reference, depth: usize) -> Lookup<Found> {
        if depth > DEPTH {
            return Err("references nest too deep in brackets".to_owned());
        }
        if let (Scheme::State | Scheme::Base, Head::Name(head)) = (reference.scheme, &reference.head) {
            return self.state_path(head, &reference.steps, depth);
        }
        let mut found = match self.named(reference)? {
            Some(name) => self.seen(&name)?,
            None => self.bare(reference)?,
        };
        for step in &reference.steps {
            found = self.follow(found, step, depth)?;
        }
        Ok(found)
    }

    /// The name under which a function has what a reference names, before its steps; `None` for a bare name.
    pub fn named(&self, reference: &Reference) -> Lookup<Option<String>> {
        Ok(Some(match (reference.scheme, &reference.head) {
            (Scheme::Param, Head::Name(name)) => format!("param:{name}"),
            (Scheme::Variable, Head::Name(name)) => format!("variable:{name}"),
            (Scheme::Node, Head::Output { node, output }) => {
                let graph = self.frame.map_or("", |frame| &frame.graph);
                format!("node:{node}:{}", self.outline.port(graph, node, output))
            }
            (Scheme::Loop, Head::Loop { node: Some(node), what }) => format!("loop:{node}:{what}"),
            (Scheme::Loop, Head::Loop { node: None, what }) => {
                let loops =
                    self.frame.into_iter().flat_map(|frame| frame.open.iter().rev().map(move |open| (frame, open)));
                let name = |(frame, open): (&Frame, &super::stack::Open)| {
                    let name = format!("loop:{}:{what}", open.node);
                    (open.in_body && frame.seen.contains_key(&*name)).then_some(name)
                };
                loops.into_iter().find_map(name).ok_or_else(|| format!("no loop around this node has `{what}`"))?
            }
            (Scheme::Bare, Head::Name(_)) => return Ok(None),
            _ => return Err(format!("`{}` cannot be looked up here", reference.text)),
        }))
    }

    /// A bare name: parameter, then variable, then alias.
    fn bare(&mut self, reference: &Reference) -> Lookup<Found> {
        let Head::Name(name) = &reference.head else { return Err(format!("`{}` is no name", reference.text)) };
        self.own(name)?.ok_or_else(|| format!("there is no parameter, variable or alias `{name}` here"))
    }

    fn own(&mut self, name: &str) -> Lookup<Option<Found>> {
        let Some(frame) = self.frame else { return Ok(None) };
        let alias = self.outline.alias(&frame.graph, name).map(|(node, port)| format!("node:{node}:{port}"));
        let names = [Some(format!("param:{name}")), Some(format!("variable:{name}")), alias];
        match names.into_iter().flatten().find(|name| frame.seen.contains_key(&**name)) {
            Some(name) => self.seen(&name).map(Some),
            None => Ok(None),
        }
    }

    fn seen(&mut self, name: &str) -> Lookup<Found> {
        let Some(frame) = self.frame else { return Err(format!("`{name}`: no handler is running")) };
        if let Some(("loop", rest)) = name.split_once(':')
            && !rest.rsplit_once(':').is_some_and(|(node, _)| frame.is_inside(node))
        {
            return Err(format!("`{name}` is known in that loop only"));
        }
        let Some(seen) = frame.seen.get(name) else {
            let help = suggest::help(name, frame.seen.keys().map(|name| &**name));
            return Err(format!("`{name}` has no value here so far; {help}"));
        };
        let slot = seen.slot(self.state);
        Ok(Found { ty: seen.ty.clone(), slot, place: None, key: None, shown: name.to_owned() })
    }

    fn state_path(&mut self, head: &Arc<str>, steps: &[Step], depth: usize) -> Lookup<Found> {
        let (schema, main_root) = (self.schema(), self.state.main_root());
        let root = schema.by_name(head).filter(|id| *id == main_root || schema.roots().contains(id));
        let mut found = match root {
            Some(ty) => {
                let slot = self.state.root(ty).map_err(|_| format!("the root `{head}` is not active"))?;
                Found { ty: Type::Struct(ty), slot, place: None, key: None, shown: head.to_string() }
            }
            None if schema.get(main_root).field(head).is_some() => {
                let slot = self.state.root(main_root).map_err(|trap| trap.message().to_owned())?;
                let top = Found { ty: Type::Struct(main_root), slot, place: None, key: None, shown: String::new() };
                self.field(top, main_root, head)?
            }
            None => self.own(head)?.ok_or_else(|| {
                let fields = schema.get(main_root).fields.iter().map(|field| &*field.name);
                format!("the state has no `{head}`; {}", suggest::help(head, fields))
            })?,
        };
        for step in steps {
            found = self.follow(found, step, depth)?;
        }
        Ok(found)
    }

    fn follow(&mut self, found: Found, step: &Step, depth: usize) -> Lookup<Found> {
        let found = self.non_null(found)?;
        match (found.ty.clone(), step) {
            (Type::Struct(id), Step::Field(name)) => self.field(found, id, name),
            (Type::Record(record), Step::Field(name)) => match record.index(name) {
                Some(index) => {
                    let slot = self.state.record_get(found.slot, index as u32);
                    let ty = record.fields.get(index).map_or(Type::Bool, |(_, ty)| ty.clone());
                    Ok(Found { ty, slot, place: None, key: None, shown: format!("{}.{name}", found.shown) })
                }
                None => Err(format!("`{}` has no field `{name}`", found.shown)),
            },
            (ty, Step::Field(name)) if &**name == "length" => {
                let length = match ty {
                    Type::List(_) => self.state.list_len(found.slot),
                    Type::Map(..) => self.state.map_len(found.slot),
                    _ => return Err(format!("`{}` has no length", found.shown)),
                };
                Ok(Found { ty: Type::INT, slot: length, place: None, key: None, shown: found.shown + ".length" })
            }
            (_, Step::Field(name)) => Err(format!("`{}` has no fields, so `.{name}` leads nowhere", found.shown)),
            (_, Step::Index(index)) => self.index(found, index, depth),
        }
    }

    fn non_null(&mut self, found: Found) -> Lookup<Found> {
        if !matches!(found.ty, Type::Nullable(_)) {
            return Ok(found);
        }
        let slot = self.state.unwrap(&found.ty, found.slot).map_err(|_| format!("`{}` is null", found.shown))?;
        Ok(Found { ty: found.ty.non_null().clone(), slot, ..found })
    }

    fn field(&mut self, found: Found, id: StructId, name: &str) -> Lookup<Found> {
        let schema = self.schema();
        let def = schema.get(id);
        let Some((at, field)) = def.field(name).and_then(|at| Some((at as u32, def.fields.get(at)?))) else {
            let help = suggest::help(name, def.fields.iter().map(|field| &*field.name));
            return Err(format!("`{}` has no field `{name}`; {help}", def.name));
        };
        let slot = self.state.load(found.slot, id, at).map_err(|trap| trapped(&found.shown, trap))?;
        let dot = if found.shown.is_empty() { "" } else { "." };
        let (place, key) = (Some(Place::Field(found.slot, id, at)), field.key.clone());
        Ok(Found { ty: field.ty.clone(), slot, place, key, shown: format!("{}{dot}{name}", found.shown) })
    }

    fn index(&mut self, found: Found, index: &Index, depth: usize) -> Lookup<Found> {
        // What stands in the brackets, and the field of the elements that it is compared with.
        let (wanted, field) = match index {
            Index::Int(index) => (Value::Int(*index), None),
            Index::Text(text) => (Value::Str(text.clone()), None),
            Index::Reference(reference) => (self.key(reference, depth)?, None),
            Index::Key { value: KeyValue::Text(text), field } => (Value::Str(text.clone()), Some(field.clone())),
            Index::Key { value: KeyValue::Int(number), field } => (Value::Int(*number), Some(field.clone())),
            Index::Key { value: KeyValue::Reference(reference), field } => {
                (self.key(reference, depth)?, Some(field.clone()))
            }
        };
        let shown = format!("{}[{}]", found.shown, json::to_string(&wanted));
        match (&found.ty, &wanted) {
            (Type::List(element), _) => {
                let at = match (&wanted, &field) {
                    (Value::Int(index), None) => *index,
                    _ => self.position(&found, element, &wanted, field.or_else(|| found.key.clone()))?,
                };
                let slot = self.state.list_get(found.slot, at).map_err(|trap| trapped(&shown, trap))?;
                let place = Some(Place::Element(found.slot, at));
                Ok(Found { ty: (**element).clone(), slot, place, key: None, shown })
            }
            (Type::Map(key, value), _) => {
                let key =
                    self.state.import(key, &text_key(key, &wanted)).map_err(|error| format!("`{shown}`: {error}"))?;
                let at = self.state.map_find(found.slot, key);
                let slot = self.state.map_value_at(found.slot, at).map_err(|_| format!("there is no `{shown}`"))?;
                Ok(Found { ty: (**value).clone(), slot, place: Some(Place::Entry(found.slot, key)), key: None, shown })
            }
            (Type::String | Type::Uuid, Value::Int(index)) => {
                let text = statewright_types::scalar::text_at(self.state.str(found.slot), *index);
                let text = text.map_err(|trap| trapped(&shown, trap))?.to_owned();
                let slot = self.state.string(&text);
                Ok(Found { ty: Type::String, slot, place: None, key: None, shown })
            }
            _ => Err(format!("`{}` takes no brackets", found.shown)),
        }
    }

    fn key(&mut self, reference: &Reference, depth: usize) -> Lookup<Value> {
        let found = self.reference_at(reference, depth + 1)?;
        self.state.export(&found.ty, found.slot).map_err(|trap| trapped(&found.shown, trap))
    }

    /// Position of the first element whose field equals `wanted`.
    fn position(&mut self, list: &Found, element: &Type, wanted: &Value, field: Option<Arc<str>>) -> Lookup<i64> {
        let (Type::Struct(id), Some(field)) = (element.non_null(), field) else {
            return Err(format!("`{}` has no key; name the field: `[{wanted}:FIELD]`, or give an index", list.shown));
        };
        let schema = self.schema();
        let def = schema.get(*id);
        let Some((at, field)) = def.field(&field).and_then(|at| Some((at as u32, def.fields.get(at)?))) else {
            return Err(format!("`{}` has no field `{field}`", def.name));
        };
        let miss = || format!("`{}` has no element whose `{}` is {wanted}", list.shown, field.name);
        let key = self.state.import(&field.ty, wanted).map_err(|_| miss())?;
        match self.state.list_find_key(list.slot, *id, at, key) {
            Ok(-1) | Err(_) => Err(miss()),
            Ok(position) => Ok(position),
        }
    }
}

/// Writes `value`, of the type that is declared there, to where `found` stands in the base.
pub fn write(cx: &mut Context<'_>, found: &Found, value: &Value) -> Lookup<()> {
    let Some(place) = found.place else {
        return Err(format!("`{}` is no place in the state: name a field, an element or an entry", found.shown));
    };
    let slot = cx.state.import(&found.ty, value).map_err(|error| error.to_string())?;
    let written = match place {
        Place::Field(record, ty, field) => cx.store(record, ty, field, slot),
        Place::Element(list, index) => cx.list_set(list, index, slot),
        Place::Entry(map, key) => cx.map_put(map, key, slot),
    };
    written.map_err(|trap| trapped(&found.shown, trap))
}

/// A map's key as the text that it is imported from.
fn text_key(key: &Type, value: &Value) -> Value {
    match (key, value) {
        (Type::String | Type::Uuid, Value::Int(number)) => Value::from(number.to_string()),
        _ => value.clone(),
    }
}

fn trapped(shown: &str, trap: TrapCode) -> String {
    format!("`{shown}`: {}", trap.message())
}

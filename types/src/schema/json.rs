//! The schema JSON, both ways. Schemas may stand inside other JSON files: see [`from_tree`].

use std::sync::Arc;

use super::check::MAX_FINDINGS;
use super::raw::{Name, RawDefault, RawField, RawSchema, RawType, RawView};
use super::text::{audience_name, writer};
use super::{Audience, FieldDef, Initial, Role, Schema, StructDef, Writer, codes};
use crate::diagnostic::has_errors;
use crate::json::{self, Entry, Kind, NodeId, Tree};
use crate::{Diagnostic, Span, Value, suggest};

/// What an id is, for messages.
const IDS: &str = "a number from 1 to 65535";

/// Reads schema JSON. The schema is there unless a finding is an error.
pub fn parse(text: &str) -> (Option<Schema>, Vec<Diagnostic>) {
    match json::parse(text) {
        Ok(tree) => from_tree(&tree, tree.root()),
        Err(problem) => (None, vec![problem]),
    }
}

/// Reads the schema that stands at `node` of some JSON.
pub fn from_tree(tree: &Tree, node: NodeId) -> (Option<Schema>, Vec<Diagnostic>) {
    let mut reader = Reader { tree, diagnostics: Vec::new() };
    let raw = reader.schema(node);
    let mut diagnostics = reader.diagnostics;
    if has_errors(&diagnostics) && raw.types.is_empty() {
        // That there is no type would only repeat it.
        return (None, diagnostics);
    }
    let (schema, findings) = Schema::build(&raw);
    diagnostics.extend(findings);
    diagnostics.sort_by_key(|finding| finding.span);
    (schema.filter(|_| !has_errors(&diagnostics)), diagnostics)
}

/// Reads objects key by key, and reports what has the wrong shape.
pub(crate) struct Reader<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn wrong(&mut self, node: NodeId, key: &str, wanted: &str) {
        if self.diagnostics.len() < MAX_FINDINGS {
            let kind = self.tree.kind(node).noun();
            let finding = Diagnostic::error(codes::BAD_SHAPE, self.tree.span(node), format!("`{key}` is {kind}"));
            self.diagnostics.push(finding.help(format!("make it {wanted}")));
        }
    }

    pub(crate) fn unknown(&mut self, entry: &Entry, known: &[&str]) {
        if self.diagnostics.len() < MAX_FINDINGS && !entry.key.starts_with('_') {
            let message = format!("the key `{}` has no effect", entry.key);
            let finding = Diagnostic::warning(codes::IGNORED, entry.key_span, message);
            self.diagnostics.push(finding.help(suggest::help(&entry.key, known.iter().copied())));
        }
    }

    /// The entries of an object; none, and a report, if it is no object.
    pub(crate) fn object(&mut self, node: NodeId, key: &str) -> &'a [Entry] {
        if self.tree.kind(node) != Kind::Object {
            self.wrong(node, key, "an object");
        }
        self.tree.entries(node)
    }

    pub(crate) fn array(&mut self, node: NodeId, key: &str) -> &'a [NodeId] {
        // The original tool writes null for an empty list.
        if !matches!(self.tree.kind(node), Kind::Array | Kind::Null) {
            self.wrong(node, key, "an array");
        }
        self.tree.elements(node)
    }

    /// What stands for a name that is not given: the builder reports it there.
    pub(crate) fn no_name(&self, node: NodeId) -> Name {
        Name::new("", self.tree.span(node))
    }

    pub(crate) fn name(&mut self, entry: &Entry) -> Name {
        self.text(entry.value, &entry.key)
    }

    fn text(&mut self, node: NodeId, key: &str) -> Name {
        match self.tree.str(node) {
            Some(text) => Name::new(text.clone(), self.tree.span(node)),
            None => {
                self.wrong(node, key, "a string");
                Name::new("", self.tree.span(node))
            }
        }
    }

    /// A text that may be left empty or null.
    pub(crate) fn optional_name(&mut self, entry: &Entry) -> Option<Name> {
        if self.tree.kind(entry.value) == Kind::Null {
            return None;
        }
        Some(self.name(entry)).filter(|name| !name.text.is_empty())
    }

    pub(crate) fn flag(&mut self, entry: &Entry) -> bool {
        match self.tree.kind(entry.value) {
            Kind::Bool(value) => value,
            Kind::Null => false,
            _ => {
                self.wrong(entry.value, &entry.key, "true or false");
                false
            }
        }
    }

    fn names(&mut self, entry: &Entry) -> Vec<Name> {
        // One name may stand without brackets.
        if let (Kind::String, "was") = (self.tree.kind(entry.value), &*entry.key) {
            return self.optional_name(entry).into_iter().collect();
        }
        let elements = self.array(entry.value, &entry.key);
        elements.iter().map(|element| self.text(*element, &entry.key)).collect()
    }

    fn whole(&mut self, entry: &Entry, wanted: &str) -> Option<(i64, Span)> {
        match self.tree.value(entry.value) {
            Value::Int(number) => Some((number, self.tree.span(entry.value))),
            _ => {
                self.wrong(entry.value, &entry.key, wanted);
                None
            }
        }
    }

    fn schema(&mut self, node: NodeId) -> RawSchema {
        let mut schema = RawSchema { span: self.tree.span(node), ..RawSchema::default() };
        for entry in self.object(node, "schema") {
            match &*entry.key {
                "package" => schema.package = self.name(entry).text,
                "version" => schema.version = self.whole(entry, "a number from 1 to 4294967295"),
                "types" => {
                    let types = self.array(entry.value, "types");
                    schema.types = types.iter().map(|ty| self.ty(*ty)).collect();
                }
                "views" => {
                    let views = self.array(entry.value, "views");
                    schema.views = views.iter().map(|view| self.view(*view)).collect();
                }
                _ => self.unknown(entry, &["package", "version", "types", "views"]),
            }
        }
        schema
    }

    fn view(&mut self, node: NodeId) -> RawView {
        let mut view = RawView { name: self.no_name(node), ..RawView::default() };
        for entry in self.object(node, "view") {
            match &*entry.key {
                "name" => view.name = self.name(entry),
                "includes" => view.includes = self.names(entry),
                _ => self.unknown(entry, &["name", "includes"]),
            }
        }
        view
    }

    fn ty(&mut self, node: NodeId) -> RawType {
        const KEYS: &[&str] = &["name", "id", "role", "defaultState", "ownerField", "was", "fields", "docs"];
        let mut ty = RawType { name: self.no_name(node), ..RawType::default() };
        let (mut root, mut active) = (false, false);
        for entry in self.object(node, "type") {
            match &*entry.key {
                "name" => ty.name = self.name(entry),
                "id" => ty.id = self.whole(entry, IDS),
                "role" => root = self.choice(entry, "helper", "root"),
                "defaultState" => active = self.choice(entry, "inactive", "active"),
                "ownerField" => ty.owner = self.optional_name(entry),
                "was" => ty.was = self.names(entry),
                "fields" => {
                    let fields = self.array(entry.value, "fields");
                    ty.fields = fields.iter().map(|field| self.field(*field)).collect();
                }
                "docs" => ty.docs = self.name(entry).text.to_string(),
                _ => self.unknown(entry, KEYS),
            }
        }
        ty.role = match (root, active) {
            (false, _) => Role::Helper,
            (true, false) => Role::InactiveRoot,
            (true, true) => Role::ActiveRoot,
        };
        ty
    }

    /// Whether a text is the second of two; empty is the first.
    fn choice(&mut self, entry: &Entry, first: &str, second: &str) -> bool {
        match self.optional_name(entry) {
            None => false,
            Some(name) if &*name.text == first => false,
            Some(name) if &*name.text == second => true,
            Some(name) => {
                self.wrong(entry.value, &entry.key, &format!("\"{first}\" or \"{second}\", not \"{}\"", name.text));
                false
            }
        }
    }

    fn field(&mut self, node: NodeId) -> RawField {
        const KEYS: &[&str] = &[
            "name",
            "id",
            "type",
            "key",
            "optional",
            "autoGen",
            "views",
            "write",
            "noSync",
            "team",
            "quantize",
            "was",
            "syncIndex",
            "defaultSource",
            "defaultValue",
            "docs",
        ];
        let (name, ty) = (self.no_name(node), self.no_name(node));
        let mut field = RawField { name, ty, default_span: self.tree.span(node), ..RawField::default() };
        let mut auto = false;
        for entry in self.object(node, "field") {
            match &*entry.key {
                "name" => field.name = self.name(entry),
                "id" => field.id = self.whole(entry, IDS),
                "quantize" => match self.tree.value(entry.value) {
                    Value::Float(step) => field.step = Some((step, self.tree.span(entry.value))),
                    Value::Int(step) => field.step = Some((step as f64, self.tree.span(entry.value))),
                    Value::UInt(step) => field.step = Some((step as f64, self.tree.span(entry.value))),
                    Value::Null => {}
                    _ => self.wrong(entry.value, "quantize", "a number above 0"),
                },
                "was" => field.was = self.names(entry),
                "type" => field.ty = self.name(entry),
                "key" => field.key = self.optional_name(entry),
                "optional" => field.optional = self.flag(entry),
                "autoGen" => auto = self.auto(entry),
                "views" => field.views = self.names(entry),
                "write" => {
                    let name = self.optional_name(entry);
                    match name.as_ref().map(|name| writer(&name.text)) {
                        None => {}
                        Some(Some(writer)) => field.writer = writer,
                        Some(None) => self.wrong(entry.value, "write", "\"server\", \"owner\" or \"all\""),
                    }
                }
                "noSync" => field.no_sync = self.flag(entry),
                "team" => field.team = self.flag(entry),
                "docs" => field.docs = self.name(entry).text.to_string(),
                "syncIndex" | "defaultSource" | "defaultValue" => {}
                _ => self.unknown(entry, KEYS),
            }
        }
        self.default(node, &mut field);
        if auto {
            if field.default != RawDefault::Zero {
                let finding = "a field has either a default or `autoGen`";
                let finding = Diagnostic::error(codes::BAD_ANNOTATION, field.default_span, finding);
                self.diagnostics.push(finding.help("remove one of them"));
            }
            field.default = RawDefault::AutoUuid;
        }
        field
    }

    fn auto(&mut self, entry: &Entry) -> bool {
        if self.tree.kind(entry.value) == Kind::Bool(true) {
            return true;
        }
        match self.tree.str(entry.value).map(|text| &**text) {
            Some("uuid") => true,
            Some("") => false,
            _ if matches!(self.tree.kind(entry.value), Kind::Null | Kind::Bool(false)) => false,
            _ => {
                self.wrong(entry.value, "autoGen", "\"uuid\"");
                false
            }
        }
    }

    /// `defaultValue` is text that the field's type reads, or any other JSON; without it a literal is the empty text.
    fn default(&mut self, node: NodeId, field: &mut RawField) {
        let source = self.tree.get(node, "defaultSource");
        let value = self.tree.get(node, "defaultValue");
        if let Some(node) = value.or(source) {
            field.default_span = self.tree.span(node);
        }
        let text = value.and_then(|value| self.tree.str(value));
        field.default = match source.and_then(|source| self.tree.str(source)).map(|source| &**source) {
            Some("config") => match text {
                Some(text) => RawDefault::Config(text.strip_prefix("config:").unwrap_or(text).into()),
                None => {
                    self.wrong(value.or(source).unwrap_or(node), "defaultValue", "the config path, \"GROUP.FIELD\"");
                    RawDefault::Zero
                }
            },
            Some("literal" | "") | None => match (value, text) {
                // "null" is text here: JSON has a null of its own.
                (_, Some(text)) if is_nullable_text(&field.ty.text) => RawDefault::Value(Value::Str(text.clone())),
                (_, Some(text)) => RawDefault::Text(text.clone()),
                (Some(value), None) => RawDefault::Value(self.tree.value(value)),
                (None, None) if source.is_some_and(|source| self.tree.str(source).is_some_and(|s| !s.is_empty())) => {
                    RawDefault::Text("".into())
                }
                (None, None) => RawDefault::Zero,
            },
            Some(_) => {
                self.wrong(source.unwrap_or(node), "defaultSource", "\"literal\" or \"config\"");
                RawDefault::Zero
            }
        };
    }
}

fn is_nullable_text(ty: &str) -> bool {
    let inner = ty.trim().strip_prefix('*').map(|inner| inner.trim_start_matches(['*', ' ']));
    matches!(inner, Some("string" | "uuid" | "bytes" | "[]byte"))
}

/// The schema as JSON, complete: reading it gives the same schema.
pub fn to_json(schema: &Schema) -> String {
    let types = schema.types().iter().map(|def| type_value(schema, def)).collect();
    let views = schema.views().iter().map(|view| {
        let includes = view.includes.iter().map(|name| Value::Str(name.clone())).collect();
        Value::map([("name", Value::Str(view.name.clone())), ("includes", Value::List(includes))])
    });
    let mut entries = vec![("package", Value::str(schema.package()))];
    if schema.version() != 1 {
        entries.push(("version", Value::Int(i64::from(schema.version()))));
    }
    entries.push(("types", Value::List(types)));
    if !schema.views().is_empty() {
        entries.push(("views", Value::List(views.collect())));
    }
    json::to_pretty(&Value::map(entries)) + "\n"
}

fn type_value(schema: &Schema, def: &StructDef) -> Value {
    let mut entries = vec![("name", Value::Str(def.name.clone())), ("id", Value::Int(i64::from(def.id)))];
    match def.role {
        Role::Helper => entries.push(("role", "helper".into())),
        Role::ActiveRoot => entries.extend([("role", "root".into()), ("defaultState", "active".into())]),
        Role::InactiveRoot => entries.extend([("role", "root".into()), ("defaultState", "inactive".into())]),
    }
    if let Some(owner) = &def.owner_field {
        entries.push(("ownerField", Value::Str(owner.clone())));
    }
    entries.extend(was_entry(&def.was));
    if !def.docs.is_empty() {
        entries.push(("docs", Value::str(&*def.docs)));
    }
    let numbered = def.has_ids();
    let fields = def.fields.iter().map(|field| field_value(schema, field, numbered)).collect();
    entries.push(("fields", Value::List(fields)));
    Value::map(entries)
}

fn was_entry(was: &[Arc<str>]) -> Option<(&'static str, Value)> {
    let names = was.iter().map(|name| Value::Str(name.clone())).collect();
    (!was.is_empty()).then_some(("was", Value::List(names)))
}

fn field_value(schema: &Schema, field: &FieldDef, numbered: bool) -> Value {
    let ty = schema.show(&field.ty).to_string();
    let mut entries = vec![("name", Value::Str(field.name.clone()))];
    if numbered {
        entries.push(("id", Value::Int(i64::from(field.id))));
    }
    entries.push(("type", Value::str(ty)));
    if let Some(key) = &field.key {
        entries.push(("key", Value::Str(key.clone())));
    }
    match &field.default {
        Initial::Zero => {}
        Initial::Literal(value) => {
            entries.extend([("defaultSource", "literal".into()), ("defaultValue", value.clone())])
        }
        Initial::Config(path) => {
            entries.extend([("defaultSource", "config".into()), ("defaultValue", Value::Str(path.clone()))]);
        }
        Initial::AutoUuid => entries.push(("autoGen", "uuid".into())),
    }
    if field.audience == [Audience::Nobody] {
        entries.push(("noSync", true.into()));
    } else if !field.audience.is_empty() {
        let views = field.audience.iter().map(|audience| Value::str(audience_name(audience))).collect();
        entries.push(("views", Value::List(views)));
    }
    match field.writer {
        Writer::Anyone => {}
        Writer::Owner => entries.push(("write", "owner".into())),
        Writer::Server => entries.push(("write", "server".into())),
    }
    if let Some(step) = field.step {
        entries.push(("quantize", Value::Float(step)));
    }
    entries.extend(was_entry(&field.was));
    let flags = [("team", field.team), ("optional", field.optional)];
    entries.extend(flags.into_iter().filter(|(_, set)| *set).map(|(key, _)| (key, true.into())));
    if !field.docs.is_empty() {
        entries.push(("docs", Value::str(&*field.docs)));
    }
    Value::map(entries)
}

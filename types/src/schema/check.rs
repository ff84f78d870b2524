//! From what somebody wrote to a [`Schema`]: names resolve, ids are unique, keys and owners exist, defaults fit.

use std::sync::Arc;

use super::raw::{Name, RawDefault, RawField, RawSchema, RawType};
use super::{Audience, FieldDef, Initial, Schema, SchemaSpans, StructDef, StructId, TypeSpans, ViewDef};
use super::{codes, containment, default, hash, ids, parse_type, renames};
use crate::diagnostic::has_errors;
use crate::hashing::{HashMap, HashSet};
use crate::layout::RecordLayout;
use crate::number::float_text;
use crate::{Diagnostic, Help, Span, Type, suggest};

/// How many types a schema may have: their ids are 16 bits.
pub const MAX_TYPES: usize = 65_535;
/// How many fields a type may have.
pub const MAX_FIELDS: usize = 1_024;
/// How many bytes a name may have.
pub const MAX_NAME_BYTES: usize = 255;
/// How many findings a reader collects before it stops.
pub(crate) const MAX_FINDINGS: usize = 1_000;

/// Names that a type cannot have, besides those of the scalar types.
const RESERVED_TYPES: &[&str] = &["any", "byte", "false", "flow", "map", "null", "number", "true"];
/// Views that need no declaration.
const BUILT_IN_VIEWS: &[&str] = &["admin", "all", "none", "owner", "team"];

impl Schema {
    /// Checks `raw` and computes layouts and hash. `None` if there is an error among the findings.
    pub fn build(raw: &RawSchema) -> (Option<Schema>, Vec<Diagnostic>) {
        let mut builder = Builder::default();
        let version = builder.version(raw);
        let (types, views) = builder.build(raw);
        let Builder { findings: Findings(diagnostics), by_name, .. } = builder;
        if has_errors(&diagnostics) {
            return (None, diagnostics);
        }
        let spans = SchemaSpans {
            types: raw.types.iter().map(type_spans).collect(),
            views: raw.views.iter().map(|view| view.name.span).collect(),
        };
        let layouts = types.iter().map(RecordLayout::of).collect();
        let hash = hash::of(&types, &views);
        let package = raw.package.clone();
        let schema = Schema { package, version, types, views, by_name, layouts, hash, spans };
        (Some(schema), diagnostics)
    }
}

fn type_spans(raw: &RawType) -> TypeSpans {
    TypeSpans { name: raw.name.span, fields: raw.fields.iter().map(|field| field.name.span).collect() }
}

/// Whether `text` may name something: a letter or `_`, then letters, digits and `_`.
pub fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || character == '_')
        && text.len() <= MAX_NAME_BYTES
}

/// What was found wrong so far.
#[derive(Default)]
pub(super) struct Findings(Vec<Diagnostic>);

impl Findings {
    /// Warnings leave room for errors.
    pub(super) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<Help>) {
        if self.0.len() < 2 * MAX_FINDINGS {
            self.0.push(Diagnostic::error(code, span, message).help(help));
        }
    }

    pub(super) fn warning(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<Help>,
    ) {
        if self.0.len() < MAX_FINDINGS {
            self.0.push(Diagnostic::warning(code, span, message).help(help));
        }
    }
}

#[derive(Default)]
struct Builder {
    findings: Findings,
    by_name: HashMap<Arc<str>, StructId>,
    /// Declared and built in.
    views: HashSet<Arc<str>>,
    /// In order, for suggestions: scalar types, then declared ones.
    type_names: Vec<Arc<str>>,
    /// In order, for suggestions.
    view_names: Vec<Arc<str>>,
}

impl Builder {
    fn version(&mut self, raw: &RawSchema) -> u32 {
        let Some((version, span)) = raw.version else { return 1 };
        u32::try_from(version).ok().filter(|version| *version > 0).unwrap_or_else(|| {
            let message = format!("the version {version} is not from 1 to {}", u32::MAX);
            self.error(codes::BAD_VERSION, span, message, "count versions from 1");
            1
        })
    }

    fn build(&mut self, raw: &RawSchema) -> (Vec<StructDef>, Vec<ViewDef>) {
        if raw.types.is_empty() {
            let help = "declare at least one, such as `@root(active) type GameState { Round int32 }`";
            self.error(codes::EMPTY, raw.span, "the schema declares no type", help);
        }
        if raw.types.len() > MAX_TYPES {
            let message = format!("the schema has {} types, more than the {MAX_TYPES} allowed", raw.types.len());
            self.error(codes::TOO_MUCH, raw.span, message, "split it");
            return (Vec::new(), Vec::new());
        }
        if !raw.package.chars().all(|character| character.is_alphanumeric() || "_.-".contains(character)) {
            let message = format!("`{}` is no name for a package", raw.package);
            self.error(codes::BAD_NAME, raw.span, message, "use letters, digits, `_`, `.` and `-`");
        }
        self.type_names(raw);
        let views = self.view_defs(raw);
        let mut types: Vec<StructDef> = raw.types.iter().map(|ty| self.struct_def(ty)).collect();
        ids::assign(raw, &mut types, &mut self.findings);
        renames::check(raw, &types, &mut self.findings);
        self.keys_and_owners(raw, &types);
        self.defaults(raw, &mut types);
        if !has_errors(&self.findings.0) {
            containment::check(&types, raw, &mut self.findings.0);
        }
        (types, views)
    }

    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<Help>) {
        self.findings.error(code, span, message, help);
    }

    fn warning(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<Help>) {
        self.findings.warning(code, span, message, help);
    }

    /// Reports a name that cannot be one. `what` is "type", "field" or "view".
    fn name(&mut self, what: &str, name: &Name) {
        if name.text.is_empty() {
            self.error(codes::BAD_NAME, name.span, format!("a {what} has no name"), "give it one");
        } else if !is_name(&name.text) {
            let message = format!("`{}` is no name for a {what}", name.text);
            let help = "use letters, digits and `_`, not beginning with a digit, at most 255 bytes";
            self.error(codes::BAD_NAME, name.span, message, help);
        }
    }

    fn type_names(&mut self, raw: &RawSchema) {
        let declared = raw.types.iter().map(|ty| ty.name.text.clone());
        self.type_names = SCALARS.iter().map(|name| Arc::from(*name)).chain(declared).collect();
        for (ty, position) in raw.types.iter().zip(0..) {
            self.name("type", &ty.name);
            let text = &*ty.name.text;
            if Type::scalar_by_name(text).is_some() || RESERVED_TYPES.contains(&text) {
                let message = format!("a type cannot be called `{text}`: the name is reserved");
                self.error(codes::BAD_NAME, ty.name.span, message, "choose another name");
            }
            if self.by_name.contains_key(text) {
                let message = format!("there are two types called `{text}`");
                self.error(codes::DUPLICATE_NAME, ty.name.span, message, "rename one of them");
            } else if !text.is_empty() {
                self.by_name.insert(ty.name.text.clone(), StructId(position));
            }
        }
    }

    fn view_defs(&mut self, raw: &RawSchema) -> Vec<ViewDef> {
        let declared = raw.views.iter().map(|view| view.name.text.clone());
        self.view_names = BUILT_IN_VIEWS.iter().map(|view| Arc::from(*view)).chain(declared).collect();
        self.views = self.view_names.iter().cloned().collect();
        let mut declared = HashMap::default();
        for (position, view) in raw.views.iter().enumerate() {
            self.name("view", &view.name);
            let text = &view.name.text;
            if &**text == "none" {
                let message = "the view `none` means nobody and cannot be declared";
                self.error(codes::BAD_NAME, view.name.span, message, "remove it");
            }
            if declared.insert(text.clone(), position).is_some() {
                let message = format!("there are two views called `{text}`");
                self.error(codes::DUPLICATE_NAME, view.name.span, message, "join them");
            }
        }
        for view in &raw.views {
            view.includes.iter().for_each(|name| self.view_name(name));
        }
        self.view_cycles(raw, &declared);
        raw.views.iter().map(|view| ViewDef { name: view.name.text.clone(), includes: texts(&view.includes) }).collect()
    }

    /// Takes away, again and again, views that include only what was taken away. What is left includes itself, or
    /// includes such a view.
    fn view_cycles(&mut self, raw: &RawSchema, declared: &HashMap<Arc<str>, usize>) {
        let mut open = vec![0_usize; raw.views.len()];
        let mut included_by: Vec<Vec<usize>> = vec![Vec::new(); raw.views.len()];
        for (position, view) in raw.views.iter().enumerate() {
            for included in view.includes.iter().filter_map(|name| declared.get(&name.text)) {
                open[position] += 1;
                included_by[*included].push(position);
            }
        }
        let mut ready: Vec<usize> = (0..open.len()).filter(|position| open[*position] == 0).collect();
        while let Some(position) = ready.pop() {
            for includer in &included_by[position] {
                open[*includer] -= 1;
                if open[*includer] == 0 {
                    ready.push(*includer);
                }
            }
        }
        for (view, _) in raw.views.iter().zip(open).filter(|(_, open)| *open > 0) {
            let message = format!("the view `{}` includes itself, or one that does", view.name.text);
            self.error(codes::VIEW_CYCLE, view.name.span, message, "remove an `includes` of the circle");
        }
    }

    /// Reports what cannot be a view, and warns about one that nobody declared.
    fn view_name(&mut self, name: &Name) {
        if !is_name(&name.text) {
            self.name("view", name);
        } else if !self.views.contains(&name.text) {
            let near = suggest::closest(&name.text, self.view_names.iter().map(|view| &**view));
            let declare = format!("declare it with `view {} {{}}`, or define it in the document", name.text);
            let help = near.map_or_else(
                || Help::from(&declare),
                |near| Help::from(format!("did you mean `{near}`? Otherwise {declare}")).and_spell(&name.text, near),
            );
            self.warning(codes::UNKNOWN_VIEW, name.span, format!("no view is called `{}`", name.text), help);
        }
    }

    fn struct_def(&mut self, raw: &RawType) -> StructDef {
        if raw.fields.len() > MAX_FIELDS {
            let message =
                format!("`{}` has {} fields, more than the {MAX_FIELDS} allowed", raw.name.text, raw.fields.len());
            self.error(codes::TOO_MUCH, raw.name.span, message, "move some of them into a type of their own");
        }
        let mut names = HashSet::default();
        let mut fields = Vec::with_capacity(raw.fields.len());
        for field in raw.fields.iter().take(MAX_FIELDS) {
            self.name("field", &field.name);
            if !names.insert(field.name.text.clone()) {
                let message = format!("`{}` has two fields called `{}`", raw.name.text, field.name.text);
                self.error(codes::DUPLICATE_NAME, field.name.span, message, "rename one of them");
            }
            fields.push(self.field_def(field));
        }
        StructDef {
            name: raw.name.text.clone(),
            id: 0,
            role: raw.role,
            owner_field: raw.owner.as_ref().map(|owner| owner.text.clone()),
            was: texts(&raw.was),
            fields,
            docs: tidy_docs(&raw.docs),
        }
    }

    fn field_def(&mut self, raw: &RawField) -> FieldDef {
        let by_name = &self.by_name;
        let ty = match parse_type(&raw.ty.text, &|name| by_name.get(name).copied()) {
            Ok(ty) => ty,
            Err(message) => {
                self.unknown_type(raw, message);
                Type::Bool
            }
        };
        FieldDef {
            name: raw.name.text.clone(),
            // Given by `ids::assign`.
            id: 0,
            key: raw.key.as_ref().map(|key| key.text.clone()),
            audience: self.audience(raw),
            writer: raw.writer,
            step: self.step(raw, &ty),
            ty,
            was: texts(&raw.was),
            default: Initial::Zero,
            optional: raw.optional,
            team: raw.team,
            docs: tidy_docs(&raw.docs),
        }
    }

    fn step(&mut self, raw: &RawField, ty: &Type) -> Option<f64> {
        let (step, span) = raw.step?;
        let help = "give a step above 0, such as `@quantize(0.01)`, to a field of type float32 or float64";
        if !ty.is_float() {
            let message = format!("`{}` is no float, and only those are quantised", raw.name.text);
            self.error(codes::BAD_STEP, span, message, help);
        } else if !(step.is_finite() && step > 0.0) {
            let message = format!("the step {} of `{}` is no positive number", float_text(step), raw.name.text);
            self.error(codes::BAD_STEP, span, message, help);
        }
        Some(step)
    }

    fn unknown_type(&mut self, raw: &RawField, message: String) {
        if raw.ty.text.is_empty() {
            let message = format!("the field `{}` has no type", raw.name.text);
            self.error(codes::UNKNOWN_TYPE, raw.ty.span, message, "give it one, such as int32");
            return;
        }
        let innermost = raw.ty.text.rsplit([']', '*']).next().unwrap_or_default().trim();
        let names = || self.type_names.iter().map(|name| &**name);
        let known = names().any(|name| name == innermost);
        let near = if known { None } else { suggest::type_name(innermost, names()) };
        let help = near.unwrap_or_else(|| {
            "a type is bool, int32, float64, string, uuid, bytes, []T, map[K]V, *T, or one you declare".into()
        });
        self.error(codes::UNKNOWN_TYPE, raw.ty.span, message, help);
    }

    fn audience(&mut self, raw: &RawField) -> Vec<Audience> {
        let mut audience = Vec::new();
        let (mut everybody, mut nobody) = (false, raw.no_sync);
        for name in &raw.views {
            let one = match &*name.text {
                "all" => {
                    everybody = true;
                    continue;
                }
                "none" => {
                    nobody = true;
                    continue;
                }
                "owner" => Audience::Owner,
                "team" => Audience::Team,
                "admin" => Audience::Admin,
                _ => {
                    self.view_name(name);
                    Audience::Named(name.text.clone())
                }
            };
            if audience.contains(&one) {
                let message = format!("the view `{}` stands twice", name.text);
                self.warning(codes::NO_EFFECT, name.span, message, "remove one of them");
            } else {
                audience.push(one);
            }
        }
        let span = raw.views.first().map_or(raw.name.span, |view| view.span);
        if nobody && (everybody || !audience.is_empty()) {
            let message = "the field is hidden from everybody, so its other views have no effect";
            self.warning(codes::NO_EFFECT, span, message, "remove `none` or `@noSync`, or the other views");
        } else if everybody && !audience.is_empty() {
            self.warning(
                codes::NO_EFFECT,
                span,
                "`all` lets everybody see it, so the other views have no effect",
                "remove them or `all`",
            );
        }
        if nobody {
            vec![Audience::Nobody]
        } else if everybody {
            Vec::new()
        } else {
            audience
        }
    }

    fn keys_and_owners(&mut self, raw: &RawSchema, types: &[StructDef]) {
        for (raw, def) in raw.types.iter().zip(types) {
            if let Some(owner) = &raw.owner {
                self.owner(owner, def);
            }
            let mut team: Option<&str> = None;
            for (raw, field) in raw.fields.iter().zip(&def.fields) {
                if let Some(key) = &raw.key {
                    self.key(key, field, types);
                }
                if raw.team {
                    if let Some(other) = team.replace(&field.name) {
                        let message = format!("`{}` has two `@team` fields, `{other}` and `{}`", def.name, field.name);
                        self.error(codes::BAD_ANNOTATION, raw.name.span, message, "keep one of them");
                    }
                    if !field.ty.is_map_key() {
                        let message = format!("`@team` field `{}` is neither text nor an integer", field.name);
                        self.error(codes::BAD_ANNOTATION, raw.ty.span, message, "use string, uuid or an integer type");
                    }
                }
            }
        }
    }

    fn owner(&mut self, owner: &Name, def: &StructDef) {
        match def.field(&owner.text).and_then(|position| def.fields.get(position)) {
            None => {
                let help = suggest::help(&owner.text, def.fields.iter().map(|field| &*field.name));
                let message = format!("`{}` has no field `{}` to own it", def.name, owner.text);
                self.error(codes::BAD_OWNER, owner.span, message, help);
            }
            Some(field) if !field.ty.is_text() => {
                let message = format!("the owner field `{}` is not text, and player ids are", owner.text);
                self.error(codes::BAD_OWNER, owner.span, message, "use a field of type string or uuid");
            }
            Some(_) => {}
        }
    }

    fn key(&mut self, key: &Name, field: &FieldDef, types: &[StructDef]) {
        let element = match &field.ty {
            Type::List(element) | Type::Map(_, element) => element.non_null(),
            other => other,
        };
        let (Type::Struct(id), Type::List(_) | Type::Map(..)) = (element, &field.ty) else {
            let message = format!("`@key` on `{}`, which is no list or map of structs", field.name);
            self.error(codes::BAD_KEY, key.span, message, "remove it, or make the field a list of a type you declare");
            return;
        };
        let Some(def) = types.get(id.index()) else { return };
        match def.field(&key.text).and_then(|position| def.fields.get(position)) {
            None => {
                let help = suggest::help(&key.text, def.fields.iter().map(|field| &*field.name));
                let message = format!("`{}` has no field `{}` to be the key of `{}`", def.name, key.text, field.name);
                self.error(codes::BAD_KEY, key.span, message, help);
            }
            Some(key_field) if !key_field.ty.is_map_key() => {
                let message = format!("the key field `{}.{}` is neither text nor an integer", def.name, key.text);
                self.error(codes::BAD_KEY, key.span, message, "use a field of type string, uuid or an integer type");
            }
            Some(_) => {}
        }
    }

    fn defaults(&mut self, raw: &RawSchema, types: &mut [StructDef]) {
        // Found first and set then: a default may be a struct of any type.
        let mut found = Vec::new();
        for (position, (raw, def)) in raw.types.iter().zip(types.iter()).enumerate() {
            for (index, (raw, field)) in raw.fields.iter().zip(&def.fields).enumerate() {
                match initial(raw, field, types) {
                    Ok(Initial::Zero) => {}
                    Ok(initial) => found.push((position, index, initial)),
                    Err(problem) => {
                        let message = format!("the default of `{}.{}` does not fit: {problem}", def.name, field.name);
                        let named = crate::schema::show_with(types, &field.ty);
                        let help = format!("give a value of type {named}");
                        self.error(codes::BAD_DEFAULT, raw.default_span, message, help);
                    }
                }
            }
        }
        for (position, index, initial) in found {
            if let Some(field) = types.get_mut(position).and_then(|def| def.fields.get_mut(index)) {
                field.default = initial;
            }
        }
    }
}

const SCALARS: &[&str] = &[
    "bool", "bytes", "float32", "float64", "int", "int8", "int16", "int32", "int64", "string", "uint8", "uint16",
    "uint32", "uint64", "uuid",
];

fn initial(raw: &RawField, field: &FieldDef, types: &[StructDef]) -> Result<Initial, String> {
    match &raw.default {
        RawDefault::Zero => Ok(Initial::Zero),
        RawDefault::AutoUuid if field.ty == Type::Uuid => Ok(Initial::AutoUuid),
        RawDefault::AutoUuid => Err("`@auto` makes uuids, and the field is none".to_owned()),
        RawDefault::Config(path) => {
            let simple = field.ty == Type::Bool || field.ty.is_number() || field.ty.is_text();
            let parts: Vec<&str> = path.split('.').collect();
            if !simple {
                Err("configuration holds bools, numbers and text only".to_owned())
            } else if parts.len() != 2 || !parts.iter().all(|part| is_name(part)) {
                Err(format!("`config:{path}` is not `config:GROUP.FIELD`"))
            } else {
                Ok(Initial::Config(path.clone()))
            }
        }
        RawDefault::Text(text) => default::from_text(text, &field.ty, types).map(Initial::Literal),
        RawDefault::Value(value) => default::fit(value, &field.ty, types).map(Initial::Literal),
    }
}

fn texts(names: &[Name]) -> Vec<Arc<str>> {
    names.iter().map(|name| name.text.clone()).collect()
}

/// Without blank lines around it and spaces at line ends, so that every spelling of a schema keeps docs alike.
fn tidy_docs(docs: &str) -> String {
    docs.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}

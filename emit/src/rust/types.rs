//! Constants of an emitted module: types, struct types, fields.

use std::collections::BTreeMap;

use statewright_graph::ir::Module;
use statewright_types::{IntKind, StructId, Type};

use super::expr::string;
use super::width;
use crate::names::{Names, Spelling};

/// What constants the functions use, by what they stand for.
pub(super) struct Constants<'a> {
    module: &'a Module,
    names: Names,
    types: Vec<(Type, String)>,
    by_type: std::collections::HashMap<Type, usize>,
    structs: BTreeMap<StructId, String>,
    fields: BTreeMap<(StructId, u32), String>,
    texts: BTreeMap<String, usize>,
}

const SPELLING: Spelling<'static> = Spelling { reserved: &[], is_snake: true };

impl<'a> Constants<'a> {
    pub fn new(module: &'a Module) -> Constants<'a> {
        let mut names = Names::empty();
        for taken in ["FUNCTIONS", "DOCUMENT", "DOCUMENT_HASH", "SCHEMA", "CONFIG"] {
            names.free(taken);
        }
        Constants {
            module,
            names,
            types: Vec::new(),
            by_type: std::collections::HashMap::new(),
            structs: BTreeMap::new(),
            fields: BTreeMap::new(),
            texts: BTreeMap::new(),
        }
    }

    /// The constant that is a struct type's number.
    pub fn structure(&mut self, id: StructId) -> String {
        if let Some(name) = self.structs.get(&id) {
            return name.clone();
        }
        let name = self.names.free(&self.struct_name(id));
        self.structs.insert(id, name.clone());
        name
    }

    fn struct_name(&self, id: StructId) -> String {
        let def = self.module.schema.types().get(id.index());
        SPELLING.name(def.map_or("struct", |def| &def.name)).to_ascii_uppercase()
    }

    /// The constant that is a field's place.
    pub fn field(&mut self, id: StructId, field: u32) -> String {
        if let Some(name) = self.fields.get(&(id, field)) {
            return name.clone();
        }
        let def = self.module.schema.types().get(id.index()).and_then(|def| def.fields.get(field as usize));
        let field_name = SPELLING.name(def.map_or("field", |def| &def.name)).to_ascii_uppercase();
        let name = self.names.free(&format!("{}_{field_name}", self.struct_name(id)));
        self.fields.insert((id, field), name.clone());
        name
    }

    /// The constant that is a type.
    pub fn ty(&mut self, ty: &Type) -> String {
        if let Some((_, name)) = self.by_type.get(ty).and_then(|at| self.types.get(*at)) {
            return name.clone();
        }
        let mut short = type_name(self, ty, 0);
        short.truncate(40);
        let name = self.names.free(&format!("T_{short}"));
        self.by_type.insert(ty.clone(), self.types.len());
        self.types.push((ty.clone(), name.clone()));
        name
    }

    /// The number of a text constant.
    pub fn text(&mut self, text: &str) -> usize {
        let next = self.texts.len();
        *self.texts.entry(text.to_owned()).or_insert(next)
    }

    /// The lines that define them all.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, name) in &self.structs {
            lines.push(format!("const {name}: StructId = StructId({});", id.0));
        }
        for ((id, field), name) in &self.fields {
            let slot = self.module.schema.layout(*id).fields.get(*field as usize).copied();
            let (offset, repr) = slot.map_or((0, "U64".to_owned()), |slot| (slot.offset, format!("{:?}", slot.repr)));
            let place = format!("FieldPlace::at(StructId({}), {field}, {offset}, Repr::{repr})", id.0);
            lines.push(format!("const {name}: FieldPlace = {place};"));
        }
        for (ty, name) in &self.types {
            let made = type_expr(ty);
            let head = format!("static {name}: LazyLock<Type> =");
            if width::fits(0, &[&head, " LazyLock::new(|| ", &made, ");"]) {
                lines.push(format!("{head} LazyLock::new(|| {made});"));
            } else if width::fits(4, &["LazyLock::new(|| ", &made, ");"]) {
                lines.extend([head, format!("    LazyLock::new(|| {made});")]);
            } else {
                lines.extend([format!("{head} LazyLock::new(|| {{"), format!("    {made}"), "});".to_owned()]);
            }
        }
        lines
    }
}

/// Types nest only as deep as the verifier lets them.
fn type_name(constants: &Constants<'_>, ty: &Type, depth: usize) -> String {
    let inner = |ty: &Type| if depth < 3 { type_name(constants, ty, depth + 1) } else { "ANY".to_owned() };
    match ty {
        Type::Bool => "BOOL".into(),
        Type::Int(kind) => format!("{kind:?}"),
        Type::Float32 => "F32".into(),
        Type::Float64 => "F64".into(),
        Type::String => "STRING".into(),
        Type::Bytes => "BYTES".into(),
        Type::Uuid => "UUID".into(),
        Type::List(element) => format!("LIST_OF_{}", inner(element)),
        Type::Map(key, value) => format!("MAP_OF_{}_TO_{}", inner(key), inner(value)),
        Type::Nullable(of) => format!("MAYBE_{}", inner(of)),
        Type::Struct(id) => constants.struct_name(*id),
        Type::Record(_) => "RECORD".into(),
    }
}

/// A type as an expression. Types nest only as deep as the verifier lets them.
pub(super) fn type_expr(ty: &Type) -> String {
    match ty {
        Type::Bool => "Type::Bool".into(),
        Type::Int(IntKind::I64) => "Type::INT".into(),
        Type::Int(kind) => format!("Type::Int(IntKind::{kind:?})"),
        Type::Float32 => "Type::Float32".into(),
        Type::Float64 => "Type::Float64".into(),
        Type::String => "Type::String".into(),
        Type::Bytes => "Type::Bytes".into(),
        Type::Uuid => "Type::Uuid".into(),
        Type::List(element) => format!("Type::list({})", type_expr(element)),
        Type::Map(key, value) => format!("Type::map({}, {})", type_expr(key), type_expr(value)),
        Type::Nullable(of) => format!("Type::nullable({})", type_expr(of)),
        Type::Struct(id) => format!("Type::Struct(StructId({}))", id.0),
        Type::Record(record) => {
            format!("Type::Record(Arc::new(RecordType {{ fields: {} }}))", fields(&record.fields))
        }
    }
}

/// Names with types, as an expression.
pub(super) fn fields(fields: &[(std::sync::Arc<str>, Type)]) -> String {
    let fields = fields.iter().map(|(name, ty)| format!("({}.into(), {})", string(name), type_expr(ty)));
    format!("vec![{}]", fields.collect::<Vec<_>>().join(", "))
}

/// The Rust type that values of a type are held in.
pub(super) fn held(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::Int(IntKind::U64) => "u64",
        Type::Int(_) => "i64",
        Type::Float32 | Type::Float64 => "f64",
        _ => "Slot",
    }
}

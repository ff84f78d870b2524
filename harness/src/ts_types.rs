//! A schema as TypeScript declarations: what `statewright schema --target ts` prints. docs/schema.md says how types are told.

use std::collections::HashSet;
use std::fmt::Write;

use statewright_types::schema::{Audience, FieldDef};
use statewright_types::{IntKind, Schema, StructId, Type};

/// What a client has of the state, type by type; and all of it, as `View`.
pub fn print(schema: &Schema) -> String {
    let names = type_names(schema);
    let name_of = |id: StructId| names.get(id.index()).map_or("", String::as_str);
    let mut out = String::from("// Made by `statewright schema --target ts`.\n");
    let hash: String = schema.hash().iter().map(|byte| format!("{byte:02x}")).collect();
    let _ = writeln!(out, "// Schema hash {hash}.");
    for (def, name) in schema.types().iter().zip(&names) {
        out.push('\n');
        docs(&def.docs, "", &mut out);
        let _ = writeln!(out, "export interface {name} {{");
        for field in def.fields.iter().filter(|field| !field.audience.contains(&Audience::Nobody)) {
            docs(&about(field), "  ", &mut out);
            let absent = if field.audience.is_empty() && !field.optional { "" } else { "?" };
            let _ = writeln!(out, "  readonly {}{absent}: {};", field.name, ts_type(&field.ty, &names));
        }
        out.push_str("}\n");
    }
    if let Some(main) = schema.main_root(None) {
        let view = apart("View", &names);
        out.push_str("\n/** All that a client sees; other roots while they are there. */\n");
        let _ = writeln!(out, "export interface {view} extends {} {{", name_of(main));
        let is_free = |id: &StructId| *id != main && schema.get(main).field(&schema.get(*id).name).is_none();
        for id in schema.roots().into_iter().filter(is_free) {
            let _ = writeln!(out, "  readonly {}?: {};", schema.get(id).name, name_of(id));
        }
        out.push_str("}\n");
    }
    out
}

/// Its comment, and what its type does not tell.
fn about(field: &FieldDef) -> String {
    let audience = field.audience.iter().map(|each| match each {
        Audience::Nobody => "nobody",
        Audience::Owner => "its owner",
        Audience::Team => "its team",
        Audience::Admin => "admins",
        Audience::Named(name) => name,
    });
    let audience: Vec<&str> = audience.collect();
    let mut lines: Vec<String> = field.docs.lines().map(str::to_owned).collect();
    if !audience.is_empty() {
        lines.push(format!("There for: {}.", audience.join(", ")));
    }
    if let Some(step) = field.step {
        lines.push(format!("In steps of {}.", statewright_types::number::float_text(step)));
    }
    lines.join("\n")
}

fn docs(docs: &str, indent: &str, out: &mut String) {
    // The end of a comment within one would end it.
    let docs = docs.replace("*/", "* /");
    let lines: Vec<&str> = docs.lines().map(str::trim_end).collect();
    match lines.as_slice() {
        [] => {}
        [line] => _ = writeln!(out, "{indent}/** {line} */"),
        lines => {
            let _ = writeln!(out, "{indent}/**");
            for line in lines {
                let _ = writeln!(out, "{}", format!("{indent} * {line}").trim_end());
            }
            let _ = writeln!(out, "{indent} */");
        }
    }
}

/// Words that name no interface: keywords, types of the language, and what the declarations are made of.
const TAKEN: &[&str] = &[
    "ReadonlyMap",
    "Uint8Array",
    "any",
    "as",
    "async",
    "await",
    "bigint",
    "boolean",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "never",
    "new",
    "null",
    "number",
    "object",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "string",
    "super",
    "switch",
    "symbol",
    "this",
    "throw",
    "true",
    "try",
    "type",
    "typeof",
    "undefined",
    "unknown",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// The interfaces' names: those of the types, unless TypeScript is in the way.
fn type_names(schema: &Schema) -> Vec<String> {
    let mut taken: HashSet<String> = schema.types().iter().map(|def| def.name.to_string()).collect();
    let mut names = Vec::new();
    for def in schema.types() {
        let mut name = def.name.to_string();
        while TAKEN.contains(&&*name) || (name != *def.name && taken.contains(&name)) {
            name.push_str("Type");
        }
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

/// A name that is none of `names`.
fn apart(name: &str, names: &[String]) -> String {
    let mut name = name.to_owned();
    while names.contains(&name) {
        name.push_str("Type");
    }
    name
}

/// At most 17 levels deep: that is what a type's text allows.
fn ts_type(ty: &Type, names: &[String]) -> String {
    match ty {
        Type::Bool => "boolean".to_owned(),
        Type::Int(IntKind::I64 | IntKind::U64) => "bigint".to_owned(),
        Type::Int(_) | Type::Float32 | Type::Float64 => "number".to_owned(),
        Type::String | Type::Uuid => "string".to_owned(),
        Type::Bytes => "Uint8Array".to_owned(),
        Type::List(element) if matches!(**element, Type::Nullable(_) | Type::List(_)) => {
            format!("readonly ({})[]", ts_type(element, names))
        }
        Type::List(element) => format!("readonly {}[]", ts_type(element, names)),
        Type::Map(key, value) => format!("ReadonlyMap<{}, {}>", ts_type(key, names), ts_type(value, names)),
        Type::Nullable(inner) => format!("{} | null", ts_type(inner, names)),
        Type::Struct(id) => names.get(id.index()).cloned().unwrap_or_default(),
        // No field of a schema has one.
        Type::Record(_) => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use statewright_types::schema;

    fn printed(text: &str) -> String {
        let (schema, diagnostics) = schema::parse(text);
        let schema = schema.unwrap_or_else(|| panic!("{diagnostics:?}"));
        let printed = super::print(&schema);
        let (head, body) = printed.split_once("\n\n").expect("a head");
        assert!(head.starts_with("// Made by `statewright schema --target ts`.\n// Schema hash "), "{head}");
        body.to_owned()
    }

    #[test]
    fn every_type_has_its_declaration() {
        let text = "package game
// The game.
@root(active)
type Game {
    Round int32
    Total uint64
    Open bool
    Speed float32 @quantize(0.5)
    Image bytes
    Key uuid
    Best *Player
    // All of them,
    // by id. */
    Players []Player @key(ID)
    Cells [][]*int64
    Maybe *[]string
    Scores map[string]int64
    Marks map[uint64][]Player
}
type Player {
    ID string
    Hand []int8 @view(owner, near)
    Plan string @view(team, admin)
    Seed int64 @noSync
    Nick string @optional
}
@root(inactive)
type Shop {
    Till int32 @view(admin)
}
view near {}
";
        let expected = "/** The game. */
export interface Game {
  readonly Round: number;
  readonly Total: bigint;
  readonly Open: boolean;
  /** In steps of 0.5. */
  readonly Speed: number;
  readonly Image: Uint8Array;
  readonly Key: string;
  readonly Best: Player | null;
  /**
   * All of them,
   * by id. * /
   */
  readonly Players: readonly Player[];
  readonly Cells: readonly (readonly (bigint | null)[])[];
  readonly Maybe: readonly string[] | null;
  readonly Scores: ReadonlyMap<string, bigint>;
  readonly Marks: ReadonlyMap<bigint, readonly Player[]>;
}

export interface Player {
  readonly ID: string;
  /** There for: its owner, near. */
  readonly Hand?: readonly number[];
  /** There for: its team, admins. */
  readonly Plan?: string;
  readonly Nick?: string;
}

export interface Shop {
  /** There for: admins. */
  readonly Till?: number;
}

/** All that a client sees; other roots while they are there. */
export interface View extends Game {
  readonly Shop?: Shop;
}
";
        assert_eq!(printed(text), expected);
    }

    #[test]
    fn names_that_mean_something_else_are_others() {
        let text = "@root(active)
type View {
    Shop string
    All map[string]Uint8Array
}
type Uint8Array { A int8 }
@root(inactive)
type Shop { B int8 }
@root(inactive)
type void { C int8 }
";
        let printed = printed(text);
        assert!(printed.contains("export interface voidType {"), "{printed}");
        assert!(printed.contains("readonly All: ReadonlyMap<string, Uint8ArrayType>;"), "{printed}");
        let view = "export interface ViewType extends View {\n  readonly void?: voidType;\n}\n";
        assert!(printed.ends_with(view), "{printed}");
    }
}

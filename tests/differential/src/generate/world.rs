//! Worlds: a schema that has what the examples of the node table need, and more that is drawn; the state of a beginning.

use std::fmt::Write;
use std::sync::Arc;

use statewright_graph::node::EXAMPLE_CONFIG;
use statewright_types::schema::json::to_json;
use statewright_types::{Schema, StructId, Type, Value, schema};

use super::crowd::{self, Crowd};
use super::values;
use super::ways::Ways;
use crate::chance::Chance;

/// A schema, and what can be named in it.
pub struct World {
    /// As JSON.
    pub text: Arc<str>,
    /// The schema.
    pub schema: Arc<Schema>,
    /// The type at the top of the state.
    pub main: StructId,
    /// Where what is.
    pub ways: Ways,
    /// The type that has a field which only a view that is a function shows, if there is one.
    pub view: Option<&'static str>,
    /// Whether players have teams.
    pub has_teams: bool,
    /// Whether integers near the last that floats have exactly are computed with.
    pub is_exact: bool,
    /// Lists of many elements, if it has them.
    pub crowd: Option<Crowd>,
    /// `GROUP.FIELD`s of the configuration and their types.
    pub config: [(&'static str, Type); 2],
}

/// Types that further fields may have, by how often they are wanted.
const FIELD_TYPES: [&str; 44] = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "float64",
    "string",
    "string",
    "uuid",
    "bytes",
    "[]int32",
    "[]int64",
    "[]float64",
    "[]string",
    "[]bool",
    "[]uint64",
    "[]float32",
    "[][]int32",
    "map[string]int64",
    "map[int32]string",
    "map[uint64]float64",
    "map[uuid]bool",
    "map[string][]int32",
    "map[int64]Pet",
    "*int32",
    "*string",
    "*float64",
    "*bool",
    "*Pet",
    "*[]int32",
    "[]Pet",
    "Pet",
    "[]*Pet",
    "[]*int64",
    "[]uuid",
    "map[string]Pet",
    "*uint64",
];
const ANNOTATIONS: [&str; 14] = [
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    " @view(owner)",
    " @view(admin)",
    " @view(none)",
    " @view(team)",
    " @write(owner)",
    " @write(server)",
    " @view(all)",
];

fn fields(prefix: &str, most: usize, chance: &mut Chance) -> String {
    let mut text = String::new();
    for number in 0..chance.below(most + 1) {
        // A pet is not made of pets.
        let ty = if prefix == "P" {
            chance.word(&FIELD_TYPES).replace("Pet", "int32")
        } else {
            chance.word(&FIELD_TYPES).to_owned()
        };
        let ty = ty.as_str();
        let mut annotation = chance.word(&ANNOTATIONS);
        if matches!(ty, "float64" | "float32") && chance.percent(10) {
            annotation = " @quantize(0.25)";
        }
        let default = match ty {
            "int32" | "int64" | "uint8" if chance.percent(20) => " @default(7)",
            "float64" if chance.percent(20) => " @default(-0.5)",
            "uuid" if chance.percent(50) => " @auto(uuid)",
            "[]int32" if chance.percent(30) => " @default([4, 1, 3])",
            "int16" if chance.percent(20) => " @default(config:Game.Rounds)",
            _ => "",
        };
        let _ = writeln!(text, "    {prefix}{number} {ty}{default}{annotation}");
    }
    text
}

impl World {
    /// Draws one. `None` only if the schema has errors, which is a fault of this file.
    pub fn draw(chance: &mut Chance, crowd: Option<Crowd>) -> Option<World> {
        let (lists, unit) = crowd.as_ref().map_or(("", ""), |crowd| (crowd::LISTS, crowd.declared.as_str()));
        let team = if chance.percent(20) { " @team" } else { "" };
        let written = if chance.percent(15) { " @write(owner)" } else { "" };
        let view = if chance.percent(35) { Some(chance.word(&["Pet", "Player", "Game", "Bonus"])) } else { None };
        let shown = |ty: &str| match view == Some(ty) {
            true => "    Shown int64 @default(4) @view(near)\n    ShownToo []int32 @view(near, admin)\n",
            false => "",
        };
        let declared = if view.is_some() { "view near {}\n\n" } else { "" };
        let text = format!(
            "package drawn\n\n{declared}@helper\ntype Pet {{\n    Name string @default(\"rex\")\n    Age int8 @default(3)\n    Weight float64\n{}{}}}\n\n\
             @helper @owner(ID)\ntype Player {{\n    ID string\n    Name string{team}\n    Score int64{written}\n    Hand []int32\n    \
             Lat float64\n    Lng float64\n    Pet *Pet\n{}{}}}\n\n\
             @root(active)\ntype Game {{\n    Round int32 @default(1)\n    Phase string @default(\"lobby\")\n    Players []Player @key(ID)\n    \
             Scores map[string]int64\n    Turn string\n    Speed float64\n    Half float32\n    Small uint8\n    Blob bytes\n    Big uint64\n    Mark uuid\n    \
             Grid [][]int32\n    Pets map[string]Pet @key(Name)\n    Home Pet\n    Flag bool\n{lists}{}{}}}\n\n\
             @root({})\ntype Bonus {{\n    Points int64 @default(5)\n    Items []int64\n    Guests []Pet\n{}{}}}\n{unit}",
            fields("P", 3, chance),
            shown("Pet"),
            fields("X", 4, chance),
            shown("Player"),
            fields("G", 7, chance),
            shown("Game"),
            if chance.percent(60) { "active" } else { "inactive" },
            fields("B", 2, chance),
            shown("Bonus"),
        );
        let (schema, _) = schema::parse(&text);

        let schema = schema?;
        let main = schema.main_root(None)?;
        let ways = Ways::of(&schema);
        let config = [("Game.Rounds", Type::INT), ("Game.Title", Type::String)];
        let has_teams = !team.is_empty();
        Some(World {
            text: to_json(&schema).into(),
            schema,
            main,
            ways,
            view,
            has_teams,
            is_exact: false,
            crowd,
            config,
        })
    }

    /// The configuration that documents have: that of the node table's examples.
    pub fn config(&self) -> Option<Value> {
        EXAMPLE_CONFIG.parse().ok()
    }

    /// A state to begin with, in part.
    pub fn state(&self, chance: &mut Chance) -> Value {
        let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
        for field in &self.schema.get(self.main).fields {
            let value = match &*field.name {
                "Players" => self.players(&field.ty, chance),
                "Turn" => chance.word(&values::IDS).into(),
                "Units" | "Counts" | "Weights" if let Some(crowd) = &self.crowd => {
                    crowd.elements(&field.ty, &self.schema, chance)
                }
                _ if chance.percent(20) => continue,
                _ => values::outside(&field.ty, &self.schema, 1, chance),
            };
            entries.push((field.name.clone(), value));
        }
        Value::Map(entries)
    }

    fn players(&self, ty: &Type, chance: &mut Chance) -> Value {
        let Some(Type::Struct(player)) = ty.element() else { return Value::List(Vec::new()) };
        let count = [0, 1, 2, 3, 3, 3, 3, 4, 4, 4][chance.below(10)];
        let ids = values::IDS.iter().take(count);
        let players = ids.map(|id| match values::outside(&Type::Struct(*player), &self.schema, 2, chance) {
            Value::Map(mut fields) => {
                fields.retain(|(name, _)| &**name != "ID");
                fields.insert(0, ("ID".into(), Value::from(*id)));
                Value::Map(fields)
            }
            other => other,
        });
        Value::List(players.collect())
    }
}

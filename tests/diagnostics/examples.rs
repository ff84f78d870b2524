//! An example of each code, as small as it can be.

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub enum Example {
    /// Nodes and edges of a handler.
    Nodes(&'static str, &'static str),
    /// A document.
    Document(&'static str),
    /// A schema.
    Schema(&'static str),
    /// Nodes and edges of a handler, over [`WRITING`].
    Writing(&'static str, &'static str),
    /// A document, over [`VIEWED`].
    Viewed(&'static str),
    /// A configuration.
    Config(&'static str),
    /// What is given for [`CONFIG`].
    Given(&'static str),
    /// A schema with [`CONFIG`].
    Configured(&'static str),
    /// A state.
    State(&'static str),
    /// A test file.
    Test(&'static str),
    /// What a host program declares.
    Declared(&'static str),
    /// What a host program declares, then nodes and edges of a handler.
    Hosted(&'static str, &'static str, &'static str),
    /// No example, and why.
    None(&'static str),
}

use Example::{
    Config, Configured, Declared, Document, Given, Hosted, Nodes, None, Schema, State, Test, Viewed, Writing,
};

/// What the examples run on; `head.md` shows the same.
pub const SCHEMA: &str = "@helper @owner(ID)
type Player {
    ID     string
    Score  int64
    Hand   []int32   @view(owner)
    Best   *Player
}

@root(active)
type Game {
    Round    int32
    Phase    string
    Players  []Player  @key(ID)
    Scores   map[string]int64
    Leader   *Player
    Picture  bytes
    Speed    float64
}
";

/// The schema of examples about `@write`; `head.md` shows the same.
pub const WRITING: &str = "type Player {
    ID    string
    Name  string  @write(owner)
}

@root(active)
type Game {
    Round    int32     @write(server)
    Players  []Player  @key(ID)
}
";

/// The schema of examples about views that are functions; `head.md` shows the same.
pub const VIEWED: &str = "type Unit {
    Place  int32  @view(near)
}

@root(active)
type Game {
    Units  []Unit
}

view near {}
";

/// The configuration that examples of given values are about; `head.md` shows the same.
pub const CONFIG: &str = "config Game {
    Rounds  int32   @default(3) @min(1) @max(10)
    Server  string  @required
}
";

/// Code and example, in the order of the page.
pub const EXAMPLES: &[(&str, Example)] = &[
    ("E001", Document(r#"{"handlers": [}"#)),
    ("E002", Document(r#"{"package": "a\qb"}"#)),
    ("E003", Document(r#"{"version": 01}"#)),
    ("E004", Document(r#"{"package": "a", "package": "b"}"#)),
    ("E005", None("More than 64 arrays and objects inside one another. Flatten the structure.")),
    ("E006", None("More than 64 MiB in one file. Split it.")),
    ("E007", Document("\u{feff}{}")),
    ("E008", Document(r#"{"handlers": [], }"#)),
    ("E009", Document("{} {}")),
    ("E010", Document(r#"{"rules": [], "nodes": []}"#)),
    ("E011", Document(r#"{"handlers": {}}"#)),
    ("E012", Document(r#"{"handlers": [{"name": "H", "nodes": [], "flow": []}]}"#)),
    ("E013", Document(r#"{"version": "7.0"}"#)),
    ("E014", Nodes(r#"{"id": "a", "type": "Break"}, {"id": "a", "type": "Break"}"#, "")),
    ("E015", Nodes(r#"{"id": "start", "type": "Break"}"#, "")),
    ("E016", Nodes(r#"{"id": "a", "type": "Negate", "inputs": {"value": "node:b"}}"#, "")),
    ("E017", Nodes("", r#"{"from": "start", "to": "end", "label": "true", "condition": "false"}"#)),
    ("E018", Nodes(r#"{"id": "a", "type": "Constant", "inputs": {"value": {"template": "{{param:id"}}}"#, "")),
    ("E019", Document(r#"{"handlers": [{"name": "On\nTurn", "event": "Turn", "nodes": [], "flow": []}]}"#)),
    ("W010", Nodes(r#"{"id": "a", "type": "Break", "_position": "left"}"#, "")),
    ("E020", Nodes(r#"{"id": "a", "type": "Adds"}"#, "")),
    ("E021", Nodes(r#"{"id": "a", "type": "Negate", "inputs": {"valeu": 1}}"#, "")),
    ("E022", Nodes(r#"{"id": "a", "type": "Negate", "inputs": {}}"#, "")),
    (
        "E023",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "param:count"}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E024",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Rounds", "value": 1}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E025",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": 1.5}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E026",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": 7, "value": 1}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E027",
        Nodes(
            r#"{"id": "c", "type": "If", "inputs": {"condition": true}}, {"id": "i", "type": "Increment", "inputs": {"path": "Round"}},
{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "node:i:value"}}"#,
            r#"{"from": "start", "to": "c"}, {"from": "c", "to": "i", "label": "true"}, {"from": "i", "to": "a"}, {"from": "c", "to": "a", "label": "false"}"#,
        ),
    ),
    (
        "E028",
        Nodes(
            r#"{"id": "a", "type": "Increment", "inputs": {"path": "Round"}}, {"id": "b", "type": "Increment", "inputs": {"path": "Round"}}"#,
            r#"{"from": "start", "to": "a"}, {"from": "a", "to": "b"}, {"from": "b", "to": "a"}"#,
        ),
    ),
    (
        "E029",
        Nodes(
            r#"{"id": "x", "type": "Negate", "inputs": {"value": "node:y:result"}}, {"id": "y", "type": "Negate", "inputs": {"value": "node:x:result"}},
{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "node:x:result"}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E030",
        Nodes(
            r#"{"id": "c", "type": "If", "inputs": {"condition": true}}"#,
            r#"{"from": "start", "to": "c"}, {"from": "c", "to": "end", "label": "yes"}"#,
        ),
    ),
    (
        "E031",
        Nodes(
            r#"{"id": "c", "type": "If", "inputs": {"condition": true}}"#,
            r#"{"from": "start", "to": "c"}, {"from": "c", "to": "end", "label": "true"}, {"from": "c", "to": "c", "label": "true"}"#,
        ),
    ),
    (
        "E032",
        Nodes(
            r#"{"id": "l", "type": "Repeat", "inputs": {"count": 3}}, {"id": "a", "type": "Increment", "inputs": {"path": "Round"}}"#,
            r#"{"from": "start", "to": "l"}, {"from": "l", "to": "a", "label": "body"}, {"from": "l", "to": "a", "label": "done"}"#,
        ),
    ),
    ("E033", Nodes("", r#"{"from": "start", "to": "nowhere"}"#)),
    ("E034", Nodes(r#"{"id": "b", "type": "Break"}"#, r#"{"from": "start", "to": "b"}"#)),
    (
        "E035",
        Document(
            r#"{"functions": [{"name": "F", "parameters": [], "nodes": [{"id": "c", "type": "CallFunction", "inputs": {"function": "F"}}],
  "flow": [{"from": "start", "to": "c"}]}]}"#,
        ),
    ),
    (
        "E036",
        Nodes(
            r#"{"id": "c", "type": "CallFunction", "inputs": {"function": "Nothing"}}"#,
            r#"{"from": "start", "to": "c"}"#,
        ),
    ),
    (
        "E037",
        Document(
            r#"{"handlers": [{"name": "H", "event": "H", "parameters": [],
  "nodes": [{"id": "c", "type": "CallFunction", "inputs": {"function": "F", "args": {"x": 1}}}], "flow": [{"from": "start", "to": "c"}]}],
 "functions": [{"name": "F", "parameters": [], "nodes": [], "flow": []}]}"#,
        ),
    ),
    ("E038", Nodes(r#"{"id": "r", "type": "Return", "inputs": {"value": 1}}"#, r#"{"from": "start", "to": "r"}"#)),
    (
        "E039",
        Nodes(
            r#"{"id": "x", "type": "Compare", "inputs": {"left": 1, "op": "=", "right": 2}}, {"id": "c", "type": "If", "inputs": {"condition": "node:x:result"}}"#,
            r#"{"from": "start", "to": "c"}"#,
        ),
    ),
    (
        "E040",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": 3000000000}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E041",
        Nodes(
            r#"{"id": "x", "type": "IntDivide", "inputs": {"a": 1, "b": 0}}, {"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "node:x:result"}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E042",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Players[-1].Score", "value": 1}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E043",
        Document(
            r#"{"functions": [{"name": "F", "parameters": [{"name": "x", "type": "integer"}], "nodes": [], "flow": []}]}"#,
        ),
    ),
    (
        "E044",
        Nodes(
            r#"{"id": "i", "type": "Increment", "inputs": {"path": "Round"}},
{"id": "m", "type": "MapArray", "inputs": {"array": "state:Players", "value": "node:i:value"}},
{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "node:m:result.length"}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E045",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "loop:index"}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E046",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "variable:total"}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E047",
        Document(
            r#"{"handlers": [{"name": "H", "event": "H", "permissions": {"playerParam": "player"}, "parameters": [], "nodes": [], "flow": []}]}"#,
        ),
    ),
    ("E048", Document(r#"{"stateType": "Match"}"#)),
    (
        "E050",
        None(
            "Reading a document takes bounded time and memory. At most: 64 loops inside one another, 64 calls, 120 pure nodes outside the flow\nthat depend on one another, 16 inputs that are evaluated for each element inside one another, 64 values of a Coalesce, 4,096 parts of\na value that has no type of the schema, and 300,000 operations of a graph. Put a node of a long chain into the flow; move parts of\na large graph into functions.",
        ),
    ),
    (
        "E051",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Players[", "value": 1}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E053",
        Document(
            r#"{"filters": [{"name": "F", "parameters": [],
  "nodes": [{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "E"}}], "flow": [{"from": "start", "to": "e"}]}]}"#,
        ),
    ),
    (
        "E054",
        Document(
            r#"{"effects": [{"name": "F", "parameters": [],
  "nodes": [{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "E"}}], "flow": [{"from": "start", "to": "e"}]}]}"#,
        ),
    ),
    (
        "E058",
        Hosted(
            r#"{"nodes": [{"name": "Add"}]}"#,
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": 1}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E060",
        Nodes(
            r#"{"id": "a", "type": "ActivateSchema", "inputs": {"schemaName": "Player"}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E061",
        Viewed(
            r#"{"functions": [{"name": "near", "returnType": "bool", "parameters": [{"name": "viewer", "type": "string"}],
  "nodes": [{"id": "r", "type": "Return", "inputs": {"value": true}}], "flow": [{"from": "start", "to": "r"}]}]}"#,
        ),
    ),
    (
        "E062",
        Viewed(
            r#"{"functions": [{"name": "near", "returnType": "bool",
  "parameters": [{"name": "viewer", "type": "string"}, {"name": "unit", "type": "Unit"}],
  "nodes": [{"id": "w", "type": "SetStructField", "inputs": {"object": "param:unit", "field": "Place", "value": 0}},
    {"id": "r", "type": "Return", "inputs": {"value": true}}],
  "flow": [{"from": "start", "to": "w"}, {"from": "w", "to": "r"}]}]}"#,
        ),
    ),
    ("E099", None("No document should get this. Please report the one that does.")),
    ("W001", Nodes(r#"{"id": "a", "type": "Increment", "inputs": {"path": "Round"}}"#, "")),
    ("W002", Nodes(r#"{"id": "x", "type": "Negate", "inputs": {"value": 1}}"#, "")),
    (
        "W003",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "state:Leader.Score"}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "W004",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": "state:Round"}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "W005",
        Document(r#"{"functions": [{"name": "F", "returnType": "int64", "parameters": [], "nodes": [], "flow": []}]}"#),
    ),
    (
        "W006",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "variable:n"}}, {"id": "v", "type": "SetVariable", "inputs": {"name": "n", "value": 1}}"#,
            r#"{"from": "start", "to": "a"}, {"from": "a", "to": "v"}"#,
        ),
    ),
    (
        "W007",
        Nodes(
            r#"{"id": "g", "type": "GetPlayer", "inputs": {"playerID": "param:id"}, "outputs": {"player": "Players"}}"#,
            r#"{"from": "start", "to": "g"}"#,
        ),
    ),
    (
        "W008",
        Document(
            r#"{"handlers": [{"name": "H", "event": "H", "parameters": [],
  "nodes": [{"id": "c", "type": "CallFunction", "inputs": {"function": "F"}}], "flow": [{"from": "start", "to": "c"}]}],
 "functions": [{"name": "F", "parameters": [{"name": "x", "type": "int64"}], "nodes": [], "flow": []}]}"#,
        ),
    ),
    (
        "W009",
        Nodes(
            r#"{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Hands", "payload": {"hand": "state:Players[0].Hand"}}}"#,
            r#"{"from": "start", "to": "e"}"#,
        ),
    ),
    (
        "W011",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Speed", "value": 9007199254740993}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "W012",
        Document(
            r#"{"handlers": [{"name": "H", "event": "H", "parameters": [],
  "nodes": [{"id": "s", "type": "SetField", "inputs": {"path": "Round", "value": "node:a:result"}},
    {"id": "a", "type": "Add", "inputs": {"a": "state:Round", "b": 1}}], "flow": [{"from": "start", "to": "s"}]}],
 "effects": [{"name": "F", "parameters": [],
  "nodes": [{"id": "n", "type": "SetField", "inputs": {"path": "Round", "value": 9}}], "flow": [{"from": "start", "to": "n"}]}]}"#,
        ),
    ),
    (
        "W013",
        Nodes(
            r#"{"id": "s", "type": "Schedule", "inputs": {"eventType": "Rnd", "delay": 1000}}"#,
            r#"{"from": "start", "to": "s"}"#,
        ),
    ),
    (
        "W014",
        Nodes(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": "parma:id"}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "W015",
        Nodes(
            r#"{"id": "s", "type": "Switch", "inputs": {"value": "state:Round"}}"#,
            r#"{"from": "start", "to": "s"}, {"from": "s", "to": "end", "label": "one"}, {"from": "s", "to": "end", "label": "default"}"#,
        ),
    ),
    (
        "W018",
        Hosted(
            r#"{"nodes": [{"name": "RingBell"}, {"name": "Ring", "kind": "executing", "deprecated": "2.0", "replaced_by": {"node": "RingBell"}}]}"#,
            r#"{"id": "a", "type": "Ring", "inputs": {}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "E160",
        Declared(r#"{"nodes": [{"name": "Ring", "inputs": [{"name": "times", "type": "int32", "default": [2]}]}]}"#),
    ),
    ("E100", Schema("type Game\n    Round int32\n")),
    ("E101", Schema("package empty\n")),
    ("E102", Schema("type Game {\n    Round int32\n    Round int64\n}\n")),
    ("E103", Schema("@id(1) type A {\n    X int32\n}\n@id(1) type B {\n    X int32\n}\n")),
    ("E104", Schema("@id(0) type A {\n    X int32\n}\n")),
    ("E105", Schema("type string {\n    X int32\n}\n")),
    ("E106", Schema("type A {\n    X Integer\n}\n")),
    ("E107", Schema("type A {\n    Next A\n}\n")),
    ("E108", Schema("type A {\n    X int32 @key(ID)\n}\n")),
    ("E109", Schema("@owner(Name) type A {\n    X int32\n}\n")),
    ("E110", Schema("type A {\n    X int32 @default(\"many\")\n}\n")),
    ("E111", Schema("type A {\n    X int32 @default\n}\n")),
    (
        "E112",
        None(
            "At most 64 MiB of text, and so many types, fields and findings that a schema can be read at a glance. Split it.",
        ),
    ),
    ("E113", Schema(r#"{"types": 7}"#)),
    ("E114", Schema("type A {\n    X int32\n}\nview a { includes: b }\nview b { includes: a }\n")),
    ("E115", Configured("@root(active)\ntype Game {\n    Rounds  int8  @default(config:Game.Round)\n}\n")),
    ("E116", Schema("type A {\n    X int32 @quantize(0.5)\n}\n")),
    ("E117", Schema("version 0\n\ntype A {\n    X int32\n}\n")),
    ("E118", Schema("type A {\n    X int32\n    Y int32 @was(X)\n}\n")),
    (
        "W020",
        Writing(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": 1}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    (
        "W021",
        Writing(
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Players[param:id].Name", "value": "x"}}"#,
            r#"{"from": "start", "to": "a"}"#,
        ),
    ),
    ("W100", Schema("type A {\n    X int32 @shiny\n}\n")),
    ("W101", Schema("type A {\n    X int32 @view(referees)\n}\n")),
    ("W102", Schema("type A {\n    X int32 @noSync @view(owner)\n}\n")),
    ("W103", Schema(r#"{"types": [{"name": "A", "colour": 1, "fields": [{"name": "X", "type": "int32"}]}]}"#)),
    ("E120", Config("config Game {\n    Rounds  int32\n    Rounds  int64\n}\n")),
    ("E121", Config("config Game {\n    Rounds  []int32\n}\n")),
    ("E122", Config("config Game {\n    Rounds  int32  @default(0) @min(1)\n}\n")),
    ("E123", Config("package cards\n")),
    ("E124", Config("config Game {\n    Rounds  int32  @env(game-rounds)\n}\n")),
    ("E125", Given(r#"{"Game": {"Round": 5, "Server": "eu"}}"#)),
    ("E126", Given(r#"{"Game": {"Rounds": 50, "Server": "eu"}}"#)),
    ("E127", Given(r#"{"Game": {"Rounds": 5}}"#)),
    ("E201", State(r#"{"Rounds": 3}"#)),
    ("E202", State(r#"{"Round": "three"}"#)),
    ("E203", State(r#"{"Round": 3000000000}"#)),
    ("E204", None("A key of a `map[int32]…` that is no integer of that range. Write the number, in quotes.")),
    ("E205", State(r#"{"Picture": "?"}"#)),
    (
        "E206",
        None(
            "A value that nests deeper than 60 structs, lists and maps, or has more entries or longer texts than the limits allow.",
        ),
    ),
    ("E301", Test(r#"{"tests": {}}"#)),
    ("E302", Test(r#"{"graph": "game.json", "tests": [{"name": "a", "stepz": []}]}"#)),
    ("E303", Test(r#"{"tests": []}"#)),
    ("E304", Test(r#"{"graph": "game.json", "tests": [{"name": "a", "expect": {"state": {"Players[": 1}}}]}"#)),
    ("E305", Test(r#"{"graph": "game.json", "tests": [{"name": "a", "rng": "dice"}]}"#)),
];

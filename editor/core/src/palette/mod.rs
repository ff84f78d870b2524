//! What can be added to a graph, found by a few letters, and by what fits a pin.
//!
//! - [`fuzzy`]: how well a text goes with what was typed

pub mod fuzzy;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use statewright_graph::document::{Document, Graph};
use statewright_graph::node::{self, Category, Exits, NodeRow, table};
use statewright_harness::draw::PinKind;
use statewright_harness::picture::port_kind;
use statewright_types::host::HostDeclarations;
use statewright_types::{Type, Value};

use crate::scene::Pin;
use crate::wires::Side;
use fuzzy::score;

/// How many recent entries are kept.
const RECENT: usize = 12;

/// Words by which people look for nodes that are called otherwise.
const WORDS: &[(&str, &str)] = &[
    ("If", "branch condition when else"),
    ("Switch", "case select match"),
    ("ForEach", "loop iterate each"),
    ("While", "loop until"),
    ("Repeat", "loop for times count"),
    ("Break", "exit leave loop"),
    ("SetField", "write assign store update"),
    ("GetField", "read load"),
    ("SetVariable", "local store assign"),
    ("GetVariable", "local read"),
    ("EmitToAll", "broadcast send event everyone"),
    ("EmitToPlayer", "send event message one"),
    ("Trace", "print log debug"),
    ("Add", "plus sum +"),
    ("Subtract", "minus -"),
    ("Multiply", "times *"),
    ("Divide", "quotient /"),
    ("Modulo", "remainder %"),
    ("Increment", "plus one ++"),
    ("RollDice", "random dice roll"),
    ("Compare", "equal less greater =="),
    ("RandomInt", "dice roll number"),
    ("Return", "end result finish"),
    ("CallFunction", "call invoke run"),
    ("Constant", "literal value"),
    ("Wait", "delay sleep pause timer"),
    ("CreateStruct", "new object make record"),
    ("FindInArray", "search lookup"),
    ("FilterArray", "where select"),
    ("MapArray", "transform each"),
];

/// Something that can be added.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What is shown: the type's name, or `Call NAME`.
    pub title: String,
    /// The node type.
    pub ty: &'static str,
    /// Inputs that it begins with.
    pub inputs: Vec<(String, Value)>,
    /// Its group.
    pub category: Category,
    /// One sentence.
    pub summary: String,
    /// Its row of the node table.
    pub row: &'static NodeRow,
    /// The name it is remembered by.
    pub key: String,
    words: String,
}

/// An entry that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which: position in [`Palette::entries`].
    pub entry: usize,
    /// How well it fits; larger is better.
    pub score: i32,
    /// Positions of letters of the title that were typed, for showing them.
    pub letters: Vec<usize>,
    /// The pin of the new node to connect, where the search began at a pin.
    pub connect: Option<String>,
    /// Whether that pin is of the very type, and not of any, or one that is converted.
    pub is_exact: bool,
}

/// Everything that can be added to graphs of a document.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    entries: Vec<Entry>,
}

/// What the user added lately, and what they marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// Keys of entries, the last first.
    pub recent: VecDeque<String>,
    /// Keys of entries.
    pub favourites: BTreeSet<String>,
}

impl Habits {
    /// An entry was added.
    pub fn used(&mut self, key: &str) {
        self.recent.retain(|other| other != key);
        self.recent.push_front(key.to_owned());
        self.recent.truncate(RECENT);
    }

    /// An entry is a favourite now, or none any more.
    pub fn toggle(&mut self, key: &str) {
        if !self.favourites.remove(key) {
            self.favourites.insert(key.to_owned());
        }
    }
}

impl Palette {
    /// Node types of the language and of the host program, and calls of the document's functions.
    pub fn new(document: &Document, hosts: &HostDeclarations) -> Palette {
        let mut entries: Vec<Entry> = table().filter(|row| row.deprecated.is_none()).map(of_row).collect();
        entries.extend(
            hosts.nodes().iter().filter(|host| host.deprecated.is_none()).map(|host| of_row(node::host::row(host))),
        );
        if let Some(call) = node::by_name("CallFunction") {
            entries.extend(document.functions.iter().map(|function| of_function(function, call)));
        }
        Palette { entries }
    }

    /// Everything, by group, as the table has it.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What goes with what was typed, best first. With a pin only what can be connected with it; without a text, recent
    /// entries and favourites come first.
    pub fn search(&self, text: &str, pin: Option<&Pin>, habits: &Habits) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let connect = match pin {
                Some(pin) => match partner(entry, pin) {
                    Some(port) => Some(port),
                    None => continue,
                },
                None => None,
            };
            let Some((score, letters)) = entry.score(text) else { continue };
            let liked = i32::from(habits.favourites.contains(&entry.key)) * 12;
            let recent = habits.recent.iter().position(|key| *key == entry.key);
            let recent = recent.map_or(0, |at| 8 - (at as i32).min(7));
            // Among what fits a pin, what fits exactly comes first.
            let is_exact = connect.as_ref().is_some_and(|(_, exact)| *exact);
            let score = score + liked + recent + i32::from(is_exact) * 6;
            found.push(Found { entry: index, score, letters, connect: connect.map(|(port, _)| port), is_exact });
        }
        found.sort_by_key(|found| (std::cmp::Reverse(found.score), found.entry));
        found
    }
}

impl Entry {
    fn score(&self, text: &str) -> Option<(i32, Vec<usize>)> {
        let text = text.trim();
        if text.is_empty() {
            return Some((0, Vec::new()));
        }
        let title = score(text, &self.title).map(|(score, letters)| (score + 10, letters));
        let begins = self.words.split(' ').any(|word| word.starts_with(&text.to_lowercase()));
        let words = begins.then_some((45, Vec::new()));
        let lower = text.to_lowercase();
        let described = self.summary.to_lowercase().contains(&lower).then_some((4, Vec::new()));
        [title, words, described].into_iter().flatten().max_by_key(|(score, _)| *score)
    }
}

fn of_row(row: &'static NodeRow) -> Entry {
    let words = WORDS.iter().find(|(name, _)| *name == row.name).map_or("", |(_, words)| words);
    Entry {
        title: row.name.to_owned(),
        ty: row.name,
        inputs: Vec::new(),
        category: row.category,
        summary: row.summary.to_owned(),
        row,
        key: row.name.to_owned(),
        words: format!("{words} {}", row.category.title()),
    }
}

fn of_function(function: &Graph, row: &'static NodeRow) -> Entry {
    let name = &function.name.text;
    let parameters: Vec<String> =
        function.parameters.iter().map(|parameter| format!("{} {}", parameter.name.text, parameter.ty.text)).collect();
    let signature = format!("Calls {name}({})", parameters.join(", "));
    let described = function.description.as_ref().map(|text| text.text.to_string());
    Entry {
        title: format!("Call {name}"),
        ty: row.name,
        inputs: vec![("function".to_owned(), Value::Str(Arc::clone(name)))],
        category: row.category,
        summary: described.map_or(signature.clone(), |described| format!("{signature}: {described}")),
        row,
        key: format!("CallFunction {name}"),
        words: "function".to_owned(),
    }
}

/// The pin of a new node that goes with a pin of the graph, and whether their types are known to be the same.
fn partner(entry: &Entry, pin: &Pin) -> Option<(String, bool)> {
    let row = entry.row;
    let kind = |ty: &str| port_kind(ty);
    match pin.id.side {
        Side::FlowOut => row.executing().then(|| (String::new(), false)),
        Side::FlowIn => (row.executing() && row.exits != Exits::None).then(|| (first_exit(row.exits), false)),
        Side::Output => {
            let fits = |ty: &str| match pin.kind {
                // A port for numbers is as good for whole ones.
                PinKind::Int | PinKind::Float if ty == "number" => 2,
                from => fit(from, kind(ty)),
            };
            let values = row.inputs.iter().filter(|port| matches!(port.role, node::Role::Value | node::Role::Lambda));
            best(values.map(|port| (port.name, fits(port.ty))))
        }
        Side::Input => best(row.outputs.iter().map(|port| (port.name, fit(kind(port.ty), pin.kind)))),
    }
}

fn first_exit(exits: Exits) -> String {
    match exits {
        Exits::Branch(labels) => labels.first().copied().unwrap_or("").to_owned(),
        Exits::Loop | Exits::Bounded => "done".to_owned(),
        Exits::Cases => "default".to_owned(),
        Exits::Plain | Exits::Optional(_) | Exits::Numbered | Exits::None => String::new(),
    }
}

/// How kinds go together: 2 for the same, 1 for what may be or is converted.
pub(crate) fn fit(from: PinKind, to: PinKind) -> u8 {
    let is_number = |kind| matches!(kind, PinKind::Int | PinKind::Float);
    match (from, to) {
        (a, b) if a == b && a != PinKind::Any => 2,
        (PinKind::Any, _) | (_, PinKind::Any) => 1,
        (a, b) if is_number(a) && is_number(b) => 1,
        _ => 0,
    }
}

fn best<'a>(ports: impl Iterator<Item = (&'a str, u8)>) -> Option<(String, bool)> {
    // Of equals the first: it is what the node is about.
    let best = ports.filter(|(_, fit)| *fit > 0).reduce(|best, port| if port.1 > best.1 { port } else { best });
    best.map(|(port, fit)| (port.to_owned(), fit == 2))
}

/// The kind of pins that values of a type fit: for filtering by a type alone.
pub fn kind_of(ty: &Type) -> PinKind {
    crate::scene::field::kind(None, ty)
}

#[cfg(test)]
mod tests {
    use statewright_graph::document::{GraphAt, GraphKind, SourceDocument};

    use super::*;
    use crate::command::Context;
    use crate::scene::{Placements, Scene, Sight};

    fn source() -> SourceDocument {
        let text = r#"{"handlers": [{"name": "H", "event": "E", "nodes": [
            {"id": "c", "type": "Compare", "inputs": {"left": 1, "op": "<", "right": 2}},
            {"id": "i", "type": "If", "inputs": {}}], "flow": [{"from": "start", "to": "i"}]}],
            "functions": [{"name": "DealCards", "parameters": [{"name": "n", "type": "int"}], "nodes": []}]}"#;
        SourceDocument::parse(text).unwrap()
    }

    fn titles(palette: &Palette, found: &[Found]) -> Vec<String> {
        found.iter().map(|found| palette.entries()[found.entry].title.clone()).collect()
    }

    #[test]
    fn nodes_are_found_by_letters_synonyms_and_description() {
        let palette = Palette::new(&source().document, &HostDeclarations::default());
        let first = |text: &str| titles(&palette, &palette.search(text, None, &Habits::default())).remove(0);
        assert_eq!(first("setf"), "SetField");
        assert_eq!(first("emtall"), "EmitToAll");
        assert_eq!(first("branch"), "If");
        assert_eq!(first("print"), "Trace");
        assert_eq!(first("dealc"), "Call DealCards");
        assert!(palette.search("qqqzzz", None, &Habits::default()).is_empty());
    }

    #[test]
    fn a_pin_filters_in_both_directions_and_says_what_to_connect() {
        let source = source();
        let palette = Palette::new(&source.document, &HostDeclarations::default());
        let context = Context::default();
        let sight = Sight { context: &context, findings: None };
        let at = GraphAt { kind: GraphKind::Handler, index: 0 };
        let scene = Scene::new(&source, at, sight, &mut Placements::default()).unwrap();
        let pin = |id: &str, side, name: &str| scene.card(id).unwrap().pin(side, name).unwrap().clone();
        let result = pin("c", Side::Output, "result");
        let found = palette.search("if", Some(&result), &Habits::default());
        assert_eq!(found[0].connect.as_deref(), Some("condition"));
        let left = palette.search("compare", Some(&pin("i", Side::Input, "condition")), &Habits::default());
        assert_eq!(left[0].connect.as_deref(), Some("result"));
        assert!(
            palette
                .search("setfield", Some(&pin("i", Side::Input, "condition")), &Habits::default())
                .iter()
                .all(|found| palette.entries()[found.entry].ty != "SetField")
        );
        let flow = palette.search("", Some(&pin("i", Side::FlowOut, "true")), &Habits::default());
        assert!(flow.iter().all(|found| palette.entries()[found.entry].row.executing()));
    }

    #[test]
    fn what_was_used_and_liked_comes_first() {
        let palette = Palette::new(&source().document, &HostDeclarations::default());
        let mut habits = Habits::default();
        habits.used("Trace");
        habits.used("Wait");
        habits.toggle("Repeat");
        assert_eq!(titles(&palette, &palette.search("", None, &habits))[..3], ["Repeat", "Wait", "Trace"]);
        habits.toggle("Repeat");
        (0..20).for_each(|index| habits.used(&format!("x{index}")));
        assert_eq!((habits.recent.len(), habits.favourites.len()), (RECENT, 0));
    }

    #[test]
    fn words_are_of_nodes_that_exist() {
        for (name, _) in WORDS {
            assert!(node::by_name(name).is_some(), "{name}");
        }
    }
}

//! Random commands with undo, redo, saving and loading: the document is always its replay, and always a document.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use statewright_graph::document::{GraphAt, GraphKind, SourceDocument};
use statewright_graph::node::{EXAMPLE_SCHEMA, table};
use statewright_harness::files::{Files, Writer};
use statewright_types::random::Streams;
use statewright_types::{Value, schema};

use super::graphs::Allowed;
use super::rename::all_graphs;
use super::replace::Query;
use super::{Command, Context, Named, NodeToAdd};
use crate::checker::{self, Checked, Request};
use crate::clipboard;
use crate::history::Gesture;
use crate::meta::Rect;
use crate::open::Open;
use crate::open::file::Outcome;
use crate::scene::{Placements, Scene, Sight};
use crate::selection::Selection;
use crate::wires::{PinId, START, Side, wires};

/// Files in memory.
#[derive(Clone, Default)]
pub(crate) struct Memory(pub Rc<RefCell<BTreeMap<PathBuf, Vec<u8>>>>, pub Rc<RefCell<bool>>);

struct InMemory(Memory, PathBuf);

impl Writer for InMemory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if *self.0.1.borrow() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.0.borrow_mut().entry(self.1.clone()).or_default().extend(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Files for Memory {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let bytes = self.0.borrow().get(path).cloned().ok_or(io::ErrorKind::NotFound)?;
        if bytes.len() as u64 > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let files = self.0.borrow();
        let inside = files.keys().filter(|path| path.parent() == Some(folder));
        Ok(inside.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Writer>> {
        if self.0.borrow_mut().insert(path.to_owned(), Vec::new()).is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(Box::new(InMemory(self.clone(), path.to_owned())))
    }

    fn is_abandoned(&self, _: &Path) -> io::Result<bool> {
        Ok(true)
    }

    fn link(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let bytes = self.0.borrow_mut().remove(from).ok_or(io::ErrorKind::NotFound)?;
        self.0.borrow_mut().insert(to.to_owned(), bytes);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.borrow_mut().remove(path).map(|_| ()).ok_or(io::ErrorKind::NotFound.into())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

struct Hand<'a> {
    streams: Streams,
    source: &'a SourceDocument,
}

impl Hand<'_> {
    fn below(&mut self, count: usize) -> usize {
        self.streams.int("draw", 0, count.max(1) as i64 - 1) as usize
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> Option<T> {
        let index = self.below(list.len());
        list.get(index).cloned()
    }

    fn graph(&mut self) -> GraphAt {
        let all = all_graphs(self.source);
        self.of(&all).unwrap_or(GraphAt { kind: GraphKind::Handler, index: 0 })
    }

    fn node(&mut self, at: GraphAt) -> Arc<str> {
        let ids: Vec<Arc<str>> = self
            .source
            .graph(at)
            .map_or_else(Vec::new, |graph| graph.nodes.iter().map(|node| node.id.text.clone()).collect());
        self.of(&ids).unwrap_or_else(|| "nobody".into())
    }

    fn name(&mut self) -> String {
        self.of(&["a", "b2", "Ärger", "x_y", "", "with space", "node:q", "Round", "senderID", "dot.ted"])
            .unwrap_or("a")
            .to_owned()
    }

    fn place(&mut self) -> (f64, f64) {
        (self.below(4000) as f64 - 2000.0, self.below(4000) as f64 / 4.0)
    }

    fn rect(&mut self) -> Rect {
        let (x, y) = self.place();
        Rect::new(x, y, self.below(300) as f64, 80.5)
    }

    fn value(&mut self) -> Value {
        let leaf = [
            Value::Null,
            Value::Int(-3),
            Value::Float(2.5),
            Value::str("text \"quoted\"\n"),
            Value::str("param:a.Name"),
            Value::str("state:Players[param:a:ID].Score"),
            Value::map([("template", Value::str("Hi {{a}} {{{{ {{variable:x}}"))]),
            Value::map([("constant", Value::str("node:a:b"))]),
            Value::map([("k", Value::Int(1)), ("l", Value::List(vec![Value::str("loop:item")]))]),
        ];
        self.of(&leaf).unwrap_or(Value::Null)
    }

    fn pin(&mut self, at: GraphAt, side: Side) -> PinId {
        let node = if self.below(5) == 0 { START.into() } else { self.node(at) };
        let name = match side {
            Side::FlowIn => "",
            Side::FlowOut => self.of(&["", "true", "body", "done", "1", "play"]).unwrap_or(""),
            Side::Input => self.of(&["a", "value", "payload.number", "args.x.y", "condition"]).unwrap_or(""),
            Side::Output => self.of(&["result", "value", "a", "item"]).unwrap_or(""),
        };
        PinId::new(node, side, name)
    }

    fn selection(&mut self, at: GraphAt) -> Selection {
        let count = self.below(4) + 1;
        let mut selection = Selection::of_nodes(at, (0..count).map(|_| self.node(at)));
        if let Some(graph) = self.source.graph(at) {
            let all = wires(graph);
            selection.wires.extend(self.of(&all).filter(|_| count == 1));
        }
        if self.below(3) == 0 {
            selection.frames.insert("frame".to_owned());
            selection.notes.insert("note".to_owned());
        }
        selection
    }

    fn command(&mut self) -> Command {
        let graph = self.graph();
        let types: Vec<&str> = table().map(|row| row.name).collect();
        match self.below(34) {
            0..=4 => {
                let ty = self.of(&types).unwrap_or("Add").to_owned();
                let side = self.of(&[Side::FlowIn, Side::FlowOut, Side::Input, Side::Output]).unwrap_or(Side::Output);
                let connect = (self.below(2) == 0).then(|| (self.pin(graph, side), "value".to_owned()));
                let inputs = vec![("value".to_owned(), self.value())];
                let id = (self.below(4) == 0).then(|| self.name());
                Command::AddNode { graph, node: NodeToAdd { ty, id, inputs, position: self.place(), connect } }
            }
            5 => Command::Remove { selection: self.selection(graph), bridge: self.below(2) == 0 },
            6 => Command::Duplicate { selection: self.selection(graph), by: (20.0, 20.0) },
            7 => {
                let (from, to) = (self.graph(), self.place());
                let selection = self.selection(from);
                let text = clipboard::copy(self.source, &selection).unwrap_or_else(|_| "nothing".to_owned());
                Command::Paste { graph, text, at: to }
            }
            8 | 9 => Command::Place {
                graph,
                nodes: vec![(self.node(graph), self.place())],
                frames: if self.below(4) == 0 { vec![("frame".to_owned(), self.rect())] } else { Vec::new() },
                notes: Vec::new(),
            },
            10 => Command::Layout { graph, nodes: Vec::new() },
            11 => Command::Comment { graph, node: self.node(graph).to_string(), text: Some(self.name()) },
            12 | 13 => {
                let port = self.of(&["value", "a", "payload.x", "payload.x.y", "args.b.0"]).unwrap_or("a").to_owned();
                let value = (self.below(4) > 0).then(|| self.value());
                Command::SetInput { graph, nodes: vec![self.node(graph)], port, value }
            }
            14 => Command::RenameEntry {
                graph,
                node: self.node(graph).to_string(),
                entry: "payload.x".into(),
                name: self.name(),
            },
            15 => Command::SetType {
                graph,
                node: self.node(graph).to_string(),
                ty: self.of(&types).unwrap_or("If").to_owned(),
            },
            16..=18 => {
                let pair =
                    self.of(&[(Side::Output, Side::Input), (Side::FlowOut, Side::FlowIn), (Side::Input, Side::Output)]);
                let (from, to) = pair.unwrap_or((Side::Output, Side::Input));
                Command::Connect {
                    graph,
                    from: self.pin(graph, from),
                    to: self.pin(graph, to),
                    path: ".Name[0]".to_owned(),
                }
            }
            19 => {
                let all = self.source.graph(graph).map(wires).unwrap_or_default();
                Command::Disconnect { graph, wires: self.of(&all).into_iter().collect() }
            }
            20 => {
                Command::RenameExit { graph, node: self.node(graph).to_string(), old: String::new(), new: self.name() }
            }
            21 => {
                let all = self.source.graph(graph).map(wires).unwrap_or_default();
                match self.of(&all) {
                    Some(wire) => {
                        Command::Reroute { graph, wire, points: (0..self.below(3)).map(|_| self.place()).collect() }
                    }
                    None => Command::RemoveGraph { graph },
                }
            }
            22 => Command::AddFrame { graph, title: self.name(), colour: Some("#ff0000".into()), rect: self.rect() },
            23 => Command::AddNote { graph, text: self.name(), rect: self.rect() },
            24 => Command::Bookmark { graph, name: self.name(), at: self.place(), zoom: 1.5 },
            25 => Command::AddGraph {
                kind: self.of(&GraphKind::ALL).unwrap_or(GraphKind::Handler),
                name: self.name(),
                event: None,
            },
            26 => Command::RemoveGraph { graph },
            27 => {
                let node = self.node(graph).to_string();
                let what = [
                    Named::Node { graph, id: node.clone() },
                    Named::Output { graph, node, port: "result".into() },
                    Named::Variable { graph, name: "x".into() },
                    Named::Parameter { graph, name: "a".into() },
                    Named::Graph { graph },
                    Named::Field { ty: "Player".into(), name: "Score".into() },
                ];
                Command::Rename { what: self.of(&what).unwrap_or(Named::Graph { graph }), to: self.name() }
            }
            28 => Command::AddParameter {
                graph,
                name: self.name(),
                ty: self.of(&["int", "[]Player", "Nobody"]).unwrap_or("int").into(),
            },
            29 => Command::RemoveParameter { graph, name: self.name() },
            30 => Command::MoveParameter { graph, name: "a".into(), to: self.below(3) },
            31 => {
                let allowed = Allowed { host_only: true, player_param: Some("a".into()), players: None };
                Command::SetPermissions { graph, permissions: (self.below(3) > 0).then_some(allowed) }
            }
            32 => Command::SetReturnType { graph, ty: Some("int".into()) },
            _ => Command::Replace { query: Query { text: self.name(), ..Query::default() }, with: self.name() },
        }
    }
}

/// A document laid out like those people write.
const TEXT: &str = "{\n  \"version\": \"1.0\",\n  \"stateType\": \"Game\",\n  \"handlers\": [\n    {\n      \"name\": \"H\",\n      \"event\": \"E\",\n      \"parameters\": [{\"name\": \"a\", \"type\": \"string\"}],\n      \"nodes\": [\n        {\"id\": \"q\", \"type\": \"Add\", \"inputs\": {\"a\": 1, \"b\": 2.50}}\n      ],\n      \"flow\": []\n    }\n  ],\n  \"functions\": []\n}\n";

/// All that holds after every step.
fn check(open: &Open, first: &str, seed: u64) {
    let read =
        SourceDocument::parse(open.text()).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", open.text()));
    assert_eq!(read.document.graphs().count(), open.source().document.graphs().count(), "seed {seed}");
    let mut text = first.to_owned();
    for step in open.history().steps().iter().take(open.history().done()) {
        text = step.change.apply(&text).unwrap_or_else(|| panic!("seed {seed}: `{}` does not replay", step.label));
    }
    assert_eq!(text, open.text(), "seed {seed}");
}

#[test]
fn the_document_is_always_its_replay_and_saves_and_loads_the_same() {
    let context = Context { schema: schema::parse(EXAMPLE_SCHEMA).0, ..Context::default() };
    let path = Path::new("/d/x.json");
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..60 {
        let files = Memory::default();
        let first = if seed % 3 == 0 { TEXT.replace('\n', "\r\n") } else { TEXT.to_owned() };
        files.0.borrow_mut().insert(path.to_owned(), first.clone().into_bytes());
        let mut open = Open::read(&files, path).unwrap();
        let mut streams = Streams::new(seed);
        for turn in 0..40u64 {
            let source = open.source().clone();
            let mut hand = Hand { streams: Streams::new(seed * 1000 + turn), source: &source };
            match streams.int("what", 0, 11) {
                0 | 1 => drop(open.undo()),
                2 => drop(open.redo()),
                3 => {
                    assert_eq!(open.save(&files).unwrap(), Outcome::Done, "seed {seed}");
                    let again = Open::read(&files, path).unwrap();
                    assert_eq!(again.text(), open.text(), "seed {seed}");
                    assert!(!open.is_modified());
                }
                _ => {
                    let command = hand.command();
                    let before = open.text().to_owned();
                    let gesture = (turn % 3 == 0).then_some(Gesture(turn / 6));
                    match open.run(&command, &context, gesture) {
                        Ok(_) => *done.entry(kind(&command)).or_default() += 1,
                        Err(refused) => {
                            assert_eq!(open.text(), before, "seed {seed}: {command:?}");
                            assert!(!refused.help.is_empty(), "seed {seed}: {command:?}");
                            assert!(
                                !refused.message.contains("each other's way"),
                                "seed {seed}: {command:?}\n{before}"
                            );
                        }
                    }
                }
            }
            check(&open, &first, seed);
        }
        open.jump(0);
        assert_eq!(open.text(), first, "seed {seed}");
        open.jump(open.history().steps().len());
        check(&open, &first, seed);
    }
    for wanted in
        ["AddNode", "Remove", "Paste", "Connect", "Disconnect", "Rename", "Layout", "Reroute", "Replace", "Duplicate"]
    {
        assert!(done.get(wanted).is_some_and(|count| *count > 2), "{wanted} was hardly ever done: {done:?}");
    }
}

/// Scenes of all graphs, each made of the one before, are those that are made anew, also by what was just checked.
#[derive(Default)]
struct Scenes {
    scenes: HashMap<GraphAt, (Scene, Placements)>,
    checked: Checked,
    took_along: usize,
}

impl Scenes {
    fn check(&mut self, open: &Open, is_checked: bool, why: &str) {
        if is_checked {
            let (document, schema) = (open.text().into(), EXAMPLE_SCHEMA.into());
            let known = self.checked.schema.take();
            self.checked = checker::check(&Request { document, schema, ..Request::default() });
            self.checked.schema = known.or(self.checked.schema.take());
        }
        // As the editor has it: types of the last text that was right stay.
        let context = self.checked.context();
        let sight = Sight { context: &context, findings: Some(&self.checked.findings) };
        let mut next = HashMap::new();
        for at in all_graphs(open.source()) {
            let (before, mut placements) = match self.scenes.remove(&at) {
                Some((scene, placements)) => (Some(scene), placements),
                None => (None, Placements::default()),
            };
            let new = Scene::new(open.source(), at, sight, &mut placements).unwrap();
            let made = match before {
                Some(before) => before.updated(open.source(), at, sight, &mut placements).unwrap(),
                None => new.clone(),
            };
            crate::scene::tests::assert_same(&made, &new, why);
            self.took_along += made.cards.len();
            next.insert(at, (made, placements));
        }
        self.scenes = next;
    }
}

#[test]
fn a_scene_after_random_commands_is_the_one_that_is_made_anew() {
    let context = Context { schema: schema::parse(EXAMPLE_SCHEMA).0, ..Context::default() };
    let mut took_along = 0;
    for seed in 0..30 {
        let mut open = Open::new(SourceDocument::parse(TEXT).unwrap());
        let mut scenes = Scenes::default();
        let mut streams = Streams::new(seed);
        for turn in 0..60u64 {
            let source = open.source().clone();
            let mut hand = Hand { streams: Streams::new(seed * 1000 + turn), source: &source };
            let what = match streams.int("what", 0, 9) {
                0 => format!("undo {:?}", open.undo()),
                1 => format!("redo {:?}", open.redo()),
                _ => {
                    let command = hand.command();
                    // Graphs stay, so that there is something to compare.
                    if matches!(command, Command::RemoveGraph { .. } | Command::AddGraph { .. }) {
                        continue;
                    }
                    let _ = open.run(&command, &context, None);
                    format!("{command:?}")
                }
            };
            scenes.check(&open, turn % 4 == 1, &format!("seed {seed} turn {turn}: {what}\n{}", open.text()));
        }
        took_along += scenes.took_along;
    }
    assert!(took_along > 5_000, "only {took_along} cards");
}

fn kind(command: &Command) -> String {
    format!("{command:?}").split([' ', '{']).next().unwrap_or("").to_owned()
}

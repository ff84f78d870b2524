//! Cards and their pins.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use statewright_graph::document::{Graph, GraphAt, Input, InputKind, Node, Path, SourceDocument};
use statewright_graph::node::{self, Category, Exits, InputPort, Need, NodeRow, Role};
use statewright_harness::draw::PinKind;
use statewright_harness::picture::port_kind;
use statewright_types::diagnostic::Fix;
use statewright_types::{Severity, Type};

use super::field::{Field, field, kind};
use super::{Point, Sight};
use crate::command::Context;
use crate::meta::Rect;
use crate::paths::Scope;
use crate::wires::{PinId, START, Side, Wire, wires};

/// Height of a card's header.
pub const HEADER: f64 = 30.0;
/// Height of a row of pins.
pub const ROW: f64 = 24.0;
/// Free space below the last row.
pub const FOOT: f64 = 8.0;
/// Least width of a card.
pub const WIDTH: f64 = 168.0;
/// Most width of a value on a card.
pub const FIELD: f64 = 132.0;
/// Width of the sign for the kind of a value that is read from the state.
pub const SIGN: f64 = 13.0;
/// Length of a wire that leads nowhere.
pub const STUB: f64 = 36.0;
/// Width of a letter.
const LETTER: f64 = 7.0;
/// Letters of a label that are shown.
const LETTERS: usize = 28;
/// How far the start stands left of the first node, and how much space there is between them at least.
const START_GAP: f64 = 240.0;
const LEAST_GAP: f64 = 48.0;

/// Something wrong with a node, or with one of its inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// The diagnostic's code.
    pub code: &'static str,
    /// Whether it keeps the document from running.
    pub is_error: bool,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// What would mend it: to be made with [`crate::command::Command::Fix`]. Empty if nothing mechanical does.
    pub fixes: Vec<Fix>,
}

/// A pin of a card.
#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    /// Which.
    pub id: PinId,
    /// What stands beside it.
    pub label: String,
    /// The kind of its type: colour and shape. `Any` for flow.
    pub kind: PinKind,
    /// Its type for people.
    pub ty: String,
    /// Its type, where that is known exactly.
    pub known: Option<Type>,
    /// What it is for.
    pub docs: &'static str,
    /// Whether it must be given.
    pub is_required: bool,
    /// Whether it is evaluated anew for each element or turn.
    pub is_lambda: bool,
    /// Whether a wire is at it.
    pub is_connected: bool,
    /// Whether the author can rename or remove it: entries of maps, cases of a Switch.
    pub is_dynamic: bool,
    /// The value edited at it; `None` for outputs, flow, and where a wire is.
    pub field: Option<Field>,
    /// What is wrong with it.
    pub badges: Vec<Badge>,
    /// Height of its middle below the card's top.
    pub y: f64,
}

/// A node on the canvas, or the start with the parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The node's id, or [`START`].
    pub id: Arc<str>,
    /// Its type; "" of the start.
    pub ty: Arc<str>,
    /// What the header says.
    pub title: String,
    /// The group that colour and icon go by; `None` of the start and of types that do not exist.
    pub category: Option<Category>,
    /// Whether its type exists.
    pub is_known: bool,
    /// Whether it is in the flow.
    pub is_executing: bool,
    /// One sentence about its type.
    pub summary: &'static str,
    /// The author's comment.
    pub comment: Option<String>,
    /// Flow first, then data; inputs, then outputs.
    pub pins: Vec<Pin>,
    /// What is wrong with the node as a whole.
    pub badges: Vec<Badge>,
    /// The worst that is wrong with it or its pins.
    pub severity: Option<Severity>,
    /// Where it stands.
    pub rect: Rect,
}

impl Card {
    /// A pin of it.
    pub fn pin(&self, side: Side, name: &str) -> Option<&Pin> {
        self.pins.iter().find(|pin| pin.id.side == side && *pin.id.name == *name)
    }

    /// Where a pin of it is on the canvas.
    pub fn place_of(&self, pin: &Pin) -> Point {
        let x = if pin.id.is_source() { self.rect.right() } else { self.rect.x };
        (x, self.rect.y + pin.y)
    }

    fn worst(&self) -> Option<Severity> {
        let mut all = self.badges.iter().chain(self.pins.iter().flat_map(|pin| &pin.badges)).peekable();
        all.peek()?;
        Some(if all.any(|badge| badge.is_error) { Severity::Error } else { Severity::Warning })
    }
}

/// What cards are made of.
pub(super) struct Maker<'a> {
    source: &'a SourceDocument,
    graph: &'a Graph,
    sight: Sight<'a>,
    types: Option<&'a HashMap<String, Type>>,
    /// By node: pins with wires.
    connected: HashSet<&'a PinId>,
    /// By node: labels of its edges.
    labels: HashMap<&'a str, Vec<&'a Arc<str>>>,
    in_flow: HashSet<&'a str>,
}

/// The start and all nodes of a graph.
pub(super) fn cards(
    source: &SourceDocument,
    graph: &Graph,
    wires: &[Wire],
    places: &[Point],
    sight: Sight<'_>,
) -> Vec<Card> {
    let maker = Maker::new(source, graph, wires.iter(), sight);
    let mut cards = Vec::with_capacity(graph.nodes.len() + 1);
    cards.push(maker.start(start_at(wires.iter(), graph, places)));
    cards.extend(graph.nodes.iter().zip(places).map(|(node, place)| maker.card(node, *place)));
    cards
}

/// The node that the start stands beside, by position: where the flow begins, else the first that reads a parameter, else the
/// first; and the left edge of all that the start is wired with. `None` where there is no node.
pub(crate) fn beside<'a>(
    wires: impl Iterator<Item = &'a Wire>,
    graph: &Graph,
    places: &[Point],
) -> Option<(usize, f64)> {
    let (mut first, mut wired) = (None, HashSet::new());
    for wire in wires.filter(|wire| &*wire.from.node == START) {
        if wire.is_flow() && first.is_none() {
            first = Some(&*wire.to.node);
        }
        wired.insert(&*wire.to.node);
    }
    let mut found: Option<(bool, usize, f64)> = None;
    for (index, (node, (x, _))) in graph.nodes.iter().zip(places).enumerate() {
        let id = &*node.id.text;
        if wired.contains(id) {
            let is_first = first == Some(id);
            found = Some(match found {
                Some((was_first, index, left)) if was_first || !is_first => (was_first, index, left.min(*x)),
                Some((.., left)) => (is_first, index, left.min(*x)),
                None => (is_first, index, *x),
            });
        }
    }
    found.map(|(_, index, left)| (index, left)).or_else(|| Some((0, places.first()?.0)))
}

/// The left top of what the start stands beside.
pub(super) fn start_at<'a>(wires: impl Iterator<Item = &'a Wire>, graph: &Graph, places: &[Point]) -> Option<Point> {
    let (index, x) = beside(wires, graph, places)?;
    Some((x, places.get(index)?.1))
}

/// The cards of a graph as they are without places and problems, the start first: what a layout goes by.
pub(crate) fn bare(source: &SourceDocument, graph: GraphAt, context: &Context) -> Vec<Card> {
    let Some(model) = source.graph(graph) else { return Vec::new() };
    let places = vec![Point::default(); model.nodes.len()];
    cards(source, model, &wires(model), &places, Sight { context, findings: None })
}

impl<'a> Maker<'a> {
    /// For nodes of a graph, all of whose wires are among `wires`.
    pub(super) fn new(
        source: &'a SourceDocument,
        graph: &'a Graph,
        wires: impl Iterator<Item = &'a Wire> + Clone,
        sight: Sight<'a>,
    ) -> Maker<'a> {
        let mut maker = Maker {
            source,
            graph,
            sight,
            types: sight.context.types.get(&graph.name.text),
            connected: wires.clone().flat_map(|wire| [&wire.from, &wire.to]).collect(),
            labels: HashMap::new(),
            in_flow: HashSet::new(),
        };
        for wire in wires.filter(|wire| wire.is_flow()) {
            maker.labels.entry(&wire.from.node).or_default().push(&wire.from.name);
            maker.in_flow.insert(&wire.from.node);
            maker.in_flow.insert(&wire.to.node);
        }
        maker
    }

    pub(super) fn start(&self, beside: Option<Point>) -> Card {
        let (x, y) = beside.unwrap_or_default();
        let mut pins = vec![self.pin(PinId::new(START, Side::FlowOut, ""), PinKind::Any, String::new(), None)];
        for parameter in &self.graph.parameters {
            let schema = self.sight.context.schema.as_deref();
            let known = schema.and_then(|schema| schema.parse_type(&parameter.ty.text).ok());
            let kind = PinKind::of_type(&parameter.ty.text);
            let id = PinId::new(START, Side::Output, parameter.name.text.clone());
            pins.push(Pin { is_dynamic: true, ..self.pin(id, kind, parameter.ty.text.to_string(), known) });
        }
        let mut card = Card {
            id: START.into(),
            ty: "".into(),
            title: self
                .graph
                .event
                .as_ref()
                .map_or_else(|| self.graph.name.text.to_string(), |event| event.text.to_string()),
            category: None,
            is_known: true,
            is_executing: true,
            summary: "Where the flow begins.",
            comment: None,
            pins,
            badges: Vec::new(),
            severity: None,
            rect: Rect::new(x, y, 0.0, 0.0),
        };
        arrange(&mut card);
        if beside.is_some() {
            card.rect.x -= START_GAP.max(card.rect.width + LEAST_GAP);
        }
        card
    }

    pub(super) fn card(&self, node: &Node, (x, y): Point) -> Card {
        let row = node::lookup(&node.ty.text, &self.sight.context.hosts);
        let is_executing = row.is_some_and(NodeRow::executing) || self.in_flow.contains(&*node.id.text);
        let mut pins = Vec::new();
        if is_executing {
            self.flow(node, row, &mut pins);
        }
        self.inputs(node, row, &mut pins);
        self.outputs(node, row, &mut pins);
        let mut card = Card {
            id: node.id.text.clone(),
            ty: node.ty.text.clone(),
            title: node.ty.text.to_string(),
            category: row.map(|row| row.category),
            is_known: row.is_some(),
            is_executing,
            summary: row.map_or("No node type of this name exists.", |row| row.summary),
            comment: node.comment.as_ref().map(|comment| comment.text.to_string()),
            pins,
            badges: Vec::new(),
            severity: None,
            rect: Rect::new(x, y, 0.0, 0.0),
        };
        self.badges(node, row, &mut card);
        card.severity = card.worst();
        arrange(&mut card);
        card
    }

    fn pin(&self, id: PinId, kind: PinKind, ty: String, known: Option<Type>) -> Pin {
        Pin {
            label: id.name.rsplit('.').next().unwrap_or("").to_owned(),
            kind,
            ty,
            known,
            docs: "",
            is_required: false,
            is_lambda: false,
            is_connected: self.connected.contains(&id),
            is_dynamic: false,
            field: None,
            badges: Vec::new(),
            y: 0.0,
            id,
        }
    }

    fn flow(&self, node: &Node, row: Option<&NodeRow>, pins: &mut Vec<Pin>) {
        let id = &node.id.text;
        let flow = |side, name: &str| self.pin(PinId::new(id.clone(), side, name), PinKind::Any, String::new(), None);
        pins.push(flow(Side::FlowIn, ""));
        let used = self.labels.get(&**id).map_or(&[][..], Vec::as_slice);
        let exits = row.map_or(Exits::Cases, |row| row.exits);
        let mut names: Vec<&str> = match exits {
            Exits::Plain => vec![""],
            Exits::Optional(other) => vec!["", other],
            Exits::Branch(labels) => labels.to_vec(),
            Exits::Loop => vec!["body", "done"],
            Exits::Bounded => vec!["body", "done", "timeout"],
            Exits::Cases | Exits::Numbered | Exits::None => Vec::new(),
        };
        let fixed = names.len();
        let mut more: Vec<&str> = used.iter().map(|label| &***label).filter(|label| !names.contains(label)).collect();
        more.sort_by_key(|label| {
            (label.is_empty() || *label == "default", label.parse::<u32>().unwrap_or(u32::MAX), *label)
        });
        more.dedup();
        let last = more.iter().filter_map(|label| label.parse::<u32>().ok()).max().unwrap_or(0);
        let next = last.saturating_add(1).to_string();
        names.extend(&more);
        match exits {
            Exits::Cases if row.is_some() && !names.contains(&"default") => names.push("default"),
            Exits::Numbered => names.push(&next),
            _ => {}
        }
        if exits == Exits::Numbered && !names.contains(&"") {
            names.push("");
        }
        for (index, name) in names.into_iter().enumerate() {
            let is_dynamic = index >= fixed && exits == Exits::Cases && !["", "default"].contains(&name);
            pins.push(Pin { is_dynamic, ..flow(Side::FlowOut, name) });
        }
    }

    fn inputs(&self, node: &Node, row: Option<&'static NodeRow>, pins: &mut Vec<Pin>) {
        let mut given: HashSet<&str> = HashSet::new();
        for port in row.map_or(&[][..], |row| row.inputs) {
            let named = |name: &str| name == port.name || port.synonyms.contains(&name);
            let entry = node.inputs.iter().find(|(name, _)| named(&name.text));
            given.extend(entry.map(|(name, _)| &*name.text));
            let declared = self.returned(node, port);
            self.input(node, port.name, Some(port), declared.as_ref(), entry.map(|(_, input)| input), pins);
            self.expected(node, port, entry.map(|(_, input)| input), pins);
        }
        // What the type does not have is shown where it stands, to be removed.
        for (name, input) in node.inputs.iter().filter(|(name, _)| !given.contains(&*name.text)) {
            self.input(node, &name.text, None, None, Some(input), pins);
        }
    }

    /// The pin of an input, and pins of the entries of one that is written out.
    fn input(
        &self,
        node: &Node,
        name: &str,
        port: Option<&'static InputPort>,
        declared: Option<&Type>,
        input: Option<&Input>,
        pins: &mut Vec<Pin>,
    ) {
        let schema = self.sight.context.schema.as_deref();
        let exact = declared.cloned().or_else(|| {
            let ty = port.filter(|port| port.role == Role::Value || port.role == Role::Lambda)?.ty;
            statewright_types::schema::parse_type(ty, &|_| None).ok()
        });
        let pin_kind = match (&exact, port) {
            (Some(ty), _) => kind(schema, ty),
            (None, Some(port)) => port_kind(port.ty),
            (None, None) => PinKind::Any,
        };
        let ty = match (declared, port, schema) {
            (Some(ty), _, Some(schema)) => schema.show(ty).to_string(),
            (_, Some(port), _) => port.ty.to_owned(),
            _ => "any".to_owned(),
        };
        let mut pin = self.pin(PinId::new(node.id.text.clone(), Side::Input, name), pin_kind, ty, exact);
        pin.docs = port.map_or("", |port| port.docs);
        pin.is_required = port.is_some_and(|port| port.need == Need::Required);
        pin.is_lambda = port.is_some_and(|port| port.role == Role::Lambda);
        pin.is_dynamic = name.contains('.');
        let is_open = matches!(input.map(|input| &input.kind), Some(InputKind::Map(_) | InputKind::List(_)));
        if !pin.is_connected {
            let field = field(port, declared, input);
            pin.field = Some(Field { kind: self.kind_at(&field, input), ..field });
        }
        pins.push(pin);
        if is_open && name.matches('.').count() < 2 && !input.is_some_and(|input| input.constant) {
            self.entries(node, name, input, pins);
        }
    }

    /// The kind of what a state path or reference leads to, by the schema and the parameters.
    fn kind_at(&self, field: &Field, input: Option<&Input>) -> Option<PinKind> {
        let schema = self.sight.context.schema.as_deref()?;
        let scope = Scope::new(schema, self.source.document.state_type.as_ref(), self.graph)?;
        let ty = match (&field.editor, input.map(|input| &input.kind)) {
            (super::Editor::Path, _) => scope.path(&Path::parse(&field.text).ok()?)?,
            (super::Editor::Reference, Some(InputKind::Reference(reference))) => scope.reference(reference)?,
            _ => return None,
        };
        Some(kind(Some(schema), &ty))
    }

    fn entries(&self, node: &Node, name: &str, input: Option<&Input>, pins: &mut Vec<Pin>) {
        match input.map(|input| &input.kind) {
            Some(InputKind::Map(entries)) => {
                for (key, value) in entries {
                    let declared = self.argument(node, name, &key.text);
                    self.input(node, &format!("{name}.{}", key.text), None, declared.as_ref(), Some(value), pins);
                }
            }
            Some(InputKind::List(elements)) => {
                for (index, value) in elements.iter().enumerate() {
                    self.input(node, &format!("{name}.{index}"), None, None, Some(value), pins);
                }
            }
            _ => {}
        }
    }

    /// What a constant input of a node says.
    fn constant<'n>(node: &'n Node, port: &str) -> Option<&'n Arc<str>> {
        node.inputs.iter().find_map(|(name, input)| match &input.kind {
            InputKind::Text(text) if &*name.text == port => Some(text),
            _ => None,
        })
    }

    fn called(&self, node: &Node) -> Option<&'a Graph> {
        let name = (&*node.ty.text == "CallFunction").then(|| Maker::constant(node, "function"))??;
        self.source.document.functions.iter().find(|function| function.name.text == *name)
    }

    /// The type of an argument of a call, or of a field of a struct that is made.
    fn argument(&self, node: &Node, port: &str, key: &str) -> Option<Type> {
        let schema = self.sight.context.schema.as_ref()?;
        match (&*node.ty.text, port) {
            ("CallFunction", "args") => {
                let parameters = &self.called(node)?.parameters;
                let parameter = parameters.iter().find(|parameter| &*parameter.name.text == key)?;
                schema.parse_type(&parameter.ty.text).ok()
            }
            ("CreateStruct", "fields") => {
                let def = schema.get(schema.by_name(Maker::constant(node, "type")?)?);
                def.fields.get(def.field(key)?).map(|field| field.ty.clone())
            }
            _ => None,
        }
    }

    /// The type of what a function gives back, of the input of its Return.
    fn returned(&self, node: &Node, port: &InputPort) -> Option<Type> {
        let ty = self.graph.return_type.as_ref().filter(|_| &*node.ty.text == "Return" && port.name == "value")?;
        self.sight.context.schema.as_ref()?.parse_type(&ty.text).ok()
    }

    /// Pins that there are whether or not they are given: parameters of the function that is called, fields of the struct
    /// that is made.
    fn expected(&self, node: &Node, port: &'static InputPort, input: Option<&Input>, pins: &mut Vec<Pin>) {
        let schema = self.sight.context.schema.as_deref();
        let names: Vec<Arc<str>> = match (&*node.ty.text, port.name) {
            ("CallFunction", "args") => self.called(node).map_or_else(Vec::new, |function| {
                function.parameters.iter().map(|parameter| parameter.name.text.clone()).collect()
            }),
            ("CreateStruct", "fields") => {
                let def = Maker::constant(node, "type").and_then(|name| Some(schema?.get(schema?.by_name(name)?)));
                def.map_or_else(Vec::new, |def| def.fields.iter().map(|field| field.name.clone()).collect())
            }
            _ => return,
        };
        let is_given = |name: &str| match input.map(|input| &input.kind) {
            Some(InputKind::Map(entries)) => entries.iter().any(|(key, _)| &*key.text == name),
            None | Some(InputKind::Null) => false,
            Some(_) => true,
        };
        for name in names.iter().filter(|name| !is_given(name)) {
            let declared = self.argument(node, port.name, name);
            self.input(node, &format!("{}.{name}", port.name), None, declared.as_ref(), None, pins);
        }
    }

    fn outputs(&self, node: &Node, row: Option<&'static NodeRow>, pins: &mut Vec<Pin>) {
        let schema = self.sight.context.schema.as_deref();
        let returns = self.called(node).map(|function| function.return_type.as_ref());
        for port in row.map_or(&[][..], |row| row.outputs) {
            if matches!(returns, Some(None)) {
                continue;
            }
            let key = format!("{}:{}", node.id.text, port.name);
            let found = self.types.and_then(|types| types.get(&key).cloned());
            let returned = returns.flatten().and_then(|ty| schema.and_then(|schema| schema.parse_type(&ty.text).ok()));
            let fixed = || statewright_types::schema::parse_type(port.ty, &|_| None).ok();
            let known = found.or(returned).or_else(fixed);
            let ty = match (&known, schema) {
                (Some(ty), Some(schema)) => schema.show(ty).to_string(),
                _ => port.ty.to_owned(),
            };
            let pin_kind = known.as_ref().map_or_else(|| port_kind(port.ty), |ty| kind(schema, ty));
            let mut pin = self.pin(PinId::new(node.id.text.clone(), Side::Output, port.name), pin_kind, ty, known);
            pin.docs = port.docs;
            let alias = node
                .outputs
                .iter()
                .find(|output| &*output.port.text == port.name || port.synonyms.contains(&&*output.port.text));
            if let Some(alias) = alias {
                pin.label = alias.alias.text.to_string();
            }
            pins.push(pin);
        }
    }

    fn badges(&self, node: &Node, row: Option<&NodeRow>, card: &mut Card) {
        let Some(findings) = self.sight.findings else { return };
        for found in findings.at(&self.graph.name.text, &node.id.text) {
            let badge = Badge {
                code: found.code,
                is_error: found.severity == Severity::Error,
                message: found.message.clone(),
                help: found.help.clone().unwrap_or_default(),
                fixes: found.fix.clone(),
            };
            let port = found.place.port.as_deref().map(|port| {
                let (first, rest) = port.split_once('.').map_or((port, None), |(first, rest)| (first, Some(rest)));
                let canonical = row.and_then(|row| row.input(first)).map_or(first, |port| port.name);
                rest.map_or(canonical.to_owned(), |rest| format!("{canonical}.{rest}"))
            });
            let is_it = |pin: &&mut Pin| pin.id.side == Side::Input && Some(&*pin.id.name) == port.as_deref();
            match card.pins.iter_mut().find(is_it) {
                Some(pin) => pin.badges.push(badge),
                None => card.badges.push(badge),
            }
        }
    }
}

/// Gives pins their rows and the card its size.
fn arrange(card: &mut Card) {
    let (mut left, mut right) = (0usize, 0usize);
    let (mut left_width, mut right_width) = (Vec::new(), Vec::new());
    let letters = |text: &str| text.chars().count().min(LETTERS) as f64 * LETTER;
    for pin in &mut card.pins {
        let (row, widths) =
            if pin.id.is_source() { (&mut right, &mut right_width) } else { (&mut left, &mut left_width) };
        pin.y = HEADER + (*row as f64 + 0.5) * ROW;
        *row += 1;
        let value = match &pin.field {
            Some(Field { editor: super::Editor::None, .. }) | None => 0.0,
            Some(field) => {
                let sign = if field.kind.is_some() { SIGN } else { 0.0 };
                (letters(&field.text) + 16.0).clamp(40.0, FIELD) + sign
            }
        };
        widths.push(14.0 + letters(&pin.label) + value);
    }
    let rows = left.max(right);
    let pair =
        |row: usize| left_width.get(row).copied().unwrap_or(0.0) + right_width.get(row).copied().unwrap_or(0.0) + 18.0;
    let widest = (0..rows).map(pair).fold(0.0, f64::max);
    let header = letters(&card.title) * 1.15 + letters(&card.id) + 52.0;
    card.rect.width = widest.max(header).max(WIDTH).ceil();
    card.rect.height = HEADER + rows as f64 * ROW + FOOT;
}

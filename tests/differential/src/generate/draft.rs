//! A graph while it is drawn: its nodes, its edges, and what can be referred to at the place where the drawing is.

use std::sync::Arc;

use statewright_graph::document::GraphKind;
use statewright_graph::node::{Effect, NodeRow};
use statewright_types::{StructId, Type, Value};

use super::ways;
use super::world::World;
use crate::chance::Chance;

/// A graph's name, parameters and result.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Its name.
    pub name: String,
    /// Parameters.
    pub params: Vec<(String, Type)>,
    /// What a function gives.
    pub returns: Option<Type>,
    /// Whether it does only what filters and effects may do.
    pub is_bound: bool,
    /// Whether it is a view, which only looks.
    pub is_view: bool,
}

/// What a document's graphs can name.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Functions, of which each calls only later ones.
    pub functions: Vec<Signature>,
    /// Filters.
    pub filters: Vec<Signature>,
    /// Effects.
    pub effects: Vec<Signature>,
    /// Events with the parameters of their handlers.
    pub events: Vec<Signature>,
}

/// In how many of a hundred references something may be on the way that is not there.
const RISK: usize = 6;

/// Something that can be referred to.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The reference.
    pub text: String,
    /// Its type.
    pub ty: Type,
    /// In which context only: values of the innermost loop, and nodes outside the flow, mean something else elsewhere.
    pub only_in: Option<u32>,
}

/// A graph that is being drawn.
pub struct Draft<'w> {
    pub(super) world: &'w World,
    pub(super) names: &'w Names,
    pub(super) chance: &'w mut Chance,
    pub(super) kind: GraphKind,
    /// What node ids begin with, so that they are the document's own.
    pub(super) prefix: String,
    /// Whether it must do only what filters and effects may do.
    pub(super) is_bound: bool,
    /// Whether it must only look, as views do.
    pub(super) is_view: bool,
    /// Which events a handler may send to itself later: those from here on, so that none goes on for ever.
    pub(super) sendable: usize,
    /// Which functions it may call: those from here on.
    pub(super) callable: usize,
    pub(super) returns: Option<Type>,
    pub(super) nodes: Vec<Value>,
    pub(super) edges: Vec<Value>,
    pub(super) entries: Vec<Entry>,
    pub(super) variables: Vec<(String, Type)>,
    /// The loop or lambda that the drawing is in.
    pub(super) context: u32,
    pub(super) contexts: u32,
    /// Whether Break and Continue mean something here.
    pub(super) in_loop: bool,
    /// Whether an input is drawn that is evaluated for each element.
    pub(super) in_lambda: bool,
    /// Whether inputs are mostly literals, at the edges of their types.
    pub(super) at_edges: bool,
    /// How deep blocks are.
    pub(super) depth: usize,
    /// Nodes that may still be drawn.
    pub(super) budget: usize,
}

impl<'w> Draft<'w> {
    /// An empty graph of that kind.
    pub fn new(
        world: &'w World,
        names: &'w Names,
        chance: &'w mut Chance,
        kind: GraphKind,
        budget: usize,
    ) -> Draft<'w> {
        Draft {
            world,
            names,
            chance,
            kind,
            prefix: String::new(),
            is_bound: matches!(kind, GraphKind::Filter | GraphKind::Effect),
            is_view: false,
            sendable: usize::MAX,
            callable: 0,
            returns: None,
            nodes: Vec::new(),
            edges: Vec::new(),
            entries: Vec::new(),
            variables: Vec::new(),
            context: 0,
            contexts: 0,
            in_loop: false,
            in_lambda: false,
            at_edges: false,
            depth: 0,
            budget,
        }
    }

    /// Whether nodes of that row may stand in the graph.
    pub(super) fn allows(&self, row: &NodeRow) -> bool {
        let forbidden = |effect: &Effect| {
            matches!(
                effect,
                Effect::Emits | Effect::Draws | Effect::Suspends | Effect::ActsOnSession | Effect::ActsOnHost
            )
        };
        let written = |effect: &Effect| matches!(effect, Effect::WritesState | Effect::Calls);
        !(self.is_bound && row.effects.iter().any(forbidden) || self.is_view && row.effects.iter().any(written))
    }

    /// Adds a node; its id.
    pub(super) fn node(&mut self, row: &NodeRow, inputs: Vec<(&'static str, Value)>) -> String {
        self.budget = self.budget.saturating_sub(1);
        let id = format!("{}{}", self.prefix, self.nodes.len() + 1);
        let inputs = inputs.into_iter().map(|(port, value)| (Arc::from(port), value)).collect();
        self.nodes.push(Value::map([
            ("id", Value::from(id.as_str())),
            ("type", row.name.into()),
            ("inputs", Value::Map(inputs)),
        ]));
        id
    }

    /// Adds an edge.
    pub(super) fn edge(&mut self, from: &str, label: Option<&str>, to: &str) {
        let mut edge = vec![("from", Value::from(from)), ("to", to.into())];
        edge.extend(label.map(|label| ("label", label.into())));
        self.edges.push(Value::map(edge));
    }

    /// Makes something known.
    pub(super) fn know(&mut self, text: String, ty: Type, only_in: Option<u32>) {
        self.entries.push(Entry { text, ty, only_in });
    }

    /// A new context; gives the one before.
    pub(super) fn enter(&mut self) -> u32 {
        self.contexts += 1;
        std::mem::replace(&mut self.context, self.contexts)
    }

    /// Whether the entry at that position can be referred to here.
    pub(super) fn is_known_at(&self, at: usize) -> bool {
        self.entries.get(at).is_some_and(|entry| self.is_known(entry))
    }

    fn is_known(&self, entry: &Entry) -> bool {
        entry.only_in.is_none_or(|context| context == self.context)
    }

    /// A reference to something of which `fits` holds, and its type. Of equal chance for all that is known at hand, and for all
    /// of the state.
    pub(super) fn reference(&mut self, fits: &dyn Fn(&Type) -> bool) -> Option<(String, Type)> {
        let at_hand = self.local(fits);
        match at_hand {
            Some(found) if self.chance.percent(65) => Some(found),
            other => {
                let main = self.world.main;
                self.state(main, fits, false).map(|(path, ty)| (format!("{}{path}", self.scheme()), ty)).or(other)
            }
        }
    }

    fn scheme(&mut self) -> &'static str {
        if self.chance.percent(4) { "base:" } else { "state:" }
    }

    fn local(&mut self, fits: &dyn Fn(&Type) -> bool) -> Option<(String, Type)> {
        let may_fail = self.chance.percent(RISK);
        let mut found = None;
        let mut count = 0;
        for (index, entry) in self.entries.iter().enumerate() {
            if !self.is_known(entry) {
                continue;
            }
            if fits(&entry.ty) {
                count += 2;
                if self.chance.below(count) < 2 {
                    found = Some((index, None, entry.ty.clone()));
                }
            }
            let Type::Struct(id) = entry.ty.non_null() else { continue };
            let is_nullable = matches!(entry.ty, Type::Nullable(_));
            for way in self.world.ways.from(*id) {
                if fits(&way.ty) && (may_fail || !way.is_risky && !is_nullable) {
                    count += 1;
                    if self.chance.below(count) == 0 {
                        found = Some((index, Some(way), way.ty.clone()));
                    }
                }
            }
        }
        let (index, way, ty) = found?;
        let mut text = self.entries.get(index)?.text.clone();
        if let Some(way) = way {
            text.push_str(&self.steps(&way.hops));
        }
        Some((text, ty))
    }

    /// The main root, or now and then the one that comes and goes.
    pub(super) fn root(&mut self) -> StructId {
        let other = self.world.schema.by_name("Bonus");
        other.filter(|_| self.chance.percent(15)).unwrap_or(self.world.main)
    }

    /// A path in the state, from a root on.
    pub(super) fn state(
        &mut self,
        root: StructId,
        fits: &dyn Fn(&Type) -> bool,
        only_places: bool,
    ) -> Option<(String, Type)> {
        let may_fail = self.chance.percent(RISK);
        let (mut safe, mut all) = (0, 0);
        let (mut found, mut any) = (None, None);
        for way in self.world.ways.from(root) {
            if fits(&way.ty) && (way.is_place || !only_places) {
                all += 1;
                if self.chance.below(all) == 0 {
                    any = Some(way);
                }
                if !way.is_risky {
                    safe += 1;
                    if self.chance.below(safe) == 0 {
                        found = Some(way);
                    }
                }
            }
        }
        let way = found.filter(|_| !may_fail).or(any)?;
        let text = self.steps(&way.hops);
        let text = match root == self.world.main && !self.chance.percent(3) {
            true => text.strip_prefix('.').unwrap_or(&text).to_owned(),
            false => format!("{}{text}", self.world.schema.get(root).name),
        };
        Some((text, way.ty.clone()))
    }

    fn steps(&mut self, hops: &[ways::Hop]) -> String {
        let simple = |entry: &&Entry| {
            ["param:", "variable:", "loop:"].iter().any(|scheme| entry.text.starts_with(scheme))
                && !entry.text.contains(['.', '['])
        };
        let (mut ints, mut texts) = (Vec::new(), Vec::new());
        for entry in self.entries.iter().filter(|entry| self.is_known(entry)).filter(simple) {
            match entry.ty {
                Type::Int(kind) if kind != statewright_types::IntKind::U64 => ints.push(entry.text.clone()),
                Type::String => texts.push(entry.text.clone()),
                _ => {}
            }
        }
        ways::text(hops, &ints, &texts, self.chance)
    }
}

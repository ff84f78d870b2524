//! The flow of a graph: blocks of nodes, one after the other, that branch, repeat and wait as their rows' exits say.

use statewright_graph::document::GraphKind;
use statewright_graph::node::{Exits, NodeRow, by_name};
use statewright_types::{Type, Value};

use super::draft::Draft;
use super::pattern::table;
use crate::hosts;

/// An edge that has no target yet.
pub(super) type End = (String, Option<String>);

const DEPTH: usize = 3;

impl Draft<'_> {
    /// A chain of nodes behind `ends`; the ends that it leaves.
    pub(super) fn block(&mut self, mut ends: Vec<End>, most: usize) -> Vec<End> {
        for _ in 0..self.chance.between(1, most.max(1)) {
            if self.budget == 0 || ends.is_empty() {
                break;
            }
            ends = self.statement(ends);
        }
        ends = self.all_told(ends);
        if !ends.is_empty() && self.depth > 0 && self.chance.percent(8) {
            ends = self.last(ends);
        }
        ends
    }

    /// A node that leaves: Return, Fail, Break or Continue.
    fn last(&mut self, ends: Vec<End>) -> Vec<End> {
        let rows: &[&'static str] =
            if self.in_loop { &["Break", "Continue", "Return", "Fail"] } else { &["Return", "Fail"] };
        let name = self.chance.word(rows);
        self.add(name, ends)
    }

    /// A node of that row behind `ends`, if one can be made; else nothing.
    pub(super) fn add(&mut self, name: &str, ends: Vec<End>) -> Vec<End> {
        match by_name(name) {
            Some(row) => self.place(row, ends),
            None => ends,
        }
    }

    fn statement(&mut self, ends: Vec<End>) -> Vec<End> {
        if self.world.crowd.is_some() && self.depth < 2 && self.chance.percent(12) {
            return self.swept(ends);
        }
        // What somebody goes over, or has a reference into, loses elements.
        if !self.is_bound
            && self.chance.percent(if self.in_loop { 5 } else { 2 })
            && let Some(row) = by_name(self.chance.word(&["RemoveFromArray", "ClearArray"]))
        {
            let (ends, player) = self.found(ends);
            let mut inputs = vec![("path", Value::from("Players"))];
            if row.input("index").is_some() {
                inputs.push(("index", Value::Int(self.chance.below(2) as i64)));
            }
            let id = self.node(row, inputs);
            ends.into_iter().for_each(|(from, label)| self.edge(&from, label.as_deref(), &id));
            // What follows is mostly about what is gone.
            if let Some((player, ty)) = player {
                (0..6).for_each(|_| self.know(format!("node:{player}:player"), ty.clone(), None));
            }
            return vec![(id, None)];
        }
        if !self.is_bound && self.chance.percent(14) {
            return self.told(ends);
        }
        if !self.is_bound && self.chance.percent(6) {
            return self.risked(ends);
        }
        if self.world.is_exact && !self.is_bound && self.chance.percent(15) {
            return self.exactly(ends);
        }
        let pure = self.chance.percent(22);
        // Nodes of the host program are few among so many rows.
        let rows = match (self.chance.percent(5), pure) {
            (true, pure) => hosts::rows().get(usize::from(pure)).unwrap_or(&table().pure),
            (false, true) => &table().pure,
            (false, false) => &table().executing,
        };
        for _ in 0..6 {
            let Some(row) = self.chance.pick(rows).copied() else { break };
            let leaves = matches!(row.exits, Exits::None);
            let nests =
                matches!(row.exits, Exits::Branch(_) | Exits::Loop | Exits::Bounded | Exits::Numbered | Exits::Cases);
            if !self.allows(row) || leaves || nests && self.depth >= DEPTH {
                continue;
            }
            // Loops and branches are few among so many rows.
            if !nests && !pure && self.depth < 2 && self.chance.percent(12) {
                let names = ["ForEach", "If", "If", "ForEach", "Repeat", "While", "ForEachWhere", "SetVariable"];
                let name = self.chance.word(&names);
                return self.add(name, ends);
            }
            return self.place(row, ends);
        }
        ends
    }

    /// Something that is written, and taken back if it fails then: by a condition, so that a call before it or behind it goes on.
    fn risked(&mut self, ends: Vec<End>) -> Vec<End> {
        let mut ends = ends;
        for _ in 0..self.chance.between(1, 3) {
            let rows =
                ["Increment", "Increment", "SetField", "SetField", "ActivateSchema", "DeactivateSchema", "GetField"];
            let name = self.chance.word(&rows);
            ends = self.add(name, ends);
        }
        let Some((number, _)) = self.reference(&|ty| ty.loaded() == Type::INT) else { return ends };
        let Some(row) = by_name("If") else { return ends };
        let (order, bound) = (self.chance.word(&["<", ">", "=="]), self.chance.below(8) as i64 - 2);
        let inputs = vec![("left", number.into()), ("op", order.into()), ("right", Value::Int(bound))];
        let condition = self.made("Compare", inputs);
        let id = self.node(row, vec![("condition", condition)]);
        ends.into_iter().for_each(|(from, label)| self.edge(&from, label.as_deref(), &id));
        self.scoped(|draft| draft.add("Fail", vec![(id.clone(), Some("true".into()))]));
        vec![(id, Some("false".into()))]
    }

    /// An event that tells what a small integer and one near the last that floats have exactly make together, as an integer and as
    /// a float or no number, and whether these are equal.
    fn exactly(&mut self, ends: Vec<End>) -> Vec<End> {
        const LAST: i64 = 1 << 53;
        const NEAR: [i64; 9] = [LAST - 1, LAST, 1 - LAST, (LAST >> 1) + 1, (LAST >> 6) + 3, 1 << 60, -1, -7, 0];
        let is_small = |ty: &Type| matches!(ty, Type::Int(kind) if kind.range().1 < 1 << 33);
        let Some((small, _)) = self.reference(&is_small) else { return ends };
        let mut operands = [Value::from(small), Value::Int(NEAR[self.chance.below(NEAR.len())])];
        if self.chance.percent(50) {
            operands.reverse();
        }
        let [a, b] = operands;
        let name = self.chance.word(&["Multiply", "Multiply", "Add", "Subtract"]);
        let whole = self.made(name, vec![("a", a), ("b", b)]);
        let by = [1, 1, 3, -8][self.chance.below(4)];
        let part = self.made("Divide", vec![("a", whole.clone()), ("b", Value::Int(by))]);
        // The root of what is negative is no number.
        let part = if self.chance.percent(30) { self.made("Sqrt", vec![("value", part)]) } else { part };
        let order = self.chance.word(&["==", "==", "!="]);
        let same = self.made("Compare", vec![("left", whole.clone()), ("op", order.into()), ("right", part.clone())]);
        self.emitted(ends, vec![("whole".to_owned(), whole), ("part".to_owned(), part), ("same".to_owned(), same)])
    }

    /// Sometimes, a player who is there; the node that has it.
    fn found(&mut self, ends: Vec<End>) -> (Vec<End>, Option<(String, Type)>) {
        let (Some(row), Some(id)) = (by_name("GetPlayer"), self.world.schema.by_name("Player")) else {
            return (ends, None);
        };
        if !self.chance.percent(50) {
            return (ends, None);
        }
        let node = self.node(row, vec![("playerID", "ann".into())]);
        ends.into_iter().for_each(|(from, label)| self.edge(&from, label.as_deref(), &node));
        (vec![(node.clone(), None)], Some((node, Type::Struct(id))))
    }

    /// An event that tells what a few pure nodes make of inputs at the edges.
    fn told(&mut self, ends: Vec<End>) -> Vec<End> {
        let mut payload = Vec::new();
        let known = self.entries.len();
        self.at_edges = true;
        for name in ["a", "b", "c"] {
            let Some(row) = self.chance.pick(&table().pure).copied() else { break };
            let Some(filled) = self.fill(row, None, 1) else { continue };
            if let Some(swapped) = swapped(&filled.inputs) {
                // The same with its operands the other way round.
                let id = self.node(row, swapped);
                let result = row.outputs.first().map_or("result", |port| port.name);
                payload.push((format!("{name}_swapped"), Value::from(format!("node:{id}:{result}"))));
            }
            let id = self.node(row, filled.inputs);
            let outputs = filled.outputs.into_iter().filter(|(name, _)| !name.is_empty());
            for (output, ty) in outputs {
                payload.push((format!("{name}_{output}"), Value::from(format!("node:{id}:{output}"))));
                self.know(format!("node:{id}:{output}"), ty, Some(self.context));
            }
        }
        self.at_edges = false;
        self.entries.truncate(known);
        self.emitted(ends, payload)
    }

    /// An event that tells what is known here.
    fn all_told(&mut self, ends: Vec<End>) -> Vec<End> {
        if self.is_bound || ends.is_empty() || !self.chance.percent(if self.depth == 0 { 85 } else { 25 }) {
            return ends;
        }
        let mut payload = Vec::new();
        for number in 0..self.chance.between(2, 8) {
            let known: Vec<usize> = (0..self.entries.len()).filter(|at| self.is_known_at(*at)).collect();
            if let Some(entry) = self.chance.pick(&known).and_then(|at| self.entries.get(*at)) {
                payload.push((format!("k{number}"), Value::from(entry.text.as_str())));
            }
        }
        self.emitted(ends, payload)
    }

    pub(super) fn emitted(&mut self, ends: Vec<End>, payload: Vec<(String, Value)>) -> Vec<End> {
        let Some(row) = by_name("EmitToAll") else { return ends };
        let payload = Value::map(payload);
        let id = self.node(row, vec![("eventType", "Told".into()), ("payload", payload)]);
        ends.into_iter().for_each(|(from, label)| self.edge(&from, label.as_deref(), &id));
        vec![(id, None)]
    }

    fn place(&mut self, row: &'static NodeRow, ends: Vec<End>) -> Vec<End> {
        let Some(filled) = self.fill(row, None, 0) else { return ends };
        let id = self.node(row, filled.inputs);
        for (from, label) in ends {
            self.edge(&from, label.as_deref(), &id);
        }
        let outputs = filled.outputs.iter().filter(|(name, _)| !name.is_empty());
        let outputs: Vec<(&'static str, Type)> = outputs.cloned().collect();
        let ends = match row.exits {
            Exits::Plain => vec![(id.clone(), None)],
            Exits::Optional(label) => self.optional(&id, label),
            Exits::Branch(labels) => {
                let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
                self.branches(&id, &labels)
            }
            Exits::Cases => {
                let labels = self.cases(filled.outputs.last().map(|(_, ty)| ty));
                self.branches(&id, &labels)
            }
            Exits::Numbered => self.sequence(&id),
            Exits::Loop => return self.repeated(&id, &outputs),
            Exits::Bounded => self.bounded(&id),
            Exits::None => Vec::new(),
        };
        for (name, ty) in outputs {
            self.know(format!("node:{id}:{name}"), ty, None);
        }
        ends
    }

    /// What `body` draws is not known behind it.
    pub(super) fn scoped<R>(&mut self, body: impl FnOnce(&mut Self) -> R) -> R {
        let known = self.entries.len();
        self.depth += 1;
        let result = body(self);
        self.depth -= 1;
        self.entries.truncate(known);
        result
    }

    fn inner(&mut self, id: &str, label: &str, most: usize) -> Vec<End> {
        let from = vec![(id.to_owned(), Some(label.to_owned()))];
        self.scoped(|draft| draft.block(from, most))
    }

    fn optional(&mut self, id: &str, label: &str) -> Vec<End> {
        let mut ends = vec![(id.to_owned(), None)];
        if self.chance.percent(15) {
            ends.extend(self.inner(id, label, 2));
        }
        ends
    }

    fn branches(&mut self, id: &str, labels: &[String]) -> Vec<End> {
        let mut ends: Vec<End> = Vec::new();
        let mut is_open = false;
        for label in labels {
            if self.chance.percent(80) {
                let left = self.inner(id, label, 3);
                // Where no edge leads on from a branch, it goes on with the unlabelled edge.
                if !is_open || self.chance.percent(70) {
                    ends.extend(left);
                }
            } else if !is_open {
                is_open = true;
                ends.push((id.to_owned(), None));
            }
        }
        ends
    }

    fn cases(&mut self, ty: Option<&Type>) -> Vec<String> {
        let mut labels: Vec<String> = match ty {
            Some(Type::Bool) => vec!["true".into(), "false".into()],
            Some(Type::Int(_)) => vec!["0".into(), "1".into(), "-1".into()],
            Some(Type::Float64) => vec!["0".into(), "1.5".into()],
            _ => vec!["play".into(), "ann".into(), "😀".into()],
        };
        let kept = self.chance.between(1, labels.len());
        labels.truncate(kept);
        labels.push("default".into());
        labels
    }

    fn sequence(&mut self, id: &str) -> Vec<End> {
        for number in 1..=self.chance.between(1, 3) {
            self.inner(id, &number.to_string(), 2);
        }
        vec![(id.to_owned(), None)]
    }

    /// A loop with its body; what its values are called in there is told by its outputs.
    fn repeated(&mut self, id: &str, outputs: &[(&'static str, Type)]) -> Vec<End> {
        let before = (self.enter(), self.in_loop);
        self.in_loop = true;
        self.scoped(|draft| {
            for (name, ty) in outputs {
                draft.know(format!("loop:{name}"), ty.clone(), Some(draft.context));
                draft.know(format!("loop:{id}:{name}"), ty.clone(), None);
            }
            let from = vec![(id.to_owned(), Some("body".to_owned()))];
            draft.block(from, 4);
        });
        (self.context, self.in_loop) = before;
        vec![(id.to_owned(), Some("done".to_owned()))]
    }

    fn bounded(&mut self, id: &str) -> Vec<End> {
        let before = std::mem::replace(&mut self.in_loop, false);
        self.scoped(|draft| {
            let from = vec![(id.to_owned(), Some("body".to_owned()))];
            let ends = draft.add("Wait", from);
            draft.block(ends, 3);
        });
        self.in_loop = before;
        let mut ends = vec![(id.to_owned(), Some("done".to_owned()))];
        match self.chance.percent(60) {
            true => ends.extend(self.inner(id, "timeout", 2)),
            false => ends.push((id.to_owned(), Some("timeout".to_owned()))),
        }
        ends
    }

    /// The whole graph; its parameters are known already.
    pub(super) fn graph(&mut self, most: usize) {
        let start = || vec![("start".to_owned(), None)];
        let mut ends = start();
        // Every variable is set somewhere, mostly before anything reads it.
        let variables = std::mem::take(&mut self.variables);
        for (name, ty) in &variables {
            if let Some(value) = self.exact(ty, 1)
                && let Some(row) = by_name("SetVariable")
            {
                let id = self.node(row, vec![("name", name.as_str().into()), ("value", value)]);
                ends.into_iter().for_each(|(from, label)| self.edge(&from, label.as_deref(), &id));
                ends = vec![(id, None)];
                self.know(format!("variable:{name}"), ty.clone(), None);
                self.variables.push((name.clone(), ty.clone()));
            }
        }
        if self.world.crowd.is_some() && self.chance.percent(70) {
            ends = self.swept(ends);
        }
        ends = self.block(ends, most);
        if self.kind == GraphKind::Function && self.returns.is_some() {
            self.add("Return", ends);
        } else if self.chance.percent(20) && !ends.is_empty() {
            ends.iter().for_each(|(from, label)| self.edge(from, label.as_deref(), "end"));
        }
        if self.kind == GraphKind::Handler && self.chance.percent(15) {
            self.block(start(), 3);
        }
    }

    /// The graph as a document has it.
    pub(super) fn done(self, name: &str, params: &[(String, Type)]) -> Vec<(&'static str, Value)> {
        let schema = &self.world.schema;
        let param = |(name, ty): &(String, Type)| {
            Value::map([("name", Value::from(name.as_str())), ("type", schema.show(ty).to_string().into())])
        };
        let mut graph = vec![
            ("name", Value::from(name)),
            ("parameters", Value::List(params.iter().map(param).collect())),
            ("nodes", Value::List(self.nodes)),
            ("flow", Value::List(self.edges)),
        ];
        graph.extend(self.returns.map(|ty| ("returnType", Value::from(schema.show(&ty).to_string()))));
        graph
    }
}

/// Inputs with `a` and `b` swapped, if there are both and neither is a literal that may not stand in the other's place.
fn swapped(inputs: &[(&'static str, Value)]) -> Option<Vec<(&'static str, Value)>> {
    let [(first, a), (second, b)] = inputs else { return None };
    let is_same = matches!(
        (a, b),
        (Value::Str(_), Value::Str(_)) | (Value::Float(_), Value::Float(_)) | (Value::Bool(_), Value::Bool(_))
    );
    // A divisor that is written as zero would be an error of the check.
    let is_zero = [a, b].iter().any(|value| matches!(value, Value::Float(float) if *float == 0.0));
    let names = *first == "a" && *second == "b" && is_same;
    (names && !is_zero).then(|| vec![("a", b.clone()), ("b", a.clone())])
}

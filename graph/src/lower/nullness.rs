//! Which null checks have been made where (R5.4): facts that a dominating choice has established.

use std::sync::Arc;

use crate::document::{Head, InputKind, Reference, Scheme};
use crate::flow::{InstanceIx, Next, NodeIx};
use crate::node::Exits;

use super::{GraphCx, Operand};

/// How deep conditions are looked through.
const DEPTH: usize = 8;

/// What is asked about: which node gave it, and how it was written.
struct Subject {
    origin: Option<NodeIx>,
    text: Option<Arc<str>>,
}

impl GraphCx<'_> {
    /// Whether an `If`, or a `notFound` edge that was not taken, has made sure on every way here that the operand is not
    /// null.
    pub(crate) fn proven(&self, operand: &Operand) -> bool {
        let mut subject = Some(Subject { origin: operand.origin, text: operand.text.clone() });
        let mut depth = DEPTH;
        // What a Reveal gives is what it was given.
        while let Some(of) = subject.take().filter(|_| depth > 0) {
            if self.proven_of(&of) {
                return true;
            }
            subject = self.revealed(&of);
            depth -= 1;
        }
        false
    }

    /// What a Reveal, if the subject is the output of one, was given.
    fn revealed(&self, subject: &Subject) -> Option<Subject> {
        let node = subject.origin?;
        let row = self.rows.rows[node].filter(|row| row.name == "Reveal")?;
        let given = self.input_reference(node, row.inputs.first()?.name)?;
        let of_node = match &given.head {
            Head::Output { node, .. } if given.scheme == Scheme::Node && given.steps.is_empty() => {
                self.rows.by_id.get(&**node)
            }
            _ => None,
        };
        Some(Subject { origin: of_node.copied(), text: Some(given.text.clone()) })
    }

    fn proven_of(&self, operand: &Subject) -> bool {
        let mut below = self.at;
        while let Some(above) = self.flow.dominators.get(below).copied().flatten() {
            if let Some(label) = self.only_way(above, below) {
                let node = self.flow.instances[above].node;
                // Only what was found goes on by the plain edge, if there is an edge for what was not.
                if self.leads_misses_away(above) && label.is_empty() && operand.origin == Some(node) {
                    return true;
                }
                if self.rows.rows[node].is_some_and(|row| row.name == "If")
                    && self.shows(self.input_reference(node, "condition"), label == "true", operand, DEPTH)
                {
                    return true;
                }
            }
            below = above;
        }
        false
    }

    fn leads_misses_away(&self, at: InstanceIx) -> bool {
        let instance = &self.flow.instances[at];
        let Some(Exits::Optional(label)) = self.rows.rows[instance.node].map(|row| row.exits) else { return false };
        instance.exits.iter().any(|(exit, _)| &**exit == label)
    }

    /// The label of `above`'s exit that is the only way to `below`, its child in the dominator tree.
    fn only_way(&self, above: InstanceIx, below: InstanceIx) -> Option<&str> {
        if self.flow.ways_to(below) != 1 {
            return None;
        }
        let exit = self.flow.instances[above].exits.iter().find(|(_, next)| *next == Next::Node(below));
        exit.map(|(label, _)| &**label)
    }

    fn input_reference(&self, node: NodeIx, port: &str) -> Option<&Reference> {
        match &self.rows.input(node, port)?.kind {
            InputKind::Reference(reference) => Some(reference),
            _ => None,
        }
    }

    /// Whether the condition having the value `holds` shows that the operand is not null.
    fn shows(&self, condition: Option<&Reference>, holds: bool, operand: &Subject, depth: usize) -> bool {
        let Some(reference) = condition.filter(|reference| reference.scheme == Scheme::Node && depth > 0) else {
            return false;
        };
        let Head::Output { node, output } = &reference.head else { return false };
        let Some(node) = self.rows.by_id.get(&**node).copied() else { return false };
        let Some(row) = self.rows.rows[node] else { return false };
        if holds && matches!(&**output, "found" | "valid" | "exists" | "received") {
            return operand.origin == Some(node);
        }
        let same = |port: &str| {
            let subject = self.input_reference(node, port);
            subject.is_some_and(|subject| Some(&subject.text) == operand.text.as_ref())
        };
        match row.name {
            "IsNull" => !holds && same("value"),
            "Not" => self.shows(self.input_reference(node, "value"), !holds, operand, depth - 1),
            "And" if holds => {
                self.shows(self.input_reference(node, "a"), true, operand, depth - 1)
                    || self.shows(self.input_reference(node, "b"), true, operand, depth - 1)
            }
            "Or" if !holds => {
                self.shows(self.input_reference(node, "a"), false, operand, depth - 1)
                    || self.shows(self.input_reference(node, "b"), false, operand, depth - 1)
            }
            _ => false,
        }
    }
}

//! What `break` and `continue` lead to, and which of it needs a label.

use std::collections::BTreeSet;

use statewright_graph::ir::{BlockId, Function};

use crate::structure::{BodyId, Stmt, Structure};

/// What `break` and `continue` may mean where a statement stands.
#[derive(Clone, Copy)]
pub enum Enclosing {
    /// A loop, and what breaking out of it leads to.
    Loop { header: BlockId, follow: Option<BlockId> },
    /// A labelled block.
    Labelled(BlockId),
    /// The loop over arms: nothing plain leaves what is inside of its `switch`.
    Arms,
}

/// The label that leads on to a block from within these, if it needs one.
pub fn leaving(around: &[Enclosing], to: BlockId) -> Option<BlockId> {
    let mut is_inner = true;
    for enclosing in around.iter().rev() {
        match enclosing {
            Enclosing::Loop { header, follow: Some(follow) } if *follow == to => {
                return (!is_inner).then_some(*header);
            }
            Enclosing::Labelled(label) if *label == to => return Some(to),
            Enclosing::Loop { .. } | Enclosing::Arms => is_inner = false,
            Enclosing::Labelled(_) => {}
        }
    }
    Some(to)
}

/// The label that leads back to a loop's header, if it needs one.
pub fn continuing(around: &[Enclosing], to: BlockId) -> Option<BlockId> {
    let inner = around.iter().rev().find(|enclosing| !matches!(enclosing, Enclosing::Labelled(_)));
    let is_inner = matches!(inner, Some(Enclosing::Loop { header, .. }) if *header == to);
    (!is_inner).then_some(to)
}

/// Labels that something leads to by name.
pub fn labels(function: &Function, structure: &Structure) -> BTreeSet<BlockId> {
    let mut labels = BTreeSet::new();
    let is_machine = function.suspends || structure.arms.len() > 1;
    let mut around = if is_machine { vec![Enclosing::Arms] } else { Vec::new() };
    for arm in &structure.arms {
        labels_of(structure, arm.body, &mut around, &mut labels);
    }
    labels
}

fn labels_of(structure: &Structure, body: BodyId, around: &mut Vec<Enclosing>, labels: &mut BTreeSet<BlockId>) {
    for stmt in &structure.body(body).stmts {
        match stmt {
            Stmt::Break(to) => labels.extend(leaving(around, *to)),
            Stmt::Continue(to) => labels.extend(continuing(around, *to)),
            Stmt::If { then, otherwise, .. } => {
                labels_of(structure, *then, around, labels);
                labels_of(structure, *otherwise, around, labels);
            }
            Stmt::Loop { header, follow, body, .. } => {
                around.push(Enclosing::Loop { header: *header, follow: *follow });
                labels_of(structure, *body, around, labels);
                around.pop();
            }
            Stmt::Labelled { label, body, is_used } => {
                let is_block = *is_used;
                around.extend(is_block.then_some(Enclosing::Labelled(*label)));
                labels_of(structure, *body, around, labels);
                around.truncate(around.len() - usize::from(is_block));
            }
            Stmt::Declare(_) | Stmt::Insts(_) | Stmt::Pass { .. } | Stmt::Goto(_) | Stmt::End(_) => {}
        }
    }
}

/// A label in front of what it names.
pub fn label(block: BlockId) -> String {
    format!("b{}: ", block.0)
}

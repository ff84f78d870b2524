//! One layout for every JSON document: what `statewright fmt` does.
//!
//! Two spaces of indentation; an array or object stays on one line where it fits in 100 columns. The document
//! itself, and arrays of objects with several keys (nodes, edges, parameters), have one item per line. The order of
//! keys, the digits of numbers and the escapes of strings stay as they are written.

use statewright_types::Diagnostic;
use statewright_types::Span;
use statewright_types::json::{Kind, NodeId, Tree, parse};

/// The longest line that holds a whole array or object, in characters.
const COLUMNS: usize = 100;
const INDENT: &str = "  ";

/// `text` in the canonical layout, with a newline at its end. Formatting the result again changes nothing. The error
/// says why `text` is no JSON.
pub fn format(text: &str) -> Result<String, Diagnostic> {
    let tree = parse(text)?;
    let mut formatter = Formatter { tree: &tree, out: String::with_capacity(text.len()) };
    formatter.write(tree.root(), 0, 0);
    formatter.out.push('\n');
    Ok(formatter.out)
}

struct Formatter<'a> {
    tree: &'a Tree,
    out: String,
}

/// A value, and the key in front of it where it is an entry.
struct Item {
    key: Option<Span>,
    value: NodeId,
}

impl Formatter<'_> {
    fn items(&self, node: NodeId) -> Vec<Item> {
        match self.tree.kind(node) {
            Kind::Object => {
                let entries = self.tree.entries(node).iter();
                entries.map(|entry| Item { key: Some(entry.key_span), value: entry.value }).collect()
            }
            _ => self.tree.elements(node).iter().map(|&value| Item { key: None, value }).collect(),
        }
    }

    /// Whether `node` has one item per line even where it would fit on one.
    fn always_breaks(&self, node: NodeId) -> bool {
        let holds_records = || self.tree.elements(node).iter().any(|&element| self.tree.entries(element).len() > 1);
        node == self.tree.root() || holds_records()
    }

    /// Writes `node` at `column`. One more character will follow on its last line: a comma.
    fn write(&mut self, node: NodeId, depth: usize, column: usize) {
        let items = self.items(node);
        let start = self.out.len();
        if items.is_empty() || !self.always_breaks(node) {
            let budget = COLUMNS.saturating_sub(column + 1);
            if self.one_line(node, start, budget) {
                return;
            }
            self.out.truncate(start);
        }
        let [open, close] = brackets(self.tree.kind(node));
        let indent = INDENT.repeat(depth + 1);
        for (index, item) in items.iter().enumerate() {
            self.out.push(if index == 0 { open } else { ',' });
            self.out.push('\n');
            self.out.push_str(&indent);
            let line = self.out.len();
            self.key(item);
            let column = indent.len() + self.out.get(line..).map_or(0, |key| key.chars().count());
            self.write(item.value, depth + 1, column);
        }
        self.out.push('\n');
        self.out.push_str(&INDENT.repeat(depth));
        self.out.push(close);
    }

    /// Writes `node` on one line; gives up (false) when what was written since `start` is longer than `budget`.
    /// Scalars and empty containers always succeed where they stand alone.
    fn one_line(&mut self, node: NodeId, start: usize, budget: usize) -> bool {
        let items = self.items(node);
        if items.is_empty() {
            let text = match self.tree.kind(node) {
                Kind::Array => "[]",
                Kind::Object => "{}",
                _ => self.tree.text(node),
            };
            let alone = self.out.len() == start;
            self.out.push_str(text);
            return alone || self.within(start, budget);
        }
        if self.always_breaks(node) {
            return false;
        }
        let [open, close] = brackets(self.tree.kind(node));
        for (index, item) in items.iter().enumerate() {
            if index == 0 {
                self.out.push(open);
            } else {
                self.out.push_str(", ");
            }
            self.key(item);
            if !self.one_line(item.value, start, budget) {
                return false;
            }
        }
        self.out.push(close);
        self.within(start, budget)
    }

    fn key(&mut self, item: &Item) {
        if let Some(key) = item.key {
            self.out.push_str(self.tree.slice(key));
            self.out.push_str(": ");
        }
    }

    fn within(&self, start: usize, budget: usize) -> bool {
        let written = self.out.len() - start;
        written <= budget || self.out.get(start..).is_some_and(|line| line.chars().count() <= budget)
    }
}

fn brackets(kind: Kind) -> [char; 2] {
    if kind == Kind::Object { ['{', '}'] } else { ['[', ']'] }
}

#[cfg(test)]
mod tests;

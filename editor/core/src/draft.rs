//! Edits of one document on their way to a change: any number of them cost one pass over the text.
//!
//! Nothing is written before [`Draft::stage`]: until then places are those of the tree as it was. A draft that needs to
//! see its own edits stages them and looks its places up again.

use std::collections::{BTreeMap, BTreeSet};

use statewright_graph::document::SourceDocument;
use statewright_types::json::{self, Kind, NodeId, Tree, inserted, removed, written};
use statewright_types::{Span, Value};

use crate::patch::Change;
use crate::refused::Refused;

/// Items to add to an array (without keys) or object.
type Items = Vec<(Option<String>, Value)>;

/// Edits that become one change.
#[derive(Debug)]
pub struct Draft<'a> {
    first: &'a SourceDocument,
    staged: Option<SourceDocument>,
    change: Change,
    replaced: Vec<(Span, String)>,
    /// By container: the items that go.
    gone: BTreeMap<NodeId, BTreeSet<usize>>,
    /// By container: the items that come at its end.
    new: BTreeMap<NodeId, Items>,
}

impl<'a> Draft<'a> {
    /// No edit yet.
    pub fn new(source: &'a SourceDocument) -> Draft<'a> {
        Draft {
            first: source,
            staged: None,
            change: Change::default(),
            replaced: Vec::new(),
            gone: BTreeMap::new(),
            new: BTreeMap::new(),
        }
    }

    /// The document as staged so far.
    pub fn source(&self) -> &SourceDocument {
        self.staged.as_ref().unwrap_or(self.first)
    }

    /// Its tree.
    pub fn tree(&self) -> &Tree {
        &self.source().tree
    }

    /// Puts a value in the place of `node`.
    pub fn set(&mut self, node: NodeId, value: &Value) {
        let edit = written(self.tree(), node, value);
        self.replaced.extend(edit);
    }

    /// Puts texts in the place of others.
    pub fn replace(&mut self, replacements: impl IntoIterator<Item = (Span, String)>) {
        self.replaced.extend(replacements);
    }

    /// Gives an object an entry, in the place of one with that key if there is one.
    pub fn put(&mut self, object: NodeId, key: &str, value: &Value) {
        match self.tree().get(object, key) {
            Some(node) => self.set(node, value),
            None => {
                let items = self.new.entry(object).or_default();
                match items.iter_mut().find(|(other, _)| other.as_deref() == Some(key)) {
                    Some(item) => item.1 = value.clone(),
                    None => items.push((Some(key.to_owned()), value.clone())),
                }
            }
        }
    }

    /// Adds an element at the end of the array `key` of an object, which may be absent or null.
    pub fn push(&mut self, object: NodeId, key: &str, value: Value) {
        let array = self.tree().get(object, key).filter(|array| self.tree().kind(*array) == Kind::Array);
        match array {
            Some(array) => self.new.entry(array).or_default().push((None, value)),
            None => {
                let mut all = match self.new.get(&object).and_then(|items| {
                    items.iter().find(|(other, _)| other.as_deref() == Some(key)).map(|(_, value)| value)
                }) {
                    Some(Value::List(elements)) => elements.clone(),
                    _ => Vec::new(),
                };
                all.push(value);
                self.put(object, key, &Value::List(all));
            }
        }
    }

    /// Removes an entry of an object, if it is there.
    pub fn remove(&mut self, object: NodeId, key: &str) {
        if let Some(index) = self.tree().entries(object).iter().position(|entry| &*entry.key == key) {
            self.gone.entry(object).or_default().insert(index);
        }
    }

    /// Removes an element of an array.
    pub fn remove_element(&mut self, array: NodeId, index: usize) {
        if index < self.tree().elements(array).len() {
            self.gone.entry(array).or_default().insert(index);
        }
    }

    /// Renames an entry of an object.
    pub fn rename_key(&mut self, object: NodeId, key: &str, new: &str) {
        let span = self.tree().entry(object, key).map(|entry| entry.key_span);
        self.replaced.extend(span.map(|span| (span, json::quote(new))));
    }

    /// Makes the edits so far. Every place of the tree before is void then.
    ///
    /// # Errors
    /// Where the edits get in each other's way, or the text would be too large.
    pub fn stage(&mut self) -> Result<(), Refused> {
        let edits = self.edits();
        if edits.is_empty() {
            return Ok(());
        }
        let confused = || {
            Refused::new(
                "these changes get in each other's way",
                "make them one after the other, and report this to the makers of Statewright",
            )
        };
        let change = Change::of(self.tree().source(), edits).ok_or_else(confused)?;
        if change.is_empty() {
            return Ok(());
        }
        let text = change.apply(self.tree().source()).ok_or_else(confused)?;
        let tree = json::parse(text).map_err(|diagnostic| {
            let help = diagnostic.help.unwrap_or_else(|| "write something else".to_owned());
            Refused::new(diagnostic.message, help)
        })?;
        self.staged = Some(SourceDocument::from_tree(tree));
        self.change = if self.change.is_empty() { change } else { self.change.then(&change) };
        Ok(())
    }

    /// What all edits make of the document, and the document.
    ///
    /// # Errors
    /// Those of [`Draft::stage`].
    pub fn finish(mut self) -> Result<(Change, Option<SourceDocument>), Refused> {
        self.stage()?;
        Ok((self.change, self.staged))
    }

    fn edits(&mut self) -> Vec<(Span, String)> {
        let mut gone = std::mem::take(&mut self.gone);
        let mut new = std::mem::take(&mut self.new);
        let mut edits = std::mem::take(&mut self.replaced);
        let tree = self.tree();
        let mut cut: Vec<Span> = Vec::new();
        for (container, items) in &gone {
            let count = tree.elements(*container).len().max(tree.entries(*container).len());
            match new.get(container) {
                // All that was there goes: the rest is a container of its own.
                Some(new_items) if items.len() == count => {
                    let span = tree.span(*container);
                    cut.push(Span { start: span.start + 1, end: span.end - 1 });
                    edits.extend(written(tree, *container, &whole(new_items)));
                }
                _ => {
                    let spans = removed(tree, *container, &items.iter().copied().collect::<Vec<_>>());
                    cut.extend(&spans);
                    edits.extend(spans.into_iter().map(|span| (span, String::new())));
                }
            }
        }
        new.retain(|container, _| {
            let count = tree.elements(*container).len().max(tree.entries(*container).len());
            gone.get(container).is_none_or(|items| items.len() < count)
        });
        for (container, items) in &new {
            let items: Vec<(Option<&str>, Value)> =
                items.iter().map(|(key, value)| (key.as_deref(), value.clone())).collect();
            edits.push(inserted(tree, *container, usize::MAX, &items));
        }
        gone.clear();
        without_the_cut(edits, cut)
    }
}

/// Edits without those inside of what goes anyway.
fn without_the_cut(edits: Vec<(Span, String)>, mut cut: Vec<Span>) -> Vec<(Span, String)> {
    cut.sort_unstable();
    // Of cuts within cuts only the outermost counts.
    let mut outer: Vec<Span> = Vec::with_capacity(cut.len());
    for span in cut {
        if outer.last().is_none_or(|last| span.end > last.end) {
            outer.push(span);
        }
    }
    let is_inside = |span: &Span| {
        let index = outer.partition_point(|cut| cut.start <= span.start);
        index.checked_sub(1).and_then(|index| outer.get(index)).is_some_and(|cut| {
            let is_same = cut.start == span.start && cut.end == span.end;
            !is_same
                && cut.start <= span.start
                && span.end <= cut.end
                && !(span.start == span.end && span.end == cut.end)
        })
    };
    edits.into_iter().filter(|(span, _)| !is_inside(span)).collect()
}

fn whole(items: &Items) -> Value {
    if items.iter().all(|(key, _)| key.is_some()) {
        Value::map(items.iter().map(|(key, value)| (key.as_deref().unwrap_or(""), value.clone())))
    } else {
        Value::List(items.iter().map(|(_, value)| value.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, edit: impl FnOnce(&mut Draft<'_>)) -> String {
        let source = SourceDocument::parse(text).unwrap();
        let mut draft = Draft::new(&source);
        edit(&mut draft);
        let (change, document) = draft.finish().unwrap();
        let applied = change.apply(text).unwrap();
        assert_eq!(document.map_or(text.to_owned(), |document| document.text().to_owned()), applied);
        applied
    }

    #[test]
    fn several_new_items_and_removed_ones_in_one_pass() {
        let text = "{\n  \"handlers\": [1, 2, 3],\n  \"x\": {}\n}";
        let out = edited(text, |draft| {
            let root = draft.tree().root();
            draft.push(root, "handlers", Value::Int(4));
            draft.push(root, "handlers", Value::Int(5));
            let list = draft.tree().get(root, "handlers").unwrap();
            draft.remove_element(list, 2);
            draft.remove_element(list, 0);
            let x = draft.tree().get(root, "x").unwrap();
            draft.put(x, "a", &Value::Int(1));
            draft.put(x, "b", &Value::Int(2));
            draft.push(root, "new", Value::Int(1));
            draft.push(root, "new", Value::Int(2));
        });
        assert_eq!(out, "{\n  \"handlers\": [2, 4, 5],\n  \"x\": {\"a\": 1, \"b\": 2},\n  \"new\": [1, 2]\n}");
    }

    #[test]
    fn everything_removed_and_something_new() {
        let out = edited(r#"{"a": [1, 2]}"#, |draft| {
            let root = draft.tree().root();
            let list = draft.tree().get(root, "a").unwrap();
            draft.remove_element(list, 0);
            draft.remove_element(list, 1);
            draft.push(root, "a", Value::Int(3));
        });
        assert_eq!(out, r#"{"a": [3]}"#);
    }

    #[test]
    fn edits_within_what_goes_are_dropped() {
        let out = edited(r#"{"a": [{"b": 1}, 2], "c": 3}"#, |draft| {
            let root = draft.tree().root();
            let list = draft.tree().get(root, "a").unwrap();
            let inner = draft.tree().elements(list)[0];
            draft.put(inner, "b", &Value::Int(9));
            draft.put(inner, "d", &Value::Int(9));
            draft.remove(inner, "b");
            draft.remove_element(list, 0);
        });
        assert_eq!(out, r#"{"a": [2], "c": 3}"#);
    }

    #[test]
    fn staged_edits_are_one_change() {
        let out = edited(r#"{"a": [1]}"#, |draft| {
            let root = draft.tree().root();
            draft.push(root, "a", Value::Int(2));
            draft.stage().unwrap();
            let list = draft.tree().get(root, "a").unwrap();
            draft.remove_element(list, 0);
        });
        assert_eq!(out, r#"{"a": [2]}"#);
    }
}

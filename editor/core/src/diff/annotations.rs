//! Frames, notes, bookmarks and reroute points as places of their own: [`At`] with `_editor`, list, name as its key.

use std::collections::HashMap;

use statewright_graph::document::GraphAt;
use statewright_types::Value;
use statewright_types::json::{Kind, NodeId, Tree};

use super::items::At;
use crate::command::canvas::push;
use crate::command::place::GraphView;
use crate::draft::Draft;
use crate::meta::EDITOR;
use crate::refused::Refused;

/// A list of `_editor`, what names one of its elements, and what that is called.
const LISTS: [(&str, &str, &str); 4] = [
    ("frames", "id", "frame"),
    ("notes", "id", "note"),
    ("bookmarks", "name", "bookmark"),
    ("reroutes", "wire", "points of"),
];

/// Entries that say where something is. Two sides that moved the same thing do not contradict each other.
const GEOMETRY: [&str; 4] = ["rect", "at", "zoom", "points"];

fn names(list: &str) -> Option<&'static str> {
    LISTS.iter().find(|(key, ..)| *key == list).map(|(_, name, _)| *name)
}

fn name_of(tree: &Tree, element: NodeId, key: &str) -> String {
    tree.get(element, key).and_then(|node| tree.str(node)).map(|text| text.to_string()).unwrap_or_default()
}

/// The values of `_editor` of a graph, by key.
pub(super) fn items(tree: &Tree, editor: NodeId) -> Vec<(Vec<String>, Value)> {
    if tree.kind(editor) != Kind::Object {
        return vec![(vec![EDITOR.to_owned()], tree.value(editor))];
    }
    let mut items: Vec<(Vec<String>, Value)> = Vec::new();
    for entry in tree.entries(editor) {
        let list = || vec![EDITOR.to_owned(), entry.key.to_string()];
        let Some(name) = names(&entry.key).filter(|_| tree.kind(entry.value) == Kind::Array) else {
            items.push((list(), tree.value(entry.value)));
            continue;
        };
        // The key of an element is its name; of one more with that name, or without any, it ends in a zero character more.
        let mut same: HashMap<String, usize> = HashMap::new();
        for element in tree.elements(entry.value) {
            let name = name_of(tree, *element, name);
            let before = same.entry(name.clone()).or_default();
            let key = name + &"\u{0}".repeat(*before);
            *before += 1;
            items.push(([list(), vec![key]].concat(), tree.value(*element)));
        }
    }
    items
}

/// Gives something of `_editor` a value, or takes it away. `keys` are those behind `_editor`.
pub(super) fn put(
    draft: &mut Draft<'_>,
    graph: GraphAt,
    keys: &[String],
    value: Option<&Value>,
) -> Result<(), Refused> {
    let json = GraphView::new(draft.source(), graph)?.json;
    let editor = draft.tree().get(json, EDITOR).filter(|editor| draft.tree().kind(*editor) == Kind::Object);
    match (keys, value, editor) {
        ([list, name], _, _) if names(list).is_some() => put_element(draft, graph, list, name, value)?,
        ([], Some(value), _) => draft.put(json, EDITOR, value),
        ([], None, _) => draft.remove(json, EDITOR),
        ([key, ..], Some(value), Some(editor)) => draft.put(editor, key, value),
        ([key, ..], None, Some(editor)) => draft.remove(editor, key),
        ([key, ..], Some(value), None) => {
            draft.put(json, EDITOR, &Value::map([(key.as_str(), value.clone())]));
            draft.stage()?;
        }
        (_, None, None) => {}
    }
    Ok(())
}

fn put_element(
    draft: &mut Draft<'_>,
    graph: GraphAt,
    list: &str,
    wanted: &str,
    value: Option<&Value>,
) -> Result<(), Refused> {
    let Some(key) = names(list) else { return Ok(()) };
    let view = GraphView::new(draft.source(), graph)?;
    let tree = view.tree;
    let array = tree.get(view.json, EDITOR).and_then(|editor| tree.get(editor, list));
    let array = array.filter(|array| tree.kind(*array) == Kind::Array);
    let skipped = wanted.matches('\u{0}').count();
    let name = wanted.trim_end_matches('\u{0}');
    let elements = array.map_or(&[][..], |array| tree.elements(array));
    let is_it = |element: NodeId| {
        let text = tree.get(element, key).and_then(|node| tree.str(node));
        text.map_or("", |text| text) == name
    };
    let mut named = elements.iter().copied().enumerate().filter(|(_, element)| is_it(*element));
    let found = named.nth(skipped);
    match (value, found, array) {
        // Entry by entry, so that the text of the others stays as it is.
        (Some(value @ Value::Map(entries)), Some((_, element)), _) if tree.kind(element) == Kind::Object => {
            let now = tree.value(element);
            let gone = tree.entries(element).iter().filter(|entry| value.get(&entry.key).is_none());
            let gone: Vec<String> = gone.map(|entry| entry.key.to_string()).collect();
            for (key, value) in entries.iter().filter(|(key, value)| now.get(key) != Some(value)) {
                draft.put(element, key, value);
            }
            for key in gone {
                draft.remove(element, &key);
            }
        }
        (Some(value), Some((_, element)), _) => draft.set(element, value),
        (None, Some((index, _)), Some(array)) => draft.remove_element(array, index),
        (Some(value), None, _) => push(draft, graph, list, value.clone())?,
        (None, ..) => {}
    }
    Ok(())
}

impl At {
    /// The list and the name of a frame, note, bookmark or points of a wire.
    pub fn annotation(&self) -> Option<(&str, &str)> {
        match self.key.as_slice() {
            [editor, list, name] if editor == EDITOR => Some((list, name.trim_end_matches('\u{0}'))),
            _ => None,
        }
    }
}

/// In words: `note "Ask Ann"`, by what stands in it if that is known.
pub fn words(list: &str, name: &str, value: Option<&Value>) -> String {
    let noun = LISTS.iter().find(|(key, ..)| *key == list).map_or(list, |(.., noun)| noun);
    let text = ["title", "text"].iter().find_map(|key| match value?.get(key)? {
        Value::Str(text) if !text.trim().is_empty() => text.lines().next().map(str::to_owned),
        _ => None,
    });
    match text {
        Some(text) => format!("{noun} “{text}”"),
        None => format!("{noun} {name}"),
    }
}

/// Whether two versions say the same but for where it is.
pub fn same_but_place(a: &Value, b: &Value) -> bool {
    content(a) == content(b)
}

/// What one says, without where it is.
pub fn content(value: &Value) -> Value {
    match value {
        Value::Map(entries) => {
            Value::Map(entries.iter().filter(|entry| !GEOMETRY.contains(&&*entry.0)).cloned().collect())
        }
        other => other.clone(),
    }
}

/// What one says, where another is.
pub fn at_the_place_of(says: &Value, is: &Value) -> Value {
    match says {
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, value)| {
                    let place = is.get(key).filter(|_| GEOMETRY.contains(&&**key));
                    (key.clone(), place.unwrap_or(value).clone())
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Where it is: the middle of a frame or note, where a bookmark leads.
pub fn place(value: &Value) -> Option<(f64, f64)> {
    let number = |value: &Value| match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    };
    let Value::List(numbers) = value.get("rect").or(value.get("at"))? else { return None };
    let numbers: Option<Vec<f64>> = numbers.iter().map(number).collect();
    match *numbers? {
        [x, y] => Some((x, y)),
        [x, y, width, height] => Some((x + width / 2.0, y + height / 2.0)),
        _ => None,
    }
}

/// What becomes of an element that both sides changed: entry by entry, and where it is as we have it. `None` where they
/// contradict each other.
pub(super) fn merged(base: Option<&Value>, ours: Option<&Value>, theirs: Option<&Value>) -> Option<Option<Value>> {
    match (base, ours, theirs) {
        (base, Some(Value::Map(our)), Some(their @ Value::Map(entries))) => {
            let was = |key: &str| base.and_then(|base| base.get(key));
            let mut all = Vec::new();
            for (key, our) in our {
                match their.get(key) {
                    None if was(key) == Some(our) => {}
                    Some(their) if was(key) == Some(our) && !GEOMETRY.contains(&&**key) => {
                        all.push((key.clone(), their.clone()));
                    }
                    their if their == Some(our) || their == was(key) || GEOMETRY.contains(&&**key) => {
                        all.push((key.clone(), our.clone()));
                    }
                    _ => return None,
                }
            }
            for (key, their) in entries.iter().filter(|(key, _)| !our.iter().any(|(other, _)| other == key)) {
                match was(key) {
                    None => all.push((key.clone(), their.clone())),
                    Some(was) if was == their => {}
                    Some(_) => return None,
                }
            }
            Some(Some(Value::Map(all)))
        }
        // One side took it away, and the other only moved it.
        (Some(base), Some(left), None) | (Some(base), None, Some(left)) if same_but_place(base, left) => Some(None),
        _ => None,
    }
}

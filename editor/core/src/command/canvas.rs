//! Frames, notes, bookmarks and reroute points: `_editor` of a graph.

use statewright_graph::document::GraphAt;
use statewright_types::Value;
use statewright_types::json::{Kind, NodeId};

use super::Aside;
use super::place::{GraphView, free_name};
use crate::draft::Draft;
use crate::meta::{EDITOR, Meta, Rect, coordinate, point_value, rect_value};
use crate::refused::Refused;
use crate::selection::Selection;
use crate::wires::Wire;

/// Adds an element to the list `key` of a graph's `_editor`.
pub(crate) fn push(draft: &mut Draft<'_>, graph: GraphAt, key: &str, value: Value) -> Result<(), Refused> {
    let json = GraphView::new(draft.source(), graph)?.json;
    match draft.tree().get(json, EDITOR).filter(|editor| draft.tree().kind(*editor) == Kind::Object) {
        Some(editor) => draft.push(editor, key, value),
        None => {
            draft.put(json, EDITOR, &Value::map([(key, Value::List(vec![value]))]));
            draft.stage()?;
        }
    }
    Ok(())
}

/// The element of the list `key` whose `name` is `wanted`, with the list and its position.
pub(crate) fn find(
    draft: &Draft<'_>,
    graph: GraphAt,
    key: &str,
    name: &str,
    wanted: &str,
) -> Result<Option<(NodeId, usize, NodeId)>, Refused> {
    let view = GraphView::new(draft.source(), graph)?;
    let tree = view.tree;
    let list = tree.get(view.json, EDITOR).and_then(|editor| tree.get(editor, key));
    let Some(list) = list else { return Ok(None) };
    let named =
        |node: NodeId| tree.get(node, name).and_then(|text| tree.str(text)).is_some_and(|text| **text == *wanted);
    let found = tree.elements(list).iter().copied().enumerate().find(|(_, node)| named(*node));
    Ok(found.map(|(index, node)| (list, index, node)))
}

fn there(found: Option<(NodeId, usize, NodeId)>, what: &str, id: &str) -> Result<(NodeId, usize, NodeId), Refused> {
    found.ok_or_else(|| Refused::new(format!("the graph has no {what} `{id}`"), "choose one that is there"))
}

fn meta(draft: &Draft<'_>, graph: GraphAt) -> Result<Meta, Refused> {
    let view = GraphView::new(draft.source(), graph)?;
    Ok(Meta::read(view.tree, view.json))
}

pub(super) fn add_frame(
    draft: &mut Draft<'_>,
    graph: GraphAt,
    title: &str,
    colour: Option<&str>,
    rect: Rect,
) -> Result<Aside, Refused> {
    let frames = meta(draft, graph)?.frames;
    let id = free_name("frame", &|name| frames.iter().any(|frame| frame.id == name)).to_string();
    let mut entries = vec![("id", Value::str(id.as_str())), ("title", Value::str(title))];
    entries.extend(colour.map(|colour| ("colour", Value::str(colour))));
    entries.push(("rect", rect_value(rect)));
    push(draft, graph, "frames", Value::map(entries))?;
    let select = Selection { graph: Some(graph), frames: [id].into(), ..Selection::default() };
    Ok(Aside { select: Some(select), ..Aside::default() })
}

pub(super) fn edit_frame(
    draft: &mut Draft<'_>,
    graph: GraphAt,
    id: &str,
    title: &str,
    colour: Option<&str>,
) -> Result<Aside, Refused> {
    let (.., frame) = there(find(draft, graph, "frames", "id", id)?, "frame", id)?;
    draft.put(frame, "title", &Value::str(title));
    match colour {
        Some(colour) => draft.put(frame, "colour", &Value::str(colour)),
        None => draft.remove(frame, "colour"),
    }
    Ok(Aside::default())
}

pub(super) fn add_note(draft: &mut Draft<'_>, graph: GraphAt, text: &str, rect: Rect) -> Result<Aside, Refused> {
    let notes = meta(draft, graph)?.notes;
    let id = free_name("note", &|name| notes.iter().any(|note| note.id == name)).to_string();
    let note = [("id", Value::str(id.as_str())), ("text", Value::str(text)), ("rect", rect_value(rect))];
    push(draft, graph, "notes", Value::map(note))?;
    let select = Selection { graph: Some(graph), notes: [id].into(), ..Selection::default() };
    Ok(Aside { select: Some(select), ..Aside::default() })
}

pub(super) fn edit_note(draft: &mut Draft<'_>, graph: GraphAt, id: &str, text: &str) -> Result<Aside, Refused> {
    let (.., note) = there(find(draft, graph, "notes", "id", id)?, "note", id)?;
    draft.put(note, "text", &Value::str(text));
    Ok(Aside::default())
}

pub(super) fn bookmark(
    draft: &mut Draft<'_>,
    graph: GraphAt,
    name: &str,
    at: (f64, f64),
    zoom: f64,
) -> Result<Aside, Refused> {
    if name.trim().is_empty() {
        return Err(Refused::new("a bookmark needs a name", "write one"));
    }
    match find(draft, graph, "bookmarks", "name", name)? {
        Some((.., bookmark)) => {
            draft.put(bookmark, "at", &point_value(at));
            draft.put(bookmark, "zoom", &coordinate(zoom));
        }
        None => {
            let entries = [("name", Value::str(name)), ("at", point_value(at)), ("zoom", coordinate(zoom))];
            push(draft, graph, "bookmarks", Value::map(entries))?;
        }
    }
    Ok(Aside::default())
}

pub(super) fn remove_bookmark(draft: &mut Draft<'_>, graph: GraphAt, name: &str) -> Result<Aside, Refused> {
    let (list, index, _) = there(find(draft, graph, "bookmarks", "name", name)?, "bookmark", name)?;
    draft.remove_element(list, index);
    Ok(Aside::default())
}

pub(super) fn reroute(
    draft: &mut Draft<'_>,
    graph: GraphAt,
    wire: &Wire,
    points: &[(f64, f64)],
) -> Result<Aside, Refused> {
    let key = wire.key();
    let value = Value::List(points.iter().copied().map(point_value).collect());
    match find(draft, graph, "reroutes", "wire", &key)? {
        Some((list, index, _)) if points.is_empty() => draft.remove_element(list, index),
        Some((.., entry)) => draft.put(entry, "points", &value),
        None if points.is_empty() => {}
        None => push(draft, graph, "reroutes", Value::map([("wire", Value::str(key)), ("points", value)]))?,
    }
    Ok(Aside::default())
}

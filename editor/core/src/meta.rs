//! What the editor keeps in documents, under keys that everything else leaves alone: `_editor` of a graph has frames, notes,
//! bookmarks and reroute points, `_editor` of the document bookmarks between graphs. Places are in units of the canvas.

use std::collections::HashMap;

use statewright_types::Value;
use statewright_types::json::{NodeId, Tree};

use crate::wires::Wire;

/// The key of all of it.
pub const EDITOR: &str = "_editor";

/// A rectangle on the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    /// A rectangle by left, top, width and height.
    pub const fn new(x: f64, y: f64, width: f64, height: f64) -> Rect {
        Rect { x, y, width, height }
    }

    /// The rectangle between two corners, in any order.
    pub fn between(a: (f64, f64), b: (f64, f64)) -> Rect {
        Rect::new(a.0.min(b.0), a.1.min(b.1), (a.0 - b.0).abs(), (a.1 - b.1).abs())
    }

    /// Right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Bottom edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Whether a point is in it, edges included.
    pub fn contains(&self, (x, y): (f64, f64)) -> bool {
        x >= self.x && x <= self.right() && y >= self.y && y <= self.bottom()
    }

    /// Whether they have a point in common.
    pub fn touches(&self, other: &Rect) -> bool {
        self.x <= other.right() && other.x <= self.right() && self.y <= other.bottom() && other.y <= self.bottom()
    }

    /// Whether `other` is wholly in it.
    pub fn holds(&self, other: &Rect) -> bool {
        self.contains((other.x, other.y)) && self.contains((other.right(), other.bottom()))
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn with(&self, other: &Rect) -> Rect {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Rect::new(x, y, self.right().max(other.right()) - x, self.bottom().max(other.bottom()) - y)
    }

    /// Larger by `by` on all sides.
    #[must_use]
    pub fn grown(&self, by: f64) -> Rect {
        Rect::new(self.x - by, self.y - by, self.width + 2.0 * by, self.height + 2.0 * by)
    }

    /// The middle.
    pub fn centre(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// A frame around nodes.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Frame {
    pub id: String,
    pub title: String,
    /// `#rrggbb`, or a name of the theme's.
    pub colour: Option<String>,
    pub rect: Rect,
}

/// Text on the canvas.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Note {
    pub id: String,
    pub text: String,
    pub rect: Rect,
}

/// A place to come back to.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Bookmark {
    pub name: String,
    pub at: (f64, f64),
    /// 1 is 100 %.
    pub zoom: f64,
}

/// What the editor keeps of one graph. What is malformed is left out here, and left alone in the text.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Meta {
    pub frames: Vec<Frame>,
    pub notes: Vec<Note>,
    pub bookmarks: Vec<Bookmark>,
    /// Points by the wire's key ([`Wire::key`]).
    pub reroutes: HashMap<String, Vec<(f64, f64)>>,
}

impl Meta {
    /// What `_editor` of the graph's object says.
    pub fn read(tree: &Tree, graph: NodeId) -> Meta {
        let Some(editor) = tree.get(graph, EDITOR) else { return Meta::default() };
        let elements = |key: &str| {
            let list = tree.get(editor, key).map_or(&[][..], |list| tree.elements(list));
            list.iter().copied()
        };
        let text =
            |node: NodeId, key: &str| tree.get(node, key).and_then(|node| tree.str(node)).map(|text| text.to_string());
        Meta {
            frames: elements("frames")
                .filter_map(|node| {
                    Some(Frame {
                        id: text(node, "id")?,
                        title: text(node, "title").unwrap_or_default(),
                        colour: text(node, "colour"),
                        rect: read_rect(tree, tree.get(node, "rect")?)?,
                    })
                })
                .collect(),
            notes: elements("notes")
                .filter_map(|node| {
                    let rect = read_rect(tree, tree.get(node, "rect")?)?;
                    Some(Note { id: text(node, "id")?, text: text(node, "text").unwrap_or_default(), rect })
                })
                .collect(),
            bookmarks: elements("bookmarks")
                .filter_map(|node| {
                    let zoom = tree.get(node, "zoom").and_then(|zoom| number(tree, zoom)).unwrap_or(1.0);
                    Some(Bookmark { name: text(node, "name")?, at: read_point(tree, tree.get(node, "at")?)?, zoom })
                })
                .collect(),
            reroutes: elements("reroutes")
                .filter_map(|node| {
                    let points = tree.elements(tree.get(node, "points")?).iter();
                    Some((text(node, "wire")?, points.filter_map(|point| read_point(tree, *point)).collect()))
                })
                .collect(),
        }
    }

    /// Points through which a wire goes.
    pub fn points(&self, wire: &Wire) -> &[(f64, f64)] {
        if self.reroutes.is_empty() {
            return &[];
        }
        self.reroutes.get(&wire.key()).map_or(&[], Vec::as_slice)
    }
}

fn number(tree: &Tree, node: NodeId) -> Option<f64> {
    tree.number(node)?.parse().ok().filter(|value: &f64| value.is_finite() && value.abs() < 1e9)
}

fn numbers<const N: usize>(tree: &Tree, node: NodeId) -> Option<[f64; N]> {
    let found: Option<Vec<f64>> = tree.elements(node).iter().map(|element| number(tree, *element)).collect();
    found?.try_into().ok()
}

fn read_rect(tree: &Tree, node: NodeId) -> Option<Rect> {
    let [x, y, width, height] = numbers(tree, node)?;
    (width >= 0.0 && height >= 0.0).then_some(Rect { x, y, width, height })
}

fn read_point(tree: &Tree, node: NodeId) -> Option<(f64, f64)> {
    numbers(tree, node).map(|[x, y]| (x, y))
}

/// A number of the canvas as it is written: whole numbers without a point, at most two digits behind it.
pub fn coordinate(value: f64) -> Value {
    let value = if value.is_finite() { value.clamp(-1e9, 1e9) } else { 0.0 };
    let rounded = (value * 100.0).round() / 100.0;
    if rounded == rounded.trunc() { Value::Int(rounded as i64) } else { Value::Float(rounded) }
}

/// `[x, y]`
pub fn point_value((x, y): (f64, f64)) -> Value {
    Value::List(vec![coordinate(x), coordinate(y)])
}

/// `[x, y, width, height]`
pub fn rect_value(rect: Rect) -> Value {
    Value::List([rect.x, rect.y, rect.width, rect.height].map(coordinate).to_vec())
}

/// `{"x": …, "y": …}`, as positions of nodes are written.
pub fn position_value((x, y): (f64, f64)) -> Value {
    Value::map([("x", coordinate(x)), ("y", coordinate(y))])
}

//! What comes into being together: making a struct makes the structs in its fields and defaults. That must end,
//! soon, and without nesting deep.

use super::raw::RawSchema;
use super::{Initial, StructDef, codes};
use crate::{Diagnostic, Span, Type, Value};

/// How many structs making one may make in all.
pub const MAX_TOGETHER: u64 = 10_000;
/// How deep structs nest in structs without a list, map or nullable in between.
pub const MAX_DEPTH: u32 = 64;

/// A field of a type that makes a struct of another type.
#[derive(Clone, Copy)]
struct Edge {
    field: usize,
    child: usize,
}

/// Reports types whose making does not end, or makes too much.
pub(super) fn check(types: &[StructDef], raw: &RawSchema, diagnostics: &mut Vec<Diagnostic>) {
    let edges: Vec<Vec<Edge>> = types.iter().map(|def| edges_of(def, types)).collect();
    let mut parents: Vec<Vec<usize>> = vec![Vec::new(); types.len()];
    for (parent, edges) in edges.iter().enumerate() {
        for edge in edges {
            parents[edge.child].push(parent);
        }
    }
    // From types that make nothing upwards; a type in a circle, or above one, is never reached.
    let mut open: Vec<usize> = edges.iter().map(Vec::len).collect();
    let mut ready: Vec<usize> = (0..types.len()).filter(|ty| open[*ty] == 0).collect();
    let (mut together, mut depth) = (vec![1_u64; types.len()], vec![1_u32; types.len()]);
    while let Some(ty) = ready.pop() {
        for edge in &edges[ty] {
            together[ty] = together[ty].saturating_add(together[edge.child]);
            depth[ty] = depth[ty].max(depth[edge.child].saturating_add(1));
        }
        let span = raw.types.get(ty).map_or(Span::default(), |raw| raw.name.span);
        // Only where it begins; the types above would repeat it.
        let excess = |ty: usize| together[ty] > MAX_TOGETHER || depth[ty] > MAX_DEPTH;
        if excess(ty) && !edges[ty].iter().any(|edge| excess(edge.child)) {
            let message = format!(
                "making one `{}` makes {} structs, nested {} deep; the limits are {MAX_TOGETHER} and {MAX_DEPTH}",
                types[ty].name, together[ty], depth[ty]
            );
            let help = "make some fields nullable (`*T`), or shorten the defaults";
            diagnostics.push(Diagnostic::error(codes::ENDLESS, span, message).help(help));
        }
        for parent in &parents[ty] {
            open[*parent] -= 1;
            if open[*parent] == 0 {
                ready.push(*parent);
            }
        }
    }
    report_circles(types, raw, &edges, &open, diagnostics);
}

/// Follows, from every type that is left, one edge to another that is left: each walk ends in a circle or in a walk
/// made before.
fn report_circles(
    types: &[StructDef],
    raw: &RawSchema,
    edges: &[Vec<Edge>],
    open: &[usize],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut walk_of: Vec<Option<usize>> = vec![None; types.len()];
    for start in (0..types.len()).filter(|ty| open[*ty] > 0) {
        let mut path: Vec<(usize, Edge)> = Vec::new();
        let mut at = start;
        while walk_of[at].is_none() {
            walk_of[at] = Some(start);
            let Some(edge) = edges[at].iter().find(|edge| open[edge.child] > 0) else { break };
            path.push((at, *edge));
            at = edge.child;
        }
        let Some(first) = path.iter().position(|(ty, _)| *ty == at) else { continue };
        let circle = &path[first..];
        let name = &types[at].name;
        let shown: Vec<String> = circle
            .iter()
            .map(|(ty, edge)| format!("{}.{}", types[*ty].name, types[*ty].fields[edge.field].name))
            .collect();
        let field = circle.first().and_then(|(ty, edge)| raw.types.get(*ty)?.fields.get(edge.field));
        let message = format!("making one `{name}` makes another without end: {} → {name}", shown.join(" → "));
        let help = "make one of these fields nullable (`*T`) or a list (`[]T`), with a default that has no such struct";
        let span = field.map_or(Span::default(), |field| field.ty.span);
        diagnostics.push(Diagnostic::error(codes::ENDLESS, span, message).help(help));
    }
}

fn edges_of(def: &StructDef, types: &[StructDef]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (field, def) in def.fields.iter().enumerate() {
        match (&def.default, &def.ty) {
            (Initial::Literal(value), ty) => {
                made_by(value, ty, types, &mut |child| edges.push(Edge { field, child }));
            }
            (_, Type::Struct(id)) => edges.push(Edge { field, child: id.index() }),
            _ => {}
        }
    }
    edges
}

/// Tells of every struct in a default. As deep as JSON nests at most.
fn made_by(value: &Value, ty: &Type, types: &[StructDef], tell: &mut dyn FnMut(usize)) {
    match (ty, value) {
        (Type::Nullable(inner), value) => made_by(value, inner, types, tell),
        (Type::Struct(id), Value::Map(entries)) => {
            tell(id.index());
            // A field that is given counts beside the default it replaces: more than is made, never less.
            let Some(def) = types.get(id.index()) else { return };
            for (name, value) in entries {
                if let Some(field) = def.field(name).and_then(|field| def.fields.get(field)) {
                    made_by(value, &field.ty, types, tell);
                }
            }
        }
        (Type::List(element), Value::List(values)) => {
            values.iter().for_each(|value| made_by(value, element, types, tell));
        }
        (Type::Map(_, element), Value::Map(entries)) => {
            entries.iter().for_each(|(_, value)| made_by(value, element, types, tell));
        }
        _ => {}
    }
}

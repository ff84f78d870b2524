//! Rows over arrays: the array itself, and what is said of its elements, by a field or by what is evaluated for each.

use statewright_graph::node::{NodeRow, Role};
use statewright_types::{Type, Value};

use super::draft::Draft;
use super::draw::plain;
use super::fill::{Filled, Want};
use super::special::{or_null, outputs, suits};

fn scalar(ty: &Type) -> bool {
    ty.is_number() || ty.is_text() || *ty == Type::Bool
}

/// What the field or the lambda of a row must be.
fn part(row: &NodeRow) -> fn(&Type) -> bool {
    match row.name {
        "Sum" | "Average" | "Nearest" => |ty| ty.is_number() && !matches!(ty, Type::Nullable(_)),
        "WeightedPick" => |ty| ty.is_number(),
        "SortBy" | "MinBy" | "MaxBy" => |ty| ty.is_number() || ty.is_text(),
        "CountBy" | "GroupBy" => |ty| ty.is_text() || ty.is_int(),
        "FlatMap" => |ty| matches!(ty, Type::List(_)),
        "MapArray" => |ty| !matches!(ty, Type::Record(_)),
        _ => scalar,
    }
}

/// Fills a row over an array.
pub(super) fn fill(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
    let needs_struct = row
        .inputs
        .iter()
        .any(|port| matches!(port.name, "field" | "xField") && port.need == statewright_graph::node::Need::Required);
    let element_wanted = wanted_element(row, want)?;
    let numbers = matches!(row.name, "Sum" | "Average");
    let fits = |ty: &Type| {
        element_wanted.as_ref().is_none_or(|wanted| ty.loaded() == *wanted)
            && (!needs_struct || matches!(ty, Type::Struct(_)))
            && (!numbers || matches!(ty, Type::Struct(_)) || ty.is_number())
            && !matches!(ty, Type::Record(_))
    };
    let (port, array, element) = draft.array(&fits, depth)?;
    let mut inputs = vec![(port, array)];
    let mut given = vec![("result", Type::list(element.clone())), ("item", or_null(&element))];
    if matches!(row.name, "RandomPick" | "WeightedPick") {
        given[1].1 = element.loaded();
    }
    let by_field = match &element {
        Type::Struct(id) if row.input("field").is_some() => {
            let must = needs_struct || row.inputs.iter().all(|port| port.role != Role::Lambda);
            if must || draft.chance.percent(45) { draft.field_of(*id, &part(row)) } else { None }
        }
        _ => None,
    };
    match row.name {
        "AddToArray" => inputs.push(("element", draft.typed(&element, depth))),
        "ArrayAt" => inputs.push(("index", draft.named("index", &Type::INT, depth))),
        "RemoveFromArray" if draft.chance.percent(50) => {
            inputs.push(("index", draft.named("index", &Type::INT, depth)));
        }
        "Reduce" => {
            let ty = match want {
                Some((_, ty)) => ty.clone(),
                None => [Type::INT, Type::Float64, Type::String][draft.chance.below(3)].clone(),
            };
            inputs.push(("initial", draft.exact(&ty, depth)?));
            let known = [("acc", ty.clone()), ("item", element.clone()), ("index", Type::INT)];
            inputs.push(("value", draft.lambda(&known, |draft| draft.exact(&ty, depth))?));
            given = vec![("result", ty)];
        }
        "Nearest" => nearest(draft, &element, &mut inputs, depth)?,
        "WeightedPick" => {
            let field = match &element {
                Type::Struct(id) if draft.chance.percent(85) => draft.field_of(*id, &part(row)),
                _ => None,
            };
            match field {
                Some((name, _)) => inputs.push(("weightField", Value::Str(name))),
                // As many weights as elements, where these can be counted here.
                None if draft.chance.percent(70) => {
                    let count = match inputs.first() {
                        Some((_, Value::List(elements))) => elements.len(),
                        _ => 3,
                    };
                    let weights = (0..count).map(|_| Value::Float(draft.chance.below(4) as f64 + 0.5));
                    inputs.push(("weights", Value::List(weights.collect())));
                }
                None => inputs.push(("weights", draft.typed(&Type::list(Type::Float64), depth))),
            }
        }
        "FindInArray" => match by_field {
            Some((name, ty)) => {
                inputs.push(("field", Value::Str(name)));
                inputs.push(("value", draft.exact(&ty.loaded(), depth)?));
            }
            None => inputs.push(("value", draft.exact(&element.loaded(), depth)?)),
        },
        "IndexOfItem" => inputs.push(("value", draft.exact(&element.loaded(), depth)?)),
        _ => match (by_field, row.input("op").is_some()) {
            (Some((name, ty)), true) => {
                let (op, value) = draft.comparison(&ty.loaded(), depth)?;
                inputs.extend([("field", Value::Str(name)), ("op", op.into()), ("value", value)]);
            }
            (Some((name, ty)), false) => {
                inputs.push(("field", Value::Str(name)));
                told(row, &element, &ty.loaded(), &mut given);
            }
            (None, _) => by_lambda(draft, row, &element, (&mut inputs, &mut given), want, depth)?,
        },
    }
    if row.input("descending").is_some() && draft.chance.percent(50) {
        inputs.push(("descending", draft.typed(&Type::Bool, depth)));
    }
    if numbers {
        let number = match &given.iter().find(|(name, _)| *name == "number") {
            Some((_, ty)) => ty.clone(),
            None => element.loaded(),
        };
        let ty = if row.name == "Average" || number.is_float() { Type::Float64 } else { Type::INT };
        given.insert(0, ("result", ty));
    }
    let outputs = outputs(row, &given);
    let fits = outputs.iter().all(|(name, ty)| suits(want, row, name, ty));
    fits.then_some(Filled { inputs, outputs })
}

/// What the elements must be so that the output that is wanted has its type; `None` inside if that may be anything.
fn wanted_element(row: &NodeRow, want: Want<'_>) -> Option<Option<Type>> {
    let Some((index, ty)) = want else { return Some(None) };
    let port = row.outputs.get(index)?;
    Some(match (port.ty, ty) {
        ("T", Type::Nullable(inner)) if matches!(**inner, Type::Struct(_)) => Some(Type::clone(inner)),
        ("T", Type::Struct(_)) if row.name != "WeightedPick" => return None,
        ("T", ty) => Some(ty.clone()),
        ("[]T", Type::List(element)) => Some(Type::clone(element)),
        _ => None,
    })
}

/// What comes out where a field or a lambda of that type says what to make.
fn told(row: &NodeRow, element: &Type, ty: &Type, given: &mut Vec<(&str, Type)>) {
    let result = match row.name {
        "MapArray" => Type::list(ty.clone()),
        "FlatMap" => match ty.element() {
            Some(element) => Type::list(element.clone()),
            None => return,
        },
        "CountBy" => Type::map(ty.clone(), Type::INT),
        "GroupBy" => Type::map(ty.clone(), Type::list(element.clone())),
        "Sum" | "Average" => {
            given.push(("number", ty.clone()));
            return;
        }
        _ => return,
    };
    given.insert(0, ("result", result));
}

fn by_lambda(
    draft: &mut Draft<'_>,
    row: &'static NodeRow,
    element: &Type,
    (inputs, given): (&mut Vec<(&'static str, Value)>, &mut Vec<(&'static str, Type)>),
    want: Want<'_>,
    depth: usize,
) -> Option<()> {
    let Some(port) = row.inputs.iter().find(|port| port.role == Role::Lambda) else {
        return matches!(element, Type::Struct(_)).then_some(()).map_or(Some(()), |()| None);
    };
    let fits = part(row);
    if port.name == "key" && row.name == "Distinct" && draft.chance.percent(40) {
        return Some(());
    }
    let known = [("item", element.clone()), ("index", Type::INT)];
    let value = if port.ty == "bool" {
        draft.lambda(&known, |draft| draft.typed(&Type::Bool, depth))
    } else {
        let wanted = match (row.name, want) {
            ("MapArray", Some((_, Type::List(element)))) => Some(Type::clone(element)),
            _ => None,
        };
        let fits = |ty: &Type| match &wanted {
            Some(wanted) => ty.loaded() == *wanted,
            None => fits(ty) || row.name == "Distinct" && plain(ty),
        };
        let (value, ty) = draft.lambda(&known, |draft| match draft.operand(&fits, depth) {
            Some(found) => Some(found),
            None => draft.reference(&fits).map(|(text, ty)| (text.into(), ty.loaded())),
        })?;
        told(row, element, &ty, given);
        value
    };
    inputs.push((port.name, value));
    Some(())
}

fn nearest(draft: &mut Draft<'_>, element: &Type, inputs: &mut Vec<(&'static str, Value)>, depth: usize) -> Option<()> {
    let Type::Struct(id) = element else { return None };
    for name in ["x", "y"] {
        inputs.push((name, draft.typed(&Type::Float64, depth)));
    }
    for name in ["xField", "yField"] {
        let (field, _) = draft.field_of(*id, &|ty| ty.is_number())?;
        inputs.push((name, Value::Str(field)));
    }
    if draft.chance.percent(30) {
        let known = [("item", element.clone()), ("index", Type::INT)];
        inputs.push(("predicate", draft.lambda(&known, |draft| draft.typed(&Type::Bool, depth))));
    }
    Some(())
}

/// Fills UpdateWhere.
pub(super) fn update_where(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let main = draft.world.main;
    let structs = |ty: &Type| matches!(ty.element(), Some(Type::Struct(_)));
    let (path, ty) = draft.state(main, &structs, true)?;
    let Some(Type::Struct(id)) = ty.element() else { return None };
    let (field, tested) = draft.field_of(*id, &scalar)?;
    let (op, value) = draft.comparison(&tested.loaded(), depth)?;
    let mut inputs =
        vec![("path", path.into()), ("whereField", Value::Str(field)), ("whereOp", op.into()), ("whereValue", value)];
    if draft.chance.percent(50) {
        let (field, ty) = draft.field_of(*id, &|_| true)?;
        inputs.extend([("setField", Value::Str(field)), ("setValue", draft.typed(&ty, depth))]);
    } else {
        inputs.push(("updates", draft.fields(*id, depth)));
    }
    Some(Filled { inputs, outputs: outputs(row, &[]) })
}

/// Fills ForEach.
pub(super) fn for_each(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    if draft.chance.percent(30)
        && let Some((text, Type::Map(key, value))) = draft.reference(&|ty| matches!(ty, Type::Map(..)))
    {
        let given = [("key", Type::clone(&key)), ("value", Type::clone(&value))];
        let mut outputs = outputs(row, &given);
        outputs.retain(|(name, _)| matches!(*name, "key" | "value"));
        return Some(Filled { inputs: vec![("array", text.into())], outputs });
    }
    let (port, array, element) = match draft.world.schema.by_name("Player") {
        // Players are gone over more often than anything else.
        Some(player) if draft.chance.percent(30) => ("array", "state:Players".into(), Type::Struct(player)),
        _ => draft.array(&|ty| !matches!(ty, Type::Record(_)), depth)?,
    };
    let mut outputs = outputs(row, &[("item", element)]);
    outputs.retain(|(name, _)| matches!(*name, "item" | "index"));
    Some(Filled { inputs: vec![(port, array)], outputs })
}

//! Rows of whose ports the table does not tell all: constants that name something, inputs of which one stands for another,
//! outputs whose type follows from a constant.

use statewright_graph::node::NodeRow;
use statewright_types::{IntKind, StructId, Type, Value};

use super::draft::{Draft, Signature};
use super::draw::plain;
use super::fill::{Filled, Want};
use super::values::{self, IDS};

type Special = for<'d, 'w, 't> fn(&'d mut Draft<'w>, &'static NodeRow, Want<'t>, usize) -> Option<Filled>;

/// What fills a row, if its ports alone do not tell.
pub(super) fn of(row: &NodeRow) -> Option<Special> {
    Some(match row.name {
        "GetField" | "GetBase" => read_path,
        "SetField" => write_path,
        "Increment" => increment,
        "GetConfig" | "SetConfig" => config,
        "ActivateSchema" | "DeactivateSchema" | "IsSchemaActive" | "ResetSchema" => root,
        "GetPlayer" => player,
        "GetCurrentState" => whole,
        "AddToArray" | "RemoveFromArray" | "ArrayAt" | "Reduce" | "SortBy" | "Distinct" | "MinBy" | "MaxBy"
        | "CountBy" | "GroupBy" | "FilterArray" | "MapArray" | "FlatMap" | "Sum" | "Average" | "FindInArray"
        | "IndexOfItem" | "CountWhere" | "FindWhere" | "ForEachWhere" | "Nearest" | "WeightedPick" => {
            super::arrays::fill
        }
        "UpdateWhere" => super::arrays::update_where,
        "ForEach" => super::arrays::for_each,
        "GetMapValue" => map_value,
        "Compare" => compare,
        "Select" => select,
        "Coalesce" => coalesce,
        "Divide" | "IntDivide" | "Modulo" => divide,
        "Min" | "Max" => bound,
        "Switch" => scalar_value,
        "Constant" => constant,
        "SetVariable" => set_variable,
        "GetVariable" => get_variable,
        "CreateStruct" => create,
        "GetStructField" | "SetStructField" => field,
        "UpdateStruct" => update,
        "Concat" => concat,
        "Format" => format,
        "PointInPolygon" => polygon,
        "CallFunction" => call,
        "FirstOf" => first_of,
        "Return" => give_back,
        "AddFilter" | "AddEffect" => arrange,
        "Wait" | "Timeout" => wait,
        "WaitForEvent" => wait_for_event,
        _ => return None,
    })
}

fn filled(inputs: Vec<(&'static str, Value)>, outputs: Vec<(&'static str, Type)>) -> Option<Filled> {
    Some(Filled { inputs, outputs })
}

/// The outputs of a row whose types the table tells, and of the others what is given.
pub(super) fn outputs(row: &'static NodeRow, given: &[(&str, Type)]) -> Vec<(&'static str, Type)> {
    let of = |port: &statewright_graph::node::OutputPort| {
        let given = given.iter().find(|(name, _)| *name == port.name).map(|(_, ty)| ty.clone());
        match given.or_else(|| Type::scalar_by_name(port.ty)) {
            Some(ty) => (port.name, ty),
            None => ("", Type::Bytes),
        }
    };
    row.outputs.iter().map(of).collect()
}

/// Whether an output of that type is what is wanted.
pub(super) fn suits(want: Want<'_>, row: &NodeRow, name: &str, ty: &Type) -> bool {
    let Some((index, wanted)) = want else { return true };
    row.outputs.get(index).is_none_or(|port| port.name != name || *wanted == *ty)
}

fn read_path(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, _: usize) -> Option<Filled> {
    let root = draft.root();
    let fits = |ty: &Type| want.is_none_or(|(_, wanted)| ty.loaded() == *wanted);
    let (path, ty) = draft.state(root, &fits, true)?;
    filled(vec![("path", path.into())], outputs(row, &[("value", ty.loaded())]))
}

fn write_path(draft: &mut Draft<'_>, _: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let root = draft.root();
    let deep = draft.chance.percent(30);
    let fits = |ty: &Type| deep || !matches!(ty, Type::Struct(_) | Type::List(_) | Type::Map(..));
    let (path, ty) = draft.state(root, &fits, true)?;
    let value = draft.typed(&ty, depth);
    filled(vec![("path", path.into()), ("value", value)], Vec::new())
}

fn increment(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let root = draft.root();
    let (path, ty) = draft.state(root, &Type::is_number, true)?;
    let mut inputs = vec![("path", path.into())];
    if draft.chance.percent(70) {
        let by = if ty.is_float() { Type::Float64 } else { Type::INT };
        inputs.push(("by", draft.typed(&by, depth)));
    }
    filled(inputs, outputs(row, &[("value", ty.loaded())]))
}

fn config(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
    let (name, ty) = draft.world.config[draft.chance.below(2)].clone();
    if !suits(want, row, "value", &ty) {
        return None;
    }
    let mut inputs = vec![("name", name.into())];
    if row.input("value").is_some() {
        // A literal beyond the bounds would be an error of the check.
        let fits = |from: &Type| *from == ty;
        let value = match (draft.reference(&fits), &ty) {
            (Some((text, _)), _) if draft.chance.percent(60) => text.into(),
            (_, Type::Int(_)) => Value::Int(draft.chance.between(1, 10) as i64),
            _ => draft.typed(&ty, depth),
        };
        inputs.push(("value", value));
    }
    filled(inputs, outputs(row, &[("value", ty)]))
}

fn root(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, _: usize) -> Option<Filled> {
    // The main root neither comes nor goes.
    let is_main = matches!(row.name, "IsSchemaActive" | "ResetSchema") && draft.chance.percent(25);
    let name = if is_main { "Game" } else { "Bonus" };
    filled(vec![("schemaName", name.into())], outputs(row, &[]))
}

fn whole(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, _: usize) -> Option<Filled> {
    let ty = Type::Struct(draft.world.main);
    suits(want, row, "state", &ty).then(|| Filled { inputs: Vec::new(), outputs: outputs(row, &[("state", ty)]) })
}

fn player(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
    let id = draft.world.schema.by_name("Player")?;
    let ty = Type::Struct(id);
    if !suits(want, row, "player", &ty) {
        return None;
    }
    let input = vec![("playerID", draft.id(depth))];
    // Whether there is one is asked for, or it must be there.
    let asks = want.is_some_and(|(index, _)| index == 1) || want.is_none() && draft.chance.percent(40);
    let mut outputs = outputs(row, &[("player", if asks { Type::nullable(ty) } else { ty })]);
    if let Some(found) = outputs.get_mut(1).filter(|_| !asks) {
        *found = ("", Type::Bytes);
    }
    filled(input, outputs)
}

fn map_value(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
    let fits = |ty: &Type| matches!(ty, Type::Map(_, value) if suits(want, row, "value", &or_null(value)));
    let (text, ty) = draft.reference(&fits)?;
    let Type::Map(key, value) = &ty else { return None };
    let key = draft.typed(key, depth);
    let outputs = outputs(row, &[("value", or_null(value))]);
    filled(vec![("map", text.into()), ("key", key)], outputs)
}

/// An element that need not be there: null for structs, else zero.
pub(super) fn or_null(ty: &Type) -> Type {
    if matches!(ty, Type::Struct(_)) { Type::nullable(ty.clone()) } else { ty.loaded() }
}

/// Pairs that differ by less than a careless comparison sees.
fn near(draft: &mut Draft<'_>) -> (Value, Value) {
    let edge = 1_i64 << 53;
    let pairs: [(Value, Value); 12] = [
        (Value::Int(edge + 1), Value::Float(9_007_199_254_740_992.0)),
        (Value::Int(i64::MAX), Value::Float(9_223_372_036_854_775_808.0)),
        (Value::Int(-edge - 1), Value::Float(-9_007_199_254_740_992.0)),
        (Value::uint(u64::MAX), Value::Float(18_446_744_073_709_551_616.0)),
        (Value::uint(u64::MAX - 1), Value::Float(1.0)),
        (Value::uint(u64::MAX), Value::Int(1)),
        (Value::from("state:Big"), Value::Int(7)),
        (Value::from("state:Big"), Value::Float(18_446_744_073_709_551_616.0)),
        (Value::from("\u{ffff}"), Value::from("😀")),
        (Value::from("\u{10000}"), Value::from("\u{fffd}")),
        (Value::Float(-0.0), Value::Int(0)),
        (Value::from("state:Speed"), Value::from("state:Speed")),
    ];
    let (left, right) = pairs[draft.chance.below(pairs.len())].clone();
    if draft.chance.percent(50) { (left, right) } else { (right, left) }
}

fn compare(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    if draft.chance.percent(25) {
        let (left, right) = near(draft);
        let op = draft.chance.word(&["==", "!=", "<", ">", "<=", ">="]);
        return filled(vec![("left", left), ("op", op.into()), ("right", right)], outputs(row, &[]));
    }
    let (left, ty) = draft.operand(&|ty| !matches!(ty, Type::Record(_)), depth)?;
    let (op, right) = draft.comparison(&ty, depth)?;
    filled(vec![("left", left), ("op", op.into()), ("right", right)], outputs(row, &[]))
}

fn select(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
    let condition = draft.typed(&Type::Bool, depth);
    let (a, ty) = match want {
        Some((_, ty)) => (draft.exact(ty, depth)?, ty.clone()),
        None => draft.operand(&|ty| !matches!(ty, Type::Record(_)), depth)?,
    };
    let b = draft.exact(&ty, depth)?;
    filled(vec![("condition", condition), ("a", a), ("b", b)], outputs(row, &[("result", ty)]))
}

fn coalesce(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
    let ty = match want {
        Some((_, ty)) => ty.clone(),
        None => {
            let (_, ty) = draft.reference(&|ty| matches!(ty, Type::Nullable(_)))?;
            ty.non_null().loaded()
        }
    };
    if matches!(ty, Type::Nullable(_)) {
        return None;
    }
    let mut values = Vec::new();
    for _ in 0..draft.chance.between(1, 2) {
        let nullable = |from: &Type| matches!(from, Type::Nullable(inner) if inner.loaded() == ty);
        values.push(draft.reference(&nullable).map_or(Value::Null, |(text, _)| text.into()));
    }
    values.push(draft.exact(&ty, depth)?);
    filled(vec![("values", Value::List(values))], outputs(row, &[("result", ty)]))
}

fn divide(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
    let is_float = match want {
        Some((_, ty)) if row.name == "Modulo" => *ty == Type::Float64,
        _ => row.name != "IntDivide" && draft.chance.percent(40),
    };
    let ty = if is_float { Type::Float64 } else { Type::INT };
    // Powers of two are divided by in ways of their own, of numbers that only a run tells.
    if !is_float
        && draft.chance.percent(40)
        && let Some((a, _)) = draft.reference(&|from| from.loaded() == Type::INT)
    {
        let b = Value::Int(1 << [1, 2, 3, 6, 8, 16, 32][draft.chance.below(7)]);
        let result = if row.name == "Divide" { Type::Float64 } else { ty };
        return filled(vec![("a", a.into()), ("b", b)], outputs(row, &[("result", result)]));
    }
    let a = draft.exact(&ty, depth)?;
    // A divisor that is written as zero would be an error of the check.
    let b = match draft.exact(&ty, depth)? {
        Value::Int(0) => Value::Int(-1),
        Value::Float(0.0) => Value::Float(-0.5),
        other => other,
    };
    filled(vec![("a", a), ("b", b)], outputs(row, &[("result", if row.name == "Divide" { Type::Float64 } else { ty })]))
}

/// By the ports alone, or a zero of either sign with what only a run tells.
fn bound(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
    if want.is_none_or(|(_, ty)| *ty == Type::Float64)
        && draft.chance.percent(25)
        && let Some((value, _)) = draft.reference(&Type::is_float)
    {
        let mut pair = [value.into(), Value::Float([0.0, -0.0][draft.chance.below(2)])];
        if draft.chance.percent(50) {
            pair.reverse();
        }
        let [a, b] = pair;
        return filled(vec![("a", a), ("b", b)], outputs(row, &[("result", Type::Float64)]));
    }
    draft.plainly(row, want, depth)
}

fn scalar_value(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let (value, ty) = draft.operand(&plain, depth)?;
    // For whoever draws the labels.
    let mut filled = filled(vec![("value", value)], outputs(row, &[]))?;
    filled.outputs.push(("", ty));
    Some(filled)
}

fn constant(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
    let (value, ty) = match want {
        Some((_, ty)) => (draft.exact(ty, depth)?, ty.clone()),
        None => draft.operand(&|ty| !matches!(ty, Type::Record(_)), depth)?,
    };
    filled(vec![("value", value)], outputs(row, &[("value", ty)]))
}

fn set_variable(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let (name, ty) = draft.chance.pick(&draft.variables)?.clone();
    let value = draft.exact(&ty, depth)?;
    filled(vec![("name", name.into()), ("value", value)], outputs(row, &[("value", ty)]))
}

fn get_variable(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, _: usize) -> Option<Filled> {
    let (name, ty) = draft.chance.pick(&draft.variables)?.clone();
    if !suits(want, row, "value", &ty) {
        return None;
    }
    filled(vec![("name", name.into())], outputs(row, &[("value", ty)]))
}

fn create(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
    let id = match want {
        Some((_, Type::Struct(id))) => *id,
        Some(_) => return None,
        None => StructId(draft.chance.below(2) as u32),
    };
    let name = draft.world.schema.get(id).name.clone();
    let mut inputs = vec![("type", Value::Str(name))];
    if draft.chance.percent(85) {
        inputs.push(("fields", draft.fields(id, depth)));
    }
    filled(inputs, outputs(row, &[("result", Type::Struct(id))]))
}

fn field(draft: &mut Draft<'_>, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
    let (text, ty) = draft.reference(&|ty| matches!(ty.non_null(), Type::Struct(_)))?;
    let Type::Struct(id) = *ty.non_null() else { return None };
    let wanted = want.filter(|_| row.name == "GetStructField").map(|(_, ty)| ty);
    let (name, found) = draft.field_of(id, &|ty| wanted.is_none_or(|wanted| ty.loaded() == *wanted))?;
    let mut inputs = vec![("object", Value::from(text)), ("field", Value::from(&*name))];
    if row.input("value").is_some() {
        inputs.push(("value", draft.typed(&found, depth)));
    }
    let given = [("value", found.loaded()), ("result", Type::Struct(id))];
    filled(inputs, outputs(row, &given))
}

fn update(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let (text, ty) = draft.reference(&|ty| matches!(ty, Type::Struct(_)))?;
    let Type::Struct(id) = ty else { return None };
    let fields = draft.fields(id, depth);
    filled(vec![("object", text.into()), ("fields", fields)], outputs(row, &[("result", ty)]))
}

fn concat(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let inputs = match draft.chance.percent(50) {
        true => vec![("strings", draft.typed(&Type::list(Type::String), depth))],
        false => vec![("a", draft.typed(&Type::String, depth)), ("b", draft.typed(&Type::String, depth))],
    };
    filled(inputs, outputs(row, &[]))
}

fn format(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let formats = ["{} and {}", "%s has %d", "{0}{0}", "%.2f of %f%%", "{a}/{b}", "%v", "😀{}", "%5"];
    let scalar = |ty: &Type| ty.is_number() || ty.is_text() || *ty == Type::Bool;
    let mut values = Vec::new();
    for _ in 0..draft.chance.between(1, 3) {
        values.push(draft.operand(&scalar, depth)?.0);
    }
    let args = match draft.chance.percent(60) {
        true => Value::List(values),
        false => Value::map(["a", "b", "c"].into_iter().zip(values)),
    };
    filled(vec![("format", draft.chance.word(&formats).into()), ("args", args)], outputs(row, &[]))
}

fn polygon(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let mut corners = Vec::new();
    for _ in 0..draft.chance.between(2, 5) {
        let corner = ["Lat", "Lng"].map(|name| (name, Value::Float(draft.chance.below(9) as f64 - 4.0)));
        corners.push(Value::map(corner));
    }
    let polygon = if draft.chance.percent(40) { "state:Players".into() } else { Value::List(corners) };
    let inputs =
        vec![("pointLat", draft.exact(&Type::Float64, depth)?), ("pointLng", draft.exact(&Type::Float64, depth)?)];
    let polygon = [("polygon", polygon)];
    filled(inputs.into_iter().chain(polygon).collect(), outputs(row, &[]))
}

fn call(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let functions = draft.names.functions.get(draft.callable..)?;
    let callee: Signature = draft.chance.pick(functions)?.clone();
    if draft.is_bound && !callee.is_bound {
        return None;
    }
    let args = draft.arguments(&callee.params, depth);
    let inputs = vec![("function", callee.name.as_str().into()), ("args", args)];
    let given = callee.returns.map(|ty| ("result", ty.loaded()));
    filled(inputs, outputs(row, given.as_slice()))
}

fn first_of(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, _: usize) -> Option<Filled> {
    let count = draft.chance.between(1, 3);
    let names = (0..count).map(|_| draft.chance.word(&["Nobody", "Anyone"]).into()).collect();
    let mut inputs = vec![("functions", Value::List(names))];
    let has_default = draft.chance.percent(50);
    if has_default {
        inputs.push(("default", draft.typed(&Type::String, 2)));
    }
    let ty = if has_default { Type::String } else { Type::nullable(Type::String) };
    filled(inputs, outputs(row, &[("value", ty)]))
}

fn give_back(draft: &mut Draft<'_>, _: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let inputs = match draft.returns.clone() {
        Some(ty) => vec![("value", draft.typed(&ty, depth))],
        None => Vec::new(),
    };
    filled(inputs, Vec::new())
}

fn arrange(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let is_filter = row.name == "AddFilter";
    let those = if is_filter { &draft.names.filters } else { &draft.names.effects };
    let named: Signature = draft.chance.pick(those)?.clone();
    let ids = ["f1", "f2", "e1", "e2"];
    let id = Value::from(draft.chance.word(&ids));
    let mut inputs = match is_filter {
        true => vec![("viewerID", draft.id(depth)), ("filterID", id), ("filterName", named.name.as_str().into())],
        false => vec![("effectId", id), ("effectName", named.name.as_str().into())],
    };
    if !named.params.is_empty() {
        inputs.push(("params", draft.arguments(&named.params, depth)));
    }
    for port in row.inputs.iter().filter(|port| !is_filter && port.name != "params") {
        let ty = match port.ty {
            "int64" => Type::INT,
            "bool" => Type::Bool,
            _ => continue,
        };
        if draft.chance.percent(35) {
            inputs.push((port.name, draft.named(port.name, &ty, depth)));
        }
    }
    filled(inputs, Vec::new())
}

fn wait(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let mut inputs = vec![("duration", draft.named("duration", &Type::INT, depth))];
    if draft.chance.percent(20) {
        inputs.push(("unit", draft.chance.word(&["ms", "s", "m", "h"]).into()));
    }
    filled(inputs, outputs(row, &[]))
}

fn wait_for_event(draft: &mut Draft<'_>, row: &'static NodeRow, _: Want<'_>, depth: usize) -> Option<Filled> {
    let event: Signature = draft.chance.pick(&draft.names.events)?.clone();
    let mut inputs = vec![("eventType", event.name.as_str().into())];
    if draft.chance.percent(70) {
        inputs.push(("timeout", draft.named("timeout", &Type::INT, depth)));
    }
    filled(inputs, outputs(row, &[]))
}

impl Draft<'_> {
    /// A player's id.
    pub(super) fn id(&mut self, depth: usize) -> Value {
        if self.chance.percent(55) { self.chance.word(&IDS).into() } else { self.typed(&Type::String, depth) }
    }

    /// A value for a port of that name: counts, times and names are mostly such that something comes of it.
    pub(super) fn named(&mut self, name: &str, ty: &Type, depth: usize) -> Value {
        let count = |draft: &mut Self, most: usize| Value::Int(draft.chance.below(most + 1) as i64);
        let usual = self.chance.percent(75);
        match (name, ty) {
            ("count" | "sides", Type::Int(_)) if usual => count(self, 6),
            ("index", Type::Int(_)) if self.chance.percent(75) => count(self, 1),
            ("start" | "end" | "length", Type::Int(_)) if self.chance.percent(60) => count(self, 4),
            ("duration" | "delay" | "checkInterval" | "timeout", Type::Int(_)) if usual => count(self, 60),
            ("stacks" | "priority" | "id", Type::Int(_)) if usual => count(self, 3),
            ("eventType", _) => {
                let events =
                    self.names.events.iter().skip(self.sendable).map(|event| event.name.clone()).collect::<Vec<_>>();
                match self.chance.pick(&events) {
                    Some(name) if usual => name.as_str().into(),
                    _ => "Told".into(),
                }
            }
            ("playerID" | "viewerID", _) => self.id(depth),
            ("filterID" | "effectId", _) if usual => self.chance.word(&["f1", "f2", "e1", "e2"]).into(),
            ("stream", _) if usual => self.chance.word(&["dice", "cards", ""]).into(),
            ("probability" | "t", _) if usual => Value::Float(self.chance.below(5) as f64 / 4.0),
            ("index" | "start" | "end", _) => match self.typed(ty, depth) {
                // A negative literal would be an error of the check.
                Value::Int(value) => Value::Int(value.saturating_abs()),
                other => other,
            },
            _ => self.typed(ty, depth),
        }
    }

    /// Arguments by name.
    pub(super) fn arguments(&mut self, params: &[(String, Type)], depth: usize) -> Value {
        let args = params.iter().map(|(name, ty)| (name.as_str(), self.typed(ty, depth)));
        Value::map(args.collect::<Vec<_>>())
    }

    /// A field of a struct whose type fits.
    pub(super) fn field_of(
        &mut self,
        id: StructId,
        fits: &dyn Fn(&Type) -> bool,
    ) -> Option<(std::sync::Arc<str>, Type)> {
        let fields = &self.world.schema.get(id).fields;
        let fitting: Vec<_> = fields.iter().filter(|field| fits(&field.ty)).collect();
        self.chance.pick(&fitting).map(|field| (field.name.clone(), field.ty.clone()))
    }

    /// An operator and the right side of a comparison with something of that type.
    pub(super) fn comparison(&mut self, ty: &Type, depth: usize) -> Option<(&'static str, Value)> {
        let orders = ["==", "!=", "<", ">", "<=", ">="];
        Some(match ty {
            Type::Int(_) | Type::Float32 | Type::Float64 => {
                let op = self.chance.word(&orders);
                let right = match self.chance.below(4) {
                    0 => self.exact(&Type::Int(IntKind::U64), depth)?,
                    1 => Value::Float(values::float(self.chance)),
                    2 => self.exact(&Type::Float64, depth)?,
                    _ => self.typed(&Type::INT, depth),
                };
                (op, right)
            }
            Type::String | Type::Uuid => {
                let more = ["==", "!=", "<", ">", "<=", ">=", "contains", "in", "startsWith", "endsWith"];
                (self.chance.word(&more), self.typed(&Type::String, depth))
            }
            Type::List(element) if self.chance.percent(50) && plain(&element.loaded()) => {
                ("contains", self.exact(&element.loaded(), depth)?)
            }
            Type::Nullable(_) if self.chance.percent(60) => (self.chance.word(&["==", "!="]), Value::Null),
            _ => {
                let (text, _) = self.reference(&|other| other.loaded() == *ty)?;
                (self.chance.word(&["==", "!="]), text.into())
            }
        })
    }
}

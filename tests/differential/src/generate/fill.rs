//! A node of a row: inputs that fit its ports, and the types of its outputs. Rows whose ports say all that there is to know need
//! nothing here; those in [`special`](super::special) have more to them.

use std::collections::HashMap;

use statewright_graph::node::{Category, Example, InputPort, Need, NodeRow, Role};
use statewright_types::{Type, Value};

use super::draft::Draft;
use super::pattern::{Pattern, parse};

/// A node that can be made.
pub(super) struct Filled {
    pub(super) inputs: Vec<(&'static str, Value)>,
    /// By name; as many as the row has, in its order.
    pub(super) outputs: Vec<(&'static str, Type)>,
}

/// What the variables of a row stand for.
#[derive(Default)]
pub(super) struct Bindings(HashMap<char, Type>);

impl Bindings {
    pub(super) fn get(&self, name: char) -> Option<&Type> {
        self.0.get(&name)
    }

    pub(super) fn set(&mut self, name: char, ty: Type) {
        self.0.insert(name, ty);
    }

    /// Makes the variables of a pattern such that it is `ty`; whether that is possible.
    fn unify(&mut self, pattern: &Pattern, ty: &Type) -> bool {
        match (pattern, ty) {
            (Pattern::Variable(name), ty) => {
                let known = self.0.entry(*name).or_insert_with(|| ty.clone());
                known.loaded() == ty.loaded()
            }
            (Pattern::List(element), Type::List(ty)) => self.unify(element, ty),
            (Pattern::Map(key, value), Type::Map(k, v)) => self.unify(key, k) && self.unify(value, v),
            (Pattern::Of(one), ty) => one == ty,
            (Pattern::Any, _) => true,
            (Pattern::Number, ty) => matches!(ty, Type::Int(_) | Type::Float64),
            (Pattern::Struct, Type::Struct(_)) => true,
            _ => false,
        }
    }

    fn of(&self, pattern: &Pattern) -> Option<Type> {
        Some(match pattern {
            Pattern::Of(ty) => ty.clone(),
            Pattern::Variable(name) => self.get(*name)?.clone(),
            Pattern::List(element) => Type::list(self.of(element)?),
            Pattern::Map(key, value) => Type::map(self.of(key)?, self.of(value)?),
            _ => return None,
        })
    }
}

/// What a want of an output says beforehand.
pub(super) type Want<'t> = Option<(usize, &'t Type)>;

impl Draft<'_> {
    /// Inputs for a node of that row, if possible such that an output has the type wanted. `None` if nothing fits here.
    pub(super) fn fill(&mut self, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
        if let Some(special) = super::special::of(row) {
            return special(self, row, want, depth);
        }
        if matches!(row.category, Category::Host(_)) {
            return self.hosted(row, want, depth);
        }
        self.plainly(row, want, depth)
    }

    /// By the ports alone.
    pub(super) fn plainly(&mut self, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
        let mut bindings = Bindings::default();
        if let Some((index, ty)) = want
            && !bindings.unify(&parse(row.outputs.get(index)?.ty), ty)
        {
            return None;
        }
        let is_float = match want {
            Some((_, ty)) if row.outputs.iter().any(|port| port.ty == "number") && ty.is_number() => ty.is_float(),
            _ => self.chance.percent(35),
        };
        let number = if is_float { Type::Float64 } else { Type::INT };
        bindings.set('#', number);
        if let Some((index, ty)) = want
            && parse(row.outputs.get(index)?.ty) == Pattern::Any
        {
            bindings.set('?', ty.clone());
        }
        let mut inputs = Vec::new();
        for port in row.inputs {
            let is_given = match port.need {
                Need::Required => true,
                // One of `array` and `path` comes with the first of them.
                Need::Optional | Need::Default(_) => match port.role {
                    Role::Path => continue,
                    _ => port.name == "array" || port.name == "map" || self.chance.percent(60),
                },
            };
            if is_given {
                match self.port(row, port, &mut bindings, depth) {
                    Some((name, value)) => inputs.push((name, value)),
                    None => return self.example(row, want),
                }
            }
        }
        let outputs = row.outputs.iter().map(|port| Some((port.name, self.output(port.ty, &bindings)?)));
        // What cannot be told is an output that nobody reads.
        let outputs = outputs.map(|output| output.unwrap_or(("", Type::Bytes))).collect();
        Some(Filled { inputs, outputs })
    }

    /// A node of the host program: its ports have types as schemas spell them.
    fn hosted(&mut self, row: &'static NodeRow, want: Want<'_>, depth: usize) -> Option<Filled> {
        let world = self.world;
        let types = |text: &str| world.schema.parse_type(text).ok();
        let outputs: Option<Vec<_>> =
            row.outputs.iter().map(|port| Some((port.name, types(port.ty)?.loaded()))).collect();
        let outputs = outputs?;
        if want.is_some_and(|(index, wanted)| outputs.get(index).is_none_or(|(_, ty)| ty != wanted)) {
            return None;
        }
        let mut inputs = Vec::new();
        for port in row.inputs {
            if port.need == Need::Required || self.chance.percent(60) {
                inputs.push((port.name, self.typed(&types(port.ty)?, depth)));
            }
        }
        Some(Filled { inputs, outputs })
    }

    fn output(&self, text: &str, bindings: &Bindings) -> Option<Type> {
        match parse(text) {
            Pattern::Number => bindings.get('#').cloned(),
            Pattern::Any => bindings.get('?').cloned(),
            pattern => bindings.of(&pattern),
        }
    }

    /// A value for a port.
    fn port(
        &mut self,
        row: &NodeRow,
        port: &'static InputPort,
        bindings: &mut Bindings,
        depth: usize,
    ) -> Option<(&'static str, Value)> {
        if port.role == Role::Lambda {
            return self.lambda_port(port, bindings, depth).map(|value| (port.name, value));
        }
        let value = match parse(port.ty) {
            Pattern::Of(ty) => self.named(port.name, &ty, depth),
            Pattern::Number => {
                let ty = bindings.get('#')?.clone();
                if ty.is_float() { self.exact(&ty, depth)? } else { self.typed(&ty, depth) }
            }
            Pattern::Scalar => self.operand(&|ty| ty.is_number() || ty.is_text() || *ty == Type::Bool, depth)?.0,
            Pattern::Key { floats } => {
                self.operand(&|ty| ty.is_text() || ty.is_int() || floats && ty.is_number(), depth)?.0
            }
            Pattern::Sized => self.operand(&|ty| matches!(ty, Type::String | Type::List(_) | Type::Map(..)), depth)?.0,
            Pattern::Any => match bindings.get('?').cloned() {
                Some(ty) => self.exact(&ty, depth)?,
                None => {
                    let (value, ty) = self.operand(&|ty| !matches!(ty, Type::Record(_)), depth)?;
                    bindings.set('?', ty);
                    value
                }
            },
            Pattern::List(element) => {
                let wanted = bindings.of(&element);
                let fits = |ty: &Type| wanted.as_ref().is_none_or(|wanted| ty.loaded() == wanted.loaded());
                let (name, value, ty) = self.array(&fits, depth)?;
                if wanted.is_none() && !bindings.unify(&element, &ty) {
                    return None;
                }
                // Not every row takes both.
                let has = |name: &str| row.input(name).is_some();
                return match name {
                    "path" if !has("path") => Some((port.name, Value::from(format!("state:{}", text_of(&value))))),
                    "path" => Some(("path", value)),
                    _ => Some((port.name, value)),
                };
            }
            Pattern::Map(key, value) => {
                let wanted = (bindings.of(&key), bindings.of(&value));
                let same = |wanted: &Option<Type>, ty: &Type| {
                    wanted.as_ref().is_none_or(|wanted| wanted.loaded() == ty.loaded())
                };
                let fits = |ty: &Type| matches!(ty, Type::Map(k, v) if same(&wanted.0, k) && same(&wanted.1, v));
                let (text, ty) = self.reference(&fits)?;
                let Type::Map(k, v) = &ty else { return None };
                if !(bindings.unify(&key, k) && bindings.unify(&value, v)) {
                    return None;
                }
                text.into()
            }
            Pattern::Variable(name) => {
                let ty = bindings.get(name)?.clone();
                self.typed(&ty, depth)
            }
            Pattern::Path => self.path_port(row, bindings)?,
            Pattern::Struct => {
                let (text, ty) = self.reference(&|ty| matches!(ty, Type::Struct(_)))?;
                bindings.set('?', ty);
                text.into()
            }
            Pattern::Entries => self.entries_of(depth),
            Pattern::Constant | Pattern::Unknown => return None,
        };
        Some((port.name, value))
    }

    /// A path to what a row of that kind works on.
    fn path_port(&mut self, row: &NodeRow, bindings: &mut Bindings) -> Option<Value> {
        let is_map = row.category == Category::Map;
        let is_list = matches!(row.category, Category::Array | Category::Batch);
        let known = bindings.get('T').cloned();
        let fits = |ty: &Type| match ty {
            Type::List(element) => is_list && known.as_ref().is_none_or(|known| known.loaded() == element.loaded()),
            Type::Map(..) => is_map,
            _ => !is_map && !is_list,
        };
        let main = self.world.main;
        let (path, ty) = self.state(main, &fits, true)?;
        match &ty {
            Type::List(element) => bindings.set('T', Type::clone(element)),
            Type::Map(key, value) => {
                bindings.set('K', Type::clone(key));
                bindings.set('V', Type::clone(value));
            }
            _ => {}
        }
        Some(path.into())
    }

    /// What is evaluated for each element, or each turn.
    fn lambda_port(&mut self, port: &InputPort, bindings: &mut Bindings, depth: usize) -> Option<Value> {
        let mut known = Vec::new();
        if let Some(ty) = bindings.get('T') {
            known.extend([("item", ty.clone()), ("index", Type::INT)]);
        } else if let (Some(key), Some(value)) = (bindings.get('K'), bindings.get('V')) {
            known.extend([("key", key.clone()), ("value", value.clone())]);
        }
        let pattern = parse(port.ty);
        let wanted = bindings.of(&pattern);
        let whole = bindings.get('U').cloned();
        self.lambda(&known, |draft| match (&pattern, wanted) {
            (Pattern::Of(ty), _) => Some(draft.typed(ty, depth)),
            (_, Some(ty)) => draft.exact(&ty, depth),
            (Pattern::Key { floats }, _) => {
                let fits = |ty: &Type| ty.is_text() || ty.is_int() || *floats && ty.is_number();
                let (value, ty) = draft.operand(&fits, depth)?;
                bindings.set('K', ty);
                Some(value)
            }
            (Pattern::Any, _) => match whole {
                Some(ty) => draft.exact(&ty, depth),
                None => {
                    let (value, ty) = draft.operand(&|ty| !matches!(ty, Type::Record(_)), depth)?;
                    bindings.set('U', ty);
                    Some(value)
                }
            },
            (Pattern::List(_), _) => {
                let (value, ty) = draft.operand(&|ty| matches!(ty, Type::List(_)), depth)?;
                bindings.set('U', ty.element()?.clone());
                Some(value)
            }
            _ => None,
        })
    }

    /// Values by name, of any types.
    pub(super) fn entries_of(&mut self, depth: usize) -> Value {
        let mut entries = Vec::new();
        for name in ["a", "b", "c"].into_iter().take(self.chance.below(4)) {
            if let Some((value, _)) = self.operand(&|_| true, depth) {
                entries.push((std::sync::Arc::from(name), value));
            }
        }
        Value::Map(entries)
    }

    /// The row's own example, for rows whose ports cannot be filled otherwise: a row that nobody has thought of yet.
    fn example(&mut self, row: &'static NodeRow, want: Want<'_>) -> Option<Filled> {
        let Example::Outputs { inputs, .. } = row.example else { return None };
        if want.is_some()
            || !row.inputs.iter().any(|port| matches!(parse(port.ty), Pattern::Unknown | Pattern::Constant))
        {
            return None;
        }
        let Ok(Value::Map(entries)) = inputs.parse() else { return None };
        let inputs = entries.into_iter().filter_map(|(name, value)| Some((row.input(&name)?.name, value)));
        let outputs = row.outputs.iter().map(|_| ("", Type::Bytes)).collect();
        Some(Filled { inputs: inputs.collect(), outputs })
    }
}

/// The text of a text.
pub(super) fn text_of(value: &Value) -> &str {
    match value {
        Value::Str(text) => text,
        _ => "",
    }
}

//! What a client is shown of a run that is held up, and what it changes in it.

use std::sync::Arc;

use statewright_graph::document::{Reference, Scheme};
use statewright_runtime::state::State;
use statewright_types::Value;

use super::expression::{Expression, read_reference};
use super::outline::Outline;
use super::place::{Found, Scope};
use super::protocol::{NewValue, Refused, refused};
use super::stack::{Frame, Seen};
use super::story::Story;

type Shown = Result<Value, Refused>;

/// The functions that run, the innermost first.
pub(super) fn stack(story: &Story<'_>) -> Value {
    let frames = story.frames.iter().rev().enumerate();
    let frame = |(index, frame): (usize, &Frame)| {
        Value::map([
            ("frame", Value::uint(index as u64)),
            ("graph", Value::Str(frame.graph.clone())),
            ("node", Value::Str(frame.node.clone())),
            ("nodeType", Value::Str(story.outline.node_type(&frame.graph, &frame.node))),
        ])
    };
    Value::map([("frames", Value::List(frames.map(frame).collect()))])
}

/// The frame that a client calls by number, 0 being the innermost.
pub(super) fn frame(frames: &[Frame], number: usize) -> Result<Option<usize>, Refused> {
    match frames.len().checked_sub(1).and_then(|last| last.checked_sub(number)) {
        Some(index) => Ok(Some(index)),
        None if number == 0 => Ok(None),
        None => Err(refused("not_found", format!("there is no frame {number}; there are {}", frames.len()))),
    }
}

/// Everything seen in a function.
pub(super) fn scopes(frame: &Frame, state: &mut State) -> Value {
    let (mut parameters, mut variables, mut loops) = (Vec::new(), Vec::new(), Vec::new());
    let mut ports = Ports::new();
    let sides = [("inputs", &frame.inputs), ("outputs", &frame.seen)];
    for (side, seen) in sides {
        for (name, seen) in seen {
            let Some((scheme, rest)) = name.split_once(':') else { continue };
            let value = seen.value(state);
            let in_node = rest.rsplit_once(':').map(|(node, port)| (Arc::<str>::from(node), Arc::<str>::from(port)));
            match (scheme, in_node) {
                ("param", _) => parameters.push((Arc::from(rest), value)),
                ("variable", _) => variables.push((Arc::from(rest), value)),
                ("loop", Some((node, _))) if frame.is_inside(&node) => loops.push((Arc::from(rest), value)),
                ("node", Some((node, port))) => put(&mut ports, node, side, port, value),
                _ => {}
            }
        }
    }
    let nodes = ports
        .into_iter()
        .map(|(node, sides)| (node, Value::map(sides.into_iter().map(|(side, ports)| (side, Value::Map(ports))))));
    Value::map([
        ("graph", Value::Str(frame.graph.clone())),
        ("parameters", Value::Map(parameters)),
        ("variables", Value::Map(variables)),
        ("loops", Value::Map(loops)),
        ("nodes", Value::Map(nodes.collect())),
    ])
}

type Ports = Vec<(Arc<str>, Vec<(&'static str, Vec<(Arc<str>, Value)>)>)>;

fn put(nodes: &mut Ports, node: Arc<str>, side: &'static str, port: Arc<str>, value: Value) {
    let at = nodes.iter().position(|(known, _)| *known == node).unwrap_or_else(|| {
        nodes.push((node, vec![("inputs", Vec::new()), ("outputs", Vec::new())]));
        nodes.len() - 1
    });
    let sides = nodes.get_mut(at).into_iter().flat_map(|(_, sides)| sides);
    for (_, ports) in sides.filter(|(known, _)| *known == side) {
        ports.push((port.clone(), value.clone()));
    }
}

/// What stands at a path of the state.
pub(super) fn read(scope: &mut Scope<'_>, path: &str) -> Shown {
    let found = scope.path(path).map_err(|why| refused("not_found", why))?;
    let value = scope.state.export(&found.ty, found.slot);
    let value = value.map_err(|trap| refused("not_found", format!("`{path}`: {}", trap.message())))?;
    let ty = scope.state.schema().show(&found.ty).to_string();
    Ok(Value::map([("value", value), ("type", Value::from(ty))]))
}

/// The value of an expression.
pub(super) fn evaluate(scope: &mut Scope<'_>, expression: &Expression) -> Shown {
    let value = expression.value(scope).map_err(|why| refused("no_value", why))?;
    Ok(Value::map([("value", value)]))
}

/// What a client wants to set.
pub(super) enum Setting {
    /// A place in the state, or in a struct.
    State(Found, Value),
    /// What a function keeps under a name: a parameter, a variable, a loop's value or an output.
    Kept(Arc<str>, Seen),
}

/// What `target` is, and its new value.
pub(super) fn set(
    scope: &mut Scope<'_>,
    outline: &Outline,
    target: &str,
    value: &NewValue,
) -> Result<Setting, Refused> {
    let reference = read_reference(target).map_err(|why| refused("bad_argument", why))?;
    if matches!(reference.scheme, Scheme::State | Scheme::Base) || !reference.steps.is_empty() {
        let place = scope.reference(&reference).map_err(|why| refused("not_found", why))?;
        let value = plain(scope, value)?;
        return Ok(Setting::State(place, value));
    }
    let name = named(scope, &reference)?;
    let graph = scope.frame.map_or_else(|| "".into(), |frame| frame.graph.clone());
    let Some(ty) = outline.read_type(&graph, &name).cloned() else {
        let message = format!(
            "nothing reads `{name}` from where it is kept, so setting it would change nothing; pure nodes outside the \
             flow are evaluated anew each time: set what they read"
        );
        return Err(refused("not_settable", message));
    };
    if let NewValue::Expression(expression) = value
        && let Some(found) = expression.found(scope)
    {
        let Found { ty: found_ty, slot, .. } = found.map_err(|why| refused("no_value", why))?;
        if found_ty == ty {
            return Ok(Setting::Kept(name.into(), Seen::new(&ty.loaded(), slot, scope.state)));
        }
    }
    let expected = scope.state.schema().show(&ty).to_string();
    let value = plain(scope, value)?;
    let slot = scope.state.import(&ty, &value);
    let slot = slot.map_err(|error| refused("wrong_type", format!("`{name}` is {expected}: {error}")))?;
    Ok(Setting::Kept(name.into(), Seen::new(&ty.loaded(), slot, scope.state)))
}

fn plain(scope: &mut Scope<'_>, value: &NewValue) -> Shown {
    match value {
        NewValue::Value(value) => Ok(value.clone()),
        NewValue::Expression(expression) => expression.value(scope).map_err(|why| refused("no_value", why)),
    }
}

/// The name under which the function keeps it, which must have a value.
fn named(scope: &Scope<'_>, reference: &Reference) -> Result<String, Refused> {
    let not_found = |why: String| refused("not_found", why);
    let Some(frame) = scope.frame else { return Err(not_found("no handler is running".to_owned())) };
    let name = match scope.named(reference).map_err(not_found)? {
        Some(name) => name,
        None => {
            let bare = [format!("param:{}", reference.text), format!("variable:{}", reference.text)];
            let known = bare.into_iter().find(|name| frame.seen.contains_key(&**name));
            known.ok_or_else(|| not_found(format!("there is no parameter or variable `{}` here", reference.text)))?
        }
    };
    match frame.seen.contains_key(&*name) {
        true => Ok(name),
        false => Err(not_found(format!("`{name}` has no value here so far"))),
    }
}

//! What a handler did in Node, done on the session's state: each operation that wrote or drew, in its order.

use statewright_runtime::context::Context;
use statewright_types::{StructId, TrapCode, Type};

use super::tokens::{Stop, Tokens, fault};

/// Does what was told. `failed` says that the last operation stopped the handler: it has to stop here likewise.
///
/// # Errors
/// A fault where both sides differ.
pub fn replay(tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<Option<TrapCode>, Stop> {
    let (count, failed): (u64, bool) = (tokens.number()?, tokens.flag()?);
    for at in 1..=count {
        match operation(tokens, cx) {
            Ok(_) if failed && at == count => {
                return Err(fault("an operation that failed in JavaScript does not fail here"));
            }
            Ok(_) => {}
            Err(Stop::Trap(code, _)) if failed && at == count => return Ok(Some(code)),
            Err(Stop::Trap(code, _)) => {
                return Err(fault(format!("an operation that JavaScript did stops with {code} here")));
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(None)
}

/// Does one operation. Gives whether an operation did something that tells so.
///
/// # Errors
/// What stops it; a fault where both sides drew differently.
pub fn operation(tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<bool, Stop> {
    let name = tokens.text()?;
    match &*name {
        "store" => {
            let (ty, record) = tokens.record(cx.state, 0)?;
            let field: u32 = tokens.number()?;
            let def = cx.state.schema().types().get(ty.index()).and_then(|def| def.fields.get(field as usize));
            let declared = def.map(|def| def.ty.clone()).ok_or_else(|| fault("there is no such field"))?;
            let value = tokens.value(&declared, cx.state, 0)?;
            cx.store(record, ty, field, value)?;
        }
        "push" | "insert" | "set" | "remove" | "assign" | "clear" | "put" | "delete" => {
            return container(&name, tokens, cx);
        }
        "activate" => return Ok(cx.root_activate(StructId(tokens.number()?))?),
        "deactivate" => return Ok(cx.root_deactivate(StructId(tokens.number()?))?),
        "reset" => cx.root_reset(StructId(tokens.number()?))?,
        "int" | "float" | "unit" | "uuid" => draw(&name, tokens, cx)?,
        other => return Err(fault(format!("`{other}` is no operation"))),
    }
    Ok(false)
}

fn container(name: &str, tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<bool, Stop> {
    let (ty, at) = match tokens.container(cx.state, 0) {
        // Nobody can see a list or map whose record was removed.
        Err(Stop::Trap(..)) if name == "clear" => return Ok(false),
        Err(Stop::Trap(..)) if name == "remove" => return Err(TrapCode::IndexOutOfRange.into()),
        Err(Stop::Trap(..)) if name == "delete" => return Ok(false),
        found => found?,
    };
    match (name, &ty) {
        ("push", Type::List(element)) => {
            let value = tokens.value(element, cx.state, 0)?;
            cx.list_push(at, value)?;
        }
        ("insert", Type::List(element)) => {
            let (index, value) = (tokens.number()?, tokens.value(element, cx.state, 0)?);
            cx.list_insert(at, index, value)?;
        }
        ("set", Type::List(element)) => {
            let (index, value) = (tokens.number()?, tokens.value(element, cx.state, 0)?);
            cx.list_set(at, index, value)?;
        }
        ("remove", Type::List(_)) => cx.list_remove(at, tokens.number()?)?,
        ("assign", Type::List(_)) => {
            let source = tokens.value(&ty, cx.state, 0)?;
            cx.list_assign(at, source)?;
        }
        ("clear", Type::List(_)) => cx.list_clear(at)?,
        ("put", Type::Map(key, value)) => {
            let (key, value) = (tokens.value(key, cx.state, 0)?, tokens.value(value, cx.state, 0)?);
            cx.map_put(at, key, value)?;
        }
        ("delete", Type::Map(key, _)) => {
            let key = tokens.value(key, cx.state, 0)?;
            return Ok(cx.map_remove(at, key)?);
        }
        ("assign", Type::Map(..)) => {
            let source = tokens.value(&ty, cx.state, 0)?;
            cx.map_assign(at, source)?;
        }
        ("clear", Type::Map(..)) => cx.map_clear(at)?,
        _ => return Err(fault(format!("`{name}` is no operation of that container"))),
    }
    Ok(false)
}

/// Draws here, too: both have to draw the same.
fn draw(name: &str, tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<(), Stop> {
    let stream = tokens.text()?;
    let same = match name {
        "int" => {
            let (a, b) = (tokens.number()?, tokens.number()?);
            cx.state.streams().int(&stream, a, b) == tokens.number::<i64>()?
        }
        "float" => {
            let (a, b) = (tokens.float()?, tokens.float()?);
            let (here, there) = (cx.state.streams().float(&stream, a, b), tokens.float()?);
            here.to_bits() == there.to_bits() || here.is_nan() && there.is_nan()
        }
        "unit" => cx.state.streams().unit(&stream).to_bits() == tokens.float()?.to_bits(),
        _ => *cx.state.streams().uuid(&stream) == *tokens.text()?,
    };
    if same { Ok(()) } else { Err(fault(format!("the stream {stream} gave something else in JavaScript"))) }
}

//! What a running handler asks of the session: whatever is not its copy of the state.

use std::sync::Arc;

use statewright_runtime::context::{Context, Recipients};
use statewright_runtime::host::{HostNodes, HostNow, HostSite};
use statewright_runtime::ledger::EffectUse;
use statewright_runtime::state::put_int;
use statewright_types::schema::Initial;
use statewright_types::{StructId, Type};

use super::replay::operation;
use super::tokens::{Stop, Tokens, fault};

/// What answering takes.
pub struct Answering<'a> {
    /// Types that the module names.
    pub types: &'a [Type],
    /// Nodes of the host program.
    pub host_nodes: &'a HostNodes,
}

/// A flag as JSON.
fn flag(value: bool) -> String {
    value.to_string()
}

impl Answering<'_> {
    fn ty(&self, tokens: &mut Tokens<'_>) -> Result<Option<&Type>, Stop> {
        let number: i64 = tokens.number()?;
        match usize::try_from(number) {
            Err(_) => Ok(None),
            Ok(at) => self.types.get(at).map(Some).ok_or_else(|| fault("there is no such type")),
        }
    }

    fn payload(&self, tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<Option<(&Type, u64)>, Stop> {
        let Some(ty) = self.ty(tokens)? else { return Ok(None) };
        let slot = tokens.value(ty, cx.state, 0)?;
        Ok(Some((ty, slot)))
    }

    fn string(&self, tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<u64, Stop> {
        let text = tokens.text()?;
        Ok(cx.state.string(&text))
    }

    /// Answers what is called `name`; gives the value as JSON, if there is one.
    ///
    /// # Errors
    /// What stops the handler, or a fault.
    #[allow(clippy::too_many_lines)]
    pub fn answer(&self, name: &str, tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<Option<String>, Stop> {
        Ok(match name {
            "write" => Some(flag(operation(tokens, cx)?)),
            "stale" => {
                let count: usize = tokens.number()?;
                let mut stale = Vec::new();
                for _ in 0..count {
                    let (ty, record) = (StructId(tokens.number()?), tokens.number()?);
                    stale.push(flag(cx.state.is_stale(record, ty)));
                }
                Some(format!("[{}]", stale.join(",")))
            }
            "emitAll" | "emitOne" | "emitMany" | "emitExcept" => {
                self.emit(name, tokens, cx)?;
                None
            }
            "kick" => {
                let (player, reason) = (self.string(tokens, cx)?, self.string(tokens, cx)?);
                Some(flag(cx.kick(player, reason)))
            }
            "schedule" => {
                let (kind, delay) = (self.string(tokens, cx)?, tokens.number()?);
                let payload = self.payload(tokens, cx)?;
                let number = cx.schedule(kind, delay, payload)?;
                let mut text = String::new();
                put_int(&mut text, number);
                Some(text)
            }
            "unschedule" => Some(flag(cx.unschedule(tokens.number()?))),
            "filterAdd" => {
                let [viewer, id, filter] =
                    [self.string(tokens, cx)?, self.string(tokens, cx)?, self.string(tokens, cx)?];
                let params = self.payload(tokens, cx)?;
                cx.add_filter(viewer, id, filter, params)?;
                None
            }
            "filterRemove" => {
                let (viewer, id) = (self.string(tokens, cx)?, self.string(tokens, cx)?);
                Some(flag(cx.remove_filter(viewer, id)))
            }
            "filterHas" => {
                let (viewer, id) = (self.string(tokens, cx)?, self.string(tokens, cx)?);
                Some(flag(cx.has_filter(viewer, id)))
            }
            "effectAdd" => {
                self.add_effect(tokens, cx)?;
                None
            }
            "effectRemove" => {
                let id = self.string(tokens, cx)?;
                Some(flag(cx.remove_effect(id)?))
            }
            "effectHas" => {
                let id = self.string(tokens, cx)?;
                Some(flag(cx.has_effect(id)))
            }
            "effectsLift" => {
                cx.lift_effects();
                None
            }
            "effectsLiftAt" => {
                let (ty, record) = tokens.record(cx.state, 0)?;
                cx.lift_effects_at(record, ty, tokens.number()?);
                None
            }
            "effectsApply" => {
                cx.apply_effects()?;
                None
            }
            "configGet" => {
                let name = self.string(tokens, cx)?;
                let ty = self.ty(tokens)?.ok_or_else(|| fault("a configured value has a type"))?;
                let slot = cx.state.config_get(name, ty);
                Some(cx.state.mirror_value(ty, slot))
            }
            "configSet" => {
                let name = self.string(tokens, cx)?;
                let (ty, slot) = self.payload(tokens, cx)?.ok_or_else(|| fault("a configured value has a type"))?;
                cx.state.config_set(name, ty, slot)?;
                None
            }
            "configReload" => {
                cx.state.config_reload();
                None
            }
            "default" => self.default(tokens, cx)?,
            "writeCheck" => {
                let (ty, record) = tokens.record(cx.state, 0)?;
                cx.check_write(record, ty, tokens.number()?)?;
                None
            }
            "writeCheckIn" => {
                let (ty, container) = tokens.container(cx.state, 0)?;
                let key = match &ty {
                    Type::Map(key, _) => (**key).clone(),
                    _ => Type::INT,
                };
                let at = if tokens.flag()? { Some(tokens.value(&key, cx.state, 0)?) } else { None };
                cx.check_write_in(container, at)?;
                None
            }
            "mayReset" => Some(flag(cx.state.may_reset(cx.sender, StructId(tokens.number()?)))),
            "hostCall" => self.host_call(tokens, cx)?,
            "message" => {
                let (graph, node, text) = (tokens.text()?, tokens.text()?, tokens.text()?);
                let value = self.payload(tokens, cx)?;
                if let Some(tracer) = &mut cx.tracer {
                    let value = value.and_then(|(ty, slot)| cx.state.export(ty, slot).ok());
                    tracer.message(cx.handler, &graph, &node, &text, value);
                }
                None
            }
            other => return Err(fault(format!("nobody can answer `{other}`"))),
        })
    }

    fn emit(&self, name: &str, tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<(), Stop> {
        let to = match name {
            "emitAll" => Recipients::All,
            "emitOne" => Recipients::Players(vec![tokens.text()?]),
            "emitExcept" => Recipients::Except(tokens.text()?),
            _ => {
                let count: usize = tokens.number()?;
                let players: Result<Vec<Arc<str>>, Stop> = (0..count).map(|_| tokens.text()).collect();
                Recipients::Players(players?)
            }
        };
        let kind = self.string(tokens, cx)?;
        let payload = self.payload(tokens, cx)?;
        Ok(cx.emit(kind, to, payload)?)
    }

    fn add_effect(&self, tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<(), Stop> {
        let (id, effect, activator) = (tokens.text()?, tokens.text()?, tokens.text()?);
        let (duration, priority, stacks): (i64, i64, i64) = (tokens.number()?, tokens.number()?, tokens.number()?);
        let once = tokens.flag()?;
        let payload = self.payload(tokens, cx)?;
        let params = cx.payload(payload)?;
        let due_ms = cx.effect_end(duration)?;
        let effect = EffectUse { id, effect, params, activator, priority, number: 0, stacks: 0, due_ms };
        Ok(cx.add_effect(effect, stacks, once)?)
    }

    /// What a field begins with that has its default from the configuration; nothing if that has none that fits.
    fn default(&self, tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<Option<String>, Stop> {
        let (ty, field): (usize, usize) = (tokens.number()?, tokens.number()?);
        let schema = cx.state.schema().clone();
        let field = schema.types().get(ty).and_then(|def| def.fields.get(field));
        let field = field.ok_or_else(|| fault("there is no such field"))?;
        let Initial::Config(path) = &field.default else { return Ok(None) };
        let Some(value) = cx.state.settings().get(path).cloned() else { return Ok(None) };
        let Ok(slot) = cx.state.import(&field.ty, &value) else { return Ok(None) };
        Ok(Some(cx.state.mirror_value(&field.ty, slot)))
    }

    fn host_call(&self, tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<Option<String>, Stop> {
        let (name, count): (Arc<str>, usize) = (tokens.text()?, tokens.number()?);
        let (mut types, mut slots) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let (ty, slot) = self.payload(tokens, cx)?.ok_or_else(|| fault("an input has a type"))?;
            types.push(ty.clone());
            slots.push(slot);
        }
        let output = self.ty(tokens)?;
        let site = HostSite::new(self.host_nodes, &name, types, output);
        let now = HostNow::of(cx);
        let before = cx.state.mirror_streams();
        match site.call(&slots, cx.state, now) {
            Ok(slot) => {
                let value = output.map_or("null".to_owned(), |ty| cx.state.mirror_value(ty, slot));
                // What it gave may begin with uuids that were drawn for it.
                let streams = Some(cx.state.mirror_streams()).filter(|now| *now != before);
                Ok(Some(format!("[{value},{}]", streams.as_deref().unwrap_or("[]"))))
            }
            Err((code, message)) => Err(Stop::Trap(code, Some(message))),
        }
    }
}

//! Saved sessions as values for JSON (docs/saving.md has the format).

use std::fmt::Write as _;
use std::sync::Arc;

use statewright_types::config::Values;
use statewright_types::random::Generator;
use statewright_types::{Limits, RecordType, Schema, TrapCode, Type, Value};

use super::parts::{entries, read_ledger, read_streams, streams_value, text};
use super::reader::Part;
use super::{LoadError, SavedActivation, SavedSession, SavedView, tokens};
use crate::context::Meter;
use crate::program::{SavedDeadline, SavedFrame, Suspension, Trap, WaitFor};
use crate::state::Saved;
use crate::state::{SavedFields, SavedRoot, SavedState};

type Read<T> = Result<T, LoadError>;

fn hex(hash: &[u8; 32]) -> Value {
    let mut text = String::new();
    for byte in hash {
        let _written = write!(text, "{byte:02x}");
    }
    Value::from(text)
}

fn optional(text: &Option<Arc<str>>) -> Value {
    text.clone().map_or(Value::Null, Value::Str)
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a Arc<str>>) -> Value {
    Value::List(texts.into_iter().map(text).collect())
}

fn limits(limits: &Limits) -> Value {
    let Limits { fuel, memory_bytes, string_bytes, entries } = *limits;
    Value::map([
        ("fuel", Value::uint(fuel)),
        ("memoryBytes", Value::uint(memory_bytes)),
        ("stringBytes", Value::uint(string_bytes)),
        ("entries", Value::uint(entries)),
    ])
}

fn read_limits(part: Part<'_>) -> Read<Limits> {
    Ok(Limits {
        fuel: part.get("fuel")?.uint()?,
        memory_bytes: part.get("memoryBytes")?.uint()?,
        string_bytes: part.get("stringBytes")?.uint()?,
        entries: part.get("entries")?.uint()?,
    })
}

impl SavedSession {
    /// As a value for JSON. Integers are exact, floats keep their bits; those that are not finite are their names.
    /// `schema` is the session's.
    pub fn to_value(&self, schema: &Schema) -> Value {
        // Nothing packs what cannot be unpacked again; a file that does is refused when it is read.
        let fields = |root: &SavedRoot| {
            let value = schema.by_name(&root.name).map(|ty| root.fields.to_value(schema, ty));
            value.and_then(Result::ok).unwrap_or(Value::Null)
        };
        self.value_with(schema, state(&self.state, &self.state.versions, &fields))
    }

    /// The same without fields of roots and versions of containers.
    pub(super) fn head(&self, schema: &Schema) -> Value {
        self.value_with(schema, state(&self.state, &[], &|_| Value::Null))
    }

    fn value_with(&self, schema: &Schema, state: Value) -> Value {
        Value::map([
            ("program", hex(&self.program)),
            ("now", Value::Int(self.now_ms)),
            ("players", texts(&self.players)),
            ("host", optional(&self.host)),
            ("grants", entries(&self.grants, texts)),
            ("activations", Value::uint(self.activations)),
            ("sequence", Value::uint(self.sequence)),
            ("limits", limits(&self.limits)),
            ("waitingLimit", Value::uint(self.waiting_limit as u64)),
            ("state", state),
            ("ledger", self.ledger.to_value()),
            ("views", entries(&self.views, view)),
            ("waiting", Value::List(self.waiting.iter().map(|waiting| activation(waiting, schema)).collect())),
        ])
    }

    /// What [`SavedSession::to_value`] gave, also after it was written and read as JSON.
    ///
    /// # Errors
    /// [`LoadError::Malformed`] says what is missing or of another kind.
    pub fn from_value(value: &Value, schema: &Schema) -> Read<SavedSession> {
        let part = Part::new(value, "session");
        let grants = part.get("grants")?.entries()?.map(|(viewer, views)| Ok((viewer.clone(), views.texts()?)));
        let views = part.get("views")?.entries()?.map(|(viewer, view)| Ok((viewer.clone(), read_view(view)?)));
        let waiting = part.get("waiting")?.list()?.map(|waiting| read_activation(waiting, schema));
        Ok(SavedSession {
            program: part.get("program")?.hash()?,
            now_ms: part.get("now")?.int()?,
            players: part.get("players")?.texts()?,
            host: part.get("host")?.optional_text()?,
            grants: grants.collect::<Read<_>>()?,
            activations: part.get("activations")?.count()?,
            sequence: part.get("sequence")?.count()?,
            limits: read_limits(part.get("limits")?)?,
            waiting_limit: usize::try_from(part.get("waitingLimit")?.uint()?).unwrap_or(usize::MAX),
            state: read_state(part.get("state")?)?,
            ledger: read_ledger(part.get("ledger")?)?,
            views: views.collect::<Read<_>>()?,
            waiting: waiting.collect::<Read<_>>()?,
        })
    }
}

fn view(SavedView { view, faults }: &SavedView) -> Value {
    let fault = |(name, Trap { code, message, node }): &(Arc<str>, Trap)| {
        Value::map([
            ("view", text(name)),
            ("code", Value::from(code.code())),
            ("message", optional(message)),
            ("node", optional(node)),
        ])
    };
    Value::map([("seen", view.clone()), ("faults", Value::List(faults.iter().map(fault).collect()))])
}

fn read_view(part: Part<'_>) -> Read<SavedView> {
    let fault = |part: Part<'_>| {
        let code = part.get("code")?;
        let Some(code) = TrapCode::by_code(&code.text()?) else { return code.bad("the code of an error") };
        let (message, node) = (part.get("message")?.optional_text()?, part.get("node")?.optional_text()?);
        Ok((part.get("view")?.text()?, Trap { code, message, node }))
    };
    let faults = part.get("faults")?.list()?.map(fault).collect::<Read<_>>()?;
    Ok(SavedView { view: part.get("seen")?.value().clone(), faults })
}

fn values(part: Part<'_>) -> Read<Values> {
    Ok(part.entries()?.map(|(key, value)| (key.clone(), value.value().clone())).collect())
}

fn state(state: &SavedState, versions: &[u64], fields: &dyn Fn(&SavedRoot) -> Value) -> Value {
    let active = state.roots.iter().filter(|root| root.active).map(|root| &root.name);
    Value::map([
        ("schema", hex(&state.schema_hash)),
        ("hash", hex(&state.hash)),
        ("main", text(&state.main_root)),
        ("active", texts(active)),
        ("roots", entries(state.roots.iter().map(|root| (&root.name, root)), fields)),
        ("versions", Value::List(versions.iter().map(|version| Value::uint(*version)).collect())),
        ("seed", Value::uint(state.seed)),
        ("rng", Value::from(state.generator.name())),
        ("streams", streams_value(&state.streams)),
        ("given", entries(&state.given, Value::clone)),
        ("config", entries(&state.config, Value::clone)),
    ])
}

fn read_state(part: Part<'_>) -> Read<SavedState> {
    let active: Vec<Arc<str>> = part.get("active")?.texts()?;
    let root = |(name, fields): (&Arc<str>, Part<'_>)| SavedRoot {
        name: name.clone(),
        active: active.contains(name),
        fields: SavedFields::Value(fields.value().clone()),
    };
    let rng = part.get("rng")?;
    let Some(generator) = Generator::by_name(&rng.text()?) else { return rng.bad("the name of a generator") };
    Ok(SavedState {
        schema_hash: part.get("schema")?.hash()?,
        main_root: part.get("main")?.text()?,
        roots: part.get("roots")?.entries()?.map(root).collect(),
        versions: part.get("versions")?.list()?.map(Part::uint).collect::<Read<_>>()?,
        seed: part.get("seed")?.uint()?,
        generator,
        streams: read_streams(part.get("streams")?, generator)?,
        given: values(part.get("given")?)?,
        config: values(part.get("config")?)?,
        hash: part.get("hash")?.hash()?,
    })
}

fn activation(saved: &SavedActivation, schema: &Schema) -> Value {
    let list = |values: &[Saved]| {
        let mut list = Vec::new();
        values.iter().for_each(|value| tokens::write(value, schema, &mut list));
        Value::List(list)
    };
    let deadline = |SavedDeadline { due_ms, block, values }: &SavedDeadline| {
        let block = Value::uint(u64::from(*block));
        Value::map([("due", Value::Int(*due_ms)), ("block", block), ("values", list(values))])
    };
    let frame = |SavedFrame { function, block, values, deadlines }: &SavedFrame| {
        Value::map([
            ("function", Value::uint(u64::from(*function))),
            ("block", Value::uint(u64::from(*block))),
            ("values", list(values)),
            ("deadlines", Value::List(deadlines.iter().map(deadline).collect())),
        ])
    };
    Value::map([
        ("number", Value::uint(saved.number)),
        ("handler", text(&saved.handler)),
        ("sender", text(&saved.sender)),
        ("program", hex(&saved.program)),
        ("due", if saved.due_ms == i64::MAX { Value::Null } else { Value::Int(saved.due_ms) }),
        ("cut", Value::Bool(saved.is_cut)),
        ("fuel", Value::uint(saved.meter.fuel)),
        ("memory", Value::uint(saved.meter.memory)),
        ("limits", limits(&saved.meter.limits)),
        ("node", optional(&saved.suspension.node)),
        ("wait", wait(&saved.suspension.wait, schema)),
        ("frames", Value::List(saved.suspension.frames.iter().map(frame).collect())),
    ])
}

fn read_activation(part: Part<'_>, schema: &Schema) -> Read<SavedActivation> {
    let values = |list: Part<'_>| {
        let Value::List(all) = list.value() else { return list.bad("a list") };
        let mut rest = all.iter().peekable();
        let mut values = Vec::new();
        while rest.peek().is_some() {
            let Some(value) = tokens::read(&mut rest, schema) else { return list.bad("values of an activation") };
            values.push(value);
        }
        Ok(values)
    };
    let deadline = |part: Part<'_>| {
        let (due_ms, block) = (part.get("due")?.int()?, part.get("block")?.word()?);
        Ok(SavedDeadline { due_ms, block, values: values(part.get("values")?)? })
    };
    let frame = |part: Part<'_>| {
        Ok(SavedFrame {
            function: part.get("function")?.word()?,
            block: part.get("block")?.word()?,
            values: values(part.get("values")?)?,
            deadlines: part.get("deadlines")?.list()?.map(deadline).collect::<Read<_>>()?,
        })
    };
    let due = part.get("due")?;
    let limits = read_limits(part.get("limits")?)?;
    let fuel = part.get("fuel")?.uint()?.min(limits.fuel);
    Ok(SavedActivation {
        number: part.get("number")?.count()?,
        handler: part.get("handler")?.text()?,
        sender: part.get("sender")?.text()?,
        program: part.get("program")?.hash()?,
        is_cut: part.get("cut")?.bool()?,
        due_ms: if *due.value() == Value::Null { i64::MAX } else { due.int()? },
        meter: Meter { fuel, memory: part.get("memory")?.uint()?, limits },
        suspension: Suspension {
            wait: read_wait(part.get("wait")?, schema)?,
            frames: part.get("frames")?.list()?.map(frame).collect::<Read<_>>()?,
            node: part.get("node")?.optional_text()?,
        },
    })
}

fn wait(wait: &WaitFor, schema: &Schema) -> Value {
    match wait {
        WaitFor::Duration(ms) => Value::map([("ms", Value::Int(*ms))]),
        WaitFor::Event { event, timeout_ms, data } => {
            let ty = |ty: &Type| Value::from(schema.show(ty).to_string());
            let data = entries(data.fields.iter().map(|(name, ty)| (name, ty)), ty);
            Value::map([("event", text(event)), ("timeout", Value::Int(*timeout_ms)), ("data", data)])
        }
    }
}

fn read_wait(part: Part<'_>, schema: &Schema) -> Read<WaitFor> {
    if part.value().get("event").is_none() {
        return Ok(WaitFor::Duration(part.get("ms")?.int()?));
    }
    let field = |(name, ty): (&Arc<str>, Part<'_>)| match schema.parse_type(&ty.text()?) {
        Ok(found) => Ok((name.clone(), found)),
        Err(_) => ty.bad("a type of the schema"),
    };
    let fields = part.get("data")?.entries()?.map(field).collect::<Read<_>>()?;
    Ok(WaitFor::Event {
        event: part.get("event")?.text()?,
        timeout_ms: part.get("timeout")?.int()?,
        data: Arc::new(RecordType { fields }),
    })
}

//! What a row's lowering works with: its inputs by port, its outputs, its exits.

use std::sync::Arc;

use statewright_types::{Diagnostic, Help, StructId, Type};

use super::convert::{Site, Wants};
use super::typing::is_container;
use super::{Abort, Binding, GraphCx, Live, Lowered, Operand, PathPlan};
use crate::check::codes;
use crate::document::{Head, Input, InputKind, Name, Path, Scheme};
use crate::flow::{InstanceIx, Next, NodeIx};
use crate::ir::typing::too_big;
use crate::ir::{BlockId, Imm, Op, Value};
use crate::node::{Exits, Need, NodeRow};

/// How deep inputs nest at most that are evaluated for each element, each inside the one before.
const MAX_LAMBDAS: usize = 16;

/// The lowering of one node.
pub struct Cx<'c, 'a> {
    pub(crate) g: &'c mut GraphCx<'a>,
    pub(crate) node: NodeIx,
    pub(crate) row: &'static NodeRow,
    pub(crate) instance: Option<InstanceIx>,
    outputs: Vec<Option<Operand>>,
}

impl<'a> Cx<'_, 'a> {
    /// Lowers a node: in the flow where `instance` is given, pulled otherwise. Gives its outputs.
    pub(crate) fn run(
        g: &mut GraphCx<'a>,
        node: NodeIx,
        instance: Option<InstanceIx>,
    ) -> Lowered<Vec<Option<Operand>>> {
        let row = g.rows.rows[node].ok_or(Abort)?;
        let tag = g.tag(node);
        let before = g.builder.set_node(tag);
        let outputs = g.evaluated.room(row.outputs.len());
        let mut cx = Cx { g, node, row, instance, outputs };
        if cx.g.unit.traced {
            cx.g.act(Op::Enter, &[], Imm::None);
        }
        if instance.is_some() {
            cx.g.fuel(1);
        }
        let outcome = (row.lower)(&mut cx);
        let outcome = match outcome {
            Ok(()) if !cx.g.builder.ended() => cx.finish_outputs(),
            other => other,
        };
        if cx.g.unit.traced {
            cx.g.act(Op::Leave, &[], Imm::None);
        }
        let outputs = std::mem::take(&mut cx.outputs);
        g.builder.set_node(before);
        outcome.map(|()| outputs)
    }

    /// The same node's context on a borrow that a loop's body has.
    pub(crate) fn nested<'c>(
        g: &'c mut GraphCx<'a>,
        node: NodeIx,
        row: &'static NodeRow,
        instance: Option<InstanceIx>,
    ) -> Cx<'c, 'a> {
        Cx { g, node, row, instance, outputs: Vec::new() }
    }

    fn finish_outputs(&mut self) -> Lowered<()> {
        for index in 0..self.outputs.len() {
            let Some(operand) = self.outputs[index].take() else { continue };
            if operand.live != Live::No && !self.g.unit.traced && !self.g.referenced(self.node, index) {
                // A snapshot that nobody reads would make the next change copy the whole.
                continue;
            }
            if too_big(&operand.ty) {
                let wants = Wants::Port(self.row.outputs[index].name, self.row.name);
                let span = self.g.rows.span(self.node);
                return Err(self.g.unwieldy(Site { node: self.node, port: None, wants, span }));
            }
            let value = self.g.owned(&operand);
            if self.row.charged && operand.live == Live::No && chargeable(&operand.ty) {
                self.g.charge(&operand.ty, value);
            }
            if self.g.unit.traced {
                self.probe("out", self.row.outputs[index].name, value);
            }
            self.outputs[index] = Some(Operand { value, live: Live::No, ..operand });
        }
        Ok(())
    }

    /// Tells the tracer a port's value.
    pub(crate) fn probe(&mut self, direction: &str, port: &str, value: Value) {
        if self.g.unit.traced {
            let name: Arc<str> = Arc::from(format!("{direction}:{port}"));
            self.g.act(Op::Probe, &[value], Imm::Str(name));
        }
    }

    /// The input given for a port, under any of its names.
    pub(crate) fn raw(&self, port: &str) -> Option<&'a Input> {
        self.g.rows.input(self.node, port)
    }

    /// Whether a port is given.
    pub(crate) fn has(&self, port: &str) -> bool {
        self.raw(port).is_some()
    }

    /// The site of a port, for messages.
    pub(crate) fn with_site<T>(&mut self, port: &str, then: impl FnOnce(&mut Self, Site<'_>) -> T) -> T {
        let span = self.raw(port).map_or_else(|| self.g.rows.span(self.node), |input| input.span);
        let node = self.node;
        let wants = Wants::Port(port, self.row.name);
        then(self, Site { node, port: Some(port), wants, span })
    }

    /// Reports an error at a port.
    pub(crate) fn fail(
        &mut self,
        port: &str,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<Help>,
    ) -> Abort {
        let message = message.into();
        self.with_site(port, |cx, site| {
            cx.g.report(site.node, site.port, Diagnostic::error(code, site.span, message).help(help))
        })
    }

    /// Reports that `what` is missing.
    pub(crate) fn missing(&mut self, what: &str, help: &str) -> Abort {
        let id = self.g.rows.id(self.node).to_owned();
        let message = format!("`{id}` ({}) lacks {what}", self.row.name);
        let span = self.g.rows.span(self.node);
        let diagnostic = Diagnostic::error(codes::MISSING_INPUT, span, message).help(help);
        self.g.report(self.node, None, diagnostic)
    }

    fn elaborated(&mut self, port: &str, wanted: Option<&Type>) -> Lowered<Option<Operand>> {
        let operand = self.elaborated_unseen(port, wanted)?;
        if let Some(operand) = &operand {
            self.probe("in", port, operand.value);
        }
        Ok(operand)
    }

    /// The same without telling a tracer.
    fn elaborated_unseen(&mut self, port: &str, wanted: Option<&Type>) -> Lowered<Option<Operand>> {
        let operand = match self.raw(port) {
            Some(input) => {
                let wants = Wants::Port(port, self.row.name);
                let site = Site { node: self.node, port: Some(port), wants, span: input.span };
                self.g.elaborate(input, wanted, site)?
            }
            None => match self.row.input(port).map(|port| port.need) {
                Some(Need::Default(json)) => {
                    let span = self.g.rows.span(self.node);
                    let input = default_input(json, span);
                    self.with_site(port, |cx, site| cx.g.elaborate(&input, wanted, site))?
                }
                Some(Need::Required) => return Err(Abort),
                Some(Need::Optional) | None => return Ok(None),
            },
        };
        Ok(Some(operand))
    }

    /// A value of whatever type it has.
    pub(crate) fn input(&mut self, port: &str) -> Lowered<Operand> {
        self.elaborated(port, None)?.ok_or(Abort)
    }

    /// A value, if given.
    pub(crate) fn optional(&mut self, port: &str) -> Lowered<Option<Operand>> {
        self.elaborated(port, None)
    }

    /// A value of a type.
    pub(crate) fn typed(&mut self, port: &str, ty: &Type) -> Lowered<Operand> {
        self.elaborated(port, Some(ty))?.ok_or(Abort)
    }

    /// A value of a type, if given.
    pub(crate) fn optional_typed(&mut self, port: &str, ty: &Type) -> Lowered<Option<Operand>> {
        self.elaborated(port, Some(ty))
    }

    pub(crate) fn int(&mut self, port: &str) -> Lowered<Value> {
        Ok(self.typed(port, &Type::INT)?.value)
    }

    pub(crate) fn float(&mut self, port: &str) -> Lowered<Value> {
        Ok(self.typed(port, &Type::Float64)?.value)
    }

    pub(crate) fn bool(&mut self, port: &str) -> Lowered<Value> {
        Ok(self.typed(port, &Type::Bool)?.value)
    }

    pub(crate) fn text(&mut self, port: &str) -> Lowered<Value> {
        Ok(self.typed(port, &Type::String)?.value)
    }

    /// A value that is not null, of whatever type it has.
    pub(crate) fn present(&mut self, port: &str) -> Lowered<Operand> {
        let operand = self.input(port)?;
        if !matches!(operand.ty, Type::Nullable(_)) {
            return Ok(operand);
        }
        self.with_site(port, |cx, site| cx.g.non_null(operand, site))
    }

    /// A number: int64, uint64 or float64.
    pub(crate) fn number(&mut self, port: &str) -> Lowered<Operand> {
        let operand = self.present(port)?;
        if operand.ty.is_number() {
            return Ok(operand);
        }
        let ty = self.g.show(&operand.ty);
        let mut help = "give it a number".to_owned();
        if let Type::Struct(id) = &operand.ty {
            let def = self.g.schema().get(*id);
            if let Some(field) = def.fields.iter().find(|field| field.ty.is_number()) {
                help = format!("read one of its fields, such as `.{}`", field.name);
            }
        }
        Err(self.fail(
            port,
            codes::TYPE,
            format!("`{port}` of {} takes a number, and this is {ty}", self.row.name),
            &help,
        ))
    }

    /// An array: from `port`, or from `path` where the row takes that as another way.
    pub(crate) fn list(&mut self, port: &str) -> Lowered<Operand> {
        let (operand, port) = self.collection(port)?;
        if matches!(operand.ty, Type::List(_)) {
            return Ok(operand);
        }
        let ty = self.g.show(&operand.ty);
        Err(self.fail(
            port,
            codes::TYPE,
            format!("`{port}` of {} takes an array, and this is {ty}", self.row.name),
            "name an array",
        ))
    }

    /// A map, likewise.
    pub(crate) fn map(&mut self, port: &str) -> Lowered<Operand> {
        let (operand, port) = self.collection(port)?;
        if matches!(operand.ty, Type::Map(..)) {
            return Ok(operand);
        }
        let ty = self.g.show(&operand.ty);
        Err(self.fail(
            port,
            codes::TYPE,
            format!("`{port}` of {} takes a map, and this is {ty}", self.row.name),
            "name a map",
        ))
    }

    /// An array or a map, likewise, and the port it came by.
    pub(crate) fn collection<'p>(&mut self, port: &'p str) -> Lowered<(Operand, &'p str)> {
        if self.has(port) {
            return Ok((self.present(port)?, port));
        }
        if self.has("path") {
            let operand = self.path_value()?;
            let operand = self.with_site("path", |cx, site| cx.g.non_null(operand, site))?;
            return Ok((operand, "path"));
        }
        Err(self.missing(&format!("`{port}` (or `path`)"), "give the value, or the path of one in the state"))
    }

    /// What `path` names, live.
    pub(crate) fn path_value(&mut self) -> Lowered<Operand> {
        let plan = self.path()?;
        let is_base = match self.raw("path").map(|input| &input.kind) {
            Some(InputKind::Reference(reference)) => reference.scheme == Scheme::Base,
            _ => false,
        };
        let operand = self.with_site("path", |cx, site| match is_base {
            true => cx.g.in_base(|g| g.read_path(&plan, site)),
            false => cx.g.read_path(&plan, site),
        })?;
        self.probe("in", "path", operand.value);
        Ok(operand)
    }

    /// The input `path`, with its brackets evaluated.
    pub(crate) fn path(&mut self) -> Lowered<PathPlan> {
        let Some(input) = self.raw("path") else { return Err(Abort) };
        let path = match &input.kind {
            InputKind::Text(text) => Path::parse(text),
            // A reference to state is a path in other words.
            InputKind::Reference(reference) if matches!(reference.scheme, Scheme::State | Scheme::Base) => {
                let text = reference.text.split_once(':').map_or("", |(_, path)| path);
                Path::parse(text)
            }
            InputKind::Invalid => return Err(Abort),
            _ => {
                return Err(self.fail("path", codes::CONSTANT, "`path` must be written out", path_help(&input.kind)));
            }
        };
        match path {
            Ok(path) => self.with_site("path", |cx, site| cx.g.plan_path(&path, site)),
            Err(error) => Err(self.fail("path", codes::PATH, error.message, &error.help)),
        }
    }

    /// A constant input's text; `None` if it is not given.
    pub(crate) fn constant(&mut self, port: &str) -> Lowered<Option<(Arc<str>, statewright_types::Span)>> {
        match self.raw(port) {
            None => match self.row.input(port).map(|port| port.need) {
                Some(Need::Default(json)) => Ok(Some((Arc::from(json.trim_matches('"')), self.g.rows.span(self.node)))),
                Some(Need::Required) => Err(Abort),
                Some(Need::Optional) | None => Ok(None),
            },
            Some(Input { kind: InputKind::Text(text), span, .. }) => Ok(Some((text.clone(), *span))),
            Some(Input { kind: InputKind::Invalid, .. }) => Err(Abort),
            Some(_) => Err(self.fail(
                port,
                codes::CONSTANT,
                format!("`{port}` must be a constant text"),
                "write the text itself; it cannot be computed",
            )),
        }
    }

    /// The entries of a map input; an empty slice if it is not given.
    pub(crate) fn entries(&mut self, port: &str) -> Lowered<&'a [(Name, Input)]> {
        match self.raw(port).map(|input| &input.kind) {
            None | Some(InputKind::Null) => Ok(&[]),
            Some(InputKind::Map(entries)) => Ok(entries),
            Some(InputKind::Invalid) => Err(Abort),
            Some(_) => Err(self.fail(
                port,
                codes::TYPE,
                format!("`{port}` must be written out as an object"),
                "write `{\"name\": value, …}`",
            )),
        }
    }

    /// The fields of a struct that an input gives, written out as an object.
    pub(crate) fn struct_fields(&mut self, port: &str, id: StructId) -> Lowered<Vec<(u32, Value)>> {
        let entries = self.entries(port)?;
        let fields = self.with_site(port, |cx, site| cx.g.struct_fields(entries, id, site))?;
        for ((name, _), (_, value)) in entries.iter().zip(&fields) {
            self.probe_entry(port, &name.text, *value);
        }
        Ok(fields)
    }

    /// Tells the tracer a value in an input that is written out as an object.
    pub(crate) fn probe_entry(&mut self, port: &str, name: &str, value: Value) {
        if self.g.unit.traced {
            self.probe("in", &format!("{port}.{name}"), value);
        }
    }

    /// Whether a lambda or lazy input may simply be evaluated: a literal, or a reference to what is there anyway.
    pub(crate) fn is_plain(&self, port: &str) -> bool {
        match self.raw(port).map(|input| &input.kind) {
            Some(InputKind::Reference(reference)) => match &reference.head {
                Head::Output { node, .. } => {
                    let node = self.g.rows.by_id.get(&**node);
                    let in_flow = node.is_some_and(|node| self.g.flow.instances_of(*node).next().is_some());
                    reference.steps.is_empty() && in_flow && self.g.bindings.is_empty()
                }
                _ => reference.steps.is_empty(),
            },
            Some(InputKind::Map(_) | InputKind::List(_) | InputKind::Template(_)) => false,
            _ => true,
        }
    }

    /// Whether an input is a value that is there already, so that asking for it does nothing: a number or bool written out, a
    /// parameter, a variable, a loop's value, or what a node gave that has run.
    pub(crate) fn is_there(&self, port: &str) -> bool {
        match self.raw(port).map(|input| &input.kind) {
            Some(InputKind::Int(_) | InputKind::UInt(_) | InputKind::Float(_) | InputKind::Bool(_)) => true,
            Some(InputKind::Reference(reference)) if reference.steps.is_empty() => match &reference.head {
                Head::Output { node, .. } => self.g.rows.by_id.get(&**node).is_some_and(|node| self.g.has_run(*node)),
                _ => matches!(reference.scheme, Scheme::Param | Scheme::Variable | Scheme::Loop),
            },
            _ => false,
        }
    }

    /// Evaluates an input with its pure nodes anew (R4.4), inside the loop that the caller has opened.
    pub(crate) fn lambda(&mut self, port: &str, wanted: Option<&Type>) -> Lowered<Operand> {
        if self.g.scopes.iter().filter(|scope| scope.lambda).count() >= MAX_LAMBDAS {
            let message = format!("inputs that are evaluated for each element nest more than {MAX_LAMBDAS} deep");
            return Err(self.fail(port, codes::TOO_DEEP, message, "use a ForEach in the flow for some of them"));
        }
        self.g.push_scope(super::Scope { lambda: true, ..super::Scope::default() });
        if self.g.bindings.is_empty() {
            self.g.bindings.push(Binding { node: self.node, values: Vec::new() });
            let outcome = self.elaborated_unseen(port, wanted);
            self.g.bindings.pop();
            self.g.pop_scope();
            return outcome?.ok_or(Abort);
        }
        let outcome = self.elaborated_unseen(port, wanted);
        self.g.pop_scope();
        outcome?.ok_or(Abort)
    }

    /// Gives an output its value.
    pub(crate) fn set(&mut self, port: &str, operand: Operand) {
        if let Some(index) = self.row.output(port) {
            self.outputs[index] = Some(operand);
        }
    }

    /// Gives an output a value of a type.
    pub(crate) fn put(&mut self, port: &str, value: Value, ty: Type) {
        self.set(port, Operand::new(value, ty));
    }

    /// Whether the graph reads an output of this node.
    pub(crate) fn reads(&self, port: &str) -> bool {
        let Some(index) = self.row.output(port) else { return false };
        self.g.referenced(self.node, index)
    }

    /// The block that an exit leads to; `None` if the node stands outside the flow or has no such exit.
    pub(crate) fn exit(&mut self, label: &str) -> Option<BlockId> {
        let instance = self.instance?;
        let exits = &self.g.flow.instances[instance].exits;
        let next = exits.iter().find(|(name, _)| &**name == label).map(|(_, next)| *next)?;
        let target = self.g.block_of(instance, next);
        if !self.g.unit.traced || label.is_empty() {
            return Some(target);
        }
        let current = self.g.builder.current();
        let trampoline = self.g.builder.block();
        self.g.builder.switch_to(trampoline);
        let taken = self.g.bool(true);
        self.probe("exit", label, taken);
        self.g.builder.jump(target);
        self.g.builder.switch_to(current);
        Some(trampoline)
    }

    /// Leaves by `otherwise` instead of the plain exit where the condition does not hold.
    pub(crate) fn leave_unless(&mut self, condition: Value, otherwise: BlockId) {
        if self.instance.is_some() {
            self.g.other_exit = Some((condition, otherwise));
        }
    }

    /// The type of what a path names, if that can be told before anything is looked up.
    pub(crate) fn place_type(&self, plan: &PathPlan) -> Option<Type> {
        self.g.plan_type(plan)
    }

    /// The labels of this node's exits.
    pub(crate) fn exit_labels(&self) -> Vec<Arc<str>> {
        let exits = self.instance.map(|instance| self.g.flow.instances[instance].exits.iter());
        exits.into_iter().flatten().map(|(label, _)| label.clone()).collect()
    }

    /// The innermost loop around this node: where a pass ends, and where Break goes.
    pub(crate) fn innermost_loop(&self) -> Option<(BlockId, BlockId)> {
        let context = self.g.flow.instances[self.instance?].context?;
        self.g.loops.get(&context).filter(|blocks| !blocks.bounded).map(|blocks| (blocks.latch, blocks.done))
    }
}

/// What to write instead of an input that is no path.
fn path_help(kind: &InputKind) -> String {
    let InputKind::Reference(reference) = kind else {
        return "write it as text, such as `Players[param:id:ID].Score`".into();
    };
    let rest = reference.text.split_once(':').map_or("", |(_, rest)| rest);
    match (&reference.head, reference.scheme) {
        (Head::Loop { .. } | Head::Output { .. }, _) => {
            "a path begins with a field of the state, an alias or a variable; to write a field of this struct, use \
             SetStructField, or give the output an alias in its node's `outputs`"
                .into()
        }
        (Head::Name(_), Scheme::Variable) => format!("a path may begin with a variable: write `{rest}`"),
        _ => "write it as text, such as `Players[param:id:ID].Score`; parameters stand in brackets".into(),
    }
}

/// Whether a result of this type is charged; references are free (R7.4).
fn chargeable(ty: &Type) -> bool {
    let ty = ty.non_null();
    is_container(ty) || matches!(ty, Type::String | Type::Uuid | Type::Bytes | Type::Record(_) | Type::Struct(_))
}

/// A port's default, which rows write as simple JSON.
fn default_input(json: &str, span: statewright_types::Span) -> Input {
    let kind = match json {
        "true" => InputKind::Bool(true),
        "false" => InputKind::Bool(false),
        "null" => InputKind::Null,
        text if text.contains('\\') => match statewright_types::json::parse(text).map(|tree| tree.value(tree.root())) {
            Ok(statewright_types::Value::Str(text)) => InputKind::Text(text),
            _ => InputKind::Invalid,
        },
        text if text.starts_with('"') => InputKind::Text(Arc::from(text.trim_matches('"'))),
        number if number.contains(['.', 'e', 'E']) => number.parse().map_or(InputKind::Invalid, InputKind::Float),
        number => number.parse().map_or(InputKind::Invalid, InputKind::Int),
    };
    Input { kind, span, constant: true }
}

impl GraphCx<'_> {
    fn block_of(&self, from: InstanceIx, next: Next) -> BlockId {
        let target = match next {
            Next::Node(instance) => self.entries[instance],
            Next::EndPass(loop_) => self.loops.get(&loop_).map(|blocks| blocks.latch),
            Next::EndChain => {
                let chain = self.flow.instances[from].chain;
                self.flow.entry(chain + 1).and_then(|instance| self.entries[instance])
            }
        };
        target.unwrap_or(self.finish)
    }

    /// Goes on to an unlabelled exit, keeping the outputs.
    pub(super) fn leave(&mut self, instance: InstanceIx, mut outputs: Vec<Option<Operand>>) {
        if self.builder.ended() {
            return;
        }
        let node = self.flow.instances[instance].node;
        for (index, operand) in outputs.iter_mut().enumerate() {
            let Some(operand) = operand.take() else { continue };
            let known = self.kept.get(node, index).cloned().flatten();
            let kept =
                known.unwrap_or_else(|| super::Kept { var: self.builder.var(operand.ty.loaded()), ty: operand.ty });
            self.builder.set(kept.var, operand.value);
            self.kept.set(node, index, Some(kept));
        }
        self.evaluated.give_back(outputs);
        let row = self.rows.rows[node];
        if !matches!(row.map(|row| row.exits), Some(Exits::Plain | Exits::Optional(_) | Exits::Numbered)) {
            return;
        }
        let exits = &self.flow.instances[instance].exits;
        if let Some((_, next)) = exits.iter().find(|(label, _)| label.is_empty()) {
            let block = self.block_of(instance, *next);
            match self.other_exit.take() {
                Some((condition, otherwise)) => self.builder.branch(condition, block, otherwise),
                None => self.builder.jump(block),
            }
        }
    }
}

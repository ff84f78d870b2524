//! Checking as one types: a thread of its own, where the newest revision wins. A document that changes faster than it can be
//! checked is checked as often as it can be.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use statewright_graph::build::{Built, build_with_config};
use statewright_graph::compile::CompileOptions;
use statewright_graph::ir::verify::Verified;
use statewright_graph::ir::{Imm, Op};
use statewright_types::host::HostDeclarations;
use statewright_types::{Config, Schema, Type};

use crate::command::Context;
use crate::findings::Findings;
use crate::scene::Types;

/// Texts to check.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The document's revision: answers carry it.
    pub revision: u64,
    /// Counts changes of what stands beside the document: answers carry it too.
    pub beside: u64,
    /// The document.
    pub document: Arc<str>,
    /// The schema, in either spelling; "" for none.
    pub schema: Arc<str>,
    /// The configuration, if there is one.
    pub config: Option<Arc<str>>,
    /// Nodes of the host program.
    pub hosts: Arc<HostDeclarations>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What is wrong, with the revision.
    pub findings: Findings,
    /// As in the request.
    pub beside: u64,
    /// Types of outputs and variables; `None` where the document has errors: those of the last check without are close.
    pub types: Option<Arc<Types>>,
    /// The schema, if it has no errors.
    pub schema: Option<Arc<Schema>>,
    /// The configuration, likewise.
    pub config: Option<Arc<Config>>,
    /// The module, lowered for tracing, if nothing has errors.
    pub module: Option<Arc<Verified>>,
    /// Nodes of the host program.
    pub hosts: Arc<HostDeclarations>,
}

impl Checked {
    /// What commands know by it.
    pub fn context(&self) -> Context {
        Context {
            schema: self.schema.clone(),
            config: self.config.clone(),
            hosts: self.hosts.clone(),
            types: self.types.clone().unwrap_or_default(),
        }
    }
}

/// Checks texts, here and now.
pub fn check(request: &Request) -> Checked {
    let options = CompileOptions { traced: true, plain: true, host_nodes: request.hosts.clone(), config: None };
    let built = build_with_config(&request.document, &request.schema, request.config.as_deref(), &options);
    let types = built.module.as_deref().map(types).map(Arc::new);
    let Built { schema, config, module, document_diagnostics, schema_diagnostics, config_diagnostics, .. } = built;
    let mut all = [document_diagnostics, schema_diagnostics, config_diagnostics];
    let texts = [Some(&request.document), Some(&request.schema), request.config.as_ref()];
    for (diagnostics, text) in all.iter_mut().zip(texts) {
        if let Some(text) = text {
            statewright_types::repair::spell(text, diagnostics);
        }
    }
    let [document, mut of_schema, of_config] = all;
    if request.schema.is_empty() {
        for none in &mut of_schema {
            "the document has no schema yet".clone_into(&mut none.message);
            none.help = Some("make one (File, New schema…), or name its file in Graphs under Document".to_owned());
        }
    }
    Checked {
        beside: request.beside,
        findings: Findings::new(request.revision, document, of_schema, of_config),
        types,
        schema,
        config,
        module,
        hosts: request.hosts.clone(),
    }
}

/// The types that probes tell: in a module lowered for tracing every output and variable has one.
fn types(module: &Verified) -> Types {
    let mut all = Types::new();
    for function in &module.functions {
        let mut known: HashMap<String, Type> = HashMap::new();
        for inst in function.blocks.iter().flat_map(|block| &block.insts) {
            let (Op::Probe, Imm::Str(name), [value]) = (inst.op, &inst.imm, &inst.args[..]) else { continue };
            let Some(ty) = function.values.get(value.index()) else { continue };
            match name.strip_prefix("out:") {
                Some(port) => known.insert(format!("{}:{port}", function.node_id(inst.node)), ty.clone()),
                None if name.starts_with("variable:") => known.insert(name.to_string(), ty.clone()),
                None => None,
            };
        }
        // A function may be called like a handler; ids then tell them apart well enough.
        all.entry(function.name.clone()).or_default().extend(known);
    }
    all
}

/// A thread that checks. It ends with this value.
#[derive(Debug)]
pub struct Checker {
    /// `None` only while it is being dropped.
    wake: Option<Sender<()>>,
    newest: Arc<Mutex<Option<Request>>>,
    answers: Receiver<Checked>,
    thread: Option<JoinHandle<()>>,
}

impl Checker {
    /// Starts the thread. `done` is called on it after each answer: to have the window drawn again.
    pub fn start(done: impl Fn() + Send + 'static) -> Checker {
        let newest: Arc<Mutex<Option<Request>>> = Arc::default();
        let ((wake, woken), (answer, answers)) = (channel::<()>(), channel());
        let wanted = newest.clone();
        let thread = thread::spawn(move || {
            let mut known: (Arc<str>, Option<Arc<Schema>>) = Default::default();
            while woken.recv().is_ok() {
                // Whoever asked twice while this was busy is answered once, about the newer.
                let Some(request) = wanted.lock().unwrap_or_else(PoisonError::into_inner).take() else { continue };
                let mut checked = check(&request);
                // Of the same text it is the same schema: whoever compares what was known before sees it at a glance.
                if known.0 == request.schema && known.1.is_some() {
                    checked.schema = known.1.clone();
                }
                known = (request.schema, checked.schema.clone());
                if answer.send(checked).is_err() {
                    return;
                }
                done();
            }
        });
        Checker { wake: Some(wake), newest, answers, thread: Some(thread) }
    }

    /// Asks for texts to be checked, in the place of any that wait.
    pub fn ask(&self, request: Request) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
        if let Some(wake) = &self.wake {
            // The thread only ends after this value.
            let _ = wake.send(());
        }
    }

    /// The newest answer since the last call, if there is one.
    pub fn answer(&self) -> Option<Checked> {
        let mut newest = None;
        loop {
            match self.answers.try_recv() {
                Ok(checked) => newest = Some(checked),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return newest,
            }
        }
    }

    /// Waits for the next answer: for tests and for commands that need it.
    pub fn wait(&self) -> Option<Checked> {
        self.answers.recv().ok()
    }
}

impl Drop for Checker {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use statewright_graph::node::EXAMPLE_SCHEMA;

    use super::*;
    use crate::scene::tests::large;

    fn request(revision: u64, document: &str) -> Request {
        Request { revision, document: document.into(), schema: EXAMPLE_SCHEMA.into(), ..Request::default() }
    }

    const TEXT: &str = r#"{"stateType": "Game", "handlers": [{"name": "H", "event": "E", "nodes": [
        {"id": "get", "type": "GetField", "inputs": {"path": "Players"}},
        {"id": "set", "type": "SetVariable", "inputs": {"name": "v", "value": "node:get:value"}},
        {"id": "say", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"n": "variable:v.length"}}}],
        "flow": [{"from": "start", "to": "set"}, {"from": "set", "to": "say"}]}]}"#;

    #[test]
    fn types_of_outputs_and_variables_are_known() {
        let checked = check(&request(1, TEXT));
        assert_eq!(checked.findings.count(), (0, 0), "{:?}", checked.findings.document);
        let schema = checked.schema.clone().unwrap();
        let types = checked.types.unwrap();
        let shown = |key: &str| types["H"].get(key).map(|ty| schema.show(ty).to_string());
        assert_eq!(shown("get:value").as_deref(), Some("[]Player"));
        assert_eq!(shown("variable:v").as_deref(), Some("[]Player"));
    }

    #[test]
    fn the_newest_revision_wins() {
        let checker = Checker::start(|| ());
        // The first keeps the thread busy, or waits itself: either way the last answer is about the last question.
        checker.ask(request(1, &large(2_000)));
        checker.ask(request(2, TEXT));
        checker.ask(request(3, &TEXT.replace("Players", "Plyers")));
        let mut seen = Vec::new();
        let last = loop {
            let checked = checker.wait().unwrap();
            seen.push(checked.findings.revision);
            if checked.findings.revision == 3 {
                break checked;
            }
        };
        assert!(seen.len() <= 3 && seen.is_sorted(), "{seen:?}");
        let found = last.findings.at(&"H".into(), &"get".into()).next().unwrap();
        assert!(found.message.contains("Plyers") && !found.fix.is_empty(), "{found:?}");
        assert!(last.types.is_none() && checker.answer().is_none());
    }

    #[test]
    fn texts_that_are_nothing_are_findings() {
        let checked = check(&Request { document: "{".into(), schema: "type".into(), ..Request::default() });
        assert!(checked.findings.count().0 >= 2 && checked.types.is_none());
    }
}

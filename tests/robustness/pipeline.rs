//! The whole way from texts to a run, with everything checked that must hold for any input.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Once};

use statewright_emit::{js, rust};
use statewright_graph::build::build_with_config;
use statewright_graph::compile::CompileOptions;
use statewright_graph::node::EXAMPLE_CONFIG;
use statewright_interpreter::{Interpreter, ProgramTables};
use statewright_jit::{Jit, JitError};
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::Program;
use statewright_runtime::session::{Action, Session, SessionOptions};
use statewright_types::{Diagnostic, Limits, Severity, Type, Value, json};

use crate::seeds::Seed;

/// Small, so that endless loops end soon.
const LIMITS: Limits = Limits { fuel: 300, memory_bytes: 1 << 16, string_bytes: 1 << 12, entries: 1_000 };

/// How far an input came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// It has errors.
    Errors,
    /// It is not compiled, and an error says what is too large.
    Refused,
    /// It ran.
    Run,
}

/// Takes an input all the way. Panics if anything is not as it must be.
pub fn run(document: &str, schema: &str, state: &str) -> Reached {
    run_with(document, schema, state, LIMITS)
}

/// What a document is taken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Interpreted.
    Interpreter,
    /// Run as machine code, or refused with what is too large.
    Jit,
    /// Translated to Rust, and not run.
    Rust,
    /// Translated to JavaScript, and not run.
    Js,
}

impl Way {
    /// `cargo xtask hostile --on` names it in the environment.
    pub fn asked() -> Way {
        match std::env::var("STATEWRIGHT_HOSTILE_ON").as_deref() {
            Ok("jit") => Way::Jit,
            Ok("rust") => Way::Rust,
            Ok("js") => Way::Js,
            _ => Way::Interpreter,
        }
    }
}

/// The same with other limits.
pub fn run_with(document: impl Into<Arc<str>>, schema: &str, state: &str, limits: Limits) -> Reached {
    run_on(Way::asked(), document, schema, state, limits)
}

/// The same on a certain execution.
pub fn run_on(way: Way, document: impl Into<Arc<str>>, schema: &str, state: &str, limits: Limits) -> Reached {
    let text: Arc<str> = document.into();
    let traced = way == Way::Interpreter && text.len() % 2 == 1;
    let options = CompileOptions { traced, ..CompileOptions::default() };
    let built = build_with_config(&text, schema, Some(EXAMPLE_CONFIG), &options);
    checked(&built.schema_diagnostics, schema);
    checked(&built.document_diagnostics, &text);
    drop(text);
    let (Some(schema), Some(root), Some(module)) = (built.schema, built.main_root, built.module) else {
        let errors = built.schema_diagnostics.iter().chain(&built.document_diagnostics);
        assert!(errors.into_iter().any(is_error), "it cannot run and nobody says why");
        return Reached::Errors;
    };
    // A host keeps what runs, not the document.
    drop(built.document);
    let tables = ProgramTables::new(&module, built.handlers.clone(), built.document_hash).with_config(built.config);
    let program: Arc<dyn Program> = match way {
        Way::Interpreter => Arc::new(Interpreter::with_tables(&module, tables, &HostNodes::default())),
        Way::Jit => match Jit::new(&module, tables, &HostNodes::default()) {
            Ok(jit) => Arc::new(jit),
            Err(
                error @ (JitError::LargeFunction { .. } | JitError::LargeModule { .. } | JitError::DeepStack { .. }),
            ) => {
                assert!(!error.to_string().is_empty());
                return Reached::Refused;
            }
            Err(error) => panic!("{error}"),
        },
        Way::Rust => {
            let source = rust::Source {
                name: "hostile",
                document_hash: built.document_hash,
                handlers: &built.handlers,
                schema: "",
                config: None,
                runtime: rust::RUNTIME,
            };
            assert!(!rust::emit(&module, &source).text.is_empty());
            return Reached::Run;
        }
        Way::Js => {
            assert!(!js::emit(&module, &js::Source::default()).code.is_empty());
            return Reached::Run;
        }
    };
    drop(module);
    let options = SessionOptions { limits, ..SessionOptions::default() };
    let mut session = Session::new(schema.clone(), root, program, options);
    match json::parse(state) {
        Ok(tree) => checked(&session.state_mut_for_setup().load_json(&tree), state),
        Err(error) => checked(&[error], state),
    }
    session.join_silently("ann");
    session.join_silently("bob");
    for handler in &built.handlers {
        let params = handler.params.iter().map(|(name, ty)| (name.clone(), sample(ty, 0)));
        session.dispatch(Action::new(&handler.event, "ann", Value::map(params)));
    }
    session.advance(10_000);
    session.advance(i64::MAX);
    session.view("ann");
    session.state().hash();
    let whole = json::to_string(&session.state().to_value());
    drop(session);
    json::parse(whole).expect("a state can be written and read");
    Reached::Run
}

/// Inputs that broke something, the smallest for each thing that was broken.
#[derive(Default)]
pub struct Broken {
    by_place: BTreeMap<String, (usize, String)>,
}

impl Broken {
    /// Takes an input all the way; a panic is kept.
    pub fn survive(&mut self, document: &str, schema: &str, state: &str, what: &str) -> Option<Reached> {
        static QUIET: Once = Once::new();
        QUIET.call_once(|| {
            let usual = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| match EXPECTING.get() {
                true => LAST_PANIC.set(Some(info.to_string())),
                false => usual(info),
            }));
        });
        EXPECTING.set(true);
        let reached = std::panic::catch_unwind(|| run(document, schema, state));
        EXPECTING.set(false);
        if reached.is_err() {
            let place = LAST_PANIC.take().unwrap_or_default();
            // A mistake of the compiler names values and blocks by number; they do not tell mistakes apart.
            let numbered = place.contains("E099");
            let place = place.chars().filter(|c| !(numbered && c.is_ascii_digit())).take(300).collect();
            let (count, kept) = self.by_place.entry(place).or_default();
            *count += 1;
            let input = format!("{what}:\n{document}\n{schema}\n{state}");
            if kept.is_empty() || input.len() < kept.len() {
                *kept = input;
            }
        }
        reached.ok()
    }

    /// A seed with another document.
    pub fn survive_as(&mut self, seed: &Seed, document: &str, what: &str) -> Option<Reached> {
        self.survive(document, seed.schema, seed.state, what)
    }
}

/// The end of a test: nothing was broken.
impl Drop for Broken {
    fn drop(&mut self) {
        let shown = self.by_place.iter().map(|(place, (count, input))| format!("{count} times: {place}\n{input}\n"));
        let shown: Vec<String> = shown.collect();
        if !shown.is_empty() {
            eprintln!("{}", shown.join("\n"));
            assert!(std::thread::panicking(), "{} kinds of input broke something", shown.len());
        }
    }
}

thread_local! {
    /// Whether panics of this thread are kept, not printed; and what the last one said.
    static EXPECTING: Cell<bool> = const { Cell::new(false) };
    static LAST_PANIC: Cell<Option<String>> = const { Cell::new(None) };
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
}

/// What holds for every diagnostic.
fn checked(diagnostics: &[Diagnostic], text: &str) {
    for diagnostic in diagnostics {
        assert_ne!(diagnostic.code, "E099", "{diagnostic}");
        assert!(!diagnostic.message.is_empty());
        let kind = if is_error(diagnostic) { 'E' } else { 'W' };
        assert!(diagnostic.code.starts_with(kind), "{diagnostic}");
        for span in diagnostic.span.into_iter().chain(diagnostic.fix.iter().map(|fix| fix.span)) {
            assert!(text.get(span.range()).is_some(), "{diagnostic:?} is about no part of the text");
        }
    }
}

/// Some value of a type.
fn sample(ty: &Type, depth: usize) -> Value {
    match ty {
        Type::Bool => Value::Bool(true),
        Type::Int(_) => Value::Int(3),
        Type::Float32 | Type::Float64 => Value::Float(2.5),
        Type::Uuid => Value::from("00000000-0000-4000-8000-000000000000"),
        Type::String => Value::from("ann"),
        Type::Nullable(inner) if depth < 2 => sample(inner, depth + 1),
        Type::List(inner) if depth < 3 => Value::List(vec![sample(inner, depth + 1); 2]),
        Type::Bytes | Type::Nullable(_) => Value::Null,
        Type::List(_) => Value::List(Vec::new()),
        Type::Map(..) | Type::Struct(_) | Type::Record(_) => Value::Map(Vec::new()),
    }
}

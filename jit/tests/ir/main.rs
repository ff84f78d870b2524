//! The interpreter's tests of IR, with compiled code in its place; where they compare two interpreters, the other one is the
//! plain one.

mod again;
#[path = "../../../interpreter/tests/ir/control.rs"]
mod control;
#[path = "../../../interpreter/tests/ir/dense.rs"]
mod dense;
#[path = "../../../interpreter/tests/ir/joined.rs"]
mod joined;
mod kept;
mod large;
#[path = "../../../interpreter/tests/ir/passes.rs"]
mod passes;
#[path = "../../../interpreter/tests/ir/robustness.rs"]
mod robustness;
#[path = "../../../interpreter/tests/ir/rows.rs"]
mod rows;
#[path = "../../../interpreter/tests/ir/suspension.rs"]
mod suspension;
#[path = "../../../interpreter/tests/ir/trace.rs"]
mod trace;
#[path = "../../../interpreter/tests/ir/world.rs"]
mod world;

/// What the tests run.
mod under_test {
    use std::sync::Arc;

    use statewright_graph::ir::Verified;
    use statewright_interpreter::ProgramTables;
    use statewright_jit::Jit;
    use statewright_runtime::context::Context;
    use statewright_runtime::host::HostNodes;
    use statewright_runtime::program::{HandlerInfo, Outcome, Program, Suspension};

    /// By the name that the tests know: compiled code, or the plain interpreter that it is compared with.
    pub struct Interpreter(Box<dyn Program>);

    impl Interpreter {
        pub fn new(module: Arc<Verified>, handlers: Vec<HandlerInfo>, document_hash: [u8; 32]) -> Interpreter {
            let tables = ProgramTables::new(&module, handlers, document_hash);
            let jit = Jit::new(&module, tables, &HostNodes::default()).unwrap_or_else(|error| panic!("{error}"));
            Interpreter(Box::new(jit))
        }

        pub fn plain(module: Arc<Verified>, handlers: Vec<HandlerInfo>, document_hash: [u8; 32]) -> Interpreter {
            Interpreter(Box::new(statewright_interpreter::Interpreter::plain(module, handlers, document_hash)))
        }
    }

    impl Program for Interpreter {
        fn document_hash(&self) -> [u8; 32] {
            self.0.document_hash()
        }

        fn handlers(&self) -> &[HandlerInfo] {
            self.0.handlers()
        }

        fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
            self.0.run(handler, args, cx)
        }

        fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
            self.0.resume(suspension, cx)
        }
    }
}

#[test]
fn several_elements_of_dense_lists_are_looked_at_once() {
    use statewright_graph::ir::Verified;
    use statewright_jit::Listing;

    let schema = dense::schema();
    for (body, at_once) in dense::BODIES {
        let mut module = dense::over_dots(body, &schema);
        statewright_graph::passes::run(&mut module);
        let module = Verified::new(module).expect("a module");
        let tables = statewright_interpreter::ProgramTables::new(&module, Vec::new(), [7; 32]);
        let listing = statewright_jit::listing(&module, &tables, Listing::Clif).expect("code");
        assert_eq!(listing.contains("i64x2"), at_once, "{}\n{listing}", *module);
    }
}

/// Each test has a thread of its own: the first one is compiled in memory that is new, all others in what those before left.
#[test]
fn what_is_compiled_in_used_memory_is_the_same() {
    use statewright_graph::ir::Verified;
    use statewright_jit::Listing;

    let schema = dense::schema();
    let listings = |bodies: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        let listing = |body| {
            let mut module = dense::over_dots(body, &schema);
            statewright_graph::passes::run(&mut module);
            let module = Verified::new(module).expect("a module");
            let tables = statewright_interpreter::ProgramTables::new(&module, Vec::new(), [7; 32]);
            statewright_jit::listing(&module, &tables, Listing::Assembly).expect("code")
        };
        bodies.map(listing).collect()
    };
    let first = listings(&mut dense::BODIES.iter().map(|(body, _)| *body));
    let mut again = listings(&mut dense::BODIES.iter().rev().map(|(body, _)| *body));
    again.reverse();
    assert!(first.iter().all(|listing| !listing.is_empty()));
    assert_eq!(first, again);
}

/// The remainder by a power of two takes one operation where nothing can be negative, and all it takes elsewhere.
#[test]
fn remainders_of_what_is_never_negative_are_bits() {
    use statewright_graph::ir::Verified;
    use statewright_jit::Listing;

    let schema = dense::schema();
    // A length, and the distance from one to a number.
    for (remainder, is_one) in [("v22: int64 = irem v2, v20", true), ("v22: int64 = irem v21, v20", false)] {
        let body = format!(
            "v20: int64 = iconst 8\nv21: int64 = isub v2, v7\n{remainder}\nshow v21 int64\nshow v22 int64\nreturn\n"
        );
        let module = Verified::new(dense::over_dots(&body, &schema)).unwrap_or_else(|errors| panic!("{errors:?}"));
        let tables = statewright_interpreter::ProgramTables::new(&module, Vec::new(), [7; 32]);
        let listing = statewright_jit::listing(&module, &tables, Listing::Clif).expect("code");
        // What might be negative is brought up first.
        assert_eq!(!listing.contains("select"), is_one, "{}\n{listing}", *module);
    }
}

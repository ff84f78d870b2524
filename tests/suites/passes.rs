//! The passes change nothing that can be seen: sessions of a module as it was lowered, of one that the passes have been over,
//! of one without branches, and of one that holds integers to their ranges do the same, with any amount of fuel and memory, and go on from each other's saved state.

use std::path::Path;
use std::sync::Arc;

use statewright_graph::ir::verify::Verified;
use statewright_graph::ir::{Module, NodeTag, Op};
use statewright_graph::{CompileOptions, compile, passes, ranges};
use statewright_harness::play;
use statewright_harness::project::{Backend, Loaded};
use statewright_harness::testing::execute::part;
use statewright_harness::testing::file::Test;
use statewright_runtime::program::Program;
use statewright_runtime::session::{SavedSession, Session};
use statewright_tests::corpus;

use crate::twins::{Case, act, cases, samples};

/// The same document, with another module.
fn with(loaded: &Loaded, module: Verified) -> Loaded {
    Loaded { module: Some(Arc::new(module)), ..loaded.clone() }
}

/// As it was lowered.
fn lowered(loaded: &Loaded) -> Option<Loaded> {
    compiled(loaded, CompileOptions { plain: true, ..CompileOptions::default() })
}

/// Compiled again.
fn compiled(loaded: &Loaded, options: CompileOptions) -> Option<Loaded> {
    let options = CompileOptions {
        host_nodes: loaded.host_nodes.declarations().clone(),
        config: loaded.config.clone(),
        ..options
    };
    let module = compile(&loaded.document, loaded.schema.as_ref()?, &options).module?;
    Some(Loaded { module: Some(module), ..loaded.clone() })
}

/// What the passes know to be there is looked up all the same, by a node that nothing else has.
fn looked_up(module: &Verified) -> Verified {
    let mut module = Module::clone(module);
    for function in &mut module.functions {
        let node = NodeTag(function.nodes.len() as u32);
        function.nodes.push("known to be there".into());
        for inst in function.blocks.iter_mut().flat_map(|block| &mut block.insts) {
            match inst.op {
                Op::LoadKnown => (inst.op, inst.node) = (Op::Load, node),
                Op::ListAt => (inst.op, inst.node) = (Op::ListGet, node),
                _ => {}
            }
        }
    }
    Verified::new(module).expect("only checks were added")
}

/// All the modules of a case, the lowered one first.
fn forms(case: &Case) -> Vec<Form> {
    let Some(first) = lowered(&case.plain) else { return Vec::new() };
    let passed = case.plain.module.as_ref().expect("it runs");
    let without_branches = passes::without_branches(passed).expect("the passes make no mistakes");
    let forms = [
        first,
        case.plain.clone(),
        with(&case.plain, looked_up(passed)),
        with(&case.plain, looked_up(&without_branches)),
        with(&case.plain, ranges::clamped(passed).expect("only integers are clamped")),
    ];
    let made = |loaded: Loaded| {
        let program = loaded.program(Backend::Interpreter).expect("it exists").expect("it runs");
        Form { loaded, program }
    };
    forms.into_iter().map(made).collect()
}

/// A form of a case, and its program.
struct Form {
    loaded: Loaded,
    program: Arc<dyn Program>,
}

impl Form {
    fn begin(&self, case: &Case, test: &Test) -> Option<Session> {
        let state = test.state.map(|node| part(&case.file, node));
        play::begin(&self.loaded, self.program.clone(), &test.setup, state.as_ref()).ok()
    }
}

/// Saved by one, loaded by the other.
fn handed_over(from: &Session, to: &Session) -> Session {
    let schema = from.state().schema().clone();
    let bytes = from.save_packed().to_bytes(&schema);
    let saved = SavedSession::from_bytes(&bytes, &schema).expect("it is a session");
    let program = to.program().clone();
    let programs = |hash: &[u8; 32]| (program.document_hash() == *hash).then(|| program.clone());
    Session::load(&saved, schema, &programs).expect("it loads")
}

/// Runs a test on all forms side by side; how many steps that were.
fn side_by_side(case: &Case, forms: &[Form], test: &Test) -> usize {
    let begin = |form: &Form| form.begin(case, test);
    let Some(mut sessions) = forms.iter().map(begin).collect::<Option<Vec<_>>>() else { return 0 };
    let fuel = test.setup.fuel;
    for (index, step) in test.steps.iter().enumerate() {
        let at = format!(
            "{}: {}: step {}, fuel {fuel:?}, memory {:?}",
            case.file.source.name,
            test.name,
            index + 1,
            test.setup.memory_bytes
        );
        let expected = act(&mut sessions[0], &step.act, None);
        for (form, session) in sessions.iter_mut().enumerate().skip(1) {
            assert_eq!(act(session, &step.act, None), expected, "{at}, form {form}");
        }
        let schema = sessions[0].state().schema().clone();
        let saved = |session: &Session| session.save_packed().to_bytes(&schema);
        let first = saved(&sessions[0]);
        assert!(sessions.iter().all(|session| saved(session) == first), "{at}");
        // Who goes on from whom changes with every step.
        if sessions[0].waiting() > 0 {
            let count = sessions.len();
            let next = (0..count).map(|to| handed_over(&sessions[(to + 1) % count], &sessions[to]));
            sessions = next.collect();
        }
    }
    test.steps.len()
}

/// Of this many cases one is also run with little fuel and memory.
const SPARSE: usize = 8;

fn all(path: &Path, sparse: usize) -> (usize, usize) {
    let (mut steps, mut short) = (0, 0);
    for (number, case) in cases(path).into_iter().enumerate() {
        let forms = forms(&case);
        for test in &case.file.tests {
            if forms.is_empty() || case.begin_light(test, &case.plain).is_none() {
                continue;
            }
            steps += side_by_side(&case, &forms, test);
            if number % sparse != 0 {
                continue;
            }
            for amount in [1, 2, 3, 4, 6, 9, 14, 25, 60] {
                let mut less = test.clone();
                less.setup.fuel = Some(amount);
                short += side_by_side(&case, &forms, &less);
                let mut less = test.clone();
                less.setup.memory_bytes = Some(8 * amount);
                short += side_by_side(&case, &forms, &less);
            }
        }
    }
    (steps, short)
}

#[test]
fn the_corpus_does_the_same_in_every_form() {
    let (steps, short) = all(&corpus::folder(), SPARSE);
    assert!(steps > 1_000 && short > 1_000, "only {steps} steps and {short} short of something");
}

#[test]
fn samples_and_workloads_do_the_same_in_every_form() {
    let workloads = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/workloads");
    let (steps, short) =
        [samples(), workloads].iter().map(|path| all(path, 1)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    assert!(steps > 30 && short > 300, "only {steps} steps and {short} short of something");
}

/// Filters, effects and views of a document, with what they may touch.
fn run_again(loaded: &Loaded) -> Vec<String> {
    let program = loaded.program(Backend::Interpreter).expect("it exists").expect("it runs");
    let filters = program.filters().iter().map(|filter| format!("{filter:?}"));
    let effects = program.effects().iter().map(|effect| format!("{effect:?}"));
    let views = program.views().iter().map(|view| format!("{view:?}"));
    filters.chain(effects).chain(views).collect()
}

/// What is asked again after a change shows in what viewers are sent, so it must hang neither on passes nor on tracing.
#[test]
fn what_filters_effects_and_views_touch_is_the_same_in_every_form() {
    let mut count = 0;
    for case in [corpus::folder(), samples()].iter().flat_map(|path| cases(path)) {
        let Some(plain) = lowered(&case.plain) else { continue };
        let expected = run_again(&plain);
        let traced = compiled(&case.plain, CompileOptions { traced: true, ..CompileOptions::default() });
        for (form, loaded) in [("passes", Some(&case.plain)), ("traced", traced.as_ref())] {
            let loaded = loaded.unwrap_or_else(|| panic!("{}: {form}: it compiles", case.file.source.name));
            assert_eq!(run_again(loaded), expected, "{}: {form}", case.file.source.name);
        }
        count += expected.len();
    }
    assert!(count > 30, "only {count}");
}

//! What an effect may touch is worked out well: the cases of effects come out the same when every write has all effects
//! act again.

use std::sync::Arc;

use statewright_harness::project::Backend;
use statewright_harness::testing::discover::discover;
use statewright_harness::testing::execute::execute;
use statewright_runtime::context::Context;
use statewright_runtime::program::{EffectInfo, FilterInfo, Footprint, HandlerInfo, Outcome, Program, Suspension};
use statewright_tests::corpus;
use statewright_tests::reached::load;

/// A program whose effects may touch anything.
struct Wary {
    inner: Arc<dyn Program>,
    effects: Vec<EffectInfo>,
}

impl Program for Wary {
    fn document_hash(&self) -> [u8; 32] {
        self.inner.document_hash()
    }

    fn handlers(&self) -> &[HandlerInfo] {
        self.inner.handlers()
    }

    fn filters(&self) -> &[FilterInfo] {
        self.inner.filters()
    }

    fn run_filter(&self, filter: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.inner.run_filter(filter, args, cx)
    }

    fn effects(&self) -> &[EffectInfo] {
        &self.effects
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.inner.run_effect(effect, args, cx)
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.inner.run(handler, args, cx)
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        self.inner.resume(suspension, cx)
    }
}

#[test]
fn footprints_change_nothing_but_work() {
    let mut ran = 0;
    for path in discover(&corpus::folder().join("effects")).expect("the folder is there") {
        // There the work itself is what counts.
        if path.ends_with("work.test.json") {
            continue;
        }
        let (file, loaded) = load(&path).expect("a good file");
        for test in file.tests.iter().filter(|test| !test.steps.is_empty()) {
            let inner = loaded.program(Backend::Interpreter).expect("it compiles").expect("no errors");
            let anything = |info: &EffectInfo| EffectInfo { footprint: Footprint::All, ..info.clone() };
            let effects = inner.effects().iter().map(anything).collect();
            let found = execute(&file, test, &loaded, Arc::new(Wary { inner, effects }), None);
            let failed: Vec<String> = found.failures.iter().map(|failure| failure.what.clone()).collect();
            assert!(failed.is_empty() && found.findings.is_empty(), "{}: {}", test.name, failed.join(", "));
            ran += 1;
        }
    }
    assert!(ran > 30, "only {ran} tests ran");
}

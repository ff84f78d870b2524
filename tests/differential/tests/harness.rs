//! The harness itself: what it draws, that it draws the same again, that what it finds becomes small.

use statewright_differential::case::{Case, Step};
use statewright_differential::execution::{self, Execution, Prepared};
use statewright_differential::generate::generate;
use statewright_differential::hunt::Hunt;
use statewright_differential::reach;
use statewright_differential::shrink::{TRIES, shrink};
use statewright_types::Value;

const DOCUMENTS: u64 = 1_000;

#[test]
fn executions_agree_and_everything_is_drawn() {
    let reference = execution::reference();
    let all: Vec<_> = execution::NAMES.iter().filter_map(|name| execution::by_name(name)).collect();
    let hunt = Hunt {
        cases: &generate,
        reference: &*reference,
        executions: all.iter().map(|one| &**one).collect(),
        seed: 1 << 32,
        documents: DOCUMENTS,
        threads: 2,
        fault: 0,
        asks_reach: true,
        findings: 3,
        stop: &|_| false,
    };
    let (progress, findings) = hunt.run();
    let told: Vec<String> = findings
        .iter()
        .map(|finding| format!("seed {}: {} {}", finding.case.seed, finding.execution, finding.difference))
        .collect();
    assert!(told.is_empty(), "`cargo xtask fuzz --show SEED` has the case: {told:#?}");
    for execution in &all {
        // Of a thousand documents every eighth has lists of many elements.
        let count = execution.with_loops_at_once();
        assert!(count.is_none_or(|count| count > 20), "{}: {count:?} programs with loops in lanes", execution.name());
    }
    let share = progress.passed * 100 / progress.drawn;
    assert!(share >= 90, "only {share} % of documents pass the checker");
    assert!(progress.taken_over > DOCUMENTS / 20, "only {} sessions were taken over", progress.taken_over);
    // Errors need more documents: `cargo xtask fuzz --reach` asks for them.
    let excused = reach::excused();
    let missing = reach::missing(&progress.reach);
    let missing: Vec<_> =
        missing.iter().filter(|line| !line.starts_with("error ") && !excused.contains(*line)).collect();
    assert!(missing.is_empty(), "never drawn: {missing:?}");
    let all = reach::missing(&progress.reach);
    let reached: Vec<_> = excused.difference(&all).filter(|line| !line.starts_with("error ")).collect();
    assert!(reached.is_empty(), "take them out of tests/differential/unreached.txt: {reached:?}");
}

#[test]
fn a_seed_gives_one_case() {
    for seed in [0, 1, 77, u64::MAX] {
        assert_eq!(generate(seed), generate(seed), "seed {seed}");
    }
    assert_ne!(generate(5).map(|case| case.document), generate(6).map(|case| case.document));
}

#[test]
fn a_case_is_shrunk_to_what_shows_it() {
    let is_large = |case: &Case| case.size() > 1_000 && uses(&case.document, "Increment");
    let case = (0..200).filter_map(generate).find(is_large).expect("one of them is large and has such a node");
    let before = case.size();
    let small =
        shrink(case, TRIES, &mut |case| uses(&case.document, "Increment") && Prepared::new(case.clone()).is_ok());
    assert!(
        small.steps.iter().all(|step| matches!(step, Step::Advance(_))) || small.steps.is_empty(),
        "{:?}",
        small.steps
    );
    assert!(small.size() * 4 < before, "{} of {before} are left", small.size());
    assert!(Prepared::new(small).is_ok(), "it passes the checker");
}

fn uses(value: &Value, name: &str) -> bool {
    match value {
        Value::Str(text) => &**text == name,
        Value::List(elements) => elements.iter().any(|element| uses(element, name)),
        Value::Map(entries) => entries.iter().any(|(_, value)| uses(value, name)),
        _ => false,
    }
}

/// An execution that compiles nothing.
struct Incapable;

impl Execution for Incapable {
    fn name(&self) -> &'static str {
        "incapable"
    }

    fn programs(
        &self,
        cases: &[Prepared],
    ) -> Vec<Result<std::sync::Arc<dyn statewright_runtime::program::Program>, String>> {
        cases.iter().map(|_| Err("incapable".to_owned())).collect()
    }
}

#[test]
fn what_does_not_compile_is_a_finding() {
    let reference = execution::reference();
    let hunt = Hunt {
        cases: &generate,
        reference: &*reference,
        executions: vec![&Incapable],
        seed: 0,
        documents: 4,
        threads: 1,
        fault: 0,
        asks_reach: false,
        findings: 100,
        stop: &|_| false,
    };
    assert_eq!(hunt.run().1.len(), 4);
}

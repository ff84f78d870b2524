//! A die that may be loaded.

use std::sync::Arc;

use statewright_graph::document::SourceDocument;
use statewright_harness::project::{Backend, Source};
use statewright_harness::simulate::{Control, Metric, Verdict, Wanted};
use statewright_types::{Value, schema};

use super::{Ask, Work, metrics, run, scripts, words};
use crate::command::Context;
use crate::run::Setting;
use crate::run::live::Live;

const SCHEMA: &str = "package dice\n@root(active)\ntype Table {\n    Sum int64\n    Names []string\n}\n";
const DOCUMENT: &str = r#"{"stateType": "Table", "handlers": [{"name": "Roll", "event": "Roll",
  "parameters": [{"name": "sides", "type": "int64"}],
  "nodes": [
    {"id": "dice", "type": "RollDice", "inputs": {"count": 1, "sides": "param:sides"}},
    {"id": "add", "type": "Increment", "inputs": {"path": "Sum", "by": "node:dice:result"}},
    {"id": "tell", "type": "EmitToAll", "inputs": {"eventType": "Rolled", "payload": {"value": "node:dice:result"}}}],
  "flow": [{"from": "start", "to": "add"}, {"from": "add", "to": "tell"}]}]}"#;

fn script(sides: u32) -> String {
    format!(
        r#"{{"steps": [{{"event": "Roll", "params": {{"sides": {sides}}}}}, {{"advance": 5}}],
            "expect": [{{"metric": "event:Rolled.value", "odds": {{"1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1}}}}]}}"#
    )
}

fn ask(script: &str) -> Ask {
    let setting =
        Setting { name: "dice.json".into(), document: DOCUMENT.into(), schema: SCHEMA.into(), ..Setting::default() };
    Ask {
        setting,
        script: Arc::new(Source::inline("script", script)),
        metrics: vec![Metric::parse("Sum").expect("a metric")],
        over: vec![Metric::parse("Sum").expect("a metric")],
        runs: 600,
        seed_from: 100,
        threads: 2,
        backend: None,
        wanted: Wanted::default(),
    }
}

#[test]
fn a_fair_die_fits_and_a_loaded_one_is_rejected() {
    let fair = run(ask(&script(6)), &Control::default()).expect("it runs");
    assert_eq!((fair.report.done, fair.report.failed, fair.report.summaries.len()), (600, 0, 2));
    let check = fair.report.checks.first().expect("an expectation");
    assert_eq!(check.fit.verdict, Verdict::Fits, "{check:?}");
    assert!(words::sentence(check).starts_with("Nothing speaks against"), "{}", words::sentence(check));
    // A die without a six: of 600 throws 100 were to be sixes.
    let loaded = run(ask(&script(5)), &Control::default()).expect("it runs");
    let check = loaded.report.checks.first().expect("an expectation");
    assert_eq!(check.fit.verdict, Verdict::Rejected, "{check:?}");
    assert!(words::sentence(check).starts_with("These are not the declared odds"), "{}", words::sentence(check));
    assert!(words::numbers(check).starts_with("chi-square, statistic "), "{}", words::numbers(check));
}

#[test]
fn the_execution_makes_no_difference() {
    let on = |backend| {
        let outcome = run(Ask { backend: Some(backend), ..ask(&script(6)) }, &Control::default()).expect("it runs");
        (outcome.runs, outcome.report.setting.backend)
    };
    let (interpreted, name) = on(Backend::Interpreter);
    assert_eq!(name, "interpreter");
    assert_eq!(interpreted, on(Backend::Jit).0);
}

#[test]
fn one_of_the_runs_is_a_session_with_the_same_end() {
    let outcome = run(ask(&script(6)), &Control::default()).expect("it runs");
    let summary = outcome.report.summaries.iter().find(|summary| &*summary.metric == "Sum").expect("a summary");
    let numbers = summary.numbers.as_ref().expect("numbers");
    for end in numbers.lowest.iter().chain(&numbers.highest) {
        let source = SourceDocument::parse(DOCUMENT).expect("a document");
        let mut live = Live::start(outcome.setting_of(end.seed), &source.document, || 0, || {});
        scripts::orders(&outcome.plan.steps).into_iter().for_each(|order| live.order(order));
        live.settle();
        let timeline = live.timeline.as_ref().expect("a timeline");
        assert_eq!(timeline.moments().len(), 2, "seed {}", end.seed);
        let state = timeline.state(2);
        let sum = state.get("Sum").or_else(|| state.get("Table").and_then(|table| table.get("Sum")));
        assert_eq!(sum, Some(&Value::Int(end.value as i64)), "seed {} of {state:?}", end.seed);
    }
}

#[test]
fn what_was_cancelled_is_told_as_far_as_it_came() {
    let work = Work::start(Ask { runs: 5_000_000, over: Vec::new(), ..ask(&script(6)) }, || {});
    while work.done() == 0 {
        std::thread::yield_now();
    }
    work.cancel();
    let outcome = work.wait().expect("an answer").expect("it ran");
    assert!(outcome.runs.done > 0 && outcome.runs.done < 5_000_000, "{}", outcome.runs.done);
    assert_eq!(outcome.report.done, work.done());
    assert!(outcome.runs.columns.iter().all(|column| column.observed.len() as u64 == outcome.runs.done));
}

#[test]
fn what_is_wrong_is_said_with_where() {
    let wrong = |change: &dyn Fn(&mut Ask)| {
        let mut ask = ask(&script(6));
        change(&mut ask);
        run(ask, &Control::default()).expect_err("a refusal").join("; ")
    };
    let script = wrong(&|ask| ask.script = Arc::new(Source::inline("mine", "{\n\"stepz\": []}")));
    assert!(script.starts_with("mine line 2: "), "{script}");
    let document = wrong(&|ask| ask.setting.document = DOCUMENT.replace("RollDice", "RollDise").into());
    assert!(document.contains("dice.json line 4") && document.contains("RollDise"), "{document}");
    let state = wrong(&|ask| ask.setting.state = Some("{\"Sum\": true}".into()));
    assert!(state.contains("the state"), "{state}");
    assert!(wrong(&|ask| ask.metrics = vec![Metric::parse("Summ").expect("a path")]).contains("Sum"));
    assert!(wrong(&|ask| ask.runs = 0).contains("from 1"));
}

#[test]
fn everything_is_saved_by_name() {
    let outcome = run(ask(&script(6)), &Control::default()).expect("it runs");
    let files = outcome.files();
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["report.txt", "report.json", "plots.svg", "runs.csv", "script.json"]);
    let of =
        |name: &str| files.iter().find(|(other, _)| *other == name).map(|(_, text)| text.as_str()).expect("a file");
    assert_eq!(of("runs.csv").lines().count(), 601);
    assert!(of("report.json").contains("\"replay\": \"statewright run dice.json --script script.json --backend jit\""));
    assert_eq!(of("script.json"), script(6));
}

#[test]
fn metrics_are_completed_and_judged() {
    let source = SourceDocument::parse(DOCUMENT).expect("a document");
    let (schema, _) = schema::parse(SCHEMA);
    let context = Context { schema, ..Context::default() };
    let texts = |text: &str| {
        let found = metrics::complete(text, &source, &context);
        found.into_iter().map(|found| found.text).collect::<Vec<_>>()
    };
    assert_eq!(texts("Su"), ["Sum"]);
    assert_eq!(texts("effective:Na"), ["effective:Names"]);
    assert_eq!(texts("ev"), ["event:"]);
    assert_eq!(texts("event:"), ["event:Rolled", "event:Rolled."]);
    assert_eq!(texts("event:Rolled.v"), ["event:Rolled.value"]);
    assert_eq!(texts("run:err"), ["run:error", "run:errors"]);
    let read = |text: &str, over| metrics::read(text, over, &source, &context).map(|metric| metric.text.to_string());
    assert_eq!(read(" Sum ", true), Ok("Sum".to_owned()));
    assert!(read("Summ", false).is_err_and(|why| why.contains("Sum")));
    assert!(read("Names", false).is_err_and(|why| why.contains(".length")));
    assert!(read("event:Rolled", true).is_err_and(|why| why.contains("no state path")));
    assert_eq!(read("event:Rolled", false), Ok("event:Rolled".to_owned()));
}

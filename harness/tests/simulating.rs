//! Many runs: known distributions come out as what they are, and nothing depends on threads.

use std::sync::Arc;

use statewright_harness::play::{Beginning, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_harness::simulate::metric::Observed;
use statewright_harness::simulate::timeline::timeline;
use statewright_harness::simulate::{
    Control, Metric, Plan, Refused, Report, Setting, Verdict, Wanted, play, plot, report, script, text, value,
};
use statewright_types::{TrapCode, json};

const SCHEMA: &str = "@root(active) type Table {\n    Last int64\n    Sum int64\n    Height float64\n    Note string\n    Rolls []int64\n}";

/// A die of six sides with weights, and what else is drawn.
const GRAPH: &str = r#"{"stateType": "Table", "handlers": [
  {"name": "Roll", "event": "Roll", "nodes": [
    {"id": "roll", "type": "WeightedPick", "inputs": {"array": [1, 2, 3, 4, 5, 6], "weights": WEIGHTS, "stream": "die"}},
    {"id": "keep", "type": "SetField", "inputs": {"path": "Last", "value": "node:roll:item"}},
    {"id": "add", "type": "Increment", "inputs": {"path": "Sum", "by": "node:roll:item"}},
    {"id": "list", "type": "AddToArray", "inputs": {"path": "Rolls", "element": "node:roll:item"}},
    {"id": "normal", "type": "RandomNormal", "inputs": {"mean": 1.8, "deviation": 0.1, "stream": "height"}},
    {"id": "grow", "type": "SetField", "inputs": {"path": "Height", "value": "node:normal:result"}},
    {"id": "tell", "type": "EmitToAll", "inputs": {"eventType": "Rolled", "payload": {"side": "node:roll:item"}}}],
   "flow": [{"from": "start", "to": "roll"}, {"from": "roll", "to": "keep"}, {"from": "keep", "to": "add"}, {"from": "add", "to": "list"},
            {"from": "list", "to": "normal"}, {"from": "normal", "to": "grow"}, {"from": "grow", "to": "tell"}]},
  {"name": "Risk", "event": "Risk", "nodes": [
    {"id": "die", "type": "RollDice", "inputs": {"count": 1, "sides": 4, "stream": "risk"}},
    {"id": "isOne", "type": "Compare", "inputs": {"left": "node:die:result", "op": "==", "right": 1}},
    {"id": "ifOne", "type": "If", "inputs": {"condition": "node:isOne:result"}},
    {"id": "fail", "type": "Fail", "inputs": {"message": "a one"}},
    {"id": "note", "type": "SetField", "inputs": {"path": "Note", "value": "fine"}}],
   "flow": [{"from": "start", "to": "die"}, {"from": "die", "to": "ifOne"}, {"from": "ifOne", "to": "fail", "label": "true"},
            {"from": "ifOne", "to": "note", "label": "false"}]}]}"#;

const FAIR: &str = "[1, 1, 1, 1, 1, 1]";
const LOADED: &str = "[1, 1, 1, 1, 1, 1.5]";

fn plan(weights: &str, script_text: &str, runs: u64, threads: usize) -> (Plan, Setting) {
    let text = |name: &str, text: &str| Text::whole(&Arc::new(Source::inline(name, text)));
    let loaded = Loaded::from_texts(text("graph", &GRAPH.replace("WEIGHTS", weights)), text("schema", SCHEMA), false);
    assert!(!loaded.has_errors(), "{:?}", loaded.findings);
    let program = loaded.program(Backend::Interpreter).expect("it is there").expect("it has no errors");
    let beginning = Beginning::new(&loaded, program, &Setup::default(), None).expect("a beginning");
    let (mut script, diagnostics) = script::read(&Source::inline("script", script_text));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    script.complete(&loaded).expect("it can be measured");
    let plan = Plan {
        beginning,
        steps: script.steps,
        metrics: script.metrics,
        over: script.over,
        runs,
        seed_from: 1000,
        threads,
    };
    let setting = Setting {
        document: "die.json".to_owned(),
        backend: "interpreter".to_owned(),
        replay: "statewright run die.json --script s.json".to_owned(),
        wanted: Wanted::default(),
        expect: script.expect,
    };
    (plan, setting)
}

fn reported(weights: &str, script: &str, runs: u64) -> Report {
    let (plan, setting) = plan(weights, script, runs, 2);
    let runs = play(&plan, &Control::default()).expect("they run");
    report(&plan, &runs, setting)
}

const ODDS: &str = r#"{"steps": [{"event": "Roll"}], "expect": [
    {"metric": "Last", "odds": {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1}},
    {"metric": "event:Rolled.side", "distribution": {"whole": {"min": 1, "max": 6}}},
    {"metric": "Height", "distribution": {"normal": {"mean": 1.8, "deviation": 0.1}}}]}"#;

fn verdicts(report: &Report) -> Vec<Verdict> {
    report.checks.iter().map(|check| check.fit.verdict).collect()
}

#[test]
fn a_fair_die_is_fair_and_a_loaded_one_is_not() {
    let fair = reported(FAIR, ODDS, 3000);
    assert_eq!(verdicts(&fair), [Verdict::Fits; 3], "{}", text::text(&fair));
    assert!(fair.is_as_expected());
    let loaded = reported(LOADED, ODDS, 3000);
    assert_eq!(verdicts(&loaded), [Verdict::Rejected, Verdict::Rejected, Verdict::Fits], "{}", text::text(&loaded));
    assert!(!loaded.is_as_expected());
}

#[test]
fn another_distribution_is_rejected() {
    let other = r#"{"steps": [{"event": "Roll"}], "expect": [
        {"metric": "Height", "distribution": {"normal": {"mean": 1.8, "deviation": 0.13}}},
        {"metric": "Height", "distribution": {"uniform": {"min": 1.4, "max": 2.2}}},
        {"metric": "Last", "distribution": {"poisson": {"mean": 3.5}}},
        {"metric": "Last", "odds": {"1": 0.5, "2": 0.5}},
        {"metric": "Note", "distribution": {"normal": {"mean": 0, "deviation": 1}}}]}"#;
    let report = reported(FAIR, other, 3000);
    assert_eq!(verdicts(&report), [Verdict::Rejected; 5], "{}", text::text(&report));
}

#[test]
fn the_mean_of_a_die_lies_where_it_must() {
    let report = reported(
        FAIR,
        r#"{"steps": [{"event": "Roll"}, {"event": "Roll"}], "metrics": ["Sum"], "over": ["Sum"]}"#,
        3000,
    );
    let numbers = report.summaries.first().and_then(|summary| summary.numbers.as_ref()).expect("numbers");
    // Two dice: mean 7, variance 35/6; five standard errors either way.
    assert!((numbers.mean - 7.0).abs() < 5.0 * (35.0f64 / 6.0 / 3000.0).sqrt(), "{}", numbers.mean);
    assert!((numbers.deviation - (35.0f64 / 6.0).sqrt()).abs() < 0.2, "{}", numbers.deviation);
    assert_eq!((numbers.min(), numbers.max(), numbers.count), (2.0, 12.0, 3000));
    let moments = &report.courses.first().expect("a course").moments;
    let means: Vec<f64> = moments.iter().map(|moment| moment.as_ref().map_or(-1.0, |moment| moment.mean)).collect();
    let [none, one, two] = means.as_slice() else { panic!("{means:?}") };
    assert!(*none == 0.0 && (one - 3.5).abs() < 0.2 && (two - numbers.mean).abs() < 1e-9, "{means:?}");
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let script = r#"{"steps": [{"event": "Roll"}, {"event": "Risk"}], "metrics": ["Sum", "Note", "run:error", "run:fuel", "event:Rolled", "Rolls[0]"],
        "over": ["Height"], "expect": [{"metric": "Height", "distribution": {"normal": {"mean": 1.8, "deviation": 0.1}}}]}"#;
    let all = [1, 2, 5].map(|threads| {
        let (plan, setting) = plan(FAIR, script, 500, threads);
        let runs = play(&plan, &Control::default()).expect("they run");
        let csv = value::csv(&plan, &runs);
        let report = report(&plan, &runs, setting);
        (json::to_pretty(&value::value(&report)), text::text(&report), plot::svg(&report), csv)
    });
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
}

#[test]
fn runs_that_fail_are_counted_by_code_with_their_seeds() {
    let script = r#"{"steps": [{"event": "Roll"}, {"event": "Risk"}], "metrics": ["run:error", "Note", "run:errors"]}"#;
    let report = reported(FAIR, script, 1000);
    let [failures] = report.failures.as_slice() else { panic!("{:?}", report.failures) };
    assert_eq!((failures.code, failures.step, &*failures.message), (TrapCode::Custom, 1, "a one"));
    assert_eq!((failures.node.as_deref(), failures.seeds.len()), (Some("fail"), 5));
    // A quarter of them, five standard errors either way.
    assert!((report.failed as f64 - 250.0).abs() < 5.0 * (1000.0f64 * 0.25 * 0.75).sqrt(), "{}", report.failed);
    assert_eq!((report.failed, report.done), (failures.runs, 1000));
    let rows = |metric: usize| {
        let table = report.summaries.get(metric).and_then(|summary| summary.table.clone()).expect("a table");
        table.counts
    };
    assert_eq!(rows(0), [(Arc::from("custom"), report.failed), (Arc::from("none"), 1000 - report.failed)]);
    // What failed is undone, and measured all the same.
    assert_eq!(rows(1), [(Arc::from(""), report.failed), (Arc::from("fine"), 1000 - report.failed)]);
    assert_eq!(rows(2), [(Arc::from("0"), 1000 - report.failed), (Arc::from("1"), report.failed)]);
    // The seeds that are named fail by themselves.
    let (plan, _) = plan(FAIR, script, 1, 1);
    let error = |seed: u64| {
        let session = plan.beginning.session(seed).expect("a session");
        timeline(session, &plan.steps, &plan.metrics).last().and_then(|moment| moment.error)
    };
    assert!(failures.seeds.iter().all(|seed| error(*seed) == Some(TrapCode::Custom)), "{:?}", failures.seeds);
}

#[test]
fn what_is_not_there_is_counted_and_misspelt_events_are_noted() {
    let report = reported(
        FAIR,
        r#"{"steps": [{"event": "Roll"}], "metrics": ["Rolls[1]", "event:Roled", "event:Rolled.sides", "Rolls[0]"]}"#,
        40,
    );
    let [second, event, field, first] = report.summaries.as_slice() else { panic!("{:?}", report.summaries) };
    let missing = second.missing.as_ref().expect("nothing is there");
    assert_eq!((missing.runs, missing.seeds.first(), second.count), (40, Some(&1000), 0));
    assert!(missing.why.contains("has 1 elements"), "{}", missing.why);
    assert_eq!(event.numbers.as_ref().map(|numbers| numbers.max()), Some(0.0));
    assert!(report.notes.iter().any(|note| note.contains("did you mean `Rolled`?")), "{:?}", report.notes);
    assert_eq!(field.missing.as_ref().map(|missing| missing.runs), Some(40));
    assert!(first.missing.is_none() && first.count == 40);
}

#[test]
fn metrics_that_cannot_be_there_are_refused_with_a_suggestion() {
    let text = |name: &str, text: &str| Text::whole(&Arc::new(Source::inline(name, text)));
    let loaded = Loaded::from_texts(text("graph", &GRAPH.replace("WEIGHTS", FAIR)), text("schema", SCHEMA), false);
    let (schema, main_root) = (loaded.schema.expect("a schema"), loaded.main_root.expect("a root"));
    let refused =
        |path: &str| Metric::parse(path).expect("a metric").check(&schema, main_root).expect_err("it is refused");
    assert!(refused("Hight").contains("did you mean `Height`?"));
    assert!(refused("Sum.x").contains("has no fields"));
    assert!(refused("Rolls").contains(".length"));
    assert!(refused("Table").contains("one of its fields"));
    assert!(refused("Sum[0]").contains("brackets"));
    for fine in ["Rolls.length", "Rolls[7]", "Table.Sum", "Note.length", "effective:Sum", "event:Anything"] {
        assert_eq!(Metric::parse(fine).expect("a metric").check(&schema, main_root), Ok(()), "{fine}");
    }
}

#[test]
fn everything_is_measured_once_and_if_nothing_is_asked_for_the_error() {
    let metrics = |script: &str| {
        let (plan, _) = plan(FAIR, script, 1, 1);
        plan.metrics.iter().map(|metric| metric.text.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(metrics(r#"[{"event": "Roll"}]"#), ["run:error"]);
    assert_eq!(metrics(r#"{"steps": [], "over": ["Sum", "Sum"]}"#), Vec::<String>::new());
    let twice = r#"{"steps": [], "metrics": ["Sum", "Last", "Sum"], "expect": [{"metric": "Last", "odds": {"1": 1}}]}"#;
    assert_eq!(metrics(twice), ["Sum", "Last"]);
}

#[test]
fn plans_that_make_no_sense_are_refused() {
    let refused = |change: &dyn Fn(&mut Plan)| {
        let (mut plan, _) = plan(FAIR, r#"{"steps": [{"event": "Roll"}], "over": ["Sum"]}"#, 10, 1);
        change(&mut plan);
        match play(&plan, &Control::default()) {
            Err(Refused::Plan(what)) => what,
            other => panic!("{other:?}"),
        }
    };
    assert!(refused(&|plan| plan.runs = 0).contains("from 1 to 10000000, not 0"));
    assert!(refused(&|plan| plan.runs = 10_000_001).contains("from 1 to"));
    assert!(refused(&|plan| plan.seed_from = u64::MAX).contains("begin lower"));
    assert!(refused(&|plan| plan.steps.clear()).contains("no steps"));
    // Of ten million runs two moments are the twenty million values that are kept; a third is too much.
    let twice = |plan: &mut Plan| {
        plan.runs = 10_000_000;
        plan.steps.extend(plan.steps.clone());
    };
    assert!(refused(&twice).contains("too many to keep"));
}

#[test]
fn what_was_cancelled_reports_what_ran() {
    let (plan, setting) = plan(FAIR, ODDS, 1000, 2);
    let control = Control::default();
    control.cancel();
    let runs = play(&plan, &control).expect("they run");
    let report = report(&plan, &runs, setting);
    assert_eq!((report.done, report.planned), (0, 1000));
    assert!(report.notes.iter().any(|note| note.contains("after 0 of 1000")), "{:?}", report.notes);
    assert_eq!(verdicts(&report), [Verdict::Undecided; 3]);
    assert!(!report.is_as_expected());
    // Nothing of it is in the way of a picture.
    assert!(plot::svg(&report).ends_with("</svg>\n") && !plot::svg(&report).contains("NaN"));
}

#[test]
fn a_timeline_is_the_run_of_that_seed() {
    let (plan, _) = plan(
        FAIR,
        r#"{"steps": [{"event": "Roll"}, {"advance": 70}, {"event": "Roll"}], "metrics": ["Sum", "Rolls[1]", "run:fuel"]}"#,
        1,
        1,
    );
    let session = plan.beginning.session(1000).expect("a session");
    let moments = timeline(session, &plan.steps, &plan.metrics);
    assert_eq!(moments.iter().map(|moment| moment.now_ms).collect::<Vec<_>>(), [0, 0, 70, 70]);
    let runs = play(&plan, &Control::default()).expect("they run");
    let last = moments.last().expect("moments");
    let observed = |column: usize| {
        runs.columns.get(column).and_then(|column| column.observed.first()).map(|(_, found)| found.clone())
    };
    assert_eq!(last.values, [observed(0), observed(1), None]);
    assert!(matches!(
        moments.first().map(|moment| moment.values.as_slice()),
        Some([Some(Observed::Int(0)), None, None])
    ));
    assert_eq!(moments.iter().map(|moment| moment.events.len()).collect::<Vec<_>>(), [0, 1, 0, 1]);
}

#[test]
fn plots_are_well_formed_and_escape_what_they_name() {
    let script = r#"{"steps": [{"event": "Roll"}, {"event": "Risk"}], "metrics": ["Note", "Height"], "over": ["Sum"],
        "expect": [{"metric": "Last", "odds": {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1, "<&>": 0}}]}"#;
    let svg = plot::svg(&reported(FAIR, script, 200));
    for (open, close) in [("<svg", "</svg>"), ("<text", "</text>"), ("<style", "</style>")] {
        assert_eq!(svg.matches(open).count(), svg.matches(close).count(), "{open}");
    }
    assert!(svg.contains("prefers-color-scheme:dark") && svg.contains("&lt;&amp;&gt;"));
    assert!(!svg.contains("NaN") && !svg.contains("inf\""));
    assert_eq!(svg.matches("class=\"band\"").count(), 1);
    assert_eq!(
        svg.matches("class=\"expected\"").count(),
        7 + 1,
        "one for each value that was declared, and the legend"
    );
}

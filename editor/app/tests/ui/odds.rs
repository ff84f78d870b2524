//! Odds: a die is thrown over many seeds, from the panel.

use std::sync::Arc;

use egui_kittest::kittest::Queryable;
use statewright_editor::panels::run::session;
use statewright_editor::panels::{Panel, odds};
use statewright_editor::todo::Todo;
use statewright_editor_core::command::Command;
use statewright_harness::simulate::Verdict;
use statewright_types::Value;

use crate::window::Window;

const SCHEMA: &str = "package dice\n@root(active)\ntype Table {\n    Sum int64\n}\n";

/// A die of six sides.
const DICE: &str = r#"{
  "stateType": "Table",
  "handlers": [
    {
      "name": "Roll",
      "event": "Roll",
      "nodes": [
        {"id": "dice", "type": "RollDice", "inputs": {"count": 1, "sides": 6}},
        {"id": "add", "type": "Increment", "inputs": {"path": "Sum", "by": "node:dice:result"}},
        {"id": "tell", "type": "EmitToAll", "inputs": {"eventType": "Rolled", "payload": {"value": "node:dice:result"}}}
      ],
      "flow": [{"from": "start", "to": "add"}, {"from": "add", "to": "tell"}]
    }
  ]
}
"#;

const SCRIPT: &str = r#"{"steps": [{"event": "Roll"}, {"event": "Roll"}, {"advance": 250}],
  "over": ["Sum"],
  "expect": [{"metric": "event:Rolled.value", "odds": {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1}}]}"#;

fn open(name: &str, document: &str) -> Window {
    let files = [("dice.json", document), ("dice.schema", SCHEMA), ("fair.json", SCRIPT)];
    let mut window = Window::with(name, &files, &["dice.json"]);
    window.harness.set_size(egui::vec2(1600.0, 1400.0));
    window.work(Todo::Panel(Panel::Odds));
    window
}

/// Presses Simulate, and waits for what comes of it.
fn simulate(window: &mut Window) {
    window.click("Simulate");
    odds::wait(window.editor());
    window.settle();
}

fn form(window: &mut Window) -> &mut odds::form::State {
    let document = window.editor().active().map(|(document, _)| document.id).unwrap();
    window.editor().panels.odds.form(document).unwrap()
}

#[test]
fn a_script_of_the_folder_is_played_for_every_seed() {
    let mut window = open("odds_run", DICE);
    assert!(form(&mut window).file.as_ref().is_some_and(|path| path.ends_with("fair.json")));
    form(&mut window).runs = 3_000;
    form(&mut window).seed_from = 50;
    simulate(&mut window);
    let outcome = window.editor().panels.odds.outcome().unwrap();
    let report = &outcome.report;
    assert_eq!((report.done, report.planned, report.seed_from, report.failed), (3_000, 3_000, 50, 0));
    assert_eq!(outcome.runs.columns[0].observed.len(), 6_000);
    let numbers = report.summaries[0].numbers.as_ref().unwrap();
    assert_eq!((numbers.min(), numbers.max()), (1.0, 6.0));
    // The mean of a die is 3.5, its deviation 1.7; the one of 6,000 throws is off by more than 0.12 once in ten million times.
    assert!((numbers.mean - 3.5).abs() < 0.12, "{}", numbers.mean);
    assert_eq!(report.checks[0].fit.verdict, Verdict::Fits);
    // Before the first step, and after each of the three.
    let moments = &report.courses[0].moments;
    assert_eq!(moments.len(), 4);
    assert_eq!(moments[0].as_ref().map(|moment| moment.mean), Some(0.0));
    assert_eq!(moments[2], moments[3]);
    // Both plots and the verdict are there for whoever does not see them.
    window.harness.get_by_label("Plot of event:Rolled.value: 6 bars");
    window.harness.get_by_label("Plot of Sum over 4 moments");
    assert!(window.harness.query_by_label_contains("Nothing speaks against the declared odds").is_some());
}

#[test]
fn what_is_not_saved_is_simulated_and_a_loaded_die_is_rejected() {
    let mut window = open("odds_loaded", DICE);
    simulate(&mut window);
    assert_eq!(window.editor().panels.odds.outcome().unwrap().report.checks[0].fit.verdict, Verdict::Fits);
    let graph = window.editor().active().map(|(_, graph)| graph).unwrap();
    let five =
        Command::SetInput { graph, nodes: vec!["dice".into()], port: "sides".into(), value: Some(Value::Int(5)) };
    window.work(Todo::Run(five, None));
    assert!(window.file("dice.json").contains("\"sides\": 6") && window.text().contains("\"sides\": 5"));
    assert!(window.harness.query_by_label("The document has changed since these runs.").is_some());
    simulate(&mut window);
    let report = &window.editor().panels.odds.outcome().unwrap().report;
    assert_eq!(report.checks[0].fit.verdict, Verdict::Rejected);
    assert!(report.checks[0].fit.p.is_some_and(|p| p < 0.01));
    assert_eq!(report.summaries[0].numbers.as_ref().unwrap().max(), 5.0);
    assert!(window.harness.query_by_label_contains("These are not the declared odds").is_some());
    assert!(window.harness.query_by_label("The document has changed since these runs.").is_none());
}

#[test]
fn cancelled_runs_are_shown_as_far_as_they_came() {
    let mut window = open("odds_cancel", DICE);
    form(&mut window).runs = 4_000_000;
    window.click("Simulate");
    let mut done = 0;
    while done == 0 {
        done = window.editor().panels.odds.working().expect("they go on").done();
        std::thread::yield_now();
    }
    window.click("Cancel");
    odds::wait(window.editor());
    window.settle();
    let outcome = window.editor().panels.odds.outcome().unwrap();
    let (ran, planned) = (outcome.report.done, outcome.report.planned);
    assert!(ran >= done && ran < planned, "{ran} of {planned}");
    assert_eq!(outcome.runs.ran.len() as u64, ran);
    assert_eq!(outcome.report.summaries[0].count, 2 * ran);
    assert!(window.harness.query_by_label(&format!("it was stopped after {ran} of {planned} runs")).is_some());
    // The next runs are not held up by it.
    form(&mut window).runs = 10;
    simulate(&mut window);
    assert_eq!(window.editor().panels.odds.outcome().unwrap().report.done, 10);
}

#[test]
fn a_seed_is_opened_in_the_timeline() {
    let mut window = open("odds_seed", DICE);
    form(&mut window).metrics = vec![odds::form::Measured {
        metric: statewright_harness::simulate::Metric::parse("Sum").unwrap(),
        is_over: false,
    }];
    form(&mut window).runs = 200;
    form(&mut window).seed_from = 7;
    simulate(&mut window);
    window.choose("Show Sum");
    let report = &window.editor().panels.odds.outcome().unwrap().report;
    let summary = report.summaries.iter().find(|summary| &*summary.metric == "Sum").unwrap();
    let highest = summary.numbers.as_ref().unwrap().highest[0].clone();
    assert_eq!(highest.value, 12.0);
    // The least first seed of a row of the table stands for that row alone.
    let twelve = summary.table.as_ref().unwrap().rows.iter().find(|row| &*row.label == "12").unwrap();
    assert_eq!(twelve.seed, highest.seed);
    window.choose(&format!("Open seed {}: highest", highest.seed));
    session::wait(window.editor());
    window.settle();
    let panels = &mut window.editor().panels;
    assert_eq!(panels.bottom, Some(Panel::Timeline));
    let session = panels.run.session.as_mut().unwrap();
    assert_eq!(session.live.setting().setup.seed, highest.seed);
    assert_eq!(session.live.timeline.as_ref().unwrap().moments().len(), 3);
    let state = session.state_at(usize::MAX).unwrap();
    let sum = state.get("Sum").or_else(|| state.get("Table").and_then(|table| table.get("Sum")));
    assert_eq!(sum, Some(&Value::Int(12)), "{state:?}");
}

#[test]
fn a_seed_is_debugged_in_one_click() {
    let mut window = open("odds_debug", DICE);
    form(&mut window).runs = 50;
    simulate(&mut window);
    let report = &window.editor().panels.odds.outcome().unwrap().report;
    let highest = report.summaries[0].numbers.as_ref().unwrap().highest[0].clone();
    window.choose(&format!("Debug seed {}: highest", highest.seed));
    session::wait(window.editor());
    window.settle();
    let panels = &mut window.editor().panels;
    assert_eq!(panels.bottom, Some(Panel::Run));
    let live = &panels.run.session.as_ref().unwrap().live;
    assert_eq!(live.setting().setup.seed, highest.seed);
    assert!(live.client.stopped().is_some_and(|stopped| stopped.step == 1));
}

#[test]
fn confidence_and_quantiles_are_asked_for() {
    let mut window = open("odds_wanted", DICE);
    form(&mut window).runs = 400;
    simulate(&mut window);
    let numbers = |window: &mut Window| {
        let report = &window.editor().panels.odds.outcome().unwrap().report;
        report.summaries[0].numbers.as_ref().unwrap().clone()
    };
    let width = |window: &mut Window| numbers(window).mean_interval.map(|(low, high)| high - low).unwrap();
    let usual = width(&mut window);
    window.write("Confidence", "99.9");
    window.write("Quantiles", "99, 12.5");
    assert_eq!(form(&mut window).quantiles, [0.99, 0.125]);
    simulate(&mut window);
    // 3.29 deviations instead of 1.96.
    let ratio = width(&mut window) / usual;
    assert!((ratio - 3.29 / 1.96).abs() < 0.03, "{ratio}");
    assert!(numbers(&mut window).quantiles.iter().any(|quantile| quantile.part == 0.125));
    assert!(window.harness.query_by_label_contains("with 99.9 % confidence").is_some());
}

#[test]
fn what_is_simulated_is_remembered_of_each_document() {
    let mut window = open("odds_remembered", DICE);
    window.enter("Metric", "Sum");
    window.choose("Measure");
    form(&mut window).runs = 77;
    form(&mut window).confidence = 0.9;
    window.settle();
    let settings = window.editor().settings.to_json();
    let folder = window.folder().to_owned();
    let mut again = Window::on(folder, &[], statewright_editor::Host::without_traces());
    again.editor().settings = statewright_editor_core::settings::Settings::from_json(&settings).0;
    let path = again.folder().join("dice.json");
    again.work(Todo::Open(path));
    again.work(Todo::Panel(Panel::Odds));
    let form = form(&mut again);
    assert_eq!((form.runs, form.confidence, &*form.metrics[0].metric.text), (77, 0.9, "Sum"));
}

#[test]
fn declared_odds_are_edited_and_saved_in_the_script() {
    let mut window = open("odds_declared", DICE);
    window.write("Chances of declared odds 1", "1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 5");
    form(&mut window).runs = 600;
    simulate(&mut window);
    assert_eq!(window.editor().panels.odds.outcome().unwrap().report.checks[0].fit.verdict, Verdict::Rejected);
    assert_eq!(window.file("fair.json"), SCRIPT, "not saved yet");
    // What cannot be is told, and the script stays as it is.
    window.write("Chances of declared odds 1", "1: x");
    assert!(window.harness.query_by_label_contains("`x` is no number").is_some());
    window.write("Chances of declared odds 1", "1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1");
    window.choose("Declare odds");
    window.write("Metric of declared odds 2", "event:Rolled.value");
    window.choose("Save script");
    assert!(window.file("fair.json").contains("true"), "{}", window.file("fair.json"));
    window.choose("Remove declared odds 2");
    window.choose("Save script");
    simulate(&mut window);
    let report = &window.editor().panels.odds.outcome().unwrap().report;
    assert_eq!((report.checks.len(), report.checks[0].fit.verdict), (1, Verdict::Fits));
    let saved = window.file("fair.json");
    assert!(saved.contains("\"over\": [\"Sum\"]") && saved.contains("\"6\": 1"), "{saved}");
}

#[test]
fn metrics_are_picked_and_mistakes_are_told() {
    let mut window = open("odds_metrics", DICE);
    window.enter("Metric", "event:R");
    window.choose("Complete to event:Rolled");
    window.choose("Measure");
    window.write("Metric", "Summ");
    assert!(window.harness.query_by_label_contains("`Sum`").is_some(), "the name that was meant is told");
    let texts = |window: &mut Window| {
        form(window).metrics.iter().map(|measured| measured.metric.text.clone()).collect::<Vec<Arc<str>>>()
    };
    assert_eq!(texts(&mut window), ["event:Rolled".into()]);
    form(&mut window).runs = 20;
    simulate(&mut window);
    let report = &window.editor().panels.odds.outcome().unwrap().report;
    let rolled = report.summaries.iter().find(|summary| &*summary.metric == "event:Rolled").unwrap();
    assert_eq!(rolled.numbers.as_ref().map(|numbers| (numbers.min(), numbers.max())), Some((2.0, 2.0)));
    window.choose("Remove event:Rolled");
    assert!(texts(&mut window).is_empty());
}

#[test]
fn a_script_is_written_in_the_panel() {
    let mut window = open("odds_text", DICE);
    window.choose("Edit a copy here");
    assert_eq!(form(&mut window).text, SCRIPT);
    form(&mut window).text = "{\"steps\": [{\"event\": \"Roll\"}], \"metrix\": []}".to_owned();
    form(&mut window).runs = 10;
    window.settle();
    assert!(window.harness.query_by_label_contains("`metrix`").is_some());
    simulate(&mut window);
    assert!(window.editor().panels.odds.outcome().is_none());
    let problems = window.editor().panels.odds.problems().join(" ");
    assert!(problems.contains("metrix") && problems.contains("line 1"), "{problems}");
    form(&mut window).text = "{\"steps\": [{\"event\": \"Roll\"}], \"metrics\": [\"Sum\"]}".to_owned();
    simulate(&mut window);
    let outcome = window.editor().panels.odds.outcome().unwrap();
    assert_eq!(outcome.report.summaries[0].count, 10);
    assert!(window.editor().panels.odds.problems().is_empty());
}

#[test]
fn results_are_saved_as_files() {
    let mut window = open("odds_save", DICE);
    form(&mut window).runs = 25;
    simulate(&mut window);
    window.enter("Folder for results", "out");
    window.choose("Save results");
    assert_eq!(window.file("out/runs.csv").lines().count(), 26);
    assert!(
        window.file("out/report.json").parse::<Value>().is_ok_and(|report| report.get("done") == Some(&Value::Int(25)))
    );
    assert!(window.file("out/plots.svg").starts_with("<svg"));
    assert!(window.file("out/report.txt").contains("25 of 25 runs"));
    assert_eq!(window.file("out/script.json"), SCRIPT);
}

#[test]
fn a_distribution_is_declared_and_tested_by_kolmogorov_and_smirnov() {
    let mut window = open("odds_law", DICE);
    window.choose("Kind of declared odds 1");
    window.choose("uniform");
    window.write("max of declared odds 1", "6.5");
    form(&mut window).runs = 500;
    simulate(&mut window);
    let check = &window.editor().panels.odds.outcome().unwrap().report.checks[0];
    assert!(format!("{:?}", check.expectation.odds).contains("6.5"), "{check:?}");
    // A die has no numbers between one and two.
    assert_eq!((check.fit.test, check.fit.verdict), ("kolmogorov-smirnov", Verdict::Rejected));
    window.choose("Save script");
    assert!(window.file("fair.json").contains("\"uniform\""), "{}", window.file("fair.json"));
}

//! Each kind of expectation passes when it should, and fails when it should.

mod support;

use expect_test::{Expect, expect};
use statewright_harness::project::Backend;
use statewright_harness::testing::{Filter, Options, Summary, junit, run_paths};
use support::Folder;

const SCHEMA: &str = r#"{"package": "t", "types": [
  {"name": "Player", "role": "helper", "fields": [
    {"name": "ID", "type": "string"}, {"name": "Score", "type": "int64"},
    {"name": "Hand", "type": "[]int32", "views": ["owner"]}]},
  {"name": "Game", "role": "root", "defaultState": "active", "fields": [
    {"name": "Round", "type": "int32", "defaultValue": 1}, {"name": "Ratio", "type": "float64", "defaultSource": "config", "defaultValue": "Game.Ratio"},
    {"name": "Players", "type": "[]Player", "key": "ID"}, {"name": "Secret", "type": "int64", "views": ["admin"]}]}]}"#;

const GRAPH: &str = r#"{"handlers": [
  {"name": "OnScore", "event": "Score", "parameters": [{"name": "id", "type": "string"}, {"name": "by", "type": "int64"}],
   "nodes": [
     {"id": "add", "type": "Increment", "inputs": {"path": "Players[param:id:ID].Score", "by": "param:by"}},
     {"id": "half", "type": "SetField", "inputs": {"path": "Ratio", "value": 2.5}},
     {"id": "tell", "type": "EmitToAll", "inputs": {"eventType": "Scored", "payload": {"id": "param:id", "score": "node:add:value"}}},
     {"id": "whisper", "type": "EmitToPlayer", "inputs": {"playerID": "param:id", "eventType": "Yours"}}],
   "flow": [{"from": "start", "to": "add"}, {"from": "add", "to": "half"}, {"from": "half", "to": "tell"}, {"from": "tell", "to": "whisper"}]},
  {"name": "OnLater", "event": "Later", "parameters": [],
   "nodes": [
     {"id": "wait", "type": "Wait", "inputs": {"duration": 100}},
     {"id": "round", "type": "Increment", "inputs": {"path": "Round"}}],
   "flow": [{"from": "start", "to": "wait"}, {"from": "wait", "to": "round"}]},
  {"name": "OnRoll", "event": "Roll", "parameters": [],
   "nodes": [
     {"id": "roll", "type": "RandomInt", "inputs": {"min": 1, "max": 1000000}},
     {"id": "tell", "type": "EmitToAll", "inputs": {"eventType": "Rolled", "payload": {"dice": "node:roll:result"}}}],
   "flow": [{"from": "start", "to": "tell"}]}]}"#;

fn run_text(text: &str, options: &Options) -> (Summary, String) {
    let folder = Folder::new();
    let path = folder.put("x.test.json", text);
    let summary = run_paths(std::slice::from_ref(&path), options);
    (summary, std::fs::read_to_string(path).unwrap_or_default())
}

fn file(tests: &str) -> String {
    format!("{{\"graph\": {GRAPH}, \"schema\": {SCHEMA}, \"tests\": [{tests}]}}")
}

/// Runs tests, given without the graph; prints each as `ok`, or what was expected and found.
fn check(tests: &str, expected: Expect) {
    let (summary, _) = run_text(&file(tests), &Options::default());
    let mut lines: Vec<String> = summary.faults.clone();
    lines.extend(summary.findings.iter().map(|finding| finding.diagnostic.message.clone()));
    for outcome in &summary.outcomes {
        if outcome.passed() {
            lines.push("ok".to_owned());
        }
        for failure in &outcome.failures {
            lines.push(format!("{}: {}", failure.at, failure.what));
            for difference in &failure.differences {
                lines.push(format!("  {}: {} / {}", difference.at, difference.expected, difference.found));
            }
            lines.extend(failure.notes.iter().map(|note| format!("  note: {note}")));
        }
        lines.extend(outcome.findings.iter().map(|finding| format!("  {}", finding.diagnostic.message)));
    }
    expected.assert_eq(&lines.join("\n"));
}

/// One step, `Score` by three for ann, with `expect`.
fn scored(expect: &str) -> String {
    format!(
        r#"{{"name": "t", "players": ["ann", "bob"], "state": {{"Secret": 42, "Players": [{{"ID": "ann", "Score": 1, "Hand": [4]}}, {{"ID": "bob"}}]}},
        "steps": [{{"event": "Score", "sender": "ann", "params": {{"id": "ann", "by": 3}}, "expect": {expect}}}]}}"#
    )
}

#[test]
fn state_by_path() {
    check(
        &scored(r#"{"state": {"Players[\"ann\":ID].Score": 4, "Ratio": 2.5, "Players.length": 2, "Game.Round": 1}}"#),
        expect!["ok"],
    );
    check(
        &scored(
            r#"{"state": {"Players[0].Score": 5, "Ratio": 2, "Players[0]": {"ID": "ann", "Score": 4, "Hand": []}, "Playrs": 1}}"#,
        ),
        expect![[r#"
            step 1: state Players[0].Score
              : 5 / 4
            step 1: state Ratio
              : 2 / 2.5
            step 1: state Players[0]
              .Hand[0]: nothing / 4
            step 1: state Playrs
              : 1 / no such place: `Game` has no field `Playrs`; did you mean `Players`?"#]],
    );
    check(
        &scored(r#"{"effective": {"Round": 2}}"#),
        expect![[r#"
        step 1: effective Round
          : 2 / 1"#]],
    );
}

#[test]
fn the_whole_state() {
    let whole = r#"{"Round": 1, "Ratio": 2.5, "Secret": 42,
        "Players": [{"ID": "ann", "Score": 4, "Hand": [4]}, {"ID": "bob", "Score": 0, "Hand": []}]}"#;
    check(&scored(&format!("{{\"full_state\": {whole}}}")), expect!["ok"]);
    check(
        &scored(r#"{"full_state": {"Round": 1, "Players": [], "Secret": 42}}"#),
        expect![[r#"
        step 1: full_state
          .Players[0]: nothing / {"ID":"ann","Score":4,"Hand":[4]}
          .Players[1]: nothing / {"ID":"bob","Score":0,"Hand":[]}
          .Ratio: nothing / 2.5"#]],
    );
}

#[test]
fn events_are_complete_and_in_order_by_the_keys_given() {
    let events = r#"{"events": [{"type": "Scored", "to": "all", "payload": {"score": 4, "id": "ann"}}, {"to": ["ann"], "payload": {}}]}"#;
    check(&scored(events), expect!["ok"]);
    check(
        &scored(r#"{"events": [{"type": "Scored"}]}"#),
        expect![[r#"
        step 1: events
          [1]: nothing / {"type":"Yours","to":["ann"],"payload":{}}"#]],
    );
    check(
        &scored(r#"{"events": [{"type": "Yours"}, {"type": "Scored", "to": {"except": "ann"}}, {}]}"#),
        expect![[r#"
        step 1: events
          [0].type: "Yours" / "Scored"
          [1].type: "Scored" / "Yours"
          [1].to: {"except":"ann"} / ["ann"]
          [2]: {} / nothing"#]],
    );
    check(
        &scored(r#"{"events": []}"#),
        expect![[r#"
        step 1: events
          [0]: nothing / {"type":"Scored","to":"all","payload":{"id":"ann","score":4}}
          [1]: nothing / {"type":"Yours","to":["ann"],"payload":{}}"#]],
    );
}

#[test]
fn errors_fuel_and_waiting() {
    check(&scored(r#"{"error": null, "fuel": 4, "waiting": 0}"#), expect!["ok"]);
    check(
        &scored(r#"{"error": "not_found", "fuel": 3, "waiting": 1}"#),
        expect![[r#"
        step 1: error
          : not_found / no error
        step 1: fuel
          : 3 / 4
        step 1: waiting
          : 1 / 0"#]],
    );
    let missing = |expect: &str| {
        format!(
            r#"{{"name": "t", "steps": [{{"event": "Score", "params": {{"id": "eve", "by": 1}}, "expect": {expect}}}]}}"#
        )
    };
    check(&missing(r#"{"error": "not_found", "events": []}"#), expect!["ok"]);
    check(
        &missing(r#"{"error": null}"#),
        expect![[r#"
        step 1: error
          : no error / not_found at node add: No element, entry or field of that key exists."#]],
    );
    check(
        &missing(r#"{"state": {"Ratio": 2.5}}"#),
        expect![[r#"
        step 1: state Ratio
          : 2.5 / 0.0
          note: the event failed with not_found at node add: No element, entry or field of that key exists."#]],
    );
}

#[test]
fn views_tell_hidden_from_null() {
    let view = r#"{"view": {"ann": {"Players[0].Hand": [4], "Players[1].Hand": {"hidden": true}, "Secret": null},
        "bob": {"Players[0].Hand": {"hidden": true}, "Players[0].Hand[0]": {"hidden": true}, "Players[0].Score": 4}}}"#;
    check(&scored(view), expect!["ok"]);
    let wrong =
        r#"{"view": {"ann": {"Players[0].Hand": {"hidden": true}, "Secret": 42, "Players[9].ID": {"hidden": true}}}}"#;
    check(
        &scored(wrong),
        expect![[r#"
        step 1: view of ann: Players[0].Hand
          : hidden / [4]
        step 1: view of ann: Secret
          : 42 / hidden
        step 1: view of ann: Players[9].ID
          : {"hidden":true} / no such place: `Players` has 2 elements, so there is no [9]"#]],
    );
    let granted = r#"{"name": "t", "state": {"Secret": 42}, "grants": {"ann": ["admin"]}, "expect": {"view": {"ann": {"Secret": 42}, "bob": {"Secret": {"hidden": true}}}}}"#;
    check(granted, expect!["ok"]);
}

#[test]
fn time_advances_in_steps_and_the_end_sums_up() {
    check(
        r#"{"name": "t", "now": 50, "steps": [
            {"event": "Later", "expect": {"waiting": 1, "state": {"Round": 1}}},
            {"advance": 99, "expect": {"waiting": 1}},
            {"advance": 1, "expect": {"waiting": 0, "state": {"Round": 2}, "error": null}}],
            "expect": {"fuel": 2, "events": [], "error": null}}"#,
        expect!["ok"],
    );
}

#[test]
fn configuration_and_generators() {
    let config = |expected: &str| {
        format!(
            r#"{{"name": "t", "config": {{"Game": {{"Ratio": 0.5}}}}, "expect": {{"state": {{"Ratio": {expected}}}}}}}"#
        )
    };
    check(&config("0.5"), expect!["ok"]);
    check(
        &config("0.0"),
        expect![[r#"
        at the end: state Ratio
          : 0.0 / 0.5"#]],
    );
    let drawn = |rng: &str, dice: &str| {
        format!(
            r#"{{"name": "t", "seed": 7, "rng": "{rng}", "steps": [{{"event": "Roll", "expect": {{"events": [{{"payload": {{"dice": {dice}}}}}]}}}}]}}"#
        )
    };
    // Generators are told apart by what they draw.
    let failed = |rng: &str| {
        let (summary, _) = run_text(&file(&drawn(rng, "0")), &Options::default());
        summary.outcomes.iter().flat_map(|one| &one.failures).map(|one| one.differences[0].found.clone()).next()
    };
    let (one, other) = (failed("xoshiro128++"), failed("mulberry32"));
    assert!(one.is_some() && other.is_some() && one != other, "{one:?} {other:?}");
}

#[test]
fn limits_and_what_cannot_be_loaded() {
    check(
        r#"{"name": "t", "fuel_limit": 1, "state": {"Players": [{"ID": "a"}]}, "steps": [{"event": "Score", "params": {"id": "a", "by": 1}, "expect": {"error": "fuel_exhausted"}}]}"#,
        expect!["ok"],
    );
    check(
        r#"{"name": "t", "state": {"Rond": 1}, "expect": {"state": {"Round": 1}}}"#,
        expect![[r#"
            before the first step: the test's state or configuration cannot be loaded
              Game has no field `Rond`, and no root is called so"#]],
    );
    check(
        r#"{"name": "t", "steps": [{"event": "Later"}]}"#,
        expect!["before the first step: the test expects nothing, so it cannot fail; add an `expect`"],
    );
}

const WRONG: &str = r#"{"handlers": [{"name": "H", "event": "E", "parameters": [],
  "nodes": [{"id": "a", "type": "Ad", "inputs": {}}], "flow": [{"from": "start", "to": "a"}]}]}"#;

fn check_wrong(test: &str, expected: Expect) {
    let text = format!("{{\"graph\": {WRONG}, \"schema\": {SCHEMA}, \"tests\": [{test}]}}");
    let (summary, _) = run_text(&text, &Options::default());
    let mut lines = Vec::new();
    for failure in summary.outcomes.iter().flat_map(|outcome| &outcome.failures) {
        lines.push(format!("{}: {}", failure.at, failure.what));
        lines.extend(failure.differences.iter().map(|one| format!("  {}: {} / {}", one.at, one.expected, one.found)));
    }
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn diagnostics_that_are_expected() {
    check_wrong(r#"{"name": "t", "check": [{"code": "E020", "node": "a"}]}"#, expect![""]);
    check_wrong(r#"{"name": "t", "check": [{"severity": "error"}]}"#, expect![""]);
    check_wrong(
        r#"{"name": "t", "check": [{"code": "E021", "node": "a"}]}"#,
        expect![[r#"
        check: diagnostics
          [0]: {"code":"E021","node":"a"} / nothing like it
          : nothing / {"code":"E020","severity":"error","handler":"H","node":"a"} (there is no node type `Ad`)"#]],
    );
    check_wrong(
        r#"{"name": "t", "check": []}"#,
        expect![[r#"
        check: diagnostics
          : nothing / {"code":"E020","severity":"error","handler":"H","node":"a"} (there is no node type `Ad`)"#]],
    );
    check_wrong(
        r#"{"name": "t", "steps": [{"event": "E", "expect": {"error": null}}]}"#,
        expect!["before the first step: the document has 1 error"],
    );
    check(r#"{"name": "t", "check": []}"#, expect!["ok"]);
}

#[test]
fn update_rewrites_what_failed_and_nothing_else() {
    let tests = scored(
        r#"{"fuel":99,   "state": {"Players[0].Score": 4,  "Ratio": 7.5}, "events": [{"type": "Nope"}],
        "error": "overflow"}"#,
    );
    let before = file(&tests);
    let options = Options { update: true, ..Options::default() };
    let folder = Folder::new();
    let path = folder.put("x.test.json", &before);
    let summary = run_paths(std::slice::from_ref(&path), &options);
    assert_eq!((summary.failed(), summary.rewrites.len()), (1, 1));
    assert_eq!(std::fs::read_to_string(&path).ok().as_ref(), Some(&before), "only the command writes");
    let after = summary.rewrites[0].after.clone();
    std::fs::write(&path, &after).expect("the file can be written");
    let (kept, rewritten) = (before.find("\"fuel\"").unwrap_or(0), after.find("\"fuel\"").unwrap_or(0));
    assert_eq!(before[..kept], after[..rewritten]);
    expect![[r#"
        "fuel":4,   "state": {"Players[0].Score": 4,  "Ratio": 2.5}, "events": [
                  {"type": "Scored"},
                  {"type": "Yours", "to": ["ann"], "payload": {}}
                ],
                "error": null}}]}]}"#]]
    .assert_eq(&after[rewritten..]);
    assert!(run_paths(&[path], &Options::default()).ok());
}

#[test]
fn coverage_counts_nodes_and_branches() {
    let graph = r#"{"handlers": [{"name": "H", "event": "E", "parameters": [{"name": "n", "type": "int64"}],
      "nodes": [
        {"id": "big", "type": "Compare", "inputs": {"left": "param:n", "op": ">", "right": 5}},
        {"id": "if", "type": "If", "inputs": {"condition": "node:big:result"}},
        {"id": "yes", "type": "EmitToAll", "inputs": {"eventType": "Yes"}},
        {"id": "no", "type": "EmitToAll", "inputs": {"eventType": "No"}}],
      "flow": [{"from": "start", "to": "if"}, {"from": "if", "to": "yes", "label": "true"}, {"from": "if", "to": "no", "label": "false"}]}]}"#;
    let test = r#"{"name": "t", "steps": [{"event": "E", "params": {"n": 6}}, {"event": "E", "params": {"n": 7}}], "expect": {"error": null}}"#;
    let text = format!("{{\"graph\": {graph}, \"schema\": {SCHEMA}, \"tests\": [{test}]}}");
    let (summary, _) = run_text(&text, &Options { coverage: true, ..Options::default() });
    let coverage = summary.coverage.expect("coverage was asked for");
    let shown: Vec<String> = coverage.text().lines().skip(1).map(|line| line.trim().to_owned()).collect();
    expect![[r#"
        handler H: nodes 3/4 (75%), branches 1/2 (50%)
        never reached: no
        never taken: if --false--> no"#]]
    .assert_eq(&shown.join("\n"));
    let branches: Vec<u32> =
        coverage.documents.values().flatten().flat_map(|graph| &graph.branches).map(|branch| branch.taken).collect();
    assert_eq!(branches, [2, 0]);
}

#[test]
fn coverage_counts_branches_of_sequences_and_filters() {
    let graph = r#"{"handlers": [{"name": "H", "event": "E", "nodes": [
        {"id": "both", "type": "Sequence", "inputs": {}},
        {"id": "one", "type": "EmitToAll", "inputs": {"eventType": "One"}},
        {"id": "add", "type": "AddFilter", "inputs": {"viewerID": "ann", "filterID": "f", "filterName": "F"}},
        {"id": "never", "type": "If", "inputs": {"condition": false}},
        {"id": "nothing", "type": "Sequence", "inputs": {}},
        {"id": "two", "type": "EmitToAll", "inputs": {"eventType": "Two"}}],
      "flow": [{"from": "start", "to": "both"}, {"from": "both", "to": "one", "label": "1"}, {"from": "both", "to": "add", "label": "2"},
        {"from": "both", "to": "never"}, {"from": "never", "to": "nothing", "label": "true"}, {"from": "nothing", "to": "two", "label": "1"}]}],
     "filters": [{"name": "F", "nodes": [
        {"id": "isAnn", "type": "Compare", "inputs": {"left": "viewer:id", "op": "==", "right": "ann"}},
        {"id": "if", "type": "If", "inputs": {"condition": "node:isAnn:result"}},
        {"id": "set", "type": "SetField", "inputs": {"path": "Round", "value": 9}}],
      "flow": [{"from": "start", "to": "if"}, {"from": "if", "to": "set", "label": "true"}, {"from": "if", "to": "end", "label": "false"}]}]}"#;
    let test = r#"{"name": "t", "players": ["ann"], "steps": [{"event": "E"}], "expect": {"error": null}}"#;
    let text = format!("{{\"graph\": {graph}, \"schema\": {SCHEMA}, \"tests\": [{test}]}}");
    let (summary, _) = run_text(&text, &Options { coverage: true, ..Options::default() });
    let coverage = summary.coverage.expect("coverage was asked for");
    let shown: Vec<String> = coverage.text().lines().skip(1).map(|line| line.trim().to_owned()).collect();
    expect![[r#"
        handler H: nodes 4/6 (66%), branches 2/4 (50%)
        never reached: nothing, two
        never taken: never --true--> nothing
        never taken: nothing --1--> two
        filter F: nodes 3/3 (100%), branches 1/2 (50%)
        never taken: if --false--> end"#]]
    .assert_eq(&shown.join("\n"));
}

/// Each time that it acts counts, and only in the effect itself.
#[test]
fn coverage_counts_effects() {
    let graph = r#"{"handlers": [{"name": "H", "event": "E", "nodes": [
        {"id": "add", "type": "AddEffect", "inputs": {"effectId": "e", "effectName": "F"}}],
      "flow": [{"from": "start", "to": "add"}]}],
     "effects": [{"name": "F", "nodes": [
        {"id": "if", "type": "If", "inputs": {"condition": true}},
        {"id": "set", "type": "Increment", "inputs": {"path": "Round"}}],
      "flow": [{"from": "start", "to": "if"}, {"from": "if", "to": "set", "label": "true"}, {"from": "if", "to": "end", "label": "false"}]}]}"#;
    let test = r#"{"name": "t", "steps": [{"event": "E"}], "expect": {"error": null, "effective": {"Round": 2}, "state": {"Round": 1}}}"#;
    let text = format!("{{\"graph\": {graph}, \"schema\": {SCHEMA}, \"tests\": [{test}]}}");
    let (summary, _) = run_text(&text, &Options { coverage: true, ..Options::default() });
    assert_eq!(summary.exit_code(), 0);
    let coverage = summary.coverage.expect("coverage was asked for");
    let shown: Vec<String> = coverage.text().lines().skip(1).map(|line| line.trim().to_owned()).collect();
    expect![[r#"
        handler H: nodes 1/1 (100%), branches 0/0 (100%)
        effect F: nodes 2/2 (100%), branches 1/2 (50%)
        never taken: if --false--> end"#]]
    .assert_eq(&shown.join("\n"));
}

#[test]
fn filters_backends_and_reports() {
    let tests = format!("{}, {}", scored(r#"{"fuel": 4}"#), r#"{"name": "other", "expect": {"state": {"Round": 2}}}"#);
    let (summary, _) =
        run_text(&file(&tests), &Options { filter: Some(Filter::Part("oth".into())), ..Options::default() });
    assert_eq!((summary.outcomes.len(), summary.filtered, summary.exit_code()), (1, 1, 1));
    assert_eq!(summary.backends, [Backend::Interpreter]);
    let report = junit::junit(&summary);
    assert!(report.contains("tests=\"1\" failures=\"1\""), "{report}");
    assert!(report.contains("expected 2&#10;      found    1"), "{report}");
    for (exact, found) in [("other", 1), ("oth", 0)] {
        let (summary, _) =
            run_text(&file(&tests), &Options { filter: Some(Filter::Exact(exact.into())), ..Options::default() });
        assert_eq!(summary.outcomes.len(), found, "{exact}");
    }
}

/// What readers of JUnit reports rely on: counts that add up, a time on everything, a message and a type on what failed.
#[test]
fn junit_reports_add_up() {
    let folder = Folder::new();
    let good = folder.put("a.test.json", &file(&format!("{}, {}", scored(r#"{"fuel": 4}"#), scored(r#"{"fuel": 5}"#))));
    let bad = folder.put("b.test.json", r#"{"graph": "gone.json", "tests": []}"#);
    let wrong = folder.put("c.test.json", r#"{"tests": {}}"#);
    let report = junit::junit(&run_paths(&[good, bad, wrong], &Options::default()));
    let lines = |tag: &str| {
        report.lines().filter(|line| line.trim_start().starts_with(&format!("<{tag} "))).collect::<Vec<_>>()
    };
    let attribute = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{line} has no {name}"));
        rest.split_once('"').expect("a closing quote").0.to_owned()
    };
    let number = |line: &str, name: &str| attribute(line, name).parse::<f64>().expect("a number");
    let (all, suites, cases) = (lines("testsuites"), lines("testsuite"), lines("testcase"));
    for name in ["tests", "failures", "errors", "skipped", "time"] {
        let sum: f64 = suites.iter().map(|suite| number(suite, name)).sum();
        assert!((number(all[0], name) - sum).abs() < 0.01, "{name} in {report}");
    }
    assert_eq!(number(all[0], "tests"), cases.len() as f64, "{report}");
    assert_eq!(number(all[0], "failures"), lines("failure").len() as f64, "{report}");
    assert_eq!(number(all[0], "errors"), report.matches("<error ").count() as f64, "{report}");
    assert!(cases.iter().all(|case| number(case, "time") >= 0.0 && !attribute(case, "classname").is_empty()));
    assert!(
        lines("failure")
            .iter()
            .all(|line| attribute(line, "type") == "expectation" && !attribute(line, "message").is_empty())
    );
}

#[test]
fn failures_tell_the_action_and_where_long_texts_differ() {
    let long =
        |end: &str| format!("{}{end}", "All the cards that everybody has seen so far are listed here. ".repeat(4));
    let test = format!(
        r#"{{"name": "t", "state": {{"Players": [{{"ID": "{}"}}]}}, "steps": [{{"event": "Score", "sender": "ann", "params": {{"id": "x", "by": 1}},
            "expect": {{"state": {{"Players[0].ID": "{}"}}}}}}]}}"#,
        long("Ann has none."),
        long("Ann had none.")
    );
    let (summary, _) = run_text(&file(&test), &Options::default());
    let text = statewright_harness::testing::text::outcome_plain(&summary.outcomes[0]);
    let lines: Vec<&str> = text.lines().skip(1).map(str::trim).collect();
    assert!(text.starts_with("  step 1 (event Score of ann, handled by OnScore): state Players[0].ID ("), "{text}");
    expect![[r#"
        expected … listed here. Ann had none."
        found    … listed here. Ann has none."
        they differ from character 256 on
        note: the event failed with not_found at node add: No element, entry or field of that key exists."#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn what_cannot_be_read_is_a_fault_with_its_name() {
    let folder = Folder::new();
    let missing = folder.path().join("none.test.json");
    let summary = run_paths(&[missing, folder.path().to_owned()], &Options::default());
    assert_eq!((summary.faults.len(), summary.exit_code()), (2, 2));
    let named = folder.put("x.test.json", r#"{"graph": "gone.json", "tests": []}"#);
    let summary = run_paths(&[named], &Options::default());
    assert!(summary.faults.iter().any(|fault| fault.contains("gone.json")), "{:?}", summary.faults);
}

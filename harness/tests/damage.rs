//! Damaged documents are refused or run; nothing falls over. The damage is to the structure: texts change places, so
//! that most of it gets past the JSON reader.

use std::sync::Arc;

use statewright_harness::picture::{Run, picture};
use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_harness::report::{Look, render};
use statewright_harness::trace::Trace;
use statewright_runtime::session::Action;
use statewright_types::json::{self, Kind, NodeId};
use statewright_types::random::splitmix64;

const DOCUMENT: &str = include_str!("../../cli/templates/game.json");
const SCHEMA: &str = include_str!("../../cli/templates/game.schema");

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        (splitmix64(&mut self.0) % bound.max(1) as u64) as usize
    }
}

/// `text` with one or two of its values replaced by others of its values, or by odd ones.
fn damaged(text: &str, dice: &mut Dice) -> String {
    const ODD: [&str; 8] =
        ["null", "\"\"", "-9223372036854775808", "1e300", "[]", "{}", "\"loop:item\"", "\"node:won:condition.x[0]\""];
    let mut text = text.to_owned();
    for _ in 0..=dice.below(2) {
        let Ok(tree) = json::parse(text.as_str()) else { return text };
        let nodes: Vec<NodeId> = tree.nodes().skip(1).collect();
        let leaf = |node: &&NodeId| !matches!(tree.kind(**node), Kind::Array | Kind::Object);
        let (Some(to), from) = (nodes.get(dice.below(nodes.len())), dice.below(nodes.len() + ODD.len())) else { break };
        let piece = match nodes.get(from).filter(leaf) {
            Some(node) => tree.text(*node).to_owned(),
            None => ODD[from % ODD.len()].to_owned(),
        };
        text.replace_range(tree.span(*to).range(), &piece);
    }
    text
}

#[test]
fn damaged_documents_are_refused_or_run() {
    let mut dice = Dice(3);
    let (mut refused, mut ran) = (0, 0);
    let whole = |name: &str, text: &str| Text::whole(&Arc::new(Source::inline(name, text)));
    for _ in 0..4_000 {
        let text = damaged(DOCUMENT, &mut dice);
        let loaded = Loaded::from_texts(whole("document", &text), whole("schema", SCHEMA), true);
        assert!(!render(&loaded.findings, Look::default()).contains("\u{1b}"));
        let mut trace = Trace::default();
        if let Some(program) = loaded.program(Backend::Interpreter).expect("it exists") {
            ran += 1;
            let setup = Setup { fuel: Some(1_000), ..Setup::default() };
            let state = whole("state", r#"{"Players": [{"ID": "ann"}]}"#);
            let mut session = play::begin(&loaded, program, &setup, Some(&state)).expect("the state fits");
            for event in loaded.events() {
                let params = json::parse(r#"{"playerID": "ann", "dice": 2}"#).expect("it is JSON");
                let params = params.value(params.root());
                let before = session.state().hash();
                let report = session.dispatch_traced(Action::new(event, "ann", params), &mut trace);
                let failed = report.activations.iter().all(|one| one.error.is_some());
                assert!(!failed || session.state().hash() == before, "a failed event changed the state: {text}");
                trace.settle(&[report]);
            }
        } else {
            refused += 1;
            assert!(loaded.has_errors(), "{text}");
        }
        picture("", "", &loaded.document, Some(Run { trace: &trace, failure: None }));
    }
    assert!(refused > 300 && ran > 150, "both happen: {refused} refused, {ran} run");
}

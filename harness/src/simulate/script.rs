//! Script files: steps, what is measured, and what is expected of it (docs/simulate.md has the format).

use std::sync::Arc;

use statewright_types::json::{self, Kind, NodeId};
use statewright_types::{Diagnostic, Value};

use super::law::Law;
use super::metric::Metric;
use crate::act::Act;
use crate::project::{Loaded, Source};
use crate::testing::reader::{BAD_PATH, MISSING_KEY, Reader, UNKNOWN_NAME, WRONG_SHAPE};
use crate::testing::steps;

/// The probability below which odds are rejected, unless an expectation says otherwise.
pub const SIGNIFICANCE: f64 = 0.01;
/// How far chances that are meant to add up to 1 may be off, by rounding.
const SUM: f64 = 1e-6;

/// What is played in every run, and what is looked at.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// In order.
    pub steps: Vec<Act>,
    /// What is measured at the end, besides what expectations are about.
    pub metrics: Vec<Metric>,
    /// What is measured after every step.
    pub over: Vec<Metric>,
    /// What is expected.
    pub expect: Vec<Expectation>,
}

impl Script {
    /// Whether nothing is looked at but whether runs fail.
    pub fn measures_nothing(&self) -> bool {
        self.metrics.is_empty() && self.over.is_empty() && self.expect.is_empty()
    }

    /// Makes it ready to be played on `loaded`: measures what is expected something of, the first error if nothing else is
    /// measured, and everything once.
    ///
    /// # Errors
    /// A metric that can never be found, as a sentence.
    pub fn complete(&mut self, loaded: &Loaded) -> Result<(), String> {
        if self.measures_nothing() {
            self.metrics.push(Metric::first_error());
        }
        self.metrics.extend(self.expect.iter().map(|expectation| expectation.metric.clone()));
        let (Some(schema), Some(main_root)) = (&loaded.schema, loaded.main_root) else { return Ok(()) };
        for metrics in [&mut self.metrics, &mut self.over] {
            let mut once: Vec<Metric> = Vec::new();
            for metric in metrics.drain(..) {
                metric.check(schema, main_root).map_err(|why| format!("cannot measure `{metric}`: {why}"))?;
                if once.iter().all(|other| other.text != metric.text) {
                    once.push(metric);
                }
            }
            *metrics = once;
        }
        Ok(())
    }
}

/// Odds that were declared for a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Of what.
    pub metric: Metric,
    /// The odds.
    pub odds: Odds,
    /// The probability below which they are rejected.
    pub significance: f64,
}

/// What values are expected how often.
#[derive(Clone, Debug, PartialEq)]
pub enum Odds {
    /// Chances by value, which add up to 1.
    Values(Vec<(Arc<str>, f64)>),
    /// A distribution.
    Law(Law),
}

const EXPECT_KEYS: &[&str] = &["metric", "odds", "distribution", "significance", "description"];

/// Reads a script: an array of steps, or an object with `steps`, `metrics`, `over`, `expect`.
pub fn read(source: &Source) -> (Script, Vec<Diagnostic>) {
    let tree = match json::parse(source.text.clone()) {
        Ok(tree) => tree,
        Err(error) => return (Script::default(), vec![error]),
    };
    let mut reader = Reader::new(&tree);
    let steps = steps::steps_of_script(&mut reader).into_iter().map(|step| step.act).collect();
    let mut script = Script { steps, ..Script::default() };
    if tree.kind(tree.root()) == Kind::Object {
        for entry in tree.entries(tree.root()) {
            match &*entry.key {
                "metrics" => script.metrics = metrics(&mut reader, entry.value, "`metrics`"),
                "over" => {
                    script.over = metrics(&mut reader, entry.value, "`over`");
                    let stray = script.over.iter().find(|metric| !metric.is_of_state());
                    if let Some(metric) = stray {
                        let message = format!("`{metric}` is no state path, so it has no value after each step");
                        reader.error(WRONG_SHAPE, entry.value, message, "write it in `metrics`");
                    }
                }
                "expect" => script.expect = expectations(&mut reader, entry.value),
                _ => {}
            }
        }
    }
    (script, reader.diagnostics)
}

/// Reads an expectation by itself, or an array of them.
pub fn read_expectations(source: &Source) -> (Vec<Expectation>, Vec<Diagnostic>) {
    let tree = match json::parse(source.text.clone()) {
        Ok(tree) => tree,
        Err(error) => return (Vec::new(), vec![error]),
    };
    let mut reader = Reader::new(&tree);
    let read = match tree.kind(tree.root()) {
        Kind::Object => expectation(&mut reader, tree.root()).into_iter().collect(),
        _ => expectations(&mut reader, tree.root()),
    };
    (read, reader.diagnostics)
}

fn metrics(reader: &mut Reader<'_>, node: NodeId, what: &str) -> Vec<Metric> {
    let elements = reader.list(node, what);
    elements.iter().filter_map(|element| metric(reader, *element)).collect()
}

fn metric(reader: &mut Reader<'_>, node: NodeId) -> Option<Metric> {
    let text = reader.text(node, "a metric")?;
    match Metric::parse(&text) {
        Ok(metric) => Some(metric),
        Err(message) => {
            let help = "write a state path, event:TYPE, event:TYPE.field or run:error";
            reader.error(BAD_PATH, node, message, help);
            None
        }
    }
}

fn expectations(reader: &mut Reader<'_>, node: NodeId) -> Vec<Expectation> {
    let elements = reader.list(node, "`expect`");
    elements.iter().filter_map(|element| expectation(reader, *element)).collect()
}

fn expectation(reader: &mut Reader<'_>, node: NodeId) -> Option<Expectation> {
    let entries = reader.object(node, "an expectation", EXPECT_KEYS);
    let get = |key: &str| entries.iter().find(|entry| &*entry.key == key).map(|entry| entry.value);
    let significance = match get("significance") {
        None => Some(SIGNIFICANCE),
        Some(node) => {
            let given = number(reader, node, "`significance`")?;
            let is_fine = given > 0.0 && given < 1.0;
            if !is_fine {
                let help = "0.01 rejects right odds once in a hundred sets of seeds";
                reader.error(WRONG_SHAPE, node, "`significance` must be between 0 and 1", help);
            }
            is_fine.then_some(given)
        }
    };
    let metric = match get("metric") {
        Some(node) => self::metric(reader, node),
        None => {
            reader.error(MISSING_KEY, node, "the expectation has no `metric`", "say what the odds are of");
            None
        }
    };
    let odds = match (get("odds"), get("distribution")) {
        (Some(node), None) => values(reader, node).map(Odds::Values),
        (None, Some(node)) => law(reader, node).map(Odds::Law),
        _ => {
            let help =
                "{\"metric\": …, \"odds\": {\"a\": 0.5, …}} or {\"metric\": …, \"distribution\": {\"normal\": {…}}}";
            reader.error(MISSING_KEY, node, "an expectation has either `odds` or a `distribution`", help);
            None
        }
    };
    Some(Expectation { metric: metric?, odds: odds?, significance: significance? })
}

fn number(reader: &mut Reader<'_>, node: NodeId, what: &str) -> Option<f64> {
    match reader.tree.value(node) {
        Value::Int(number) => Some(number as f64),
        Value::UInt(number) => Some(number as f64),
        Value::Float(number) if number.is_finite() => Some(number),
        _ => {
            reader.wrong(node, what, "a finite number");
            None
        }
    }
}

/// Chances that add up to 1, or whole numbers as weights.
fn values(reader: &mut Reader<'_>, node: NodeId) -> Option<Vec<(Arc<str>, f64)>> {
    let mut odds: Vec<(Arc<str>, f64)> = Vec::new();
    for entry in reader.entries(node, "`odds`") {
        let given = number(reader, entry.value, &format!("the odds of `{}`", entry.key))?;
        if given < 0.0 {
            reader.wrong(entry.value, &format!("the odds of `{}`", entry.key), "a number from 0 on");
            return None;
        }
        odds.push((entry.key.clone(), given));
    }
    let sum = odds.iter().fold(0.0, |sum, (_, given)| sum + given);
    let are_weights = odds.iter().all(|(_, given)| *given == given.floor());
    if !(sum > 0.0 && sum.is_finite()) || !(are_weights || (sum - 1.0).abs() <= SUM) {
        let help = "make it 1, or write whole numbers: {\"a\": 2, \"b\": 1} is two to one";
        reader.error(WRONG_SHAPE, node, format!("the odds add up to {sum}"), help);
        return None;
    }
    odds.iter_mut().for_each(|(_, given)| *given /= sum);
    Some(odds)
}

fn law(reader: &mut Reader<'_>, node: NodeId) -> Option<Law> {
    let entries = reader.entries(node, "`distribution`");
    let [entry] = entries else {
        let help = "such as {\"normal\": {\"mean\": 10, \"deviation\": 2}}";
        reader.error(WRONG_SHAPE, node, "`distribution` must have one key, its name", help);
        return None;
    };
    let mut parameters = Vec::new();
    for parameter in reader.entries(entry.value, &format!("`{}`", entry.key)) {
        parameters.push((parameter, number(reader, parameter.value, &format!("`{}`", parameter.key))?));
    }
    let given = |key: &str| parameters.iter().find(|(entry, _)| &*entry.key == key).map(|(_, value)| *value);
    match Law::new(&entry.key, given) {
        Ok(law) => {
            let known: Vec<&str> = law.parameters().map(|(key, _)| key).collect();
            reader.object(entry.value, &format!("`{}`", law.name()), &known);
            Some(law)
        }
        Err(message) => {
            reader.error(UNKNOWN_NAME, node, message, "docs/simulate.md lists the distributions");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Script, Vec<String>) {
        let (script, diagnostics) = read(&Source::inline("script", text));
        (script, diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect())
    }

    #[test]
    fn a_script_is_steps_alone_or_with_what_is_looked_at() {
        let (script, wrong) = read_text(r#"[{"event": "Roll"}, {"advance": 5}]"#);
        assert_eq!((script.steps.len(), script.metrics.len(), wrong), (2, 0, Vec::<String>::new()));
        let (script, wrong) = read_text(
            r#"{"steps": [{"event": "Roll"}], "metrics": ["Last", "event:Rolled"], "over": ["Sum"], "description": "dice",
                "expect": [{"metric": "Last", "odds": {"1": 3, "2": 1}},
                           {"metric": "Sum", "distribution": {"normal": {"mean": 0, "deviation": 2.5}}, "significance": 0.001}]}"#,
        );
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!((script.steps.len(), script.metrics.len(), script.over.len()), (1, 2, 1));
        let [odds, law] = script.expect.as_slice() else { panic!("{script:?}") };
        assert_eq!(odds.odds, Odds::Values(vec![("1".into(), 0.75), ("2".into(), 0.25)]));
        assert_eq!((odds.significance, law.significance), (SIGNIFICANCE, 0.001));
        assert!(matches!(&law.odds, Odds::Law(law) if law.parameters().eq([("mean", 0.0), ("deviation", 2.5)])));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong =
            |expectation: &str| read_text(&format!("{{\"steps\": [], \"expect\": [{expectation}]}}")).1.join("; ");
        assert!(wrong(r#"{"metric": "A", "odds": {"a": 0.5, "b": 0.3}}"#).contains("add up to 0.8"));
        assert!(wrong(r#"{"metric": "A", "odds": {}}"#).contains("add up to 0"));
        assert!(wrong(r#"{"metric": "A", "odds": {"a": -1, "b": 2}}"#).contains("from 0 on"));
        assert!(wrong(r#"{"metric": "A"}"#).contains("either"));
        assert!(wrong(r#"{"odds": {"a": 1}}"#).contains("no `metric`"));
        assert!(wrong(r#"{"metric": "A", "distribution": {"norm": {}}}"#).contains("no distribution"));
        assert!(
            wrong(r#"{"metric": "A", "distribution": {"poisson": {"mean": 2, "max": 3}}}"#).contains("`max` is no key")
        );
        assert!(wrong(r#"{"metric": "A", "odds": {"a": 1}, "significance": 5}"#).contains("between 0 and 1"));
        assert!(wrong(r#"{"metric": "run:x", "odds": {"a": 1}}"#).contains("no `x`"));
        assert!(read_text(r#"{"metric": []}"#).1.join(" ").contains("no `steps`"));
        assert!(read_text(r#"{"steps": [], "over": ["event:A"]}"#).1.join(" ").contains("no state path"));
        assert!(read_text("[1]").1.join(" ").contains("a step"));
        assert!(!read_text("{").1.is_empty());
    }
}

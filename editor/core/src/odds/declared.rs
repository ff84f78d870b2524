//! Odds that a script declares (`expect`): read as they are written, and changed in the script's text, of which every other byte stays.

use std::sync::Arc;

use statewright_harness::project::Source;
use statewright_harness::simulate::law::LAWS;
use statewright_harness::simulate::script::{self, SIGNIFICANCE};
use statewright_types::json::{self, Kind, NodeId, Tree};
use statewright_types::{Span, Value};

use super::words;
use crate::patch::Change;
use crate::refused::Refused;

/// Odds that are declared for a metric, as they are entered.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// Of what.
    pub metric: String,
    /// What is expected.
    pub odds: Expected,
    /// The probability below which they are rejected.
    pub significance: f64,
}

/// What is expected of a metric.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// Chances or weights by value: `a: 2, b: 1`. Values with `:` or `,` in them are written as JSON text.
    Values(String),
    /// A distribution, with its parameters in the order of the table.
    Law(&'static str, Vec<f64>),
}

impl Default for Declared {
    fn default() -> Declared {
        let odds = Expected::Values("true: 1, false: 1".to_owned());
        Declared { metric: String::new(), odds, significance: SIGNIFICANCE }
    }
}

impl Expected {
    /// Of a kind by its name, `values` or a distribution's, to begin with.
    pub fn of_kind(name: &str) -> Expected {
        match LAWS.iter().find(|(known, _)| *known == name) {
            Some((name, parameters)) => {
                let first = |parameter: &&str| match *parameter {
                    "min" => 0.0,
                    "chance" => 0.5,
                    "max" | "trials" => 10.0,
                    _ => 1.0,
                };
                Expected::Law(name, parameters.iter().map(first).collect())
            }
            None => Declared::default().odds,
        }
    }

    /// The name of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Expected::Values(_) => "values",
            Expected::Law(name, _) => name,
        }
    }

    /// Every kind: values, and all distributions.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        std::iter::once("values").chain(LAWS.iter().map(|(name, _)| *name))
    }

    /// The names of a distribution's parameters.
    pub fn parameters(&self) -> &'static [&'static str] {
        LAWS.iter().find(|(name, _)| *name == self.kind()).map_or(&[], |(_, parameters)| parameters)
    }
}

impl Declared {
    /// As a script has it.
    ///
    /// # Errors
    /// What of it cannot be, and what to write.
    pub fn to_value(&self) -> Result<Value, Refused> {
        let odds = match &self.odds {
            Expected::Values(text) => ("odds", Value::map(chances(text)?)),
            Expected::Law(name, given) => {
                let parameters = self.odds.parameters().iter().copied().zip(given.iter().copied().map(number));
                ("distribution", Value::map([(*name, Value::map(parameters))]))
            }
        };
        let mut entries = vec![("metric", Value::from(self.metric.trim())), odds];
        if self.significance != SIGNIFICANCE {
            entries.push(("significance", Value::Float(self.significance)));
        }
        let value = Value::map(entries);
        // The one who reads scripts judges.
        let source = Arc::new(Source::inline("the odds", json::to_string(&value)));
        let (_, wrong) = script::read_expectations(&source);
        match words::findings(&source.findings(wrong)).into_iter().next() {
            Some(wrong) => Err(Refused::new(wrong, "the script keeps what it has until this can be read")),
            None => Ok(value),
        }
    }
}

/// Whole numbers stay such: they are weights.
fn number(number: f64) -> Value {
    let is_whole = number == number.floor() && number.abs() < 1e15;
    if is_whole { Value::Int(number as i64) } else { Value::Float(number) }
}

/// `a: 2, "b,c": 1`
fn chances(text: &str) -> Result<Vec<(String, Value)>, Refused> {
    let wrong = |what: String| Refused::new(what, "write values with their chances, such as common: 0.9, rare: 0.1");
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, behind) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"').ok_or_else(|| wrong("a quotation mark is missing".to_owned()))?;
                let (name, behind) = quoted.split_at(end);
                let behind = behind.trim_start_matches('"').trim_start();
                (name, behind.strip_prefix(':').ok_or_else(|| wrong(format!("`{name}` has no chance")))?)
            }
            None => rest.split_once(':').ok_or_else(|| wrong(format!("`{rest}` has no chance")))?,
        };
        let (chance, next) = behind.split_once(',').unwrap_or((behind, ""));
        let chance: f64 = chance.trim().parse().map_err(|_| wrong(format!("`{}` is no number", chance.trim())))?;
        found.push((name.trim().to_owned(), number(chance)));
        rest = next.trim_start();
    }
    Ok(found)
}

fn chances_text(value: &Value) -> String {
    let Value::Map(entries) = value else { return String::new() };
    let entry = |(name, chance): &(Arc<str>, Value)| {
        let is_plain = !name.contains([':', ',', '"']) && name.trim() == &**name && !name.is_empty();
        let name = if is_plain { name.to_string() } else { format!("\"{name}\"") };
        format!("{name}: {}", json::to_string(chance))
    };
    entries.iter().map(entry).collect::<Vec<_>>().join(", ")
}

/// What a script declares, in order; entries that cannot be read are there as far as they can.
pub fn read(text: &str) -> Vec<Declared> {
    let Ok(tree) = json::parse(text) else { return Vec::new() };
    let Some(list) = list(&tree) else { return Vec::new() };
    tree.elements(list).iter().map(|entry| declared(&tree.value(*entry))).collect()
}

fn declared(value: &Value) -> Declared {
    let float = |value: &Value| match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    };
    let metric = if let Some(Value::Str(metric)) = value.get("metric") { metric.to_string() } else { String::new() };
    let law = value.get("distribution").and_then(|law| {
        let Value::Map(entries) = law else { return None };
        let (name, given) = entries.first()?;
        let (name, parameters) = LAWS.iter().find(|(known, _)| *known == &**name)?;
        let values = parameters.iter().map(|key| given.get(key).and_then(float).unwrap_or(0.0));
        Some(Expected::Law(name, values.collect()))
    });
    let odds = law.unwrap_or_else(|| Expected::Values(value.get("odds").map(chances_text).unwrap_or_default()));
    let significance = value.get("significance").and_then(float).unwrap_or(SIGNIFICANCE);
    Declared { metric, odds, significance }
}

fn list(tree: &Tree) -> Option<NodeId> {
    tree.get(tree.root(), "expect").filter(|list| tree.kind(*list) == Kind::Array)
}

/// The change of a script's text that writes `declared` in the place of entry `index`, or behind all of them.
///
/// # Errors
/// The text is no script, or `declared` makes no sense: what, and what to do.
pub fn write(text: &str, index: usize, declared: &Declared) -> Result<Change, Refused> {
    let value = declared.to_value()?;
    let (tree, change) =
        (json::parse(text).map_err(|_| foreign())?, |edit: (Span, String)| Change::of(text, vec![edit]));
    let root = tree.root();
    let made = match (tree.kind(root), list(&tree)) {
        // Steps alone become a script that has them.
        (Kind::Array, _) => {
            let steps = tree.value(root);
            let script = Value::map([("steps", steps), ("expect", Value::List(vec![value]))]);
            let whole = Span { start: 0, end: u32::try_from(text.len()).map_err(|_| foreign())? };
            change((whole, format!("{}\n", json::to_pretty(&script))))
        }
        (Kind::Object, None) => {
            let expect = Value::List(vec![value]);
            change(json::inserted(&tree, root, usize::MAX, &[(Some("expect"), expect)]))
        }
        (Kind::Object, Some(list)) => match tree.elements(list).get(index) {
            Some(entry) => match json::written(&tree, *entry, &value) {
                Some(edit) => change(edit),
                None => Change::of(text, Vec::new()),
            },
            None => change(json::inserted(&tree, list, usize::MAX, &[(None, value)])),
        },
        _ => None,
    };
    made.ok_or_else(foreign)
}

/// The change that takes an entry away.
///
/// # Errors
/// The text is no script.
pub fn remove(text: &str, index: usize) -> Result<Change, Refused> {
    let tree = json::parse(text).map_err(|_| foreign())?;
    let list = list(&tree).ok_or_else(foreign)?;
    let removed = json::removed(&tree, list, &[index]).into_iter().map(|span| (span, String::new()));
    Change::of(text, removed.collect()).ok_or_else(foreign)
}

fn foreign() -> Refused {
    Refused::new("the script cannot be read", "mend its text first: it is an array of steps, or an object with `steps`")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = r#"{"steps": [{"event": "Roll"}],
  "expect": [{"metric": "Last",  "odds": {"1": 3, "2": 1}},
             {"metric": "Sum", "distribution": {"normal": {"mean": 0, "deviation": 2.5}}, "significance": 0.001}]}"#;

    #[test]
    fn odds_are_read_as_they_are_written() {
        let found = read(SCRIPT);
        assert_eq!(found[0].odds, Expected::Values("1: 3, 2: 1".to_owned()));
        assert_eq!((found[0].significance, found[1].significance), (SIGNIFICANCE, 0.001));
        assert_eq!(found[1].odds, Expected::Law("normal", vec![0.0, 2.5]));
        assert!(read("[]").is_empty() && read("{").is_empty());
    }

    #[test]
    fn what_is_changed_is_written_and_nothing_else() {
        let mut changed = read(SCRIPT).remove(1);
        changed.odds = Expected::Law("whole", vec![1.0, 6.0]);
        let text = write(SCRIPT, 1, &changed).unwrap().apply(SCRIPT).unwrap();
        assert_eq!(read(&text), [read(SCRIPT).remove(0), changed.clone()]);
        assert!(text.contains(r#"{"metric": "Last",  "odds": {"1": 3, "2": 1}}"#), "{text}");
        assert!(write(SCRIPT, 0, &read(SCRIPT)[0]).unwrap().is_empty());
        let without = remove(&text, 0).unwrap().apply(&text).unwrap();
        assert_eq!(read(&without), [changed]);
        // A first one, of a script that has none, and of steps alone.
        for begun in [r#"{"steps": []}"#, r#"[{"event": "Roll"}]"#] {
            let new = Declared { metric: "Last".into(), ..Declared::default() };
            let text = write(begun, 0, &new).unwrap().apply(begun).unwrap();
            assert_eq!(read(&text), [new]);
            let (script, wrong) = script::read(&Source::inline("x", text.as_str()));
            assert!(wrong.is_empty() && script.expect.len() == 1, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let of =
            |odds: &str| Declared { metric: "Last".into(), odds: Expected::Values(odds.into()), significance: 0.01 };
        assert!(of("a: 0.5, b: 0.3").to_value().unwrap_err().message.contains("add up to 0.8"));
        assert!(of("a: x").to_value().unwrap_err().message.contains("`x` is no number"));
        assert!(of("a").to_value().unwrap_err().message.contains("no chance"));
        assert!(Declared { metric: "run:x".into(), ..Declared::default() }.to_value().is_err());
        let quoted = of("\"a, b\": 1, c: 2");
        let Ok(value) = quoted.to_value() else { panic!() };
        assert_eq!(declared(&value), quoted);
        assert!(write("3", 0, &of("a: 1")).is_err() && remove("{}", 0).is_err());
    }
}

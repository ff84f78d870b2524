//! Random changes of a JSON tree that keep it JSON, biased to what documents are made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright::Value;
use statewright_types::random::splitmix64;

/// Random choices from a seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// `0..n`; 0 for none.
    pub fn below(&mut self, n: usize) -> usize {
        let drawn = splitmix64(&mut self.0) >> 16;
        usize::try_from(drawn % (n.max(1) as u64)).unwrap_or(0)
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

const TYPES: &[&str] = &[
    "int64",
    "int32",
    "uint64",
    "uint8",
    "float32",
    "float64",
    "bool",
    "string",
    "uuid",
    "bytes",
    "[]int32",
    "[]Player",
    "[][]string",
    "map[string]int64",
    "map[int32]Player",
    "map[uint64][]Mark",
    "Player",
    "*Player",
    "*string",
    "*[]int32",
    "Arena",
    "Game",
    "any",
    "",
];
const SUFFIXES: &[&str] = &[
    ".length",
    "[0]",
    "[7]",
    "[-1]",
    ".ID",
    ".Score",
    "[\"ann\"]",
    "[param:playerID:ID]",
    "[\"ann\":ID]",
    ".Weapon",
    ".Hand",
    "[i]",
    "[loop:index]",
    ".",
    "[",
    "[0",
    ".Rival",
    ".item",
    "[node:e:result]",
    ".player",
    "[3].length",
];
const TEXTS: &[&str] = &[
    "",
    "start",
    "end",
    "end_x",
    "body",
    "done",
    "true",
    "false",
    "default",
    "notFound",
    "loop:item",
    "loop:index",
    "loop:key",
    "loop:value",
    "loop:each:item",
    "state:Players",
    "state:",
    "Players[0]",
    "variable:total",
    "variable:left",
    "state:Scores",
    "node:",
    "param:",
    "config:A.B",
    "viewer:id",
    "{{loop:item}} {{{{",
    "state:Players[loop:index].Hand[loop:index]",
    "state:Best",
    "state:Secret",
    "state:Open",
    "state:Grid",
    "state:Places",
    "base:Round",
    "\u{0}",
    "🎯",
    "==",
    "<",
    "!=",
    "Players",
    "Best",
    "Best.Score",
    "Grid[0][1]",
    "Places[3].X",
    "Scores[\"x\"]",
    "attacker",
    "attacker.Hand",
    "senderID",
];

/// Positions, in order, with the key each stands under.
#[derive(Default)]
struct Survey {
    keys: Vec<Arc<str>>,
    by_key: BTreeMap<Arc<str>, Vec<usize>>,
    values: Vec<Value>,
}

impl Survey {
    fn of(root: &Value) -> Survey {
        let mut survey = Survey::default();
        let mut work: Vec<(Arc<str>, &Value)> = vec![(Arc::from(""), root)];
        while let Some((key, value)) = work.pop() {
            survey.by_key.entry(key.clone()).or_default().push(survey.values.len());
            survey.keys.push(key.clone());
            survey.values.push(value.clone());
            match value {
                Value::List(elements) => work.extend(elements.iter().rev().map(|element| (key.clone(), element))),
                Value::Map(entries) => work.extend(entries.iter().rev().map(|(key, value)| (key.clone(), value))),
                _ => {}
            }
        }
        survey
    }
}

/// The value at a position of the survey's order.
fn at<'v>(value: &'v mut Value, position: &mut usize) -> Option<&'v mut Value> {
    if *position == 0 {
        return Some(value);
    }
    *position -= 1;
    match value {
        Value::List(elements) => elements.iter_mut().find_map(|element| at(element, position)),
        Value::Map(entries) => entries.iter_mut().find_map(|(_, value)| at(value, position)),
        _ => None,
    }
}

/// Changes something; `donors` lend texts and parts.
pub fn mutate(root: &mut Value, donors: &[Value], dice: &mut Dice) {
    let survey = Survey::of(root);
    let count = survey.values.len();
    let position = dice.below(count);
    let key = survey.keys[position].clone();
    let replacement = match dice.below(12) {
        // Something from under the same key: mostly well formed, mostly wrong.
        0..=3 => survey.values[*dice.pick(&survey.by_key[&key])].clone(),
        4 => survey.values[dice.below(count)].clone(),
        5 => scalar(dice),
        6 => return container(root, position, &survey, dice),
        7 => return container(root, position, &survey, dice),
        8 => text(&survey, dice),
        9 => suffixed(&survey.values[position], dice),
        10 if &*key == "type" => Value::str(*dice.pick(TYPES)),
        _ => {
            let donor = Survey::of(dice.pick(donors));
            match donor.by_key.get(&key) {
                Some(positions) => donor.values[*dice.pick(positions)].clone(),
                None => donor.values[dice.below(donor.values.len())].clone(),
            }
        }
    };
    if let Some(place) = at(root, &mut position.clone()) {
        *place = replacement;
    }
}

fn scalar(dice: &mut Dice) -> Value {
    match dice.below(9) {
        0 => Value::Null,
        1 => Value::Bool(dice.below(2) == 0),
        2 => Value::Int(i64::MAX),
        3 => Value::Int(i64::MIN),
        4 => Value::UInt(u64::MAX),
        5 => Value::Float(1e300),
        6 => Value::Int(0),
        7 => Value::Float(0.5),
        _ => Value::Int(dice.below(5) as i64 - 2),
    }
}

/// A known text, or a reference to some node of the document.
fn text(survey: &Survey, dice: &mut Dice) -> Value {
    if dice.below(2) == 0 {
        return Value::str(*dice.pick(TEXTS));
    }
    let Some(ids) = survey.by_key.get("id") else { return Value::Null };
    let Value::Str(id) = &survey.values[*dice.pick(ids)] else { return Value::Null };
    let outputs = ["result", "player", "item", "index", "found", "value", "count", "key"];
    match dice.below(3) {
        0 => Value::str(id.clone()),
        1 => Value::str(format!("loop:{id}:item")),
        _ => Value::str(format!("node:{id}:{}", dice.pick(&outputs))),
    }
}

fn suffixed(value: &Value, dice: &mut Dice) -> Value {
    match value {
        Value::Str(text) => Value::str(format!("{text}{}", dice.pick(SUFFIXES))),
        other => Value::List(vec![other.clone()]),
    }
}

/// Removes, repeats, swaps or adds something in the container at or around a position.
fn container(root: &mut Value, position: usize, survey: &Survey, dice: &mut Dice) {
    let containers: Vec<usize> = (0..=position).filter(|p| size(&survey.values[*p]) > 0).collect();
    let Some(last) = containers.last() else { return };
    let other = survey.values[dice.below(survey.values.len())].clone();
    match at(root, &mut last.clone()) {
        Some(Value::List(elements)) => {
            let (a, b) = (dice.below(elements.len()), dice.below(elements.len()));
            match dice.below(5) {
                0 => drop(elements.remove(a)),
                1 => elements.insert(b, elements[a].clone()),
                2 => elements.swap(a, b),
                3 => elements.insert(a, other),
                _ => {
                    let edge = [("from", text(survey, dice)), ("to", text(survey, dice))];
                    elements.push(Value::map(edge));
                }
            }
        }
        Some(Value::Map(entries)) => {
            let (a, b) = (dice.below(entries.len()), dice.below(entries.len()));
            match dice.below(4) {
                0 => drop(entries.remove(a)),
                1 => {
                    let value = entries[a].1.clone();
                    entries[b].1 = value;
                }
                2 => {
                    let key = dice.pick(&survey.keys).clone();
                    if entries.iter().all(|(present, _)| *present != key) {
                        entries.push((key, text(survey, dice)));
                    }
                }
                _ => {
                    let key = dice.pick(&survey.keys).clone();
                    if entries.iter().all(|(present, _)| *present != key) {
                        entries[a].0 = key;
                    }
                }
            }
        }
        _ => {}
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::List(elements) => elements.len(),
        Value::Map(entries) => entries.len(),
        _ => 0,
    }
}

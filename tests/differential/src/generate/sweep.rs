//! Sweeps: loops over the lists of a [crowd](super::crowd) that mostly only look and compute, which is what executions do for
//! several elements at a time; step by step, or by nodes over arrays. What comes of them is told in an event.

use statewright_graph::node::by_name;
use statewright_types::{Type, Value};

use super::draft::Draft;
use super::flow::End;
use super::terms::Number;

/// How deep terms are.
const DEPTH: usize = 2;

/// A variable that passes change.
struct Tally {
    name: String,
    number: Option<Number>,
}

impl Draft<'_> {
    /// A sweep behind `ends`, if the world has a crowd; else nothing.
    pub(super) fn swept(&mut self, ends: Vec<End>) -> Vec<End> {
        if self.world.crowd.is_none() || self.is_bound {
            return ends;
        }
        let list = ["Units", "Units", "Units", "Counts", "Weights"][self.chance.below(5)];
        let main = self.world.main;
        let schema = &self.world.schema;
        let found = schema.get(main).fields.iter().find(|field| &*field.name == list);
        let Some(Type::List(element)) = found.map(|field| field.ty.clone()) else { return ends };
        // It is about the loop: nodes of the graph are still drawn.
        self.budget += 24;
        let ends = if self.chance.percent(25) { self.disturbed(list, &element, ends) } else { ends };
        if self.chance.percent(55) { self.stepwise(list, &element, ends) } else { self.at_once(list, &element, ends) }
    }

    /// The nodes of a chain, the first behind `ends`.
    fn chained(&mut self, name: &str, inputs: Vec<(&'static str, Value)>, ends: Vec<End>) -> Vec<End> {
        let Some(row) = by_name(name) else { return ends };
        let id = self.node(row, inputs);
        ends.into_iter().for_each(|(from, label)| self.edge(&from, label.as_deref(), &id));
        vec![(id, None)]
    }

    /// Something that changes the list: its rows may not stand in its order then.
    fn disturbed(&mut self, list: &str, element: &Type, ends: Vec<End>) -> Vec<End> {
        let path = Value::from(list);
        let index = Value::Int([0, 1, 5, 40][self.chance.below(4)]);
        let value = match element {
            Type::Struct(id) => self.fields(*id, DEPTH),
            ty => self.typed(ty, DEPTH),
        };
        match self.chance.below(4) {
            0 => self.chained("InsertAt", vec![("path", path), ("index", index), ("element", value)], ends),
            1 => self.chained("AddToArray", vec![("path", path), ("element", value)], ends),
            2 if matches!(element, Type::Struct(_)) => {
                let at = self.chance.below(20);
                let field = self.chance.word(&["X", "Health", "Team"]);
                let by = Value::Int(self.chance.below(9) as i64 - 4);
                self.chained("Increment", vec![("path", format!("{list}[{at}].{field}").into()), ("by", by)], ends)
            }
            _ => self.chained("RemoveFromArray", vec![("path", path), ("index", index)], ends),
        }
    }

    fn set(&mut self, name: &str, value: Value, ends: Vec<End>) -> Vec<End> {
        self.chained("SetVariable", vec![("name", name.into()), ("value", value)], ends)
    }

    /// Numbers or truths that the loop changes, begun with.
    fn tallies(&mut self, ends: Vec<End>) -> (Vec<Tally>, Vec<End>) {
        let (mut tallies, mut ends) = (Vec::new(), ends);
        for _ in 0..self.chance.between(1, 3) {
            let name = format!("w{}", self.nodes.len());
            let number = match self.chance.below(7) {
                0..=3 => Some(Number::Int),
                4 | 5 => Some(Number::Float),
                _ => None,
            };
            let begin = match number {
                Some(Number::Int) => Value::Int([0, 0, 0, -1, 7, 1 << 61][self.chance.below(6)]),
                Some(Number::Float) => Value::Float([0.0, 0.0, -0.0, 1e300][self.chance.below(4)]),
                None => Value::Bool(self.chance.percent(30)),
            };
            ends = self.set(&name, begin, ends);
            tallies.push(Tally { name, number });
        }
        (tallies, ends)
    }

    fn stepwise(&mut self, list: &str, element: &Type, ends: Vec<End>) -> Vec<End> {
        let (tallies, ends) = self.tallies(ends);
        let Some(row) = by_name("ForEach") else { return ends };
        let array = vec![("array", Value::from(format!("state:{list}")))];
        let id = self.node(row, array);
        ends.into_iter().for_each(|(from, label)| self.edge(&from, label.as_deref(), &id));
        let before = (self.enter(), self.in_loop);
        self.in_loop = true;
        self.scoped(|draft| draft.pass(element, &tallies, vec![(id.clone(), Some("body".to_owned()))]));
        (self.context, self.in_loop) = before;
        let told = tallies.iter().map(|tally| (tally.name.clone(), Value::from(format!("variable:{}", tally.name))));
        let told = told.collect();
        let ends = self.emitted(vec![(id, Some("done".to_owned()))], told);
        for tally in &tallies {
            let ty = tally.number.map_or(Type::Bool, Number::ty);
            self.know(format!("variable:{}", tally.name), ty, None);
        }
        ends
    }

    /// What is done with each element.
    fn pass(&mut self, element: &Type, tallies: &[Tally], ends: Vec<End>) {
        let mut ends = ends;
        let mut otherwise = None;
        if self.chance.percent(70) {
            let condition = self.truth(element, DEPTH);
            ends = self.chained("If", vec![("condition", condition)], ends);
            let id = ends.first().map_or(String::new(), |(id, _)| id.clone());
            ends = vec![(id.clone(), Some("true".to_owned()))];
            otherwise = self.chance.percent(35).then(|| vec![(id, Some("false".to_owned()))]);
        }
        for tally in tallies {
            ends = self.tallied(element, tally, ends);
        }
        if self.chance.percent(8) {
            let name = self.chance.word(&["Break", "Continue"]);
            ends = self.chained(name, Vec::new(), ends);
        } else if self.chance.percent(8) {
            self.know("loop:item".to_owned(), element.clone(), Some(self.context));
            ends = self.block(ends, 2);
        }
        let Some(mut other) = otherwise else { return };
        if let Some(tally) = tallies.first() {
            other = self.tallied(element, tally, other);
        }
        // Sometimes both ways meet again.
        if self.chance.percent(50)
            && let Some(tally) = tallies.last()
        {
            // Whatever broke off leads nowhere.
            let open = ends.into_iter().filter(|(id, _)| !self.leaves(id));
            let both = open.chain(other).collect();
            self.tallied(element, tally, both);
        }
    }

    /// Whether a node is one behind which nothing comes.
    fn leaves(&self, id: &str) -> bool {
        let is_it = |node: &&Value| matches!(node.get("id"), Some(Value::Str(text)) if &**text == id);
        let ty = self.nodes.iter().find(is_it).and_then(|node| node.get("type"));
        matches!(ty, Some(Value::Str(text)) if matches!(&**text, "Break" | "Continue"))
    }

    /// A step that changes a variable by what the element is.
    fn tallied(&mut self, element: &Type, tally: &Tally, ends: Vec<End>) -> Vec<End> {
        let own = Value::from(format!("variable:{}", tally.name));
        let Some(number) = tally.number else {
            let truth = self.truth(element, 1);
            let name = self.chance.word(&["Or", "Or", "And"]);
            let value = match self.chance.percent(50) {
                true => Value::Bool(true),
                false => self.made(name, vec![("a", own), ("b", truth)]),
            };
            return self.set(&tally.name, value, ends);
        };
        let term = self.number(element, number, DEPTH);
        match self.chance.below(10) {
            0..=4 => {
                let value = self.made("Add", vec![("a", own), ("b", term)]);
                self.set(&tally.name, value, ends)
            }
            5 => {
                let one = if number == Number::Int { Value::Int(1) } else { Value::Float(0.5) };
                let value = self.made("Add", vec![("a", own), ("b", one)]);
                self.set(&tally.name, value, ends)
            }
            6 => {
                let value = self.made("Subtract", vec![("a", own), ("b", term)]);
                self.set(&tally.name, value, ends)
            }
            7 => {
                let name = self.chance.word(&["Min", "Max"]);
                let value = self.made(name, vec![("a", own), ("b", term)]);
                self.set(&tally.name, value, ends)
            }
            _ => {
                // The least or the greatest so far, and perhaps where.
                let op = self.chance.word(&["<", ">", "<="]);
                let inputs = vec![("left", term.clone()), ("op", op.into()), ("right", own)];
                let condition = self.made("Compare", inputs);
                let ends = self.chained("If", vec![("condition", condition)], ends);
                let id = ends.first().map_or(String::new(), |(id, _)| id.clone());
                let (yes, no) = ("true".to_owned(), "false".to_owned());
                let mut ends = self.set(&tally.name, term, vec![(id.clone(), Some(yes))]);
                ends.push((id, Some(no)));
                ends
            }
        }
    }

    /// An event that tells what nodes over arrays make of the list.
    fn at_once(&mut self, list: &str, element: &Type, ends: Vec<End>) -> Vec<End> {
        let mut payload = Vec::new();
        for number in 0..self.chance.between(1, 3) {
            let array = self.chosen(list, element);
            let value = self.of_all(element, array);
            payload.push((format!("s{number}"), value));
        }
        self.emitted(ends, payload)
    }

    /// What is drawn here is evaluated for each element.
    fn each(&mut self, body: impl FnOnce(&mut Self) -> Value) -> Value {
        self.lambda(&[], body)
    }

    /// The list, or some of its elements.
    fn chosen(&mut self, list: &str, element: &Type) -> Value {
        let all = Value::from(format!("state:{list}"));
        if !self.chance.percent(35) {
            return all;
        }
        let predicate = self.each(|draft| draft.truth(element, DEPTH));
        self.made("FilterArray", vec![("array", all), ("predicate", predicate)])
    }

    fn of_all(&mut self, element: &Type, array: Value) -> Value {
        let number = if self.chance.percent(60) { Number::Int } else { Number::Float };
        match self.chance.below(9) {
            0..=2 => {
                let value = self.each(|draft| draft.number(element, number, DEPTH));
                let mapped = self.made("MapArray", vec![("array", array), ("value", value)]);
                let name = self.chance.word(&["Sum", "Sum", "Average"]);
                self.made(name, vec![("array", mapped)])
            }
            3 => {
                let name = self.chance.word(&["Any", "All"]);
                let predicate = self.each(|draft| draft.truth(element, DEPTH));
                self.made(name, vec![("array", array), ("predicate", predicate)])
            }
            4 | 5 => {
                let name = self.chance.word(&["MinBy", "MaxBy"]);
                let key = self.each(|draft| draft.number(element, number, DEPTH));
                let inputs = vec![("array", array), ("key", key)];
                let Some(row) = by_name(name) else { return Value::Null };
                Value::from(format!("node:{}:index", self.node(row, inputs)))
            }
            6 => {
                let value = self.each(|draft| {
                    let term = draft.number(element, number, 1);
                    let name = draft.chance.word(&["Add", "Subtract", "Min", "Max"]);
                    draft.made(name, vec![("a", "loop:acc".into()), ("b", term)])
                });
                let initial = if number == Number::Int { Value::Int(0) } else { Value::Float(0.0) };
                self.made("Reduce", vec![("array", array), ("initial", initial), ("value", value)])
            }
            7 => match element {
                Type::Struct(id) => {
                    let field = self.field_of(*id, &|ty| ty.is_number() || *ty == Type::Bool);
                    let Some((field, ty)) = field else { return array };
                    let (op, value) = self.plain_comparison(&ty);
                    let inputs =
                        vec![("array", array), ("field", Value::Str(field)), ("op", op.into()), ("value", value)];
                    self.made("CountWhere", inputs)
                }
                _ => self.made("Sum", vec![("array", array)]),
            },
            _ => match element {
                Type::Struct(id) => match self.field_of(*id, &|ty| ty.is_number()) {
                    Some((field, _)) => self.made("Sum", vec![("array", array), ("field", Value::Str(field))]),
                    None => array,
                },
                _ => self.made("ArrayLength", vec![("array", array)]),
            },
        }
    }

    fn plain_comparison(&mut self, ty: &Type) -> (&'static str, Value) {
        if *ty == Type::Bool {
            return (self.chance.word(&["==", "!="]), Value::Bool(self.chance.percent(50)));
        }
        let value = match ty.is_float() {
            true => Value::Float((self.chance.below(801) as f64 - 400.0) / 4.0),
            false => Value::Int(self.chance.below(60) as i64),
        };
        (self.chance.word(&["==", "!=", "<", ">", "<=", ">="]), value)
    }
}

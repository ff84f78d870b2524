//! Makes a case small that shows a disagreement, as long as it goes on showing one in the same respect.

use statewright_types::Value;

use crate::case::{Case, Step};

/// How many smaller cases are tried at most, where a try takes no time to speak of.
pub const TRIES: usize = 4_000;

/// The smallest case found for which `shows` holds, beginning with one for which it does; `tries` are tried at most.
pub fn shrink(case: Case, tries: usize, shows: &mut dyn FnMut(&Case) -> bool) -> Case {
    let mut shrinker = Shrinker { best: case, tries, shows };
    loop {
        let before = shrinker.best.size();
        shrinker.steps();
        shrinker.parts();
        shrinker.values();
        if shrinker.best.size() >= before || shrinker.tries == 0 {
            return shrinker.best;
        }
    }
}

struct Shrinker<'s> {
    best: Case,
    tries: usize,
    shows: &'s mut dyn FnMut(&Case) -> bool,
}

impl Shrinker<'_> {
    /// Takes a candidate if it shows the same.
    fn accept(&mut self, candidate: Case) -> bool {
        if self.tries == 0 || candidate == self.best {
            return false;
        }
        self.tries -= 1;
        let shows = (self.shows)(&candidate);
        if shows {
            self.best = candidate;
        }
        shows
    }

    fn steps(&mut self) {
        let mut at = self.best.steps.len();
        while at > 0 {
            at -= 1;
            let mut candidate = self.best.clone();
            if at < candidate.steps.len() {
                candidate.steps.remove(at);
                self.accept(candidate);
            }
        }
        let plain: [fn(&mut Case); 6] = [
            |case| case.players.clear(),
            |case| case.state = Value::Map(Vec::new()),
            |case| case.session_seed = 0,
            |case| case.now_ms = 0,
            |case| case.fuel = 2_000,
            |case| case.memory_bytes = 50_000,
        ];
        for change in plain {
            let mut candidate = self.best.clone();
            change(&mut candidate);
            self.accept(candidate);
        }
        let mut candidate = self.best.clone();
        candidate.config = None;
        self.accept(candidate);
    }

    /// Graphs, then nodes with their edges, then edges.
    fn parts(&mut self) {
        for key in ["handlers", "functions", "filters", "effects"] {
            self.remove_each(&[Hop::Key(key)]);
            for graph in 0..self.length(&[Hop::Key(key)]) {
                let at = [Hop::Key(key), Hop::At(graph)];
                self.halves(&at);
                let mut node = self.length(&[at[0], at[1], Hop::Key("nodes")]);
                while node > 0 {
                    node -= 1;
                    let mut candidate = self.best.clone();
                    if bypass(&mut candidate.document, &at, node) {
                        self.accept(candidate);
                    }
                }
                self.remove_each(&[at[0], at[1], Hop::Key("flow")]);
                self.remove_each(&[at[0], at[1], Hop::Key("nodes")]);
                self.remove_each(&[at[0], at[1], Hop::Key("parameters")]);
            }
        }
    }

    /// Many nodes at once.
    fn halves(&mut self, graph: &[Hop; 2]) {
        let mut size = self.length(&[graph[0], graph[1], Hop::Key("nodes")]) / 2;
        while size > 1 {
            let count = self.length(&[graph[0], graph[1], Hop::Key("nodes")]);
            let mut from = 0;
            while from < count {
                let mut candidate = self.best.clone();
                for node in (from..(from + size).min(count)).rev() {
                    bypass(&mut candidate.document, graph, node);
                }
                if !self.accept(candidate) {
                    from += size;
                } else {
                    break;
                }
            }
            size /= 2;
        }
    }

    fn length(&self, path: &[Hop]) -> usize {
        match look(&self.best.document, path) {
            Some(Value::List(elements)) => elements.len(),
            _ => 0,
        }
    }

    fn remove_each(&mut self, path: &[Hop]) {
        let mut at = self.length(path);
        while at > 0 {
            at -= 1;
            let mut candidate = self.best.clone();
            if let Some(Value::List(elements)) = look_mut(&mut candidate.document, path)
                && at < elements.len()
            {
                elements.remove(at);
                self.accept(candidate);
            }
        }
    }

    /// Inputs of nodes, the state, and parameters: less, and simpler.
    fn values(&mut self) {
        self.simplify(|case| Some(&mut case.state));
        for step in 0..self.best.steps.len() {
            self.simplify(move |case| match case.steps.get_mut(step) {
                Some(Step::Event { params, .. }) => Some(params),
                _ => None,
            });
        }
        for key in ["handlers", "functions", "filters", "effects"] {
            for graph in 0..self.length(&[Hop::Key(key)]) {
                for node in 0..self.length(&[Hop::Key(key), Hop::At(graph), Hop::Key("nodes")]) {
                    self.simplify(move |case| {
                        let path =
                            [Hop::Key(key), Hop::At(graph), Hop::Key("nodes"), Hop::At(node), Hop::Key("inputs")];
                        look_mut(&mut case.document, &path)
                    });
                }
            }
        }
    }

    /// Tries all smaller forms of one value.
    fn simplify(&mut self, place: impl Fn(&mut Case) -> Option<&mut Value>) {
        let mut at = 0;
        loop {
            let mut candidate = self.best.clone();
            let Some(value) = place(&mut candidate) else { return };
            let mut left = at;
            match change(value, &mut left) {
                Changed::Yes if self.accept(candidate) => {}
                Changed::Yes => at += 1,
                Changed::No => return,
            }
            if self.tries == 0 {
                return;
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Hop {
    Key(&'static str),
    At(usize),
}

fn look<'v>(value: &'v Value, path: &[Hop]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, hop| match hop {
        Hop::Key(key) => value.get(key),
        Hop::At(index) => value.at(*index),
    })
}

fn look_mut<'v>(value: &'v mut Value, path: &[Hop]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, hop| match (hop, value) {
        (Hop::Key(key), Value::Map(entries)) => {
            entries.iter_mut().find(|(name, _)| &**name == *key).map(|(_, value)| value)
        }
        (Hop::At(index), Value::List(elements)) => elements.get_mut(*index),
        _ => None,
    })
}

/// Takes a node out of the flow: whoever led to it leads to where it led on without a label, or as loops are done.
fn bypass(document: &mut Value, graph: &[Hop; 2], node: usize) -> bool {
    let Some(Value::List(nodes)) = look_mut(document, &[graph[0], graph[1], Hop::Key("nodes")]) else { return false };
    if node >= nodes.len() {
        return false;
    }
    let Some(Value::Str(id)) = nodes.remove(node).get("id").cloned() else { return false };
    let Some(Value::List(edges)) = look_mut(document, &[graph[0], graph[1], Hop::Key("flow")]) else { return true };
    let is = |edge: &Value, key: &str| matches!(edge.get(key), Some(Value::Str(text)) if *text == id);
    let on = |edge: &&Value| match edge.get("label") {
        Some(Value::Str(label)) => matches!(&**label, "done" | "default" | "true"),
        _ => true,
    };
    let target = edges.iter().filter(|edge| is(edge, "from")).find(on).and_then(|edge| edge.get("to")).cloned();
    edges.retain(|edge| !is(edge, "from"));
    match target {
        Some(target) => {
            for edge in edges.iter_mut() {
                if is(edge, "to")
                    && let Some(to) = look_mut(edge, &[Hop::Key("to")])
                {
                    *to = target.clone();
                }
            }
        }
        None => edges.retain(|edge| !is(edge, "to")),
    }
    true
}

enum Changed {
    Yes,
    No,
}

/// Makes the `left`th of all smaller forms of a value: without an entry or element, or with a simpler scalar.
fn change(value: &mut Value, left: &mut usize) -> Changed {
    match value {
        Value::Map(entries) => {
            if *left < entries.len() {
                entries.remove(*left);
                return Changed::Yes;
            }
            *left -= entries.len();
            each(entries.iter_mut().map(|(_, value)| value), left)
        }
        Value::List(elements) => {
            if *left < elements.len() {
                elements.remove(*left);
                return Changed::Yes;
            }
            *left -= elements.len();
            each(elements.iter_mut(), left)
        }
        scalar => {
            let simpler = simpler(scalar);
            match simpler.into_iter().nth(*left) {
                Some(simple) => {
                    *scalar = simple;
                    Changed::Yes
                }
                None => {
                    *left -= simpler_count(scalar);
                    Changed::No
                }
            }
        }
    }
}

fn each<'v>(values: impl Iterator<Item = &'v mut Value>, left: &mut usize) -> Changed {
    for value in values {
        if let Changed::Yes = change(value, left) {
            return Changed::Yes;
        }
    }
    Changed::No
}

fn simpler_count(value: &Value) -> usize {
    simpler(value).len()
}

fn simpler(value: &Value) -> Vec<Value> {
    match value {
        Value::Int(0 | 1) | Value::Bool(false) | Value::Null => Vec::new(),
        Value::Int(_) | Value::UInt(_) => vec![Value::Int(0), Value::Int(1)],
        Value::Float(float) if *float == 0.0 && float.is_sign_positive() || *float == 1.5 => Vec::new(),
        Value::Float(_) => vec![Value::Float(0.0), Value::Float(1.5)],
        Value::Bool(true) => vec![Value::Bool(false)],
        // A reference may become the value that it has, in most places.
        Value::Str(text) if text.contains(':') => vec![Value::Int(0), Value::Int(1), Value::from("a")],
        Value::Str(text) if text.chars().count() > 1 => vec![Value::from("a"), Value::from("")],
        _ => Vec::new(),
    }
}

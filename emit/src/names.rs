//! What values are called: after the node they come from, with a number where several do.

use std::collections::HashMap;

use statewright_graph::ir::{Function, Value};

/// How a language spells names.
pub struct Spelling<'a> {
    /// Words that are no names there, and names that the writer uses itself.
    pub reserved: &'a [&'a str],
    /// Whether words are joined with `_`, or begin with a capital.
    pub is_snake: bool,
}

impl Spelling<'_> {
    /// A name made of a text: letters and digits of it, in words.
    pub fn name(&self, text: &str) -> String {
        let mut name = String::new();
        let (mut is_start, mut was_lower) = (false, false);
        for character in text.chars() {
            if !character.is_ascii_alphanumeric() {
                is_start = !name.is_empty();
                continue;
            }
            let begins = is_start || character.is_ascii_uppercase() && was_lower;
            if begins && self.is_snake {
                name.push('_');
            }
            let is_capital = begins && !self.is_snake;
            name.push(if is_capital { character.to_ascii_uppercase() } else { character.to_ascii_lowercase() });
            (is_start, was_lower) = (false, character.is_ascii_lowercase() || character.is_ascii_digit());
        }
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            name.insert(0, 'n');
        }
        if self.reserved.contains(&name.as_str()) {
            name.push('_');
        }
        name
    }
}

/// Names that are taken, and those of the values.
pub struct Names {
    /// With the number that comes next.
    taken: HashMap<String, u64>,
    of: Vec<String>,
}

impl Names {
    /// None are taken.
    pub fn empty() -> Names {
        Names { taken: HashMap::new(), of: Vec::new() }
    }

    /// Names for all values of a function that get a variable, which `has_variable` says.
    pub fn new(function: &Function, spelling: &Spelling<'_>, has_variable: impl Fn(Value) -> bool) -> Names {
        let mut names = Names { of: vec![String::new(); function.values.len()], ..Names::empty() };
        let mut set = |value: Value, text: &str| {
            if has_variable(value) {
                let name = names.free(&spelling.name(text));
                if let Some(place) = names.of.get_mut(value.index()) {
                    *place = name;
                }
            }
        };
        for (index, block) in function.blocks.iter().enumerate() {
            for (at, param) in block.params.iter().enumerate() {
                let declared = function.params.get(at).filter(|_| index == 0);
                let node = block.insts.first().map_or(block.node, |inst| inst.node);
                let text = declared.map_or_else(|| &**function.node_id(node), |param| &*param.name);
                set(*param, if text.is_empty() { "value" } else { text });
            }
            for inst in &block.insts {
                if let Some(result) = inst.result {
                    let text = &**function.node_id(inst.node);
                    set(result, if text.is_empty() { "value" } else { text });
                }
            }
        }
        names
    }

    /// That name, or with a number if it is taken; now it is.
    pub fn free(&mut self, name: &str) -> String {
        let Some(next) = self.taken.get(name).copied() else {
            self.taken.insert(name.to_owned(), 2);
            return name.to_owned();
        };
        // A name that is escaped with `_` needs that no more.
        let stem = name.trim_end_matches('_');
        let free = (next..).map(|number| (number, format!("{stem}_{number}")));
        let (number, free) = free.into_iter().find(|(_, name)| !self.taken.contains_key(name)).unwrap_or_default();
        self.taken.insert(name.to_owned(), number + 1);
        self.taken.insert(free.clone(), 2);
        free
    }

    /// Calls a value what another one is called.
    pub fn share(&mut self, value: Value, with: Value) {
        let name = self.of(with).to_owned();
        if let Some(place) = self.of.get_mut(value.index()) {
            *place = name;
        }
    }

    /// A value's name; empty if it has no variable.
    pub fn of(&self, value: Value) -> &str {
        self.of.get(value.index()).map_or("", String::as_str)
    }
}

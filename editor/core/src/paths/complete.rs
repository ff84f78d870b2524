//! Completion of a state path, or of a reference behind its head.

use statewright_graph::document::{Path, Reference};
use statewright_types::{Span, Type};

use super::Scope;

/// What may come next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The whole text with it.
    pub text: String,
    /// What is shown: `.Score`, `[…]`, `Players`.
    pub label: String,
    /// The type that the text then has.
    pub ty: String,
    /// What the schema says of it.
    pub docs: String,
}

impl Scope<'_> {
    /// What a state path that begins with `text` may go on with, those that fit what is written of the next name.
    pub fn complete_path(&self, text: &str) -> Vec<Completion> {
        let (done, begun) = split(text);
        if done.is_empty() {
            return self.heads(begun);
        }
        let ty = Path::parse(done).ok().and_then(|path| self.path(&path));
        ty.map_or_else(Vec::new, |ty| self.after(done, begun, &ty, last_field(done)))
    }

    /// The same of a reference, whose head is written.
    pub fn complete_reference(&self, text: &str) -> Vec<Completion> {
        let (done, begun) = split(text);
        if let Some(path) = text.strip_prefix("state:") {
            let found = self.complete_path(path).into_iter();
            return found.map(|found| Completion { text: format!("state:{}", found.text), ..found }).collect();
        }
        let reference = Reference::parse(done, Span::default()).ok();
        let ty = reference.and_then(|reference| self.reference(&reference));
        ty.map_or_else(Vec::new, |ty| self.after(done, begun, &ty, last_field(done)))
    }

    fn heads(&self, begun: &str) -> Vec<Completion> {
        let root = self.schema.get(self.root);
        let fields = root.fields.iter().map(|field| (field.name.to_string(), self.show(&field.ty), field.docs.clone()));
        let roots = self.schema.roots().into_iter().map(|id| {
            let def = self.schema.get(id);
            (def.name.to_string(), def.name.to_string(), def.docs.clone())
        });
        let all = fields.chain(roots).filter(|(name, ..)| begins(name, begun));
        all.map(|(name, ty, docs)| Completion { text: name.clone(), label: name, ty, docs }).collect()
    }

    fn after(&self, done: &str, begun: &str, ty: &Type, field: Option<&str>) -> Vec<Completion> {
        let mut found = Vec::new();
        let mut add = |label: String, ty: &Type, docs: &str| {
            found.push(Completion { text: format!("{done}{label}"), label, ty: self.show(ty), docs: docs.to_owned() });
        };
        let length = |add: &mut dyn FnMut(String, &Type, &str)| {
            if begins("length", begun) {
                add(".length".to_owned(), &Type::INT, "How many there are.");
            }
        };
        match ty.non_null() {
            Type::Struct(id) => {
                for field in self.schema.get(*id).fields.iter().filter(|field| begins(&field.name, begun)) {
                    add(format!(".{}", field.name), &field.ty, &field.docs);
                }
            }
            Type::Record(record) => {
                for (name, ty) in record.fields.iter().filter(|(name, _)| begins(name, begun)) {
                    add(format!(".{name}"), ty, "");
                }
            }
            Type::List(element) => {
                if begun.is_empty() {
                    add("[0]".to_owned(), element, "The element at an index.");
                    for key in self.keys(element, done, field) {
                        add(format!("[param:id:{key}]"), element, "The first element whose field equals a value.");
                    }
                }
                length(&mut add);
            }
            Type::Map(_, value) => {
                if begun.is_empty() {
                    add("[\"key\"]".to_owned(), value, "The value of a key.");
                }
                length(&mut add);
            }
            Type::String | Type::Bytes => length(&mut add),
            _ => {}
        }
        found
    }

    /// Fields by which elements are looked up: the declared key first, then fields of text and whole numbers.
    fn keys(&self, element: &Type, done: &str, field: Option<&str>) -> Vec<String> {
        let Type::Struct(id) = element.non_null() else { return Vec::new() };
        let declared = field.and_then(|field| {
            let owner = done.strip_suffix(field)?.strip_suffix('.');
            let ty = match owner {
                Some(owner) => Path::parse(owner).ok().and_then(|path| self.path(&path)),
                None => Some(Type::Struct(self.root)),
            };
            self.key_of(&ty?, field)
        });
        let fits = |ty: &Type| ty.is_text() || ty.is_int();
        let mut keys: Vec<String> = declared.iter().map(|key| key.to_string()).collect();
        let fields = self.schema.get(*id).fields.iter().filter(|field| fits(&field.ty));
        keys.extend(fields.map(|field| field.name.to_string()).filter(|name| declared.as_deref() != Some(name)));
        keys.truncate(4);
        keys
    }
}

/// What is complete, and the name that is being written behind it.
fn split(text: &str) -> (&str, &str) {
    let mut depth = 0usize;
    let mut at = 0;
    let mut in_text = false;
    for (index, letter) in text.char_indices() {
        match letter {
            '"' => in_text = !in_text,
            '[' if !in_text => depth += 1,
            ']' if !in_text => {
                depth = depth.saturating_sub(1);
                at = if depth == 0 { index + 1 } else { at };
            }
            '.' if !in_text && depth == 0 => at = index,
            _ => {}
        }
    }
    let (done, rest) = text.split_at(at);
    match rest.strip_prefix('.') {
        Some(begun) => (done, begun),
        // `Players` alone may be whole, or the beginning of a name.
        None if at == 0 => ("", text),
        None => (done, rest),
    }
}

fn begins(name: &str, begun: &str) -> bool {
    let (name, begun) = (name.to_lowercase(), begun.to_lowercase());
    name.starts_with(&begun)
}

fn last_field(done: &str) -> Option<&str> {
    let name = done.rsplit('.').next()?;
    (!name.contains([']', '['])).then_some(name)
}

#[cfg(test)]
mod tests {
    use statewright_graph::document::{GraphAt, GraphKind, SourceDocument};
    use statewright_graph::node::EXAMPLE_SCHEMA;
    use statewright_types::schema;

    use super::*;

    #[test]
    fn paths_go_on_by_the_schema() {
        let schema = schema::parse(EXAMPLE_SCHEMA).0.unwrap();
        let text = r#"{"handlers": [{"name": "h", "event": "E", "parameters": [{"name": "p", "type": "Player"}], "nodes": []}]}"#;
        let source = SourceDocument::parse(text).unwrap();
        let graph = source.graph(GraphAt { kind: GraphKind::Handler, index: 0 }).unwrap();
        let scope = Scope::new(&schema, None, graph).unwrap();
        let check = |text: &str, expected: &str| {
            let found = if text.contains("param") && !text.starts_with('P') {
                scope.complete_reference(text)
            } else {
                scope.complete_path(text)
            };
            let shown: Vec<String> = found.iter().map(|found| format!("{} {}", found.text, found.ty)).collect();
            assert_eq!(shown.join(", "), expected, "{text}");
        };
        check("P", "Phase string, Players []Player");
        check("players.", "");
        check("Players.l", "Players.length int64");
        check(
            "Players.",
            "Players[0] Player, Players[param:id:ID] Player, Players[param:id:Name] Player, Players[param:id:Score] Player, \
             Players.length int64",
        );
        check("Players[param:id:ID].S", "Players[param:id:ID].Score int64");
        check("Players[0].Hand.", "Players[0].Hand[0] int32, Players[0].Hand.length int64");
        check("Bonus.", "Bonus.Points int64");
        check("param:p.Na", "param:p.Name string");
    }
}

//! Edits of schemas and configurations as text: one line changes, and everything else stays as it was written.
//!
//! Both are blocks of fields, one on a line: name, type, annotations, comment. A field that shares its line with others is left
//! to whoever edits the text.

use std::ops::Range;

use statewright_types::schema::{Role, Schema, StructId};
use statewright_types::{Config, Span, Type};

use crate::refused::Refused;

/// A field as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldLine {
    /// The whole line, its end included.
    pub line: Range<usize>,
    /// Its name.
    pub name: Range<usize>,
    /// Its type.
    pub ty: Range<usize>,
    /// Name, the whole of it with `@`, and what is in its parentheses.
    pub annotations: Vec<(String, Range<usize>, Option<Range<usize>>)>,
    /// What stands behind `//`, with it.
    pub comment: Option<Range<usize>>,
}

impl FieldLine {
    /// The field whose name is at `span`; `None` where it shares its line.
    pub fn at(text: &str, span: Span) -> Option<FieldLine> {
        let name = span.range();
        let start = text.get(..name.start)?.rfind('\n').map_or(0, |newline| newline + 1);
        let end = text.get(name.end..)?.find('\n').map_or(text.len(), |newline| name.end + newline + 1);
        if !text.get(start..name.start)?.trim().is_empty() {
            return None;
        }
        let bytes = text.as_bytes();
        let space = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_whitespace);
        let mut at = name.end;
        while at < end && space(at) {
            at += 1;
        }
        let ty_start = at;
        while at < end && !space(at) && bytes.get(at) != Some(&b'@') {
            at += 1;
        }
        let ty = ty_start..at;
        if ty.is_empty() {
            return None;
        }
        let mut field = FieldLine { line: start..end, name, ty, annotations: Vec::new(), comment: None };
        while at < end {
            match bytes.get(at)? {
                b'@' => {
                    let annotation = annotation(text, at, end)?;
                    at = annotation.1.end;
                    field.annotations.push(annotation);
                }
                b'/' if bytes.get(at + 1) == Some(&b'/') => {
                    let written = text.get(at..end)?.trim_end().len();
                    field.comment = Some(at..at + written);
                    return Some(field);
                }
                byte if byte.is_ascii_whitespace() => at += 1,
                _ => return None,
            }
        }
        Some(field)
    }

    /// What an annotation says in its parentheses; "" without any. `None` if it is not there.
    pub fn annotation<'a>(&self, text: &'a str, name: &str) -> Option<&'a str> {
        let (.., value) = self.annotations.iter().find(|(other, ..)| other == name)?;
        Some(value.clone().and_then(|value| text.get(value)).unwrap_or(""))
    }

    /// Every annotation but these, as they are written.
    pub fn others(&self, text: &str, without: &[&str]) -> String {
        let others = self.annotations.iter().filter(|(name, ..)| !without.contains(&&**name));
        others.filter_map(|(_, whole, _)| text.get(whole.clone())).collect::<Vec<_>>().join(" ")
    }

    /// The end of what stands before the comment.
    fn end(&self) -> usize {
        self.annotations.last().map_or(self.ty.end, |(_, whole, _)| whole.end)
    }
}

/// An annotation that begins at `at`.
pub(crate) fn annotation(text: &str, at: usize, end: usize) -> Option<(String, Range<usize>, Option<Range<usize>>)> {
    let rest = text.get(at + 1..end)?;
    let length = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    let name = rest.get(..length)?.to_owned();
    let open = at + 1 + length;
    if text.as_bytes().get(open) != Some(&b'(') {
        return Some((name, at..open, None));
    }
    let (mut depth, mut in_text, mut is_escaped) = (0usize, false, false);
    for (index, letter) in text.get(open..end)?.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if in_text => is_escaped = true,
            '"' => in_text = !in_text,
            '(' if !in_text => depth += 1,
            ')' if !in_text => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let close = open + index;
                    return Some((name, at..close + 1, Some(open + 1..close)));
                }
            }
            _ => {}
        }
    }
    None
}

fn replaced(text: &str, range: Range<usize>, with: &str) -> String {
    let mut out = text.to_owned();
    out.replace_range(range, with);
    out
}

fn by_hand() -> Refused {
    Refused::new("this field shares its line with something else", "change it in the text")
}

pub(crate) fn checked(name: &str) -> Result<(), Refused> {
    crate::command::graphs::check_name(name, "a field or type")
}

/// A field of a schema as it is written.
///
/// # Errors
/// It shares its line.
pub fn field(text: &str, schema: &Schema, ty: StructId, index: usize) -> Result<FieldLine, Refused> {
    FieldLine::at(text, schema.field_span(ty, index)).ok_or_else(by_hand)
}

/// The text with another type for a field.
pub fn with_type(text: &str, field: &FieldLine, ty: &str) -> String {
    replaced(text, field.ty.clone(), ty.trim())
}

/// The text with another value of an annotation: `None` takes it away, "" leaves out the parentheses.
pub fn with_annotation(text: &str, field: &FieldLine, name: &str, value: Option<&str>) -> String {
    let written = value.map(|value| if value.is_empty() { format!("@{name}") } else { format!("@{name}({value})") });
    let known = field.annotations.iter().find(|(other, ..)| other == name);
    match (known, written) {
        (Some((_, whole, _)), Some(written)) => replaced(text, whole.clone(), &written),
        (Some((_, whole, _)), None) => {
            let before = text.get(..whole.start).map_or(0, |before| before.trim_end().len());
            replaced(text, before..whole.end, "")
        }
        (None, Some(written)) => replaced(text, field.end()..field.end(), &format!(" {written}")),
        (None, None) => text.to_owned(),
    }
}

/// The text with other annotations than `kept` for a field, as they are written.
pub fn with_others(text: &str, field: &FieldLine, kept: &[&str], written: &str) -> String {
    let mut all: Vec<&str> = Vec::new();
    let kept = field.annotations.iter().filter(|(name, ..)| kept.contains(&&**name));
    all.extend(kept.filter_map(|(_, whole, _)| text.get(whole.clone())));
    all.extend(Some(written.trim()).filter(|written| !written.is_empty()));
    let joined = if all.is_empty() { String::new() } else { format!(" {}", all.join(" ")) };
    replaced(text, field.ty.end..field.end(), &joined)
}

/// The text with another comment behind a field; "" takes it away.
pub fn with_comment(text: &str, field: &FieldLine, comment: &str) -> String {
    let comment = comment.trim().replace('\n', " ");
    match &field.comment {
        Some(range) if comment.is_empty() => {
            let before = text.get(..range.start).map_or(0, |before| before.trim_end().len());
            replaced(text, before..range.end, "")
        }
        Some(range) => replaced(text, range.clone(), &format!("// {comment}")),
        None if comment.is_empty() => text.to_owned(),
        None => replaced(text, field.end()..field.end(), &format!(" // {comment}")),
    }
}

/// The text without a field.
pub fn without(text: &str, field: &FieldLine) -> String {
    replaced(text, field.line.clone(), "")
}

/// The text with two fields in each other's place.
///
/// # Errors
/// One of them shares its line, or there is none.
pub fn moved(text: &str, schema: &Schema, ty: StructId, from: usize, to: usize) -> Result<String, Refused> {
    let count = schema.get(ty).fields.len();
    if from >= count || to >= count || from == to {
        return Err(Refused::new("there is no field to change places with", "choose another"));
    }
    let (first, second) = (field(text, schema, ty, from.min(to))?, field(text, schema, ty, from.max(to))?);
    let line = |field: &FieldLine| text.get(field.line.clone()).unwrap_or("").trim_end_matches(['\n', '\r']).to_owned();
    let (a, b) = (line(&first), line(&second));
    let body = |field: &FieldLine, old: &str| field.line.start..field.line.start + old.len();
    let later = replaced(text, body(&second, &b), &a);
    Ok(replaced(&later, body(&first, &a), &b))
}

/// The text with a new field at the end of a type.
///
/// # Errors
/// The name or type can be none.
pub fn with_field(text: &str, schema: &Schema, ty: StructId, name: &str, of: &str) -> Result<String, Refused> {
    checked(name)?;
    let def = schema.get(ty);
    if def.field(name).is_some() {
        return Err(Refused::new(format!("{} has a field `{name}` already", def.name), "choose another name"));
    }
    schema.parse_type(of).map_err(|message| Refused::new(message, "choose a type that there is"))?;
    let line = format!("    {name} {}\n", of.trim());
    if let Some(last) = def.fields.len().checked_sub(1) {
        let last = field(text, schema, ty, last)?;
        let has_end = text.get(last.line.clone()).is_some_and(|line| line.ends_with('\n'));
        return Ok(replaced(text, last.line.end..last.line.end, if has_end { &line } else { "" }));
    }
    let from = schema.type_span(ty).range().end;
    let open = text.get(from..).and_then(|rest| rest.find('{')).map(|open| from + open + 1).ok_or_else(by_hand)?;
    // The line break that stands there ends the new line.
    let is_end = text.get(open..).is_some_and(|rest| rest.starts_with('\n'));
    let line = if is_end { line.trim_end() } else { &line };
    Ok(replaced(text, open..open, &format!("\n{line}")))
}

/// Fields of lists and maps whose elements are of a type and found by a field of it.
pub(crate) fn keyed_by(schema: &Schema, ty: StructId, key: &str) -> Vec<(StructId, usize)> {
    let mut found = Vec::new();
    for (id, other) in schema.types().iter().enumerate().map(|(id, def)| (StructId(id as u32), def)) {
        for (position, of) in other.fields.iter().enumerate() {
            let is_of = |found: &Type| matches!(found.non_null(), Type::Struct(id) if *id == ty);
            let has_it = match of.ty.non_null() {
                Type::List(element) => is_of(element),
                Type::Map(_, value) => is_of(value),
                _ => false,
            };
            if has_it && of.key.as_deref() == Some(key) {
                found.push((id, position));
            }
        }
    }
    found
}

/// The text with another name for a field, wherever the schema names it: as a key or an owner too.
///
/// # Errors
/// The name can be none, or is taken.
pub fn renamed_field(text: &str, schema: &Schema, ty: StructId, index: usize, name: &str) -> Result<String, Refused> {
    checked(name)?;
    let def = schema.get(ty);
    if def.field(name).is_some_and(|other| other != index) {
        return Err(Refused::new(format!("{} has a field `{name}` already", def.name), "choose another name"));
    }
    let Some(old) = def.fields.get(index).map(|field| field.name.clone()) else { return Ok(text.to_owned()) };
    let mut places = vec![schema.field_span(ty, index).range()];
    for (id, position) in keyed_by(schema, ty, &old) {
        let line = field(text, schema, id, position)?;
        places.extend(line.annotations.into_iter().filter(|(name, ..)| name == "key").filter_map(|(.., value)| value));
    }
    if def.owner_field.as_ref() == Some(&old) {
        let before = schema.type_span(ty).range().start;
        let written = format!("@owner({old})");
        let found = text.get(..before).and_then(|before| before.rfind(&written));
        places.extend(found.map(|at| at + "@owner(".len()..at + written.len() - 1));
    }
    places.sort_by_key(|place| std::cmp::Reverse(place.start));
    Ok(places.into_iter().fold(text.to_owned(), |text, place| replaced(&text, place, name)))
}

/// The text with another role for a type: `@helper`, `@root(active)`, `@root(inactive)`.
pub fn with_role(text: &str, schema: &Schema, ty: StructId, role: Role) -> String {
    let written = match role {
        Role::Helper => "@helper",
        Role::ActiveRoot => "@root(active)",
        Role::InactiveRoot => "@root(inactive)",
    };
    let name = schema.type_span(ty).range().start;
    let line = text.get(..name).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    // Annotations stand on the lines above.
    let mut first = line;
    while let Some(above) = text.get(..first.saturating_sub(1)).filter(|_| first > 0) {
        let start = above.rfind('\n').map_or(0, |newline| newline + 1);
        if !above.get(start..).is_some_and(|line| line.trim_start().starts_with('@')) {
            break;
        }
        first = start;
    }
    let above = text.get(first..name).unwrap_or("");
    for old in ["@helper", "@root(active)", "@root(inactive)", "@root"] {
        if let Some(at) = above.find(old) {
            return replaced(text, first + at..first + at + old.len(), written);
        }
    }
    replaced(text, line..line, &format!("{written}\n"))
}

/// The text with a new type at its end.
///
/// # Errors
/// The name can be none, or is taken.
pub fn with_new_type(text: &str, schema: Option<&Schema>, name: &str, role: Role) -> Result<String, Refused> {
    checked(name)?;
    if schema.is_some_and(|schema| schema.by_name(name).is_some()) {
        return Err(Refused::new(format!("there is a type `{name}` already"), "choose another name"));
    }
    let written = match role {
        Role::Helper => "@helper",
        Role::ActiveRoot => "@root(active)",
        Role::InactiveRoot => "@root(inactive)",
    };
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    Ok(format!("{text}{end}\n{written}\ntype {name} {{\n}}\n"))
}

/// The text of a configuration with another default for a value.
///
/// # Errors
/// There is no such value, or it shares its line.
pub fn with_config(text: &str, config: &Config, path: &str, value: &str) -> Result<String, Refused> {
    let found = config
        .field(path)
        .ok_or_else(|| Refused::new(format!("the configuration has no value `{path}`"), "choose one that is there"))?;
    let line = FieldLine::at(text, found.span).ok_or_else(by_hand)?;
    Ok(with_annotation(text, &line, "default", Some(value)))
}

#[cfg(test)]
mod tests {
    use statewright_types::{config, schema};

    use super::*;

    const TEXT: &str = "package game\n\n// Somebody.\n@helper @owner(ID)\ntype Player {\n    ID   string  @view(owner)   // who\n    Note string @default(\"a) // b\")\n}\n\n@root(active)\ntype Game {\n    Players []Player @key(ID)\n    Score int64\n}\n";

    fn parsed(text: &str) -> std::sync::Arc<Schema> {
        let (schema, problems) = schema::parse(text);
        schema.unwrap_or_else(|| panic!("{problems:?}\n{text}"))
    }

    /// The lines that differ.
    fn changed(after: &str) -> Vec<String> {
        parsed(after);
        let old: Vec<&str> = TEXT.lines().collect();
        after.lines().filter(|line| !old.contains(line)).map(str::to_owned).collect()
    }

    #[test]
    fn one_line_changes_and_the_rest_stays() {
        let schema = parsed(TEXT);
        let (player, game) = (schema.by_name("Player").unwrap(), schema.by_name("Game").unwrap());
        let note = field(TEXT, &schema, player, 1).unwrap();
        assert_eq!(note.annotation(TEXT, "default"), Some("\"a) // b\""));
        assert_eq!(note.comment, None);
        let id = field(TEXT, &schema, player, 0).unwrap();
        assert_eq!(
            changed(&with_annotation(TEXT, &id, "default", Some("\"x\""))),
            ["    ID   string  @view(owner) @default(\"x\")   // who"]
        );
        assert_eq!(changed(&with_annotation(TEXT, &id, "view", None)), ["    ID   string   // who"]);
        assert_eq!(changed(&with_type(TEXT, &id, "uuid")), ["    ID   uuid  @view(owner)   // who"]);
        assert_eq!(changed(&with_comment(TEXT, &id, "")), ["    ID   string  @view(owner)"]);
        assert_eq!(
            changed(&with_others(TEXT, &note, &["default"], "@team")),
            ["    Note string @default(\"a) // b\") @team"]
        );
        assert_eq!(changed(&with_field(TEXT, &schema, game, "Round", "int32").unwrap()), ["    Round int32"]);
        assert_eq!(without(TEXT, &note).len(), TEXT.len() - note.line.len());
        let order: Vec<String> = parsed(&moved(TEXT, &schema, game, 1, 0).unwrap())
            .get(game)
            .fields
            .iter()
            .map(|field| field.name.to_string())
            .collect();
        assert_eq!(order, ["Score", "Players"]);
        let renamed = renamed_field(TEXT, &schema, player, 0, "Key").unwrap();
        assert_eq!(
            changed(&renamed),
            ["@helper @owner(Key)", "    Key   string  @view(owner)   // who", "    Players []Player @key(Key)"]
        );
        assert_eq!(changed(&with_role(TEXT, &schema, game, Role::InactiveRoot)), ["@root(inactive)"]);
        let more = with_new_type(TEXT, Some(&schema), "Card", Role::Helper).unwrap();
        let (more, with) = (parsed(&more), more.clone());
        let card = more.by_name("Card").unwrap();
        assert!(parsed(&with_field(&with, &more, card, "Rank", "int32").unwrap()).get(card).field("Rank").is_some());
    }

    #[test]
    fn names_and_lines_that_do_not_go_are_refused() {
        let schema = parsed(TEXT);
        let player = schema.by_name("Player").unwrap();
        assert!(with_field(TEXT, &schema, player, "ID", "string").is_err());
        assert!(with_field(TEXT, &schema, player, "New", "Nobody").is_err());
        assert!(renamed_field(TEXT, &schema, player, 0, "1").is_err());
        assert!(with_new_type(TEXT, Some(&schema), "Game", Role::Helper).is_err());
        assert_eq!(FieldLine::at("type A { X int64 }\n", Span::new(9, 10)), None);
    }

    #[test]
    fn a_default_of_a_configuration_is_set() {
        let text = "package game\n\nconfig Rules {\n    Cards int64 @default(5) @min(1) @max(9) // each\n}\n";
        let config = config::parse(text).0.unwrap();
        let after = with_config(text, &config, "Rules.Cards", "7").unwrap();
        assert_eq!(after, text.replace("(5)", "(7)"));
        assert!(with_config(text, &config, "Rules.None", "7").is_err());
    }
}

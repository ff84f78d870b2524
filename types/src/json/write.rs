//! Values to text.

use crate::Value;

/// How wide [`to_pretty`] lets a line become before it breaks a container, in characters.
const PRETTY_COLUMNS: usize = 80;

/// How values are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// `\n` or `\r\n`.
    pub newline: &'static str,
    /// One level of indentation.
    pub indent: String,
    /// Between a key and its value, the colon included.
    pub colon: String,
    /// Between items on one line, the comma included.
    pub comma: String,
    /// Inside the braces of an object on one line.
    pub padding: String,
    /// The longest line that holds a whole container.
    pub columns: usize,
}

impl Default for Layout {
    fn default() -> Layout {
        Layout {
            newline: "\n",
            indent: "  ".to_owned(),
            colon: ": ".to_owned(),
            comma: ", ".to_owned(),
            padding: String::new(),
            columns: PRETTY_COLUMNS,
        }
    }
}

/// `value` as compact JSON. Floats always have a point or an exponent; those that are not finite are the strings
/// `"NaN"`, `"Infinity"` and `"-Infinity"`; bytes are base64.
pub fn to_string(value: &Value) -> String {
    let mut text = String::new();
    compact(value, &mut text);
    text
}

/// `value` as JSON with two spaces of indentation, where arrays and objects that fit 80 columns stay on one line.
/// No newline at the end.
pub fn to_pretty(value: &Value) -> String {
    let mut text = String::new();
    Layout::default().write(value, "", 0, 0, &mut text);
    text
}

/// `text` as a JSON string literal.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    push_quoted(text, &mut quoted);
    quoted
}

/// A float as JSON: shortest digits that read back the same, always with a point or an exponent, so that it reads
/// back as a float. Not finite: the quoted names of [`to_string`].
pub fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "\"NaN\"".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" }.to_owned();
    }
    if value == 0.0 {
        return if value.is_sign_negative() { "-0.0" } else { "0.0" }.to_owned();
    }
    let mut buffer = ryu_js::Buffer::new();
    let text = buffer.format_finite(value);
    if text.contains(['.', 'e']) { text.to_owned() } else { format!("{text}.0") }
}

fn push_quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Writes everything but non-empty containers, which it refuses.
fn scalar(value: &Value, out: &mut String) -> bool {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => out.push_str(&value.to_string()),
        Value::UInt(value) => out.push_str(&value.to_string()),
        Value::Float(value) => out.push_str(&float_text(*value)),
        Value::Str(text) => push_quoted(text, out),
        Value::Bytes(data) => push_quoted(&super::base64_encode(data), out),
        Value::List(elements) if elements.is_empty() => out.push_str("[]"),
        Value::Map(entries) if entries.is_empty() => out.push_str("{}"),
        Value::List(_) | Value::Map(_) => return false,
    }
    true
}

fn compact(value: &Value, out: &mut String) {
    match value {
        Value::List(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                compact(element, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_quoted(key, out);
                out.push(':');
                compact(value, out);
            }
            out.push('}');
        }
        other => {
            scalar(other, out);
        }
    }
}

impl Layout {
    /// Writes `value` at `column`, whose line is indented by `indent`; `after` is what will follow on its last line.
    pub fn write(&self, value: &Value, indent: &str, column: usize, after: usize, out: &mut String) {
        if scalar(value, out) {
            return;
        }
        let start = out.len();
        if self.one_line(value, self.columns.saturating_sub(column + after), start, out) {
            return;
        }
        out.truncate(start);
        let inner = format!("{indent}{}", self.indent);
        let column = inner.chars().count();
        match value {
            Value::List(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    self.break_line(index, &inner, out);
                    self.write(element, &inner, column, 1, out);
                }
                self.end_line(indent, ']', out);
            }
            Value::Map(entries) => {
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    self.break_line(index, &inner, out);
                    let line = out.len();
                    push_quoted(key, out);
                    out.push_str(&self.colon);
                    let key_columns = out.get(line..).map_or(0, |key| key.chars().count());
                    self.write(value, &inner, column + key_columns, 1, out);
                }
                self.end_line(indent, '}', out);
            }
            _ => {}
        }
    }

    fn break_line(&self, index: usize, indent: &str, out: &mut String) {
        if index > 0 {
            out.push(',');
        }
        out.push_str(self.newline);
        out.push_str(indent);
    }

    fn end_line(&self, indent: &str, close: char, out: &mut String) {
        out.push_str(self.newline);
        out.push_str(indent);
        out.push(close);
    }

    /// Writes `value` on one line; gives up (false) when the line gets longer than `budget` from `start` on.
    fn one_line(&self, value: &Value, budget: usize, start: usize, out: &mut String) -> bool {
        let (items, brackets, padding) = match value {
            Value::List(elements) if !elements.is_empty() => (elements.len(), ['[', ']'], ""),
            Value::Map(entries) if !entries.is_empty() => (entries.len(), ['{', '}'], self.padding.as_str()),
            other => {
                scalar(other, out);
                return within(out, start, budget);
            }
        };
        out.push(brackets[0]);
        out.push_str(padding);
        for index in 0..items {
            if index > 0 {
                out.push_str(&self.comma);
            }
            let item = match value {
                Value::Map(entries) => entries.get(index).map(|(key, value)| {
                    push_quoted(key, out);
                    out.push_str(&self.colon);
                    value
                }),
                other => other.at(index),
            };
            if !item.is_none_or(|item| self.one_line(item, budget, start, out)) {
                return false;
            }
        }
        out.push_str(padding);
        out.push(brackets[1]);
        within(out, start, budget)
    }
}

/// Whether what `out` has from `start` on is at most `budget` characters.
fn within(out: &str, start: usize, budget: usize) -> bool {
    out.len() - start <= budget || out.get(start..).is_some_and(|line| line.chars().count() <= budget)
}

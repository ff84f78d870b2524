//! Conditions: references, literals, comparisons, `and`, `or`, `not`, parentheses (docs/debugging.md has the grammar).

use std::cmp::Ordering;
use std::sync::Arc;

use statewright_graph::document::reference::parse_template;
use statewright_graph::document::{Reference, Scheme, TemplatePart};
use statewright_types::json::decode_string;
use statewright_types::{Span, Value, number, scalar};

use super::place::{Found, Scope};

/// How deep parentheses and `not` nest at most.
const DEPTH: usize = 32;
/// Bytes of an expression at most.
const LENGTH: usize = 4_096;

/// A condition, or anything else that has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    root: Node,
    /// As written.
    pub text: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Literal(Literal),
    Reference(Box<Reference>),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Box<Node>, Operator, Box<Node>),
}

/// Compared by what was written.
#[derive(Clone, Debug)]
struct Literal(Value);

impl PartialEq for Literal {
    fn eq(&self, other: &Literal) -> bool {
        self.0 == other.0
    }
}

impl Eq for Literal {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Longer spellings first.
const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// Says what is wrong, and at which byte.
    pub fn parse(text: &str) -> Result<Expression, String> {
        if text.len() > LENGTH {
            return Err(format!("an expression has at most {LENGTH} bytes"));
        }
        let mut parser = Parser { text, at: 0 };
        let root = parser.or(0)?;
        parser.spaces();
        match parser.rest() {
            "" => Ok(Expression { root, text: text.into() }),
            rest => {
                Err(parser.wrong(&format!("nothing is expected after the expression, but there is `{}`", start(rest))))
            }
        }
    }

    /// Its value now.
    ///
    /// # Errors
    /// Says which part has none.
    pub fn value(&self, scope: &mut Scope<'_>) -> Result<Value, String> {
        value(&self.root, scope)
    }

    /// What it names, if it is a reference and nothing else: then a struct of the state stays what it is.
    pub fn found(&self, scope: &mut Scope<'_>) -> Option<Result<Found, String>> {
        match &self.root {
            Node::Reference(reference) => Some(scope.reference(reference)),
            _ => None,
        }
    }

    /// Whether it holds now.
    ///
    /// # Errors
    /// As [`Expression::value`], and if that is not true or false.
    pub fn holds(&self, scope: &mut Scope<'_>) -> Result<bool, String> {
        truth(self.value(scope)?)
    }
}

fn start(text: &str) -> String {
    text.chars().take(12).collect()
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

type Parsed = Result<Node, String>;

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn wrong(&self, what: &str) -> String {
        format!("at byte {}: {what}", self.at)
    }

    fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn accept(&mut self, symbol: &str) -> bool {
        self.spaces();
        let is_there = self.rest().starts_with(symbol);
        self.at += if is_there { symbol.len() } else { 0 };
        is_there
    }

    fn accept_word(&mut self, word: &str) -> bool {
        self.spaces();
        let rest = self.rest().strip_prefix(word);
        let is_there =
            rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || "_.:[".contains(next)));
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    fn or(&mut self, depth: usize) -> Parsed {
        let mut parts = vec![self.and(depth)?];
        while self.accept_word("or") || self.accept("||") {
            parts.push(self.and(depth)?);
        }
        Ok(if parts.len() > 1 { Node::Or(parts) } else { parts.remove(0) })
    }

    fn and(&mut self, depth: usize) -> Parsed {
        let mut parts = vec![self.not(depth)?];
        while self.accept_word("and") || self.accept("&&") {
            parts.push(self.not(depth)?);
        }
        Ok(if parts.len() > 1 { Node::And(parts) } else { parts.remove(0) })
    }

    fn not(&mut self, depth: usize) -> Parsed {
        if depth > DEPTH {
            return Err(self.wrong("this nests too deep"));
        }
        let is_not = self.accept_word("not") || (!self.rest().starts_with("!=") && self.accept("!"));
        if is_not {
            return Ok(Node::Not(Box::new(self.not(depth + 1)?)));
        }
        let left = self.operand(depth)?;
        let Some((_, operator)) = OPERATORS.iter().find(|(symbol, _)| self.accept(symbol)) else { return Ok(left) };
        let right = self.operand(depth)?;
        Ok(Node::Compare(Box::new(left), *operator, Box::new(right)))
    }

    fn operand(&mut self, depth: usize) -> Parsed {
        if self.accept("(") {
            let inside = self.or(depth + 1)?;
            return if self.accept(")") { Ok(inside) } else { Err(self.wrong("a `)` is missing")) };
        }
        for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)] {
            if self.accept_word(word) {
                return Ok(Node::Literal(Literal(value)));
            }
        }
        match self.rest().chars().next() {
            None => Err(self.wrong("a value is missing")),
            Some('"') => {
                let (text, end) =
                    decode_string(self.text, self.at).map_err(|_| self.wrong("this text does not end"))?;
                self.at = end;
                Ok(Node::Literal(Literal(Value::from(&*text))))
            }
            Some(first) if first.is_ascii_digit() || first == '-' => {
                let rest = self.rest();
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
                let written = rest.get(..end).unwrap_or("");
                let Some(found) = number::parse(written).filter(|_| number::is_json_number(written)) else {
                    return Err(self.wrong(&format!("`{written}` is no number")));
                };
                self.at += end;
                Ok(Node::Literal(Literal(found.as_value())))
            }
            Some(_) => self.reference(),
        }
    }

    /// Up to a space, a parenthesis, a comma or an operator outside of brackets.
    fn reference(&mut self) -> Parsed {
        let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
        let rest = self.rest();
        let ends = |(_, c): &(usize, char)| {
            match *c {
                _ if quoted => {
                    quoted = escaped || *c != '"';
                    escaped = !escaped && *c == '\\';
                }
                '"' => quoted = true,
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                c => return depth == 0 && (c.is_whitespace() || "()<>=!&|,".contains(c)),
            }
            false
        };
        let end = rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at);
        let written = rest.get(..end).unwrap_or("");
        if written.is_empty() {
            return Err(self.wrong(&format!("a value is expected, not `{}`", start(rest))));
        }
        let reference = read_reference(written).map_err(|why| self.wrong(&why))?;
        self.at += end;
        Ok(Node::Reference(Box::new(reference)))
    }
}

/// A reference with its scheme, or a bare name with steps.
pub fn read_reference(text: &str) -> Result<Reference, String> {
    if Scheme::of(text).is_some() {
        return Reference::parse(text, Span::default()).map_err(|error| format!("{}; {}", error.message, error.help));
    }
    // Templates are where documents write bare names.
    match parse_template(&format!("{{{{{text}}}}}"), Span::default()) {
        Ok(parts) => match <[TemplatePart; 1]>::try_from(parts) {
            Ok([TemplatePart::Value(reference)]) => Ok(reference),
            _ => Err(format!("`{text}` is no reference")),
        },
        Err(error) => Err(format!("{}; {}", error.message, error.help)),
    }
}

fn value(node: &Node, scope: &mut Scope<'_>) -> Result<Value, String> {
    match node {
        Node::Literal(Literal(value)) => Ok(value.clone()),
        Node::Reference(reference) => {
            let found = scope.reference(reference)?;
            let value = scope.state.export(&found.ty, found.slot);
            value.map_err(|trap| format!("`{}`: {}", reference.text, trap.message()))
        }
        Node::Not(inner) => Ok(Value::Bool(!truth(value(inner, scope)?)?)),
        Node::And(parts) | Node::Or(parts) => {
            let is_or = matches!(node, Node::Or(_));
            for part in parts {
                if truth(value(part, scope)?)? == is_or {
                    return Ok(Value::Bool(is_or));
                }
            }
            Ok(Value::Bool(!is_or))
        }
        Node::Compare(left, operator, right) => {
            let (left, right) = (value(left, scope)?, value(right, scope)?);
            compare(&left, *operator, &right).map(Value::Bool)
        }
    }
}

fn truth(value: Value) -> Result<bool, String> {
    match value {
        Value::Bool(value) => Ok(value),
        other => Err(format!("{other} is neither true nor false")),
    }
}

fn compare(left: &Value, operator: Operator, right: &Value) -> Result<bool, String> {
    let equal = |same: bool| same == (operator == Operator::Equal);
    let is_equality = matches!(operator, Operator::Equal | Operator::Unequal);
    let ordering = match (left, right) {
        (Value::Str(left), Value::Str(right)) => Some(scalar::cmp_text(left, right)),
        _ if is_number(left) && is_number(right) => compare_numbers(left, right),
        _ if is_equality => return Ok(equal(left == right)),
        _ => return Err(format!("{left} and {right} have no order")),
    };
    Ok(match operator {
        Operator::Equal => ordering == Some(Ordering::Equal),
        Operator::Unequal => ordering != Some(Ordering::Equal),
        Operator::Less => ordering == Some(Ordering::Less),
        Operator::LessOrEqual => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
        Operator::Greater => ordering == Some(Ordering::Greater),
        Operator::GreaterOrEqual => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
    })
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::UInt(_) | Value::Float(_))
}

/// Mathematically, as documents compare (R3.2); `None` with a NaN.
fn compare_numbers(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Float(_), _) => compare_numbers(right, left).map(Ordering::reverse),
        (Value::Int(left), Value::Float(right)) => scalar::cmp_int_float(*left, *right),
        (Value::UInt(left), Value::Float(right)) => scalar::cmp_uint_float(*left, *right),
        _ => whole(left)?.partial_cmp(&whole(right)?),
    }
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Int(value) => Some(i128::from(*value)),
        Value::UInt(value) => Some(i128::from(*value)),
        _ => None,
    }
}

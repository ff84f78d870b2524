//! Expressions with how tight they bind, so that parentheses stand where they are needed and nowhere else.

use crate::escape::is_unseen;

/// How tight an expression binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// `a == b`; does not chain.
    Compare,
    /// `a | b`
    Or,
    /// `a & b`
    And,
    /// `a + b`
    Sum,
    /// `a * b`
    Product,
    /// `a as T`
    Cast,
    /// `-a`
    Prefix,
    /// `f(a)`, `a?`, `a`
    Atom,
}

/// An expression's text.
#[derive(Clone, Debug)]
pub(super) struct Expr {
    pub text: String,
    pub level: Level,
}

impl Expr {
    pub fn atom(text: impl Into<String>) -> Expr {
        Expr { text: text.into(), level: Level::Atom }
    }

    pub fn prefix(text: impl Into<String>) -> Expr {
        Expr { text: text.into(), level: Level::Prefix }
    }

    /// As an operand of what binds as tight as `level`, or tighter.
    pub fn at(&self, level: Level) -> String {
        if self.level >= level { self.text.clone() } else { format!("({})", self.text) }
    }

    /// `a OP b`, of operators that group to the left.
    pub fn binary(a: &Expr, operator: &str, b: &Expr, level: Level) -> Expr {
        let above = match level {
            Level::Compare => Level::Or,
            Level::Or => Level::And,
            Level::And => Level::Sum,
            Level::Sum => Level::Product,
            _ => Level::Cast,
        };
        let first = if level == Level::Compare { above } else { level };
        let mut first = a.at(first);
        // A cast before `<` would read as the beginning of generics.
        if level == Level::Compare && first.ends_with(" as f64") {
            first = format!("({first})");
        }
        Expr { text: format!("{first} {operator} {}", b.at(above)), level }
    }

    /// `a.NAME(…)`, which takes an operand that binds as tight as a call.
    pub fn method(&self, rest: &str) -> Expr {
        Expr::atom(format!("{}.{rest}", self.at(Level::Atom)))
    }
}

/// A text as a literal.
pub(super) fn string(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            other if is_unseen(other) => {
                literal.push_str(&format!("\\u{{{:x}}}", u32::from(other)));
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

/// A text within a comment: on one line.
pub(super) fn comment(text: &str) -> String {
    let shown = string(text);
    shown.get(1..shown.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// An int64 as a literal.
pub(super) fn int(value: i64) -> Expr {
    match value {
        i64::MIN => Expr::atom("i64::MIN"),
        i64::MAX => Expr::atom("i64::MAX"),
        _ if value < 0 => Expr::prefix(format!("-{}", grouped(value.unsigned_abs()))),
        _ => Expr::atom(grouped(value.unsigned_abs())),
    }
}

/// A uint64 as a literal.
pub(super) fn uint(value: u64) -> Expr {
    if value == u64::MAX { Expr::atom("u64::MAX") } else { Expr::atom(grouped(value)) }
}

/// Digits in groups of three, from five on.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// A float64 as a literal.
pub(super) fn float(bits: u64) -> Expr {
    let value = f64::from_bits(bits);
    if !value.is_finite() {
        return match bits {
            0x7ff0_0000_0000_0000 => Expr::atom("f64::INFINITY"),
            0xfff0_0000_0000_0000 => Expr::atom("f64::NEG_INFINITY"),
            _ => Expr::atom(format!("float_bits({bits:#x})")),
        };
    }
    let text = format!("{value:?}");
    if value.is_sign_negative() { Expr::prefix(text) } else { Expr::atom(text) }
}

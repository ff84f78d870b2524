//! Where to stop, and when.

use std::sync::Arc;

use statewright_types::Value;

use super::expression::Expression;

/// How many breakpoints there may be.
pub const MOST: usize = 1_000;

/// At which of the times that a breakpoint is reached, its condition met, it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hits {
    /// `>= n`: from that time on.
    From(u64),
    /// `== n`: that time only.
    At(u64),
    /// `% n`: every so many times.
    Every(u64),
}

impl Hits {
    /// Reads `>= n`, `== n` or `% n`, n at least 1.
    pub fn parse(text: &str) -> Result<Hits, String> {
        let wrong = || format!("`{text}` is no count of hits: write `>= 3`, `== 3` or `% 3`, with a number from 1 on");
        let kinds: [(&str, fn(u64) -> Hits); 3] = [(">=", Hits::From), ("==", Hits::At), ("%", Hits::Every)];
        let found = kinds.iter().find_map(|(symbol, kind)| Some((text.trim().strip_prefix(symbol)?, kind)));
        let (number, kind) = found.ok_or_else(wrong)?;
        number.trim().parse().ok().filter(|number| *number > 0).map(kind).ok_or_else(wrong)
    }

    fn stops(self, hits: u64) -> bool {
        match self {
            Hits::From(number) => hits >= number,
            Hits::At(number) => hits == number,
            Hits::Every(number) => hits.is_multiple_of(number),
        }
    }
}

/// A breakpoint.
#[derive(Clone, Debug)]
pub struct Breakpoint {
    /// From 1, never given twice.
    pub number: u64,
    /// The handler, function or filter.
    pub graph: Arc<str>,
    /// The node that it stops before.
    pub node: Arc<str>,
    /// What must hold.
    pub condition: Option<Expression>,
    /// Which times.
    pub hits: Option<(Hits, Arc<str>)>,
    /// How often it was reached, its condition met.
    pub count: u64,
}

impl Breakpoint {
    /// Counts; whether to stop. A condition that has no value stops, so that it is noticed.
    pub fn reached(&mut self, condition: Result<bool, String>) -> Option<Result<(), String>> {
        match condition {
            Ok(false) => None,
            Err(why) => Some(Err(why)),
            Ok(true) => {
                self.count += 1;
                self.hits.as_ref().is_none_or(|(hits, _)| hits.stops(self.count)).then_some(Ok(()))
            }
        }
    }

    /// For replies.
    pub fn to_value(&self) -> Value {
        let text = |text: Option<&Arc<str>>| text.map_or(Value::Null, |text| Value::Str(text.clone()));
        Value::map([
            ("breakpoint", Value::uint(self.number)),
            ("graph", Value::Str(self.graph.clone())),
            ("node", Value::Str(self.node.clone())),
            ("condition", text(self.condition.as_ref().map(|condition| &condition.text))),
            ("hits", text(self.hits.as_ref().map(|(_, text)| text))),
            ("count", Value::uint(self.count)),
        ])
    }
}

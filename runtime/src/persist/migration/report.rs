//! What a migration does, and why it cannot be done.

use std::fmt;
use std::sync::Arc;

/// Most problems that are kept; the rest is counted.
const MOST_PROBLEMS: usize = 100;

/// One thing that a migration does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A type or field is new and has its default.
    Added {
        /// `Type` or `Type.Field` of the new schema.
        place: String,
    },
    /// A type or field is gone, with everything that was in it.
    Dropped {
        /// `Type` or `Type.Field` of the old schema.
        place: String,
        /// A new field that it may have been renamed to.
        perhaps: Option<Arc<str>>,
    },
    /// A type or field has another name.
    Renamed {
        /// `Type` or `Type.Field` of the old schema.
        from: String,
        /// Its new name.
        to: Arc<str>,
    },
    /// A field has another type.
    Retyped {
        /// `Type.Field` of the new schema.
        place: String,
        /// The type that it had.
        from: String,
        /// The type that it has.
        to: String,
        /// Whether the host program converts.
        given: bool,
    },
    /// An activation that waited is given up.
    NotResumed {
        /// Its number.
        number: u64,
        /// Its handler.
        handler: Arc<str>,
    },
    /// An effect or filter in use that the document does not have: it stays, and does nothing until a document has it.
    Unknown {
        /// `effect` or `filter`.
        what: &'static str,
        /// Its name.
        name: Arc<str>,
    },
    /// The session was saved under a later version of the schema.
    Back {
        /// The version of the old schema.
        from: u32,
        /// The version of the new one.
        to: u32,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Added { place } => write!(f, "`{place}` is new"),
            Step::Dropped { place, perhaps: None } => write!(f, "`{place}` is gone, with what was in it"),
            Step::Dropped { place, perhaps: Some(name) } => {
                write!(
                    f,
                    "`{place}` is gone, with what was in it; if `{name}` is what it is called now, say so with "
                )?;
                write!(f, "@was({})", place.rsplit('.').next().unwrap_or(place))
            }
            Step::Renamed { from, to } => write!(f, "`{from}` is called `{to}` now"),
            Step::Retyped { place, from, to, given: false } => write!(f, "`{place}` becomes {to} from {from}"),
            Step::Retyped { place, from, to, given: true } => {
                write!(f, "`{place}` becomes {to} from {from}, by the host program's conversion")
            }
            Step::NotResumed { number, handler } => {
                write!(f, "activation {number} of `{handler}`, which waited, is given up")
            }
            Step::Unknown { what, name } => {
                write!(
                    f,
                    "the {what} `{name}` is in use, and the document does not have it: it does nothing until one does"
                )
            }
            Step::Back { from, to } => {
                write!(f, "the session was saved under version {from} of the schema, which is later than {to}")
            }
        }
    }
}

/// What a migration did, in the order of the new schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Everything that is not as it was.
    pub steps: Vec<Step>,
}

/// One step to a line.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.steps.iter().map(Step::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// Why something cannot be migrated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is about: `Type.Field` of the new schema, or something of the session.
    pub about: String,
    /// Where the first value of this kind is in the saved state, such as `Players[3].Score`; empty if it is about no value.
    pub first: String,
    /// What is wrong.
    pub what: String,
    /// How many values have the problem.
    pub values: u64,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about, self.what)?;
        match (self.first.as_str(), self.values) {
            ("", _) => Ok(()),
            (first, 1) => write!(f, " (at {first})"),
            (first, values) => write!(f, " (at {first}, and {} more)", values - 1),
        }
    }
}

/// A session cannot be migrated. Nothing has been changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationError {
    /// Everything that stands in the way; at least one.
    pub problems: Vec<Problem>,
    /// How many more there are that are not listed.
    pub more: u64,
    /// What would be done.
    pub report: Report,
}

impl MigrationError {
    /// Adds one about no value in particular.
    pub(super) fn add(&mut self, about: impl Into<String>, what: impl Into<String>) {
        self.push(Problem { about: about.into(), first: String::new(), what: what.into(), values: 1 });
    }

    pub(super) fn push(&mut self, problem: Problem) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// Adds one about a value, unless the same was said of another one there: then it is counted.
    pub(super) fn value(&mut self, about: String, what: String, first: impl FnOnce() -> String) {
        let same = self
            .problems
            .iter_mut()
            .find(|problem| problem.about == about && !problem.first.is_empty() && kind(&problem.what) == kind(&what));
        match same {
            Some(problem) => problem.values += 1,
            None => self.push(Problem { about, first: first(), what, values: 1 }),
        }
    }
}

/// What is wrong without the value that it is about: messages begin with the value, and say ` cannot` or ` is` of it.
fn kind(what: &str) -> &str {
    what.split_once(" cannot ").map_or(what, |(_, kind)| kind)
}

/// One problem to a line.
impl fmt::Display for MigrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the session cannot be migrated")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

impl std::error::Error for MigrationError {}

//! stdout and stderr. Writing never panics: who pipes into `head` wants no report of that.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use statewright_harness::project::Fault;
use statewright_harness::report::Look;

use crate::exit::Stop;

/// Prints a product to stdout, with a newline at the end.
pub fn product(text: &str) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

/// Writes a product to a file, or to stdout if none is named.
pub fn product_to(path: Option<&Path>, text: &str) -> Result<(), Stop> {
    match path {
        None => product(text),
        Some(path) => Ok(write(path, text)?),
    }
}

/// Writes a file.
pub fn write(path: &Path, text: &str) -> Result<(), Fault> {
    std::fs::write(path, text).map_err(|source| Fault::Write { path: path.to_owned(), source })
}

/// Says something to people.
pub fn say(text: &str) {
    let mut err = io::stderr().lock();
    // Nothing can be done about a stderr that is gone.
    let _ = err.write_all(text.as_bytes());
    if !text.ends_with('\n') && !text.is_empty() {
        let _ = err.write_all(b"\n");
    }
}

/// Asks a question of people; without a terminal to ask on, the answer is no.
pub fn confirm(question: &str) -> bool {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return false;
    }
    say(&format!("{question} [y/N]"));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Says what went wrong.
pub fn error(text: &str) {
    let look = look();
    let word = if look.colours { "\u{1b}[1;31merror\u{1b}[0m" } else { "error" };
    say(&format!("{word}: {text}"));
}

/// How reports on stderr look: coloured on a terminal, unless NO_COLOR asks for none.
pub fn look() -> Look {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = width.filter(|width| (40..=400).contains(width)).unwrap_or(Look::default().width);
    Look { colours: wanted && io::stderr().is_terminal(), width }
}

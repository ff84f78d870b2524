//! Names of modules.

/// Keywords that may be names behind `r#`.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
/// Keywords that may not.
const NEVER: &[&str] = &["crate", "self", "Self", "super"];

/// The name of a file's stem as a module's, in file names and in Rust: `my-race` is `my_race`, `match` is `r#match`. None if no
/// letter or digit is left.
pub(super) fn of_file(stem: &str) -> Option<(String, String)> {
    let is_kept = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut name: String = stem.chars().map(|letter| if is_kept(letter) { letter } else { '_' }).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if NEVER.contains(&name.as_str()) {
        name.push('_');
    }
    spelled(&name).filter(|_| name.chars().any(|letter| letter.is_ascii_alphanumeric()))
}

/// A name that was given, likewise, as it is; none if it is no name in Rust.
pub(super) fn spelled(name: &str) -> Option<(String, String)> {
    let name = name.strip_prefix("r#").unwrap_or(name);
    let mut letters = name.chars();
    let begins = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let is_name = begins && name != "_" && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if !is_name || NEVER.contains(&name) {
        return None;
    }
    let raw = if KEYWORDS.contains(&name) { "r#" } else { "" };
    Some((name.to_owned(), format!("{raw}{name}")))
}

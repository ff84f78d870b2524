//! Schemas that are too big, too deep or damaged: an answer every time, and soon.

use super::super::{Schema, check, codes, json, text};
use super::{GAME, GAME_JSON};
use crate::Diagnostic;
use crate::diagnostic::has_errors;
use crate::random::Streams;

/// A reader of schemas.
type Read = fn(&str) -> (Option<Schema>, Vec<Diagnostic>);

#[test]
fn limits_hold() {
    let fields: String = (0..1_025).map(|n| format!("f{n} bool\n")).collect();
    let (schema, diagnostics) = text::parse(&format!("type T {{\n{fields}}}"));
    assert!(schema.is_none());
    assert_eq!(diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), [codes::TOO_MUCH]);
    let types: String = (0..65_536).map(|n| format!("type T{n} {{}}\n")).collect();
    let (schema, diagnostics) = text::parse(&types);
    assert!(schema.is_none());
    assert_eq!(diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), [codes::TOO_MUCH]);
    let (schema, diagnostics) = text::parse(&"} ".repeat(100_000));
    assert!(schema.is_none() && diagnostics.len() == check::MAX_FINDINGS + 1);
    let views = "type T {\n".to_owned() + &"f Q @view(x)\n".repeat(1_000) + "}";
    assert!(text::parse(&views).1.len() <= 2 * check::MAX_FINDINGS);
}

/// Reads what a schema became after damage: a schema or an error, and what it reads prints and reads again.
fn survive(source: &str, read: Read) -> bool {
    let (schema, diagnostics) = read(source);
    assert_eq!(schema.is_none(), has_errors(&diagnostics), "{source}");
    for diagnostic in &diagnostics {
        assert!(diagnostic.help.is_some(), "{diagnostic:?}");
        assert!(diagnostic.span.is_some_and(|span| source.get(span.range()).is_some()), "{diagnostic:?}");
    }
    let Some(schema) = schema else { return false };
    let printed = text::to_text(&schema);
    assert_eq!(text::parse(&printed).0.as_ref(), Some(&schema), "{printed}");
    let printed = json::to_json(&schema);
    assert_eq!(json::parse(&printed).0.as_ref(), Some(&schema), "{printed}");
    true
}

#[test]
fn damaged_schemas_never_panic() {
    let mut streams = Streams::new(0x5eed);
    let readers: [(&str, Read); 2] = [(GAME, text::parse), (GAME_JSON, json::parse)];
    let mut survived = [0, 0];
    for (good, read) in readers {
        for end in 0..=good.len() {
            survived[usize::from(survive(&good[..end], read))] += 1;
        }
        for _ in 0..2_000 {
            let mut bytes = good.as_bytes().to_vec();
            for _ in 0..streams.int("count", 1, 4) {
                let at = streams.int("at", 0, bytes.len() as i64 - 1) as usize;
                match streams.int("kind", 0, 3) {
                    0 => bytes[at] ^= 1 << streams.int("bit", 0, 7),
                    1 => bytes[at] = b"@(){}\",:\n*[]/#\\0a "[streams.int("byte", 0, 17) as usize],
                    2 => drop(bytes.remove(at)),
                    _ => {
                        let from = streams.int("from", 0, bytes.len() as i64 - 1) as usize;
                        let to = (from + streams.int("length", 1, 40) as usize).min(bytes.len());
                        let piece = bytes[from..to].to_vec();
                        bytes.splice(at..at, piece);
                    }
                }
            }
            survived[usize::from(survive(&String::from_utf8_lossy(&bytes), read))] += 1;
        }
    }
    // Both outcomes were put to the test.
    assert!(survived.iter().all(|count| *count > 500), "{survived:?}");
}

#[test]
fn deep_and_long_input_is_refused_quickly() {
    for source in [
        format!("type T {{ x {}int }}", "[]".repeat(100_000)),
        format!("type T {{ x []int @default({}) }}", "[".repeat(100_000)),
        format!("type T {{ x []int @default({}{}) }}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{} type T {{}}", "@id".repeat(100_000)),
        "{".repeat(100_000),
        "view v { ".repeat(10_000),
        "type A { ".repeat(10_000),
    ] {
        let (schema, diagnostics) = text::parse(&source);
        assert!(schema.is_none() || !diagnostics.is_empty());
    }
}

//! What was measured, for people and as JSON.

use std::fmt::Write as _;

use statewright_types::Value;

use super::chart::{Chart, Panel, Row};
use super::compiling::Compiled;
use super::measure::{Entry, HandlerTimes, Report};
use crate::project::Backend;

/// Tables, a handler after the other.
pub fn text(report: &Report) -> String {
    let mut text =
        format!("{} ({}…) on {}\n\n", report.document, report.hash.get(..12).unwrap_or_default(), report.machine);
    let _ = writeln!(text, "{:<14}{:>14}{:>20}", "", "compiled in", "code");
    for compiled in &report.compiled {
        let Compiled { backend, ms, bytes, .. } = compiled;
        let code = match (backend, bytes) {
            (_, None) => "–".to_owned(),
            (Backend::Rust | Backend::Js, Some(bytes)) => format!("{} of source", size(*bytes)),
            (_, Some(bytes)) => size(*bytes),
        };
        let _ = writeln!(text, "{:<14}{:>14}{code:>20}{}", backend.name(), milliseconds(*ms), remark(compiled));
    }
    for (backend, why) in &report.missing {
        let _ = writeln!(text, "{:<14}not measured: {why}", backend.name());
    }
    for handler in &report.handlers {
        text.push('\n');
        handler_text(handler, report, &mut text);
    }
    text
}

/// What comes after our own part.
fn remark(compiled: &Compiled) -> String {
    match (compiled.backend, compiled.built_ms) {
        (Backend::Rust, Some(ms)) => format!("  and then {} of cargo", milliseconds(ms)),
        (Backend::Rust, None) => "  and was built by cargo before".to_owned(),
        (Backend::Js, Some(ms)) => format!("  and then {} to start Node with it", milliseconds(ms)),
        _ => String::new(),
    }
}

fn handler_text(handler: &HandlerTimes, report: &Report, text: &mut String) {
    let HandlerTimes { name, event, origin, entries } = handler;
    let _ = writeln!(text, "{name}, on {event}; parameters: {origin}");
    let reference = entries.iter().find_map(|(_, entry)| entry.as_ref().ok());
    if let Some(Entry { fuel, ended, .. }) = reference {
        let _ = writeln!(text, "  fuel {fuel}, {ended}");
    }
    let _ = writeln!(
        text,
        "  {:<12}{:>16}{:>14}{:>14}{:>9}{:>12}",
        "", "calls a second", "handler, ns", "around, ns", "speed", "code"
    );
    for (backend, entry) in entries {
        match entry {
            Err(why) => {
                let _ = writeln!(text, "  {:<12}{why}", backend.name());
            }
            Ok(entry) => {
                let functions = report.compiled.iter().find(|compiled| compiled.backend == *backend);
                let code = functions.and_then(|compiled| compiled.functions.get(name));
                let speed = reference.and_then(|reference| ratio(reference, entry));
                let _ = write!(
                    text,
                    "  {:<12}{:>16}{:>14.1}{:>14.1}{:>9}{:>12}",
                    backend.name(),
                    grouped(entry.calls_per_second()),
                    entry.handler_ns(),
                    entry.around_ns,
                    speed.map_or("–".to_owned(), |speed| format!("{speed:.1}×")),
                    code.map_or("–".to_owned(), |bytes| format!("{bytes} B")),
                );
                match reference
                    .is_some_and(|reference| (reference.fuel, &reference.ended) != (entry.fuel, &entry.ended))
                {
                    true => {
                        let _ = writeln!(text, "  does something else: fuel {}, {}", entry.fuel, entry.ended);
                    }
                    false => text.push('\n'),
                }
            }
        }
    }
}

/// How many times as fast the handler itself is, if it is more than what is around it varies by.
fn ratio(reference: &Entry, entry: &Entry) -> Option<f64> {
    let is_clear = |entry: &Entry| entry.handler_ns() > entry.around_ns / 20.0;
    (is_clear(reference) && is_clear(entry)).then(|| reference.handler_ns() / entry.handler_ns())
}

fn size(bytes: usize) -> String {
    if bytes < 10_000 { format!("{bytes} B") } else { format!("{:.1} KB", bytes as f64 / 1_000.0) }
}

fn milliseconds(ms: f64) -> String {
    if ms < 1.0 {
        format!("{:.0} µs", ms * 1e3)
    } else if ms < 10_000.0 {
        format!("{ms:.2} ms")
    } else {
        format!("{:.0} s", ms / 1e3)
    }
}

/// `12,345,678`
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Nanoseconds of handlers, a panel each.
pub fn chart(report: &Report) -> Chart {
    let panels = report.handlers.iter().map(|handler| {
        let rows = handler.entries.iter().filter_map(|(backend, entry)| {
            let entry = entry.as_ref().ok()?;
            let ns = entry.handler_ns();
            let label = if ns < 10_000.0 { format!("{ns:.1} ns") } else { format!("{:.1} µs", ns / 1e3) };
            Some(Row { name: backend.name().to_owned(), value: ns, label, is_ours: *backend != Backend::Interpreter })
        });
        Panel { title: handler.name.clone(), rows: rows.collect() }
    });
    let what = "Nanoseconds of a call without its transaction and parameters, on a logarithmic scale; the fastest of many rounds in turns.";
    Chart {
        title: format!("Handlers of {}", report.document),
        notes: vec![what.to_owned(), report.machine.clone()],
        origin: -1.0,
        unit: String::new(),
        panels: panels.collect(),
    }
}

/// `{"document","hash","machine","compiled":[…],"missing":[…],"handlers":[…]}`; times of what was not measured are absent.
pub fn value(report: &Report) -> Value {
    let compiled = report.compiled.iter().map(|compiled| {
        Value::map([
            ("backend", Value::from(compiled.backend.name())),
            ("ms", Value::Float(compiled.ms)),
            ("front_ms", Value::Float(compiled.front_ms)),
            ("built_ms", compiled.built_ms.map_or(Value::Null, Value::Float)),
            ("bytes", compiled.bytes.map_or(Value::Null, |bytes| Value::uint(bytes as u64))),
        ])
    });
    let missing = report.missing.iter().map(|(backend, why)| {
        Value::map([("backend", Value::from(backend.name())), ("why", Value::from(why.as_str()))])
    });
    let handlers = report.handlers.iter().map(|handler| {
        Value::map([
            ("handler", Value::from(handler.name.as_str())),
            ("event", Value::from(handler.event.as_str())),
            ("parameters", Value::from(handler.origin.as_str())),
            (
                "executions",
                Value::List(handler.entries.iter().map(|(backend, entry)| entry_value(*backend, entry)).collect()),
            ),
        ])
    });
    Value::map([
        ("document", Value::from(report.document.as_str())),
        ("hash", Value::from(report.hash.as_str())),
        ("machine", Value::from(report.machine.as_str())),
        ("compiled", Value::List(compiled.collect())),
        ("missing", Value::List(missing.collect())),
        ("handlers", Value::List(handlers.collect())),
    ])
}

fn entry_value(backend: Backend, entry: &Result<Entry, String>) -> Value {
    let name = ("backend", Value::from(backend.name()));
    match entry {
        Err(why) => Value::map([name, ("why", Value::from(why.as_str()))]),
        Ok(entry) => Value::map([
            name,
            ("calls_per_second", Value::Float(entry.calls_per_second())),
            ("handler_ns", Value::Float(entry.handler_ns())),
            ("around_ns", Value::Float(entry.around_ns)),
            ("fuel", Value::uint(entry.fuel)),
            ("ended", Value::from(entry.ended.as_str())),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(backend: Backend, whole_ns: f64, fuel: u64) -> (Backend, Result<Entry, String>) {
        (backend, Ok(Entry { backend, whole_ns, around_ns: 60.0, fuel, ended: "done".to_owned() }))
    }

    #[test]
    fn tables_name_what_differs_and_what_is_missing() {
        let report = Report {
            document: "arena.json".to_owned(),
            hash: "0123456789abcdef".to_owned(),
            machine: "a machine, 2 cores".to_owned(),
            compiled: vec![Compiled {
                backend: Backend::Jit,
                ms: 0.4321,
                front_ms: 0.2,
                built_ms: None,
                bytes: Some(12_345),
                functions: [("W1".to_owned(), 321)].into(),
            }],
            missing: vec![(Backend::Rust, "there is no cargo".to_owned())],
            handlers: vec![HandlerTimes {
                name: "W1".to_owned(),
                event: "Add".to_owned(),
                origin: "their types".to_owned(),
                entries: vec![
                    entry(Backend::Interpreter, 160.0, 4),
                    entry(Backend::Jit, 80.0, 5),
                    entry(Backend::Rust, 61.0, 4),
                    (Backend::Js, Err("it is gone".to_owned())),
                ],
            }],
        };
        expect_test::expect![[r#"
            arena.json (0123456789ab…) on a machine, 2 cores

                             compiled in                code
            jit                   432 µs             12.3 KB
            rust          not measured: there is no cargo

            W1, on Add; parameters: their types
              fuel 4, done
                            calls a second   handler, ns    around, ns    speed        code
              interpreter        6,250,000         100.0          60.0     1.0×           –
              jit               12,500,000          20.0          60.0     5.0×       321 B  does something else: fuel 5, done
              rust              16,393,443           1.0          60.0        –           –
              js          it is gone
        "#]]
        .assert_eq(&text(&report));
        let json = value(&report).to_string();
        assert!(json.contains(r#""why":"there is no cargo""#) && json.contains(r#""why":"it is gone""#), "{json}");
    }
}

//! Pages of the documentation as tests: what stands in their code blocks, and which pictures they show.
//!
//! - ```` ```json file=NAME ````, ```` ```schema file=NAME ````: a file of the page's project; a later block of that name replaces it.
//! - ```` ```json run ````, ```` ```json check ````: a handler's `nodes` and `flow` with what to `expect`, or the diagnostics to be found by `check`, in
//!   the world of `reference.schema` and `reference.state.json`, files of the page.
//! - ```` ```values ````: lines `INPUT → VALUE`, in the same world.
//! - `<!-- picture NAME.svg FILE GRAPH -->`: `draw` makes that picture of the graph in the file as it stands there; with
//!   ` EVENT SENDER PARAMS` at the end, of what the event does.
//!
//! Other blocks are for the eye only.

/// What a page has, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A file of the page's project, from here on.
    File {
        /// Its name.
        name: String,
        /// Its content.
        text: String,
    },
    /// A handler that runs, or is checked: a JSON object.
    Handler {
        /// The line that it begins on, from 1.
        line: usize,
        /// The object.
        text: String,
    },
    /// An input and the value that it has.
    Value {
        /// Its line, from 1.
        line: usize,
        /// JSON.
        input: String,
        /// JSON.
        value: String,
    },
    /// A picture that the page shows.
    Picture {
        /// The picture's file, beside the other pictures of the documentation.
        name: String,
        /// The document's file.
        file: String,
        /// Handler, function, filter or effect.
        graph: String,
        /// Event, sender and parameters of what it shows, if it shows a run.
        event: Option<[String; 3]>,
    },
}

/// The parts of a page. `Err` names a line that cannot be understood.
pub fn parts(page: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut lines = page.lines().enumerate().map(|(index, line)| (index + 1, line));
    while let Some((number, line)) = lines.next() {
        if let Some(picture) = line.strip_prefix("<!-- picture ").and_then(|rest| rest.strip_suffix(" -->")) {
            parts.push(picture_part(picture).ok_or_else(|| format!("line {number}: no picture: {line}"))?);
        }
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let mut text = String::new();
        for (_, line) in lines.by_ref().take_while(|(_, line)| *line != "```") {
            text.push_str(line);
            text.push('\n');
        }
        match info.split_once(' ').unwrap_or((info, "")) {
            ("values", "") => {
                for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
                    let line_number = number + 1 + index;
                    let (input, value) =
                        line.split_once(" → ").ok_or_else(|| format!("line {line_number}: no ` → `: {line}"))?;
                    parts.push(Part::Value {
                        line: line_number,
                        input: input.trim().into(),
                        value: value.trim().into(),
                    });
                }
            }
            ("json", "run" | "check") => parts.push(Part::Handler { line: number, text }),
            (_, name) if name.starts_with("file=") => {
                parts.push(Part::File { name: name["file=".len()..].into(), text });
            }
            (_, "") => {}
            (_, other) => return Err(format!("line {number}: `{other}` is no kind of block")),
        }
    }
    Ok(parts)
}

fn picture_part(text: &str) -> Option<Part> {
    let mut words = text.splitn(6, ' ').map(str::to_owned);
    let (name, file, graph) = (words.next()?, words.next()?, words.next()?);
    let event = match (words.next(), words.next(), words.next()) {
        (None, ..) => None,
        (Some(event), Some(sender), Some(params)) => Some([event, sender, params]),
        _ => return None,
    };
    Some(Part::Picture { name, file, graph, event })
}

/// The test file that computes an input and expects a value.
pub fn value_test(name: &str, input: &str, value: &str) -> String {
    let nodes = format!(
        r#"[{{"id": "two", "type": "Add", "inputs": {{"a": 1, "b": 1}}}},
 {{"id": "count", "type": "SetVariable", "inputs": {{"name": "count", "value": 5}}}},
 {{"id": "emit", "type": "EmitToAll", "inputs": {{"eventType": "Value", "payload": {{"value": {input}}}}}}}]"#
    );
    let flow = r#"[{"from": "start", "to": "count"}, {"from": "count", "to": "emit"}]"#;
    let expect = format!(r#"{{"error": null, "events": [{{"type": "Value", "payload": {{"value": {value}}}}}]}}"#);
    handler_test(name, &format!(r#"{{"nodes": {nodes}, "flow": {flow}, "expect": {expect}}}"#))
}

/// The test file of a handler that stands on a page: an object with `nodes` and `flow`, if need be `functions`, `filters`, `effects`, `config`,
/// `parameters`, and `expect`, `steps` or `check`. Its event is `Example`, sent by `ann` with `who` = `"bob"`.
pub fn handler_test(name: &str, text: &str) -> String {
    let parsed = statewright_types::json::parse(text).ok();
    let part = |key: &str, missing: &str| {
        let found = parsed.as_ref().and_then(|tree| tree.get(tree.root(), key).map(|node| tree.text(node).to_owned()));
        found.unwrap_or_else(|| missing.to_owned())
    };
    let parameters = part("parameters", r#"[{"name": "who", "type": "string"}]"#);
    let check = part("check", "");
    let config = match part("config", "").as_str() {
        "" => String::new(),
        config => format!("\n\"config\": {config},"),
    };
    let step = format!(
        r#""steps": {}"#,
        part(
            "steps",
            &format!(
                r#"[{{"event": "Example", "sender": "ann", "params": {{"who": "bob"}}, "expect": {}}}]"#,
                part("expect", "{}")
            )
        )
    );
    let what = if check.is_empty() { step } else { format!(r#""check": {check}"#) };
    format!(
        r#"{{"graph": {{"version": "1.0", "handlers": [{{"name": "Example", "event": "Example", "parameters": {parameters},
"nodes": {}, "flow": {}}}], "functions": {}, "filters": {}, "effects": {}}},
"schema": "reference.schema",{config}
"tests": [{{"name": {name:?}, "players": ["ann", "bob"], "now": 10000, "state": @STATE@, {what}}}]}}
"#,
        part("nodes", "[]"),
        part("flow", "[]"),
        part("functions", "[]"),
        part("filters", "[]"),
        part("effects", "[]"),
    )
}

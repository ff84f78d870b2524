//! The reference of node types, from the node table.

use statewright_graph::node::{self, Category, Effect, Example, Exits, InputPort, Kind, Need, NodeRow, Role};
use statewright_types::host::HostDeclarations;
use statewright_types::{Value, json};

/// As Markdown: a table of contents, then each category with its nodes.
pub fn markdown(hosts: &HostDeclarations) -> String {
    let categories = categories(hosts);
    let mut out = String::from(
        "# Nodes\n\nThis page is made from the node table by `statewright docs`.\nNodes that write state may stop with `permission_denied` too, where the schema says who may write.\n\n",
    );
    for &category in &categories {
        let names: Vec<String> =
            rows(category, hosts).map(|row| format!("[{}](#{})", row.name, row.name.to_lowercase())).collect();
        if !names.is_empty() {
            out.push_str(&format!("- {}: {}\n", category.title(), names.join(" · ")));
        }
    }
    for &category in &categories {
        if rows(category, hosts).next().is_some() {
            out.push_str(&format!("\n## {}\n", category.title()));
        }
        for row in rows(category, hosts) {
            node_text(row, &mut out);
        }
    }
    out
}

/// The language's categories, then those that only the host program has.
fn categories(hosts: &HostDeclarations) -> Vec<Category> {
    let mut categories = Category::ALL.to_vec();
    for row in hosts.nodes().iter().map(node::host::row) {
        if !categories.contains(&row.category) {
            categories.push(row.category);
        }
    }
    categories
}

fn rows(category: Category, hosts: &HostDeclarations) -> impl Iterator<Item = &'static NodeRow> {
    let all = node::table().chain(hosts.nodes().iter().map(node::host::row));
    all.filter(move |row| row.category == category)
}

fn node_text(row: &NodeRow, out: &mut String) {
    out.push_str(&format!("\n### {}\n\n{}\n", row.name, row.summary));
    if !row.docs.is_empty() {
        out.push_str(&format!("\n{}\n", row.docs));
    }
    if let Some(since) = row.deprecated {
        let instead = row.replaced_by.map(|name| format!(": use `{name}`")).unwrap_or_default();
        out.push_str(&format!("\n*Deprecated since {since}{instead}.*\n"));
    }
    if !row.inputs.is_empty() || !row.outputs.is_empty() {
        out.push_str("\n| port | type | |\n|---|---|---|\n");
    }
    for port in row.inputs {
        let names = names(port.name, port.synonyms);
        out.push_str(&format!("| in {names} | {} | {} {} |\n", cell(port.ty), cell(port.docs), need(port)));
    }
    for port in row.outputs {
        let names = names(port.name, port.synonyms);
        out.push_str(&format!("| out {names} | {} | {} |\n", cell(port.ty), cell(port.docs)));
    }
    let facts = facts(row);
    if !facts.is_empty() {
        out.push('\n');
        out.push_str(&facts.iter().map(|(name, text)| format!("- {name}: {text}\n")).collect::<String>());
    }
    out.push_str(&example(row));
}

/// `` `a` `` and its synonyms.
fn names(name: &str, synonyms: &[&str]) -> String {
    let others: Vec<String> = synonyms.iter().map(|name| format!("`{name}`")).collect();
    if others.is_empty() { format!("`{name}`") } else { format!("`{name}` (also {})", others.join(", ")) }
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn need(port: &InputPort) -> String {
    let need = match port.need {
        Need::Required => "Required.".to_owned(),
        Need::Optional => "Optional.".to_owned(),
        Need::Default(value) => format!("Default `{value}`."),
    };
    match role(port.role) {
        Some(role) => format!("{need} {role}"),
        None => need,
    }
}

fn role(role: Role) -> Option<&'static str> {
    match role {
        Role::Value => None,
        Role::Constant => Some("A constant."),
        Role::Path => Some("A state path."),
        Role::Lambda => Some("Evaluated anew for each element."),
    }
}

/// What else there is to know about a row.
fn facts(row: &NodeRow) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    facts.push((
        "runs",
        match row.kind {
            Kind::Pure => "in the flow, or whenever a node in the flow needs it".to_owned(),
            Kind::Executing => "in the flow only".to_owned(),
        },
    ));
    let exits = exits(row.exits);
    if !exits.is_empty() {
        facts.push(("edges out", exits.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ")));
    }
    if !row.effects.is_empty() {
        facts.push(("effects", row.effects.iter().map(|effect| Effect::words(*effect)).collect::<Vec<_>>().join(", ")));
    }
    if !row.errors.is_empty() {
        let codes: Vec<String> = row.errors.iter().map(|code| format!("`{}`", code.code())).collect();
        facts.push(("errors", codes.join(", ")));
    }
    if !row.fuel.is_empty() {
        facts.push(("fuel", row.fuel.to_owned()));
    }
    if !row.since.is_empty() {
        facts.push(("since", row.since.to_owned()));
    }
    facts
}

fn exits(exits: Exits) -> Vec<&'static str> {
    match exits {
        Exits::Plain | Exits::None => Vec::new(),
        Exits::Optional(label) => vec![label],
        Exits::Branch(labels) => labels.to_vec(),
        Exits::Cases => vec!["(a case's value)", "default"],
        Exits::Numbered => vec!["1", "2", "…"],
        Exits::Loop => vec!["body", "done"],
        Exits::Bounded => vec!["body", "done", "timeout"],
    }
}

fn example(row: &NodeRow) -> String {
    match row.example {
        Example::Outputs { inputs: "{}", outputs: "{}" } => String::new(),
        Example::Outputs { inputs, outputs } => {
            format!("\nWith `{}` its outputs are `{}`.\n", one_line(inputs), one_line(outputs))
        }
        Example::Handler { nodes, flow, expect } => format!(
            "\n```json\n{{\"nodes\": {},\n \"flow\": {}}}\n```\n\ngives `{}`.\n",
            nodes.trim(),
            flow.trim(),
            one_line(expect)
        ),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As JSON: `{"nodes":[{"name","category","summary","docs","kind","inputs","outputs","exits","effects","errors","fuel",
/// "since","deprecated","replaced_by","renamed_ports","example"}]}`.
pub fn value(hosts: &HostDeclarations) -> Value {
    let nodes = categories(hosts).into_iter().flat_map(|category| rows(category, hosts)).map(row_value).collect();
    Value::map([("nodes", Value::List(nodes))])
}

fn texts(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|text| Value::from(*text)).collect())
}

fn row_value(row: &NodeRow) -> Value {
    let maybe = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let inputs = row.inputs.iter().map(|port| {
        let default = match port.need {
            Need::Default(value) => Value::from(value),
            _ => Value::Null,
        };
        Value::map([
            ("name", Value::from(port.name)),
            ("synonyms", texts(port.synonyms)),
            ("type", Value::from(port.ty)),
            ("required", Value::Bool(port.need == Need::Required)),
            ("default", default),
            ("role", Value::from(role_name(port.role))),
            ("docs", Value::from(port.docs)),
        ])
    });
    let outputs = row.outputs.iter().map(|port| {
        Value::map([
            ("name", Value::from(port.name)),
            ("synonyms", texts(port.synonyms)),
            ("type", Value::from(port.ty)),
            ("docs", Value::from(port.docs)),
        ])
    });
    let errors: Vec<&str> = row.errors.iter().map(|code| code.code()).collect();
    let effects: Vec<&str> = row.effects.iter().map(|effect| effect.words()).collect();
    Value::map([
        ("name", Value::from(row.name)),
        ("category", Value::from(row.category.title())),
        ("summary", Value::from(row.summary)),
        ("docs", Value::from(row.docs)),
        ("kind", Value::from(if row.executing() { "executing" } else { "pure" })),
        ("inputs", Value::List(inputs.collect())),
        ("outputs", Value::List(outputs.collect())),
        ("exits", texts(&exits(row.exits))),
        ("effects", texts(&effects)),
        ("errors", texts(&errors)),
        ("fuel", Value::from(row.fuel)),
        ("since", Value::from(row.since)),
        ("deprecated", maybe(row.deprecated)),
        ("replaced_by", maybe(row.replaced_by)),
        ("renamed_ports", Value::map(row.renamed_ports.iter().map(|(old, new)| (*old, Value::from(*new))))),
        ("example", example_value(row.example)),
    ])
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Value => "value",
        Role::Constant => "constant",
        Role::Path => "path",
        Role::Lambda => "lambda",
    }
}

/// The example's texts as the JSON that they are.
fn example_value(example: Example) -> Value {
    let read = |text: &str| json::parse(text).map_or(Value::from(text), |tree| tree.value(tree.root()));
    match example {
        Example::Outputs { inputs, outputs } => Value::map([("inputs", read(inputs)), ("outputs", read(outputs))]),
        Example::Handler { nodes, flow, expect } => {
            Value::map([("nodes", read(nodes)), ("flow", read(flow)), ("expect", read(expect))])
        }
    }
}

//! trial
use statewright_differential::generate::generate;
use statewright_graph::{build::build_with_config, compile::CompileOptions};
use statewright_types::{json, diagnostic::has_errors};
use std::collections::BTreeMap;
fn main() {
    let n: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1000);
    let mut bad: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let (mut ok, mut nodes) = (0, 0);
    let begin = std::time::Instant::now();
    for seed in 0..n {
        let case = generate(seed).expect("schema");
        let text: std::sync::Arc<str> = json::to_string(&case.document).into();
        nodes += text.matches("\"id\":").count();
        let config = case.config.as_ref().map(json::to_string);
        let built = build_with_config(&text, &case.schema, config.as_deref(), &CompileOptions::default());
        if built.module.is_some() { ok += 1; continue; }
        let all = built.document_diagnostics.iter().chain(&built.schema_diagnostics).chain(&built.config_diagnostics);
        for d in all.filter(|d| has_errors(std::slice::from_ref(*d))).take(1) {
            let node = d.place.node.as_deref().unwrap_or("");
            let graph = d.place.handler.as_deref().unwrap_or("");
            let ty = d.span.map(|s| text.get(s.start as usize..(s.end as usize).min(s.start as usize+80)).unwrap_or("").to_owned()).unwrap_or_default();
            let key: String = d.message.chars().filter(|c| !c.is_ascii_digit()).take(90).collect();
            let e = bad.entry(format!("{} {}", d.code, key)).or_insert((0, format!("seed {seed} {graph}.{node}: {} [{ty}]", d.message)));
            e.0 += 1;
        }
    }
    println!("{ok} of {n} pass, {} nodes each, {:?}", nodes as u64 / n, begin.elapsed());
    let mut bad: Vec<_> = bad.into_iter().collect();
    bad.sort_by_key(|(_, (c, _))| std::cmp::Reverse(*c));
    for (key, (count, example)) in bad.iter().take(40) { println!("{count:5} {key}\n        {example}"); }
}

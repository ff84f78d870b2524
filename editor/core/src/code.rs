//! A document as text of every kind, with the node that each line came from: selecting and pointing go both ways.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use statewright_emit::{js, rust};
use statewright_graph::document::SourceDocument;
use statewright_graph::ir::verify::Verified;
use statewright_harness::project::{LoadOptions, Loaded, script_source};
use statewright_runtime::host::HostNodes;
use statewright_types::Span;

/// Which text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Language {
    Json,
    Ir,
    Rust,
    JavaScript,
}

impl Language {
    /// Every one, in the order of the tabs.
    pub const ALL: [Language; 4] = [Language::Json, Language::Ir, Language::Rust, Language::JavaScript];

    /// The tab's title.
    pub const fn title(self) -> &'static str {
        match self {
            Language::Json => "JSON",
            Language::Ir => "IR",
            Language::Rust => "Rust",
            Language::JavaScript => "JavaScript",
        }
    }
}

/// A node of a graph, by names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// The graph's name.
    pub graph: Arc<str>,
    /// The node's id; "" for the graph itself.
    pub node: Arc<str>,
}

/// A text whose lines know where they came from.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// The text.
    pub text: String,
    /// Of each line, from 0, where it came from.
    pub lines: Vec<Option<Origin>>,
    by_origin: HashMap<Origin, Vec<std::ops::Range<usize>>>,
}

impl Code {
    fn new(text: String, lines: Vec<Option<Origin>>) -> Code {
        let mut by_origin: HashMap<Origin, Vec<std::ops::Range<usize>>> = HashMap::new();
        for (number, origin) in lines.iter().enumerate() {
            let Some(origin) = origin else { continue };
            let ranges = by_origin.entry(origin.clone()).or_default();
            match ranges.last_mut() {
                Some(last) if last.end == number => last.end = number + 1,
                _ => ranges.push(number..number + 1),
            }
        }
        Code { text, lines, by_origin }
    }

    /// The lines that came from a node, from 0, in order.
    pub fn of(&self, graph: &str, node: &str) -> &[std::ops::Range<usize>] {
        let origin = Origin { graph: graph.into(), node: node.into() };
        self.by_origin.get(&origin).map_or(&[], Vec::as_slice)
    }

    /// Where a line came from, from 0.
    pub fn origin(&self, line: usize) -> Option<&Origin> {
        self.lines.get(line)?.as_ref()
    }
}

/// The document's own text.
pub fn json(source: &SourceDocument) -> Code {
    let text = source.text();
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let line = |at: u32| starts.partition_point(|start| *start <= at as usize).saturating_sub(1);
    let mut lines: Vec<Option<Origin>> = vec![None; text.lines().count()];
    let mut mark = |span: Span, graph: &Arc<str>, node: &Arc<str>| {
        let last = line(span.end.saturating_sub(1));
        for entry in lines.get_mut(line(span.start)..=last).unwrap_or(&mut []) {
            *entry = Some(Origin { graph: graph.clone(), node: node.clone() });
        }
    };
    for graph in source.document.graphs() {
        mark(graph.span, &graph.name.text, &"".into());
        for node in &graph.nodes {
            mark(node.span, &graph.name.text, &node.id.text);
        }
    }
    Code::new(text.to_owned(), lines)
}

/// The module as text. Each instruction says by `@"id"` which node it is of.
pub fn ir(module: &Verified) -> Code {
    let text = statewright_graph::ir::text::print(module);
    let mut graph: Arc<str> = "".into();
    let origin = |line: &str| {
        let trimmed = line.trim_start();
        if let Some(name) = head(trimmed) {
            graph = name.into();
            return Some(Origin { graph: graph.clone(), node: "".into() });
        }
        let tag = line.rsplit_once(" @\"").and_then(|(_, rest)| rest.split('"').next())?;
        Some(Origin { graph: graph.clone(), node: tag.into() })
    };
    let lines = text.lines().map(origin).collect();
    Code::new(text, lines)
}

/// The name of a function that begins with a line.
fn head(line: &str) -> Option<&str> {
    let rest = ["handler ", "function ", "filter ", "effect "].iter().find_map(|word| line.strip_prefix(word))?;
    rest.strip_prefix('"')?.split('"').next()
}

fn origins(lines: Vec<Option<statewright_emit::writer::LineOrigin>>) -> Vec<Option<Origin>> {
    lines.into_iter().map(|line| line.map(|origin| Origin { graph: origin.graph, node: origin.node })).collect()
}

/// The document as Rust; `None` if it has errors.
pub fn rust(loaded: &Loaded) -> Option<Code> {
    let module = loaded.module.as_deref()?;
    let emitted = rust::emit(
        module,
        &rust::Source {
            name: &loaded.source.name,
            document_hash: loaded.document_hash,
            handlers: &loaded.handlers,
            schema: &loaded.schema_text,
            config: loaded.config_text.as_deref(),
            runtime: rust::RUNTIME,
        },
    );
    Some(Code::new(emitted.text, origins(emitted.lines)))
}

/// The document as JavaScript; `None` if it has errors.
pub fn javascript(loaded: &Loaded) -> Option<Code> {
    let script = js::emit(loaded.module.as_deref()?, &script_source(loaded));
    Some(Code::new(script.code, origins(script.lines)))
}

/// A document in a language; `None` if it has errors and the language is not its own.
pub fn code(source: &SourceDocument, loaded: &Loaded, language: Language) -> Option<Code> {
    match language {
        Language::Json => Some(json(source)),
        Language::Ir => loaded.module.as_deref().map(ir),
        Language::Rust => rust(loaded),
        Language::JavaScript => javascript(loaded),
    }
}

/// Texts as something that compiles and runs; `path` is for messages.
pub fn loaded(
    path: &Path,
    document: &str,
    schema: &str,
    config: Option<&str>,
    traced: bool,
    host_nodes: HostNodes,
) -> Loaded {
    use statewright_harness::project::Source;
    use statewright_harness::project::loaded::Text;
    let text = |name: &Path, text: &str| Text::whole(&Arc::new(Source::of(name, text)));
    let schema = text(&path.with_extension("schema"), schema);
    let config = config.map(|config| text(&path.with_extension("config"), config));
    Loaded::build(text(path, document), schema, config, &LoadOptions { traced, host_nodes, ..LoadOptions::default() })
}

#[cfg(test)]
mod tests {
    use statewright_graph::node::EXAMPLE_SCHEMA;

    use super::*;

    const TEXT: &str = "{\"stateType\": \"Game\", \"handlers\": [{\"name\": \"H\", \"event\": \"E\", \"nodes\": [\n  {\"id\": \"up\", \"type\": \"Increment\",\n   \"inputs\": {\"path\": \"Round\"}},\n  {\"id\": \"say\", \"type\": \"EmitToAll\", \"inputs\": {\"eventType\": \"X\"}}],\n  \"flow\": [{\"from\": \"start\", \"to\": \"up\"}, {\"from\": \"up\", \"to\": \"say\"}]}]}\n";

    #[test]
    fn every_language_leads_to_nodes_and_back() {
        let source = SourceDocument::parse(TEXT).unwrap();
        let loaded = loaded(Path::new("x.json"), TEXT, EXAMPLE_SCHEMA, None, false, HostNodes::default());
        assert_eq!(json(&source).of("H", "up").first(), Some(&(1..3)));
        for language in Language::ALL {
            let code = code(&source, &loaded, language).unwrap();
            assert!(code.lines.len() <= code.text.lines().count() + 1, "{language:?}");
            for node in ["up", "say"] {
                let ranges = code.of("H", node);
                assert!(!ranges.is_empty(), "{language:?} has nothing of {node}:\n{}", code.text);
                let back = code.origin(ranges[0].start).unwrap();
                assert_eq!((&*back.graph, &*back.node), ("H", node));
            }
        }
        let broken =
            super::loaded(Path::new("x.json"), "{\"handlers\": 3}", EXAMPLE_SCHEMA, None, false, HostNodes::default());
        assert!(code(&source, &broken, Language::Rust).is_none());
    }
}

//! Expectations rewritten to what was found. Everything else in the file stays as it is.

use statewright_types::json::{Editor, NodeId, Step, Tree};
use statewright_types::{Span, Value};

use super::file::TestFile;
use super::outcome::{Rewrite, TestOutcome};

/// The file with those expectations rewritten that `outcomes` say were not met; `None` if there are none. With several
/// executions the first one counts.
pub fn rewrite(file: &TestFile, outcomes: &[TestOutcome]) -> Option<Rewrite> {
    let path = file.source.path.clone()?;
    let after = rewritten(file, outcomes)?;
    Some(Rewrite { path, before: file.source.text.clone(), after })
}

/// The new text; `None` if nothing is to be changed.
pub fn rewritten(file: &TestFile, outcomes: &[TestOutcome]) -> Option<String> {
    let mut editor = Editor::new(file.tree.clone());
    let mut done: Vec<Span> = Vec::new();
    for failure in outcomes.iter().filter(|outcome| outcome.source == file.source).flat_map(|outcome| &outcome.failures)
    {
        let Some(value) = &failure.rewrite else { continue };
        if !done.contains(&failure.span) && set(&mut editor, &file.tree, failure.span, value).is_some() {
            done.push(failure.span);
        }
    }
    (editor.tree().source() != file.tree.source()).then(|| editor.tree().source().to_owned())
}

/// Sets what stood at `span` of the tree before all edits. Replacing values moves spans, but no path.
fn set(editor: &mut Editor, before: &Tree, span: Span, value: &Value) -> Option<()> {
    let path = path_to(before, span)?;
    editor.set(&path, value).ok()
}

/// The path to the node that stands at `span`.
fn path_to(tree: &Tree, span: Span) -> Option<Vec<Step<'_>>> {
    let mut path = Vec::new();
    let mut node = tree.root();
    let around = |node: NodeId| {
        let outer = tree.span(node);
        outer.start <= span.start && span.end <= outer.end
    };
    // Ends: every round goes one level down.
    while tree.span(node) != span {
        let entry = tree.entries(node).iter().find(|entry| around(entry.value));
        let element = tree.elements(node).iter().position(|element| around(*element));
        node = match (entry, element) {
            (Some(entry), _) => {
                path.push(Step::Key(&entry.key));
                entry.value
            }
            (None, Some(index)) => {
                path.push(Step::Index(index));
                *tree.elements(node).get(index)?
            }
            (None, None) => return None,
        };
    }
    Some(path)
}

//! What open documents say of a schema or configuration that is not saved yet: checked off the window's thread.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use egui::{RichText, Ui};
use statewright_editor_core::checker::{Checked, Checker, Request};
use statewright_editor_core::findings::Findings;
use statewright_types::{Diagnostic, Severity};

use crate::document::{Document, DocumentId};
use crate::editor::Editor;

/// New problems that are named.
const NAMED: usize = 6;

/// One document with the new text.
#[derive(Debug)]
struct Effect {
    name: String,
    checker: Checker,
    asked: (u64, Arc<str>),
    number: u64,
    answer: Option<Checked>,
    came: Vec<(bool, String)>,
    went: usize,
}

/// What documents say of it.
#[derive(Debug, Default)]
pub struct Effects(BTreeMap<DocumentId, Effect>);

impl Effects {
    /// Documents that get new errors.
    pub fn broken(&self) -> Vec<String> {
        let broken = self.0.values().filter(|effect| effect.came.iter().any(|(is_error, _)| *is_error));
        broken.map(|effect| effect.name.clone()).collect()
    }

    /// Waits for what was asked: for tests, and before a question that depends on it.
    pub fn wait(&mut self) {
        for effect in self.0.values_mut() {
            while effect.answer.as_ref().is_none_or(|answer| answer.findings.revision != effect.number) {
                let Some(answer) = effect.checker.wait() else { break };
                effect.answer = Some(answer);
            }
        }
    }
}

/// What a problem is, wherever it stands in the text.
fn key(diagnostic: &Diagnostic) -> (Option<Arc<str>>, Option<Arc<str>>, String) {
    (diagnostic.place.handler.clone(), diagnostic.place.node.clone(), diagnostic.message.clone())
}

impl Effect {
    fn compare(&mut self, before: &Findings) {
        let Some(answer) = self.answer.as_ref().filter(|answer| answer.findings.revision == self.number) else {
            return;
        };
        let old: BTreeSet<_> = before.document.iter().map(key).collect();
        let new: BTreeSet<_> = answer.findings.document.iter().map(key).collect();
        let came = answer.findings.document.iter().filter(|diagnostic| !old.contains(&key(diagnostic)));
        self.came = came
            .map(|diagnostic| {
                let node = diagnostic.place.node.as_ref().map(|node| format!("{node}: ")).unwrap_or_default();
                (diagnostic.severity == Severity::Error, format!("{node}{}", diagnostic.message))
            })
            .collect();
        self.went = old.difference(&new).count();
    }
}

fn request(document: &Document, text: &Arc<str>, is_config: bool, number: u64, editor: &Editor) -> Request {
    let config = document.config.as_ref().map(|config| config.text.clone());
    Request {
        revision: number,
        document: document.open.text().into(),
        schema: if is_config { document.schema.text.clone() } else { text.clone() },
        config: if is_config { Some(text.clone()) } else { config },
        hosts: editor.host.nodes.declarations().clone(),
    }
}

/// Asks and takes answers.
fn look(editor: &mut Editor) {
    let Some(open) = editor.panels.schema.open.as_ref() else { return };
    let (path, text, is_modified) = (open.path().to_owned(), open.text().clone(), open.is_modified());
    let mut effects = std::mem::take(&mut editor.panels.schema.effects.0);
    let is_config_of =
        |document: &Document| document.config.as_ref().is_some_and(|config| config.path.as_deref() == Some(&*path));
    let is_of = |document: &Document| document.schema.path.as_deref() == Some(&*path) || is_config_of(document);
    effects.retain(|id, _| is_modified && editor.documents.get(id).is_some_and(is_of));
    for document in editor.documents.values().filter(|document| is_modified && is_of(document)) {
        let wanted = (document.open.revision(), text.clone());
        let effect = effects.entry(document.id).or_insert_with(|| Effect {
            name: document.name(),
            checker: Checker::start(editor.waker()),
            asked: (u64::MAX, "".into()),
            number: 0,
            answer: None,
            came: Vec::new(),
            went: 0,
        });
        if effect.asked != wanted {
            effect.asked = wanted;
            effect.number += 1;
            effect.checker.ask(request(document, &text, is_config_of(document), effect.number, editor));
        }
        if let Some(answer) = effect.checker.answer() {
            effect.answer = Some(answer);
        }
        effect.compare(&document.checked.findings);
    }
    editor.panels.schema.effects.0 = effects;
}

/// Draws them.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    look(editor);
    let colours = editor.colours;
    for effect in editor.panels.schema.effects.0.values() {
        let is_done = effect.answer.as_ref().is_some_and(|answer| answer.findings.revision == effect.number);
        let (text, colour) = match (is_done, effect.came.len(), effect.went) {
            (false, ..) => ("checking…".to_owned(), colours.soft),
            (true, 0, 0) => ("nothing changes".to_owned(), colours.soft),
            (true, 0, went) => (format!("{went} problems fewer"), colours.added),
            (true, came, went) => (format!("{came} new problems, {went} fewer"), colours.error),
        };
        ui.label(RichText::new(format!("{} with this: {text}", effect.name)).color(colour));
        for (is_error, message) in effect.came.iter().take(NAMED) {
            let colour = if *is_error { colours.error } else { colours.warning };
            ui.label(RichText::new(format!("    {message}")).color(colour));
        }
    }
}

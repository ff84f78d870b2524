//! What documents say of a schema or configuration that is not saved yet: checked off the window's thread.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use egui::{RichText, Ui};
use statewright_editor_core::checker::{Checked, Checker, Request};
use statewright_editor_core::findings::Findings;
use statewright_types::{Diagnostic, Severity};

use super::closed::Closed;
use crate::document::{Document, DocumentId};
use crate::editor::Editor;
use crate::theme::Colours;

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
    said: Said,
}

/// What changes: problems that come, with whether they are errors, and how many go.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    came: Vec<(bool, String)>,
    went: usize,
}

/// What documents say of it.
#[derive(Debug, Default)]
pub struct Effects {
    open: BTreeMap<DocumentId, Effect>,
    closed: Closed,
}

impl Effects {
    /// Documents that get new errors.
    pub fn broken(&self) -> Vec<String> {
        let open = self.open.values().map(|effect| (&*effect.name, Some(&effect.said)));
        let is_broken = |said: &Said| said.came.iter().any(|(is_error, _)| *is_error);
        let broken = open.chain(self.closed.said()).filter(|(_, said)| said.is_some_and(is_broken));
        broken.map(|(name, _)| name.to_owned()).collect()
    }

    /// Waits for what was asked: for tests, and before a question that depends on it.
    pub fn wait(&mut self) {
        for effect in self.open.values_mut() {
            while effect.answer.as_ref().is_none_or(|answer| answer.findings.revision != effect.number) {
                let Some(answer) = effect.checker.wait() else { break };
                effect.answer = Some(answer);
            }
        }
        self.closed.wait();
    }
}

/// What a problem is, wherever it stands in the text.
fn key(diagnostic: &Diagnostic) -> (Option<Arc<str>>, Option<Arc<str>>, String) {
    (diagnostic.place.handler.clone(), diagnostic.place.node.clone(), diagnostic.message.clone())
}

impl Said {
    /// What differs between two checks.
    pub fn of(before: &Findings, after: &Findings) -> Said {
        let old: BTreeSet<_> = before.document.iter().map(key).collect();
        let new: BTreeSet<_> = after.document.iter().map(key).collect();
        let came = after.document.iter().filter(|diagnostic| !old.contains(&key(diagnostic)));
        let told = |diagnostic: &Diagnostic| {
            let node = diagnostic.place.node.as_ref().map(|node| format!("{node}: ")).unwrap_or_default();
            (diagnostic.severity == Severity::Error, format!("{node}{}", diagnostic.message))
        };
        Said { came: came.map(told).collect(), went: old.difference(&new).count() }
    }
}

impl Effect {
    fn compare(&mut self, before: &Findings) {
        if let Some(answer) = self.answer.as_ref().filter(|answer| answer.findings.revision == self.number) {
            self.said = Said::of(before, &answer.findings);
        }
    }
}

fn request(document: &Document, text: &Arc<str>, is_config: bool, number: u64, editor: &Editor) -> Request {
    let config = document.config.as_ref().map(|config| config.text.clone());
    Request {
        revision: number,
        document: document.open.text().into(),
        schema: if is_config { document.schema.text.clone() } else { text.clone() },
        config: if is_config { Some(text.clone()) } else { config },
        hosts: document.host_nodes(&editor.host).declarations().clone(),
        ..Request::default()
    }
}

/// Asks and takes answers.
fn look(editor: &mut Editor) {
    let Some(open) = editor.panels.schema.open.as_ref() else { return };
    let (path, text, is_modified) = (open.path().to_owned(), open.text().clone(), open.is_modified());
    let mut all = std::mem::take(&mut editor.panels.schema.effects);
    let effects = &mut all.open;
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
            said: Said::default(),
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
    if is_modified {
        all.closed.look(editor, &path, &text);
        all.closed.go_on();
    } else {
        all.closed.clear();
    }
    editor.panels.schema.effects = all;
}

/// Draws them.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    look(editor);
    let colours = editor.colours;
    let effects = &editor.panels.schema.effects;
    let open = effects.open.values().map(|effect| {
        let is_done = effect.answer.as_ref().is_some_and(|answer| answer.findings.revision == effect.number);
        (&*effect.name, Some(&effect.said).filter(|_| is_done))
    });
    let mut quiet = 0;
    for (name, said) in open {
        one(ui, &colours, name, said);
    }
    for (name, said) in effects.closed.said() {
        // Of files that are not open only those are named that have something to say.
        match said {
            Some(Said { came, went: 0 }) if came.is_empty() => quiet += 1,
            said => one(ui, &colours, name, said),
        }
    }
    if quiet > 0 {
        let text = if quiet == 1 {
            "1 more document of the folder".to_owned()
        } else {
            format!("{quiet} more documents of the folder")
        };
        ui.label(RichText::new(format!("{text}: nothing changes")).color(colours.soft));
    }
}

fn one(ui: &mut Ui, colours: &Colours, name: &str, said: Option<&Said>) {
    let (text, colour) = match said.map(|said| (said.came.len(), said.went)) {
        None => ("checking…".to_owned(), colours.soft),
        Some((0, 0)) => ("nothing changes".to_owned(), colours.soft),
        Some((0, went)) => (format!("{went} problems fewer"), colours.added),
        Some((came, went)) => (format!("{came} new problems, {went} fewer"), colours.error),
    };
    ui.label(RichText::new(format!("{name} with this: {text}")).color(colour));
    for (is_error, message) in said.iter().flat_map(|said| &said.came).take(NAMED) {
        let colour = if *is_error { colours.error } else { colours.warning };
        ui.label(RichText::new(format!("    {message}")).color(colour));
    }
}

//! What was done to a document, step by step: undo, redo, and back to any step.

use crate::patch::Change;
use crate::selection::Selection;

/// A gesture of the user: a drag, a slider, typing in one field. Commands of one gesture are one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gesture(pub u64);

/// A step of the history.
#[derive(Clone, Debug)]
pub struct Step {
    /// What was done, for people.
    pub label: String,
    /// What it made of the text before.
    pub change: Change,
    /// The gesture that it may go on with.
    pub gesture: Option<Gesture>,
    /// What was selected before.
    pub before: Selection,
    /// What was selected then.
    pub after: Selection,
}

/// Steps, without a limit, and where among them the document is.
#[derive(Clone, Debug, Default)]
pub struct History {
    steps: Vec<Step>,
    done: usize,
    /// How many steps were done when the document was saved; `None` if that state is gone.
    saved: Option<usize>,
}

impl History {
    /// No step, of a document as it is on the disk.
    pub fn new() -> History {
        History { steps: Vec::new(), done: 0, saved: Some(0) }
    }

    /// All steps, also those that were undone.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How many of them are done.
    pub fn done(&self) -> usize {
        self.done
    }

    /// How many were done when it was saved; `None` if no number of undos and redos leads back there.
    pub fn saved(&self) -> Option<usize> {
        self.saved
    }

    /// Whether the document is as it was saved.
    pub fn is_saved(&self) -> bool {
        self.saved == Some(self.done)
    }

    /// The document is saved as it is now. What follows is a step of its own, also within a gesture.
    pub fn mark_saved(&mut self) {
        self.saved = Some(self.done);
    }

    /// The document is not as on the disk, whatever is undone.
    pub fn mark_unsaved(&mut self) {
        self.saved = None;
    }

    /// Adds a step, or goes on with the last one if the gesture is the same. What was undone is gone then.
    pub fn add(&mut self, step: Step) {
        if self.saved.is_some_and(|saved| saved > self.done) {
            self.saved = None;
        }
        self.steps.truncate(self.done);
        let is_saved = self.is_saved();
        match self.steps.last_mut() {
            Some(last) if step.gesture.is_some() && last.gesture == step.gesture && !is_saved => {
                last.change = last.change.then(&step.change);
                last.label = step.label;
                last.after = step.after;
            }
            _ => self.steps.push(step),
        }
        self.done = self.steps.len();
    }

    /// The gesture is over: the same number begins a new step.
    pub fn end_gesture(&mut self) {
        if let Some(last) = self.steps.last_mut() {
            last.gesture = None;
        }
    }

    /// The step that undoing takes back.
    pub fn undoable(&self) -> Option<&Step> {
        self.done.checked_sub(1).and_then(|last| self.steps.get(last))
    }

    /// The step that redoing makes again.
    pub fn redoable(&self) -> Option<&Step> {
        self.steps.get(self.done)
    }

    /// What leads from here to where `done` steps are done, and the selection there; `None` if there are fewer steps.
    pub fn way_to(&self, done: usize) -> Option<(Change, Selection)> {
        let mut change = Change::default();
        let mut selection = None;
        if done > self.steps.len() {
            return None;
        }
        for step in self.steps.get(done..self.done).unwrap_or(&[]).iter().rev() {
            change = change.then(&step.change.inverse());
            selection = Some(&step.before);
        }
        for step in self.steps.get(self.done..done).unwrap_or(&[]) {
            change = change.then(&step.change);
            selection = Some(&step.after);
        }
        Some((change, selection.cloned().unwrap_or_default()))
    }

    /// Now `done` steps are done: the way there was gone.
    pub fn arrive(&mut self, done: usize) {
        self.done = done.min(self.steps.len());
        self.end_gesture();
    }
}

#[cfg(test)]
mod tests {
    use statewright_types::Span;

    use super::*;

    fn step(text: &str, at: usize, gesture: Option<u64>) -> Step {
        Step {
            label: format!("at {at}"),
            change: Change::of(text, vec![(Span::new(at, at), "x".to_owned())]).unwrap(),
            gesture: gesture.map(Gesture),
            before: Selection::default(),
            after: Selection::default(),
        }
    }

    #[test]
    fn a_gesture_is_one_step_until_it_is_saved_or_over() {
        let mut history = History::new();
        history.add(step("abc", 0, Some(1)));
        history.add(step("xabc", 2, Some(1)));
        assert_eq!((history.steps().len(), history.is_saved()), (1, false));
        assert_eq!(history.steps()[0].change.apply("abc").as_deref(), Some("xaxbc"));
        history.mark_saved();
        history.add(step("xaxbc", 0, Some(1)));
        assert_eq!(history.steps().len(), 2);
        history.end_gesture();
        history.add(step("xxaxbc", 0, Some(1)));
        assert_eq!((history.steps().len(), history.saved()), (3, Some(1)));
    }

    #[test]
    fn the_way_leads_to_any_step_and_the_saved_mark_is_lost_with_its_state() {
        let mut history = History::new();
        let mut text = "abc".to_owned();
        for at in 0..3 {
            let step = step(&text, at, None);
            text = step.change.apply(&text).unwrap();
            history.add(step);
        }
        history.mark_saved();
        let (way, _) = history.way_to(1).unwrap();
        text = way.apply(&text).unwrap();
        assert_eq!(text, "xabc");
        history.arrive(1);
        let (way, _) = history.way_to(3).unwrap();
        assert_eq!(way.apply(&text).as_deref(), Some("xxxabc"));
        assert_eq!((history.saved(), history.way_to(4).is_none()), (Some(3), true));
        history.add(step(&text, 0, None));
        assert_eq!((history.saved(), history.done(), history.redoable().is_none()), (None, 2, true));
    }
}

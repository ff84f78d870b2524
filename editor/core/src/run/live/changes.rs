//! Values that were set while a session was held up: going back undoes them, going on does them again.

use statewright_harness::debug::Change;

/// How many actions were done, and before which node of the next one, from 1.
pub(super) type Place = (u64, u64);

/// In the order in which they were set.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    all: Vec<Change>,
    /// How many of them are done; the rest was undone.
    done: usize,
}

impl Changes {
    /// A value is set at a place. What was undone is forgotten.
    pub(super) fn add(&mut self, (done, step): Place, line: String) {
        self.all.truncate(self.done);
        self.all.push(Change { action: done + 1, step, line });
        self.done = self.all.len();
    }

    /// The session has come to a place, forward or back. What was set there is done once it goes on from there, unless it is there that it
    /// was set just now.
    pub(super) fn go_to(&mut self, (done, step): Place) {
        let before = self.all.iter().take_while(|change| (change.action, change.step) < (done + 1, step));
        self.done = before.count();
    }

    /// All of them, also those that were undone.
    pub(super) fn all(&self) -> Vec<Change> {
        self.all.clone()
    }

    /// Those that are done.
    pub(super) fn done(&self) -> &[Change] {
        self.all.get(..self.done).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use statewright_graph::document::SourceDocument;
    use statewright_graph::node::EXAMPLE_SCHEMA;
    use statewright_harness::act::Act;
    use statewright_runtime::session::Action;
    use statewright_types::Value;

    use crate::run::breakpoints::Spot;
    use crate::run::client::Go;
    use crate::run::live::{Live, Phase};
    use crate::run::{Order, Setting};

    const TEXT: &str = r#"{"stateType": "Game", "handlers": [{"name": "Up", "event": "Up", "nodes": [
        {"id": "a", "type": "Increment", "inputs": {"path": "Round"}},
        {"id": "b", "type": "Increment", "inputs": {"path": "Round"}},
        {"id": "c", "type": "Increment", "inputs": {"path": "Round"}}],
       "flow": [{"from": "start", "to": "a"}, {"from": "a", "to": "b"}, {"from": "b", "to": "c"}]}]}"#;

    fn up() -> Order {
        Order::Act(Act::Event(Action::own("Up", Value::Null)))
    }

    fn spot(node: &str) -> Spot {
        ("Up".into(), node.into())
    }

    /// Where it is held up, and the round there; the round alone where it is not.
    fn at(live: &mut Live) -> (Option<Arc<str>>, i64) {
        live.settle();
        live.state();
        live.settle();
        let round = |state: &Value| match state.get("Round") {
            Some(Value::Int(round)) => *round,
            other => panic!("{other:?}"),
        };
        match live.client.stopped().filter(|_| *live.phase() == Phase::Paused).map(|stopped| stopped.node.clone()) {
            Some(node) => (Some(node), round(live.state().unwrap())),
            None => (None, round(&live.timeline.as_ref().unwrap().state(usize::MAX))),
        }
    }

    fn here(node: &str, round: i64) -> (Option<Arc<str>>, i64) {
        (Some(node.into()), round)
    }

    /// Held up before `b` of the first action, in which the round is 2.
    fn begun() -> Live {
        let setting = Setting {
            name: "x.json".into(),
            document: TEXT.into(),
            schema: EXAMPLE_SCHEMA.into(),
            ..Setting::default()
        };
        let document = SourceDocument::parse(TEXT).unwrap();
        let mut live = Live::start(setting, &document.document, || 0, || ());
        live.stop_at([(spot("b"), String::new())].into());
        live.settle();
        live.order(up());
        assert_eq!(at(&mut live), here("b", 2));
        live
    }

    fn back(live: &mut Live) -> (Option<Arc<str>>, i64) {
        assert!(live.step_back());
        at(live)
    }

    fn over(live: &mut Live) -> (Option<Arc<str>>, i64) {
        live.go(&Go::Over);
        at(live)
    }

    #[test]
    fn going_back_before_a_change_undoes_it_and_going_on_does_it_again() {
        let mut live = begun();
        live.change("state:Round", "50");
        assert_eq!(at(&mut live), here("b", 50));
        assert_eq!(over(&mut live), here("c", 51));
        assert_eq!(back(&mut live), here("b", 2), "before it was changed");
        assert_eq!(back(&mut live), here("a", 1));
        assert_eq!(over(&mut live), here("b", 2));
        assert_eq!(over(&mut live), here("c", 51), "changed again");
        assert!(live.is_changed());
        live.go(&Go::Continue);
        assert_eq!(at(&mut live), (None, 52));
    }

    #[test]
    fn changes_of_earlier_actions_stay_where_later_ones_are_gone_back_to() {
        let mut live = begun();
        live.change("state:Round", "50");
        live.go(&Go::Continue);
        assert_eq!(at(&mut live), (None, 52));
        live.order(up());
        assert_eq!(at(&mut live), here("b", 53));
        live.change("state:Round", "70");
        assert_eq!(over(&mut live), here("c", 71));
        assert_eq!(back(&mut live), here("b", 53));
        assert_eq!(back(&mut live), here("a", 52));
        assert_eq!(back(&mut live), here("c", 51), "of the first action, in which a change was made before");
        live.stop_at(std::collections::BTreeMap::new());
        live.go(&Go::Continue);
        assert_eq!(at(&mut live), (None, 72), "and that of the second one again");
    }

    #[test]
    fn another_change_forgets_what_was_undone() {
        let mut live = begun();
        live.change("state:Round", "50");
        assert_eq!(over(&mut live), here("c", 51));
        live.change("state:Round", "60");
        assert_eq!(at(&mut live), here("c", 60));
        assert_eq!(back(&mut live), here("b", 2));
        live.change("state:Round", "8");
        live.change("state:Phase", "\"changed\"");
        assert_eq!(at(&mut live), here("b", 8));
        assert_eq!(over(&mut live), here("c", 9));
        live.go(&Go::Continue);
        assert_eq!(at(&mut live), (None, 10), "60 is forgotten");
        assert_eq!(back(&mut live), here("c", 9));
        assert_eq!(live.state().unwrap().get("Phase"), Some(&Value::str("changed")));
    }

    #[test]
    fn what_was_refused_is_refused_again() {
        let mut live = begun();
        live.change("state:Round", "\"no number\"");
        live.change("state:Nowhere", "1");
        live.settle();
        assert_eq!(over(&mut live), here("c", 3));
        assert_eq!(back(&mut live), here("b", 2));
        assert_eq!(over(&mut live), here("c", 3));
    }
}

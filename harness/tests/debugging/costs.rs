//! What nodes cost, with a debugger beside them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use statewright_harness::debug::{Channel, Debugger, Incoming, Options, Outline, Stop, Watched};
use statewright_runtime::session::Action;
use statewright_types::Value;

use super::world::{loaded, session};

/// Nanoseconds.
static NOW: AtomicU64 = AtomicU64::new(0);
/// How long a client takes for whatever it is told or asked.
const SLOW: u64 = 1_000_000_000;

fn now() -> u64 {
    NOW.fetch_add(10, Ordering::Relaxed)
}

/// A client that takes its time.
struct Slow(VecDeque<&'static str>);

impl Channel for Slow {
    fn wait(&mut self) -> Incoming {
        NOW.fetch_add(SLOW, Ordering::Relaxed);
        self.0.pop_front().map_or(Incoming::Closed, |line| Incoming::Line(line.to_owned()))
    }

    fn poll(&mut self) -> Option<Incoming> {
        NOW.fetch_add(SLOW, Ordering::Relaxed);
        None
    }

    fn send(&mut self, _: &Value) {
        NOW.fetch_add(SLOW, Ordering::Relaxed);
    }

    fn close(&mut self) {}
}

#[test]
fn neither_a_slow_client_nor_a_pause_is_on_a_nodes_account() {
    let loaded = loaded();
    let mut session = session(&loaded);
    let lines = [
        r#"{"command": "hello", "version": 1}"#,
        r#"{"command": "trace", "on": true}"#,
        r#"{"command": "setBreakpoint", "graph": "OnPlay", "node": "call"}"#,
        r#"{"command": "continue"}"#,
        r#"{"command": "continue"}"#,
        r#"{"command": "stepOver"}"#,
    ];
    let mut debugger =
        Debugger::new(Outline::new(&loaded), Options::default(), Box::new(Slow(lines.into())), Box::new(now));
    debugger.wait_for_start();
    let mut watched = Watched::new(&mut debugger, now, Stop::default());
    let params = r#"{"id": "ann", "amount": 5}"#.parse().expect("JSON");
    let report = session.dispatch_traced(Action::new("Play", "ann", params), &mut watched);
    let fuel = report.fuel();
    let profile = watched.profile(&[report]);
    let total = profile.total();
    assert_eq!(profile.cost("OnPlay", "call").calls, 3);
    assert!(total.fuel > 0 && total.fuel <= fuel, "{total:?} of {fuel}");
    assert!(NOW.load(Ordering::Relaxed) > 20 * SLOW, "the client was slow");
    assert!(total.nanoseconds > 0 && total.nanoseconds < SLOW / 1000, "{total:?}");
}

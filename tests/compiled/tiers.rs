//! Interpreted until it is compiled: the same before and after.

use std::sync::Arc;

use statewright_jit::Tiered;
use statewright_runtime::context::{Context, Meter, Outbox};
use statewright_runtime::host::HostNodes;
use statewright_runtime::ledger::Ledger;
use statewright_runtime::program::{Outcome, Program};
use statewright_runtime::state::State;
use statewright_types::Limits;

use crate::{document, tables};

#[test]
fn tiers_change_over_between_activations_and_nobody_notices() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.clone().expect("it compiles");
    let (schema, root) = (loaded.schema.clone().expect("a schema"), loaded.main_root.expect("a root"));
    let tiered = Tiered::new(&module, tables(&loaded), &HostNodes::default());
    let handler = tiered.handlers().iter().position(|info| &*info.name == "W2").expect("W2");
    let name: Arc<str> = Arc::from("W2");
    let run = || {
        let mut state = State::new(schema.clone(), root, 1);
        let mut meter = Meter::new(Limits::default());
        let (mut outbox, mut ledger) = (Outbox::default(), Ledger::new(0));
        state.begin();
        let mut context = Context {
            state: &mut state,
            meter: &mut meter,
            now_ms: 0,
            host: "",
            sender: "",
            handler: &name,
            outbox: &mut outbox,
            players: &[],
            ledger: &mut ledger,
            effects: None,
            arrived: None,
            tracer: None,
        };
        let outcome = tiered.run(handler, &[0, 1_000], &mut context);
        assert_eq!(outcome, Outcome::Done);
        state.commit();
        (meter.fuel, state.hash())
    };
    let first = run();
    assert!(tiered.wait(), "{:?}", tiered.trouble());
    assert_eq!(run(), first);
}

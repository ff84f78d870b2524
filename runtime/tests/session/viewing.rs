//! Views that are functions of the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use statewright_runtime::access::Declared;
use statewright_runtime::context::Context;
use statewright_runtime::program::{
    FilterFootprint, Footprint, HandlerInfo, Outcome, Program, Suspension, Trap, ViewInfo,
};
use statewright_runtime::session::host_filters::declared;
use statewright_runtime::session::{Session, SessionOptions};
use statewright_runtime::state::State;
use statewright_runtime::sync::FilteredViewers;
use statewright_runtime::visibility::project_seen;
use statewright_types::{Limits, StructId, TrapCode, Value, json};

use crate::fake::schema;

const FIELD: &str = "@root(active)
type Game {
    Units  []Unit
}
type Unit {
    At    int64
    Kind  string  @view(near)
}
view near {}
";
const UNIT: StructId = StructId(1);

/// Sees units at 1, fails of units at 2, uses much fuel of units at 3.
struct Views(Vec<ViewInfo>);

impl Program for Views {
    fn document_hash(&self) -> [u8; 32] {
        [0; 32]
    }

    fn handlers(&self) -> &[HandlerInfo] {
        &[]
    }

    fn views(&self) -> &[ViewInfo] {
        &self.0
    }

    fn run_view(&self, _: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        let failed = |code| Trap { code, message: None, node: Some("n".into()) };
        let at = cx.state.load(element, UNIT, 0).map_err(failed)?;
        match at {
            1 => Ok(cx.state.str(viewer) == "ann"),
            2 => Err(failed(TrapCode::NotFound)),
            _ => cx.meter.charge_fuel(60).map(|()| true).map_err(failed),
        }
    }

    fn run(&self, _: usize, _: &[u64], _: &mut Context<'_>) -> Outcome {
        Outcome::Done
    }

    fn resume(&self, _: &Suspension, _: &mut Context<'_>) -> Outcome {
        Outcome::Done
    }
}

fn session(places: &[i64]) -> Session {
    session_of(FilterFootprint::anything(), places)
}

fn session_of(footprint: FilterFootprint, places: &[i64]) -> Session {
    let views = Views(vec![ViewInfo { name: "near".into(), element: UNIT, footprint }]);
    let limits = Limits { fuel: 100, ..Limits::default() };
    let options = SessionOptions { limits, ..SessionOptions::default() };
    let mut session = Session::new(schema(FIELD), StructId(0), Arc::new(views), options);
    let units = places.iter().map(|at| Value::map([("At", Value::Int(*at)), ("Kind", Value::str("orc"))])).collect();
    let state = Value::map([("Units", Value::List(units))]);
    let tree = json::parse(json::to_string(&state)).expect("JSON");
    assert_eq!(session.state_mut_for_setup().load_json(&tree), []);
    session
}

/// Which of the units' kinds a viewer sees.
fn seen(session: &Session, viewer: &str) -> Vec<bool> {
    kinds(&session.view(viewer))
}

fn kinds(view: &Value) -> Vec<bool> {
    match view.get("Units") {
        Some(Value::List(units)) => units.iter().map(|unit| unit.get("Kind").is_some()).collect(),
        other => panic!("Units are {other:?}"),
    }
}

fn faults(session: &Session, viewer: &str) -> Vec<(String, TrapCode)> {
    session.view_faults(viewer).iter().map(|(name, trap)| (name.to_string(), trap.code)).collect()
}

#[test]
fn one_that_fails_hides_and_is_reported() {
    let session = session(&[1, 2, 1]);
    assert_eq!(seen(&session, "ann"), [true, false, true]);
    assert_eq!(seen(&session, "bob"), [false, false, false]);
    assert_eq!(faults(&session, "ann"), [("near".to_owned(), TrapCode::NotFound)]);
}

#[test]
fn a_grant_asks_nobody() {
    let mut session = session(&[1, 2]);
    session.grant("bob", "near");
    assert_eq!(seen(&session, "bob"), [true, true]);
    assert_eq!(faults(&session, "bob"), []);
}

#[test]
fn all_views_of_a_viewer_share_one_meter() {
    let session = session(&[3, 3, 1]);
    assert_eq!(seen(&session, "ann"), [true, false, true]);
    assert_eq!(faults(&session, "ann"), [("near".to_owned(), TrapCode::FuelExhausted)]);
}

#[test]
fn looking_changes_nothing() {
    let session = session(&[1, 2, 3]);
    let (hash, statistics) = (session.state().hash(), session.state().statistics());
    session.view("ann");
    assert_eq!((session.state().hash(), session.state().statistics()), (hash, statistics));
}

/// Views that look at places only, and count how often they were asked.
struct Counted(Vec<ViewInfo>, AtomicUsize);

impl Program for Counted {
    fn document_hash(&self) -> [u8; 32] {
        [0; 32]
    }

    fn handlers(&self) -> &[HandlerInfo] {
        &[]
    }

    fn views(&self) -> &[ViewInfo] {
        &self.0
    }

    fn run_view(&self, _: usize, _: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Ok(cx.state.load(element, UNIT, 0) == Ok(1))
    }

    fn run(&self, _: usize, _: &[u64], _: &mut Context<'_>) -> Outcome {
        Outcome::Done
    }

    fn resume(&self, _: &Suspension, _: &mut Context<'_>) -> Outcome {
        Outcome::Done
    }
}

#[test]
fn views_are_asked_again_only_when_something_they_look_at_changed() {
    let reads = Footprint::Fields([(UNIT, 0)].into());
    let footprint = FilterFootprint { reads, writes: Footprint::nothing(), looks_around: false };
    let views = vec![ViewInfo { name: "near".into(), element: UNIT, footprint }];
    let program = Arc::new(Counted(views, AtomicUsize::new(0)));
    let asked = program.clone();
    let mut session = Session::new(schema(FIELD), StructId(0), program, SessionOptions::default());
    let tree = json::parse(r#"{"Units": [{"At": 1}, {"At": 2}]}"#).expect("JSON");
    assert_eq!(session.state_mut_for_setup().load_json(&tree), []);
    let units = session.state().records(UNIT);
    session.take_changes();
    let first = session.seen("ann");
    let after = |session: &mut Session, step: &dyn Fn(&mut State)| {
        step(session.state_mut_for_setup());
        session.take_changes();
        let before = asked.1.load(Ordering::Relaxed);
        let seen = session.seen("ann");
        assert!(Arc::ptr_eq(&seen, &session.seen("ann")));
        (asked.1.load(Ordering::Relaxed) - before, Arc::ptr_eq(&seen, &first))
    };
    assert_eq!(after(&mut session, &|_| ()), (0, true));
    let kind = |state: &mut State| {
        let orc = state.string("orc");
        state.store(units[1], UNIT, 1, orc).expect("stored");
    };
    assert_eq!(after(&mut session, &kind), (0, true));
    let far = |state: &mut State| state.store(units[1], UNIT, 0, 7).expect("stored");
    assert_eq!(after(&mut session, &far), (2, true), "asked, and the same is said");
    let near = |state: &mut State| state.store(units[1], UNIT, 0, 1).expect("stored");
    assert_eq!(after(&mut session, &near), (2, false));
    let new = |state: &mut State| {
        let list = state.load(state.root(StructId(0)).expect("the root"), StructId(0), 0).expect("the units");
        let unit = state.struct_new(UNIT);
        state.list_insert(list, 0, unit).expect("room");
    };
    assert_eq!(after(&mut session, &new).0, 3, "a new one");
}

/// All that a viewer is asked about shares fuel, so where one element is gone there is more for those behind it.
#[test]
fn views_that_ran_short_are_asked_again_when_an_element_is_gone() {
    let reads = Footprint::Fields([(UNIT, 0)].into());
    let footprint = FilterFootprint { reads, writes: Footprint::nothing(), looks_around: false };
    let mut session = session_of(footprint, &[3, 3, 1]);
    session.keep_views(false);
    session.set_host_filter("bob", "idle", declared(Declared::new(), |_| Ok(()))).expect("nothing is declared");
    let mut filtered = FilteredViewers::new();
    let mut after = |session: &mut Session, step: &dyn Fn(&mut State, u64)| {
        let list = session.state().load(session.state().root(StructId(0)).expect("the root"), StructId(0), 0);
        step(session.state_mut_for_setup(), list.expect("the units"));
        let changes = session.take_changes();
        let said = session.seen("ann");
        let view = project_seen(session.state(), &session.viewer("ann"), &said);
        let anew = filtered.refresh(session, &changes).views.len();
        (kinds(&view), anew)
    };
    assert_eq!(after(&mut session, &|_, _| ()), (vec![true, false, true], 1));
    assert_eq!(after(&mut session, &|_, _| ()), (vec![true, false, true], 0), "nothing was done");
    assert_eq!(
        after(&mut session, &|state, units| state.list_remove(units, 0).expect("is there")),
        (vec![true, true], 1)
    );
    assert_eq!(after(&mut session, &|state, units| state.list_remove(units, 1).expect("is there")), (vec![true], 0));
}

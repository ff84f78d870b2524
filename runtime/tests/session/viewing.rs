//! Views that are functions of the program.

use std::sync::Arc;

use statewright_runtime::context::Context;
use statewright_runtime::program::{FilterFootprint, HandlerInfo, Outcome, Program, Suspension, Trap, ViewInfo};
use statewright_runtime::session::{Session, SessionOptions};
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
    let views = Views(vec![ViewInfo { name: "near".into(), element: UNIT, footprint: FilterFootprint::anything() }]);
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
    match session.view(viewer).get("Units") {
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

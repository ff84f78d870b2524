//! Loops that are tried.

use std::ops::Range;

use super::super::passes::PASSES;
use super::*;
use crate::emitted::Passes;

/// Sums 3 · n over a range, as emitted code does: the sum, or where it stopped, and the fuel that is left.
#[allow(unused_variables)] // nothing here looks at the state
fn tripled(range: Range<i64>, left: u64) -> (Result<i64, (TrapCode, String)>, u64) {
    let (mut fuel, mut unused) = (Fuel { left }, ());
    let (run, fuel_left) = (&mut unused, &mut fuel);
    let mut sum: i64 = 0;
    let result: Flow<i64> = crate::attempt!(run, fuel_left, range, move |checks, passes| {
        for n in passes {
            checks.charge(1, "loop")?;
            let n = checks.small(n);
            if n % 2 != 0 {
                checks.charge_some(1, "odd")?;
                sum = checks.add(sum, checks.mul(n, 3, "times")?, "sum")?;
            }
        }
        Ok(sum)
    });
    let stopped = |exit: Box<Exit>| match *exit {
        Exit::Trap(trap) => (trap.code, trap.node.as_deref().unwrap_or_default().to_owned()),
        Exit::Suspended(_) => (TrapCode::BadArgument, String::new()),
    };
    (result.map_err(stopped), fuel.left)
}

#[test]
fn what_holds_is_done_once_and_costs_what_it_costs() {
    assert_eq!(tripled(0..4, 10), (Ok(3 + 9), 4));
    assert_eq!(tripled(0..4, 6), (Ok(3 + 9), 0), "just enough");
    assert_eq!(tripled(5..5, 0), (Ok(0), 0));
    let (start, end) = (5, -5);
    assert_eq!(tripled(start..end, 0), (Ok(0), 0));
}

#[test]
fn fuel_that_does_not_last_stops_where_it_ends() {
    let at = |left| tripled(0..4, left).0.map_err(|(code, node)| (code == TrapCode::FuelExhausted, node));
    assert_eq!(at(0), Err((true, "loop".into())));
    assert_eq!(at(1), Err((true, "loop".into())));
    assert_eq!(at(2), Err((true, "odd".into())));
    assert_eq!(at(5), Err((true, "odd".into())));
    assert_eq!(tripled(0..i64::MAX, 1_000).1, 0, "an endless loop is not tried to its end");
}

#[test]
fn large_numbers_are_computed_with_every_check() {
    let large = i64::from(i32::MAX);
    assert_eq!(tripled(large..large + 3, 10), (Ok(3 * large + 3 * (large + 2)), 5));
    assert_eq!(tripled(-large - 4..-large - 2, 10), (Ok(3 * (-large - 4)), 7));
    assert_eq!(tripled(i64::MAX - 2..i64::MAX, 10).0, Err((TrapCode::Overflow, "times".into())));
    assert_eq!(tripled(i64::MIN..i64::MIN + 2, 10), (Err((TrapCode::Overflow, "times".into())), 7));
}

#[test]
fn many_passes_are_not_tried() {
    let fuel = Fuel { left: u64::MAX };
    let most = PASSES as i64;
    assert!((0..most).tried(&fuel).is_some() && (0..most + 1).tried(&fuel).is_none());
    assert!((i64::MIN..i64::MAX).tried(&fuel).is_none());
    assert!((0..5).tried(&Fuel { left: 4 }).is_none(), "passes cost something");
}

#[test]
fn what_stops_is_noted() {
    let tried = Tried::default();
    let mut fuel = Fuel { left: 9 };
    assert_eq!(tried.run(&mut fuel, || tried.rem(5, 0, "n")), None);
    let tried = Tried::default();
    assert_eq!(tried.run(&mut fuel, || tried.trap_if(true, TrapCode::NotFound, "n")), None);
    let tried = Tried::default();
    assert_eq!(tried.run(&mut fuel, || tried.add_wide(i64::MAX, 1, "n")), None);
    let tried = Tried::default();
    assert_eq!(tried.run(&mut fuel, || tried.non_null(0, "n")), None);
    let tried = Tried::default();
    assert_eq!(tried.run(&mut fuel, || tried.add_wide(i64::MAX, -1, "n")), Some(i64::MAX - 1));
    assert_eq!(fuel.left, 9);
}

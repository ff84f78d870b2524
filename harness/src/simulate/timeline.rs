//! One run of a script, step by step: what metrics of the state are before the first step, and after each.

use std::sync::Arc;

use statewright_runtime::session::Session;
use statewright_types::TrapCode;

use super::metric::{Metric, Observed};
use crate::act::Act;

/// A moment between steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// Session time, milliseconds.
    pub now_ms: i64,
    /// By metric; `None` where there is nothing, or the metric is not of the state.
    pub values: Vec<Option<Observed>>,
    /// Types of the events that the step sent, in order.
    pub events: Vec<Arc<str>>,
    /// The step's first error.
    pub error: Option<TrapCode>,
}

/// Plays a script, and looks before its first step and after each: one moment more than steps.
pub fn timeline(mut session: Session, steps: &[Act], metrics: &[Metric]) -> Vec<Moment> {
    let look = |session: &Session| {
        let value = |metric: &Metric| metric.in_state(session).and_then(Result::ok);
        metrics.iter().map(value).collect::<Vec<_>>()
    };
    let begin = Moment { now_ms: session.now_ms(), values: look(&session), events: Vec::new(), error: None };
    let mut moments = vec![begin];
    for step in steps {
        let reports = step.perform(&mut session, None);
        moments.push(Moment {
            now_ms: session.now_ms(),
            values: look(&session),
            events: reports.iter().flat_map(|report| &report.events).map(|event| event.kind.clone()).collect(),
            error: reports.iter().find_map(|report| report.error()),
        });
    }
    moments
}

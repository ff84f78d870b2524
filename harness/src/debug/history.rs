//! What a debugger tells of its session as a whole: what it began with, and what it did, act by act.

use statewright_runtime::persist::recording::{RecordOptions, Recorder};
use statewright_runtime::session::{ActionReport, Session};
use statewright_types::{Value, json};

use super::debugger::Debugger;
use super::moment::Chronicle;
use super::watched::{Stop, Watched};
use crate::act::Act;

/// Tells a debugger's clients what a session does.
#[derive(Debug)]
pub struct History {
    chronicle: Chronicle,
    clock: fn() -> u64,
    number: u64,
}

impl History {
    /// Of a session from here on, which has these texts (`Versions::texts`). `clock` gives nanoseconds.
    pub fn begin(session: &Session, texts: &Value, debugger: &mut Debugger<'_>, clock: fn() -> u64) -> History {
        let recording = Recorder::new(session, texts, RecordOptions::default()).take();
        let chronicle = Chronicle::new(session);
        debugger.tell(Value::map([
            ("event", Value::from("began")),
            ("now", Value::Int(session.now_ms())),
            ("state", chronicle.state().clone()),
            ("recording", Value::from(json::base64_encode(&recording))),
        ]));
        History { chronicle, clock, number: 0 }
    }

    /// Does something to the session under the debugger's eyes, and tells of it.
    pub fn perform(&mut self, act: &Act, session: &mut Session, debugger: &mut Debugger<'_>) -> Vec<ActionReport> {
        self.number += 1;
        debugger.tell(Value::map([
            ("event", Value::from("action")),
            ("number", Value::uint(self.number)),
            ("label", Value::from(act.label())),
            ("input", act.to_value()),
        ]));
        debugger.count_anew();
        let (reports, profile) = {
            let mut watched = Watched::new(debugger, self.clock, Stop::default());
            let reports = act.perform(session, Some(&mut watched));
            let profile = watched.profile(&reports);
            (reports, profile)
        };
        let mut moment = self.chronicle.moment(act.label(), session, &reports);
        (moment.profile, moment.steps) = (profile, debugger.steps());
        debugger.tell(Value::map([("event", Value::from("did")), ("moment", moment.to_value())]));
        reports
    }
}

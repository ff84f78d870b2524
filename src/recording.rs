//! Recordings for hosts: what is done to a session from some moment on, as bytes that replay and verify.

use statewright_runtime::persist::recording::{
    RecordError, RecordOptions, Recorder as Inner, Recording as InnerRecording, RecordingError, VerifyError,
};
use statewright_runtime::session::Input;
use statewright_runtime::state::State;
use statewright_types::Value;

use crate::{Entry, Program, RestoreError, Session};

/// Makes bytes of what is done to a session, to be appended to a file or sent somewhere as they come.
///
/// ```
/// # use statewright::{Options, Program, RecordOptions, Recorder, Recording, Session, Value};
/// # const SCHEMA: &str = "@root(active) type Game {\n  Score int64\n}";
/// # const GRAPH: &str = r#"{"handlers": [{"name": "Score", "event": "Scored", "parameters": [],
/// #     "nodes": [{"id": "add", "type": "Increment", "inputs": {"path": "Score"}}],
/// #     "flow": [{"from": "start", "to": "add"}]}]}"#;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let program = Program::load(GRAPH, SCHEMA)?;
/// let mut session = Session::new(&program, Options::default());
/// let mut file = Vec::new();
/// let mut recorder = Recorder::new(&session, RecordOptions::default());
/// for _ in 0..3 {
///     session.dispatch("Scored", "ann", Value::Null)?;
///     file.extend(recorder.record(&mut session)?);
/// }
/// file.extend(recorder.finish(&mut session)?);
///
/// let recording = Recording::read(&file)?;
/// assert_eq!((recording.entries().len(), recording.is_ended()), (3, true));
/// let again = recording.replay(&[program.clone()], None)?; // compares the state on the way
/// assert_eq!(again.state_hash(), session.state_hash());
/// let half = recording.replay(&[program], Some(2))?;
/// assert_eq!(half.state().to_string(), r#"{"Score":2}"#);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Recorder {
    inner: Inner,
}

impl Recorder {
    /// Begins with the session as it is now. The first bytes come with the first call of [`Recorder::record`].
    pub fn new(session: &Session, options: RecordOptions) -> Recorder {
        Recorder { inner: Inner::new(session.plain(), &Value::Null, options) }
    }

    /// Takes what was done since the last call out of the session's log; gives the bytes to append.
    ///
    /// # Errors
    /// Somebody else took entries of the log, or a value nests too deep. Then the recording cannot go on.
    pub fn record(&mut self, session: &mut Session) -> Result<Vec<u8>, RecordError> {
        for entry in session.log() {
            if let Input::Program { document_hash } = &entry.input {
                self.inner.version(*document_hash, &Value::Null);
            }
        }
        self.inner.record(session.plain_mut())?;
        Ok(self.inner.take())
    }

    /// The last bytes: what is left, and that this is the end.
    ///
    /// # Errors
    /// As [`Recorder::record`].
    pub fn finish(mut self, session: &mut Session) -> Result<Vec<u8>, RecordError> {
        let mut bytes = self.record(session)?;
        bytes.extend(self.inner.finish(session.plain_mut())?);
        Ok(bytes)
    }
}

/// A recording as it was read.
#[derive(Clone, Debug)]
pub struct Recording {
    inner: InnerRecording,
}

impl Recording {
    /// Reads a recording. An end in the middle, as a crash leaves it, is no error: see [`Recording::torn_bytes`].
    ///
    /// # Errors
    /// Says what is wrong with the bytes.
    pub fn read(bytes: &[u8]) -> Result<Recording, RecordingError> {
        Ok(Recording { inner: InnerRecording::read(bytes)? })
    }

    /// What was done, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.inner.entries
    }

    /// Whether the recording was ended; else the program stopped before.
    pub fn is_ended(&self) -> bool {
        self.inner.is_ended
    }

    /// How many bytes at the end are of no use, because writing them was interrupted.
    pub fn torn_bytes(&self) -> usize {
        self.inner.torn.map_or(0, |torn| torn.bytes)
    }

    /// The session as it was after entry `to`, or at the end; it goes on as the recorded one did. The state is compared with what was
    /// recorded on the way. All programs that the session ran on must be among `programs`.
    ///
    /// # Errors
    /// The first thing that is missing or goes another way.
    pub fn replay(&self, programs: &[Program], to: Option<u64>) -> Result<Session, VerifyError> {
        self.replay_with(programs, &|_, _, _| false, to)
    }

    /// The same for a session that the host program has changed itself ([`LiveSession::update_named`](crate::LiveSession::update_named)):
    /// `updates` is given name and parameters of such a change and the state, makes the change again, and says whether it knows it.
    ///
    /// ```
    /// # use std::convert::Infallible;
    /// # use statewright::{Options, Program, RecordOptions, Recorder, Recording, Session, State, Value};
    /// # const SCHEMA: &str = "@root(active) type Game {\n  Score int64\n}";
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let program = Program::load(r#"{"handlers": []}"#, SCHEMA)?;
    /// # let mut session = Session::new(&program, Options::default());
    /// fn score(state: &mut State, points: &Value) {
    ///     let (game, Value::Int(points)) = (state.main_root(), points) else { return };
    ///     let _stored = state.root(game).and_then(|root| state.store(root, game, 0, *points as u64));
    /// }
    /// let mut recorder = Recorder::new(&session, RecordOptions::default());
    /// let points = Value::Int(5);
    /// session.update("score", points.clone(), |state| Ok::<_, Infallible>(score(state, &points)))?;
    /// let recording = Recording::read(&recorder.finish(&mut session)?)?;
    /// let again = recording.replay_with(
    ///     &[program.clone()],
    ///     &|name, points, state| {
    ///         score(state, points);
    ///         name == "score"
    ///     },
    ///     None,
    /// )?;
    /// assert_eq!(again.state_hash(), session.state_hash());
    /// assert!(recording.replay(&[program], None).is_err(), "nobody knows how to do it again");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Recording::replay`]; and if `updates` does not know a change.
    pub fn replay_with(
        &self,
        programs: &[Program],
        updates: &dyn Fn(&str, &Value, &mut State) -> bool,
        to: Option<u64>,
    ) -> Result<Session, VerifyError> {
        let find = |hash: &[u8; 32]| programs.iter().find(|program| program.document_hash() == *hash);
        let first = programs.first().ok_or_else(|| RestoreError::Malformed("there are no programs".to_owned()));
        let first = first.map_err(VerifyError::Begin)?;
        let handlers = |hash: &[u8; 32]| {
            find(hash).filter(|program| program.shares_state_with(first)).map(|program| program.parts().2)
        };
        let session = self.inner.replay_with(first.parts().0, &handlers, updates, to, true)?.session;
        let program = find(&session.program().document_hash()).unwrap_or(first).clone();
        Ok(Session::of_plain(session, program))
    }
}

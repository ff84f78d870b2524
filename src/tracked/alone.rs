//! A state without a session: changed through accessors, encoded for viewers, committed.

use std::marker::PhantomData;
use std::sync::Arc;

use statewright_runtime::state::{Changes, State};
use statewright_runtime::sync::{Encoder, PatchBuffer, Sight, ViewerSights};
use statewright_runtime::wire::Profile;
use statewright_types::TrapCode;

use super::record::Root;
use super::seen::Viewer;
use super::stored::Kind;

/// The state of one root, without a session: for programs that have their own idea of who is connected, or one peer that mirrors the
/// state. Nothing here has players, events, effects or a history; a [`LiveSession`](crate::LiveSession) has.
///
/// ```
/// use statewright::Tracked;
/// use statewright::client::Replica;
/// use statewright::tracked::{TrackedState, Viewer};
///
/// #[derive(Tracked, Clone, Debug, Default, PartialEq)]
/// #[tracked(root)]
/// pub struct Board {
///     pub round: i64,
///     pub marks: Vec<i32>,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut board = TrackedState::new(&Board { round: 1, marks: vec![4] })?;
/// let (peer, mut replica) = (Viewer::new("peer"), Replica::new(Board::schema()));
/// replica.apply_full(&board.encode_all(&peer))?;
///
/// board.update(|mut board| board.marks().push(5))?;
/// replica.apply(&board.encode(&peer), None)?;
/// board.commit();
/// assert_eq!(replica.to_value().to_string(), r#"{"Round":1,"Marks":[4,5]}"#);
/// assert!(board.encode(&peer).is_empty());
/// # Ok(())
/// # }
/// ```
pub struct TrackedState<R> {
    state: State,
    encoder: Encoder,
    profile: Arc<Profile>,
    /// What changed since the last commit, as far as it was looked at.
    window: Changes,
    buffer: PatchBuffer,
    kind: Kind,
    root: PhantomData<fn() -> R>,
}

impl<R: Root> TrackedState<R> {
    /// Begins with a plain struct, under a seed of 0: `auto` fields that are empty are drawn from it.
    ///
    /// # Errors
    /// `memory_limit` of text or collections that are too large.
    pub fn new(plain: &R) -> Result<TrackedState<R>, TrapCode> {
        TrackedState::seeded(plain, 0)
    }

    /// The same under another seed.
    ///
    /// # Errors
    /// As [`TrackedState::new`].
    pub fn seeded(plain: &R, seed: u64) -> Result<TrackedState<R>, TrapCode> {
        let declared = R::tracked_schema();
        let (schema, main_root) = (declared.schema().clone(), declared.main_root());
        let kind = declared.kind_of::<R>().ok_or(TrapCode::NotFound)?;
        let mut tracked = TrackedState {
            encoder: Encoder::new(schema.clone(), main_root),
            profile: Arc::new(Profile::same(&schema, main_root)),
            state: State::new(schema, main_root, seed),
            window: Changes::default(),
            buffer: PatchBuffer::default(),
            kind,
            root: PhantomData,
        };
        // A main root is there even if it is declared inactive.
        tracked.state.root_activate(main_root);
        tracked.state.transaction(|state| {
            let root = state.root(main_root)?;
            kind.overwrite(state, plain, root)
        })?;
        tracked.commit();
        Ok(tracked)
    }

    /// A plain copy of everything.
    pub fn get(&self) -> R {
        R::read(&self.state, self.kind, self.root())
    }

    /// Everything for reading, without a copy.
    pub fn view(&self) -> R::Ref<'_> {
        R::view(&self.state, self.kind, self.root())
    }

    /// The state itself.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Changes the state as one transaction: kept if `change` gives `Ok`, undone as a whole if it gives `Err`, or panics.
    ///
    /// # Errors
    /// That of `change`.
    pub fn update<T, E>(&mut self, change: impl FnOnce(R::Mut<'_>) -> Result<T, E>) -> Result<T, E> {
        let (kind, root) = (self.kind, self.root());
        self.state.transaction(|state| change(R::edit(state, kind, root)))
    }

    /// What changed since the last [`TrackedState::commit`], for a viewer that has everything until then: the *changes* of
    /// docs/protocol.md. Empty, if there is nothing to send. It may be asked for any number of viewers, and again; a viewer that has another
    /// team or other grants than at the last commit needs [`TrackedState::encode_all`].
    pub fn encode(&mut self, viewer: &Viewer) -> Vec<u8> {
        let later = self.state.take_changes();
        self.window.merge(later, &self.state);
        let sight = self.sight(viewer);
        let viewers = [ViewerSights { before: &sight, now: &sight }];
        self.encoder.patch_into(&self.state, &self.window, &viewers, &mut self.buffer);
        let (public, private) = self.buffer.parts(0);
        [public, private].concat()
    }

    /// All that a viewer sees: the *full state* of docs/protocol.md. Views that are predicates show nothing here.
    pub fn encode_all(&mut self, viewer: &Viewer) -> Vec<u8> {
        let sight = self.sight(viewer);
        self.encoder.full(&self.state, &sight)
    }

    /// What changed until now counts as sent.
    pub fn commit(&mut self) {
        self.state.take_changes();
        self.window = Changes::default();
    }

    /// The root's record: it is always there.
    fn root(&self) -> u64 {
        self.state.root(self.state.main_root()).unwrap_or(0)
    }

    fn sight(&self, viewer: &Viewer) -> Sight {
        let mut sight = Sight::new(viewer.id(), self.profile.clone());
        sight.team = viewer.team().cloned();
        sight.grants.clone_from(viewer.grants());
        sight
    }
}

//! A game of 100 players, as other libraries for synchronised state are measured with.

use std::sync::Arc;

use statewright_runtime::state::{Changes, State};
use statewright_runtime::sync::{Encoder, EncoderOptions, Onlookers, PatchBuffer, Sight, Sights};
use statewright_runtime::wire::Profile;
use statewright_types::{StructId, json};

/// `VIEW` stands where hands are for everybody, or for their owner.
const SCHEMA: &str = "package scenario

@root(active)
type Game {
    Round int32
    Phase string
    Players []Player @key(ID)
}

type Player {
    ID string
    Team string
    Name string
    Hand []int32 VIEW
    X float64
    Y float64
    Health int32
    Score int32
}
";

/// The schema's text.
pub fn schema(private_hands: bool) -> String {
    SCHEMA.replace("VIEW", if private_hands { "@view(owner)" } else { "" })
}

/// The player that things happen to.
pub const ONE: usize = 37;

/// A state with its viewers' encoder.
pub struct Game {
    pub state: State,
    pub encoder: Encoder,
    pub changes: Changes,
    pub patches: PatchBuffer,
    pub players: Vec<u64>,
    root: (StructId, u64),
    pub player: StructId,
    list: u64,
    pub profile: Arc<Profile>,
}

impl Game {
    pub fn new(players: usize, private_hands: bool, options: EncoderOptions) -> Result<Game, String> {
        let (schema, diagnostics) = statewright_types::schema::parse(&schema(private_hands));
        let schema = schema.ok_or_else(|| format!("{diagnostics:?}"))?;
        let root_type = schema.main_root(None).ok_or("no root")?;
        let player = schema.by_name("Player").ok_or("no players")?;
        let state = State::new(schema.clone(), root_type, 1);
        let fail = |trap| format!("{trap:?}");
        let root = state.root(root_type).map_err(fail)?;
        let mut game = Game {
            list: state.load(root, root_type, 2).map_err(fail)?,
            encoder: Encoder::new(schema.clone(), root_type).with_options(options),
            changes: Changes::default(),
            patches: PatchBuffer::default(),
            players: Vec::new(),
            root: (root_type, root),
            player,
            profile: Arc::new(Profile::same(&schema, root_type)),
            state,
        };
        let ty = statewright_types::Type::Struct(player);
        // Transactions as large as a game's, not as a load's.
        for start in (0..players).step_by(1000) {
            game.state.begin();
            for i in start..(start + 1000).min(players) {
                let hand: Vec<String> = (0..5).map(|j| ((7 * i + 13 * j) % 52).to_string()).collect();
                let text = format!(
                    r#"{{"ID":"p{i:03}","Team":"{}","Name":"Player {i:03}","Hand":[{}],"X":{},"Y":{},"Health":100,"Score":{}}}"#,
                    ["red", "blue"][i % 2],
                    hand.join(","),
                    1.5 * i as f64 + 0.25,
                    2.5 * i as f64 + 0.125,
                    10 * i
                );
                let tree = json::parse(&*text).map_err(|error| format!("{error:?}"))?;
                let value = game.state.import(&ty, &tree.value(tree.root())).map_err(|error| format!("{error:?}"))?;
                game.state.list_push(game.list, value).map_err(fail)?;
            }
            game.state.commit();
        }
        game.players = game.state.list_slots(game.list).to_vec();
        game.state.begin();
        game.set_root(0, 42);
        let phase = game.state.string("playing");
        game.set_root(1, phase);
        game.state.commit();
        game.state.take_changes();
        Ok(game)
    }

    fn set_root(&mut self, field: u32, value: u64) {
        // The root is never stale.
        let _stored = self.state.store(self.root.1, self.root.0, field, value);
    }

    /// A viewer for each of the first players, and without a player for the rest.
    pub fn sights(&self, viewers: usize) -> Sights {
        (0..viewers).map(|at| Sight::new(&format!("p{at:03}"), self.profile.clone())).collect()
    }

    /// One transaction, its changes taken, and encoded.
    pub fn tick(&mut self, viewers: &Sights, change: impl FnOnce(&mut Game)) {
        self.mutate(change);
        self.encode(viewers);
    }

    pub fn mutate(&mut self, change: impl FnOnce(&mut Game)) {
        self.state.begin();
        change(self);
        self.state.commit();
        self.state.take_changes_into(&mut self.changes);
    }

    pub fn encode(&mut self, viewers: &Sights) {
        let still = Onlookers::Still(viewers, &self.profile);
        self.encoder.patch_into(&self.state, &self.changes, still, &mut self.patches);
    }

    /// The bytes of a viewer's patch.
    pub fn bytes(&self, viewer: usize) -> usize {
        let (public, private) = self.patches.parts(viewer);
        public.len() + private.len()
    }

    // What happens.

    pub fn round(&mut self, n: u64) {
        self.set_root(0, 43 + n % 20);
    }

    pub fn score(&mut self, n: u64) {
        if let Some(player) = self.players.get(ONE) {
            let _stored = self.state.store(*player, self.player, 7, 370 + 5 * (1 + n % 20));
        }
    }

    pub fn moves(&mut self, n: u64) {
        let by = if n.is_multiple_of(2) { 0.5 } else { -0.5 };
        let _done = self.state.edit_each(self.list, |mut player| {
            let moved = |slot| Ok((f64::from_bits(slot) + by).to_bits());
            player.update(4, moved)?;
            player.update(5, moved)
        });
    }

    /// Takes a card out of the middle of a hand, or puts one back.
    pub fn card(&mut self, n: u64) {
        let Some(hand) = self.players.get(ONE).and_then(|one| self.state.load(*one, self.player, 3).ok()) else {
            return;
        };
        let _done = match n.is_multiple_of(2) {
            true => self.state.list_remove(hand, 2),
            false => self.state.list_insert(hand, 2, 25),
        };
    }
}

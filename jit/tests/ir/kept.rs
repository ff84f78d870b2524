//! What was looked up for one call and is kept for the next: rows that move, roots that come and go, other states and programs in between.

use statewright_runtime::state::State;
use statewright_types::{Limits, StructId};

use crate::under_test::Interpreter;
use crate::world::{World, interpreter, module, module_text, plain, schema, state};

/// Programs: one writes the main root, one reads another root that may be gone, one makes rows, and one takes a root away or brings it back.
const BODIES: [&str; 4] = [
    "v1: Game = root Game
    v2: int64 = load Game.Round v1
    v3: int64 = iconst 1
    v4: int64 = iadd v2, v3
    store Game.Round v1, v4
    show v4 int64",
    "v1: Lobby = root Lobby @\"lobby\"
    v2: bool = load Lobby.Open v1
    v3: bool = not v2
    store Lobby.Open v1, v3
    v4: Game = root Game
    v5: int64 = load Game.Round v4
    show v5 int64
    show v3 bool",
    "v1: Game = root Game
    v2: []Player = load Game.Players v1
    v3: Player = struct.new Player
    store Player.ID v3, v0
    list.push v2, v3
    v4: int64 = list.len v2
    show v4 int64",
    "v1: bool = root.is_active Lobby
    branch v1, b1(), b2()
    b1():
    v2: bool = root.deactivate Lobby
    return
    b2():
    v3: bool = root.activate Lobby
    return",
];

/// The same numbers each time.
struct Lots(u64);

impl Lots {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Something that is done to a state from outside.
fn touch(state: &mut State, lots: &mut Lots) {
    let (game, lobby) = (StructId(0), StructId(1));
    state.begin();
    match lots.below(5) {
        // A table of the main root's type that has room no more.
        0 => (0..lots.below(40)).for_each(|_| _ = state.struct_new(game)),
        1 => _ = state.root_activate(lobby),
        2 => _ = state.root_deactivate(lobby),
        3 => (0..lots.below(40)).for_each(|_| _ = state.struct_new(lobby)),
        _ => {}
    }
    if lots.below(2) == 0 {
        state.commit()
    } else {
        state.rollback()
    }
    if lots.below(4) == 0 {
        *state = state.clone();
    }
    if lots.below(3) == 0 {
        state.take_changes();
    }
}

/// What is told of 400 calls, of each program on each of three states as it comes.
fn told(programs: &[Interpreter]) -> Vec<(String, [u8; 32])> {
    let schema = schema();
    let mut worlds: Vec<World> = (0..3).map(|_| World::new(state(&schema), Limits::default())).collect();
    let mut lots = Lots(11);
    let call = |_| {
        let program = &programs[lots.below(programs.len() as u64) as usize];
        let world = &mut worlds[lots.below(3) as usize];
        if lots.below(3) == 0 {
            touch(&mut world.state, &mut lots);
        }
        (world.play(program, None), world.state.hash())
    };
    (0..400).map(call).collect()
}

#[test]
fn what_moved_since_the_last_call_is_looked_up_again() {
    let schema = schema();
    let programs = |make: fn(_) -> Interpreter| {
        BODIES.iter().map(|body| make(module(&module_text(body), &schema))).collect::<Vec<_>>()
    };
    let expected = told(&programs(plain));
    assert!(expected.iter().any(|(end, _)| end.starts_with("not_found at lobby")), "{expected:?}");
    assert!(expected.iter().filter(|(end, _)| end.contains("done, fuel")).count() > 200);
    for (at, (found, expected)) in told(&programs(interpreter)).iter().zip(&expected).enumerate() {
        assert_eq!(found, expected, "call {at}");
    }
}

#[test]
fn a_program_in_the_place_of_another_one_looks_for_itself() {
    let schema = schema();
    let mut world = World::new(state(&schema), Limits::default());
    for round in 0..20 {
        // Where the one before was, as likely as not.
        let program = interpreter(module(&module_text(BODIES[round % 3]), &schema));
        let mut other = World::new(world.state.clone(), Limits::default());
        let expected = other.play(&plain(module(&module_text(BODIES[round % 3]), &schema)), None);
        assert_eq!(world.play(&program, None), expected);
        assert_eq!(world.state.hash(), other.state.hash());
    }
}

//! Fields of roots that are written more than once: in one call, by what it calls, behind what moves, and in the next transaction.

use statewright_types::Limits;

use crate::under_test::Interpreter;
use crate::world::{World, interpreter, module, module_text, plain, schema, state};

/// Counts rounds, in the open and in a function; a tag for each goes between. From the fourth round on it is an error after all of that.
const ROUNDS: &str = "
    v1: Game = root Game
    v2: int64 = load Game.Round v1
    v3: int64 = iconst 1
    v4: int64 = iadd v2, v3
    v5: int64 = iconst -7
    store Game.Round v1, v5
    store Game.Round v1, v4
    v6: float64 = load Game.Ratio v1
    v7: float64 = fconst 0.25
    v8: float64 = fadd v6, v7
    store Game.Ratio v1, v8
    v9: []string = load Game.Tags v1
    LATER
    store Game.Ratio v1, v6
    store Game.Ratio v1, v8
    v10: int64 = call \"touch\" v4
    store Game.Round v1, v5
    store Game.Round v1, v4
    v11: int64 = iconst 3
    v12: bool = icmp gt v4, v11
    branch v12, b1(), b2()
    b1():
    trap overflow @\"late\"
    b2():
    return
    ---
    function \"touch\" (\"by\": int64) -> int64 {
    b0(v0: int64):
    v1: Game = root Game
    v2: int64 = iconst 100
    store Game.Round v1, v2
    store Game.Round v1, v0
    return v0
    }";

#[test]
fn what_is_written_again_is_marked_and_taken_back_like_the_first() {
    let schema = schema();
    for later in ["list.push v9, v0", "v13: bool = root.activate Lobby", ""] {
        let module = module(&module_text(&ROUNDS.replace("LATER", later)), &schema);
        for takes_changes in [1, 2, 100] {
            let run = |program: &Interpreter| {
                let mut world = World::new(state(&schema), Limits::default());
                let mut told = Vec::new();
                for round in 1..=6 {
                    let end = world.play(program, None);
                    told.push((end, format!("{:?}", world.state.to_value()), world.state.hash()));
                    if round % takes_changes == 0 {
                        told.push((format!("{:?}", world.state.take_changes()), String::new(), [0; 32]));
                    }
                }
                told
            };
            let told = run(&plain(module.clone()));
            assert!(told.iter().any(|(end, ..)| end.starts_with("done")));
            assert!(told.iter().any(|(end, ..)| end.starts_with("overflow at late")));
            assert_eq!(run(&interpreter(module.clone())), told, "{later}, changes taken each {takes_changes}");
        }
    }
}

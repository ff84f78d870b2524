//! What the passes make of loops does what the loops did, whatever comes: large sums, little fuel, memory or room in lists.

use std::collections::BTreeSet;

use statewright_graph::ir::{Module, Verified};
use statewright_graph::passes;
use statewright_types::Limits;

use crate::joined::dense;
use crate::under_test::Interpreter;
use crate::world::{World, interpreter, module, module_text, plain, schema, state};

/// A handler that fills a list with guests of these seats, and goes over it: `v3` is the list, `v9` 0, `v10` 1, and `v11` 2.
fn over_guests(seats: &[i64], body: &str) -> Module {
    let guests: String = (0..)
        .step_by(4)
        .zip(seats)
        .map(|(at, seat)| {
            let [guest, value, last] = [100, 101, 102].map(|by| at + by);
            format!(
                "v{guest}: Guest = struct.new Guest
                v{value}: int64 = iconst {seat}
                struct.init Guest.Seat v{guest}, v{value}
                v{last}: int64 = list.len v3
                list.insert v3, v{last}, v{guest}\n"
            )
        })
        .collect();
    let text = format!(
        "v1: bool = root.activate Lobby
        v2: Lobby = root Lobby
        v3: []Guest = load Lobby.Guests v2
        v9: int64 = iconst 0
        v10: int64 = iconst 1
        v11: int64 = iconst 2
        {guests}{body}"
    );
    module(&dense(&module_text(&text)), &schema())
}

/// Those above 3, twice each, the sum.
const CHAIN: &str = "fuel 1
    v12: []Guest = load Lobby.Guests v2
    v13: []Guest = list.new []Guest
    v14: int64 = list.len v12
    v15: int64 = iconst 3
    jump b1(v9)
    b1(v20: int64):
    v21: bool = icmp lt v20, v14
    branch v21, b2(), b5()
    b2():
    fuel 1 @\"filter\"
    v22: Guest = list.get v12, v20 @\"filter\"
    v23: int64 = load Guest.Seat v22 @\"seat\"
    v24: bool = icmp gt v23, v15
    branch v24, b3(), b4()
    b3():
    fuel 2 @\"keep\"
    list.push v13, v22 @\"filter\"
    jump b4()
    b4():
    v25: int64 = iadd v20, v10
    jump b1(v25)
    b5():
    mem v13 @\"filter\"
    v30: int64 = list.len v13
    v31: []int64 = list.new []int64
    jump b6(v9)
    b6(v32: int64):
    v33: bool = icmp lt v32, v30
    branch v33, b7(), b8()
    b7():
    fuel 1 @\"map\"
    v34: Guest = list.get v13, v32
    v35: int64 = load Guest.Seat v34 @\"seat\"
    v36: int64 = imul v35, v11 @\"double\"
    list.push v31, v36 @\"map\"
    v37: int64 = iadd v32, v10
    jump b6(v37)
    b8():
    mem v31 @\"map\"
    v40: int64 = list.len v31
    jump b9(v9, v9)
    b9(v41: int64, v42: int64):
    v43: bool = icmp lt v41, v40
    branch v43, b10(), b11()
    b10():
    fuel 1 @\"sum\"
    v44: int64 = list.get v31, v41
    v45: int64 = iadd v42, v44 @\"sum\"
    v46: int64 = iadd v41, v10
    jump b9(v46, v45)
    b11():
    fuel 1 @\"show\"
    show v42 int64
    show v40 int64";

/// The sum of those above 3 and the products of the others.
const BRANCHES: &str = "fuel 1
    v12: []Guest = load Lobby.Guests v2
    v14: int64 = list.len v12
    v15: int64 = iconst 3
    jump b1(v9, v9, v10)
    b1(v20: int64, v30: int64, v31: int64):
    v21: bool = icmp lt v20, v14
    branch v21, b2(), b6()
    b2():
    fuel 1 @\"each\"
    v22: Guest = list.get v12, v20
    v23: int64 = load Guest.Seat v22
    v24: bool = icmp gt v23, v15
    branch v24, b3(), b4()
    b3():
    fuel 2 @\"large\"
    v25: int64 = iadd v30, v23 @\"add\"
    v26: bool = icmp gt v25, v11
    branch v26, b5(v25, v31), b4()
    b4():
    v27: int64 = imul v31, v23 @\"multiply\"
    fuel 1 @\"small\"
    jump b5(v30, v27)
    b5(v32: int64, v33: int64):
    v34: int64 = iadd v20, v10
    jump b1(v34, v32, v33)
    b6():
    show v30 int64
    show v31 int64";

fn play(module: Module, make: fn(Module) -> Interpreter, limits: Limits) -> (String, u64, [u8; 32]) {
    let schema = schema();
    let mut state = state(&schema);
    state.set_limits(limits);
    let mut world = World::new(state, limits);
    let told = world.play(&make(module), None);
    (told, world.meter.memory, world.state.hash())
}

fn all_limits() -> impl Iterator<Item = Limits> {
    let fuel = (0..60).map(|fuel| Limits { fuel, ..Limits::default() });
    let memory = (0..30).map(|words| Limits { memory_bytes: words * 4, ..Limits::default() });
    let entries = (0..9).map(|entries| Limits { entries, ..Limits::default() });
    fuel.chain(memory).chain(entries).chain([Limits::default()])
}

fn check(body: &str, fused: bool) {
    let large = i64::MAX / 2 - 4;
    let lists: [&[i64]; 8] = [
        &[],
        &[1],
        &[4, 1, 5, 6],
        &[2, 3, -9, 0],
        &[7, large, 9, 1, 3],
        &[i64::MAX, 2, 5],
        &[1, 9, large, 4, large],
        &[-2, i64::MIN, 5, 8, 13, 1],
    ];
    let mut ends = BTreeSet::new();
    for seats in lists {
        let lowered = over_guests(seats, body);
        let mut passed = lowered.clone();
        passes::run(&mut passed);
        assert_eq!(passed.to_string().contains("entries.short"), fused, "{passed}");
        let verified = Verified::new(passed.clone()).expect("the passes make no mistakes");
        let flat = passes::without_branches(&verified).expect("the passes make no mistakes").into_inner();
        assert!(flat.to_string().contains("select"), "{flat}");
        for limits in all_limits() {
            let expected = play(lowered.clone(), plain, limits);
            ends.insert(expected.0.lines().last().map(|line| line.split(',').next().unwrap_or("").to_owned()));
            for form in [&passed, &flat] {
                for make in [plain, interpreter] {
                    assert_eq!(play(form.clone(), make, limits), expected, "{seats:?} {limits:?}\n{form}");
                }
            }
        }
    }
    assert!(ends.len() > 5, "{ends:?}");
}

#[test]
fn a_fused_chain_does_what_its_loops_do() {
    check(CHAIN, true);
}

#[test]
fn a_loop_without_branches_does_what_it_did() {
    check(BRANCHES, false);
}

/// A handler that fills the list of players with these ids, and looks for "bob" in it: `v3` is the list, `v4` the text, `v9` 0, `v10` 1.
fn over_players(ids: &[&str], body: &str) -> Module {
    let players: String = (0..)
        .step_by(4)
        .zip(ids)
        .map(|(at, id)| {
            let [player, value, last] = [100, 101, 102].map(|by| at + by);
            format!(
                "v{player}: Player = struct.new Player
                v{value}: string = sconst \"{id}\"
                struct.init Player.ID v{player}, v{value}
                v{last}: int64 = list.len v3
                list.insert v3, v{last}, v{player}\n"
            )
        })
        .collect();
    let text = format!(
        "v1: Game = root Game
        v3: []Player = load Game.Players v1
        v4: string = sconst \"bob\"
        v9: int64 = iconst 0
        v10: int64 = iconst 1
        {players}v12: []Player = load Game.Players v1
        v14: int64 = list.len v12
        {body}"
    );
    module(&dense(&module_text(&text)), &schema())
}

/// The index of the first one, as nodes that find something are lowered.
const FIRST: &str = "v15: int64 = iconst -1
    jump b1(v9)
    b1(v20: int64):
    v21: bool = icmp lt v20, v14
    branch v21, b2(), b4(v15)
    b2():
    fuel 1 @\"find\"
    v22: Player = list.get v12, v20 @\"find\"
    v23: string = load Player.ID v22 @\"find\"
    v24: bool = scmp eq v23, v4
    branch v24, b4(v20), b3()
    b3():
    v25: int64 = iadd v20, v10
    jump b1(v25)
    b4(v30: int64):
    fuel 1 @\"show\"
    show v30 int64";

/// A loop that ends at the first one and does something with it, and charges behind the comparison too.
const BREAK: &str = "jump b1(v9)
    b1(v20: int64):
    v21: bool = icmp lt v20, v14
    branch v21, b2(), b6()
    b2():
    fuel 2 @\"each\"
    v22: Player = list.get v12, v20 @\"each\"
    v23: string = load Player.ID v22 @\"each\"
    v24: bool = scmp ne v4, v23
    branch v24, b3(), b4()
    b3():
    fuel 1 @\"next\"
    v25: int64 = iadd v20, v10
    jump b1(v25)
    b4():
    fuel 1 @\"hit\"
    v26: uint64 = load Player.Big v22 @\"hit\"
    store Player.Seat v22, v20 @\"hit\"
    v27: bool = icmp gt v20, v10
    branch v27, b5(), b6()
    b5():
    show v23 string
    show v20 int64
    jump b6()
    b6():
    fuel 1 @\"show\"
    show v14 int64";

#[test]
fn a_search_by_key_does_what_its_loop_does() {
    let many: Vec<String> = (0..40).map(|at| format!("p{at}")).collect();
    let with = |at: usize| {
        let mut ids: Vec<&str> = many.iter().map(|id| &**id).collect();
        ids[at] = "bob";
        ids
    };
    let lists = [
        vec![],
        vec!["bob"],
        vec!["a", "c"],
        vec!["a", "bob", "c", "bob"],
        with(0),
        with(23),
        with(39),
        with(0)[1..].to_vec(),
    ];
    for body in [FIRST, BREAK] {
        let mut ends = BTreeSet::new();
        for ids in &lists {
            let lowered = over_players(ids, body);
            let mut passed = lowered.clone();
            passes::run(&mut passed);
            assert!(passed.to_string().contains("list.find_key Player.ID"), "{passed}");
            let limits = (0..165).map(|fuel| Limits { fuel, ..Limits::default() }).chain([Limits::default()]);
            for limits in limits {
                let expected = play(lowered.clone(), plain, limits);
                ends.insert(expected.0.lines().last().map(|line| line.split(',').next().unwrap_or("").to_owned()));
                for make in [plain, interpreter] {
                    assert_eq!(play(passed.clone(), make, limits), expected, "{ids:?} {limits:?}\n{passed}");
                }
            }
        }
        assert!(ends.len() > 2, "{ends:?}");
    }
}

#[test]
fn a_loop_that_does_more_than_search_stays() {
    let changes = [
        // What is compared is not what the elements are known by.
        ("v23: string = load Player.ID v22 @\"find\"", "v23: uuid = load Player.Token v22 @\"find\""),
        ("v24: bool = scmp eq v23, v4", "v24: bool = scmp lt v23, v4"),
        // Something is done on the way.
        ("fuel 1 @\"find\"", "fuel 1 @\"find\"\nv40: Game = root Game\nstore Game.Round v40, v20"),
        ("b3():", "b3():\nstore Player.Seat v22, v9"),
        // It begins elsewhere, or takes larger steps.
        ("jump b1(v9)", "jump b1(v10)"),
        ("v25: int64 = iadd v20, v10", "v25: int64 = iadd v20, v14"),
    ];
    for (from, to) in changes {
        let body = FIRST.replacen(from, to, 1);
        assert_ne!(body, FIRST);
        let lowered = over_players(&["a", "bob"], &body);
        let mut passed = lowered.clone();
        passes::run(&mut passed);
        assert!(!passed.to_string().contains("list.find_key"), "{to}\n{passed}");
        let expected = play(lowered, plain, Limits { fuel: 100, ..Limits::default() });
        assert_eq!(play(passed, interpreter, Limits { fuel: 100, ..Limits::default() }), expected, "{to}");
    }
}

//! Waiting, within calls too, and going on.

use std::sync::Arc;

use expect_test::expect;
use statewright_runtime::program::{Outcome, Program, SavedFrame, Suspension, WaitFor};
use statewright_runtime::state::Saved;
use statewright_types::Limits;

use crate::world::{World, check, interpreter, module, module_text, schema, state};

#[test]
fn values_survive_a_wait() {
    check(
        "v1: int64 = iconst 250
        v2: string = sconst \"kept\"
        v3: float64 = fconst 0.5
        v4: []string = list.new []string v0, v2
        fuel 2
        suspend duration v1 -> b1(v2, v3, v4, v0) @\"wait\"
        b1(v5: string, v6: float64, v7: []string, v8: string):
        fuel 3
        show v5 string
        show v6 float64
        show v7 []string
        v9: int64 = now
        show v9 int64
        return",
        expect![[r#"
            waits 250 ms
              f0 b1 [Text("kept"), Slot(4602678819172646912), List([Text("alice"), Text("kept")]), Text("alice")]
            "kept"
            0.5
            ["alice","kept"]
            1250
            done, fuel 5
        "#]],
    );
}

#[test]
fn a_wait_for_an_event_that_does_not_come_gives_zeros() {
    check(
        "v1: int64 = iconst 70
        v2: string = sconst \"Ready\"
        suspend event v2, v1 -> b1(v2) @\"wait\"
        b1(v3: bool, v4: {\"by\": string, \"n\": int32}, v5: string):
        v6: int64 = record.get 1 v4
        show v3 bool
        show v4 {\"by\": string, \"n\": int32}
        show v6 int64
        show v5 string
        return",
        expect![[r#"
            waits for "Ready" 70 ms
              f0 b1 [Text("Ready")]
            false
            {"by":"","n":0}
            0
            "Ready"
            done, fuel 0
        "#]],
    );
}

#[test]
fn a_wait_for_an_event_resumes_with_its_data() {
    let schema = schema();
    let body = "v1: int64 = iconst 0
        v2: string = sconst \"Ready\"
        suspend event v2, v1 -> b1(v0)
        b1(v3: bool, v4: {\"by\": string}, v5: string):
        show v3 bool
        show v4 {\"by\": string}
        show v5 string
        return";
    let program = interpreter(module(&module_text(body), &schema));
    let mut world = World::new(state(&schema), Limits::default());
    let handler = program.handlers()[0].name.clone();
    let outcome = world.transaction(&handler, None, |cx| {
        let sender = cx.state.string("alice");
        program.run(0, &[sender], cx)
    });
    let Outcome::Suspended(suspension) = outcome else { panic!("{outcome:?}") };
    let WaitFor::Event { data, .. } = suspension.wait.clone() else { panic!("{suspension:?}") };
    let outcome = world.transaction(&handler, None, |cx| {
        let by = cx.state.string("bob");
        cx.arrived = Some(cx.state.record_new(&data, &[by]));
        program.resume(&suspension, cx)
    });
    assert_eq!(outcome, Outcome::Done);
    let shown: Vec<String> = world.outbox.events.iter().map(|event| format!("{:?}", event.payload.get("r"))).collect();
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert!(shown[0].contains("true") && shown[1].contains("bob") && shown[2].contains("alice"), "{shown:?}");
}

#[test]
fn a_live_reference_stays_live() {
    check(
        "v1: Game = root Game
        v2: []Player = load Game.Players v1
        v3: Player = struct.new Player
        v4: int64 = iconst 0
        list.insert v2, v4, v3
        v5: Player = list.get v2, v4
        v6: int64 = iconst 9
        suspend duration v6 -> b1(v5, v2)
        b1(v7: Player, v8: []Player):
        v9: int64 = iconst 11
        store Player.Seat v7, v9
        v10: int64 = iconst 0
        v11: Player = list.get v8, v10
        v12: int64 = load Player.Seat v11
        show v12 int64
        return",
        expect![[r#"
            waits 9 ms
              f0 b1 [Live { ty: StructId(3), record: 4294967297 }, Container { ty: StructId(0), record: 4294967297, field: 3 }]
            11
            done, fuel 0
        "#]],
    );
}

const NESTED: &str = "
    v1: int64 = iconst 1
    call_suspending \"Outer\"(v1) -> b1(v0, v1) @\"outer\"
    b1(v2: int64, v3: string, v4: int64):
    show v2 int64
    show v3 string
    show v4 int64
    return
    ---
    function \"Outer\" (\"x\": int64) -> int64 suspends {
    b0(v0: int64):
        v1: int64 = iconst 100
        v2: int64 = iadd v0, v1
        call_suspending \"Inner\"(v2) -> b1(v2) @\"inner\"
    b1(v3: int64, v4: int64):
        v5: int64 = iadd v3, v4
        call_suspending \"Nap\"() -> b2(v5)
    b2(v6: int64):
        return v6
    }
    function \"Inner\" (\"x\": int64) -> int64 suspends {
    b0(v0: int64):
        suspend duration v0 -> b1(v0) @\"sleep\"
    b1(v1: int64):
        v2: int64 = iadd v1, v1
        suspend duration v2 -> b2(v1, v2)
    b2(v3: int64, v4: int64):
        v5: int64 = iadd v3, v4
        return v5
    }
    function \"Nap\" () suspends {
    b0():
        v0: int64 = iconst 7
        suspend duration v0 -> b1()
    b1():
        return
    }";

#[test]
fn calls_suspend_and_resume_through_all_their_frames() {
    check(
        NESTED,
        expect![[r#"
        waits 101 ms
          f0 b1 [Text("alice"), Slot(1)]
          f1 b1 [Slot(101)]
          f2 b1 [Slot(101)]
        waits 202 ms
          f0 b1 [Text("alice"), Slot(1)]
          f1 b1 [Slot(101)]
          f2 b2 [Slot(101), Slot(202)]
        waits 7 ms
          f0 b1 [Text("alice"), Slot(1)]
          f1 b2 [Slot(404)]
          f3 b1 []
        404
        "alice"
        1
        done, fuel 0
    "#]],
    );
}

#[test]
fn a_callee_that_does_not_wait_after_all_just_returns() {
    check(
        "v1: int64 = iconst 0
        v2: int64 = iconst 2
        jump b1(v1, v2)
        b1(v3: int64, v4: int64):
        fuel 1
        call_suspending \"Sometimes\"(v3) -> b2(v3, v4)
        b2(v5: int64, v6: int64, v7: int64):
        show v5 int64
        v8: int64 = isub v7, v5
        v9: int64 = iconst 0
        v10: bool = icmp gt v8, v9
        branch v10, b1(v5, v8), b3()
        b3():
        return
        ---
        function \"Sometimes\" (\"x\": int64) -> int64 suspends {
        b0(v0: int64):
            v1: int64 = iconst 1
            v2: int64 = iadd v0, v1
            v3: bool = icmp eq v0, v1
            branch v3, b1(), b2(v2)
        b1():
            suspend duration v1 -> b3(v2)
        b2(v4: int64):
            return v4
        b3(v5: int64):
            jump b2(v5)
        }",
        expect![[r#"
            1
            waits 1 ms
              f0 b2 [Slot(1), Slot(1)]
              f1 b3 [Slot(2)]
            2
            done, fuel 2
        "#]],
    );
}

/// One result after the other through the same resume block: the result and what is saved move at once.
#[test]
fn a_result_does_not_overwrite_what_is_saved() {
    check(
        "v1: int64 = iconst 3
        call_suspending \"Same\"(v1) -> b1(v1, v1)
        b1(v2: int64, v3: int64, v4: int64):
        v5: int64 = iconst 40
        call_suspending \"Same\"(v5) -> b2(v2, v4)
        b2(v6: int64, v7: int64, v8: int64):
        v9: []int64 = list.new []int64 v6, v7, v8
        show v9 []int64
        return
        ---
        function \"Same\" (\"x\": int64) -> int64 suspends {
        b0(v0: int64):
            return v0
        }",
        expect![[r#"
            [40,3,3]
            done, fuel 0
        "#]],
    );
}

#[test]
fn a_trap_after_a_wait_names_its_node() {
    check(
        "v1: int64 = iconst 5
        suspend duration v1 -> b1()
        b1():
        v2: int64 = iconst 0
        v3: int64 = idiv v2, v2 @\"divide\"
        return",
        expect![[r#"
            waits 5 ms
              f0 b1 []
            divide_by_zero at divide, fuel 0
        "#]],
    );
}

/// A suspension of another program is refused, whatever it says.
#[test]
fn foreign_suspensions_are_refused() {
    let schema = schema();
    let program = interpreter(module(&module_text(NESTED), &schema));
    let handler: Arc<str> = Arc::from("H");
    let frame = |function, block, count| SavedFrame {
        function,
        block,
        values: vec![Saved::Slot(1); count],
        deadlines: Vec::new(),
    };
    let foreign = [
        vec![],
        vec![frame(9, 0, 0)],
        vec![frame(0, 9, 0)],
        vec![frame(0, 0, 1)],
        vec![frame(0, 1, 7)],
        vec![frame(0, 1, 2), frame(3, 1, 0), frame(2, 2, 9)],
    ];
    for frames in foreign {
        let suspension = Suspension { wait: WaitFor::Duration(1), frames, node: None };
        let mut world = World::new(state(&schema), Limits::default());
        let outcome = world.transaction(&handler, None, |cx| program.resume(&suspension, cx));
        assert!(matches!(outcome, Outcome::Trapped(_)), "{suspension:?} {outcome:?}");
    }
}

/// The frames up to the one with the earliest deadline stay; of equals the innermost counts.
#[test]
fn a_deadline_drops_the_frames_inside_it_and_goes_on_with_what_was_saved() {
    let schema = schema();
    let body = |outer: i64, inner: i64| {
        format!(
            "v1: int64 = iconst {outer}
            v2: string = sconst \"kept\"
            call_suspending \"Inner\"() -> b1() until v1 -> b2(v2, v0)
            b1():
            v3: string = sconst \"made it\"
            show v3 string
            return
            b2(v4: string, v5: string):
            show v4 string
            show v5 string
            return
            ---
            function \"Inner\" () suspends {{
            b0():
                v0: int64 = iconst {inner}
                v1: int64 = iconst 500
                suspend duration v1 -> b1() until v0 -> b2() until v1 -> b3()
            b1():
                return
            b2():
                v2: int64 = iconst 3
                suspend duration v2 -> b4()
            b3():
                trap bad_argument
            b4():
                return
            }}"
        )
    };
    let cut = |outer: i64, inner: i64| {
        let program = interpreter(module(&module_text(&body(outer, inner)), &schema));
        let mut world = World::new(state(&schema), Limits::default());
        let handler = Arc::from("H");
        let run = world.transaction(&handler, None, |cx| {
            let sender = cx.state.string("alice");
            program.run(0, &[sender], cx)
        });
        let Outcome::Suspended(suspension) = run else { panic!("{run:?}") };
        assert_eq!(suspension.deadline_ms(), Some(outer.min(inner).min(500)));
        let outcome = world.transaction(&handler, None, |cx| program.resume(&suspension.cut_short(), cx));
        let shown: Vec<String> = world.outbox.events.iter().map(|event| event.payload.to_string()).collect();
        match outcome {
            // The inner frame went on and waits again; the outer deadline still holds.
            Outcome::Suspended(again) => {
                format!(
                    "{shown:?}, waits {:?} in {} frames until {:?}",
                    again.wait,
                    again.frames.len(),
                    again.deadline_ms()
                )
            }
            other => format!("{shown:?}, {other:?}"),
        }
    };
    expect![[r#"["{\"r\":\"kept\"}", "{\"r\":\"alice\"}"], Done"#]].assert_eq(&cut(200, 300));
    expect!["[], waits Duration(3) in 2 frames until Some(300)"].assert_eq(&cut(300, 200));
    expect!["[], waits Duration(3) in 2 frames until Some(200)"].assert_eq(&cut(200, 200));
}

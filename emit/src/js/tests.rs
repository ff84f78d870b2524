//! The text of emitted JavaScript.

use std::sync::Arc;

use expect_test::{Expect, expect};
use statewright_graph::ir::text::parse;
use statewright_graph::ir::verify::Verified;
use statewright_types::schema;

use super::*;

const SCHEMA: &str = "package p\n\n@helper\ntype Unit {\n  ID string\n  HP int32\n}\n\n@root(active)\ntype Game {\n  Score int64\n  Units []Unit @key(ID)\n}\n";

fn script(ir: &str, source: &Source) -> Script {
    let (schema, _) = schema::parse(SCHEMA);
    let schema: Arc<_> = schema.expect("the schema is right");
    let module = parse(&format!("module root Game\n\n{ir}"), &schema).unwrap_or_else(|error| panic!("{error}"));
    let module = Verified::new(module).unwrap_or_else(|errors| panic!("{errors:?}"));
    emit(&module, source)
}

/// What the functions of a module become.
fn check(ir: &str, expect: Expect) {
    let script = script(ir, &Source::default());
    let (_, functions) = script.code.split_once("\n// ").unwrap_or_default();
    let functions = functions.split("\n/** The document").next().unwrap_or_default();
    expect.assert_eq(&format!("// {functions}"));
}

#[test]
fn what_stays_within_numbers_has_plain_operators() {
    check(
        r#"handler "Sum" event "Sum" ("senderID": string, "count": int32) {
    nodes "loop", "twice", "add", "keep"
b0(v0: string, v1: int64):
    fuel 1 @"loop"
    v2: int64 = iconst 0 @"loop"
    jump b1(v2, v2) @"loop"
b1(v3: int64, v4: int64):
    v5: bool = icmp lt v3, v1 @"loop"
    branch v5, b2(), b3() @"loop"
b2():
    fuel 1 @"loop"
    fuel 1 @"twice"
    v6: int64 = imul v3, v3 @"twice"
    v7: int64 = iadd v4, v6 @"add"
    v8: int64 = iconst 1 @"loop"
    v9: int64 = iadd v3, v8 @"loop"
    jump b1(v9, v7) @"loop"
b3():
    v10: Game = root Game @"keep"
    store Game.Score v10, v4 @"keep"
    return
}
"#,
        expect![[r#"
            // Handler Sum, of the event Sum.
            function onSum$(cx, senderId, count) {
                let { fuel } = cx;
                try {
                    if ((fuel -= 1) < 0) trap("fuel_exhausted", "loop");
                    let loop = 0;
                    let loop_2 = 0;
                    for (;;) {
                        if (!(loop < count)) {
                            break;
                        }
                        if ((fuel -= 2) < 0) cx.spentWithin(fuel + 2, "loop 1, twice 1");
                        const add = iadd(loop_2, imul(loop, loop, "twice"), "add");
                        loop = loop + 1;
                        loop_2 = add;
                    }
                    cx.state.store(cx.state.root($Game, "keep"), $Game.f.Score, loop_2, "keep");
                    return undefined;
                } finally {
                    cx.fuel = Math.max(fuel, 0);
                }
            }
        "#]],
    );
}

#[test]
fn each_way_through_a_pass_charges_once() {
    check(
        r#"handler "Count" event "Count" ("senderID": string, "count": int32) {
    nodes "loop", "which", "more", "even", "keep"
b0(v0: string, v1: int64):
    v2: int64 = iconst 0 @"loop"
    jump b1(v2, v2) @"loop"
b1(v3: int64, v4: int64):
    v5: bool = icmp lt v3, v1 @"loop"
    branch v5, b2(), b7() @"loop"
b2():
    fuel 1 @"loop"
    v6: int64 = iconst 10 @"which"
    v7: bool = icmp gt v3, v6 @"which"
    fuel 1 @"which"
    branch v7, b3(), b6(v4) @"which"
b3():
    fuel 1 @"more"
    v8: int64 = iconst 1 @"more"
    v9: int64 = iadd v4, v8 @"more"
    v10: int64 = iconst 100 @"even"
    fuel 1 @"even"
    v11: bool = icmp gt v3, v10 @"even"
    branch v11, b4(), b5() @"even"
b4():
    fuel 3 @"keep"
    jump b6(v9) @"keep"
b5():
    jump b6(v3) @"even"
b6(v12: int64):
    v13: int64 = iconst 1 @"loop"
    v14: int64 = iadd v3, v13 @"loop"
    jump b1(v14, v12) @"loop"
b7():
    v15: Game = root Game @"keep"
    store Game.Score v15, v4 @"keep"
    return
}
"#,
        expect![[r#"
            // Handler Count, of the event Count.
            function onCount$(cx, senderId, count) {
                let { fuel } = cx;
                try {
                    let loop = 0;
                    let loop_2 = 0;
                    for (;;) {
                        if (!(loop < count)) {
                            break;
                        }
                        if (loop > 10) {
                            if ((fuel -= 3) < 0) cx.spentWithin(fuel + 3, "loop 1, which 1, more 1");
                            const more = iadd(loop_2, 1, "more");
                            if (loop > 100) {
                                if ((fuel -= 4) < 0) cx.spentWithin(fuel + 4, "even 1, keep 3");
                                loop_2 = more;
                            } else {
                                if ((fuel -= 1) < 0) trap("fuel_exhausted", "even");
                                loop_2 = loop;
                            }
                        } else {
                            if ((fuel -= 2) < 0) cx.spentWithin(fuel + 2, "loop 1, which 1");
                        }
                        loop = loop + 1;
                    }
                    cx.state.store(cx.state.root($Game, "keep"), $Game.f.Score, loop_2, "keep");
                    return undefined;
                } finally {
                    cx.fuel = Math.max(fuel, 0);
                }
            }
        "#]],
    );
}

#[test]
fn a_wait_is_a_state_machine() {
    check(
        r#"handler "Later" event "Later" ("senderID": string, "by": int64) suspends {
    nodes "wait", "say"
b0(v0: string, v1: int64):
    v2: int64 = iconst 100 @"wait"
    suspend duration v2 -> b1(v1) @"wait"
b1(v3: int64):
    v4: Game = root Game @"say"
    store Game.Score v4, v3 @"say"
    return
}
"#,
        expect![[r#"
            // Handler Later, of the event Later.
            function onLater$(cx, at = 0, values = []) {
                let senderId, by, say;
                switch (at) {
                    case 0:
                        [senderId, by] = values;
                        break;
                    case 1:
                        [say] = values;
                        break;
                }
                arms: for (;;) switch (at) {
                    case 0: {
                        return new Suspension({ duration: imax(100, 1) }, { function: 0, block: 1, values: [by], deadlines: [] }, "wait");
                    }
                    case 1: {
                        cx.state.store(cx.state.root($Game, "say"), $Game.f.Score, say, "say");
                        return undefined;
                    }
                    default:
                        return trap("bad_argument", "", "this suspension does not belong to the program that runs it");
                }
            }
        "#]],
    );
}

#[test]
fn lines_lead_to_the_nodes_of_the_document() {
    let ir = "handler \"Say\" event \"Say\" (\"senderID\": string) {\n    nodes \"say\"\nb0(v0: string):\n    fuel 1 @\"say\"\n    return\n}\n";
    let lines = [((Arc::from("Say"), Arc::from("say")), 7)].into_iter().collect();
    let source =
        Source { name: "a/b.json".into(), url: "../a/b.json".into(), lines, text: "{}".into(), ..Source::default() };
    let script = script(ir, &source);
    let line = script.code.lines().position(|line| line.contains("charge")).expect("there is one");
    let (_, mappings) = script.map.split_once("\"mappings\":\"").expect("there are some");
    let mapped: Vec<&str> = mappings.split(['"', ';']).take(script.code.lines().count()).collect();
    // Column 0, the first source, 7 lines down, column 0.
    assert_eq!(mapped[line], "AAOA");
    assert!(
        script.map.contains("\"sources\":[\"../a/b.json\"]")
            && script.code.ends_with("//# sourceMappingURL=b.js.map\n")
    );
}

/// The declarations of a module over that schema.
fn declared(schema: &str, ir: &str, config: Option<&str>, expect: Expect) {
    let (schema, _) = schema::parse(schema);
    let schema: Arc<_> = schema.expect("the schema is right");
    let module = parse(&format!("module root Game\n\n{ir}"), &schema).unwrap_or_else(|error| panic!("{error}"));
    let module = Verified::new(module).unwrap_or_else(|errors| panic!("{errors:?}"));
    let config = config.map(|text| statewright_types::config::parse(text).0.expect("the configuration is right"));
    let source = Source { name: "a/b.json".into(), runtime: "./runtime/index.js".into(), config, ..Source::default() };
    let text = emit(&module, &source).declarations;
    let (_, text) = text.split_once("import type").unwrap_or_default();
    expect.assert_eq(text);
}

fn handler(name: &str, event: &str, params: &str) -> String {
    let count = params.matches(": ").count();
    let types: Vec<&str> = params.split(", ").filter_map(|param| param.split_once(": ")).map(|(_, ty)| ty).collect();
    let types = types.iter().map(|ty| ty.replace("int32", "int64").replace("uint8", "uint64"));
    let values: Vec<String> = types.enumerate().map(|(at, ty)| format!("v{}: {ty}", at + 1)).collect();
    let comma = if count == 0 { "" } else { ", " };
    format!(
        "handler \"{name}\" event \"{event}\" (\"senderID\": string{comma}{params}) {{\nb0(v0: string{comma}{}):\n    return\n}}\n",
        values.join(", ")
    )
}

#[test]
fn an_event_takes_what_all_of_its_handlers_declare() {
    let schema = "package p\n\n@helper\ntype Unit {\n  ID string\n}\n\n@root(active)\ntype Game {\n  Score int64\n}\n";
    let handlers = [
        handler("A", "Move", "\"to\": Unit, \"steps\": int32"),
        handler("B", "Move", "\"data\": bytes, \"steps\": int64"),
        handler("C", "Move", "\"why\": *string, \"all\": map[string][]Unit"),
        handler("D", "Tick", "\"delta\": int64"),
        handler("E", "__proto__", ""),
    ];
    declared(
        schema,
        &handlers.concat(),
        None,
        expect![[r#"
         { Given, Plain, Program, Schema, Struct } from "./runtime/index.js";

        export interface Unit extends Struct {
            readonly ID: string;
        }

        export interface Game extends Struct {
            readonly Score: number | bigint;
        }

        /** The whole state: the main root's fields, and other roots under their names. */
        export interface State {
            Score: number | bigint;
        }

        /** Events with their parameters. */
        export interface Events {
            Move: { all: { readonly [key: string]: readonly (Given<Unit>)[] } | ReadonlyMap<string, readonly (Given<Unit>)[]>; data: Uint8Array | string; steps: (number) & (number | bigint); to: Given<Unit>; why?: string | null };
            Tick: { delta?: number | bigint };
            __proto__: {};
        }

        /** The document has no configuration: values for fields of the state that begin with configured ones. */
        export type Config = Record<string, unknown>;

        export declare const schema: Schema;
        export declare const program: Program<State, Events, Config>;
    "#]],
    );
}

#[test]
fn events_that_are_only_waited_for_are_declared() {
    let schema = "package p\n\n@root(active)\ntype Game {\n  Score int64\n}\n";
    let ir = r#"handler "Ask" event "Ask" ("senderID": string) suspends {
    nodes "wait"
b0(v0: string):
    v1: int64 = iconst 0 @"wait"
    v2: string = sconst "Answer" @"wait"
    suspend event v2, v1 -> b1() @"wait"
b1(v3: bool, v4: {"yes": bool, "by": *string}):
    return
}
handler "Any" event "Any" ("senderID": string) suspends {
    nodes "wait"
b0(v0: string):
    v1: int64 = iconst 0 @"wait"
    suspend event v0, v1 -> b1() @"wait"
b1(v2: bool, v3: {"yes": bool}):
    return
}
"#;
    declared(
        schema,
        ir,
        None,
        expect![[r#"
         { Given, Plain, Program, Schema, Struct } from "./runtime/index.js";

        export interface Game extends Struct {
            readonly Score: number | bigint;
        }

        /** The whole state: the main root's fields, and other roots under their names. */
        export interface State {
            Score: number | bigint;
        }

        /** Events with their parameters. */
        export interface Events {
            Ask: {};
            Any: {};
            Answer: { by?: string | null; yes?: boolean };
            /** Some are waited for whose names are computed. */
            [event: string]: { [parameter: string]: unknown };
        }

        /** The document has no configuration: values for fields of the state that begin with configured ones. */
        export type Config = Record<string, unknown>;

        export declare const schema: Schema;
        export declare const program: Program<State, Events, Config>;
    "#]],
    );
}

#[test]
fn no_two_interfaces_and_no_words_of_the_language_have_one_name() {
    let schema = "package p\n\n@helper\ntype State {\n  __proto__ *State\n}\n\n@helper\ntype Ä {\n  Data bytes\n}\n\n@helper\ntype Ö {\n  \
                  a int64\n}\n\n@helper\ntype string_ {\n  a Ä\n}\n\n@root(active)\ntype Game {\n  Events []Ö\n  __proto__ map[int64]State\n}\n";
    declared(
        schema,
        &handler("A", "A", ""),
        None,
        expect![[r#"
         { Given, Plain, Program, Schema, Struct } from "./runtime/index.js";

        export interface State_ extends Struct {
            readonly __proto__$: State_ | null;
        }

        export interface _ extends Struct {
            readonly Data: Uint8Array;
        }

        export interface __ extends Struct {
            readonly a: number | bigint;
        }

        export interface string_ extends Struct {
            readonly a: _;
        }

        export interface Game extends Struct {
            readonly Events: { readonly items: readonly (__)[] };
            readonly __proto__$: { readonly keys: readonly (number | bigint)[]; readonly items: readonly (State_)[] };
        }

        /** The whole state: the main root's fields, and other roots under their names. */
        export interface State {
            Events: (Plain<__>)[];
            __proto__: Record<string, Plain<State_>>;
        }

        /** Events with their parameters. */
        export interface Events {
            A: {};
        }

        /** The document has no configuration: values for fields of the state that begin with configured ones. */
        export type Config = Record<string, unknown>;

        export declare const schema: Schema;
        export declare const program: Program<State, Events, Config>;
    "#]],
    );
}

#[test]
fn what_may_be_configured_is_typed() {
    let schema = "package p\n\n@root(active)\ntype Game {\n  Score int64\n}\n";
    let config = "config Game {\n  // How many.\n  Rounds int32 @default(3) @min(1) @max(10)\n  Mode string @default(fast) @options(fast, slow)\n  Server string @required\n}\n";
    declared(
        schema,
        &handler("A", "A", ""),
        Some(config),
        expect![[r#"
         { Given, Plain, Program, Schema, Struct } from "./runtime/index.js";

        export interface Game extends Struct {
            readonly Score: number | bigint;
        }

        /** The whole state: the main root's fields, and other roots under their names. */
        export interface State {
            Score: number | bigint;
        }

        /** Events with their parameters. */
        export interface Events {
            A: {};
        }

        /** Configured values; what is not given has its default. */
        export interface Config {
            /** How many. */
            "Game.Rounds"?: number;
            "Game.Mode"?: "fast" | "slow";
            "Game.Server": string;
        }

        export declare const schema: Schema;
        export declare const program: Program<State, Events, Config>;
    "#]],
    );
}

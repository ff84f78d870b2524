//! Cases of structs, containers and the session.

use expect_test::{Expect, expect};

pub fn structs() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: Game = root Game
            v2: int64 = iconst 12
            store Game.Round v1, v2
            v3: int64 = load Game.Round v1
            v4: string = load Game.Title v1
            v5: bool = struct.attached v1
            v6: Player = struct.new Player
            v7: bool = struct.attached v6
            struct.init Player.Seat v6, v2
            v8: Player = struct.copy v6
            v9: int64 = iconst 1
            struct.init Player.Seat v6, v9
            v10: int64 = load Player.Seat v6
            v11: int64 = load.known Player.Seat v8
            v12: uuid = load Player.Token v6
            show v3 int64
            show v4 string
            show v5 bool
            show v7 bool
            show v10 int64
            show v11 int64
            show v12 uuid",
            expect![[r#"
                12
                "chess"
                true
                false
                1
                12
                "012297e8-c143-4fa4-86c2-e6aa7bd176e1"
                done, fuel 0
            "#]],
        ),
        (
            "v1: bool = root.is_active Lobby
            v2: bool = root.activate Lobby
            v3: bool = root.activate Lobby
            v4: bool = root.is_active Lobby
            v5: Lobby = root Lobby
            v6: bool = root.deactivate Lobby
            v7: bool = root.deactivate Lobby
            v8: bool = root.deactivate Game
            show v1 bool
            show v2 bool
            show v3 bool
            show v4 bool
            show v6 bool
            show v7 bool
            show v8 bool",
            expect![[r#"
                false
                true
                false
                true
                true
                false
                false
                done, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: int64 = iconst 12
            store Game.Round v1, v2
            root.reset Game
            root.reset Lobby
            v3: int64 = load Game.Round v1
            show v3 int64",
            expect![[r#"
                0
                done, fuel 0
            "#]],
        ),
        (
            "v1: bool = root.activate Lobby
            v2: Lobby = root Lobby
            write.check Lobby.Guests v2
            v3: []Guest = load Lobby.Guests v2
            write.check.in v3
            v4: Guest = struct.new Guest
            v5: int64 = iconst 0
            list.insert v3, v5, v4
            write.check Lobby.Open v2 @\"n\"",
            expect![[r#"
                permission_denied at n, fuel 0
            "#]],
        ),
        (
            "v1: bool = root.activate Lobby
            root.reset Lobby @\"n\"",
            expect![[r#"
                permission_denied at n, fuel 0
            "#]],
        ),
        (
            "v1: bool = root.activate Lobby
            v2: Lobby = root Lobby
            v3: []Guest = load Lobby.Guests v2
            v4: Guest = struct.new Guest
            struct.init Guest.Name v4, v0
            v5: int64 = iconst 0
            list.insert v3, v5, v4
            write.check.in v3, v5
            v6: string = sconst \"bob\"
            v7: Guest = list.get v3, v5
            store Guest.Name v7, v6
            write.check.in v3, v5 @\"n\"",
            expect![[r#"
                permission_denied at n, fuel 0
            "#]],
        ),
        (
            "v1: Lobby = root Lobby @\"n\"",
            expect![[r#"
            not_found at n, fuel 0
        "#]],
        ),
        (
            "v1: Player = struct.new Player
            v2: int64 = iconst 1
            store Player.Seat v1, v2 @\"n\"",
            expect![[r#"
                bad_argument at n, fuel 0
            "#]],
        ),
        (
            "v1: int64 = iconst 1
            v2: {\"a\": int32, \"b c\": string} = record.new {\"a\": int32, \"b c\": string} v1, v0
            v3: string = record.get 1 v2
            show v3 string
            show v2 {\"a\": int32, \"b c\": string}",
            expect![[r#"
                "alice"
                {"a":1,"b c":"alice"}
                done, fuel 0
            "#]],
        ),
        // A reference to an element that was removed.
        (
            "v1: Game = root Game
            v2: []Player = load Game.Players v1
            v3: Player = struct.new Player
            v4: int64 = iconst 0
            list.insert v2, v4, v3
            v5: Player = list.get v2, v4
            list.remove v2, v4
            v6: int64 = load Player.Seat v5 @\"n\"",
            expect![[r#"
                stale_reference at n, fuel 0
            "#]],
        ),
    ]
}

pub fn lists() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: int64 = iconst 10
            v2: int64 = iconst 20
            v3: []int32 = list.new []int32 v1, v2
            list.push v3, v1
            v4: int64 = list.len v3
            v5: int64 = iconst 1
            v6: int64 = list.at v3, v5
            v7: int64 = list.find v3, v2
            v8: int64 = list.find v3, v5
            v9: []int64 = list.new []int64 v4, v6, v7, v8
            v10: bool = list.dense v3
            show v9 []int64
            show v10 bool
            show v3 []int32",
            expect![[r#"
                [3,20,1,-1]
                false
                [10,20,10]
                done, fuel 0
            "#]],
        ),
        (
            "v1: float64 = fconst 2.5
            v2: float64 = fconst 0x7ff8000000000000
            v3: float64 = fconst -1.0
            v4: []float64 = list.new []float64 v2, v1, v3, v1, v2, v3
            v19: bool = bconst false
            v20: bool = bconst true
            v5: []int64 = list.order v4, v19
            v6: []int64 = list.order v4, v20
            v7: uint64 = uconst -1
            v8: uint64 = uconst 1
            v9: []uint64 = list.new []uint64 v7, v8
            v10: []int64 = list.order v9, v19
            v11: int64 = iconst -1
            v12: int64 = iconst 1
            v13: []int8 = list.new []int8 v12, v11, v12
            v14: []int64 = list.order v13, v20
            v15: string = sconst \"\u{ff5e}\"
            v16: string = sconst \"\u{1f600}\"
            v17: []string = list.new []string v16, v15
            v18: []int64 = list.order v17, v19
            show v5 []int64
            show v6 []int64
            show v10 []int64
            show v14 []int64
            show v18 []int64",
            expect![[r#"
                [2,5,1,3,0,4]
                [1,3,2,5,0,4]
                [1,0]
                [0,2,1]
                [1,0]
                done, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: []string = load Game.Tags v1
            v3: int64 = iconst 0
            v4: string = sconst \"x\"
            v5: int64 = list.version v2
            list.insert v2, v3, v0
            list.insert v2, v3, v4
            v6: int64 = list.version v2
            v7: bool = icmp ne v5, v6
            v8: []string = list.snapshot v2
            list.set v2, v3, v0
            show v2 []string
            list.remove v2, v3
            show v2 []string
            list.assign v2, v8
            show v2 []string
            list.clear v2
            show v2 []string
            show v8 []string
            show v7 bool",
            expect![[r#"
                ["alice","alice"]
                ["alice"]
                ["x","alice"]
                []
                ["x","alice"]
                true
                done, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: []Player = load Game.Players v1
            v3: Player = struct.new Player
            struct.init Player.ID v3, v0
            v4: int64 = iconst 0
            list.insert v2, v4, v3
            v5: int64 = list.find_key Player.ID v2, v0
            v6: string = sconst \"nobody\"
            v7: int64 = list.find_key Player.ID v2, v6
            v8: int64 = iconst 3
            v9: int64 = list.find_key Player.Seat v2, v8
            v10: []int64 = list.new []int64 v5, v7, v9
            show v10 []int64",
            expect![[r#"
                [0,-1,0]
                done, fuel 0
            "#]],
        ),
        (
            "v1: []int32 = list.new []int32\nv2: int64 = iconst 0\nv3: int64 = list.get v1, v2 @\"n\"",
            expect![[r#"
            index_out_of_range at n, fuel 0
        "#]],
        ),
        (
            "v1: Game = root Game
            v2: []string = load Game.Tags v1
            v3: int64 = iconst 1
            list.insert v2, v3, v0 @\"n\"",
            expect![[r#"
                index_out_of_range at n, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: []string = load Game.Tags v1
            v3: int64 = iconst 0
            list.remove v2, v3 @\"n\"",
            expect![[r#"
                index_out_of_range at n, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: []string = load Game.Tags v1
            v3: int64 = iconst 0
            list.set v2, v3, v0 @\"n\"",
            expect![[r#"
                index_out_of_range at n, fuel 0
            "#]],
        ),
    ]
}

pub fn maps() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: string = sconst \"b\"
            v2: string = sconst \"a\"
            v3: int64 = iconst 1
            v4: int64 = iconst 2
            v5: map[string]int64 = map.new map[string]int64 v1, v3, v2, v4, v1, v4
            v6: int64 = map.len v5
            v7: int64 = map.find v5, v1
            v8: int64 = map.find v5, v0
            v9: int64 = iconst 0
            v10: string = map.key_at v5, v9
            v11: int64 = map.value_at v5, v9
            map.put v5, v0, v9
            v12: []int64 = list.new []int64 v6, v7, v8, v11
            show v12 []int64
            show v10 string
            show v5 map[string]int64",
            expect![[r#"
                [2,1,-1,2]
                "a"
                {"a":2,"alice":0,"b":2}
                done, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: map[string]int64 = load Game.Scores v1
            v3: int64 = iconst 5
            v4: int64 = map.version v2
            map.put v2, v0, v3
            v5: int64 = map.version v2
            v6: bool = icmp ne v4, v5
            v7: map[string]int64 = map.snapshot v2
            v8: bool = map.remove v2, v0
            v9: bool = map.remove v2, v0
            show v2 map[string]int64
            map.assign v2, v7
            show v2 map[string]int64
            map.clear v2
            show v2 map[string]int64
            show v7 map[string]int64
            show v6 bool
            show v8 bool
            show v9 bool",
            expect![[r#"
                {}
                {"alice":5}
                {}
                {"alice":5}
                true
                true
                false
                done, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: map[string]int64 = load Game.Scores v1
            v3: int64 = iconst 0
            v4: string = map.key_at v2, v3 @\"n\"",
            expect![[r#"
                index_out_of_range at n, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: map[string]int64 = load Game.Scores v1
            v3: int64 = iconst 0
            v4: int64 = map.value_at v2, v3 @\"n\"",
            expect![[r#"
                index_out_of_range at n, fuel 0
            "#]],
        ),
    ]
}

pub fn session() -> Vec<(&'static str, Expect)> {
    vec![
        // Its functions are the host program's, see tests/host_nodes; here there is none.
        (
            "v1: int64 = iconst 1
            v2: int64 = host.call \"Mix\" -> int32 v1, v0 @\"mix\"",
            expect![[r#"
                custom at mix: `Mix` is a node of a host program, which does not run here, fuel 0
            "#]],
        ),
        (
            "v1: int64 = iconst 1
            v2: int64 = iconst 6
            v3: string = stream
            v4: int64 = rand.int v1, v2, v3
            v5: int64 = rand.int v2, v1, v3
            v6: float64 = fconst 10.0
            v7: float64 = fconst 20.0
            v8: float64 = rand.float v6, v7, v3
            v9: float64 = rand.unit v3
            v10: int64 = now
            v11: string = host
            show v3 string
            show v4 int64
            show v5 int64
            show v8 float64
            show v9 float64
            show v10 int64
            show v11 string",
            expect![[r#"
                "H"
                5
                2
                15.703142264517023
                0.8007816033588055
                1000
                "bob"
                done, fuel 0
            "#]],
        ),
        (
            "v1: string = sconst \"Game.Speed\"
            v2: int64 = config.get int32 v1
            v3: int64 = iconst 5
            config.set v1, v3
            v4: int64 = config.get int32 v1
            config.reload
            v5: int64 = config.get int32 v1
            v6: string = config.get string v1
            v7: string = sconst \"Game.Title\"
            v8: string = config.get string v7
            show v2 int64
            show v4 int64
            show v5 int64
            show v6 string
            show v8 string",
            expect![[r#"
                2
                5
                2
                ""
                "Go"
                done, fuel 0
            "#]],
        ),
        (
            "v1: string = sconst \"Game.Speed\"
            v2: int64 = iconst 6
            config.set v1, v2 @\"n\"",
            expect![[r#"
                bad_argument at n, fuel 0
            "#]],
        ),
        (
            "v1: string = sconst \"Game.Other\"
            v2: int64 = iconst 1
            config.set v1, v2 @\"n\"",
            expect![[r#"
                bad_argument at n, fuel 0
            "#]],
        ),
        (
            "v1: string = sconst \"Ping\"
            v2: string = sconst \"bob\"
            v3: []string = list.new []string v0, v2
            v4: {\"n\": string} = record.new {\"n\": string} v2
            emit.all v1
            emit.all v1, v4
            emit.one v2, v1, v4
            emit.many v3, v1
            emit.except v0, v1",
            expect![[r#"
                Ping to All: {}
                Ping to All: {"n":"bob"}
                Ping to Players(["bob"]): {"n":"bob"}
                Ping to Players(["alice", "bob"]): {}
                Ping to Except("alice"): {}
                done, fuel 0
            "#]],
        ),
        (
            "v1: string = sconst \"bob\"
            v2: string = sconst \"nobody\"
            v3: bool = kick v1, v0
            v4: bool = kick v1, v0
            v5: bool = kick v2, v0
            v6: int64 = iconst 50
            v7: int64 = schedule v2, v6
            v8: {\"n\": string} = record.new {\"n\": string} v1
            v9: int64 = schedule v2, v6, v8
            v10: bool = unschedule v9
            v11: bool = unschedule v9
            filter.add v0, v1, v2
            filter.add v0, v1, v2, v8
            v12: bool = filter.has v0, v1
            v13: bool = filter.remove v0, v1
            v14: bool = filter.has v0, v1
            v15: []bool = list.new []bool v3, v4, v5, v10, v11, v12, v13, v14
            v16: []int64 = list.new []int64 v7, v9
            show v15 []bool
            show v16 []int64",
            expect![[r#"
                [true,false,false,true,false,true,true,false]
                [1,2]
                done, fuel 0
            "#]],
        ),
        (
            "v1: string = sconst \"Nobody\"
            v2: int64 = iconst 0
            v3: bool = bconst false
            v4: bool = effect.has v0
            v5: bool = effect.remove v0
            show v4 bool
            show v5 bool
            effects.lift
            v6: Game = root Game
            effects.lift_at Game.Round v6
            effects.apply
            effect.add v0, v1, v0, v2, v2, v2, v3 @\"n\"",
            expect![[r#"
                false
                false
                not_found at n, fuel 0
            "#]],
        ),
        (
            "v1: int64 = iconst 9223372036854775807\nv2: int64 = schedule v0, v1 @\"n\"",
            expect![[r#"
            out_of_range at n, fuel 0
        "#]],
        ),
    ]
}

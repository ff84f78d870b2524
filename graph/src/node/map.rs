//! Maps: entries by key, in ascending key order.

use statewright_types::{TrapCode, Type};

use super::{Category, Effect, Example, InputPort, Kind, NodeRow, ROW, input, lambda, optional, output, path};
use crate::ir::{Cond, Imm, Op};
use crate::lower::{Abort, Cx, Operand};

const MAP: NodeRow = NodeRow { category: Category::Map, ..ROW };

const fn map_input() -> InputPort {
    optional("map", "map[K]V", "The map; may be given as `path` instead.")
}

const fn map_path() -> InputPort {
    path("The state path of the map, instead of `map`.").optional()
}

const ERRORS: &[TrapCode] =
    &[TrapCode::NotFound, TrapCode::IndexOutOfRange, TrapCode::StaleReference, TrapCode::NullReference];

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "GetMapValue",
        summary: "The value under a key.",
        docs: "A missing key gives null for structs, else zero, and `exists` false.",
        inputs: &[map_input(), map_path(), input("key", "K", "The key.")],
        outputs: &[output("value", "V", "The value."), output("exists", "bool", "Whether the key is there.")],
        charged: false,
        example: Example::Outputs {
            inputs: r#"{"path": "Scores", "key": "red"}"#,
            outputs: r#"{"value": 5, "exists": true}"#,
        },
        lower: get_value,
        ..MAP
    },
    NodeRow {
        name: "HasMapKey",
        summary: "Whether a map has a key.",
        inputs: &[map_input(), map_path(), input("key", "K", "The key.")],
        outputs: &[output("exists", "bool", "Whether the key is there.")],
        example: Example::Outputs { inputs: r#"{"path": "Scores", "key": "green"}"#, outputs: r#"{"exists": false}"# },
        lower: |cx| {
            let map = cx.map("map")?;
            let (_, exists) = find(cx, &map)?;
            cx.put("exists", exists, Type::Bool);
            Ok(())
        },
        ..MAP
    },
    NodeRow {
        name: "SetMapValue",
        summary: "Inserts or overwrites an entry of a map in the state.",
        inputs: &[path("The map."), input("key", "K", "The key."), input("value", "V", "The value.")],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        errors: &[
            TrapCode::NotFound,
            TrapCode::IndexOutOfRange,
            TrapCode::StaleReference,
            TrapCode::NullReference,
            TrapCode::OutOfRange,
            TrapCode::MemoryLimit,
        ],
        example: Example::Handler {
            nodes: r#"[{"id": "s", "type": "SetMapValue", "inputs": {"path": "Scores", "key": "green", "value": 1}}]"#,
            flow: r#"[{"from": "start", "to": "s"}]"#,
            expect: r#"{"state": {"Scores": {"blue": 2, "green": 1, "red": 5}}}"#,
        },
        lower: set_value,
        ..MAP
    },
    NodeRow {
        name: "RemoveMapKey",
        summary: "Removes an entry of a map in the state.",
        inputs: &[path("The map."), input("key", "K", "The key.")],
        outputs: &[output("removed", "bool", "Whether there was one.")],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        errors: ERRORS,
        example: Example::Handler {
            nodes: r#"[{"id": "r", "type": "RemoveMapKey", "inputs": {"path": "Scores", "key": "red"}}]"#,
            flow: r#"[{"from": "start", "to": "r"}]"#,
            expect: r#"{"state": {"Scores": {"blue": 2}}}"#,
        },
        lower: |cx| {
            let map = live_map(cx)?;
            let key = key(cx, &map)?;
            let removed = cx.g.bop(Op::MapRemove, &[map.value, key]);
            cx.put("removed", removed, Type::Bool);
            Ok(())
        },
        ..MAP
    },
    NodeRow {
        name: "ClearMap",
        summary: "Empties a map in the state.",
        inputs: &[path("The map.")],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        errors: ERRORS,
        example: Example::Handler {
            nodes: r#"[{"id": "c", "type": "ClearMap", "inputs": {"path": "Scores"}}]"#,
            flow: r#"[{"from": "start", "to": "c"}]"#,
            expect: r#"{"state": {"Scores": {}}}"#,
        },
        lower: |cx| {
            let map = live_map(cx)?;
            cx.g.act(Op::MapClear, &[map.value], Imm::None);
            Ok(())
        },
        ..MAP
    },
    NodeRow {
        name: "MapLength",
        summary: "How many entries a map has.",
        inputs: &[map_input(), map_path()],
        outputs: &[output("length", "int64", "The count.")],
        example: Example::Outputs { inputs: r#"{"path": "Scores"}"#, outputs: r#"{"length": 2}"# },
        lower: |cx| {
            let map = cx.map("map")?;
            let length = cx.g.iop(Op::MapLen, &[map.value]);
            cx.put("length", length, Type::INT);
            Ok(())
        },
        ..MAP
    },
    NodeRow {
        name: "MapKeys",
        summary: "The keys of a map, ascending.",
        inputs: &[map_input(), map_path()],
        outputs: &[output("keys", "[]K", "The keys.")],
        fuel: "the length of the result",
        example: Example::Outputs { inputs: r#"{"path": "Scores"}"#, outputs: r#"{"keys": ["blue", "red"]}"# },
        lower: |cx| entries(cx, "keys", Op::MapKeyAt),
        ..MAP
    },
    NodeRow {
        name: "MapValues",
        summary: "The values of a map, by ascending key.",
        inputs: &[map_input(), map_path()],
        outputs: &[output("values", "[]V", "The values.")],
        fuel: "the length of the result",
        example: Example::Outputs { inputs: r#"{"path": "Scores"}"#, outputs: r#"{"values": [2, 5]}"# },
        lower: |cx| entries(cx, "values", Op::MapValueAt),
        ..MAP
    },
    NodeRow {
        name: "FilterMap",
        summary: "The entries for which a condition holds, as a new map.",
        docs: "Structs of a state map stay live references.",
        inputs: &[
            map_input(),
            map_path(),
            lambda("predicate", "bool", "The condition, with `loop:key`, `loop:value` (`loop:item`) and `loop:index`."),
        ],
        outputs: &[output("result", "map[K]V", "Those entries.")],
        fuel: "the number of entries",
        errors: &[TrapCode::StaleReference],
        example: Example::Handler {
            nodes: r#"[{"id": "c", "type": "Compare", "inputs": {"left": "loop:value", "op": ">", "right": 3}},
{"id": "f", "type": "FilterMap", "inputs": {"path": "Scores", "predicate": "node:c:result"}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "High", "payload": {"scores": "node:f:result"}}}]"#,
            flow: r#"[{"from": "start", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "High", "payload": {"scores": {"red": 5}}}]}"#,
        },
        lower: filter,
        ..MAP
    },
];

fn filter(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let map = cx.map("map")?;
    let Type::Map(key, _) = map.ty.clone() else { return Err(Abort) };
    let result = cx.g.op(Op::MapNew, &[], Imm::Type(map.ty.clone()), map.ty.clone());
    super::array_lambda::over(cx, &map, true, &mut |cx, index, item, _| {
        let selected = cx.lambda("predicate", Some(&Type::Bool))?.value;
        let name = cx.g.op(Op::MapKeyAt, &[map.value, index], Imm::None, key.loaded());
        cx.g.only_if(selected, &mut |g| {
            let value = g.owned(item);
            g.act(Op::MapPut, &[result, name, value], Imm::None);
            Ok(())
        })
    })?;
    cx.put("result", result, map.ty);
    Ok(())
}

/// The input `key`, as a key of the map.
fn key(cx: &mut Cx<'_, '_>, map: &Operand) -> Result<crate::ir::Value, Abort> {
    let Type::Map(key, _) = map.ty.clone() else { return Err(Abort) };
    Ok(cx.typed("key", &key)?.value)
}

/// Position of `key` and whether it is there.
fn find(cx: &mut Cx<'_, '_>, map: &Operand) -> Result<(crate::ir::Value, crate::ir::Value), Abort> {
    let key = key(cx, map)?;
    let position = cx.g.iop(Op::MapFind, &[map.value, key]);
    let zero = cx.g.int(0);
    let exists = cx.g.cmp(Op::ICmp, Cond::Ge, position, zero);
    Ok((position, exists))
}

fn get_value(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let map = cx.map("map")?;
    let (position, exists) = find(cx, &map)?;
    let Type::Map(_, value) = map.ty.clone() else { return Err(Abort) };
    let item = cx.g.entry_or_null(&map, &value, position, exists);
    cx.set("value", item);
    cx.put("exists", exists, Type::Bool);
    Ok(())
}

fn live_map(cx: &mut Cx<'_, '_>) -> Result<Operand, Abort> {
    let operand = cx.path_value()?;
    if !matches!(operand.ty, Type::Map(..)) || operand.live == crate::lower::Live::No {
        let message =
            format!("`path` of {} names a map in the state, and this is {}", cx.row.name, cx.g.show(&operand.ty));
        return Err(cx.fail("path", crate::check::codes::TYPE, message, "name a map in the state"));
    }
    Ok(operand)
}

fn set_value(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let map = live_map(cx)?;
    let key = key(cx, &map)?;
    let Type::Map(_, value) = map.ty.clone() else { return Err(Abort) };
    let value = cx.typed("value", &value)?;
    cx.g.act(Op::MapPut, &[map.value, key, value.value], Imm::None);
    Ok(())
}

fn entries(cx: &mut Cx<'_, '_>, port: &str, op: Op) -> Result<(), Abort> {
    let map = cx.map("map")?;
    let Type::Map(key, value) = map.ty.clone() else { return Err(Abort) };
    let element = Type::clone(if op == Op::MapKeyAt { &key } else { &value });
    let ty = Type::list(element.clone());
    let result = cx.g.op(Op::ListNew, &[], Imm::Type(ty.clone()), ty.clone());
    let length = cx.g.iop(Op::MapLen, &[map.value]);
    cx.g.act(Op::FuelN, &[length], Imm::None);
    cx.g.count(length, &mut |g, index, _| {
        let item = g.op(op, &[map.value, index], Imm::None, element.clone());
        g.act(Op::ListPush, &[result, item], Imm::None);
        Ok(())
    })?;
    cx.put(port, result, ty);
    Ok(())
}

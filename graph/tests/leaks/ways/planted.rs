//! Secrets that get out.

use super::*;

pub(super) const LEAKS: &[Case] = &[
    // Functions.
    with(
        "what a function reads of its parameter",
        &[
            ME,
            r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "node:me:player"}}}"#,
            TO_ALL,
        ],
        GOLD_OF,
    ),
    with(
        "through a function and back",
        &[
            ME,
            r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "node:me:player.Gold"}}}"#,
            TO_ALL,
        ],
        SAME,
    ),
    with(
        "a function that writes where all see",
        &[
            ME,
            r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "node:me:player.Gold"}}}"#,
        ],
        SHOW_ALL,
    ),
    with(
        "to an admin's field, who is not the owner",
        &[
            ME,
            r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "node:me:player.Gold"}}}"#,
        ],
        SHOW,
    ),
    with(
        "two functions deep",
        &[
            ME,
            r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "node:me:player.Gold"}}}"#,
        ],
        TWICE,
    ),
    with(
        "a whole struct to a function that sends it",
        &[ME, r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "node:me:player"}}}"#],
        TELL_ALL,
    ),
    // Variables and loops.
    flowing(
        "summed up in a loop",
        &[
            ZERO,
            EACH,
            r#"{"id": "add", "type": "Add", "inputs": {"a": "variable:v", "b": "node:each:item.Gold"}}"#,
            r#"{"id": "body", "type": "SetVariable", "inputs": {"name": "v", "value": "node:add:result"}}"#,
            V_TO_ALL,
        ],
        LOOP,
    ),
    flowing(
        "the last one of a loop",
        &[
            ZERO,
            EACH,
            r#"{"id": "body", "type": "SetVariable", "inputs": {"name": "v", "value": "loop:item.Gold"}}"#,
            V_TO_ALL,
        ],
        LOOP,
    ),
    flowing(
        "sent from within a loop to each of the others",
        &[
            ZERO,
            EACH,
            r#"{"id": "body", "type": "EmitExcept", "inputs": {"playerID": "loop:item.ID", "eventType": "X", "payload": {"h": "loop:item.Hand"}}}"#,
            NOTHING,
        ],
        LOOP,
    ),
    flowing(
        "one player's hand to each player",
        &[
            ME,
            ZERO,
            EACH,
            r#"{"id": "body", "type": "EmitToPlayer", "inputs": {"playerID": "loop:item.ID", "eventType": "X", "payload": {"h": "node:me:player.Hand"}}}"#,
            NOTHING,
        ],
        r#"{"from": "start", "to": "me"}, {"from": "me", "to": "zero"}, {"from": "zero", "to": "each"}, {"from": "each", "to": "body", "label": "body"}, {"from": "each", "to": "out", "label": "done"}"#,
    ),
    // Structs.
    case(
        "in a new struct's public field",
        &[
            ME,
            r#"{"id": "x", "type": "CreateStruct", "inputs": {"type": "Player", "fields": {"ID": "x", "Shown": "node:me:player.Gold"}}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"n": "node:x:result.Shown"}}}"#,
        ],
    ),
    case(
        "a changed copy",
        &[
            ME,
            r#"{"id": "x", "type": "CreateStruct", "inputs": {"type": "Player", "fields": {"ID": "x"}}}"#,
            r#"{"id": "u", "type": "UpdateStruct", "inputs": {"object": "node:x:result", "fields": {"Note": "node:me:player.Plan"}}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"n": "node:u:result.Note"}}}"#,
        ],
    ),
    case(
        "in a map of the payload, deep",
        &[
            ME,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"a": {"b": [{"c": "node:me:player.Gold"}]}}}}"#,
        ],
    ),
    // Arrays.
    case(
        "mapped",
        &[
            GOLDS,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"x": "node:g:result"}}}"#,
        ],
    ),
    case(
        "mapped by a lambda",
        &[
            r#"{"id": "x", "type": "MapArray", "inputs": {"array": "state:Players", "value": "loop:item.Plan"}}"#,
            TO_ALL,
        ],
    ),
    flowing(
        "whole structs, filtered",
        &[
            IS_RICH,
            RICH,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"x": "node:g:result"}}}"#,
        ],
        r#"{"from": "start", "to": "out"}"#,
    ),
    case(
        "whole structs, sorted",
        &[r#"{"id": "x", "type": "SortBy", "inputs": {"array": "state:Players", "field": "Name"}}"#, TO_ALL],
    ),
    case(
        "a slice of what is sorted by itself",
        &[
            GOLDS,
            r#"{"id": "s", "type": "SortBy", "inputs": {"array": "node:g:result", "key": "loop:item"}}"#,
            r#"{"id": "x", "type": "Slice", "inputs": {"array": "node:s:result", "start": 0, "end": 1}}"#,
            TO_ALL,
        ],
    ),
    case(
        "the keys of groups",
        &[
            r#"{"id": "m", "type": "GroupBy", "inputs": {"array": "state:Players", "field": "Plan"}}"#,
            r#"{"id": "k", "type": "MapKeys", "inputs": {"map": "node:m:result"}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"k": "node:k:keys"}}}"#,
        ],
    ),
    case(
        "the keys of counts",
        &[r#"{"id": "x", "type": "CountBy", "inputs": {"array": "state:Players", "field": "Plan"}}"#, TO_ALL],
    ),
    case(
        "the largest",
        &[
            GOLDS,
            r#"{"id": "m", "type": "MaxBy", "inputs": {"array": "node:g:result", "key": "loop:item"}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"m": "node:m:item"}}}"#,
        ],
    ),
    case(
        "a secret of the one with the longest name",
        &[
            r#"{"id": "m", "type": "MaxBy", "inputs": {"array": "state:Players", "field": "Name"}}"#,
            r#"{"id": "n", "type": "IsNull", "inputs": {"value": "node:m:item"}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"m": "node:m:item.Gold"}}}"#,
        ],
    ),
    case(
        "joined to text",
        &[
            r#"{"id": "p", "type": "MapArray", "inputs": {"array": "state:Players", "field": "Plan"}}"#,
            r#"{"id": "x", "type": "Join", "inputs": {"array": "node:p:result", "separator": ", "}}"#,
            TO_ALL,
        ],
    ),
    // Text.
    case(
        "in the name of an event",
        &[ME, r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": {"template": "Plan {{hero.Plan}}"}}}"#],
    ),
    case(
        "in the name of an event for another",
        &[
            ME,
            r#"{"id": "out", "type": "EmitToPlayer", "inputs": {"playerID": "param:other", "eventType": "node:me:player.Plan"}}"#,
        ],
    ),
    case(
        "a template of a template",
        &[
            ME,
            r#"{"id": "v", "type": "SetVariable", "inputs": {"name": "t", "value": {"template": "{{hero.Plan}}!"}}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"t": {"template": "so: {{variable:t}}"}}}}"#,
        ],
    ),
    case(
        "the reason for a kick",
        &[
            ME,
            r#"{"id": "out", "type": "KickPlayer", "inputs": {"playerID": "param:other", "reason": {"template": "{{hero.Plan}}"}}}"#,
        ],
    ),
    // State.
    case(
        "kept in the state and sent by another handler",
        &[r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"s": "state:Salt"}}}"#],
    ),
    case(
        "into a public array by index",
        &[ME, r#"{"id": "out", "type": "SetField", "inputs": {"path": "Log[0]", "value": "node:me:player.Plan"}}"#],
    ),
    case(
        "a whole public array of secrets",
        &[
            r#"{"id": "p", "type": "MapArray", "inputs": {"array": "state:Players", "field": "Plan"}}"#,
            r#"{"id": "out", "type": "SetField", "inputs": {"path": "Log", "value": "node:p:result"}}"#,
        ],
    ),
    case(
        "from a field for nobody to its owner's",
        &[ME, r#"{"id": "out", "type": "SetField", "inputs": {"path": "hero.Gold", "value": "state:Deck[0]"}}"#],
    ),
    case(
        "from the owner's to the team's",
        &[
            ME,
            r#"{"id": "out", "type": "SetField", "inputs": {"path": "hero.Plan", "value": {"template": "{{hero.Gold}}"}}}"#,
        ],
    ),
    // Who gets it.
    case(
        "the team's to one who need not be of it",
        &[
            ME,
            r#"{"id": "out", "type": "EmitToPlayer", "inputs": {"playerID": "param:other", "eventType": "X", "payload": {"p": "node:me:player.Plan"}}}"#,
        ],
    ),
    case(
        "the owner's to its team",
        &[
            ME,
            r#"{"id": "t", "type": "FilterArray", "inputs": {"array": "state:Players", "predicate": true}}"#,
            r#"{"id": "i", "type": "MapArray", "inputs": {"array": "node:t:result", "field": "ID"}}"#,
            r#"{"id": "out", "type": "EmitToMany", "inputs": {"playerIDs": "node:i:result", "eventType": "X", "payload": {"g": "node:me:player.Gold"}}}"#,
        ],
    ),
    // Filters and later events.
    with("a filter that shows a secret", &[NOTHING], SHOWING_FILTER),
    case(
        "in an event to come, whose handler sends it",
        &[
            ME,
            r#"{"id": "s", "type": "Schedule", "inputs": {"eventType": "E", "delay": 5, "payload": {"other": "node:me:player.Plan"}}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"o": "param:other"}}}"#,
        ],
    ),
    with(
        "given to a filter that shows it",
        &[
            ME,
            r#"{"id": "out", "type": "AddFilter", "inputs": {"viewerID": "param:other", "filterID": "f", "filterName": "Lens", "params": {"n": "node:me:player.Gold"}}}"#,
        ],
        PARAM_FILTER,
    ),
];

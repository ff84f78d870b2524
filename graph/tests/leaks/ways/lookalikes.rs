//! What looks like a secret that gets out, and is none.

use super::*;

pub(super) const CLEAN: &[Case] = &[
    with(
        "a function on a public field",
        &[
            ME,
            r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "node:me:player"}}}"#,
            TO_ALL,
        ],
        NAME_OF,
    ),
    with(
        "a public value through a function and back",
        &[
            ME,
            r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "node:me:player.Shown"}}}"#,
            TO_ALL,
        ],
        SAME,
    ),
    with(
        "a function that ignores what it is given",
        &[
            ME,
            r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "node:me:player.Gold"}}}"#,
            TO_ALL,
        ],
        SEVEN,
    ),
    with(
        "a function that writes a public value where all see",
        &[
            ME,
            r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "node:me:player.Shown"}}}"#,
        ],
        SHOW_ALL,
    ),
    with(
        "an admin's value to an admin's field",
        &[r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "state:Seed"}}}"#],
        SHOW,
    ),
    with(
        "a constant two functions deep",
        &[r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": 3}}}"#],
        TWICE,
    ),
    with(
        "a function that tells the owner",
        &[ME, r#"{"id": "x", "type": "CallFunction", "inputs": {"function": "F", "args": {"p": "node:me:player"}}}"#],
        TELL_OWN,
    ),
    flowing(
        "a public field summed up in a loop",
        &[
            ZERO,
            EACH,
            r#"{"id": "add", "type": "Add", "inputs": {"a": "variable:v", "b": "node:each:item.Shown"}}"#,
            r#"{"id": "body", "type": "SetVariable", "inputs": {"name": "v", "value": "node:add:result"}}"#,
            V_TO_ALL,
        ],
        LOOP,
    ),
    flowing(
        "passes counted",
        &[
            ZERO,
            EACH,
            r#"{"id": "add", "type": "Add", "inputs": {"a": "variable:v", "b": 1}}"#,
            r#"{"id": "body", "type": "SetVariable", "inputs": {"name": "v", "value": "node:add:result"}}"#,
            V_TO_ALL,
        ],
        LOOP,
    ),
    flowing(
        "each player's own hand in a loop",
        &[
            ZERO,
            EACH,
            r#"{"id": "body", "type": "EmitToPlayer", "inputs": {"playerID": "loop:item.ID", "eventType": "X", "payload": {"h": "loop:item.Hand"}}}"#,
            NOTHING,
        ],
        LOOP,
    ),
    flowing(
        "each whole player to itself",
        &[
            ZERO,
            EACH,
            r#"{"id": "body", "type": "EmitToPlayer", "inputs": {"playerID": "node:each:item.ID", "eventType": "X", "payload": {"h": "node:each:item.Hand", "g": "node:each:item.Gold", "n": "node:each:item.Name"}}}"#,
            NOTHING,
        ],
        LOOP,
    ),
    flowing(
        "each player's gold into its own secret",
        &[
            ZERO,
            EACH,
            r#"{"id": "body", "type": "SetStructField", "inputs": {"object": "node:each:item", "field": "Mine", "value": "node:each:item.Gold"}}"#,
            NOTHING,
        ],
        LOOP,
    ),
    case(
        "a new struct's public field",
        &[
            ME,
            r#"{"id": "x", "type": "CreateStruct", "inputs": {"type": "Player", "fields": {"ID": "x", "Shown": "node:me:player.Shown"}}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"n": "node:x:result.Shown"}}}"#,
        ],
    ),
    case(
        "a new struct with a secret, of which all are told the name",
        &[
            ME,
            r#"{"id": "x", "type": "CreateStruct", "inputs": {"type": "Player", "fields": {"ID": "x", "Name": "y", "Gold": "node:me:player.Gold"}}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"n": "node:x:result.Name"}}}"#,
        ],
    ),
    case(
        "a changed copy's public field",
        &[
            r#"{"id": "x", "type": "CreateStruct", "inputs": {"type": "Player", "fields": {"ID": "x"}}}"#,
            r#"{"id": "u", "type": "UpdateStruct", "inputs": {"object": "node:x:result", "fields": {"Note": "hello"}}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"n": "node:u:result.Note"}}}"#,
        ],
    ),
    case(
        "public fields in a map of the payload, deep",
        &[
            ME,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"a": {"b": [{"c": "node:me:player.Shown"}]}}}}"#,
        ],
    ),
    case(
        "mapped to a public field",
        &[
            NAMES,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"x": "node:g:result"}}}"#,
        ],
    ),
    case(
        "mapped to a public field by a lambda",
        &[
            r#"{"id": "x", "type": "MapArray", "inputs": {"array": "state:Players", "value": "loop:item.Team"}}"#,
            TO_ALL,
        ],
    ),
    case(
        "the name of the richest",
        &[
            r#"{"id": "m", "type": "MaxBy", "inputs": {"array": "state:Players", "field": "Gold"}}"#,
            r#"{"id": "n", "type": "IsNull", "inputs": {"value": "node:m:item"}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"m": "node:m:item.Name"}}}"#,
        ],
    ),
    flowing(
        "names of those with much gold",
        &[
            IS_RICH,
            RICH,
            r#"{"id": "x", "type": "MapArray", "inputs": {"array": "node:g:result", "field": "Name"}}"#,
            TO_ALL,
        ],
        r#"{"from": "start", "to": "out"}"#,
    ),
    case(
        "the keys of groups by a public field",
        &[
            r#"{"id": "m", "type": "GroupBy", "inputs": {"array": "state:Players", "field": "Team"}}"#,
            r#"{"id": "k", "type": "MapKeys", "inputs": {"map": "node:m:result"}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"k": "node:k:keys"}}}"#,
        ],
    ),
    case(
        "counts by a public field",
        &[r#"{"id": "x", "type": "CountBy", "inputs": {"array": "state:Players", "field": "Team"}}"#, TO_ALL],
    ),
    case(
        "names joined to text",
        &[NAMES, r#"{"id": "x", "type": "Join", "inputs": {"array": "node:g:result", "separator": ", "}}"#, TO_ALL],
    ),
    case(
        "a public field in the name of an event",
        &[ME, r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": {"template": "Hello {{hero.Name}}"}}}"#],
    ),
    case(
        "a secret in the name of an event for its owner",
        &[
            ME,
            r#"{"id": "out", "type": "EmitToPlayer", "inputs": {"playerID": "param:me", "eventType": {"template": "{{hero.Gold}}"}}}"#,
        ],
    ),
    case(
        "a template that names a secret's field and does not read it",
        &[
            ME,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"t": {"template": "hero.Gold {{{{hero.Gold}}}} {{hero.Name}}"}}}}"#,
        ],
    ),
    case(
        "a variable that held a secret before",
        &[
            ME,
            r#"{"id": "v", "type": "SetVariable", "inputs": {"name": "v", "value": "node:me:player.Gold"}}"#,
            r#"{"id": "w", "type": "SetVariable", "inputs": {"name": "v", "value": 3}}"#,
            V_TO_ALL,
        ],
    ),
    case(
        "a secret in a variable that nobody is sent",
        &[
            ME,
            r#"{"id": "v", "type": "SetVariable", "inputs": {"name": "s", "value": "node:me:player.Gold"}}"#,
            r#"{"id": "w", "type": "SetVariable", "inputs": {"name": "v", "value": "variable:s"}}"#,
            r#"{"id": "out", "type": "EmitToPlayer", "inputs": {"playerID": "param:me", "eventType": "X", "payload": {"v": "variable:v"}}}"#,
        ],
    ),
    case(
        "the reason for a kick",
        &[
            ME,
            r#"{"id": "out", "type": "KickPlayer", "inputs": {"playerID": "param:other", "reason": {"template": "{{hero.Name}} wants it"}}}"#,
        ],
    ),
    case(
        "public values into a public array",
        &[NAMES, r#"{"id": "out", "type": "SetField", "inputs": {"path": "Log", "value": "node:g:result"}}"#],
    ),
    case(
        "a secret cleared",
        &[ME, r#"{"id": "out", "type": "SetField", "inputs": {"path": "hero.Gold", "value": 0}}"#],
    ),
    case(
        "cards for nobody moved to cards for nobody",
        &[r#"{"id": "out", "type": "ArrayAppend", "inputs": {"path": "Deck", "item": "state:Deck[0]"}}"#],
    ),
    case(
        "revealed, a whole player",
        &[
            ME,
            r#"{"id": "r", "type": "Reveal", "inputs": {"value": "node:me:player"}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"p": "node:r:value"}}}"#,
        ],
    ),
    case(
        "revealed into a public field",
        &[
            ME,
            r#"{"id": "r", "type": "Reveal", "inputs": {"value": "node:me:player.Gold"}}"#,
            r#"{"id": "out", "type": "SetField", "inputs": {"path": "hero.Shown", "value": "node:r:value"}}"#,
        ],
    ),
    with("a filter that hides", &[NOTHING], HIDING_FILTER),
    with("a filter on the viewer's own", &[NOTHING], OWN_FILTER),
    case(
        "a public value in an event to come, whose handler sends it",
        &[
            ME,
            r#"{"id": "s", "type": "Schedule", "inputs": {"eventType": "E", "delay": 5, "payload": {"other": "node:me:player.Name"}}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"o": "param:other"}}}"#,
        ],
    ),
    case(
        "a secret in an event to come, whose handler does not send it",
        &[
            ME,
            r#"{"id": "s", "type": "Schedule", "inputs": {"eventType": "E", "delay": 5, "payload": {"me": "node:me:player.Plan"}}}"#,
            r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"o": "param:other"}}}"#,
        ],
    ),
    with(
        "a public value given to a filter that shows it",
        &[
            ME,
            r#"{"id": "out", "type": "AddFilter", "inputs": {"viewerID": "param:other", "filterID": "f", "filterName": "Lens", "params": {"n": "node:me:player.Shown"}}}"#,
        ],
        PARAM_FILTER,
    ),
    with(
        "a secret given to its owner's filter",
        &[
            ME,
            r#"{"id": "out", "type": "AddFilter", "inputs": {"viewerID": "param:me", "filterID": "f", "filterName": "Lens", "params": {"n": "node:me:player.Gold"}}}"#,
        ],
        PARAM_FILTER,
    ),
];

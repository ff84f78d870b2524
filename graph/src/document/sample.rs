//! A document for tests: every form of input, unknown keys, and formatting that no program would choose.

pub(super) const SAMPLE: &str = r##"{
    "version": "1.0", "package": "arena",
    "schemaPath": "arena.schema", "stateType": "Arena", "config": null,
    "imports": ["fmt"],
    "_editor": {"x": 1e2, "zoom":1.50},
    "handlers": [
        {
            "name": "OnHit", "event": "Hit",
            "description": "Someone was hit \u2694",
            "permissions": {"hostOnly": false, "playerParam": "attacker", "allowedPlayers": []},
            "parameters": [{"name": "attacker", "type": "string"}, {"name":"damage","type":"int32"}],
            "x-note": ["kept", {"as": "it is"}],
            "nodes": [
                {"id": "find", "type": "GetPlayer",
                    "inputs": {"playerID": "param:attacker"},
                    "outputs": {"player": "hitter"},  "_position": {"x": 10, "y": -2.5}, "_comment": "who?"},
                {
                    "id": "each",
                    "type": "ForEach",
                    "inputs": { "array": {"source": "find:player.Hand"} }
                },
                {
                    "id": "say",
                    "type": "EmitToAll",
                    "_group": "output",
                    "inputs": {
                        "eventType": {"constant": "node:find:player"},
                        "payload": {
                            "who": "node:find:player.ID",
                            "text": {"template": "{{ node:find:player.Name }} has {{loop:each:index}} {{{{find}}"},
                            "nested": [1, 2.0, true, null, ["loop:item"], {"constant": 1, "source": "plain"}],
                            "big": 18446744073709551615
                        }
                    }
                },
                {"id":"set","type":"SetField","inputs":{"path":{"constant":"Players[node:find:player.ID:ID].Score"},"value":7}},
                {"id": "stop", "type": "Return", "inputs": null, "outputs": null}
            ],
            "flow": [
                { "from": "start",  "to": "find" },
                { "from": "find",   "to": "each" },
                { "from": "each", "to": "say", "label": "body" },
                { "from": "each", "to": "set", "condition": "done", "metadata": {"colour": "red"} },
                { "from": "set", "to": "end_ok", "label": "" }
            ]
        }
    ],
    "functions": [
        {"name": "Double", "parameters": [{"name": "x", "type": "int"}], "returnType": "int",
         "nodes": [{"id": "sum", "type": "Add", "inputs": {"a": "param:x", "b": "param:x"}},
                   {"id": "back", "type": "Return", "inputs": {"value": "node:sum:result"}}],
         "flow": [{"from": "start", "to": "back"}]}
    ],
    "filters": [{"name": "Hide", "nodes": [], "flow": []}],
    "effects": null
}
"##;

//! The house as a table: who may depend on whom, which foreign crates live in one place only, and which crates must
//! be deterministic.

/// A crate of the workspace. Crates that are planned stand here already: the order is decided, not found.
pub struct Room {
    /// Package name.
    pub name: &'static str,
    /// Its folder.
    pub folder: &'static str,
    /// The rooms it may depend on.
    pub below: &'static [&'static str],
}

const TYPES: &str = "statewright-types";
const DERIVE: &str = "statewright-derive";
const GRAPH: &str = "statewright-graph";
const RUNTIME: &str = "statewright-runtime";
const INTERPRETER: &str = "statewright-interpreter";
const JIT: &str = "statewright-jit";
const EMIT: &str = "statewright-emit";
const BUILD: &str = "statewright-build";
const FACADE: &str = "statewright";
const HARNESS: &str = "statewright-harness";
const EDITOR_CORE: &str = "statewright-editor-core";
const EDITOR: &str = "statewright-editor";
const SERVER: &str = "statewright-server";
const CLI: &str = "statewright-cli";

/// The table, from the ground up.
pub const ROOMS: &[Room] = &[
    Room { name: TYPES, folder: "types", below: &[] },
    Room { name: DERIVE, folder: "derive", below: &[] },
    Room { name: GRAPH, folder: "graph", below: &[TYPES] },
    Room { name: RUNTIME, folder: "runtime", below: &[TYPES] },
    Room { name: INTERPRETER, folder: "interpreter", below: &[TYPES, GRAPH, RUNTIME] },
    Room { name: JIT, folder: "jit", below: &[TYPES, GRAPH, RUNTIME, INTERPRETER] },
    Room { name: EMIT, folder: "emit", below: &[TYPES, GRAPH] },
    Room { name: BUILD, folder: "build", below: &[TYPES, GRAPH, EMIT] },
    Room { name: FACADE, folder: ".", below: &[TYPES, DERIVE, GRAPH, RUNTIME, INTERPRETER, JIT] },
    Room { name: HARNESS, folder: "harness", below: &[TYPES, GRAPH, RUNTIME, INTERPRETER, JIT, EMIT] },
    Room { name: EDITOR_CORE, folder: "editor/core", below: &[TYPES, GRAPH, RUNTIME, INTERPRETER, JIT, EMIT, HARNESS] },
    Room {
        name: EDITOR,
        folder: "editor/app",
        below: &[TYPES, GRAPH, RUNTIME, INTERPRETER, JIT, EMIT, HARNESS, EDITOR_CORE],
    },
    Room { name: SERVER, folder: "server", below: &[TYPES, GRAPH, RUNTIME, INTERPRETER, JIT, EMIT, HARNESS] },
    Room {
        name: CLI,
        folder: "cli",
        below: &[TYPES, GRAPH, RUNTIME, INTERPRETER, JIT, EMIT, HARNESS, EDITOR_CORE, EDITOR, SERVER],
    },
    Room { name: "statewright-batch", folder: "tests/batch", below: &[RUNTIME, HARNESS, CLI] },
    Room { name: "statewright-unified", folder: "tests/unified", below: &[] },
    Room { name: "statewright-embedded-sample", folder: "samples/embedded", below: &[BUILD, FACADE] },
    Room {
        name: "statewright-tests",
        folder: "tests",
        below: &[TYPES, GRAPH, RUNTIME, INTERPRETER, JIT, EMIT, FACADE, HARNESS, EDITOR_CORE, EDITOR, SERVER],
    },
    Room {
        name: "statewright-differential",
        folder: "tests/differential",
        below: &[TYPES, GRAPH, RUNTIME, INTERPRETER, JIT, EMIT, HARNESS],
    },
    Room {
        name: "statewright-linked",
        folder: "tests/differential/linked",
        below: &[RUNTIME, HARNESS, "statewright-differential"],
    },
    Room {
        name: "statewright-benches",
        folder: "benches",
        below: &[TYPES, GRAPH, RUNTIME, INTERPRETER, JIT, EMIT, BUILD, FACADE, HARNESS],
    },
    Room { name: "xtask", folder: "xtask", below: &[] },
];

/// The room called `name`.
pub fn room(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

/// Foreign crates, by the beginning of their name, and the only rooms they may be used in.
pub const CONFINED: &[(&str, &[&str])] = &[
    ("cranelift", &[JIT]),
    ("egui", &[EDITOR]),
    ("eframe", &[EDITOR]),
    ("rusqlite", &[SERVER]),
    ("libsqlite3-sys", &[SERVER]),
    ("tokio", &[SERVER, CLI]),
    ("axum", &[SERVER]),
];

/// Sources that give the same bits on every machine: no I/O, no clock, no entropy, no async.
pub const DETERMINISTIC: &[&str] = &["types/src", "graph/src", "runtime/src", "interpreter/src", "jit/src", "emit/src"];

/// The only sources with `unsafe`.
pub const UNSAFE: &[&str] = &["runtime/src/memory", "jit", "benches/src/counting"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_stand_on_rooms_above_them_in_the_table() {
        for (index, room) in ROOMS.iter().enumerate() {
            for below in room.below {
                let found = ROOMS.iter().position(|other| other.name == *below);
                assert!(found.is_some_and(|found| found < index), "{} on {below}", room.name);
            }
        }
    }

    #[test]
    fn the_runtime_does_not_know_graphs() {
        assert!(room(RUNTIME).is_some_and(|room| room.below == [TYPES]));
    }
}

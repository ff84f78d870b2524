//! Steps of tests and scripts.

use statewright_runtime::session::Action;
use statewright_types::config;
use statewright_types::json::{self, Kind, NodeId};
use statewright_types::{Diagnostic, Value};

use super::file::{Expect, expect};
use super::reader::{MISSING_KEY, Reader, WRONG_SHAPE};
use crate::act::{Act, EFFECT_KEYS, effect_from};
use crate::project::Source;

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is done.
    pub act: Act,
    /// What holds then.
    pub expect: Expect,
}

/// What a step may do, of which it does one.
pub const ACTS: &[&str] = &["event", "advance", "join", "leave", "host", "effect", "end_effect", "config"];
/// Keys that go with one of them only.
const DETAILS: &[(&str, &str)] = &[("sender", "event"), ("params", "event"), ("silent", "join")];
const STEP_KEYS: &[&str] = &[
    "event",
    "sender",
    "params",
    "advance",
    "join",
    "silent",
    "leave",
    "host",
    "effect",
    "end_effect",
    "config",
    "expect",
    "description",
];
const SCRIPT_KEYS: &[&str] = &["steps", "metrics", "over", "expect", "description"];

/// Reads a script, for whoever plays its steps without a test: an array of steps, such as a test's `steps`, or an object with
/// them, whose other keys are about many runs (`crate::simulate`).
pub fn steps(source: &Source) -> (Vec<Step>, Vec<Diagnostic>) {
    let tree = match json::parse(source.text.clone()) {
        Ok(tree) => tree,
        Err(error) => return (Vec::new(), vec![error]),
    };
    let mut reader = Reader::new(&tree);
    let steps = steps_of_script(&mut reader);
    (steps, reader.diagnostics)
}

/// The steps of a script, in either form.
pub fn steps_of_script(reader: &mut Reader<'_>) -> Vec<Step> {
    let root = reader.tree.root();
    let list = match reader.tree.kind(root) {
        json::Kind::Object => {
            let entries = reader.object(root, "a script", SCRIPT_KEYS);
            match entries.iter().find(|entry| &*entry.key == "steps") {
                Some(entry) => reader.list(entry.value, "`steps`"),
                None => {
                    reader.error(MISSING_KEY, root, "the script has no `steps`", "write \"steps\": […]");
                    &[]
                }
            }
        }
        _ => reader.list(root, "a script"),
    };
    list.iter().filter_map(|node| step(reader, *node)).collect()
}

/// Reads a step.
pub(super) fn step(reader: &mut Reader<'_>, node: NodeId) -> Option<Step> {
    let entries = reader.object(node, "a step", STEP_KEYS);
    let get = |key: &str| entries.iter().find(|entry| &*entry.key == key).map(|entry| entry.value);
    let expect = get("expect").map(|node| expect(reader, node)).unwrap_or_default();
    let mut acts = ACTS.iter().filter_map(|key| Some((*key, get(key)?)));
    let (Some((key, value)), None) = (acts.next(), acts.next()) else {
        let keys: Vec<String> = ACTS.iter().map(|key| format!("`{key}`")).collect();
        let help = format!("write one of {}", keys.join(", "));
        reader.error(MISSING_KEY, node, "a step does one thing: an `event`, an `advance` or another", help);
        return None;
    };
    for (detail, of) in DETAILS {
        if let (Some(node), true) = (get(detail), *of != key) {
            let message = format!("`{detail}` goes with `{of}`");
            reader.error(MISSING_KEY, node, message, format!("remove it, or write `{of}`"));
        }
    }
    Some(Step { act: act(reader, key, value, &get)?, expect })
}

fn act(reader: &mut Reader<'_>, key: &str, value: NodeId, get: &dyn Fn(&str) -> Option<NodeId>) -> Option<Act> {
    let tree = reader.tree;
    Some(match key {
        "event" => {
            let sender = match get("sender") {
                Some(sender) => reader.text(sender, "`sender`")?,
                None => "".into(),
            };
            let params = match get("params") {
                Some(params) => {
                    reader.entries(params, "`params`");
                    tree.value(params)
                }
                None => Value::Map(Vec::new()),
            };
            Act::Event(Action { event: reader.text(value, "`event`")?, sender, params })
        }
        "advance" => Act::Advance(i64::try_from(reader.uint(value, "`advance`")?).unwrap_or(i64::MAX)),
        "join" => {
            let player = reader.text(value, "`join`")?.to_string();
            match get("silent").map(|silent| (tree.value(silent), silent)) {
                None | Some((Value::Bool(false), _)) => Act::Join(player),
                Some((Value::Bool(true), _)) => Act::JoinSilently(player),
                Some((_, silent)) => {
                    reader.wrong(silent, "`silent`", "true or false");
                    return None;
                }
            }
        }
        "leave" => Act::Leave(reader.text(value, "`leave`")?.to_string()),
        "host" if tree.kind(value) == Kind::Null => Act::Host(None),
        "host" => Act::Host(Some(reader.text(value, "`host`")?)),
        "effect" => {
            reader.object(value, "an effect that is added", EFFECT_KEYS);
            let Some(effect) = effect_from(&tree.value(value)) else {
                let help = "write {\"id\": TEXT, \"effect\": NAME, \"params\": {…}, \"duration\": MILLISECONDS, …}";
                let message = "`effect` lacks its id or its name, or one of its keys has another kind of value";
                reader.error(WRONG_SHAPE, value, message, help);
                return None;
            };
            Act::Effect(Box::new(effect))
        }
        "end_effect" => Act::EndEffect(reader.text(value, "`end_effect`")?),
        _ => {
            for group in reader.entries(value, "`config`") {
                reader.entries(group.value, "the values of a group");
            }
            Act::Config(config::values(&tree.value(value)))
        }
    })
}

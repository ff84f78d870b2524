//! A map of what is on the screen, for programs that operate the real window: what a screen reader is told, with rectangles,
//! written to a file whenever it changes. Off unless `STATEWRIGHT_EDITOR_MAP` names the file.

use std::collections::HashMap;
use std::path::PathBuf;

use egui::accesskit::{Node, NodeId};
use egui::{Context, FullOutput, Plugin};
use statewright_types::{Value, json};

/// Names the file.
pub const VARIABLE: &str = "STATEWRIGHT_EDITOR_MAP";

/// Writes the map.
#[derive(Debug)]
pub struct Map {
    path: PathBuf,
    nodes: HashMap<NodeId, Node>,
    written: String,
}

impl Map {
    /// The map that the environment asks for.
    pub fn asked_for() -> Option<Map> {
        let path = std::env::var_os(VARIABLE).filter(|path| !path.is_empty())?;
        Some(Map { path: path.into(), nodes: HashMap::new(), written: String::new() })
    }

    fn write(&mut self, focus: NodeId) {
        let mut entries: Vec<(NodeId, Value)> = Vec::new();
        for (id, node) in &self.nodes {
            let (Some(bounds), false) = (node.bounds(), node.is_hidden()) else { continue };
            let label = node.label().unwrap_or("");
            let value = node.value().unwrap_or("");
            if label.is_empty() && value.is_empty() {
                continue;
            }
            entries.push((
                *id,
                Value::map([
                    ("label", Value::str(label)),
                    ("value", Value::str(value)),
                    ("role", Value::str(format!("{:?}", node.role()))),
                    ("disabled", Value::Bool(node.is_disabled())),
                    ("focused", Value::Bool(*id == focus)),
                    ("rect", Value::List([bounds.x0, bounds.y0, bounds.x1, bounds.y1].map(Value::Float).into())),
                ]),
            ));
        }
        entries.sort_by_key(|(id, _)| id.0);
        let text = json::to_string(&Value::List(entries.into_iter().map(|(_, entry)| entry).collect()));
        if text == self.written {
            return;
        }
        // Whoever reads sees the old map or the new one. Where it cannot be written, they see that nothing comes.
        let temporary = self.path.with_extension("new");
        if std::fs::write(&temporary, &text).and_then(|()| std::fs::rename(&temporary, &self.path)).is_ok() {
            self.written = text;
        }
    }
}

impl Plugin for Map {
    fn debug_name(&self) -> &'static str {
        "map of the window"
    }

    fn setup(&mut self, ctx: &Context) {
        ctx.enable_accesskit();
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        // A screen reader's adapter may turn it off while nobody listens.
        ctx.enable_accesskit();
        let Some(update) = &output.platform_output.accesskit_update else { return };
        // egui tells everything each time.
        self.nodes = update.nodes.iter().cloned().collect();
        self.write(update.focus);
    }
}

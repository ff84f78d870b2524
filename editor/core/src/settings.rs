//! What the editor remembers of its user: how it looks, keys, recent files, favourites.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use statewright_types::{Value, json};

use crate::keys::Bindings;
use crate::palette::Habits;

/// How many recent files are kept.
const RECENT: usize = 20;

/// Colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
    HighContrast,
}

impl Theme {
    /// Every theme, in the order in which they follow each other.
    pub const ALL: [Theme; 4] = [Theme::System, Theme::Light, Theme::Dark, Theme::HighContrast];

    /// Its name in settings.
    pub const fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
            Theme::HighContrast => "high-contrast",
        }
    }
}

/// Settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Colours.
    pub theme: Theme,
    /// Size of everything; 1 is 100 %, 0.5 to 3.
    pub scale: f64,
    /// Whether the grid is drawn.
    pub grid: bool,
    /// Whether nodes snap to it.
    pub snap: bool,
    /// Distance of its lines, units of the canvas, 4 to 100.
    pub grid_step: f64,
    /// Whether the minimap is there.
    pub minimap: bool,
    /// Whether the toolbar is there.
    pub toolbar: bool,
    /// Seconds between two writings to the recovery folder, 1 to 600.
    pub autosave_seconds: u32,
    /// Whether the tour was seen.
    pub tour_seen: bool,
    /// Files opened lately, the last first.
    pub recent: VecDeque<PathBuf>,
    /// Keys.
    pub keys: Bindings,
    /// Recent and favourite nodes.
    pub habits: Habits,
    /// What is kept of runs of a document ([`crate::run::breakpoints::Kept`]), by its path; those of recent files only.
    pub runs: BTreeMap<String, Value>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            theme: Theme::System,
            scale: 1.0,
            grid: true,
            snap: true,
            grid_step: 20.0,
            minimap: true,
            toolbar: true,
            autosave_seconds: 5,
            tour_seen: false,
            recent: VecDeque::new(),
            keys: Bindings::default(),
            habits: Habits::default(),
            runs: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// A file was opened.
    pub fn opened(&mut self, path: &Path) {
        self.recent.retain(|other| other != path);
        self.recent.push_front(path.to_owned());
        self.recent.truncate(RECENT);
    }

    /// Keeps something of runs of a document, and no more of those that were opened long ago.
    pub fn keep_run(&mut self, path: &Path, kept: Option<Value>) {
        let name = path.to_string_lossy().into_owned();
        match kept {
            Some(kept) => self.runs.insert(name.clone(), kept),
            None => self.runs.remove(&name),
        };
        let recent: Vec<String> = self.recent.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        self.runs.retain(|path, _| *path == name || recent.contains(path));
    }

    /// As JSON, for a file of the host's.
    pub fn to_json(&self) -> String {
        let texts = |texts: &mut dyn Iterator<Item = String>| Value::List(texts.map(Value::str).collect());
        let keys = json::parse(self.keys.to_json()).map_or(Value::Null, |tree| tree.value(tree.root()));
        json::to_pretty(&Value::map([
            ("version", Value::Int(1)),
            ("theme", Value::str(self.theme.name())),
            ("scale", Value::Float(self.scale)),
            ("grid", Value::Bool(self.grid)),
            ("snap", Value::Bool(self.snap)),
            ("gridStep", Value::Float(self.grid_step)),
            ("minimap", Value::Bool(self.minimap)),
            ("toolbar", Value::Bool(self.toolbar)),
            ("autosaveSeconds", Value::Int(self.autosave_seconds.into())),
            ("tourSeen", Value::Bool(self.tour_seen)),
            ("recent", texts(&mut self.recent.iter().map(|path| path.to_string_lossy().into_owned()))),
            ("recentNodes", texts(&mut self.habits.recent.iter().cloned())),
            ("favouriteNodes", texts(&mut self.habits.favourites.iter().cloned())),
            ("keys", keys),
            ("runs", Value::map(self.runs.iter().map(|(path, kept)| (&**path, kept.clone())))),
        ]))
    }

    /// Settings from a text. What is missing or makes no sense is as by default; problems with keys are told.
    pub fn from_json(text: &str) -> (Settings, Vec<String>) {
        let mut settings = Settings::default();
        let tree = match json::parse(text) {
            Ok(tree) => tree,
            Err(error) => return (settings, vec![format!("the settings are no JSON: {}", error.message)]),
        };
        let all = tree.value(tree.root());
        let flag = |key: &str, default: bool| match all.get(key) {
            Some(Value::Bool(value)) => *value,
            _ => default,
        };
        let number = |key: &str, default: f64, (least, most): (f64, f64)| match all.get(key) {
            Some(Value::Float(value)) if value.is_finite() => value.clamp(least, most),
            Some(Value::Int(value)) => (*value as f64).clamp(least, most),
            _ => default,
        };
        let texts = |key: &str| match all.get(key) {
            Some(Value::List(texts)) => {
                let text = |value: &Value| if let Value::Str(text) = value { Some(text.to_string()) } else { None };
                texts.iter().filter_map(text).collect()
            }
            _ => Vec::new(),
        };
        if let Some(Value::Str(name)) = all.get("theme") {
            settings.theme = Theme::ALL.into_iter().find(|theme| theme.name() == &**name).unwrap_or_default();
        }
        settings.scale = number("scale", settings.scale, (0.5, 3.0));
        settings.grid = flag("grid", settings.grid);
        settings.snap = flag("snap", settings.snap);
        settings.grid_step = number("gridStep", settings.grid_step, (4.0, 100.0));
        settings.minimap = flag("minimap", settings.minimap);
        settings.toolbar = flag("toolbar", settings.toolbar);
        settings.autosave_seconds = number("autosaveSeconds", settings.autosave_seconds.into(), (1.0, 600.0)) as u32;
        settings.tour_seen = flag("tourSeen", settings.tour_seen);
        settings.recent = texts("recent").into_iter().take(RECENT).map(PathBuf::from).collect();
        settings.habits.recent = texts("recentNodes").into();
        settings.habits.favourites = texts("favouriteNodes").into_iter().collect();
        if let Some(Value::Map(runs)) = all.get("runs") {
            settings.runs = runs.iter().map(|(path, kept)| (path.to_string(), kept.clone())).collect();
        }
        let mut problems = Vec::new();
        if let Some(keys) = all.get("keys") {
            (settings.keys, problems) = Bindings::from_json(&json::to_string(keys));
        }
        (settings, problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::Action;
    use crate::keys::Chord;

    #[test]
    fn settings_are_kept() {
        let mut settings =
            Settings { theme: Theme::HighContrast, scale: 1.5, snap: false, toolbar: false, ..Settings::default() };
        settings.opened(Path::new("a.json"));
        settings.opened(Path::new("b.json"));
        settings.opened(Path::new("a.json"));
        settings.habits.toggle("Add");
        settings.keep_run(Path::new("gone.json"), Some(Value::Int(2)));
        settings.keep_run(Path::new("a.json"), Some(Value::map([("seed", Value::Int(3))])));
        assert_eq!(settings.runs.len(), 1);
        settings.keys.set(Action::Run, vec![Chord::parse("F7").unwrap()]).unwrap();
        assert_eq!(settings.recent.len(), 2);
        assert_eq!(Settings::from_json(&settings.to_json()), (settings, Vec::new()));
    }

    #[test]
    fn what_makes_no_sense_is_the_default() {
        let (settings, problems) =
            Settings::from_json(r#"{"scale": 1000, "gridStep": "x", "theme": "pink", "recent": 3}"#);
        assert_eq!((settings.scale, settings.grid_step, settings.theme), (3.0, 20.0, Theme::System));
        assert!(problems.is_empty());
        assert_eq!(Settings::from_json("nonsense").0, Settings::default());
    }
}

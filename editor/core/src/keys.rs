//! Key bindings: chords by action, with conflicts told.

use std::collections::BTreeMap;
use std::fmt;

use statewright_types::{Value, json};

use crate::actions::Action;
use crate::refused::Refused;

/// Keys pressed together. On a Mac `command` is ⌘, elsewhere Ctrl.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Chord {
    pub command: bool,
    pub alt: bool,
    pub shift: bool,
    /// `A`, `F5`, `Delete`, `Plus`, `,`: one letter is upper case.
    pub key: String,
}

impl Chord {
    /// Reads `Ctrl+Shift+Z`, in any case and order of what comes before the key.
    ///
    /// # Errors
    /// What is no chord, and what one looks like.
    pub fn parse(text: &str) -> Result<Chord, Refused> {
        let bad = || Refused::new(format!("`{text}` is no key"), "write it like `Ctrl+Shift+Z`, `F5` or `Delete`");
        let (before, key) = match text.strip_suffix("++") {
            Some(before) => (before, "Plus"),
            None => text.rsplit_once('+').map_or(("", text), |(before, key)| (before, key)),
        };
        let key = key.trim();
        if key.is_empty() || key.chars().count() > 12 {
            return Err(bad());
        }
        let mut letters = key.chars();
        let key: String = match (letters.next(), letters.next()) {
            (Some(only), None) => only.to_uppercase().collect(),
            (Some(first), Some(_)) => {
                let rest = key.get(first.len_utf8()..).unwrap_or("");
                first.to_uppercase().chain(rest.chars()).collect()
            }
            _ => return Err(bad()),
        };
        let mut chord = Chord { command: false, alt: false, shift: false, key };
        for part in before.split('+').map(str::trim).filter(|part| !part.is_empty()) {
            match part.to_lowercase().as_str() {
                "ctrl" | "cmd" | "command" | "control" => chord.command = true,
                "alt" | "option" => chord.alt = true,
                "shift" => chord.shift = true,
                _ => return Err(bad()),
            }
        }
        Ok(chord)
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (is_held, name) in [(self.command, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            if is_held {
                f.write_str(name)?;
            }
        }
        f.write_str(&self.key)
    }
}

/// Which keys do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bindings(BTreeMap<Action, Vec<Chord>>);

impl Default for Bindings {
    fn default() -> Bindings {
        let chords = |action: Action| action.default_keys().iter().filter_map(|key| Chord::parse(key).ok()).collect();
        Bindings(Action::ALL.iter().map(|action| (*action, chords(*action))).collect())
    }
}

impl Bindings {
    /// The keys of an action; the first is shown.
    pub fn keys(&self, action: Action) -> &[Chord] {
        self.0.get(&action).map_or(&[], Vec::as_slice)
    }

    /// What keys do; of several actions the first of the menus.
    pub fn action(&self, chord: &Chord) -> Option<Action> {
        self.0.iter().find(|(_, chords)| chords.contains(chord)).map(|(action, _)| *action)
    }

    /// Gives an action other keys; none leave it to the menus.
    ///
    /// # Errors
    /// Another action has one of them: which, and that it has to be changed first.
    pub fn set(&mut self, action: Action, chords: Vec<Chord>) -> Result<(), Refused> {
        for chord in &chords {
            if let Some(other) = self.action(chord).filter(|other| *other != action) {
                let message = format!("{chord} is \"{}\" already", other.title());
                return Err(Refused::new(message, format!("choose other keys, or take {chord} from that first")));
            }
        }
        self.0.insert(action, chords);
        Ok(())
    }

    /// Keys that do several things, and what.
    pub fn conflicts(&self) -> Vec<(Chord, Vec<Action>)> {
        let mut by_chord: BTreeMap<&Chord, Vec<Action>> = BTreeMap::new();
        for (action, chords) in &self.0 {
            for chord in chords {
                by_chord.entry(chord).or_default().push(*action);
            }
        }
        by_chord
            .into_iter()
            .filter(|(_, actions)| actions.len() > 1)
            .map(|(chord, actions)| (chord.clone(), actions))
            .collect()
    }

    /// What differs from the defaults, as JSON: name of the action and its keys.
    pub fn to_json(&self) -> String {
        let default = Bindings::default();
        let changed = self.0.iter().filter(|(action, chords)| default.keys(**action) != chords.as_slice());
        let keys = |chords: &[Chord]| Value::List(chords.iter().map(|chord| Value::str(chord.to_string())).collect());
        json::to_pretty(&Value::map(changed.map(|(action, chords)| (action.name(), keys(chords)))))
    }

    /// The defaults with what a text changes; what it says of unknown actions and keys is left out and told.
    pub fn from_json(text: &str) -> (Bindings, Vec<String>) {
        let mut bindings = Bindings::default();
        let tree = match json::parse(text) {
            Ok(tree) => tree,
            Err(error) => return (bindings, vec![format!("the key bindings are no JSON: {}", error.message)]),
        };
        let mut problems = Vec::new();
        for entry in tree.entries(tree.root()) {
            let Some(action) = Action::by_name(&entry.key) else {
                problems.push(format!("there is no action `{}`", entry.key));
                continue;
            };
            let mut chords = Vec::new();
            for element in tree.elements(entry.value) {
                match Chord::parse(tree.str(*element).map_or("", |text| text)) {
                    Ok(chord) => chords.push(chord),
                    Err(refused) => problems.push(refused.to_string()),
                }
            }
            bindings.0.insert(action, chords);
        }
        let told = |(chord, actions): &(Chord, Vec<Action>)| {
            let titles: Vec<&str> = actions.iter().map(|action| action.title()).collect();
            format!("{chord} is several things: {}", titles.join(", "))
        };
        problems.extend(bindings.conflicts().iter().map(told));
        (bindings, problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chord(text: &str) -> Chord {
        Chord::parse(text).unwrap()
    }

    #[test]
    fn the_shortcuts_of_the_original_tool_are_the_defaults() {
        let bindings = Bindings::default();
        // Panning with the middle button or Space and a drag is the canvas's, which takes Space alone for adding.
        for (keys, action) in [
            ("Delete", Action::Delete),
            ("Ctrl+C", Action::Copy),
            ("Ctrl+V", Action::Paste),
            ("Ctrl+Z", Action::Undo),
            ("Ctrl+Shift+Z", Action::Redo),
            ("Ctrl+A", Action::SelectAll),
            ("Ctrl+F", Action::Find),
            ("Ctrl+D", Action::Duplicate),
            ("Ctrl+G", Action::Collapse),
            ("Escape", Action::SelectNone),
            ("Space", Action::AddNode),
            ("Tab", Action::AddNode),
            ("F", Action::FitAll),
            ("Ctrl+Plus", Action::ZoomIn),
            ("Ctrl+Minus", Action::ZoomOut),
            ("Ctrl+Shift+V", Action::Check),
            ("Ctrl+Shift+G", Action::Code),
        ] {
            assert_eq!(bindings.action(&chord(keys)), Some(action), "{keys}");
        }
        assert_eq!(bindings.conflicts(), []);
        assert!(Action::ALL.iter().all(|action| bindings.keys(*action).len() == action.default_keys().len()));
    }

    #[test]
    fn bindings_change_are_kept_and_conflicts_are_told() {
        let mut bindings = Bindings::default();
        let refused = bindings.set(Action::Layout, vec![chord("ctrl+z")]).unwrap_err();
        assert!(refused.message.contains("\"Undo\""), "{refused}");
        bindings.set(Action::Layout, vec![chord("shift+alt+l")]).unwrap();
        let text = bindings.to_json();
        assert_eq!(Bindings::from_json(&text), (bindings, Vec::new()), "{text}");
        let (_, problems) = Bindings::from_json(r#"{"edit.undo": ["Ctrl+C"], "no": [], "edit.cut": ["Hyper+X"]}"#);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert_eq!(Bindings::from_json("{").1.len(), 1);
    }

    #[test]
    fn names_are_unique_and_found() {
        for action in Action::ALL {
            assert_eq!(Action::by_name(action.name()), Some(*action));
        }
        let found = Action::search("arrange", &crate::actions::Situation { has_document: true, ..Default::default() });
        assert_eq!(found.first(), Some(&Action::Layout));
    }
}

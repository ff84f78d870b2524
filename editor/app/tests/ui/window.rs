//! An editor on files of a folder of its own, without a window.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use statewright_editor::{Editor, Host};

/// An editor with a document, and the folder that its files are in.
pub struct Window {
    /// The window's content.
    pub harness: Harness<'static, Option<Editor>>,
    folder: PathBuf,
}

/// A schema for documents of tests.
pub const SCHEMA: &str = "package game

@id(1)
type Game {
    Score int64
    Name string
    Ready bool
    Players []Player @key(ID)
}

@id(2)
type Player {
    ID string
    Score int64
}
";

/// A document with one handler, `Begin`, of two nodes and a wire between them.
pub const DOCUMENT: &str = r#"{
  "version": "1.0",
  "stateType": "Game",
  "handlers": [
    {
      "name": "Begin",
      "event": "Begin",
      "parameters": [{"name": "points", "type": "int64"}],
      "nodes": [
        {"id": "sum", "type": "Add", "inputs": {"a": "param:points", "b": 2}, "_position": {"x": 260, "y": 220}},
        {"id": "set", "type": "SetField", "inputs": {"path": "Score", "value": "node:sum:result"}, "_position": {"x": 560, "y": 60}}
      ],
      "flow": [{"from": "start", "to": "set"}]
    }
  ]
}
"#;

impl Window {
    /// An editor with `game.json` and `game.schema` in a folder called `name`, which is emptied first.
    pub fn new(name: &str, document: &str) -> Window {
        Window::with(name, &[("game.json", document), ("game.schema", SCHEMA)], &["game.json"])
    }

    /// An editor on a folder of files, some of which are opened.
    pub fn with(name: &str, files: &[(&str, &str)], opened: &[&str]) -> Window {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor").join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            std::fs::write(folder.join(file), text).unwrap();
        }
        Window::on(folder, opened, Host::without_traces())
    }

    /// An editor with what a host gives, on files of a folder that is there.
    pub fn on(folder: PathBuf, opened: &[&str], host: Host) -> Window {
        let paths: Vec<PathBuf> = opened.iter().map(|file| folder.join(file)).collect();
        let draw = move |ui: &mut egui::Ui, editor: &mut Option<Editor>| {
            let editor = editor.get_or_insert_with(|| {
                let mut editor = Editor::new(host.clone(), ui.ctx());
                editor.begin(&paths);
                editor
            });
            editor.ui(ui);
        };
        let harness = Harness::builder().with_size(vec2(1400.0, 900.0)).with_max_steps(64).build_ui_state(draw, None);
        let mut window = Window { harness, folder };
        window.settle();
        window
    }

    /// The editor.
    pub fn editor(&mut self) -> &mut Editor {
        self.harness.state_mut().as_mut().unwrap()
    }

    /// Draws frames until the newest text is checked and nothing more is asked for.
    pub fn settle(&mut self) {
        for _ in 0..3 {
            self.harness.run_ok();
            if let Some(editor) = self.harness.state_mut() {
                let host = editor.host.clone();
                editor.documents.values_mut().for_each(|document| document.check_now(&host));
            }
        }
        self.harness.run_ok();
    }

    /// Clicks what has a label.
    pub fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.settle();
    }

    /// Clicks what has a label as a screen reader does: also what is scrolled out of sight.
    pub fn choose(&mut self, label: &str) {
        self.harness.get_by_label(label).click_accesskit();
        self.settle();
    }

    /// Writes into a text field in the place of what is there, and leaves it.
    pub fn write(&mut self, label: &str, text: &str) {
        self.enter(label, text);
        self.harness.key_press(Key::Enter);
        self.settle();
    }

    /// Writes into a text field in the place of what is there, and stays in it.
    pub fn enter(&mut self, label: &str, text: &str) {
        let is_field = |node: &egui_kittest::Node<'_>| {
            matches!(node.accesskit_node().role(), Role::TextInput | Role::MultilineTextInput | Role::SpinButton)
        };
        let field = self.harness.get_all_by_label(label).find(is_field);
        field.unwrap_or_else(|| panic!("there is no field `{label}`")).focus();
        self.harness.run_ok();
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.harness.run_ok();
        self.harness.key_press(Key::Delete);
        self.harness.run_ok();
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.settle();
    }

    /// Whether something has a label.
    pub fn has(&self, label: &str) -> bool {
        self.harness.query_all_by_label(label).next().is_some()
    }

    /// Has something done behind a frame.
    pub fn work(&mut self, todo: statewright_editor::todo::Todo) {
        self.editor().push(todo);
        self.settle();
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Presses a key with others held.
    pub fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// The text of the document of the active tab.
    pub fn text(&mut self) -> String {
        self.editor().active().map(|(document, _)| document.open.text().to_owned()).unwrap()
    }

    /// What a file of the folder says.
    pub fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap()
    }
}

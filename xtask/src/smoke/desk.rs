//! A display with the editor on it, operated from outside: real key and mouse events, places by accessible names.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Fault;

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(30);
const SIZE: (u32, u32) = (1600, 1000);

/// Something on the window.
#[derive(Clone, Debug)]
pub struct Thing {
    pub label: String,
    pub value: String,
    role: String,
    /// Left, top, right, bottom.
    rect: [f64; 4],
}

impl Thing {
    /// Its middle, on the display.
    pub fn middle(&self) -> (f64, f64) {
        let [left, top, right, bottom] = self.rect;
        (f64::midpoint(left, right), f64::midpoint(top, bottom))
    }
}

/// The display, the editor, and a folder for its files.
pub struct Desk {
    folder: PathBuf,
    root: PathBuf,
    pictures: Option<PathBuf>,
    display: String,
    server: Child,
    editor: Option<Child>,
}

impl Desk {
    /// A display without anything on it.
    pub fn new(root: &Path, pictures: Option<PathBuf>) -> Result<Desk, Fault> {
        let folder = std::env::temp_dir().join(format!("statewright-smoke-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let (server, display) = server()?;
        Ok(Desk { folder, root: root.to_owned(), pictures, display, server, editor: None })
    }

    /// The folder for files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn map(&self) -> PathBuf {
        self.folder.join("map.json")
    }

    /// Starts the editor and waits for its window. How long that took.
    pub fn open(&mut self, args: &[&str]) -> Result<Duration, Fault> {
        let _ = std::fs::remove_file(self.map());
        let began = Instant::now();
        let editor = Command::new(self.root.join("target/quick/statewright-editor"))
            .args(args)
            .current_dir(&self.folder)
            .env("DISPLAY", &self.display)
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("HOME", &self.folder)
            .env("STATEWRIGHT_EDITOR_MAP", self.map())
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_STATE_HOME")
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot start the editor: {error}"))?;
        self.editor = Some(editor);
        self.see("File")?;
        let took = began.elapsed();
        // Without a window manager nobody gives the window the keyboard or its size.
        let window = self.xdotool(&["search", "--sync", "--onlyvisible", "--name", "Statewright"])?;
        let window = window.lines().next().unwrap_or_default().trim().to_owned();
        let (width, height) = (SIZE.0.to_string(), SIZE.1.to_string());
        self.xdotool(&["windowmove", &window, "0", "0"])?;
        self.xdotool(&["windowsize", &window, &width, &height])?;
        self.xdotool(&["windowfocus", &window])?;
        // What is where settles with the size.
        sleep(Duration::from_millis(800));
        Ok(took)
    }

    /// Ends the editor as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut editor) = self.editor.take() {
            let _ = editor.kill();
            let _ = editor.wait();
        }
    }

    /// Everything on the window now.
    pub fn things(&self) -> Vec<Thing> {
        let text = std::fs::read_to_string(self.map()).unwrap_or_default();
        let Ok(Value::Array(entries)) = serde_json::from_str(&text) else { return Vec::new() };
        let thing = |entry: &Value| {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let side = |index: usize| entry.get("rect").and_then(|rect| rect.get(index)).and_then(Value::as_f64);
            Some(Thing {
                label: text("label"),
                value: text("value"),
                role: text("role"),
                rect: [side(0)?, side(1)?, side(2)?, side(3)?],
            })
        };
        entries.iter().filter_map(thing).collect()
    }

    /// What is on the window, a line each: for reports.
    pub fn told(&self) -> Vec<String> {
        self.things().iter().map(|thing| format!("{} \"{}\" {}", thing.role, thing.label, thing.value)).collect()
    }

    /// Waits until there is something of that name (or of a name that begins with it, if `label` ends with `…`).
    pub fn see(&mut self, label: &str) -> Result<Thing, Fault> {
        self.wait(&format!("`{label}`"), |things| things.iter().find(|thing| is_called(thing, label)).cloned())
    }

    /// Waits until something holds of what is on the window.
    fn wait<T>(&mut self, what: &str, holds: impl Fn(&[Thing]) -> Option<T>) -> Result<T, Fault> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = holds(&self.things()) {
                return Ok(found);
            }
            if let Some(editor) = &mut self.editor
                && let Ok(Some(status)) = editor.try_wait()
            {
                return Err(format!("waited for {what}, and the editor ended with {status}"));
            }
            if Instant::now() > until {
                return Err(format!("waited {} s for {what}", PATIENCE.as_secs()));
            }
            sleep(Duration::from_millis(30));
        }
    }

    /// Waits until a file says something.
    pub fn wait_file(&self, name: &str, holds: impl Fn(&str) -> bool) -> Result<String, Fault> {
        let path = self.folder.join(name);
        let until = Instant::now() + PATIENCE;
        loop {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            if holds(&text) {
                return Ok(text);
            }
            if Instant::now() > until {
                return Err(format!("{name} does not say what it should: {text}"));
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// Waits until a file of a folder says something.
    pub fn wait_folder(&self, name: &str, holds: impl Fn(&str) -> bool) -> Result<(), Fault> {
        let path = self.folder.join(name);
        let until = Instant::now() + PATIENCE;
        loop {
            let entries = std::fs::read_dir(&path).into_iter().flatten().filter_map(Result::ok);
            if entries.filter_map(|entry| std::fs::read_to_string(entry.path()).ok()).any(|text| holds(&text)) {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(format!("no file in {name} says what it should"));
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// Clicks the middle of what has a name.
    pub fn click(&mut self, label: &str) -> Result<(), Fault> {
        let at = self.see(label)?.middle();
        self.click_at(at, 1)
    }

    /// Clicks so many times at a place.
    pub fn click_at(&mut self, at: (f64, f64), times: usize) -> Result<(), Fault> {
        self.point(at)?;
        self.settle();
        self.xdotool(&["click", "--repeat", &times.to_string(), "--delay", "60", "1"])?;
        self.settle();
        Ok(())
    }

    /// Drags from the middle of one to the middle of another.
    pub fn drag(&mut self, from: &str, to: &str) -> Result<(), Fault> {
        let (from, to) = (self.see(from)?.middle(), self.see(to)?.middle());
        self.drag_at(from, to)
    }

    /// Drags from a place to another.
    pub fn drag_at(&mut self, from: (f64, f64), to: (f64, f64)) -> Result<(), Fault> {
        self.point(from)?;
        self.xdotool(&["mousedown", "1"])?;
        for part in 1..=8 {
            let along = f64::from(part) / 8.0;
            self.point((from.0 + (to.0 - from.0) * along, from.1 + (to.1 - from.1) * along))?;
        }
        self.xdotool(&["mouseup", "1"])?;
        self.settle();
        Ok(())
    }

    fn point(&self, (x, y): (f64, f64)) -> Result<(), Fault> {
        self.xdotool(&["mousemove", &format!("{x:.0}"), &format!("{y:.0}")])?;
        sleep(Duration::from_millis(40));
        Ok(())
    }

    /// Presses keys, as xdotool names them: `ctrl+z`, `Return`.
    pub fn keys(&mut self, keys: &[&str]) -> Result<(), Fault> {
        for key in keys {
            self.xdotool(&["key", "--clearmodifiers", key])?;
            self.settle();
        }
        Ok(())
    }

    /// Types a text.
    pub fn text(&mut self, text: &str) -> Result<(), Fault> {
        self.xdotool(&["type", "--delay", "12", text])?;
        self.settle();
        Ok(())
    }

    /// A few frames.
    fn settle(&self) {
        sleep(Duration::from_millis(250));
    }

    /// Keeps a picture of the window, if pictures are wanted.
    pub fn picture(&self, name: &str) -> Result<(), Fault> {
        let Some(folder) = &self.pictures else { return Ok(()) };
        sleep(Duration::from_millis(600));
        self.grab(&folder.join(format!("{name}.png")))
    }

    /// Keeps a picture in any case; where.
    pub fn keep_picture(&self, name: &str) -> String {
        let path = self.root.join("target").join(format!("{name}.png"));
        match self.grab(&path) {
            Ok(()) => path.display().to_string(),
            Err(why) => why,
        }
    }

    fn grab(&self, path: &Path) -> Result<(), Fault> {
        let grabbed = Command::new("import")
            .args(["-window", "root", "-strip"])
            .arg(path)
            .env("DISPLAY", &self.display)
            .status()
            .map_err(|error| format!("cannot start import: {error}"))?;
        if grabbed.success() { Ok(()) } else { Err(format!("no picture at {}", path.display())) }
    }

    fn xdotool(&self, args: &[&str]) -> Result<String, Fault> {
        let output = Command::new("xdotool")
            .args(args)
            .env("DISPLAY", &self.display)
            .output()
            .map_err(|error| format!("cannot start xdotool: {error}"))?;
        if !output.status.success() {
            return Err(format!("xdotool {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.kill();
        let _ = self.server.kill();
        let _ = self.server.wait();
        // A folder left in the temporary directory is no reason to fail.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_called(thing: &Thing, label: &str) -> bool {
    match label.strip_suffix('…') {
        Some(begin) if !begin.is_empty() => thing.label.starts_with(begin) || thing.label == label,
        _ => thing.label == label || (thing.label.is_empty() && thing.value == label),
    }
}

/// A display that nobody has.
fn server() -> Result<(Child, String), Fault> {
    for number in 90..120 {
        let display = format!(":{number}");
        if Path::new(&format!("/tmp/.X11-unix/X{number}")).exists() {
            continue;
        }
        let screen = format!("{}x{}x24", SIZE.0, SIZE.1);
        let mut server = Command::new("Xvfb")
            .args([&display, "-screen", "0", &screen, "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot start Xvfb: {error}"))?;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if Path::new(&format!("/tmp/.X11-unix/X{number}")).exists() {
                return Ok((server, display));
            }
            if let Ok(Some(_)) = server.try_wait() {
                break;
            }
            sleep(Duration::from_millis(50));
        }
        let _ = server.kill();
        let _ = server.wait();
    }
    Err("no display could be started: all numbers from 90 to 119 are taken".into())
}

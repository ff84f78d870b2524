//! What the editor has of the machine: files, folders of its own, a clock. Tests have others.

use std::fmt;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use statewright_harness::files::{Disk, Files};
use statewright_runtime::host::HostNodes;

/// What the editor has of the machine.
#[derive(Clone)]
pub struct Host {
    /// Files.
    pub files: Rc<dyn Files>,
    /// The settings' file; `None` keeps none.
    pub settings: Option<PathBuf>,
    /// The folder for what is not saved yet; `None` keeps nothing.
    pub recovery: Option<PathBuf>,
    /// Nanoseconds since the Unix epoch.
    pub clock: fn() -> u64,
    /// Nodes of the program that the editor is part of.
    pub nodes: HostNodes,
    /// The file that declares the nodes of host programs, for all documents; `None` is `nodes.json` beside each.
    pub declared: Option<PathBuf>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("settings", &self.settings)
            .field("recovery", &self.recovery)
            .finish_non_exhaustive()
    }
}

impl Host {
    /// The machine's disk and clock. Settings are in `$XDG_CONFIG_HOME/statewright` or where the system has such, what is
    /// not saved in `$XDG_STATE_HOME/statewright/recovery`; without a home folder there are neither.
    pub fn machine() -> Host {
        let settings = folder("XDG_CONFIG_HOME", "APPDATA", ".config").map(|folder| folder.join("editor.json"));
        let recovery = folder("XDG_STATE_HOME", "LOCALAPPDATA", ".local/state").map(|folder| folder.join("recovery"));
        for made in settings.iter().filter_map(|path| path.parent()).chain(recovery.as_deref()) {
            // Where it cannot be made, writing tells why.
            let _ = std::fs::create_dir_all(made);
        }
        Host { settings, recovery, ..Host::without_traces() }
    }

    /// Files of the machine, and nothing that stays: for tests, and for looking at a file without traces.
    pub fn without_traces() -> Host {
        Host {
            files: Rc::new(Disk),
            settings: None,
            recovery: None,
            clock: now,
            nodes: HostNodes::default(),
            declared: None,
        }
    }
}

/// The first of two variables of the environment that is set, or a folder of the home folder.
fn folder(variable: &str, windows: &str, below_home: &str) -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set(variable).or_else(|| set(windows)).or_else(|| Some(set("HOME")?.join(below_home)))?;
    Some(base.join("statewright"))
}

/// The time when it was asked first, and what passed since: what nodes cost is not that the machine's clock was set meanwhile.
fn now() -> u64 {
    static FIRST: OnceLock<(Instant, Duration)> = OnceLock::new();
    let first = || (Instant::now(), SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
    let (begun, at) = FIRST.get_or_init(first);
    u64::try_from((*at + begun.elapsed()).as_nanos()).unwrap_or(u64::MAX)
}

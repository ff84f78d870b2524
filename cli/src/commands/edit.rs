//! `statewright edit`: the editor, which is a program of its own, so that servers need no window libraries.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::Edit;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// The editor's program, and its package.
const EDITOR: &str = "statewright-editor";
/// Names another editor program, or the same elsewhere.
const VARIABLE: &str = "STATEWRIGHT_EDITOR";

/// Opens the editor and waits for its end.
pub fn edit(args: &Edit) -> Result<Exit, Stop> {
    // Said here rather than in a window, if there is something wrong with it.
    super::host_nodes(&args.hosts)?;
    let nodes = args.hosts.host_nodes.iter().flat_map(|path| [OsStr::new("--host-nodes"), path.as_os_str()]);
    start(nodes.chain(args.paths.iter().map(|path| path.as_os_str())))
}

/// Opens the editor on the sample.
pub fn sample() -> Result<Exit, Stop> {
    start([OsStr::new("--sample")].into_iter())
}

/// Whether there is a display to open a window on.
pub fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn start<'a>(args: impl Iterator<Item = &'a OsStr>) -> Result<Exit, Stop> {
    let program = program()?;
    let ended = Command::new(&program).args(args).status();
    let ended = ended.map_err(|error| Stop::Usage(format!("cannot start {}: {error}", program.display())))?;
    match ended.code() {
        Some(0) => Ok(Exit::Fine),
        // It has said why.
        _ => Ok(Exit::BadInput),
    }
}

/// The editor's program: the one that is named, built with this very command, beside it, or installed.
fn program() -> Result<PathBuf, Stop> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return Ok(PathBuf::from(named));
    }
    let file = format!("{EDITOR}{}", std::env::consts::EXE_SUFFIX);
    let here = std::env::current_exe().ok();
    let beside = here.as_deref().and_then(Path::parent).map(|folder| folder.join(&file));
    if let (Some(cargo), Some(beside), Some(manifest)) = (std::env::var_os("CARGO"), &beside, checkout()) {
        build(&cargo, beside, &manifest)?;
    }
    if let Some(beside) = beside.filter(|beside| beside.is_file()) {
        return Ok(beside);
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::env::split_paths(&folders).map(|folder| folder.join(&file)).find(|program| program.is_file());
    installed.ok_or_else(|| {
        Stop::Usage(format!(
            "{EDITOR} is neither beside this command nor on PATH; install it from the repository with \
             `cargo install --path editor/app`, or set {VARIABLE} to where it is"
        ))
    })
}

/// The manifest of the repository that this command was built in, if that is still there.
fn checkout() -> Option<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("Cargo.toml");
    manifest.with_file_name("editor").join("app").is_dir().then_some(manifest)
}

/// Under `cargo run` the editor is built as this command was; where it is built already, that takes a moment.
fn build(cargo: &OsStr, beside: &Path, manifest: &Path) -> Result<(), Stop> {
    let profile = beside.parent().and_then(Path::file_name).and_then(OsStr::to_str).unwrap_or("release");
    let profile = if profile == "debug" { "dev" } else { profile };
    if !beside.is_file() {
        terminal::say("building the editor, once: this takes some minutes");
    }
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", EDITOR, "--profile", profile, "--manifest-path"])
        .arg(manifest)
        .status();
    match built {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Stop::Usage(format!(
            "the editor could not be built; see above, then try `cargo build --profile {profile} --package {EDITOR}`"
        ))),
    }
}

//! The runtime library and the bridge, which the command carries, as files that Node can import.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest, Sha256};

/// The runtime library, by file name.
pub const RUNTIME: &[(&str, &str)] = &[
    ("activation.js", include_str!("../../../client/runtime/activation.js")),
    ("agenda.js", include_str!("../../../client/runtime/agenda.js")),
    ("canonical.js", include_str!("../../../client/runtime/canonical.js")),
    ("config.js", include_str!("../../../client/runtime/config.js")),
    ("containers.js", include_str!("../../../client/runtime/containers.js")),
    ("floats.js", include_str!("../../../client/runtime/floats.js")),
    ("format.js", include_str!("../../../client/runtime/format.js")),
    ("index.d.ts", include_str!("../../../client/runtime/index.d.ts")),
    ("index.js", include_str!("../../../client/runtime/index.js")),
    ("integers.js", include_str!("../../../client/runtime/integers.js")),
    ("lists.js", include_str!("../../../client/runtime/lists.js")),
    ("maps.js", include_str!("../../../client/runtime/maps.js")),
    ("newer_letters.js", include_str!("../../../client/runtime/newer_letters.js")),
    ("outside.js", include_str!("../../../client/runtime/outside.js")),
    ("powers.js", include_str!("../../../client/runtime/powers.js")),
    ("random.js", include_str!("../../../client/runtime/random.js")),
    ("records.js", include_str!("../../../client/runtime/records.js")),
    ("session.js", include_str!("../../../client/runtime/session.js")),
    ("sha256.js", include_str!("../../../client/runtime/sha256.js")),
    ("state.js", include_str!("../../../client/runtime/state.js")),
    ("text.js", include_str!("../../../client/runtime/text.js")),
    ("trap.js", include_str!("../../../client/runtime/trap.js")),
    ("trigonometry.js", include_str!("../../../client/runtime/trigonometry.js")),
    ("types.js", include_str!("../../../client/runtime/types.js")),
    ("values.js", include_str!("../../../client/runtime/values.js")),
    ("words.js", include_str!("../../../client/runtime/words.js")),
];

/// What runs emitted modules in Node.
pub const BRIDGE: (&str, &str) = ("bridge.mjs", include_str!("bridge.mjs"));

/// Writes all of it to a folder named by its content, unless it is there already with just that content. Gives the folder.
///
/// # Errors
/// What the file system said.
pub fn install() -> io::Result<PathBuf> {
    let folder = cache().join(format!("js-{}", digest().get(..16).unwrap_or_default()));
    // Node is given it as a URL, and those of files are absolute.
    let folder = std::path::absolute(folder)?;
    fs::create_dir_all(&folder)?;
    for (name, text) in carried() {
        place(&folder, name, text)?;
    }
    Ok(folder)
}

fn carried() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    RUNTIME.iter().chain([&BRIDGE])
}

/// SHA-256 of all of it, hexadecimal.
pub fn digest() -> String {
    let mut hash = Sha256::new();
    for (name, text) in carried() {
        hash.update(format!("{name} {}\n{text}", text.len()));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where builds are kept: the user's cache, or what is temporary.
fn cache() -> PathBuf {
    let named = |variable: &str| env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    let base = named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")));
    base.unwrap_or_else(env::temp_dir).join("statewright")
}

/// A file with this text. Whatever else stood there is replaced: it may have been tampered with.
fn place(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let path = folder.join(name);
    if fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(());
    }
    // Another command may be writing the same: each writes its own, and the last one to rename it wins.
    let unfinished = folder.join(format!("{name}.{}.{:?}", std::process::id(), std::thread::current().id()));
    fs::write(&unfinished, text)?;
    fs::rename(&unfinished, &path)
}

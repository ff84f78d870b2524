//! Puts the sources of the crates that a built program needs into one file, which the command carries.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders of the workspace whose crates a built program links, and what their sources include.
const FOLDERS: &[&str] = &[
    "types",
    "graph",
    "runtime",
    "interpreter",
    "jit",
    "emit",
    "harness",
    "cli",
    "client/runtime",
    "samples/card_game",
];
/// A file in the folder of sources that were unpacked: these carry no archive again.
const UNPACKED: &str = ".unpacked";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let workspace = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("..");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("sources");
    let mut archive = Vec::new();
    if !workspace.join(UNPACKED).exists() {
        let manifest = workspace.join("Cargo.toml");
        println!("cargo::rerun-if-changed={}", manifest.display());
        put(&mut archive, "Cargo.toml", rest_of_workspace(&fs::read_to_string(manifest)?).as_bytes())?;
        put(&mut archive, "Cargo.lock", &fs::read(workspace.join("Cargo.lock"))?)?;
        for folder in FOLDERS {
            println!("cargo::rerun-if-changed={}", workspace.join(folder).display());
            for path in files(&workspace.join(folder))? {
                let name = path.strip_prefix(&workspace).unwrap_or(&path).display().to_string().replace('\\', "/");
                put(&mut archive, &name, &fs::read(&path)?)?;
            }
        }
    }
    fs::write(out, archive)
}

fn put(archive: &mut Vec<u8>, name: &str, content: &[u8]) -> io::Result<()> {
    writeln!(archive, "{name} {}", content.len())?;
    archive.write_all(content)
}

/// What a crate is built from, in order; tests are not.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["tests", "target", "pictures"].contains(&&*name) {
                    open.push(path);
                }
            } else if !name.starts_with('.') {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The workspace's manifest with these crates as its members, and without the facade.
fn rest_of_workspace(manifest: &str) -> String {
    let crates: Vec<String> =
        FOLDERS.iter().filter(|folder| !folder.contains('/')).map(|folder| format!("{folder:?}")).collect();
    let mut text = format!("[workspace]\nmembers = [{}]\nresolver = \"3\"\n", crates.join(", "));
    let mut is_taken = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_taken = line.starts_with("[workspace.");
        }
        if is_taken {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

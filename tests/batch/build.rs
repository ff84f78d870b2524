//! Makes modules of the files that `STATEWRIGHT_BATCH`, a folder, has; of none without it.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=STATEWRIGHT_BATCH");
    let folder = env::var_os("STATEWRIGHT_BATCH").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let mut files: Vec<PathBuf> = Vec::new();
    if let Some(folder) = &folder {
        println!("cargo::rerun-if-changed={}", folder.display());
        for entry in fs::read_dir(folder)? {
            files.push(entry?.path());
        }
    }
    files.retain(|file| file.extension().is_some_and(|end| end == "rs"));
    files.sort();
    let mut text = String::new();
    for (index, file) in files.iter().enumerate() {
        text.push_str(&format!("#[path = {:?}]\nmod document_{index};\n", file.display().to_string()));
    }
    text.push_str("\n/// The documents.\nstatic PROGRAMS: &[Registered] = &[\n");
    for index in 0..files.len() {
        text.push_str(&format!(
            "    Registered {{ document_hash: document_{index}::DOCUMENT_HASH, make: document_{index}::program_with }},\n"
        ));
    }
    text.push_str("];\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("programs.rs"), text)
}

//! Documents as a crate that cargo builds, once for the same content.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest as _, Sha256};
use statewright_emit::rust::{self, Source};

use super::sources::{Sources, unpacked, write};
use crate::play::hex;
use crate::project::{Fault, Loaded};

/// A document as a Rust module.
#[derive(Clone, Debug)]
pub struct Module {
    /// As `Program::document_hash`.
    pub document_hash: [u8; 32],
    /// The module's text.
    pub text: String,
}

impl Module {
    /// Of a document; `None` if it has errors.
    pub fn of(loaded: &Loaded) -> Option<Module> {
        let text = loaded.emitted_rust(rust::RUNTIME)?.text;
        Some(Module { document_hash: loaded.document_hash, text })
    }
}

impl Loaded {
    /// The document as Rust, over what a crate calls the runtime's `emitted`; `None` if it has errors.
    pub fn emitted_rust(&self, runtime: &str) -> Option<rust::Emitted> {
        let module = self.module.as_ref()?;
        let source = Source {
            name: &self.source.name,
            document_hash: self.document_hash,
            handlers: &self.handlers,
            schema: &self.schema_text,
            config: self.config_text.as_deref(),
            runtime,
        };
        Some(rust::emit(module, &source))
    }
}

/// A crate to be built.
#[derive(Clone, Debug)]
pub struct ProgramCrate {
    /// Documents, each a module.
    pub modules: Vec<Module>,
    /// What `main` does; `PROGRAMS` are the documents, `&'static [Registered]`.
    pub main: String,
    /// Packages of the sources that `main` needs, with their folders.
    pub packages: Vec<(String, String)>,
    /// How it is optimised: 0 to 3.
    pub opt_level: u8,
}

/// A program that was built.
#[derive(Clone, Debug)]
pub struct Artefact {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
}

impl ProgramCrate {
    /// One whose `main` is the command.
    pub fn of_command(modules: Vec<Module>) -> ProgramCrate {
        ProgramCrate {
            modules,
            main: "    statewright_cli::main_with(PROGRAMS)\n".to_owned(),
            packages: vec![("statewright-cli".to_owned(), "cli".to_owned())],
            opt_level: 1,
        }
    }

    fn manifest(&self, folder: &Path) -> String {
        let mut text =
            String::from("[package]\nname = \"program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n");
        text.push_str("[dependencies]\n");
        let needed = [("statewright-runtime", "runtime"), ("statewright-harness", "harness")];
        let needed = needed.into_iter().chain(self.packages.iter().map(|(name, folder)| (&**name, &**folder)));
        for (name, at) in needed {
            text.push_str(&format!("{name} = {{ path = {:?} }}\n", folder.join(at).display().to_string()));
        }
        let level = self.opt_level;
        text.push_str(&format!(
            "\n[profile.release]\nopt-level = {level}\ncodegen-units = 16\ndebug = false\nincremental = false\n"
        ));
        text
    }

    fn main_text(&self) -> String {
        let mut text = String::from("//! Documents as a program.\n\n");
        for index in 0..self.modules.len() {
            text.push_str(&format!("mod document_{index};\n"));
        }
        text.push_str("\nuse statewright_harness::execution::Registered;\n\nstatic PROGRAMS: &[Registered] = &[\n");
        for index in 0..self.modules.len() {
            text.push_str(&format!(
                "    Registered {{ document_hash: document_{index}::DOCUMENT_HASH, make: document_{index}::program_with }},\n"
            ));
        }
        text.push_str("];\n\nfn main() -> std::process::ExitCode {\n");
        text.push_str(&self.main);
        text.push_str("}\n");
        text
    }

    /// Builds it with cargo below `cache`, or finds it there. One that was built and has changed since is refused.
    pub fn build(&self, sources: &Sources, cache: &Path) -> Result<Artefact, Fault> {
        match sources {
            Sources::Workspace(folder) => self.build_in(folder, cache),
            Sources::Archive(archive) => self.build_from(archive, cache),
        }
    }

    fn name(&self, parts: &[&str]) -> String {
        let mut hash = Sha256::new();
        for part in parts.iter().copied().chain(self.modules.iter().map(|module| &*module.text)) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hex(&hash.finalize()).chars().take(24).collect()
    }

    fn place_of(&self, version: &str, manifest: &str, main: &str) -> String {
        format!("program-{}", self.name(&[version, manifest, main]))
    }

    /// The folder's name below `cache` for what is built from an archive: the same for the same content.
    pub fn place(&self, sources: &Sources, cache: &Path) -> Result<String, Fault> {
        match sources {
            Sources::Workspace(_) => Ok(format!("batch-{}", self.name(&[&self.main]))),
            Sources::Archive(archive) => {
                let (folder, version) = unpacked(archive, cache)?;
                Ok(self.place_of(&version, &self.manifest(&folder), &self.main_text()))
            }
        }
    }

    fn build_from(&self, archive: &[u8], cache: &Path) -> Result<Artefact, Fault> {
        let (folder, version) = unpacked(archive, cache)?;
        let (manifest, main) = (self.manifest(&folder), self.main_text());
        let place = cache.join(self.place_of(&version, &manifest, &main));
        if let Some(found) = cached(&place)? {
            return Ok(found);
        }
        write(&place.join("Cargo.toml"), manifest.as_bytes())?;
        write(&place.join("src/main.rs"), main.as_bytes())?;
        self.write_modules(&place.join("src"))?;
        // The versions that the sources were tested with.
        if let Ok(lock) = fs::read(folder.join("Cargo.lock")) {
            write(&place.join("Cargo.lock"), &lock)?;
        }
        let target = cache.join(format!("target-{version}"));
        let mut command = cargo_build(&place.join("Cargo.toml"), &target);
        command.arg("--release");
        run_cargo(command, &place)?;
        keep(&target.join("release").join(format!("program{}", std::env::consts::EXE_SUFFIX)), &place)
    }

    /// The crates are compiled already, and what changes in them is cargo's to know: so cargo is asked each time.
    fn build_in(&self, workspace: &Path, cache: &Path) -> Result<Artefact, Fault> {
        let place = cache.join(format!("batch-{}", self.name(&[&self.main])));
        self.write_modules(&place)?;
        let target = workspace.join("target");
        let mut command = cargo_build(&workspace.join("Cargo.toml"), &target);
        command.args(["--profile", "quick", "-p", "statewright-batch"]).env("STATEWRIGHT_BATCH", &place);
        run_cargo(command, &place)?;
        keep(&target.join("quick").join(format!("batch{}", std::env::consts::EXE_SUFFIX)), &place)
    }

    fn write_modules(&self, folder: &Path) -> Result<(), Fault> {
        for (index, module) in self.modules.iter().enumerate() {
            write(&folder.join(format!("document_{index}.rs")), module.text.as_bytes())?;
        }
        Ok(())
    }
}

const PROGRAM: &str = "program";
const SUM: &str = "program.sha256";

fn cached(place: &Path) -> Result<Option<Artefact>, Fault> {
    let path = place.join(PROGRAM);
    let (Ok(bytes), Ok(sum)) = (fs::read(&path), fs::read_to_string(place.join(SUM))) else { return Ok(None) };
    let sha256 = hex(&Sha256::digest(bytes));
    if sum.trim() != sha256 {
        let what = format!(
            "{} is not what was built: it has changed since. Remove {} to build it anew",
            path.display(),
            place.display()
        );
        return Err(Fault::NotBuilt { what });
    }
    Ok(Some(Artefact { path, sha256 }))
}

fn keep(built: &Path, place: &Path) -> Result<Artefact, Fault> {
    let path = place.join(PROGRAM);
    fs::copy(built, &path).map_err(|source| Fault::Write { path: path.clone(), source })?;
    let bytes = fs::read(&path).map_err(|source| Fault::Read { path: path.clone(), source })?;
    let sha256 = hex(&Sha256::digest(bytes));
    write(&place.join(SUM), sha256.as_bytes())?;
    Ok(Artefact { path, sha256 })
}

/// `cargo build` of a manifest into a folder, told nothing of the cargo that this process may have been started by.
pub fn cargo_build(manifest: &Path, target: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--manifest-path"]).arg(manifest);
    command.arg("--target-dir").arg(target).stdin(Stdio::null());
    // What an outer cargo sets is about another build.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().into_owned();
        if text.starts_with("CARGO_") && !["CARGO_HOME", "CARGO_NET_OFFLINE"].contains(&&*text) || text == "RUSTFLAGS" {
            command.env_remove(&name);
        }
    }
    command
}

fn run_cargo(mut command: Command, place: &Path) -> Result<(), Fault> {
    let output = command.output().map_err(|error| Fault::NotBuilt {
        what: format!(
            "cargo is needed to build it, and cannot be started ({error}): install Rust, or use another backend"
        ),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let tail: Vec<&str> = said.lines().rev().take(40).collect();
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    let offline =
        said.contains("failed to download") || said.contains("Could not resolve host") || said.contains("offline");
    let help = if offline { "\nthe crates that it needs cannot be fetched: build it once with a network" } else { "" };
    Err(Fault::NotBuilt { what: format!("cargo failed on {}:\n{}{help}", place.display(), tail.join("\n")) })
}

/// The folder for what is built on behalf of this user.
pub fn cache_folder() -> Result<PathBuf, Fault> {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = from("XDG_CACHE_HOME")
        .or_else(|| from("HOME").map(|home| home.join(".cache")))
        .or_else(|| from("LOCALAPPDATA"));
    let what = "there is no folder to build in: set XDG_CACHE_HOME or HOME".to_owned();
    base.map(|base| base.join("statewright")).ok_or(Fault::NotBuilt { what })
}

/// Rust source as rustfmt has it; as it is where there is no rustfmt.
pub fn formatted(text: String) -> String {
    let command = Command::new("rustfmt")
        .args(["--edition", "2024", "--config", "max_width=120"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = command else { return text };
    let written =
        child.stdin.take().is_some_and(|mut stdin| std::io::Write::write_all(&mut stdin, text.as_bytes()).is_ok());
    match child.wait_with_output() {
        Ok(output) if written && output.status.success() => String::from_utf8(output.stdout).unwrap_or(text),
        _ => text,
    }
}

//! Documents as a crate that cargo builds, once for the same content.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest as _, Sha256};
use statewright_emit::rust::{self, Source};

use super::building;
use super::sources::{self, Sources, lay_out, unpack, write};
use crate::play::hex;
use crate::project::{Fault, Loaded};

/// A document as a Rust module.
#[derive(Clone, Debug)]
pub struct Module {
    /// As `Program::document_hash`.
    pub document_hash: [u8; 32],
    /// The module's text.
    pub text: String,
    /// Why it is not built, if it is too large to be built in bounded time.
    pub refusal: Option<String>,
    /// Whether it is so large that it is built without optimising.
    pub is_large: bool,
}

impl Module {
    /// Of a document; `None` if it has errors.
    pub fn of(loaded: &Loaded) -> Option<Module> {
        let module = loaded.module.as_ref()?;
        let refusal = rust::check_sizes(module).err();
        let refusal = refusal.map(|large| loaded.too_large(large.function.as_deref(), &large.message));
        // However its path is spelled, it is the same program.
        let path = Path::new(&loaded.source.name);
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let text = if refusal.is_some() { String::new() } else { loaded.emitted_rust_as(&name, rust::RUNTIME)?.text };
        Some(Module { document_hash: loaded.document_hash, text, refusal, is_large: rust::has_large(module) })
    }
}

impl Loaded {
    /// The document as Rust, over what a crate calls the runtime's `emitted`; `None` if it has errors.
    pub fn emitted_rust(&self, runtime: &str) -> Option<rust::Emitted> {
        self.emitted_rust_as(&self.source.name, runtime)
    }

    fn emitted_rust_as(&self, name: &str, runtime: &str) -> Option<rust::Emitted> {
        let module = self.module.as_ref()?;
        let source = Source {
            name,
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
    /// Whether it can run documents as machine code too, which takes a compiler that is long in building.
    pub has_jit: bool,
    /// Is told what takes long, a line each.
    pub tell: fn(&str),
}

/// A program that was built.
#[derive(Clone, Debug)]
pub struct Artefact {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
    /// Whether it was built just now, not found.
    pub is_new: bool,
}

impl ProgramCrate {
    /// One whose `main` is the command. With large documents it is not optimised, which takes a compiler several times as long.
    pub fn of_command(modules: Vec<Module>) -> ProgramCrate {
        let opt_level = u8::from(!modules.iter().any(|module| module.is_large));
        ProgramCrate {
            modules,
            main: "    statewright_cli::main_with(PROGRAMS)\n".to_owned(),
            packages: vec![("statewright-cli".to_owned(), "cli".to_owned())],
            opt_level,
            has_jit: false,
            tell: |_| (),
        }
    }

    /// The same to be measured: as a host program would build it.
    pub fn to_measure(modules: Vec<Module>) -> ProgramCrate {
        ProgramCrate { opt_level: 3, ..ProgramCrate::of_command(modules) }
    }

    fn manifest(&self, folder: &Path) -> String {
        let mut text =
            String::from("[package]\nname = \"program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n");
        text.push_str("[dependencies]\n");
        let needed = [(RUNTIME, "runtime"), ("statewright-harness", "harness")];
        let needed = needed.into_iter().chain(self.packages.iter().map(|(name, folder)| (&**name, &**folder)));
        for (name, at) in needed {
            let path = folder.join(at).display().to_string();
            let features = if self.has_jit || name == RUNTIME { "" } else { ", default-features = false" };
            text.push_str(&format!("{name} = {{ path = {path:?}{features} }}\n"));
        }
        let level = self.opt_level;
        text.push_str(&format!(
            "\n[profile.release]\nopt-level = {level}\ncodegen-units = 16\ndebug = false\nincremental = false\n"
        ));
        // However the documents are built, the crates below are built once.
        text.push_str("\n[profile.release.package.\"*\"]\nopt-level = 1\n");
        for package in ["statewright-types", "statewright-runtime"] {
            text.push_str(&format!("\n[profile.release.package.{package}]\nopt-level = 3\n"));
        }
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

    /// Builds it with cargo below `cache`, or finds it there. One that was built and has changed since is refused, and documents that
    /// are too large to be built in bounded time, before cargo starts.
    pub fn build(&self, sources: &Sources, cache: &Path) -> Result<Artefact, Fault> {
        if let Some(refusal) = self.modules.iter().find_map(|module| module.refusal.clone()) {
            return Err(Fault::NotCompiled(refusal));
        }
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
                let (folder, version) = sources::place(archive, cache);
                Ok(self.place_of(&version, &self.manifest(&folder), &self.main_text()))
            }
        }
    }

    fn build_from(&self, archive: &[u8], cache: &Path) -> Result<Artefact, Fault> {
        let (folder, version) = sources::place(archive, cache);
        let (manifest, main) = (self.manifest(&folder), self.main_text());
        let place = cache.join(self.place_of(&version, &manifest, &main));
        if let Some(found) = cached(&place)? {
            return Ok(found);
        }
        private_folder(cache)?;
        let target = cache.join(format!("target-{version}"));
        let first = if target.exists() { "" } else { "; the first time, all crates are, which takes minutes" };
        (self.tell)(&format!("building emitted Rust with cargo{first}"));
        let _held = building::hold(&cache.join(format!("target-{version}.lock")), self.tell)?;
        // Whoever held it may have built just this.
        if let Some(found) = cached(&place)? {
            return Ok(found);
        }
        unpack(archive, &folder)?;
        let crate_folder = place.join("crate");
        let modules: Vec<(String, &str)> = self.modules.iter().enumerate().map(module_file).collect();
        let modules = modules.iter().map(|(name, text)| (format!("src/{name}"), text.as_bytes()));
        let modules: Vec<(String, &[u8])> = modules.collect();
        // The versions that the sources were tested with.
        let lock = fs::read(folder.join("Cargo.lock")).unwrap_or_default();
        let own = [("Cargo.toml", manifest.as_bytes()), ("src/main.rs", main.as_bytes()), ("Cargo.lock", &lock)];
        let files = own.into_iter().chain(modules.iter().map(|(name, text)| (&**name, *text)));
        lay_out(&crate_folder, &files.collect::<Vec<_>>())?;
        let mut command = cargo_build(&crate_folder.join("Cargo.toml"), &target);
        command.arg("--release");
        run_cargo(command, &place)?;
        keep(&target.join("release").join(format!("program{}", std::env::consts::EXE_SUFFIX)), &place)
    }

    /// The crates are compiled already, and what changes in them is cargo's to know: so cargo is asked each time.
    fn build_in(&self, workspace: &Path, cache: &Path) -> Result<Artefact, Fault> {
        let place = cache.join(format!("batch-{}", self.name(&[&self.main])));
        self.write_modules(&place)?;
        let target = workspace.join("target");
        (self.tell)("building emitted Rust with cargo");
        let mut command = cargo_build(&workspace.join("Cargo.toml"), &target);
        let profile = if self.opt_level < 3 { "quick" } else { "release" };
        // The second asks for the features that everything else there has, so that nothing foreign is built again.
        command.args(["--profile", profile, "-p", "statewright-batch", "-p", "statewright-unified"]);
        command.env("STATEWRIGHT_BATCH", &place);
        run_cargo(command, &place)?;
        keep(&target.join(profile).join(format!("batch{}", std::env::consts::EXE_SUFFIX)), &place)
    }

    fn write_modules(&self, folder: &Path) -> Result<(), Fault> {
        for (name, text) in self.modules.iter().enumerate().map(module_file) {
            write(&folder.join(name), text.as_bytes())?;
        }
        Ok(())
    }
}

fn module_file((index, module): (usize, &Module)) -> (String, &str) {
    (format!("document_{index}.rs"), &module.text)
}

const RUNTIME: &str = "statewright-runtime";
const PROGRAM: &str = "program";
const SEAL: &str = "program.seal";

/// What stands beside a kept program: a hash of where it belongs, which names all that it was made of, and of its content. So
/// neither a program that was changed is taken, nor one of another document.
pub fn seal(place: &Path, program: &[u8]) -> String {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let mut hash = Sha256::new();
    hash.update("statewright program 1\n");
    hash.update((name.len() as u64).to_le_bytes());
    hash.update(name.as_bytes());
    hash.update(program);
    hex(&hash.finalize())
}

/// The program that is kept at a place, if one is.
fn cached(place: &Path) -> Result<Option<Artefact>, Fault> {
    let path = place.join(PROGRAM);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(_) => return Ok(None),
    };
    let refused = |why: &str| {
        let what = format!("{} is refused: {why}. Remove {} to build it anew", path.display(), place.display());
        Err(Fault::NotBuilt { what })
    };
    match fs::read_to_string(place.join(SEAL)) {
        Err(_) => refused("nothing says that it was built here"),
        Ok(found) if found.trim() != seal(place, &bytes) => refused("it is not what was built, it has changed since"),
        Ok(_) => Ok(Some(Artefact { sha256: hex(&Sha256::digest(&bytes)), path, is_new: false })),
    }
}

/// Keeps what was built. The seal comes last, and each file at once: who looks meanwhile finds either nothing or all of it.
fn keep(built: &Path, place: &Path) -> Result<Artefact, Fault> {
    let path = place.join(PROGRAM);
    let unfinished = place.join(format!("{PROGRAM}.{}", std::process::id()));
    let moved = fs::copy(built, &unfinished);
    moved.map_err(|source| Fault::Write { path: unfinished.clone(), source })?;
    let bytes = fs::read(&unfinished).map_err(|source| Fault::Read { path: unfinished.clone(), source })?;
    write(&place.join(SEAL), seal(place, &bytes).as_bytes())?;
    fs::rename(&unfinished, &path).map_err(|source| Fault::Write { path: path.clone(), source })?;
    Ok(Artefact { sha256: hex(&Sha256::digest(&bytes)), path, is_new: true })
}

/// Makes the folder for what is built, if it is not there, for nobody else to write in.
fn private_folder(folder: &Path) -> Result<(), Fault> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| Fault::Write { path: folder.to_owned(), source })
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

fn run_cargo(command: Command, place: &Path) -> Result<(), Fault> {
    let (succeeded, said) = building::run(command)?;
    if succeeded {
        return Ok(());
    }
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

//! `cargo xtask readme`: runs the shell blocks of the pages in a temporary copy of the repository.
//!
//! A block's first line tells what to do with it: ```` ```sh ci ```` runs it and expects exit code 0, ```` ```sh ci
//! exit=1 ```` expects another, ```` ```sh step ```` is run by `.ci/run` itself and must stand there word for word,
//! ```` ```sh skip ```` is not run. In README.md every shell block must be one of these.
//!
//! Blocks run in order with `statewright` on the path. `cargo run --release` uses the quick profile and the artefacts
//! of this repository, because a second build of everything would tell nothing new.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::statewright::Statewright;
use crate::{Fault, Verdict, repository};

/// What is to be done with a block.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Duty {
    Run { exit: i32 },
    Step,
    Skip,
    Unmarked,
    Wrong(String),
}

/// A shell block of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    page: String,
    line: usize,
    duty: Duty,
    script: String,
}

/// The chore.
pub fn run(args: &[String]) -> Result<Verdict, Fault> {
    if let Some(unknown) = args.first() {
        return Err(format!("readme: unknown argument `{unknown}`; it takes none"));
    }
    let root = repository::root()?;
    let files = repository::files(&root)?;
    let mut blocks = Vec::new();
    for page in files.iter().filter(|path| is_page(path)) {
        let text = std::fs::read_to_string(root.join(page)).map_err(|error| format!("{page}: {error}"))?;
        blocks.extend(blocks_of(page, &text));
    }
    let steps = std::fs::read_to_string(root.join(".ci/run")).map_err(|error| format!(".ci/run: {error}"))?;
    let stage = Stage::new(&root, &files, Statewright::build(&root)?)?;
    let mut failed = 0usize;
    let mut ran = 0usize;
    for block in &blocks {
        let place = format!("{}:{}", block.page, block.line);
        let wrong = match &block.duty {
            Duty::Run { exit } => {
                ran += 1;
                stage.play(&block.script, *exit)?
            }
            Duty::Step => missing_step(&block.script, &steps),
            Duty::Skip => None,
            Duty::Unmarked if block.page == "README.md" => {
                Some("the block says not whether CI runs it; write `sh ci`, `sh step` or `sh skip`".into())
            }
            Duty::Unmarked => None,
            Duty::Wrong(word) => Some(format!("unknown mark `{word}`; known are ci, exit=N, step and skip")),
        };
        match wrong {
            Some(wrong) => {
                failed += 1;
                println!("{place}: readme: {wrong}");
            }
            None => println!("{place}: fine"),
        }
    }
    eprintln!("readme: {} blocks, {ran} run, {failed} wrong", blocks.len());
    Ok(if failed == 0 { Verdict::Fine } else { Verdict::Findings })
}

fn is_page(path: &str) -> bool {
    let told = path.starts_with("docs/") || path.starts_with("samples/");
    matches!(path, "README.md" | "CONTRIBUTING.md") || (told && path.ends_with(".md"))
}

fn blocks_of(page: &str, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, Option<Duty>, String)> = None;
    for (index, line) in text.lines().enumerate() {
        open = match (open, line.strip_prefix("```")) {
            (None, Some(info)) => Some((index + 1, duty(info), String::new())),
            (None, None) => None,
            (Some((line, duty, script)), Some("")) => {
                blocks.extend(duty.map(|duty| Block { page: page.to_owned(), line, duty, script }));
                None
            }
            (Some((at, duty, script)), _) => Some((at, duty, script + line + "\n")),
        };
    }
    blocks
}

/// What the info string of a fence asks for; `None` if the block is no shell.
fn duty(info: &str) -> Option<Duty> {
    let words: Vec<&str> = info.split_whitespace().collect();
    let (language, marks) = words.split_first()?;
    if *language != "sh" {
        return None;
    }
    Some(match marks {
        [] => Duty::Unmarked,
        ["ci"] => Duty::Run { exit: 0 },
        ["ci", exit] => match exit.strip_prefix("exit=").and_then(|code| code.parse().ok()) {
            Some(exit) => Duty::Run { exit },
            None => Duty::Wrong((*exit).to_owned()),
        },
        ["step"] => Duty::Step,
        ["skip"] => Duty::Skip,
        [word, ..] => Duty::Wrong((*word).to_owned()),
    })
}

fn missing_step(script: &str, steps: &str) -> Option<String> {
    let commands = script.lines().map(|line| line.split(" #").next().unwrap_or_default().trim());
    let missing = commands.filter(|command| !command.is_empty()).find(|command| !steps.contains(command))?;
    Some(format!("`{missing}` is no step of .ci/run; add it there, or mark the block `ci`"))
}

/// A copy of the repository to play the blocks in. Removed when dropped.
struct Stage {
    folder: PathBuf,
    path: std::ffi::OsString,
}

impl Stage {
    fn new(root: &Path, files: &[String], statewright: Statewright) -> Result<Stage, Fault> {
        let folder = std::env::temp_dir().join(format!("statewright-readme-{}", std::process::id()));
        let copy = folder.join("copy");
        let fault = |path: &Path, error: std::io::Error| format!("cannot write {}: {error}", path.display());
        for file in files {
            let to = copy.join(file);
            let parent = to.parent().unwrap_or(&copy);
            std::fs::create_dir_all(parent).map_err(|error| fault(parent, error))?;
            std::fs::copy(root.join(file), &to).map_err(|error| fault(&to, error))?;
        }
        let bin = folder.join("bin");
        std::fs::create_dir_all(&bin).map_err(|error| fault(&bin, error))?;
        let shim = bin.join("cargo");
        std::fs::write(&shim, cargo_shim(root)).map_err(|error| fault(&shim, error))?;
        make_executable(&shim).map_err(|error| fault(&shim, error))?;
        let built = statewright.binary().parent().map(Path::to_path_buf);
        let old = std::env::var_os("PATH").unwrap_or_default();
        let folders = [bin].into_iter().chain(built).chain(std::env::split_paths(&old));
        let path = std::env::join_paths(folders).map_err(|error| format!("PATH: {error}"))?;
        Ok(Stage { folder, path })
    }

    /// What went wrong, if not exactly as expected.
    fn play(&self, script: &str, expected: i32) -> Result<Option<String>, Fault> {
        let output = Command::new("sh")
            .args(["-euc", script])
            .current_dir(self.folder.join("copy"))
            .env("PATH", &self.path)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cannot start sh: {error}"))?;
        if output.status.code() == Some(expected) {
            return Ok(None);
        }
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n    ");
        Ok(Some(format!(
            "{} where exit code {expected} is expected; the end of its output:\n    {tail}",
            output.status
        )))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A folder left in the temporary directory is no reason to fail.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A `cargo` that runs the repository's own crates, in the quick profile, from wherever it is called.
fn cargo_shim(root: &Path) -> String {
    let manifest = root.join("Cargo.toml").display().to_string().replace('\'', r"'\''");
    let cargo = env!("CARGO").replace('\'', r"'\''");
    format!(
        "#!/bin/sh\n\
         case \"$1\" in\n\
         run)\n  shift\n  if [ \"${{1-}}\" = --release ]; then shift; fi\n  \
         exec '{cargo}' run --quiet --manifest-path '{manifest}' --profile quick \"$@\" ;;\n\
         xtask)\n  shift\n  \
         exec '{cargo}' run --quiet --manifest-path '{manifest}' --profile quick --package xtask -- \"$@\" ;;\n\
         *) echo \"cargo $1: mark the block \\`step\\` and give it to .ci/run\" >&2; exit 125 ;;\n\
         esac\n"
    )
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_carry_their_marks() {
        let text = "```sh ci\na\nb\n```\n```json\n{}\n```\n```sh ci exit=3\nc\n```\n```sh\nd\n```\n```sh maybe\n```\n\
                    ```sh step\n```\n```sh skip\n```\n```sh ci exit=x\n```\n";
        let found: Vec<(usize, Duty)> =
            blocks_of("README.md", text).into_iter().map(|block| (block.line, block.duty)).collect();
        let expected = [
            (1, Duty::Run { exit: 0 }),
            (8, Duty::Run { exit: 3 }),
            (11, Duty::Unmarked),
            (14, Duty::Wrong("maybe".into())),
            (16, Duty::Step),
            (18, Duty::Skip),
            (20, Duty::Wrong("exit=x".into())),
        ];
        assert_eq!(found, expected);
        assert_eq!(blocks_of("README.md", text).first().map(|block| &*block.script), Some("a\nb\n"));
    }

    #[test]
    fn a_step_must_stand_in_ci() {
        let steps = "step tests cargo test --profile quick\n";
        assert_eq!(missing_step("cargo test --profile quick  # all of them\n", steps), None);
        assert!(missing_step("cargo bench\n", steps).is_some_and(|wrong| wrong.contains("cargo bench")));
    }

    #[cfg(unix)]
    #[test]
    fn exit_codes_are_compared() {
        let folder = std::env::temp_dir().join(format!("statewright-readme-test-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("copy")).expect("the temporary folder takes files");
        let stage = Stage { folder: folder.clone(), path: std::env::var_os("PATH").unwrap_or_default() };
        assert_eq!(stage.play("exit 3", 3), Ok(None));
        let wrong = stage.play("echo before; false; echo after", 0).expect("sh starts").unwrap_or_default();
        assert!(wrong.contains("before") && !wrong.contains("after"), "{wrong}");
        drop(stage);
        assert!(!folder.exists());
    }

    #[test]
    fn the_shim_passes_arguments_on() {
        let shim = cargo_shim(Path::new("/a b"));
        assert!(shim.contains("--manifest-path '/a b/Cargo.toml' --profile quick \"$@\""), "{shim}");
    }
}

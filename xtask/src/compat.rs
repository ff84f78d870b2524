//! `cargo xtask compat DIR`: the logic files of the original tool in a folder, checked by the built command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::statewright::Statewright;
use crate::{Fault, Verdict, repository};

/// Files that are expected to have errors, and how many. All others must have none.
const EXPECTED_ERRORS: &[(&str, usize)] = &[
    // Adds a number to a whole player.
    ("simple_logic.json", 1),
];

/// What a check said.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    errors: usize,
    warnings: usize,
    by_code: BTreeMap<String, usize>,
}

/// The chore.
pub fn run(args: &[String]) -> Result<Verdict, Fault> {
    let (folder, statewright) = match args {
        [folder] => (folder, Statewright::build(&repository::root()?)?),
        [folder, flag, binary] if flag == "--bin" => (folder, Statewright::at(Path::new(binary))?),
        _ => return Err("compat: expected `cargo xtask compat DIR [--bin STATEWRIGHT]`".into()),
    };
    let folder = Path::new(folder);
    let logic_files = logic_files(folder)?;
    if logic_files.is_empty() {
        return Err(format!("{}: no file is called …_logic.json; name the folder that has them", folder.display()));
    }
    let mut wrong = 0usize;
    println!("{:<30} {:<28} {:>6} {:>8}  {:<10} codes", "file", "schema", "errors", "warnings", "verdict");
    for file in &logic_files {
        let schema = schema_for(folder, file)?;
        let schema_text = schema.as_deref().unwrap_or("(its own)").to_owned();
        let (counts, verdict) = match check(&statewright, folder, file, schema.as_deref()) {
            Ok(counts) if counts.errors == expected_errors(file) => (counts, "as known".to_owned()),
            Ok(counts) => (counts, format!("expected {} errors", expected_errors(file))),
            Err(fault) => (Counts::default(), fault),
        };
        wrong += usize::from(verdict != "as known");
        let codes: Vec<String> = counts.by_code.iter().map(|(code, count)| format!("{code}×{count}")).collect();
        let (errors, warnings) = (counts.errors, counts.warnings);
        println!("{file:<30} {schema_text:<28} {errors:>6} {warnings:>8}  {verdict:<10} {}", codes.join(" "));
    }
    eprintln!("compat: {} files, {wrong} not as expected", logic_files.len());
    Ok(if wrong == 0 { Verdict::Fine } else { Verdict::Findings })
}

fn expected_errors(file: &str) -> usize {
    EXPECTED_ERRORS.iter().find(|(name, _)| *name == file).map_or(0, |(_, errors)| *errors)
}

/// The names of the logic files in `folder`, sorted.
fn logic_files(folder: &Path) -> Result<Vec<String>, Fault> {
    let fault = |error: std::io::Error| format!("{}: {error}; name a folder of logic files", folder.display());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let name = entry.map_err(fault)?.file_name().to_string_lossy().into_owned();
        if name.ends_with("_logic.json") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The schema to name on the command line, from `folder`: `X.schema.json` or `X.schema` for `X_logic.json`; none if the
/// document names its own; else the folder's `game.schema`.
fn schema_for(folder: &Path, file: &str) -> Result<Option<String>, Fault> {
    let stem = file.trim_end_matches("_logic.json");
    let beside = [format!("{stem}.schema.json"), format!("{stem}.schema")];
    if let Some(found) = beside.into_iter().find(|name| folder.join(name).is_file()) {
        return Ok(Some(found));
    }
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let document: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    if document.get("schemaPath").is_some_and(Value::is_string) {
        return Ok(None);
    }
    let shared = "game.schema";
    if folder.join(shared).is_file() {
        return Ok(Some(shared.to_owned()));
    }
    Err(format!("{file}: no schema; put {stem}.schema.json or {shared} beside it"))
}

fn check(statewright: &Statewright, folder: &Path, file: &str, schema: Option<&str>) -> Result<Counts, Fault> {
    let folder: PathBuf = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut args = vec!["check", file, "--format", "json"];
    if let Some(schema) = schema {
        args.extend(["--schema", schema]);
    }
    let output = statewright.output(&folder, &args)?;
    let counts = counts(&output.stdout).map_err(|why| format!("exit code {:?}: {why}", output.status.code()))?;
    let promised = i32::from(counts.errors > 0);
    match output.status.code() {
        Some(code) if code == promised || (code == 1 && counts.warnings > 0) => Ok(counts),
        code => Err(format!("exit code {code:?} with {} errors", counts.errors)),
    }
}

/// Reads what `check --format json` prints.
fn counts(stdout: &[u8]) -> Result<Counts, String> {
    let report: Value = serde_json::from_slice(stdout).map_err(|error| format!("the output is no JSON ({error})"))?;
    let diagnostics = report.get("diagnostics").and_then(Value::as_array).ok_or("the output has no `diagnostics`")?;
    let mut counts = Counts::default();
    for diagnostic in diagnostics {
        let text = |key: &str| diagnostic.get(key).and_then(Value::as_str).unwrap_or_default();
        match text("severity") {
            "error" => counts.errors += 1,
            "warning" => counts.warnings += 1,
            other => return Err(format!("unknown severity `{other}`")),
        }
        *counts.by_code.entry(text("code").to_owned()).or_default() += 1;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagnostics_are_counted() {
        let text = br#"{"diagnostics":[{"code":"E031","severity":"error"},{"code":"W002","severity":"warning"},
            {"code":"E031","severity":"error"}]}"#;
        let counts = counts(text).expect("it is a report");
        assert_eq!((counts.errors, counts.warnings), (2, 1));
        assert_eq!(counts.by_code.get("E031"), Some(&2));
    }

    #[test]
    fn other_output_is_a_fault() {
        assert!(counts(b"").is_err() && counts(b"{}").is_err());
        assert!(counts(br#"{"diagnostics":[{"code":"X","severity":"bad"}]}"#).is_err());
    }

    #[test]
    fn exactly_one_file_may_have_an_error() {
        assert_eq!((expected_errors("simple_logic.json"), expected_errors("card_game_logic.json")), (1, 0));
    }
}

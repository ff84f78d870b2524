//! `statewright new`: a project that works.

use std::path::Path;

use statewright_harness::project::Fault;
use statewright_types::json::quote;

use crate::args::New;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// The files of a project; `{name}` stands for its name.
const FILES: [(&str, &str); 4] = [
    ("game.json", include_str!("../../templates/game.json")),
    ("game.schema", include_str!("../../templates/game.schema")),
    ("game.test.json", include_str!("../../templates/game.test.json")),
    ("README.md", include_str!("../../templates/README.md")),
];

/// Makes the folder and puts the files into it.
pub fn new(args: &New) -> Result<Exit, Stop> {
    let folder = &args.name;
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    if !name.starts_with(char::is_alphabetic) || !name.chars().all(plain) {
        let why = "a project's name begins with a letter and has letters, digits, - and _ only";
        return Err(Stop::Usage(format!("{}: {why}", quote(&name))));
    }
    if folder.exists() {
        let why = "it exists already; choose another name or remove it";
        return Err(Stop::Usage(format!("{}: {why}", folder.display())));
    }
    std::fs::create_dir_all(folder).map_err(|source| Fault::Write { path: folder.clone(), source })?;
    for (file, text) in FILES {
        terminal::write(&folder.join(file), &text.replace("{name}", &name))?;
    }
    terminal::say(&made(folder));
    Ok(Exit::Fine)
}

fn made(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "made {folder}/: a graph (game.json), its schema and tests\n\nnext:\n  statewright test {folder}\n  \
         statewright run {folder}/game.json --event PlayerConnect --params '{{\"playerID\":\"ann\"}}'\n"
    )
}

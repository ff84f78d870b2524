//! Chores of this repository, as `cargo xtask NAME`: everything that `.ci/run` asks beyond cargo itself.
//!
//! Invariant: depends on no crate of the workspace, so that it runs while they do not compile. What it needs of
//! them it asks the built `statewright` command.

mod building;
mod compat;
mod elsewhere;
mod faults;
mod figures;
mod fresh;
mod fuzz;
mod hostile;
mod readme;
mod repository;
mod smoke;
mod statewright;
mod tidy;

use std::process::ExitCode;

/// How a chore ended, when it could be done at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing to complain of.
    Fine,
    /// Findings were printed.
    Findings,
}

/// A chore that could not be done, or was asked for wrongly: what was wrong and what to do.
type Fault = String;

/// One subcommand.
struct Chore {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<Verdict, Fault>,
}

const CHORES: &[Chore] = &[
    Chore { name: "tidy", usage: "[--list]", about: "the rules of this repository", run: tidy::run },
    Chore { name: "readme", usage: "", about: "run the commands that the pages show", run: readme::run },
    Chore { name: "fresh", usage: "[--write]", about: "compare or rewrite generated files", run: fresh::run },
    Chore {
        name: "compat",
        usage: "DIR [--bin STATEWRIGHT]",
        about: "check logic files of the original tool",
        run: compat::run,
    },
    Chore {
        name: "faults",
        usage: "[NUMBER… | --match]",
        about: "plant faults, each of which the corpus must catch",
        run: faults::run,
    },
    Chore {
        name: "hostile",
        usage: "[--on EXECUTION] [--all | PART]",
        about: "time and memory of documents made to hurt",
        run: hostile::run,
    },
    Chore {
        name: "elsewhere",
        usage: "",
        about: "emitted Rust, built by a copy of the command away from here",
        run: elsewhere::run,
    },
    Chore {
        name: "fuzz",
        usage: "[--minutes N | --documents N] [--backend NAME]… [--seed S] [--planted]",
        about: "documents that are drawn, on all executions, which must agree",
        run: fuzz::run,
    },
    Chore {
        name: "editor-smoke",
        usage: "[--pictures FOLDER]",
        about: "the editor in a real window, by mouse and keyboard",
        run: smoke::run,
    },
    Chore { name: "figures", usage: "", about: "measured figures against their targets", run: figures::run },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = args.split_first() else {
        eprint!("{}", usage());
        return ExitCode::from(2);
    };
    if matches!(name.as_str(), "help" | "-h" | "--help") {
        print!("{}", usage());
        return ExitCode::SUCCESS;
    }
    let Some(chore) = CHORES.iter().find(|chore| chore.name == name) else {
        eprintln!("error: there is no chore `{name}`\n\n{}", usage());
        return ExitCode::from(2);
    };
    match (chore.run)(rest) {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::from(2)
        }
    }
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask CHORE\n\n");
    for chore in CHORES {
        let call = format!("{} {}", chore.name, chore.usage);
        text.push_str(&format!("  {call:<32} {}\n", chore.about));
    }
    text.push_str("\nExit codes: 0 fine, 1 findings, 2 bad usage or the chore could not be done.\n");
    text
}

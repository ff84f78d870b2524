//! `cargo xtask faults`: faults planted in a copy of the sources, one at a time, each of which the conformance corpus
//! alone has to catch. `tests/faults.toml` lists them.
//!
//! All faults are built into one command, which a variable of its environment tells which of them to have; the copy is
//! under `target/`, and the sources of this repository have no trace of it.

mod copy;
mod hunt;
mod list;
mod plant;

use std::collections::BTreeSet;
use std::path::Path;

use crate::{Fault, Verdict, repository};
use hunt::{Hunt, Verdict as Found};
use list::{Planted, read};

/// The list, from the root.
const LIST: &str = "tests/faults.toml";

/// The chore.
pub fn run(args: &[String]) -> Result<Verdict, Fault> {
    let root = repository::root()?;
    let faults = read(&root.join(LIST), LIST)?;
    let copy = root.join("target/faults");
    let (numbers, only_match) = asked(args, &faults)?;
    let files = repository::files(&root)?;
    let planting = copy::make(&root, &copy.join("source"), &files, &faults)?;
    for lost in &planting.lost {
        println!("{LIST}: fault {}: {}", lost.number, lost.why);
    }
    let verdict = |missed: usize| if missed + planting.lost.len() == 0 { Verdict::Fine } else { Verdict::Findings };
    if only_match {
        println!("faults: {} of {} stand where the list says", planting.placed.len(), faults.len());
        return Ok(verdict(0));
    }
    let hunt = Hunt::build(&root, &copy)?;
    let chosen: Vec<&Planted> = faults
        .iter()
        .filter(|fault| planting.placed.contains(&fault.number) && numbers.contains(&fault.number))
        .collect();
    let missed = report(&hunt, &chosen)?;
    println!(
        "faults: {} planted, {} caught, {missed} missed, {} not to be found",
        chosen.len(),
        chosen.len() - missed,
        planting.lost.len()
    );
    Ok(verdict(missed))
}

/// The faults that are asked for, and whether it is only to be seen where they stand.
fn asked(args: &[String], faults: &[Planted]) -> Result<(BTreeSet<u32>, bool), Fault> {
    match args {
        [] => Ok((faults.iter().map(|fault| fault.number).collect(), false)),
        [flag] if flag == "--match" => Ok((BTreeSet::new(), true)),
        numbers => {
            let number = |text: &String| {
                let number = text.parse().ok().filter(|number| faults.iter().any(|fault| fault.number == *number));
                number.ok_or_else(|| format!("faults: {LIST} has no fault `{text}`; give numbers, or --match"))
            };
            Ok((numbers.iter().map(number).collect::<Result<_, _>>()?, false))
        }
    }
}

/// Hunts all of `faults` and says what caught each. Gives how many nothing caught.
fn report(hunt: &Hunt, faults: &[&Planted]) -> Result<usize, Fault> {
    hunt.healthy()?;
    let mut missed = 0;
    for (fault, found) in faults.iter().zip(hunt.all(faults)?) {
        let Planted { number, file, what, .. } = fault;
        match found {
            Found::Caught(by) => println!("{number:>4} caught by {by}\n       {file}: {what}"),
            Found::Missed => {
                missed += 1;
                println!("{number:>4} MISSED: {file}: {what}");
            }
        }
    }
    Ok(missed)
}

/// Text of the file at `path`.
fn text_of(path: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

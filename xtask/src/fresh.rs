//! `cargo xtask fresh`: generated files are what their commands print. `--write` makes them so.

use std::path::Path;
use std::process::Output;

use crate::statewright::Statewright;
use crate::{Fault, Verdict, repository};

/// A file and the `statewright` arguments that make it: on stdout, or where `{out}` stands.
struct Generated {
    path: &'static str,
    args: &'static [&'static str],
}

/// Stands for a file that the command writes.
const OUT: &str = "{out}";

const GENERATED: &[Generated] = &[
    Generated { path: "docs/nodes.md", args: &["docs"] },
    Generated { path: "docs/ir.md", args: &["docs", "--ir"] },
    Generated {
        path: "docs/pictures/card_game.svg",
        args: &[
            "draw",
            "samples/card_game/card_game.json",
            "--handler",
            "OnCardPlayed",
            "--players",
            "alice,bob",
            "--state",
            "@samples/card_game/round.state.json",
            "--event",
            "CardPlayed",
            "--sender",
            "alice",
            "--params",
            r#"{"playerID":"alice","cardID":5}"#,
            "--out",
            OUT,
        ],
    },
    Generated {
        path: "docs/pictures/chase.svg",
        args: &["draw", "samples/chase/chase.json", "--handler", "OnTag", "--out", OUT],
    },
    Generated {
        path: "docs/pictures/chests.svg",
        args: &["draw", "samples/chests/chests.json", "--handler", "OnOpenChest", "--out", OUT],
    },
    Generated {
        path: "docs/pictures/chests_odds.svg",
        args: &[
            "simulate",
            "samples/chests/chests.json",
            "--script",
            "samples/chests/odds.json",
            "--runs",
            "2000",
            "--svg",
            OUT,
        ],
    },
    Generated {
        path: "docs/pictures/trading.svg",
        args: &[
            "draw",
            "samples/trading/trading.json",
            "--handler",
            "OnBid",
            "--players",
            "alice,bob,cleo",
            "--state",
            "@samples/trading/harbour.state.json",
            "--event",
            "Bid",
            "--sender",
            "bob",
            "--params",
            r#"{"playerID":"bob","auctionID":4,"coins":70}"#,
            "--now",
            "16500",
            "--out",
            OUT,
        ],
    },
    Generated {
        path: "docs/pictures/tactics.svg",
        args: &[
            "draw",
            "samples/tactics/tactics.json",
            "--handler",
            "OnAttack",
            "--players",
            "alice,bob",
            "--state",
            "@samples/tactics/skirmish.state.json",
            "--event",
            "Attack",
            "--sender",
            "alice",
            "--params",
            r#"{"playerID":"alice","unitID":"alice:scout","targetID":"bob:soldier"}"#,
            "--seed",
            "1",
            "--out",
            OUT,
        ],
    },
    Generated {
        path: "docs/pictures/cooldown.svg",
        args: &[
            "draw",
            "samples/cooldown/cooldown.json",
            "--handler",
            "OnChallenge",
            "--players",
            "alice,bob,cleo",
            "--state",
            "@samples/cooldown/fight.state.json",
            "--event",
            "Challenge",
            "--sender",
            "alice",
            "--params",
            r#"{"playerID":"alice","targetID":"bob"}"#,
            "--now",
            "0",
            "--advance",
            "20000",
            "--out",
            OUT,
        ],
    },
];

/// How a generated file stands.
#[derive(Debug, PartialEq, Eq)]
enum Freshness {
    Fresh,
    /// Neither the file nor a command that makes it is there yet.
    NotYet(String),
    Stale(String),
}

/// The chore.
pub fn run(args: &[String]) -> Result<Verdict, Fault> {
    let write = match args {
        [] => false,
        [flag] if flag == "--write" => true,
        [other, ..] => return Err(format!("fresh: unknown argument `{other}`; it takes only --write")),
    };
    let root = repository::root()?;
    let statewright = Statewright::build(&root)?;
    let mut stale = 0usize;
    for generated in GENERATED {
        let output = make(&statewright, &root, generated)?;
        let path = root.join(generated.path);
        let present = std::fs::read(&path).ok();
        match freshness(present.as_deref(), &output) {
            Freshness::Fresh => println!("{}: fresh", generated.path),
            Freshness::NotYet(why) => println!("{}: skipped: {why}", generated.path),
            Freshness::Stale(_) if write && output.status.success() => {
                put(&path, &output.stdout)?;
                println!("{}: written", generated.path);
            }
            Freshness::Stale(why) => {
                stale += 1;
                let command = generated.args.join(" ");
                println!(
                    "{}:1: fresh: {why} (`statewright {command}`), run `cargo xtask fresh --write`",
                    generated.path
                );
            }
        }
    }
    Ok(if stale == 0 { Verdict::Fine } else { Verdict::Findings })
}

/// Runs the command; its file, if it writes one, takes the place of what it printed.
fn make(statewright: &Statewright, root: &Path, generated: &Generated) -> Result<Output, Fault> {
    let name = generated.path.replace('/', "-");
    let out = std::env::temp_dir().join(format!("statewright-fresh-{}-{name}", std::process::id()));
    let out_text = out.display().to_string();
    let args: Vec<&str> = generated.args.iter().map(|arg| if *arg == OUT { out_text.as_str() } else { arg }).collect();
    let mut output = statewright.output(root, &args)?;
    if generated.args.contains(&OUT) {
        // A missing file reads as empty output, which is no success.
        output.stdout = std::fs::read(&out).unwrap_or_default();
        let _ = std::fs::remove_file(&out);
    }
    Ok(output)
}

fn freshness(present: Option<&[u8]>, output: &Output) -> Freshness {
    let code = output.status.code();
    let printed = output.status.success() && !output.stdout.is_empty();
    match present {
        Some(present) if printed => match first_difference(present, &output.stdout) {
            None => Freshness::Fresh,
            Some(line) => Freshness::Stale(format!("its command prints something else from line {line} on")),
        },
        Some(_) => Freshness::Stale(format!("its command failed with exit code {code:?}")),
        None if printed => Freshness::Stale("the file is missing".into()),
        None => Freshness::NotYet(format!("no file, and its command is not there yet (exit code {code:?})")),
    }
}

/// The first line, from 1, in which the texts differ.
fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    if a == b {
        return None;
    }
    let same = a.iter().zip(b).take_while(|(a, b)| a == b);
    Some(same.filter(|(byte, _)| **byte == b'\n').count() + 1)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let parent = path.parent().unwrap_or(path);
    std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::write(path, bytes))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    fn output(code: i32, stdout: &str) -> Output {
        Output { status: ExitStatus::from_raw(code << 8), stdout: stdout.into(), stderr: Vec::new() }
    }

    #[test]
    fn only_equal_bytes_are_fresh() {
        assert_eq!(freshness(Some(b"a\nb\n"), &output(0, "a\nb\n")), Freshness::Fresh);
        let stale = freshness(Some(b"a\nb\n"), &output(0, "a\nc\n"));
        assert_eq!(stale, Freshness::Stale("its command prints something else from line 2 on".into()));
    }

    #[test]
    fn a_file_whose_command_fails_is_stale() {
        assert!(matches!(freshness(Some(b"a"), &output(2, "")), Freshness::Stale(_)));
        assert!(matches!(freshness(None, &output(0, "a")), Freshness::Stale(_)));
        assert!(matches!(freshness(None, &output(2, "")), Freshness::NotYet(_)));
    }
}

//! Calls of handlers in another process. Each line that it is sent is `calls CASE TIMES` or `parameters CASE TIMES`; it answers
//! with `NS FUEL HOW-IT-ENDED`, or with `! WHY`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::runner::{Lap, Runner};

/// A process that calls handlers.
pub struct Child {
    process: std::process::Child,
    input: Option<std::process::ChildStdin>,
    output: BufReader<std::process::ChildStdout>,
}

impl Child {
    /// Starts it; `first` is sent before anything else, and answered with a line.
    ///
    /// # Errors
    /// It cannot be started, or gives up.
    pub fn start(mut command: Command, first: &str) -> Result<Child, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`{name}` cannot be started: {error}"))?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(format!("`{name}` has no standard input and output"));
        };
        let mut child = Child { process, input: Some(input), output: BufReader::new(output) };
        child.exchange(first)?;
        Ok(child)
    }

    fn exchange(&mut self, line: &str) -> Result<String, String> {
        let input = self.input.as_mut().ok_or("it has been closed")?;
        let mut answer = String::new();
        writeln!(input, "{line}")
            .and_then(|()| input.flush())
            .and_then(|()| self.output.read_line(&mut answer))
            .map_err(|error| format!("it is gone: {error}"))?;
        match answer.trim_end() {
            "" => Err("it ended without an answer".to_owned()),
            said => match said.strip_prefix("! ") {
                Some(why) => Err(why.to_owned()),
                None => Ok(said.to_owned()),
            },
        }
    }
}

impl Runner for Child {
    fn calls(&mut self, case: usize, times: u32) -> Result<Lap, String> {
        lap(&self.exchange(&format!("calls {case} {times}"))?)
    }

    fn parameters(&mut self, case: usize, times: u32) -> Result<f64, String> {
        lap(&self.exchange(&format!("parameters {case} {times}"))?).map(|lap| lap.ns)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Without input it ends by itself.
        self.input = None;
        let _ended = self.process.wait();
    }
}

fn lap(line: &str) -> Result<Lap, String> {
    let strange = || format!("it answered `{line}`");
    let (ns, rest) = line.split_once(' ').ok_or_else(strange)?;
    let (fuel, ended) = rest.split_once(' ').ok_or_else(strange)?;
    let (Ok(ns), Ok(fuel)) = (ns.parse(), fuel.parse()) else { return Err(strange()) };
    Ok(Lap { ns, fuel, ended: ended.to_owned() })
}

/// Answers lines until they end. The first one is only acknowledged.
///
/// # Errors
/// Standard input or output is gone.
pub fn serve(runner: &mut dyn Runner, input: impl BufRead, mut output: impl Write) -> std::io::Result<()> {
    for (at, line) in input.lines().enumerate() {
        let line = line?;
        let answer = if at == 0 { Ok("ready".to_owned()) } else { answer(runner, &line) };
        match answer {
            Ok(answer) => writeln!(output, "{answer}")?,
            Err(why) => writeln!(output, "! {}", why.replace('\n', " "))?,
        }
        output.flush()?;
    }
    Ok(())
}

fn answer(runner: &mut dyn Runner, line: &str) -> Result<String, String> {
    let strange = || format!("`{line}` is nothing to do");
    let words: Vec<&str> = line.split(' ').collect();
    let [what, case, times] = words.as_slice() else { return Err(strange()) };
    let (Ok(case), Ok(times)) = (case.parse(), times.parse()) else { return Err(strange()) };
    match *what {
        "calls" => runner.calls(case, times).map(|lap| format!("{} {} {}", lap.ns, lap.fuel, lap.ended)),
        "parameters" => runner.parameters(case, times).map(|ns| format!("{ns} 0 done")),
        _ => Err(strange()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers with what it was asked.
    struct Echo;

    impl Runner for Echo {
        fn calls(&mut self, case: usize, times: u32) -> Result<Lap, String> {
            match case {
                0 => Ok(Lap { ns: f64::from(times) * 2.5, fuel: 7, ended: "not_found at find".to_owned() }),
                _ => Err("two\nlines".to_owned()),
            }
        }

        fn parameters(&mut self, _: usize, times: u32) -> Result<f64, String> {
            Ok(f64::from(times))
        }
    }

    #[test]
    fn lines_are_answered_one_by_one() {
        let mut said = Vec::new();
        let lines = "begin\ncalls 0 10\nparameters 0 3\ncalls 1 1\ncalls 0\ncalls x 1\nhello 0 1\n";
        serve(&mut Echo, lines.as_bytes(), &mut said).expect("it is memory");
        let said = String::from_utf8(said).expect("it is text");
        let wanted = "ready\n25 7 not_found at find\n3 0 done\n! two lines\n! `calls 0` is nothing to do\n\
                      ! `calls x 1` is nothing to do\n! `hello 0 1` is nothing to do\n";
        assert_eq!(said, wanted);
        assert_eq!(
            lap("25 7 not_found at find").expect("it is a lap"),
            Lap { ns: 25.0, fuel: 7, ended: "not_found at find".to_owned() }
        );
        for strange in ["", "25", "25 7", "x 7 done"] {
            assert!(lap(strange).is_err(), "{strange}");
        }
    }
}

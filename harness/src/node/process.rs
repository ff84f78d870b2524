//! A Node process, one for each thread that runs emitted JavaScript: lines of JSON over its standard input and output.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use statewright_types::json::{self, Tree, quote};

use super::files;

/// So many modules are loaded into one process: Node keeps each for as long as it lives.
const MOST_MODULES: usize = 2_000;
/// Bytes of one line at most that may come back.
const MOST_BYTES: usize = 256 << 20;

thread_local! {
    static NODE: RefCell<Option<Node>> = const { RefCell::new(None) };
}

/// A running process.
struct Node {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    loaded: HashSet<u64>,
    count: usize,
}

impl Drop for Node {
    fn drop(&mut self) {
        // Without input it ends by itself.
        self.input = None;
        let _ended = self.child.wait();
    }
}

impl Node {
    fn start() -> Result<Node, String> {
        let folder = files::install().map_err(|error| format!("cannot write the runtime library for Node: {error}"))?;
        let mut command = Command::new("node");
        command.arg(folder.join(files::BRIDGE.0)).arg(format!("file://{}/", folder.display()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| {
            format!("cannot start `node` ({error}): the backend `js` needs Node.js 20 or newer in the PATH")
        })?;
        match (child.stdin.take(), child.stdout.take()) {
            (input @ Some(_), Some(output)) => {
                Ok(Node { child, input, output: BufReader::new(output), loaded: HashSet::new(), count: 0 })
            }
            _ => Err("`node` has no standard input and output".to_owned()),
        }
    }

    fn send(&mut self, line: &str) -> Result<(), String> {
        let input = self.input.as_mut().ok_or("`node` has been closed")?;
        let sent = input.write_all(line.as_bytes()).and_then(|()| input.write_all(b"\n")).and_then(|()| input.flush());
        sent.map_err(|error| format!("`node` does not listen any more: {error}"))
    }

    fn receive(&mut self) -> Result<Tree, String> {
        let mut line = Vec::new();
        self.output.read_until(b'\n', &mut line).map_err(|error| format!("`node` cannot be read: {error}"))?;
        if line.is_empty() || line.len() > MOST_BYTES {
            return Err("`node` ended without an answer".to_owned());
        }
        let text = String::from_utf8(line).map_err(|_| "`node` answered with what is no text".to_owned())?;
        json::parse(text.trim_end()).map_err(|error| format!("`node` answered with what is no JSON: {error:?}"))
    }
}

fn with<R>(body: impl FnOnce(&mut Node) -> Result<R, String>) -> Result<R, String> {
    let used = NODE.try_with(|node| {
        let mut node = node.try_borrow_mut().map_err(|_| "`node` is in use".to_owned())?;
        if node.is_none() {
            *node = Some(Node::start()?);
        }
        let result = node.as_mut().map_or_else(|| Err("`node` is not there".to_owned()), body);
        if result.is_err() {
            // What it was doing cannot be known: another one begins anew.
            *node = None;
        }
        result
    });
    used.unwrap_or_else(|_| Err("this thread is ending".to_owned()))
}

/// Whether Node can be started at all.
///
/// # Errors
/// Says what is missing.
pub fn check() -> Result<(), String> {
    with(|_| Ok(()))
}

/// Has modules be there: those of these keys, with their code. To be called between runs only.
pub fn load<'a>(modules: impl Iterator<Item = (u64, &'a str)>) -> Result<(), String> {
    with(|node| {
        if node.count > MOST_MODULES {
            *node = Node::start()?;
        }
        for (key, code) in modules {
            if !node.loaded.insert(key) {
                continue;
            }
            node.count += 1;
            node.send(&format!("{{\"do\":\"load\",\"key\":{key},\"code\":{}}}", quote(code)))?;
            let answer = node.receive()?;
            let tokens = answer.elements(answer.root());
            let word = |at: usize| tokens.get(at).and_then(|token| answer.str(*token));
            if word(0).is_none_or(|word| &**word != "loaded") {
                return Err(format!("emitted JavaScript cannot be loaded: {}", word(1).map_or("", |text| text)));
            }
        }
        Ok(())
    })
}

/// Ends the process: the next run begins another one.
pub fn end() {
    let _ended = NODE.try_with(|node| node.try_borrow_mut().map(|mut node| *node = None));
}

/// Sends a line.
pub fn send(line: &str) -> Result<(), String> {
    with(|node| node.send(line))
}

/// The next line, which is an array.
pub fn receive() -> Result<Tree, String> {
    with(Node::receive)
}

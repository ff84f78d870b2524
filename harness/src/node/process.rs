//! A Node process, one for each thread that runs emitted JavaScript: lines of JSON over its standard input and output.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{io, thread};

use statewright_types::json::{self, Tree, quote};

use super::files;

/// So many modules are loaded into one process: Node keeps each for as long as it lives.
const MOST_MODULES: usize = 2_000;
/// Bytes of one line at most that may come back.
const MOST_BYTES: usize = 256 << 20;

thread_local! {
    static NODE: RefCell<Option<Node>> = const { RefCell::new(None) };
}

/// The oldest version of Node that has all that library and bridge use.
const OLDEST: u32 = 20;
/// What to do where it is missing.
const REMEDY: &str = "the backend `js` needs Node.js 20 or newer in the PATH: install it, or choose another backend";
/// So long Node may take to say its version.
const MOST_WAIT: Duration = Duration::from_secs(20);
/// Bytes that are shown of what Node says of a failure.
const MOST_SHOWN: usize = 500;

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
        let mut child = command.spawn().map_err(|error| format!("cannot start `node` ({error}); {REMEDY}"))?;
        let mut node = match (child.stdin.take(), child.stdout.take()) {
            (input @ Some(_), Some(output)) => {
                Node { child, input, output: BufReader::new(output), loaded: HashSet::new(), count: 0 }
            }
            _ => return Err("`node` has no standard input and output".to_owned()),
        };
        // A module that nobody has is forgotten as well as any other: whoever answers that has begun.
        let answered = node.send("{\"do\":\"forget\",\"key\":0}").and_then(|()| node.receive());
        answered.map_err(|error| format!("{error}: it did not start; {REMEDY}")).map(|_| node)
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

/// Whether there is a Node that is new enough, and starts.
///
/// # Errors
/// Says what is missing, and what to do.
pub fn check() -> Result<(), String> {
    // Asked once: what is in the PATH stays.
    static VERSION: OnceLock<Result<(), String>> = OnceLock::new();
    VERSION.get_or_init(check_version).clone()?;
    with(|_| Ok(()))
}

fn check_version() -> Result<(), String> {
    let (told, complaint) = asked_version().map_err(|error| format!("cannot start `node` ({error}); {REMEDY}"))?;
    let complaint = match complaint.trim() {
        "" => String::new(),
        text => format!(", and says: {}", text.chars().take(MOST_SHOWN).collect::<String>()),
    };
    let told = told.trim();
    let major = told.strip_prefix('v').and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST => Ok(()),
        Some(_) => Err(format!("the `node` in the PATH is {told}; {REMEDY}")),
        None => Err(format!("`node --version` does not tell a version{complaint}; {REMEDY}")),
    }
}

/// What `node --version` prints, and what it complains of.
fn asked_version() -> io::Result<(String, String)> {
    let mut command = Command::new("node");
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let began = Instant::now();
    while child.try_wait()?.is_none() {
        if began.elapsed() > MOST_WAIT {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::other(format!("it does not tell its version within {} s", MOST_WAIT.as_secs())));
        }
        thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output()?;
    let [told, complaint] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    // What failed has told nothing, whatever it printed.
    Ok((if output.status.success() { told } else { String::new() }, complaint))
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

//! The nodes of the host program that documents call: those of the program that the editor is part of, else those that a file
//! declares, which stop what calls them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use statewright_editor_core::open::file::read_text;
use statewright_harness::project::Fault;
use statewright_runtime::host::HostNodes;
use statewright_types::host;

use crate::host::Host;

/// The file beside documents in which a host program declares its nodes, unless the editor was told of another.
pub const NODES: &str = "nodes.json";

/// What a file declares.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// What the file is and why it is not taken in; what was known of it stays.
    pub problem: Option<(String, String)>,
    /// The file and what it says, if it could be read.
    read: Option<(PathBuf, Arc<str>)>,
    nodes: HostNodes,
}

impl Declared {
    /// What is declared for a document, which need not be a file.
    pub fn of(host: &Host, document: Option<&Path>) -> Declared {
        let mut declared = Declared::default();
        declared.look(host, document);
        declared
    }

    /// Reads again, and says whether something else is declared now. While the file has mistakes, what it said last holds; one
    /// that nobody asked for declares nothing when it is gone.
    pub fn look(&mut self, host: &Host, document: Option<&Path>) -> bool {
        let beside = || Some(document?.parent()?.join(NODES));
        let Some(path) = host.declared.clone().or_else(beside) else { return false };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_gone =
            |fault: &Fault| matches!(fault, Fault::Read { source, .. } if source.kind() == ErrorKind::NotFound);
        let (read, problem, nodes) = match read_text(&*host.files, &path) {
            Ok((text, _)) => {
                let read = Some((path, text.clone()));
                if read == self.read {
                    return false;
                }
                let (declarations, mistakes) = host::read(&text);
                let problem =
                    mistakes.first().map(|mistake| (format!("{name} has mistakes"), mistake.message.to_string()));
                let nodes = problem.is_none().then(|| HostNodes::declared(declarations));
                (read, problem, nodes)
            }
            Err(fault) if host.declared.is_none() && is_gone(&fault) => {
                let had_any = !self.nodes.declarations().nodes().is_empty();
                (None, None, had_any.then(HostNodes::default))
            }
            Err(fault) => (None, Some((format!("{name} cannot be read"), fault.to_string())), None),
        };
        (self.read, self.problem) = (read, problem);
        let is_new = nodes.is_some();
        self.nodes = nodes.unwrap_or_else(|| std::mem::take(&mut self.nodes));
        is_new
    }

    /// The nodes: those of the program that the editor is part of come before declared ones.
    pub fn nodes(&self, host: &Host) -> HostNodes {
        if host.nodes.declarations().nodes().is_empty() { self.nodes.clone() } else { host.nodes.clone() }
    }
}

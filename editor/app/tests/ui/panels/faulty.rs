//! A disk that fails when it is told to.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use statewright_editor::Host;
use statewright_harness::files::{Disk, Files, Writer};

/// The disk, and what it does not do now.
#[derive(Debug, Default)]
pub struct Faulty {
    /// Why nothing can be written.
    pub writing: Cell<Option<io::ErrorKind>>,
    /// Files that cannot be read, and why.
    pub reading: RefCell<Vec<(PathBuf, io::ErrorKind)>>,
}

impl Faulty {
    /// A host on such a disk.
    pub fn host(self: &Rc<Faulty>) -> Host {
        Host { files: self.clone(), ..Host::without_traces() }
    }
}

impl Files for Faulty {
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        match self.reading.borrow().iter().find(|(other, _)| other == path) {
            Some((_, why)) => Err((*why).into()),
            None => Disk.read(path, limit),
        }
    }
    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        Disk.names(folder)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn Writer>> {
        match self.writing.get() {
            Some(why) => Err(why.into()),
            None => Disk.create(path),
        }
    }
    fn is_abandoned(&self, path: &Path) -> io::Result<bool> {
        Disk.is_abandoned(path)
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.link(from, to)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        Disk.remove(path)
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        Disk.sync_folder(folder)
    }
}

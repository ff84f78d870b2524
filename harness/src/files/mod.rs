//! Files that survive crashes: replaced as a whole, or appended to.
//!
//! - [`replace()`]: a file's content at once, with older ones kept
//!
//! What these need of a file system is the trait [`Files`], so that tests can have one that stops anywhere. [`Disk`] is
//! the real one.

mod disk;
mod replace;

use std::io;
use std::path::Path;

pub use disk::Disk;
pub use replace::{older, replace};

/// A file system.
pub trait Files {
    /// The content of a file.
    ///
    /// # Errors
    /// `FileTooLarge` if it has more than `limit` bytes.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// Names in a folder.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// A new file, which is its writer's until that is dropped; see [`Files::is_abandoned`].
    ///
    /// # Errors
    /// `AlreadyExists` if there is one.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Writer>>;

    /// Whether nobody, in this process or another, still has the writer that [`Files::create`] gave for this file.
    fn is_abandoned(&self, path: &Path) -> io::Result<bool>;

    /// A second name for a file, which must not be taken; a copy where the file system has no links.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Another name for a file, in the place of whatever has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Waits until the names in a folder are on the disk.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// A file being written.
pub trait Writer {
    /// Appends bytes.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Waits until what was written is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

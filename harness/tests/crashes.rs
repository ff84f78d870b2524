//! Replacing a file on a file system that stops anywhere, fails anywhere, and has forgotten what was not synchronised.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use statewright_harness::files::{Files, Writer, older, replace};

/// What a file has: as programs see it, and how much of that is on the disk.
#[derive(Clone, Debug, Default)]
struct Inode {
    content: Vec<u8>,
    synced: usize,
    /// Whether a writer still has it.
    open: bool,
}

/// A change of names in the folder.
#[derive(Clone, Debug)]
enum Renaming {
    Put(PathBuf, usize),
    Gone(PathBuf),
}

/// A folder of files.
#[derive(Clone, Debug, Default)]
struct World {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, usize>,
    /// Names that are on the disk for sure, and what was done to them since.
    synced: BTreeMap<PathBuf, usize>,
    since: Vec<Renaming>,
    /// How many operations may still be done before everything stops; and whether it stops, or only that one fails.
    left: usize,
    fails_once: bool,
    operations: Vec<&'static str>,
}

#[derive(Clone, Default)]
struct Fake(Rc<RefCell<World>>);

impl Fake {
    fn new(left: usize, fails_once: bool, files: &[(&str, &[u8])]) -> Fake {
        let mut world = World { left, fails_once, ..World::default() };
        for (name, content) in files {
            world.names.insert(name.into(), world.inodes.len());
            world.inodes.push(Inode { content: content.to_vec(), synced: content.len(), open: false });
        }
        world.synced = world.names.clone();
        Fake(Rc::new(RefCell::new(world)))
    }

    /// Begins an operation that changes something, unless everything has stopped.
    fn operation(&self, name: &'static str) -> io::Result<std::cell::RefMut<'_, World>> {
        let mut world = self.0.borrow_mut();
        if world.left == 0 {
            if world.fails_once {
                world.left = usize::MAX;
            }
            return Err(io::Error::other("it has stopped"));
        }
        world.left = world.left.saturating_sub(1);
        world.operations.push(name);
        Ok(world)
    }

    /// Every folder that may be found after a crash: some of the latest changes of names, in order, and of each file what was
    /// synchronised with none, a part or all of the rest.
    fn found(&self) -> Vec<BTreeMap<PathBuf, Vec<u8>>> {
        let world = self.0.borrow();
        let mut found = Vec::new();
        for count in 0..=world.since.len() {
            let mut names = world.synced.clone();
            for renaming in world.since.iter().take(count) {
                match renaming {
                    Renaming::Put(path, inode) => drop(names.insert(path.clone(), *inode)),
                    Renaming::Gone(path) => drop(names.remove(path)),
                }
            }
            for part in 0..3 {
                let content = |inode: &Inode| {
                    let unsynced = inode.content.len() - inode.synced;
                    inode.content[..inode.synced + unsynced * part / 2].to_vec()
                };
                found.push(names.iter().map(|(path, at)| (path.clone(), content(&world.inodes[*at]))).collect());
            }
        }
        found
    }
}

impl Files for Fake {
    fn read(&self, path: &Path, _: u64) -> io::Result<Vec<u8>> {
        let world = self.0.borrow();
        world.names.get(path).map(|at| world.inodes[*at].content.clone()).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn names(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(self.0.borrow().names.keys().map(|path| path.display().to_string()).collect())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Writer>> {
        let mut world = self.operation("create")?;
        if world.names.contains_key(path) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let at = world.inodes.len();
        world.inodes.push(Inode { open: true, ..Inode::default() });
        world.names.insert(path.into(), at);
        world.since.push(Renaming::Put(path.into(), at));
        drop(world);
        Ok(Box::new(Open(self.clone(), at)))
    }

    fn is_abandoned(&self, path: &Path) -> io::Result<bool> {
        let world = self.0.borrow();
        world.names.get(path).map(|at| !world.inodes[*at].open).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut world = self.operation("link")?;
        let at = *world.names.get(from).ok_or(ErrorKind::NotFound)?;
        assert!(!world.names.contains_key(to), "{} is taken", to.display());
        world.names.insert(to.into(), at);
        world.since.push(Renaming::Put(to.into(), at));
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut world = self.operation("rename")?;
        let at = world.names.remove(from).ok_or(ErrorKind::NotFound)?;
        world.names.insert(to.into(), at);
        // Both at once: a rename is atomic.
        world.since.push(Renaming::Put(to.into(), at));
        world.since.push(Renaming::Gone(from.into()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut world = self.operation("remove")?;
        world.names.remove(path).ok_or(ErrorKind::NotFound)?;
        world.since.push(Renaming::Gone(path.into()));
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        let mut world = self.operation("sync folder")?;
        world.synced = world.names.clone();
        world.since.clear();
        Ok(())
    }
}

struct Open(Fake, usize);

impl Writer for Open {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        // In two parts, so that it can stop in between.
        for part in bytes.chunks(bytes.len().div_ceil(2).max(1)) {
            self.0.operation("write")?.inodes[self.1].content.extend_from_slice(part);
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut world = self.0.operation("sync")?;
        let inode = &mut world.inodes[self.1];
        inode.synced = inode.content.len();
        Ok(())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.borrow_mut().inodes[self.1].open = false;
    }
}

const OLD: &[u8] = b"the old content";
const NEW: &[u8] = b"the new content, which is longer";

fn path() -> &'static Path {
    Path::new("round.save")
}

/// Bug of the original: a fixed temporary name, and nothing synchronised.
#[test]
fn a_crash_at_any_point_leaves_the_old_or_the_new_file_whole() {
    let mut outcomes = [0, 0];
    for keep in [0, 2] {
        let everything = Fake::new(usize::MAX, false, &[("round.save", OLD)]);
        replace(&everything, path(), NEW, keep).expect("nothing fails");
        let operations = everything.0.borrow().operations.clone();
        assert!(operations.len() >= 5, "{operations:?}");
        for stop in 0..=operations.len() {
            let fake = Fake::new(stop, false, &[("round.save", OLD)]);
            let done = replace(&fake, path(), NEW, keep).is_ok();
            for found in fake.found() {
                let content = found.get(path()).expect("the file is always there");
                assert!(content == OLD || content == NEW, "stopped before {:?}: {found:?}", operations.get(stop));
                assert!(!done || content == NEW, "it said that it was done");
                outcomes[usize::from(content == NEW)] += 1;
                // Whatever was kept is whole too.
                let kept: Vec<_> =
                    found.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "old")).collect();
                assert!(kept.iter().all(|(_, content)| *content == OLD), "{kept:?}");
                // And the next one begins where this one left off, and cleans up after it.
                let files: Vec<(&str, &[u8])> =
                    found.iter().map(|(path, content)| (path.to_str().expect("text"), content.as_slice())).collect();
                let after = Fake::new(usize::MAX, false, &files);
                replace(&after, path(), b"later", 0).expect("nothing fails");
                let names = after.names(Path::new("")).expect("a folder");
                assert!(names.iter().all(|name| !name.contains(".tmp")), "{names:?}");
                assert_eq!(after.read(path(), 99).expect("it is there"), b"later");
            }
        }
    }
    assert!(outcomes.iter().all(|count| *count > 5), "{outcomes:?}");
}

/// The same where there was no file: none, or the new one.
#[test]
fn a_first_file_is_whole_or_not_there() {
    for stop in 0..9 {
        let fake = Fake::new(stop, false, &[]);
        let done = replace(&fake, path(), NEW, 1).is_ok();
        for found in fake.found() {
            assert!(found.get(path()).map_or(!done, |content| content == NEW), "stopped after {stop}: {found:?}");
        }
    }
}

#[test]
fn an_operation_that_fails_is_an_error_and_leaves_the_file_as_it_was() {
    for stop in 0..7 {
        let fake = Fake::new(stop, true, &[("round.save", OLD)]);
        let outcome = replace(&fake, path(), NEW, 1);
        let content = fake.read(path(), 99).expect("it is there");
        match outcome {
            Ok(()) => assert_eq!(content, NEW),
            Err(fault) => {
                assert!(fault.to_string().starts_with("cannot write round.save: "), "{fault}");
                // Only after the rename it is another one already: then it is not sure that a crash keeps it.
                let renamed = fake.0.borrow().operations.contains(&"rename");
                assert_eq!(content, if renamed { NEW } else { OLD });
            }
        }
        let names = fake.names(Path::new("")).expect("a folder");
        assert!(names.iter().all(|name| !name.contains(".tmp")), "{names:?}");
    }
}

#[test]
fn what_another_writer_still_has_is_not_cleaned_up() {
    let fake = Fake::new(
        usize::MAX,
        false,
        &[("round.save", OLD), (".round.save.1-9.tmp", b"left behind"), (".round.save.x.tmp", b"not ours")],
    );
    let writer = fake.create(Path::new(".round.save.1-7.tmp")).expect("it is new");
    replace(&fake, path(), NEW, 0).expect("nothing fails");
    assert_eq!(
        fake.names(Path::new("")).expect("a folder"),
        [".round.save.1-7.tmp", ".round.save.x.tmp", "round.save"]
    );
    drop(writer);
    replace(&fake, path(), NEW, 0).expect("nothing fails");
    assert_eq!(fake.names(Path::new("")).expect("a folder"), [".round.save.x.tmp", "round.save"]);
}

#[test]
fn the_latest_older_contents_are_kept() {
    let fake = Fake::new(usize::MAX, false, &[("round.save", b"0"), ("round.save.x.old", b"not ours")]);
    for content in 1..=5 {
        replace(&fake, path(), content.to_string().as_bytes(), 3).expect("nothing fails");
    }
    let kept = older(&fake, path()).expect("a folder");
    let contents: Vec<_> = kept.iter().map(|path| fake.read(path, 9).expect("it is there")).collect();
    assert_eq!(contents, [b"4", b"3", b"2"]);
    assert_eq!(kept.first(), Some(&PathBuf::from("round.save.5.old")));
    // Fewer from now on; and without keeping any, those that are there stay.
    replace(&fake, path(), b"6", 1).expect("nothing fails");
    replace(&fake, path(), b"7", 0).expect("nothing fails");
    assert_eq!(older(&fake, path()).expect("a folder"), [PathBuf::from("round.save.6.old")]);
}

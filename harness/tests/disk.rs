//! Files on the disk of this machine.

use std::path::Path;

use statewright_harness::files::{Disk, Files, older, replace};

mod support;

use support::Folder;

#[test]
fn files_are_replaced_and_leftovers_removed() {
    let folder = Folder::new();
    let path = folder.path().join("a.save");
    folder.put(".a.save.1-1.tmp", "left behind");
    replace(&Disk, &path, b"one", 2).expect("it can be written");
    replace(&Disk, &path, b"two", 2).expect("it can be written");
    assert_eq!(Disk.read(&path, 3).expect("it is there"), b"two");
    let kept = older(&Disk, &path).expect("a folder");
    assert_eq!(kept, [folder.path().join("a.save.1.old")]);
    assert_eq!(Disk.read(&kept[0], 3).expect("it is there"), b"one");
    let mut names = Disk.names(folder.path()).expect("a folder");
    names.sort();
    assert_eq!(names, ["a.save", "a.save.1.old"]);
    assert!(Disk.read(&path, 2).is_err(), "it is larger");
}

#[test]
fn a_file_being_written_is_not_abandoned_until_its_writer_is_gone() {
    let folder = Folder::new();
    let path = folder.path().join("b");
    let mut writer = Disk.create(&path).expect("it is new");
    writer.write(b"x").and_then(|()| writer.sync()).expect("it can be written");
    assert!(!Disk.is_abandoned(&path).expect("it is there"));
    assert!(Disk.create(&path).is_err(), "it is there already");
    drop(writer);
    assert!(Disk.is_abandoned(&path).expect("it is there"));
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let folder = Folder::new();
    let fault = replace(&Disk, &folder.path().join("none/a.save"), b"", 0).expect_err("there is no such folder");
    assert!(fault.to_string().contains("a.save"), "{fault}");
    let fault = replace(&Disk, Path::new(".."), b"", 0).expect_err("it is no file");
    assert!(fault.to_string().contains("names no file"), "{fault}");
}

//! Programs that are built: what needs no compiler.

use std::fs;
use std::path::PathBuf;

use statewright_harness::execution::{Module, ProgramCrate, Sources, sources};
use statewright_harness::project::{Fault, LoadOptions, Loaded};

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder is made");
    folder
}

#[test]
fn an_archive_of_sources_is_unpacked() {
    let folder = folder("archive");
    sources::unpack(b"a/b.rs 3\nx\nyc.toml 0\n", &folder).expect("it is an archive");
    assert_eq!(fs::read(folder.join("a/b.rs")).expect("it is there"), b"x\ny");
    assert_eq!(fs::read(folder.join("c.toml")).expect("it is there"), b"");
    for broken in [&b"a 5\nx"[..], b"a\n", b"a x\n", b"\xff 0\n"] {
        assert!(matches!(sources::unpack(broken, &folder), Err(Fault::NotBuilt { .. })), "{broken:?}");
    }
    for outside in [&b"../a 1\nx"[..], b"/a 1\nx", b"a/../../b 1\nx"] {
        assert!(matches!(sources::unpack(outside, &folder), Err(Fault::NotBuilt { .. })), "{outside:?}");
    }
}

#[test]
fn a_kept_program_that_was_changed_is_refused() {
    let cache = folder("kept");
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../samples/hot_reload/before.json");
    let loaded = Loaded::open(&sample, &LoadOptions::default()).expect("it is there");
    let program = ProgramCrate::of_command(vec![Module::of(&loaded).expect("it compiles")]);
    let sources = Sources::Archive(b"Cargo.toml 0\n");
    let place = cache.join(program.place(&sources, &cache).expect("the archive is right"));
    fs::create_dir_all(&place).expect("the folder is made");
    fs::write(place.join("program"), "built").expect("it is written");
    let sum = "a7c1b3c7b4b86b7bd0ee21d0ae6b1ec8b4b2d9b32a6ac1cf2bd4d1b2d9bb7f62";
    fs::write(place.join("program.sha256"), sum).expect("it is written");
    match program.build(&sources, &cache) {
        Err(Fault::NotBuilt { what }) => assert!(what.contains("has changed since"), "{what}"),
        other => panic!("{other:?}"),
    }
}

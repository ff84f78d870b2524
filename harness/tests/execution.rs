//! Programs that are built: what needs no compiler.

use std::fs;
use std::path::{Path, PathBuf};

use statewright_harness::execution::{Module, ProgramCrate, Sources, crates, sources};
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
fn sources_that_were_changed_are_written_again_and_others_are_refused() {
    let folder = folder("changed-sources");
    let archive = b"a/lib.rs 3\nx\ny";
    sources::unpack(archive, &folder).expect("it is an archive");
    fs::write(folder.join("a/lib.rs"), "worse").expect("it is written");
    sources::unpack(archive, &folder).expect("it is mended");
    assert_eq!(fs::read(folder.join("a/lib.rs")).expect("it is there"), b"x\ny");
    // Cargo would run it.
    fs::write(folder.join("a/build.rs"), "fn main() {}").expect("it is written");
    match sources::unpack(archive, &folder) {
        Err(Fault::NotBuilt { what }) => assert!(what.contains("build.rs") && what.contains("was put there"), "{what}"),
        other => panic!("{other:?}"),
    }
}

/// A program of a sample, with sources that hold nothing: it cannot be built, only found.
fn sample(name: &str) -> (ProgramCrate, Sources) {
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../samples/hot_reload").join(name);
    let loaded = Loaded::open(&sample, &LoadOptions::default()).expect("it is there");
    let program = ProgramCrate::of_command(vec![Module::of(&loaded).expect("it compiles")]);
    (program, Sources::Archive(b"Cargo.toml 0\n"))
}

#[track_caller]
fn refused(program: &ProgramCrate, sources: &Sources, cache: &Path, why: &str) {
    match program.build(sources, cache) {
        Err(Fault::NotBuilt { what }) => assert!(what.contains(why), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_kept_program_that_was_changed_is_refused() {
    let cache = folder("kept");
    let (program, sources) = sample("before.json");
    let place = cache.join(program.place(&sources, &cache).expect("the archive is right"));
    fs::create_dir_all(&place).expect("the folder is made");
    fs::write(place.join("program"), "built").expect("it is written");
    refused(&program, &sources, &cache, "nothing says that it was built here");
    let sealed = crates::seal(&place, b"built");
    fs::write(place.join("program.seal"), &sealed).expect("it is written");
    assert_eq!(program.build(&sources, &cache).expect("it is what was built").path, place.join("program"));
    fs::write(place.join("program"), "bui1t").expect("it is written");
    refused(&program, &sources, &cache, "it has changed since");
}

#[test]
fn a_program_with_a_compiler_is_not_taken_for_one_without() {
    let (program, sources) = sample("before.json");
    let with_jit = ProgramCrate { has_jit: true, ..program.clone() };
    let cache = folder("compiler");
    assert_ne!(program.place(&sources, &cache).expect("a place"), with_jit.place(&sources, &cache).expect("a place"));
}

#[test]
fn a_kept_program_of_another_document_is_refused() {
    let cache = folder("swapped");
    let ((before, sources), (after, _)) = (sample("before.json"), sample("after.json"));
    let place = |program: &ProgramCrate| cache.join(program.place(&sources, &cache).expect("the archive is right"));
    let (one, other) = (place(&before), place(&after));
    assert_ne!(one, other);
    fs::create_dir_all(&one).expect("the folder is made");
    fs::create_dir_all(&other).expect("the folder is made");
    for name in ["program", "program.seal"] {
        fs::write(one.join("program"), "built").expect("it is written");
        fs::write(one.join("program.seal"), crates::seal(&one, b"built")).expect("it is written");
        fs::copy(one.join(name), other.join(name)).expect("it is copied");
    }
    assert!(before.build(&sources, &cache).is_ok());
    refused(&after, &sources, &cache, "it has changed since");
}

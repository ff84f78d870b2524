//! Programs that are built: what needs no compiler.

use std::fs;
use std::path::{Path, PathBuf};

use statewright_harness::execution::{Module, ProgramCrate, Sources, building, crates, sources};
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

/// A document of that many nodes in a row, in a folder of its own.
fn in_a_row(name: &str, count: usize) -> PathBuf {
    let folder = folder(name);
    let node = |n: usize| format!(r#"{{"id": "n{n}", "type": "Increment", "inputs": {{"path": "N"}}}}"#);
    let edge = |n: usize| match n.checked_sub(1) {
        Some(before) => format!(r#"{{"from": "n{before}", "to": "n{n}"}}"#),
        None => r#"{"from": "start", "to": "n0"}"#.to_owned(),
    };
    let (nodes, flow): (Vec<String>, Vec<String>) = (0..count).map(|n| (node(n), edge(n))).unzip();
    let document = format!(
        "{{\"handlers\": [\n  {{\"name\": \"Row\", \"event\": \"Row\", \"parameters\": [], \"nodes\": [{}], \"flow\": [{}]}}]}}",
        nodes.join(", "),
        flow.join(", ")
    );
    fs::write(folder.join("row.json"), document).expect("it is written");
    fs::write(folder.join("row.schema"), "@root(active)\ntype Game {\n  N int64\n}\n").expect("it is written");
    folder.join("row.json")
}

#[test]
fn what_would_keep_rustc_busy_is_refused_before_cargo_starts() {
    let loaded = Loaded::open(&in_a_row("hostile", 7_000), &LoadOptions::default()).expect("it is there");
    let program = ProgramCrate::of_command(vec![Module::of(&loaded).expect("it compiles")]);
    // Sources that hold nothing, so that cargo would say something else.
    let error = program.build(&Sources::Archive(b"Cargo.toml 0\n"), &folder("nothing")).expect_err("it is too large");
    let text = error.to_string();
    assert!(matches!(error, Fault::NotCompiled(_)), "{text}");
    assert!(
        ["row.json:2:", "error[E050]", "`Row` has ", "at most 20000", "split it into functions"]
            .iter()
            .all(|part| text.contains(part)),
        "{text}"
    );
}

#[test]
fn large_documents_are_not_optimised_and_small_ones_are() {
    let level = |name: &str, count: usize| {
        let loaded = Loaded::open(&in_a_row(name, count), &LoadOptions::default()).expect("it is there");
        ProgramCrate::of_command(vec![Module::of(&loaded).expect("it compiles")]).opt_level
    };
    assert_eq!((level("small", 10), level("large", 1_000)), (1, 0));
}

#[test]
fn a_document_is_the_same_however_its_path_is_spelled() {
    let path = in_a_row("spelled", 3);
    let around = path.parent().expect("a folder").join("../spelled/./row.json");
    let sources = Sources::Archive(b"Cargo.toml 0\n");
    let places = [path, around].map(|path| {
        let loaded = Loaded::open(&path, &LoadOptions::default()).expect("it is there");
        let program = ProgramCrate::of_command(vec![Module::of(&loaded).expect("it compiles")]);
        program.place(&sources, Path::new("cache")).expect("the archive is right")
    });
    assert_eq!(places[0], places[1]);
}

#[cfg(unix)]
#[test]
fn a_build_that_takes_too_long_is_ended_with_all_that_it_started() {
    use std::process::Command;
    use std::time::Duration;
    let folder = folder("long");
    let mut command = Command::new("sh");
    // The file is written by what the shell started, if that goes on without it.
    command.current_dir(&folder).args(["-c", "(sleep 3; echo on > went) & echo begun > begun; wait"]);
    let error = building::run_within(command, Duration::from_millis(700)).expect_err("it takes 3 seconds");
    let text = error.to_string();
    assert!(text.contains("was ended") && text.contains("STATEWRIGHT_BUILD_SECONDS"), "{text}");
    let listed = Command::new("ps").args(["-A", "-o", "args="]).output().expect("ps is there");
    assert!(!String::from_utf8_lossy(&listed.stdout).lines().any(|line| line == "sleep 3"), "it goes on");
    let mut failing = Command::new("sh");
    failing.args(["-c", "echo why >&2; exit 3"]);
    assert_eq!(building::run_within(failing, Duration::from_secs(60)).expect("it ends"), (false, "why\n".to_owned()));
    assert_eq!(building::most_time(Some("90")).expect("seconds"), Duration::from_secs(90));
    for bad in ["0", "soon", "-1"] {
        assert!(building::most_time(Some(bad)).is_err_and(|error| error.to_string().contains(bad)), "{bad}");
    }
}

//! Object files and listings.

use statewright_jit::{Jit, JitError, Listing, listing, object, opened};
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::{Execution, Program};

use crate::{document, tables};

#[test]
fn a_changed_artefact_is_refused() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let sealed = object(module, &tables(&loaded), &HostNodes::default()).expect("it is compiled");
    let hash = loaded.document_hash;
    let file = opened(&sealed, &hash).expect("as it was made");
    assert!(file.len() > 500, "{} bytes of object file", file.len());
    let refused = |artefact: &[u8], hash: &[u8; 32]| matches!(opened(artefact, hash), Err(JitError::Artefact { .. }));
    assert!(refused(&sealed, &[0; 32]), "of another document");
    for cut in [0, 7, 40, 71, 72, sealed.len() - 1] {
        assert!(refused(&sealed[..cut], &hash), "cut at {cut}");
    }
    for at in (0..sealed.len()).step_by(97).chain(0..72) {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(refused(&changed, &hash), "changed at {at}");
    }
}

#[test]
fn the_same_document_makes_the_same_artefact() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let make = || object(module, &tables(&loaded), &HostNodes::default()).expect("it is compiled");
    assert!(make() == make());
}

#[test]
fn machine_code_in_memory_has_a_hash_of_its_bytes() {
    let jit = |path: &str| {
        let loaded = document(path);
        let module = loaded.module.as_ref().expect("it compiles");
        Jit::new(module, tables(&loaded), &HostNodes::default()).expect("it is compiled")
    };
    let (once, again) = (jit("benches/workloads/arena.json"), jit("benches/workloads/arena.json"));
    assert_eq!(once.artefact(), again.artefact(), "wherever in memory it is");
    assert_ne!(once.artefact(), jit("samples/card_game/card_game.json").artefact());
    assert_eq!(once.execution(), Execution { name: "jit", artefact: Some(once.artefact()) });
}

#[test]
fn listings_name_every_function() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    for what in [Listing::Clif, Listing::Assembly] {
        let text = listing(module, &tables(&loaded), what).expect("it is compiled");
        for function in &module.functions {
            assert!(text.contains(&format!("; {}\n", function.name)), "{what:?} of {}", function.name);
        }
    }
}

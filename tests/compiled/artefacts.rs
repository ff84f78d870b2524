//! Object files and listings.

use sha2::{Digest, Sha256};
use statewright_interpreter::ProgramTables;
use statewright_jit::{JitError, Listing, listing, object, opened};
use statewright_runtime::host::HostNodes;

use crate::{document, tables};

/// Magic, hash of the document, checksum.
const HEADER: usize = 8 + 32 + 32;

#[test]
fn a_changed_artefact_is_refused() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let sealed = object(module, &tables(&loaded), &HostNodes::default()).expect("it is compiled");
    let open = |artefact: &[u8], tables: &ProgramTables| {
        opened(artefact, module, tables, &HostNodes::default()).map(<[u8]>::len)
    };
    let bytes = open(&sealed, &tables(&loaded)).expect("as it was made");
    assert!(bytes > 500, "{bytes} bytes of object file");
    let refused =
        |artefact: &[u8], tables: &ProgramTables| matches!(open(artefact, tables), Err(JitError::Artefact { .. }));
    let other = ProgramTables { document_hash: [0; 32], ..tables(&loaded) };
    assert!(refused(&sealed, &other), "of another document");
    for cut in [0, 7, 40, 71, 72, sealed.len() - 1] {
        assert!(refused(&sealed[..cut], &tables(&loaded)), "cut at {cut}");
    }
    for at in (0..sealed.len()).step_by(97).chain(0..HEADER) {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(refused(&changed, &tables(&loaded)), "changed at {at}");
    }
}

#[test]
fn an_artefact_that_was_changed_and_sealed_again_is_refused() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let sealed = object(module, &tables(&loaded), &HostNodes::default()).expect("it is compiled");
    let mut changes: Vec<Vec<u8>> = [HEADER, HEADER + 200, sealed.len() / 2, sealed.len() - 1]
        .into_iter()
        .map(|at| {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            changed
        })
        .collect();
    changes.push([&sealed[..], b"more"].concat());
    changes.push(sealed[..sealed.len() - 1].to_vec());
    for mut changed in changes {
        let sum = Sha256::new().chain_update(&changed[..40]).chain_update(&changed[HEADER..]).finalize();
        changed[40..HEADER].copy_from_slice(&sum);
        let error = opened(&changed, module, &tables(&loaded), &HostNodes::default()).expect_err("it is other code");
        assert!(error.to_string().contains("sealed again"), "{error}");
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

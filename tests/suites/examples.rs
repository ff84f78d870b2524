//! The example of every node row, on every execution.

use std::path::Path;

use statewright_graph::node;
use statewright_tests::{corpus, example};

#[test]
fn every_example_of_the_node_table_holds() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples");
    // Rows that are gone must not be run from an earlier build.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the folder for examples is made");
    std::fs::write(folder.join(example::SCHEMA_FILE), example::SCHEMA).expect("the schema is written");
    for row in node::table() {
        let file = folder.join(format!("{}.test.json", row.name));
        std::fs::write(file, example::test_file(row)).expect("the example is written");
    }
    let summary = corpus::run(&folder);
    let complaints = corpus::complaints(&summary);
    assert_eq!(summary.files, node::table().count());
    assert!(summary.ok() && complaints.is_empty(), "{complaints}");
}

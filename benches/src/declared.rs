//! The node of the host program that `workloads/host.json` calls: for the build script, too.

use statewright_types::host::HostNode;

/// What W6 calls.
pub fn mix() -> HostNode {
    HostNode::pure("Mix", "As the function that is called by hand.")
        .input("value", "int64", "What there is.")
        .input("by", "int64", "What comes to it.")
        .output("result", "int64", "Both, mixed.")
}

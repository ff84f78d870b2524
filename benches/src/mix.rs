//! The node of a host program that W6 calls.

use statewright_types::host::HostNode;

/// Its declaration.
pub fn node() -> HostNode {
    HostNode::pure("Mix", "As the function that is called by hand.")
        .input("value", "int64", "What there is.")
        .input("by", "int64", "What comes to it.")
        .output("result", "int64", "Both, mixed.")
}

//! The registry: a rule is a file here and a line below.

macro_rules! rules {
    ($($module:ident)*) => {
        $(mod $module;)*
        /// Every rule.
        pub const ALL: &[&super::Rule] = &[$(&$module::RULE,)*];
    };
}

rules! {
    dependency_direction
    confined_crates
    one_version
    dependency_reasons
    module_docs
    ignored_tests
    timed_tests
    unsafe_code
    float_functions
    determinism
    file_length
    names
    unfinished
    links
    machine_paths
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_here_is_registered() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tidy/rules");
        let files = std::fs::read_dir(folder).expect("the folder of this file").count();
        assert_eq!(files, super::ALL.len() + 1, "one file a rule, and mod.rs");
    }
}

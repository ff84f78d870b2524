//! What rules read of a `Cargo.toml`.

use toml_edit::{Document, Item, TableLike};

/// A manifest.
pub struct Manifest {
    /// From the root.
    pub path: String,
    /// The package, if it is one.
    pub package: Option<String>,
    /// Dependencies of all kinds and targets.
    pub dependencies: Vec<Dependency>,
    /// `workspace.dependencies`.
    pub shared: Vec<Dependency>,
}

/// One dependency.
pub struct Dependency {
    /// The real name of the package.
    pub name: String,
    /// From 1.
    pub line: usize,
    /// Whether it takes its version from the workspace.
    pub inherited: bool,
    /// Whether it is a path into this repository.
    pub local: bool,
}

impl Manifest {
    /// Reads the text of a manifest. The error is a line and what is wrong there.
    pub fn parse(path: &str, text: &str) -> Result<Manifest, (usize, String)> {
        let document = Document::parse(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            (line, error.message().to_owned())
        })?;
        let root = document.as_table() as &dyn TableLike;
        let mut dependencies = Vec::new();
        sections(root, text, &mut dependencies);
        if let Some(targets) = table(root, "target") {
            for (_, target) in targets.iter() {
                if let Some(target) = target.as_table_like() {
                    sections(target, text, &mut dependencies);
                }
            }
        }
        let shared = table(root, "workspace")
            .and_then(|workspace| table(workspace, "dependencies"))
            .map(|section| section_dependencies(section, text))
            .unwrap_or_default();
        let package =
            table(root, "package").and_then(|package| package.get("name")).and_then(Item::as_str).map(str::to_owned);
        Ok(Manifest { path: path.to_owned(), package, dependencies, shared })
    }
}

fn table<'a>(parent: &'a dyn TableLike, key: &str) -> Option<&'a dyn TableLike> {
    parent.get(key).and_then(Item::as_table_like)
}

fn sections(parent: &dyn TableLike, text: &str, out: &mut Vec<Dependency>) {
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        if let Some(section) = table(parent, kind) {
            out.extend(section_dependencies(section, text));
        }
    }
}

fn section_dependencies(section: &dyn TableLike, text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    for (key, item) in section.iter() {
        let span = section.key(key).and_then(|key| key.span()).or_else(|| item.span());
        let line = span.map_or(1, |span| line_of(text, span.start));
        let detail = item.as_table_like();
        let field = |name: &str| detail.and_then(|detail| detail.get(name));
        let name = field("package").and_then(Item::as_str).unwrap_or(key).to_owned();
        let inherited = field("workspace").and_then(Item::as_bool) == Some(true);
        found.push(Dependency { name, line, inherited, local: field("path").is_some() });
    }
    found
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dependencies: &[Dependency]) -> Vec<(&str, usize)> {
        dependencies.iter().map(|dependency| (&*dependency.name, dependency.line)).collect()
    }

    #[test]
    fn every_kind_and_target_of_dependency_is_seen() {
        let text = "[package]\nname = \"a\"\n[dependencies]\nb = \"1\"\nc.workspace = true\n[dev-dependencies]\nd = { package = \
                    \"e\", path = \"../e\" }\n[build-dependencies.f]\nversion = \"1\"\n[target.'cfg(unix)'.dependencies]\ng = \
                    \"1\"\n[workspace.dependencies]\nh = \"1\"\n";
        let manifest = Manifest::parse("Cargo.toml", text).expect("it parses");
        assert_eq!(manifest.package.as_deref(), Some("a"));
        assert_eq!(names(&manifest.dependencies), [("b", 4), ("c", 5), ("e", 7), ("f", 8), ("g", 11)]);
        assert_eq!(names(&manifest.shared), [("h", 13)]);
        let inherited: Vec<bool> = manifest.dependencies.iter().map(|dependency| dependency.inherited).collect();
        assert_eq!(inherited, [false, true, false, false, false]);
        assert!(manifest.dependencies.iter().any(|dependency| dependency.local));
    }

    #[test]
    fn a_broken_manifest_says_where() {
        let line = Manifest::parse("Cargo.toml", "[package]\nname = \n").err().map(|(line, _)| line);
        assert_eq!(line, Some(2));
    }
}

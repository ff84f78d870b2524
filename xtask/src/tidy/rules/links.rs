//! Links between pages lead somewhere.

use crate::tidy::tree::{File, Tree};
use crate::tidy::{Report, Rule, markdown};

pub const RULE: Rule =
    Rule { name: "links", demands: "relative links in Markdown lead to files and headings that exist", check };

fn check(tree: &Tree, report: &mut Report) {
    for page in tree.with_extension("md") {
        for (line, text) in markdown::prose(&page.text) {
            for target in markdown::link_targets(&text) {
                if let Some((message, advice)) = wrong_with(tree, page, target) {
                    report.add(&page.path, line, message, advice);
                }
            }
        }
    }
}

fn wrong_with(tree: &Tree, page: &File, target: &str) -> Option<(String, String)> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let resolved = if path.is_empty() { Some(page.path.clone()) } else { resolve(&page.path, path) };
    let Some(resolved) = resolved.filter(|resolved| tree.has(resolved)) else {
        return Some((format!("the link `{target}` leads nowhere"), "name an existing file, relative to this page".into()));
    };
    let anchors = tree.file(&resolved).map(|file| markdown::anchors(&file.text)).unwrap_or_default();
    let anchor = anchor.filter(|anchor| resolved.ends_with(".md") && !anchors.iter().any(|known| known == anchor))?;
    Some((format!("`{resolved}` has no heading `#{anchor}`"), format!("it has {}", anchors.join(", "))))
}

/// `target` seen from the file `page`; `None` where it leaves the repository.
fn resolve(page: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            "" => return None,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn dead_links_and_anchors_are_found() {
        let page = "# One\n[a](two.md) [b](../README.md#top) [c](../src)\n[d](three.md)\n[e](../README.md#bottom)\n[f](#one)\n\
                    [g](#two)\n[h](../../out.md)\n[i](https://example.org/x)\n[j](/docs/two.md)\n";
        let files = [("docs/one.md", page), ("docs/two.md", ""), ("README.md", "# Top\n"), ("src/lib.rs", "")];
        assert_eq!(places(&RULE, &files), [3, 4, 6, 7, 9].map(|line| format!("docs/one.md:{line}")));
    }
}

//! Just enough of Markdown: prose lines without code, links, headings.

/// The lines outside fenced code with inline code blanked, numbered from 1.
pub fn prose(text: &str) -> Vec<(usize, String)> {
    let mut fence: Option<&str> = None;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let marker = ["```", "~~~"].into_iter().find(|marker| trimmed.starts_with(marker));
        match (fence, marker) {
            (None, Some(marker)) => fence = Some(marker),
            (Some(open), Some(marker)) if open == marker => fence = None,
            (None, None) => lines.push((index + 1, without_inline_code(line))),
            _ => {}
        }
    }
    lines
}

fn without_inline_code(line: &str) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    let closed = parts.len() % 2 == 1;
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        let code = index % 2 == 1 && (closed || index + 1 < parts.len());
        out.push_str(if code { "" } else { part });
    }
    out
}

/// The targets of the links, pictures and link definitions in a line of prose.
pub fn link_targets(line: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    for (at, _) in line.match_indices("](") {
        let rest = line.get(at + 2..).unwrap_or_default();
        let end = rest.find([')', ' ']).unwrap_or(rest.len());
        targets.extend(rest.get(..end));
    }
    if let Some((_, target)) = line.split_once("]: ").filter(|(label, _)| label.starts_with('[')) {
        targets.extend(target.split_whitespace().next());
    }
    targets
}

/// The anchors of a page's headings, as the usual hosts make them.
pub fn anchors(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (_, line) in heading_lines(text) {
        let slug: String = line
            .trim_start_matches('#')
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let same = found.iter().filter(|other| **other == slug).count();
        found.push(if same == 0 { slug } else { format!("{slug}-{same}") });
    }
    found
}

fn heading_lines(text: &str) -> Vec<(usize, &str)> {
    let prose: Vec<usize> = prose(text).into_iter().map(|(number, _)| number).collect();
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(|(number, line)| line.starts_with('#') && prose.binary_search(number).is_ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_code_are_no_links() {
        let text = "a [b](c.md) ![d](e.svg \"t\")\n```\n[x](y)\n```\nuse `[f](g)` and [h](i#j)\n[k]: l.md\n";
        let found: Vec<(usize, Vec<String>)> = prose(text)
            .iter()
            .map(|(line, text)| (*line, link_targets(text).into_iter().map(str::to_owned).collect()))
            .collect();
        let expected = [(1, vec!["c.md", "e.svg"]), (5, vec!["i#j"]), (6, vec!["l.md"])];
        assert_eq!(found, expected.map(|(line, targets)| (line, targets.into_iter().map(str::to_owned).collect())));
    }

    #[test]
    fn anchors_follow_the_headings() {
        let text = "# State's interface\n## `a` & b\n## a  b\n```\n# no\n```\n# State's interface\n";
        assert_eq!(anchors(text), ["states-interface", "a--b", "a--b-1", "states-interface-1"]);
    }
}

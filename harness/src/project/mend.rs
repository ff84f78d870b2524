//! `check --fix`: the fixes of findings, applied again and again until there are none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use statewright_types::Span;
use statewright_types::diagnostic::Fix;

use super::{Fault, Finding, LoadOptions, Loaded, Source};

/// How often fixes are applied at most; one may uncover the next.
const ROUNDS: usize = 200;

/// A file whose text should become another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub before: Arc<str>,
    /// What it should say.
    pub after: Arc<str>,
    /// Problems that were mended.
    pub problems: usize,
}

/// Applies the fixes of all findings of a document and its schema, or of a configuration, in memory: what would be written, and
/// the file as it is then. Each file is there once, in the order of their names.
pub fn mend(path: &Path, options: &LoadOptions) -> Result<(Vec<Mended>, Loaded), Fault> {
    let mut mended: BTreeMap<PathBuf, Mended> = BTreeMap::new();
    let mut rounds = 0;
    loop {
        let read = |path: &Path| match mended.get(path) {
            Some(mended) => Ok(Source::of(path, mended.after.clone())),
            None => Source::read(path),
        };
        let loaded = Loaded::to_check(path, options, &read)?;
        let files: Vec<_> = loaded.sources().map(|source| (source.clone(), fixes(&loaded.findings, source))).collect();
        let changed = files.iter().any(|(_, fixes)| fixes.problems > 0);
        rounds += 1;
        if !changed || rounds > ROUNDS {
            let mended = mended.into_values().filter(|mended| mended.before != mended.after).collect();
            return Ok((mended, loaded));
        }
        for (source, fixes) in files {
            let (Some(path), true) = (&source.path, fixes.problems > 0) else { continue };
            let unchanged =
                || Mended { path: path.clone(), before: source.text.clone(), after: source.text.clone(), problems: 0 };
            let mended = mended.entry(path.clone()).or_insert_with(unchanged);
            mended.after = apply(&source.text, fixes.fixes).into();
            mended.problems += fixes.problems;
        }
    }
}

/// Fixes that can be made at once.
#[derive(Debug, Default)]
struct Fixes {
    fixes: Vec<Fix>,
    problems: usize,
}

/// The fixes for `source` that do not get in each other's way; the others have to wait for the next round.
fn fixes(findings: &[Finding], source: &Arc<Source>) -> Fixes {
    let mut taken = Fixes::default();
    if source.path.is_none() {
        return taken;
    }
    for finding in findings.iter().filter(|finding| finding.source == *source && !finding.diagnostic.fix.is_empty()) {
        let wanted = &finding.diagnostic.fix;
        if wanted.iter().all(|fix| taken.fixes.iter().all(|other| apart(fix, other))) {
            taken.fixes.extend(wanted.iter().cloned());
            taken.problems += 1;
        }
    }
    taken
}

/// Whether two fixes can be made at once. Two insertions of nodes cannot: they might choose the same id.
fn apart(a: &Fix, b: &Fix) -> bool {
    let inserts = |fix: &Fix| fix.span.start == fix.span.end && fix.text.len() > 1;
    let Fix { span: Span { start, end }, .. } = *a;
    (end <= b.span.start || b.span.end <= start) && start != b.span.start && !(inserts(a) && inserts(b))
}

/// `text` with the fixes made; one outside of the text is left out.
fn apply(text: &str, mut fixes: Vec<Fix>) -> String {
    fixes.sort_by_key(|fix| fix.span);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for fix in fixes {
        let range = fix.span.range();
        let (Some(before), Some(_)) = (text.get(done..range.start), text.get(range.clone())) else { continue };
        out.push_str(before);
        out.push_str(&fix.text);
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}

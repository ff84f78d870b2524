//! What changes between two texts, line by line, in the unified format that `patch` reads.

/// Lines shown around a change.
const CONTEXT: usize = 3;
/// Cells of the table of common subsequences at most; texts that would need more count as changed as a whole.
const CELLS: usize = 4_000_000;

/// A line of a diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Line<'t> {
    Same(&'t str),
    Gone(&'t str),
    New(&'t str),
}

/// The diff from `before` to `after` of the file called `name`; empty if they are equal.
pub fn unified(name: &str, before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let lines = lines(before, after);
    let mut out = format!("--- {name}\n+++ {name}\n");
    let changed = |line: &Line<'_>| !matches!(line, Line::Same(_));
    let (mut old, mut new, mut at) = (0, 0, 0);
    while let Some(next) = lines.iter().skip(at).position(changed).map(|ahead| at + ahead) {
        let start = next.saturating_sub(CONTEXT).max(at);
        (old, new) = (old + start - at, new + start - at);
        let mut end = next;
        // A change nearer than two contexts belongs to the same part.
        while let Some(more) = lines.iter().skip(end).take(2 * CONTEXT + 1).position(changed) {
            end += more + 1;
        }
        let end = (end + CONTEXT).min(lines.len());
        let part = lines.get(start..end).unwrap_or(&[]);
        let olds = part.iter().filter(|line| !matches!(line, Line::New(_))).count();
        let news = part.iter().filter(|line| !matches!(line, Line::Gone(_))).count();
        out.push_str(&format!("@@ -{} +{} @@\n", range(old, olds), range(new, news)));
        for line in part {
            let (mark, text) = match line {
                Line::Same(text) => (' ', text),
                Line::Gone(text) => ('-', text),
                Line::New(text) => ('+', text),
            };
            out.push(mark);
            out.push_str(text);
            if !text.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
        (old, new, at) = (old + olds, new + news, end);
    }
    out
}

/// `line,count` of a part that begins behind `before` lines.
fn range(before: usize, count: usize) -> String {
    format!("{},{count}", if count == 0 { before } else { before + 1 })
}

/// All lines of both, with their line ends, in an order in which each text can be read off.
pub fn lines<'t>(before: &'t str, after: &'t str) -> Vec<Line<'t>> {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (old.get(head..).unwrap_or(&[]), new.get(head..).unwrap_or(&[]));
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let old_middle = old_rest.get(..old_rest.len() - tail).unwrap_or(&[]);
    let new_middle = new_rest.get(..new_rest.len() - tail).unwrap_or(&[]);
    let mut out: Vec<Line<'t>> = old.iter().take(head).map(|line| Line::Same(line)).collect();
    out.extend(middle(old_middle, new_middle));
    out.extend(old.iter().skip(old.len() - tail).map(|line| Line::Same(line)));
    out
}

/// By a longest common subsequence.
fn middle<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let width = new.len() + 1;
    if (old.len() + 1).saturating_mul(width) > CELLS {
        return old.iter().map(|line| Line::Gone(line)).chain(new.iter().map(|line| Line::New(line))).collect();
    }
    let mut lengths = vec![0u32; (old.len() + 1) * width];
    for (row, a) in old.iter().enumerate().rev() {
        for (column, b) in new.iter().enumerate().rev() {
            let at = row * width + column;
            lengths[at] = if a == b { lengths[at + width + 1] + 1 } else { lengths[at + width].max(lengths[at + 1]) };
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut out = Vec::new();
    loop {
        match (old.get(row), new.get(column)) {
            (Some(a), Some(b)) if a == b => {
                out.push(Line::Same(a));
                (row, column) = (row + 1, column + 1);
            }
            (Some(a), Some(_)) if lengths[(row + 1) * width + column] >= lengths[row * width + column + 1] => {
                out.push(Line::Gone(a));
                row += 1;
            }
            (_, Some(b)) => {
                out.push(Line::New(b));
                column += 1;
            }
            (Some(a), None) => {
                out.push(Line::Gone(a));
                row += 1;
            }
            (None, None) => return out,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(before: &str, after: &str, expected: Expect) {
        expected.assert_eq(&unified("x", before, after));
    }

    #[test]
    fn equal_texts_differ_in_nothing() {
        check("a\nb\n", "a\nb\n", expect![""]);
    }

    #[test]
    fn changes_stand_in_their_surroundings() {
        check(
            "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n",
            "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n14\n",
            expect![[r#"
                --- x
                +++ x
                @@ -2,7 +2,7 @@
                 2
                 3
                 4
                -5
                +five
                 6
                 7
                 8
                @@ -10,5 +10,4 @@
                 10
                 11
                 12
                -13
                 14
            "#]],
        );
    }

    #[test]
    fn beginnings_and_ends() {
        check(
            "",
            "a\nb",
            expect![[r#"
                --- x
                +++ x
                @@ -0,0 +1,2 @@
                +a
                +b
                \ No newline at end of file
            "#]],
        );
    }

    #[test]
    fn texts_without_a_common_line_are_replaced() {
        let (before, after) = ("a\n".repeat(3_000), "b\n".repeat(3_000));
        assert_eq!(unified("x", &before, &after).lines().count(), 6_003);
    }
}

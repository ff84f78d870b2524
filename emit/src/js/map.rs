//! Source maps, version 3: which line of the document each line of the module came from.

use super::{Source, literal};
use crate::writer::LineOrigin;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The map of a file whose lines came from there.
pub(super) fn write(source: &Source, file: &str, origins: &[Option<LineOrigin>]) -> String {
    let mut mappings = String::new();
    let mut last = 0;
    for (index, origin) in origins.iter().enumerate() {
        if index > 0 {
            mappings.push(';');
        }
        let Some(LineOrigin { graph, node }) = origin else { continue };
        let Some(line) = source.lines.get(&(graph.clone(), node.clone())) else { continue };
        let line = i64::from(*line);
        // Column, source, line and column there; all but the first as differences to the mapping before.
        for number in [0, 0, line - last, 0] {
            vlq(number, &mut mappings);
        }
        last = line;
    }
    format!(
        "{{\"version\":3,\"file\":{},\"sources\":[{}],\"sourcesContent\":[{}],\"names\":[],\"mappings\":\"{mappings}\"}}\n",
        literal::text(file),
        literal::text(&source.url),
        literal::text(&source.text),
    )
}

/// A number in base 64, the lowest five bits first, the sign in the lowest of all.
fn vlq(number: i64, out: &mut String) {
    let mut rest = number.unsigned_abs() << 1 | u64::from(number < 0);
    loop {
        let digit = (rest & 31) as usize;
        rest >>= 5;
        let digit = if rest > 0 { digit | 32 } else { digit };
        out.extend(DIGITS.get(digit).map(|digit| char::from(*digit)));
        if rest == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelled_as_other_tools_read_them() {
        // Values that the source map specification and its implementations publish.
        for (number, expected) in [(0, "A"), (1, "C"), (-1, "D"), (15, "e"), (16, "gB"), (-16, "hB"), (1000, "w+B")] {
            let mut text = String::new();
            vlq(number, &mut text);
            assert_eq!(text, expected, "{number}");
        }
    }
}

//! Just enough of Rust's lexical grammar to tell code from comments and strings.

/// `text` with comments and the content of strings and chars blanked. Line breaks stay.
pub fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match piece(&chars, at) {
            Piece::Code(end) => {
                out.extend(chars.iter().take(end).skip(at));
                end
            }
            Piece::Blank(end) => {
                out.extend(chars.iter().take(end).skip(at).map(|&c| if c == '\n' { '\n' } else { ' ' }));
                end
            }
        };
        at = end.max(at + 1);
    }
    out
}

/// What begins at a position, and where it ends.
enum Piece {
    Code(usize),
    Blank(usize),
}

fn piece(chars: &[char], at: usize) -> Piece {
    let get = |offset: usize| chars.get(at + offset).copied().unwrap_or('\0');
    match (get(0), get(1)) {
        ('/', '/') => Piece::Blank(find(chars, at, |c| c == '\n')),
        ('/', '*') => Piece::Blank(block_comment_end(chars, at)),
        ('"', _) => Piece::Blank(string_end(chars, at + 1)),
        ('\'', '\\') => Piece::Blank(find(chars, at + 3, |c| c == '\'') + 1),
        ('\'', _) if get(2) == '\'' => Piece::Blank(at + 3),
        (first, _) if is_word(first) => {
            let end = find(chars, at, |c| !is_word(c));
            let word: String = chars.get(at..end).unwrap_or_default().iter().collect();
            match word.as_str() {
                "r" | "br" | "cr" => raw_string_end(chars, end).map_or(Piece::Code(end), Piece::Blank),
                _ => Piece::Code(end),
            }
        }
        _ => Piece::Code(at + 1),
    }
}

fn find(chars: &[char], from: usize, stop: impl Fn(char) -> bool) -> usize {
    chars.iter().skip(from).position(|&c| stop(c)).map_or(chars.len(), |offset| from + offset)
}

fn block_comment_end(chars: &[char], from: usize) -> usize {
    let mut depth = 0usize;
    let mut at = from;
    while at < chars.len() {
        match (chars.get(at), chars.get(at + 1)) {
            (Some('/'), Some('*')) => {
                depth += 1;
                at += 2;
            }
            (Some('*'), Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    chars.len()
}

fn string_end(chars: &[char], from: usize) -> usize {
    let mut at = from;
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// The end of a raw string whose `#`s or quote begin at `from`; `None` for a raw identifier or a plain word.
fn raw_string_end(chars: &[char], from: usize) -> Option<usize> {
    let quote = find(chars, from, |c| c != '#');
    if chars.get(quote) != Some(&'"') {
        return None;
    }
    let hashes = quote - from;
    let mut at = quote + 1;
    loop {
        at = find(chars, at, |c| c == '"') + 1;
        if at > chars.len() {
            return Some(chars.len());
        }
        if find(chars, at, |c| c != '#') - at >= hashes {
            return Some(at + hashes);
        }
    }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Whether `needle` occurs in `line` with no letter, digit or underscore directly before or after it (where the
/// needle itself begins or ends with one).
pub fn has_word(line: &str, needle: &str) -> bool {
    let word_edge = |c: Option<char>| c.is_some_and(is_word);
    line.match_indices(needle).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + needle.len()..).and_then(|text| text.chars().next());
        let open_start = !(word_edge(needle.chars().next()) && word_edge(before));
        let open_end = !(word_edge(needle.chars().next_back()) && word_edge(after));
        open_start && open_end
    })
}

/// For each line of blanked `code`, whether it lies in an item under `#[cfg(test)]`.
pub fn test_lines(code: &str) -> Vec<bool> {
    let mut marks = Vec::new();
    let mut state = Outside;
    for line in code.lines() {
        let began = !matches!(state, Outside);
        for (at, c) in line.char_indices() {
            state = match (state, c) {
                (Outside, '#') if line.get(at..).is_some_and(|rest| rest.starts_with("#[cfg(test)]")) => Waiting,
                (Waiting, ';') => Outside,
                (Waiting, '{') => Inside(1),
                (Inside(depth), '{') => Inside(depth + 1),
                (Inside(1), '}') => Outside,
                (Inside(depth), '}') => Inside(depth - 1),
                (state, _) => state,
            };
        }
        marks.push(began || !matches!(state, Outside));
    }
    marks
}

/// Where [`test_lines`] stands: the braces that are open since the attribute.
#[derive(Clone, Copy)]
enum Region {
    Outside,
    Waiting,
    Inside(usize),
}
use Region::{Inside, Outside, Waiting};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_chars_are_blank() {
        let text = "a // unsafe\nb /* x /* y */ unsafe */ c \"uns\\\"afe\" d 'u' '\\'' '\\u{41}' e<'life> f";
        let code = code(text);
        assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "b", "c", "d", "e<'life>", "f"]);
        assert_eq!(code.lines().count(), text.lines().count());
    }

    #[test]
    fn raw_strings_end_at_their_own_hashes() {
        let code = code("r#\"one \" two\"# three br\"four\" r#type five r\"");
        assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["three", "r#type", "five"]);
    }

    #[test]
    fn unfinished_input_ends() {
        for text in ["\"", "/*", "'\\", "r##\"", "'", "/", "\"\\", "r#", "b'"] {
            assert_eq!(code(text).chars().count(), text.chars().count(), "{text}");
        }
    }

    #[test]
    fn every_cut_of_a_source_keeps_its_length_and_lines() {
        let text = include_str!("source.rs");
        let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(7).collect();
        for cut in cuts {
            let part = &text[..cut];
            assert_eq!(code(part).matches('\n').count(), part.matches('\n').count());
        }
    }

    #[test]
    fn words_have_edges() {
        assert!(has_word("unsafe { }", "unsafe") && has_word("x.sin()", ".sin("));
        assert!(!has_word("#![deny(unsafe_code)]", "unsafe") && !has_word("arcsin(", "sin("));
    }

    #[test]
    fn test_modules_are_marked_to_their_closing_brace() {
        let code =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod t;\nfn d() {}\n";
        assert_eq!(test_lines(code), [false, true, true, true, true, false, true, true, false]);
    }
}

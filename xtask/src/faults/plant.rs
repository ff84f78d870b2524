//! Planting faults in a source text: each expression becomes a choice between itself and its faulty form.

use std::ops::Range;

use super::list::Planted;

/// A fault whose place is not to be found.
#[derive(Debug, PartialEq, Eq)]
pub struct Lost {
    /// Which.
    pub number: u32,
    /// Why, and what to do.
    pub why: String,
}

/// `text` with all of `faults` in it that can be placed, and the others. `path` is how the text's crate calls the function
/// that tells which fault is chosen.
pub fn plant(text: &str, path: &str, faults: &[&Planted]) -> (String, Vec<Lost>) {
    let mut lost = Vec::new();
    let mut places: Vec<(Range<usize>, Vec<&Planted>)> = Vec::new();
    for fault in faults {
        match find(text, fault) {
            Err(why) => lost.push(Lost { number: fault.number, why }),
            Ok(place) => {
                match places.iter_mut().find(|(other, _)| place.start < other.end && other.start < place.end) {
                    Some((same, faults)) if *same == place => faults.push(fault),
                    Some((_, others)) => {
                        let other = others.first().map_or(0, |other| other.number);
                        let why = format!("its expression overlaps that of fault {other}; choose another");
                        lost.push(Lost { number: fault.number, why });
                    }
                    None => places.push((place, vec![fault])),
                }
            }
        }
    }
    places.sort_by_key(|(place, _)| place.start);
    let mut out = String::new();
    let mut end = 0;
    for (place, faults) in places {
        out.push_str(&text[end..place.start]);
        out.push_str(&choice(&text[place.clone()], path, &faults));
        end = place.end;
    }
    out.push_str(&text[end..]);
    (out, lost)
}

/// `if planted(1) { faulty } else { original }`; in parentheses where it is an expression.
fn choice(original: &str, path: &str, faults: &[&Planted]) -> String {
    let faulty = |fault: &&Planted| format!("if {path}({}) {{ {} }} else ", fault.number, fault.faulty);
    let choice = format!("{}{{ {original} }}", faults.iter().map(faulty).collect::<String>());
    if original.ends_with([';', '}']) { choice } else { format!("({choice})") }
}

/// Where the fault's expression stands.
fn find(text: &str, fault: &Planted) -> Result<Range<usize>, String> {
    let file = &fault.file;
    let begin = match &fault.after {
        None => 0,
        Some(after) => match occurrences(text, after)[..] {
            [ref place] => place.end,
            [] => return Err(format!("{file} has no `{after}` any more; mend the entry")),
            _ => return Err(format!("{file} has `{after}` several times; give more of it")),
        },
    };
    let rest = text.get(begin..).unwrap_or("");
    match &occurrences(rest, &fault.original)[..] {
        [] => Err(format!("{file} has no `{}` any more; mend the entry", fault.original)),
        [_, _, ..] if fault.after.is_none() => {
            Err(format!("{file} has `{}` several times; say with `after` which one is meant", fault.original))
        }
        [place, ..] => Ok(begin + place.start..begin + place.end),
    }
}

/// Where `wanted` occurs in `text`, any white space in it standing for any other.
fn occurrences(text: &str, wanted: &str) -> Vec<Range<usize>> {
    let words: Vec<&str> = wanted.split_whitespace().collect();
    let Some((first, others)) = words.split_first() else { return Vec::new() };
    let matches = text.match_indices(first).filter_map(|(start, _)| {
        let mut end = start + first.len();
        for word in others {
            let rest = &text[end..];
            let after = rest.trim_start();
            if after.len() == rest.len() || !after.starts_with(word) {
                return None;
            }
            end += rest.len() - after.len() + word.len();
        }
        Some(start..end)
    });
    matches.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(number: u32, after: Option<&str>, original: &str, faulty: &str) -> Planted {
        let (file, what) = ("a.rs".to_owned(), String::new());
        Planted {
            number,
            file,
            what,
            after: after.map(str::to_owned),
            original: original.into(),
            faulty: faulty.into(),
        }
    }

    #[test]
    fn an_expression_becomes_a_choice() {
        let faults = [fault(1, None, "a + b", "a - b"), fault(2, None, "a + b", "b"), fault(3, None, "drop(c);", "")];
        let (text, lost) = plant("let x = a +\n  b;\ndrop(c);\n", "p", &faults.iter().collect::<Vec<_>>());
        assert_eq!(
            text,
            "let x = (if p(1) { a - b } else if p(2) { b } else { a +\n  b });\nif p(3) {  } else { drop(c); }\n"
        );
        assert_eq!(lost, []);
    }

    #[test]
    fn the_first_one_after_the_anchor_is_meant() {
        let fault = fault(1, Some("fn second"), "a", "b");
        let (text, lost) = plant("fn first { a }\nfn second { a + a }\n", "p", &[&fault]);
        assert_eq!(text, "fn first { a }\nfn second { (if p(1) { b } else { a }) + a }\n");
        assert_eq!(lost, []);
    }

    #[test]
    fn what_is_not_there_is_said() {
        let faults = [
            fault(1, None, "x * y", ""),
            fault(2, None, "a", ""),
            fault(3, Some("fn third"), "a", ""),
            fault(4, None, "first { a }", ""),
            fault(5, None, "{ a }\nfn", ""),
        ];
        let (text, lost) = plant("fn first { a }\nfn second { a }\n", "p", &faults.iter().collect::<Vec<_>>());
        assert_eq!(lost.iter().map(|lost| lost.number).collect::<Vec<_>>(), [1, 2, 3, 5]);
        assert!(text.contains("p(4)"));
    }
}

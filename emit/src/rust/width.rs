//! Lines that are too long, broken where rustfmt would break them: behind `=`, between arguments, before operators.

/// How many columns a line has at most, if it can be broken.
const WIDTH: usize = 120;
const INDENT: usize = 4;
/// Elements of arrays that share lines have at most so many bytes.
const SHORT: usize = 10;

/// Operators between expressions, those that bind least first.
const OPERATORS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["==", "!=", "<", ">", "<=", ">="],
    &["|"],
    &["^"],
    &["&"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// A line, or those that it becomes. One that begins a closure or an arm stays as it is.
pub(super) fn broken(line: &str) -> Vec<String> {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    if text.chars().count() + indent <= WIDTH || text.starts_with("//") {
        return vec![line.to_owned()];
    }
    let (head, condition, tail) = match text.strip_suffix(" {") {
        Some(opening) => {
            let words = ["if ", "} else if ", "while ", "match ", "fn ", "pub fn "];
            let starts =
                |word: &&&str| opening.starts_with(**word) || **word == "match " && opening.contains(" = match ");
            let Some(word) = words.iter().find(starts) else { return vec![line.to_owned()] };
            let at = opening.find(word).map_or(0, |at| at + word.len());
            (&opening[..at], &opening[at..], " {")
        }
        None => ("", text, ""),
    };
    let parts = Parts::of(condition);
    if !parts.is_balanced || parts.has_code || parts.spaced(&["=>"]).next().is_some() {
        return vec![line.to_owned()];
    }
    let mut lines = Vec::new();
    chunk(&mut lines, indent, head, condition, tail);
    lines
}

/// Where a text has what, outside of its strings.
struct Parts<'a> {
    text: &'a str,
    /// By byte, how many brackets are open in front of it; strings count as one bracket more.
    depth: Vec<u32>,
    is_balanced: bool,
    /// Whether it has closures or blocks.
    has_code: bool,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Parts<'a> {
        let (mut depth, mut open, mut is_string, mut is_escaped) =
            (Vec::with_capacity(text.len()), 0_u32, false, false);
        let (mut is_balanced, mut has_code) = (true, text.contains("r#\""));
        for (at, byte) in text.bytes().enumerate() {
            depth.push(open + u32::from(is_string));
            if is_string {
                is_string = is_escaped || byte != b'"';
                is_escaped = !is_escaped && byte == b'\\';
                continue;
            }
            match byte {
                b'"' => is_string = true,
                b'|' => has_code |= !is_operator(text, at),
                b'{' => has_code |= !is_literal(&text[..at]),
                _ => {}
            }
            match byte {
                b'(' | b'[' | b'{' => open += 1,
                b')' | b']' | b'}' => {
                    is_balanced &= open > 0;
                    open = open.saturating_sub(1);
                }
                _ => {}
            }
        }
        Parts { text, depth, is_balanced: is_balanced && open == 0 && !is_string, has_code }
    }

    /// Where one of these words stands between spaces and outside of brackets.
    fn spaced<'p>(&'p self, words: &'p [&str]) -> impl Iterator<Item = usize> + 'p {
        let found = self.text.match_indices(' ').map(|(at, _)| at + 1).filter(|at| self.depth[at - 1] == 0);
        found.filter(move |at| {
            words.iter().any(|word| self.text[*at..].strip_prefix(word).is_some_and(|rest| rest.starts_with(' ')))
        })
    }

    /// The last brackets that are in no others and hold something: where they open and close.
    fn last_group(&self) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        let mut end = self.text.len();
        loop {
            let close = (0..end).rev().find(|at| self.depth[*at] == 1 && matches!(bytes[*at], b')' | b']' | b'}'))?;
            let open = (0..close).rev().find(|at| self.depth[*at] == 0 && matches!(bytes[*at], b'(' | b'[' | b'{'))?;
            if !self.text[open + 1..close].trim().is_empty() {
                return Some((open, close));
            }
            end = open;
        }
    }

    /// What stands between commas outside of brackets.
    fn elements(&self) -> Vec<&'a str> {
        let commas = self.text.match_indices(',').map(|(at, _)| at).filter(|at| self.depth[*at] == 0);
        let mut elements = Vec::new();
        let mut from = 0;
        for at in commas.chain([self.text.len()]) {
            elements.push(self.text[from..at].trim());
            from = at + 1;
        }
        elements.retain(|element| !element.is_empty());
        elements
    }
}

/// Whether the bar at `at` stands between expressions, and not around the parameters of a closure.
fn is_operator(text: &str, at: usize) -> bool {
    let (before, behind) = (text[..at].trim_end_matches('|'), text[at..].trim_start_matches('|'));
    before.ends_with(' ') && behind.starts_with(' ')
}

/// Whether a brace behind this opens a struct, and not a block.
fn is_literal(before: &str) -> bool {
    let name = before.trim_end().rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or("");
    name.starts_with(char::is_uppercase) && before.ends_with(' ')
}

/// Whether what opens at the end of this holds elements with commas between, and is no expression in parentheses.
fn lists(before: &str) -> bool {
    let Some(before) = before.strip_suffix('(') else { return true };
    let called = |last: char| last.is_alphanumeric() || matches!(last, '_' | '>');
    // Behind a name an exclamation mark is a macro's, otherwise it denies.
    before.strip_suffix('!').unwrap_or(before).ends_with(called)
}

/// Whether these stand on one line with so many columns in front.
pub(super) fn fits(indent: usize, texts: &[&str]) -> bool {
    indent + texts.iter().map(|text| text.chars().count()).sum::<usize>() <= WIDTH
}

fn push(lines: &mut Vec<String>, indent: usize, texts: &[&str]) {
    lines.push(format!("{:indent$}{}", "", texts.concat()));
}

/// Writes an expression or a statement between `head` and `tail`, on as many lines as it takes.
fn chunk(lines: &mut Vec<String>, indent: usize, head: &str, text: &str, tail: &str) {
    if fits(indent, &[head, text, tail]) {
        return push(lines, indent, &[head, text, tail]);
    }
    let parts = Parts::of(text);
    if let Some(at) = parts.spaced(&["="]).next() {
        let (left, right) = (&text[..at + 2], &text[at + 2..]);
        if fits(indent + INDENT, &[right, tail]) && !right.is_empty() {
            push(lines, indent, &[head, left.trim_end()]);
            return push(lines, indent + INDENT, &[right, tail]);
        }
        return chunk(lines, indent, &format!("{head}{left}"), right, tail);
    }
    for operators in OPERATORS {
        let mut places = parts.spaced(operators).peekable();
        let Some(first) = places.next() else { continue };
        chunk(lines, indent, head, text[..first].trim_end(), "");
        let mut from = first;
        for at in places {
            chunk(lines, indent + INDENT, "", text[from..at].trim_end(), "");
            from = at;
        }
        // What a condition holds for begins where the condition does.
        let (tail, opens) = if tail == " {" { ("", true) } else { (tail, false) };
        let operator = text[from..].find(' ').map_or(0, |at| at + 1);
        chunk(lines, indent + INDENT, &text[from..from + operator], &text[from + operator..], tail);
        if opens {
            push(lines, indent, &["{"]);
        }
        return;
    }
    match parts.last_group() {
        Some((open, close)) => {
            let (before, inner, after) = (&text[..=open], text[open + 1..close].trim(), &text[close..]);
            let (head, tail) = (format!("{head}{before}"), format!("{after}{tail}"));
            match lists(before) {
                true => group(lines, indent, &head, inner, &tail),
                false => chunk(lines, indent, &head, inner, &tail),
            }
        }
        None => push(lines, indent, &[head, text, tail]),
    }
}

/// Writes what stands in brackets, each element on a line. A single one that ends in brackets shares their lines.
fn group(lines: &mut Vec<String>, indent: usize, head: &str, inner: &str, tail: &str) {
    let parts = Parts::of(inner);
    let elements = parts.elements();
    if let ([_], Some((open, close))) = (&elements[..], parts.last_group())
        && !head.ends_with('{')
        && close + 1 == inner.len()
        && lists(&inner[..=open])
        && OPERATORS.iter().all(|operators| parts.spaced(operators).next().is_none())
    {
        let (before, within, after) = (&inner[..=open], inner[open + 1..close].trim(), &inner[close..]);
        return group(lines, indent, &format!("{head}{before}"), within, &format!("{after}{tail}"));
    }
    push(lines, indent, &[head]);
    if head.ends_with('[') && elements.iter().all(|element| element.len() <= SHORT) {
        let mut row = String::new();
        for element in &elements {
            if !fits(indent + INDENT, &[&row, element, ","]) {
                push(lines, indent + INDENT, &[row.trim_end()]);
                row.clear();
            }
            row.push_str(&format!("{element}, "));
        }
        push(lines, indent + INDENT, &[row.trim_end()]);
        return push(lines, indent, &[tail]);
    }
    for element in &elements {
        chunk(lines, indent + INDENT, "", element, ",");
    }
    push(lines, indent, &[tail]);
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::broken;

    fn check(line: &str, expected: Expect) {
        expected.assert_eq(&format!("becomes\n{}", broken(line).join("\n")));
    }

    #[test]
    fn what_is_too_long_is_broken_behind_the_sign_between_arguments_or_before_operators() {
        let name = "something_that_is_long_enough_to_matter";
        check(
            "    let short = run.list_len(all);",
            expect![[r#"
            becomes
                let short = run.list_len(all);"#]],
        );
        check(
            &format!("        let {name}_2 = run.concat(&[{name}, {name}], \"node, and [more]\")?;"),
            expect![[r#"
                becomes
                        let something_that_is_long_enough_to_matter_2 = run.concat(
                            &[something_that_is_long_enough_to_matter, something_that_is_long_enough_to_matter],
                            "node, and [more]",
                        )?;"#]],
        );
        check(
            &format!("    run.list_remove({name}, run.list_get::<i64>({name}, at)?, \"a \\\" ( quote\")?;"),
            expect![[r#"
                becomes
                    run.list_remove(
                        something_that_is_long_enough_to_matter,
                        run.list_get::<i64>(something_that_is_long_enough_to_matter, at)?,
                        "a \" ( quote",
                    )?;"#]],
        );
        check(
            &format!("    if run.str({name}) == run.str({name}) && {name} < {name} + 1 {{"),
            expect![[r#"
                becomes
                    if run.str(something_that_is_long_enough_to_matter) == run.str(something_that_is_long_enough_to_matter)
                        && something_that_is_long_enough_to_matter < something_that_is_long_enough_to_matter + 1
                    {"#]],
        );
        check(
            &format!("    let far = ({name} * 2.5 + {name} | {name} * {name}) as f64;"),
            expect![[r#"
                becomes
                    let far = (something_that_is_long_enough_to_matter * 2.5 + something_that_is_long_enough_to_matter
                        | something_that_is_long_enough_to_matter * something_that_is_long_enough_to_matter) as f64;"#]],
        );
        check(
            &format!("    if !(12742000.0 * fatan2({name}, {name}) <= run.list_len({name}) as f64) {{"),
            expect![[r#"
                becomes
                    if !(12742000.0 * fatan2(something_that_is_long_enough_to_matter, something_that_is_long_enough_to_matter)
                        <= run.list_len(something_that_is_long_enough_to_matter) as f64) {"#]],
        );
        check(
            &format!("    let text = give(!(2.5 * fatan2({name}, {name}) <= run.list_len({name}) as f64));"),
            expect![[r#"
                becomes
                    let text = give(
                        !(2.5 * fatan2(something_that_is_long_enough_to_matter, something_that_is_long_enough_to_matter)
                            <= run.list_len(something_that_is_long_enough_to_matter) as f64),
                    );"#]],
        );
        check(
            &format!("    if !(check(2.5 * fatan2({name}, {name}), run.list_len({name}) as f64)) {{"),
            expect![[r#"
                becomes
                    if !(check(
                        2.5 * fatan2(something_that_is_long_enough_to_matter, something_that_is_long_enough_to_matter),
                        run.list_len(something_that_is_long_enough_to_matter) as f64,
                    )) {"#]],
        );
        check(
            &format!("    let text = matches!({name}, {name}) || !({name} == {name} + {name});"),
            expect![[r#"
                becomes
                    let text = matches!(something_that_is_long_enough_to_matter, something_that_is_long_enough_to_matter)
                        || !(something_that_is_long_enough_to_matter
                            == something_that_is_long_enough_to_matter + something_that_is_long_enough_to_matter);"#]],
        );
        check(
            &format!("fn on_move(run: &mut Run, {name}: Slot, {name}_2: Slot, {name}_3: i64) -> Flow<()> {{"),
            expect![[r#"
                becomes
                fn on_move(
                    run: &mut Run,
                    something_that_is_long_enough_to_matter: Slot,
                    something_that_is_long_enough_to_matter_2: Slot,
                    something_that_is_long_enough_to_matter_3: i64,
                ) -> Flow<()> {"#]],
        );
        check(
            &format!(
                "    Type::Record(Arc::new(RecordType {{ fields: vec![(\"{name}\".into(), Type::String), (\"{name}\".into(), Type::INT)] }}))"
            ),
            expect![[r#"
                becomes
                    Type::Record(Arc::new(RecordType {
                        fields: vec![
                            ("something_that_is_long_enough_to_matter".into(), Type::String),
                            ("something_that_is_long_enough_to_matter".into(), Type::INT),
                        ],
                    }))"#]],
        );
        check(
            &format!("pub const HASH: [u8; 40] = [{}];", ["0x2a"; 40].join(", ")),
            expect![[r#"
                becomes
                pub const HASH: [u8; 40] = [
                    0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a,
                    0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a,
                    0x2a, 0x2a,
                ];"#]],
        );
    }

    #[test]
    fn comments_closures_arms_and_texts_stay() {
        let long = "long ".repeat(40);
        for line in [
            format!("    // {long}"),
            format!("    let text = \"{long}\";"),
            format!("    {} => give(\"{long}\"),", 3),
            format!("    let all = attempt!(run, fuel, \"{long}\", move |checks, passes| {{"),
            format!("    let all = either(\"{long}\", |a, b| a + b);"),
        ] {
            assert_eq!(broken(&line), std::slice::from_ref(&line));
        }
    }
}

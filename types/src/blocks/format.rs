//! The canonical layout of `.schema` and `.config` files: what `statewright fmt` does.
//!
//! Fields are indented by four spaces, and their types, annotations and comments stand in columns: where most lines of
//! the block have them, or as far right as the longest line needs. Comments stay, blank lines stay as single ones, and
//! the meaning stays: a text that would mean something else afterwards is left as it is.

use super::{Kind, Token, tokens};
use crate::Diagnostic;
use crate::diagnostic::has_errors;

const INDENT: &str = "    ";

/// `text`, whose blocks begin with `keyword`, in the canonical layout. Formatting the result again changes nothing. `read`
/// says what a text means; its errors are why this is no such file.
pub(crate) fn format<T: PartialEq>(
    text: &str,
    keyword: &str,
    read: impl Fn(&str) -> (T, Vec<Diagnostic>),
) -> Result<String, Vec<Diagnostic>> {
    let (meaning, diagnostics) = read(text);
    if has_errors(&diagnostics) {
        return Err(diagnostics);
    }
    let formatted = Layout::of(text, keyword).map(Layout::finish).filter(|formatted| read(formatted).0 == meaning);
    Ok(formatted.unwrap_or_else(|| text.to_owned()))
}

/// A line of the result.
#[derive(Debug)]
enum Row<'t> {
    Blank,
    /// `indented`, text, comment.
    Line(bool, String, Option<&'t str>),
    Field(Field<'t>),
}

#[derive(Debug)]
struct Field<'t> {
    name: &'t str,
    ty: String,
    annotations: String,
    comment: Option<&'t str>,
    /// The columns that type, annotations and comment have in the source, from the beginning of the name.
    columns: [Option<usize>; 3],
}

struct Layout<'t> {
    text: &'t str,
    /// What blocks with fields begin with.
    keyword: &'t str,
    rows: Vec<Row<'t>>,
    /// A declaration that has not come to its brace yet.
    open: Option<String>,
    in_block: bool,
}

impl<'t> Layout<'t> {
    /// `None` for what no formatter should touch.
    fn of(text: &'t str, keyword: &'t str) -> Option<Layout<'t>> {
        let mut layout = Layout { text, keyword, rows: Vec::new(), open: None, in_block: false };
        let all = tokens(text, &mut Vec::new());
        let mut rest = all.as_slice();
        while !rest.is_empty() {
            let end = rest.iter().position(|token| token.kind == Kind::Newline).unwrap_or(rest.len());
            let (mut line, mut others) = rest.split_at(end);
            // A view is one thing, however many lines it takes.
            let first = line.iter().position(|token| token.kind != Kind::Annotation);
            if !layout.in_block && layout.open.is_none() && first.is_some_and(|at| layout.word(line[at]) == "view") {
                let close = rest.iter().position(|token| token.kind == Kind::Close)?;
                let end = close
                    + rest
                        .iter()
                        .skip(close)
                        .position(|token| token.kind == Kind::Newline)
                        .unwrap_or(rest.len() - close);
                (line, others) = rest.split_at(end);
            }
            layout.line(line)?;
            rest = others.get(1..).unwrap_or(&[]);
        }
        (layout.open.is_none() && !layout.in_block).then_some(layout)
    }

    fn word(&self, token: Token) -> &'t str {
        self.text.get(token.span.range()).unwrap_or("")
    }

    fn line(&mut self, line: &[Token]) -> Option<()> {
        let (body, comment) = match line.split_last() {
            Some((last, body)) if last.kind == Kind::Comment => (body, Some(self.word(*last).trim_end())),
            _ => (line, None),
        };
        if body.iter().any(|token| matches!(token.kind, Kind::Comment)) {
            return None;
        }
        match (body, comment) {
            ([], _) if self.open.is_some() => return comment.is_none().then_some(()),
            ([], None) => self.rows.push(Row::Blank),
            ([], Some(comment)) => self.rows.push(Row::Line(self.in_block, comment.to_owned(), None)),
            _ => {
                self.tokens(body)?;
                if let Some(comment) = comment {
                    self.comment(comment)?;
                }
            }
        }
        Some(())
    }

    /// Puts a comment behind the last row.
    fn comment(&mut self, text: &'t str) -> Option<()> {
        let column = |field: &Field<'_>, text: &str, source: &str| {
            let (start, at) = (offset(source, field.name)?, offset(source, text)?);
            source.get(start..at).map(|between| between.chars().count())
        };
        match (self.open.is_some(), self.rows.last_mut()) {
            (false, Some(Row::Line(_, _, comment))) => *comment = Some(text),
            (false, Some(Row::Field(field))) => {
                field.columns[2] = column(field, text, self.text);
                field.comment = Some(text);
            }
            _ => return None,
        }
        Some(())
    }

    /// The tokens of a line that are no comment and no line break.
    fn tokens(&mut self, mut line: &[Token]) -> Option<()> {
        while let Some(first) = line.first() {
            if self.in_block {
                let close = line.iter().position(|token| token.kind == Kind::Close);
                let (field, others) = line.split_at(close.unwrap_or(line.len()));
                if !field.is_empty() {
                    let field = self.field(field)?;
                    self.rows.push(Row::Field(field));
                }
                line = others;
                if close.is_some() {
                    self.rows.push(Row::Line(false, "}".to_owned(), None));
                    self.in_block = false;
                    line = others.get(1..).unwrap_or(&[]);
                }
            } else if self.open.is_none() && self.word(*first) == "view" {
                let end = line.iter().position(|token| token.kind == Kind::Close)? + 1;
                let (view, others) = line.split_at(end);
                let text = self.view(view)?;
                self.rows.push(Row::Line(false, text, None));
                line = others;
            } else {
                let brace = line.iter().position(|token| token.kind == Kind::Open);
                let (head, others) = line.split_at(brace.unwrap_or(line.len()));
                if !head.iter().all(|token| matches!(token.kind, Kind::Word | Kind::Annotation)) {
                    return None;
                }
                let is_block = self.open.is_some() || head.iter().any(|token| self.word(*token) == self.keyword);
                let words = self.open.take().into_iter().chain(head.iter().map(|token| self.word(*token).to_owned()));
                let text = words.collect::<Vec<_>>().join(" ");
                line = others.get(1..).unwrap_or(&[]);
                match (brace, is_block) {
                    (Some(_), _) => {
                        self.rows.push(Row::Line(false, format!("{text} {{"), None));
                        self.in_block = true;
                    }
                    (None, true) => self.open = Some(text),
                    (None, false) => self.rows.push(Row::Line(false, text, None)),
                }
            }
        }
        Some(())
    }

    fn field(&self, tokens: &[Token]) -> Option<Field<'t>> {
        let (name, rest) = tokens.split_first().filter(|(name, _)| name.kind == Kind::Word)?;
        let words = rest.iter().position(|token| token.kind != Kind::Word).unwrap_or(rest.len());
        let (ty, annotations) = rest.split_at(words);
        if !annotations.iter().all(|token| token.kind == Kind::Annotation) {
            return None;
        }
        let join = |tokens: &[Token]| tokens.iter().map(|token| self.word(*token)).collect::<Vec<_>>().join(" ");
        let column = |token: Option<&Token>| {
            let text = self.text.get(name.span.start as usize..token?.span.start as usize)?;
            Some(text.chars().count())
        };
        Some(Field {
            name: self.word(*name),
            ty: join(ty),
            annotations: join(annotations),
            comment: None,
            columns: [column(ty.first()), column(annotations.first()), None],
        })
    }

    /// `view NAME { includes: a, b }` on one line.
    fn view(&self, tokens: &[Token]) -> Option<String> {
        let mut out = String::new();
        let all = tokens.iter().filter(|token| token.kind != Kind::Newline);
        for token in all {
            let space = match token.kind {
                Kind::Colon | Kind::Comma => false,
                Kind::Close => !out.ends_with('{'),
                Kind::Word | Kind::Open => !out.is_empty(),
                Kind::Annotation | Kind::Comment | Kind::Newline => return None,
            };
            out.push_str(if space { " " } else { "" });
            out.push_str(self.word(*token));
        }
        Some(out)
    }

    fn finish(self) -> String {
        let mut out = String::with_capacity(self.text.len());
        let opens = |row: Option<&Row<'_>>| match row {
            Some(Row::Line(false, text, _)) => text.ends_with(" {"),
            None => true,
            _ => false,
        };
        let closes = |row: Option<&Row<'_>>| match row {
            Some(Row::Line(false, text, _)) => text == "}",
            None | Some(Row::Blank) => true,
            _ => false,
        };
        let mut columns = [0; 3];
        let mut last = None;
        for (index, row) in self.rows.iter().enumerate() {
            match row {
                Row::Blank if opens(last) || closes(self.rows.get(index + 1)) => continue,
                Row::Blank => {}
                Row::Line(indented, text, comment) => {
                    out.push_str(if *indented { INDENT } else { "" });
                    out.push_str(text);
                    out.extend(comment.iter().flat_map(|comment| ["  ", comment]));
                    if opens(Some(row)) {
                        columns = columns_of(self.rows.get(index + 1..).unwrap_or(&[]));
                    }
                }
                Row::Field(field) => field.write(columns, &mut out),
            }
            out.push('\n');
            last = Some(row);
        }
        out
    }
}

impl Field<'_> {
    /// The line up to its comment, without indentation.
    fn text(&self, columns: [usize; 3]) -> String {
        let mut text = self.name.to_owned();
        for (cell, column) in [(&self.ty, columns[0]), (&self.annotations, columns[1])] {
            if !cell.is_empty() {
                pad(&mut text, column);
                text.push_str(cell);
            }
        }
        text
    }

    fn write(&self, columns: [usize; 3], out: &mut String) {
        let mut text = self.text(columns);
        if let Some(comment) = self.comment {
            pad(&mut text, columns[2]);
            text.push_str(comment);
        }
        out.push_str(INDENT);
        out.push_str(&text);
    }
}

/// Spaces up to a column, at least one.
fn pad(text: &mut String, column: usize) {
    let width = text.chars().count();
    text.extend(std::iter::repeat_n(' ', column.saturating_sub(width).max(1)));
}

/// Where types, annotations and comments stand in the block that begins with `rows`.
fn columns_of(rows: &[Row<'_>]) -> [usize; 3] {
    let end = rows.iter().position(|row| matches!(row, Row::Line(false, ..))).unwrap_or(rows.len());
    let mut fields: Vec<&Field<'_>> = Vec::new();
    for row in rows.iter().take(end) {
        if let Row::Field(field) = row {
            fields.push(field);
        }
    }
    let width = |text: &str| text.chars().count();
    let mut columns = [0; 3];
    columns[0] = column(&fields, 0, 1, fields.iter().map(|field| width(field.name)).max());
    let annotated = fields.iter().filter(|field| !field.annotations.is_empty());
    columns[1] = column(&fields, 1, 2, annotated.map(|field| columns[0] + width(&field.ty)).max());
    let commented = fields.iter().filter(|field| field.comment.is_some());
    columns[2] = column(&fields, 2, 2, commented.map(|field| width(&field.text(columns))).max());
    columns
}

/// The column that most fields have, if there is a space before it in all; else one `gap` behind the longest text.
fn column(fields: &[&Field<'_>], which: usize, gap: usize, longest: Option<usize>) -> usize {
    let longest = longest.unwrap_or(0);
    let there = || fields.iter().filter_map(|field| field.columns[which]).filter(|column| *column > longest);
    let votes = |column: usize| there().filter(|other| *other == column).count();
    // Of equally many the leftmost.
    there().max_by_key(|column| (votes(*column), usize::MAX - column)).unwrap_or(longest + gap)
}

/// Where `part`, a slice of `text`, begins in it.
fn offset(text: &str, part: &str) -> Option<usize> {
    (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)
}

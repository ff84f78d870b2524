//! Lines of text with indentation, and which node each came from.

use std::sync::Arc;

/// Text as it grows.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
    indent: usize,
    /// The node of each line, as function and position among its nodes; `None` for lines that belong to none.
    lines: Vec<Option<LineOrigin>>,
    origin: Option<LineOrigin>,
}

/// Where a line came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineOrigin {
    /// The graph's name.
    pub graph: Arc<str>,
    /// The node's id.
    pub node: Arc<str>,
}

impl Writer {
    /// Lines that follow come from there.
    pub fn from_node(&mut self, origin: Option<LineOrigin>) {
        self.origin = origin;
    }

    /// One whose lines stand so many levels deep, to be appended to another.
    pub fn at_depth(indent: usize) -> Writer {
        Writer { indent, ..Writer::default() }
    }

    /// A line; an empty one gets no indentation.
    pub fn line(&mut self, text: impl AsRef<str>) {
        for line in text.as_ref().split('\n') {
            if !line.is_empty() {
                self.text.extend(std::iter::repeat_n("    ", self.indent));
            }
            self.text.push_str(line);
            self.text.push('\n');
            self.lines.push(self.origin.clone());
        }
    }

    /// A line, and what follows is one level deeper.
    pub fn open(&mut self, text: impl AsRef<str>) {
        self.line(text);
        self.indent += 1;
    }

    /// A line, one level less deep, as what follows.
    pub fn close(&mut self, text: impl AsRef<str>) {
        self.indent = self.indent.saturating_sub(1);
        self.line(text);
    }

    /// A line one level less deep; what follows is as deep as before.
    pub fn between(&mut self, text: impl AsRef<str>) {
        self.close(text);
        self.indent += 1;
    }

    /// How deep the next line stands, in levels.
    pub fn depth(&self) -> usize {
        self.indent
    }

    /// Adds the lines of another one, as they are.
    pub fn append(&mut self, other: Writer) {
        self.text.push_str(&other.text);
        self.lines.extend(other.lines);
    }

    /// The text, and the origin of each of its lines.
    pub fn finish(self) -> (String, Vec<Option<LineOrigin>>) {
        (self.text, self.lines)
    }
}

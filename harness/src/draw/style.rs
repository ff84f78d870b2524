//! How a picture is to look.

/// Which colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light, or dark where the viewer prefers that.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// Choices of a drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// Which colours.
    pub theme: Theme,
    /// Width in pixels above which a graph goes on in a further row; a row is never shorter than one column. 0 for no limit.
    pub max_width: f64,
    /// Number of columns that a data wire may span; a longer one becomes a named reference at the input. At least 1.
    pub max_span: usize,
    /// Whether nodes stand where their author put them, if all of them have a position.
    pub use_positions: bool,
    /// Whether name, event and description stand above the graph.
    pub heading: bool,
}

impl Default for Style {
    fn default() -> Style {
        Style { theme: Theme::Auto, max_width: 1480.0, max_span: 3, use_positions: false, heading: true }
    }
}

//! Colours. The kinds of types keep apart in all common forms of colour blindness, and their pins differ in shape as well;
//! the values are those of the pictures that the command draws.

use std::collections::HashMap;
use std::sync::OnceLock;

use egui::{Color32, Context, FontFamily, FontId, Stroke, TextStyle, ThemePreference, Visuals, vec2};
use statewright_editor_core::project::Kind;
use statewright_editor_core::settings::{Settings, Theme};
use statewright_graph::document::GraphKind;
use statewright_graph::node::Category;
use statewright_harness::draw::{PinKind, category_face, colour, kind_colour};

/// The colours of a theme.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Colours {
    pub is_dark: bool,
    pub is_high_contrast: bool,
    /// Behind everything on the canvas.
    pub page: Color32,
    /// Lines of the grid.
    pub grid: Color32,
    pub card: Color32,
    /// Around cards, fields and buttons.
    pub edge: Color32,
    /// Between parts of the window, where nothing is lost if it is not seen.
    pub line: Color32,
    pub text: Color32,
    /// Text that is less important.
    pub soft: Color32,
    /// Behind values that can be edited.
    pub field: Color32,
    pub flow: Color32,
    pub frame: Color32,
    pub note: Color32,
    pub note_text: Color32,
    /// What runs, or ran.
    pub run: Color32,
    pub run_text: Color32,
    pub value: Color32,
    pub error: Color32,
    pub error_back: Color32,
    pub error_text: Color32,
    pub warning: Color32,
    /// What is selected, and where the keyboard is.
    pub accent: Color32,
    /// Added, in comparisons.
    pub added: Color32,
    /// Removed, likewise.
    pub removed: Color32,
    /// Changed, likewise.
    pub changed: Color32,
    kinds: [Color32; 9],
}

impl Colours {
    /// The colours of a theme; `is_dark` decides for the system's.
    pub fn of(theme: Theme, is_dark: bool) -> Colours {
        match theme {
            Theme::Light => Colours::plain(false),
            Theme::Dark => Colours::plain(true),
            Theme::System => Colours::plain(is_dark),
            Theme::HighContrast => Colours::high_contrast(),
        }
    }

    fn plain(is_dark: bool) -> Colours {
        let of = |name| parse(colour(name, is_dark));
        let pick = |light: &str, dark: &str| parse(if is_dark { dark } else { light });
        Colours {
            is_dark,
            is_high_contrast: false,
            page: of("page"),
            grid: of("grid"),
            card: of("card"),
            edge: pick("#7b8593", "#7c899c"),
            line: of("edge"),
            text: of("text"),
            soft: of("soft"),
            field: of("field"),
            flow: of("flow"),
            frame: of("frame"),
            note: of("note"),
            note_text: of("notetext"),
            run: of("run"),
            run_text: of("runtext"),
            value: of("value"),
            error: of("fail"),
            error_back: of("failback"),
            error_text: of("failtext"),
            warning: pick("#8a5a00", "#f0b93a"),
            accent: pick("#1668c7", "#5ea8ff"),
            added: pick("#1a7f37", "#57c46f"),
            removed: pick("#b3261e", "#ff7b72"),
            changed: pick("#8a5a00", "#e3b341"),
            kinds: PinKind::ALL.map(|(kind, _)| parse(kind_colour(kind, is_dark))),
        }
    }

    fn high_contrast() -> Colours {
        let kinds = PinKind::ALL.map(|(kind, _)| parse(kind_colour(kind, true)));
        Colours {
            is_high_contrast: true,
            page: Color32::BLACK,
            grid: Color32::from_gray(36),
            card: Color32::from_gray(8),
            edge: Color32::WHITE,
            line: Color32::WHITE,
            text: Color32::WHITE,
            soft: Color32::from_gray(225),
            field: Color32::from_gray(30),
            flow: Color32::WHITE,
            accent: parse("#ffe14d"),
            kinds,
            ..Colours::plain(true)
        }
    }

    /// The colour of a kind of types.
    pub fn kind(&self, kind: PinKind) -> Color32 {
        let index = PinKind::ALL.iter().position(|(other, _)| *other == kind);
        index.and_then(|index| self.kinds.get(index)).copied().unwrap_or(self.soft)
    }

    /// The header of a node; of the start without a category. White text stands out from all of them by 4.5:1.
    pub fn category(&self, category: Option<Category>) -> Color32 {
        static FACES: OnceLock<HashMap<Option<Category>, Color32>> = OnceLock::new();
        let faces = FACES.get_or_init(|| {
            let face = |category: Option<Category>| category_face(category.map_or("start", Category::title)).0;
            let all = Category::ALL.iter().copied().map(Some).chain([None]);
            all.map(|category| (category, parse(face(category)))).collect()
        });
        faces.get(&category).copied().unwrap_or(Color32::GRAY)
    }
}

/// What stands for a kind of graphs.
pub fn graph_sign(colours: &Colours, kind: GraphKind) -> (&'static str, Color32) {
    match kind {
        GraphKind::Handler => ("H", colours.accent),
        GraphKind::Function => ("ƒ", colours.added),
        GraphKind::Filter => ("Fi", colours.warning),
        GraphKind::Effect => ("Ef", colours.error),
    }
}

/// What stands for a kind of files.
pub fn file_sign(colours: &Colours, kind: Option<Kind>) -> (&'static str, Color32) {
    match kind {
        Some(Kind::Document) => ("D", colours.accent),
        Some(Kind::Schema) => ("S", colours.added),
        Some(Kind::Config) => ("C", colours.warning),
        Some(Kind::Test) => ("T", colours.kind(PinKind::Text)),
        Some(Kind::Recording) => ("R", colours.error),
        Some(Kind::Script) => ("O", colours.kind(PinKind::Text)),
        Some(Kind::Data) => ("{}", colours.soft),
        None => ("", colours.soft),
    }
}

/// `#rrggbb`; grey for anything else.
pub fn parse(text: &str) -> Color32 {
    Color32::from_hex(text).unwrap_or(Color32::GRAY)
}

/// How much two colours stand out from each other, 1 to 21 (WCAG 2.2, relative luminance).
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let light = |colour: Color32| {
        let [red, green, blue, _] = egui::Rgba::from(colour.to_opaque()).to_array();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let (a, b) = (light(a), light(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Black or white, whichever is read better on a colour.
pub fn on(back: Color32) -> Color32 {
    let of = |front: Color32| contrast(front, back);
    if of(Color32::BLACK) > of(Color32::WHITE) { Color32::BLACK } else { Color32::WHITE }
}

/// Sets the look of everything that egui draws.
pub fn apply(ctx: &Context, settings: &Settings) -> Colours {
    // Arrows and the like are in the font for code only.
    let mut fonts = egui::FontDefinitions::default();
    if let Some(names) = fonts.families.get_mut(&FontFamily::Proportional) {
        names.push("Hack".to_owned());
    }
    ctx.set_fonts(fonts);
    ctx.set_theme(match settings.theme {
        Theme::System => ThemePreference::System,
        Theme::Light => ThemePreference::Light,
        Theme::Dark | Theme::HighContrast => ThemePreference::Dark,
    });
    ctx.set_zoom_factor(settings.scale.clamp(0.5, 3.0) as f32);
    let mut shown = None;
    for theme in [egui::Theme::Light, egui::Theme::Dark] {
        let colours = Colours::of(settings.theme, theme == egui::Theme::Dark);
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(&colours);
            style.spacing.item_spacing = vec2(8.0, 5.0);
            style.spacing.button_padding = vec2(8.0, 3.0);
            style.spacing.interact_size.y = 24.0;
            style.text_styles.insert(TextStyle::Body, FontId::new(13.5, FontFamily::Proportional));
            style.text_styles.insert(TextStyle::Button, FontId::new(13.5, FontFamily::Proportional));
            style.text_styles.insert(TextStyle::Small, FontId::new(11.5, FontFamily::Proportional));
            style.text_styles.insert(TextStyle::Heading, FontId::new(17.0, FontFamily::Proportional));
            style.text_styles.insert(TextStyle::Monospace, FontId::new(12.5, FontFamily::Monospace));
        });
        if theme == ctx.theme() {
            shown = Some(colours);
        }
    }
    shown.unwrap_or_else(|| Colours::of(settings.theme, true))
}

fn visuals(colours: &Colours) -> Visuals {
    let mut visuals = if colours.is_dark { Visuals::dark() } else { Visuals::light() };
    visuals.panel_fill = colours.card;
    visuals.window_fill = colours.card;
    visuals.window_stroke = Stroke::new(1.0, colours.edge);
    visuals.extreme_bg_color = colours.field;
    visuals.faint_bg_color = colours.field;
    visuals.hyperlink_color = colours.accent;
    visuals.error_fg_color = colours.error;
    visuals.warn_fg_color = colours.warning;
    visuals.selection.bg_fill = colours.accent.gamma_multiply(if colours.is_dark { 0.45 } else { 0.3 });
    visuals.selection.stroke = Stroke::new(1.0, colours.text);
    for state in [
        &mut visuals.widgets.noninteractive,
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
        &mut visuals.widgets.open,
    ] {
        state.fg_stroke.color = colours.text;
    }
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, colours.line);
    visuals.widgets.inactive.weak_bg_fill = colours.field;
    visuals.widgets.inactive.bg_fill = colours.field;
    visuals.widgets.inactive.bg_stroke = Stroke::new(1.0, colours.edge);
    visuals.widgets.hovered.bg_stroke = Stroke::new(1.0, colours.accent);
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEMES: [Theme; 3] = [Theme::Light, Theme::Dark, Theme::HighContrast];

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let found = [
            (Color32::BLACK, Color32::WHITE, 21.0),
            (parse("#777777"), Color32::WHITE, 4.48),
            (parse("#0000ff"), Color32::WHITE, 8.59),
        ];
        for (a, b, expected) in found {
            assert!((contrast(a, b) - expected).abs() < 0.01, "{a:?} {b:?}: {}", contrast(a, b));
        }
    }

    #[test]
    fn text_is_read_in_every_theme() {
        for theme in THEMES {
            let colours = Colours::of(theme, false);
            let pairs = [
                ("text on cards", colours.text, colours.card),
                ("text on the page", colours.text, colours.page),
                ("text in fields", colours.text, colours.field),
                ("soft text on cards", colours.soft, colours.card),
                ("soft text on the page", colours.soft, colours.page),
                ("soft text in fields", colours.soft, colours.field),
                ("messages of what failed", colours.error_text, colours.error_back),
                ("notes", colours.note_text, colours.note),
                ("values of a run", colours.run_text, colours.value),
                ("the value that is pointed at", colours.value, colours.run_text),
                ("errors in panels", colours.error, colours.card),
                ("warnings in panels", colours.warning, colours.card),
                ("added", colours.added, colours.card),
                ("removed", colours.removed, colours.card),
                ("changed", colours.changed, colours.card),
                ("links", colours.accent, colours.card),
            ];
            for (what, front, back) in pairs {
                let least = if theme == Theme::HighContrast && front == colours.text { 7.0 } else { 4.5 };
                assert!(contrast(front, back) >= least, "{theme:?}, {what}: {}", contrast(front, back));
            }
            for category in Category::ALL {
                let found = contrast(Color32::WHITE, colours.category(Some(category)));
                assert!(found >= 4.5, "{theme:?} {}: {found}", category.title());
            }
        }
    }

    #[test]
    fn pins_wires_edges_and_marks_are_seen_in_every_theme() {
        for theme in THEMES {
            let colours = Colours::of(theme, false);
            let mut marks = vec![
                ("flow", colours.flow),
                ("edges", colours.edge),
                ("selection", colours.accent),
                ("run", colours.run),
                ("errors", colours.error),
                ("warnings", colours.warning),
                ("added", colours.added),
                ("removed", colours.removed),
                ("changed", colours.changed),
                ("frames", colours.frame),
            ];
            marks.extend(PinKind::ALL.map(|(kind, word)| (word, colours.kind(kind))));
            for (what, front) in marks {
                for (place, back) in [("a card", colours.card), ("the page", colours.page)] {
                    assert!(contrast(front, back) >= 3.0, "{theme:?}, {what} on {place}: {}", contrast(front, back));
                }
            }
            assert!(
                contrast(colours.edge, colours.field) >= 3.0,
                "{theme:?}: {}",
                contrast(colours.edge, colours.field)
            );
        }
    }

    #[test]
    fn text_is_read_on_any_colour_that_an_author_chooses() {
        for grey in 0..=255 {
            for back in
                [Color32::from_gray(grey), Color32::from_rgb(grey, 0, 255 - grey), Color32::from_rgb(0, grey, grey)]
            {
                assert!(contrast(on(back), back) >= 4.5, "{back:?}");
            }
        }
    }
}

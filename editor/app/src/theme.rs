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
    pub edge: Color32,
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
            edge: of("edge"),
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
        None => ("", colours.soft),
    }
}

/// `#rrggbb`; grey for anything else.
pub fn parse(text: &str) -> Color32 {
    Color32::from_hex(text).unwrap_or(Color32::GRAY)
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
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, colours.edge);
    visuals.widgets.inactive.weak_bg_fill = colours.field;
    visuals.widgets.inactive.bg_fill = colours.field;
    visuals.widgets.inactive.bg_stroke = Stroke::new(1.0, colours.edge.gamma_multiply(0.7));
    visuals.widgets.hovered.bg_stroke = Stroke::new(1.0, colours.accent);
    if colours.is_high_contrast {
        visuals.widgets.inactive.bg_stroke = Stroke::new(1.0, colours.edge);
    }
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `x` to the power 2.4, by Newton's method for the fifth root.
    fn power_2_4(x: f64) -> f64 {
        let square = x * x;
        let root = (0..60).fold(1.0, |y: f64, _| y - (y * y * y * y * y - square) / (5.0 * y * y * y * y));
        square * root
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let light = |colour: Color32| {
            let part = |value: u8| {
                let value = f64::from(value) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { power_2_4((value + 0.055) / 1.055) }
            };
            0.2126 * part(colour.r()) + 0.7152 * part(colour.g()) + 0.0722 * part(colour.b())
        };
        let (a, b) = (light(a), light(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_is_read_and_pins_are_seen_in_every_theme() {
        for theme in [Theme::Light, Theme::Dark, Theme::HighContrast] {
            let colours = Colours::of(theme, false);
            let most: f64 = if theme == Theme::HighContrast { 7.0 } else { 4.5 };
            for (front, back) in [
                (colours.text, colours.card),
                (colours.soft, colours.card),
                (colours.text, colours.field),
                (colours.error_text, colours.error_back),
                (colours.note_text, colours.note),
            ] {
                let found = contrast(front, back);
                let least = if front == colours.text { most } else { 4.5 };
                assert!(found >= least, "{theme:?} {front:?} on {back:?}: {found}");
            }
            for (kind, word) in PinKind::ALL {
                let found = contrast(colours.kind(kind), colours.card);
                assert!(found >= 3.0, "{theme:?} {word}: {found}");
            }
            for category in Category::ALL {
                let found = contrast(Color32::WHITE, colours.category(Some(category)));
                assert!(found >= 4.5, "{theme:?} {}: {found}", category.title());
            }
            for front in
                [colours.accent, colours.error, colours.warning, colours.added, colours.removed, colours.changed]
            {
                let found = contrast(front, colours.card);
                assert!(found >= 3.0, "{theme:?} {front:?}: {found}");
            }
        }
    }
}

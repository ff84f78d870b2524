//! Colours and the style sheet. One table of variables, each with a light and a dark value; a page declares them
//! as CSS variables, a lone SVG has them written into its rules, as not every SVG viewer knows variables.
//!
//! Kinds of types keep apart in all common forms of colour blindness (the hues are Okabe and Ito's, darkened or
//! lightened to stand out by 3:1 from the background); their pins differ in shape as well.

use super::model::PinKind;
use super::style::Theme;

/// Variable, light value, dark value.
const VARIABLES: &[(&str, &str, &str)] = &[
    ("page", "#f6f7f9", "#0f1319"),
    ("card", "#ffffff", "#1a2029"),
    ("edge", "#c3cad4", "#3a4452"),
    ("grid", "#e3e7ec", "#1d242e"),
    ("text", "#18202b", "#e8ecf2"),
    ("soft", "#566273", "#9fabbb"),
    ("field", "#eef1f5", "#27303c"),
    ("flow", "#3d4856", "#c2cbd8"),
    ("frame", "#7a5fb8", "#a58be0"),
    ("note", "#fdf6dd", "#332d18"),
    ("notetext", "#6a5200", "#ecd48b"),
    ("run", "#c05a00", "#ffa94d"),
    ("runtext", "#8a3f00", "#ffc078"),
    ("value", "#fff4e6", "#3a2a14"),
    ("fail", "#c9190b", "#ff6b5e"),
    ("failback", "#fdecea", "#3d1a17"),
    ("failtext", "#9c1006", "#ffb3ab"),
    ("bool", "#c44f00", "#ff8b4d"),
    ("int", "#00805c", "#2fcf9f"),
    ("float", "#1a7fb8", "#6cc3f2"),
    ("string", "#a84a82", "#e79ac6"),
    ("bytes", "#6b6b00", "#cfcf5a"),
    ("struct", "#0059a3", "#6aa9ff"),
    ("list", "#996800", "#f0b93a"),
    ("map", "#7a4a2b", "#d3a27e"),
    ("any", "#5f6b7a", "#a5b0bf"),
];

/// Rules; `$name` stands for a variable.
const RULES: &str = "\
.sw{font-family:'Helvetica Neue',Helvetica,Arial,'Liberation Sans','Noto Sans',sans-serif}
.sw text{fill:$text;white-space:pre}
.sw .page{fill:$page}
.sw .head{font-size:18px;font-weight:700}
.sw .lead{font-size:12.5px;fill:$soft}
.sw .card{fill:$card;stroke:$edge;stroke-width:1}
.sw .shadow{fill:#000;opacity:.07}
.sw .title{font-size:13px;font-weight:700;fill:#fff}
.sw .id,.sw .mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;font-size:10.5px}
.sw .id{fill:#fff}
.sw .icon{fill:none;stroke:#fff;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
.sw .name{font-size:11.5px}
.sw .soft{fill:$soft}
.sw .field{fill:$field}
.sw .ref{fill:none;stroke-width:1}
.sw .note{fill:$note}.sw text.note{fill:$notetext;font-size:10.5px;font-style:italic}
.sw .flow{fill:none;stroke:$flow;stroke-width:2.5}
.sw .tip{fill:$flow}
.sw .pin{fill:$card;stroke:$flow;stroke-width:1.6;stroke-linejoin:round}
.sw .data{fill:none;stroke-width:1.6}
.sw .halo{fill:none;stroke:$page;stroke-width:5;opacity:.85}
.sw .mark{fill:$card;stroke:$flow;stroke-width:1.5}
.sw text.mark{fill:$soft;stroke:none;font-size:10.5px}
.sw .frame{fill:$frame;fill-opacity:.07;stroke:$frame;stroke-opacity:.55;stroke-dasharray:5 4}
.sw text.frame{fill:$frame;fill-opacity:1;stroke:none;font-size:11px;font-weight:700}
.sw .pill{fill:$page;stroke:$flow;stroke-width:1}
.sw text.pill{fill:$text;stroke:none;font-size:10px}
.sw .run .card{stroke:$run;stroke-width:2}
.sw .flow.run{stroke:$run;stroke-width:3}.sw .tip.run{fill:$run}
.sw .mark.run,.sw .pill.run{stroke:$run}
.sw text.pill.run{fill:$runtext;stroke:none;font-weight:700}
.sw .value{fill:$value;stroke:$run;stroke-width:.8}
.sw text.value{fill:$runtext;stroke:none;font-size:10px}
.sw .badge{fill:$run;stroke:$page;stroke-width:2}
.sw text.badge{fill:$page;stroke:none;font-size:10.5px;font-weight:700}
.sw .fail .card{stroke:$fail;stroke-width:2.5}
.sw .failback{fill:$failback}.sw text.fail{fill:$failtext;font-size:10.5px;font-weight:700}
.sw .cross{fill:$fail}.sw .crossed{fill:none;stroke:$card;stroke-width:1.6;stroke-linecap:round}
.sw .dim{opacity:.42}
";

/// Rules of the page around the pictures.
const PAGE: &str = "\
body{margin:0;background:$page;color:$text;font:15px/1.5 'Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif}
main,header,footer{margin:0 auto;padding:0 24px;max-width:1600px}
header{padding-top:28px}h1{font-size:26px;margin:0}header p{color:$soft;margin:4px 0 0}
nav{margin:14px 0 0;display:flex;flex-wrap:wrap;gap:8px}
nav a{color:$text;background:$card;border:1px solid $edge;border-radius:14px;padding:2px 12px;text-decoration:none;font-size:13px}
nav a:hover,nav a:focus{border-color:$text}
section{margin:20px 0;border:1px solid $edge;border-radius:12px;overflow:hidden;background:$page}
section h2{font-size:17px;margin:0;padding:12px 18px 0}section p{margin:0;padding:2px 18px 8px;color:$soft;font-size:13.5px}
.view{overflow:hidden;cursor:grab;touch-action:pan-y}.view:active{cursor:grabbing}.view svg{display:block;max-width:100%;height:auto}
footer{padding-bottom:32px}.legend svg{vertical-align:-4px;margin-right:5px}
.legend{display:flex;flex-wrap:wrap;gap:6px 18px;color:$soft;font-size:13px;padding:0;list-style:none}
";

/// The style sheet of a lone SVG.
pub(super) fn svg_sheet(theme: Theme) -> String {
    let rules = |dark: bool| {
        let mut rules = format!("{RULES}{}", kind_rules());
        for (name, light_value, dark_value) in longest_first() {
            rules = rules.replace(&format!("${name}"), if dark { dark_value } else { light_value });
        }
        rules
    };
    match theme {
        Theme::Light => rules(false),
        Theme::Dark => rules(true),
        Theme::Auto => format!("{}@media (prefers-color-scheme:dark){{\n{}}}\n", rules(false), rules(true)),
    }
}

/// The style sheet of a page with pictures.
pub(super) fn page_sheet(theme: Theme) -> String {
    let declare = |dark: bool| {
        let each = |&(name, light_value, dark_value): &(&str, &str, &str)| {
            format!("--sw-{name}:{};", if dark { dark_value } else { light_value })
        };
        let scheme = if dark { "dark" } else { "light" };
        format!(":root{{color-scheme:{scheme};{}}}\n", VARIABLES.iter().map(each).collect::<String>())
    };
    let mut rules = format!("{RULES}{}{PAGE}", kind_rules());
    for (name, _, _) in longest_first() {
        rules = rules.replace(&format!("${name}"), &format!("var(--sw-{name})"));
    }
    match theme {
        Theme::Light => declare(false) + &rules,
        Theme::Dark => declare(true) + &rules,
        Theme::Auto => format!("{}@media (prefers-color-scheme:dark){{{}}}\n{rules}", declare(false), declare(true)),
    }
}

/// Stroke and fill rules of each kind.
fn kind_rules() -> String {
    let rule = |(kind, _): (PinKind, &str)| {
        let name = variable(kind);
        format!(".sw .s-{name}{{stroke:${name}}}.sw .f-{name}{{fill:${name}}}\n")
    };
    PinKind::ALL.into_iter().map(rule).collect()
}

/// Variables in an order in which none is replaced by the beginning of another.
fn longest_first() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut variables = VARIABLES.to_vec();
    variables.sort_by_key(|(name, _, _)| std::cmp::Reverse(name.len()));
    variables
}

/// A colour by its name (`card`, `text`, `flow`, …), `#rrggbb`; grey for a name that there is not.
pub fn colour(name: &str, is_dark: bool) -> &'static str {
    let found = VARIABLES.iter().find(|(each, _, _)| *each == name);
    found.map_or("#808080", |&(_, light, dark)| if is_dark { dark } else { light })
}

/// The colour of a kind of types, `#rrggbb`.
pub fn kind_colour(kind: PinKind, is_dark: bool) -> &'static str {
    colour(variable(kind), is_dark)
}

/// The variable of a kind's colour, also the end of its class names.
pub(super) fn variable(kind: PinKind) -> &'static str {
    match kind {
        PinKind::Bool => "bool",
        PinKind::Int => "int",
        PinKind::Float => "float",
        PinKind::Text => "string",
        PinKind::Bytes => "bytes",
        PinKind::Struct => "struct",
        PinKind::List => "list",
        PinKind::Map => "map",
        PinKind::Any => "any",
    }
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

    /// Relative luminance (WCAG 2.2) of `#rrggbb`.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { power_2_4((value + 0.055) / 1.055) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn value(name: &str, dark: bool) -> &'static str {
        let &(_, light_value, dark_value) = VARIABLES.iter().find(|(each, _, _)| *each == name).unwrap();
        if dark { dark_value } else { light_value }
    }

    #[test]
    fn text_and_wires_stand_out() {
        for dark in [false, true] {
            for (front, back) in [
                ("text", "page"),
                ("text", "card"),
                ("text", "field"),
                ("soft", "page"),
                ("soft", "card"),
                ("frame", "page"),
                ("notetext", "note"),
                ("runtext", "value"),
                ("runtext", "page"),
                ("failtext", "failback"),
                ("page", "run"),
            ] {
                let contrast = contrast(value(front, dark), value(back, dark));
                let least = 4.5 - if front == "page" || front == "frame" { 0.5 } else { 0.0 };
                assert!(contrast >= least, "{front} on {back}, dark {dark}: {contrast:.2}");
            }
            for kind in PinKind::ALL.map(|(kind, _)| variable(kind)).into_iter().chain(["flow", "run", "fail"]) {
                for back in ["page", "card"] {
                    let contrast = contrast(value(kind, dark), value(back, dark));
                    assert!(contrast >= 3.0, "{kind} on {back}, dark {dark}: {contrast:.2}");
                }
            }
        }
        for (_, colour, _) in super::super::glyphs::CATEGORIES {
            assert!(contrast(colour, "#ffffff") >= 4.5, "white on {colour}");
        }
    }

    #[test]
    fn no_variable_is_left_unreplaced() {
        for theme in [Theme::Auto, Theme::Light, Theme::Dark] {
            assert!(!svg_sheet(theme).contains('$'));
            assert!(!svg_sheet(theme).contains("var("));
            assert!(!page_sheet(theme).contains('$'));
        }
    }
}

//! Small shapes: the icon and colour of each category, and the pin of each kind of type.

use super::model::PinKind;
use super::palette::variable;
use super::route::number;

/// Words of a category's name (lower case), header colour, and icon as path data on a field of 16 by 16.
pub(super) const CATEGORIES: &[(&[&str], &str, &str)] = &[
    (&["event", "emit"], "#a3391f", "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z"),
    (&["start"], "#2f3a4a", "M5 3l8 5-8 5z"),
    (&["state"], "#1f5f99", "M2.5 4c0-3 11-3 11 0s-11 3-11 0v8c0 3 11 3 11 0V4M2.5 8c0 3 11 3 11 0"),
    (&["batch"], "#7a5200", "M2 3h12l-4.5 5.5v5l-3-1.5V8.5z"),
    (&["array", "list"], "#8a5a00", "M6 3.5h8M6 8h8M6 12.5h8M2 3.5h.5M2 8h.5M2 12.5h.5"),
    (&["map"], "#75502b", "M5 2c-3 0-1 5-3 6 2 1 0 6 3 6M11 2c3 0 1 5 3 6-2 1 0 6-3 6M6.5 8h.2M9.3 8h.2"),
    (&["flow", "control"], "#56429b", "M2 8h4M6 8c3 0 2-5 5-5h3M6 8c3 0 2 5 5 5h3M12 1l2 2-2 2M12 11l2 2-2 2"),
    (&["variable"], "#4b5a2a", "M3 3h3l4 10h3M3 13h2l6-10h2"),
    (&["object", "struct"], "#0f6a78", "M8 1.5 14 5v6.5L8 15l-6-3.5V5zM2 5l6 3.5L14 5M8 8.5V15"),
    (&["logic"], "#8c2f5d", "M8 1.5 14.5 8 8 14.5 1.5 8zM5.5 8l2 2 3-4"),
    (&["math"], "#25683a", "M2 4.5h5M4.5 2v5M9.5 4.5h5M2.5 10l4 4M6.5 10l-4 4M9.5 11h5M9.5 13.5h5"),
    (
        &["random", "chance"],
        "#8a2f8f",
        "M3 2h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1M5.5 5.5h.1M10.5 5.5h.1M8 8h.1M5.5 10.5h.1M10.5 10.5h.1",
    ),
    (&["time"], "#33618a", "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M8 4v4l3 2"),
    (&["string", "text"], "#9c3d74", "M3 4.5V2.5h10v2M8 2.5v11M6 13.5h4"),
    (
        &["session", "player"],
        "#3b5b8c",
        "M5.5 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M1 14c0-6 9-6 9 0M10.5 7.5a2.5 2.5 0 0 0 0-5M11.5 9c2.5.3 3.5 2.3 3.5 5",
    ),
    (&["effect"], "#99490f", "M8 1.5l1.5 5 5 1.5-5 1.5L8 14.5l-1.5-5-5-1.5 5-1.5z"),
    (&["filter", "visib"], "#4a5f6b", "M1 8c3-6 11-6 14 0-3 6-11 6-14 0M8 5.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4"),
    (&["function"], "#3a4fa3", "M11.5 2.5C8 1.5 8.5 6 8 8s-.5 6.5-4 5.5M5 7.5h6"),
    (&["async", "wait"], "#0a6b62", "M4 1.5h8M4 14.5h8M5 1.5c0 5 6 8 6 13M11 1.5c0 5-6 8-6 13"),
    (
        &["gps", "place", "geo"],
        "#1d6b45",
        "M8 14.5C3 9.5 3 7.5 3 6.5a5 5 0 0 1 10 0c0 1 0 3-5 8M8 4.8a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6",
    ),
    (&["schema", "config"], "#5b5470", "M2 4h5M11 4h3M9 2v4M2 12h3M9 12h5M7 10v4"),
    (
        &["debug", "test"],
        "#5a5a5a",
        "M5 6a3 3 0 0 1 6 0v4a3 3 0 0 1-6 0zM2 5l3 1.5M2 12l3-1.5M14 5l-3 1.5M14 12l-3-1.5M8 6v7",
    ),
];

/// Colour and icon of what has no known category.
const OTHER: (&str, &str) = ("#4d5866", "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2M8 8h.1");

/// Header colour (`#rrggbb`) and icon (path data of SVG, to be stroked on a field of 16 by 16) of a category.
pub fn category(name: &str) -> (&'static str, &'static str) {
    let name = name.to_lowercase();
    let known = CATEGORIES.iter().find(|(words, _, _)| words.iter().any(|word| name.contains(word)));
    known.map_or(OTHER, |(_, colour, icon)| (colour, icon))
}

/// The shape of a kind's pin: path data of SVG around the origin, and how wide its lines are. Kinds differ in shape, not only in colour.
pub fn pin_shape(kind: PinKind) -> (&'static str, f64) {
    match kind {
        PinKind::Bool => ("M0-5 5 0 0 5-5 0z", 1.6),
        PinKind::Int => ("M-4.2 0a4.2 4.2 0 1 1 8.4 0a4.2 4.2 0 1 1-8.4 0z", 1.6),
        PinKind::Float => ("M-2.4-4.4h4.8L4.9 0 2.4 4.4h-4.8L-4.9 0z", 1.6),
        PinKind::Text => ("M-4-4H4V4H-4z", 1.6),
        PinKind::Bytes => ("M-5-2.5H5v5H-5z", 1.6),
        PinKind::Struct => ("M0-5 5-.8 3.2 4.6h-6.4L-5-.8z", 1.6),
        PinKind::List => ("M-4.5-3.8h9M-4.5 0h9M-4.5 3.8h9", 2.2),
        PinKind::Map => ("M-4.5-4.5h3.6v3.6h-3.6zM.9-4.5h3.6v3.6H.9zM-4.5.9h3.6v3.6h-3.6zM.9.9h3.6v3.6H.9z", 1.0),
        PinKind::Any => ("M-3.5 0h7M0-3.5v7", 2.4),
    }
}

/// A data pin around a point; hollow where nothing is connected.
pub(super) fn pin(kind: PinKind, (x, y): (f64, f64), connected: bool) -> String {
    let name = variable(kind);
    let fill = if connected { format!("f-{name}") } else { "hollow".to_owned() };
    let (data, width) = pin_shape(kind);
    let hollow = if connected { "" } else { " fill=\"none\"" };
    format!(
        "<path class=\"s-{name} {fill}\" stroke-width=\"{}\"{hollow} transform=\"translate({} {})\" d=\"{data}\"/>",
        number(width),
        number(x),
        number(y)
    )
}

//! Small shapes: the icon and colour of each category, and the pin of each kind of type.

use super::model::PinKind;
use super::palette::variable;
use super::route::number;

/// Words of a category's name (lower case), header colour, and icon as path data on a field of 16 by 16.
pub(super) const CATEGORIES: &[(&[&str], &str, &str)] = &[
    (&["event", "emit"], "#a3391f", "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z"),
    (&["start"], "#2f3a4a", "M5 3l8 5-8 5z"),
    (&["state"], "#1f5f99", "M2.5 4c0-3 11-3 11 0s-11 3-11 0v8c0 3 11 3 11 0V4M2.5 8c0 3 11 3 11 0"),
    (&["batch"], "#7a5200", "M2 3h12l-4.5 5.5v5l-3-1.5V8.500z"),
    (&["array", "list"], "#8a5a00", "M6 3.500h8M6 8h8M6 12.500h8M2 3.500h.5M2 8h.5M2 12.500h.5"),
    (&["map"], "#75502b", "M5 2c-3 0-1 5-3 6 2 1 0 6 3 6M11 2c3 0 1 5 3 6-2 1 0 6-3 6M6.500 8h.2M9.300 8h.2"),
    (&["flow", "control"], "#56429b", "M2 8h4M6 8c3 0 2-5 5-5h3M6 8c3 0 2 5 5 5h3M12 1l2 2-2 2M12 11l2 2-2 2"),
    (&["variable"], "#4b5a2a", "M3 3h3l4 10h3M3 13h2l6-10h2"),
    (&["object", "struct"], "#0f6a78", "M8 1.500 14 5v6.500L8 15l-6-3.500V5zM2 5l6 3.500L14 5M8 8.500V15"),
    (&["logic"], "#8c2f5d", "M8 1.500 14.500 8 8 14.500 1.500 8zM5.500 8l2 2 3-4"),
    (&["math"], "#25683a", "M2 4.500h5M4.500 2v5M9.500 4.500h5M2.500 10l4 4M6.500 10l-4 4M9.500 11h5M9.500 13.500h5"),
    (
        &["random", "chance"],
        "#8a2f8f",
        "M3 2h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1M5.500 5.500h.1M10.500 5.500h.1M8 8h.1M5.500 10.500h.1M10.500 10.500h.1",
    ),
    (&["time"], "#33618a", "M8 1.500a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13M8 4v4l3 2"),
    (&["string", "text"], "#9c3d74", "M3 4.500V2.500h10v2M8 2.500v11M6 13.500h4"),
    (
        &["session", "player"],
        "#3b5b8c",
        "M5.500 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M1 14c0-6 9-6 9 0M10.500 7.500a2.500 2.500 0 0 0 0-5M11.500 9c2.500.3 3.500 2.300 3.500 5",
    ),
    (&["effect"], "#99490f", "M8 1.500l1.500 5 5 1.500-5 1.500L8 14.500l-1.500-5-5-1.500 5-1.500z"),
    (
        &["filter", "visib"],
        "#4a5f6b",
        "M1 8c3-6 11-6 14 0-3 6-11 6-14 0M8 5.800a2.200 2.200 0 1 1 0 4.400 2.200 2.200 0 0 1 0-4.400",
    ),
    (&["function"], "#3a4fa3", "M11.500 2.500C8 1.500 8.500 6 8 8s-.5 6.500-4 5.500M5 7.500h6"),
    (&["async", "wait"], "#0a6b62", "M4 1.500h8M4 14.500h8M5 1.500c0 5 6 8 6 13M11 1.500c0 5-6 8-6 13"),
    (
        &["gps", "place", "geo"],
        "#1d6b45",
        "M8 14.500C3 9.500 3 7.500 3 6.500a5 5 0 0 1 10 0c0 1 0 3-5 8M8 4.800a1.800 1.800 0 1 1 0 3.600 1.800 1.800 0 0 1 0-3.600",
    ),
    (&["schema", "config"], "#5b5470", "M2 4h5M11 4h3M9 2v4M2 12h3M9 12h5M7 10v4"),
    (
        &["debug", "test"],
        "#5a5a5a",
        "M5 6a3 3 0 0 1 6 0v4a3 3 0 0 1-6 0zM2 5l3 1.500M2 12l3-1.500M14 5l-3 1.500M14 12l-3-1.500M8 6v7",
    ),
];

/// Colour and icon of what has no known category.
const OTHER: (&str, &str) = ("#4d5866", "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2M8 8h.1");

/// Header colour and icon of a category.
pub(super) fn category(name: &str) -> (&'static str, &'static str) {
    let name = name.to_lowercase();
    let known = CATEGORIES.iter().find(|(words, _, _)| words.iter().any(|word| name.contains(word)));
    known.map_or(OTHER, |(_, colour, icon)| (colour, icon))
}

/// A data pin around a point; hollow where nothing is connected.
pub(super) fn pin(kind: PinKind, (x, y): (f64, f64), connected: bool) -> String {
    let name = variable(kind);
    let fill = if connected { format!("f-{name}") } else { "hollow".to_owned() };
    let class = format!("class=\"s-{name} {fill}\" stroke-width=\"1.6\"");
    let hollow = if connected { "" } else { " fill=\"none\"" };
    let path = |data: &str| {
        format!("<path {class}{hollow} transform=\"translate({} {})\" d=\"{data}\"/>", number(x), number(y))
    };
    match kind {
        PinKind::Bool => path("M0-5 5 0 0 5-5 0z"),
        PinKind::Int => path("M-4.200 0a4.200 4.200 0 1 1 8.400 0a4.200 4.200 0 1 1-8.400 0z"),
        PinKind::Float => path("M-2.400-4.400h4.800L4.900 0 2.400 4.400h-4.800L-4.900 0z"),
        PinKind::Text => path("M-4-4H4V4H-4z"),
        PinKind::Bytes => path("M-5-2.500H5v5H-5z"),
        PinKind::Struct => path("M0-5 5-.8 3.200 4.600h-6.400L-5-.8z"),
        PinKind::List => path("M-4.500-3.800h9M-4.500 0h9M-4.500 3.800h9").replace("1.6\"", "2.2\""),
        PinKind::Map => path("M-4.500-4.500h3.600v3.600h-3.600zM.9-4.500h3.600v3.600H.9zM-4.500.9h3.600v3.600h-3.600zM.9.9h3.600v3.600H.9z").replace("1.6\"", "1\""),
        PinKind::Any => path("M-3.500 0h7M0-3.500v7").replace("1.6\"", "2.4\""),
    }
}

//! Icons and pins: path data of SVG as lines, read once.

use std::collections::HashMap;
use std::sync::OnceLock;

use egui::{Pos2, Vec2, pos2, vec2};
use statewright_graph::node::Category;
use statewright_harness::draw::{PinKind, category_face, pin_shape};

/// A line of a path, and whether it comes back to where it began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stroked {
    /// Its points.
    pub points: Vec<Pos2>,
    /// Whether the last is connected with the first.
    pub is_closed: bool,
}

/// The icon of a category on a field of 16 by 16; of the start without one.
pub fn category(category: Option<Category>) -> &'static [Stroked] {
    static ICONS: OnceLock<HashMap<Option<Category>, Vec<Stroked>>> = OnceLock::new();
    let icons = ICONS.get_or_init(|| {
        let all = Category::ALL.iter().copied().map(Some).chain([None]);
        let title = |category: Option<Category>| category.map_or("start", |category: Category| category.title());
        all.map(|category| (category, read(category_face(title(category)).1))).collect()
    });
    icons.get(&category).map_or(&[], Vec::as_slice)
}

/// The pin of a kind around the origin, and the width of its lines.
pub fn pin(kind: PinKind) -> (&'static [Stroked], f32) {
    static PINS: OnceLock<HashMap<PinKind, (Vec<Stroked>, f32)>> = OnceLock::new();
    let pins = PINS.get_or_init(|| {
        let of = |kind| {
            let (data, width) = pin_shape(kind);
            (read(data), width as f32)
        };
        PinKind::ALL.iter().map(|(kind, _)| (*kind, of(*kind))).collect()
    });
    pins.get(&kind).map_or((&[], 1.0), |(lines, width)| (lines.as_slice(), *width))
}

/// Numbers and letters of path data.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', ',', '\n']);
    }

    fn letter(&mut self) -> Option<char> {
        self.skip();
        let letter = self.rest.chars().next().filter(char::is_ascii_alphabetic)?;
        self.rest = self.rest.get(1..)?;
        Some(letter)
    }

    fn number(&mut self) -> Option<f32> {
        self.skip();
        let mut has_point = false;
        let mut ends = |(index, letter): (usize, char)| match letter {
            '-' | '+' => index > 0,
            '.' => std::mem::replace(&mut has_point, true),
            other => !other.is_ascii_digit(),
        };
        let end = self.rest.char_indices().find(|at| ends(*at)).map_or(self.rest.len(), |(index, _)| index);
        let (number, rest) = self.rest.split_at_checked(end)?;
        let number = number.parse().ok()?;
        self.rest = rest;
        Some(number)
    }

    /// A flag of an arc may stand without a space behind it.
    fn flag(&mut self) -> Option<bool> {
        self.skip();
        let flag = self.rest.chars().next()?;
        self.rest = self.rest.get(1..)?;
        Some(flag == '1')
    }

    fn vector(&mut self) -> Option<Vec2> {
        Some(vec2(self.number()?, self.number()?))
    }
}

/// Path data (`M L H V C S Q A Z`, upper and lower case) as lines. What cannot be read ends it.
pub fn read(data: &str) -> Vec<Stroked> {
    let mut reader = Reader { rest: data };
    let mut lines: Vec<Stroked> = Vec::new();
    let (mut at, mut command) = (Pos2::ZERO, 'M');
    let mut control = None;
    loop {
        match reader.letter() {
            Some(letter) => command = letter,
            None if reader.rest.is_empty() => return lines,
            // Further points of a move are lines.
            None => {
                command = match command {
                    'M' => 'L',
                    'm' => 'l',
                    other => other,
                }
            }
        }
        let origin = if command.is_ascii_lowercase() { at.to_vec2() } else { Vec2::ZERO };
        let Some(next) = piece(&mut reader, command, at, origin, &mut control, &mut lines) else { return lines };
        at = next;
    }
}

/// Reads one piece; where the path goes on, or `None` if it cannot be read.
fn piece(
    reader: &mut Reader<'_>,
    command: char,
    at: Pos2,
    origin: Vec2,
    control: &mut Option<Pos2>,
    lines: &mut Vec<Stroked>,
) -> Option<Pos2> {
    let before = control.take();
    let point = |reader: &mut Reader<'_>| Some((reader.vector()? + origin).to_pos2());
    if command.eq_ignore_ascii_case(&'m') {
        let to = point(reader)?;
        lines.push(Stroked { points: vec![to], is_closed: false });
        return Some(to);
    }
    if command.eq_ignore_ascii_case(&'z') {
        let line = lines.last_mut()?;
        line.is_closed = true;
        return line.points.first().copied();
    }
    let mut points = Vec::new();
    match command.to_ascii_lowercase() {
        'l' => points.push(point(reader)?),
        'h' => points.push(pos2(reader.number()? + origin.x, at.y)),
        'v' => points.push(pos2(at.x, reader.number()? + origin.y)),
        'c' => {
            let (b, c, d) = (point(reader)?, point(reader)?, point(reader)?);
            points.extend((1..=8).map(|part| cubic([at, b, c, d], part as f32 / 8.0)));
            *control = Some(c);
        }
        's' => {
            let (c, d) = (point(reader)?, point(reader)?);
            // The first point of control is the last one of the curve before, mirrored.
            let b = before.map_or(at, |before| at + (at - before));
            points.extend((1..=8).map(|part| cubic([at, b, c, d], part as f32 / 8.0)));
            *control = Some(c);
        }
        'q' => {
            let (b, c) = (point(reader)?, point(reader)?);
            let cubic_b = at + (b - at) * (2.0 / 3.0);
            let cubic_c = c + (b - c) * (2.0 / 3.0);
            points.extend((1..=8).map(|part| cubic([at, cubic_b, cubic_c, c], part as f32 / 8.0)));
        }
        'a' => {
            let radius = reader.vector()?;
            let _turned = reader.number()?;
            let (is_large, is_clockwise) = (reader.flag()?, reader.flag()?);
            let to = point(reader)?;
            points = arc(at, to, radius.x.abs(), is_large, is_clockwise);
        }
        _ => return None,
    }
    let last = points.last().copied()?;
    match lines.last_mut().filter(|line| !line.is_closed) {
        Some(line) => line.points.extend(points),
        // A path may go on behind its end, from where it began.
        None => lines.push(Stroked { points: [at].into_iter().chain(points).collect(), is_closed: false }),
    }
    Some(last)
}

fn cubic([a, b, c, d]: [Pos2; 4], t: f32) -> Pos2 {
    let (ab, bc, cd) = (a.lerp(b, t), b.lerp(c, t), c.lerp(d, t));
    ab.lerp(bc, t).lerp(bc.lerp(cd, t), t)
}

/// Points of an arc of a circle: all that icons have.
fn arc(from: Pos2, to: Pos2, radius: f32, is_large: bool, is_clockwise: bool) -> Vec<Pos2> {
    const PARTS: usize = 14;
    let chord = to - from;
    let half = chord.length() / 2.0;
    if half <= 1e-6 || radius <= 1e-6 {
        return vec![to];
    }
    let radius = radius.max(half);
    let height = (radius * radius - half * half).max(0.0).sqrt();
    let side = if is_large == is_clockwise { -1.0 } else { 1.0 };
    let centre = from + chord / 2.0 + vec2(-chord.y, chord.x) / (2.0 * half) * height * side;
    let (begin, end) = ((from - centre).angle(), (to - centre).angle());
    let whole = std::f32::consts::TAU;
    let mut sweep = end - begin;
    if is_clockwise && sweep < 0.0 {
        sweep += whole;
    } else if !is_clockwise && sweep > 0.0 {
        sweep -= whole;
    }
    let at = |part: usize| centre + Vec2::angled(begin + sweep * part as f32 / PARTS as f32) * radius;
    (1..PARTS).map(at).chain([to]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_with_relative_points_and_curves() {
        let lines = read("M1 2h3v-1L0,0zM5-5l.5.5c0 3 6 3 6 0");
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].points, [pos2(1.0, 2.0), pos2(4.0, 2.0), pos2(4.0, 1.0), pos2(0.0, 0.0)]);
        assert!(lines[0].is_closed && !lines[1].is_closed);
        assert_eq!(lines[1].points[..2], [pos2(5.0, -5.0), pos2(5.5, -4.5)]);
        assert_eq!(lines[1].points.last(), Some(&pos2(11.5, -4.5)));
    }

    #[test]
    fn smooth_curves_go_on_as_the_one_before_ended() {
        let lines = read("M0 0c0-4 8-4 8 0s8 4 8 0");
        let points = &lines[0].points;
        assert_eq!((points[8], points[16]), (pos2(8.0, 0.0), pos2(16.0, 0.0)));
        assert!((points[4].y + 3.0).abs() < 1e-4 && (points[12].y - 3.0).abs() < 1e-4, "{points:?}");
    }

    #[test]
    fn arcs_go_round_their_centre_on_the_side_that_the_flags_say() {
        // Half a circle around (8, 8) by the right: down from above.
        let lines = read("M8 1.5a6.5 6.5 0 1 1 0 13");
        let points = &lines[0].points;
        assert!(points.iter().all(|point| ((*point - pos2(8.0, 8.0)).length() - 6.5).abs() < 1e-3));
        assert!(points[7].x > 14.0, "{:?}", points[7]);
        // A quarter, short way: from above to the right.
        let quarter = read("M0-5A5 5 0 0 1 5 0");
        assert!(quarter[0].points.iter().all(|point| (point.to_vec2().length() - 5.0).abs() < 1e-3));
        // The long way round has its centre at the other side.
        let large = read("M0-5A5 5 0 1 1 5 0");
        assert!(large[0].points.iter().all(|point| ((*point - pos2(5.0, -5.0)).length() - 5.0).abs() < 1e-3));
    }

    #[test]
    fn every_category_and_kind_has_its_own_shape_within_its_field() {
        for category in Category::ALL {
            let lines = super::category(Some(category));
            assert!(!lines.is_empty(), "{}", category.title());
            for point in lines.iter().flat_map(|line| &line.points) {
                assert!((0.0..=16.0).contains(&point.x) && (0.0..=16.0).contains(&point.y), "{point:?}");
            }
        }
        let shapes: Vec<_> = PinKind::ALL.iter().map(|(kind, _)| pin(*kind).0).collect();
        for (index, shape) in shapes.iter().enumerate() {
            assert!(!shape.is_empty() && !shapes[..index].contains(shape));
        }
    }
}

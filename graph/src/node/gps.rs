//! Places on the Earth, taken as a sphere of 6,371,000 m (R10). Angles are degrees, distances metres.

use statewright_types::{TrapCode, Type};

use super::{Category, Example, NodeRow, ROW, input, output};
use crate::check::codes;
use crate::ir::{Cond, Imm, Op, Value};
use crate::lower::{Abort, Cx, GraphCx, Operand, Planned};

const GPS: NodeRow = NodeRow { category: Category::Gps, ..ROW };
const RADIUS_M: f64 = 6_371_000.0;
const RADIANS: f64 = std::f64::consts::PI / 180.0;
const DEGREES: f64 = 180.0 / std::f64::consts::PI;

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "GpsDistance",
        summary: "The distance between two places, along the surface.",
        inputs: &[
            input("lat1", "float64", "Latitude of the first place.").or(&["fromLat"]),
            input("lng1", "float64", "Longitude of the first place.").or(&["lon1", "fromLng", "fromLon"]),
            input("lat2", "float64", "Latitude of the second place.").or(&["toLat"]),
            input("lng2", "float64", "Longitude of the second place.").or(&["lon2", "toLng", "toLon"]),
        ],
        outputs: &[output("distance", "float64", "Metres.").or(&["result"])],
        example: Example::Outputs {
            inputs: r#"{"lat1": 47.5, "lng1": 19.0, "lat2": 47.5, "lng2": 19.0}"#,
            outputs: r#"{"distance": 0.0}"#,
        },
        lower: |cx| {
            let place = [cx.float("lat1")?, cx.float("lng1")?, cx.float("lat2")?, cx.float("lng2")?];
            let value = distance(cx.g, place);
            cx.put("distance", value, Type::Float64);
            Ok(())
        },
        ..GPS
    },
    NodeRow {
        name: "GpsMoveToward",
        summary: "The place reached by moving from one place toward another.",
        docs: "Stops at the target; a distance of zero or less does not move.",
        inputs: &[
            input("fromLat", "float64", "Latitude of the start.").or(&["lat1"]),
            input("fromLng", "float64", "Longitude of the start.").or(&["fromLon", "lng1", "lon1"]),
            input("toLat", "float64", "Latitude of the target.").or(&["lat2"]),
            input("toLng", "float64", "Longitude of the target.").or(&["toLon", "lng2", "lon2"]),
            input("distance", "float64", "Metres."),
        ],
        outputs: &[
            output("newLat", "float64", "Latitude.").or(&["lat"]),
            output("newLng", "float64", "Longitude.").or(&["newLon", "lng", "lon"]),
        ],
        example: Example::Outputs {
            inputs: r#"{"fromLat": 1, "fromLng": 2, "toLat": 1.5, "toLng": 2.5, "distance": 1e9}"#,
            outputs: r#"{"newLat": 1.5, "newLng": 2.5}"#,
        },
        lower: move_toward,
        ..GPS
    },
    NodeRow {
        name: "PointInCircle",
        summary: "Whether a place is within a radius of another.",
        inputs: &[
            input("pointLat", "float64", "Latitude of the place."),
            input("pointLng", "float64", "Longitude of the place.").or(&["pointLon"]),
            input("centerLat", "float64", "Latitude of the centre."),
            input("centerLng", "float64", "Longitude of the centre.").or(&["centerLon"]),
            input("radiusMeters", "float64", "Metres.").or(&["radius"]),
        ],
        outputs: &[
            output("isInside", "bool", "Whether it is.").or(&["inside"]),
            output("distance", "float64", "Metres to the centre."),
        ],
        example: Example::Outputs {
            inputs: r#"{"pointLat": 47.5, "pointLng": 19.0, "centerLat": 47.5, "centerLng": 19.0001, "radiusMeters": 10}"#,
            outputs: r#"{"isInside": true}"#,
        },
        lower: |cx| {
            let place = [cx.float("pointLat")?, cx.float("pointLng")?, cx.float("centerLat")?, cx.float("centerLng")?];
            let radius = cx.float("radiusMeters")?;
            let metres = distance(cx.g, place);
            let inside = cx.g.cmp(Op::FCmp, Cond::Le, metres, radius);
            cx.put("isInside", inside, Type::Bool);
            cx.put("distance", metres, Type::Float64);
            Ok(())
        },
        ..GPS
    },
    NodeRow {
        name: "PointInPolygon",
        summary: "Whether a place is inside a polygon.",
        docs: "By the even-odd rule, on latitude and longitude as plain coordinates. The vertices are structs with the fields \
               Lat and Lng (or Lon, lat, lng, lon). Fewer than three: never.",
        inputs: &[
            input("pointLat", "float64", "Latitude of the place."),
            input("pointLng", "float64", "Longitude of the place.").or(&["pointLon"]),
            input("polygon", "[]struct", "The vertices in order."),
        ],
        outputs: &[output("isInside", "bool", "Whether it is.").or(&["inside", "result"])],
        fuel: "the number of vertices",
        errors: &[TrapCode::StaleReference],
        example: Example::Outputs {
            inputs: r#"{"pointLat": 1, "pointLng": 1, "polygon": [{"Lat": 0.0, "Lng": 0.0}, {"Lat": 0.0, "Lng": 3.0}, {"Lat": 3.0, "Lng": 0.0}]}"#,
            outputs: r#"{"isInside": true}"#,
        },
        lower: in_polygon,
        ..GPS
    },
    NodeRow {
        name: "GpsBearing",
        summary: "The direction from one place to another.",
        docs: "At the start, along the surface: 0 is north, 90 east. From a place to itself it is 0.",
        inputs: &[
            input("fromLat", "float64", "Latitude of the start.").or(&["lat1"]),
            input("fromLng", "float64", "Longitude of the start.").or(&["fromLon", "lng1", "lon1"]),
            input("toLat", "float64", "Latitude of the target.").or(&["lat2"]),
            input("toLng", "float64", "Longitude of the target.").or(&["toLon", "lng2", "lon2"]),
        ],
        outputs: &[output("bearing", "float64", "Degrees, from 0 up to, not including, 360.").or(&["result"])],
        example: Example::Outputs {
            inputs: r#"{"fromLat": 0, "fromLng": 10, "toLat": 0, "toLng": 11}"#,
            outputs: r#"{"bearing": 90.0}"#,
        },
        lower: gps_bearing,
        ..GPS
    },
    NodeRow {
        name: "GpsInterpolate",
        summary: "The place between two others, by a share of the way along the surface.",
        docs: "The first place at 0, the second at 1; beyond them further along the same circle.",
        inputs: &[
            input("lat1", "float64", "Latitude of the first place.").or(&["fromLat"]),
            input("lng1", "float64", "Longitude of the first place.").or(&["lon1", "fromLng", "fromLon"]),
            input("lat2", "float64", "Latitude of the second place.").or(&["toLat"]),
            input("lng2", "float64", "Longitude of the second place.").or(&["lon2", "toLng", "toLon"]),
            input("t", "float64", "The share of the way."),
        ],
        outputs: &[
            output("lat", "float64", "Latitude.").or(&["newLat"]),
            output("lng", "float64", "Longitude.").or(&["lon", "newLng", "newLon"]),
        ],
        example: Example::Outputs {
            inputs: r#"{"lat1": 1, "lng1": 2, "lat2": 1.5, "lng2": 2.5, "t": 1}"#,
            outputs: r#"{"lat": 1.5, "lng": 2.5}"#,
        },
        lower: interpolate,
        ..GPS
    },
];

fn radians(g: &mut GraphCx<'_>, degrees: Value) -> Value {
    let factor = g.float(RADIANS);
    g.fop(Op::FMul, &[degrees, factor])
}

/// R·2·atan2(√a, √(1−a)), a = sin²(Δφ/2) + cos φ1·cos φ2·sin²(Δλ/2).
fn distance(g: &mut GraphCx<'_>, [lat1, lng1, lat2, lng2]: [Value; 4]) -> Value {
    let (phi1, phi2) = (radians(g, lat1), radians(g, lat2));
    let (dlat, dlng) = (g.fop(Op::FSub, &[lat2, lat1]), g.fop(Op::FSub, &[lng2, lng1]));
    let half_sine_squared = |g: &mut GraphCx<'_>, degrees| {
        let two = g.float(2.0);
        let angle = radians(g, degrees);
        let half = g.fop(Op::FDiv, &[angle, two]);
        let sine = g.fop(Op::FSin, &[half]);
        g.fop(Op::FMul, &[sine, sine])
    };
    let (sin_lat, sin_lng) = (half_sine_squared(g, dlat), half_sine_squared(g, dlng));
    let (cos1, cos2) = (g.fop(Op::FCos, &[phi1]), g.fop(Op::FCos, &[phi2]));
    let cosines = g.fop(Op::FMul, &[cos1, cos2]);
    let second = g.fop(Op::FMul, &[cosines, sin_lng]);
    let a = g.fop(Op::FAdd, &[sin_lat, second]);
    let one = g.float(1.0);
    let rest = g.fop(Op::FSub, &[one, a]);
    let (y, x) = (g.fop(Op::FSqrt, &[a]), g.fop(Op::FSqrt, &[rest]));
    let angle = g.fop(Op::FAtan2, &[y, x]);
    let twice = g.float(RADIUS_M * 2.0);
    g.fop(Op::FMul, &[twice, angle])
}

/// Initial bearing from the first place to the second, in radians.
fn bearing(g: &mut GraphCx<'_>, phi1: Value, phi2: Value, dlambda: Value) -> Value {
    let (sin1, cos1) = (g.fop(Op::FSin, &[phi1]), g.fop(Op::FCos, &[phi1]));
    let (sin2, cos2) = (g.fop(Op::FSin, &[phi2]), g.fop(Op::FCos, &[phi2]));
    let (sin_l, cos_l) = (g.fop(Op::FSin, &[dlambda]), g.fop(Op::FCos, &[dlambda]));
    let y = g.fop(Op::FMul, &[sin_l, cos2]);
    let first = g.fop(Op::FMul, &[cos1, sin2]);
    let second = g.fop(Op::FMul, &[sin1, cos2]);
    let second = g.fop(Op::FMul, &[second, cos_l]);
    let x = g.fop(Op::FSub, &[first, second]);
    g.fop(Op::FAtan2, &[y, x])
}

fn gps_bearing(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let [lat1, lng1, lat2, lng2] = [cx.float("fromLat")?, cx.float("fromLng")?, cx.float("toLat")?, cx.float("toLng")?];
    let g = &mut *cx.g;
    let (phi1, phi2) = (radians(g, lat1), radians(g, lat2));
    let dlng = g.fop(Op::FSub, &[lng2, lng1]);
    let dlambda = radians(g, dlng);
    let theta = bearing(g, phi1, phi2, dlambda);
    let (factor, zero, round) = (g.float(DEGREES), g.float(0.0), g.float(360.0));
    let degrees = g.fop(Op::FMul, &[theta, factor]);
    // Adding zero makes −0 a plain 0.
    let plain = g.fop(Op::FAdd, &[degrees, zero]);
    let turned = g.fop(Op::FAdd, &[degrees, round]);
    let west = g.cmp(Op::FCmp, Cond::Lt, degrees, zero);
    let value = g.op(Op::Select, &[west, turned, plain], Imm::None, Type::Float64);
    // A tiny negative angle rounds up to the full circle.
    let full = g.cmp(Op::FCmp, Cond::Ge, value, round);
    let value = g.op(Op::Select, &[full, zero, value], Imm::None, Type::Float64);
    cx.put("bearing", value, Type::Float64);
    Ok(())
}

fn interpolate(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let place = [cx.float("lat1")?, cx.float("lng1")?, cx.float("lat2")?, cx.float("lng2")?];
    let [lat1, lng1, lat2, lng2] = place;
    let t = cx.float("t")?;
    let g = &mut *cx.g;
    let whole = distance(g, place);
    let metres = g.fop(Op::FMul, &[whole, t]);
    let (lat, lng) = destination(g, place, metres);
    // Both ends are given back exactly as they came.
    let (zero, one) = (g.float(0.0), g.float(1.0));
    let at_start = g.cmp(Op::FCmp, Cond::Eq, metres, zero);
    let at_end = g.cmp(Op::FCmp, Cond::Eq, t, one);
    let mut exact = |value, first, second| {
        let value = g.op(Op::Select, &[at_start, first, value], Imm::None, Type::Float64);
        g.op(Op::Select, &[at_end, second, value], Imm::None, Type::Float64)
    };
    let (lat, lng) = (exact(lat, lat1, lat2), exact(lng, lng1, lng2));
    cx.put("lat", lat, Type::Float64);
    cx.put("lng", lng, Type::Float64);
    Ok(())
}

fn move_toward(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let place = [cx.float("fromLat")?, cx.float("fromLng")?, cx.float("toLat")?, cx.float("toLng")?];
    let [lat1, lng1, lat2, lng2] = place;
    let metres = cx.float("distance")?;
    let g = &mut *cx.g;
    let whole = distance(g, place);
    let zero = g.float(0.0);
    let (new_lat, new_lng) = (g.builder.var(Type::Float64), g.builder.var(Type::Float64));
    let arrives = g.cmp(Op::FCmp, Cond::Ge, metres, whole);
    let stays = g.cmp(Op::FCmp, Cond::Le, metres, zero);
    let target = |g: &mut GraphCx<'_>, to, from| {
        let end = g.op(Op::Select, &[arrives, to, from], Imm::None, Type::Float64);
        g.op(Op::Select, &[stays, from, end], Imm::None, Type::Float64)
    };
    let (end_lat, end_lng) = (target(g, lat2, lat1), target(g, lng2, lng1));
    g.builder.set(new_lat, end_lat);
    g.builder.set(new_lng, end_lng);
    let known = g.bop(Op::Or, &[arrives, stays]);
    let moves = g.bop(Op::Not, &[known]);
    g.only_if(moves, &mut |g| {
        let (lat, lng) = destination(g, place, metres);
        g.builder.set(new_lat, lat);
        g.builder.set(new_lng, lng);
        Ok(())
    })?;
    let (lat, lng) = (g.builder.get(new_lat), g.builder.get(new_lng));
    cx.put("newLat", lat, Type::Float64);
    cx.put("newLng", lng, Type::Float64);
    Ok(())
}

/// φ2 = asin(sin φ1·cos δ + cos φ1·sin δ·cos θ), λ2 = λ1 + atan2(sin θ·sin δ·cos φ1, cos δ − sin φ1·sin φ2).
fn destination(g: &mut GraphCx<'_>, [lat1, lng1, lat2, lng2]: [Value; 4], metres: Value) -> (Value, Value) {
    let (phi1, phi2) = (radians(g, lat1), radians(g, lat2));
    let dlng = g.fop(Op::FSub, &[lng2, lng1]);
    let dlambda = radians(g, dlng);
    let theta = bearing(g, phi1, phi2, dlambda);
    let radius = g.float(RADIUS_M);
    let delta = g.fop(Op::FDiv, &[metres, radius]);
    let (sin1, cos1) = (g.fop(Op::FSin, &[phi1]), g.fop(Op::FCos, &[phi1]));
    let (sin_d, cos_d) = (g.fop(Op::FSin, &[delta]), g.fop(Op::FCos, &[delta]));
    let (sin_t, cos_t) = (g.fop(Op::FSin, &[theta]), g.fop(Op::FCos, &[theta]));
    let first = g.fop(Op::FMul, &[sin1, cos_d]);
    let second = g.fop(Op::FMul, &[cos1, sin_d]);
    let second = g.fop(Op::FMul, &[second, cos_t]);
    let sine = g.fop(Op::FAdd, &[first, second]);
    let phi = g.fop(Op::FAsin, &[sine]);
    let y = g.fop(Op::FMul, &[sin_t, sin_d]);
    let y = g.fop(Op::FMul, &[y, cos1]);
    let sin_phi = g.fop(Op::FSin, &[phi]);
    let product = g.fop(Op::FMul, &[sin1, sin_phi]);
    let x = g.fop(Op::FSub, &[cos_d, product]);
    let turn = g.fop(Op::FAtan2, &[y, x]);
    let lambda1 = radians(g, lng1);
    let lambda = g.fop(Op::FAdd, &[lambda1, turn]);
    let degrees = g.float(DEGREES);
    (g.fop(Op::FMul, &[phi, degrees]), g.fop(Op::FMul, &[lambda, degrees]))
}

/// The names of a vertex's coordinates in its type.
fn coordinate(cx: &Cx<'_, '_>, element: &Type, names: &[&str]) -> Option<Planned> {
    let has = |name: &&&str| match element {
        Type::Struct(id) => cx.g.schema().get(*id).field(name).is_some(),
        Type::Record(record) => record.index(name).is_some(),
        _ => false,
    };
    names.iter().find(has).map(|name| Planned::Field((*name).into()))
}

fn in_polygon(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let (lat, lng) = (cx.float("pointLat")?, cx.float("pointLng")?);
    let polygon = cx.list("polygon")?;
    let element = polygon.ty.element().cloned().unwrap_or(Type::INT);
    let (Some(lat_field), Some(lng_field)) =
        (coordinate(cx, &element, &["Lat", "lat"]), coordinate(cx, &element, &["Lng", "Lon", "lng", "lon"]))
    else {
        let message =
            format!("the vertices of `polygon` need fields Lat and Lng, and these are {}", cx.g.show(&element));
        return Err(cx.fail("polygon", codes::TYPE, message, "name an array of structs with Lat and Lng"));
    };
    let vertex = |g: &mut GraphCx<'_>, at: &Operand, step: &Planned, cx_site: crate::lower::Site<'_>| {
        let operand = g.step(at.clone(), step, cx_site)?;
        Ok::<Value, Abort>(g.convert(operand, &Type::Float64, cx_site)?.value)
    };
    let inside = cx.g.builder.var(Type::Bool);
    let before = cx.g.builder.var(Type::INT);
    let (no, one) = (cx.g.bool(false), cx.g.int(1));
    cx.g.builder.set(inside, no);
    let length = cx.g.iop(Op::ListLen, &[polygon.value]);
    let last = cx.g.iop(Op::ISub, &[length, one]);
    cx.g.builder.set(before, last);
    cx.with_site("polygon", |cx, site| {
        cx.g.count(length, &mut |g, index, _| {
            g.fuel(1);
            let previous = g.builder.get(before);
            let (a, b) = (g.element(&polygon, index), g.element(&polygon, previous));
            let (ay, ax) = (vertex(g, &a, &lat_field, site)?, vertex(g, &a, &lng_field, site)?);
            let (by, bx) = (vertex(g, &b, &lat_field, site)?, vertex(g, &b, &lng_field, site)?);
            let crosses = crossing(g, (lat, lng), (ay, ax), (by, bx));
            let so_far = g.builder.get(inside);
            let opposite = g.bop(Op::Not, &[so_far]);
            let next = g.op(Op::Select, &[crosses, opposite, so_far], Imm::None, Type::Bool);
            g.builder.set(inside, next);
            g.builder.set(before, index);
            Ok(())
        })
    })?;
    let three = cx.g.int(3);
    let enough = cx.g.cmp(Op::ICmp, Cond::Ge, length, three);
    let odd = cx.g.builder.get(inside);
    let value = cx.g.bop(Op::And, &[odd, enough]);
    cx.put("isInside", value, Type::Bool);
    Ok(())
}

/// Whether the edge from `a` to `b` crosses the ray from the point toward greater longitudes.
fn crossing(g: &mut GraphCx<'_>, (y, x): (Value, Value), (ay, ax): (Value, Value), (by, bx): (Value, Value)) -> Value {
    let above_a = g.cmp(Op::FCmp, Cond::Gt, ay, y);
    let above_b = g.cmp(Op::FCmp, Cond::Gt, by, y);
    let both = g.bop(Op::And, &[above_a, above_b]);
    let any = g.bop(Op::Or, &[above_a, above_b]);
    let not_both = g.bop(Op::Not, &[both]);
    let straddles = g.bop(Op::And, &[any, not_both]);
    let (dx, dy) = (g.fop(Op::FSub, &[bx, ax]), g.fop(Op::FSub, &[by, ay]));
    let rise = g.fop(Op::FSub, &[y, ay]);
    let part = g.fop(Op::FMul, &[dx, rise]);
    let part = g.fop(Op::FDiv, &[part, dy]);
    let at = g.fop(Op::FAdd, &[part, ax]);
    let left = g.cmp(Op::FCmp, Cond::Lt, x, at);
    g.bop(Op::And, &[straddles, left])
}

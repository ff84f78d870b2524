//! The shape of a few drawings, and their text.

use super::super::layout::layout;
use super::super::model::*;
use super::super::style::Style;
use super::super::{html, positions, svg};
use super::{assert_well_formed, boxes, data, flow, node, pin, step};

/// A chain with a branch: `0 → 1 —true→ 2 → end`, `1 —false→ 3`.
fn branch() -> GraphPicture {
    GraphPicture {
        name: "OnMove".to_owned(),
        kind: "handler".to_owned(),
        event: Some("Move".to_owned()),
        parameters: vec![("to".to_owned(), "int32".to_owned())],
        nodes: vec![
            node("get", "GetField", true),
            node("check", "If", true),
            node("set", "SetField", true),
            node("no", "Fail", true),
        ],
        flow: vec![
            flow(FlowFrom::Start, FlowTo::Node(0), ""),
            step(0, 1, ""),
            step(1, 2, "true"),
            flow(FlowFrom::Node(2), FlowTo::End, ""),
            step(1, 3, "false"),
        ],
        ..GraphPicture::default()
    }
}

#[test]
fn the_straight_path_is_straight_and_true_above_false() {
    let layout = layout(&branch(), &Style::default());
    let lane = |vertex: usize| layout.place[vertex].1 + layout.cards[vertex].lane;
    assert_eq!([lane(1), lane(2), lane(3)], [lane(0); 3]);
    assert_eq!(lane(5), lane(0), "its end too");
    assert!(lane(4) > lane(0), "false is below");
    assert!(layout.place[0].0 < layout.place[1].0 && layout.place[1].0 < layout.place[2].0);
    assert_eq!(layout.place[3].0, layout.place[4].0, "both branches begin in one column");
}

#[test]
fn a_short_true_branch_goes_above_a_long_false_one() {
    let mut picture = branch();
    for id in ["a", "b", "c", "d"] {
        picture.nodes.push(node(id, "Add", true));
        let last = picture.nodes.len() - 1;
        picture.flow.push(step(last - 1, last, ""));
    }
    let layout = layout(&picture, &Style::default());
    let lane = |vertex: usize| layout.place[vertex].1 + layout.cards[vertex].lane;
    assert_eq!(lane(4), lane(2));
    assert_eq!(lane(7), lane(2));
    assert!(lane(3) < lane(2));
    let exits: Vec<f64> = layout.cards[2].exits.iter().map(|(_, y)| *y).collect();
    assert!(matches!(exits[..], [above, straight] if straight - above >= 14.0), "labels do not overlap: {exits:?}");
}

/// `0` repeats `1 → 2`, then `3`; `4` is pure and read by `2`.
fn repeat(explicit: bool) -> GraphPicture {
    let mut nodes = vec![
        node("each", "ForEach", true),
        node("a", "Add", true),
        node("b", "SetField", true),
        node("after", "Add", true),
    ];
    nodes.push(NodePicture { outputs: vec![pin("result", PinKind::Int)], ..node("pure", "Max", false) });
    let mut picture = GraphPicture {
        nodes,
        flow: vec![flow(FlowFrom::Start, FlowTo::Node(0), ""), step(0, 1, "body"), step(1, 2, ""), step(0, 3, "done")],
        data: vec![data(4, "result", 2, "value")],
        ..GraphPicture::default()
    };
    if explicit {
        picture.flow.push(step(2, 0, ""));
    }
    picture
}

#[test]
fn a_frame_encloses_a_loops_body_and_nothing_else() {
    for explicit in [false, true] {
        let layout = layout(&repeat(explicit), &Style::default());
        let [frame] = layout.frames.as_slice() else { panic!("one frame, not {:?}", layout.frames) };
        let (x, y, w, h) = frame.rect;
        let boxes = boxes(&layout);
        for (vertex, at) in boxes.iter().enumerate() {
            let within = at.0 >= x && at.1 >= y && at.2 <= x + w && at.3 <= y + h;
            let apart = at.2 <= x || at.0 >= x + w || at.3 <= y || at.1 >= y + h;
            assert!(
                if [2, 3, 5].contains(&vertex) { within } else { apart },
                "vertex {vertex} at {at:?}, frame {:?}",
                frame.rect
            );
        }
        let lane = |vertex: usize| layout.place[vertex].1 + layout.cards[vertex].lane;
        assert_eq!(lane(4), lane(1), "what is done after the loop stays on its lane");
        assert!(boxes[4].0 >= x + w, "and comes after the body");
        assert_eq!(layout.flow.iter().filter(|wire| wire.back).count(), usize::from(explicit));
    }
}

#[test]
fn frames_follow_the_authors_positions() {
    let style = Style { use_positions: true, ..Style::default() };
    for (after, framed) in [((900.0, 0.0), true), ((450.0, 150.0), false)] {
        let mut picture = repeat(true);
        for (node, at) in picture.nodes.iter_mut().zip([(0.0, 0.0), (300.0, 0.0), (600.0, 0.0), after, (300.0, 300.0)])
        {
            node.position = Some(at);
        }
        let layout = layout(&picture, &style);
        assert_eq!(
            layout.frames.len(),
            usize::from(framed),
            "a node of the author's among those of the body: no frame"
        );
        for frame in &layout.frames {
            let (x, y, w, h) = frame.rect;
            for (vertex, at) in boxes(&layout).iter().enumerate() {
                let within = at.0 >= x && at.1 >= y && at.2 <= x + w && at.3 <= y + h;
                assert_eq!(within, [2, 3, 5].contains(&vertex), "vertex {vertex} at {at:?}, frame {:?}", frame.rect);
            }
            assert!(x >= 0.0 && y >= 0.0 && x + w <= layout.width && y + h <= layout.height);
        }
    }
}

#[test]
fn a_pure_node_stands_before_and_below_its_reader() {
    let layout = layout(&repeat(false), &Style::default());
    let boxes = boxes(&layout);
    assert!(boxes[5].2 < boxes[3].0 && boxes[5].1 > layout.place[3].1 + layout.cards[3].lane);
}

#[test]
fn a_wide_graph_goes_on_in_further_rows() {
    let mut picture = branch();
    picture.data.push(data(0, "value", 2, "value"));
    picture.nodes[0].outputs.push(pin("value", PinKind::Int));
    let wide = layout(&picture, &Style { max_width: 0.0, ..Style::default() });
    let rows = layout(&picture, &Style { max_width: 500.0, ..Style::default() });
    assert!(wide.width > 800.0 && rows.width < 800.0, "{} {}", wide.width, rows.width);
    assert!(rows.height > wide.height);
    assert_eq!(rows.flow.len(), 5, "no flow wire is lost");
    assert_eq!((wide.data.len(), rows.data.len()), (1, 0));
    let field = rows.cards[3].inputs[0].field.clone().unwrap();
    assert_eq!((field.full.as_str(), field.reference), ("get", true));
}

#[test]
fn texts_are_escaped_and_whole_in_tooltips() {
    let nasty = "</text><script>alert('x')</script>&amp; \u{0} «ünïcödé» 日本語 ".repeat(3);
    let mut picture = repeat(true);
    picture.name = nasty.clone();
    picture.event = Some(nasty.clone());
    picture.description = Some(nasty.clone());
    picture.parameters.push((nasty.clone(), nasty.clone()));
    for each in &mut picture.nodes {
        each.id = nasty.clone();
        each.title = nasty.clone();
        each.comment = Some(nasty.clone());
        each.error = Some(nasty.clone());
        each.visited = Some(2);
        each.inputs.push(PinPicture {
            literal: Some(nasty.clone()),
            value: Some(nasty.clone()),
            ..pin(&nasty, PinKind::Text)
        });
    }
    picture.flow.push(flow(FlowFrom::Node(3), FlowTo::Node(2), &nasty));
    let style = Style { max_width: 400.0, ..Style::default() };
    let page = html(&Picture { title: nasty.clone(), subtitle: nasty.clone(), graphs: vec![picture.clone()] }, &style);
    for text in [svg(&picture, &style), page] {
        assert!(!text.contains("<script>alert") && !text.contains('\u{0}') && !text.contains("&amp;amp; \u{0}"));
        assert!(text.contains("日本語"));
        assert!(text.contains("&lt;script&gt;alert(&#39;x&#39;)"));
    }
    assert_well_formed(&svg(&picture, &style));
}

#[test]
fn nothing_is_fetched_and_readers_are_served() {
    let picture = Picture { title: "Game".to_owned(), subtitle: String::new(), graphs: vec![branch(), repeat(true)] };
    for text in [svg(&branch(), &Style::default()), html(&picture, &Style::default())] {
        let text = text.replace("http://www.w3.org/2000/svg", "");
        for outside in ["http:", "https:", "//", "url(", "@import", "src=", "xlink"] {
            assert!(!text.contains(outside), "{outside}");
        }
        assert!(text.contains("role=\"img\"") && text.contains("<title>OnMove</title>"));
        assert!(text.contains(
            "<desc>handler of event Move. 4 nodes: get (GetField), check (If), set (SetField), no (Fail)</desc>"
        ));
        assert!(text.contains("prefers-color-scheme:dark"));
    }
}

#[test]
fn a_trace_shows_what_ran_and_what_failed() {
    let mut picture = branch();
    picture.nodes[0].outputs.push(PinPicture { value: Some("7".repeat(40)), ..pin("value", PinKind::Int) });
    for (node, visited) in picture.nodes.iter_mut().zip([1, 3, 3, 0]) {
        node.visited = Some(visited);
    }
    for (wire, taken) in picture.flow.iter_mut().zip([1, 3, 3, 3, 0]) {
        wire.taken = Some(taken);
    }
    picture.nodes[2].error = Some("overflow: the sum is too large".to_owned());
    let text = svg(&picture, &Style::default());
    let group = |id: &str| {
        let at = text.find(&format!("data-node=\"{id}\"")).unwrap();
        text[..at].rsplit("<g ").next().unwrap().to_owned()
    };
    assert_eq!(group("check"), "class=\"node run\" ");
    assert_eq!(group("set"), "class=\"node fail\" ");
    assert_eq!(group("no"), "class=\"node dim\" ");
    assert!(text.contains(">×3</text>"));
    assert!(text.contains("overflow: the sum"));
    assert!(
        text.contains(&format!(">{}…</text>", "7".repeat(23)))
            && text.contains(&format!("<title>{}</title>", "7".repeat(40)))
    );
    assert!(text.contains("3 of them ran. set failed: overflow: the sum is too large</desc>"));
    assert!(!svg(&branch(), &Style::default()).contains("class=\"value\""));
}

#[test]
fn positions_are_one_per_node_in_order() {
    let picture = branch();
    let positions = positions(&picture, &Style::default());
    assert_eq!(positions.len(), 4);
    assert!(positions[0].0 < positions[1].0);
}

#[test]
fn kinds_of_types() {
    for (text, kind) in [
        ("int32", PinKind::Int),
        ("*Player", PinKind::Struct),
        ("[]int", PinKind::List),
        ("map[string]int", PinKind::Map),
        ("uuid", PinKind::Text),
        ("float32", PinKind::Float),
        ("*bool", PinKind::Bool),
        ("", PinKind::Any),
    ] {
        assert_eq!(PinKind::of_type(text), kind, "{text}");
    }
}

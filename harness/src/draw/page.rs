//! A page around several graphs.

use std::fmt::Write as _;

use super::glyphs;
use super::layout::layout;
use super::model::{Picture, PinKind};
use super::palette::page_sheet;
use super::render::{heading, render};
use super::style::Style;
use super::text::escape;

/// Wheel with Ctrl zooms at the pointer, dragging moves, a double click resets.
const SCRIPT: &str = "\
for(const view of document.querySelectorAll('.view')){
const svg=view.firstElementChild,whole=svg.getAttribute('viewBox').split(' ').map(Number);let box=[...whole];
const set=()=>svg.setAttribute('viewBox',box.join(' '));
view.addEventListener('wheel',e=>{if(!e.ctrlKey&&!e.metaKey)return;e.preventDefault();
const r=svg.getBoundingClientRect(),f=Math.min(Math.max(box[2]*Math.exp(e.deltaY*.002),whole[2]/12),whole[2]*2)/box[2];
box[0]+=(e.clientX-r.left)/r.width*box[2]*(1-f);box[1]+=(e.clientY-r.top)/r.height*box[3]*(1-f);box[2]*=f;box[3]*=f;set()},{passive:false});
view.addEventListener('pointermove',e=>{if(e.buttons!==1||e.target.closest('text'))return;
const k=box[2]/svg.getBoundingClientRect().width;box[0]-=e.movementX*k;box[1]-=e.movementY*k;set()});
view.addEventListener('dblclick',()=>{box=[...whole];set()})}
";

/// `picture` as one HTML page that needs nothing else. Texts can be selected; Ctrl and wheel zooms, dragging moves.
pub fn html(picture: &Picture, style: &Style) -> String {
    let title = escape(&picture.title);
    let mut page = String::new();
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>\n{}</style>\n</head>\n<body>\n<header><h1>{title}</h1>",
        page_sheet(style.theme)
    );
    if !picture.subtitle.is_empty() {
        let _ = write!(page, "<p>{}</p>", escape(&picture.subtitle));
    }
    if picture.graphs.len() > 1 {
        page.push_str("<nav aria-label=\"Graphs\">");
        for (index, graph) in picture.graphs.iter().enumerate() {
            let _ = write!(page, "<a href=\"#graph-{index}\">{}</a>", escape(&heading(graph).0));
        }
        page.push_str("</nav>");
    }
    page.push_str("</header>\n<main>\n");
    for (index, graph) in picture.graphs.iter().enumerate() {
        let (name, lead) = heading(graph);
        let _ = writeln!(page, "<section id=\"graph-{index}\"><h2>{}</h2><p>{}</p>", escape(&name), escape(&lead));
        let _ = writeln!(
            page,
            "<div class=\"view\">{}</div></section>",
            render(graph, &layout(graph, style), style, false)
        );
    }
    let traced = picture.graphs.iter().any(|graph| graph.traced());
    let _ =
        write!(page, "</main>\n<footer>{}</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n", legend(traced));
    page
}

/// What shapes and colours mean.
fn legend(traced: bool) -> String {
    let item = |drawing: &str, wide: u32, text: &str| {
        format!(
            "<li><svg class=\"sw\" width=\"{wide}\" height=\"18\" viewBox=\"0 0 {wide} 18\" aria-hidden=\"true\">{drawing}</svg>{text}</li>\n"
        )
    };
    let mut legend = String::from("<ul class=\"legend\" aria-label=\"Legend\">\n");
    let flow = "<path class=\"flow\" d=\"M0 9H28\"/><path class=\"tip\" d=\"M36 9l-9-5.5v11z\"/>";
    legend.push_str(&item(flow, 38, "flow"));
    for (kind, word) in PinKind::ALL {
        legend.push_str(&item(&glyphs::pin(kind, (9.0, 9.0), true), 18, word));
    }
    legend.push_str(&item(
        "<rect class=\"frame\" x=\"1\" y=\"2\" width=\"24\" height=\"14\" rx=\"4\"/>",
        26,
        "body of a loop",
    ));
    if traced {
        let ran = "<path class=\"flow run\" d=\"M0 9H28\"/><path class=\"tip run\" d=\"M36 9l-9-5.5v11z\"/>";
        legend.push_str(&item(ran, 38, "passed in this run"));
        legend.push_str(&item(
            "<rect class=\"value\" x=\"1\" y=\"2\" width=\"24\" height=\"14\" rx=\"4\"/>",
            26,
            "value in this run",
        ));
    }
    legend.push_str("</ul>");
    legend
}

//! `statewright draw`: pictures of graphs, with what a run did.

use std::path::Path;

use statewright_harness::draw::{self, Picture, Style};
use statewright_harness::picture::{self, Run};
use statewright_harness::play::failure;
use statewright_harness::project::{LoadOptions, Loaded};
use statewright_harness::report;
use statewright_harness::trace::Trace;
use statewright_types::suggest;

use super::play as session;
use crate::args::Draw;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// One graph to an SVG, several to an HTML page. Documents with errors are drawn too, but not run.
pub fn draw(args: &Draw) -> Result<Exit, Stop> {
    let title = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let host_nodes = super::host_nodes(&args.play.hosts)?;
    let (mut picture, exit) = match &args.event {
        None => {
            let options = LoadOptions { schema: args.play.schema.clone(), host_nodes, ..LoadOptions::default() };
            let loaded = Loaded::open(&args.file, &options)?;
            terminal::say(&report::render(&loaded.findings, terminal::look()));
            (
                picture::picture_with(&title, "", &loaded.document, loaded.host_nodes.declarations(), None),
                Exit::findings(loaded.has_errors()),
            )
        }
        Some(event) => {
            let mut trace = Trace::default();
            let loaded = match session::load_to_play(&args.file, &args.play, true) {
                Ok(loaded) => loaded,
                Err(exit) => return exit,
            };
            let played = match session::play(loaded, event, &args.play, &mut trace) {
                Ok(played) => played,
                Err(exit) => return exit,
            };
            played_picture(&title, event, &played, &trace)
        }
    };
    if let Some(wanted) = &args.handler {
        let names: Vec<String> = picture.graphs.iter().map(|graph| graph.name.clone()).collect();
        picture.graphs.retain(|graph| graph.name == *wanted);
        if picture.graphs.is_empty() {
            let help = suggest::help(wanted, names.iter().map(String::as_str));
            return Err(Stop::option("--handler", wanted, format!("there is no such graph to draw; {help}")));
        }
    }
    if picture.graphs.is_empty() {
        terminal::say("there is nothing to draw");
        return Ok(if exit == Exit::Fine { Exit::Findings } else { exit });
    }
    terminal::product_to(args.out.as_deref(), &drawn(&picture, args.out.as_deref())?)?;
    if exit == Exit::HandlerFailed {
        terminal::say(&picture.subtitle);
    }
    Ok(exit)
}

/// What the handlers of an event did.
pub fn played_picture(title: &str, event: &str, played: &session::Played, trace: &Trace) -> (Picture, Exit) {
    let trap = failure(&played.reports);
    let text = trap.map(|trap| {
        let message = trap.message.as_deref().unwrap_or(trap.code.message());
        format!("{}: {message}", trap.code)
    });
    let failed = played.reports.iter().flat_map(|report| &report.activations).find(|one| one.error.is_some());
    let place = failed.and_then(|one| Some((&*one.handler, one.error.as_ref()?.node.as_deref()?)));
    let run = Run { trace, failure: place.zip(text.as_deref()).map(|((handler, node), text)| (handler, node, text)) };
    let subtitle = match &text {
        Some(text) => format!("event {event}, which failed with {text}"),
        None => format!("event {event}"),
    };
    let exit = if trap.is_some() { Exit::HandlerFailed } else { Exit::Fine };
    (
        picture::picture_with(
            title,
            &subtitle,
            &played.loaded.document,
            played.loaded.host_nodes.declarations(),
            Some(run),
        ),
        exit,
    )
}

/// SVG or HTML: by the file's name, else by the number of graphs.
fn drawn(picture: &Picture, out: Option<&Path>) -> Result<String, Stop> {
    let style = Style::default();
    let extension = out.and_then(Path::extension).map(|extension| extension.to_string_lossy().to_lowercase());
    match (extension.as_deref(), picture.graphs.as_slice()) {
        (Some("html" | "htm"), _) => Ok(draw::html(picture, &style)),
        (Some("svg"), [one]) => Ok(draw::svg(one, &style)),
        (Some("svg"), several) => {
            let names = several.iter().map(|graph| graph.name.as_str()).collect::<Vec<_>>().join(", ");
            Err(Stop::Usage(format!(
                "an SVG holds one graph and there are {}: choose with --handler ({names}), or name an .html file",
                several.len()
            )))
        }
        (None, [one]) => Ok(draw::svg(one, &style)),
        (None, _) => Ok(draw::html(picture, &style)),
        (Some(other), _) => Err(Stop::Usage(format!("--out: `.{other}` is no picture; name an .svg or .html file"))),
    }
}

//! One module per subcommand.

use std::sync::Arc;

use statewright_harness::project::Source;
use statewright_harness::report;
use statewright_runtime::host::HostNodes;
use statewright_types::host;

use crate::args::{Args, Command, Hosts};
use crate::exit::{Exit, Stop};
use crate::terminal;

mod bench;
mod check;
mod debug;
mod demo;
mod docs;
mod draw;
mod edit;
mod emit;
mod fmt;
#[cfg(feature = "jit")]
mod machine;
mod migrate;
mod new;
mod perf;
mod play;
mod replay;
mod run;
mod schema;
mod simulate;
mod test;

/// Does what was asked for.
pub fn dispatch(args: &Args) -> Result<Exit, Stop> {
    match &args.command {
        None => demo::start(),
        Some(Command::Edit(args)) => edit::edit(args),
        Some(Command::Check(args)) => check::check(args),
        Some(Command::Run(args)) => run::run(args),
        Some(Command::Migrate(args)) => migrate::migrate(args),
        Some(Command::Replay(args)) => replay::replay(args),
        Some(Command::Test(args)) => test::test(args),
        Some(Command::Draw(args)) => draw::draw(args),
        Some(Command::Emit(args)) => emit::emit(args),
        Some(Command::Bench(args)) => bench::bench(args),
        Some(Command::Simulate(args)) => simulate::simulate(args),
        Some(Command::Ir(args)) => emit::ir(args),
        Some(Command::Schema(args)) => schema::schema(args),
        Some(Command::Fmt(args)) => fmt::fmt(args),
        Some(Command::Docs(args)) => docs::docs(args),
        Some(Command::New(args)) => new::new(args),
    }
}

/// The nodes that a host program declares in a file, without their functions; none if there is no file.
fn host_nodes(hosts: &Hosts) -> Result<HostNodes, Stop> {
    let Some(file) = &hosts.host_nodes else { return Ok(HostNodes::default()) };
    let source = Arc::new(Source::read(file)?);
    let (declarations, found) = host::read(&source.text);
    if !found.is_empty() {
        terminal::say(&report::render(&source.findings(found), terminal::look()));
        return Err(Stop::Usage(format!("{} declares nodes with mistakes", file.display())));
    }
    Ok(HostNodes::declared(declarations))
}

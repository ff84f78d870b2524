//! One module per subcommand.

use crate::args::{Args, Command};
use crate::exit::{Exit, Stop};

mod check;
mod debug;
mod demo;
mod docs;
mod draw;
mod emit;
mod fmt;
mod new;
mod play;
mod run;
mod schema;
mod test;

/// Does what was asked for.
pub fn dispatch(args: &Args) -> Result<Exit, Stop> {
    match &args.command {
        None => demo::demo(),
        Some(Command::Check(args)) => check::check(args),
        Some(Command::Run(args)) => run::run(args),
        Some(Command::Test(args)) => test::test(args),
        Some(Command::Draw(args)) => draw::draw(args),
        Some(Command::Emit(args)) => emit::emit(args),
        Some(Command::Ir(args)) => emit::ir(args),
        Some(Command::Schema(args)) => schema::schema(args),
        Some(Command::Fmt(args)) => fmt::fmt(args),
        Some(Command::Docs(args)) => docs::docs(args),
        Some(Command::New(args)) => new::new(args),
    }
}

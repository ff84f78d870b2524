//! `statewright emit` to code for this machine.

use statewright_harness::project::Fault;
use statewright_harness::project::machine::Listing;

use super::emit::load;
use crate::args::{Emit, EmitTarget};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// A listing, or an object file.
pub fn emit(args: &Emit) -> Result<Exit, Stop> {
    match args.target {
        EmitTarget::Object => object(args),
        EmitTarget::Clif => machine(args, Listing::Clif),
        _ => machine(args, Listing::Assembly),
    }
}

/// What the JIT makes of it, for this machine.
fn machine(args: &Emit, what: Listing) -> Result<Exit, Stop> {
    let loaded = match load(args) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(listing) = loaded.listing(what).map_err(|error| loaded.not_compiled(&error))? else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    terminal::product_to(args.out.as_deref(), &listing)?;
    Ok(Exit::Fine)
}

/// An object file under a seal; or with `--open` what is under one.
fn object(args: &Emit) -> Result<Exit, Stop> {
    let loaded = match load(args) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(out) = &args.out else {
        return Err(Stop::Usage("an object file is no text: name a file with --out".to_owned()));
    };
    let object = match &args.open {
        Some(path) => {
            let sealed = std::fs::read(path).map_err(|source| Fault::Read { path: path.clone(), source })?;
            let object = loaded.opened(&sealed).map_err(|error| Stop::Usage(format!("{}: {error}", path.display())))?;
            object.map(<[u8]>::to_vec)
        }
        None => loaded.object().map_err(|error| loaded.not_compiled(&error))?,
    };
    let Some(object) = object else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    std::fs::write(out, object).map_err(|source| Fault::Write { path: out.clone(), source })?;
    Ok(Exit::Fine)
}

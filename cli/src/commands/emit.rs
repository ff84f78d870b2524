//! `statewright emit` and `statewright ir`: a document in another language.

use std::path::Path;
use std::sync::Arc;

use statewright_emit::js;
use statewright_emit::rust::RUNTIME;
use statewright_graph::ir::text;
use statewright_graph::passes;
use statewright_harness::execution::crates::formatted;
use statewright_harness::node::files::RUNTIME as RUNTIME_FILES;
use statewright_harness::project::machine::Listing;
use statewright_harness::project::{Fault, LoadOptions, Loaded, script_source};

use super::play::load_with;
use crate::args::{Emit, EmitTarget, Ir};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Translates a document.
pub fn emit(args: &Emit) -> Result<Exit, Stop> {
    if args.open.is_some() && args.target != EmitTarget::Object {
        return Err(Stop::Usage("--open is about --target object: give that too".to_owned()));
    }
    match args.target {
        EmitTarget::Ir => ir_text(load(&args.file, args.schema.as_deref()), args.out.as_deref()),
        EmitTarget::Rust => rust(&args.file, args.schema.as_deref(), args.out.as_deref()),
        EmitTarget::Js => script(&args.file, args.schema.as_deref(), args.out.as_deref()),
        EmitTarget::Clif => machine(args, Listing::Clif),
        EmitTarget::Asm => machine(args, Listing::Assembly),
        EmitTarget::Object => object(args),
    }
}

fn load(file: &Path, schema: Option<&Path>) -> Result<Loaded, Result<Exit, Stop>> {
    load_with(file, LoadOptions { schema: schema.map(Path::to_owned), ..LoadOptions::default() })
}

/// Prints the IR.
pub fn ir(args: &Ir) -> Result<Exit, Stop> {
    let options =
        LoadOptions { schema: args.schema.clone(), traced: args.traced, plain: args.plain, ..LoadOptions::default() };
    let loaded = load_with(&args.file, options).and_then(|mut loaded| {
        if let (true, Some(module)) = (args.without_branches, &loaded.module) {
            let made = passes::without_branches(module).map_err(|errors| {
                let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                Err(Stop::Usage(errors.join("; ")))
            })?;
            loaded.module = Some(Arc::new(made));
        }
        Ok(loaded)
    });
    ir_text(loaded, args.out.as_deref())
}

/// What the JIT makes of it, for this machine.
fn machine(args: &Emit, what: Listing) -> Result<Exit, Stop> {
    let loaded = match load(&args.file, args.schema.as_deref()) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(listing) = loaded.listing(what).map_err(Fault::from)? else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    terminal::product_to(args.out.as_deref(), &listing)?;
    Ok(Exit::Fine)
}

/// An object file under a seal; or with `--open` what is under one.
fn object(args: &Emit) -> Result<Exit, Stop> {
    let loaded = match load(&args.file, args.schema.as_deref()) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(out) = &args.out else {
        return Err(Stop::Usage("an object file is no text: name a file with --out".to_owned()));
    };
    let written = match &args.open {
        Some(path) => {
            let sealed = std::fs::read(path).map_err(|source| Fault::Read { path: path.clone(), source })?;
            let object = loaded.opened(&sealed).map_err(|error| Stop::Usage(format!("{}: {error}", path.display())))?;
            std::fs::write(out, object)
        }
        None => match loaded.object().map_err(Fault::from)? {
            Some(object) => std::fs::write(out, object),
            None => return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name))),
        },
    };
    written.map_err(|source| Fault::Write { path: out.clone(), source })?;
    Ok(Exit::Fine)
}

fn ir_text(loaded: Result<Loaded, Result<Exit, Stop>>, out: Option<&Path>) -> Result<Exit, Stop> {
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(module) = &loaded.module else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    terminal::product_to(out, &text::print(module))?;
    Ok(Exit::Fine)
}

fn rust(file: &Path, schema: Option<&Path>, out: Option<&Path>) -> Result<Exit, Stop> {
    let loaded = match load(file, schema) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(emitted) = loaded.emitted_rust(RUNTIME) else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    terminal::product_to(out, &formatted(emitted.text))?;
    Ok(Exit::Fine)
}

/// Writes an ES module with its declarations, its source map and the runtime library into a folder; without one, prints the
/// module.
fn script(file: &Path, schema: Option<&Path>, out: Option<&Path>) -> Result<Exit, Stop> {
    let options = LoadOptions { schema: schema.map(Path::to_owned), ..LoadOptions::default() };
    let loaded = match load_with(file, options) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(module) = &loaded.module else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    let source = js::Source { runtime: "./runtime/index.js".to_owned(), ..script_source(&loaded) };
    let script = js::emit(module, &source);
    let Some(folder) = out else {
        terminal::product_to(None, &script.code)?;
        return Ok(Exit::Fine);
    };
    let name = js::stem(&loaded.source.name);
    let parts = [("js", &script.code), ("d.ts", &script.declarations), ("js.map", &script.map)];
    let own = parts.map(|(end, text)| (format!("{name}.{end}"), text.as_str()));
    let library = RUNTIME_FILES.iter().map(|(name, text)| (format!("runtime/{name}"), *text));
    let write = |path: &Path, text: &str| std::fs::write(path, text);
    for (name, text) in own.into_iter().chain(library) {
        let path = folder.join(name);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| write(&path, text))
            .map_err(|error| Stop::Usage(format!("cannot write {}: {error}", path.display())))?;
    }
    Ok(Exit::Fine)
}

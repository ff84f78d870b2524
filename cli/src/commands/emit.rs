//! `statewright emit` and `statewright ir`: a document in another language.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use statewright_emit::js;
use statewright_emit::rust::RUNTIME;
use statewright_graph::ir::text;
use statewright_graph::passes;
use statewright_harness::node::files::RUNTIME as RUNTIME_FILES;
use statewright_harness::project::{LoadOptions, Loaded, script_source, url_path};

use super::host_nodes;
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
        EmitTarget::Ir => ir_text(load(args), args.out.as_deref()),
        EmitTarget::Rust => rust(args),
        EmitTarget::Js => script(args),
        EmitTarget::Clif | EmitTarget::Asm | EmitTarget::Object => machine_code(args),
    }
}

#[cfg(feature = "jit")]
use super::machine::emit as machine_code;

#[cfg(not(feature = "jit"))]
fn machine_code(_args: &Emit) -> Result<Exit, Stop> {
    Err(Stop::Usage(
        "this program was built without a compiler to machine code: use the `statewright` command".to_owned(),
    ))
}

pub(super) fn load(args: &Emit) -> Result<Loaded, Result<Exit, Stop>> {
    let host_nodes = host_nodes(&args.hosts).map_err(Err)?;
    load_with(&args.file, LoadOptions { schema: args.schema.clone(), host_nodes, ..LoadOptions::default() })
}

/// Prints the IR.
pub fn ir(args: &Ir) -> Result<Exit, Stop> {
    let options = LoadOptions {
        schema: args.schema.clone(),
        traced: args.traced,
        plain: args.plain,
        host_nodes: host_nodes(&args.hosts)?,
        ..LoadOptions::default()
    };
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

fn rust(args: &Emit) -> Result<Exit, Stop> {
    let loaded = match load(args) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(emitted) = loaded.emitted_rust(RUNTIME) else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    terminal::product_to(args.out.as_deref(), &emitted.text)?;
    Ok(Exit::Fine)
}

/// Writes an ES module with its declarations, its source map and the runtime library into a folder; without one, prints the
/// module.
fn script(args: &Emit) -> Result<Exit, Stop> {
    let loaded = match load(args) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(module) = &loaded.module else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    let mut source = js::Source { runtime: "./runtime/index.js".to_owned(), ..script_source(&loaded) };
    if let Some(folder) = &args.out {
        source.url = url_path(&from(folder, &args.file));
    }
    let script = js::emit(module, &source);
    let Some(folder) = &args.out else {
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

/// Where a file is, seen from a folder: relative if they have a way between them.
fn from(folder: &Path, file: &Path) -> PathBuf {
    let [folder, file] =
        [folder, file].map(|path| plain(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned())));
    let shared = folder.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    if shared == 0 {
        return file;
    }
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(file.components().skip(shared)).collect()
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_map_leads_from_the_module_to_the_document() {
        let seen = |folder, file| url_path(&from(Path::new(folder), Path::new(file)));
        assert_eq!(seen("web/logic", "samples/cards/cards.json"), "../../samples/cards/cards.json");
        assert_eq!(seen("./web/../out", "out/a b?.json"), "a%20b%3F.json");
        assert_eq!(seen("/x/out", "/x/a.json"), "../a.json");
    }
}

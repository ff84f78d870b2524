//! Names in emitted source are names: whatever documents, schemas and files are called, nothing of it runs, ends a comment or a text, or
//! hides what stands there.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use statewright_emit::escape::is_unseen;
use statewright_emit::{js, rust};
use statewright_graph::ir::text::parse;
use statewright_graph::ir::verify::Verified;
use statewright_harness::node::{check, files};
use statewright_types::handler::{HandlerInfo, Permissions};
use statewright_types::json::quote;
use statewright_types::schema;

/// What each of the names would have run.
const CODE: &str = "globalThis.__ran=1";

/// Names that would end a comment, a text, a template or a line, or that mean something to objects.
fn hostile() -> Vec<String> {
    let ends = [
        "\n;",
        "\r;",
        "\r\n",
        "\u{2028};",
        "\u{2029};",
        "*/;",
        "\";",
        "\\\";",
        "';",
        "`;",
        "${",
        "\n*/\n;",
        "\u{202e}",
        "\u{feff}",
        "\0",
        "\u{7f}",
        "\u{85};",
        "\\",
        "\\u000a;",
        "//# sourceMappingURL=x\n;",
        "</script>",
    ];
    let mut names: Vec<String> = ends.iter().map(|end| format!("A{end}{CODE};//")).collect();
    names.extend(["__proto__", "__proto__$", "constructor", "toString", "hasOwnProperty", "then"].map(str::to_owned));
    names
}

/// A module in which everything is called like that.
fn module() -> Verified {
    let names = hostile();
    let mut ir = String::from("module root Game\n\n");
    for (number, name) in names.iter().enumerate() {
        let (name, other) = (quote(name), quote(&names[(number + 1) % names.len()]));
        ir.push_str(&format!(
            "handler {name} event {name} (\"senderID\": string, {other}: int64) {{\n    nodes {name}\nb0(v0: string, v1: int64):\n    \
             fuel 1 @{name}\n    v2: int64 = iadd v1, v1 @{name}\n    v3: Game = root Game @{name}\n    store Game.Score v3, v2 @{name}\n    \
             return\n}}\n"
        ));
    }
    let docs = hostile().iter().map(|name| format!("  // {}\n", name.replace(['\n', '\r'], " "))).collect::<String>();
    let text = format!(
        "package p\n\n@root(active)\ntype Game {{\n{docs}  Score int64\n  __proto__ int64\n  constructor string @default({})\n}}\n",
        quote(&format!("\u{202e}\u{2028}{CODE}"))
    );
    let (schema, diagnostics) = schema::parse(&text);
    let schema: Arc<_> = schema.unwrap_or_else(|| panic!("{diagnostics:?}"));
    let module = parse(&ir, &schema).unwrap_or_else(|error| panic!("{error}\n{ir}"));
    Verified::new(module).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn script(runtime: &str) -> js::Script {
    let name = format!("{}.json", hostile().concat().replace(['/', '\\'], ""));
    js::emit(&module(), &js::Source { name, runtime: runtime.to_owned(), text: CODE.into(), ..js::Source::default() })
}

/// The same as Rust, with the hostile names for schema and configuration too.
fn rust_text(module: &Verified) -> String {
    let handlers = module.functions.iter().map(|function| HandlerInfo {
        name: function.name.clone(),
        event: function.name.clone(),
        params: function.params.iter().skip(1).map(|param| (param.name.clone(), param.ty.clone())).collect(),
        permissions: Permissions { allowed_players: Some(vec![function.name.clone()]), ..Permissions::default() },
    });
    let (name, text) = (hostile().concat(), hostile().join(" "));
    let source = rust::Source {
        name: &name,
        document_hash: [0; 32],
        handlers: &handlers.collect::<Vec<_>>(),
        schema: &text,
        config: Some(&text),
        runtime: rust::RUNTIME,
    };
    rust::emit(module, &source).text
}

/// What is neither in a comment nor in a text.
fn outside(text: &str) -> String {
    let mut rest = text;
    let mut outside = String::new();
    while let Some(at) = rest.find(['"', '/']) {
        outside.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").expect("comments end") + 2
        } else if rest.starts_with('"') {
            text_length(rest)
        } else {
            outside.push('/');
            1
        };
        rest = &rest[length..];
    }
    outside + rest
}

/// The length of a text in quotes that stands in front.
fn text_length(quoted: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in quoted.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    panic!("a text does not end: {quoted}")
}

#[test]
fn no_name_leaves_its_text_or_comment() {
    let script = script("./runtime/index.js");
    let module = module();
    let rust = rust_text(&module);
    for (what, text) in [("module", &script.code), ("declarations", &script.declarations), ("Rust", &rust)] {
        let odd = text.chars().find(|character| *character != '\n' && is_unseen(*character));
        assert_eq!(odd, None, "in the {what}: {text}");
        assert!(text.contains("__ran"), "the {what} has the names");
        let outside = outside(text);
        assert!(!outside.contains("__ran"), "in the {what}: {outside}");
    }
    let last = script.code.lines().next_back().unwrap_or_default();
    assert!(
        last.starts_with("//# sourceMappingURL=A") && last.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '),
        "{last}"
    );
}

#[test]
fn nothing_but_the_module_runs() {
    if let Err(why) = check() {
        println!("skipped: {why}");
        return;
    }
    let library = files::install().expect("the cache can be written");
    let script = script(&format!("file://{}/index.js", library.display()));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("names");
    fs::create_dir_all(&folder).expect("a folder for tests");
    let file = folder.join("module.mjs");
    fs::write(&file, &script.code).expect("a file for tests");
    let run = format!(
        "import {{ Session }} from 'file://{}/index.js';
        const module = await import('file://{}');
        console.log(Object.keys(module).join(), globalThis.__ran === undefined);
        const {{ program }} = module;
        const names = program.functions.map(({{ name }}) => name);
        console.log(JSON.stringify(names));
        const session = new Session(program);
        for (const {{ event, params }} of program.functions) {{
          const {{ ok, error }} = session.dispatch(event, Object.fromEntries([[params[1][0], 21]]));
          const missing = session.dispatch(event, {{}});
          if (!ok || session.state.toValue().Score !== 42 || missing.error?.code !== 'bad_parameters') console.log(event, error, missing);
        }}
        console.log(globalThis.__ran === undefined, JSON.stringify(session.state.toValue()));",
        library.display(),
        file.display()
    );
    let output = Command::new("node").args(["--input-type=module", "-e", &run]).output().expect("node is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names: Vec<String> = hostile().iter().map(|name| quote(name)).collect();
    let printed = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = printed.split('\n').collect();
    assert_eq!(lines[0], "program,schema true");
    // As JSON, since either side may escape more than it must.
    let told = statewright_types::json::parse(lines[1]).expect("it is JSON");
    let told: Vec<String> =
        told.elements(told.root()).iter().filter_map(|node| told.str(*node)).map(|name| quote(name)).collect();
    assert_eq!(told, names);
    let state =
        format!("true {{\"Score\":42,\"__proto__\":0,\"constructor\":{}}}", quote(&format!("\u{202e}\u{2028}{CODE}")));
    assert_eq!(lines[2..], [state.as_str(), ""]);
}

//! What is said about structs that cannot be tracked.

use quote::ToTokens;
use syn::DeriveInput;

use crate::input::Input;

fn check(source: &str, message: &str) {
    let input: DeriveInput = syn::parse_str(source).unwrap();
    match Input::read(&input) {
        Ok(_) => panic!("nothing is wrong with {source}"),
        Err(error) => assert_eq!(error.to_string(), message, "{source}"),
    }
}

#[test]
fn what_is_no_plain_struct_is_refused() {
    check("enum A { B }", "`Tracked` is derived for structs");
    check("struct A(i32);", "the fields of a tracked struct have names");
    check("struct A<T> { b: T }", "a tracked struct has no parameters: its schema is one");
}

#[test]
fn wrong_attributes_are_refused() {
    check(
        "#[tracked(rot)] struct A { b: i32 }",
        "a struct takes rename, id, root, main, owner, was, package, version, types, views, sees",
    );
    check("#[tracked(owner = \"id\")] struct A { b: i32 }", "`A` has no such field");
    check("#[tracked(id = 0)] struct A { b: i32 }", "a number from 1 to 65535 belongs here");
    check("#[tracked(version = 4294967296)] struct A {}", "a number from 1 to 4294967295 belongs here");
    check("#[tracked(id = 1, id = 2)] struct A {}", "`id` stands twice; keep one of them");
    check("#[tracked(root(on))] struct A {}", "write `root`, `root(active)` or `root(inactive)`");
    let field = |attribute: &str, ty: &str| format!("struct A {{ #[tracked({attribute})] b: {ty} }}");
    let known = "a field takes rename, id, key, view, no_sync, optional, team, default, config, auto, write, quantize, was, bytes, uuid";
    check(&field("views(owner)", "i32"), known);
    check(&field("write = \"me\"", "i32"), "write `server`, `owner` or `all`");
    check(&field("quantize = 0.0", "f64"), "a step above 0 belongs here, such as 0.01");
    check(&field("quantize = 0.1", "i64"), "`quantize` belongs to an `f32` or `f64`");
    check(&field("bytes", "Vec<u16>"), "`bytes` belongs to a `Vec<u8>`");
    check(&field("uuid(keys)", "Vec<String>"), "`uuid` belongs to a `String`");
    check(&field("uuid(all)", "String"), "write `uuid`, `uuid(keys)` or `uuid(values)`");
    check(&field("view()", "String"), "names belong between the parentheses");
    check(&field("default = 'a'", "String"), "a number, `true`, `false`, or a text with the value belongs here");
    check(&field("auto, default = \"x\"", "String"), "a field has one of `default`, `config` and `auto`");
    check(
        "struct A { write: i32 }",
        "the handles have a method `write`; write `write_`, which is `Write` in the schema too",
    );
}

#[test]
fn names_in_the_schema_are_those_in_rust() {
    let source = "#[tracked(rename = \"Match\")] struct A { id: i32, player_id: i32, x: i32, r#type: i32, write_: i32, \
                  #[tracked(rename = \"hand\")] cards: i32 }";
    let input = Input::read(&syn::parse_str(source).unwrap()).unwrap();
    let names: Vec<&str> = input.fields.iter().map(|field| &*field.name).collect();
    assert_eq!((&*input.name, names), ("Match", vec!["ID", "PlayerID", "X", "Type", "Write", "hand"]));
}

#[test]
fn bytes_and_uuids_have_types_of_their_own() {
    let source = "struct A { #[tracked(bytes)] a: Vec<Vec<u8>>, #[tracked(uuid(keys))] b: BTreeMap<String, Option<String>>, \
                  #[tracked(uuid)] c: HashMap<String, String>, d: Vec<u8> }";
    let input = Input::read(&syn::parse_str(source).unwrap()).unwrap();
    let types: Vec<String> =
        input.fields.iter().map(|field| field.codec.to_token_stream().to_string().replace(' ', "")).collect();
    let (bytes, uuid) = ("::statewright::tracked::Bytes", "::statewright::tracked::Uuid");
    let expected = [
        format!("Vec<{bytes}>"),
        format!("BTreeMap<{uuid},Option<String>>"),
        format!("HashMap<{uuid},{uuid}>"),
        "Vec<u8>".to_owned(),
    ];
    assert_eq!(types, expected);
}

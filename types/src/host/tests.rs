//! Declarations as data and as JSON.

use super::*;

fn blend() -> HostNode {
    HostNode::pure("Blend", "Mixes two numbers.")
        .category("Math")
        .docs("Linearly.")
        .input("a", "float64", "One.")
        .default("share", "float64", &Value::Float(0.5), "How much of the other.")
        .optional("who", "*Player", "For whom.")
        .output("result", "float64", "The mixture.")
        .error(TrapCode::OutOfRange)
        .deprecated("2.1")
        .replaced_by("Lerp", &[("share", "t")])
}

#[test]
fn a_declaration_survives_as_json() {
    let mut declarations = HostDeclarations::default();
    declarations.add(blend()).unwrap();
    declarations.add(HostNode::executing("Ring", "Rings the bell.")).unwrap();
    let text = json::to_string(&declarations.to_value());
    let (read, found) = read(&text);
    assert_eq!(found, []);
    assert_eq!(read.nodes(), declarations.nodes());
    assert_eq!(read.get("Blend").map(|node| &**node), Some(&blend()));
}

fn first(text: &str) -> String {
    let (_, found) = read(text);
    found.first().map_or("fine".into(), |found| found.message.clone())
}

#[test]
fn mistakes_are_told() {
    let with = |rest: &str| first(&format!(r#"{{"nodes": [{{"name": "N"{rest}}}]}}"#));
    assert_eq!(with(""), "fine");
    assert_eq!(first("{"), read("{").1[0].message);
    assert_eq!(first("[]"), "this must be an object, and it is an array");
    assert_eq!(first("{}"), "this lacks `nodes`");
    assert_eq!(first(r#"{"nodes": [{}]}"#), "this lacks `name`");
    assert_eq!(first(r#"{"nodes": [{"name": "A"}, {"name": "A"}]}"#), "there are two nodes `A`");
    assert_eq!(with(r#", "kin": "pure""#), "the key `kin` means nothing here");
    assert_eq!(with(r#", "kind": "async""#), "`kind` must be `pure` or `executing`");
    assert_eq!(with(r#", "inputs": [{"name": "x"}]"#), "this lacks `type`");
    assert_eq!(
        with(r#", "inputs": [{"name": "x", "type": "map[]"}]"#).split(':').next(),
        Some("the node `N` has a port `x` whose type is none")
    );
    assert_eq!(
        with(r#", "outputs": [{"name": "x", "type": "bool"}, {"name": "x", "type": "bool"}]"#),
        "the node `N` has two ports named `x`, or one without a name"
    );
    assert_eq!(
        with(r#", "inputs": [{"name": "x", "type": "[]bool", "default": []}]"#),
        "the node `N` has a default for `x` that is no JSON scalar"
    );
    assert_eq!(with(r#", "errors": ["oops"]"#), "this is no error's code");
    assert_eq!(with(r#", "errors": ["fuel_exhausted"]"#), "the node `N` may not stop with `fuel_exhausted`");
}

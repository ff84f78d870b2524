//! Structs make the schema that a text makes.

use statewright::tracked::State;

use crate::game::{Game, SCHEMA, state};

#[test]
fn structs_make_the_schema_of_the_text() {
    let (text, findings) = statewright_types::schema::parse(SCHEMA);
    assert!(findings.is_empty(), "{findings:?}");
    let (text, made) = (text.unwrap(), Game::schema());
    let print = |schema| statewright_types::schema::text::to_text(schema);
    assert_eq!(print(&made), print(&text));
    assert_eq!(*made, *text);
    assert_eq!(made.hash(), text.hash());
}

#[test]
fn a_state_of_another_schema_is_refused() {
    assert!(Game::read(&state()).is_ok());
    let (other, _) = statewright_types::schema::parse(&SCHEMA.replace("Round   int64", "Round   int32"));
    let other = other.unwrap();
    let main = other.main_root(None).unwrap();
    let mut other = State::new(other, main, 0);
    assert_ne!(Game::read(&other).unwrap_err().found, *Game::schema().hash());
    assert!(crate::game::GameMut::of(&mut other).is_err());
}

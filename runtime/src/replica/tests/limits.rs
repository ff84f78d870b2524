//! Small messages that ask for much: refused before the memory is spent.

use std::sync::Arc;

use statewright_types::Schema;

use crate::replica::{MAX_ENTRIES, Replica};
use crate::wire::codes::{limits, list, record};
use crate::wire::varint;

fn schema() -> Arc<Schema> {
    let text = "
package test
@root(active)
type Game {
    Items []Item
    Numbers []int64
    Tree Node
    Small int32
    ByKey map[string]Item
    Lists [][]Item
}
type Item {
    A int32
}
type Node {
    Children []Node
}
@root(inactive)
type Shop {
    Open bool
}
";
    statewright_types::schema::parse(text).0.expect("a schema")
}

/// Everything is empty.
const EMPTY: [u8; 9] = [0, 0, 0, 0, 0, 0, 0, 0, 0];

fn replica() -> Replica {
    let mut replica = Replica::new(schema());
    replica.apply_full(&EMPTY).expect("an empty state");
    replica
}

fn numbers(parts: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    parts.iter().for_each(|part| varint::put(&mut out, *part));
    out
}

/// What is wrong with a patch of the empty state.
fn refusal(body: &[u8]) -> &'static str {
    let mut replica = replica();
    let before = replica.roots.clone();
    let refusal = replica.apply(body, None).expect_err("refused").what();
    assert_eq!(replica.roots, before);
    refusal
}

#[test]
fn four_billion_hidden_structs_are_refused() {
    let many = u64::from(u32::MAX);
    assert!(refusal(&numbers(&[record::set(1), many, many, 1])).contains("4,194,304"));
    // The fields of hidden structs count as well.
    assert!(
        refusal(&numbers(&[record::set(1), limits::ENTRIES / 2 + 1, limits::ENTRIES / 2 + 1, 1])).contains("4,194,304")
    );
    let fits = numbers(&[record::set(1), 1_000_000, 1_000_000, 1]);
    assert_eq!(replica().apply(&fits, None), Ok(()));
    // Lists of texts, numbers, lists cannot be longer than the bytes that are left.
    assert!(refusal(&numbers(&[record::set(2), 1_000_000])).contains("longer than its message"));
    assert!(refusal(&numbers(&[record::set(5), 1_000_000])).contains("longer than its message"));
    assert!(refusal(&numbers(&[record::change(2), list::ARRANGE, 1_000_000])).contains("longer than its message"));
}

#[test]
fn many_small_messages_do_not_add_up_without_end() {
    let mut replica = replica();
    let more = numbers(&[record::change(1), list::INSERT_MANY, 0, 500_000, 500_000, 1]);
    let taken = (0..100).take_while(|_| replica.apply(&more, None).is_ok()).count() as u64;
    assert_eq!(taken, MAX_ENTRIES / 1_000_000);
    // What was removed does not count for ever.
    assert_eq!(replica.apply(&numbers(&[record::set(1), 0]), None), Ok(()));
    assert_eq!(replica.apply(&more, None), Ok(()));
}

#[test]
fn nesting_is_bounded() {
    // A list and a struct in it, again and again: 32 times 2 levels, but for the root and the first struct.
    let deep = |pairs: usize| [&[record::set(3) as u8, 0][..], &[1, 1, 0].repeat(pairs), &[0]].concat();
    assert_eq!(replica().apply(&deep(30), None), Ok(()));
    assert!(refusal(&deep(32)).contains("64 deep"));
    assert!(refusal(&deep(1_000_000)).contains("64 deep"));
    // By steps, one level after the other.
    let mut replica = replica();
    let mut body = numbers(&[record::change(3)]);
    let mut levels = 0;
    let refused = loop {
        body.extend(numbers(&[record::change(1), list::INSERT, 0, 0, 0, list::element(0)]));
        levels += 2;
        match replica.apply(&body, None) {
            Ok(()) => assert!(levels < 100),
            Err(refused) => break refused,
        }
    };
    assert!(refused.what().contains("64 deep"), "{refused}");
    assert!((58..=64).contains(&levels), "{levels}");
}

#[test]
fn a_message_is_no_longer_than_16_mib() {
    assert!(refusal(&vec![record::HOME as u8; limits::MESSAGE_BYTES + 1]).contains("16 MiB"));
    assert!(refusal(&vec![record::HOME as u8; limits::MESSAGE_BYTES]).contains("4,194,304"), "steps count");
}

#[test]
fn what_is_not_there_is_refused() {
    for (body, why) in [
        (numbers(&[record::UP]), "nothing to leave"),
        (numbers(&[6]), "no such field"),
        (numbers(&[7]), "no such field"),
        (numbers(&[record::set(7), 0]), "no such field"),
        (numbers(&[record::HIDE, 7]), "no such field"),
        (numbers(&[record::HIDE, 0]), "no such field"),
        (numbers(&[record::ROOT, 4]), "not there"),
        (numbers(&[record::ROOT, 1]), "no such root"),
        (numbers(&[record::ROOT_GONE, 4]), "not there"),
        (numbers(&[record::ROOT_THERE, 2, 0, 0]), "no such root"),
        (numbers(&[record::ROOT_THERE, 4, 0, 1, record::ROOT, 4, record::ROOT_GONE, 4]), "the cursor is in that root"),
        (numbers(&[record::ROOT_THERE, 4, 0, 1, record::ROOT, 4, record::UP]), "nothing to leave"),
        (numbers(&[record::HIDE, 1, record::change(1)]), "cannot be entered"),
        (numbers(&[record::HIDE, 4, record::change(4), 2]), "a difference of what"),
        (numbers(&[record::change(2), list::element(0), 0]), "no such place"),
        (numbers(&[record::change(1), list::element(0)]), "cannot be entered"),
        (numbers(&[record::change(2), list::INSERT, 1, 0]), "beyond the end"),
        (numbers(&[record::change(2), list::REMOVE, 0]), "beyond the end"),
        (numbers(&[record::change(2), list::REMOVE_MANY, 0, 1]), "beyond the end"),
        (numbers(&[record::change(2), list::MOVE, 0, 0]), "beyond the end"),
        (numbers(&[record::change(2), list::REPLACE, 0, 0]), "no such place"),
        (numbers(&[record::change(2), list::VALUES, 0, 1, 0]), "beyond the end"),
        (numbers(&[record::change(2), list::ARRANGE, 1, 1]), "beyond the end"),
        (numbers(&[record::change(2), list::COLUMNS, 0, 0, 1, 8]), "no structs"),
        (numbers(&[record::change(1), list::COLUMNS, 0, 0, 0]), "without tags"),
        (numbers(&[record::change(1), list::COLUMNS, 0, 1, 1, 8, 0]), "beyond the end"),
        (numbers(&[record::change(1), list::VALUES, 0, 0]), "values of what"),
        (numbers(&[record::change(1), 12 << 1]), "no such step"),
        (numbers(&[record::change(5), 3, 0]), "no such key"),
        (numbers(&[record::change(5), 4, 0]), "no such key"),
        (numbers(&[record::change(5), 6]), "no such step"),
        (numbers(&[record::set(4), 1 << 40]), "out of range"),
        (numbers(&[record::set(2), 2, 0, 0, record::change(2), list::ARRANGE, 2, 1, 1]), "twice"),
        (vec![record::set(4) as u8, 0x80, 0], "longer than needed"),
        (vec![record::set(4) as u8], "ends too early"),
        (vec![record::set(5) as u8, 2, 1, b'b', 1, 1, b'a', 1], "do not ascend"),
        (vec![record::set(5) as u8, 2, 1, b'a', 1, 1, b'a', 1], "do not ascend"),
        (vec![record::set(5) as u8, 1, 1, 0xff, 1], "not UTF-8"),
    ] {
        let refusal = refusal(&body);
        assert!(refusal.contains(why), "{body:?}: {refusal}, not {why}");
    }
    assert!(replica().apply_full(&[&EMPTY[..], &[0]].concat()).expect_err("longer").what().contains("left over"));
}

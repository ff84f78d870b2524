//! Searches by key of which only the element is wanted.

use statewright_types::hashing::HashSet;

use super::verify::terminator_uses;
use super::{Cond, Function, Imm, Inst, Op, Value};

/// Results of `list.find_key` that are asked for nothing but their sign, and by one `list.at` behind the search, with neither another
/// search in between nor anything of which `moves` says that elements may be elsewhere afterwards. Where an element stands need
/// not be known then.
pub fn wanted_alone(function: &Function, moves: impl Fn(Op) -> bool) -> HashSet<Value> {
    let insts = || function.blocks.iter().flat_map(|block| &block.insts);
    let searches = insts().filter(|inst| inst.op == Op::ListFindKey).filter_map(|inst| inst.result);
    let mut wanted: HashSet<Value> = searches.collect();
    if wanted.is_empty() {
        return wanted;
    }
    let zeros = insts().filter(|inst| inst.op == Op::IConst && inst.imm == Imm::Int(0));
    let zeros: HashSet<Value> = zeros.filter_map(|inst| inst.result).collect();
    for block in &function.blocks {
        // The list and the index of the last search, as long as nothing moves.
        let mut found = None;
        for inst in &block.insts {
            let is_look = found.is_some() && looks_at(inst) == found;
            if is_look {
                found = None;
            } else if !asks_for_sign(inst, &zeros) {
                inst.args.iter().for_each(|arg| {
                    wanted.remove(arg);
                });
            }
            if moves(inst.op) {
                found = None;
            }
            if inst.op == Op::ListFindKey {
                found = inst.args.first().copied().zip(inst.result);
            }
        }
        terminator_uses(&block.terminator).for_each(|value| {
            wanted.remove(&value);
        });
    }
    wanted
}

fn looks_at(inst: &Inst) -> Option<(Value, Value)> {
    match inst.args[..] {
        [list, index] if inst.op == Op::ListAt => Some((list, index)),
        _ => None,
    }
}

fn asks_for_sign(inst: &Inst, zeros: &HashSet<Value>) -> bool {
    let is_sign = inst.op == Op::ICmp && matches!(inst.imm, Imm::Cond(Cond::Lt | Cond::Ge));
    is_sign && inst.args.get(1).is_some_and(|with| zeros.contains(with))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::text::parse;
    use super::*;

    const SCHEMA: &str = "package p\n@root(active)\ntype Game {\n    Units []Unit @key(ID)\n    At int64\n}\ntype Unit {\n    ID int64\n    HP int64\n}\n";

    /// Whether only the element of the first search is wanted, `v5`.
    fn is_alone(behind: &str) -> bool {
        let (schema, _) = statewright_types::schema::text::parse(SCHEMA);
        let schema = Arc::new(schema.expect("a schema"));
        let text = format!(
            "module root Game\n\nhandler \"H\" event \"H\" (\"senderID\": string, \"id\": int64, \"by\": int64) {{\n    nodes \"n\"\nb0(v0: string, v1: int64, v2: int64):\n    \
             v3: Game = root Game @\"n\"\n    v4: []Unit = load.known Game.Units v3 @\"n\"\n    v5: int64 = list.find_key Unit.ID v4, v1 @\"n\"\n    \
             v6: int64 = iconst 0 @\"n\"\n    v7: bool = icmp lt v5, v6 @\"n\"\n    trap_if not_found v7 @\"n\"\n{behind}    return\n}}\n"
        );
        let module = parse(&text, &schema).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let function = &module.functions[0];
        let search = function.blocks[0].insts.iter().find(|inst| inst.op == Op::ListFindKey);
        let index = search.and_then(|inst| inst.result).expect("a search");
        wanted_alone(function, |op| op == Op::Store).contains(&index)
    }

    #[test]
    fn a_sign_and_one_look_need_no_place() {
        let look = "    v8: Unit = list.at v4, v5 @\"n\"\n";
        assert!(is_alone(""));
        assert!(is_alone(look));
        assert!(is_alone(&format!("{look}    store Unit.HP v8, v1 @\"n\"\n")));
        let again = look.replace("v8", "v9");
        let other = "    v9: int64 = list.find_key Unit.ID v4, v6 @\"n\"\n";
        for asks in [
            &format!("{look}{again}"),
            &format!("    store Game.At v3, v1 @\"n\"\n{look}"),
            &format!("{look}    store Game.At v3, v5 @\"n\"\n"),
            &format!("{other}{look}"),
            "    v8: bool = icmp lt v5, v1 @\"n\"\n",
            "    v8: int64 = iadd v5, v6 @\"n\"\n",
        ] {
            assert!(!is_alone(asks), "{asks}");
        }
    }
}

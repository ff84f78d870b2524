//! The reference of IR operations, from their table.

use statewright_graph::ir::ops::{Class, ImmKind, OPS, OpRow};

/// As Markdown: one table.
pub fn markdown() -> String {
    let mut out = String::from(
        "# IR operations\n\nThis page is made from the table of operations by `statewright docs --ir`. What a module is, and \
         its text, is told by the documentation of `statewright_graph::ir`.\n\n\
         | operation | operands | constant | result | effect | may trap with | meaning |\n|---|---|---|---|---|---|---|\n",
    );
    for row in OPS {
        out.push_str(&line(row));
    }
    out
}

fn line(row: &OpRow) -> String {
    let mut operands: Vec<String> = row.args.iter().map(|class| word(*class).to_owned()).collect();
    operands.extend(row.rest.map(|class| format!("{}…", word(class))));
    let constant = match row.imm {
        ImmKind::None => String::new(),
        kind => format!("{kind:?}").to_lowercase(),
    };
    let traps: Vec<String> = row.traps.iter().map(|code| format!("`{code}`")).collect();
    let effect = format!("{:?}", row.effect).to_lowercase();
    let doc = row.doc.replace('|', "\\|");
    let result = row.result.map_or("", word);
    format!(
        "| `{}` | {} | {constant} | {result} | {effect} | {} | {doc} |\n",
        row.mnemonic,
        operands.join(", "),
        traps.join(", ")
    )
}

fn word(class: Class) -> &'static str {
    match class {
        Class::Int => "int64",
        Class::UInt => "uint64",
        Class::Float => "float64",
        Class::Bool => "bool",
        Class::Text => "text",
        Class::List => "list",
        Class::Map => "map",
        Class::Struct => "struct",
        Class::Record => "record",
        Class::Nullable => "nullable",
        Class::Any => "any",
        Class::Derived => "as told",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_its_line() {
        let page = markdown();
        for row in OPS {
            assert!(page.contains(&format!("| `{}` |", row.mnemonic)), "{}", row.mnemonic);
        }
    }
}

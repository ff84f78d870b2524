//! The standard library's float functions differ between platforms; `libm` does not.

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule, house, source};

/// Functions of `f32` and `f64` whose last bits IEEE-754 leaves open.
const INEXACT: &[&str] = &[
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sin_cos", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powf", "powi", "cbrt", "hypot", "to_degrees",
    "to_radians",
];

pub const RULE: Rule = Rule {
    name: "float-functions",
    demands: "no std float functions but the exact ones (sqrt, floor, abs, …); libm instead",
    check,
};

fn check(tree: &Tree, report: &mut Report) {
    for file in tree.rust().filter(|file| !file.path.starts_with("benches/")) {
        let strict = house::DETERMINISTIC.iter().any(|folder| file.is_in(folder));
        for (line, code) in file.code_lines() {
            for name in INEXACT {
                let path = ["f64::", "f32::"].iter().any(|float| source::has_word(code, &format!("{float}{name}")));
                // Other types have a `log` too: an action log, a journal.
                let own = *name == "log" && (!strict || code.contains("self.log("));
                let method = !own && source::has_word(code, &format!(".{name}("));
                if path || method {
                    let message = format!("`{name}` of std differs between platforms");
                    report.add(&file.path, line, message, "call the libm crate, or types::scalar");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn inexact_functions_are_found() {
        let text = "//! A.\nlet a = x.sin();\nlet b = x.powf(2.0);\nlet c = f64::exp(x);\nlet d = x.sqrt().floor();\n\
                    let e = libm::sin(x);\nlet f = map(f64::ln);\nself.log(x);\ny.log(x);\n";
        let files = [("types/src/a.rs", text), ("cli/src/a.rs", text), ("benches/a.rs", text)];
        let (cli, types) = ([2, 3, 4, 7], [2, 3, 4, 7, 9]);
        let expected: Vec<String> = cli.map(|line| format!("cli/src/a.rs:{line}")).into_iter()
            .chain(types.map(|line| format!("types/src/a.rs:{line}"))).collect();
        assert_eq!(places(&RULE, &files), expected);
    }
}

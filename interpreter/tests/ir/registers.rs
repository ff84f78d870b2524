//! Registers of large functions.

use expect_test::expect;

use crate::world::check;

/// More registers than 16 bits tell apart: v0 and v65536 are two.
#[test]
fn a_function_may_be_very_large() {
    let mut body = String::from("v1: int64 = now\n");
    for index in 2..70_000 {
        body += &format!("v{index}: int64 = iadd v{}, v1\n", index - 1);
    }
    check(
        &(body + "show v69999 int64\nshow v65537 int64\nshow v2 int64"),
        expect![[r#"
        69999000
        65537000
        2000
        done, fuel 0
    "#]],
    );
}

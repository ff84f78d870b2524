//! Loops over lists whose passes run many at once do what their instructions do: the same results, state, fuel and place
//! of a trap, with few or much fuel.

use crate::joined::same_with;

/// Guests with seats 0 to 12, and a loop over them that carries the integer `v22` and the float `v23`: `v29` is the guest,
/// `v21` the index, `v31` the seat. In `body`, the blocks are `b6`, `b7`, `b10` to `b13`; `b8` ends the pass with the next of
/// both. The loop is over the live list, or over what it was before `change`.
fn over_guests(is_live: bool, consts: &str, change: &str, body: &str) -> String {
    let head = "v24: []Guest = load Lobby.Guests v1 @\"head\"
        v25: int64 = list.version v24 @\"head\"
        v26: bool = icmp ne v25, v20 @\"head\"
        trap_if modified_during_iteration v26 @\"head\"
        v27: int64 = list.len v24 @\"head\"
        v28: bool = icmp lt v21, v27 @\"head\"
        branch v28, b5(), b9() @\"head\"
        b5():
        v29: Guest = list.get v24, v21 @\"head\"
        fuel 1 @\"head\"";
    let snapshot_head = "v28: bool = icmp lt v21, v19
        branch v28, b5(), b9()
        b5():
        fuel 1 @\"get\"
        v29: Guest = list.get v18, v21 @\"get\"";
    format!(
        "v3: bool = root.activate Lobby
        v1: Lobby = root Lobby
        v2: []Guest = load Lobby.Guests v1
        v4: int64 = iconst 0
        v5: int64 = iconst 1
        v6: float64 = fconst 1e300
        v7: int64 = iconst 100
        v8: int64 = iconst 13
        v9: int64 = iconst 41
        {consts}
        jump b1(v4)
        b1(v10: int64):
        v11: bool = icmp lt v10, v7
        branch v11, b2(), b3()
        b2():
        v12: Guest = struct.new Guest
        v13: string = text v10
        v14: int64 = imul v10, v9
        v15: int64 = irem v14, v8
        struct.init Guest.Name v12, v13
        struct.init Guest.Seat v12, v15
        list.insert v2, v10, v12
        v16: int64 = iadd v10, v5
        jump b1(v16)
        b3():
        v18: []Guest = list.snapshot v2
        v19: int64 = list.len v18
        {change}
        v20: int64 = list.version v2
        jump b4(v4, v4, v6)
        b4(v21: int64, v22: int64, v23: float64):
        {}
        v31: int64 = load Guest.Seat v29 @\"seat\"
        {body}
        b8(v90: int64, v91: float64):
        v92: int64 = iadd v21, v5
        jump b4(v92, v90, v91)
        b9():
        show v22 int64
        show v23 float64
        return",
        if is_live { head } else { snapshot_head }
    )
}

/// Fuel for a few passes, for some of those that run at once, for all.
fn amounts() -> impl Iterator<Item = u64> {
    (0..24).chain((24..560).step_by(19))
}

/// Plays both loops; `runs_at_once` says whether many passes of them are run at once.
fn both(runs_at_once: bool, consts: &str, body: &str) {
    for is_live in [true, false] {
        for change in ["", "list.remove v2, v9"] {
            let body = over_guests(is_live, consts, change, body);
            let interpreter = same_with(amounts(), &body);
            assert_eq!(format!("{interpreter:?}").contains("LanesLoop"), runs_at_once, "{body} {interpreter:?}");
        }
    }
}

#[test]
fn filters_and_sums() {
    for op in ["iadd v22, v33", "iadd v33, v22", "isub v22, v33", "isub v33, v22", "imax v22, v33", "imin v33, v22"] {
        for cond in ["gt v31, v50", "le v31, v50", "eq v50, v31", "ge v31, v21"] {
            both(
                true,
                "v50: int64 = iconst 6",
                &format!(
                    "v32: bool = icmp {cond} @\"test\"
                    branch v32, b6(), b7() @\"test\"
                    b6():
                    fuel 1 @\"pass\"
                    v33: int64 = imul v31, v31 @\"square\"
                    v34: int64 = {op} @\"sum\"
                    jump b8(v34, v23)
                    b7():
                    jump b8(v22, v23)"
                ),
            );
        }
    }
}

#[test]
fn the_nearest_by_a_carried_float() {
    for (cond, nan) in [("lt v34, v23", "1.5"), ("ge v23, v34", "1.5"), ("le v34, v23", "0x7ff8000000000000")] {
        both(
            true,
            &format!("v50: float64 = fconst {nan}"),
            &format!(
                "v32: float64 = itof v31 @\"float\"
                v33: float64 = fsub v32, v50 @\"distance\"
                v34: float64 = fmul v33, v33 @\"square\"
                v35: bool = fcmp {cond} @\"test\"
                branch v35, b6(), b7() @\"test\"
                b6():
                fuel 1 @\"nearer\"
                v36: int64 = iadd v21, v5 @\"nearer\"
                jump b8(v36, v34)
                b7():
                jump b8(v22, v23)"
            ),
        );
    }
}

/// What traps, does so in the pass where it would have, whether it depends on the passes before or not.
#[test]
fn the_pass_that_traps() {
    // Seats reach 12 in the 9th pass, 0 in the first and the 14th.
    let large = "v50: int64 = iconst 838488366986797800";
    let filtered = |step: &str| {
        format!(
            "v32: bool = icmp gt v31, v5 @\"test\"
            branch v32, b6(), b7() @\"test\"
            b6():
            v36: int64 = isub v31, v5 @\"less\"
            v33: int64 = {step} @\"step\"
            jump b8(v33, v23)
            b7():
            fuel 2 @\"other\"
            jump b8(v22, v23)"
        )
    };
    for step in ["imul v31, v50", "idiv v7, v36", "irem v50, v36", "idiv v7, v22", "iadd v22, v50", "imul v22, v36"] {
        both(true, large, &filtered(step));
    }
    let always = "v32: int64 = isub v31, v8 @\"less\"
        v33: int64 = idiv v50, v31 @\"part\"
        v34: int64 = iadd v33, v32 @\"sum\"
        v35: int64 = iadd v34, v22 @\"all\"
        jump b8(v35, v23)";
    both(true, large, always);
}

#[test]
fn branches_that_meet_again() {
    both(
        true,
        "v50: int64 = iconst 4",
        "v32: bool = icmp lt v31, v50 @\"a\"
        branch v32, b6(), b7() @\"a\"
        b6():
        v33: int64 = iadd v31, v21 @\"b\"
        jump b11(v33)
        b7():
        fuel 1 @\"c\"
        v34: bool = icmp eq v31, v8 @\"c\"
        v44: int64 = irem v21, v50 @\"c\"
        v45: bool = icmp eq v44, v4 @\"c\"
        v46: bool = or v34, v45 @\"c\"
        branch v46, b10(), b12() @\"c\"
        b10():
        v35: int64 = ineg v31 @\"d\"
        jump b11(v35)
        b12():
        fuel 2 @\"e\"
        jump b11(v21)
        b11(v36: int64):
        v37: int64 = imul v36, v50 @\"f\"
        v38: bool = icmp gt v37, v22 @\"g\"
        branch v38, b13(), b14() @\"g\"
        b13():
        fuel 1 @\"h\"
        v39: float64 = itof v37 @\"h\"
        jump b8(v37, v39)
        b14():
        v40: int64 = isub v22, v5 @\"i\"
        v41: float64 = fsub v23, v6 @\"i\"
        jump b8(v40, v41)",
    );
}

/// Two sums, or one on either way.
#[test]
fn sums_on_both_ways() {
    for other in ["isub v22, v21", "imul v22, v5", "imax v31, v22"] {
        let body = format!(
            "v32: bool = icmp gt v31, v8 @\"test\"
            v33: int64 = irem v21, v50 @\"rest\"
            v34: bool = icmp eq v33, v5 @\"rest\"
            v35: bool = or v32, v34 @\"rest\"
            branch v35, b6(), b7() @\"test\"
            b6():
            v36: int64 = iadd v22, v31 @\"one\"
            jump b8(v36, v23)
            b7():
            v37: int64 = {other} @\"other\"
            jump b8(v37, v23)"
        );
        both(true, "v50: int64 = iconst 3", &body);
    }
}

/// Whatever writes, and loops that carry all along, are left as they are.
#[test]
fn what_does_more_runs_pass_by_pass() {
    both(
        false,
        "",
        "v33: int64 = iadd v31, v5 @\"more\"
        store Guest.Seat v29, v33 @\"more\"
        jump b8(v33, v23)",
    );
    both(
        false,
        "",
        "v33: int64 = isub v22, v31 @\"a\"
        v34: int64 = isub v31, v33 @\"b\"
        jump b8(v34, v23)",
    );
}

/// Fields that are not the element's own, and fields of a few bits.
#[test]
fn fields_of_fields() {
    let body = over_guests(
        false,
        "v50: Game = root Game
        v51: []Player = load Game.Players v50
        v52: float64 = fconst 0.5",
        "jump b16(v4)
        b16(v60: int64):
        v61: bool = icmp lt v60, v7
        branch v61, b17(), b18()
        b17():
        v62: Player = struct.new Player
        v63: string = text v60
        v64: int64 = irem v60, v9
        v65: float64 = itof v64
        v66: Point = load Player.Pos v62
        struct.init Player.ID v62, v63
        struct.init Player.Seat v62, v64
        struct.init Point.Y v66, v65
        list.push v51, v62
        v67: int64 = iadd v60, v5
        jump b16(v67)
        b18():
        v53: []Player = list.snapshot v51",
        "v32: Point = load Player.Pos v30 @\"a\"
        v33: float64 = load Point.Y v32 @\"b\"
        v34: float64 = fadd v33, v52 @\"c\"
        v35: int64 = load Player.Seat v30 @\"d\"
        v36: bool = icmp ge v35, v8 @\"e\"
        branch v36, b6(), b7() @\"e\"
        b6():
        v37: float64 = fsub v34, v23 @\"f\"
        jump b8(v35, v37)
        b7():
        jump b8(v22, v23)",
    );
    let body = body
        .replace("v29: Guest = list.get v18, v21", "v30: Player = list.get v53, v21")
        .replace("v31: int64 = load Guest.Seat v29 @\"seat\"", "");
    let interpreter = same_with(amounts(), &body);
    assert!(format!("{interpreter:?}").contains("LanesLoop"), "{interpreter:?}");
}

/// Makes bodies of passes up, always the same ones for a seed.
struct Inventor {
    seed: u64,
    next: usize,
    text: String,
    /// Values so far, on every way here.
    ints: Vec<String>,
    floats: Vec<String>,
}

impl Inventor {
    fn below(&mut self, bound: usize) -> usize {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) as usize % bound
    }

    fn one_of(&mut self, list: &[&str]) -> String {
        list[self.below(list.len())].to_owned()
    }

    fn int(&mut self) -> String {
        let at = self.below(self.ints.len());
        self.ints[at].clone()
    }

    fn float(&mut self) -> String {
        let at = self.below(self.floats.len());
        self.floats[at].clone()
    }

    fn number(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    fn line(&mut self, text: &str) {
        let node = self.below(4);
        self.text.push_str(&format!("{text} @\"n{node}\"\n"));
    }

    /// Some steps in a row.
    fn steps(&mut self) {
        for _ in 0..self.below(5) {
            let value = format!("v{}", self.number());
            let (a, b, x, y) = (self.int(), self.int(), self.float(), self.float());
            match self.below(8) {
                0..4 => {
                    let op = self.one_of(&["iadd", "isub", "iadd", "isub", "imul", "imin", "imax", "irem", "idiv"]);
                    self.line(&format!("{value}: int64 = {op} {a}, {b}"));
                    self.ints.push(value);
                }
                4 => {
                    let op = self.one_of(&["iabs", "ineg"]);
                    self.line(&format!("{value}: int64 = {op} {a}"));
                    self.ints.push(value);
                }
                5 => {
                    self.line(&format!("{value}: float64 = itof {a}"));
                    self.floats.push(value);
                }
                6 => {
                    let op = self.one_of(&["fadd", "fsub", "fmul"]);
                    self.line(&format!("{value}: float64 = {op} {x}, {y}"));
                    self.floats.push(value);
                }
                _ => {
                    let amount = self.below(3) + 1;
                    self.line(&format!("fuel {amount}"));
                }
            }
        }
    }

    /// A branch whose ways meet again, or, of the last one, end the pass.
    fn branch(&mut self, is_last: bool) {
        let [condition, one, other, meet, int, float] = [(); 6].map(|()| self.number());
        let (a, b, x, y) = (self.int(), self.int(), self.float(), self.float());
        let cond = self.one_of(&["eq", "ne", "lt", "le", "gt", "ge"]);
        match self.below(3) {
            0 => self.line(&format!("v{condition}: bool = fcmp {cond} {x}, {y}")),
            _ => self.line(&format!("v{condition}: bool = icmp {cond} {a}, {b}")),
        }
        self.line(&format!("branch v{condition}, b{one}(), b{other}()"));
        let known = (self.ints.len(), self.floats.len());
        let to = if is_last { 8 } else { meet };
        for block in [one, other] {
            self.text.push_str(&format!("b{block}():\n"));
            self.steps();
            // Often what was carried stays as it is.
            let stays = self.below(2) == 0;
            let (a, x) = if stays { ("v22".into(), "v23".into()) } else { (self.int(), self.float()) };
            self.line(&format!("jump b{to}({a}, {x})"));
            self.ints.truncate(known.0);
            self.floats.truncate(known.1);
        }
        if !is_last {
            self.text.push_str(&format!("b{meet}(v{int}: int64, v{float}: float64):\n"));
            self.ints.push(format!("v{int}"));
            self.floats.push(format!("v{float}"));
        }
    }

    fn body(seed: u64) -> String {
        let ints = ["v31", "v31", "v21", "v22", "v5", "v8", "v9"].map(String::from).to_vec();
        let floats = ["v23", "v50"].map(String::from).to_vec();
        let mut inventor = Inventor { seed, next: 200, text: String::new(), ints, floats };
        for _ in 0..inventor.below(4) {
            inventor.steps();
            inventor.branch(false);
        }
        inventor.steps();
        inventor.branch(true);
        inventor.text
    }
}

#[test]
fn whatever_a_pass_does() {
    let mut at_once = 0;
    for seed in 0..160 {
        let change = if seed % 3 == 0 { "list.remove v2, v9" } else { "" };
        let body = over_guests(seed % 2 == 0, "v50: float64 = fconst 0.75", change, &Inventor::body(seed * 7_919));
        let interpreter = same_with((0..2_400).step_by(173 + seed as usize), &body);
        at_once += u32::from(format!("{interpreter:?}").contains("LanesLoop"));
    }
    assert!(at_once > 40, "{at_once} of 160 loops run many passes at once");
}

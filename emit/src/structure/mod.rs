//! Structured control flow of a function: what its blocks are as nested bodies of loops, branches and labelled blocks, in the
//! way of Ramsey (Beyond Relooper, ICFP 2022), from the dominator tree.
//!
//! A function is one or more [`Arm`]s. The first begins at the entry. Each block that a suspended activation may go on in begins
//! another, and so does what several arms lead to; a function with several arms is written as a loop over "where it goes on". Blocks
//! that nothing structured can express (edges into the middle of a loop) and whatever would nest deeper than [`DEPTH`] begin arms, too,
//! so that every function has a structure, and writers may recurse over it.
//!
//! The parameters of blocks are variables that are assigned where a [`Stmt::Pass`] says so, and visible where their [`Stmt::Declare`] or
//! fresh `Pass` stands; those of arms, and [`Structure::hoisted`] values, are variables of the whole function.

use statewright_graph::ir::{BlockId, Function, Value, Values};

mod arms;
mod build;
mod hoist;

#[cfg(test)]
mod tests;

/// Bodies nest at most about so deep: at most twice that.
pub const DEPTH: usize = 24;

/// A list of statements, by position in [`Structure::bodies`]. A body comes behind the one that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BodyId(pub u32);

impl BodyId {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A function's structure.
#[derive(Clone, Debug)]
pub struct Structure {
    /// The entry's first. One that is alone is no loop over arms.
    pub arms: Vec<Arm>,
    /// What arms and statements refer to.
    pub bodies: Vec<Body>,
    /// Values that are used where their definition is not visible, and must be variables of the whole function.
    pub hoisted: Vec<Value>,
}

/// Where a function begins or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arm {
    /// Its first block.
    pub block: BlockId,
    /// What it does.
    pub body: BodyId,
}

/// Statements one after the other.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// In order.
    pub stmts: Vec<Stmt>,
    /// The body around it.
    pub parent: Option<BodyId>,
    /// Whether control may come to its end, and on to what stands behind.
    pub completes: bool,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Stmt {
    /// The parameters of a block become visible, without values yet.
    Declare(BlockId),
    /// What a block does, but for its terminator.
    Insts(BlockId),
    /// The parameters of a block get values, all at once. They become visible here if they are `fresh`.
    Pass {
        /// Where the values come from.
        from: BlockId,
        /// Whose parameters they are for.
        target: BlockId,
        /// One per parameter.
        args: Values,
        /// Whether nothing declared the parameters before.
        fresh: bool,
    },
    /// A branch, always the last statement.
    If {
        /// The block that ends with it.
        from: BlockId,
        /// A bool.
        condition: Value,
        /// Whether `then` is for false.
        negated: bool,
        /// What is done.
        then: BodyId,
        /// What is done if not.
        otherwise: BodyId,
        /// `then` never comes to its end, so that `otherwise` may be written behind the branch.
        flat: bool,
    },
    /// Does its body again whenever that comes to its end or continues it.
    Loop {
        /// Whose label it has.
        header: BlockId,
        /// Breaking out of it leads on here, behind the loop; if there is none, nothing does.
        follow: Option<BlockId>,
        /// A pass.
        body: BodyId,
        /// Whether something continues it from within another loop in it, or a labelled block.
        is_continued: bool,
    },
    /// A body that can be left by its label, which leads on to `label`, behind it.
    Labelled {
        /// Where leaving it leads to.
        label: BlockId,
        /// What can be left.
        body: BodyId,
        /// Whether anything does so but by coming to its end.
        is_used: bool,
    },
    /// Leaves the labelled block, or the loop that this follows.
    Break(BlockId),
    /// On with the next pass of the loop with that header.
    Continue(BlockId),
    /// Goes on at another arm.
    Goto(BlockId),
    /// The terminator of a block which is no jump and no branch. A call of a function that may suspend goes on at the arm of its resume block.
    End(BlockId),
}

/// Structures a function of a verified module. Takes time nearly in proportion to the function, but for loops that nest very deep.
pub fn structure(function: &Function) -> Structure {
    let mut plan = arms::Plan::new(function);
    loop {
        let built = build::build(function, &plan);
        // More arms make it flatter; each round there are more, and blocks are finitely many.
        if built.too_deep.is_empty() || !plan.promote(function, &built.too_deep) {
            let mut structure = built.structure;
            structure.hoisted = hoist::hoisted(function, &structure, &built.body_of);
            return structure;
        }
    }
}

impl Structure {
    /// A body.
    pub fn body(&self, id: BodyId) -> &Body {
        &self.bodies[id.index()]
    }

    /// Whether a block begins an arm.
    pub fn is_arm(&self, block: BlockId) -> bool {
        self.arms.iter().any(|arm| arm.block == block)
    }
}

/// An order in which simple assignments do what one of all at once does: none reads what one before it wrote. `reads` has what each
/// one's value is made of. `None` if they exchange values in a circle.
pub fn sequence(targets: &[Value], reads: &[Vec<Value>]) -> Option<Vec<usize>> {
    let mut left: Vec<usize> = (0..targets.len()).collect();
    let mut order = Vec::with_capacity(targets.len());
    while !left.is_empty() {
        let is_read = |at: usize, left: &[usize]| {
            left.iter().any(|other| *other != at && reads.get(*other).is_some_and(|reads| reads.contains(&targets[at])))
        };
        let free = left.iter().position(|at| !is_read(*at, &left))?;
        order.push(left.remove(free));
    }
    Some(order)
}

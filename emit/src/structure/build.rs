//! Builds the bodies, without recursion: a block at a time, with what comes behind it noted for later.

use statewright_graph::ir::{Block, BlockId, Function, Target, Terminator};

use super::arms::{NONE, Plan, jumps};
use super::{Arm, Body, BodyId, DEPTH, Stmt, Structure};

pub(super) struct Built {
    pub structure: Structure,
    /// The body that each block's instructions stand in.
    pub body_of: Vec<Option<BodyId>>,
    /// Blocks that should begin arms of their own.
    pub too_deep: Vec<usize>,
}

/// Where control goes at the end of a body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Falls {
    Nowhere,
    To(usize),
    Again(usize),
}

struct Task {
    block: usize,
    body: BodyId,
    falls: Falls,
}

struct Builder<'a> {
    function: &'a Function,
    plan: &'a Plan,
    bodies: Vec<Body>,
    body_of: Vec<Option<BodyId>>,
    /// Blocks that stand behind what leads to them: behind a block's own instructions, and behind a loop as a whole.
    behind: Vec<Vec<usize>>,
    behind_loop: Vec<Vec<usize>>,
    is_behind: Vec<bool>,
    tasks: Vec<Task>,
}

pub(super) fn build(function: &Function, plan: &Plan) -> Built {
    let count = function.blocks.len();
    let mut builder = Builder {
        function,
        plan,
        bodies: Vec::new(),
        body_of: vec![None; count],
        behind: vec![Vec::new(); count],
        behind_loop: vec![Vec::new(); count],
        is_behind: vec![false; count],
        tasks: Vec::new(),
    };
    builder.place();
    let heads = plan.order.iter().copied().filter(|block| plan.is_head[*block]);
    let mut arms = Vec::new();
    for block in heads {
        let body = builder.new_body(None);
        arms.push(Arm { block: BlockId(block as u32), body });
        builder.tasks.push(Task { block, body, falls: Falls::Nowhere });
        while let Some(task) = builder.tasks.pop() {
            builder.block(task);
        }
    }
    builder.settle();
    let too_deep = builder.too_deep();
    arms.sort_by_key(|arm| arm.block.0 != 0);
    let Builder { bodies, body_of, .. } = builder;
    Built { structure: Structure { arms, bodies, hoisted: Vec::new() }, body_of, too_deep }
}

impl Builder<'_> {
    fn new_body(&mut self, parent: Option<BodyId>) -> BodyId {
        self.bodies.push(Body { stmts: Vec::new(), parent, completes: true });
        BodyId(self.bodies.len() as u32 - 1)
    }

    fn push(&mut self, body: BodyId, stmt: Stmt) {
        if let Some(body) = self.bodies.get_mut(body.index()) {
            body.stmts.push(stmt);
        }
    }

    /// Decides for each block whether it stands where it is led to, or behind something.
    fn place(&mut self) {
        let plan = self.plan;
        for block in plan.order.iter().copied() {
            let above = plan.above[block];
            if above == NONE {
                continue;
            }
            let mut left = None;
            let mut at = plan.innermost[above];
            while at != NONE && !plan.contains(at, block) {
                left = Some(at);
                at = plan.around[at];
            }
            match left {
                Some(header) if !self.is_early_end(block, header) => {
                    self.behind_loop[header].push(block);
                    self.is_behind[block] = true;
                }
                None if plan.forward[block] > 1 => {
                    self.behind[above].push(block);
                    self.is_behind[block] = true;
                }
                _ => {}
            }
        }
    }

    /// Whether a block is the end of the function, reached from one place in the middle of a loop: it reads best there.
    fn is_early_end(&self, block: usize, header: usize) -> bool {
        let above = self.plan.above[block];
        self.plan.forward[block] == 1 && above != header && jumps(self.function, block).next().is_none()
    }

    fn block(&mut self, task: Task) {
        let Task { block, mut body, mut falls } = task;
        let id = BlockId(block as u32);
        if self.plan.is_header[block] {
            let mut behind = std::mem::take(&mut self.behind_loop[block]);
            let follow = if behind.is_empty() { None } else { Some(behind.remove(0)) };
            (body, falls) = self.stand_behind(&behind, body, falls);
            let around = body;
            if let Some(follow) = follow {
                self.push(around, Stmt::Declare(BlockId(follow as u32)));
            }
            let pass = self.new_body(Some(around));
            let follow_id = follow.map(|follow| BlockId(follow as u32));
            self.push(around, Stmt::Loop { header: id, follow: follow_id, body: pass, is_continued: false });
            if let Some(follow) = follow {
                self.tasks.push(Task { block: follow, body: around, falls });
            }
            (body, falls) = (pass, Falls::Again(block));
        }
        self.body_of[block] = Some(body);
        self.push(body, Stmt::Insts(id));
        let behind = std::mem::take(&mut self.behind[block]);
        (body, falls) = self.stand_behind(&behind, body, falls);
        let function = self.function;
        let Some(Block { terminator, .. }) = function.blocks.get(block) else { return };
        match terminator {
            Terminator::Jump(target) => self.edge(block, target, body, falls),
            Terminator::Branch { condition, then, otherwise } => {
                let (yes, no) = (self.new_body(Some(body)), self.new_body(Some(body)));
                let branch =
                    Stmt::If { from: id, condition: *condition, negated: false, then: yes, otherwise: no, flat: false };
                self.push(body, branch);
                self.edge(block, then, yes, falls);
                self.edge(block, otherwise, no, falls);
            }
            Terminator::Return(_) | Terminator::Trap { .. } | Terminator::Suspend { .. } | Terminator::Call { .. } => {
                self.push(body, Stmt::End(id));
            }
        }
    }

    /// Has these blocks stand behind what is still to come, the first of them first. Gives where that goes.
    fn stand_behind(&mut self, blocks: &[usize], mut body: BodyId, mut falls: Falls) -> (BodyId, Falls) {
        for block in blocks.iter().rev() {
            let label = BlockId(*block as u32);
            let inner = self.new_body(Some(body));
            self.push(body, Stmt::Declare(label));
            self.push(body, Stmt::Labelled { label, body: inner, is_used: false });
            self.tasks.push(Task { block: *block, body, falls });
            (body, falls) = (inner, Falls::To(*block));
        }
        (body, falls)
    }

    fn edge(&mut self, from: usize, target: &Target, body: BodyId, falls: Falls) {
        let plan = self.plan;
        let (to, id) = (target.block.index(), target.block);
        let is_back = plan.is_back(from, to);
        let fresh = !plan.is_head[to] && !is_back && !self.is_behind[to];
        if !target.args.is_empty() {
            let pass = Stmt::Pass { from: BlockId(from as u32), target: id, args: target.args.clone(), fresh };
            self.push(body, pass);
        }
        if is_back {
            if falls != Falls::Again(to) {
                self.push(body, Stmt::Continue(id));
            }
        } else if plan.is_head[to] {
            self.push(body, Stmt::Goto(id));
        } else if self.is_behind[to] {
            if falls != Falls::To(to) {
                self.push(body, Stmt::Break(id));
            }
        } else {
            self.tasks.push(Task { block: to, body, falls });
        }
    }

    /// Inner bodies first: which come to their end, and so which branches can be written flat. Then which labels are needed.
    fn settle(&mut self) {
        for index in (0..self.bodies.len()).rev() {
            let completes = match self.bodies[index].stmts.last().cloned() {
                Some(Stmt::Break(_) | Stmt::Continue(_) | Stmt::Goto(_) | Stmt::End(_)) => false,
                Some(Stmt::Loop { follow, .. }) => follow.is_some(),
                Some(Stmt::If { from, condition, then, otherwise, .. }) => {
                    self.branch(index, (from, condition), then, otherwise)
                }
                _ => true,
            };
            self.bodies[index].completes = completes;
        }
        let stmts = self.bodies.iter().flat_map(|body| &body.stmts);
        let mut is_used = vec![false; self.function.blocks.len()];
        for stmt in stmts {
            if let Stmt::Break(to) | Stmt::Continue(to) = stmt {
                is_used[to.index()] = true;
            }
        }
        for stmt in self.bodies.iter_mut().flat_map(|body| &mut body.stmts) {
            match stmt {
                Stmt::Labelled { label, is_used: used, .. } => *used = is_used[label.index()],
                Stmt::Loop { header, is_continued, .. } => *is_continued = is_used[header.index()],
                _ => {}
            }
        }
    }

    /// Turns a branch so that what is written first never comes to its end, or else does something. Whether the branch does.
    fn branch(
        &mut self,
        index: usize,
        (from, condition): (BlockId, statewright_graph::ir::Value),
        then: BodyId,
        otherwise: BodyId,
    ) -> bool {
        let state = |id: BodyId| {
            let body = &self.bodies[id.index()];
            (body.completes, body.stmts.is_empty(), body.stmts.len())
        };
        let ((yes, yes_empty, yes_length), (no, no_empty, no_length)) = (state(then), state(otherwise));
        let negated = match (yes, no) {
            (false, true) => false,
            (true, false) => true,
            (false, false) => no_length < yes_length && no_length == 1,
            (true, true) => yes_empty && !no_empty,
        };
        let (first, second) = if negated { (otherwise, then) } else { (then, otherwise) };
        let flat = !(yes && no);
        if let Some(last) = self.bodies[index].stmts.last_mut() {
            *last = Stmt::If { from, condition, negated, then: first, otherwise: second, flat };
        }
        yes || no
    }

    /// Blocks in which another [`DEPTH`] levels begin.
    fn too_deep(&self) -> Vec<usize> {
        let mut depth = vec![0usize; self.bodies.len()];
        for index in 0..self.bodies.len() {
            let at = depth[index];
            for stmt in &self.bodies[index].stmts {
                match stmt {
                    Stmt::If { then, otherwise, flat, .. } => {
                        depth[then.index()] = at + 1;
                        depth[otherwise.index()] = at + usize::from(!flat);
                    }
                    Stmt::Loop { body, .. } => depth[body.index()] = at + 1,
                    Stmt::Labelled { body, is_used, .. } => depth[body.index()] = at + usize::from(*is_used),
                    _ => {}
                }
            }
        }
        if depth.iter().all(|depth| *depth <= 2 * DEPTH) {
            return Vec::new();
        }
        let of = |block: usize| self.body_of[block].map_or(0, |body| depth[body.index()]) / DEPTH;
        let blocks = self.plan.order.iter().copied().filter(|block| self.plan.above[*block] != NONE);
        blocks.filter(|block| of(*block) > of(self.plan.above[*block])).collect()
    }
}

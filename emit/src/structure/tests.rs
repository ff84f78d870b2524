//! Random graphs, walked as they are and as they are structured: both meet the same blocks in the same order.

use std::sync::Arc;

use statewright_graph::ir::{Block, BlockId, Function, FunctionRole, NodeTag, Target, Terminator, Value, Values, Wait};
use statewright_types::Type;
use statewright_types::random::Streams;

use super::*;

/// A function whose blocks take one parameter each but the entry, and whose resume blocks have one edge.
fn drawn(streams: &mut Streams, most: i64) -> Function {
    let count = streams.int("count", 1, most);
    let mut blocks: Vec<Block> = Vec::new();
    let mut resumes: Vec<i64> = Vec::new();
    let is_tame = streams.int("tame", 0, 2) > 0;
    let mut value = 0;
    for at in 0..count {
        let mut target = |streams: &mut Streams, is_resume: bool| {
            // Mostly forward, else whatever comes; the entry is no target.
            let low = if is_tame && streams.int("back", 0, 4) > 0 { at + 1 } else { 1 };
            let to = streams.int("to", low, low.max(count - 1)).min(count - 1);
            let is_free = to > 0 && !resumes.contains(&to);
            if is_resume && is_free {
                resumes.push(to);
            }
            is_free.then(|| Target { block: BlockId(to as u32), args: Values::from([Value(0)]) })
        };
        let kind = streams.int("kind", 0, 9);
        let terminator = match kind {
            0 => None,
            1..=3 => target(streams, false).map(Terminator::Jump),
            4 => target(streams, true).map(|resume| Terminator::Suspend {
                wait: Wait::Duration,
                args: Values::from([Value(0)]),
                resume,
                deadlines: Vec::new(),
            }),
            _ => match (target(streams, false), target(streams, false)) {
                (Some(then), Some(otherwise)) => Some(Terminator::Branch { condition: Value(0), then, otherwise }),
                (Some(only), None) | (None, Some(only)) => Some(Terminator::Jump(only)),
                (None, None) => None,
            },
        };
        value += 1;
        blocks.push(Block {
            params: Values::from([Value(value)]),
            insts: Vec::new(),
            terminator: terminator.unwrap_or(Terminator::Return(None)),
            node: NodeTag(0),
        });
    }
    // A block that a suspension leads to has no other edges.
    for block in &mut blocks {
        let is_taken = |target: &Target| resumes.contains(&i64::from(target.block.0));
        match &block.terminator {
            Terminator::Jump(target) if is_taken(target) => block.terminator = Terminator::Return(None),
            Terminator::Branch { then, otherwise, .. } if is_taken(then) || is_taken(otherwise) => {
                block.terminator = Terminator::Return(None);
            }
            _ => {}
        }
    }
    Function {
        name: Arc::from("f"),
        role: FunctionRole::Function,
        params: Vec::new(),
        returns: None,
        suspends: true,
        nodes: vec![Arc::from("")],
        values: vec![Type::Bool; value as usize + 1],
        blocks,
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Met {
    Block(BlockId),
    Passed(BlockId),
}

const STEPS: usize = 60;

fn choice(streams: &mut Streams) -> bool {
    streams.int("choice", 0, 1) == 1
}

fn as_it_is(function: &Function, seed: u64) -> Vec<Met> {
    let (mut met, mut streams, mut at) = (Vec::new(), Streams::new(seed), BlockId(0));
    while met.len() < STEPS {
        met.push(Met::Block(at));
        let target = match &function.blocks[at.index()].terminator {
            Terminator::Jump(target) => target,
            Terminator::Branch { then, otherwise, .. } => {
                if choice(&mut streams) {
                    then
                } else {
                    otherwise
                }
            }
            Terminator::Suspend { resume, .. } => {
                at = resume.block;
                continue;
            }
            _ => break,
        };
        if !target.args.is_empty() {
            met.push(Met::Passed(target.block));
        }
        at = target.block;
    }
    met.truncate(STEPS);
    met
}

enum Way {
    Through,
    Break(BlockId),
    Continue(BlockId),
    Goto(Option<BlockId>),
}

struct Walk<'a> {
    function: &'a Function,
    structure: &'a Structure,
    met: Vec<Met>,
    streams: Streams,
    declared: Vec<bool>,
}

impl Walk<'_> {
    fn body(&mut self, id: BodyId) -> Way {
        let mut way = Way::Through;
        for stmt in &self.structure.body(id).stmts {
            if self.met.len() >= STEPS {
                return Way::Goto(None);
            }
            way = match stmt {
                Stmt::Declare(block) => {
                    self.declared[block.index()] = true;
                    Way::Through
                }
                Stmt::Insts(block) => {
                    self.met.push(Met::Block(*block));
                    Way::Through
                }
                Stmt::Pass { target, fresh, .. } => {
                    assert!(*fresh || self.declared[target.index()] || self.structure.is_arm(*target), "{target:?}");
                    self.declared[target.index()] = true;
                    self.met.push(Met::Passed(*target));
                    Way::Through
                }
                Stmt::If { negated, then, otherwise, flat, .. } => {
                    let is_first = choice(&mut self.streams) != *negated;
                    let way = self.body(if is_first { *then } else { *otherwise });
                    assert!(!(is_first && *flat && matches!(way, Way::Through)), "what is flat goes elsewhere");
                    way
                }
                Stmt::Loop { header, follow, body, .. } => loop {
                    match self.body(*body) {
                        Way::Through => {}
                        Way::Continue(to) if to == *header => {}
                        Way::Break(to) if Some(to) == *follow => break Way::Through,
                        way => break way,
                    }
                },
                Stmt::Labelled { label, body, is_used } => match self.body(*body) {
                    Way::Break(to) if to == *label => {
                        assert!(is_used);
                        Way::Through
                    }
                    way => way,
                },
                Stmt::Break(to) => Way::Break(*to),
                Stmt::Continue(to) => Way::Continue(*to),
                Stmt::Goto(to) => Way::Goto(Some(*to)),
                Stmt::End(block) => match &self.function.blocks[block.index()].terminator {
                    Terminator::Suspend { resume, .. } => Way::Goto(Some(resume.block)),
                    _ => Way::Goto(None),
                },
            };
            if !matches!(way, Way::Through) {
                break;
            }
        }
        let completes = matches!(way, Way::Through);
        assert!(!completes || self.structure.body(id).completes, "a body that never ends has ended");
        way
    }

    fn run(mut self) -> Vec<Met> {
        let mut at = BlockId(0);
        while self.met.len() < STEPS {
            let arm = self.structure.arms.iter().find(|arm| arm.block == at).expect("an arm begins there");
            match self.body(arm.body) {
                Way::Goto(Some(to)) => at = to,
                Way::Goto(None) => break,
                _ => panic!("an arm may not come to its end"),
            }
        }
        self.met.truncate(STEPS);
        self.met
    }
}

fn as_structured(function: &Function, structure: &Structure, seed: u64) -> Vec<Met> {
    let declared = vec![false; function.blocks.len()];
    Walk { function, structure, met: Vec::new(), streams: Streams::new(seed), declared }.run()
}

/// How deep bodies nest, as they are written.
fn depth(structure: &Structure) -> usize {
    let mut depth = vec![0; structure.bodies.len()];
    for (index, body) in structure.bodies.iter().enumerate() {
        for stmt in &body.stmts {
            match stmt {
                Stmt::If { then, otherwise, flat, .. } => {
                    depth[then.index()] = depth[index] + 1;
                    depth[otherwise.index()] = depth[index] + usize::from(!flat);
                }
                Stmt::Loop { body, .. } => depth[body.index()] = depth[index] + 1,
                Stmt::Labelled { body, is_used, .. } => depth[body.index()] = depth[index] + usize::from(*is_used),
                _ => {}
            }
        }
    }
    depth.into_iter().max().unwrap_or(0)
}

#[test]
fn a_structured_function_meets_the_same_blocks() {
    for seed in 0..3_000 {
        let mut streams = Streams::new(seed);
        let function = drawn(&mut streams, if seed % 10 == 0 { 60 } else { 12 });
        let structure = structure(&function);
        for run in 0..4 {
            assert_eq!(
                as_structured(&function, &structure, run),
                as_it_is(&function, run),
                "seed {seed}, run {run}\n{structure:#?}"
            );
        }
        assert!(depth(&structure) <= 2 * DEPTH, "seed {seed}");
    }
}

/// Branches in branches, each of which goes on behind the others at the end.
fn nested(levels: u32) -> Function {
    let mut function = drawn(&mut Streams::new(0), 1);
    let pass = |block: u32| Target { block: BlockId(block), args: Values::new() };
    let block = |terminator| Block { params: Values::new(), insts: Vec::new(), terminator, node: NodeTag(0) };
    function.values = vec![Type::Bool];
    function.blocks = (0..levels)
        .map(|at| {
            block(Terminator::Branch { condition: Value(0), then: pass(at + 1), otherwise: pass(2 * levels - at) })
        })
        .collect();
    function.blocks.push(block(Terminator::Jump(pass(levels + 1))));
    let last = 2 * levels;
    function.blocks.extend(
        (levels + 1..=last)
            .map(|at| block(if at == last { Terminator::Return(None) } else { Terminator::Jump(pass(at + 1)) })),
    );
    function
}

#[test]
fn what_nests_very_deep_is_cut_into_arms() {
    let shallow = structure(&nested(3));
    assert_eq!(shallow.arms.len(), 1);
    let function = nested(5_000);
    let structure = structure(&function);
    assert!(depth(&structure) <= 2 * DEPTH, "{}", depth(&structure));
    let arms = structure.arms.len();
    assert!(arms > 5_000 / (2 * DEPTH) && arms < function.blocks.len(), "{arms}");
    assert_eq!(as_structured(&function, &structure, 5), as_it_is(&function, 5));
}

#[test]
fn assignments_come_before_what_they_would_spoil() {
    let [a, b, c] = [Value(1), Value(2), Value(3)];
    assert_eq!(sequence(&[a, b], &[vec![b], vec![c]]), Some(vec![0, 1]));
    assert_eq!(sequence(&[a, b], &[vec![c], vec![a]]), Some(vec![1, 0]));
    assert_eq!(sequence(&[a, b], &[vec![b], vec![a]]), None);
    assert_eq!(sequence(&[a], &[vec![a]]), Some(vec![0]));
}

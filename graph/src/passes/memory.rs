//! What may have changed between two places: each place has two numbers that stand for what the state holds and for what
//! lists under construction hold. Where one is certain to have been before the other and they have equal numbers, nothing
//! was written in between.

use statewright_types::planted;

use super::shape::Shape;
use crate::ir::ops::Effect;
use crate::ir::verify::targets;
use crate::ir::{Function, Inst, Op, Terminator, Value};

/// What something was like when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Version {
    /// State, session, and everything else.
    pub state: u32,
    /// Values under construction.
    pub built: u32,
}

/// Which of both an instruction changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    Built,
    All,
}

/// By value, whether it is a list that this function has made: what is read from the state is another one.
pub(super) fn made(function: &Function) -> Vec<bool> {
    let mut is_made = vec![false; function.values.len()];
    for inst in function.blocks.iter().flat_map(|block| &block.insts) {
        if let (Op::ListNew | Op::ListSnapshot | Op::Zero, Some(result)) = (inst.op, inst.result) {
            is_made[result.index()] = true;
        }
    }
    is_made
}

/// What an instruction may change.
pub(super) fn change(inst: &Inst, is_made: &[bool]) -> Change {
    match (inst.op, inst.op.row().effect) {
        (Op::ListPush, _) if inst.args.first().is_some_and(|list| is_made[list.index()]) => Change::Built,
        (_, Effect::Writes) if planted::is(61) => Change::Nothing,
        (_, Effect::Writes | Effect::Arranges | Effect::Calls) => Change::All,
        // A tracer that stands another value in the place of what is read does so in traced modules only.
        (_, Effect::Pure | Effect::Reads | Effect::Allocates | Effect::Draws | Effect::Emits) => Change::Nothing,
        (_, Effect::Charges | Effect::Measures | Effect::Observes) => Change::Nothing,
    }
}

/// What an instruction depends on besides its operands, as part of what it is known by; nothing if it always gives something
/// else, or does more than that.
pub(super) fn depends(inst: &Inst, version: Version, is_live: impl Fn(Value) -> bool) -> Option<(u32, u32)> {
    match inst.op.row().effect {
        Effect::Pure => Some((0, 0)),
        // What is said once in a run.
        Effect::Reads if matches!(inst.op, Op::Now | Op::Stream | Op::Host) => Some((0, 0)),
        Effect::Reads => match (inst.op, &inst.args[..]) {
            (Op::Load | Op::LoadKnown | Op::Root | Op::RootIsActive | Op::StructAttached, _) => {
                Some((version.state, 0))
            }
            (Op::ListLen | Op::ListGet | Op::ListAt | Op::ListFindKey | Op::ListVersion, [list, ..])
                if is_live(*list) =>
            {
                Some((version.state, 0))
            }
            _ => Some((version.state, version.built)),
        },
        Effect::Allocates | Effect::Writes | Effect::Draws | Effect::Emits | Effect::Arranges | Effect::Calls => None,
        Effect::Charges | Effect::Measures | Effect::Observes => None,
    }
}

/// The versions at the beginning of each block.
pub(super) struct Memory {
    entry: Vec<Option<Version>>,
    /// By block, the number after the first change in it; those behind it count on.
    first: Vec<u32>,
    is_made: Vec<bool>,
}

/// A place on the way through a block.
pub(super) struct Place<'a> {
    /// What holds there.
    pub version: Version,
    next: u32,
    is_made: &'a [bool],
}

impl Place<'_> {
    /// Goes on past an instruction.
    pub fn pass(&mut self, inst: &Inst) {
        let what = change(inst, self.is_made);
        if what != Change::Nothing {
            self.version.built = self.next;
            if what == Change::All {
                self.version.state = self.next;
            }
            self.next += 1;
        }
    }
}

/// After so many rounds every block where ways meet is given numbers of its own.
const ROUNDS: usize = 8;

impl Memory {
    pub fn of(function: &Function, shape: &Shape) -> Memory {
        let count = function.blocks.len();
        let is_made = made(function);
        let mut first = vec![0; count];
        // By block: the last changes in it.
        let mut last = vec![(None, None); count];
        let mut next = count as u32;
        for index in &shape.order {
            first[*index] = next;
            for inst in &function.blocks[*index].insts {
                let what = change(inst, &is_made);
                if what != Change::Nothing {
                    last[*index].1 = Some(next);
                    if what == Change::All {
                        last[*index].0 = Some(next);
                    }
                    next += 1;
                }
            }
        }
        let mut memory = Memory { entry: vec![None; count], first, is_made };
        for round in 0.. {
            if !memory.round(function, shape, &last, round >= ROUNDS) {
                break;
            }
        }
        memory
    }

    /// Numbers of blocks from those before them; whether any changed.
    fn round(
        &mut self,
        function: &Function,
        shape: &Shape,
        last: &[(Option<u32>, Option<u32>)],
        is_last: bool,
    ) -> bool {
        let mut changed = false;
        for index in shape.order.iter().copied() {
            let own = index as u32;
            let mut found: Option<Version> = None;
            let mut count = 0;
            for before in shape.before.of(index) {
                let before = *before as usize;
                count += 1;
                // After a call that suspends anything may be different.
                let is_call =
                    matches!(function.blocks[before].terminator, Terminator::Call { .. } | Terminator::Suspend { .. });
                let Some(version) = self.entry[before] else { continue };
                let (state, built) = last[before];
                let out = Version { state: state.unwrap_or(version.state), built: built.unwrap_or(version.built) };
                let out = if is_call { Version { state: own, built: own } } else { out };
                found = Some(match found {
                    None => out,
                    Some(known) => Version {
                        state: if known.state == out.state { out.state } else { own },
                        built: if known.built == out.built { out.built } else { own },
                    },
                });
            }
            let is_new = index == 0 || shape.is_resumed[index] || (is_last && count > 1);
            let version = if is_new {
                Version { state: own, built: own }
            } else {
                found.unwrap_or(Version { state: own, built: own })
            };
            // Once of its own, always of its own: else it might never end.
            let version = match self.entry[index] {
                Some(known) => Version {
                    state: if known.state == own { own } else { version.state },
                    built: if known.built == own { own } else { version.built },
                },
                None => version,
            };
            changed |= self.entry[index] != Some(version);
            self.entry[index] = Some(version);
        }
        changed && !is_last
    }

    /// At the beginning of a block that can be reached.
    pub fn at(&self, block: usize) -> Version {
        self.entry[block].unwrap_or(Version { state: block as u32, built: block as u32 })
    }

    /// The beginning of a block that can be reached, to go on from.
    pub fn enter(&self, block: usize) -> Place<'_> {
        Place { version: self.at(block), next: self.first[block], is_made: &self.is_made }
    }

    /// By value, the versions where it was computed, for those that an instruction gives.
    pub fn of_values(&self, function: &Function, shape: &Shape) -> Vec<Option<Version>> {
        let mut versions = vec![None; function.values.len()];
        for index in shape.order.iter().copied() {
            let mut place = self.enter(index);
            for inst in &function.blocks[index].insts {
                if let Some(result) = inst.result {
                    versions[result.index()] = Some(place.version);
                }
                place.pass(inst);
            }
        }
        versions
    }

    /// At the end of a block.
    pub fn at_end(&self, function: &Function, block: usize) -> Version {
        let mut place = self.enter(block);
        function.blocks[block].insts.iter().for_each(|inst| place.pass(inst));
        place.version
    }
}

/// Whether something in these blocks changes the state, or what is built.
pub(super) fn changes(function: &Function, blocks: &[usize], is_made: &[bool]) -> Change {
    let mut found = Change::Nothing;
    for index in blocks {
        let block = &function.blocks[*index];
        if targets(&block.terminator).any(|(_, resumes)| resumes) {
            return Change::All;
        }
        for inst in &block.insts {
            match change(inst, is_made) {
                Change::All => return Change::All,
                Change::Built => found = Change::Built,
                Change::Nothing => {}
            }
        }
    }
    found
}

//! How a suspension goes on: its frames as data again, the innermost first.

use statewright_runtime::context::Context;
use statewright_runtime::program::{Outcome, SavedDeadline, SavedFrame, Suspension, WaitFor};
use statewright_runtime::state::State;

use super::calling::Ended;
use super::{Jit, unfit};

/// A frame that has not gone on yet.
struct Restored {
    function: usize,
    block: u32,
    /// For the block's parameters.
    slots: Vec<u64>,
    /// Whether the first one is the result of what it waits for.
    has_result: bool,
    deadlines: Vec<SavedDeadline>,
}

impl Jit {
    /// Goes on where `suspension` stopped.
    pub(super) fn resume_all(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        let mut frames = Vec::with_capacity(suspension.frames.len());
        for (position, saved) in suspension.frames.iter().enumerate() {
            let waits_for = suspension.frames.get(position + 1);
            let is_event = waits_for.is_none() && matches!(suspension.wait, WaitFor::Event { .. });
            match self.restore(saved, waits_for, is_event, cx) {
                Some(frame) => frames.push(frame),
                None => return unfit(),
            }
        }
        if frames.is_empty() {
            return unfit();
        }
        self.tell_restored(&frames, cx);
        self.go_on(frames, cx)
    }

    fn restore(
        &self,
        saved: &SavedFrame,
        waits_for: Option<&SavedFrame>,
        is_event: bool,
        cx: &mut Context<'_>,
    ) -> Option<Restored> {
        let function = saved.function as usize;
        let block = self.sites.functions.get(function)?.resume_blocks.get(saved.block as usize)?.as_ref()?;
        let has_result = match waits_for {
            Some(inner) => self.sites.functions.get(inner.function as usize)?.has_result,
            None => false,
        };
        let mut slots = Vec::with_capacity(block.params.len());
        if is_event {
            let ty = block.params.get(1)?;
            let data = cx.arrived.unwrap_or_else(|| cx.state.zero(ty));
            slots.extend([u64::from(cx.arrived.is_some()), data]);
        } else if has_result {
            slots.push(0);
        }
        let rest = block.params.get(slots.len()..)?;
        if rest.len() != saved.values.len() {
            return None;
        }
        slots.extend(rest.iter().zip(&saved.values).map(|(ty, value)| cx.state.restore(ty, value)));
        Some(Restored { function, block: saved.block, slots, has_result, deadlines: saved.deadlines.clone() })
    }

    /// Tells a tracer of the frames, the handler's first.
    fn tell_restored(&self, frames: &[Restored], cx: &mut Context<'_>) {
        let Some(tracer) = &mut cx.tracer else { return };
        let named = frames.iter().filter_map(|frame| {
            let function = self.sites.functions.get(frame.function)?;
            let block = function.resume_blocks.get(frame.block as usize)?.as_ref()?;
            Some((&*function.name, &*block.node))
        });
        tracer.restored(&named.collect::<Vec<_>>());
    }

    fn go_on(&self, mut frames: Vec<Restored>, cx: &mut Context<'_>) -> Outcome {
        let innermost = frames.last().map_or(0, |frame| frame.function);
        // It looks for itself where writes are written down, before it goes on.
        let mut calls = self.begin((innermost, false), cx);
        while let Some(frame) = frames.pop() {
            match calls.go_on(frame.function, frame.block, &frame.slots) {
                Ended::Done => {
                    if let Some(outer) = frames.last_mut().filter(|outer| outer.has_result)
                        && let Some(slot) = outer.slots.first_mut()
                    {
                        *slot = calls.result();
                    }
                }
                Ended::Stopped(outcome) => return *outcome,
                Ended::Waits => {
                    let run = calls.run();
                    let mut saved = std::mem::take(&mut run.work.frames);
                    // SAFETY: the context is that of this run, which nobody else looks at now.
                    let state = unsafe { &*(*run.cx).state };
                    saved.extend(frames.iter().rev().filter_map(|frame| self.save_again(frame, state)));
                    saved.reverse();
                    return self.suspended(run, saved);
                }
            }
        }
        Outcome::Done
    }

    /// A frame that was restored and has not run since.
    fn save_again(&self, frame: &Restored, state: &State) -> Option<SavedFrame> {
        let function = self.sites.functions.get(frame.function)?;
        let params = &function.resume_blocks.get(frame.block as usize)?.as_ref()?.params;
        let skipped = usize::from(frame.has_result);
        let values = params.iter().zip(&frame.slots).skip(skipped).map(|(ty, slot)| state.save(ty, *slot)).collect();
        let deadlines = frame.deadlines.clone();
        Some(SavedFrame { function: frame.function as u32, block: frame.block, values, deadlines })
    }
}

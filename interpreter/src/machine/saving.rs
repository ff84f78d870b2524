//! Frames as data: what a suspension saves, and how a resumption restores it.

use statewright_types::planted;

use super::*;
use crate::code::Deadline;

impl Machine<'_, '_> {
    /// Goes on where `suspension` stopped.
    pub fn resume(&mut self, suspension: &Suspension) -> Option<Box<Outcome>> {
        self.buffers.clear();
        let count = suspension.frames.len();
        for (position, saved) in suspension.frames.iter().enumerate() {
            // A frame that waits for a call has not got the call's result yet.
            let waits_for = suspension.frames.get(position + 1).filter(|_| position + 1 < count);
            let is_event = matches!(suspension.wait, WaitFor::Event { .. });
            if self.restore(saved, waits_for, is_event).is_none() {
                return Some(Box::new(unfit()));
            }
        }
        if count == 0 {
            return Some(Box::new(unfit()));
        }
        self.tell_restored();
        self.go(jumps(self.cx))
    }

    pub(super) fn restore(&mut self, saved: &SavedFrame, waits_for: Option<&SavedFrame>, is_event: bool) -> Option<()> {
        let code = self.functions.get(saved.function as usize)?;
        let block = code.resume_blocks.get(saved.block as usize)?.as_ref()?;
        let has_result = match waits_for {
            Some(inner) => self.functions.get(inner.function as usize)?.has_result,
            None => false,
        };
        let is_event = is_event && waits_for.is_none();
        let mut results = Vec::new();
        let (result, params) = if is_event {
            let ([(received, _), (data, ty)], rest) = block.params.split_first_chunk()?;
            let slot = self.cx.arrived.unwrap_or_else(|| self.cx.state.zero(ty));
            let arrived = u64::from(self.cx.arrived.is_some());
            results = vec![(*received, if planted::is(47) { 1 } else { arrived }), (*data, slot)];
            (NONE, rest)
        } else if has_result {
            let ((result, _), rest) = block.params.split_first()?;
            (*result, rest)
        } else {
            (NONE, &block.params[..])
        };
        if params.len() != saved.values.len() {
            return None;
        }
        let base = self.buffers.stack.push(code);
        for (register, slot) in results {
            self.buffers.stack.set(base, register, slot);
        }
        for ((register, ty), value) in params.iter().zip(&saved.values) {
            let slot = if planted::is(45) { self.cx.state.zero(ty) } else { self.cx.state.restore(ty, value) };
            self.buffers.stack.set(base, *register, slot);
        }
        let pending = Pending::Block(saved.block);
        self.buffers.restored.push(saved.deadlines.clone());
        self.buffers.frames.push(Frame { function: saved.function, base, pc: block.pc, result, pending });
        Some(())
    }

    /// Tells a tracer of the frames that were restored, the handler's first.
    pub(super) fn tell_restored(&mut self) {
        let Some(tracer) = &mut self.cx.tracer else { return };
        let codes = self
            .buffers
            .frames
            .iter()
            .filter_map(|frame| Some((self.functions.get(frame.function as usize)?, frame.pc)));
        let functions: Vec<(&str, &str)> =
            codes.map(|(code, pc)| (&*code.name, calls::node(code, pc as usize))).collect();
        tracer.restored(&functions);
    }

    /// All frames as data; the innermost one stopped at `site`.
    pub(super) fn save(&self, site: u32) -> Vec<SavedFrame> {
        let innermost = self.buffers.frames.len().saturating_sub(1);
        let frames = self.buffers.frames.iter().enumerate();
        frames
            .filter_map(|(depth, frame)| {
                let pending = if depth == innermost { Pending::Site(site) } else { frame.pending };
                self.save_frame(depth, frame, pending)
            })
            .collect()
    }

    pub(super) fn save_frame(&self, depth: usize, frame: &Frame, pending: Pending) -> Option<SavedFrame> {
        let code = self.functions.get(frame.function as usize)?;
        let (block, saved, deadlines) = match pending {
            Pending::Site(site) => {
                let site = code.sites.get(site as usize)?;
                let deadlines = site.deadlines.iter().map(|deadline| self.save_deadline(code, frame, deadline));
                (site.resume, Some(&site.saved), deadlines.collect::<Option<_>>()?)
            }
            Pending::Block(block) => (block, None, self.buffers.restored.get(depth).cloned().unwrap_or_default()),
        };
        let params = &code.resume_blocks.get(block as usize)?.as_ref()?.params;
        // A call's result comes before what is saved.
        let skipped = match saved {
            Some(saved) => params.len().checked_sub(saved.len())?,
            None => usize::from(frame.result != NONE),
        };
        let params = params.get(skipped..)?;
        let save = |register: Reg, ty| self.cx.state.save(ty, self.buffers.stack.get(frame.base, register));
        let values = match saved {
            Some(saved) => saved.iter().zip(params).map(|(register, (_, ty))| save(*register, ty)).collect(),
            None => params.iter().map(|(register, ty)| save(*register, ty)).collect(),
        };
        let deadlines = if planted::is(48) { Vec::new() } else { deadlines };
        Some(SavedFrame { function: frame.function, block, values, deadlines })
    }

    fn save_deadline(&self, code: &Code, frame: &Frame, deadline: &Deadline) -> Option<SavedDeadline> {
        let Deadline { due, block, saved } = deadline;
        let params = &code.resume_blocks.get(*block as usize)?.as_ref()?.params;
        let register = |register: Reg| self.buffers.stack.get(frame.base, register);
        let values = saved.iter().zip(params);
        let values = values.map(|(from, (_, ty))| self.cx.state.save(ty, register(*from))).collect();
        Some(SavedDeadline { due_ms: register(*due) as i64 + i64::from(planted::is(46)), block: *block, values })
    }
}

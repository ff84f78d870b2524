//! What single instructions of the loop need: strings made once, the data of an event, a called function's frame.

use std::sync::Arc;

use statewright_runtime::state::State;
use statewright_types::{RecordType, Type};

use super::{Frame, Pending};
use crate::code::{Code, NONE, Reg, Site};
use crate::stack::Stack;

/// The slot of `text`, kept at `index`, made when it is first asked for.
pub(super) fn once(strings: &mut Vec<u64>, index: usize, state: &mut State, text: &str) -> u64 {
    if strings.len() <= index {
        strings.resize(index + 1, 0);
    }
    let slot = &mut strings[index];
    if *slot == 0 {
        *slot = state.string(text);
    }
    *slot
}

/// What the resume block of a wait for an event is given of it.
pub(super) fn event_data(code: &Code, site: u32) -> Option<Arc<RecordType>> {
    let site = code.sites.get(site as usize)?;
    match &code.resume_blocks.get(site.resume as usize)?.as_ref()?.params.get(1)?.1 {
        Type::Record(record) => Some(record.clone()),
        _ => None,
    }
}

/// A frame for the function that `site` calls, its arguments taken from the caller's registers at `base`.
pub(super) fn enter(stack: &mut Stack, functions: &[Code], base: usize, site: &Site) -> Frame {
    let window = stack.push(&functions[site.callee as usize]);
    for (index, arg) in site.args.iter().enumerate() {
        stack.set(window, index as Reg, stack.get(base, *arg));
    }
    Frame { function: site.callee, base: window, pc: 0, result: NONE, pending: Pending::Block(0) }
}

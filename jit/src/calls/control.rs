//! Accounting, suspension, calls of the host program, telling.

use std::sync::Arc;

use statewright_interpreter::operations;
use statewright_runtime::host::HostNow;
use statewright_runtime::host::numbers::Why;
use statewright_runtime::program::{SavedDeadline, SavedFrame, WaitFor};
use statewright_runtime::state::{Saved, State};
use statewright_types::{TrapCode, Type};

use super::{Call, Given, operands};
use crate::sites::SuspensionSite;

pub(super) fn mem(call: &mut Call<'_, '_>, [value, ..]: [u64; 3]) -> Given {
    call.cx.charge_size(&call.site.ty, value).map(|()| 0)
}

pub(super) fn mem_n(call: &mut Call<'_, '_>, [bytes, ..]: [u64; 3]) -> Given {
    call.cx.meter.charge_memory(u64::try_from(bytes as i64).unwrap_or(0)).map(|()| 0)
}

pub(super) fn mem_short(call: &mut Call<'_, '_>, [bytes, ..]: [u64; 3]) -> Given {
    Ok(u64::from(call.cx.meter.memory < u64::try_from(bytes as i64).unwrap_or(0)))
}

pub(super) fn entries_short(call: &mut Call<'_, '_>, [entries, ..]: [u64; 3]) -> Given {
    Ok(u64::from(call.cx.meter.limits.entries < u64::try_from(entries as i64).unwrap_or(0)))
}

pub(super) fn host_call(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    let Some(host) = &call.site.host else { return Err(TrapCode::Custom) };
    let now = HostNow::of(call.cx);
    host.call(operands(args), call.cx.state, now).map_err(|(code, message)| {
        call.work.message = Some(message);
        code
    })
}

/// After a host node of numbers that gave none.
pub(super) fn host_failed(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    match call.failure.take() {
        Some(Why::Error(code, message)) => {
            call.work.message = Some(message);
            Err(code)
        }
        Some(Why::Panicked(panic)) => std::panic::resume_unwind(panic),
        None => Err(TrapCode::Custom),
    }
}

/// Keeps the message of a trap.
pub(super) fn fail_with(call: &mut Call<'_, '_>, [message, ..]: [u64; 3]) -> Given {
    call.work.message = Some(Arc::from(call.cx.state.str(message)));
    Ok(0)
}

fn save(state: &State, types: &[Type], slots: &mut std::slice::Iter<'_, u64>) -> Vec<Saved> {
    types.iter().map(|ty| state.save(ty, slots.next().copied().unwrap_or(0))).collect()
}

fn frame(state: &State, site: &SuspensionSite, slots: &[u64]) -> SavedFrame {
    let mut slots = slots.get(site.args..).unwrap_or_default().iter();
    let (block, types) = &site.resume;
    let values = save(state, types, &mut slots);
    let deadline = |(block, types): &(u32, Vec<Type>)| {
        let due_ms = slots.next().map_or(0, |slot| *slot as i64);
        SavedDeadline { due_ms, block: *block, values: save(state, types, &mut slots) }
    };
    SavedFrame {
        function: site.function,
        block: *block,
        values,
        deadlines: site.deadlines.iter().map(deadline).collect(),
    }
}

/// Saves the frame of a function that waits, or of one that called it. The values are as [`SuspensionSite`] says.
pub(super) fn save_frame(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    if let Some(site) = &call.site.suspension {
        call.work.frames.push(frame(call.cx.state, site, operands(args)));
    }
    Ok(0)
}

pub(super) fn suspend_for(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    let duration = operands(args).first().map_or(0, |slot| *slot as i64);
    call.work.wait = Some(WaitFor::Duration(duration.max(1)));
    save_frame(call, args)
}

pub(super) fn suspend_for_event(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    let data = call.site.suspension.as_ref().and_then(|site| site.data.clone()).ok_or(TrapCode::BadArgument)?;
    let [event, timeout, ..] = *operands(args) else { return Err(TrapCode::BadArgument) };
    let event = Arc::from(call.cx.state.str(event));
    call.work.wait = Some(WaitFor::Event { event, timeout_ms: timeout as i64, data });
    save_frame(call, args)
}

/// Operands: the text, perhaps a value.
pub(super) fn message(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    let args = operands(args);
    let value = args.get(1).map(|slot| (&call.site.ty, *slot));
    let text = args.first().copied().unwrap_or(0);
    operations::message(call.cx, &call.site.function, &call.site.node, text, value);
    Ok(0)
}

pub(super) fn enter(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    call.cx.trace_enter(&call.site.function, &call.site.node);
    Ok(0)
}

pub(super) fn leave(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    call.cx.trace_leave(&call.site.function, &call.site.node);
    Ok(0)
}

/// The port is the site's text.
pub(super) fn probe(call: &mut Call<'_, '_>, [value, ..]: [u64; 3]) -> Given {
    let site = call.site;
    call.cx.trace_port(&site.function, &site.node, &site.text, (&site.ty, value));
    Ok(0)
}

/// The name is the site's text.
pub(super) fn watch(call: &mut Call<'_, '_>, [value, ..]: [u64; 3]) -> Given {
    Ok(call.cx.trace_read(&call.site.text, &call.site.ty, value))
}

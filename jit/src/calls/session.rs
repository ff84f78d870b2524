//! Chance, time, session: what is drawn, sent and arranged.

use statewright_interpreter::operations::{self, Arrangement, Recipient};
use statewright_types::Type;

use super::{Call, Given, operands};

/// The operand at `at`, with its type, which is the site's; none if there are no more.
fn payload<'a>(ty: &'a Type, args: &[u64], at: usize) -> Option<(&'a Type, u64)> {
    args.get(at).map(|slot| (ty, *slot))
}

fn operand(args: &[u64], at: usize) -> u64 {
    args.get(at).copied().unwrap_or(0)
}

/// Operands: both bounds, the stream.
pub(super) fn rand_int(call: &mut Call<'_, '_>, [low, high, stream]: [u64; 3]) -> Given {
    let name = operations::copy(&mut call.work.text, call.cx.state.str(stream));
    Ok(call.cx.state.streams().int(name, low as i64, high as i64) as u64)
}

/// The same.
pub(super) fn rand_float(call: &mut Call<'_, '_>, [low, high, stream]: [u64; 3]) -> Given {
    let name = operations::copy(&mut call.work.text, call.cx.state.str(stream));
    Ok(call.cx.state.streams().float(name, f64::from_bits(low), f64::from_bits(high)).to_bits())
}

pub(super) fn rand_unit(call: &mut Call<'_, '_>, [stream, ..]: [u64; 3]) -> Given {
    let name = operations::copy(&mut call.work.text, call.cx.state.str(stream));
    Ok(call.cx.state.streams().unit(name).to_bits())
}

pub(super) fn now(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    Ok(call.cx.now_ms as u64)
}

pub(super) fn stream(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    Ok(call.work.strings.get(0, call.cx.state, call.cx.handler))
}

pub(super) fn host(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    Ok(call.work.strings.get(1, call.cx.state, call.cx.host))
}

fn emit(call: &mut Call<'_, '_>, to: Recipient, whom: u64, rest: &[u64]) -> Given {
    let payload = payload(&call.site.ty, rest, 1);
    operations::emit(call.cx, to, whom, operand(rest, 0), payload).map(|()| 0)
}

pub(super) fn emit_all(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    emit(call, Recipient::All, 0, operands(args))
}

fn emit_to(call: &mut Call<'_, '_>, to: Recipient, args: [u64; 3]) -> Given {
    let (whom, rest) = operands(args).split_first().unwrap_or((&0, &[]));
    emit(call, to, *whom, rest)
}

pub(super) fn emit_one(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    emit_to(call, Recipient::One, args)
}

pub(super) fn emit_many(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    emit_to(call, Recipient::Many, args)
}

pub(super) fn emit_except(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    emit_to(call, Recipient::Except, args)
}

/// `fixed` operands, then perhaps one of any type.
fn arrange(call: &mut Call<'_, '_>, what: Arrangement, fixed: usize, args: [u64; 3]) -> Given {
    let args = operands(args);
    let at = |index: usize| if index < fixed { operand(args, index) } else { 0 };
    let payload = payload(&call.site.ty, args, fixed);
    operations::arrange(call.cx, what, [at(0), at(1), at(2)], payload)
}

pub(super) fn kick(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    arrange(call, Arrangement::Kick, 2, args)
}

pub(super) fn schedule(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    arrange(call, Arrangement::Schedule, 2, args)
}

pub(super) fn unschedule(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    arrange(call, Arrangement::Unschedule, 1, args)
}

pub(super) fn filter_add(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    arrange(call, Arrangement::FilterAdd, 3, args)
}

pub(super) fn filter_remove(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    arrange(call, Arrangement::FilterRemove, 2, args)
}

pub(super) fn filter_has(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    arrange(call, Arrangement::FilterHas, 2, args)
}

pub(super) fn effect_add(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    let args = operands(args);
    let params = payload(&call.site.ty, args, 7);
    operations::effect_add(call.cx, std::array::from_fn(|at| operand(args, at)), params).map(|()| 0)
}

pub(super) fn effect_remove(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    arrange(call, Arrangement::EffectRemove, 1, args)
}

pub(super) fn effect_has(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    arrange(call, Arrangement::EffectHas, 1, args)
}

pub(super) fn effects_lift(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    call.cx.lift_effects();
    Ok(0)
}

pub(super) fn effects_lift_at(call: &mut Call<'_, '_>, [record, ..]: [u64; 3]) -> Given {
    call.moved = call.cx.state.is_overlaid();
    call.cx.lift_effects_at(record, call.site.id, call.site.field);
    Ok(0)
}

pub(super) fn effects_apply(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    call.cx.apply_effects().map(|()| 0)
}

pub(super) fn config_get(call: &mut Call<'_, '_>, [name, ..]: [u64; 3]) -> Given {
    Ok(call.cx.state.config_get(name, &call.site.ty))
}

pub(super) fn config_set(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    arrange(call, Arrangement::ConfigSet, 1, args)
}

pub(super) fn config_reload(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    arrange(call, Arrangement::ConfigReload, 0, args)
}

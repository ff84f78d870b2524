//! By type; structs, anonymous records, boxes.

use statewright_interpreter::operations::{self, RootChange};

use super::{Call, Given, operands};

pub(super) fn zero(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    Ok(call.cx.state.zero(&call.site.ty))
}

pub(super) fn equal(call: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    call.cx.state.equal(&call.site.ty, a, b).map(u64::from)
}

pub(super) fn digest(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    call.cx.state.digest(&call.site.ty, a)
}

pub(super) fn some(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    Ok(call.cx.state.some(&call.site.ty, a))
}

pub(super) fn unwrap(call: &mut Call<'_, '_>, [a, ..]: [u64; 3]) -> Given {
    call.cx.state.unwrap(&call.site.ty, a)
}

pub(super) fn activate(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    operations::change_root(call.cx, RootChange::Activate, call.site.id).map(u64::from)
}

pub(super) fn deactivate(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    operations::change_root(call.cx, RootChange::Deactivate, call.site.id).map(u64::from)
}

pub(super) fn is_active(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    operations::change_root(call.cx, RootChange::IsActive, call.site.id).map(u64::from)
}

pub(super) fn reset(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    operations::change_root(call.cx, RootChange::Reset, call.site.id).map(u64::from)
}

/// A field that compiled code cannot read: none is there.
pub(super) fn load(call: &mut Call<'_, '_>, [record, ..]: [u64; 3]) -> Given {
    call.cx.state.load(record, call.site.id, call.site.field)
}

/// `is_number` if it is a field that compiled code may write.
pub(super) fn store(call: &mut Call<'_, '_>, [record, value, is_number]: [u64; 3]) -> Given {
    // Then nothing moves but the lists that it is written down in, if no effects act anew.
    call.moved = is_number == 0 || call.cx.state.is_overlaid();
    call.cx.store(record, call.site.id, call.site.field, value)?;
    if !call.moved {
        call.work.look_at_lists(call.cx.state);
    }
    Ok(0)
}

pub(super) fn write_check(call: &mut Call<'_, '_>, [record, ..]: [u64; 3]) -> Given {
    call.cx.check_write(record, call.site.id, call.site.field).map(|()| 0)
}

pub(super) fn write_check_in(call: &mut Call<'_, '_>, [container, ..]: [u64; 3]) -> Given {
    call.cx.check_write_in(container, None).map(|()| 0)
}

pub(super) fn write_check_at(call: &mut Call<'_, '_>, [container, at, _]: [u64; 3]) -> Given {
    call.cx.check_write_in(container, Some(at)).map(|()| 0)
}

pub(super) fn struct_new(call: &mut Call<'_, '_>, _: [u64; 3]) -> Given {
    Ok(call.cx.state.struct_new(call.site.id))
}

pub(super) fn struct_init(call: &mut Call<'_, '_>, [record, value, _]: [u64; 3]) -> Given {
    call.cx.state.struct_init(record, call.site.id, call.site.field, value).map(|()| 0)
}

pub(super) fn struct_copy(call: &mut Call<'_, '_>, [record, ..]: [u64; 3]) -> Given {
    call.cx.state.struct_copy(record, call.site.id)
}

pub(super) fn struct_attached(call: &mut Call<'_, '_>, [record, ..]: [u64; 3]) -> Given {
    call.cx.state.struct_attached(record, call.site.id).map(u64::from)
}

pub(super) fn record_new(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    Ok(operations::record_new(call.cx, &call.site.ty, operands(args)))
}

pub(super) fn record_get(call: &mut Call<'_, '_>, [record, index, _]: [u64; 3]) -> Given {
    Ok(call.cx.state.record_get(record, index as u32))
}

//! Lists and maps.

use statewright_interpreter::operations::SortKey;
use statewright_interpreter::texts;
use statewright_types::{IntKind, Type};

use super::{Call, Given, operands};
use crate::run::ListView;

/// Looks where a list's elements are, for a loop that changes no list.
pub(super) fn list_view(call: &mut Call<'_, '_>, [list, ..]: [u64; 3]) -> Given {
    let version = call.cx.state.list_version(list);
    let slots = call.cx.state.list_slots(list);
    let rows = call.cx.state.dense(list).map_or(std::ptr::null(), |rows| rows.words().as_ptr());
    *call.list = ListView { slots: slots.as_ptr(), length: slots.len() as u64, version, rows };
    Ok(0)
}

pub(super) fn list_dense(call: &mut Call<'_, '_>, [list, ..]: [u64; 3]) -> Given {
    Ok(u64::from(call.cx.state.dense(list).is_some()))
}

/// The same of the list in a field; of none, if the record is stale: then the loop will stop before it looks.
pub(super) fn field_list_view(call: &mut Call<'_, '_>, [record, ..]: [u64; 3]) -> Given {
    match call.cx.state.load(record, call.site.id, call.site.field) {
        Ok(list) => list_view(call, [list, 0, 0]),
        Err(_) => {
            *call.list = ListView::NONE;
            Ok(0)
        }
    }
}

pub(super) fn list_new(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    call.cx.state.list_new(&call.site.ty, operands(args))
}

pub(super) fn list_len(call: &mut Call<'_, '_>, [list, ..]: [u64; 3]) -> Given {
    Ok(call.cx.state.list_len(list))
}

pub(super) fn list_get(call: &mut Call<'_, '_>, [list, index, _]: [u64; 3]) -> Given {
    call.cx.state.list_get(list, index as i64)
}

pub(super) fn list_push(call: &mut Call<'_, '_>, [list, value, _]: [u64; 3]) -> Given {
    call.moved = call.cx.state.is_live(list);
    call.cx.list_push(list, value).map(|()| 0)
}

pub(super) fn list_snapshot(call: &mut Call<'_, '_>, [list, ..]: [u64; 3]) -> Given {
    Ok(call.cx.state.list_snapshot(list))
}

pub(super) fn list_find(call: &mut Call<'_, '_>, [list, value, _]: [u64; 3]) -> Given {
    call.cx.state.list_find(list, value).map(|at| at as u64)
}

pub(super) fn list_find_key(call: &mut Call<'_, '_>, [list, key, _]: [u64; 3]) -> Given {
    let (at, element) = call.cx.state.list_find_element(list, call.site.id, call.site.field, key)?;
    *call.found = element;
    Ok(at as u64)
}

/// The site's type is the list's.
pub(super) fn list_order(call: &mut Call<'_, '_>, [list, descending, _]: [u64; 3]) -> Given {
    let key = match call.site.ty.element() {
        Some(Type::Int(IntKind::U64)) => SortKey::UInt,
        Some(ty) if ty.is_float() => SortKey::Float,
        Some(ty) if ty.is_text() => SortKey::Text,
        _ => SortKey::Int,
    };
    texts::order(call.cx, key, descending != 0, list)
}

pub(super) fn list_insert(call: &mut Call<'_, '_>, [list, index, value]: [u64; 3]) -> Given {
    call.cx.list_insert(list, index as i64, value).map(|()| 0)
}

pub(super) fn list_set(call: &mut Call<'_, '_>, [list, index, value]: [u64; 3]) -> Given {
    call.cx.list_set(list, index as i64, value).map(|()| 0)
}

pub(super) fn list_remove(call: &mut Call<'_, '_>, [list, index, _]: [u64; 3]) -> Given {
    call.cx.list_remove(list, index as i64).map(|()| 0)
}

pub(super) fn list_assign(call: &mut Call<'_, '_>, [list, source, _]: [u64; 3]) -> Given {
    call.cx.list_assign(list, source).map(|()| 0)
}

pub(super) fn list_clear(call: &mut Call<'_, '_>, [list, ..]: [u64; 3]) -> Given {
    call.cx.list_clear(list).map(|()| 0)
}

pub(super) fn list_version(call: &mut Call<'_, '_>, [list, ..]: [u64; 3]) -> Given {
    Ok(call.cx.state.list_version(list))
}

pub(super) fn map_new(call: &mut Call<'_, '_>, args: [u64; 3]) -> Given {
    call.cx.state.map_new(&call.site.ty, operands(args))
}

pub(super) fn map_len(call: &mut Call<'_, '_>, [map, ..]: [u64; 3]) -> Given {
    Ok(call.cx.state.map_len(map))
}

pub(super) fn map_find(call: &mut Call<'_, '_>, [map, key, _]: [u64; 3]) -> Given {
    Ok(call.cx.state.map_find(map, key) as u64)
}

pub(super) fn map_key_at(call: &mut Call<'_, '_>, [map, at, _]: [u64; 3]) -> Given {
    call.cx.state.map_key_at(map, at as i64)
}

pub(super) fn map_value_at(call: &mut Call<'_, '_>, [map, at, _]: [u64; 3]) -> Given {
    call.cx.state.map_value_at(map, at as i64)
}

pub(super) fn map_put(call: &mut Call<'_, '_>, [map, key, value]: [u64; 3]) -> Given {
    call.cx.map_put(map, key, value).map(|()| 0)
}

pub(super) fn map_remove(call: &mut Call<'_, '_>, [map, key, _]: [u64; 3]) -> Given {
    call.cx.map_remove(map, key).map(u64::from)
}

pub(super) fn map_snapshot(call: &mut Call<'_, '_>, [map, ..]: [u64; 3]) -> Given {
    Ok(call.cx.state.map_snapshot(map))
}

pub(super) fn map_assign(call: &mut Call<'_, '_>, [map, source, _]: [u64; 3]) -> Given {
    call.cx.map_assign(map, source).map(|()| 0)
}

pub(super) fn map_clear(call: &mut Call<'_, '_>, [map, ..]: [u64; 3]) -> Given {
    call.cx.map_clear(map).map(|()| 0)
}

pub(super) fn map_version(call: &mut Call<'_, '_>, [map, ..]: [u64; 3]) -> Given {
    Ok(call.cx.state.map_version(map))
}

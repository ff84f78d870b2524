// Structs: making, copying, overwriting and removing them. What storing means: a value, or a live struct of another place,
// is copied into objects that the place owns.

import { DEAD, Dict, LIVE, List, ROOT, VALUE } from "./containers.js";
import { importValue } from "./outside.js";
import { assignList } from "./lists.js";
import { assignMap } from "./maps.js";
import { fit } from "./types.js";
import { trap } from "./trap.js";
import { sameLeaf } from "./values.js";

/** How deep data of the state nests at most. */
export const NESTING = 60;
/** How many structs one transaction adds to the state at most. */
const MOST_ADDED = 150_000;

/** A new list or map of a type, empty. */
export function emptyContainer(ty) {
  return ty.kind === "list" ? new List(ty) : new Dict(ty);
}

/** A struct value with defaults or zeros. */
export function newRecord(state, def, defaults, depth = 0) {
  if (depth > NESTING) return null;
  const record = def.blank();
  if (defaults) {
    for (const field of def.fields) {
      if (field.literal !== undefined && !field.type.isDeep) {
        record[field.property] = importValue(state, field.type, field.literal);
      }
    }
  }
  for (const field of def.fields) {
    if (field.type.kind === "struct") {
      record[field.property] = newRecord(state, state.schema.def(field.type), defaults, depth + 1);
    } else if (field.type.kind === "list" || field.type.kind === "map") {
      record[field.property] = emptyContainer(field.type);
    }
  }
  if (defaults) {
    for (const field of def.fields) begin(state, record, field);
  }
  return record;
}

/** Gives a field of a new record its default, if that is drawn or built for each. */
function begin(state, record, field) {
  if (field.auto) {
    record[field.property] = state.streams.uuid(`uuid:${record.$def.name}.${field.name}`);
  } else if (field.literal !== undefined && field.type.isDeep) {
    const value = importValue(state, field.type, field.literal);
    record[field.property] = copyIn(state, field.type, value, null, null, 1, "");
  } else if (field.config !== null) {
    const value = state.configured(field.config, field.type, record.$def, field);
    if (value !== undefined) record[field.property] = copyIn(state, field.type, value, null, null, 1, "");
  }
}

/** How many records and containers are around a place of `owner`. */
export function depthOf(owner) {
  let depth = 0;
  for (let at = owner; at !== null && at !== ROOT && depth <= NESTING; at = at.$owner) depth += 1;
  return depth;
}

/** A copy of `value` for a place of the state. */
export function copyTo(state, ty, value, owner, field, node) {
  return copyIn(state, ty, value, owner, field, ty.isDeep ? depthOf(owner) : 0, node);
}

/** A copy of `value` for the place `owner`, `depth` levels below the root; a value if `owner` is null. */
export function copyIn(state, ty, value, owner, field, depth, node) {
  if (!ty.isDeep) return fit(ty, value);
  if (value === null) return ty.kind === "nullable" ? null : copyContainer(state, ty, null, owner, field, depth, node);
  const plain = ty.plain;
  if (plain.kind === "struct") return copyRecord(state, value, owner, field, depth, node);
  return copyContainer(state, plain, value, owner, field, depth, node);
}

/** A deep copy of a record. */
export function copyRecord(state, source, owner, field, depth, node) {
  if (depth > NESTING) trap("memory_limit", node);
  if (source.$gone) trap("stale_reference", node);
  if (owner !== null && state.countsAdded) {
    state.added += 1;
    if (state.added > MOST_ADDED) trap("memory_limit", node);
  }
  const def = source.$def;
  const copy = def.blank();
  for (const inner of def.fields) {
    const value = source[inner.property];
    copy[inner.property] = inner.type.isDeep
      ? copyIn(state, inner.type, value, owner === null ? null : copy, inner, depth + 1, node)
      : value;
  }
  if (owner !== null) {
    copy.$owner = owner;
    copy.$field = field;
    state.log(() => {
      copy.$owner = null;
      copy.$field = null;
    });
  }
  return copy;
}

/** A copy of a list or map; of null, an empty one. */
export function copyContainer(state, ty, source, owner, field, depth, node) {
  if (depth > NESTING) trap("memory_limit", node);
  const copy = emptyContainer(ty);
  state.made(copy);
  if (source !== null) {
    const place = owner === null ? null : copy;
    const changes = ty.inner.isDeep || (ty.inner.isNumber && source.type.inner !== ty.inner);
    if (ty.kind === "map") shareKeys(source, copy);
    if (changes) {
      copy.items = source.items.map((item) => copyIn(state, ty.inner, item, place, null, depth + 1, node));
      state.copied += copy.items.length;
    } else {
      shareItems(source, copy);
    }
  }
  if (owner !== null) {
    copy.status = LIVE;
    copy.$owner = owner;
    copy.$field = owner.$def === undefined ? null : field;
    copy.version = 1;
    if (copy.$field !== null && ty.kind === "list") copy.keyField = copy.$field.keyField;
    state.log(() => {
      copy.status = VALUE;
      state.made(copy);
    });
  }
  return copy;
}

function shareItems(source, copy) {
  List.prototype.share.call(source, copy);
}

function shareKeys(source, copy) {
  if (source.keys.length === 0) return;
  source.keyHolders ??= { count: 1 };
  source.keyHolders.count += 1;
  copy.keys = source.keys;
  copy.keyHolders = source.keyHolders;
}

/** Overwrites the record `target` with the fields of `source`. */
export function assignRecord(state, target, source, node) {
  if (target.$gone || source.$gone) trap("stale_reference", node);
  if (target === source) return;
  // The source may be a part of the target that goes away while the target is overwritten.
  const from = !target.$def.isFlat && source.$owner !== null ? copyRecord(state, source, null, null, 0, node) : source;
  for (const field of target.$def.fields) storeAt(state, target, field, from[field.property], node);
}

/** Writes a field of a live record. */
export function storeAt(state, record, field, value, node) {
  const { property, type: ty } = field;
  const old = record[property];
  if (!ty.isDeep) {
    const fitting = fit(ty, value);
    if (!sameLeaf(old, fitting)) replaceField(state, record, field, fitting);
  } else if (ty.kind === "struct") {
    assignRecord(state, old, value, node);
  } else if (ty.kind === "list") {
    assignList(state, old, value, node);
  } else if (ty.kind === "map") {
    assignMap(state, old, value, node);
  } else {
    const slot = assignNullable(state, ty, old, value, record, field, node);
    if (slot !== undefined) replaceField(state, record, field, slot);
  }
}

function replaceField(state, record, field, value) {
  const { property } = field;
  state.journal.push(record[property], property, record);
  if (field.isKey) state.keyWrites += 1;
  record[property] = value;
}

/** Writes a nullable struct, list or map at a place: what stands there then, or nothing if what is there was overwritten. */
export function assignNullable(state, ty, old, value, owner, field, node) {
  if (old === null) return value === null ? undefined : copyTo(state, ty, value, owner, field, node);
  if (value === null) {
    detach(state, ty, old);
    return null;
  }
  if (ty.plain.kind === "struct") assignRecord(state, old, value, node);
  else if (ty.plain.kind === "list") assignList(state, old, value, node);
  else assignMap(state, old, value, node);
  return undefined;
}

/** Writes an element or a map's value: what stands there then, or nothing if it was overwritten or is equal. */
export function assignItem(state, ty, old, value, owner, node) {
  if (!ty.isDeep) {
    const fitting = fit(ty, value);
    return sameLeaf(old, fitting) ? undefined : fitting;
  }
  if (ty.kind === "struct") assignRecord(state, old, value, node);
  else if (ty.kind === "list") assignList(state, old, value, node);
  else if (ty.kind === "map") assignMap(state, old, value, node);
  else return assignNullable(state, ty, old, value, owner, null, node);
  return undefined;
}

/** Removes what a field, element or entry owns. */
export function detach(state, ty, value) {
  if (value === null || !ty.isDeep) return;
  if (ty.plain.kind === "struct") detachRecord(state, value);
  else detachContainer(state, value);
}

function detachRecord(state, record) {
  if (record.$gone) return;
  for (const field of record.$def.fields) detach(state, field.type, record[field.property]);
  record.$gone = true;
  state.log(() => {
    record.$gone = false;
  });
}

function detachContainer(state, container) {
  if (container.status !== LIVE) return;
  for (const item of container.items) detach(state, container.type.inner, item);
  container.status = DEAD;
  container.bump(1);
  state.made(container);
  state.log(() => {
    container.status = LIVE;
    container.bump(-1);
  });
}

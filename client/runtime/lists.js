// Lists: what each operation does, and the journaled steps it is made of.

import { DEAD, Dict, LIVE, List, SNAPSHOT } from "./containers.js";
import { assignItem, copyTo, detach } from "./records.js";
import { fit } from "./types.js";
import { trap } from "./trap.js";
import { VALUE_NESTING, equal, sameLeaf } from "./values.js";

/** Slots that one transaction may copy because snapshots hold them. */
const MOST_COPIED = 4 << 20;
/** An assignment that needs at most so many insertions and removals is made of those, else it is a replacement. */
const STEPS = 16;
/** Lists shorter than this are searched without an index. */
const INDEXED_LENGTH = 16;

export function checkCopies(state, node) {
  if (state.copied > MOST_COPIED) trap("memory_limit", node);
}

export function checkEntries(state, count, node) {
  if (count > state.limits.entries) trap("memory_limit", node);
  checkCopies(state, node);
}

function checkWritable(container, node) {
  if (container.status === DEAD) trap("stale_reference", node);
}

/** A list value from its elements, which become its own array. */
export function newList(state, ty, items, node) {
  checkEntries(state, items.length, node);
  const { inner } = ty.plain;
  if (inner.kind === "float32") for (let i = 0; i < items.length; i++) items[i] = Math.fround(items[i]);
  return new List(ty.plain, items);
}

/** Whether `index` is one of so many places. */
function isPlace(index, count) {
  return index >= 0 && index < count;
}

/** A snapshot of a list or map. */
export function snapshot(state, container, depth = 0) {
  if (depth > VALUE_NESTING || (container.status !== LIVE && container.status !== DEAD)) return container;
  const copy = container instanceof List ? new List(container.type) : new Dict(container.type);
  container.share(copy);
  copy.status = SNAPSHOT;
  state.made(copy);
  const { inner } = container.type;
  if (inner.plain.kind === "list" || inner.plain.kind === "map") {
    const items = copy.own(state);
    items.forEach((item, i) => {
      if (item !== null) items[i] = snapshot(state, item, depth + 1);
    });
  }
  return copy;
}

export function findInList(state, list, value, node) {
  const { inner } = list.type;
  return list.items.findIndex((item) => equal(state, inner, item, value, node));
}

/** Index of the first struct whose field equals `key`, or −1. */
export function findByKey(state, list, field, key, node) {
  const { property } = field;
  const { items } = list;
  if (list.status === LIVE && list.keyField === field && items.length >= INDEXED_LENGTH) {
    let { index } = list;
    if (index === null || index.revision !== list.revision || index.keyWrites !== state.keyWrites) {
      const places = new Map();
      for (let i = items.length - 1; i >= 0; i--) if (items[i] !== null) places.set(items[i][property], i);
      index = { revision: list.revision, keyWrites: state.keyWrites, places };
      list.index = index;
    }
    return index.places.get(key) ?? -1;
  }
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (item === null) continue;
    if (item.$gone) trap("stale_reference", node);
    if (item[property] === key) return i;
  }
  return -1;
}

export function pushToList(state, list, value, node) {
  if (list.status !== LIVE && list.status !== DEAD && list.items.length < state.limits.entries) {
    checkCopies(state, node);
    list.own(state).push(fit(list.type.inner, value));
    return;
  }
  insertIntoList(state, list, list.items.length, value, node);
}

export function insertIntoList(state, list, index, value, node) {
  checkWritable(list, node);
  const { length } = list.items;
  if (!isPlace(index, length + 1)) trap("index_out_of_range", node);
  checkEntries(state, length + 1, node);
  const { inner } = list.type;
  if (list.status === LIVE) rawInsert(state, list, index, copyTo(state, inner, value, list, null, node));
  else list.own(state).splice(index, 0, fit(inner, value));
}

export function setInList(state, list, index, value, node) {
  checkWritable(list, node);
  if (!isPlace(index, list.items.length)) trap("index_out_of_range", node);
  checkCopies(state, node);
  const { inner } = list.type;
  if (list.status !== LIVE) {
    list.own(state)[index] = fit(inner, value);
    return;
  }
  const slot = assignItem(state, inner, list.items[index], value, list, node);
  if (slot !== undefined) rawSet(state, list, index, slot);
}

export function removeFromList(state, list, index, node) {
  if (!isPlace(index, list.items.length) || list.status === DEAD) trap("index_out_of_range", node);
  checkCopies(state, node);
  if (list.status !== LIVE) {
    list.own(state).splice(index, 1);
    return;
  }
  const element = list.items[index];
  rawRemove(state, list, index);
  detach(state, list.type.inner, element);
}

/** Replaces a live list's content by copies of `source`'s elements; those that were in it keep their identity. */
export function assignList(state, list, source, node) {
  checkWritable(list, node);
  if (list === source) return;
  const from = source === null ? [] : source.items;
  if (from === list.items || (from.length === 0 && list.items.length === 0)) return;
  checkEntries(state, from.length, node);
  const { inner } = list.type;
  const before = [state.journal.length, list.version];
  if (list.status !== LIVE) {
    list.own(state);
    list.items = from.map((item) => fit(inner, item));
  } else if (inner.plain.kind === "struct") {
    assignStructs(state, list, from, node);
  } else if (inner.isDeep) {
    assignContainers(state, list, from, node);
  } else {
    assignScalars(state, list, from);
  }
  countAssignment(state, list, before);
}

/** An assignment that wrote anything is a change of membership, also where it kept the number of elements. */
export function countAssignment(state, container, [length, version]) {
  if (state.journal.length > length && container.version === version) {
    container.bump(1);
    state.log(() => {
      container.bump(-1);
    });
  }
}

/** New content of numbers, texts and bytes: what both have at the beginning and at the end stays. */
function assignScalars(state, list, from) {
  const { inner } = list.type;
  const fresh = from.map((item) => fit(inner, item));
  const old = list.items;
  const most = Math.min(old.length, fresh.length);
  let head = 0;
  while (head < most && sameLeaf(old[head], fresh[head])) head += 1;
  let tail = 0;
  while (tail < most - head && sameLeaf(old[old.length - 1 - tail], fresh[fresh.length - 1 - tail])) tail += 1;
  const removed = old.length - head - tail;
  const added = fresh.length - head - tail;
  if (removed + added > STEPS) {
    rawReplace(state, list, fresh);
    return;
  }
  const overwritten = Math.min(removed, added);
  for (let i = 0; i < added; i++) {
    const slot = fresh[head + i];
    if (i >= overwritten) rawInsert(state, list, head + i, slot);
    else if (!sameLeaf(list.items[head + i], slot)) rawSet(state, list, head + i, slot);
  }
  for (let i = removed - 1; i >= overwritten; i--) rawRemove(state, list, head + i);
}

/** New content of lists or maps: overwritten in place, position by position. */
function assignContainers(state, list, from, node) {
  const { inner } = list.type;
  // What comes may be parts of this very list: they are taken as they are now.
  const fresh = from.map((item) => (item === null ? null : snapshot(state, item)));
  const old = list.items.length;
  fresh.forEach((item, i) => {
    if (i < old) setInList(state, list, i, item, node);
    else insertIntoList(state, list, i, item, node);
  });
  for (let i = old - 1; i >= fresh.length; i--) {
    const item = list.items[i];
    rawRemove(state, list, i);
    detach(state, inner, item);
  }
}

/** New content of structs: elements of the list keep their identity, others are copied. */
function assignStructs(state, list, from, node) {
  const { inner } = list.type;
  const old = list.items.slice();
  const places = new Map(old.map((item, i) => [item, i]));
  const kept = old.map(() => false);
  let ordered = true;
  let added = 0;
  let last = -1;
  const slots = from.map((item) => {
    if (item === null) {
      ordered = false;
      added += 1;
      return null;
    }
    if (item.$gone) trap("stale_reference", node);
    const place = item.$owner === list ? places.get(item) : undefined;
    if (place === undefined || kept[place]) {
      added += 1;
      return copyTo(state, inner, item, list, null, node);
    }
    kept[place] = true;
    ordered &&= last < place;
    last = place;
    return item;
  });
  if (old.length === slots.length && old.every((item, i) => item === slots[i])) return;
  const removed = [];
  old.forEach((item, i) => {
    if (!kept[i]) removed.push(i);
  });
  const steps = Math.max(STEPS, Math.floor(old.length / 8));
  if (ordered && !old.includes(null) && removed.length + added <= steps) {
    for (const at of removed.toReversed()) rawRemove(state, list, at);
    slots.forEach((slot, i) => {
      if (list.items[i] !== slot) rawInsert(state, list, i, slot);
    });
  } else {
    rawReplace(state, list, slots);
  }
  for (const at of removed) detach(state, inner, old[at]);
}

// The steps: each writes, counts and journals one thing.

function rawInsert(state, list, at, slot) {
  list.own(state).splice(at, 0, slot);
  list.bump(1);
  list.revision += 1;
  state.log(() => {
    list.own(state).splice(at, 1);
    list.bump(-1);
    list.revision += 1;
  });
}

function rawRemove(state, list, at) {
  const [old] = list.own(state).splice(at, 1);
  list.bump(1);
  list.revision += 1;
  state.log(() => {
    list.own(state).splice(at, 0, old);
    list.bump(-1);
    list.revision += 1;
  });
}

function rawSet(state, list, at, slot) {
  const items = list.own(state);
  const old = items[at];
  items[at] = slot;
  list.revision += 1;
  state.log(() => {
    list.own(state)[at] = old;
    list.revision += 1;
  });
}

function rawReplace(state, list, slots) {
  const { items, holders } = list;
  list.items = slots;
  list.holders = null;
  list.bump(1);
  list.revision += 1;
  state.log(() => {
    list.items = items;
    list.holders = holders;
    list.bump(-1);
    list.revision += 1;
  });
}

/** The positions of numbers or texts in ascending order, or descending. Equals keep their order; NaN comes last. */
export function order(list, descending, compare) {
  const { items } = list;
  const direction = descending ? -1 : 1;
  return items
    .map((_, i) => i)
    .sort((i, j) => {
      const [a, b] = [items[i], items[j]];
      if (a !== a || b !== b) return (a !== a) - (b !== b);
      return direction * compare(a, b);
    });
}

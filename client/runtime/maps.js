// Maps, by ascending key: what each operation does, and the journaled steps it is made of.

import { DEAD, Dict, LIVE } from "./containers.js";
import { checkCopies, checkEntries, countAssignment } from "./lists.js";
import { assignItem, copyContainer, copyTo, detach } from "./records.js";
import { fit } from "./types.js";
import { trap } from "./trap.js";

function checkWritable(map, node) {
  if (map.status === DEAD) trap("stale_reference", node);
}

/** A map value from keys and values in turn; a later key replaces an earlier. */
export function newMap(state, ty, entries, node) {
  const map = new Dict(ty.plain);
  for (let i = 0; i + 1 < entries.length; i += 2) putInMap(state, map, entries[i], entries[i + 1], node);
  return map;
}

export function putInMap(state, map, key, value, node) {
  checkWritable(map, node);
  checkCopies(state, node);
  const { inner } = map.type;
  const at = map.position(key);
  if (at >= 0) {
    if (map.status !== LIVE) {
      map.own(state)[at] = fit(inner, value);
      return;
    }
    const slot = assignItem(state, inner, map.items[at], value, map, node);
    if (slot !== undefined) rawOverwrite(state, map, at, slot);
    return;
  }
  checkEntries(state, map.keys.length + 1, node);
  if (map.status === LIVE) {
    rawPut(state, map, -1 - at, key, copyTo(state, inner, value, map, null, node));
  } else {
    map.ownKeys(state).splice(-1 - at, 0, key);
    map.own(state).splice(-1 - at, 0, fit(inner, value));
  }
}

/** Removes an entry; whether there was one. */
export function removeFromMap(state, map, key) {
  const at = map.position(key);
  if (at < 0 || map.status === DEAD) return false;
  if (map.status === LIVE) {
    takeEntry(state, map, at);
  } else {
    map.own(state).splice(at, 1);
    map.ownKeys(state).splice(at, 1);
  }
  return true;
}

/** Replaces a map's content; what is under a key that stays is overwritten in place. */
export function assignMap(state, map, source, node) {
  checkWritable(map, node);
  if (map === source) return;
  const isDeep = map.status === LIVE && map.type.inner.isDeep && source !== null;
  const from = isDeep ? copyContainer(state, source.type, source, null, null, 0, node) : source;
  const keys = from === null ? [] : from.keys;
  const values = from === null ? [] : from.items;
  const before = [state.journal.length, map.version];
  checkEntries(state, keys.length, node);
  for (let at = map.keys.length - 1; at >= 0; at--) {
    if (from !== null && from.position(map.keys[at]) >= 0) continue;
    // Of a value, too: it changes only while it is built.
    takeEntry(state, map, at);
  }
  const entries = keys.map((key, i) => [key, values[i]]);
  for (const [key, value] of entries) putInMap(state, map, key, value, node);
  countAssignment(state, map, before);
}

// The steps: each writes, counts and journals one thing.

function rawPut(state, map, at, key, slot) {
  map.ownKeys(state).splice(at, 0, key);
  map.own(state).splice(at, 0, slot);
  map.bump(1);
  state.log(() => {
    map.own(state).splice(at, 1);
    map.ownKeys(state).splice(at, 1);
    map.bump(-1);
  });
}

function rawOverwrite(state, map, at, slot) {
  const items = map.own(state);
  const old = items[at];
  items[at] = slot;
  state.log(() => {
    map.own(state)[at] = old;
  });
}

function takeEntry(state, map, at) {
  const [key] = map.ownKeys(state).splice(at, 1);
  const [old] = map.own(state).splice(at, 1);
  map.bump(1);
  state.log(() => {
    map.own(state).splice(at, 0, old);
    map.ownKeys(state).splice(at, 0, key);
    map.bump(-1);
  });
  detach(state, map.type.inner, old);
}

// Tracked state: typed records, lists and maps with transactions.
//
// A struct is a reference to its object. What belongs to the state is live, everything else a value. Storing copies into the
// state; reading gives what is there. Only the methods of `State` write: properties of records are for reading.

import { LIVE, ROOT } from "./containers.js";
import { canonicalBytes, stateHash } from "./canonical.js";
import {
  assignList,
  findByKey,
  findInList,
  insertIntoList,
  newList,
  pushToList,
  removeFromList,
  setInList,
  snapshot,
} from "./lists.js";
import { assignMap, newMap, putInMap, removeFromMap } from "./maps.js";
import { Unfit, exportValue, importValue, isObject, zero } from "./outside.js";
import { assignRecord, copyIn, copyRecord, newRecord, storeAt } from "./records.js";
import { Streams } from "./random.js";
import { trap } from "./trap.js";
import { digest, equal, size } from "./values.js";

/** What one activation may use. */
export const LIMITS = { fuel: 1_000_000, memoryBytes: 16 * 2 ** 20, stringBytes: 2 ** 20, entries: 1_000_000 };

/** The tracked state of a session. */
export class State {
  /** Active roots with their defaults. `config` gives values by `GROUP.FIELD` for what begins with them. */
  constructor(schema, { seed = 0, generator, limits = LIMITS, config = {} } = {}) {
    this.schema = schema;
    this.limits = limits;
    this.streams = new Streams(seed, generator);
    this.config = config;
    /** `{ record, active }`, in the order of the schema. */
    this.roots = [];
    /** How to take back what was written: a function, or what a property was, its name and the record. */
    this.journal = [];
    /** Whether structs that are added are counted. */
    this.countsAdded = true;
    /** Structs added in this transaction. */
    this.added = 0;
    /** Slots copied in this transaction because snapshots hold them. */
    this.copied = 0;
    /** Writes of fields that lists are keyed by. */
    this.keyWrites = 0;
    /** Containers to look at when the transaction ends. */
    this.candidates = [];
  }

  /** Has the roots be there that are from the start. */
  begun() {
    this.begin();
    for (const def of this.schema.types) {
      if (def.role === "active" || def === this.schema.main) this.rootActivate(def);
    }
    this.commit();
    return this;
  }

  // Transactions.

  begin() {
    this.journal.length = 0;
    this.added = 0;
    this.copied = 0;
    this.streams.begin();
  }

  commit() {
    this.journal.length = 0;
    this.streams.commit();
    this.sweep();
  }

  /** Takes everything back that was written since `begin`. */
  rollback() {
    const { journal } = this;
    while (journal.length > 0) {
      const entry = journal.pop();
      if (typeof entry === "function") {
        entry();
      } else {
        const property = journal.pop();
        entry[property] = journal.pop();
      }
    }
    this.keyWrites += 1;
    this.streams.rollback();
    this.sweep();
  }

  /** Notes how to take back what was written. */
  log(undo) {
    this.journal.push(undo);
  }

  /** Notes a container that may be a value when the transaction ends. */
  made(container) {
    this.candidates.push(container);
  }

  sweep() {
    for (const container of this.candidates) if (container.status !== LIVE) container.release();
    this.candidates.length = 0;
  }

  // Roots.

  /** The record of the root of that type. */
  root(def, node) {
    for (const root of this.roots) if (root.record.$def === def && root.active) return root.record;
    return trap("not_found", node);
  }

  rootIsActive(def) {
    return this.roots.some((root) => root.record.$def === def && root.active);
  }

  /** Makes a root be there; whether it was not. */
  rootActivate(def, node = "") {
    if (this.roots.some((root) => root.record.$def === def)) return this.setActive(def, true);
    const value = newRecord(this, def, true);
    const record = copyRecord(this, value, ROOT, null, 0, node);
    const at = this.roots.filter((root) => root.record.$def.index < def.index).length;
    const root = { record, active: true };
    this.roots.splice(at, 0, root);
    this.log(() => {
      this.roots.splice(this.roots.indexOf(root), 1);
    });
    return true;
  }

  /** Takes a root away, which keeps its values; whether it was there. The main root stays. */
  rootDeactivate(def) {
    return def !== this.schema.main && this.setActive(def, false);
  }

  setActive(def, active) {
    const root = this.roots.find((entry) => entry.record.$def === def && entry.active !== active);
    if (root === undefined) return false;
    root.active = active;
    this.log(() => {
      root.active = !active;
    });
    return true;
  }

  /** Overwrites a root with its schema's defaults, in place. */
  rootReset(def, node) {
    const root = this.roots.find((entry) => entry.record.$def === def);
    if (root !== undefined) assignRecord(this, root.record, newRecord(this, def, true), node);
  }

  // Structs.

  /** A value with schema defaults; what begins with a random uuid draws it. */
  structNew(def) {
    return newRecord(this, def, true);
  }

  /** Writes a field of a value under construction. */
  structInit(record, field, value, node) {
    if (record.$gone) trap("stale_reference", node);
    if (record.$owner !== null) trap("bad_argument", node);
    record[field.property] = copyIn(this, field.type, value, null, null, 1, node);
  }

  /** A deep copy, a value. */
  structCopy(record, node) {
    return copyRecord(this, record, null, null, 0, node);
  }

  /**
   * What a number or bool of a live struct is to become, journaled: emitted code assigns it, by the field's name, which is
   * faster than by a variable. `old` is what it is now.
   */
  number(record, field, value, old, node) {
    if (record.$gone) trap("stale_reference", node);
    if (record.$owner === null) trap("bad_argument", node);
    if (!Object.is(old, value)) {
      this.journal.push(old, field.property, record);
      if (field.isKey) this.keyWrites += 1;
    }
    return value;
  }

  /** Writes a field of a live struct. Copies; a nested struct, list or map is overwritten in place. */
  store(record, field, value, node) {
    if (record.$gone) trap("stale_reference", node);
    if (record.$owner === null) trap("bad_argument", node);
    storeAt(this, record, field, value, node);
  }

  // Lists.

  listNew(ty, items, node) {
    return newList(this, ty, items, node);
  }

  listPush(list, value, node) {
    pushToList(this, list, value, node);
  }

  listInsert(list, index, value, node) {
    insertIntoList(this, list, index, value, node);
  }

  listSet(list, index, value, node) {
    setInList(this, list, index, value, node);
  }

  listRemove(list, index, node) {
    removeFromList(this, list, index, node);
  }

  listAssign(list, source, node) {
    assignList(this, list, source, node);
  }

  listClear(list, node) {
    // A list whose record was removed stays as it is: nobody can see it.
    if (list.status <= LIVE) assignList(this, list, null, node);
  }

  listFind(list, value, node) {
    return findInList(this, list, value, node);
  }

  listFindKey(list, field, key, node) {
    return findByKey(this, list, field, key, node);
  }

  /** A list or map as it is now, as a value. */
  snapshot(container) {
    return snapshot(this, container);
  }

  // Maps.

  mapNew(ty, entries, node) {
    return newMap(this, ty, entries, node);
  }

  mapPut(map, key, value, node) {
    putInMap(this, map, key, value, node);
  }

  mapRemove(map, key) {
    return removeFromMap(this, map, key);
  }

  mapAssign(map, source, node) {
    assignMap(this, map, source, node);
  }

  mapClear(map, node) {
    if (map.status <= LIVE) assignMap(this, map, null, node);
  }

  // By type.

  zero(ty) {
    return zero(this, ty);
  }

  equal(ty, a, b, node) {
    return equal(this, ty, a, b, node);
  }

  digest(ty, value, node) {
    return digest(this, ty, value, node);
  }

  size(ty, value) {
    return size(this, ty, value);
  }

  // As a whole.

  /** A configured value of that type, or nothing. */
  configured(path, ty) {
    if (!Object.hasOwn(this.config, path)) return undefined;
    try {
      return importValue(this, ty, this.config[path]);
    } catch (error) {
      if (error instanceof Unfit) return undefined;
      throw error;
    }
  }

  /** Loads a state given in part: the main root's fields at the top, other roots under their type's name. */
  load(values) {
    this.begin();
    try {
      for (const [name, value] of Object.entries(values)) {
        const { main } = this.schema;
        if (main.byName.has(name)) {
          this.loadField(this.root(main, ""), main.byName.get(name), value);
          continue;
        }
        const def = this.schema.byName.get(name);
        if (def === undefined || (def.role === "helper" && def !== main)) throw new Unfit(`a field of ${main.name}, or another root`, `\`${name}\``);
        this.rootActivate(def);
        this.loadFields(this.root(def, ""), value);
      }
      this.commit();
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  loadFields(record, values) {
    if (!isObject(values)) throw new Unfit(`an object of fields of ${record.$def.name}`, `\`${values}\``);
    for (const [name, value] of Object.entries(values)) {
      const field = record.$def.byName.get(name);
      if (field === undefined) throw new Unfit(`a field of ${record.$def.name}`, `\`${name}\``);
      this.loadField(record, field, value);
    }
  }

  loadField(record, field, value) {
    // A struct is there already: what is not given keeps its defaults.
    if (field.type.kind === "struct") this.loadFields(record[field.property], value);
    else this.store(record, field, importValue(this, field.type, value), "");
  }

  /** The main root's fields, then each other active root under its type's name. */
  toValue() {
    const whole = (record) => exportValue(this, structTypeOf(record.$def), record);
    const all = whole(this.root(this.schema.main, ""));
    for (const { record, active } of this.roots) {
      const { name } = record.$def;
      if (!active || record.$def === this.schema.main || Object.hasOwn(all, name)) continue;
      // Defined, since a type may be called `__proto__`.
      Object.defineProperty(all, name, { value: whole(record), enumerable: true, writable: true, configurable: true });
    }
    return all;
  }

  /** The same bytes for equal states, in every execution. */
  canonicalBytes() {
    return canonicalBytes(this);
  }

  /** SHA-256 of the schema's hash and the canonical bytes. */
  hash() {
    return stateHash(this);
  }
}

function structTypeOf(def) {
  return { kind: "struct", struct: def.index };
}

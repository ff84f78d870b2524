// Lists and maps. Snapshots share the arrays, which are copied when one of their holders is written.

import { compareText } from "./text.js";

/** A value, perhaps under construction. */
export const VALUE = 0;
/** A value made by taking a snapshot. */
export const SNAPSHOT = 1;
/** Part of the state. */
export const LIVE = 2;
/** Was part of the state. */
export const DEAD = 3;

/** The owner of roots. */
export const ROOT = { root: true };

class Container {
  constructor(ty, items) {
    /** The list's or map's type. */
    this.type = ty;
    /** Elements of a list, values of a map: to be read only. */
    this.items = items;
    this.status = VALUE;
    this.$owner = null;
    this.$field = null;
    /** Counts changes of membership. */
    this.version = 0;
    /** Counts changes of any kind, for what is remembered about the content. */
    this.revision = 0;
    /** Whoever has the same `items`; null for nobody else. */
    this.holders = null;
  }

  /** Counts a change of membership, or back. */
  bump(by) {
    // A server counts what effects do in the upper half of 64 bits.
    this.version = typeof this.version === "number" ? this.version + by : this.version + BigInt(by);
  }

  /** Has another container hold the same items. */
  share(other) {
    if (this.items.length === 0) return;
    this.holders ??= { count: 1 };
    this.holders.count += 1;
    other.items = this.items;
    other.holders = this.holders;
  }

  /** One holder less, at the end of the transaction. */
  release() {
    if (this.holders !== null) this.holders.count -= 1;
    this.holders = null;
  }

  /** The items for writing: a copy if others hold them, which `state` counts. */
  own(state) {
    if (this.holders !== null) {
      if (this.holders.count > 1) {
        this.holders.count -= 1;
        this.items = this.items.slice();
        state.copied += this.items.length;
      }
      this.holders = null;
    }
    return this.items;
  }
}

/** A list. */
export class List extends Container {
  constructor(ty, items = []) {
    super(ty, items);
    /** The elements' key field, of a live list that has one. */
    this.keyField = null;
    this.index = null;
  }

  /** How many elements. */
  get length() {
    return this.items.length;
  }
}

/** A map by ascending key. */
export class Dict extends Container {
  constructor(ty) {
    super(ty, []);
    /** Ascending. */
    this.keys = [];
    this.keyHolders = null;
    this.compare = ty.keys.kind === "int" ? compareNumbers : compareText;
  }

  share(other) {
    super.share(other);
    if (this.keys.length === 0) return;
    this.keyHolders ??= { count: 1 };
    this.keyHolders.count += 1;
    other.keys = this.keys;
    other.keyHolders = this.keyHolders;
  }

  release() {
    super.release();
    if (this.keyHolders !== null) this.keyHolders.count -= 1;
    this.keyHolders = null;
  }

  ownKeys(state) {
    if (this.keyHolders !== null) {
      if (this.keyHolders.count > 1) {
        this.keyHolders.count -= 1;
        this.keys = this.keys.slice();
        state.copied += this.keys.length;
      }
      this.keyHolders = null;
    }
    return this.keys;
  }

  /** Where a key is, or −1 minus where it would be. */
  position(key) {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = this.compare(this.keys[middle], key);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1 - low;
  }
}

function compareNumbers(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

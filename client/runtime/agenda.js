// What is to happen at a session time: of what is due first, what has the lowest number.

/** Entries with `due` and `number`; no two have the same number. */
export class Agenda {
  constructor() {
    /** The next one is the last. */
    this.entries = [];
  }

  get size() {
    return this.entries.length;
  }

  /** The next one, if there is any. */
  get next() {
    return this.entries[this.entries.length - 1];
  }

  add(entry) {
    this.entries.splice(this.place(entry), 0, entry);
  }

  /** Takes an entry out; whether it was there. */
  delete(entry) {
    const at = this.place(entry);
    if (this.entries[at] !== entry) return false;
    this.entries.splice(at, 1);
    return true;
  }

  clear() {
    this.entries.length = 0;
  }

  /** How many come after an entry. */
  place({ due, number }) {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.entries[middle];
      // What has the same due time and number is the entry itself.
      const isLater = other.due > due || (other.due === due && other.number > number);
      if (isLater) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

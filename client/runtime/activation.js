// A running handler's world: the state, fuel and memory, time, and what it may arrange with the session.

import { exportValue, weight } from "./outside.js";
import { checkLength, compareText, parseFloat64, parseInteger, textParts, utf8Length } from "./text.js";
import { textFormat } from "./format.js";
import { trap } from "./trap.js";
import { order } from "./lists.js";

/** How many events one transaction emits at most. */
const MOST_EVENTS = 100_000;

/** A suspended activation: the handler's frame first, the innermost call last. */
export class Suspension {
  /**
   * `wait` is `{ duration }`, or `{ event, timeout, data }`. A frame is `{ function, block, values, deadlines }`, a deadline
   * `{ due, block, values }`.
   */
  constructor(wait, frame, node) {
    this.wait = wait;
    this.frames = [frame];
    this.node = node;
  }

  /** The same as the caller of the suspended function has it. */
  within(frame) {
    this.frames.unshift(frame);
    return this;
  }
}

/** One run or resumption of a handler, filter, effect or view. */
export class Activation {
  constructor({ state, world, fuel, memory, now, host = "", sender = "", handler = "", arrived = null }) {
    this.state = state;
    /** What belongs to the session: see `Session` for one, the server's bridge for another. */
    this.world = world;
    this.limits = state.limits;
    /** Fuel left. */
    this.fuel = fuel ?? state.limits.fuel;
    /** Bytes left. */
    this.memory = memory ?? state.limits.memoryBytes;
    /** The action's time, milliseconds. */
    this.now = now;
    this.host = host;
    this.sender = sender;
    /** The handler's name: the default random stream. */
    this.handler = handler;
    /** In a resumption, the data of the event that ended the wait, if one did. */
    this.arrived = arrived;
  }

  // Accounting.

  charge(amount, node) {
    this.fuel -= amount;
    if (this.fuel < 0) this.spent(node);
  }

  /** Several charges at once; `each` has the nodes with what each of them charges, in order. */
  chargeAll(total, each) {
    this.fuel -= total;
    if (this.fuel < 0) this.spentWithin(this.fuel + total, each);
  }

  spentWithin(left, each) {
    for (const charge of each.split(", ")) {
      const [node, amount] = charge.split(" ");
      left -= Number(amount);
      if (left < 0) this.spent(node);
    }
  }

  spent(node) {
    this.fuel = 0;
    trap("fuel_exhausted", node);
  }

  chargeMany(amount, node) {
    if (amount > this.fuel) this.spent(node);
    if (amount > 0) this.fuel -= amount;
  }

  fuelShort(amount) {
    return amount > this.fuel;
  }

  chargeBytes(bytes, node) {
    if (bytes > this.memory) trap("memory_limit", node);
    if (bytes > 0) this.memory -= Number(bytes);
  }

  memoryShort(bytes) {
    return bytes > this.memory;
  }

  /** Whether a list may not have so many entries. */
  entriesShort(count) {
    return count > this.limits.entries;
  }

  chargeSize(ty, value, node) {
    this.chargeBytes(this.state.size(ty, value), node);
  }

  /** The same of a text. */
  chargeText(text, node) {
    this.chargeBytes(8 + utf8Length(text), node);
  }

  // Chance, from a named stream.

  randInt(a, b, stream) {
    return this.state.streams.int(stream, a, b);
  }

  randFloat(a, b, stream) {
    return this.state.streams.float(stream, a, b);
  }

  randUnit(stream) {
    return this.state.streams.unit(stream);
  }

  // Text, as long as texts may be.

  concat(node, ...parts) {
    const whole = parts.join("");
    if (whole.length * 3 > this.limits.stringBytes) checkLength(utf8Length(whole), this.limits.stringBytes, node);
    return whole;
  }

  split(ty, text, separator, node) {
    const parts = textParts(text, separator);
    if (parts.length > this.limits.entries) trap("memory_limit", node);
    return this.state.listNew(ty, parts, node);
  }

  join(list, between, node) {
    const whole = list.items.join(between);
    checkLength(utf8Length(whole), this.limits.stringBytes, node);
    return whole;
  }

  format(template, names, args, kinds, node) {
    return textFormat(template, names.items, args.items, kinds, this.limits.stringBytes, node);
  }

  order(ty, list, descending, node) {
    const { kind } = list.type.inner;
    const isText = kind === "string" || kind === "uuid";
    const compare = isText ? compareText : (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    return this.state.listNew(ty, order(list, descending, compare), node);
  }
}

/** The int64 that a text spells, or 0. */
export function toInteger(text) {
  return parseInteger(text) ?? 0;
}

/** The float that a text spells, or 0. */
export function toFloat(text) {
  return parseFloat64(text) ?? 0;
}

/** What a transaction sends. */
export class Outbox {
  constructor(limits) {
    this.limits = limits;
    this.events = [];
    this.weight = 0;
  }

  /** A payload or parameters as they are now; `{}` for none. */
  payload(state, ty, value, node) {
    if (ty === null) return {};
    const whole = exportValue(state, ty, value, node);
    this.weight += weight(whole);
    if (this.weight > this.limits.memoryBytes) trap("memory_limit", node);
    return whole;
  }

  emit(state, kind, to, ty, value, node) {
    if (this.events.length >= MOST_EVENTS) trap("memory_limit", node);
    this.events.push({ kind, to, payload: this.payload(state, ty, value, node) });
  }
}

/** A struct that is there, or `stale_reference`. */
export function live(record, node) {
  if (record.$gone) trap("stale_reference", node);
  return record;
}

/** What is inside of a nullable, or `null_reference`. */
export function nonNull(value, node) {
  if (value === null) trap("null_reference", node);
  return value;
}

/** Whether a struct belongs to the state. */
export function attached(record, node) {
  return live(record, node).$owner !== null;
}

/** An element of a list, or a value of a map by position. */
export function itemAt(container, index, node) {
  const { items } = container;
  if (!(index >= 0 && index < items.length)) trap("index_out_of_range", node);
  return items[index];
}

/** The key at a position of a map. */
export function keyAt(map, index, node) {
  if (!(index >= 0 && index < map.keys.length)) trap("index_out_of_range", node);
  return map.keys[index];
}

/** The position of a key of a map, or −1. */
export function keyPosition(map, key) {
  return Math.max(map.position(key), -1);
}

/**
 * Goes on where a suspended activation stopped: its frames, from the handler's inward, with values as the state has them now.
 * `results` are what the wait supplies. Gives a `Suspension` if it stops again, else what the outermost function returned.
 */
export function resume(cx, program, frames, results) {
  let supplied = results;
  for (let depth = frames.length - 1; depth >= 0; depth--) {
    const { function: index, block, values } = frames[depth];
    const definition = program.functions[index];
    const outcome = definition.run(cx, block, [...supplied, ...values]);
    if (outcome instanceof Suspension) {
      // The callers have not run: they wait as they did before.
      for (let outer = depth - 1; outer >= 0; outer--) outcome.within(frames[outer]);
      return outcome;
    }
    supplied = definition.returns === null ? [] : [outcome];
  }
  return supplied[0];
}

/** The second if the first is true, else the third; all are computed. */
export function select(condition, yes, no) {
  return condition ? yes : no;
}

/** Both; the second is computed in any case. */
export function both(a, b) {
  return a && b;
}

/** Either; the second is computed in any case. */
export function either(a, b) {
  return a || b;
}

// Values by type: equality, digests, sizes.

import { LIVE, VALUE } from "./containers.js";
import { sha256 } from "./sha256.js";
import { utf8Length } from "./text.js";
import { settled } from "./integers.js";
import { trap } from "./trap.js";

/** How deep values that are not stored may nest; static types bound it far below. */
export const VALUE_NESTING = 256;

/** Whether two texts, bytes or nullable numbers have the same content, bit by bit. */
export function sameLeaf(a, b) {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return sameBytes(a, b);
  return Object.is(a, b);
}

function sameBytes(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Whether two values of one type are equal by content. A NaN equals nothing. */
export function equal(state, ty, a, b, node, depth = 0) {
  if (depth > VALUE_NESTING) trap("memory_limit", node);
  switch (ty.kind) {
    case "bytes":
      return sameBytes(a, b);
    case "nullable":
      if (a === null || b === null) return a === b;
      return equal(state, ty.inner, a, b, node, depth);
    case "list":
      return equalItems(state, ty.inner, a.items, b.items, node, depth);
    case "map":
      return (
        equalItems(state, ty.keys, a.keys, b.keys, node, depth) &&
        equalItems(state, ty.inner, a.items, b.items, node, depth)
      );
    case "struct": {
      if (a.$gone || b.$gone) trap("stale_reference", node);
      const { fields } = state.schema.def(ty);
      return fields.every((field) => {
        return equal(state, field.type, a[field.property], b[field.property], node, depth + 1);
      });
    }
    case "record":
      return ty.fields.every(([, name, inner]) => equal(state, inner, a[name], b[name], node, depth + 1));
    default:
      return a === b;
  }
}

function equalItems(state, ty, a, b, node, depth) {
  return a.length === b.length && a.every((item, i) => equal(state, ty, item, b[i], node, depth + 1));
}

/** Bytes that grow. */
export class Bytes {
  constructor() {
    this.bytes = new Uint8Array(256);
    this.view = new DataView(this.bytes.buffer);
    this.length = 0;
  }

  room(count) {
    if (this.length + count > this.bytes.length) {
      const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
      bytes.set(this.bytes);
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer);
    }
    const at = this.length;
    this.length += count;
    return at;
  }

  byte(value) {
    const at = this.room(1);
    this.bytes[at] = value;
  }

  float64(value) {
    const at = this.room(8);
    // Which NaN a computation gave depends on the machine.
    if (value === value) this.view.setFloat64(at, value, true);
    else this.view.setBigUint64(at, 0x7ff8000000000000n, true);
  }

  float32(value) {
    const at = this.room(4);
    if (value === value) this.view.setFloat32(at, value, true);
    else this.view.setUint32(at, 0x7fc00000, true);
  }

  /** The low bytes of an integer, little-endian. */
  integer(value, bits) {
    const at = this.room(bits / 8);
    if (bits === 64) {
      this.view.setBigInt64(at, BigInt.asIntN(64, BigInt(value)), true);
      return;
    }
    for (let i = 0; i < bits / 8; i++) this.bytes[at + i] = value >> (8 * i);
  }

  varint(value) {
    while (value >= 0x80) {
      this.byte((value % 0x80) | 0x80);
      value = Math.floor(value / 0x80);
    }
    this.byte(value);
  }

  all(bytes) {
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** What there is so far. */
  done() {
    return this.bytes.subarray(0, this.length);
  }
}

const encoder = new TextEncoder();

/** An integer that is the same for equal values of a type: the first eight bytes of a SHA-256. */
export function digest(state, ty, value, node) {
  const bytes = new Bytes();
  putContent(state, bytes, ty, value, node, 0);
  const hash = sha256(bytes.done());
  return settled(new DataView(hash.buffer).getBigInt64(0, true));
}

function putContent(state, bytes, ty, value, node, depth) {
  if (depth > VALUE_NESTING) trap("memory_limit", node);
  const put = (data) => {
    bytes.integer(data.length, 64);
    bytes.all(data);
  };
  const items = (inner, all) => {
    bytes.integer(all.length, 64);
    for (const item of all) putContent(state, bytes, inner, item, node, depth + 1);
  };
  switch (ty.kind) {
    case "bool":
    case "int":
      return bytes.integer(value, 64);
    case "float32":
    case "float64":
      return bytes.float64(value + 0);
    case "string":
    case "uuid":
      return put(encoder.encode(value));
    case "bytes":
      return put(value);
    case "nullable":
      bytes.byte(value === null ? 0 : 1);
      if (value !== null) putContent(state, bytes, ty.inner, value, node, depth);
      return undefined;
    case "list":
      return items(ty.inner, value.items);
    case "map":
      items(ty.keys, value.keys);
      return items(ty.inner, value.items);
    case "struct":
      if (value.$gone) trap("stale_reference", node);
      for (const field of state.schema.def(ty).fields) {
        putContent(state, bytes, field.type, value[field.property], node, depth + 1);
      }
      return undefined;
    default:
      for (const [, name, inner] of ty.fields) putContent(state, bytes, inner, value[name], node, depth + 1);
      return undefined;
  }
}

/** Counts 8 within something, nothing alone. */
const PART = -1;

/**
 * The size of a value in bytes, for what an activation may hold: of text and bytes, their length and 8; of a list, map, struct
 * value or record, 8 and its parts. Numbers, null and live references are 8 within something and 0 alone, as is a live
 * container or a snapshot alone.
 */
export function size(state, ty, value) {
  if (isShared(ty, value)) return 0;
  const bytes = sizeAt(state, ty, value, 0);
  return bytes === PART ? 0 : bytes;
}

function isShared(ty, value) {
  const { kind } = ty.plain;
  return value !== null && (kind === "list" || kind === "map") && value.status !== VALUE;
}

function sizeAt(state, ty, value, depth) {
  if (depth > VALUE_NESTING) return Infinity;
  switch (ty.kind) {
    case "string":
    case "uuid":
      return 8 + utf8Length(value);
    case "bytes":
      return 8 + value.length;
    case "nullable":
      return value === null ? PART : sizeAt(state, ty.inner, value, depth);
    case "list":
      return ty.inner.isNumber ? 8 + 8 * value.items.length : sum(state, ty.inner, value.items, 8, depth);
    case "map":
      return sum(state, ty.keys, value.keys, sum(state, ty.inner, value.items, 8, depth), depth);
    case "struct": {
      if (value.$gone || value.$owner !== null) return PART;
      let bytes = 8;
      for (const field of state.schema.def(ty).fields) {
        bytes += part(sizeAt(state, field.type, value[field.property], depth + 1));
      }
      return bytes;
    }
    case "record": {
      let bytes = 8;
      for (const [, name, inner] of ty.fields) bytes += part(sizeAt(state, inner, value[name], depth + 1));
      return bytes;
    }
    default:
      return PART;
  }
}

function part(bytes) {
  return bytes === PART ? 8 : bytes;
}

function sum(state, ty, items, bytes, depth) {
  for (const item of items) bytes += part(sizeAt(state, ty, item, depth + 1));
  return bytes;
}

/** Whether a list or map is part of the state. */
export function isLive(container) {
  return container.status === LIVE;
}

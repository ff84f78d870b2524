// From JavaScript's own values to typed ones, and back: parameters, payloads, states that are given in part.
//
// An int64 or uint64 is a number, or a BigInt; both are taken, and beyond 2^53 a BigInt is given. Bytes are a `Uint8Array`
// or base64, maps are objects (or a `Map`), structs and records objects by field name.

import { newList } from "./lists.js";
import { newMap } from "./maps.js";
import { NESTING, copyIn, newRecord } from "./records.js";
import { settled } from "./integers.js";
import { utf8Length } from "./text.js";
import { trap } from "./trap.js";
import { shown } from "./types.js";
import { VALUE_NESTING } from "./values.js";

/** Why a value does not have the type that is wanted. */
export class Unfit extends Error {
  /** What would fit, what is there, and where in the value: `.Field`, `[3]`, `["key"]`; "" for the value itself. */
  constructor(expected, found, path = "") {
    super(`${path === "" ? "" : `\`${path.replace(/^\./, "")}\`: `}expected ${expected}, found ${found}`);
    this.name = "Unfit";
    this.expected = expected;
    this.found = found;
    this.path = path;
  }
}

/** A value in few words, for messages. */
function described(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : `the float ${value}`;
  if (typeof value === "string") return utf8Length(value) <= 40 ? `the text ${JSON.stringify(value)}` : "a text";
  if (value instanceof Uint8Array) return "bytes";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : String(value);
}

function within(step, body) {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    throw new Unfit(error.expected, error.found, step + error.path);
  }
}

/**
 * A value from outside as a value of type `ty`. An integer is fine for a float, a fraction never for an integer; integers must
 * be in range; non-finite floats may be their names. Missing struct fields take schema defaults, missing record fields must
 * be nullable. Throws `Unfit`.
 */
export function importValue(state, ty, value, depth = 0) {
  if (depth > NESTING) throw new Unfit(`at most ${NESTING} levels of nesting`, "more");
  const wrong = () => new Unfit(shown(state.schema, ty), described(value));
  switch (ty.kind) {
    case "nullable":
      return value === null || value === undefined ? null : importValue(state, ty.inner, value, depth);
    case "bool":
      if (typeof value !== "boolean") throw wrong();
      return value;
    case "int":
      return importInteger(ty, value, wrong);
    case "float32":
    case "float64":
      return importFloat(ty, value, wrong);
    case "string":
    case "uuid":
      if (typeof value !== "string") throw wrong();
      if (utf8Length(value) > state.limits.stringBytes) {
        throw new Unfit(`at most ${state.limits.stringBytes} bytes of text`, `${utf8Length(value)} bytes`);
      }
      return value.toWellFormed ? value.toWellFormed() : value;
    case "bytes":
      return importBytes(value, wrong);
    case "list":
      if (!Array.isArray(value)) throw wrong();
      return limited(value.length, () => {
        const items = value.map((item, i) => within(`[${i}]`, () => importValue(state, ty.inner, item, depth + 1)));
        return newList(state, ty, items, "");
      });
    case "map":
      if (!isObject(value)) throw wrong();
      return importMap(state, ty, value, depth);
    case "struct":
      if (!isObject(value)) throw wrong();
      return importStruct(state, state.schema.def(ty), value, depth);
    default:
      if (!isObject(value)) throw wrong();
      return importRecord(state, ty, value, depth);
  }
}

function limited(count, body) {
  try {
    return body();
  } catch (error) {
    if (error.code !== "memory_limit") throw error;
    throw new Unfit("a collection within the limit of entries", `${count} entries`);
  }
}

function importInteger(ty, value, wrong) {
  const isWhole = typeof value === "bigint" || Number.isSafeInteger(value);
  if (!isWhole) throw wrong();
  const big = BigInt(value);
  const fitting = ty.signed ? BigInt.asIntN(ty.bits, big) : BigInt.asUintN(ty.bits, big);
  if (fitting !== big) {
    const [low, high] = ty.signed ? [-(2n ** BigInt(ty.bits - 1)), 2n ** BigInt(ty.bits - 1)] : [0n, 2n ** BigInt(ty.bits)];
    throw new Unfit(`${shown(null, ty)} (${low} to ${high - 1n})`, String(big));
  }
  return settled(big);
}

function importFloat(ty, value, wrong) {
  const names = { NaN, Infinity, "-Infinity": -Infinity };
  let float = value;
  if (typeof value === "bigint") float = Number(value);
  else if (typeof value === "string" && Object.hasOwn(names, value)) float = names[value];
  if (typeof float !== "number") throw wrong();
  return ty.kind === "float32" ? Math.fround(float) : float;
}

function importBytes(value, wrong) {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "string") throw wrong();
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value);
  if (!isBase64) throw new Unfit("bytes as base64", described(value));
  return Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
}

/** A property of an object that a page gave: never one that all objects have, such as `toString`. */
export function own(object, name) {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Whether a value is an object of names and values. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function importMap(state, ty, value, depth) {
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const slots = entries.flatMap(([name, item]) =>
    within(`[${JSON.stringify(String(name))}]`, () => [
      importKey(ty.keys, name),
      importValue(state, ty.inner, item, depth + 1),
    ]),
  );
  return limited(entries.length, () => newMap(state, ty, slots, ""));
}

function importKey(ty, name) {
  if (ty.kind !== "int") return String(name);
  if (!/^(?:0|-?[1-9][0-9]*)$/.test(String(name))) throw new Unfit("an integer as key", JSON.stringify(name));
  return importInteger(ty, BigInt(name));
}

function importStruct(state, def, value, depth) {
  const record = newRecord(state, def, true);
  for (const [name, item] of Object.entries(value)) {
    const field = def.byName.get(name);
    if (field === undefined) throw new Unfit(`a field of ${def.name}`, `\`${name}\``);
    within(`.${name}`, () => {
      const slot = importValue(state, field.type, item, depth + 1);
      record[field.property] = copyIn(state, field.type, slot, null, null, 1, "");
    });
  }
  return record;
}

function importRecord(state, ty, value, depth) {
  for (const name of Object.keys(value)) {
    if (!ty.fields.some(([field]) => field === name)) throw new Unfit("no such field", `\`${name}\``);
  }
  const record = {};
  for (const [name, property, inner] of ty.fields) {
    record[property] = within(`.${name}`, () => importValue(state, inner, own(value, name) ?? null, depth + 1));
  }
  return record;
}

/** A value as it is now, whole, as JavaScript has such values. */
export function exportValue(state, ty, value, node = "", depth = 0) {
  if (depth > VALUE_NESTING) trap("memory_limit", node);
  switch (ty.kind) {
    case "nullable":
      return value === null ? null : exportValue(state, ty.inner, value, node, depth);
    case "list":
      return value.items.map((item) => exportValue(state, ty.inner, item, node, depth + 1));
    case "map":
      return plainObject(
        value.keys.map((key, i) => [String(key), exportValue(state, ty.inner, value.items[i], node, depth + 1)]),
      );
    case "struct":
      if (value.$gone) trap("stale_reference", node);
      return plainObject(
        state.schema
          .def(ty)
          .fields.map((field) => [field.name, exportValue(state, field.type, value[field.property], node, depth + 1)]),
      );
    case "record":
      return plainObject(
        ty.fields.map(([name, property, inner]) => [name, exportValue(state, inner, value[property], node, depth + 1)]),
      );
    default:
      return value;
  }
}

function plainObject(entries) {
  // `fromEntries` defines properties, also one that is called `__proto__`.
  return Object.fromEntries(entries);
}

/** About how much a value holds: 8 for each scalar, list, map and entry of one, and the bytes of its texts. */
export function weight(value) {
  let bytes = 0;
  const rest = [value];
  while (rest.length > 0) {
    const next = rest.pop();
    bytes += 8;
    if (typeof next === "string") bytes += utf8Length(next);
    else if (next instanceof Uint8Array) bytes += next.length;
    else if (Array.isArray(next)) rest.push(...next);
    else if (isObject(next)) {
      const entries = Object.values(next);
      bytes += 8 * entries.length;
      rest.push(...entries);
    }
  }
  return bytes;
}

/** The zero of a type: 0, false, "", empty, null; of a struct, a value with zero fields. */
export function zero(state, ty) {
  switch (ty.kind) {
    case "list":
      return newList(state, ty, [], "");
    case "map":
      return newMap(state, ty, [], "");
    case "struct":
      return newRecord(state, state.schema.def(ty), false);
    case "record":
      return plainObject(ty.fields.map(([, property, inner]) => [property, zero(state, inner)]));
    case "nullable":
      return null;
    case "bool":
      return false;
    case "bytes":
      return new Uint8Array(0);
    case "string":
    case "uuid":
      return "";
    default:
      return 0;
  }
}

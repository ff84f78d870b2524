// The state as bytes, the same for equal states in every execution, and their hash.
//
// For each root in the order of the schema: one byte, 1 if it is active, 2 if it was and keeps its values, 0 if it never
// was; then, unless 0, its record, its fields in declared order.

import { Bytes, VALUE_NESTING } from "./values.js";
import { sha256 } from "./sha256.js";

const encoder = new TextEncoder();

/** The whole state. */
export function canonicalBytes(state) {
  const bytes = new Bytes();
  for (const def of state.schema.types) {
    if (def.role === "helper" && def !== state.schema.main) continue;
    const root = state.roots.find((entry) => entry.record.$def === def);
    bytes.byte(root === undefined ? 0 : root.active ? 1 : 2);
    if (root !== undefined) putRecord(state, bytes, root.record, 0);
  }
  return bytes.done();
}

/** SHA-256 of the schema's hash and the canonical bytes. */
export function stateHash(state) {
  const canonical = canonicalBytes(state);
  const all = new Uint8Array(32 + canonical.length);
  for (let i = 0; i < 32; i++) all[i] = parseInt(state.schema.hash.slice(i * 2, i * 2 + 2), 16);
  all.set(canonical, 32);
  return sha256(all);
}

function putRecord(state, bytes, record, depth) {
  for (const field of record.$def.fields) put(state, bytes, field.type, record[field.property], depth + 1);
}

function putBytes(bytes, content) {
  bytes.varint(content.length);
  bytes.all(content);
}

function put(state, bytes, ty, value, depth) {
  if (depth > VALUE_NESTING) return;
  switch (ty.kind) {
    case "bool":
      bytes.byte(value ? 1 : 0);
      break;
    case "int":
      bytes.integer(value, ty.bits);
      break;
    case "float32":
      bytes.float32(value);
      break;
    case "float64":
      bytes.float64(value);
      break;
    case "string":
    case "uuid":
      putBytes(bytes, encoder.encode(value));
      break;
    case "bytes":
      putBytes(bytes, value);
      break;
    case "nullable":
      bytes.byte(value === null ? 0 : 1);
      if (value !== null) put(state, bytes, ty.inner, value, depth);
      break;
    case "list":
      bytes.varint(value.items.length);
      for (const item of value.items) put(state, bytes, ty.inner, item, depth + 1);
      break;
    case "map":
      bytes.varint(value.keys.length);
      value.keys.forEach((key, i) => {
        put(state, bytes, ty.keys, key, depth + 1);
        put(state, bytes, ty.inner, value.items[i], depth + 1);
      });
      break;
    case "struct":
      putRecord(state, bytes, value, depth);
      break;
    default:
      for (const [, name, inner] of ty.fields) put(state, bytes, inner, value[name], depth + 1);
  }
}

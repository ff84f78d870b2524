// Static types and schemas, as emitted modules write them down.
//
// A type is written as the name of a scalar (`"int32"`, `"string"`), or as one of `{ list: T }`, `{ map: [K, V] }`,
// `{ nullable: T }`, `{ struct: position }` and `{ record: [[name, T], …] }`. Each is made once: `type(…)` of equal
// descriptions is the same object.

import { wrapped } from "./integers.js";

const WIDTHS = { int8: 8, int16: 16, int32: 32, int64: 64, uint8: 8, uint16: 16, uint32: 32, uint64: 64 };

/** A static type. */
class Type {
  constructor(kind) {
    /** `bool`, `int`, `float32`, `float64`, `string`, `uuid`, `bytes`, `list`, `map`, `struct`, `record` or `nullable`. */
    this.kind = kind;
    /** Of an integer. */
    this.bits = 0;
    this.signed = true;
    /** Of a list: its elements; of a map: its values; of a nullable: what is inside. */
    this.inner = null;
    /** Of a map. */
    this.keys = null;
    /** Of a struct: its position in the schema. */
    this.struct = -1;
    /** Of a record: `[name, property, type]`. */
    this.fields = null;
    /** The type without `nullable`. */
    this.plain = this;
    /** A number or bool. */
    this.isNumber = false;
    /** Whether it is stored by copying records or containers. */
    this.isDeep = false;
    /** Whether storing may change a number: a narrow integer, float32. */
    this.isNarrow = false;
  }
}

const known = new Map();

/** The type of that description. */
export function type(description) {
  if (description instanceof Type) return description;
  const key = JSON.stringify(description);
  let found = known.get(key);
  if (found === undefined) {
    found = make(description);
    known.set(key, found);
  }
  return found;
}

function make(description) {
  if (typeof description === "string") return scalar(description);
  if (description.list) {
    const list = new Type("list");
    list.inner = type(description.list);
    list.isDeep = true;
    return list;
  }
  if (description.map) {
    const map = new Type("map");
    [map.keys, map.inner] = description.map.map(type);
    map.isDeep = true;
    return map;
  }
  if (description.nullable) {
    const nullable = new Type("nullable");
    nullable.inner = type(description.nullable);
    nullable.plain = nullable.inner;
    nullable.isDeep = nullable.inner.isDeep;
    return nullable;
  }
  if (description.record) {
    const record = new Type("record");
    record.fields = description.record.map(([name, ty]) => [name, property(name), type(ty)]);
    return record;
  }
  const struct = new Type("struct");
  struct.struct = description.struct;
  struct.isDeep = true;
  return struct;
}

function scalar(name) {
  const bits = WIDTHS[name];
  const made = new Type(bits ? "int" : name);
  if (bits) {
    made.bits = bits;
    made.signed = name[0] === "i";
  }
  made.isNumber = bits !== undefined || name === "bool" || name === "float32" || name === "float64";
  made.isNarrow = name === "float32" || (bits !== undefined && bits < 64);
  return made;
}

/** A type as schemas and messages write it. */
export function shown(schema, ty) {
  const inner = (part) => shown(schema, part);
  switch (ty.kind) {
    case "int":
      return `${ty.signed ? "int" : "uint"}${ty.bits}`;
    case "list":
      return `[]${inner(ty.inner)}`;
    case "map":
      return `map[${inner(ty.keys)}]${inner(ty.inner)}`;
    case "nullable":
      return `*${inner(ty.inner)}`;
    case "struct":
      return schema.def(ty).name;
    case "record":
      return `{${ty.fields.map(([name, , part]) => `${JSON.stringify(name)}: ${inner(part)}`).join(", ")}}`;
    default:
      return ty.kind;
  }
}

/** The property that holds the field `name`: the name, unless JavaScript means something else by it. No two names have the same one. */
export function property(name) {
  return /^__proto__\$*$/.test(name) ? `${name}$` : name;
}

/** A number or bool as it reads back after a store: rounded, or its low bits. */
export function fit(ty, value) {
  if (!ty.isNarrow) return value;
  if (ty.kind === "float32") return Math.fround(value);
  const half = 2 ** (ty.bits - 1);
  const inRange = ty.signed ? value >= -half && value < half : value >= 0 && value < 2 * half;
  return inRange ? value : wrapped(value, ty.bits, ty.signed);
}

/** The zero of a type that is not deep and no record. */
export function scalarZero(ty) {
  switch (ty.kind) {
    case "bool":
      return false;
    case "int":
    case "float32":
    case "float64":
      return 0;
    case "string":
    case "uuid":
      return "";
    case "bytes":
      return new Uint8Array(0);
    default:
      return null;
  }
}

/** A field of a struct type. */
export class Field {
  constructor(index, name, ty, options = {}) {
    this.index = index;
    this.name = name;
    /** The property of records that holds it. */
    this.property = property(name);
    this.type = type(ty);
    /** Of a list of structs with `@key`: the name of that field of the elements. */
    this.key = options.key ?? null;
    /** The literal that it begins with, if there is one. */
    this.literal = options.default;
    /** Where the configuration has what it begins with, if it does. */
    this.config = options.config ?? null;
    /** Whether it begins with a random uuid. */
    this.auto = options.auto ?? false;
    /** Whether some list is keyed by it. */
    this.isKey = false;
    /** Of a list with a key: that field. */
    this.keyField = null;
  }
}

/**
 * A record of the state, or a value of a struct type. Its fields are properties of their names; what begins with `$` is
 * the state's. Only the state writes it.
 */
export class Struct {
  constructor(def) {
    this.$def = def;
    /** The struct, list or map that it belongs to; `ROOT` of a root, null of a value. */
    this.$owner = null;
    /** The field of `$owner`, if that is a struct. */
    this.$field = null;
    /** Whether it was removed: references to it are stale. */
    this.$gone = false;
    /** The number that a server knows it by. */
    this.$id = null;
    for (const field of def.fields) this[field.property] = field.blank;
  }
}

/** A struct type. */
export class StructType {
  constructor(index, { name, role = "helper", fields }) {
    this.index = index;
    this.name = name;
    /** `active` or `inactive` of roots, else `helper`. */
    this.role = role;
    this.fields = fields.map(([field, ty, options], position) => new Field(position, field, ty, options));
    for (const field of this.fields) field.blank = field.type.isDeep ? null : scalarZero(field.type);
    this.byName = new Map(this.fields.map((field) => [field.name, field]));
    /** Fields by property, for emitted code: `Player.f.Score`. */
    this.f = Object.create(null);
    for (const field of this.fields) this.f[field.property] = field;
    /** Whether it has neither structs nor containers. */
    this.isFlat = !this.fields.some((field) => field.type.isDeep);
    // A class for each type: engines lay out its records for themselves then.
    this.Record = class extends Struct {};
  }

  /** A record of zeros; structs, lists and maps are still missing. */
  blank() {
    return new this.Record(this);
  }
}

/** The types of a state. */
export class Schema {
  constructor({ hash, main, types }) {
    /** SHA-256 as hexadecimal digits. */
    this.hash = hash;
    this.types = types.map((def, index) => new StructType(index, def));
    this.byName = new Map(this.types.map((def) => [def.name, def]));
    /** The type whose fields are at the top of the state. */
    this.main = this.types[main];
    for (const def of this.types) {
      for (const field of def.fields) {
        const element = field.type.plain.kind === "list" ? field.type.plain.inner.plain : null;
        if (field.key === null || element === null || element.kind !== "struct") continue;
        field.keyField = this.types[element.struct].byName.get(field.key) ?? null;
        if (field.keyField !== null) field.keyField.isKey = true;
      }
    }
  }

  /** The struct type of a type. */
  def(ty) {
    return this.types[ty.struct];
  }
}

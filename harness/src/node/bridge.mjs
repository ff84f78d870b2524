// Runs emitted modules for the command: handlers on a copy of a session's state, which the session then changes likewise.
//
// Lines of JSON over standard input and output. The command sends whole objects; what goes back is one flat array of numbers and
// texts, read by types that both sides know. Everything is synchronous: while a handler runs it may ask the command for
// what belongs to the session, and the command may have another function run before it answers.

import { closeSync, readSync, writeSync } from "node:fs";

const from = (name) => import(process.argv[2] + name);
const { Activation, Suspension, resume } = await from("activation.js");
const { Dict, LIVE, List, ROOT } = await from("containers.js");
const { settled } = await from("integers.js");
const { Streams } = await from("random.js");
const { hex } = await from("sha256.js");
const { State } = await from("state.js");
const { Trap } = await from("trap.js");
const { Struct, type } = await from("types.js");

// Lines.

const chunk = Buffer.alloc(1 << 16);
let rest = Buffer.alloc(0);

function readLine() {
  const parts = [];
  for (;;) {
    const end = rest.indexOf(10);
    if (end >= 0) {
      parts.push(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      return Buffer.concat(parts).toString("utf8");
    }
    parts.push(rest);
    const count = readSync(0, chunk, 0, chunk.length, null);
    if (count === 0) return null;
    rest = Buffer.from(chunk.subarray(0, count));
  }
}

function write(message) {
  const bytes = Buffer.from(JSON.stringify(message) + "\n");
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

/** Sends, and gives the answer; runs what the command wants to have run before it answers. */
function exchange(message) {
  write(message);
  for (;;) {
    const line = readLine();
    if (line === null) process.exit(0);
    const answer = JSON.parse(line);
    if (answer.do === undefined) return answer;
    write(perform(answer));
  }
}

// Numbers as JSON has them: texts where it would lose something.

function readNumber(value) {
  return typeof value === "string" ? settled(BigInt(value)) : value;
}

function readFloat(value) {
  return Number(value);
}

function putNumber(out, value) {
  out.push(typeof value === "bigint" ? value.toString() : value);
}

function putFloat(out, value) {
  out.push(Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? "-0" : String(value));
}

/** Draws that are told. */
class ToldStreams extends Streams {
  constructor(state, seed, generator) {
    super(seed, generator);
    this.state = state;
  }

  int(name, a, b) {
    const value = super.int(name, a, b);
    if (this.state.quiet) return value;
    const { ops } = this.state;
    ops.push("int", name);
    [a, b, value].forEach((number) => putNumber(ops, number));
    this.state.count += 1;
    return value;
  }

  float(name, a, b) {
    const value = super.float(name, a, b);
    if (this.state.quiet) return value;
    // `super.float` drew a unit, which is told as what it is.
    const { ops } = this.state;
    ops.length -= 3;
    this.state.count -= 1;
    ops.push("float", name);
    [a, b, value].forEach((number) => putFloat(ops, number));
    this.state.count += 1;
    return value;
  }

  unit(name) {
    const value = super.unit(name);
    if (this.state.quiet) return value;
    this.state.ops.push("unit", name);
    putFloat(this.state.ops, value);
    this.state.count += 1;
    return value;
  }

  uuid(name) {
    const value = super.uuid(name);
    if (this.state.quiet) return value;
    this.state.ops.push("uuid", name, value);
    this.state.count += 1;
    return value;
  }
}

/** A copy of a session's state. What changes it is told, or, where effects are in use, asked of the session. */
class Mirror extends State {
  constructor(program, message) {
    super(program.schema, { limits: message.limits });
    /** What was done since the command was told last, and how many operations that are. */
    this.ops = [];
    this.count = 0;
    /** Whether the last operation failed. */
    this.failed = false;
    /** Whether draws are part of an operation that is told as a whole. */
    this.quiet = false;
    /** Records by type and number. */
    this.known = new Map();
    this.fill(message.state);
    this.begin();
    this.added = message.state.added;
    this.copied = message.state.copied;
    this.countsAdded = message.state.counts;
  }

  fill(state) {
    this.remote = state.overlaid;
    this.streams = new ToldStreams(this, state.seed, state.generator);
    for (const [name, words] of state.streams) this.streams.restore(name, words);
    const before = new Set(this.known.values());
    this.roots = state.roots.map(([ty, active, record]) => {
      return { active, record: this.record(this.schema.types[ty], record, ROOT, null, before) };
    });
    if (before.size > 0) this.forget(before);
  }

  /** What was there and is not any more: removed, or only taken off with the effects that made it. */
  forget(gone) {
    const records = [...gone].filter((record) => record.$id !== null && !record.$gone);
    if (records.length === 0) return;
    const tokens = records.flatMap((record) => [record.$def.index, record.$id]);
    const value = this.ask(this.cx, "", "stale", records.length, ...tokens);
    records.forEach((record, i) => {
      record.$gone = value[i];
      if (value[i]) this.known.delete(`${record.$def.index}:${record.$id}`);
    });
  }

  record(def, [id, ...fields], owner, field, before) {
    const key = `${def.index}:${id}`;
    let record = this.known.get(key);
    if (record === undefined) {
      record = def.blank();
      record.$id = id;
      this.known.set(key, record);
    }
    before?.delete(record);
    record.$gone = false;
    record.$owner = owner;
    record.$field = field;
    def.fields.forEach((inner, i) => {
      record[inner.property] = this.place(inner.type, fields[i], record, inner, record[inner.property], before);
    });
    return record;
  }

  /** What stands at a place of the state; `old` is what stood there. */
  place(ty, value, owner, field, old, before) {
    const plain = ty.plain;
    if (value === null) return null;
    if (plain.kind === "struct") return this.record(this.schema.def(plain), value, owner, field, before);
    if (plain.kind === "list") {
      const [version, ...items] = value;
      const list = old instanceof List && old.status === LIVE ? old : new List(plain);
      const was = list.items;
      list.items = items.map((item, i) => this.place(plain.inner, item, list, null, was[i], before));
      return this.container(list, version, owner, field);
    }
    if (plain.kind === "map") {
      const [version, ...entries] = value;
      const map = old instanceof Dict && old.status === LIVE ? old : new Dict(plain);
      const was = map.items;
      map.keys = [];
      map.items = [];
      map.keyHolders = null;
      for (let i = 0; i < entries.length; i += 2) {
        map.keys.push(this.scalar(plain.keys, entries[i]));
        map.items.push(this.place(plain.inner, entries[i + 1], map, null, was[i / 2], before));
      }
      return this.container(map, version, owner, field);
    }
    return this.scalar(plain, value);
  }

  container(container, version, owner, field) {
    container.holders = null;
    container.status = LIVE;
    container.$owner = owner;
    container.$field = owner instanceof Struct ? field : null;
    container.version = readNumber(version);
    container.revision += 1;
    if (container instanceof List) container.keyField = container.$field?.keyField ?? null;
    return container;
  }

  scalar(ty, value) {
    switch (ty.kind) {
      case "int":
        return readNumber(value);
      case "float32":
      case "float64":
        return readFloat(value);
      case "bytes":
        return Uint8Array.from(Buffer.from(value, "base64"));
      default:
        return value;
    }
  }

  /** A value that the command sent. */
  value(ty, value) {
    const plain = ty.plain;
    if (value === null) return null;
    switch (plain.kind) {
      case "struct": {
        const def = this.schema.def(plain);
        if (value.s !== undefined) {
          const record = def.blank();
          def.fields.forEach((field, i) => (record[field.property] = this.value(field.type, value.s[i])));
          return record;
        }
        return this.known.get(`${def.index}:${value.r}`) ?? this.stranger(def, value);
      }
      case "list":
        if (value.c !== undefined) return this.held(plain, value.c);
        return new List(plain, value.map((item) => this.value(plain.inner, item)));
      case "map": {
        if (value.c !== undefined) return this.held(plain, value.c);
        const map = new Dict(plain);
        for (let i = 0; i < value.m.length; i += 2) {
          map.keys.push(this.scalar(plain.keys, value.m[i]));
          map.items.push(this.value(plain.inner, value.m[i + 1]));
        }
        return map;
      }
      case "record":
        return Object.fromEntries(plain.fields.map(([, name, inner], i) => [name, this.value(inner, value[i])]));
      default:
        return this.scalar(plain, value);
    }
  }

  /** A record that the state does not have: removed, or taken off with the effects that made it. */
  stranger(def, { r, f }) {
    const record = def.blank();
    record.$id = r;
    record.$owner = ROOT;
    record.$gone = f === undefined;
    if (f !== undefined) def.fields.forEach((field, i) => (record[field.property] = this.value(field.type, f[i])));
    this.known.set(`${def.index}:${r}`, record);
    return record;
  }

  /** The container that a field holds; an empty one if its record is gone. */
  held(ty, [def, id, field]) {
    const record = this.known.get(`${def}:${id}`);
    const container = record === undefined || record.$gone ? null : record[this.schema.types[def].fields[field].property];
    return container ?? this.zero(ty);
  }

  // What the command is told.

  putRecord(out, record) {
    out.push(record.$def.index);
    if (record.$id !== null) out.push("#", record.$id);
    else if (record.$gone) out.push("x");
    else if (record.$owner === ROOT) out.push("r");
    else if (record.$owner instanceof Struct) {
      out.push("f");
      this.putRecord(out, record.$owner);
      out.push(record.$field.index);
    } else {
      out.push("i");
      this.putContainer(out, record.$owner);
      out.push(record.$owner.items.indexOf(record));
    }
  }

  putContainer(out, container) {
    if (container.$owner instanceof Struct) {
      out.push("f");
      this.putRecord(out, container.$owner);
      out.push(container.$field.index);
    } else {
      out.push("i");
      this.putContainer(out, container.$owner);
      out.push(container.$owner.items.indexOf(container));
    }
  }

  put(out, ty, value) {
    if (value === null) {
      out.push(null);
      return;
    }
    const plain = ty.plain;
    switch (plain.kind) {
      case "bool":
        out.push(value ? 1 : 0);
        break;
      case "int":
        putNumber(out, value);
        break;
      case "float32":
      case "float64":
        putFloat(out, value);
        break;
      case "bytes":
        out.push(Buffer.from(value).toString("base64"));
        break;
      case "list":
        if (value.status === LIVE) {
          out.push("c");
          this.putContainer(out, value);
        } else {
          out.push("l", value.items.length);
          for (const item of value.items) this.put(out, plain.inner, item);
        }
        break;
      case "map":
        if (value.status === LIVE) {
          out.push("c");
          this.putContainer(out, value);
        } else {
          out.push("m", value.keys.length);
          value.keys.forEach((key, i) => {
            this.put(out, plain.keys, key);
            this.put(out, plain.inner, value.items[i]);
          });
        }
        break;
      case "struct":
        if (value.$owner !== null || value.$gone || value.$id !== null) {
          out.push("r");
          this.putRecord(out, value);
        } else {
          out.push("s");
          for (const field of value.$def.fields) this.put(out, field.type, value[field.property]);
        }
        break;
      case "record":
        for (const [, name, inner] of plain.fields) this.put(out, inner, value[name]);
        break;
      default:
        out.push(value);
    }
  }

  /** Takes what was done since the command was told last. */
  told() {
    const told = [this.count, this.failed ? 1 : 0].concat(this.ops);
    this.ops.length = 0;
    this.count = 0;
    return told;
  }

  /** Asks the command; gives its answer, or stops as it says. */
  ask(cx, node, ...tokens) {
    return this.asked(cx, node, tokens);
  }

  asked(cx, node, tokens) {
    const answer = exchange(["ask", ...this.meters(cx)].concat(this.told(), tokens));
    // Asked while the state is being filled: it need not be again.
    if (answer.state !== undefined && tokens[0] !== "stale") this.fill(answer.state);
    if (answer.trap !== undefined) throw new Trap(answer.trap, node, answer.text ?? null);
    return answer.value;
  }

  meters(cx) {
    return [cx.fuel, cx.memory];
  }

  /** Tells of a write, or has the command do it. */
  write(node, tokens, body) {
    if (this.remote) return this.asked(this.cx, node, ["write"].concat(tokens));
    // Told when it is done: meanwhile it may ask for what fields begin with.
    try {
      return body();
    } catch (error) {
      this.failed = true;
      throw error;
    } finally {
      for (const token of tokens) this.ops.push(token);
      this.count += 1;
    }
  }

  // What writes the state.

  number(record, field, value, old, node) {
    if (record.$gone || record.$owner === null) return super.number(record, field, value, old, node);
    const tokens = ["store"];
    this.putRecord(tokens, record);
    tokens.push(field.index);
    this.put(tokens, field.type, value);
    const written = this.write(node, tokens, () => super.number(record, field, value, old, node));
    return this.remote ? record[field.property] : written;
  }

  store(record, field, value, node) {
    if (record.$owner === null || (record.$gone && !this.remote)) return super.store(record, field, value, node);
    const tokens = ["store"];
    this.putRecord(tokens, record);
    tokens.push(field.index);
    this.put(tokens, field.type, value);
    return this.write(node, tokens, () => super.store(record, field, value, node));
  }

  /** A write of a list or map that belongs to the state. */
  inside(container, name, node, operands, body) {
    if (container.status !== LIVE) return body();
    const tokens = [name];
    this.putContainer(tokens, container);
    for (const [ty, value] of operands) {
      if (ty === null) putNumber(tokens, value);
      else this.put(tokens, ty, value);
    }
    return this.write(node, tokens, body);
  }

  listPush(list, value, node) {
    this.inside(list, "push", node, [[list.type.inner, value]], () => super.listPush(list, value, node));
  }

  listInsert(list, index, value, node) {
    const operands = [
      [null, index],
      [list.type.inner, value],
    ];
    this.inside(list, "insert", node, operands, () => super.listInsert(list, index, value, node));
  }

  listSet(list, index, value, node) {
    const operands = [
      [null, index],
      [list.type.inner, value],
    ];
    this.inside(list, "set", node, operands, () => super.listSet(list, index, value, node));
  }

  listRemove(list, index, node) {
    this.inside(list, "remove", node, [[null, index]], () => super.listRemove(list, index, node));
  }

  listAssign(list, source, node) {
    this.inside(list, "assign", node, [[list.type, source]], () => super.listAssign(list, source, node));
  }

  listClear(list, node) {
    this.inside(list, "clear", node, [], () => super.listClear(list, node));
  }

  mapPut(map, key, value, node) {
    const operands = [
      [map.type.keys, key],
      [map.type.inner, value],
    ];
    this.inside(map, "put", node, operands, () => super.mapPut(map, key, value, node));
  }

  mapRemove(map, key, node) {
    return this.inside(map, "delete", node, [[map.type.keys, key]], () => super.mapRemove(map, key, node));
  }

  mapAssign(map, source, node) {
    this.inside(map, "assign", node, [[map.type, source]], () => super.mapAssign(map, source, node));
  }

  mapClear(map, node) {
    this.inside(map, "clear", node, [], () => super.mapClear(map, node));
  }

  rootActivate(def, node) {
    return this.write(node, ["activate", def.index], () => this.quietly(() => super.rootActivate(def, node)));
  }

  rootDeactivate(def, node) {
    return this.write(node, ["deactivate", def.index], () => super.rootDeactivate(def, node));
  }

  rootReset(def, node) {
    // Whether the sender may is for the session to say.
    if (this.ask(this.cx, node, "mayReset", def.index) === false) throw new Trap("permission_denied", node);
    if (this.remote) return this.ask(this.cx, node, "write", "reset", def.index);
    this.write(node, ["reset", def.index], () => this.quietly(() => super.rootReset(def, node)));
    return undefined;
  }

  /** Without telling of draws, which the operation that is told makes by itself. */
  quietly(body) {
    this.quiet = true;
    try {
      return body();
    } finally {
      this.quiet = false;
    }
  }

  configured(path, ty, def, field) {
    const answer = this.ask(this.cx, "", "default", def.index, field.index);
    return answer === undefined ? undefined : this.value(ty, answer);
  }

  typeNumber(ty) {
    return ty === null ? -1 : this.program.types.indexOf(ty);
  }
}

/** What belongs to the session: asked of the command. */
class World {
  constructor(state) {
    this.state = state;
  }

  payload(tokens, ty, value) {
    tokens.push(this.state.typeNumber(ty));
    if (ty !== null) this.state.put(tokens, ty, value);
    return tokens;
  }

  ask(cx, node, ...tokens) {
    return this.state.ask(cx, node, ...tokens);
  }

  emitAll(cx, kind, ty, payload, node) {
    this.state.asked(cx, node, this.payload(["emitAll", kind], ty, payload));
  }

  emitOne(cx, whom, kind, ty, payload, node) {
    this.state.asked(cx, node, this.payload(["emitOne", whom, kind], ty, payload));
  }

  emitMany(cx, whom, kind, ty, payload, node) {
    this.state.asked(cx, node, this.payload(["emitMany", whom.items.length].concat(whom.items, kind), ty, payload));
  }

  emitExcept(cx, whom, kind, ty, payload, node) {
    this.state.asked(cx, node, this.payload(["emitExcept", whom, kind], ty, payload));
  }

  kick(cx, player, reason, node) {
    return this.ask(cx, node, "kick", player, reason);
  }

  schedule(cx, kind, delay, ty, payload, node) {
    return readNumber(this.state.asked(cx, node, this.payload(["schedule", kind, String(delay)], ty, payload)));
  }

  unschedule(cx, number, node) {
    return this.ask(cx, node, "unschedule", String(number));
  }

  filterAdd(cx, viewer, id, filter, ty, params, node) {
    this.state.asked(cx, node, this.payload(["filterAdd", viewer, id, filter], ty, params));
  }

  filterRemove(cx, viewer, id, node) {
    return this.ask(cx, node, "filterRemove", viewer, id);
  }

  filterHas(cx, viewer, id, node) {
    return this.ask(cx, node, "filterHas", viewer, id);
  }

  effectAdd(cx, id, effect, activator, duration, priority, stacks, once, ty, params, node) {
    const numbers = [duration, priority, stacks].map(String);
    this.state.asked(cx, node, this.payload(["effectAdd", id, effect, activator, ...numbers, once ? 1 : 0], ty, params));
  }

  effectRemove(cx, id, node) {
    return this.ask(cx, node, "effectRemove", id);
  }

  effectHas(cx, id, node) {
    return this.ask(cx, node, "effectHas", id);
  }

  effectsLift(cx, node) {
    if (this.state.remote) this.ask(cx, node, "effectsLift");
  }

  effectsLiftAt(cx, record, field, node) {
    if (!this.state.remote) return;
    const tokens = ["effectsLiftAt"];
    this.state.putRecord(tokens, record);
    this.ask(cx, node, ...tokens, field.index);
  }

  effectsApply(cx, node) {
    this.ask(cx, node, "effectsApply");
  }

  configGet(cx, name, ty, node) {
    return this.state.value(ty, this.ask(cx, node, "configGet", name, this.state.typeNumber(ty)));
  }

  configSet(cx, name, ty, value, node) {
    this.state.asked(cx, node, this.payload(["configSet", name], ty, value));
  }

  configReload(cx, node) {
    this.ask(cx, node, "configReload");
  }

  writeCheck(cx, record, field, node) {
    if (record.$gone) throw new Trap("stale_reference", node);
    if (record.$owner === null) return;
    const tokens = ["writeCheck"];
    this.state.putRecord(tokens, record);
    this.ask(cx, node, ...tokens, field.index);
  }

  writeCheckIn(cx, container, at, node) {
    if (container.status !== LIVE) return;
    const tokens = ["writeCheckIn"];
    this.state.putContainer(tokens, container);
    tokens.push(at === null ? 0 : 1);
    if (at !== null) this.state.put(tokens, container instanceof Dict ? container.type.keys : type("int64"), at);
    this.ask(cx, node, ...tokens);
  }

  hostCall(cx, name, args, types, output, node) {
    const tokens = ["hostCall", name, args.length];
    args.forEach((arg, i) => this.payload(tokens, types[i], arg));
    tokens.push(this.state.typeNumber(output));
    const [value, streams] = this.ask(cx, node, ...tokens);
    for (const [stream, words] of streams) this.state.streams.restore(stream, words);
    return output === null ? undefined : this.state.value(output, value);
  }

  message(cx, text, ty, value, graph, node) {
    this.state.asked(cx, node, this.payload(["message", graph, node, text], ty, value));
  }
}

// Runs.

const programs = new Map();

function perform(message) {
  try {
    return performed(message);
  } catch (error) {
    return ["fault", String(error?.stack ?? error)];
  }
}

function performed(message) {
  const program = programs.get(message.key);
  const state = new Mirror(program, message);
  state.program = program;
  const { fuel, memory, now, host, sender, handler } = message;
  const cx = new Activation({ state, world: new World(state), fuel, memory, now: readNumber(now), host, sender, handler });
  state.cx = cx;
  let outcome;
  try {
    outcome = message.do === "run" ? start(cx, program, message) : again(cx, program, message);
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    return ["done", ...state.meters(cx)].concat(state.told(), "trap", error.code, error.node, error.text);
  }
  const tail = [];
  if (outcome instanceof Suspension) putSuspension(tail, state, program, outcome);
  else tail.push("ok", outcome === true ? 1 : 0);
  return ["done", ...state.meters(cx)].concat(state.told(), tail, hex(state.hash()));
}

function start(cx, program, { function: index, args }) {
  const { run, suspends, params } = program.functions[index];
  const values = params.map(([, ty], i) => cx.state.value(ty, args[i]));
  return suspends ? run(cx, 0, values) : run(cx, ...values);
}

function again(cx, program, { frames, results }) {
  const restored = frames.map(({ function: index, block, values }, depth) => {
    const types = program.functions[index].resume[block];
    const skipped = types.length - values.length;
    const known = values.map((value, i) => cx.state.value(types[skipped + i], value));
    return { function: index, block, values: known, deadlines: frames[depth].deadlines };
  });
  for (const frame of restored) {
    frame.deadlines = frame.deadlines.map(({ due, block, values }) => {
      const types = program.functions[frame.function].resume[block];
      return { due: readNumber(due), block, values: values.map((value, i) => cx.state.value(types[i], value)) };
    });
  }
  let supplied = [];
  if (results !== null) {
    const { function: index, block } = restored[restored.length - 1];
    const data = program.functions[index].resume[block][1];
    supplied = [results.arrived !== null, results.arrived === null ? cx.state.zero(data) : cx.state.value(data, results.arrived)];
  }
  return resume(cx, program, restored, supplied);
}

function putSuspension(out, state, program, { wait, frames, node }) {
  out.push("wait", node);
  if (wait.event === undefined) {
    out.push("duration");
    putNumber(out, wait.duration);
  } else {
    out.push("event", wait.event);
    putNumber(out, wait.timeout);
    out.push(state.typeNumber(wait.data));
  }
  out.push(frames.length);
  for (const { function: index, block, values, deadlines } of frames) {
    out.push(index, block);
    const put = (number, saved) => {
      const types = program.functions[index].resume[number];
      const skipped = types.length - saved.length;
      out.push(saved.length);
      saved.forEach((value, i) => state.put(out, types[skipped + i], value));
    };
    put(block, values);
    out.push(deadlines.length);
    for (const { due, block: later, values: saved } of deadlines) {
      putNumber(out, due);
      out.push(later);
      put(later, saved);
    }
  }
}

for (;;) {
  const line = readLine();
  if (line === null) break;
  const message = JSON.parse(line);
  if (message.do === "load") {
    try {
      const module = await import(`data:text/javascript;charset=utf-8,${encodeURIComponent(message.code)}`);
      programs.set(message.key, module.program);
      write(["loaded"]);
    } catch (error) {
      write(["fault", String(error?.stack ?? error)]);
    }
  } else if (message.do === "forget") {
    programs.delete(message.key);
    write(["loaded"]);
  } else {
    write(perform(message));
  }
}
closeSync(1);

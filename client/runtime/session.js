// A session on the client: handlers of an emitted module on a state of its own, for playing offline and for predicting what the
// server will say.
//
// Each event is a transaction: it is done as a whole, or undone as a whole. Waits and scheduled events happen when `advance` lets
// session time get there. Random numbers, fuel, errors and the state's hash are those of a server with the same seed and state.
//
// What is the server's: effects, filters and views (they decide what others see), who may send or write what (`@write`, permissions),
// who is there. A handler that puts an effect or a filter to use stops with `permission_denied`; a kick says no.

import { Activation, Outbox, Suspension, resume } from "./activation.js";
import { Agenda } from "./agenda.js";
import { configured } from "./config.js";
import { Dict, LIVE, List } from "./containers.js";
import { iaddOver, iaddWrap, imax, settled } from "./integers.js";
import { Unfit, importValue, isObject, own } from "./outside.js";
import { LIMITS, State } from "./state.js";
import { Trap, messageOf, trap } from "./trap.js";
import { Struct, shown } from "./types.js";

/** The due time of what only an event ends. */
const NEVER = 2n ** 63n - 1n;

/** So many activations may wait at once, and so many events be scheduled, unless the page says otherwise. */
const WAITING_LIMIT = 100_000;

/** Events that only the session itself sends. */
const RESERVED_EVENTS = ["SessionStart", "PlayerConnect", "PlayerDisconnect", "HostChanged", "Tick"];

/** What a container field holds, by what owns it: it may hold something else when it is looked at again. */
class Place {
  constructor(record, field, ty) {
    Object.assign(this, { record, field, ty });
  }
}

function kept(value) {
  const isContainer = value instanceof List || value instanceof Dict;
  if (!isContainer || value.status !== LIVE || !(value.$owner instanceof Struct)) return value;
  return new Place(value.$owner, value.$field, value.type);
}

function found(state, value) {
  if (!(value instanceof Place)) return value;
  const now = value.record.$gone ? null : value.record[value.field.property];
  return now ?? state.zero(value.ty);
}

/** Handlers on a state. */
export class Session {
  /**
   * `state` is given in part, as JavaScript's own values; what is missing has its defaults. `now` is session time in
   * milliseconds. `config` gives configured values over the document's defaults, by `GROUP.FIELD`. `hostNodes` are functions of the
   * host program by name: they take the inputs and give the output.
   */
  constructor(program, options = {}) {
    const { state = {}, seed = 0, generator, limits, config = {}, now = 0, host = "", hostNodes = {} } = options;
    this.program = program;
    const allLimits = { ...LIMITS, ...limits };
    const values = configured(program.config, config, allLimits);
    this.state = new State(program.schema, { seed, generator, limits: allLimits, config: values }).begun();
    this.state.load(state);
    this.now = whole(now, "the session's time");
    this.host = host;
    this.hostNodes = hostNodes;
    this.waitingLimit = options.waitingLimit ?? WAITING_LIMIT;
    /** Called with each message of a `Log` node: text, value, handler, node. */
    this.onMessage = () => {};
    /** Suspended activations: by due time and activation number, the order in which they resume. */
    this.waiting = new Agenda();
    /** Those that wait for an event, by its name. */
    this.listening = new Map();
    /** Events to come: by due time and number, the order in which they fire. */
    this.agenda = new Agenda();
    /** The same by number. */
    this.scheduled = new Map();
    /** The number given to a scheduled event last. */
    this.numbers = 0;
    /** The number of the activation started last. */
    this.activations = 0;
  }

  /** Handlers of an event. */
  handlers(event) {
    return this.program.functions.filter((candidate) => candidate.role === "handler" && candidate.event === event);
  }

  /**
   * Sends an event. Gives `{ ok, error, events, fuel, activations }`: whether everything succeeded, the first error (`{ code, node,
   * message }`) or null, what was emitted, the fuel used, and the same of each activation that ran. `sender` is the player's id, ""
   * for the session itself.
   */
  dispatch(event, params = {}, sender = "") {
    const report = new Report();
    this.handle(event, params, sender, report);
    return report.result();
  }

  /**
   * Lets session time pass, in whole milliseconds; less than 0 counts as none. What is due by then happens, each at its own time, ordered by due time,
   * waits before scheduled events, and number. Gives as `dispatch` does.
   */
  advance(ms) {
    const passing = whole(ms, "the time that passes");
    const isLate = passing > 0 && iaddOver(this.now, passing);
    const until = isLate ? NEVER : iaddWrap(this.now, imax(passing, 0));
    const report = new Report();
    // Ends: every round uses up an activation or an event, or moves it later, and fuel bounds how often.
    for (;;) {
      const wait = this.waiting.next;
      const event = this.agenda.next;
      const isWait = wait !== undefined && wait.due < NEVER && (event === undefined || wait.due <= event.due);
      const next = isWait ? wait : event;
      if (next === undefined || next.due > until) break;
      this.now = next.due;
      if (isWait) {
        this.unpark(wait);
        this.runOn(wait, wait.isCut ? cutShort(wait) : wait, undefined, report);
      } else {
        this.agenda.delete(event);
        this.scheduled.delete(event.number);
        this.handle(event.event, event.params, "", report);
      }
    }
    this.now = until;
    return report.result();
  }

  /** Runs the handlers of an event, then those that wait for it. */
  handle(event, params, sender, report) {
    const isReserved = RESERVED_EVENTS.includes(event);
    if (isReserved && sender !== "") {
      return report.refuse("permission_denied", `only the session itself sends \`${event}\``);
    }
    const listeners = [...(this.listening.get(event) ?? [])].sort((one, other) => one.number - other.number);
    const handlers = this.handlers(event);
    let admitted = 0;
    for (const handler of handlers) {
      this.activations += 1;
      const activation = { number: this.activations, handler: handler.name, sender, fuel: undefined, memory: undefined };
      const position = report.activations.length;
      this.runSegments(activation, report, (cx) => {
        const values = this.parameters(handler, event, params);
        return handler.suspends ? handler.run(cx, 0, [sender, ...values]) : handler.run(cx, sender, ...values);
      });
      if (report.activations[position].error?.code !== "bad_parameters") admitted += 1;
    }
    // Who was turned away by every handler has not sent anything.
    if (handlers.length === 0 || admitted > 0) {
      for (const waiting of listeners) this.wake(waiting, event, params, report);
    }
    if (!isReserved && handlers.length === 0 && listeners.length === 0) {
      report.refuse("unknown_event", `no handler handles the event \`${event}\``);
    }
  }

  /** The declared parameters of a handler, as it takes them. */
  parameters(handler, event, params) {
    if (params !== null && params !== undefined && !isObject(params)) {
      trap("bad_parameters", "", `the parameters of \`${event}\` must be a map from names to values`);
    }
    const [, ...declared] = handler.params;
    return declared.map(([name, ty]) => {
      const value = own(params ?? {}, name);
      return value === undefined ? this.missing(name, ty, event) : this.imported(name, ty, value, event);
    });
  }

  /** What stands for a parameter that was not sent: handlers of the session's own events may declare more than they carry. */
  missing(name, ty, event) {
    if (ty.kind === "nullable") return null;
    if (RESERVED_EVENTS.includes(event)) return this.state.zero(ty);
    const wanted = shown(this.program.schema, ty);
    return trap("bad_parameters", "", `parameter \`${name}\` of \`${event}\` is missing: send a value of type ${wanted}`);
  }

  imported(name, ty, value, event) {
    try {
      return importValue(this.state, ty, value);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      return trap("bad_parameters", "", `parameter \`${name}\` of \`${event}\`: ${error.message}`);
    }
  }

  /** The parameters of an event as the record that a wait is given: what was not sent is zero. */
  data(ty, event, params) {
    const given = isObject(params) ? params : {};
    const field = ([name, property, inner]) => {
      const value = own(given, name);
      return [property, value === undefined ? this.state.zero(inner) : this.imported(name, inner, value, event)];
    };
    return Object.fromEntries(ty.fields.map(field));
  }

  /**
   * Runs a handler as `dispatch` would, and undoes all of it; for measuring. Gives its fuel and how it ended: `done`, `waits`, or
   * the error's code and node. Without `runs` it only reads the parameters.
   */
  rehearse(handler, params, sender, runs = true) {
    const { state } = this;
    const world = new World(this);
    state.begin();
    const cx = new Activation({ state, world, now: this.now, host: this.host, sender, handler: handler.name });
    let ended = "done";
    try {
      const values = this.parameters(handler, handler.event, params);
      if (runs) {
        const outcome = handler.suspends ? handler.run(cx, 0, [sender, ...values]) : handler.run(cx, sender, ...values);
        if (outcome instanceof Suspension) ended = "waits";
      }
    } catch (error) {
      if (!(error instanceof Trap)) throw error;
      ended = error.node ? `${error.code} at ${error.node}` : error.code;
    } finally {
      state.rollback();
    }
    return { fuel: state.limits.fuel - cx.fuel, ended };
  }

  /** Puts an activation to sleep. */
  park(waiting) {
    this.waiting.add(waiting);
    const { event } = waiting.wait;
    if (event === undefined) return;
    if (!this.listening.has(event)) this.listening.set(event, new Set());
    this.listening.get(event).add(waiting);
  }

  /** Takes it out again; whether it was there. */
  unpark(waiting) {
    const { event } = waiting.wait;
    const listeners = this.listening.get(event);
    if (listeners?.delete(waiting) && listeners.size === 0) this.listening.delete(event);
    return this.waiting.delete(waiting);
  }

  /** Resumes an activation with the event that it waits for. It goes on waiting if the event's parameters do not have the types that it was told of. */
  wake(waiting, event, params, report) {
    const { state } = this;
    state.begin();
    try {
      this.data(waiting.wait.data, event, params);
    } catch (error) {
      if (!(error instanceof Trap)) throw error;
      return;
    } finally {
      state.rollback();
    }
    if (this.unpark(waiting)) this.runOn(waiting, waiting, { event, params }, report);
  }

  /** Runs an activation on from a suspension; with the event that ended the wait, if one did. */
  runOn(activation, suspension, arrived, report) {
    this.runSegments({ ...activation }, report, (cx) => this.resumed(cx, suspension, arrived));
  }

  resumed(cx, { wait, frames }, arrived) {
    let results = [];
    if (wait.event !== undefined) {
      const data =
        arrived === undefined ? this.state.zero(wait.data) : this.data(wait.data, arrived.event, arrived.params);
      results = [arrived !== undefined, data];
    }
    return resume(cx, this.program, this.restored(frames), results);
  }

  restored(frames) {
    const values = (saved) => saved.map((value) => found(this.state, value));
    return frames.map((frame) => ({
      ...frame,
      values: values(frame.values),
      deadlines: frame.deadlines.map((deadline) => ({ ...deadline, values: values(deadline.values) })),
    }));
  }

  /** Runs an activation up to its end or its next wait. If a deadline of the wait has come already, the next segment follows at once. */
  runSegments(activation, report, begin) {
    let body = begin;
    while (body !== null) {
      const waits = this.segment(activation, report, body);
      body = null;
      if (waits === null) return;
      if (waits.isCut && waits.due <= this.now) {
        const suspension = cutShort(waits);
        body = (cx) => this.resumed(cx, suspension, undefined);
      } else {
        this.park(waits);
      }
    }
  }

  /** One transaction. Gives what the activation waits for then, or null. */
  segment(activation, report, body) {
    const { state } = this;
    const { number, sender, handler, fuel, memory } = activation;
    const world = new World(this);
    state.begin();
    const cx = new Activation({ state, world, now: this.now, host: this.host, sender, handler, fuel, memory });
    const before = cx.fuel;
    let waits = null;
    try {
      const outcome = body(cx);
      if (outcome instanceof Suspension) waits = this.suspended(outcome, activation);
    } catch (error) {
      state.rollback();
      if (!(error instanceof Trap)) throw error;
      report.failed(handler, number, error, before - cx.fuel);
      return null;
    }
    state.commit();
    world.commit();
    // The fuel that is left lasts for all segments.
    Object.assign(activation, { fuel: cx.fuel, memory: cx.memory });
    if (waits !== null) Object.assign(waits, { fuel: cx.fuel, memory: cx.memory });
    report.ended(handler, number, waits === null ? "done" : "waiting", before - cx.fuel, world.outbox.events);
    return waits;
  }

  /** What an activation that has stopped waits for. */
  suspended({ wait, frames, node }, { number, sender, handler }) {
    const due = this.waitDue(wait, node);
    const values = (saved) => saved.map(kept);
    const waiting = {
      number,
      due,
      isCut: false,
      sender,
      handler,
      wait,
      frames: frames.map((frame) => ({
        ...frame,
        values: values(frame.values),
        deadlines: frame.deadlines.map((deadline) => ({ ...deadline, values: values(deadline.values) })),
      })),
    };
    // What is waited for comes before a deadline at the same time.
    const deadline = earliest(waiting.frames);
    if (deadline !== null && deadline.due < due) {
      Object.assign(waiting, { due: imax(deadline.due, this.now), isCut: true });
    }
    return waiting;
  }

  /** When a wait ends by itself. */
  waitDue(wait, node) {
    if (this.waiting.size >= this.waitingLimit) {
      trap("memory_limit", node, `${this.waitingLimit} activations wait already, and no more may`);
    }
    if (wait.event !== undefined && wait.timeout <= 0) return NEVER;
    const ms = wait.event === undefined ? imax(wait.duration, 1) : wait.timeout;
    if (iaddOver(this.now, ms)) trap("overflow", node, `a wait of ${ms} ms ends later than time can be counted`);
    return iaddWrap(this.now, ms);
  }

  /** The whole state as JavaScript's own values; `restore` takes it. Suspended activations and scheduled events are no part of it. */
  snapshot() {
    const { streams } = this.state;
    const { seed, generator } = streams;
    return { state: this.state.toValue(), now: this.now, seed, generator, streams: streams.states() };
  }

  /** Goes back to a snapshot, or to what a server sent: waits and scheduled events are forgotten. */
  restore({ state, now = this.now, seed = this.state.streams.seed, generator, streams = [] }) {
    const { limits, config } = this.state;
    const then = whole(now, "the session's time");
    const restored = new State(this.program.schema, { seed, generator, limits, config }).begun();
    restored.load(state);
    // What beginning drew is no part of the snapshot.
    restored.streams.streams.clear();
    for (const [name, words] of streams) restored.streams.restore(name, words);
    this.state = restored;
    this.now = then;
    this.waiting.clear();
    this.listening.clear();
    this.agenda.clear();
    this.scheduled.clear();
  }
}

/** A time in whole milliseconds of 64 bits, as integers are in the library. */
function whole(ms, what) {
  const isWhole = typeof ms === "bigint" ? BigInt.asIntN(64, ms) === ms : Number.isSafeInteger(ms);
  if (!isWhole) throw new RangeError(`${what} must be whole milliseconds, not ${String(ms)}: round it`);
  return settled(BigInt(ms));
}

/** The earliest deadline of frames, of equals the innermost. */
function earliest(frames) {
  let best = null;
  frames.forEach(({ deadlines }, depth) => {
    deadlines.forEach(({ due }, position) => {
      const isInner = best !== null && due === best.due && depth > best.depth;
      if (best === null || due < best.due || isInner) best = { due, depth, position };
    });
  });
  return best;
}

/** A suspension as its earliest deadline leaves it: the frames inside are gone, and it goes on where the deadline leads. */
function cutShort(suspension) {
  const { depth, position } = earliest(suspension.frames);
  const frames = suspension.frames.slice(0, depth + 1);
  const last = frames[depth];
  const { block, values } = last.deadlines[position];
  frames[depth] = { ...last, block, values, deadlines: last.deadlines.slice(position + 1) };
  // Nothing came of what was waited for.
  return { wait: { duration: 0 }, frames };
}

/** What came of something that was done to the session. */
class Report {
  constructor() {
    this.refused = null;
    this.activations = [];
    this.events = [];
  }

  refuse(code, message) {
    this.refused ??= { code, node: null, message };
  }

  ended(handler, id, status, fuel, events) {
    this.activations.push({ handler, id, status, error: null, fuel });
    // Not as arguments of one call: there may be many.
    for (const event of events) this.events.push(event);
  }

  failed(handler, id, { code, node, text }, fuel) {
    const error = { code, node: node || null, message: text ?? messageOf(code) };
    this.activations.push({ handler, id, status: "failed", error, fuel });
  }

  result() {
    const { activations, events } = this;
    const error = this.refused ?? activations.find((one) => one.error !== null)?.error ?? null;
    const fuel = activations.reduce((sum, one) => sum + one.fuel, 0);
    return { ok: error === null, error, events, fuel, activations };
  }
}

/** What a running handler arranges: kept if its transaction is. */
class World {
  constructor(session) {
    this.session = session;
    this.outbox = new Outbox(session.state.limits);
    this.added = new Map();
    this.removed = new Set();
    this.numbers = session.numbers;
  }

  commit() {
    const { session } = this;
    for (const number of this.removed) {
      session.agenda.delete(session.scheduled.get(number));
      session.scheduled.delete(number);
    }
    for (const event of this.added.values()) {
      session.agenda.add(event);
      session.scheduled.set(event.number, event);
    }
    session.numbers = this.numbers;
  }

  emit(cx, kind, to, ty, payload, node) {
    this.outbox.emit(cx.state, kind, to, ty, payload, node);
  }

  emitAll(cx, kind, ty, payload, node) {
    this.emit(cx, kind, "all", ty, payload, node);
  }

  emitOne(cx, player, kind, ty, payload, node) {
    this.emit(cx, kind, [player], ty, payload, node);
  }

  emitMany(cx, players, kind, ty, payload, node) {
    this.emit(cx, kind, [...players.items], ty, payload, node);
  }

  emitExcept(cx, player, kind, ty, payload, node) {
    this.emit(cx, kind, { except: player }, ty, payload, node);
  }

  schedule(cx, kind, delay, ty, payload, node) {
    const ms = imax(delay, 1);
    if (iaddOver(cx.now, ms)) trap("out_of_range", node);
    const params = this.outbox.payload(cx.state, ty, payload, node);
    const { scheduled, waitingLimit } = this.session;
    if (scheduled.size - this.removed.size + this.added.size >= waitingLimit) trap("memory_limit", node);
    this.numbers += 1;
    this.added.set(this.numbers, { due: iaddWrap(cx.now, ms), number: this.numbers, event: kind, params });
    return this.numbers;
  }

  unschedule(cx, number) {
    const key = Number(number);
    if (this.added.delete(key)) return true;
    if (!this.session.scheduled.has(key) || this.removed.has(key)) return false;
    this.removed.add(key);
    return true;
  }

  kick() {
    return false;
  }

  filterAdd(cx, viewer, id, filter, ty, params, node) {
    trap("permission_denied", node, "filters are the server's");
  }

  filterRemove() {
    return false;
  }

  filterHas() {
    return false;
  }

  effectAdd(cx, id, effect, activator, duration, priority, stacks, once, ty, params, node) {
    trap("permission_denied", node, "effects are the server's");
  }

  effectRemove() {
    return false;
  }

  effectHas() {
    return false;
  }

  effectsLift() {}

  effectsLiftAt() {}

  effectsApply() {}

  writeCheck(cx, record, field, node) {
    if (record.$gone) trap("stale_reference", node);
  }

  writeCheckIn() {}

  configGet(cx, name, ty) {
    return cx.state.configured(name, ty) ?? cx.state.zero(ty);
  }

  configSet(cx, name, ty, value, node) {
    trap("bad_argument", node, "configured values are the server's");
  }

  configReload() {}

  hostCall(cx, name, args, types, output, node) {
    const { hostNodes } = this.session;
    if (!Object.hasOwn(hostNodes, name)) {
      trap("custom", node, `\`${name}\` is a node of a host program, which does not run here`);
    }
    const value = hostNodes[name](...args);
    if (output === null) return undefined;
    try {
      return importValue(cx.state, output, value);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      return trap("custom", node, `the page's \`${name}\` gave what its output is not: ${error.message}`);
    }
  }

  message(cx, text, ty, value, graph, node) {
    this.session.onMessage(text, value, graph, node);
  }
}

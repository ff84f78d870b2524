// A session on the client: handlers of an emitted module on a state of its own, for playing offline and for predicting what the
// server will say.
//
// Each event is a transaction: it is done as a whole, or undone as a whole. Waits and scheduled events happen when `advance` lets
// session time get there. Random numbers, fuel, errors and the state's hash are those of a server with the same seed and state.
//
// What is the server's: effects, filters and views (they decide what others see), who may send or write what (`@write`, permissions),
// who is there. A handler that puts an effect or a filter to use stops with `permission_denied`; a kick says no.

import { Activation, Outbox, Suspension, resume } from "./activation.js";
import { Dict, LIVE, List } from "./containers.js";
import { Unfit, importValue } from "./outside.js";
import { LIMITS, State } from "./state.js";
import { Trap, trap } from "./trap.js";
import { Struct } from "./types.js";

/** So many waits and scheduled events are done at one instant; what is more waits for the next `advance`. */
const MOST_AT_ONCE = 10_000;

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
   * milliseconds. `hostNodes` are functions of the host program by name: they take the inputs and give the output.
   */
  constructor(program, { state = {}, seed = 0, generator, limits = LIMITS, config = {}, now = 0, host = "", hostNodes = {} } = {}) {
    this.program = program;
    this.state = new State(program.schema, { seed, generator, limits, config }).begun();
    this.state.load(state);
    this.now = now;
    this.host = host;
    this.hostNodes = hostNodes;
    this.config = { ...config };
    /** Called with each message of a `Log` node: text, value, handler, node. */
    this.onMessage = () => {};
    /** Suspended activations, in the order in which they began to wait. */
    this.waiting = [];
    /** Scheduled events, by number. */
    this.scheduled = new Map();
    this.numbers = 0;
    this.order = 0;
  }

  /** Handlers of an event. */
  handlers(event) {
    return this.program.functions.filter((candidate) => candidate.role === "handler" && candidate.event === event);
  }

  /**
   * Sends an event. Gives `{ ok, error, events }`: whether everything succeeded, the first error (`{ code, node, message }`) or
   * null, and what was emitted. `sender` is the player's id, "" for the session itself.
   */
  dispatch(event, params = {}, sender = "") {
    const waits = this.waiting.filter(({ wait }) => wait.event === event);
    const handlers = this.handlers(event);
    if (handlers.length === 0 && waits.length === 0) return failed(new Trap("unknown_event"));
    const results = handlers.map((handler) => this.run(handler, params, sender));
    for (const waiting of waits) {
      if (this.waiting.includes(waiting)) results.push(this.goOn(waiting, params));
    }
    return merged(results);
  }

  /** Lets session time pass, in milliseconds: what is due by then happens, each at its time. Gives as `dispatch` does. */
  advance(ms) {
    const until = this.now + ms;
    const results = [];
    for (let count = 0; count < MOST_AT_ONCE; count++) {
      const next = this.next(until);
      if (next === null) break;
      this.now = Math.max(this.now, next.due);
      results.push(next.happen());
    }
    this.now = until;
    return merged(results);
  }

  /** What happens next, of what is due by then. */
  next(until) {
    let next = null;
    const offer = (due, order, happen) => {
      if (due > until) return;
      if (next === null || due < next.due || (due === next.due && order < next.order)) next = { due, order, happen };
    };
    for (const waiting of this.waiting) {
      const deadline = earliest(waiting.frames);
      // The wait comes before a deadline of the same time.
      if (waiting.due !== null && (deadline === null || waiting.due <= deadline.due)) {
        offer(waiting.due, waiting.order, () => this.goOn(waiting, null));
      } else if (deadline !== null) {
        offer(deadline.due, waiting.order, () => this.cutShort(waiting, deadline));
      }
    }
    for (const [number, { due, order, event, params }] of this.scheduled) {
      offer(due, order, () => {
        this.scheduled.delete(number);
        return this.dispatch(event, params);
      });
    }
    return next;
  }

  run(handler, params, sender) {
    return this.transaction(sender, handler.name, {}, (cx) => {
      const values = this.parameters(handler, params);
      return handler.suspends ? handler.run(cx, 0, [sender, ...values]) : handler.run(cx, sender, ...values);
    });
  }

  /** The declared parameters of a handler, as it takes them. */
  parameters(handler, params) {
    const [, ...declared] = handler.params;
    return declared.map(([name, ty]) => {
      try {
        return importValue(this.state, ty, params[name] ?? null);
      } catch (error) {
        if (!(error instanceof Unfit)) throw error;
        return trap("bad_parameters", "", `parameter \`${name}\`: ${error.message}`);
      }
    });
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
      const values = this.parameters(handler, params);
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

  goOn(waiting, params) {
    this.waiting.splice(this.waiting.indexOf(waiting), 1);
    const { sender, handler, fuel, memory, frames, wait } = waiting;
    return this.transaction(sender, handler, { fuel, memory }, (cx) => {
      let results = [];
      if (wait.event !== undefined) {
        const data = params === null ? this.state.zero(wait.data) : this.data(wait.data, params);
        results = [params !== null, data];
      }
      return resume(cx, this.program, this.restored(frames), results);
    });
  }

  /** The parameters of an event as a wait takes them: those that its record names. */
  data(ty, params) {
    const given = Object.fromEntries(ty.fields.map(([name]) => [name, params[name] ?? null]));
    try {
      return importValue(this.state, ty, given);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      return trap("bad_parameters", "", error.message);
    }
  }

  cutShort(waiting, { depth, position }) {
    this.waiting.splice(this.waiting.indexOf(waiting), 1);
    const { sender, handler, fuel, memory } = waiting;
    const frames = waiting.frames.slice(0, depth + 1);
    const last = frames[depth];
    const { block, values } = last.deadlines[position];
    frames[depth] = { ...last, block, values, deadlines: last.deadlines.slice(position + 1) };
    return this.transaction(sender, handler, { fuel, memory }, (cx) => {
      return resume(cx, this.program, this.restored(frames), []);
    });
  }

  restored(frames) {
    const values = (saved) => saved.map((value) => found(this.state, value));
    return frames.map((frame) => ({
      ...frame,
      values: values(frame.values),
      deadlines: frame.deadlines.map((deadline) => ({ ...deadline, values: values(deadline.values) })),
    }));
  }

  transaction(sender, handler, meters, body) {
    const { state } = this;
    const world = new World(this);
    state.begin();
    const cx = new Activation({ state, world, now: this.now, host: this.host, sender, handler, ...meters });
    try {
      const outcome = body(cx);
      if (outcome instanceof Suspension) world.waits.push(this.suspended(outcome, cx));
      state.commit();
      world.commit();
      return { ok: true, error: null, events: world.outbox.events, fuel: state.limits.fuel - cx.fuel };
    } catch (error) {
      state.rollback();
      if (!(error instanceof Trap)) throw error;
      return failed(error);
    }
  }

  suspended({ wait, frames, node }, cx) {
    const values = (saved) => saved.map(kept);
    this.order += 1;
    const due = wait.event === undefined ? this.now + Number(wait.duration) : wait.timeout > 0 ? this.now + Number(wait.timeout) : null;
    return {
      wait,
      node,
      due,
      order: this.order,
      sender: cx.sender,
      handler: cx.handler,
      fuel: cx.fuel,
      memory: cx.memory,
      frames: frames.map((frame) => ({
        ...frame,
        values: values(frame.values),
        deadlines: frame.deadlines.map((deadline) => ({ ...deadline, due: Number(deadline.due), values: values(deadline.values) })),
      })),
    };
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
    this.state = new State(this.program.schema, { seed, generator, limits, config }).begun();
    this.state.load(state);
    // What beginning drew is no part of the snapshot.
    this.state.streams.streams.clear();
    for (const [name, words] of streams) this.state.streams.restore(name, words);
    this.now = now;
    this.waiting = [];
    this.scheduled.clear();
  }
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

function failed({ code, node, text }) {
  return { ok: false, error: { code, node: node || null, message: text }, events: [], fuel: 0 };
}

function merged(results) {
  return {
    ok: results.every((result) => result.ok),
    error: results.find((result) => !result.ok)?.error ?? null,
    events: results.flatMap((result) => result.events),
    fuel: results.reduce((sum, result) => sum + result.fuel, 0),
  };
}

/** What a running handler arranges: kept if its transaction is. */
class World {
  constructor(session) {
    this.session = session;
    this.outbox = new Outbox(session.state.limits);
    this.waits = [];
    this.added = new Map();
    this.removed = new Set();
    this.numbers = session.numbers;
    this.config = null;
  }

  commit() {
    const { session } = this;
    session.waiting.push(...this.waits);
    for (const number of this.removed) session.scheduled.delete(number);
    for (const [number, event] of this.added) {
      session.order += 1;
      session.scheduled.set(number, { ...event, order: session.order });
    }
    session.numbers = this.numbers;
    if (this.config !== null) {
      session.config = this.config;
      session.state.config = this.config;
    }
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
    const params = this.outbox.payload(cx.state, ty, payload, node);
    this.numbers += 1;
    const due = cx.now + Math.max(Number(delay), 1);
    if (!(due <= 2 ** 63)) trap("out_of_range", node);
    this.added.set(this.numbers, { due, event: kind, params });
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
    const config = this.config ?? this.session.config;
    if (!Object.hasOwn(config, name)) return cx.state.zero(ty);
    try {
      return importValue(cx.state, ty, config[name]);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      return cx.state.zero(ty);
    }
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
    return output === null ? undefined : importValue(cx.state, output, value);
  }

  message(cx, text, ty, value, graph, node) {
    this.session.onMessage(text, value, graph, node);
  }
}

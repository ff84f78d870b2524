// Plays scripts in a client's own sessions, and tells after each step what a page could: a line of text for each.
// Standard input is JSON: where the runtime library is, and for each script the module and a module with options and acts.

import { readFileSync, writeSync } from "node:fs";

const { runtime, plays } = JSON.parse(readFileSync(0, "utf8"));
const { Session, compareText, hex } = await import(runtime);
const loaded = (code) => import(`data:text/javascript;charset=utf-8,${encodeURIComponent(code)}`);

function write(text) {
  const bytes = Buffer.from(`${text}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

/** A value in one spelling: numbers as they are, entries of objects by name. */
function shown(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
  if (Array.isArray(value)) return `[${value.map(shown).join(",")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).sort(([one], [other]) => compareText(one, other));
    return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${shown(item)}`).join(",")}}`;
  }
  return String(value);
}

/** Of what is wrong with parameters, the rest says what was there, in the words of each side. */
const problem = (error) =>
  error && [error.code, error.node, error.code === "bad_parameters" ? error.message.split(", found ")[0] : error.message];

function told(session, result) {
  const activations = result.activations.map(({ handler, id, status, error, fuel }) => [handler, id, status, problem(error), fuel]);
  const events = result.events.map(({ kind, to, payload }) => [kind, to, payload]);
  const dues = [session.waiting.next?.due, session.agenda.next?.due].filter((due) => due !== undefined && due < 2n ** 63n - 1n);
  const next = dues.length === 0 ? null : dues.reduce((one, other) => (other < one ? other : one));
  return shown({
    error: problem(result.error),
    activations,
    events,
    now: session.now,
    waiting: session.waiting.size,
    scheduled: session.scheduled.size,
    next,
    hash: hex(session.state.hash()),
  });
}

const nothing = { error: null, activations: [], events: [] };
for (const { code, script } of plays) {
  let begun = false;
  try {
    const { program } = await loaded(code);
    const { options, acts } = await loaded(script);
    const session = new Session(program, options);
    write(told(session, nothing));
    begun = true;
    for (const { event, params, sender, ms } of acts) {
      write(told(session, event === undefined ? session.advance(ms) : session.dispatch(event, params, sender)));
    }
  } catch (error) {
    write(`${begun ? "" : "no session: "}${String(error?.stack ?? error).replaceAll("\n", " ")}`);
  }
  write("");
}

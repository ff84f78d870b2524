// Calls handlers of an emitted module for `statewright bench`: lines on standard input and output, as harness/src/bench/child.rs has them.
// The first line is JSON: where the runtime library is, the module, and the cases.

import { readSync, writeSync } from "node:fs";

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

function write(line) {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

const loaded = (code) => import(`data:text/javascript;charset=utf-8,${encodeURIComponent(code)}`);

async function prepared(first) {
  const { runtime, code, cases } = JSON.parse(first);
  const { Session } = await import(runtime);
  const { program } = await loaded(code);
  const given = await loaded(cases);
  return given.cases.map(({ handler, sender, params, session: { options, snapshot } }) => {
    const session = new Session(program, options);
    session.restore(snapshot);
    const definition = program.functions.find(({ role, name }) => role === "handler" && name === handler);
    return { session, definition, params, sender };
  });
}

/** Nanoseconds of so many calls, fuel of one, and how it ended. */
function lap({ session, definition, params, sender }, runs, times) {
  let last = { fuel: 0, ended: "done" };
  const began = process.hrtime.bigint();
  for (let time = 0; time < times; time++) last = session.rehearse(definition, params, sender, runs);
  const ns = process.hrtime.bigint() - began;
  return `${ns} ${last.fuel} ${last.ended}`;
}

const why = (error) => `! ${String(error?.message ?? error).replaceAll("\n", " ")}`;
let cases = [];
try {
  cases = await prepared(readLine());
  write("ready");
} catch (error) {
  write(why(error));
}
for (let line = readLine(); line !== null; line = readLine()) {
  const [what, at, times] = line.split(" ");
  try {
    write(lap(cases[Number(at)], what === "calls", Number(times)));
  } catch (error) {
    write(why(error));
  }
}

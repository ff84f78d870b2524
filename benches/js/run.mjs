// The workloads of docs/performance.md as emitted JavaScript and as the same logic written by hand, in turns on the same numbers.
// Integers are int32, which JavaScript's numbers hold; the result alone is an int64.
//
//   node benches/js/run.mjs target/release/statewright
//
// Of many rounds the fastest one counts: what disturbs a round only makes it slower. Both must leave the same result.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const statewright = process.argv[2] ?? "statewright";
const workloads = new URL("../workloads/", import.meta.url);
const folder = new URL("../../target/js/", import.meta.url);
mkdirSync(folder, { recursive: true });
const narrow = (text) => text.replaceAll(/int64|"int"/g, (type) => (type === "int64" ? "int32" : '"int32"'));
const schema = narrow(readFileSync(new URL("arena.schema", workloads), "utf8")).replace(/Result( *)int32/, "Result$1int64");
writeFileSync(new URL("arena.schema", folder), schema);
writeFileSync(new URL("arena.json", folder), narrow(readFileSync(new URL("arena.json", workloads), "utf8")));
const document = new URL("arena.json", folder).pathname;
execFileSync(statewright, ["emit", document, "--target", "js", "--out", folder.pathname], { stdio: "inherit" });

const { Activation, Session } = await import(new URL("runtime/index.js", folder));
const { program } = await import(new URL("arena.js", folder));

const ROUNDS = 60;
const PASSES = 100_000;

/** By hand: plain objects, no checks. */
class Arena {
  constructor({ Players, Enemies }) {
    this.players = Players.map(({ ID, Score, X, Y, Health, Team }) => ({ ID, Score, X, Y, Health, Team }));
    this.enemies = Enemies.map(({ ID, X, Y, Health, Team, Speed }) => ({ ID, X, Y, Health, Team, Speed }));
    this.result = 0;
  }

  W1(a, b) {
    this.result = a + b;
  }

  W2(count) {
    let x = 1;
    let acc = 0;
    for (let i = 0; i < count; i++) {
      x = (x * 16807 + i) % 65536;
      if (x > 32768) acc += x;
      else acc -= i;
    }
    this.result = acc;
  }

  W3(id) {
    for (const player of this.players) {
      if (player.ID === id) {
        player.Score += 10;
        break;
      }
    }
  }

  W4(x, y) {
    let best = 1e300;
    let who = -1;
    for (let i = 0; i < this.enemies.length; i++) {
      const enemy = this.enemies[i];
      if (enemy.Health <= 0) continue;
      const dx = enemy.X - x;
      const dy = enemy.Y - y;
      const squared = dx * dx + dy * dy;
      if (squared < best) {
        best = squared;
        who = i;
      }
    }
    this.result = who;
  }

  W4Node(x, y) {
    this.W4(x, y);
  }

  W5() {
    let sum = 0;
    for (const enemy of this.enemies) if (enemy.Health > 50) sum += enemy.Health * 2;
    this.result = sum;
  }

  W5Node() {
    this.W5();
  }
}

function stateOf() {
  const Players = Array.from({ length: 100 }, (_, i) => ({ ID: i * 7, Score: i, X: i, Y: i, Health: 100, Team: i % 2 }));
  const Enemies = Array.from({ length: 1000 }, (_, i) => {
    return { ID: i, X: (i * 37) % 1000, Y: (i * 53) % 1000, Health: (i * 31) % 101, Team: i % 3, Speed: 1.5 };
  });
  return { Players, Enemies };
}

const WORKLOADS = [
  ["W1", 20_000, 1, (call) => [call, 3]],
  ["W2", 1, PASSES, () => [PASSES]],
  ["W3", 4_000, 1, (call) => [((call * 37) % 100) * 7]],
  ["W4", 60, 1000, (call) => [(call * 37) % 1000, (call * 71) % 1000]],
  ["W4Node", 60, 1000, (call) => [(call * 37) % 1000, (call * 71) % 1000]],
  ["W5", 60, 1000, () => []],
  ["W5Node", 60, 1000, () => []],
];

const session = new Session(program, { state: stateOf() });
const arena = new Arena(stateOf());
const handler = (name) => program.functions.find((candidate) => candidate.role === "handler" && candidate.name === name).run;

console.log("workload      emitted    by hand  times   (ns an operation)");
for (const [name, calls, operations, args] of WORKLOADS) {
  const run = handler(name);
  const { state } = session;
  const emitted = () => {
    for (let call = 0; call < calls; call++) {
      state.begin();
      const cx = new Activation({ state, world: null, now: 0 });
      run(cx, "", ...args(call));
      state.commit();
    }
  };
  const byHand = () => {
    for (let call = 0; call < calls; call++) arena[name](...args(call));
  };
  const best = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    [emitted, byHand].forEach((body, which) => {
      const began = process.hrtime.bigint();
      body();
      best[which] = Math.min(best[which], Number(process.hrtime.bigint() - began) / (calls * operations));
    });
  }
  const [root] = state.roots;
  if (name !== "W3" && root.record.Result !== arena.result) throw new Error(`${name}: ${root.record.Result} is not ${arena.result}`);
  const [a, b] = best;
  console.log(`${name.padEnd(10)} ${a.toFixed(2).padStart(10)} ${b.toFixed(2).padStart(10)} ${(a / b).toFixed(2).padStart(6)}`);
}

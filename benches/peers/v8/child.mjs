// The workloads on V8, for benches/peers/drive: `node child.mjs by-hand`, or `node child.mjs emitted FOLDER` for what
// `statewright emit --target js` wrote there. Lines as in ../child/src/lib.rs.

import { readSync, writeSync } from "node:fs";

const [PASSES, CALLS] = [100_000, 2_000];

function players() {
  return Array.from({ length: 100 }, (_, n) => ({ ID: n * 7 + 1, Score: 0, X: 0, Y: 0, Health: 0, Team: 0 }));
}

function enemies() {
  return Array.from({ length: 1000 }, (_, n) => {
    return { ID: n, X: (n * 7919) % 1000, Y: (n * 104729) % 997, Health: ((n * 7907) % 101) - 5, Team: 0, Speed: 0 };
  });
}

/** Plain objects, as one would write it. */
class Arena {
  constructor() {
    Object.assign(this, { players: players(), enemies: enemies(), result: 0 });
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
    const found = this.players.find((player) => player.ID === id);
    if (found !== undefined) found.Score += 10;
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

  W5() {
    let sum = 0;
    for (const enemy of this.enemies) if (enemy.Health > 50) sum += enemy.Health * 2;
    this.result = sum;
  }

  W6(count) {
    const mix = (value, by) => (value + by) % 65521;
    let acc = 0;
    for (let i = 0; i < count; i++) acc = mix(acc, i);
    this.result = acc;
  }

  round(name, calls, args) {
    for (let call = 0; call < calls; call++) this[name](...args(call));
  }

  left() {
    return [this.result, this.players.reduce((sum, player) => sum + player.Score, 0)];
  }
}

/** The document as emitted, on tracked state: fuel and checks on, a transaction for each round. */
class Emitted {
  static async load(folder) {
    const { Activation, Session } = await import(`${folder}/runtime/index.js`);
    const { program } = await import(`${folder}/arena.js`);
    const session = new Session(program, { state: { Players: players(), Enemies: enemies() } });
    return Object.assign(new Emitted(), { Activation, program, state: session.state });
  }

  round(name, calls, args) {
    const { Activation, state } = this;
    const { run } = this.program.functions.find((candidate) => candidate.role === "handler" && candidate.name === name);
    state.begin();
    for (let call = 0; call < calls; call++) run(new Activation({ state, world: null, now: 0 }), "", ...args(call));
    state.commit();
  }

  left() {
    const [{ record }] = this.state.roots;
    return [record.Result, record.Players.items.reduce((sum, player) => sum + player.Score, 0)];
  }
}

const place = (call) => [(call * 37) % 1000, (call * 71) % 1000];
const WORKLOADS = {
  W1: [2_000, (call) => [call, 7]],
  W2: [1, () => [PASSES]],
  W3: [1_000, (call) => [((call * 37) % 100) * 7 + 1]],
  W4: [8, place],
  W4Node: [8, place],
  W5: [8, () => []],
  W5Node: [8, () => []],
  W6: [4, () => [CALLS]],
  W6Call: [4, () => [CALLS]],
};

const engine = process.argv[2] === "emitted" ? await Emitted.load(`file://${process.argv[3]}`) : new Arena();
const chunk = Buffer.alloc(1 << 12);
let rest = "";
for (;;) {
  const end = rest.indexOf("\n");
  if (end < 0) {
    const count = readSync(0, chunk, 0, chunk.length, null);
    if (count === 0) break;
    rest += chunk.toString("utf8", 0, count);
    continue;
  }
  const name = rest.slice(0, end);
  rest = rest.slice(end + 1);
  const [calls, args] = WORKLOADS[name];
  const began = process.hrtime.bigint();
  engine.round(name, calls, args);
  const ns = process.hrtime.bigint() - began;
  writeSync(1, `${ns} ${engine.left().join(" ")}\n`);
}

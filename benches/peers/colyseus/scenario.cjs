// The synchronisation scenario of docs/performance.md on @colyseus/schema, in Node.
//
// Prints a line for each step: name, bytes, nanoseconds. Of many rounds the fastest counts. `number` fields pick the
// narrowest encoding that loses nothing; with `--wide` they are int64, int32 and float64, as in the other programs.
"use strict";
const { schema, t, Encoder, Decoder, StateView } = require("@colyseus/schema");

const wide = process.argv.includes("--wide");
const whole = () => (wide ? t.int32() : t.number());
const real = () => (wide ? t.float64() : t.number());

const shape = (hand) => ({
  ID: t.string(),
  Team: t.string(),
  Name: t.string(),
  Hand: hand,
  X: real(),
  Y: real(),
  Health: whole(),
  Score: whole(),
});
const Player = schema(shape(t.array(wide ? "int32" : "number")), "Player");
const Game = schema({ Round: wide ? t.int64() : t.number(), Phase: t.string(), Players: t.array(Player) }, "Game");
const HiddenPlayer = schema(shape(t.array(wide ? "int32" : "number").view()), "HiddenPlayer");
const HiddenGame = schema(
  { Round: wide ? t.int64() : t.number(), Phase: t.string(), Players: t.array(HiddenPlayer) },
  "HiddenGame",
);

function build(GameType, PlayerType) {
  const game = new GameType();
  game.Round = 42;
  game.Phase = "playing";
  for (let i = 0; i < 100; i++) {
    const player = new PlayerType();
    player.ID = `p${String(i).padStart(3, "0")}`;
    player.Team = i % 2 ? "blue" : "red";
    player.Name = `Player ${String(i).padStart(3, "0")}`;
    for (let j = 0; j < 5; j++) player.Hand.push((7 * i + 13 * j) % 52);
    player.X = 1.5 * i + 0.25;
    player.Y = 2.5 * i + 0.125;
    player.Health = 100;
    player.Score = 10 * i;
    game.Players.push(player);
  }
  return game;
}

function fastest(rounds, calls, work) {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    for (let call = 0; call < calls; call++) work(call);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / calls);
  }
  return best;
}

function line(name, bytes, ns) {
  console.log(`${name} ${bytes} ${ns.toFixed(0)}`);
}

Encoder.BUFFER_SIZE = 1 << 20;
const game = build(Game, Player);
const encoder = new Encoder(game);
const full = encoder.encodeAll();
encoder.discardChanges();

const step = (change) => (call) => {
  change(call);
  const bytes = encoder.encode().length;
  encoder.discardChanges();
  return bytes;
};
const steps = {
  S1: step((call) => { game.Round = 43 + (call & 1); }),
  S2: step((call) => { game.Players[37].Score = 375 + (call & 1); }),
  S3: step(() => { for (const player of game.Players) { player.X += 0.5; player.Y -= 0.25; } }),
};
for (const [name, work] of Object.entries(steps)) {
  const bytes = work(0);
  line(name, bytes, fastest(60, name === "S3" ? 200 : 5000, work));
}
{
  const hand = game.Players[37].Hand;
  hand.splice(1, 1);
  const bytes = encoder.encode().length;
  encoder.discardChanges();
  const ns = fastest(60, 500, () => {
    if (hand.length < 2) for (let j = 0; j < 5; j++) hand.push(j);
    hand.splice(1, 1);
    encoder.encode();
    encoder.discardChanges();
  });
  line("S4", bytes, ns);
}
{
  const bytes = encoder.encodeAll().length;
  line("S5", bytes, fastest(30, 100, () => encoder.encodeAll()));
  const copy = Uint8Array.from(full);
  line("S5-decode", copy.length, fastest(20, 20, () => new Decoder(new Game()).decode(copy)));
}
for (const viewers of [1, 100, 1000]) {
  const hidden = build(HiddenGame, HiddenPlayer);
  const encoder = new Encoder(hidden);
  const views = [];
  for (let i = 0; i < viewers; i++) {
    const view = new StateView();
    view.add(hidden.Players[i % 100]);
    views.push(view);
  }
  const all = { offset: 0 };
  encoder.encodeAll(all);
  for (const view of views) encoder.encodeAllView(view, all.offset, { offset: all.offset });
  encoder.discardChanges();
  let bytes = 0;
  const work = (call) => {
    hidden.Players[37].Score = 375 + (call & 1);
    const it = { offset: 0 };
    encoder.encode(it);
    bytes = it.offset;
    const shared = it.offset;
    for (const view of views) encoder.encodeView(view, shared, { offset: shared });
    encoder.discardChanges();
  };
  work(1);
  line(`S6-${viewers}`, bytes, fastest(20, viewers > 100 ? 50 : 500, work));
}

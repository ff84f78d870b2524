// Random streams: named, each with a generator of its own, so that one draw never shifts another's. The session's seed and
// the names determine every draw, on every machine.
//
// Sources: xoshiro128++ and splitmix64 by D. Blackman and S. Vigna; FNV-1a by G. Fowler, L. C. Noll and K.-P. Vo;
// mulberry32 by T. Ettinger.

import { nextDown } from "./floats.js";
import { iaddWrap, settled } from "./integers.js";

const MASK = 2n ** 64n - 1n;
const encoder = new TextEncoder();

/** FNV-1a of a text's bytes, 64 bits. */
function fnv1a64(text) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of encoder.encode(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
  return hash;
}

function splitmix64(mixer) {
  mixer.state = (mixer.state + 0x9e3779b97f4a7c15n) & MASK;
  let z = mixer.state;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}

const rotated = (word, by) => (word << by) | (word >>> (32 - by));

function xoshiro(words) {
  let [a, b, c, d] = words;
  const result = (rotated((a + d) | 0, 7) + a) >>> 0;
  const t = b << 9;
  c ^= a;
  d ^= b;
  b ^= c;
  a ^= d;
  c ^= t;
  d = rotated(d, 11);
  words[0] = a;
  words[1] = b;
  words[2] = c;
  words[3] = d;
  return result;
}

function mulberry(words) {
  words[0] = (words[0] + 0x6d2b79f5) | 0;
  let t = words[0];
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}

/** All random streams of a session. A stream exists from its first draw on. */
export class Streams {
  /** `generator` is `xoshiro128++`, `mulberry32` or `mulberry32-raw`; `seed` any integer of 64 bits. */
  constructor(seed, generator = "xoshiro128++") {
    this.seed = BigInt.asUintN(64, BigInt(seed));
    this.generator = generator;
    /** Names and words. */
    this.streams = new Map();
    this.undo = null;
  }

  /** The words of every stream that was drawn from, by name. */
  states() {
    return [...this.streams].map(([name, words]) => [name, [...words].map((word) => word >>> 0)]);
  }

  /** Has a stream stand where `states` said. */
  restore(name, words) {
    this.streams.set(name, Uint32Array.from(words));
  }

  begin() {
    this.undo = new Map();
  }

  commit() {
    this.undo = null;
  }

  rollback() {
    for (const [name, words] of this.undo ?? []) {
      if (words === null) this.streams.delete(name);
      else this.streams.set(name, words);
    }
    this.undo = null;
  }

  first(name) {
    if (this.generator === "mulberry32-raw") return Uint32Array.of(Number(this.seed & 0xffffffffn));
    const mixer = { state: this.seed ^ fnv1a64(name) };
    const count = this.generator === "mulberry32" ? 1 : 2;
    const words = [];
    for (let i = 0; i < count; i++) {
      const output = splitmix64(mixer);
      words.push(Number(output & 0xffffffffn), Number(output >> 32n));
    }
    return Uint32Array.from(count === 1 ? words.slice(0, 1) : words);
  }

  stream(name) {
    let words = this.streams.get(name);
    if (this.undo !== null && !this.undo.has(name)) this.undo.set(name, words ? words.slice() : null);
    if (words === undefined) {
      words = this.first(name);
      this.streams.set(name, words);
    }
    return words;
  }

  /** The next 32 bits of a stream. */
  draw(name) {
    const words = this.stream(name);
    return words.length === 1 ? mulberry(words) : xoshiro(words);
  }

  /** A float in [0, 1). (In the raw mode of mulberry32: in [0, 1].) */
  unit(name) {
    if (this.generator === "mulberry32-raw") return (this.draw(name) & 0x7fffffff) / 0x7fffffff;
    const upper = this.draw(name) >>> 5;
    const lower = this.draw(name) >>> 6;
    return (upper * 2 ** 26 + lower) / 2 ** 53;
  }

  /** A float from the smaller bound up to, not including, the larger. */
  float(name, a, b) {
    const [min, max] = b < a ? [b, a] : [a, b];
    const value = min + this.unit(name) * (max - min);
    return value >= max && min < max ? nextDown(max) : value;
  }

  /** An integer between both bounds, inclusive, in either order. Equal bounds draw nothing. */
  int(name, a, b) {
    const [min, max] = b < a ? [b, a] : [a, b];
    if (min === max) return min;
    const range = BigInt.asUintN(64, BigInt(max) - BigInt(min));
    if (range <= 0xffffffffn) {
      const most = Number(range);
      const mask = 0xffffffff >>> Math.clz32(most);
      for (;;) {
        const bits = (this.draw(name) & mask) >>> 0;
        if (bits <= most) return iaddWrap(min, bits);
      }
    }
    const mask = (1n << BigInt(range.toString(2).length)) - 1n;
    for (;;) {
      const bits = ((BigInt(this.draw(name)) << 32n) | BigInt(this.draw(name))) & mask;
      if (bits <= range) return settled(BigInt.asIntN(64, BigInt(min) + bits));
    }
  }

  /** A version 4 uuid. */
  uuid(name) {
    const hex = [0, 1, 2, 3].map(() => this.draw(name).toString(16).padStart(8, "0")).join("");
    const variant = ((parseInt(hex[16], 16) & 3) | 8).toString(16);
    const all = hex.slice(0, 12) + "4" + hex.slice(13, 16) + variant + hex.slice(17);
    return [all.slice(0, 8), all.slice(8, 12), all.slice(12, 16), all.slice(16, 20), all.slice(20)].join("-");
  }
}

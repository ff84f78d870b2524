// int64 and uint64, exact. An integer is a number as long as its size is below 2^53, and a BigInt beyond: each has one
// form, so that `===`, `<` and the keys of a `Map` do what they should. A zero is never −0.
//
// Integers of 32 bits come first: engines compute with them as such, and the test costs nothing then.
//
// What may stop takes the id of the node as its last argument. Emitted code uses plain operators where the types and
// ranges show that no result can leave the numbers.

import { trap } from "./trap.js";

const SAFE = Number.MAX_SAFE_INTEGER;
const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const TWO_63 = 2 ** 63;

/** The one form of an integer that is known to be in range. */
export function settled(big) {
  return big <= SAFE && big >= -SAFE ? Number(big) : big;
}

function within(big, node) {
  if (big > MAX || big < MIN) trap("overflow", node);
  return settled(big);
}

/** a + b, or `overflow`. */
export function iadd(a, b, node) {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    const low = sum | 0;
    if (low === sum) return low;
    if (sum <= SAFE && sum >= -SAFE) return sum;
  }
  return within(BigInt(a) + BigInt(b), node);
}

/** a − b, or `overflow`. */
export function isub(a, b, node) {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    const low = difference | 0;
    if (low === difference) return low;
    if (difference <= SAFE && difference >= -SAFE) return difference;
  }
  return within(BigInt(a) - BigInt(b), node);
}

/** a · b, or `overflow`. */
export function imul(a, b, node) {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    const low = product | 0;
    if (low === product) return low;
    if (product <= SAFE && product >= -SAFE) return product + 0;
  }
  return within(BigInt(a) * BigInt(b), node);
}

/** The low 64 bits of a + b. */
export function iaddWrap(a, b) {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    const low = sum | 0;
    if (low === sum) return low;
    if (sum <= SAFE && sum >= -SAFE) return sum;
  }
  return settled(BigInt.asIntN(64, BigInt(a) + BigInt(b)));
}

/** The low 64 bits of a − b. */
export function isubWrap(a, b) {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    const low = difference | 0;
    if (low === difference) return low;
    if (difference <= SAFE && difference >= -SAFE) return difference;
  }
  return settled(BigInt.asIntN(64, BigInt(a) - BigInt(b)));
}

/** The low 64 bits of a · b. */
export function imulWrap(a, b) {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    const low = product | 0;
    if (low === product) return low;
    if (product <= SAFE && product >= -SAFE) return product + 0;
  }
  return settled(BigInt.asIntN(64, BigInt(a) * BigInt(b)));
}

function over(big) {
  return big > MAX || big < MIN;
}

/** Whether a + b would stop. */
export function iaddOver(a, b) {
  return (typeof a !== "number" || typeof b !== "number") && over(BigInt(a) + BigInt(b));
}

/** Whether a − b would stop. */
export function isubOver(a, b) {
  return (typeof a !== "number" || typeof b !== "number") && over(BigInt(a) - BigInt(b));
}

/** Whether a · b would stop. */
export function imulOver(a, b) {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (product <= SAFE && product >= -SAFE) return false;
  }
  return over(BigInt(a) * BigInt(b));
}

/** a / b toward zero. */
export function idiv(a, b, node) {
  if (b === 0) trap("divide_by_zero", node);
  if (typeof a === "number" && typeof b === "number") return Math.trunc(a / b) + 0;
  return within(BigInt(a) / BigInt(b), node);
}

/** a / b toward negative infinity. */
export function idivFloor(a, b, node) {
  const quotient = idiv(a, b, node);
  return irem(a, b, node) !== 0 && a < 0 !== b < 0 ? isub(quotient, 1, node) : quotient;
}

/** The remainder, with the dividend's sign. */
export function irem(a, b, node) {
  if (b === 0) trap("divide_by_zero", node);
  if (typeof a === "number" && typeof b === "number") return (a % b) + 0;
  return settled(BigInt(a) % BigInt(b));
}

/** −a, or `overflow`. */
export function ineg(a, node) {
  return typeof a === "number" ? 0 - a : within(-a, node);
}

/** |a|, or `overflow`. */
export function iabs(a, node) {
  return a < 0 ? ineg(a, node) : a;
}

/** The smaller. */
export function imin(a, b) {
  return b < a ? b : a;
}

/** The larger. */
export function imax(a, b) {
  return b > a ? b : a;
}

/** −1, 0 or 1. */
export function isign(a) {
  return a > 0 ? 1 : a < 0 ? -1 : 0;
}

/** A uint64 as int64, or `overflow`. */
export function utoi(a, node) {
  if (a > MAX) trap("overflow", node);
  return a;
}

/** An int64 as uint64, or `out_of_range`. */
export function itou(a, node) {
  if (a < 0) trap("out_of_range", node);
  return a;
}

/** The same number if it is between both bounds, or `out_of_range`. */
export function narrow(a, low, high, node) {
  if (a < low || a > high) trap("out_of_range", node);
  return a;
}

/** What a narrow integer field reads back after `a` was stored: the low bits. */
export function wrapped(a, bits, signed) {
  const big = signed ? BigInt.asIntN(bits, BigInt(a)) : BigInt.asUintN(bits, BigInt(a));
  return settled(big);
}

/** The nearest float, ties to even. */
export function itof(a) {
  return Number(a);
}

function whole(a, node) {
  if (!(a >= -TWO_63 && a < TWO_63)) trap("out_of_range", node);
  return a <= SAFE && a >= -SAFE ? a + 0 : BigInt(a);
}

/** Down to an integer. */
export function floor(a, node) {
  return whole(Math.floor(a), node);
}

/** Up to an integer. */
export function ceil(a, node) {
  return whole(Math.ceil(a), node);
}

/** To the nearest integer, half away from zero. */
export function round(a, node) {
  const part = Math.trunc(a);
  return whole(Math.abs(a - part) >= 0.5 ? part + Math.sign(a) : part, node);
}

/** Toward zero to an integer. */
export function trunc(a, node) {
  return whole(Math.trunc(a), node);
}

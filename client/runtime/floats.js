// Operations on float64 that JavaScript has no operator for.

import { high, low, fromWords } from "./words.js";

/** The smaller; NaN if either is; −0 < 0. */
export function fmin(a, b) {
  return Math.min(a, b);
}

/** The larger; NaN if either is; −0 < 0. */
export function fmax(a, b) {
  return Math.max(a, b);
}

/** −1 or 1; ±0 and NaN as they are. */
export function fsign(a) {
  return a > 0 ? 1 : a < 0 ? -1 : a;
}

/** The greatest float below a finite `a`. */
export function nextDown(a) {
  if (a === 0) return -5e-324;
  const [upper, lower] = [high(a), low(a)];
  if (a > 0) return lower === 0 ? fromWords(upper - 1, 0xffffffff) : fromWords(upper, lower - 1);
  return lower === 0xffffffff ? fromWords(upper + 1, 0) : fromWords(upper, lower + 1);
}

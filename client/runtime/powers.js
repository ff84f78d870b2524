// The exponential function, the natural logarithm and powers.
//
// A port of the functions of musl and of the Rust crate libm 0.2.16, so that every execution gives the same bits: what a
// browser has of its own (`Math.sin`) differs from machine to machine.
//
// Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro and SunSoft, Sun Microsystems,
// Inc. businesses. Permission to use, copy, modify, and distribute this software is freely granted, provided that this
// notice is preserved.
//
// musl: Copyright (C) 2005-2020 Rich Felker, et al., under the MIT licence; rust-lang/libm likewise: Permission is hereby
// granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
// "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify,
// merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
// furnished to do so, subject to the following conditions: The above copyright notice and this permission notice shall be
// included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY
// KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE
// AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
// LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
// THE USE OR OTHER DEALINGS IN THE SOFTWARE.

import { fromWords, high, low, scalbn, withHigh, withoutLow } from "./words.js";

const LN2_HIGH = 6.93147180369123816490e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const P1 = 1.66666666666666019037e-1;
const P2 = -2.77777777770155933842e-3;
const P3 = 6.61375632143793436117e-5;
const P4 = -1.65339022054652515390e-6;
const P5 = 4.13813679705723846039e-8;

/** e to the power `x`. */
export function exp(x) {
  const sign = high(x) < 0 ? 1 : 0;
  const hx = high(x) & 0x7fffffff;
  if (hx >= 0x4086232b) {
    if (x !== x) return x;
    if (x > 709.782712893383973096) return x * 2 ** 1023;
    if (x < -745.13321910194110842) return 0;
  }
  let k = 0;
  let upper = x;
  let lower = 0;
  if (hx > 0x3fd62e42) {
    k = hx >= 0x3ff0a2b2 ? (1.44269504088896338700 * x + (sign ? -0.5 : 0.5)) | 0 : 1 - sign - sign;
    upper = x - k * LN2_HIGH;
    lower = k * LN2_LOW;
    x = upper - lower;
  } else if (hx <= 0x3e300000) {
    return 1 + x;
  }
  const xx = x * x;
  const c = x - xx * (P1 + xx * (P2 + xx * (P3 + xx * (P4 + xx * P5))));
  const y = 1 + ((x * c) / (2 - c) - lower + upper);
  return k === 0 ? y : scalbn(y, k);
}

/** The natural logarithm. */
export function log(x) {
  let hx = high(x);
  let k = 0;
  if (hx < 0x00100000) {
    if (x === 0) return -Infinity;
    if (hx < 0) return NaN;
    k = -54;
    x *= 2 ** 54;
    hx = high(x);
  } else if (hx >= 0x7ff00000) {
    return x;
  } else if (x === 1) {
    return 0;
  }
  hx += 0x3ff00000 - 0x3fe6a09e;
  k += (hx >> 20) - 0x3ff;
  x = fromWords((hx & 0x000fffff) + 0x3fe6a09e, low(x));
  const f = x - 1;
  const halfSquare = 0.5 * f * f;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const t1 = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const t2 =
    z *
    (6.666666666666735130e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  return s * (halfSquare + (t2 + t1)) + k * LN2_LOW - halfSquare + f + k * LN2_HIGH;
}

const L1 = 5.99999999999994648725e-1;
const L2 = 4.28571428578550184252e-1;
const L3 = 3.33333329818377432918e-1;
const L4 = 2.72728123808534006489e-1;
const L5 = 2.30660745775561754067e-1;
const L6 = 2.06975017800338417784e-1;
const LG2 = 6.93147180559945286227e-1;
const LG2_HIGH = 6.93147182464599609375e-1;
const LG2_LOW = -1.90465429995776804525e-9;
const OVT = 8.0085662595372944372e-17;
const CP = 9.61796693925975554329e-1;
const CP_HIGH = 9.61796700954437255859e-1;
const CP_LOW = -7.02846165095275826516e-9;
const IVLN2 = 1.44269504088896338700;
const IVLN2_HIGH = 1.44269502162933349609;
const IVLN2_LOW = 1.92596299112661746887e-8;

/** 1 if `y` is an odd integer, 2 if it is an even one, else 0. */
function parity(iy, ly) {
  if (iy >= 0x43400000) return 2;
  if (iy < 0x3ff00000) return 0;
  const k = (iy >> 20) - 0x3ff;
  if (k > 20) {
    const j = ly >>> (52 - k);
    return j << (52 - k) === (ly | 0) ? 2 - (j & 1) : 0;
  }
  if (ly !== 0) return 0;
  const j = iy >> (20 - k);
  return j << (20 - k) === iy ? 2 - (j & 1) : 0;
}

/** The logarithm to base 2 of a positive `ax`, head and tail. */
function log2Parts(ax, ix) {
  let n = 0;
  if (ix < 0x00100000) {
    ax *= 2 ** 53;
    n = -53;
    ix = high(ax);
  }
  n += (ix >> 20) - 0x3ff;
  const j = ix & 0x000fffff;
  let k = 0;
  ix = j | 0x3ff00000;
  if (j > 0x3988e) {
    if (j < 0xbb67a) {
      k = 1;
    } else {
      n += 1;
      ix -= 0x00100000;
    }
  }
  ax = withHigh(ax, ix);
  const bp = k === 0 ? 1 : 1.5;
  const dpHigh = k === 0 ? 0 : 5.84962487220764160156e-1;
  const dpLow = k === 0 ? 0 : 1.35003920212974897128e-8;
  let u = ax - bp;
  let v = 1 / (ax + bp);
  const ss = u * v;
  const sHigh = withoutLow(ss);
  let tHigh = fromWords(((ix >> 1) | 0x20000000) + 0x00080000 + (k << 18), 0);
  let tLow = ax - (tHigh - bp);
  const sLow = v * (u - sHigh * tHigh - sHigh * tLow);
  let s2 = ss * ss;
  let r = s2 * s2 * (L1 + s2 * (L2 + s2 * (L3 + s2 * (L4 + s2 * (L5 + s2 * L6)))));
  r += sLow * (sHigh + ss);
  s2 = sHigh * sHigh;
  tHigh = withoutLow(3 + s2 + r);
  tLow = r - (tHigh - 3 - s2);
  u = sHigh * tHigh;
  v = sLow * tHigh + tLow * ss;
  const pHigh = withoutLow(u + v);
  const pLow = v - (pHigh - u);
  const zHigh = CP_HIGH * pHigh;
  const zLow = CP_LOW * pHigh + pLow * CP + dpLow;
  const head = withoutLow(zHigh + zLow + dpHigh + n);
  return [head, zLow - (head - n - dpHigh - zHigh)];
}

/** `x` to the power `y`. */
export function pow(x, y) {
  const hx = high(x);
  const lx = low(x);
  const hy = high(y);
  const ly = low(y);
  const ix = hx & 0x7fffffff;
  const iy = hy & 0x7fffffff;
  if (y === 0 || x === 1) return 1;
  if (x !== x || y !== y) return NaN;
  const yIsInt = hx < 0 ? parity(iy, ly) : 0;
  if (ly === 0) {
    if (iy === 0x7ff00000) {
      if (x === -1) return 1;
      if (ix >= 0x3ff00000) return hy >= 0 ? y : 0;
      return hy >= 0 ? 0 : -y;
    }
    if (iy === 0x3ff00000) return hy >= 0 ? x : 1 / x;
    if (hy === 0x40000000) return x * x;
    if (hy === 0x3fe00000 && hx >= 0) return Math.sqrt(x);
  }
  const ax = Math.abs(x);
  if (lx === 0 && (ix === 0x7ff00000 || ix === 0 || ix === 0x3ff00000)) {
    const z = hy < 0 ? 1 / ax : ax;
    if (hx >= 0) return z;
    if (ix === 0x3ff00000 && yIsInt === 0) return NaN;
    return yIsInt === 1 ? -z : z;
  }
  if (hx < 0 && yIsInt === 0) return NaN;
  const s = hx < 0 && yIsInt === 1 ? -1 : 1;
  let t1, t2;
  if (iy > 0x41e00000) {
    if (iy > 0x43f00000) {
      if (ix <= 0x3fefffff) return hy < 0 ? Infinity : 0;
      return hy > 0 ? Infinity : 0;
    }
    if (ix < 0x3fefffff) return s * (hy < 0 ? Infinity : 0);
    if (ix > 0x3ff00000) return s * (hy > 0 ? Infinity : 0);
    const t = ax - 1;
    const w = t * t * (0.5 - t * (0.3333333333333333333333 - t * 0.25));
    const u = IVLN2_HIGH * t;
    const v = t * IVLN2_LOW - w * IVLN2;
    t1 = withoutLow(u + v);
    t2 = v - (t1 - u);
  } else {
    [t1, t2] = log2Parts(ax, ix);
  }
  const y1 = withoutLow(y);
  const pLow = (y - y1) * t1 + y * t2;
  let pHigh = y1 * t1;
  let z = pLow + pHigh;
  let j = high(z);
  const i = low(z) | 0;
  if (j >= 0x40900000) {
    if (((j - 0x40900000) | i) !== 0 || pLow + OVT > z - pHigh) return s * Infinity;
  } else if ((j & 0x7fffffff) >= 0x4090cc00) {
    if (((j - (0xc090cc00 | 0)) | i) !== 0 || pLow <= z - pHigh) return s * 0;
  }
  const size = j & 0x7fffffff;
  let n = 0;
  if (size > 0x3fe00000) {
    n = j + (0x00100000 >> ((size >> 20) - 0x3ff + 1));
    const k = ((n & 0x7fffffff) >> 20) - 0x3ff;
    const t = fromWords(n & ~(0x000fffff >> k), 0);
    n = ((n & 0x000fffff) | 0x00100000) >> (20 - k);
    if (j < 0) n = -n;
    pHigh -= t;
  }
  const t = withoutLow(pLow + pHigh);
  const u = t * LG2_HIGH;
  const v = (pLow - (t - pHigh)) * LG2 + t * LG2_LOW;
  z = u + v;
  const w = v - (z - u);
  const square = z * z;
  const c = z - square * (P1 + square * (P2 + square * (P3 + square * (P4 + square * P5))));
  const r = (z * c) / (c - 2) - (w + z * w);
  z = 1 - (r - z);
  j = high(z) + (n << 20);
  return s * (j >> 20 <= 0 ? scalbn(z, n) : withHigh(z, j));
}

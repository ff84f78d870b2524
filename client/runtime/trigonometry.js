// Sine, cosine and tangent of radians, arc sine and arc tangent.
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

import { fromWords, high, low, scalbn, withoutLow } from "./words.js";

// Kernels, for arguments of at most a quarter of pi; `y` is the tail of `x`.

function kernelSin(x, y, hasTail) {
  const z = x * x;
  const w = z * z;
  const r =
    8.33333333332248946124e-3 +
    z * (-1.98412698298579493134e-4 + z * 2.75573137070700676789e-6) +
    z * w * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10);
  const v = z * x;
  const S1 = -1.66666666666666324348e-1;
  return hasTail ? x - (z * (0.5 * y - v * r) - y - v * S1) : x + v * (S1 + z * r);
}

function kernelCos(x, y) {
  const z = x * x;
  const w = z * z;
  const r =
    z * (4.16666666666666019037e-2 + z * (-1.38888888888741095749e-3 + z * 2.48015872894767294178e-5)) +
    w * w * (-2.75573143513906633035e-7 + z * (2.08757232129817482790e-9 + z * -1.13596475577881948265e-11));
  const half = 0.5 * z;
  const rest = 1 - half;
  return rest + (1 - rest - half + (z * r - x * y));
}

const T = [
  3.33333333333334091986e-1, 1.33333333333201242699e-1, 5.39682539762260521377e-2, 2.18694882948595424599e-2,
  8.86323982359930005737e-3, 3.59207910759131235356e-3, 1.45620945432529025516e-3, 5.88041240820264096874e-4,
  2.46463134818469906812e-4, 7.81794442939557092300e-5, 7.14072491382608190305e-5, -1.85586374855275456654e-5,
  2.59073051863633712884e-5,
];
const PIO4 = 7.85398163397448278999e-1;
const PIO4_LOW = 3.06161699786838301793e-17;

function kernelTan(x, y, odd) {
  const highX = high(x);
  const big = (highX & 0x7fffffff) >= 0x3fe59428;
  if (big) {
    if (highX < 0) {
      x = -x;
      y = -y;
    }
    x = PIO4 - x + (PIO4_LOW - y);
    y = 0;
  }
  const z = x * x;
  const w = z * z;
  const even = T[1] + w * (T[3] + w * (T[5] + w * (T[7] + w * (T[9] + w * T[11]))));
  const uneven = z * (T[2] + w * (T[4] + w * (T[6] + w * (T[8] + w * (T[10] + w * T[12])))));
  const s = z * x;
  const r = y + z * (s * (even + uneven) + y) + s * T[0];
  const sum = x + r;
  if (big) {
    const sign = 1 - 2 * odd;
    const value = sign - 2 * (x + (r - (sum * sum) / (sum + sign)));
    return highX < 0 ? -value : value;
  }
  if (odd === 0) return sum;
  const head = withoutLow(sum);
  const tail = r - (head - x);
  const inverse = -1 / sum;
  const inverseHead = withoutLow(inverse);
  return inverseHead + inverse * (1 + inverseHead * head + inverseHead * tail);
}

// The remainder modulo half of pi, in two parts, and which quarter it is in.

const TO_INT = 1.5 / 2.2204460492503131e-16;
const INV_PIO2 = 6.36619772367581382433e-1;
const PIO2_1 = 1.57079632673412561417;
const PIO2_1T = 6.07710050650619224932e-11;
const PIO2_2 = 6.07710050630396597660e-11;
const PIO2_2T = 2.02226624879595063154e-21;
const PIO2_3 = 2.02226624871116645580e-21;
const PIO2_3T = 8.47842766036889956997e-32;

/** The parts of the last remainder. */
const parts = [0, 0];

function remainder(x) {
  const ix = high(x) & 0x7fffffff;
  if (ix <= 0x401c463b) {
    // At most nine quarters of pi: one round is good, unless it cancels.
    const near =
      ix <= 0x400f6a7a ? (ix & 0xfffff) === 0x921fb : ix <= 0x4015fdbc ? ix === 0x4012d97c : ix === 0x401921fb;
    if (near) return medium(x, ix);
    const n = ix <= 0x400f6a7a ? (ix <= 0x4002d97c ? 1 : 2) : ix <= 0x4015fdbc ? 3 : 4;
    return x < 0 ? fewer(x, -n) : fewer(x, n);
  }
  if (ix < 0x413921fb) return medium(x, ix);
  return large(x, ix);
}

function fewer(x, n) {
  const z = x - n * PIO2_1;
  parts[0] = z - n * PIO2_1T;
  parts[1] = z - parts[0] - n * PIO2_1T;
  return n;
}

function exponent(x) {
  return (high(x) >> 20) & 0x7ff;
}

function medium(x, ix) {
  const n = x * INV_PIO2 + TO_INT - TO_INT;
  let r = x - n * PIO2_1;
  let w = n * PIO2_1T;
  let head = r - w;
  const ex = ix >> 20;
  if (ex - exponent(head) > 16) {
    let t = r;
    w = n * PIO2_2;
    r = t - w;
    w = n * PIO2_2T - (t - r - w);
    head = r - w;
    if (ex - exponent(head) > 49) {
      t = r;
      w = n * PIO2_3;
      r = t - w;
      w = n * PIO2_3T - (t - r - w);
      head = r - w;
    }
  }
  parts[0] = head;
  parts[1] = r - head - w;
  return n | 0;
}

function large(x, ix) {
  let z = fromWords((high(x) & 0xfffff) | (1046 << 20), low(x));
  const pieces = [0, 0, 0];
  for (let i = 0; i < 2; i++) {
    pieces[i] = z | 0;
    z = (z - pieces[i]) * 2 ** 24;
  }
  pieces[2] = z;
  while (pieces.length > 1 && pieces[pieces.length - 1] === 0) pieces.pop();
  const n = payneHanek(pieces, (ix >> 20) - 1046);
  if (x < 0) {
    parts[0] = -parts[0];
    parts[1] = -parts[1];
    return -n;
  }
  return n;
}

/** 2/pi in pieces of 24 bits. */
const TWO_OVER_PI = [
  0xA2F983, 0x6E4E44, 0x1529FC, 0x2757D1, 0xF534DD, 0xC0DB62, 0x95993C, 0x439041, 0xFE5163,
  0xABDEBB, 0xC561B7, 0x246E3A, 0x424DD2, 0xE00649, 0x2EEA09, 0xD1921C, 0xFE1DEB, 0x1CB129,
  0xA73EE8, 0x8235F5, 0x2EBB44, 0x84E99C, 0x7026B4, 0x5F7E41, 0x3991D6, 0x398353, 0x39F49C,
  0x845F8B, 0xBDF928, 0x3B1FF8, 0x97FFDE, 0x05980F, 0xEF2F11, 0x8B5A0A, 0x6D1F6D, 0x367ECF,
  0x27CB09, 0xB74F46, 0x3F669E, 0x5FEA2D, 0x7527BA, 0xC7EBE5, 0xF17B3D, 0x0739F7, 0x8A5292,
  0xEA6BFB, 0x5FB11F, 0x8D5D08, 0x560330, 0x46FC7B, 0x6BABF0, 0xCFBC20, 0x9AF436, 0x1DA9E3,
  0x91615E, 0xE61B08, 0x659985, 0x5F14A0, 0x68408D, 0xFFD880, 0x4D7327, 0x310606, 0x1556CA,
  0x73A8C9, 0x60E27B, 0xC08C6B,
];

/** Half of pi in pieces of 24 bits. */
const PIO2 = [
  1.57079625129699707031, 7.54978941586159635335e-8, 5.39030252995776476554e-15, 3.28200341580791294123e-22,
  1.27065575308067607349e-29, 1.22933308981111328932e-36, 2.73370053816464559624e-44, 2.16741683877804819444e-51,
];

function payneHanek(x, e0) {
  const jk = 4;
  const jx = x.length - 1;
  const jv = Math.max(Math.trunc((e0 - 3) / 24), 0);
  let q0 = e0 - 24 * (jv + 1);
  const f = [];
  for (let i = 0; i <= jx + jk; i++) {
    const j = jv - jx + i;
    f[i] = j < 0 ? 0 : TWO_OVER_PI[j];
  }
  const product = (i) => {
    let sum = 0;
    for (let j = 0; j <= jx; j++) sum += x[j] * f[jx + i - j];
    return sum;
  };
  const q = [];
  for (let i = 0; i <= jk; i++) q[i] = product(i);
  const iq = [];
  let jz = jk;
  let n, ih, z;
  for (;;) {
    z = q[jz];
    for (let i = 0, j = jz; j > 0; i++, j--) {
      const carry = (2 ** -24 * z) | 0;
      iq[i] = (z - 2 ** 24 * carry) | 0;
      z = q[j - 1] + carry;
    }
    z = scalbn(z, q0);
    z -= 8 * Math.floor(z * 0.125);
    n = z | 0;
    z -= n;
    ih = 0;
    if (q0 > 0) {
      const top = iq[jz - 1] >> (24 - q0);
      n += top;
      iq[jz - 1] -= top << (24 - q0);
      ih = iq[jz - 1] >> (23 - q0);
    } else if (q0 === 0) {
      ih = iq[jz - 1] >> 23;
    } else if (z >= 0.5) {
      ih = 2;
    }
    if (ih > 0) {
      n += 1;
      let carry = 0;
      for (let i = 0; i < jz; i++) {
        const j = iq[i];
        if (carry !== 0) {
          iq[i] = 0xffffff - j;
        } else if (j !== 0) {
          carry = 1;
          iq[i] = 0x1000000 - j;
        }
      }
      if (q0 === 1) iq[jz - 1] &= 0x7fffff;
      else if (q0 === 2) iq[jz - 1] &= 0x3fffff;
      if (ih === 2) {
        z = 1 - z;
        if (carry !== 0) z -= scalbn(1, q0);
      }
    }
    if (z !== 0) break;
    let bits = 0;
    for (let i = jz - 1; i >= jk; i--) bits |= iq[i];
    if (bits !== 0) break;
    let k = 1;
    while (iq[jk - k] === 0) k++;
    for (let i = jz + 1; i <= jz + k; i++) {
      f[jx + i] = TWO_OVER_PI[jv + i];
      q[i] = product(i);
    }
    jz += k;
  }
  if (z === 0) {
    do {
      jz -= 1;
      q0 -= 24;
    } while (iq[jz] === 0);
  } else {
    z = scalbn(z, -q0);
    if (z >= 2 ** 24) {
      const carry = (2 ** -24 * z) | 0;
      iq[jz] = (z - 2 ** 24 * carry) | 0;
      jz += 1;
      q0 += 24;
      iq[jz] = carry;
    } else {
      iq[jz] = z | 0;
    }
  }
  let scale = scalbn(1, q0);
  for (let i = jz; i >= 0; i--) {
    q[i] = scale * iq[i];
    scale *= 2 ** -24;
  }
  const fq = [];
  for (let i = jz; i >= 0; i--) {
    let sum = 0;
    for (let k = 0; k <= jk && k <= jz - i; k++) sum += PIO2[k] * q[i + k];
    fq[jz - i] = sum;
  }
  let sum = 0;
  for (let i = jz; i >= 0; i--) sum += fq[i];
  parts[0] = ih === 0 ? sum : -sum;
  sum = fq[0] - sum;
  for (let i = 1; i <= jz; i++) sum += fq[i];
  parts[1] = ih === 0 ? sum : -sum;
  return n & 7;
}

/** The sine of radians. */
export function sin(x) {
  const ix = high(x) & 0x7fffffff;
  if (ix <= 0x3fe921fb) return ix < 0x3e500000 ? x : kernelSin(x, 0, false);
  if (ix >= 0x7ff00000) return NaN;
  const n = remainder(x) & 3;
  const [head, tail] = parts;
  if (n === 0) return kernelSin(head, tail, true);
  if (n === 1) return kernelCos(head, tail);
  return n === 2 ? -kernelSin(head, tail, true) : -kernelCos(head, tail);
}

/** The cosine of radians. */
export function cos(x) {
  const ix = high(x) & 0x7fffffff;
  if (ix <= 0x3fe921fb) return ix < 0x3e46a09e ? 1 : kernelCos(x, 0);
  if (ix >= 0x7ff00000) return NaN;
  const n = remainder(x) & 3;
  const [head, tail] = parts;
  if (n === 0) return kernelCos(head, tail);
  if (n === 1) return -kernelSin(head, tail, true);
  return n === 2 ? -kernelCos(head, tail) : kernelSin(head, tail, true);
}

/** The tangent of radians. */
export function tan(x) {
  const ix = high(x) & 0x7fffffff;
  if (ix <= 0x3fe921fb) return ix < 0x3e400000 ? x : kernelTan(x, 0, 0);
  if (ix >= 0x7ff00000) return NaN;
  const n = remainder(x);
  return kernelTan(parts[0], parts[1], n & 1);
}

const PIO2_HIGH = 1.57079632679489655800;
const PIO2_LOW = 6.12323399573676603587e-17;

function rational(z) {
  const p =
    z *
    (1.66666666666666657415e-1 +
      z *
        (-3.25565818622400915405e-1 +
          z *
            (2.01212532134862925881e-1 +
              z * (-4.00555345006794114027e-2 + z * (7.91534994289814532176e-4 + z * 3.47933107596021167570e-5)))));
  const q =
    1 +
    z *
      (-2.40339491173441421878 +
        z * (2.02094576023350569471 + z * (-6.88283971605453293030e-1 + z * 7.70381505559019352791e-2)));
  return p / q;
}

/** The arc sine, radians; NaN beyond 1. */
export function asin(x) {
  const hx = high(x);
  const ix = hx & 0x7fffffff;
  if (ix >= 0x3ff00000) {
    return Math.abs(x) === 1 ? x * PIO2_HIGH + 2 ** -120 : NaN;
  }
  if (ix < 0x3fe00000) {
    return ix >= 0x00100000 && ix < 0x3e500000 ? x : x + x * rational(x * x);
  }
  const z = (1 - Math.abs(x)) * 0.5;
  const s = Math.sqrt(z);
  const r = rational(z);
  let angle;
  if (ix >= 0x3fef3333) {
    angle = PIO2_HIGH - (2 * (s + s * r) - PIO2_LOW);
  } else {
    const f = withoutLow(s);
    const c = (z - f * f) / (s + f);
    angle = 0.5 * PIO2_HIGH - (2 * s * r - (PIO2_LOW - 2 * c) - (0.5 * PIO2_HIGH - 2 * f));
  }
  return hx < 0 ? -angle : angle;
}

const ATAN_HIGH = [
  4.63647609000806093515e-1, 7.85398163397448278999e-1, 9.82793723247329054082e-1, 1.57079632679489655800,
];
const ATAN_LOW = [
  2.26987774529616870924e-17, 3.06161699786838301793e-17, 1.39033110312309984516e-17, 6.12323399573676603587e-17,
];
const AT = [
  3.33333333333329318027e-1, -1.99999999998764832476e-1, 1.42857142725034663711e-1, -1.11111104054623557880e-1,
  9.09088713343650656196e-2, -7.69187620504482999495e-2, 6.66107313738753120669e-2, -5.83357013379057348645e-2,
  4.97687799461593236017e-2, -3.65315727442169155270e-2, 1.62858201153657823623e-2,
];

function atan(x) {
  const hx = high(x);
  const ix = hx & 0x7fffffff;
  if (ix >= 0x44100000) {
    if (x !== x) return x;
    return hx < 0 ? -ATAN_HIGH[3] : ATAN_HIGH[3];
  }
  let id = -1;
  if (ix < 0x3fdc0000) {
    if (ix < 0x3e400000) return x;
  } else {
    x = Math.abs(x);
    if (ix < 0x3fe60000) {
      id = 0;
      x = (2 * x - 1) / (2 + x);
    } else if (ix < 0x3ff30000) {
      id = 1;
      x = (x - 1) / (x + 1);
    } else if (ix < 0x40038000) {
      id = 2;
      x = (x - 1.5) / (1 + 1.5 * x);
    } else {
      id = 3;
      x = -1 / x;
    }
  }
  const z = x * x;
  const w = z * z;
  const s1 = z * (AT[0] + w * (AT[2] + w * (AT[4] + w * (AT[6] + w * (AT[8] + w * AT[10])))));
  const s2 = w * (AT[1] + w * (AT[3] + w * (AT[5] + w * (AT[7] + w * AT[9]))));
  if (id < 0) return x - x * (s1 + s2);
  const angle = ATAN_HIGH[id] - (x * (s1 + s2) - ATAN_LOW[id] - x);
  return hx < 0 ? -angle : angle;
}

const PI = 3.1415926535897931160;
const PI_LOW = 1.2246467991473531772e-16;

/** The arc tangent of y/x, radians, in the quadrant of the point. */
export function atan2(y, x) {
  if (x !== x || y !== y) return NaN;
  if (x === 1) return atan(y);
  const negative = high(y) < 0;
  const left = high(x) < 0;
  const ix = high(x) & 0x7fffffff;
  const iy = high(y) & 0x7fffffff;
  if (y === 0) return left ? (negative ? -PI : PI) : y;
  if (x === 0) return negative ? -PI / 2 : PI / 2;
  if (ix === 0x7ff00000) {
    const angle = iy === 0x7ff00000 ? (left ? (3 * PI) / 4 : PI / 4) : left ? PI : 0;
    return negative ? -angle : angle;
  }
  if (ix + 0x04000000 < iy || iy === 0x7ff00000) return negative ? -PI / 2 : PI / 2;
  const z = left && iy + 0x04000000 < ix ? 0 : atan(Math.abs(y / x));
  if (!left) return negative ? -z : z;
  return negative ? z - PI_LOW - PI : PI - (z - PI_LOW);
}

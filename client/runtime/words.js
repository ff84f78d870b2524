// The bits of a float as two 32-bit words, and numbers made of such.

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
// Which word is the high one depends on the machine.
float[0] = 1;
const HIGH = words[1] === 0x3ff00000 ? 1 : 0;
const LOW = 1 - HIGH;

/** The upper 32 bits of `x`, signed. */
export function high(x) {
  float[0] = x;
  return words[HIGH] | 0;
}

/** The lower 32 bits of `x`, unsigned. */
export function low(x) {
  float[0] = x;
  return words[LOW];
}

/** The float with these words. */
export function fromWords(highWord, lowWord) {
  words[HIGH] = highWord;
  words[LOW] = lowWord;
  return float[0];
}

/** `x` with other upper 32 bits. */
export function withHigh(x, word) {
  float[0] = x;
  words[HIGH] = word;
  return float[0];
}

/** `x` with zeros as lower 32 bits. */
export function withoutLow(x) {
  float[0] = x;
  words[LOW] = 0;
  return float[0];
}

/** `x` times two to the power `n`, rounded once. */
export function scalbn(x, n) {
  if (n > 1023) {
    x *= 2 ** 1023;
    n -= 1023;
    if (n > 1023) {
      x *= 2 ** 1023;
      n = Math.min(n - 1023, 1023);
    }
  } else if (n < -1022) {
    // No step may make it subnormal but the last: it would be rounded twice.
    x *= 2 ** -969;
    n += 969;
    if (n < -1022) {
      x *= 2 ** -969;
      n = Math.max(n + 969, -1022);
    }
  }
  return x * fromWords((1023 + n) << 20, 0);
}

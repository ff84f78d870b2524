// Letters whose case pairs came with Unicode 15 or later, which some browsers do not know yet; the browser's own tables are
// right for all others.

// First and last letter, and how far away the other case is.
const TO_UPPER = [
  [0x19b, 0x19b, 42561],
  [0x264, 0x264, 42343],
  [0x1c8a, 0x1c8a, -1],
  [0xa7cd, 0xa7cd, -1],
  [0xa7cf, 0xa7cf, -1],
  [0xa7d3, 0xa7d3, -1],
  [0xa7d5, 0xa7d5, -1],
  [0xa7db, 0xa7db, -1],
  [0x10d70, 0x10d85, -32],
  [0x16ebb, 0x16ed3, -27],
];
const TO_LOWER = [
  [0x1c89, 0x1c89, 1],
  [0xa7cb, 0xa7cb, -42343],
  [0xa7cc, 0xa7cc, 1],
  [0xa7ce, 0xa7ce, 1],
  [0xa7d2, 0xa7d2, 1],
  [0xa7d4, 0xa7d4, 1],
  [0xa7da, 0xa7da, 1],
  [0xa7dc, 0xa7dc, -42561],
  [0x10d50, 0x10d65, 32],
  [0x16ea0, 0x16eb8, 27],
];

function letters(ranges) {
  const all = new Map();
  for (const [first, last, by] of ranges) {
    for (let letter = first; letter <= last; letter++) {
      all.set(String.fromCodePoint(letter), String.fromCodePoint(letter + by));
    }
  }
  return all;
}

/** Letters and what they are in upper case. */
export const UPPER = letters(TO_UPPER);

/** Letters and what they are in lower case. */
export const LOWER = letters(TO_LOWER);

// Letters whose case pairs are newer than the Unicode tables of some browsers; everywhere else the browser's own are right.

/** Letters and what they are in upper case. */
export const UPPER = new Map();

/** Letters and what they are in lower case. */
export const LOWER = new Map();

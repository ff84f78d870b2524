// Text: positions count Unicode scalar values, order is by code point, case by the default full mappings, space is what
// has the property White_Space. Lengths that limits are about are bytes of UTF-8.

import { settled } from "./integers.js";
import { trap } from "./trap.js";
import { LOWER, UPPER } from "./newer_letters.js";

/** Bytes of a text in UTF-8. */
export function utf8Length(text) {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) bytes += unit < 0x800 ? 1 : unit >= 0xd800 && unit < 0xe000 ? 1 : 2;
  }
  return bytes;
}

/** Stops with `memory_limit` if a text of so many bytes is too long. */
export function checkLength(bytes, limit, node) {
  if (bytes > limit) trap("memory_limit", node);
}

/** Compares by code point: negative, 0 or positive. */
export function compareText(a, b) {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points beyond all others.
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}

/** Number of characters. */
export function textLength(text) {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) length--;
  }
  return length;
}

/** Where the character at `index` begins, in UTF-16 units; the end if there are fewer. */
function unitAt(text, index) {
  let at = 0;
  while (index > 0 && at < text.length) {
    at += (text.charCodeAt(at) & 0xfc00) === 0xd800 ? 2 : 1;
    index--;
  }
  return at;
}

/** The character at an index. */
export function textAt(text, index, node) {
  const at = index >= 0 ? unitAt(text, index) : text.length;
  if (at >= text.length) trap("index_out_of_range", node);
  return String.fromCodePoint(text.codePointAt(at));
}

/** `count` characters from `start` on, as far as there are any; negative numbers are 0. */
export function textSlice(text, start, count) {
  const from = start > 0 ? unitAt(text, start) : 0;
  const rest = text.slice(from);
  return rest.slice(0, count > 0 ? unitAt(rest, count) : 0);
}

/** Index of `part`, in characters, or −1. */
export function textFind(text, part) {
  const at = text.indexOf(part);
  return at < 0 ? -1 : textLength(text.slice(0, at));
}

/** `text` with every `old` replaced; "" stands before every character and at the end. */
export function textReplace(text, old, by, limit, node) {
  const parts = old === "" ? ["", ...text, ""] : text.split(old);
  const added = (parts.length - 1) * (utf8Length(by) - utf8Length(old));
  checkLength(utf8Length(text) + added, limit, node);
  return parts.join(by);
}

/** The parts between separators; with "", the characters. */
export function textParts(text, separator) {
  return separator === "" ? [...text] : text.split(separator);
}

/** `text` that many times. */
export function textRepeat(text, count, limit, node) {
  if (count < 0) trap("bad_argument", node);
  if (text === "") return "";
  checkLength(utf8Length(text) * Number(count), limit, node);
  return text.repeat(Number(count));
}

function mapped(text, letters, whole) {
  let result = "";
  let plain = 0;
  let at = 0;
  for (const letter of text) {
    const other = letters.get(letter);
    if (other !== undefined) {
      result += whole(text.slice(plain, at)) + other;
      plain = at + letter.length;
    }
    at += letter.length;
  }
  return plain === 0 ? whole(text) : result + whole(text.slice(plain));
}

/** In upper case. */
export function textUpper(text, limit, node) {
  const upper = mapped(text, UPPER, (part) => part.toUpperCase());
  checkLength(utf8Length(upper), limit, node);
  return upper;
}

/** In lower case; a capital sigma at the end of a word becomes a final one. */
export function textLower(text, limit, node) {
  const lower = mapped(text, LOWER, (part) => part.toLowerCase());
  checkLength(utf8Length(lower), limit, node);
  return lower;
}

const SPACE = "[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const FIRST_OTHER = new RegExp(`^${SPACE}+`);
const IS_SPACE = new RegExp(SPACE);

/** Without White_Space at both ends. */
export function textTrim(text) {
  const rest = text.replace(FIRST_OTHER, "");
  let end = rest.length;
  while (end > 0 && IS_SPACE.test(rest[end - 1])) end--;
  return rest.slice(0, end);
}

const INTEGER = /^[+-]?[0-9]+$/;
const FLOAT = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/** The int64 that a text spells, or null. */
export function parseInteger(text) {
  if (!INTEGER.test(text)) return null;
  const value = BigInt(text[0] === "+" ? text.slice(1) : text);
  return value === BigInt.asIntN(64, value) ? settled(value) : null;
}

/** The float that a text spells, or null. */
export function parseFloat64(text) {
  if (text === "NaN") return NaN;
  if (text === "Infinity") return Infinity;
  if (text === "-Infinity") return -Infinity;
  if (!FLOAT.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

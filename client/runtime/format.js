// Filling placeholders: `{}`, `{0}`, `{name}`, `%s`, `%v`, `%d`, `%f`, `%.2f`, `%%`.

import { checkLength, utf8Length } from "./text.js";
import { trap } from "./trap.js";

const MOST_PLACES = 100;
const NAME = /^(?![0-9])[\p{Alphabetic}\p{N}_]+$/u;

/** The placeholder that `text` has at `at`: [kind, argument, length], or null. */
function placeholder(text, at) {
  if (text[at] === "{") {
    const end = text.indexOf("}", at);
    if (end < 0) return null;
    const inside = text.slice(at + 1, end);
    const length = inside.length + 2;
    if (inside === "") return ["next", 0, length];
    if (/^[0-9]+$/.test(inside)) return ["at", Number(inside), length];
    return NAME.test(inside) ? ["named", inside, length] : null;
  }
  const rest = text.slice(at + 1, at + 2);
  if (rest === "%") return ["percent", 0, 2];
  if (rest === "s" || rest === "v") return ["next", 0, 2];
  if (rest === "d") return ["integer", 0, 2];
  if (rest === "f") return ["fixed", 6, 2];
  const places = /^\.([0-9]*)f/.exec(text.slice(at + 1));
  return places && ["fixed", places[1] === "" ? 0 : Number(places[1]), places[0].length + 1];
}

/** A finite float with so many decimal places, rounded from its exact value, ties to even. */
function fixedFloat(value, places) {
  const [, digits, power] = /^(?:0x)?([0-9a-f]+)p?(-?[0-9]*)$/.exec(exact(Math.abs(value)));
  let numerator = BigInt("0x" + digits) * 10n ** BigInt(places);
  const shift = Number(power);
  let rounded;
  if (shift >= 0) {
    rounded = numerator << BigInt(shift);
  } else {
    const by = BigInt(-shift);
    rounded = numerator >> by;
    const rest = numerator - (rounded << by);
    const half = 1n << (by - 1n);
    if (rest > half || (rest === half && rounded % 2n === 1n)) rounded += 1n;
  }
  const text = rounded.toString().padStart(places + 1, "0");
  const sign = value < 0 ? "-" : "";
  return places === 0 ? sign + text : `${sign}${text.slice(0, -places)}.${text.slice(-places)}`;
}

/** A positive float as hexadecimal digits and a power of two. */
function exact(value) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number(bits >> 52n);
  const fraction = bits & (2n ** 52n - 1n);
  const digits = exponent === 0 ? fraction : fraction | (1n << 52n);
  return `${digits.toString(16)}p${Math.max(exponent, 1) - 1075}`;
}

function fixed(text, kind, places, node) {
  if (places > MOST_PLACES) trap("bad_argument", node);
  if (kind === "i") return places === 0 ? text : `${text}.${"0".repeat(places)}`;
  if (kind !== "f") trap("bad_argument", node);
  const value = Number(text);
  return Number.isFinite(value) ? fixedFloat(value, places) : text;
}

/**
 * Fills the placeholders of `template` from `texts`. `names` are the names of the arguments, `kinds` a letter for each: `i`
 * integer, `f` float, else other; the last counts for all that follow.
 */
export function textFormat(template, names, texts, kinds, limit, node) {
  let out = "";
  let bytes = 0;
  let next = 0;
  const push = (piece) => {
    bytes += utf8Length(piece);
    checkLength(bytes, limit, node);
    out += piece;
  };
  let at = 0;
  for (;;) {
    const rest = template.slice(at).search(/[{%]/);
    if (rest < 0) break;
    push(template.slice(at, at + rest));
    at += rest;
    const found = placeholder(template, at);
    if (found === null) {
      push(template[at]);
      at += 1;
      continue;
    }
    const [kind, argument, length] = found;
    at += length;
    if (kind === "percent") {
      push("%");
      continue;
    }
    let position = next;
    if (kind === "at") position = argument;
    else if (kind === "named") position = names.indexOf(argument);
    else next += 1;
    const text = texts[position];
    if (text === undefined) trap("bad_argument", node);
    const type = kinds[Math.min(position, kinds.length - 1)];
    if (kind === "integer" && type !== "i") trap("bad_argument", node);
    push(kind === "fixed" ? fixed(text, type, argument, node) : text);
  }
  push(template.slice(at));
  return out;
}

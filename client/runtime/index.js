// What emitted modules and pages import.

export {
  Activation,
  Outbox,
  Suspension,
  attached,
  both,
  either,
  itemAt,
  keyAt,
  keyPosition,
  live,
  nonNull,
  resume,
  select,
  toFloat,
  toInteger,
} from "./activation.js";
export { Dict, List } from "./containers.js";
export { fmax, fmin, fsign } from "./floats.js";
export {
  ceil,
  floor,
  iabs,
  iadd,
  iaddOver,
  iaddWrap,
  idiv,
  idivFloor,
  imax,
  imin,
  imul,
  imulOver,
  imulWrap,
  ineg,
  irem,
  isign,
  isub,
  isubOver,
  isubWrap,
  itou,
  narrow,
  round,
  trunc,
  utoi,
  wrapped,
} from "./integers.js";
export { Unfit, exportValue, importValue } from "./outside.js";
export { exp, log, pow } from "./powers.js";
export { Session } from "./session.js";
export { hex, sha256 } from "./sha256.js";
export { LIMITS, State } from "./state.js";
export {
  compareText,
  parseFloat64,
  parseInteger,
  textAt,
  textFind,
  textLength,
  textLower,
  textRepeat,
  textReplace,
  textSlice,
  textTrim,
  textUpper,
} from "./text.js";
export { Trap, trap } from "./trap.js";
export { asin, atan2, cos, sin, tan } from "./trigonometry.js";
export { Schema, type } from "./types.js";

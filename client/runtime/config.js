// Configured values: what an emitted module declares, with what a page gives over the defaults.

import { Unfit, importValue } from "./outside.js";
import { type } from "./types.js";

/**
 * All values by `GROUP.FIELD`. `declared` is the module's `program.config`, or null: then any value may be given, for fields that
 * begin with configured ones. Throws an `Error` that says what does not fit, is unknown or is missing.
 */
export function configured(declared, given, limits) {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError('`config` must be an object of values by their paths, such as { "Game.Rounds": 3 }');
  }
  const values = Object.create(null);
  if (declared === null || declared === undefined) return Object.assign(values, given);
  const fields = new Map(declared.map((field) => [field.path, field]));
  for (const { path, default: literal } of declared) if (literal !== undefined) values[path] = literal;
  for (const [path, value] of Object.entries(given)) {
    const field = fields.get(path);
    if (field === undefined) {
      const known = [...fields.keys()].map((name) => `\`${name}\``).join(", ");
      throw new RangeError(`\`config\` has \`${path}\`, which the configuration does not declare; it declares ${known || "nothing"}`);
    }
    values[path] = fitted(field, value, limits);
  }
  for (const { path } of declared) {
    if (!(path in values)) throw new RangeError(`\`config\` lacks \`${path}\`, which has no default and must be given`);
  }
  return values;
}

/** A value as its field takes it. */
function fitted({ path, type: description, min, max, options }, value, limits) {
  const wrong = (problem) => {
    throw new RangeError(`\`config\`, \`${path}\`: ${problem}`);
  };
  let fit;
  try {
    // Fields are scalars, for which limits are all there is to know of a state.
    fit = importValue({ limits }, type(description), value);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return wrong(error.message);
  }
  // A NaN is within no bounds.
  if (min !== undefined && !(fit >= min)) return wrong(`${fit} is less than ${min}, the least it may be`);
  if (max !== undefined && !(fit <= max)) return wrong(`${fit} is more than ${max}, the most it may be`);
  if (options !== undefined && !options.includes(fit)) {
    return wrong(`${JSON.stringify(fit)} is none of its options: ${options.map((option) => JSON.stringify(option)).join(", ")}`);
  }
  return fit;
}

// Why an activation stops: the same codes in every execution.

const MESSAGES = {
  overflow: "The result does not fit into 64 bits.",
  divide_by_zero: "The divisor is zero.",
  not_found: "No element, entry or field of that key exists.",
  index_out_of_range: "The index is outside the array.",
  stale_reference: "The element that this reference stands for was removed.",
  modified_during_iteration: "The collection gained or lost elements while a loop ran over it.",
  null_reference: "The value is null.",
  out_of_range: "The value does not fit the type it is stored in.",
  bad_argument: "An input has a value that this node cannot work with.",
  duplicate_id: "Something with that id exists already.",
  fuel_exhausted: "The activation used up its fuel.",
  memory_limit: "A value, or all values of the activation together, exceed the memory limit.",
  permission_denied: "The sender may not do this.",
  bad_parameters: "The event's parameters do not have the declared types.",
  unknown_event: "No handler handles this event and nobody waits for it.",
  custom: "The handler failed by itself.",
};

/** What an error of that code says by itself. */
export function messageOf(code) {
  return Object.hasOwn(MESSAGES, code) ? MESSAGES[code] : code;
}

/** An error that stops an activation and undoes its writes. */
export class Trap extends Error {
  /**
   * `code` is one of the codes above, `node` the id of the node that stopped ("" for none), `text` what a `Fail` node or
   * a node of the host program said, or null.
   */
  constructor(code, node = "", text = null) {
    super(text ?? messageOf(code));
    this.name = "Trap";
    this.code = code;
    this.node = node;
    this.text = text;
  }
}

/** Stops the activation. */
export function trap(code, node, text) {
  throw new Trap(code, node, text);
}

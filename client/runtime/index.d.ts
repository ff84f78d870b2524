// Declarations of what pages and emitted modules import from the runtime library.

/** A number as long as its size is below 2^53, a BigInt beyond. */
export type Int = number | bigint;

/** Why an activation stopped. */
export type TrapCode =
  | "overflow"
  | "divide_by_zero"
  | "not_found"
  | "index_out_of_range"
  | "stale_reference"
  | "modified_during_iteration"
  | "null_reference"
  | "out_of_range"
  | "bad_argument"
  | "duplicate_id"
  | "fuel_exhausted"
  | "memory_limit"
  | "permission_denied"
  | "bad_parameters"
  | "unknown_event"
  | "custom";

/** An error that stops an activation and undoes its writes. */
export class Trap extends Error {
  constructor(code: TrapCode, node?: string, text?: string | null);
  readonly code: TrapCode;
  /** The id of the node that stopped; "" for none. */
  readonly node: string;
  readonly text: string | null;
}

/** What one activation may use. */
export interface Limits {
  fuel: number;
  memoryBytes: number;
  stringBytes: number;
  entries: number;
}

export const LIMITS: Limits;

export type Generator = "xoshiro128++" | "mulberry32" | "mulberry32-raw";

/** A record of the state, or a value of a struct type: its fields are properties. Only the state writes it. */
export interface Struct {
  /** Whether it was removed: references to it are stale. */
  readonly $gone: boolean;
}

/** The fields of a record by the names that the schema gives them. */
type FieldName<K> = K extends `__proto__${infer Rest}$` ? `__proto__${Rest}` : K;

/** The fields of a record as JavaScript's own values: lists are arrays, maps are objects. */
export type Plain<T> = T extends { readonly keys: readonly (infer K)[]; readonly items: readonly (infer V)[] }
  ? Record<K extends string | number ? K : string, Plain<V>>
  : T extends { readonly items: readonly (infer E)[] }
    ? Plain<E>[]
    : T extends Struct
      ? { -readonly [K in Exclude<keyof T, "$gone"> as FieldName<K>]: Plain<T[K]> }
      : T;

/** The same as a session takes it: fields that are left out have their defaults, bytes may be base64. */
export type Given<T> = T extends Uint8Array
  ? Uint8Array | string
  : T extends { readonly keys: readonly (infer K)[]; readonly items: readonly (infer V)[] }
    ? { readonly [key: string]: Given<V> } | ReadonlyMap<K, Given<V>>
    : T extends readonly (infer E)[]
      ? readonly Given<E>[]
      : T extends { readonly items: readonly (infer E)[] }
        ? readonly Given<E>[]
        : T extends Struct
          ? { readonly [K in Exclude<keyof T, "$gone"> as FieldName<K>]?: Given<T[K]> }
          : T extends object
            ? { readonly [K in keyof T]?: Given<T[K]> }
            : T;

/** The types of a state. */
export class Schema {
  /** SHA-256 as hexadecimal digits. */
  readonly hash: string;
}

/** A document, as an emitted module has it. */
export interface Program<State = unknown, Events = unknown, Config = Record<string, unknown>> {
  readonly name: string;
  /** SHA-256 of the document with its schema and configuration, as hexadecimal digits. */
  readonly hash: string;
  readonly schema: Schema;
  /** Only for the type checker. */
  readonly $state?: State;
  /** Only for the type checker. */
  readonly $events?: Events;
  /** Only for the type checker. */
  readonly $config?: Config;
}

/** An emitted event. */
export interface Event {
  readonly kind: string;
  /** Everybody, these players, or everybody but one. */
  readonly to: "all" | readonly string[] | { readonly except: string };
  readonly payload: Record<string, unknown>;
}

/** An activation from its start, or from where it waited, to its end or its next wait. */
export interface ActivationResult {
  readonly handler: string;
  /** In the order of starting; one that waited keeps it. */
  readonly id: number;
  readonly status: "done" | "waiting" | "failed";
  readonly error: { readonly code: TrapCode; readonly node: string | null; readonly message: string } | null;
  readonly fuel: number;
}

/** What came of an event. */
export interface Result {
  readonly ok: boolean;
  readonly error: { readonly code: TrapCode; readonly node: string | null; readonly message: string } | null;
  readonly events: readonly Event[];
  /** Fuel that was used. */
  readonly fuel: number;
  /** All that ran, in order. */
  readonly activations: readonly ActivationResult[];
}

/** The state of a session at a moment. */
export interface Snapshot<State> {
  state: State;
  now: Int;
  seed: bigint;
  generator: Generator;
  streams: [name: string, words: number[]][];
}

export interface SessionOptions<State, Config = Record<string, unknown>> {
  /** Given in part: what is missing has its defaults. */
  state?: Given<State>;
  seed?: Int;
  generator?: Generator;
  limits?: Partial<Limits>;
  /** Configured values by `GROUP.FIELD`, over the document's defaults. */
  config?: Config;
  /** How many activations may wait at once, and how many events be scheduled. By default 100,000. */
  waitingLimit?: number;
  /** Session time, whole milliseconds. */
  now?: Int;
  /** The host's id. */
  host?: string;
  /** Nodes of the host program by name: they take the inputs and give the output. */
  hostNodes?: Record<string, (...inputs: unknown[]) => unknown>;
}

/** Handlers on a state of the client's own. */
export class Session<
  State = unknown,
  Events = Record<string, Record<string, unknown>>,
  Config = Record<string, unknown>,
> {
  constructor(program: Program<State, Events, Config>, options?: SessionOptions<State, Config>);
  /** Session time, milliseconds. */
  readonly now: Int;
  /** Suspended activations. */
  readonly waiting: { readonly size: number };
  readonly state: {
    /** The main root's fields, then each other active root under its name. */
    toValue(): State;
    canonicalBytes(): Uint8Array;
    /** The same as the server's for an equal state. */
    hash(): Uint8Array;
  };
  onMessage: (text: string, value: unknown, handler: string, node: string) => void;
  /** Sends an event, as one transaction for each handler. */
  dispatch<E extends keyof Events & string>(event: E, params?: Events[E], sender?: string): Result;
  /** Lets session time pass, in whole milliseconds; less than 0 counts as none. */
  advance(ms: Int): Result;
  snapshot(): Snapshot<State>;
  /** Goes back to a snapshot, or to what a server sent. */
  restore(snapshot: Partial<Omit<Snapshot<State>, "state">> & { state: Given<State> }): void;
}

/** Bytes as hexadecimal digits. */
export function hex(bytes: Uint8Array): string;
export function sha256(bytes: Uint8Array): Uint8Array;

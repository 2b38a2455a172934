/** A guarantee of docs/guarantees.md by its number, or what else is broken. */
export type Broken =
  | 1
  | 2
  | 3
  | 4
  | 5
  | 6
  | 7
  | 8
  | 9
  | 10
  | 11
  | 12
  | 13
  | 14
  | 15
  | "run"
  | "schedule"
  | "log"
  | "record"
  | "times";

/** A deliberate fault in the core. */
export interface Mutant {
  /** What the faulty core does, in a plain sentence; its name in the table and on the command line. */
  readonly name: string;
  readonly breaks: Broken;
  readonly change: Change;
}

/** How the fault gets into the core. */
export type Change = Seam | Match;

/** The module exports everything as before, but for one function or member of a class that is wrapped. */
export interface Seam {
  readonly kind: "function" | "method" | "getter";
  /** The name of an exported function, or of a class and its member: `Claim.renew`. */
  readonly of: string;
  /** The text of the function that wraps it. It must not use anything but its parameters and globals. */
  readonly code: string;
}

/** A pattern on the syntax tree, for what no seam reaches. */
export interface Match {
  readonly kind: "match";
  /**
   * The function or the member of a class that holds it: `decide` or `Claim.renew`. A private member may go without its class,
   * `#isTooLate`, if no other class has one of that name: then it may move from one class to another.
   */
  readonly of: string;
  /** The pattern, as ast-grep reads it: `$A` is any node, `$$$A` any number of them. It must match once. */
  readonly pattern: string;
  /** What it is replaced by, with the nodes of the pattern. */
  readonly replacement: string;
}

// deno-lint-ignore no-explicit-any
type AnyFunction = (...args: any[]) => unknown;
type FunctionOf<T, Member extends keyof T> = Extract<T[Member], AnyFunction>;

/** Wraps an exported function. */
export function wrapFunction<F extends AnyFunction>(
  of: string,
  mutated: (original: F, ...args: Parameters<F>) => ReturnType<F>,
): Seam {
  return { kind: "function", of, code: String(mutated) };
}

/** Wraps a method of an exported class. */
export function wrapMethod<T, Member extends keyof T & string>(
  of: `${string}.${Member}`,
  mutated: (
    self: T,
    original: FunctionOf<T, Member>,
    ...args: Parameters<FunctionOf<T, Member>>
  ) => ReturnType<FunctionOf<T, Member>>,
): Seam {
  return { kind: "method", of, code: String(mutated) };
}

/** Wraps a getter of an exported class. */
export function wrapGetter<T, Member extends keyof T & string>(
  of: `${string}.${Member}`,
  mutated: (self: T, original: () => T[Member]) => T[Member],
): Seam {
  return { kind: "getter", of, code: String(mutated) };
}

/** Replaces what matches a pattern. */
export function replace(of: string, pattern: string, replacement: string): Match {
  return { kind: "match", of, pattern, replacement };
}

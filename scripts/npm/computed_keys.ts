/** `_computedKey = Symbol.iterator, _computedKey1 = Symbol.asyncDispose;`, and `var _computedKey, _computedKey1;` before it. */
const STATEMENT = /^(?:var )?_computedKey\d*(?: = Symbol\.\w+)?(?:, _computedKey\d*(?: = Symbol\.\w+)?)*;\n/gm;

const ASSIGNMENT = /\b(_computedKey\d*) = (Symbol\.\w+)/g;

/**
 * Puts the computed keys of methods back into their classes. `deno pack` evaluates them in statements of their own; a bundler takes
 * such a statement for a side effect, and keeps a class that the program does not use.
 */
export function inlineComputedKeys(code: string): string {
  const keys = [...code.matchAll(ASSIGNMENT)];
  const rest = code.replace(STATEMENT, "");
  return keys.reduce((text, [, name, symbol]) => text.replaceAll(`[${name}]`, `[${symbol}]`), rest);
}

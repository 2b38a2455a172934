/** `_computedKey = Symbol.iterator, _computedKey1 = Symbol.asyncDispose;`, and `var _computedKey, _computedKey1;` before it. */
const APART = /^(?:var )?_computedKey\d*(?: = Symbol\.\w+)?(?:, _computedKey\d*(?: = Symbol\.\w+)?)*;\n/gm;

const KNOWN = /\b(_computedKey\d*) = (Symbol\.\w+)/g;

/**
 * Puts the keys of methods back in their places, which `deno pack` works out in statements of their own. To a bundler such a statement
 * does something, so it would keep the class, and all that this needs, for a program that has no use for it.
 */
export function withKnownKeys(code: string): string {
  const keys = [...code.matchAll(KNOWN)];
  const bare = code.replace(APART, "");
  return keys.reduce((text, [, name, symbol]) => text.replaceAll(`[${name}]`, `[${symbol}]`), bare);
}

import { assertEquals } from "@std/assert";
import { inlineComputedKeys } from "./computed_keys.ts";

Deno.test("inlineComputedKeys() puts the keys that `deno pack` evaluates apart back into the class", () => {
  const code = `var _computedKey, _computedKey1;
import { a } from "./a.js";
_computedKey = Symbol.iterator, _computedKey1 = Symbol.asyncDispose;
export class Group {
  [_computedKey]() {}
  async [_computedKey1]() {}
}
`;
  const inlined = `import { a } from "./a.js";
export class Group {
  [Symbol.iterator]() {}
  async [Symbol.asyncDispose]() {}
}
`;
  assertEquals(inlineComputedKeys(code), inlined);
  assertEquals(inlineComputedKeys(inlined), inlined);
});

// The error that callers catch by its class, and how values are shown in messages.

import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { LeaseLostError } from "../mod.ts";
import { cannot, shown } from "../src/errors.ts";

Deno.test("LeaseLostError is an error with its own name, a message and a cause", () => {
  const cause = new Error("no answer");
  const error = new LeaseLostError("the last heartbeat is too old", { cause });
  assertInstanceOf(error, Error);
  assertEquals([error.name, error.message], ["LeaseLostError", "the last heartbeat is too old"]);
  assertStrictEquals(error.cause, cause);
  assertEquals("cause" in new LeaseLostError("gone"), false);
});

Deno.test("cannot() says what is refused, why, and the current value", () => {
  const message = cannot("start", '"interval" must be long', { minutes: 5 });
  assertEquals(message, 'Cannot start as "interval" must be long: current value is {"minutes":5}');
  const other = cannot("create the scheduler", '"interval" must be long', undefined);
  assertEquals(other, 'Cannot create the scheduler as "interval" must be long: current value is undefined');
});

const cycle: Record<string, unknown> = {};
cycle.self = cycle;
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();

/** Values, and how messages show them. */
const SHOWN: [name: string, value: unknown, text: string][] = [
  ["undefined", undefined, "undefined"],
  ["null", null, "null"],
  ["a number", 1.5, "1.5"],
  ["NaN", NaN, "NaN"],
  ["a bigint", 5n, "5"],
  ["a text", 'a\n"b"', '"a\\n\\"b\\""'],
  ["an empty text", "", '""'],
  ["a symbol", Symbol("s"), "Symbol(s)"],
  ["a function", () => 5, "of type function"],
  ["a class", Date, "of type function"],
  ["an object", { minutes: 5 }, '{"minutes":5}'],
  ["a list", [1, "a"], '[1,"a"]'],
  ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ["a cycle", cycle, "of type object"],
  ["a bigint in an object", { five: 5n }, "of type object"],
  ["an object without JSON", { toJSON: () => undefined }, "of type object"],
  ["a revoked proxy", proxy, "of type object"],
  ["a getter that throws", {
    get a(): never {
      throw new Error("no");
    },
  }, "of type object"],
];

for (const [name, value, text] of SHOWN) {
  Deno.test(`shown shows ${name}`, () => assertEquals(shown(value), text));
}

Deno.test("shown cuts what is long", () => {
  for (const value of ["x".repeat(1_000), Array(1_000).fill(1), 10n ** 999n, Symbol("s".repeat(1_000))]) {
    const text = shown(value);
    assert(text.length >= 100 && text.length <= 500, `${text.length}`);
  }
});

Deno.test("shown shows everything on one line", () => {
  for (const value of ["a\nb", { "\r": "\r\n" }, ["\n"]]) {
    assertEquals(shown(value).split(/[\r\n]/).length, 1);
  }
});

import { assert, assertEquals, assertNotStrictEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { StatusEntry } from "../../../mod.ts";
import { readEach, readInParts } from "../../../stores/batching/read_many.ts";

const entryAt = (key: string): StatusEntry => ({ value: new TextEncoder().encode(key), version: key });
const LIMITS = { maxKeys: 2, maxCalls: 2, signal: undefined };

/** Reads that are answered by hand. */
class Parts {
  readonly sent: (readonly string[])[] = [];
  readonly signals: AbortSignal[] = [];
  readonly answers: PromiseWithResolvers<(StatusEntry | null)[]>[] = [];

  readonly readPart = (keys: readonly string[], signal: AbortSignal): Promise<(StatusEntry | null)[]> => {
    this.sent.push(keys);
    this.signals.push(signal);
    const answer = Promise.withResolvers<(StatusEntry | null)[]>();
    this.answers.push(answer);
    return answer.promise;
  };

  /** Answers a call. */
  async answer(index: number): Promise<void> {
    this.answers[index]?.resolve(this.sent[index]!.map(entryAt));
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
}

Deno.test("readInParts() sends no more keys in a call, and no more calls at a time, than allowed", async () => {
  const parts = new Parts();
  const read = readInParts([..."abcdefg"], { ...parts, ...LIMITS });
  assertEquals(parts.sent, [["a", "b"], ["c", "d"]]);
  await parts.answer(1);
  assertEquals(parts.sent.slice(2), [["e", "f"]]);
  await parts.answer(2);
  assertEquals(parts.sent.slice(3), [["g"]]);
  await parts.answer(0);
  await parts.answer(3);
  assertEquals(await read, [..."abcdefg"].map(entryAt));
});

Deno.test("readInParts() reads a key that comes again once, and returns bytes of its own for each", async () => {
  const sent: (readonly string[])[] = [];
  const readPart = (keys: readonly string[]): Promise<(StatusEntry | null)[]> => {
    sent.push(keys);
    return Promise.resolve(keys.map((key) => key === "none" ? null : entryAt(key)));
  };
  const entries = await readInParts(["a", "none", "a", "none"], { ...LIMITS, readPart });
  assertEquals(sent, [["a", "none"]]);
  assertEquals(entries, [entryAt("a"), null, entryAt("a"), null]);
  assertNotStrictEquals(entries[0]?.value, entries[2]?.value);
});

Deno.test("readInParts() makes no call for no keys, or after its signal has aborted", async () => {
  const parts = new Parts();
  assertEquals(await readInParts([], { ...parts, ...LIMITS }), []);
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => readInParts(["a"], { ...parts, ...LIMITS, signal }), Error, "enough");
  assertEquals(parts.sent, []);
});

Deno.test("readInParts() fails with the first call that fails, and ends the others", async () => {
  const parts = new Parts();
  const read = readInParts([..."abcdefg"], { ...parts, ...LIMITS });
  parts.answers[1]?.reject(new Error("down"));
  await assertRejects(() => read, Error, "down");
  assert(parts.signals[0]?.aborted);
  await parts.answer(0);
  assertEquals(parts.sent.length, 2, "no further call is made");
});

Deno.test("readInParts() passes the abort of its signal on", async () => {
  const parts = new Parts();
  const controller = new AbortController();
  const read = readInParts(["a"], { ...parts, ...LIMITS, signal: controller.signal });
  const enough = new Error("enough");
  controller.abort(enough);
  assertStrictEquals(parts.signals[0]?.reason, enough);
  parts.answers[0]?.reject(parts.signals[0]?.reason);
  await assertRejects(() => read, Error, "enough");
});

Deno.test("readEach() reads each key by a call of its own", async () => {
  const sent: string[] = [];
  const read = (key: string): Promise<StatusEntry | null> => {
    sent.push(key);
    return Promise.resolve(entryAt(key));
  };
  assertEquals(await readEach(["a", "b", "a"], read, { maxCalls: 2, signal: undefined }), ["a", "b", "a"].map(entryAt));
  assertEquals(sent, ["a", "b"]);
});

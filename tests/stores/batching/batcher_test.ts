// Calls that share round trips, with a server whose answers a test gives.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type BatchAnswer, Batcher } from "../../../stores/batching/batcher.ts";
import { abortListeners } from "../../helpers/abort_listeners.ts";

/** A batch that a server has received, and not answered. */
interface Received {
  readonly keys: readonly string[];
  readonly signal: AbortSignal;
  answer(...answers: BatchAnswer<string>[]): void;
  fail(error: unknown): void;
}

interface Fixture {
  readonly batcher: Batcher<string, string>;
  /** In the order in which they were sent. */
  readonly batches: Received[];
  call(key: string, signal?: AbortSignal): Promise<string>;
  /** The keys of each batch. */
  keys(): string[];
}

function fixture({ maxRequests = 100, maxBatches = 1 } = {}): Fixture {
  const batches: Received[] = [];
  const batcher = new Batcher<string, string>({
    send: (keys, { signal }) =>
      new Promise((resolve, reject) => batches.push({ keys, signal, answer: (...all) => resolve(all), fail: reject })),
    keyOf: (request) => request.charAt(0),
    maxRequests,
    maxBatches,
  });
  return {
    batcher,
    batches,
    call: (key, signal = new AbortController().signal) => batcher.call(key, signal),
    keys: () => batches.map(({ keys }) => keys.join()),
  };
}

const answered = (answer: string): BatchAnswer<string> => ({ kind: "answered", answer });

/** Lets all promises settle. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await undefined;
}

Deno.test("Batcher sends the calls of one moment together, and answers each", async () => {
  const { batches, call, keys } = fixture();
  const answers = ["a", "b", "c"].map((key) => call(key));
  await settle();
  assertEquals(keys(), ["a,b,c"]);
  batches[0]!.answer(answered("1"), answered("2"), answered("3"));
  assertEquals(await Promise.all(answers), ["1", "2", "3"]);
});

Deno.test("Batcher sends a call on its own immediately, and those that come meanwhile when it is answered", async () => {
  const { batches, call, keys } = fixture();
  const first = call("a");
  await settle();
  const others = [call("b"), call("c")];
  await settle();
  assertEquals(keys(), ["a"]);
  batches[0]!.answer(answered("1"));
  await first;
  await settle();
  assertEquals(keys(), ["a", "b,c"]);
  batches[1]!.answer(answered("2"), answered("3"));
  assertEquals(await Promise.all(others), ["2", "3"]);
});

Deno.test("Batcher sends up to maxBatches at the same time, with up to maxRequests each", async () => {
  const { batches, call, keys } = fixture({ maxRequests: 2, maxBatches: 2 });
  const answers = ["a", "b", "c", "d", "e"].map((key) => call(key));
  await settle();
  assertEquals(keys(), ["a,b", "c,d"]);
  batches[1]!.answer(answered("3"), answered("4"));
  await settle();
  assertEquals(keys(), ["a,b", "c,d", "e"]);
  batches[0]!.answer(answered("1"), answered("2"));
  batches[2]!.answer(answered("5"));
  assertEquals(await Promise.all(answers), ["1", "2", "3", "4", "5"]);
});

Deno.test("Batcher sends two calls with the same key one after the other", async () => {
  const { batches, call, keys } = fixture();
  const answers = ["a1", "b", "a2"].map((key) => call(key));
  await settle();
  batches[0]!.answer(answered("1"), answered("2"));
  await settle();
  batches[1]!.answer(answered("3"));
  assertEquals(await Promise.all(answers), ["1", "2", "3"]);
  assertEquals(keys(), ["a1,b", "a2"]);
});

Deno.test("Batcher fails one call of a batch without the others", async () => {
  const { batches, call } = fixture();
  const answers = Promise.allSettled([call("a"), call("b")]);
  await settle();
  batches[0]!.answer({ kind: "failed", error: "broken" }, answered("2"));
  assertEquals(await answers, [{ status: "rejected", reason: "broken" }, { status: "fulfilled", value: "2" }]);
});

Deno.test("Batcher fails all calls of a batch that fails, and sends the next one", async () => {
  const { batches, call, keys } = fixture();
  const answers = Promise.allSettled([call("a"), call("b")]);
  await settle();
  const next = call("c");
  batches[0]!.fail("away");
  assertEquals(await answers, [{ status: "rejected", reason: "away" }, { status: "rejected", reason: "away" }]);
  await settle();
  batches[1]!.answer(answered("3"));
  assertEquals(await next, "3");
  assertEquals(keys(), ["a,b", "c"]);
});

Deno.test("Batcher answers a call before others of its batch, which keep its place", async () => {
  const { batches, call, keys } = fixture();
  const { promise, resolve } = Promise.withResolvers<string>();
  const [known, pending] = [call("a"), call("b")];
  await settle();
  const next = call("c");
  batches[0]!.answer(answered("1"), { kind: "pending", answer: promise });
  assertEquals(await known, "1");
  await settle();
  assertEquals(keys(), ["a,b"]);
  resolve("2");
  assertEquals(await pending, "2");
  await settle();
  assertEquals(keys(), ["a,b", "c"]);
  batches[1]!.answer({ kind: "pending", answer: Promise.reject("broken") });
  assertEquals(await next.catch(String), "broken");
});

Deno.test("Batcher ends a batch when the last call ends whose answer is pending, and when no such call is left", async () => {
  const never = (): BatchAnswer<string> => ({ kind: "pending", answer: new Promise(() => {}) });
  const { batches, call } = fixture({ maxBatches: 2 });
  const signals = ["a", "b", "c"].map(() => new AbortController());
  const answers = Promise.allSettled(signals.map(({ signal }, index) => call(["a", "b", "c"][index]!, signal)));
  await settle();
  signals[1]!.abort("one");
  batches[0]!.answer(answered("1"), never(), never());
  await settle();
  signals[0]!.abort("too late");
  assertEquals(batches[0]!.signal.aborted, false);
  signals[2]!.abort("other");
  assert(batches[0]!.signal.aborted);
  assertEquals((await answers).map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
  const [stop, aborted] = [new AbortController(), call("d")];
  const left = call("e", stop.signal).catch(String);
  await settle();
  stop.abort("stop");
  batches[1]!.answer(answered("4"), never());
  assertEquals([await aborted, await left], ["4", "stop"]);
  assert(batches[1]!.signal.aborted);
});

Deno.test("Batcher never sends a call that was aborted while it waited", async () => {
  const { batches, call, keys } = fixture();
  const first = call("a");
  await settle();
  const waiting = new AbortController();
  const aborted = assertRejects(() => call("b", waiting.signal), Error, "stop");
  waiting.abort(new Error("stop"));
  await aborted;
  batches[0]!.answer(answered("1"));
  await first;
  await settle();
  assertEquals(keys(), ["a"]);
  await assertRejects(() => call("c", AbortSignal.abort(new Error("before"))), Error, "before");
  assertEquals(keys(), ["a"]);
});

Deno.test("Batcher ends a call at its signal, and the batch when all of its calls have ended", async () => {
  const { batches, call } = fixture();
  const [one, other] = [new AbortController(), new AbortController()];
  const answers = Promise.allSettled([call("a", one.signal), call("b", other.signal)]);
  await settle();
  one.abort("one");
  assertEquals(batches[0]!.signal.aborted, false);
  other.abort("other");
  assert(batches[0]!.signal.aborted);
  assertEquals(await answers, [{ status: "rejected", reason: "one" }, { status: "rejected", reason: "other" }]);
});

Deno.test("Batcher goes on after a batch that was ended", async () => {
  const { batches, call } = fixture();
  const stop = new AbortController();
  const first = assertRejects(() => call("a", stop.signal), Error, "stop");
  await settle();
  const next = call("b");
  stop.abort(new Error("stop"));
  await first;
  batches[0]!.fail(batches[0]!.signal.reason);
  await settle();
  batches[1]!.answer(answered("2"));
  assertEquals(await next, "2");
});

Deno.test("Batcher goes on after a batch that was ended and is never answered", async () => {
  for (const answer of [undefined, { kind: "pending", answer: new Promise<string>(() => {}) } as const]) {
    const { batches, call } = fixture();
    const stop = new AbortController();
    const first = assertRejects(() => call("a", stop.signal), Error, "stop");
    await settle();
    if (answer) batches[0]!.answer(answer);
    const next = call("b");
    stop.abort(new Error("stop"));
    await first;
    await settle();
    batches[1]!.answer(answered("2"));
    assertEquals(await next, "2");
    batches[0]!.fail("too late");
  }
});

Deno.test("Batcher removes its listeners from the signals", async () => {
  const { batches, call } = fixture();
  const { signal, count } = abortListeners();
  const answers = Promise.allSettled([call("a", signal), call("b", signal)]);
  await settle();
  assertEquals(count(), 2);
  batches[0]!.answer(answered("1"), { kind: "failed", error: "broken" });
  await answers;
  assertEquals(count(), 0);
});

Deno.test("Batcher tells for which requests of a batch somebody waits", async () => {
  let isAwaited: (request: string) => boolean = () => false;
  const batcher = new Batcher<string, string>({
    send: (_requests, callers) => {
      isAwaited = callers.isAwaited;
      return new Promise(() => {});
    },
    keyOf: (request) => request,
    maxRequests: 10,
    maxBatches: 1,
  });
  const [one, other] = [new AbortController(), new AbortController()];
  const calls = [batcher.call("a", one.signal), batcher.call("b", other.signal)].map((call) => call.catch(() => {}));
  await settle();
  assertEquals([isAwaited("a"), isAwaited("b"), isAwaited("c")], [true, true, false]);
  one.abort();
  assertEquals([isAwaited("a"), isAwaited("b")], [false, true]);
  other.abort();
  await Promise.all(calls);
});

Deno.test("Batcher tells a batch whether another one waits for its answers", async () => {
  const sent: [key: string, isAlone: boolean][] = [];
  const answers: (() => void)[] = [];
  const batcher = new Batcher<string, string>({
    send: ([key = ""], { isAlone }) => {
      sent.push([key, isAlone]);
      return new Promise((resolve) => answers.push(() => resolve([answered(key)])));
    },
    keyOf: () => "all",
    maxRequests: 10,
    maxBatches: 2,
  });
  const { signal } = new AbortController();
  const calls = ["a", "b", "c", "d"].map((key) => batcher.call(key, signal));
  await settle();
  assertEquals(sent, [["a", true], ["b", false]]);
  answers[0]?.();
  await calls[0];
  await settle();
  assertEquals(sent.at(-1), ["c", false]);
  answers[1]?.();
  answers[2]?.();
  await Promise.all(calls.slice(0, 3));
  await settle();
  answers[3]?.();
  await Promise.all(calls);
  await settle();
  const last = batcher.call("e", signal);
  await settle();
  answers[4]?.();
  assertEquals([sent.at(-1), await last], [["e", true], "e"]);
});

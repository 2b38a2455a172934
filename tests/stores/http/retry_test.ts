import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { FakeGcs } from "../../../internal/servers/fake_gcs.ts";
import type { Fault } from "../../../internal/servers/fault_service.ts";
import { RECORD, setUp, TOKEN } from "../gcs/setup.ts";
import { errorOf } from "../helpers/errors.ts";
import { fixedRandom } from "../helpers/globals.ts";
import { settle } from "../helpers/settle.ts";

const LONGEST = 0.999_999;
const UNAVAILABLE: Fault = { reply: { status: 503 } };

/** The time of each request, in ms from now. */
function requestTimes(service: FakeGcs, time: FakeTime, fault: () => Fault | undefined): number[] {
  const startMs = time.now;
  const at: number[] = [];
  service.script = () => {
    at.push(time.now - startMs);
    return fault();
  };
  return at;
}

for (const status of [408, 429, 500, 502, 503, 504, 599]) {
  Deno.test(`a call retries HTTP ${status}`, async () => {
    using time = new FakeTime();
    const { service, store } = setUp();
    service.failFirst({ reply: { status } });
    service.put("task", RECORD);
    const { value } = await settle(time, store.read("task"));
    assertEquals([value?.value, service.requests.length], [RECORD, 2]);
    service.failFirst({ reply: { status } });
    const written = await settle(time, store.write("other", RECORD, null));
    assertEquals(written.value, service.object("other")?.generation);
  });
}

for (const ends of ["lost", "never", "truncated", "stalled"] as const) {
  Deno.test(`a read retries if the answer is ${ends === "never" ? "never sent" : ends}`, async () => {
    using time = new FakeTime();
    const { service, store } = setUp();
    service.failFirst({ ends });
    service.put("task", RECORD);
    const { value } = await settle(time, store.read("task"));
    assertEquals([value?.value, service.requests.length], [RECORD, 2]);
  });
}

for (const status of [302, 303, 307, 400, 402, 403, 405, 409, 410, 411, 413, 416, 501]) {
  Deno.test(`a call throws HTTP ${status} without a retry`, async () => {
    const { service, store } = setUp();
    service.script = () => ({ reply: { status, headers: { location: "https://elsewhere.example/" } } });
    assertStringIncludes((await errorOf(store.read("task"))).message, `: current value is HTTP ${status}`);
    assertStringIncludes(
      (await errorOf(store.write("task", RECORD, "1"))).message,
      `: current value is HTTP ${status}`,
    );
    assertEquals(service.requests.length, 2);
  });
}

Deno.test("waits double until the time limit of the call", async () => {
  using time = new FakeTime();
  using _ = fixedRandom(LONGEST);
  const { service, store } = setUp();
  const at = requestTimes(service, time, () => UNAVAILABLE);
  const { error, afterMs } = await settle(time, store.read("task"));
  assertEquals([at, afterMs], [[0, 1_000, 3_000, 7_000], 7_000]);
  assertEquals(
    error?.message,
    "Cannot read the record at gs://bucket/task as Cloud Storage gave no usable answer within 8000 ms: " +
      "current value is HTTP 503",
  );
});

Deno.test("a wait takes at most 8 s", async () => {
  using time = new FakeTime();
  using _ = fixedRandom(LONGEST);
  const { service, store } = setUp({ requestTimeout: { seconds: 40 } });
  const at = requestTimes(service, time, () => UNAVAILABLE);
  await settle(time, store.read("task"));
  assertEquals(at, [0, 1_000, 3_000, 7_000, 15_000, 23_000, 31_000, 39_000]);
});

Deno.test("a wait is a random part of its longest", async () => {
  for (const [random, waits] of [[0.5, [0, 500, 1_500, 3_500, 7_500]], [0.1, [0, 100, 300, 700, 1_500]]] as const) {
    using time = new FakeTime();
    using _ = fixedRandom(random);
    const { service, store } = setUp();
    const at = requestTimes(service, time, () => UNAVAILABLE);
    await settle(time, store.read("task"));
    assertEquals(at.slice(0, 5), [...waits]);
  }
});

Deno.test("replicas that fail together retry at different times", async () => {
  using time = new FakeTime();
  const { service, store } = setUp();
  let failures = 100;
  const at = requestTimes(service, time, () => failures-- > 0 ? UNAVAILABLE : undefined);
  await settle(time, Promise.all(Array.from({ length: 100 }, () => store.read("task"))));
  const second = at.slice(100);
  assertEquals(second.length, 100);
  for (let from = 0; from < 1_000; from += 200) {
    const within = second.filter((ms) => ms >= from && ms < from + 200).length;
    assert(within > 3 && within < 45, `${within} within 200 ms`);
  }
});

for (const status of [429, 503]) {
  Deno.test(`a retry of HTTP ${status} waits for Retry-After, in seconds or as a date`, async () => {
    for (
      const retryAfter of ["3", " 3 ", "Sat, 31 Jan 2026 12:00:03 GMT"]
    ) {
      using time = new FakeTime("2026-01-31T12:00:00.000Z");
      using _ = fixedRandom(0.5);
      const { service, store } = setUp();
      const headers = { "retry-after": retryAfter };
      let isFirst = true;
      const at = requestTimes(service, time, () => {
        if (!isFirst) return undefined;
        isFirst = false;
        return { reply: { status, headers } };
      });
      await settle(time, store.read("task"));
      assertEquals(at, [0, 3_000]);
    }
  });
}

Deno.test("a date in Retry-After is relative to the Date header", async () => {
  for (const date of ["Sat, 31 Jan 2026 09:00:00 GMT", "Sat, 31 Jan 2026 16:00:00 GMT"]) {
    using time = new FakeTime("2026-01-31T12:00:00.000Z");
    using _ = fixedRandom(0);
    const { service, store } = setUp();
    service.nowMs = () => Date.parse(date);
    const retryAfter = new Date(Date.parse(date) + 2_000).toUTCString();
    service.failFirst({ reply: { status: 503, headers: { "retry-after": retryAfter } } });
    const { afterMs } = await settle(time, store.read("task"));
    assertEquals(afterMs, 2_000);
  }
});

Deno.test("without a Date header, a date in Retry-After is relative to the local clock", async () => {
  using time = new FakeTime("2026-01-31T12:00:00.000Z");
  using _ = fixedRandom(0);
  const { service, store } = setUp();
  const headers = { "retry-after": "Sat, 31 Jan 2026 12:00:02 GMT" };
  service.failFirst({ reply: { status: 503, headers }, without: ["date"] });
  assertEquals((await settle(time, store.read("task"))).afterMs, 2_000);
});

Deno.test("an invalid or past Retry-After is ignored", async () => {
  for (const retryAfter of ["", "soon", "-1", "1.5", "Sat, 31 Jan 2026 11:00:00 GMT"]) {
    using time = new FakeTime("2026-01-31T12:00:00.000Z");
    using _ = fixedRandom(0.5);
    const { service, store } = setUp();
    service.failFirst({ reply: { status: 503, headers: { "retry-after": retryAfter } } });
    assertEquals((await settle(time, store.read("task"))).afterMs, 500);
  }
});

Deno.test("a Retry-After beyond the time limit throws at once", async () => {
  for (const retryAfter of ["8", "3600", "9".repeat(400), "Sat, 31 Jan 2026 13:00:00 GMT"]) {
    using time = new FakeTime("2026-01-31T12:00:00.000Z");
    const { service, store } = setUp();
    service.failFirst({ reply: { status: 503, headers: { "retry-after": retryAfter } } });
    const { error, afterMs } = await settle(time, store.read("task"));
    assertEquals([afterMs, service.requests.length], [0, 1]);
    assertStringIncludes(error!.message, `current value is HTTP 503, Retry-After ${retryAfter.slice(0, 200)}`);
  }
});

Deno.test("an attempt without an answer ends after half of the time limit", async () => {
  using time = new FakeTime();
  using _ = fixedRandom(0.5);
  const { service, store } = setUp({ requestTimeout: { seconds: 3 } });
  const at = requestTimes(service, time, () => ({ ends: "never" }));
  const { error, afterMs } = await settle(time, store.read("task"));
  assertEquals([at, afterMs], [[0, 2_000], 3_000]);
  assertEquals(
    error?.message,
    "Cannot read the record at gs://bucket/task as Cloud Storage gave no usable answer within 3000 ms: " +
      "current value is no answer (timed out after 1500 ms)",
  );
});

Deno.test("the time limit covers all requests of a call", async () => {
  using time = new FakeTime();
  const { service, store } = setUp({ requestTimeout: 1_000 });
  service.put("task", RECORD);
  // 0.4 s for each answer, of which there would be three
  service.script = () => ({
    after: new Promise((resolve) => setTimeout(resolve, 400)),
    without: ["x-goog-generation"],
  });
  const { error, afterMs } = await settle(time, store.read("task"));
  assertEquals([afterMs, service.requests.length], [1_000, 3]);
  assertStringIncludes(
    error!.message,
    "Cloud Storage gave no usable answer within 1000 ms: current value is no answer",
  );
});

Deno.test("the time limit covers the sign-in, and the error names it", async () => {
  using time = new FakeTime();
  const { service, store } = setUp({ token: () => new Promise(() => {}), requestTimeout: { seconds: 2 } });
  const { error, afterMs } = await settle(time, store.write("task", RECORD, null));
  assertEquals([afterMs, service.requests.length], [2_000, 0]);
  assertEquals(
    error?.message,
    "Cannot write the record at gs://bucket/task as the token source gave no usable answer within 2000 ms: " +
      "current value is no answer (no request was answered)",
  );
});

Deno.test("the error of a slow sign-in does not show an earlier answer of the service", async () => {
  using time = new FakeTime();
  let calls = 0;
  const { service, store } = setUp({ token: () => calls++ === 0 ? TOKEN : new Promise(() => {}) });
  service.script = () => UNAVAILABLE;
  const { error, afterMs } = await settle(time, store.read("task"));
  assertEquals(afterMs, 8_000);
  assertStringIncludes(error!.message, "the token source gave no usable answer within 8000 ms: ");
  assertStringIncludes(error!.message, "current value is no answer (no request was answered)");
});

Deno.test("a call leaves no timer", async () => {
  using time = new FakeTime();
  const { service, store } = setUp();
  service.failFirst(UNAVAILABLE, { ends: "never" });
  await settle(time, store.read("task"));
  await settle(time, store.write("task", RECORD, null));
  service.script = () => ({ reply: { status: 403 } });
  await settle(time, store.read("task"));
  service.script = () => ({ ends: "never" });
  await settle(time, store.read("task"));
  const startMs = time.now;
  time.runAll();
  assertEquals(time.now, startMs);
});

Deno.test("a call with an aborted signal sends nothing", async () => {
  const { service, store } = setUp({ token: () => Promise.reject(new Error("must not be called")) });
  const reason = new Error("stopped");
  const signal = AbortSignal.abort(reason);
  assertEquals(await errorOf(store.read("task", { signal })), reason);
  assertEquals(await errorOf(store.write("task", RECORD, null, { signal })), reason);
  assertEquals(service.requests, []);
});

const PHASES: Readonly<Record<string, Fault & { readonly signIn?: true }>> = {
  "while it signs in": { signIn: true },
  "while it waits for an answer": { ends: "never" },
  "in the middle of an answer": { ends: "stalled" },
  "between two attempts": { reply: { status: 503, headers: { "retry-after": "5" } } },
};

for (const [phase, { signIn, ...fault }] of Object.entries(PHASES)) {
  Deno.test(`a signal that aborts ${phase} ends the call at once, with its reason`, async () => {
    using time = new FakeTime();
    const { service, store } = setUp(signIn && { token: () => new Promise(() => {}) });
    service.put("task", RECORD);
    service.script = () => fault;
    const calls: ((signal: AbortSignal) => Promise<unknown>)[] = [
      (signal: AbortSignal) => store.read("task", { signal }),
      (signal: AbortSignal) => store.write("task", RECORD, null, { signal }),
    ];
    for (const call of calls) {
      const reason = new Error("stopped");
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 1_000);
      const { error, afterMs } = await settle(time, call(controller.signal));
      assertEquals([error, afterMs], [reason, 1_000]);
      const sent = service.requests.length;
      time.runAll();
      await time.runMicrotasks();
      assertEquals(service.requests.length, sent);
    }
  });
}

Deno.test("a token source or fetch that rejects after the call has ended is ignored", async () => {
  const late = Promise.withResolvers<never>();
  for (const options of [{ token: () => late.promise }, { fetch: () => late.promise }]) {
    const { store } = setUp(options);
    const controller = new AbortController();
    const reading = errorOf(store.read("task", controller));
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort(new Error("stopped"));
    assertEquals((await reading).message, "stopped");
  }
  late.reject(new Error("late"));
  // an unhandled rejection would fail the test
  await new Promise((resolve) => setTimeout(resolve));
});

Deno.test("a call rejects with a reason that is not an error", async () => {
  const { service, store } = setUp();
  service.script = () => ({ ends: "never" });
  const controller = new AbortController();
  const reading = store.read("task", { signal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve));
  controller.abort("enough");
  assertEquals(await reading.catch((error) => error), "enough");
});

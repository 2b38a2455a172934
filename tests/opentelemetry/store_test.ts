/** The metrics and spans of store calls. */
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MemoryStore, NeatPeriodicTaskScheduler, type StatusStore } from "../../mod.ts";
import { instrument, instrumentStore } from "../../src/opentelemetry.ts";
import { checkStore } from "../../src/testing/mod.ts";
import { SILENT } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { Telemetry } from "./telemetry.ts";

const RECORD = new Uint8Array([1]);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PREFIX = "neat_periodic_task_store";

/** The number of calls by operation and result. */
async function calls(telemetry: Telemetry): Promise<Record<string, number>> {
  const found = (await telemetry.samples()).filter(({ name }) => name === `${PREFIX}_call_duration_count`);
  return Object.fromEntries(found.map(({ labels, value }) => {
    const words = [labels[`${PREFIX}_operation`], labels[`${PREFIX}_result`], labels["error_type"]];
    return [words.filter((word) => word !== undefined).join(" "), value];
  }));
}

function failing(error: unknown): StatusStore {
  const fail = () => {
    throw error;
  };
  return { read: fail, write: fail };
}

Deno.test("instrumentStore() counts answers, conflicts and errors apart", async () => {
  await using telemetry = new Telemetry();
  const store = instrumentStore(new MemoryStore(), telemetry);
  await store.read("a");
  assert(await store.write("a", RECORD, null) !== null);
  assertEquals(await store.write("a", RECORD, null), null);
  const broken = instrumentStore(failing(new TypeError("broken")), telemetry);
  await assertRejects(() => broken.read("a"), TypeError, "broken");
  assertEquals(await calls(telemetry), {
    "read ok": 1,
    "write ok": 1,
    "write conflict": 1,
    "read error TypeError": 1,
  });
  assertEquals(await telemetry.values(`${PREFIX}_call_conflicts_total`, `${PREFIX}_operation`), { write: 1 });
  assertEquals(await telemetry.values(`${PREFIX}_call_errors_total`, "error_type"), { TypeError: 1 });
  assertEquals(telemetry.endedSpans.length, 0);
});

Deno.test("a call that reaches its limit is an error at once, and one that a stop ends is not", async () => {
  await using telemetry = new Telemetry();
  const hung = { read: () => new Promise<never>(() => {}), write: () => new Promise<never>(() => {}) };
  const store = instrumentStore(hung, telemetry);
  for (const reason of [new DOMException("No answer", "TimeoutError"), new DOMException("stopped", "AbortError")]) {
    const controller = new AbortController();
    void store.read("a", { signal: controller.signal });
    controller.abort(reason);
  }
  assertEquals(await calls(telemetry), { "read error TimeoutError": 1, "read canceled": 1 });
});

Deno.test("instrumentStore() hands key, value, version and signal on", async () => {
  await using telemetry = new Telemetry();
  const seen: unknown[][] = [];
  const store = instrumentStore({
    read: (...args) => (seen.push(args), Promise.resolve(null)),
    write: (...args) => (seen.push(args), Promise.resolve("2")),
  }, telemetry);
  const options = { signal: new AbortController().signal };
  await store.read("a", options);
  assertEquals(await store.write("a", RECORD, "1", options), "2");
  assertEquals(seen, [["a", options], ["a", RECORD, "1", options]]);
});

Deno.test("instrumentStore() has list() and watch() only if the store has them", async () => {
  await using telemetry = new Telemetry();
  const none = instrumentStore(failing(new Error("never called")), telemetry);
  assertEquals(["list" in none, "watch" in none], [false, false]);
  const seen: unknown[] = [];
  const full: StatusStore = {
    ...failing(new Error("never called")),
    async *list(options) {
      seen.push(this === full, options);
      yield "a";
      yield "b";
    },
    // deno-lint-ignore require-yield
    async *watch(key, options) {
      seen.push(this === full, key, options);
      throw new RangeError("no watch");
    },
  };
  const store = instrumentStore(full, telemetry);
  const options = { signal: new AbortController().signal };
  assertEquals(await Array.fromAsync(store.list?.(options) ?? []), ["a", "b"]);
  for await (const _ of store.list?.() ?? []) break;
  await assertRejects(() => Array.fromAsync(store.watch?.("a", options) ?? []), RangeError);
  assertEquals(seen, [true, options, true, undefined, true, "a", options]);
  assertEquals(await calls(telemetry), { "list ok": 2 });
  assertEquals(await telemetry.values(`${PREFIX}_call_errors_total`, "error_type"), { RangeError: 1 });
});

Deno.test("instrumentStore() passes readMany() on and measures it, and readsTogether", async () => {
  await using telemetry = new Telemetry();
  const seen: unknown[] = [];
  const many: StatusStore = {
    ...failing(new Error("never called")),
    readsTogether: true,
    readMany(keys, options) {
      seen.push(this === many, keys, options);
      return keys.length === 0 ? Promise.reject(new RangeError("no keys")) : Promise.resolve(keys.map(() => null));
    },
  };
  const store = instrumentStore(many, telemetry);
  const options = { signal: new AbortController().signal };
  assertEquals(await store.readMany?.(["a", "b"], options), [null, null]);
  await assertRejects(async () => await store.readMany?.([]), RangeError);
  assertEquals(seen, [true, ["a", "b"], options, true, [], undefined]);
  assertEquals(await calls(telemetry), { "readMany ok": 1, "readMany error RangeError": 1 });
  assertEquals(store.readsTogether, true);
  const { readMany, readsTogether } = instrumentStore(failing(new Error("never called")), telemetry);
  assertEquals([readMany, readsTogether], [undefined, undefined]);
});

Deno.test("the watch of an instrumented store ends at once, also while it waits for a hint", async () => {
  await using telemetry = new Telemetry();
  let hasEnded = false;
  const watch = (): AsyncIterable<void> => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => {}),
      return: () => {
        hasEnded = true;
        return Promise.resolve({ done: true as const, value: undefined });
      },
    }),
  });
  const store = instrumentStore({ ...failing(new Error("never called")), watch }, telemetry);
  const hints = store.watch?.("a")[Symbol.asyncIterator]();
  void hints?.next();
  assertEquals([await hints?.return?.(), hasEnded], [{ done: true, value: undefined }, true]);
});

Deno.test("with spans: true, a call has a span, in whose context the store is called", async () => {
  await using telemetry = new Telemetry();
  const inner = new MemoryStore();
  let active: string | undefined;
  const store = instrumentStore({
    read: (key) => {
      active = trace.getActiveSpan()?.spanContext().spanId;
      return inner.read(key);
    },
    write: () => Promise.reject(new Error("away")),
  }, { ...telemetry, spans: true });
  await store.read("a");
  await assertRejects(() => store.write("a", RECORD, null));
  const [read, write] = telemetry.endedSpans;
  assertEquals([read?.name, read?.kind, read?.spanContext().spanId], ["read a", SpanKind.CLIENT, active]);
  assertEquals(read?.attributes, {
    "neat.periodic_task.name": "a",
    "neat.periodic_task.store.operation": "read",
    "neat.periodic_task.store.result": "ok",
  });
  assertEquals([write?.name, write?.status.code], ["write a", SpanStatusCode.ERROR]);
  assertEquals(write?.attributes["error.type"], "Error");
});

Deno.test("the spans of store calls are roots, whatever span was active at start()", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "backup",
    interval: HOUR,
    timeout: MINUTE,
    heartbeatInterval: 10_000,
    clock: virtual.clock(),
    log: SILENT,
    store: instrumentStore(new MemoryStore(), { ...telemetry, spans: true }),
    task: () => virtual.delay(30_000),
  });
  using _ = instrument(scheduler, telemetry);
  const tracer = telemetry.tracerProvider.getTracer("test");
  const server = tracer.startSpan("server");
  context.with(trace.setSpan(context.active(), server), () => scheduler.start());
  server.end();
  await virtual.advance(2 * HOUR + MINUTE);
  await scheduler.stop();
  const spans = telemetry.endedSpans.filter(({ name }) => name !== "server");
  assert(spans.length > 10, `${spans.length} spans`);
  assertEquals(spans.filter(({ parentSpanContext }) => parentSpanContext !== undefined), []);
  assertEquals(new Set(spans.map((span) => span.spanContext().traceId)).size, spans.length);
  // the first calls are made by start() itself
  const later = spans.slice(5);
  assertEquals(later.flatMap(({ links }) => links), []);
});

Deno.test("the span of a store call has a link to the span of its caller", async () => {
  await using telemetry = new Telemetry();
  const store = instrumentStore(new MemoryStore(), { ...telemetry, spans: true });
  const request = telemetry.tracerProvider.getTracer("test").startSpan("request");
  await context.with(trace.setSpan(context.active(), request), () => store.read("a"));
  const [read] = telemetry.endedSpans;
  assertEquals(read?.parentSpanContext, undefined);
  assertEquals(read?.links.map(({ context }) => context.spanId), [request.spanContext().spanId]);
});

Deno.test("the pages of a listing are fetched in the context of its span, and the listing ends with its caller", async () => {
  await using telemetry = new Telemetry();
  const active: (string | undefined)[] = [];
  let ends = 0;
  const page = () => void active.push(trace.getActiveSpan()?.spanContext().spanId);
  const list = async function* (): AsyncGenerator<string> {
    try {
      page();
      yield "a";
      await Promise.resolve();
      page();
      yield "b";
    } finally {
      ends++;
    }
  };
  const store = instrumentStore({ ...failing(new Error("never called")), list }, { ...telemetry, spans: true });
  assertEquals(await Array.fromAsync(store.list?.() ?? []), ["a", "b"]);
  const [span] = telemetry.endedSpans;
  assertEquals(active, [span?.spanContext().spanId, span?.spanContext().spanId]);
  for await (const _ of store.list?.() ?? []) break;
  assertEquals(ends, 2);
  assertEquals(await calls(telemetry), { "list ok": 2 });
});

Deno.test("a listing that fails at a later page is an error", async () => {
  await using telemetry = new Telemetry();
  const list = async function* (): AsyncGenerator<string> {
    yield "a";
    throw await Promise.resolve(new RangeError("no page"));
  };
  const store = instrumentStore({ ...failing(new Error("never called")), list }, telemetry);
  await assertRejects(() => Array.fromAsync(store.list?.() ?? []), RangeError, "no page");
  assertEquals(await calls(telemetry), { "list error RangeError": 1 });
});

Deno.test("a watch that rejects at the signal of its caller is no error", async () => {
  await using telemetry = new Telemetry();
  const watch: NonNullable<StatusStore["watch"]> = (_, { signal } = {}) => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    }),
  });
  const store = instrumentStore({ ...failing(new Error("never called")), watch }, telemetry);
  for (const reason of [new DOMException("stopped", "AbortError"), new DOMException("no answer", "TimeoutError")]) {
    const controller = new AbortController();
    const hint = store.watch?.("a", { signal: controller.signal })[Symbol.asyncIterator]().next();
    controller.abort(reason);
    await hint?.catch(() => {});
  }
  assertEquals(await telemetry.values(`${PREFIX}_call_errors_total`, "error_type"), { TimeoutError: 1 });
});

Deno.test("an instrumented store passes checkStore()", async () => {
  await using telemetry = new Telemetry();
  await checkStore(instrumentStore(new MemoryStore(), { ...telemetry, spans: true }));
  assert(telemetry.endedSpans.length > 0);
});

Deno.test("instrumentStore() refuses what is no store, and unknown options", () => {
  assertThrows(() => instrumentStore({} as never), TypeError, "read(), write()");
  assertThrows(() => instrumentStore(new MemoryStore(), { span: true } as never), TypeError, 'did you mean "spans"?');
});

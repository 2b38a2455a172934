/** The span of each run. */
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  LeaseLostError,
  MemoryStore,
  NeatPeriodicTaskGroup,
  type NeatPeriodicTaskOptions,
  NeatPeriodicTaskScheduler,
} from "../../mod.ts";
import { instrument } from "../../src/opentelemetry.ts";
import { schedulerSettings } from "../../src/scheduler.ts";
import { SILENT } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { Telemetry } from "./telemetry.ts";

const HOUR = 3_600_000;
const TIMEOUT = 10_000;

type Task = NeatPeriodicTaskOptions["task"];

function schedulerOf(
  virtual: VirtualTime,
  task: Task,
  options: Partial<NeatPeriodicTaskOptions> = {},
): NeatPeriodicTaskScheduler {
  const common = { name: "backup", instance: "host-1", interval: HOUR, timeout: TIMEOUT, log: SILENT };
  return new NeatPeriodicTaskScheduler(
    { ...common, clock: virtual.clock(), task, ...options } as NeatPeriodicTaskOptions,
  );
}

/** Instruments a scheduler, triggers one run while time passes, and returns its span. */
async function spanOf(
  task: Task,
  options: Partial<NeatPeriodicTaskOptions> = {},
  during: (scheduler: NeatPeriodicTaskScheduler, virtual: VirtualTime) => unknown = () => {},
): Promise<ReadableSpan> {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const scheduler = schedulerOf(virtual, task, options);
  using _ = instrument(scheduler, telemetry);
  const triggered = scheduler.trigger();
  await virtual.settle();
  await during(scheduler, virtual);
  await virtual.advance(HOUR / 2);
  await triggered;
  await scheduler.stop();
  const [span, ...others] = telemetry.endedSpans;
  assert(span && others.length === 0, `${telemetry.endedSpans.length} spans`);
  return span;
}

/** A task that never returns. */
const never = (): Promise<void> => new Promise(() => {});
/** A task that returns soon after its abort. */
const untilAborted: Task = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

Deno.test("a finished run has a span with task, instance, term, due time, lateness and outcome", async () => {
  const span = await spanOf(() => {});
  assertEquals([span.name, span.kind, span.parentSpanContext], ["run backup", SpanKind.INTERNAL, undefined]);
  assertEquals(span.status.code, SpanStatusCode.UNSET);
  assertEquals(span.attributes, {
    "neat.periodic_task.name": "backup",
    "neat.periodic_task.instance": "host-1",
    "neat.periodic_task.term": 1,
    "neat.periodic_task.due_time": "2026-01-31T12:00:00.000Z",
    "neat.periodic_task.lateness": 0,
    "neat.periodic_task.outcome": "finished",
  });
});

Deno.test("a failed run has a span with its error", async () => {
  const span = await spanOf(() => Promise.reject(new RangeError("no luck")));
  assertEquals(span.status, { code: SpanStatusCode.ERROR, message: "no luck" });
  assertEquals(span.attributes["neat.periodic_task.outcome"], "failed");
  assertEquals(span.attributes["error.type"], "RangeError");
  const [event] = span.events;
  assertEquals([event?.name, event?.attributes?.["exception.message"]], ["exception", "no luck"]);
});

Deno.test("a value that is thrown and is no error is recorded as text", async () => {
  for (const thrown of ["no luck", undefined, Object.create(null)]) {
    const span = await spanOf(() => Promise.reject(thrown));
    assertEquals(span.attributes["error.type"], "_OTHER");
    assertEquals([span.status.code, span.events.length], [SpanStatusCode.ERROR, 1]);
  }
});

Deno.test("the span of a run that times out ends at the timeout, whether or not the task returns", async () => {
  for (const task of [never, untilAborted]) {
    const span = await spanOf(task);
    assertEquals(span.attributes["neat.periodic_task.outcome"], "timeout");
    assertEquals(span.attributes["error.type"], "TimeoutError");
  }
});

Deno.test("the span of a run that loses its lease has that outcome", async () => {
  const store = new MemoryStore();
  const options = { store, heartbeatInterval: 1_000, heartbeatTimeout: 3_000 };
  const span = await spanOf(never, options, () => {
    store.write = () => Promise.reject(new Error("away"));
    store.read = () => Promise.reject(new Error("away"));
  });
  assertEquals(span.attributes["neat.periodic_task.outcome"], "leaselost");
  assertEquals(span.attributes["error.type"], new LeaseLostError("").name);
});

Deno.test("the span of a run that stop() aborts ends when the task returns", async () => {
  const span = await spanOf(untilAborted, {}, (scheduler) => void scheduler.stop({ abort: true }));
  assertEquals(span.attributes["neat.periodic_task.outcome"], "aborted");
  assertEquals(span.status.code, SpanStatusCode.ERROR);
});

Deno.test("the span of a run that stop() aborts ends when its call is abandoned", async () => {
  for (const options of [{ abort: true }, { abort: true, timeout: 1_000 }, { timeout: 1_000 }]) {
    const span = await spanOf(never, {}, (scheduler) => void scheduler.stop(options));
    assertEquals(span.attributes["neat.periodic_task.outcome"], "aborted");
  }
});

Deno.test("the span of a run that is aborted just after the task has returned ends", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const span = await spanOf(() => promise, {}, async (scheduler) => {
      resolve();
      for (let turn = 0; turn < turns; turn++) await undefined;
      void scheduler.stop({ abort: true });
    });
    const outcome = span.attributes["neat.periodic_task.outcome"];
    assert(outcome === "aborted" || outcome === "finished", String(outcome));
  }
});

Deno.test("spans of the task are children of the span of its run, which has no parent", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const tracer = telemetry.tracerProvider.getTracer("test");
  const scheduler = schedulerOf(virtual, async () => {
    await virtual.settle();
    tracer.startSpan("query").end();
  });
  using _ = instrument(scheduler, telemetry);
  const request = tracer.startSpan("request");
  await context.with(trace.setSpan(context.active(), request), () => scheduler.trigger());
  const [query, run] = telemetry.endedSpans;
  assertEquals([query?.name, run?.name, run?.parentSpanContext], ["query", "run backup", undefined]);
  assertEquals(query?.parentSpanContext?.spanId, run?.spanContext().spanId);
  assert(run?.spanContext().traceId !== request.spanContext().traceId);
});

Deno.test("instrument() calls the user's wrapRun inside of the span, and gives it back at the end", async () => {
  await using telemetry = new Telemetry();
  const calls: string[] = [];
  const wrapRun: NeatPeriodicTaskOptions["wrapRun"] = async (_run, task) => {
    calls.push(`wrapRun ${trace.getActiveSpan() !== undefined}`);
    await task();
  };
  const scheduler = schedulerOf(new VirtualTime(), () => void calls.push("task"), { wrapRun });
  const settings = schedulerSettings(scheduler);
  const one = instrument(scheduler, telemetry);
  const two = instrument(scheduler, telemetry);
  await scheduler.trigger();
  assertEquals([calls, telemetry.endedSpans.length], [["wrapRun true", "task"], 2]);
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  await scheduler.trigger();
  assertEquals([calls.length, telemetry.endedSpans.length], [4, 3]);
  two[Symbol.dispose]();
  assertStrictEquals(settings?.wrapRun, wrapRun);
  await scheduler.trigger();
  assertEquals([calls.at(-2), telemetry.endedSpans.length], ["wrapRun false", 3]);
});

Deno.test("the end of the instrumentation waits for the outcome of a run in progress", async () => {
  const span = await spanOf(untilAborted, {}, () => {});
  assertEquals(span.attributes["neat.periodic_task.outcome"], "timeout");
  await using telemetry = new Telemetry();
  const { promise, resolve } = Promise.withResolvers<void>();
  const scheduler = schedulerOf(new VirtualTime(), () => promise);
  const instrumentation = instrument(scheduler, telemetry);
  const triggered = scheduler.trigger();
  await Promise.resolve();
  while (scheduler.explain().reason !== "running") await undefined;
  instrumentation[Symbol.dispose]();
  assertEquals(telemetry.endedSpans.length, 0);
  resolve();
  await triggered;
  assertEquals(telemetry.endedSpans.map(({ attributes }) => attributes["neat.periodic_task.outcome"]), ["finished"]);
  await scheduler.trigger();
  assertEquals(telemetry.endedSpans.length, 1);
});

Deno.test("instrument() includes members that are added to a group later", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const group = new NeatPeriodicTaskGroup([schedulerOf(virtual, () => {}, { name: "one" })]);
  using _ = instrument(group, telemetry);
  const two = group.add(schedulerOf(virtual, () => {}, { name: "two" }));
  group.start();
  await virtual.settle();
  assertEquals(telemetry.endedSpans.map(({ name }) => name).sort(), ["run one", "run two"]);
  await two.stop();
  await group.stop();
});

Deno.test("a tracer that throws does not fail the run", async () => {
  await using telemetry = new Telemetry();
  const getTracer = () => ({
    startSpan: () => {
      throw new Error("no span");
    },
    startActiveSpan: () => {},
  });
  const scheduler = schedulerOf(new VirtualTime(), () => {});
  using _ = instrument(scheduler, { ...telemetry, tracerProvider: { getTracer } as never });
  assertEquals((await scheduler.trigger()).outcome, "finished");
});

Deno.test("instrument() refuses what is no scheduler, what is of another copy of the package, and unknown options", () => {
  const scheduler = schedulerOf(new VirtualTime(), () => {});
  const other = { addEventListener() {}, removeEventListener() {}, status() {}, name: "copy" };
  assertThrows(() => instrument({} as never), TypeError, "NeatPeriodicTaskGroup");
  assertThrows(() => instrument(other as never), TypeError, "the same copy of the package");
  assertThrows(() => instrument(scheduler, { tracer: 1 } as never), TypeError, '"tracer" is not an option');
  assertThrows(() => instrument(scheduler, { meterProvider: {} as never }), TypeError, "getMeter()");
});

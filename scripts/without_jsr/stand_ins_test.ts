// What tests use of @std/testing/time, @std/async and @std/log. It holds for the real packages and for their stand-ins.

import { assert, assertEquals, assertInstanceOf, AssertionError, assertRejects, assertThrows } from "@std/assert";
import { deadline, delay } from "@std/async";
import { delay as delayOfSubpath } from "@std/async/delay";
import { BaseHandler, getLogger, LogLevels, type LogRecord, setup } from "@std/log";
import { FakeTime, TimeError } from "@std/testing/time";

const MAX_TIMEOUT = 2 ** 31 - 1;

Deno.test("FakeTime fires timers synchronously, each at its own time", () => {
  using time = new FakeTime(1_000);
  const fired: [string, number][] = [];
  const note = (name: string): void => void fired.push([name, Date.now()]);
  setTimeout(note, 300, "timeout");
  setTimeout(note, 100, "first of two");
  setTimeout(note, 100, "second of two");
  const interval = setInterval(note, 150, "interval");
  const cleared = setTimeout(note, 50, "cleared");
  clearTimeout(cleared);
  time.tick(300);
  clearInterval(interval);
  time.tick(1_000);
  assertEquals(fired, [["first of two", 1_100], ["second of two", 1_100], ["interval", 1_150], ["timeout", 1_300], [
    "interval",
    1_300,
  ]]);
  assertEquals([time.start, time.now, Date.now(), new Date().getTime()], [1_000, 2_300, 2_300, 2_300]);
});

Deno.test("FakeTime accepts a start as a date, a text or nothing", () => {
  for (const start of [new Date(5_000), "1970-01-01T00:00:05Z", 5_000.9]) {
    using time = new FakeTime(start);
    assertEquals(time.now, 5_000);
  }
  const before = Date.now();
  using time = new FakeTime();
  assert(time.now >= before && time.now < before + 10_000);
  assertThrows(() => new FakeTime(), TimeError, "already faked");
});

Deno.test("FakeTime throws on an invalid start and leaves time real", () => {
  const real = globalThis.setTimeout;
  assertThrows(() => new FakeTime("yesterday"), TypeError, "invalid start time");
  assertEquals(globalThis.setTimeout, real);
});

Deno.test("FakeTime fires a timer of 0 ms that another one sets in the same tick", () => {
  using time = new FakeTime(0);
  const fired: number[] = [];
  setTimeout(() => setTimeout(() => fired.push(Date.now()), 0), 10);
  time.tick(10);
  assertEquals(fired, [10]);
});

Deno.test("FakeTime waits the whole of a timeout that is longer than a real timer can be", () => {
  using time = new FakeTime(0);
  const fired: number[] = [];
  setTimeout(() => fired.push(Date.now()), 2 * MAX_TIMEOUT);
  time.tick(MAX_TIMEOUT + 1);
  assertEquals(fired, []);
  assert(time.next());
  assertEquals([fired, time.now], [[2 * MAX_TIMEOUT], 2 * MAX_TIMEOUT]);
});

Deno.test("FakeTime stops at a timer that throws and continues from there", () => {
  using time = new FakeTime(0);
  const fired: number[] = [];
  setTimeout(() => {
    throw new Error("thrown by a timer");
  }, 10);
  setTimeout(() => fired.push(Date.now()), 20);
  assertThrows(() => time.tick(100), Error, "thrown by a timer");
  assertEquals([time.now, fired], [10, []]);
  time.tick(10);
  assertEquals(fired, [20]);
});

Deno.test("FakeTime throws on a time in the past and on callbacks that are no functions", () => {
  using time = new FakeTime(10);
  assertThrows(() => time.now = 9, RangeError, "in the past");
  assertThrows(() => setTimeout("code" as unknown as () => void, 1), TimeError, "non-function");
  assertThrows(() => setInterval("code" as unknown as () => void, 1), TimeError, "non-function");
});

Deno.test("FakeTime aborts an AbortSignal.timeout with a TimeoutError", () => {
  using time = new FakeTime();
  const signal = AbortSignal.timeout(1_000);
  time.tick(999);
  assertEquals(signal.aborted, false);
  time.tick(1);
  assertInstanceOf(signal.reason, DOMException);
  assertEquals([signal.reason.name, signal.reason.message], ["TimeoutError", "Signal timed out."]);
});

Deno.test("FakeTime leaves performance, microtasks and immediates real", () => {
  const { performance, queueMicrotask, setImmediate } = globalThis;
  using _time = new FakeTime(0);
  assertEquals(globalThis.performance, performance);
  assertEquals(globalThis.queueMicrotask, queueMicrotask);
  assertEquals(globalThis.setImmediate, setImmediate);
  assert(performance.now() > 0);
});

Deno.test("FakeTime steps from timer to timer", async () => {
  using time = new FakeTime(0);
  const fired: number[] = [];
  const note = (): void => void fired.push(Date.now());
  assertEquals([time.next(), time.now], [false, 0]);
  setTimeout(note, 10);
  setTimeout(note, 10);
  setTimeout(note, 20);
  assertEquals([time.next(), time.now, fired.length], [true, 10, 2]);
  assertEquals([await time.nextAsync(), time.now, fired.length], [true, 20, 3]);
  setTimeout(() => setTimeout(note, 5), 5);
  time.runAll();
  assertEquals(fired, [10, 10, 20, 30]);
  Promise.resolve().then(() => setTimeout(note, 7));
  setTimeout(note, 1);
  await time.runAllAsync();
  assertEquals(fired.slice(4), [31, 37]);
});

Deno.test("FakeTime runs the pending microtasks before tickAsync moves the clock", async () => {
  using time = new FakeTime(0);
  const seen: number[] = [];
  Promise.resolve().then(() => Promise.resolve()).then(() => seen.push(Date.now()));
  await time.tickAsync(50);
  assertEquals([seen, time.now], [[0], 50]);
  Promise.resolve().then(() => seen.push(Date.now()));
  await time.runMicrotasks();
  assertEquals(seen, [0, 50]);
});

Deno.test("FakeTime delays in real time, until a signal aborts it", async () => {
  using time = new FakeTime(0);
  await time.delay(1);
  assertEquals(time.now, 0);
  const aborter = new AbortController();
  const delayed = time.delay(60_000, { signal: aborter.signal });
  await time.runMicrotasks();
  aborter.abort();
  await assertRejects(() => delayed, DOMException, "Delay was aborted.");
  await assertRejects(() => time.delay(1, { signal: aborter.signal }), DOMException, "Delay was aborted.");
});

Deno.test("FakeTime advances by itself with advanceRate", async () => {
  using time = new FakeTime(0, { advanceRate: 1_000, advanceFrequency: 1 });
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 5_000);
  await promise;
  assert(time.now >= 5_000);
});

Deno.test("FakeTime restores real time for a while and for good", async () => {
  const { Date: realDate, setTimeout: realTimeout, setInterval: realInterval } = globalThis;
  const realSignalTimeout = AbortSignal.timeout;
  const isReal = (): boolean => globalThis.setTimeout === realTimeout && globalThis.setInterval === realInterval;
  const time = new FakeTime(0);
  assertEquals(isReal(), false);
  assertEquals(await FakeTime.restoreFor((a: number, b: number) => isReal() && a + b, 1, 2), 3);
  assertEquals(await FakeTime.restoreFor(() => Promise.resolve().then(isReal)), true);
  await assertRejects(() => FakeTime.restoreFor(() => Promise.reject(new Error("in it"))), Error, "in it");
  assertEquals(isReal(), false);
  FakeTime.restore();
  assert(isReal());
  assertEquals([globalThis.Date, AbortSignal.timeout], [realDate, realSignalTimeout]);
  assertThrows(() => FakeTime.restore(), TimeError, "already restored");
  assertThrows(() => time.restore(), TimeError, "already restored");
  await assertRejects(() => FakeTime.restoreFor(isReal), TimeError, "not faked");
});

Deno.test("FakeTime creates dates that equal real ones", () => {
  const real = new Date(42);
  using _time = new FakeTime(42);
  assertEquals(new Date(), real);
  assertEquals([new Date(0).toISOString(), Date.UTC(1970, 0, 2)], ["1970-01-01T00:00:00.000Z", 86_400_000]);
  assert(real instanceof Date);
});

Deno.test("@std/async waits in fake time", async () => {
  using time = new FakeTime();
  const waits = [
    delay(1_000),
    delayOfSubpath(1_000),
    deadline(new Promise(() => {}), 1_000).catch((error) => error.name),
  ];
  time.tick(1_000);
  assertEquals(await Promise.all(waits), [undefined, undefined, "TimeoutError"]);
});

Deno.test("@std/assert throws an AssertionError", () => {
  assertThrows(() => assertEquals<unknown>({ a: [1] }, { a: [2] }), AssertionError);
});

class RecordingHandler extends BaseHandler {
  readonly records: LogRecord[] = [];
  readonly lines: string[] = [];

  override handle(record: LogRecord): void {
    this.records.push(record);
    super.handle(record);
  }

  override log(line: string): void {
    this.lines.push(line);
  }
}

Deno.test("@std/log passes records above the levels of logger and handler to the handlers", () => {
  const handler = new RecordingHandler("WARN", { formatter: (record) => `${record.loggerName} ${record.msg}` });
  setup({ handlers: { handler }, loggers: { tasks: { level: "INFO", handlers: ["handler"] } } });
  const logger = getLogger("tasks");
  const error = new Error("cause");
  logger.debug("not for this logger");
  logger.info("not for this handler");
  assertEquals(logger.warn("careful"), "careful");
  logger.error("broken", error);
  logger.critical("very broken");
  assertEquals(handler.records.map((record) => record.levelName), ["INFO", "WARN", "ERROR", "CRITICAL"]);
  assertEquals(handler.records.map((record) => record.level)[0], LogLevels.INFO);
  assertEquals(handler.records[2]?.args, [error]);
  assertEquals(handler.lines, ["tasks careful", "tasks broken", "tasks very broken"]);
  setup({});
});

Deno.test("@std/log formats level and message, and has no handler for an unknown logger", () => {
  const handler = new RecordingHandler("DEBUG");
  setup({ handlers: { handler }, loggers: { tasks: { level: "DEBUG", handlers: ["handler"] } } });
  getLogger("tasks").debug("hello");
  getLogger("others").error("heard by nobody");
  assertEquals(handler.lines, ["DEBUG hello"]);
  assertEquals([getLogger("others").loggerName, getLogger().level], ["others", LogLevels.INFO]);
  setup({});
});

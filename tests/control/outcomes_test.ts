// What each control function does with each record: its outcome, the fields that it changes, and those that it keeps.

import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import {
  type ChangeResult,
  pauseTask,
  readTask,
  requestRun,
  resetTask,
  resumeTask,
  TaskRunningError,
  UnknownTaskError,
} from "../../src/control.ts";
import { at } from "../helpers/records.ts";
import {
  asJson,
  type Fields,
  NAME,
  PAUSED,
  RECORDS,
  REQUESTED,
  type Setup,
  setup,
  UNKNOWN,
  withoutWrite,
} from "./setup.ts";

type Change = (setup: Setup) => Promise<ChangeResult<string>>;

const BY_CLEO = { by: "Cleo", reason: "audit" };

const pause: Change = ({ store, options }) => pauseTask(store, NAME, { ...options, ...BY_CLEO });
const resume: Change = ({ store, options }) => resumeTask(store, NAME, options);
const request: Change = ({ store, options }) => requestRun(store, NAME, { ...options, by: "Cleo" });
const reset: Change = ({ store, options }) => resetTask(store, NAME, options);

const PAUSES: Fields = { paused: at(0), pausedBy: "Cleo", pauseReason: "audit" };
const RESUMES: Fields = { paused: undefined, pausedBy: undefined, pauseReason: undefined };
const REQUESTS: Fields = { requested: at(0), requestedBy: "Cleo" };
const RESETS: Fields = {
  state: "idle",
  started: "1970-01-01T00:00:00.000Z",
  owner: "-",
  ...Object.fromEntries(
    ["heartbeat", "scheduled", "lease", "finished", "failures", "error", "instance", "due", "recent"]
      .map((field) => [field, undefined]),
  ),
};

interface Row {
  readonly name: string;
  readonly change: Change;
  readonly record: Fields;
  readonly outcome: string;
  /** The changed fields, those that are removed as `undefined`; absent if nothing is written. */
  readonly changes?: Fields;
}

const { idle, finished, failed, running } = RECORDS;

const ROWS: readonly Row[] = [
  { name: "pauseTask() pauses an idle task", change: pause, record: idle, outcome: "paused", changes: PAUSES },
  { name: "pauseTask() pauses a finished task", change: pause, record: finished, outcome: "paused", changes: PAUSES },
  { name: "pauseTask() pauses a failed task", change: pause, record: failed, outcome: "paused", changes: PAUSES },
  { name: "pauseTask() pauses during a run", change: pause, record: running, outcome: "paused", changes: PAUSES },
  {
    name: "pauseTask() pauses a requested task, and keeps the request",
    change: pause,
    record: { ...finished, ...REQUESTED },
    outcome: "paused",
    changes: PAUSES,
  },
  {
    name: "pauseTask() keeps the first pause",
    change: pause,
    record: { ...finished, ...PAUSED },
    outcome: "already-paused",
  },
  {
    name: "pauseTask() keeps a pause whose time cannot be parsed",
    change: pause,
    record: { ...finished, paused: "soon" },
    outcome: "already-paused",
  },
  {
    name: "resumeTask() resumes a paused task, and keeps its request",
    change: resume,
    record: { ...finished, ...PAUSED, ...REQUESTED },
    outcome: "resumed",
    changes: RESUMES,
  },
  {
    name: "resumeTask() resumes during a run",
    change: resume,
    record: { ...running, ...PAUSED },
    outcome: "resumed",
    changes: RESUMES,
  },
  {
    name: "resumeTask() ends a pause whose time cannot be parsed",
    change: resume,
    record: { ...finished, paused: 5 },
    outcome: "resumed",
    changes: RESUMES,
  },
  { name: "resumeTask() leaves a task that is not paused", change: resume, record: failed, outcome: "not-paused" },
  { name: "requestRun() requests a run", change: request, record: finished, outcome: "requested", changes: REQUESTS },
  {
    name: "requestRun() requests the run of a task that has never run",
    change: request,
    record: idle,
    outcome: "requested",
    changes: REQUESTS,
  },
  {
    name: "requestRun() requests another run during a run",
    change: request,
    record: running,
    outcome: "requested",
    changes: REQUESTS,
  },
  {
    name: "requestRun() requests the run of a paused task, and keeps the pause",
    change: request,
    record: { ...finished, ...PAUSED },
    outcome: "requested",
    changes: REQUESTS,
  },
  {
    name: "requestRun() keeps the first request",
    change: request,
    record: { ...finished, ...REQUESTED },
    outcome: "already-requested",
  },
  {
    name: "requestRun() replaces a request whose time cannot be parsed",
    change: request,
    record: { ...finished, requested: "soon" },
    outcome: "requested",
    changes: REQUESTS,
  },
  {
    name: "resetTask() removes the history, and keeps the term",
    change: reset,
    record: finished,
    outcome: "reset",
    changes: RESETS,
  },
  {
    name: "resetTask() removes the failures, and keeps a pause and a request",
    change: reset,
    record: { ...failed, ...PAUSED, ...REQUESTED },
    outcome: "reset",
    changes: RESETS,
  },
  { name: "resetTask() leaves a task without history", change: reset, record: idle, outcome: "already-reset" },
];

for (const { name, change, record, outcome, changes } of ROWS) {
  Deno.test(name, async () => {
    const before = { ...record, ...UNKNOWN };
    const given = await setup(before);
    const { store, options } = given;
    const result = await change(given);
    assertEquals(result.outcome, outcome);
    const after = await store.record(NAME);
    assertEquals(withoutWrite(after), withoutWrite(asJson({ ...before, ...changes })));
    assertEquals(store.count("write"), changes ? 1 : 0);
    if (changes) assertNotEquals(after["write"], record["write"]);
    // the status of the result is that of the record
    assertEquals(result.status, await readTask(store, NAME, options));
  });
}

/** Every change of a record that exists, each with a record that it changes. */
const CHANGES: readonly (readonly [name: string, change: Change, record: Fields])[] = [
  ["pauseTask()", pause, finished],
  ["resumeTask()", resume, { ...finished, ...PAUSED }],
  ["requestRun()", request, finished],
  ["resetTask()", reset, finished],
];

for (const [name, change] of CHANGES) {
  Deno.test(`${name} throws an UnknownTaskError without a record, and writes nothing`, async () => {
    const given = await setup();
    await assertRejects(
      () => change(given),
      UnknownTaskError,
      'the store has no record of it: current value is "backup"',
    );
    assertEquals(given.store.calls, ["read"]);
  });

  Deno.test(`${name} refuses during a run of Dart's neat_periodic_task, which could not record its outcome`, async () => {
    const given = await setup({ ...RECORDS.dart, ...PAUSED });
    if (change === pause) await given.store.put(NAME, RECORDS.dart);
    const error = await assertRejects(() => change(given), TaskRunningError, '"dartTimeout" is not given');
    assertEquals([error.until, given.store.count("write")], [undefined, 0]);
  });

  Deno.test(`${name} never overwrites data of another format or a newer record`, async () => {
    const newer = { ...finished, ...PAUSED, version: 2 };
    for (const data of ["{}", "hello", { ...finished, format: "other" }, newer]) {
      const given = await setup(data);
      const text = await given.store.text(NAME);
      await assertRejects(() => change(given), Error, 'Cannot use the record at "backup" as it is');
      assertEquals([await given.store.text(NAME), given.store.count("write")], [text, 0]);
    }
  });

  Deno.test(`${name} dates its change in store time`, async () => {
    const given = await setup({ ...finished, ...(change === resume ? PAUSED : {}) });
    // ahead of the host by 90 s
    given.store.storeTime = () => given.virtual.nowMs + 90_001;
    const { status } = await change(given);
    const { paused, requested } = await given.store.record(NAME);
    const dated = { "pauseTask()": paused, "requestRun()": requested }[name];
    if (dated !== undefined) assertEquals([dated, status.paused ?? status.requested], [at(90_001), new Date(at(0))]);
    else assertEquals([paused, requested], [undefined, undefined]);
  });
}

Deno.test("pauseTask() and requestRun() create the record of a task that has never run, if asked to", async () => {
  for (const [change, changes] of [[pauseTask, { paused: at(0) }], [requestRun, { requested: at(0) }]] as const) {
    const { store, options } = await setup();
    const { status } = await change(store, NAME, { ...options, create: true });
    assertEquals([status.state, status.term, status.recent], ["idle", 0, []]);
    assertEquals(withoutWrite(await store.record(NAME)), {
      format: "neat-periodic-task-status",
      version: 1,
      state: "idle",
      started: "1970-01-01T00:00:00.000Z",
      owner: "-",
      term: 0,
      ...changes,
    });
  }
});

Deno.test("pauseTask() uses a record of zero bytes as that of a task that has never run", async () => {
  const { store, options } = await setup("");
  assertEquals((await pauseTask(store, NAME, options)).outcome, "paused");
  assertEquals((await store.record(NAME))["paused"], at(0));
});

Deno.test("pauseTask() shortens the error of a record that would be too long", async () => {
  const error = "no disk ".repeat(100);
  const recent = Array.from({ length: 20 }, () => ({ start: at(0), length: 2_000, outcome: "failed" }));
  const { store, options } = await setup({ ...failed, error, recent, padding: "x".repeat(1_900) });
  await pauseTask(store, NAME, { ...options, reason: "r".repeat(100) });
  const text = await store.text(NAME) ?? "";
  assert(text.length <= 4_096, `${text.length}`);
  assertEquals(JSON.parse(text).error, error.slice(0, 80));
});

Deno.test("pauseTask() refuses to make a record too long, and resumeTask() shortens one that is", async () => {
  const { store, options } = await setup({ ...finished, ...PAUSED, padding: "x".repeat(5_000) });
  assertEquals((await resumeTask(store, NAME, options)).outcome, "resumed");
  const before = await store.text(NAME);
  await assertRejects(() => pauseTask(store, NAME, options), RangeError, "its record must have at most 4096 bytes");
  assertEquals(await store.text(NAME), before);
});

Deno.test("readTask() returns null without a record, and the status with one", async () => {
  const { store, options } = await setup();
  assertEquals(await readTask(store, NAME, options), null);
  await store.put(NAME, { ...failed, ...PAUSED, ...REQUESTED });
  const status = await readTask(store, NAME, options);
  assertEquals([status?.state, status?.failures, status?.term], ["failed", 2, 7]);
  assertEquals([status?.paused, status?.pausedBy], [new Date(PAUSED.paused), "Ada"]);
  assertEquals([status?.requested, status?.requestedBy], [new Date(REQUESTED.requested), "Ben"]);
});

Deno.test("readTask() throws for data of another format and for a newer record", async () => {
  for (const [data, state] of [["hello", "not a status record"], [{ ...finished, version: 2 }, "newer version"]]) {
    const { store, options } = await setup(data);
    await assertRejects(() => readTask(store, NAME, options), Error, `${state}`);
  }
});

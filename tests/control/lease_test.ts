// When a run may be in progress: resetTask() refuses then, and so do all changes during a run of Dart's neat_periodic_task.

import { assertEquals, assertRejects } from "@std/assert";
import { type ChangeTaskOptions, pauseTask, resetTask, TaskRunningError } from "../../src/control.ts";
import { at, MINUTE, original, runningNow } from "../helpers/records.ts";
import { type Fields, NAME, PAUSED, RECORDS, setup } from "./setup.ts";

interface Row {
  readonly name: string;
  readonly record: Fields;
  readonly options?: ChangeTaskOptions;
  /** How far the store's clock is ahead of the host's; absent if the store has none. */
  readonly storeAheadMs?: number;
  /** After noon, the call refuses until this time and succeeds from it on. All times are the host's. */
  readonly overMs: number;
}

/** In store time, the lease has a margin of a second for pauses of the holder. */
const MARGIN = 1_000;

const ROWS: readonly Row[] = [
  {
    name: "until the lease is over, in store time",
    record: runningNow({}),
    storeAheadMs: 0,
    overMs: 10 * MINUTE + MARGIN,
  },
  {
    name: "until the lease is over, in store time that is ahead",
    record: runningNow({}),
    storeAheadMs: 3 * MINUTE,
    overMs: 7 * MINUTE + MARGIN,
  },
  {
    name: "until the lease is over and the clock tolerance has passed, without a clock of the store",
    record: runningNow({}),
    overMs: 10 * MINUTE + MARGIN + 5_000,
  },
  {
    name: "until a longer clock tolerance has passed",
    record: runningNow({}),
    options: { clockTolerance: { minutes: 1 } },
    overMs: 11 * MINUTE + MARGIN,
  },
  {
    name: "until the lease after the last heartbeat is over",
    record: runningNow({ heartbeat: at(4 * MINUTE), lease: MINUTE }),
    storeAheadMs: 0,
    overMs: 5 * MINUTE + MARGIN,
  },
  {
    name: "for a tenth of a short lease longer",
    record: runningNow({ lease: 2_000 }),
    storeAheadMs: 0,
    overMs: 2_200,
  },
  {
    name: "during a pause like without one",
    record: runningNow({ ...PAUSED }),
    storeAheadMs: 0,
    overMs: 10 * MINUTE + MARGIN,
  },
  {
    name: "until the timeout of a Dart replica has passed",
    record: original({ state: "running" }),
    options: { dartTimeout: { minutes: 3 } },
    storeAheadMs: 0,
    overMs: 3 * MINUTE + MARGIN,
  },
  {
    name: "while the state is one of a later version, until its lease is over",
    record: runningNow({ state: "draining" }),
    storeAheadMs: 0,
    overMs: 10 * MINUTE + MARGIN,
  },
];

for (const { name, record, options, storeAheadMs, overMs } of ROWS) {
  Deno.test(`resetTask() refuses ${name}`, async () => {
    const { virtual, store, options: { clock } } = await setup(record);
    if (storeAheadMs !== undefined) store.storeTime = () => virtual.nowMs + storeAheadMs;
    const text = await store.text(NAME);
    virtual.nowMs += overMs - 1;
    const call = (): ReturnType<typeof resetTask> => resetTask(store, NAME, { clock, ...options });
    const error = await assertRejects(
      call,
      TaskRunningError,
      'Cannot reset the task "backup" as its run may be in progress',
    );
    assertEquals([error.until, await store.text(NAME)], [new Date(at(overMs)), text]);
    virtual.nowMs += 1;
    assertEquals((await call()).outcome, "reset");
  });
}

Deno.test("resetTask() counts an implausible time as the present, and refuses", async () => {
  for (const started of [at(60 * MINUTE), "soon"]) {
    const { store, options } = await setup(runningNow({ started }));
    const error = await assertRejects(() => resetTask(store, NAME, options), TaskRunningError);
    assertEquals(error.until, new Date(at(10 * MINUTE + MARGIN + 5_000)));
  }
});

Deno.test("resetTask() refuses during a run of a Dart replica whose timeout is not known", async () => {
  const { virtual, store, options } = await setup(RECORDS.dart);
  virtual.nowMs += 1_000 * MINUTE;
  const error = await assertRejects(() => resetTask(store, NAME, options), TaskRunningError, "a Dart replica");
  assertEquals([error.until, store.count("write")], [undefined, 0]);
});

Deno.test("pauseTask() pauses a task that a Dart replica runs when the timeout of that replica has passed", async () => {
  const { virtual, store, options } = await setup(RECORDS.dart);
  const call = (): ReturnType<typeof pauseTask> => pauseTask(store, NAME, { ...options, dartTimeout: MINUTE });
  virtual.nowMs += MINUTE;
  await assertRejects(call, TaskRunningError, "until its lease is over");
  virtual.nowMs += MARGIN + 5_000;
  assertEquals((await call()).outcome, "paused");
});

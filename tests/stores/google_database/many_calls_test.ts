// Many calls of one moment, and many schedulers of one process, on fakes and, if the environment names them, on Google's emulators.

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { NeatPeriodicTaskScheduler, type StatusStore } from "../../../mod.ts";
import { KeptLog } from "../../helpers/log.ts";
import { type DatabaseKind, FIRESTORE, KINDS, RECORD, setUp } from "./setup.ts";

/** An attempt may take half of it, also on a busy machine. */
const REQUEST_TIMEOUT_MS = 60_000;
const COUNT = 120;
const OTHER = new Uint8Array([1]);
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `task ${index}`);

/** Requires that many calls have their own outcomes. Returns how many requests the reads and the writes took. */
async function callMany(
  kind: DatabaseKind,
  store: StatusStore,
  sent: () => number,
): Promise<readonly [number, number]> {
  const keys = names(COUNT);
  const written = await Promise.all(keys.map((key) => store.write(key, new TextEncoder().encode(key), null)));
  const writes = sent();
  const entries = await Promise.all(keys.map((key) => store.read(key)));
  const reads = sent() - writes;
  assertEquals(entries.map((entry) => new TextDecoder().decode(entry?.value)), keys);
  assertEquals(entries.map((entry) => entry?.version ?? null), written);
  // Datastore's emulator has no clock
  assert(kind !== FIRESTORE || entries.every((entry) => typeof entry?.storeTime === "number"));
  const outcomes = await Promise.all([
    ...keys.map((key, index) => store.write(key, OTHER, index % 2 ? written[index] ?? null : null)),
    store.write("stale", RECORD, kind.oldVersion),
    store.write("new", RECORD, null),
  ]);
  assertEquals(outcomes.slice(0, COUNT).map((outcome) => outcome !== null), keys.map((_, index) => index % 2 === 1));
  assertEquals(outcomes.slice(COUNT).map((outcome) => outcome !== null), [false, true]);
  const after = await Promise.all(keys.map((key) => store.read(key)));
  assertEquals(
    after.map((entry) => entry?.version),
    written.map((version, index) => index % 2 ? outcomes[index]! : version!),
  );
  return [reads, writes];
}

for (const kind of KINDS) {
  const writeRequests = kind === FIRESTORE ? 2 : COUNT;

  Deno.test(`on the fake of ${kind.service}, many calls take few requests, and each has its own outcome`, async () => {
    const { service, store } = setUp(kind);
    assertEquals(await callMany(kind, store, () => service.requests.length), [2, writeRequests]);
  });

  Deno.test({
    name:
      `on the ${kind.service} of ${kind.emulatorVariable}, many calls take few requests, and each has its own outcome`,
    ignore: Deno.env.get(kind.emulatorVariable) === undefined,
    fn: async () => {
      let sent = 0;
      const store = kind.open({
        projectId: `project-${crypto.randomUUID().slice(0, 8)}`,
        requestTimeout: REQUEST_TIMEOUT_MS,
        fetch: (input, init) => {
          sent++;
          return fetch(input, init);
        },
      });
      assertEquals(await callMany(kind, store, () => sent), [2, writeRequests]);
    },
  });

  Deno.test(`${kind.service}: tasks that are due at the same moment share requests`, async () => {
    using time = new FakeTime();
    const { service, store } = setUp(kind);
    const runs = new Map<string, number>();
    const schedulers = names(100).map((name) =>
      new NeatPeriodicTaskScheduler({
        name,
        interval: { minutes: 1 },
        timeout: { seconds: 10 },
        minCycle: { seconds: 20 },
        store,
        log: new KeptLog(),
        task: () => void runs.set(name, (runs.get(name) ?? 0) + 1),
      })
    );
    for (const scheduler of schedulers) scheduler.start();
    const seconds = 10 * 60;
    for (let second = 0; second < seconds; second++) await time.tickAsync(1_000);
    const stopped = Promise.all(schedulers.map((scheduler) => scheduler.stop()));
    await time.runMicrotasks();
    await stopped;
    const all = [...runs.values()].reduce((sum, count) => sum + count, 0);
    assertEquals(runs.size, 100);
    assert(all >= 900, `${all} runs`);
    const perRun = service.requests.length / all;
    assertLessOrEqual(perRun, kind === FIRESTORE ? 0.05 : 2.3, `${perRun} requests a run`);
  });
}

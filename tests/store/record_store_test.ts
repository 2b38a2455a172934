// What a scheduler makes of a store whose answers are wrong.

import { assert, assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler, type StatusStore } from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;

interface Outcome {
  readonly log: KeptLog;
  readonly runs: number;
  readonly errors: string[];
}

/** Runs a task of a minute's interval on a store for an hour. */
async function anHourOn(store: StatusStore): Promise<Outcome> {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  const errors: string[] = [];
  let runs = 0;
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "wrong",
    interval: 60_000,
    timeout: 5_000,
    store,
    clock: virtual.clock(),
    log,
    task: () => void runs++,
  });
  scheduler.addEventListener("storeerror", ({ error }) => errors.push(String(error)));
  scheduler.start();
  await virtual.advance(HOUR);
  await Promise.all([scheduler.stop(), virtual.advance(60_000)]);
  return { log, runs, errors };
}

const answering = (answer: unknown): StatusStore => {
  const { inner } = new ScriptedStore();
  return { read: (key) => inner.read(key), write: () => Promise.resolve(answer as null) };
};

Deno.test("a store that answers null to every write is warned of after a few claims, and not at each", async () => {
  const { log, runs, errors } = await anHourOn(answering(null));
  const warned = log.count("no other replica has written the record");
  assertEquals(runs, 0);
  assert(warned >= 1 && warned <= 8, log.lines.join("\n"));
  assertEquals(errors.length, warned);
});

Deno.test("a store that answers null to every write over a record is warned of too", async () => {
  const store = new ScriptedStore();
  await store.put("wrong", {
    format: "neat-periodic-task-status",
    version: 1,
    state: "finished",
    started: "2026-01-31T11:00:00.000Z",
    owner: "another",
  });
  const { log, runs } = await anHourOn({ read: (key) => store.read(key), write: () => Promise.resolve(null) });
  assertEquals([runs, log.count("no other replica has written the record") > 0], [0, true]);
});

for (const answer of [undefined, "", 5, true, {}]) {
  Deno.test(`write() that answers ${JSON.stringify(answer)} is refused by name`, async () => {
    const { log, runs, errors } = await anHourOn(answering(answer));
    assertEquals(runs, 0);
    assert(
      errors.some((text) => text.startsWith("TypeError: Cannot use the answer of the store as write() must")),
      errors[0],
    );
    assert(log.count("warn") > 0);
  });
}

for (
  const answer of [
    5,
    "text",
    {},
    { value: "text", version: "1" },
    { value: new Uint8Array(), version: 1 },
    { value: new Uint8Array(), version: "" },
    { value: [1], version: "1" },
  ]
) {
  Deno.test(`read() that answers ${JSON.stringify(answer)} is refused by name`, async () => {
    const store = { read: () => Promise.resolve(answer as never), write: () => Promise.resolve("1") };
    const { runs, errors } = await anHourOn(store);
    assertEquals(runs, 0);
    assert(errors[0]?.startsWith("TypeError: Cannot use the answer of the store as read() must"), errors[0]);
  });
}

Deno.test("a store that writes but forgets to answer with the version is complained of, and still used", async () => {
  const inner = new ScriptedStore();
  const { runs, errors } = await anHourOn({
    read: (key) => inner.read(key),
    write: async (key, value, version) => {
      await inner.write(key, value, version);
      return undefined as never;
    },
  });
  assert(runs > 50, `${runs} runs`);
  assert(errors.length > 0);
});

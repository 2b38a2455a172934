import { DueCheck } from "../../../src/simulator/checks/due_check.ts";
import { START_MS } from "../../../src/simulator/machine_clock.ts";
import { UnevenSchedule } from "../../../src/simulator/uneven_schedule.ts";
import { accepts, finds, type FixtureOptions, INTERVAL_MS, LEASE_MS } from "./check_fixture.ts";

finds(DueCheck, "a claim before it is due", ["not-early"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.write(one, { state: "finished", owner: "owner-1", term: 1, scheduledMs: START_MS });
  await fixture.advance(INTERVAL_MS - 500);
  fixture.claim(one, 2, { scheduledMs: START_MS });
});

finds(DueCheck, "a retry before it is due", ["not-early"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.write(one, { state: "failed", owner: "owner-1", term: 1, startedMs: START_MS, scheduledMs: START_MS });
  await fixture.advance(LEASE_MS - 500);
  fixture.claim(one, 2, { scheduledMs: START_MS });
});

finds(DueCheck, "a claim for a time that is not on the grid", ["on-the-grid"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.write(one, { state: "finished", owner: "owner-1", term: 1, scheduledMs: START_MS });
  await fixture.advance(INTERVAL_MS + 500);
  fixture.claim(one, 2);
});

/** Due at 0, 60 s, 240 s, 300 s and so on. */
const UNEVEN: FixtureOptions = {
  settings: {
    schedule: new UnevenSchedule({ originMs: START_MS, gapsMs: [60_000, 180_000], untilMs: Infinity }),
    firstRun: "on-schedule",
  },
};

accepts(DueCheck, "claims for the due times of a schedule with uneven gaps", async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.write(one, { state: "finished", owner: "owner-1", term: 1, startedMs: START_MS, scheduledMs: START_MS });
  await fixture.advance(60_000);
  fixture.claim(one, 2);
  const [startedMs, scheduledMs] = [START_MS + 60_000, START_MS + 60_000];
  fixture.write(one, { state: "finished", owner: "owner-2", term: 2, startedMs, scheduledMs });
  await fixture.advance(180_000);
  fixture.claim(one, 3);
}, UNEVEN);

finds(DueCheck, "a claim between two due times of a schedule", ["not-early", "on-the-grid"], async (fixture) => {
  const one = fixture.scheduler();
  const [startedMs, scheduledMs] = [START_MS + 60_000, START_MS + 60_000];
  await fixture.advance(60_000);
  fixture.claim(one, 1);
  fixture.write(one, { state: "finished", owner: "owner-1", term: 1, startedMs, scheduledMs });
  fixture.read(one, null);
  await fixture.advance(60_000);
  fixture.claim(one, 2);
}, UNEVEN);

finds(DueCheck, "a claim for a due time before the latest one", ["on-the-grid"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.write(one, { state: "finished", owner: "owner-1", term: 1, startedMs: START_MS, scheduledMs: START_MS });
  await fixture.advance(250_000);
  fixture.claim(one, 2, { scheduledMs: START_MS + 60_000 });
}, UNEVEN);

finds(
  DueCheck,
  "a claim for the due time of another schedule that is in the record",
  ["not-early", "on-the-grid"],
  async (fixture) => {
    const one = fixture.scheduler();
    const last = { state: "finished", owner: "-", term: 1, startedMs: START_MS, scheduledMs: START_MS } as const;
    fixture.put({ ...last, dueMs: START_MS + 30_000 });
    fixture.read(one, { value: fixture.history.value ?? new Uint8Array(), version: "v1" });
    await fixture.advance(31_000);
    fixture.claim(one, 2, { scheduledMs: START_MS + 30_000 });
  },
  UNEVEN,
);

finds(DueCheck, "a first run before the first due time", ["not-early", "on-the-grid"], async (fixture) => {
  const one = fixture.scheduler();
  await fixture.advance(1_000);
  fixture.put({ state: "idle" });
  fixture.read(one, { value: fixture.history.value ?? new Uint8Array(), version: "v1" });
  await fixture.advance(1_000);
  fixture.claim(one, 1);
}, UNEVEN);

const DEADLINE: FixtureOptions = { settings: { startDeadlineMs: 5_000 } };

finds(DueCheck, "a run that starts after its start deadline", ["start-deadline"], async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  fixture.write(one, { state: "finished", owner: "owner-1", term: 1, startedMs: START_MS, scheduledMs: START_MS });
  await fixture.advance(INTERVAL_MS + 4_000);
  fixture.claim(one, 2, { scheduledMs: START_MS + INTERVAL_MS });
  await fixture.advance(2_000);
  fixture.run(one, 2);
}, DEADLINE);

accepts(DueCheck, "a requested run and one within its start deadline", async (fixture) => {
  const one = fixture.scheduler();
  fixture.claim(one, 1);
  const finished = {
    state: "finished",
    owner: "owner-1",
    term: 1,
    startedMs: START_MS,
    scheduledMs: START_MS,
  } as const;
  fixture.write(one, finished);
  await fixture.advance(INTERVAL_MS + 4_000);
  fixture.claim(one, 2, { scheduledMs: START_MS + INTERVAL_MS });
  fixture.run(one, 2);
  const scheduledMs = START_MS + INTERVAL_MS;
  fixture.write(one, { ...finished, owner: "owner-2", term: 2, scheduledMs, requestedMs: START_MS + 1_000 });
  await fixture.advance(20_000);
  fixture.claim(one, 3, { scheduledMs });
  fixture.run(one, 3);
}, DEADLINE);

// Replicas that list themselves as standbys, in virtual time.

import { assert, assertEquals } from "@std/assert";
import { MemoryStore, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { requestRun } from "../../src/control.ts";
import { SILENT } from "../helpers/log.ts";
import { bytesOf } from "../helpers/records.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NAME = "shared";

interface Replica {
  readonly scheduler: NeatPeriodicTaskScheduler;
  readonly store: ScriptedStore;
  runs: number;
}

/** Replicas with one record. Each counts its calls. */
class Fleet {
  readonly virtual: VirtualTime = new VirtualTime();
  readonly record: MemoryStore = new MemoryStore();
  readonly replicas: Replica[] = [];
  /** The due times of the runs. */
  readonly dueTimes: number[] = [];
  /** How late the runs have started. */
  readonly lateMs: number[] = [];

  async start(count: number, options: { readonly rotate?: boolean } = {}): Promise<void> {
    for (let index = 0; index < count; index++) {
      const store = new ScriptedStore(this.record);
      const scheduler = new NeatPeriodicTaskScheduler({
        name: NAME,
        interval: MINUTE,
        timeout: 10_000,
        store,
        clock: this.virtual.clock(),
        log: SILENT,
        task: ({ scheduled }) => {
          replica.runs++;
          this.dueTimes.push(scheduled.getTime());
          this.lateMs.push(this.virtual.nowMs - scheduled.getTime());
        },
        ...options,
      });
      const replica: Replica = { scheduler, store, runs: 0 };
      this.replicas.push(replica);
      scheduler.start();
      await this.virtual.advance(10);
    }
  }

  async fields(): Promise<
    { standbys?: { id: string; until: number }[]; owner: string; term: number; preferred?: string }
  > {
    const entry = await this.record.read(NAME);
    return JSON.parse(new TextDecoder().decode(entry?.value));
  }

  count(call: "read" | "write"): number {
    return this.replicas.reduce((sum, { store }) => sum + store.count(call), 0);
  }

  get runs(): number {
    return this.replicas.reduce((sum, { runs }) => sum + runs, 0);
  }

  /** A replica that answers no more. */
  kill({ store, scheduler }: Replica): void {
    store.script = () => ({ hangs: true });
    void scheduler.stop({ abort: true, timeout: 1 });
  }

  async stop(): Promise<void> {
    const stopped = Promise.all(this.replicas.map(({ scheduler }) => scheduler.stop({ timeout: 1 })));
    await this.virtual.advance(MINUTE);
    await stopped;
  }
}

Deno.test("forty replicas make three to four reads and two writes for a due time", async () => {
  const fleet = new Fleet();
  await fleet.start(40);
  // new replicas check more often
  await fleet.virtual.advance(6 * HOUR);
  // a place may just be free
  assert(((await fleet.fields()).standbys?.length ?? 0) >= 3);
  const [reads, writes, runs] = [fleet.count("read"), fleet.count("write"), fleet.runs];
  await fleet.virtual.advance(3 * HOUR);
  assertEquals(fleet.runs - runs, 180);
  // one to log ALIVE, two by standbys, and those of replicas that check every maxCycle
  const rate = (fleet.count("read") - reads) / 180;
  assert(rate >= 3 && rate < 4, `${rate} reads a run`);
  assert(fleet.count("write") - writes <= 369, `${fleet.count("write") - writes} writes`);
  await fleet.stop();
});

Deno.test("four replicas all check each due time, though three are listed", async () => {
  const fleet = new Fleet();
  await fleet.start(4);
  await fleet.virtual.advance(30 * MINUTE);
  assertEquals((await fleet.fields()).standbys?.length, 3);
  const reads = fleet.count("read");
  await fleet.virtual.advance(10 * MINUTE);
  assertEquals(fleet.count("read") - reads, 40);
  await fleet.stop();
});

Deno.test("a preferred replica that crashes is replaced by a listed standby within the fallback delay, which leaves the list", async () => {
  const fleet = new Fleet();
  await fleet.start(12);
  await fleet.virtual.advance(6 * HOUR + 30_000);
  const before = await fleet.fields();
  const holder = fleet.replicas.toSorted((a, b) => b.runs - a.runs)[0];
  assert(holder);
  fleet.kill(holder);
  const { runs } = fleet;
  // due after half a minute; twice the fallback delay of 10 s
  await fleet.virtual.advance(30_000 + 21_000);
  assertEquals(fleet.runs - runs, 1);
  const after = await fleet.fields();
  assertEquals(after.term, before.term + 1);
  const ids = before.standbys?.map(({ id }) => id) ?? [];
  const left = after.standbys?.map(({ id }) => id) ?? [];
  assert(ids.length > 2 && left.every((id) => ids.includes(id)), `${ids} before, ${left} after`);
  await fleet.stop();
});

Deno.test("a standby that is not listed runs the task if all listed ones and the preferred replica are gone", async () => {
  const fleet = new Fleet();
  await fleet.start(3);
  await fleet.virtual.advance(MINUTE);
  const record = await fleet.fields();
  for (const replica of fleet.replicas) fleet.kill(replica);
  const entry = await fleet.record.read(NAME);
  const standbys = [..."abcd"].map((id) => ({ id, until: record.term + 80 }));
  await fleet.record.write(NAME, bytesOf({ ...record, standbys }), entry?.version ?? null);
  await fleet.start(1);
  const { runs } = fleet;
  await fleet.virtual.advance(MINUTE + 21_000);
  assert(fleet.runs > runs, "the new replica has not checked its first due time");
  await fleet.stop();
});

Deno.test("stop() of a listed standby removes it from the list", async () => {
  const fleet = new Fleet();
  await fleet.start(3);
  await fleet.virtual.advance(40 * MINUTE + 30_000);
  assertEquals((await fleet.fields()).standbys?.length, 2);
  const standby = fleet.replicas.find(({ runs }) => runs === 0);
  assert(standby);
  const writes = standby.store.count("write");
  await standby.scheduler.stop();
  assertEquals((await fleet.fields()).standbys?.length, 1);
  assertEquals(standby.store.count("write"), writes + 1);
  const { runs } = fleet;
  await fleet.virtual.advance(MINUTE);
  assertEquals(fleet.runs, runs + 1);
  await fleet.stop();
});

Deno.test("a replica that was never listed is stopped without a call", async () => {
  const fleet = new Fleet();
  await fleet.start(40);
  await fleet.virtual.advance(5 * MINUTE + 40_000);
  const listed = new Set(fleet.replicas.filter(({ store }) => store.count("write") > 0));
  const other = fleet.replicas.find((replica) => !listed.has(replica));
  assert(other);
  const calls = other.store.calls.length;
  await other.scheduler.stop();
  assertEquals(other.store.calls.length, calls);
  await fleet.stop();
});

Deno.test("with a watch, forty replicas make as few calls, and a request starts a run within a second", async () => {
  const fleet = new Fleet();
  for (let index = 0; index < 40; index++) {
    // the watch of the store in memory
    const counted = new ScriptedStore(fleet.record);
    const store = {
      read: counted.read.bind(counted),
      write: counted.write.bind(counted),
      watch: fleet.record.watch.bind(fleet.record),
    };
    const scheduler = new NeatPeriodicTaskScheduler({
      name: NAME,
      interval: 10 * MINUTE,
      timeout: 10_000,
      store,
      clock: fleet.virtual.clock(),
      log: SILENT,
      task: () => void replica.runs++,
    });
    const replica: Replica = { scheduler, store: counted, runs: 0 };
    fleet.replicas.push(replica);
    scheduler.start();
    await fleet.virtual.advance(10);
  }
  await fleet.virtual.advance(12 * HOUR);
  assert(((await fleet.fields()).standbys?.length ?? 0) >= 3);
  const [reads, runs] = [fleet.count("read"), fleet.runs];
  await fleet.virtual.advance(100 * MINUTE);
  const rate = (fleet.count("read") - reads) / (fleet.runs - runs);
  assert(rate < 9, `${rate} reads a run`);
  const before = fleet.runs;
  await requestRun(fleet.record, NAME);
  await fleet.virtual.advance(1_000);
  assertEquals(fleet.runs, before + 1);
  await fleet.stop();
});

Deno.test("with rotate, three replicas take turns, on time and without more calls", async () => {
  const fleet = new Fleet();
  await fleet.start(3, { rotate: true });
  await fleet.virtual.advance(30 * MINUTE);
  for (const replica of fleet.replicas) replica.runs = 0;
  const [reads, writes] = [fleet.count("read"), fleet.count("write")];
  await fleet.virtual.advance(60 * MINUTE);
  assertEquals(fleet.runs, 60);
  for (const { runs } of fleet.replicas) assert(runs >= 15 && runs <= 25, `${runs} runs`);
  assertEquals(fleet.count("read") - reads, 180);
  assert(fleet.count("write") - writes <= 122, `${fleet.count("write") - writes} writes`);
  await fleet.stop();
});

Deno.test("with rotate, a run whose next replica has crashed starts after the fallback delay", async () => {
  const fleet = new Fleet();
  await fleet.start(3, { rotate: true });
  await fleet.virtual.advance(30 * MINUTE + 30_000);
  const { preferred } = await fleet.fields();
  const before = fleet.replicas.map(({ runs }) => runs);
  // the next one, which is known when it has run
  await fleet.virtual.advance(MINUTE);
  assert(preferred !== undefined);
  const next = fleet.replicas.find(({ runs }, index) => runs > (before[index] ?? 0));
  assert(next);
  await fleet.virtual.advance(2 * MINUTE);
  fleet.kill(next);
  const { runs } = fleet;
  await fleet.virtual.advance(10 * MINUTE);
  assertEquals(fleet.runs - runs, 10);
  await fleet.stop();
});

Deno.test("with rotate, twelve replicas hand runs on among themselves, and go on when some stop", async () => {
  const fleet = new Fleet();
  await fleet.start(12, { rotate: true });
  await fleet.virtual.advance(10 * MINUTE);
  for (const replica of fleet.replicas) replica.runs = 0;
  await fleet.virtual.advance(50 * MINUTE);
  const busiest = Math.max(...fleet.replicas.map(({ runs }) => runs));
  assert(busiest <= 20, `${busiest} runs of one`);
  for (const { scheduler } of fleet.replicas.slice(0, 4)) {
    await scheduler.stop();
    await fleet.virtual.advance(5 * MINUTE);
  }
  await fleet.virtual.advance(MINUTE / 2);
  // the first one, and each minute since then
  assertEquals(fleet.dueTimes.length, 1 + 80);
  assertEquals(new Set(fleet.dueTimes).size, 1 + 80);
  await fleet.stop();
});

Deno.test("with rotate, stop() of the next replica gives its place up, also before it knows that it is next", async () => {
  const fleet = new Fleet();
  await fleet.start(3, { rotate: true });
  await fleet.virtual.advance(30 * MINUTE);
  // the run of this minute has just been handed on, and its next replica has not read the record since then
  const { preferred } = await fleet.fields();
  assert(preferred !== undefined);
  await Promise.all(fleet.replicas.map(({ scheduler }) => scheduler.stop()));
  const record = await fleet.fields();
  assertEquals([record.owner, record.preferred, record.standbys], ["-", undefined, undefined]);
});

Deno.test("stop() of a preferred replica gives its place up, also if a standby has changed the record since its run", async () => {
  const fleet = new Fleet();
  await fleet.start(1);
  await fleet.virtual.advance(1_000);
  const entry = await fleet.record.read(NAME);
  const standbys = [{ id: "another", until: 90 }];
  await fleet.record.write(NAME, bytesOf({ ...await fleet.fields(), standbys }), entry?.version ?? null);
  await fleet.replicas[0]?.scheduler.stop();
  assertEquals((await fleet.fields()).owner, "-");
});

Deno.test("with rotate, no run of twelve replicas is late", async () => {
  const fleet = new Fleet();
  await fleet.start(12, { rotate: true });
  await fleet.virtual.advance(20 * MINUTE);
  fleet.lateMs.length = 0;
  await fleet.virtual.advance(60 * MINUTE);
  assertEquals(fleet.lateMs.filter((ms) => ms > 2_500), []);
  await fleet.stop();
});

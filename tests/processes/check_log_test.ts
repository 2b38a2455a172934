/**
 * The judge of the tests with real processes sees what it is to see: in made-up logs, each with one fault.
 */
import { assertEquals } from "@std/assert";
import { checkLog } from "./check_log.ts";
import type { Answer, Entry, Happening, SentRecord } from "./log.ts";
import { checkMs, ON_DENO_KV as RULES } from "./settings.ts";

const { intervalMs: INTERVAL, leaseMs: LEASE } = RULES;
const [A, B, C] = [1, 2, 3];
const BODY = 400;
/** The end of the first run's lease, which began with its claim, as others reckon it. */
const LEASE_END = LEASE + RULES.clockToleranceMs;

/** A log in the making. */
class MadeUpLog {
  readonly #entries: Entry[] = [];
  #writes = 0;

  constructor(...pids: number[]) {
    for (const pid of pids) this.add(-1_000, pid, { what: "joined" });
  }

  add(atMs: number, pid: number, happening: Happening): this {
    this.#entries.push({ atMs, pid, ...happening });
    return this;
  }

  /** Sends a record and has it answered in a millisecond. */
  write(atMs: number, pid: number, record: SentRecord, answer: Answer = "written"): this {
    const write = `${++this.#writes}`;
    this.add(atMs, pid, { what: "sends", write, record });
    return this.add(atMs + 1, pid, { what: "answered", write, answer, sentMs: atMs });
  }

  claim(atMs: number, pid: number, term: number, scheduledMs: number, answer: Answer = "written"): this {
    return this.write(atMs, pid, { state: "running", term, scheduledMs, startedMs: atMs }, answer);
  }

  /** Claims a run, begins it, and writes to the sink. */
  begin(atMs: number, pid: number, term: number, scheduledMs = atMs): this {
    this.claim(atMs, pid, term, scheduledMs);
    this.add(atMs + 2, pid, { what: "began", term, scheduledMs });
    return this.add(atMs + 2, pid, { what: "sink", term });
  }

  /** Ends a run and records it. */
  end(atMs: number, pid: number, term: number, scheduledMs = atMs - BODY): this {
    this.add(atMs, pid, { what: "sink", term }).add(atMs, pid, { what: "ended", term });
    return this.write(atMs + 1, pid, { state: "finished", term, scheduledMs, startedMs: scheduledMs });
  }

  run(atMs: number, pid: number, term: number, scheduledMs = atMs): this {
    return this.begin(atMs, pid, term, scheduledMs).end(atMs + BODY, pid, term, scheduledMs);
  }

  /** Ends a run whose lease was lost, and tells so. */
  lose(atMs: number, pid: number, term: number): this {
    this.add(atMs, pid, { what: "ended", term, reason: "LeaseLostError" });
    return this.add(atMs, pid, { what: "says", message: `leaselost, term ${term}` });
  }

  /** What is found, with the breaches in words. */
  get found() {
    // processes append to a log when things happen
    const entries = this.#entries.toSorted((one, other) => one.atMs - other.atMs);
    const { breaches, ...figures } = checkLog(entries, RULES);
    return { ...figures, breaches: breaches.map(({ message }) => message) };
  }
}

/** Whose first run is overtaken as it is paused. */
function overtaken(pausedMs = 100, resumedMs = 2_000): MadeUpLog {
  return new MadeUpLog(A, B).begin(0, A, 1).add(pausedMs, A, { what: "paused" }).add(resumedMs, A, { what: "resumed" })
    .begin(LEASE_END + 50, B, 2, INTERVAL).end(2_100, B, 2, INTERVAL);
}

Deno.test("a log of runs one after the other is in order", () => {
  const log = new MadeUpLog(A, B).run(0, A, 1).run(INTERVAL, A, 2).run(2 * INTERVAL + 150, B, 3, 2 * INTERVAL);
  const { breaches, runs, latestMs, spareMs, ...rest } = log.found;
  assertEquals([breaches, runs, latestMs, spareMs], [[], 3, 150, checkMs(RULES) - 150]);
  assertEquals(rest, { overtaken: 0, staleWrites: 0, termsWithoutRun: 0 });
});

Deno.test("two bodies at once are found", () => {
  const log = new MadeUpLog(A, B).run(0, A, 1).run(BODY - 10, B, 2);
  assertEquals(log.found.breaches, ["terms 1 and 2 run at once, although the first was not paused"]);
});

Deno.test("two bodies at once are found if the first was paused, but not for that long", () => {
  const log = overtaken(100, LEASE_END).lose(LEASE_END + 200, A, 1);
  assertEquals(log.found.breaches, ["terms 1 and 2 run at once, 200 ms after the end of the first one's pause"]);
});

Deno.test("two bodies at once are found under a pause if the lease was not over", () => {
  const beganMs = LEASE - 100;
  const log = new MadeUpLog(A, B).begin(0, A, 1).add(1, A, { what: "paused" }).add(LEASE + 50, A, { what: "resumed" })
    .lose(LEASE + 51, A, 1).run(beganMs, B, 2, INTERVAL);
  assertEquals(log.found.breaches, ["terms 1 and 2 run at once, although the lease of the first was not over"]);
  const beat = { state: "running", term: 1, scheduledMs: 0, startedMs: 0, heartbeatMs: 300 };
  const beaten = overtaken(400).write(300, A, beat).lose(2_001, A, 1);
  assertEquals(beaten.found.breaches, ["terms 1 and 2 run at once, although the lease of the first was not over"]);
});

Deno.test("an overlap counts as explained by a pause that outlasted the lease and was reported", () => {
  const { breaches, overtaken: count } = overtaken().lose(2_001, A, 1).found;
  assertEquals([breaches, count], [[], 1]);
});

Deno.test("an overlap under a pause is found if it was not reported", () => {
  const log = overtaken().add(2_001, A, { what: "ended", term: 1 });
  assertEquals(log.found.breaches, ["terms 1 and 2 run at once, which the first has not reported"]);
});

Deno.test("an overlap counts as explained if no timer fired for as long", () => {
  const log = new MadeUpLog(A, B).begin(0, A, 1).add(2_000, A, { what: "stalled", sinceMs: 100 }).lose(2_000, A, 1)
    .begin(LEASE_END + 50, B, 2, INTERVAL).end(2_100, B, 2, INTERVAL);
  assertEquals([log.found.breaches, log.found.overtaken], [[], 1]);
});

Deno.test("a process that is killed in its sleep ran no longer than until it fell asleep", () => {
  const log = new MadeUpLog(A, B).begin(0, A, 1).add(100, A, { what: "paused" }).add(2_000, A, { what: "killed" })
    .begin(LEASE_END + 50, B, 2, INTERVAL).end(2_100, B, 2, INTERVAL);
  assertEquals([log.found.breaches, log.found.overtaken], [[], 0]);
});

Deno.test("a term that two have claimed is found, and so is one that does not rise", () => {
  const log = new MadeUpLog(A, B).run(0, A, 1).run(INTERVAL, B, 1);
  assertEquals(log.found.breaches, ["term 1 was claimed by two", "term 1 came after term 1"]);
});

Deno.test("a claim that is given back, to a record that another left as running, is no second claim", () => {
  const found = (isFree: boolean) => {
    const log = new MadeUpLog(A, B).begin(0, A, 1).add(100, A, { what: "killed" });
    log.claim(LEASE_END + 20, B, 2, INTERVAL).add(LEASE_END + 30, B, { what: "stalled", sinceMs: LEASE_END + 22 });
    log.write(LEASE_END + 40, B, { state: "running", term: 2, scheduledMs: 0, startedMs: 0, isFree });
    return log.run(LEASE_END + 60, B, 3, INTERVAL).found.breaches;
  };
  assertEquals([found(true), found(false)], [[], ["term 2 was claimed by two"]]);
});

Deno.test("a run without a claim that was written is found", () => {
  const log = new MadeUpLog(A, B).run(0, A, 1).claim(INTERVAL, B, 2, INTERVAL, "conflict")
    .add(INTERVAL + 2, B, { what: "began", term: 2, scheduledMs: INTERVAL })
    .add(INTERVAL + 100, B, { what: "ended", term: 2 });
  assertEquals(log.found.breaches, ["term 2 was not claimed"]);
});

Deno.test("a run that begins when its lease is over is found", () => {
  const log = new MadeUpLog(A, B).run(0, A, 1).claim(INTERVAL, A, 2, INTERVAL)
    .add(INTERVAL + LEASE + 100, A, { what: "began", term: 2, scheduledMs: INTERVAL })
    .add(INTERVAL + LEASE + 101, A, { what: "ended", term: 2 });
  assertEquals(log.found.breaches, ["term 2 began when its lease was over"]);
});

Deno.test("a claim that came to nothing may be followed by another one for the same term, whose lease then counts", () => {
  const laterMs = INTERVAL + LEASE_END;
  const log = new MadeUpLog(A).run(0, A, 1).claim(INTERVAL, A, 2, INTERVAL, "failed").run(laterMs, A, 2, INTERVAL);
  assertEquals(log.found.breaches, []);
});

Deno.test("a missing term is found, unless its claimant was killed, held up, or not told what became of its claim", () => {
  const found = (answer: Answer, what?: "killed" | "paused") => {
    const log = new MadeUpLog(A, B, C).run(0, A, 1).claim(INTERVAL, B, 2, INTERVAL, answer);
    if (what) log.add(INTERVAL + 2, B, { what }).add(INTERVAL + 2 * LEASE, B, { what: "resumed" });
    const { breaches, termsWithoutRun } = log.run(INTERVAL + LEASE_END + 20, A, 3, 2 * INTERVAL).found;
    return [...breaches, termsWithoutRun];
  };
  assertEquals(found("written"), ["term 2 is missing", 0]);
  for (const explained of [found("written", "killed"), found("written", "paused"), found("failed")]) {
    assertEquals(explained, [1]);
  }
  const unclaimed = new MadeUpLog(A, B).run(0, A, 1).run(INTERVAL, A, 3);
  assertEquals(unclaimed.found.breaches, ["term 2 is missing"]);
});

Deno.test("a run that begins before it is due is found, and so is a body without an end", () => {
  const log = new MadeUpLog(A).run(0, A, 1).begin(INTERVAL - 10, A, 2, INTERVAL);
  assertEquals(log.found.breaches, ["term 2 has not ended", "term 2 began before it was due"]);
});

Deno.test("a lost slot is found", () => {
  const lateMs = checkMs(RULES) + 1;
  const log = new MadeUpLog(A, B).run(0, A, 1).run(INTERVAL + lateMs, B, 2, INTERVAL);
  assertEquals(log.found.breaches, ["term 2 was claimed 1 ms later than it could be at the latest"]);
  const killed = new MadeUpLog(A, B).begin(0, A, 1).add(100, A, { what: "killed" })
    .run(LEASE_END + lateMs, B, 2, INTERVAL);
  assertEquals(killed.found.breaches, ["term 2 was claimed 1 ms later than it could be at the latest"]);
});

Deno.test("a heartbeat puts the end of a lease off", () => {
  const beat = { state: "running", term: 1, scheduledMs: 0, startedMs: 0, heartbeatMs: 400 };
  const lateMs = 400 + LEASE_END + checkMs(RULES);
  const breaches = (claimMs: number) =>
    new MadeUpLog(A, B).begin(0, A, 1).write(400, A, beat).add(500, A, { what: "killed" })
      .run(claimMs, B, 2, INTERVAL).found.breaches.length;
  assertEquals([breaches(lateMs), breaches(lateMs + 1)], [0, 1]);
});

Deno.test("a run that goes on into the next slot may be believed to until its lease is over", () => {
  const beat = { state: "running", term: 1, scheduledMs: 0, startedMs: 0, heartbeatMs: INTERVAL };
  const lateMs = INTERVAL + LEASE_END + checkMs(RULES);
  const breaches = (claimMs: number) =>
    new MadeUpLog(A, B).begin(0, A, 1).write(INTERVAL, A, beat).end(INTERVAL + 100, A, 1, 0)
      .add(INTERVAL + 110, A, { what: "killed" }).run(claimMs, B, 2, INTERVAL).found.breaches.length;
  assertEquals([breaches(lateMs), breaches(lateMs + 1)], [0, 1]);
});

Deno.test("a run that has failed is to be repeated after retryDelay", () => {
  const startedMs = 700;
  const failed = { state: "failed", term: 1, scheduledMs: 0, startedMs };
  const lateMs = startedMs + RULES.retryDelayMs + checkMs(RULES);
  const breaches = (claimMs: number) =>
    new MadeUpLog(A, B).begin(startedMs, A, 1, 0).add(750, A, { what: "ended", term: 1, reason: "no luck" })
      .write(751, A, failed).run(claimMs, B, 2, INTERVAL).found.breaches.length;
  assertEquals([breaches(lateMs), breaches(lateMs + 1)], [0, 1]);
});

Deno.test("a slot is not lost as long as nobody could claim it", () => {
  const lateMs = INTERVAL + checkMs(RULES) + 100;
  const log = (holdUp: (log: MadeUpLog) => void) => {
    const made = new MadeUpLog(A, B).run(0, A, 1);
    holdUp(made);
    return made.add(INTERVAL - 10, A, { what: "killed" }).run(lateMs, B, 2, INTERVAL).found.breaches;
  };
  assertEquals(log(() => {}).length, 1);
  assertEquals(log((made) => made.add(INTERVAL + 100, B, { what: "stalled", sinceMs: INTERVAL - 100 })), []);
  assertEquals(log((made) => made.add(INTERVAL + 100, B, { what: "read", failed: false, sentMs: INTERVAL })), []);
  assertEquals(log((made) => made.add(INTERVAL - 200, B, { what: "read", failed: true, sentMs: INTERVAL - 210 })), []);
  // long before, it has no effect
  assertEquals(log((made) => made.add(INTERVAL - 300, B, { what: "stalled", sinceMs: 100 })).length, 1);
});

Deno.test("a stale write that the sink would take is found", () => {
  const log = new MadeUpLog(A, B).run(0, A, 2).run(INTERVAL, B, 1).add(INTERVAL + 50, A, { what: "sink", term: 2 });
  const { breaches } = log.found;
  assertEquals(breaches.includes("a stale write of term 2 was taken"), true);
  assertEquals(breaches.includes("a write of term 1 was refused"), true);
});

Deno.test("a stale write that the sink refuses is counted", () => {
  const log = overtaken().add(2_001, A, { what: "sink", term: 1 }).lose(2_001, A, 1);
  assertEquals([log.found.breaches, log.found.staleWrites], [[], 1]);
});

import { assertEquals } from "@std/assert";
import { checkLog } from "./check_log.ts";
import type { Answer, LogEntry, LogEvent, SentRecord } from "./log.ts";
import { DENO_KV_SETTINGS as SETTINGS, maxCheckDelayMs } from "./settings.ts";

const { intervalMs: INTERVAL, leaseMs: LEASE } = SETTINGS;
const MAX_CHECK_DELAY = maxCheckDelayMs(SETTINGS);
const [A, B, C] = [1, 2, 3];
const RUN_LENGTH = 400;
/** The end of the first run's lease as others compute it. It starts with the claim. */
const LEASE_END = LEASE + SETTINGS.clockToleranceMs;

/** Builds a log. */
class LogBuilder {
  readonly #entries: LogEntry[] = [];
  #writes = 0;

  constructor(...pids: number[]) {
    for (const pid of pids) this.add(-1_000, pid, { type: "joined" });
  }

  add(atMs: number, pid: number, event: LogEvent): this {
    this.#entries.push({ atMs, pid, ...event });
    return this;
  }

  /** Sends a record that is answered in a millisecond. */
  write(atMs: number, pid: number, record: SentRecord, answer: Answer = "written"): this {
    const write = `${++this.#writes}`;
    this.add(atMs, pid, { type: "sent", write, record });
    return this.add(atMs + 1, pid, { type: "answered", write, answer, sentMs: atMs });
  }

  claim(atMs: number, pid: number, term: number, scheduledMs: number, answer: Answer = "written"): this {
    return this.write(atMs, pid, { state: "running", term, scheduledMs, startedMs: atMs }, answer);
  }

  /** Claims a run, starts it, and writes to the sink. */
  start(atMs: number, pid: number, term: number, scheduledMs = atMs): this {
    this.claim(atMs, pid, term, scheduledMs);
    this.add(atMs + 2, pid, { type: "started", term, scheduledMs });
    return this.add(atMs + 2, pid, { type: "sink", term });
  }

  /** Ends a run and records it. */
  end(atMs: number, pid: number, term: number, scheduledMs = atMs - RUN_LENGTH): this {
    this.add(atMs, pid, { type: "sink", term }).add(atMs, pid, { type: "ended", term });
    return this.write(atMs + 1, pid, { state: "finished", term, scheduledMs, startedMs: scheduledMs });
  }

  run(atMs: number, pid: number, term: number, scheduledMs = atMs): this {
    return this.start(atMs, pid, term, scheduledMs).end(atMs + RUN_LENGTH, pid, term, scheduledMs);
  }

  /** Ends a run whose lease was lost, and reports it. */
  lose(atMs: number, pid: number, term: number): this {
    this.add(atMs, pid, { type: "ended", term, reason: "LeaseLostError" });
    return this.add(atMs, pid, { type: "logged", message: `leaselost, term ${term}` });
  }

  /** The findings, with the messages of the violations. */
  get found() {
    // processes append to a log when things happen
    const entries = this.#entries.toSorted((one, other) => one.atMs - other.atMs);
    const { violations, ...figures } = checkLog(entries, SETTINGS);
    return { ...figures, violations: violations.map(({ message }) => message) };
  }
}

/** A log whose first run is paused and overtaken. */
function overtaken(pausedMs = 100, resumedMs = 2_000): LogBuilder {
  return new LogBuilder(A, B).start(0, A, 1).add(pausedMs, A, { type: "paused" }).add(resumedMs, A, { type: "resumed" })
    .start(LEASE_END + 50, B, 2, INTERVAL).end(2_100, B, 2, INTERVAL);
}

Deno.test("checkLog() accepts runs one after another", () => {
  const log = new LogBuilder(A, B).run(0, A, 1).run(INTERVAL, A, 2).run(2 * INTERVAL + 150, B, 3, 2 * INTERVAL);
  const { violations, runs, maxClaimDelayMs, minSlackMs, ...rest } = log.found;
  assertEquals([violations, runs, maxClaimDelayMs, minSlackMs], [[], 3, 150, MAX_CHECK_DELAY - 150]);
  assertEquals(rest, { overtaken: 0, staleWrites: 0, termsWithoutRun: 0 });
});

Deno.test("checkLog() finds two runs at once", () => {
  const log = new LogBuilder(A, B).run(0, A, 1).run(RUN_LENGTH - 10, B, 2);
  assertEquals(log.found.violations, ["terms 1 and 2 overlap, although the first was not paused"]);
});

Deno.test("checkLog() finds an overlap that outlasts the pause of the first run", () => {
  const log = overtaken(100, LEASE_END).lose(LEASE_END + 200, A, 1);
  assertEquals(log.found.violations, ["terms 1 and 2 overlap, 200 ms after the end of the first one's pause"]);
});

Deno.test("checkLog() finds an overlap before the end of a paused run's lease", () => {
  const startedMs = LEASE - 100;
  const log = new LogBuilder(A, B).start(0, A, 1).add(1, A, { type: "paused" }).add(LEASE + 50, A, { type: "resumed" })
    .lose(LEASE + 51, A, 1).run(startedMs, B, 2, INTERVAL);
  assertEquals(log.found.violations, ["terms 1 and 2 overlap, although the lease of the first was not over"]);
  const beat = { state: "running", term: 1, scheduledMs: 0, startedMs: 0, heartbeatMs: 300 };
  const beaten = overtaken(400).write(300, A, beat).lose(2_001, A, 1);
  assertEquals(beaten.found.violations, ["terms 1 and 2 overlap, although the lease of the first was not over"]);
});

Deno.test("checkLog() accepts an overlap if a pause outlasted the lease and the first run reported it", () => {
  const { violations, overtaken: count } = overtaken().lose(2_001, A, 1).found;
  assertEquals([violations, count], [[], 1]);
});

Deno.test("checkLog() counts the lease from the claim, even if its answer was lost and the run started later", () => {
  const claim = { state: "running", term: 1, scheduledMs: 0, startedMs: 0 };
  const log = new LogBuilder(A, B).write(0, A, claim, "failed").add(400, A, {
    type: "started",
    term: 1,
    scheduledMs: 0,
  })
    .add(401, A, { type: "paused" }).add(2_000, A, { type: "resumed" }).lose(2_001, A, 1)
    .start(LEASE_END + 50, B, 2, INTERVAL).end(2_100, B, 2, INTERVAL);
  const { violations, overtaken: count } = log.found;
  assertEquals([violations, count], [[], 1]);
});

Deno.test("checkLog() finds an overlap that was not reported", () => {
  const log = overtaken().add(2_001, A, { type: "ended", term: 1 });
  assertEquals(log.found.violations, ["terms 1 and 2 overlap, and the first has not reported it"]);
});

Deno.test("checkLog() accepts an overlap if no timer fired for as long as a pause", () => {
  const log = new LogBuilder(A, B).start(0, A, 1).add(2_000, A, { type: "stalled", sinceMs: 100 }).lose(2_000, A, 1)
    .start(LEASE_END + 50, B, 2, INTERVAL).end(2_100, B, 2, INTERVAL);
  assertEquals([log.found.violations, log.found.overtaken], [[], 1]);
});

Deno.test("checkLog() ends the run of a process that is killed during a pause at the pause", () => {
  const log = new LogBuilder(A, B).start(0, A, 1).add(100, A, { type: "paused" }).add(2_000, A, { type: "killed" })
    .start(LEASE_END + 50, B, 2, INTERVAL).end(2_100, B, 2, INTERVAL);
  assertEquals([log.found.violations, log.found.overtaken], [[], 0]);
});

Deno.test("checkLog() finds a term that was claimed twice, and one that does not rise", () => {
  const log = new LogBuilder(A, B).run(0, A, 1).run(INTERVAL, B, 1);
  assertEquals(log.found.violations, ["term 1 was claimed twice", "term 1 came after term 1"]);
});

Deno.test("checkLog() does not take a claim that is given back for a second one", () => {
  const found = (hasNoOwner: boolean) => {
    const log = new LogBuilder(A, B).start(0, A, 1).add(100, A, { type: "killed" });
    log.claim(LEASE_END + 20, B, 2, INTERVAL).add(LEASE_END + 30, B, { type: "stalled", sinceMs: LEASE_END + 22 });
    log.write(LEASE_END + 40, B, { state: "running", term: 2, scheduledMs: 0, startedMs: 0, hasNoOwner });
    return log.run(LEASE_END + 60, B, 3, INTERVAL).found.violations;
  };
  assertEquals([found(true), found(false)], [[], ["term 2 was claimed twice"]]);
});

Deno.test("checkLog() finds a run whose claim was not written", () => {
  const log = new LogBuilder(A, B).run(0, A, 1).claim(INTERVAL, B, 2, INTERVAL, "conflict")
    .add(INTERVAL + 2, B, { type: "started", term: 2, scheduledMs: INTERVAL })
    .add(INTERVAL + 100, B, { type: "ended", term: 2 });
  assertEquals(log.found.violations, ["term 2 was not claimed"]);
});

Deno.test("checkLog() finds a run that starts when its lease is over", () => {
  const log = new LogBuilder(A, B).run(0, A, 1).claim(INTERVAL, A, 2, INTERVAL)
    .add(INTERVAL + LEASE + 100, A, { type: "started", term: 2, scheduledMs: INTERVAL })
    .add(INTERVAL + LEASE + 101, A, { type: "ended", term: 2 });
  assertEquals(log.found.violations, ["term 2 started when its lease was over"]);
});

Deno.test("checkLog() counts the lease of the last claim for a term", () => {
  const laterMs = INTERVAL + LEASE_END;
  const log = new LogBuilder(A).run(0, A, 1).claim(INTERVAL, A, 2, INTERVAL, "failed").run(laterMs, A, 2, INTERVAL);
  assertEquals(log.found.violations, []);
});

Deno.test("checkLog() finds a missing term unless its claimant was killed, paused or left without an answer", () => {
  const found = (answer: Answer, event?: "killed" | "paused") => {
    const log = new LogBuilder(A, B, C).run(0, A, 1).claim(INTERVAL, B, 2, INTERVAL, answer);
    if (event) log.add(INTERVAL + 2, B, { type: event }).add(INTERVAL + 2 * LEASE, B, { type: "resumed" });
    const { violations, termsWithoutRun } = log.run(INTERVAL + LEASE_END + 20, A, 3, 2 * INTERVAL).found;
    return [...violations, termsWithoutRun];
  };
  assertEquals(found("written"), ["term 2 is missing", 0]);
  for (const explained of [found("written", "killed"), found("written", "paused"), found("failed")]) {
    assertEquals(explained, [1]);
  }
  const unclaimed = new LogBuilder(A, B).run(0, A, 1).run(INTERVAL, A, 3);
  assertEquals(unclaimed.found.violations, ["term 2 is missing"]);
});

Deno.test("checkLog() finds a run that starts before it is due, and one that does not end", () => {
  const log = new LogBuilder(A).run(0, A, 1).start(INTERVAL - 10, A, 2, INTERVAL);
  assertEquals(log.found.violations, ["term 2 has not ended", "term 2 started before it was due"]);
});

Deno.test("checkLog() finds a claim after its deadline", () => {
  const lateMs = MAX_CHECK_DELAY + 1;
  const log = new LogBuilder(A, B).run(0, A, 1).run(INTERVAL + lateMs, B, 2, INTERVAL);
  assertEquals(log.found.violations, ["term 2 was claimed 1 ms after its deadline"]);
  const killed = new LogBuilder(A, B).start(0, A, 1).add(100, A, { type: "killed" })
    .run(LEASE_END + lateMs, B, 2, INTERVAL);
  assertEquals(killed.found.violations, ["term 2 was claimed 1 ms after its deadline"]);
});

Deno.test("checkLog() expects no claim of a process that is killed while its last call may be in progress", () => {
  const violations = (killedMs: number) =>
    new LogBuilder(A, B, C).run(0, A, 1).add(500, A, { type: "killed" }).add(killedMs, B, { type: "killed" })
      .add(INTERVAL + 1, C, { type: "paused" }).add(INTERVAL + 3 * LEASE, C, { type: "resumed" })
      .run(INTERVAL + 3 * LEASE + 1, C, 2, INTERVAL).found.violations.length;
  const deadlineMs = INTERVAL + MAX_CHECK_DELAY;
  assertEquals([violations(deadlineMs + LEASE), violations(deadlineMs + LEASE + 1)], [0, 1]);
});

Deno.test("checkLog() counts a lease from the last heartbeat", () => {
  const beat = { state: "running", term: 1, scheduledMs: 0, startedMs: 0, heartbeatMs: 400 };
  const lateMs = 400 + LEASE_END + MAX_CHECK_DELAY;
  const violations = (claimMs: number) =>
    new LogBuilder(A, B).start(0, A, 1).write(400, A, beat).add(500, A, { type: "killed" })
      .run(claimMs, B, 2, INTERVAL).found.violations.length;
  assertEquals([violations(lateMs), violations(lateMs + 1)], [0, 1]);
});

Deno.test("checkLog() allows the lease of a run that ends after the next due time", () => {
  const beat = { state: "running", term: 1, scheduledMs: 0, startedMs: 0, heartbeatMs: INTERVAL };
  const lateMs = INTERVAL + LEASE_END + MAX_CHECK_DELAY;
  const violations = (claimMs: number) =>
    new LogBuilder(A, B).start(0, A, 1).write(INTERVAL, A, beat).end(INTERVAL + 100, A, 1, 0)
      .add(INTERVAL + 110, A, { type: "killed" }).run(claimMs, B, 2, INTERVAL).found.violations.length;
  assertEquals([violations(lateMs), violations(lateMs + 1)], [0, 1]);
});

Deno.test("checkLog() takes a run for running until the write of its end is answered", () => {
  const record = { state: "finished", term: 1, scheduledMs: 0, startedMs: 0 };
  const lateMs = LEASE_END + MAX_CHECK_DELAY;
  const violations = (claimMs: number) => {
    const log = new LogBuilder(A, B).start(0, A, 1).add(RUN_LENGTH, A, { type: "ended", term: 1 });
    // the first attempt is lost, or waits for a lock that readers do not wait for
    for (const [sentMs, atMs, answer] of [[RUN_LENGTH, 700, "failed"], [750, 850, "written"]] as const) {
      log.add(sentMs, A, { type: "sent", write: "end", record });
      log.add(atMs, A, { type: "answered", write: "end", answer, sentMs });
    }
    return log.add(860, A, { type: "killed" }).run(claimMs, B, 2, INTERVAL).found.violations.length;
  };
  assertEquals([violations(lateMs), violations(lateMs + 1)], [0, 1]);
});

Deno.test("checkLog() expects a failed run to be repeated after retryDelay", () => {
  const startedMs = 700;
  const failed = { state: "failed", term: 1, scheduledMs: 0, startedMs };
  const lateMs = startedMs + SETTINGS.retryDelayMs + MAX_CHECK_DELAY;
  const violations = (claimMs: number) =>
    new LogBuilder(A, B).start(startedMs, A, 1, 0).add(750, A, { type: "ended", term: 1, reason: "no luck" })
      .write(751, A, failed).run(claimMs, B, 2, INTERVAL).found.violations.length;
  assertEquals([violations(lateMs), violations(lateMs + 1)], [0, 1]);
});

Deno.test("checkLog() moves the deadline while no replica can claim", () => {
  const lateMs = INTERVAL + MAX_CHECK_DELAY + 100;
  const log = (delay: (log: LogBuilder) => void) => {
    const made = new LogBuilder(A, B).run(0, A, 1);
    delay(made);
    return made.add(INTERVAL - 10, A, { type: "killed" }).run(lateMs, B, 2, INTERVAL).found.violations;
  };
  assertEquals(log(() => {}).length, 1);
  assertEquals(log((made) => made.add(INTERVAL + 100, B, { type: "stalled", sinceMs: INTERVAL - 100 })), []);
  assertEquals(log((made) => made.add(INTERVAL + 100, B, { type: "read", failed: false, sentMs: INTERVAL })), []);
  assertEquals(log((made) => made.add(INTERVAL - 200, B, { type: "read", failed: true, sentMs: INTERVAL - 210 })), []);
  // long before, it has no effect
  assertEquals(log((made) => made.add(INTERVAL - 300, B, { type: "stalled", sinceMs: 100 })).length, 1);
});

Deno.test("checkLog() finds a stale write that the sink accepts", () => {
  const log = new LogBuilder(A, B).run(0, A, 2).run(INTERVAL, B, 1).add(INTERVAL + 50, A, { type: "sink", term: 2 });
  const { violations } = log.found;
  assertEquals(violations.includes("a stale write of term 2 was accepted"), true);
  assertEquals(violations.includes("a write of term 1 was refused"), true);
});

Deno.test("checkLog() counts a stale write that the sink refuses", () => {
  const log = overtaken().add(2_001, A, { type: "sink", term: 1 }).lose(2_001, A, 1);
  assertEquals([log.found.violations, log.found.staleWrites], [[], 1]);
});

/**
 * Three replicas as real processes on one SQLite file, with failures, timeouts and a kill. The page of each, as Prometheus scrapes it,
 * agrees with its log line by line.
 */
import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { readTask } from "../../src/control.ts";
import { SqliteStore } from "../../stores/sqlite.ts";
import { RunningExample } from "../examples/example.ts";
import { type Sample, samplesOf } from "./prometheus_page.ts";

const NAME = "shared";
/** The term of the run during which its replica is killed. */
const KILLED = 7;
const RUNS = 12;

const isWanted = Deno.env.get("NEAT_TEST_STORES") === "1" && Deno.build.os !== "windows";
const reason = isWanted ? "" : " (skipped: `deno task test:stores` runs it)";

/** A page, and the log up to it. */
class Scraped {
  readonly #samples: readonly Sample[];
  readonly #lines: readonly string[];

  constructor(page: string, log: string) {
    this.#samples = samplesOf(page);
    this.#lines = log.split("\n");
  }

  /** The sum of all samples of a metric whose labels have these values. */
  sum(metric: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.#samples
      .filter(({ name }) => name === `neat_periodic_task_${metric}`)
      .filter((sample) =>
        Object.entries(labels).every(([key, value]) => sample.labels[`neat_periodic_task_${key}`] === value)
      )
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** The number of lines of the log that match. */
  lines(pattern: RegExp): number {
    return this.#lines.filter((line) => pattern.test(line)).length;
  }

  /** Asserts that each figure is the number of the lines about it. */
  assertAgrees(running: number): void {
    const starts = this.lines(/^### \[START\]/);
    const timeouts = this.lines(/^### \[FAILED\].*, timeout exceeded!$/);
    const failures = this.lines(/^### \[FAILED\]/) - timeouts;
    const expected = {
      finished: this.lines(/^### \[FINISHED\]/),
      failed: failures,
      timeout: timeouts,
      leaselost: 0,
      aborted: 0,
    };
    for (const [outcome, count] of Object.entries(expected)) {
      assertEquals([outcome, this.sum("runs_total", { name: NAME, outcome })], [outcome, count]);
      assertEquals([outcome, this.sum("run_duration_count", { name: NAME, outcome })], [outcome, count]);
    }
    assertEquals(this.sum("run_lateness_count"), starts);
    assertEquals(this.sum("active_runs"), running);
    assertEquals(this.sum("runs_total") + running, starts);
    assertEquals(this.sum("takeovers_total"), this.lines(/took over from/));
    const leases = this.lines(/took over from .*: its lease is over$/);
    assertEquals(this.sum("takeovers_total", { takeover_reason: "lease-over" }), leases);
    assertEquals(this.sum("abandoned_runs_total"), this.lines(/has not returned after its abort/));
    assertEquals(this.sum("store_errors_total") > 0, this.lines(/store call failed/) > 0);
  }
}

class Replica {
  readonly running: RunningExample;
  #address = "";

  private constructor(running: RunningExample) {
    this.running = running;
  }

  static async start(file: string): Promise<Replica> {
    const program = import.meta.resolve("./replica_program.ts");
    const replica = new Replica(RunningExample.startFile(program, ["run", "-A"], [file]));
    replica.#address = (await replica.running.printed(/^PAGE (\S+)$/m))[1] ?? "";
    return replica;
  }

  async scrape(): Promise<Scraped> {
    const page = await (await fetch(this.#address)).text();
    return new Scraped(page, this.running.stdout);
  }

  /** Stops the scheduler, and scrapes the last page. */
  async stop(): Promise<Scraped> {
    this.running.signal("SIGTERM");
    await this.running.printed(/^STOPPED$/m);
    return await this.scrape();
  }
}

/** Waits until a task has had so many runs, and the last of them is in a state. */
async function untilTerm(store: SqliteStore, term: number, state?: string): Promise<void> {
  for (;;) {
    const status = await readTask(store, NAME);
    if (status && (status.term > term || status.term === term && (state ?? status.state) === status.state)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test({
  name: `the page of each replica agrees with its log over failures, timeouts and a kill${reason}`,
  ignore: !isWanted,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
    try {
      await using replicas = new AsyncDisposableStack();
      using database = new DatabaseSync(`${folder}/tasks.sqlite3`, { timeout: 2_000 });
      database.exec("PRAGMA journal_mode = WAL");
      const store = new SqliteStore({ database });
      const all = await Promise.all(Array.from({ length: 3 }, () => Replica.start(`${folder}/tasks.sqlite3`)));
      for (const { running } of all) replicas.use(running);

      await untilTerm(store, KILLED, "running");
      const pages = await Promise.all(all.map(async (replica) => ({ replica, page: await replica.scrape() })));
      const [holder, ...others] = pages.filter(({ page }) => page.sum("active_runs") === 1);
      assert(holder && others.length === 0, "one replica runs the task");
      holder.replica.running.signal("SIGKILL");
      holder.page.assertAgrees(1);

      await untilTerm(store, RUNS);
      const survivors = all.filter((replica) => replica !== holder.replica);
      const before = await Promise.all(survivors.map((replica) => replica.scrape()));
      const status = await readTask(store, NAME);
      // the replica that ran last knows the record; the other one knows an earlier one
      const dueS = Math.max(...before.map((page) => page.sum("next_due_time")));
      assert(Math.abs(dueS - (status?.due?.getTime() ?? 0) / 1_000) <= 0.5, `${dueS}`);
      const last = await Promise.all(survivors.map((replica) => replica.stop()));
      for (const page of last) page.assertAgrees(0);
      const killed = holder.page;
      const sums = [killed, ...last].reduce((sum, page) => sum + page.sum("runs_total"), 0);
      assertEquals(sums, ((await readTask(store, NAME))?.term ?? 0) - 1, "all runs but the one that was killed");
      const sumOf = (metric: string, labels: Record<string, string>): number =>
        [killed, ...last].reduce((sum, page) => sum + page.sum(metric, labels), 0);
      assert(sumOf("takeovers_total", { takeover_reason: "lease-over" }) > 0, "a takeover");
      assert(sumOf("runs_total", { outcome: "timeout" }) > 0 && sumOf("runs_total", { outcome: "failed" }) > 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

// Processes that count in one record, on MariaDB.

import { assertEquals, assertGreater, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { ChildProcess } from "../../../internal/processes/child_process.ts";
import { openPool, serverTest } from "./servers.ts";

const PROCESSES = 4;
const INCREMENTS = 150;
/** The first process is killed after so many increments. */
const KILLED_AFTER = 40;
const LIMIT_MS = 60_000;

/** A process that counts. */
class Counter implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  written = 0;
  conflicts = 0;

  constructor(port: number, maxWritten: number) {
    const program = new URL("process_program.ts", import.meta.url).pathname;
    this.#child = new ChildProcess({
      command: Deno.execPath(),
      args: ["run", "--quiet", "--no-check", "-A", program, String(port), String(INCREMENTS)],
      onLine: (line) => {
        if (line === "ready") return this.#ready.resolve();
        if (line.startsWith("{")) this.conflicts = JSON.parse(line).conflicts;
        else if (++this.written === maxWritten) this.#child.signal("SIGKILL");
      },
    });
  }

  /** Resolves when it can start to count. */
  ready(): Promise<unknown> {
    return Promise.race([this.#ready.promise, this.#child.exited]);
  }

  /** Lets it count. Resolves with its exit code. */
  async count(): Promise<number> {
    this.#child.signal("SIGUSR1");
    return (await this.#child.exited).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}

serverTest("processes that count in one record lose no increment, also if one is killed", async (server) => {
  await using counters = new AsyncDisposableStack();
  const all = Array.from({ length: PROCESSES }, (_, index) => {
    return counters.use(new Counter(server.port, index === 0 ? KILLED_AFTER : Infinity));
  });
  const timer = setTimeout(() => void counters.disposeAsync(), LIMIT_MS);
  await Promise.all(all.map((counter) => counter.ready()));
  const codes = await Promise.all(all.map((counter) => counter.count()));
  clearTimeout(timer);
  assertEquals(codes.slice(1), [0, 0, 0]);
  const { store, close } = openPool(server.port);
  const total = Number(new TextDecoder().decode((await store.read("count"))?.value));
  await close();
  const sum = (field: "written" | "conflicts"): number => all.reduce((sum, counter) => sum + counter[field], 0);
  const [killed] = all;
  assertGreaterOrEqual(killed?.written ?? 0, KILLED_AFTER);
  // the killed process may have written one more than it said
  assertGreaterOrEqual(total, sum("written"));
  assertLessOrEqual(total, sum("written") + 1);
  assertGreaterOrEqual(total, (PROCESSES - 1) * INCREMENTS + KILLED_AFTER);
  // otherwise the processes did not compete
  assertGreater(sum("conflicts"), 0);
});

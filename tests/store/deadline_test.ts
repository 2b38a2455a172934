// How long a call to the store is waited for.

import { assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler, type StatusStore } from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const LIMITS: [name: string, timeout: number, heartbeatTimeout: number | undefined, limitMs: number][] = [
  ["ten seconds", 60_000, undefined, 10_000],
  ["the lease, if that is shorter", 60_000, 3_000, 3_000],
  ["the timeout, if that is the lease", 4_000, undefined, 4_000],
];

for (const call of ["read", "write"] as const) {
  for (const [name, timeout, heartbeatTimeout, limitMs] of LIMITS) {
    for (const heeds of [true, false]) {
      Deno.test(`a ${call} is waited for no longer than ${name}, by a store that ${heeds ? "heeds" : "ignores"} its signal`, async () => {
        const virtual = new VirtualTime();
        const begin = virtual.nowMs;
        const inner = new ScriptedStore();
        const log = new KeptLog();
        const warnedAt: number[] = [];
        const hang = (signal?: AbortSignal): Promise<never> =>
          new Promise((_, reject) => heeds && signal?.addEventListener("abort", () => reject(signal.reason)));
        const store: StatusStore = {
          read: (key, options) => call === "read" ? hang(options?.signal) : inner.read(key, options),
          write: (key, value, version, options) =>
            call === "write" ? hang(options?.signal) : inner.write(key, value, version, options),
        };
        log.warn = () => void warnedAt.push(virtual.nowMs - begin);
        const scheduler = new NeatPeriodicTaskScheduler({
          name: "mute",
          interval: 3_600_000,
          timeout,
          heartbeatTimeout,
          store,
          clock: virtual.clock(),
          log,
          task: () => {},
        });
        scheduler.start();
        await virtual.advance(limitMs);
        assertEquals(warnedAt, [limitMs]);
        await Promise.all([scheduler.stop({ timeout: 1 }), virtual.advance(5_000)]);
        assertEquals(virtual.timers, 0);
      });
    }
  }
}

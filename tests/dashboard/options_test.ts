import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { MemoryStore, NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { dashboard, type DashboardOptions } from "../../src/dashboard.ts";

const group = new NeatPeriodicTaskGroup();
const store = new MemoryStore();

const REFUSED: readonly (readonly [options: unknown, error: typeof TypeError | typeof RangeError, message: string])[] =
  [
    [{}, TypeError, 'either "group" or "store" must be given: current value is "neither"'],
    [{ group, store }, TypeError, 'either "group" or "store" must be given: current value is "both"'],
    [{ group: {} }, TypeError, '"group" must be a NeatPeriodicTaskGroup or a list of schedulers'],
    [{ store: { read() {}, write() {} } }, TypeError, '"store" must be an object with read(), write(), list()'],
    [{ group, action: true }, TypeError, 'did you mean "actions"?'],
    [{ group, actions: "yes" }, TypeError, '"actions" must be a boolean'],
    [{ group, hosts: "localhost" }, TypeError, '"hosts" must be an object'],
    [{ group, hosts: { localhost: true } }, TypeError, '"hosts" must be a list of hosts'],
    [{ group, hosts: ["http://localhost/"] }, TypeError, '"hosts" must have hosts such as "localhost"'],
    [{ group, by: "Ada" }, TypeError, '"by" must be a function'],
    [{ group, missedDueTimes: 0 }, RangeError, '"missedDueTimes" must be a whole number from 1 on'],
    [{ group, refreshInterval: 0 }, RangeError, '"refreshInterval"'],
  ];

for (const [options, error, message] of REFUSED) {
  Deno.test(`dashboard() refuses options: ${message}`, () => {
    const thrown = assertThrows(() => dashboard(options as DashboardOptions), error);
    assert(
      thrown.message.startsWith("Cannot create the dashboard as ") && thrown.message.includes(message),
      thrown.message,
    );
  });
}

Deno.test("dashboard() calls neither store nor schedulers before a request", () => {
  const untouched = new Proxy({ read() {}, write() {}, list() {} }, {
    get: (target, name) => {
      const method = Reflect.get(target, name);
      return method && (() => {
        throw new Error(`${String(name)}() was called`);
      });
    },
  });
  assertEquals(typeof dashboard({ store: untouched as unknown as MemoryStore }).fetch, "function");
});

Deno.test("dashboard() shows the schedulers of a generator at each request", async () => {
  const scheduler = new NeatPeriodicTaskScheduler({ name: "backup", interval: 9_000, timeout: 1_000, task: () => {} });
  const app = dashboard({ group: [scheduler].values() });
  for (const _ of [1, 2]) assertStringIncludes(await (await app.request("/")).text(), "<bdi>backup</bdi>");
});

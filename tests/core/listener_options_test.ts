import { assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";

function schedulerOf(): NeatPeriodicTaskScheduler {
  return new NeatPeriodicTaskScheduler({
    name: "heard",
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    log: SILENT,
    task: () => {},
  });
}

Deno.test("addEventListener() ends the listener when its signal aborts", async () => {
  const scheduler = schedulerOf();
  const terms: number[] = [];
  const controller = new AbortController();
  scheduler.addEventListener("finished", ({ term }) => terms.push(term), { signal: controller.signal });
  await scheduler.trigger();
  controller.abort();
  await scheduler.trigger();
  assertEquals(terms, [1]);
});

Deno.test("addEventListener() ends the listener after one event with `once`, and adds the same listener once", async () => {
  const scheduler = schedulerOf();
  const terms: number[] = [];
  const listener = ({ term }: { term: number }): unknown => terms.push(term);
  scheduler.addEventListener("finished", listener, { once: true });
  scheduler.addEventListener("finished", listener, { once: true });
  await scheduler.trigger();
  await scheduler.trigger();
  assertEquals(terms, [1]);
});

// The alert rules of docs/monitoring match the log lines to the letter.

import { assert, assertEquals } from "@std/assert";
import { MemoryStore, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;

/** The lines of two replicas of the task "backup": one fails and stops, and the other one takes over. */
async function logLines(): Promise<string[]> {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  const store = new MemoryStore();
  const replica = (task: () => unknown): NeatPeriodicTaskScheduler =>
    new NeatPeriodicTaskScheduler({
      name: "backup",
      interval: HOUR,
      timeout: 60_000,
      store,
      clock: virtual.clock(),
      log,
      task,
    });
  const failing = replica(() => Promise.reject(new Error("no disk")));
  await failing.trigger();
  await failing.stop();
  await using other = replica(() => {});
  other.start();
  await virtual.advance(2 * HOUR);
  return log.lines.map((line) => line.slice(line.indexOf(": ") + 2));
}

/** The texts that a file of rules looks for, freed of the quotes of its format. */
const TEXTS: Readonly<Record<string, (rules: string) => string[]>> = {
  "cloud-logging.yaml": (rules) =>
    [...rules.matchAll(/filter: '"(###.*)"'/g)].map(([, text = ""]) => text.replaceAll('\\"', '"')),
  "loki.yaml": (rules) => [...rules.matchAll(/\|= `(.*?)`/g)].map(([, text = ""]) => text),
  "datadog.json": (rules) =>
    (JSON.parse(rules) as { query: string }[]).map(({ query }) => {
      const filter: string = JSON.parse(/logs\((".*")\)\.index/.exec(query)?.[1] ?? '""');
      return JSON.parse(filter.replace(/^\S+ /, ""));
    }),
};

for (const [file, textsIn] of Object.entries(TEXTS)) {
  Deno.test(`docs/monitoring/${file} matches ALIVE, FAILED and the other lines that it looks for`, async () => {
    const texts = textsIn(await Deno.readTextFile(new URL(`../../docs/monitoring/${file}`, import.meta.url)));
    assert(texts.some((text) => text.includes("[ALIVE]")) && texts.some((text) => text.includes("[FAILED]")));
    const lines = await logLines();
    assertEquals(texts.filter((text) => !lines.some((line) => line.includes(text))), []);
  });
}

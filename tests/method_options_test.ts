// What options and methods refuse, and by which name.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler, type StopOptions } from "../mod.ts";
import { SILENT } from "./helpers/log.ts";

const HOUR = 3_600_000;

const scheduler = (): NeatPeriodicTaskScheduler =>
  new NeatPeriodicTaskScheduler({ name: "checked", interval: HOUR, timeout: 60_000, log: SILENT, task: () => {} });

const WRONG: [options: unknown, message: string][] = [
  [{ timeOut: 1 }, '"timeOut" is not an option, did you mean "timeout"?: current value is 1'],
  [{ force: true }, '"force" is not an option: current value is true'],
  [{ aborted: true }, 'did you mean "abort"?'],
  [5, "its options must be an object: current value is 5"],
  [null, "its options must be an object: current value is null"],
  ["now", 'its options must be an object: current value is "now"'],
  [{ abort: "yes" }, '"abort" must be a boolean: current value is "yes"'],
  [{ timeout: "1 s" }, '"timeout" must be'],
];

for (const [options, message] of WRONG) {
  Deno.test(`stop(${JSON.stringify(options)}) is refused by name and stops nothing`, async () => {
    const one = scheduler();
    const group = new NeatPeriodicTaskGroup([one]);
    for (const stopped of [one, group, new NeatPeriodicTaskGroup()]) {
      await assertRejects(() => stopped.stop(options as StopOptions), TypeError, message);
    }
    assertEquals(one.state, "new");
    await one.stop();
  });
}

for (const member of [{}, null, 5, { name: "x" }, "checked", class {}]) {
  Deno.test(`a group refuses ${JSON.stringify(member) ?? "a class"} as a member`, () => {
    const members = [member] as unknown as NeatPeriodicTaskScheduler[];
    assertThrows(() => new NeatPeriodicTaskGroup(members), TypeError, "it must be a NeatPeriodicTaskScheduler");
    assertThrows(
      () => new NeatPeriodicTaskGroup().add(members[0]!),
      TypeError,
      "Cannot add the scheduler as it must be",
    );
  });
}

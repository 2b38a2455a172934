import { CLOCK_CHANGE_ROWS } from "../cron/clock_change_rows.ts";
import { Consumer } from "./consumer.ts";
import { CRONER, OLDEST_CRONER } from "./croner.ts";
import { packageTest } from "./environment.ts";
import { assertSuitePasses, bundleSuite, forEachProgram } from "./programs.ts";

for (const [age, croner] of [["oldest", OLDEST_CRONER], ["newest", CRONER]] as const) {
  packageTest(`cron schedules have the same due times on each runtime with the ${age} croner`, async (t) => {
    await using consumer = await Consumer.create([croner]);
    await forEachProgram(
      t,
      (loading) => bundleSuite(consumer, "cron_suite", loading),
      (program) => assertSuitePasses(consumer, program, CLOCK_CHANGE_ROWS.length + 1),
    );
  });
}

/** Uses `await using`, which TypeScript compiles for runtimes that do not support it. */
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";

async function main(): Promise<void> {
  const common = { interval: { hours: 1 }, timeout: { minutes: 1 } };
  let scheduler: NeatPeriodicTaskScheduler;
  {
    await using alone = new NeatPeriodicTaskScheduler({ ...common, name: "alone", task: () => {} });
    await using group = new NeatPeriodicTaskGroup([
      new NeatPeriodicTaskScheduler({
        ...common,
        name: "member",
        task: () => {},
        log: { info() {}, warn() {}, error() {} },
      }),
    ]);
    const disposable: AsyncDisposable = group;
    const { outcome } = await alone.trigger();
    console.log(`the group ${disposable === group ? "is" : "is not"} disposable, the run ${outcome}`);
    scheduler = alone;
    // both keep the process running unless the end of the block stops them
    alone.start();
    group.start();
  }
  console.log(scheduler.state);
}

main();

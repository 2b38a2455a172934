import { assertEquals, assertRejects } from "@std/assert";
import { CALL_FAULTS, type CallFault } from "../../src/simulator/network.ts";
import { newProcess } from "./process_fixture.ts";

/** What each fault does to a call: how often it takes effect, and what it is answered. */
const EFFECTS: Record<CallFault, { counts: number[]; answers: string[] }> = {
  failBefore: { counts: [0], answers: ["failed"] },
  failAfter: { counts: [1], answers: ["failed"] },
  loseRequest: { counts: [0], answers: ["nothing"] },
  loseReply: { counts: [1], answers: ["nothing"] },
  delay: { counts: [1], answers: ["1"] },
  landLate: { counts: [1], answers: ["nothing", "failed"] },
  duplicate: { counts: [2], answers: ["2"] },
};

for (const fault of CALL_FAULTS) {
  Deno.test(`Network.call() with the fault ${fault} has its effect and its answer`, async () => {
    const found = { counts: new Set<number>(), answers: new Set<string>() };
    const { process, advance, stats } = newProcess({ fault });
    for (let round = 0; round < 150; round++) {
      const before = stats.faults[fault] ?? 0;
      let [count, answer] = [0, "nothing"];
      void process.call(() => ++count).then((value) => answer = String(value), () => answer = "failed");
      await advance(20_000);
      // faults that are turned off are drawn too, and then nothing goes wrong
      if ((stats.faults[fault] ?? 0) === before) continue;
      found.counts.add(count);
      found.answers.add(answer);
    }
    assertEquals([[...found.counts], [...found.answers].sort()], [
      EFFECTS[fault].counts,
      EFFECTS[fault].answers.sort(),
    ]);
  });
}

Deno.test("Network.call() is refused, dropped or not answered during an outage or a partition", async () => {
  const { process, network, machine, advance } = newProcess();
  const outcomes: string[] = [];
  for (const mode of ["refuse", "swallow", "mute"] as const) {
    network.outage = mode;
    let [count, answer] = [0, "nothing"];
    void process.call(() => ++count).then((value) => answer = String(value), () => answer = "failed");
    await advance(1_000);
    outcomes.push(`${count} ${answer}`);
  }
  assertEquals(outcomes, ["0 failed", "0 nothing", "1 nothing"]);
  network.outage = undefined;
  machine.partition = "refuse";
  const failed = assertRejects(() => process.call(() => 1));
  await advance(100);
  await failed;
});

Deno.test("Network.call() rejects with its signal where the client obeys it, and with what the server throws", async () => {
  const { process, advance, clock } = newProcess();
  const controller = new AbortController();
  const ended = assertRejects(() => process.call(() => 1, controller.signal), Error, "enough");
  controller.abort(new Error("enough"));
  await ended;
  await assertRejects(() => process.call(() => 1, controller.signal), Error, "enough");
  const thrown = assertRejects(
    () =>
      process.call(() => {
        throw new Error("of the server");
      }),
    Error,
    "of the server",
  );
  await advance(100);
  await thrown;

  const other = newProcess({ obeysSignals: false });
  const otherController = new AbortController();
  const answered = other.process.call(() => Promise.resolve(1), otherController.signal);
  otherController.abort();
  await other.advance(100);
  assertEquals([await answered, clock.elapsedMs], [1, 100]);
});

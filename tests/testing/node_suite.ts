// A program to bundle for Node: the exports of the test kit, under `node:test`.

import { test } from "node:test";
import { MemoryStore } from "../../mod.ts";
import { checkStore, FaultyStore, seededRandom, storeChecks } from "../../src/testing/mod.ts";

const store = new MemoryStore();
for (const { name, run, skipped } of storeChecks({ open: () => store, raceRounds: 20 })) {
  test(name, { skip: skipped ?? false }, run);
}

test("seededRandom() gives the same numbers in every runtime", () => {
  const random = seededRandom(1);
  const numbers = [random(), random(), random()].map((number) => number * 2 ** 32).join();
  if (numbers !== "573063952,3268221502,703077755") throw new Error(numbers);
});

test("FaultyStore injects the faults of a script", async () => {
  const faulty = new FaultyStore(store, { script: () => ({ kind: "answerLate", delay: 1 }) });
  await checkStore(faulty);
  if (faulty.faults.answerLate < 10) throw new Error(JSON.stringify(faulty.faults));
});

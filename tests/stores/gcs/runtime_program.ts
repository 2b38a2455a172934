// To be bundled for Node and Bun: <runtime> BUNDLE URL UNUSED_URL
//
// Runs the checks of stores against the fake that gcs_runtimes_test.ts serves at the URL, and meets each of its faults. Prints a
// line for each, and fails if one has failed.

import process from "node:process";
import { GcsStore } from "../../../stores/gcs.ts";
import { storeChecks } from "../../../src/testing/mod.ts";

const [apiEndpoint = "", unused = ""] = process.argv.slice(2);
const RECORD = new TextEncoder().encode("{}");

function open(bucket: string, requestTimeout: number): GcsStore {
  return new GcsStore({ bucket, prefix: "p/", token: () => "a-token", apiEndpoint, requestTimeout });
}

/** What a call came to, as a text. */
async function outcome(call: Promise<unknown>): Promise<string> {
  return await call.then(JSON.stringify, (error) => `${error?.message}`);
}

function mustInclude(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`${JSON.stringify(part)} is not in ${JSON.stringify(text)}`);
}

/** The first request to a bucket fails as its name says, after it took effect. */
async function meets(fault: string): Promise<void> {
  mustInclude(await outcome(open(`${fault}-read`, 1_000).read("task")), '"version":"');
  mustInclude(await outcome(open(`${fault}-write`, 1_000).write("task", RECORD, null)), "may have been written");
}

async function givesUp(): Promise<void> {
  for (const bucket of ["always-never", "always-stalled"]) {
    mustInclude(await outcome(open(bucket, 100).read("task")), "timed out after 50 ms");
    const controller = new AbortController();
    const reading = outcome(open(bucket, 60_000).read("task", controller));
    setTimeout(() => controller.abort(new Error("enough")), 20);
    mustInclude(await reading, "enough");
  }
}

async function staysThere(): Promise<void> {
  mustInclude(await outcome(open("redirect", 1_000).read("task")), "current value is HTTP 307");
}

async function reachesNobody(): Promise<void> {
  const store = new GcsStore({ bucket: "bucket", apiEndpoint: unused, requestTimeout: 20 });
  mustInclude(await outcome(store.read("task")), "ECONNREFUSED");
}

// retries without pauses
Math.random = () => 0;
const faults = ["lost", "truncated", "stalled", "never", "unavailable"];
const checks = [
  ...storeChecks({
    open: () => open("bucket", 8_000),
    openHung: (limitMs) => open("always-never", limitMs),
    openFailing: () => open("always-unavailable", 50),
    raceRounds: 10,
  }),
  ...faults.map((fault) => ({ name: `an answer that is ${fault}`, run: () => meets(fault) })),
  { name: "a server that hangs", run: givesUp },
  { name: "a redirect is not followed", run: staysThere },
  { name: "a port on which nobody listens", run: reachesNobody },
];
for (const { name, run } of checks) {
  try {
    await run();
    console.log(`ok: ${name}`);
  } catch (error) {
    console.log(`failed: ${name}: ${error}`);
    process.exitCode = 1;
  }
}
console.log("done");

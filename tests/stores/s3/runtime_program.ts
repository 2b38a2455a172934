// A program to bundle for Node and Bun: <runtime> BUNDLE URL CLOSED_URL
//
// Runs the store checks against the fake that runtimes_test.ts serves at URL, and then each of its faults. CLOSED_URL is a port
// without a server. Prints a line for each check, and fails if one fails.

import process from "node:process";
import { storeChecks } from "../../../src/testing/mod.ts";
import { S3Store } from "../../../stores/s3.ts";
import { runChecks } from "../helpers/run_checks.ts";

const [endpoint = "", closedUrl = ""] = process.argv.slice(2);
const RECORD = new TextEncoder().encode("{}");
// the keys of the fake, as static keys of the environment
process.env["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE";
process.env["AWS_SECRET_ACCESS_KEY"] = "wJalr/XUtnFEMI+K7MDENG";
delete process.env["AWS_SESSION_TOKEN"];

function openBucket(bucket: string, requestTimeout: number): S3Store {
  return new S3Store({ bucket, prefix: "p/", region: "us-east-1", endpoint, requestTimeout });
}

/** The result of a call, or its error, as text. */
async function resultOf(call: Promise<unknown>): Promise<string> {
  return await call.then(JSON.stringify, (error) => `${error?.message}`);
}

function mustInclude(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`${JSON.stringify(part)} is not in ${JSON.stringify(text)}`);
}

/** The name of the bucket says how its first request fails, after it took effect. */
async function checkFault(fault: string): Promise<void> {
  mustInclude(await resultOf(openBucket(`${fault}-read`, 2_000).read("task")), '"version":"');
  const written = await resultOf(openBucket(`${fault}-write`, 2_000).write("task", RECORD, null));
  // Bun repeats a PUT by itself, which then conflicts with itself; a scheduler finds its own record
  const isRepeated = fault === "lost" && "Bun" in globalThis;
  if (!isRepeated || written !== "null") mustInclude(written, "may have been written");
}

async function checkHungServer(): Promise<void> {
  for (const bucket of ["always-never", "always-stalled"]) {
    mustInclude(await resultOf(openBucket(bucket, 600).read("task")), "timed out after 300 ms");
    const controller = new AbortController();
    const read = resultOf(openBucket(bucket, 60_000).read("task", controller));
    setTimeout(() => controller.abort(new Error("aborted by the test")), 20);
    mustInclude(await read, "aborted by the test");
  }
}

async function checkRedirect(): Promise<void> {
  mustInclude(await resultOf(openBucket("redirect", 1_000).read("task")), "current value is HTTP 307");
}

async function checkClosedPort(): Promise<void> {
  Math.random = () => 0.3;
  const store = new S3Store({ bucket: "bucket", region: "r", endpoint: closedUrl, requestTimeout: 2_000 });
  mustInclude(await resultOf(store.read("task")), "ECONNREFUSED");
}

// no wait between retries
Math.random = () => 0;
const faults = ["lost", "truncated", "stalled", "never", "unavailable"];
const checks = [
  ...storeChecks({
    open: () => openBucket("bucket", 8_000),
    openHung: (limitMs) => openBucket("always-never", limitMs),
    openFailing: () => openBucket("always-unavailable", 300),
    equalBodiesMayShareVersions: true,
    raceRounds: 10,
  }).filter(({ skipped }) => skipped === undefined),
  ...faults.map((fault) => ({ name: `calls retry if an answer is ${fault}`, run: () => checkFault(fault) })),
  { name: "a call ends if the server hangs", run: checkHungServer },
  { name: "redirects are not followed", run: checkRedirect },
  { name: "a call to a closed port throws", run: checkClosedPort },
];
await runChecks(checks);

// The checks that any store must pass, against our own fake on a port and, where there is one, fsouza/fake-gcs-server.

import { storeChecks, type StoreChecksOptions } from "@neat/periodic-task/testing";
import { GcsStore, type GcsStoreOptions } from "../../../stores/gcs.ts";
import { FakeGcs } from "../../helpers/fake_gcs.ts";
import { FaultServer } from "../../helpers/fault_server.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";
const binary = Deno.env.get("NEAT_FAKE_GCS_SERVER");

/** Makes clients of a service at an address. */
function open(apiEndpoint: string, options: Partial<GcsStoreOptions> = {}): GcsStore {
  return new GcsStore({ bucket: "bucket", apiEndpoint, ...options });
}

/** Runs all checks as steps. */
async function check(t: Deno.TestContext, apiEndpoint: string, options: Partial<StoreChecksOptions>): Promise<void> {
  const hung = new FakeGcs();
  hung.script = () => ({ ends: "never" });
  await using silent = new FaultServer(hung);
  const failing = new FakeGcs();
  failing.script = () => ({ reply: { status: 503 } });
  await using broken = new FaultServer(failing);
  const checks = storeChecks({
    open: () => open(apiEndpoint),
    openHung: (requestTimeout) => open(silent.url, { requestTimeout }),
    openFailing: () => open(broken.url, { requestTimeout: 300 }),
    maxKeyBytes: 1_024 - "neat-periodic-task/".length,
    report: isThorough ? (line) => console.log(line) : undefined,
    ...options,
  });
  for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
}

/** A fake-gcs-server that holds a bucket in memory. */
class FakeGcsServer implements AsyncDisposable {
  readonly url: string;
  readonly #process: Deno.ChildProcess;

  private constructor(path: string, port: number) {
    this.url = `http://127.0.0.1:${port}`;
    const args = ["-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port", `${port}`];
    this.#process = new Deno.Command(path, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  }

  static async start(path: string): Promise<FakeGcsServer> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const server = new FakeGcsServer(path, port);
    await server.#createBucket();
    return server;
  }

  async #createBucket(): Promise<void> {
    for (let tries = 1;; tries++) {
      try {
        const body = JSON.stringify({ name: "bucket" });
        const headers = { "content-type": "application/json" };
        const response = await fetch(`${this.url}/storage/v1/b?project=test`, { method: "POST", headers, body });
        await response.body?.cancel();
        if (response.ok) return;
      } catch (error) {
        // it takes a moment to listen
        if (tries === 200) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
  }
}

Deno.test("the fake of Cloud Storage passes the store checks", async (t) => {
  await using server = new FaultServer(new FakeGcs());
  await check(t, server.url, isThorough ? {} : { raceRounds: 20 });
});

const missing = !isThorough ? "`deno task test:stores` starts it" : binary ? "" : "there is none on this machine";

Deno.test({
  name: `fake-gcs-server passes the store checks${missing && ` (skipped: ${missing})`}`,
  ignore: missing !== "",
  fn: async (t) => {
    await using server = await FakeGcsServer.start(binary!);
    await check(t, server.url, {});
  },
});

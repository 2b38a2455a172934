// Several real processes on versitygw, some of which are killed, and the server, too.

import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { ChildProcess } from "../../../internal/processes/child_process.ts";
import { startVersityGateway, type VersityGateway } from "../../../internal/servers/versitygw.ts";
import { S3Store } from "../../../stores/s3.ts";

const PROCESSES = 4;
const KILLS = 3;
/** How many numbers are written before each kill, and before and after the restart of the server. */
const NUMBERS = 50;

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";
const binary = Deno.env.get("NEAT_VERSITYGW");
const missing = !isThorough ? "`deno task test:stores` starts it" : binary ? "" : "there is no versitygw";

/** What the processes printed. */
class Tally {
  readonly written: number[] = [];
  conflicts = 0;
  unknown = 0;
  #waiting: { readonly length: number; readonly resolve: () => void } | undefined;

  take(line: string): void {
    const [, number] = /^written (\d+)$/.exec(line) ?? [];
    if (number !== undefined) this.written.push(Number(number));
    else if (line === "conflict") this.conflicts++;
    else this.unknown++;
    if (this.#waiting && this.written.length >= this.#waiting.length) this.#waiting.resolve();
  }

  /** Waits until this many more numbers are written. */
  async more(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { length: this.written.length + count, resolve };
    await promise;
  }
}

function start({ url, credentials }: VersityGateway, tally: Tally): ChildProcess {
  const script = import.meta.resolve("./process_program.ts");
  const { accessKeyId, secretAccessKey } = credentials;
  const args = ["run", "-A", "--quiet", script, url, accessKeyId, secretAccessKey];
  return new ChildProcess({ command: Deno.execPath(), args, onLine: (line) => tally.take(line) });
}

Deno.test({
  name:
    `${PROCESSES} processes that count in one S3 object, some killed, as the server is, lose no number and write none twice${
      missing && ` (skipped: ${missing})`
    }`,
  ignore: missing !== "",
  fn: async () => {
    await using server = await startVersityGateway(binary ?? "");
    const tally = new Tally();
    const processes = Array.from({ length: PROCESSES }, () => start(server, tally));
    await using _ = {
      [Symbol.asyncDispose]: () => Promise.all(processes.map((process) => process.end("SIGKILL"))).then(() => {}),
    };
    for (let kill = 0; kill < KILLS; kill++) {
      await tally.more(NUMBERS);
      await processes.shift()?.end("SIGKILL");
      processes.push(start(server, tally));
    }
    await tally.more(NUMBERS);
    await server.restart();
    await tally.more(NUMBERS);
    await Promise.all(processes.map((process) => process.end("SIGKILL")));
    const { url, credentials } = server;
    const entry = await new S3Store({ bucket: "bucket", endpoint: url, region: "us-east-1", credentials }).read(
      "count",
    );
    const { count } = JSON.parse(new TextDecoder().decode(entry?.value));
    assertEquals(new Set(tally.written).size, tally.written.length, "a number was written twice");
    assertLessOrEqual(Math.max(...tally.written), count);
    // a killed process may have written one that it did not print
    assertLessOrEqual(count - tally.written.length, KILLS + PROCESSES + tally.unknown);
    assertGreater(tally.conflicts, 0);
  },
});

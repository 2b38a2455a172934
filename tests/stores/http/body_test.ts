import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { GcsStore } from "../../../stores/gcs.ts";
import { RECORD } from "../gcs/setup.ts";
import { errorOf } from "../helpers/errors.ts";
import { fixedRandom } from "../helpers/globals.ts";

/** Longer than the part of a body that is read. */
const HUGE = 5_000_000;
const MAX_READ = 2_000_000;

/** A server that sends the same bytes on each connection. */
class RawServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #served: Promise<void>;

  constructor(headers: readonly string[], body: Uint8Array) {
    const lines = ["HTTP/1.1 200 OK", "x-goog-generation: 7", "connection: close", ...headers];
    const head = new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
    this.#served = this.#serve(new Blob([head, new Uint8Array(body)]));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#served;
  }

  async #serve(answer: Blob): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        await connection.read(new Uint8Array(16_384));
        // the client may close the connection early
        await answer.stream().pipeTo(connection.writable).catch(() => {});
      }
    } catch {
      // the listener was closed
    }
  }
}

async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function storeAt(apiEndpoint: string, requestTimeout = 8_000): GcsStore {
  return new GcsStore({ bucket: "bucket", apiEndpoint, requestTimeout });
}

Deno.test("a body of known length is read to its end", async () => {
  await using server = new RawServer([`content-length: ${RECORD.length}`], RECORD);
  assertEquals((await storeAt(server.url).read("task"))?.value, RECORD);
});

Deno.test("a body of unknown length is read to its end", async () => {
  await using server = new RawServer([], RECORD);
  assertEquals((await storeAt(server.url).read("task"))?.value, RECORD);
});

Deno.test("a compressed body is decompressed", async () => {
  const body = await compress(RECORD);
  await using server = new RawServer(["content-encoding: gzip", `content-length: ${body.length}`], body);
  assertEquals((await storeAt(server.url).read("task"))?.value, RECORD);
});

Deno.test("a body shorter than its content-length is an error", async () => {
  await using server = new RawServer(["content-length: 4096"], RECORD);
  // short waits between retries
  using _ = fixedRandom(0.01);
  const { message } = await errorOf(storeAt(server.url, 100).read("task"));
  assert(message.includes("gave no usable answer within 100 ms: current value is no answer ("), message);
});

/** Reads a huge body with the given headers. Returns the length of the result, and how much of the body was read. */
async function readHuge(
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly kept: number; readonly sent: number }> {
  let sent = 0;
  // in chunks, as from a network
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new Uint8Array(65_536));
      sent += 65_536;
      if (sent >= HUGE) controller.close();
    },
  });
  const fetch = (): Promise<Response> =>
    Promise.resolve(new Response(body, { headers: { "x-goog-generation": "7", ...headers } }));
  const entry = await new GcsStore({ bucket: "bucket", token: () => "a-token", fetch }).read("task");
  return { kept: entry?.value.length ?? 0, sent };
}

const LENGTH_HEADERS: Record<string, Readonly<Record<string, string>>> = {
  "compressed": { "content-encoding": "gzip", "content-length": "5" },
  "chunked and has a content-length": { "transfer-encoding": "chunked", "content-length": "5" },
  "of no known length": {},
};
for (const length of ["-1", "0x5", "1e3", "5, 5", "many", "", `${HUGE}`]) {
  LENGTH_HEADERS[`of the length "${length}"`] = { "content-length": length };
}
for (const [what, headers] of Object.entries(LENGTH_HEADERS)) {
  Deno.test(`a huge body that is ${what} is read in part`, async () => {
    const { kept, sent } = await readHuge(headers);
    assertGreater(kept, 0);
    assertLess(sent, MAX_READ);
  });
}

Deno.test("a huge body with a wrong content-length is kept in part", async () => {
  const { kept } = await readHuge({ "content-length": "5" });
  assertGreater(kept, 5);
  assertLess(kept, MAX_READ);
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { RequestFault } from "./plan.ts";
import { FaultProxy } from "./fault_proxy.ts";
import { GcsStore } from "../../stores/gcs.ts";
import { FakeGcs } from "../../internal/servers/fake_gcs.ts";
import { FaultServer } from "../../internal/servers/fault_server.ts";

const GET = "GET /storage/v1/b/bucket/o/task?alt=media HTTP/1.1\r\nhost: here\r\n\r\n";

/** A client of a proxy in front of a server. Each request has the next of some faults. */
class ProxiedServer implements AsyncDisposable {
  readonly gcs = new FakeGcs();
  /** The status codes of the server's answers. */
  readonly answers: number[] = [];
  readonly proxy: FaultProxy;
  url = "";
  client!: Deno.TcpConn;
  readonly #server = new FaultServer(this.gcs);

  private constructor(faults: readonly (RequestFault | undefined)[]) {
    const left = [...faults];
    this.gcs.put("task", "the record");
    this.proxy = new FaultProxy({
      port: Number(new URL(this.#server.url).port),
      nextFault: () => left.shift(),
      onAnswer: (_request, status) => this.answers.push(status),
    });
  }

  static async open(...faults: (RequestFault | undefined)[]): Promise<ProxiedServer> {
    const proxied = new ProxiedServer(faults);
    proxied.url = await proxied.proxy.listen();
    proxied.client = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(proxied.url).port) });
    return proxied;
  }

  /** Sends a request and returns the received text up to a full reply or the end of the connection. */
  async request(): Promise<string> {
    await this.client.write(new TextEncoder().encode(GET));
    let text = "";
    const chunk = new Uint8Array(4_096);
    while (!text.endsWith("the record") && !/^HTTP\/1.1 (?:429|503)[^]*\r\n\r\n/.test(text)) {
      const length = await this.client.read(chunk);
      if (length === null) return `${text}<end>`;
      text += new TextDecoder().decode(chunk.subarray(0, length));
    }
    return text;
  }

  /** Sends a request and returns whether nothing has come before a promise resolves. */
  async staysSilent(until: Promise<unknown>): Promise<boolean> {
    const answer = this.request().then(() => false, () => false);
    const isSilent = await Promise.race([answer, until.then(() => true)]);
    this.client.close();
    await answer;
    return isSilent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.client.close();
    } catch {
      // closed already
    }
    await this.proxy[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 50));

Deno.test("FaultProxy passes replies on unchanged without a fault", async () => {
  await using proxied = await ProxiedServer.open();
  for (let count = 1; count <= 3; count++) {
    const reply = await proxied.request();
    assert(reply.startsWith("HTTP/1.1 200") && reply.endsWith("\r\n\r\nthe record"));
  }
  assertEquals(proxied.answers, [200, 200, 200]);
});

for (const kind of ["request delayed", "reply delayed"] as const) {
  Deno.test(`FaultProxy: "${kind}" comes late and in full`, async () => {
    await using proxied = await ProxiedServer.open({ kind, delayMs: 100 });
    const answer = proxied.request();
    await soon();
    // with a late request, the server has not answered yet
    assertEquals(proxied.answers, kind === "request delayed" ? [] : [200]);
    assert((await answer).startsWith("HTTP/1.1 200"));
    assertEquals(proxied.answers, [200]);
  });
}

for (const kind of ["reset", "down", "reply reset"] as const) {
  Deno.test(`FaultProxy: "${kind}" resets the connection`, async () => {
    await using proxied = await ProxiedServer.open({ kind });
    await assertRejects(() => proxied.request(), Deno.errors.ConnectionReset);
    assertEquals(proxied.answers, kind === "reply reset" ? [200] : []);
  });
}

for (const fault of [{ kind: "silent" }, { kind: "half-open", isForwarded: false }] as const) {
  Deno.test(`FaultProxy: "${fault.kind}" keeps a request from the server and the connection open`, async () => {
    await using proxied = await ProxiedServer.open(fault);
    assert(await proxied.staysSilent(soon()));
    assertEquals(proxied.answers, []);
  });
}

Deno.test('FaultProxy: "half-open" may drop the reply of the server', async () => {
  await using proxied = await ProxiedServer.open({ kind: "half-open", isForwarded: true });
  assert(await proxied.staysSilent(soon()));
  assertEquals(proxied.answers, [200]);
});

Deno.test("FaultProxy: a silent connection stays silent while others work", async () => {
  await using proxied = await ProxiedServer.open({ kind: "silent" });
  const silent = proxied.staysSilent(soon());
  await using other = await ProxiedServer.open();
  assert((await other.request()).startsWith("HTTP/1.1 200"));
  assert(await silent);
});

Deno.test("FaultProxy: a truncated reply ends in the middle", async () => {
  for (const share of [0, 0.5, 0.99]) {
    await using proxied = await ProxiedServer.open({ kind: "reply truncated", share });
    const reply = await proxied.request();
    assert(reply.endsWith("<end>") && !reply.includes("the record<end>"));
    assertEquals(reply.startsWith("HTTP/1.1 200"), share > 0);
    assertEquals(proxied.answers, [200]);
  }
});

for (const kind of ["503", "429"] as const) {
  Deno.test(`FaultProxy: "${kind}" replaces the reply and keeps the connection usable`, async () => {
    await using proxied = await ProxiedServer.open({ kind, retryAfterS: 1 }, { kind });
    const first = await proxied.request();
    assert(first.startsWith(`HTTP/1.1 ${kind} `) && first.includes("retry-after: 1\r\n"));
    assert(!(await proxied.request()).includes("retry-after"));
    assertEquals(proxied.answers, []);
    assert((await proxied.request()).startsWith("HTTP/1.1 200"));
  });
}

Deno.test("FaultProxy closes the connection when the server does", async () => {
  await using proxied = await ProxiedServer.open();
  proxied.gcs.script = () => ({ ends: "lost" });
  assertEquals(await proxied.request().catch(() => "<end>"), "<end>");
});

Deno.test("GcsStore reads and writes through a FaultProxy with single faults", async () => {
  await using proxied = await ProxiedServer.open({ kind: "503" }, { kind: "reset" }, undefined, {
    kind: "reply truncated",
    share: 0.9,
  });
  const store = new GcsStore({ bucket: "bucket", prefix: "", apiEndpoint: proxied.url });
  const entry = await store.read("task");
  assertEquals(new TextDecoder().decode(entry!.value), "the record");
  assert(await store.write("other", new Uint8Array([1, 2, 3]), null).catch(() => "unknown") !== null);
  assertEquals(proxied.gcs.object("other")?.value, new Uint8Array([1, 2, 3]));
});

Deno.test("FaultProxy ends requests in progress when it is disposed of", async () => {
  const proxied = await ProxiedServer.open({ kind: "request delayed", delayMs: 60_000 });
  const answer = proxied.request().catch(() => "<end>");
  await soon();
  await proxied.proxy[Symbol.asyncDispose]();
  assertEquals(await answer, "<end>");
  await proxied[Symbol.asyncDispose]().catch(() => {});
});

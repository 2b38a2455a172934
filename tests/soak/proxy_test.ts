/**
 * The proxy of a soak: each fault is what it is said to be, as a client sees it, and as the server does.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { RequestFault } from "../../scripts/soak/plan.ts";
import { FaultProxy } from "../../scripts/soak/proxy.ts";
import { GcsStore } from "../../stores/gcs.ts";
import { FakeGcs } from "../helpers/fake_gcs.ts";
import { FaultServer } from "../helpers/fault_server.ts";

const GET = "GET /storage/v1/b/bucket/o/task?alt=media HTTP/1.1\r\nhost: here\r\n\r\n";

/** A client that is connected to a proxy before a server, each of whose requests has the next of some faults. */
class Stage implements AsyncDisposable {
  readonly gcs = new FakeGcs();
  /** The statuses of the server's answers. */
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
      faultOf: () => left.shift(),
      onAnswer: (_request, status) => this.answers.push(status),
    });
  }

  static async set(...faults: (RequestFault | undefined)[]): Promise<Stage> {
    const stage = new Stage(faults);
    stage.url = await stage.proxy.listen();
    stage.client = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(stage.url).port) });
    return stage;
  }

  /** Sends a request; answers with all that comes until a full reply, or the connection's end. */
  async ask(): Promise<string> {
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

  /** Sends a request; whether nothing has come before something else is over. */
  async isSilent(until: Promise<unknown>): Promise<boolean> {
    const answer = this.ask().then(() => false, () => false);
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

Deno.test("without a fault the server's replies come as they are, one after the other on a connection", async () => {
  await using stage = await Stage.set();
  for (let count = 1; count <= 3; count++) {
    const reply = await stage.ask();
    assert(reply.startsWith("HTTP/1.1 200") && reply.endsWith("\r\n\r\nthe record"));
  }
  assertEquals(stage.answers, [200, 200, 200]);
});

for (const kind of ["request delayed", "reply delayed"] as const) {
  Deno.test(`a ${kind} comes late, and in full`, async () => {
    await using stage = await Stage.set({ kind, delayMs: 100 });
    const answer = stage.ask();
    await soon();
    // the server has had it by now or not
    assertEquals(stage.answers, kind === "request delayed" ? [] : [200]);
    assert((await answer).startsWith("HTTP/1.1 200"));
    assertEquals(stage.answers, [200]);
  });
}

for (const kind of ["reset", "down", "reply reset"] as const) {
  Deno.test(`"${kind}" resets the connection`, async () => {
    await using stage = await Stage.set({ kind });
    await assertRejects(() => stage.ask(), Deno.errors.ConnectionReset);
    assertEquals(stage.answers, kind === "reply reset" ? [200] : []);
  });
}

for (const fault of [{ kind: "silent" }, { kind: "half-open", isForwarded: false }] as const) {
  Deno.test(`"${fault.kind}" leaves a request unanswered, unseen by the server, on an open connection`, async () => {
    await using stage = await Stage.set(fault);
    assert(await stage.isSilent(soon()));
    assertEquals(stage.answers, []);
  });
}

Deno.test('"half-open" may leave a request unanswered that the server has answered', async () => {
  await using stage = await Stage.set({ kind: "half-open", isForwarded: true });
  assert(await stage.isSilent(soon()));
  assertEquals(stage.answers, [200]);
});

Deno.test("a connection that has gone silent stays so, and others go on", async () => {
  await using stage = await Stage.set({ kind: "silent" });
  const silent = stage.isSilent(soon());
  await using other = await Stage.set();
  assert((await other.ask()).startsWith("HTTP/1.1 200"));
  assert(await silent);
});

Deno.test("a truncated reply ends in its middle", async () => {
  for (const share of [0, 0.5, 0.99]) {
    await using stage = await Stage.set({ kind: "reply truncated", share });
    const reply = await stage.ask();
    assert(reply.endsWith("<end>") && !reply.includes("the record<end>"));
    assertEquals(reply.startsWith("HTTP/1.1 200"), share > 0);
    assertEquals(stage.answers, [200]);
  }
});

for (const kind of ["503", "429"] as const) {
  Deno.test(`a ${kind} comes instead of the server's reply, and leaves the connection fit for another request`, async () => {
    await using stage = await Stage.set({ kind, retryAfterS: 1 }, { kind });
    const first = await stage.ask();
    assert(first.startsWith(`HTTP/1.1 ${kind} `) && first.includes("retry-after: 1\r\n"));
    assert(!(await stage.ask()).includes("retry-after"));
    assertEquals(stage.answers, []);
    assert((await stage.ask()).startsWith("HTTP/1.1 200"));
  });
}

Deno.test("a server that hangs up has the connection closed", async () => {
  await using stage = await Stage.set();
  stage.gcs.script = () => ({ ends: "lost" });
  assertEquals(await stage.ask().catch(() => "<end>"), "<end>");
});

Deno.test("a store reads and writes by way of the proxy, whatever it does but once", async () => {
  await using stage = await Stage.set({ kind: "503" }, { kind: "reset" }, undefined, {
    kind: "reply truncated",
    share: 0.9,
  });
  const store = new GcsStore({ bucket: "bucket", prefix: "", apiEndpoint: stage.url });
  const entry = await store.read("task");
  assertEquals(new TextDecoder().decode(entry!.value), "the record");
  assert(await store.write("other", new Uint8Array([1, 2, 3]), null).catch(() => "doubtful") !== null);
  assertEquals(stage.gcs.object("other")?.value, new Uint8Array([1, 2, 3]));
});

Deno.test("a proxy that is disposed of ends what is under way", async () => {
  const stage = await Stage.set({ kind: "request delayed", delayMs: 60_000 });
  const answer = stage.ask().catch(() => "<end>");
  await soon();
  await stage.proxy[Symbol.asyncDispose]();
  assertEquals(await answer, "<end>");
  await stage[Symbol.asyncDispose]().catch(() => {});
});

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { forAnswers, forRequests, TcpProxy } from "./tcp_proxy.ts";

/** A server that notes what it gets and sends it back. */
class EchoServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #accepting = this.#accept();
  got = "";

  get port(): number {
    return this.#listener.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    const serving: Promise<void>[] = [];
    try {
      for await (const connection of this.#listener) serving.push(this.#echo(connection).catch(() => {}));
    } catch {
      // closed
    }
    await Promise.all(serving);
  }

  async #echo(connection: Deno.TcpConn): Promise<void> {
    using _ = connection;
    const chunk = new Uint8Array(1_000);
    for (;;) {
      const count = await connection.read(chunk);
      if (count === null) return;
      this.got += new TextDecoder().decode(chunk.subarray(0, count));
      await connection.write(chunk.subarray(0, count));
    }
  }
}

/** A client that sends texts and waits for the answers. */
class Client implements Disposable {
  readonly #connection: Deno.TcpConn;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async connect({ port }: TcpProxy): Promise<Client> {
    return new Client(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  async send(text: string): Promise<void> {
    await this.#connection.write(new TextEncoder().encode(text));
  }

  /** Sends a text and returns the answer, or nothing if the connection ends first. */
  async ask(text: string): Promise<string | undefined> {
    try {
      await this.send(text);
      return await this.next();
    } catch {
      return undefined;
    }
  }

  async next(): Promise<string | undefined> {
    const chunk = new Uint8Array(1_000);
    const count = await this.#connection.read(chunk).catch(() => null);
    return count === null ? undefined : new TextDecoder().decode(chunk.subarray(0, count));
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** Runs a test with a proxy in front of an echo server. */
function proxyTest(name: string, fn: (proxy: TcpProxy, server: EchoServer) => Promise<void>): void {
  Deno.test(name, async () => {
    await using server = new EchoServer();
    await using proxy = new TcpProxy(server.port);
    await fn(proxy, server);
  });
}

proxyTest("without a rule, all data passes", async (proxy, server) => {
  using client = await Client.connect(proxy);
  assertEquals([await client.ask("a"), await client.ask("b")], ["a", "b"]);
  assertEquals([server.got, proxy.faults, proxy.open], ["ab", 0, 1]);
});

proxyTest("cut of a request closes the connection, and the server never gets it", async (proxy, server) => {
  using client = await Client.connect(proxy);
  proxy.rule = forRequests((data) => data === "b" ? "cut" : "pass");
  assertEquals([await client.ask("a"), await client.ask("b")], ["a", undefined]);
  assertEquals([server.got, proxy.faults], ["a", 1]);
});

for (
  const [what, rule] of [
    ["cut of an answer", forAnswers((data) => data === "b" ? "cut" : "pass")],
    ["cut-after of a request", forRequests((data) => data === "b" ? "cut-after" : "pass")],
  ] as const
) {
  proxyTest(`${what} closes the connection after the server got the request`, async (proxy, server) => {
    using client = await Client.connect(proxy);
    proxy.rule = rule;
    assertEquals([await client.ask("a"), await client.ask("b")], ["a", undefined]);
    assertEquals([server.got, proxy.faults], ["ab", 1]);
  });
}

proxyTest("drop loses the data alone", async (proxy, server) => {
  using client = await Client.connect(proxy);
  proxy.rule = forAnswers((data) => data === "a" ? "drop" : "pass");
  await client.send("a");
  // together they would be one piece of data
  while (server.got !== "a" || proxy.faults === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals([await client.ask("b"), server.got], ["b", "ab"]);
});

proxyTest("hold loses all data of the connection and keeps it open until cutHeld()", async (proxy, server) => {
  using held = await Client.connect(proxy);
  using other = await Client.connect(proxy);
  proxy.rule = forRequests((data) => data === "a" ? "hold" : "pass");
  const answer = held.ask("a");
  assertEquals(await other.ask("b"), "b");
  await held.send("c");
  assertEquals([server.got, proxy.open], ["b", 2]);
  proxy.cutHeld();
  assertEquals([await answer, await other.ask("d"), proxy.open], [undefined, "d", 1]);
});

proxyTest("a number delays the data", async (proxy) => {
  using client = await Client.connect(proxy);
  proxy.rule = forRequests(() => 100);
  const startedMs = performance.now();
  assertEquals(await client.ask("a"), "a");
  assertGreaterOrEqual(performance.now() - startedMs, 95);
});

Deno.test("disposing of it ends delays and closes connections", async () => {
  await using server = new EchoServer();
  const proxy = new TcpProxy(server.port);
  using client = await Client.connect(proxy);
  proxy.rule = forRequests(() => 60_000);
  const answer = client.ask("a");
  while (proxy.faults === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await proxy[Symbol.asyncDispose]();
  assertEquals(await answer, undefined);
});

proxyTest("cutAll() closes all connections, and targetPort moves new ones", async (proxy, server) => {
  await using other = new EchoServer();
  using client = await Client.connect(proxy);
  assertEquals(await client.ask("a"), "a");
  proxy.cutAll();
  assertEquals(await client.ask("b"), undefined);
  proxy.targetPort = other.port;
  using again = await Client.connect(proxy);
  assertEquals([await again.ask("c"), server.got, other.got], ["c", "a", "c"]);
});

Deno.test("a connection to a closed port is closed", async () => {
  let port = 0;
  {
    await using server = new EchoServer();
    port = server.port;
  }
  await using proxy = new TcpProxy(port);
  using client = await Client.connect(proxy);
  assertEquals(await client.ask("a"), undefined);
  assert(proxy.open === 0);
});

import { assertEquals, assertRejects } from "@std/assert";
import { TcpGate } from "./tcp_gate.ts";

interface Echo {
  readonly gate: TcpGate;
  /** The port of the gate, and of the server. */
  readonly port: number;
  readonly directPort: number;
  /** What the server has received. */
  readonly received: string[];
}

/** Starts a server behind a gate that sends everything back. */
async function echoBehindGate(scope: AsyncDisposableStack): Promise<Echo> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const received: string[] = [];
  const echo = async (connection: Deno.Conn): Promise<void> => {
    for (let text = await receive(connection); text !== ""; text = await receive(connection)) {
      received.push(text);
      await send(connection, text);
    }
    connection.close();
  };
  const serving = (async () => {
    const all: Promise<void>[] = [];
    for await (const connection of listener) all.push(echo(connection).catch(() => connection.close()));
    await Promise.all(all);
  })();
  scope.defer(() => serving);
  scope.defer(() => listener.close());
  const gate = scope.use(new TcpGate(listener.addr.port));
  return { gate, port: await gate.listen(), directPort: listener.addr.port, received };
}

async function send(connection: Deno.Conn, text: string): Promise<void> {
  await connection.write(new TextEncoder().encode(text));
}

async function receive(connection: Deno.Conn): Promise<string> {
  const chunk = new Uint8Array(100);
  return new TextDecoder().decode(chunk.subarray(0, await connection.read(chunk) ?? 0));
}

/** Connects and asserts that the connection breaks, now or a moment later. */
async function assertBreaks(port: number): Promise<void> {
  await assertRejects(async () => {
    using connection = await Deno.connect({ port });
    await connection.read(new Uint8Array(1));
  }, Deno.errors.ConnectionReset);
}

/** Waits until the gate has counted some attempts. */
async function waitForAttempts(gate: TcpGate, count: number): Promise<void> {
  while (gate.attempts < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("TcpGate passes data on and counts nothing without an outage", async () => {
  await using scope = new AsyncDisposableStack();
  const { gate, port } = await echoBehindGate(scope);
  using client = await Deno.connect({ port });
  await send(client, "hello");
  assertEquals(await receive(client), "hello");
  assertEquals(gate.attempts, 0);
});

Deno.test("TcpGate: in a silent outage nothing is answered, and data reaches the server afterwards", async () => {
  await using scope = new AsyncDisposableStack();
  const { gate, port, directPort, received } = await echoBehindGate(scope);
  using before = await Deno.connect({ port });
  await send(before, "1");
  await receive(before);
  gate.startOutage("silent");
  await send(before, "2");
  using meanwhile = await Deno.connect({ port });
  await waitForAttempts(gate, 2);
  await send(meanwhile, "3");
  // data that passes the gate would arrive before this
  using direct = await Deno.connect({ port: directPort });
  await send(direct, "4");
  await receive(direct);
  assertEquals(received, ["1", "4"]);
  gate.endOutage();
  assertEquals([await receive(before), await receive(meanwhile)], ["2", "3"]);
});

Deno.test("TcpGate: in a refused outage all connections break, and new ones are counted", async () => {
  await using scope = new AsyncDisposableStack();
  const { gate, port } = await echoBehindGate(scope);
  using before = await Deno.connect({ port });
  await send(before, "1");
  await receive(before);
  gate.startOutage("refused");
  await assertRejects(() => before.read(new Uint8Array(1)));
  await assertBreaks(port);
  assertEquals(gate.attempts, 1);
  gate.endOutage();
  using after = await Deno.connect({ port });
  await send(after, "2");
  assertEquals(await receive(after), "2");
});

Deno.test("TcpGate counts the attempts of each outage", async () => {
  await using scope = new AsyncDisposableStack();
  const { gate, port } = await echoBehindGate(scope);
  gate.startOutage("refused");
  await assertBreaks(port);
  gate.endOutage();
  gate.startOutage("silent");
  assertEquals(gate.attempts, 0);
});

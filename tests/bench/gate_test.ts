import { assertEquals, assertRejects } from "@std/assert";
import { Gate } from "../../scripts/bench/peers/outage/gate.ts";

interface Echo {
  readonly gate: Gate;
  /** The gate's, and the server's own. */
  readonly port: number;
  readonly directPort: number;
  /** All that the server has received. */
  readonly received: string[];
}

/** A server that sends back whatever it gets, behind a gate. */
async function echoBehindGate(scope: AsyncDisposableStack): Promise<Echo> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const received: string[] = [];
  const echo = async (connection: Deno.Conn): Promise<void> => {
    for (let text = await answer(connection); text !== ""; text = await answer(connection)) {
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
  const gate = scope.use(new Gate(listener.addr.port));
  return { gate, port: await gate.listen(), directPort: listener.addr.port, received };
}

async function send(connection: Deno.Conn, text: string): Promise<void> {
  await connection.write(new TextEncoder().encode(text));
}

async function answer(connection: Deno.Conn): Promise<string> {
  const chunk = new Uint8Array(100);
  return new TextDecoder().decode(chunk.subarray(0, await connection.read(chunk) ?? 0));
}

/** Connects, and finds that the connection breaks, now or a moment later. */
async function findsItBroken(port: number): Promise<void> {
  await assertRejects(async () => {
    using connection = await Deno.connect({ port });
    await connection.read(new Uint8Array(1));
  }, Deno.errors.ConnectionReset);
}

/** Waits until the gate has seen so many attempts. */
async function attempts(gate: Gate, count: number): Promise<void> {
  while (gate.attempts < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("a gate that is open passes on what is sent, and counts nothing", async () => {
  await using scope = new AsyncDisposableStack();
  const { gate, port } = await echoBehindGate(scope);
  using client = await Deno.connect({ port });
  await send(client, "hello");
  assertEquals(await answer(client), "hello");
  assertEquals(gate.attempts, 0);
});

Deno.test("during a silent outage nothing is answered, and what was sent reaches the server afterwards", async () => {
  await using scope = new AsyncDisposableStack();
  const { gate, port, directPort, received } = await echoBehindGate(scope);
  using before = await Deno.connect({ port });
  await send(before, "1");
  await answer(before);
  gate.shut("silent");
  await send(before, "2");
  using meanwhile = await Deno.connect({ port });
  await attempts(gate, 2);
  await send(meanwhile, "3");
  // what had got through would be there before this
  using direct = await Deno.connect({ port: directPort });
  await send(direct, "4");
  await answer(direct);
  assertEquals(received, ["1", "4"]);
  gate.open();
  assertEquals([await answer(before), await answer(meanwhile)], ["2", "3"]);
});

Deno.test("when connections are refused, all that are there break, and new ones do so at once and are counted", async () => {
  await using scope = new AsyncDisposableStack();
  const { gate, port } = await echoBehindGate(scope);
  using before = await Deno.connect({ port });
  await send(before, "1");
  await answer(before);
  gate.shut("refused");
  await assertRejects(() => before.read(new Uint8Array(1)));
  await findsItBroken(port);
  assertEquals(gate.attempts, 1);
  gate.open();
  using after = await Deno.connect({ port });
  await send(after, "2");
  assertEquals(await answer(after), "2");
});

Deno.test("attempts are counted anew at each outage", async () => {
  await using scope = new AsyncDisposableStack();
  const { gate, port } = await echoBehindGate(scope);
  gate.shut("refused");
  await findsItBroken(port);
  gate.open();
  gate.shut("silent");
  assertEquals(gate.attempts, 0);
});

// Calls of one moment share a round trip, as the clients send commands without waiting for earlier answers.

import { assertEquals } from "@std/assert";
import { RedisStore } from "@neat/periodic-task/stores/redis";
import { CLIENTS } from "./clients.ts";
import { start, testServer, until } from "./servers.ts";

const CALLS = 200;

/** A proxy that keeps back what clients send while it is closed. */
class Gate implements AsyncDisposable {
  readonly #listener: Deno.TcpListener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections: Deno.TcpConn[] = [];
  readonly #pumps: Promise<void>[] = [];
  #kept: (() => Promise<unknown>)[] | undefined;
  /** What clients have sent while it was closed. */
  received = "";

  constructor(target: number) {
    this.#pumps.push(this.#accept(target));
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  close(): void {
    this.#kept = [];
    this.received = "";
  }

  async open(): Promise<void> {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const send of kept) await send();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
    await Promise.all(this.#pumps);
  }

  async #accept(target: number): Promise<void> {
    try {
      for await (const client of this.#listener) {
        const server = await Deno.connect({ hostname: "127.0.0.1", port: target });
        this.#connections.push(client, server);
        this.#pumps.push(server.readable.pipeTo(client.writable).catch(() => {}), this.#pump(client, server));
      }
    } catch {
      // closed
    }
  }

  async #pump(client: Deno.TcpConn, server: Deno.TcpConn): Promise<void> {
    const writer = server.writable.getWriter();
    try {
      for await (const chunk of client.readable) {
        const data = chunk.slice();
        if (this.#kept) {
          this.received += new TextDecoder("latin1").decode(data);
          this.#kept.push(() => writer.write(data));
        } else await writer.write(data);
      }
    } catch {
      // closed
    }
  }
}

for (const [name, open] of Object.entries(CLIENTS)) {
  testServer(`${name} sends all calls of one moment before the first of them is answered`, async () => {
    await using server = await start();
    await using gate = new Gate(server.port);
    await using opened = await open(gate.port);
    const store = new RedisStore({ client: opened.client });
    const names = Array.from({ length: CALLS }, (_, index) => `task ${index}`);
    const bytes = new TextEncoder().encode("{}");
    const calls: readonly ((name: string) => Promise<unknown>)[] = [
      (name) => store.write(name, bytes, null),
      (name) => store.read(name),
    ];
    for (const call of calls) {
      // the server knows the script from here on
      await call("first");
      gate.close();
      const answers = Promise.all(names.map((name) => call(name)));
      await until(() => gate.received.split(/EVALSHA/i).length > CALLS, "all calls were sent");
      await gate.open();
      assertEquals((await answers).filter((answer) => answer !== null).length, CALLS);
    }
  });
}

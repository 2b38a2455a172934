/**
 * A TCP proxy on loopback that cuts connections or drops data by a rule.
 *
 * @module
 */

/** What happens to data of a connection. */
export type ProxyAction = "pass" | "cut" | "drop";

/** Decides about each piece of data. */
export type ProxyRule = (direction: "request" | "answer", text: string) => ProxyAction;

/** A TCP proxy. Disposing of it closes all connections. */
export class RuleProxy implements AsyncDisposable {
  /** Where it forwards new connections to. */
  targetPort: number;
  /** Decides about data; all of it passes if absent. */
  rule: ProxyRule | undefined;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.Conn>();
  readonly #accepting: Promise<void>;

  constructor(targetPort: number) {
    this.targetPort = targetPort;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accepting = this.#accept();
  }

  /** Where clients connect. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Closes all connections. New ones are accepted. */
  cutAll(): void {
    for (const connection of this.#connections) close(connection);
    this.#connections.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cutAll();
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    const serving: Promise<void>[] = [];
    try {
      for await (const client of this.#listener) serving.push(this.#serve(client));
    } catch {
      // the listener is closed
    }
    this.cutAll();
    await Promise.all(serving);
  }

  async #serve(client: Deno.Conn): Promise<void> {
    this.#connections.add(client);
    try {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: this.targetPort });
      this.#connections.add(server);
      const end = (): void => [client, server].forEach(close);
      await Promise.all([this.#forward("request", client, server, end), this.#forward("answer", server, client, end)]);
      this.#connections.delete(server);
    } catch {
      // nothing listens there
      close(client);
    }
    this.#connections.delete(client);
  }

  async #forward(direction: "request" | "answer", from: Deno.Conn, to: Deno.Conn, end: () => void): Promise<void> {
    const chunk = new Uint8Array(65_536);
    try {
      for (;;) {
        const count = await from.read(chunk);
        if (count === null) break;
        const data = chunk.slice(0, count);
        const action = this.rule?.(direction, new TextDecoder("latin1").decode(data)) ?? "pass";
        if (action === "cut") break;
        if (action === "pass") await writeAll(to, data);
      }
    } catch {
      // one of them is closed
    }
    end();
  }
}

async function writeAll(connection: Deno.Conn, data: Uint8Array): Promise<void> {
  for (let written = 0; written < data.length;) written += await connection.write(data.subarray(written));
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // it is closed already
  }
}

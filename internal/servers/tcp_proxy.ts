/**
 * A TCP proxy on loopback that cuts, holds, delays or loses data of connections by a rule.
 *
 * @module
 */

/** Who sends some data: the client or the server. */
export type ProxyDirection = "request" | "answer";

/**
 * What happens to some data.
 *
 * - `pass`: it is passed on.
 * - `cut`: it is lost, and the connection is closed.
 * - `cut-after`: it is passed on, and the connection is closed instead of what the other side answers.
 * - `drop`: it is lost.
 * - `hold`: it is lost, as is everything after it on this connection, which stays open.
 * - a number: it is passed on after so many milliseconds.
 */
export type ProxyAction = "pass" | "cut" | "cut-after" | "drop" | "hold" | number;

/** Decides about each piece of data, in which each byte is one character. */
export type ProxyRule = (direction: ProxyDirection, data: string) => ProxyAction;

/** Returns a rule that decides about the data of clients alone. */
export function forRequests(decide: (data: string) => ProxyAction): ProxyRule {
  return (direction, data) => direction === "request" ? decide(data) : "pass";
}

/** Returns a rule that decides about the data of servers alone. */
export function forAnswers(decide: (data: string) => ProxyAction): ProxyRule {
  return (direction, data) => direction === "answer" ? decide(data) : "pass";
}

interface Connection {
  readonly client: Deno.TcpConn;
  readonly server: Deno.TcpConn;
  /** Set once the rest of the connection is decided. */
  end?: { readonly action: "cut-after" | "hold"; readonly from: ProxyDirection };
}

/** A proxy on a port of this machine. Disposing of it closes all connections. */
export class TcpProxy implements AsyncDisposable {
  /** Where it passes new connections on to. */
  targetPort: number;
  /** Decides about data. All of it passes if absent. */
  rule: ProxyRule | undefined;
  /** How many pieces of data did not simply pass. */
  faults = 0;
  readonly #listener: Deno.TcpListener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections = new Set<Connection>();
  readonly #work = new Set<Promise<void>>();
  readonly #delays = new Map<ReturnType<typeof setTimeout>, () => void>();
  readonly #accepting: Promise<void>;

  /** Listens, and passes connections on to a port of this machine. */
  constructor(targetPort: number) {
    this.targetPort = targetPort;
    this.#accepting = this.#accept();
  }

  /** Where clients connect. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** How many connections are open. */
  get open(): number {
    return this.#connections.size;
  }

  /** Closes all connections. New ones are accepted. */
  cutAll(): void {
    for (const connection of this.#connections) this.#close(connection);
  }

  /** Closes the connections that are held. */
  cutHeld(): void {
    for (const connection of this.#connections) if (connection.end?.action === "hold") this.#close(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    this.cutAll();
    for (const [timer, resolve] of this.#delays) {
      clearTimeout(timer);
      resolve();
    }
    // a connection that was being made when it was closed
    while (this.#work.size > 0) {
      await Promise.all(this.#work);
      this.cutAll();
    }
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) this.#track(this.#connect(client));
    } catch {
      // closed
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.catch(() => {}).finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  async #connect(client: Deno.TcpConn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.targetPort }).catch(() => undefined);
    if (!server) return client.close();
    const connection: Connection = { client, server };
    this.#connections.add(connection);
    this.#track(this.#forward(connection, "request", client, server));
    this.#track(this.#forward(connection, "answer", server, client));
  }

  async #forward(
    connection: Connection,
    direction: ProxyDirection,
    from: Deno.TcpConn,
    to: Deno.TcpConn,
  ): Promise<void> {
    const chunk = new Uint8Array(65_536);
    try {
      for (;;) {
        const count = await from.read(chunk);
        if (count === null) break;
        const data = chunk.subarray(0, count);
        const action = this.#actionFor(connection, direction, data);
        if (action === "cut") break;
        if (action === "drop") continue;
        if (typeof action === "number") await this.#delay(action);
        await writeAll(to, data);
      }
    } catch {
      // one side has closed it
    }
    this.#close(connection);
  }

  /** What happens to data: the rule decides until the rest of its connection is decided. */
  #actionFor(connection: Connection, direction: ProxyDirection, data: Uint8Array): "pass" | "cut" | "drop" | number {
    if (connection.end?.action === "hold") return "drop";
    if (connection.end) return connection.end.from === direction ? "pass" : "cut";
    const action = this.rule?.(direction, new TextDecoder("latin1").decode(data)) ?? "pass";
    if (action !== "pass") this.faults++;
    if (action !== "hold" && action !== "cut-after") return action;
    connection.end = { action, from: direction };
    return action === "hold" ? "drop" : "pass";
  }

  async #delay(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#delays.set(timer, resolve);
    await promise;
    this.#delays.delete(timer);
  }

  #close(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    for (const side of [connection.client, connection.server]) {
      try {
        side.close();
      } catch {
        // closed
      }
    }
  }
}

async function writeAll(connection: Deno.Conn, data: Uint8Array): Promise<void> {
  for (let written = 0; written < data.length;) written += await connection.write(data.subarray(written));
}

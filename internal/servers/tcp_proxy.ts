/**
 * A TCP proxy that cuts or holds connections when they carry certain data.
 *
 * @module
 */

/**
 * What happens to the connection that carries some data. `pass`: nothing. `cut-before`: it is closed and the server never gets the
 * data. `cut-after`: the server gets the data, and the connection is closed instead of its answer. `hold`: neither side gets anything any
 * more.
 */
export type ProxyAction = "pass" | "cut-before" | "cut-after" | "hold";

interface Connection {
  readonly client: Deno.TcpConn;
  readonly server: Deno.TcpConn;
  action: ProxyAction;
}

/** A proxy on a port of this machine. Disposing of it closes all connections. */
export class TcpProxy implements AsyncDisposable {
  readonly #target: number;
  readonly #listener: Deno.TcpListener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections = new Set<Connection>();
  readonly #pumps = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;
  /** Decides by the data that a client sends, as text. */
  decide: (data: string) => ProxyAction = () => "pass";
  /** How many connections it has cut or held. */
  faults = 0;

  /** Listens, and passes connections on to a port of this machine. */
  constructor(target: number) {
    this.#target = target;
    this.#accepting = this.#accept();
  }

  /** The port. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** How many connections are open. */
  get open(): number {
    return this.#connections.size;
  }

  /** Closes all connections. */
  cutAll(): void {
    for (const connection of this.#connections) this.#close(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    this.cutAll();
    await Promise.all(this.#pumps);
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) this.#track(this.#connect(client));
    } catch {
      // closed
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.catch(() => {}).finally(() => this.#pumps.delete(tracked));
    this.#pumps.add(tracked);
  }

  async #connect(client: Deno.TcpConn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target }).catch(() => client.close());
    if (!server) return;
    const connection: Connection = { client, server, action: "pass" };
    this.#connections.add(connection);
    this.#track(this.#pump(connection, client, server, (data) => this.#act(connection, data)));
    this.#track(this.#pump(connection, server, client, () => connection.action !== "cut-after"));
  }

  /** Notes what happens to a connection. Returns whether the data is passed on. */
  #act(connection: Connection, data: string): boolean {
    if (connection.action === "pass") {
      connection.action = this.decide(data);
      if (connection.action !== "pass") this.faults++;
    }
    return connection.action !== "cut-before";
  }

  async #pump(
    connection: Connection,
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    passes: (data: string) => boolean,
  ): Promise<void> {
    const chunk = new Uint8Array(65_536);
    try {
      for (;;) {
        const count = await from.read(chunk);
        if (count === null || !passes(new TextDecoder("latin1").decode(chunk.subarray(0, count)))) break;
        if (connection.action === "hold") continue;
        for (let sent = 0; sent < count;) sent += await to.write(chunk.subarray(sent, count));
      }
    } catch {
      // one side has closed it
    }
    this.#close(connection);
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

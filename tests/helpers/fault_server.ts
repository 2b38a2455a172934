/**
 * Serves a fake service on a port of this machine. It implements HTTP/1.1 itself, as other servers can't close a connection at
 * will, send half of a reply, or return the target of a request without decoding.
 *
 * @module
 */
import type { FakeRequest, FaultService, Outcome } from "./fault_service.ts";

/** Serves a service until it is disposed. */
export class FaultServer implements AsyncDisposable {
  readonly #service: FaultService;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #port = this.#listener.addr.port;
  readonly #connections = new Map<Deno.Conn, Promise<void>>();
  readonly #accepting: Promise<void>;

  constructor(service: FaultService) {
    this.#service = service;
    this.#accepting = this.#accept();
  }

  /** The address without a slash at its end. */
  get url(): string {
    return `http://${this.host}`;
  }

  /** The address without a scheme. */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** The number of open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections.keys()) connection.close();
    await Promise.all([this.#accepting, ...this.#connections.values()]);
  }

  async #accept(): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        const served = this.#serve(connection).catch(() => {}).finally(() => {
          // the server has closed it if it was disposed
          if (this.#connections.delete(connection)) closeQuietly(connection);
        });
        this.#connections.set(connection, served);
      }
    } catch {
      // the listener was closed
    }
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    const reader = new Reader(connection);
    for (;;) {
      const request = await reader.request();
      if (!request) return;
      const outcome = await this.#service.take(request);
      if (outcome.ends === "lost") return;
      if (outcome.ends !== "never") await send(connection, outcome);
      if (outcome.ends === "truncated") return;
      // ignores further requests until the client closes the connection
      while (outcome.ends && await reader.more());
      if (outcome.ends) return;
    }
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // it was closed before
  }
}

async function send(connection: Deno.Conn, { status, headers, body, ends }: Outcome): Promise<void> {
  const lines = [`HTTP/1.1 ${status} Status`, ...[...headers].map(([name, value]) => `${name}: ${value}`)];
  const head = new TextEncoder().encode(`${lines.join("\r\n")}\r\ncontent-length: ${body.length}\r\n\r\n`);
  const sent = ends ? body.subarray(0, Math.floor(body.length / 2)) : body;
  const all = new Uint8Array(head.length + sent.length);
  all.set(head);
  all.set(sent, head.length);
  for (let offset = 0; offset < all.length;) offset += await connection.write(all.subarray(offset));
}

/** Reads requests from a connection. */
class Reader {
  readonly #connection: Deno.Conn;
  #bytes = new Uint8Array();

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Reads more bytes. Returns false at the end. */
  async more(): Promise<boolean> {
    const chunk = new Uint8Array(16_384);
    const length = await this.#connection.read(chunk);
    if (length === null) return false;
    const bytes = new Uint8Array(this.#bytes.length + length);
    bytes.set(this.#bytes);
    bytes.set(chunk.subarray(0, length), this.#bytes.length);
    this.#bytes = bytes;
    return true;
  }

  /** Reads the next request. Returns undefined if the client has closed the connection. */
  async request(): Promise<FakeRequest | undefined> {
    const head = await this.#head();
    if (head === undefined) return undefined;
    const [first = "", ...lines] = head.split("\r\n");
    const [method = "", target = "", version] = first.split(" ");
    if (version !== "HTTP/1.1") throw new Error(`Cannot serve this request: current value is ${first}`);
    const headers = new Headers(lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }));
    if (headers.has("transfer-encoding")) throw new Error("Cannot serve requests without a content-length");
    const body = await this.#take(Number(headers.get("content-length") ?? 0));
    return body && { method, target, headers, body };
  }

  async #head(): Promise<string | undefined> {
    for (;;) {
      const end = new TextDecoder("latin1").decode(this.#bytes).indexOf("\r\n\r\n");
      if (end >= 0) return new TextDecoder("latin1").decode((await this.#take(end + 4))?.subarray(0, end));
      if (!await this.more()) return undefined;
    }
  }

  async #take(length: number): Promise<Uint8Array | undefined> {
    while (this.#bytes.length < length) {
      if (!await this.more()) return undefined;
    }
    const taken = this.#bytes.slice(0, length);
    this.#bytes = this.#bytes.slice(length);
    return taken;
  }
}

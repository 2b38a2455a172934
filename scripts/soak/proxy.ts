/**
 * A proxy between replicas and an HTTP server, which does to requests what it is told. It is made of sockets, as no ready-made
 * server resets connections, keeps silent on them, or leaves replies half sent.
 *
 * @module
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { headOf, latin1, messageLength } from "./http_message.ts";
import type { RequestFault } from "./plan.ts";

/** What a proxy is told, and whom it tells. */
export interface ProxyOptions {
  /** The server's port on this machine. */
  readonly port: number;
  /** What goes wrong with the next request. */
  readonly faultOf: () => RequestFault | undefined;
  /** Is told of every answer of the server, whether or not the client gets it. In the request each byte is one character. */
  readonly onAnswer?: (request: string, status: number) => void;
}

/** A proxy on a port of this machine, until it is disposed of. */
export class FaultProxy implements AsyncDisposable {
  readonly #options: ProxyOptions;
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();
  readonly #serving = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  constructor(options: ProxyOptions) {
    this.#options = options;
  }

  /** Begins to listen; answers with the address, without a slash at its end. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#ending.abort();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([closed, ...this.#serving]);
  }

  #accept(socket: Socket): void {
    this.#watch(socket);
    const served = this.#serve(socket).catch(() => {}).finally(() => {
      socket.destroy();
      this.#serving.delete(served);
    });
    this.#serving.add(served);
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    // whoever reads from it is told, too
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }

  async #serve(client: Socket): Promise<void> {
    const messages = messagesOf(client);
    for await (const request of messages) {
      const fault = this.#options.faultOf();
      if (fault ? await this.#fail(client, request, fault) : await this.#relay(client, request)) continue;
      // its socket is left as it is: the client is to hang up
      if (!client.destroyed) { for await (const _ of messages); }
      return;
    }
  }

  /** Does to a request what its fault says. Whether the connection is fit for another one. */
  async #fail(client: Socket, request: Uint8Array, fault: RequestFault): Promise<boolean> {
    switch (fault.kind) {
      case "request delayed":
        await this.#wait(fault.delayMs);
        return await this.#relay(client, request);
      case "reply delayed": {
        const reply = await this.#ask(request);
        await this.#wait(fault.delayMs);
        client.write(reply);
        return true;
      }
      case "reply reset":
        await this.#ask(request);
        client.resetAndDestroy();
        return false;
      case "reset":
      case "down":
        client.resetAndDestroy();
        return false;
      case "half-open":
        if (fault.isForwarded) await this.#ask(request);
        return false;
      case "silent":
        return false;
      case "reply truncated": {
        const reply = await this.#ask(request);
        client.end(reply.subarray(0, Math.floor(fault.share * reply.length)));
        return false;
      }
      case "503":
      case "429":
        client.write(refusal(fault.kind, fault.retryAfterS));
        return true;
    }
  }

  async #relay(client: Socket, request: Uint8Array): Promise<boolean> {
    client.write(await this.#ask(request));
    return true;
  }

  /** Asks the server, on a connection of its own. */
  async #ask(request: Uint8Array): Promise<Uint8Array> {
    const server = connect(this.#options.port, "127.0.0.1");
    this.#watch(server);
    try {
      server.write(request);
      for await (const reply of messagesOf(server)) {
        const [, status] = headOf(reply)!.first.split(" ");
        this.#options.onAnswer?.(latin1(request), Number(status));
        return reply;
      }
      throw new Error("Cannot answer the request: the server has hung up");
    } finally {
      server.destroy();
    }
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#ending;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
    });
    signal.throwIfAborted();
  }
}

/** The messages that come in on a connection, until the other side hangs up. */
async function* messagesOf(socket: Socket): AsyncGenerator<Uint8Array, void> {
  let bytes = new Uint8Array();
  for await (const chunk of socket as AsyncIterable<Uint8Array>) {
    bytes = joined(bytes, chunk);
    for (let length = messageLength(bytes); length !== undefined; length = messageLength(bytes)) {
      const message = bytes.slice(0, length);
      bytes = bytes.slice(length);
      yield message;
    }
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}

function refusal(status: string, retryAfterS: number | undefined): string {
  const body = `${status}\n`;
  const hint = retryAfterS === undefined ? "" : `retry-after: ${retryAfterS}\r\n`;
  const head = `HTTP/1.1 ${status} No\r\ncontent-type: text/plain\r\n${hint}content-length: ${body.length}\r\n\r\n`;
  return head + body;
}

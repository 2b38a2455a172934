/**
 * A proxy between replicas and an HTTP server that injects faults. It uses sockets, as HTTP servers cannot reset connections,
 * leave requests unanswered or send half a reply.
 *
 * @module
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { headOf, latin1, messageLength } from "./http_message.ts";
import type { RequestFault } from "./plan.ts";

/** Options of {@linkcode FaultProxy}. */
export interface ProxyOptions {
  /** The port of the server on this machine. */
  readonly port: number;
  /** Returns the fault of the next request. */
  readonly nextFault: () => RequestFault | undefined;
  /** Called with every answer of the server, even if the client does not get it. In the request each byte is one character. */
  readonly onAnswer?: (request: string, status: number) => void;
}

/** A proxy on a port of this machine. Disposing of it closes all connections. */
export class FaultProxy implements AsyncDisposable {
  readonly #options: ProxyOptions;
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();
  readonly #serving = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  constructor(options: ProxyOptions) {
    this.#options = options;
  }

  /** Starts to listen and returns the address without a slash at its end. */
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
    // the error also reaches the code that reads from the socket
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }

  async #serve(client: Socket): Promise<void> {
    const messages = messagesOf(client);
    for await (const request of messages) {
      const fault = this.#options.nextFault();
      if (fault ? await this.#inject(client, request, fault) : await this.#relay(client, request)) continue;
      // the connection stays as it is until the client closes it
      if (!client.destroyed) { for await (const _ of messages); }
      return;
    }
  }

  /** Injects a fault. Returns whether the connection can take another request. */
  async #inject(client: Socket, request: Uint8Array, fault: RequestFault): Promise<boolean> {
    switch (fault.kind) {
      case "request delayed":
        await this.#wait(fault.delayMs);
        return await this.#relay(client, request);
      case "reply delayed": {
        const reply = await this.#forward(request);
        await this.#wait(fault.delayMs);
        client.write(reply);
        return true;
      }
      case "reply reset":
        await this.#forward(request);
        client.resetAndDestroy();
        return false;
      case "reset":
      case "down":
        client.resetAndDestroy();
        return false;
      case "half-open":
        if (fault.isForwarded) await this.#forward(request);
        return false;
      case "silent":
        return false;
      case "reply truncated": {
        const reply = await this.#forward(request);
        client.end(reply.subarray(0, Math.floor(fault.share * reply.length)));
        return false;
      }
      case "503":
      case "429":
        client.write(errorReply(fault.kind, fault.retryAfterS));
        return true;
    }
  }

  async #relay(client: Socket, request: Uint8Array): Promise<boolean> {
    client.write(await this.#forward(request));
    return true;
  }

  /** Sends a request to the server on a new connection. */
  async #forward(request: Uint8Array): Promise<Uint8Array> {
    const server = connect(this.#options.port, "127.0.0.1");
    this.#watch(server);
    try {
      server.write(request);
      for await (const reply of messagesOf(server)) {
        const [, status] = headOf(reply)?.first.split(" ") ?? [];
        this.#options.onAnswer?.(latin1(request), Number(status));
        return reply;
      }
      throw new Error("Cannot forward the request as the server has closed the connection");
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

/** Yields the messages of a connection until the other side closes it. */
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

function errorReply(status: string, retryAfterS: number | undefined): string {
  const body = `${status}\n`;
  const hint = retryAfterS === undefined ? "" : `retry-after: ${retryAfterS}\r\n`;
  const head = `HTTP/1.1 ${status} No\r\ncontent-type: text/plain\r\n${hint}content-length: ${body.length}\r\n\r\n`;
  return head + body;
}

/**
 * A TCP proxy in front of a server that can simulate an outage and counts the attempts of clients in it.
 *
 * @module
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * A kind of outage. `silent`: connections stay open without answers, and what is sent reaches the server afterwards. `refused`:
 * all connections break, and new ones do so at once.
 */
export type Outage = "silent" | "refused";

/** Data of one attempt arrives within this time. */
const ATTEMPT_MS = 50;

/** Passes data on from one side, and keeps it during an outage. */
class Pipe {
  readonly #to: Socket;
  readonly #kept: Uint8Array[] = [];
  #hasEnded = false;

  constructor(to: Socket) {
    this.#to = to;
  }

  pass(chunk: Uint8Array, isOutage: boolean): void {
    if (isOutage) this.#kept.push(chunk);
    else this.#to.write(chunk);
  }

  end(isOutage: boolean): void {
    this.#hasEnded = true;
    if (!isOutage) this.#to.end();
  }

  flush(): void {
    for (const chunk of this.#kept.splice(0)) this.#to.write(chunk);
    if (this.#hasEnded) this.#to.end();
  }
}

/** A proxy on a port of this machine. Disposing of it closes all connections. */
export class TcpGate implements AsyncDisposable {
  readonly #target: number;
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  readonly #sockets = new Set<Socket>();
  readonly #pipes = new Set<Pipe>();
  #outage: Outage | undefined;
  /** The attempts of clients during the last outage: new connections, or data on one. */
  attempts = 0;

  constructor(target: number) {
    this.#target = target;
  }

  /** Starts to listen and returns the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Starts an outage. */
  startOutage(outage: Outage): void {
    this.#outage = outage;
    this.attempts = 0;
    if (outage === "refused") { for (const socket of this.#sockets) socket.resetAndDestroy(); }
  }

  /** Ends the outage. */
  endOutage(): void {
    this.#outage = undefined;
    for (const pipe of this.#pipes) pipe.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(client: Socket): void {
    let lastMs = -Infinity;
    const attempt = (): void => {
      if (!this.#outage || performance.now() - lastMs < ATTEMPT_MS) return;
      lastMs = performance.now();
      this.attempts++;
    };
    attempt();
    this.#watch(client);
    if (this.#outage === "refused") {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#target, host: "127.0.0.1", allowHalfOpen: true });
    this.#watch(server);
    this.#join(client, server, attempt);
    this.#join(server, client, () => {});
  }

  #join(from: Socket, to: Socket, onData: () => void): void {
    const pipe = new Pipe(to);
    this.#pipes.add(pipe);
    from.on("data", (chunk: Uint8Array) => {
      onData();
      pipe.pass(chunk, this.#outage !== undefined);
    });
    from.on("end", () => pipe.end(this.#outage !== undefined));
    to.on("close", () => this.#pipes.delete(pipe));
    // a connection that breaks on one side is closed on the other, but not during an outage
    from.on("close", () => !this.#outage && !to.writableEnded && to.destroy());
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }
}

/**
 * The only way to a server, which can be shut: then the server is gone for its clients, and what they try is counted.
 *
 * @module
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * How a server is gone: it keeps silent, as one that was stopped in its tracks or cut off, and what was sent meanwhile reaches
 * it later; or it is not there, so that all connections break and new ones do so at once.
 */
export type Outage = "silent" | "refused";

/** Parts of one attempt come at about the same time. */
const ATTEMPT_MS = 50;

/** Passes on what comes from one side, and keeps it while the gate is shut. */
class Pipe {
  readonly #to: Socket;
  readonly #kept: Uint8Array[] = [];
  #hasEnded = false;

  constructor(to: Socket) {
    this.#to = to;
  }

  pass(chunk: Uint8Array, isShut: boolean): void {
    if (isShut) this.#kept.push(chunk);
    else this.#to.write(chunk);
  }

  end(isShut: boolean): void {
    this.#hasEnded = true;
    if (!isShut) this.#to.end();
  }

  flush(): void {
    for (const chunk of this.#kept.splice(0)) this.#to.write(chunk);
    if (this.#hasEnded) this.#to.end();
  }
}

/** A gate on a port of this machine, open at first, until it is disposed of. */
export class Gate implements AsyncDisposable {
  readonly #target: number;
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  readonly #sockets = new Set<Socket>();
  readonly #pipes = new Set<Pipe>();
  #outage: Outage | undefined;
  /** How often clients have tried something during the last outage: a new connection, or something sent on one. */
  attempts = 0;

  constructor(target: number) {
    this.#target = target;
  }

  /** Begins to listen; answers with the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  shut(outage: Outage): void {
    this.#outage = outage;
    this.attempts = 0;
    if (outage === "refused") { for (const socket of this.#sockets) socket.resetAndDestroy(); }
  }

  open(): void {
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
    // what breaks on one side breaks on the other, though not while nothing gets through
    from.on("close", () => !this.#outage && !to.writableEnded && to.destroy());
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }
}

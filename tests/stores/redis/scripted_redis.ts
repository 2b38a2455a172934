/**
 * Clients with scripted answers, in the shapes of the drivers.
 *
 * @module
 */
import type {
  BunRedisClient,
  IoredisClient,
  NodeRedisClient,
  NodeRedisCluster,
} from "@neat/periodic-task/stores/redis";

/** An answer, or a function that returns it, throws or never settles. */
export type Answer = unknown | (() => unknown);

/** A client of the shape of ioredis. Each answer is used once; then there is no record, and each write is a conflict. */
export class ScriptedRedis implements IoredisClient {
  /** The commands with their arguments. */
  readonly calls: string[][] = [];
  readonly answers: Answer[] = [];
  options: { readonly keyPrefix?: unknown } = {};

  async call(command: string, ...args: string[]): Promise<unknown> {
    this.calls.push([command, ...args]);
    const hasAnswer = this.answers.length > 0;
    const answer = hasAnswer ? this.answers.shift() : args[1] === "1" && args.length > 3 ? 0 : [...TIME, "none"];
    return await (typeof answer === "function" ? answer() : answer);
  }
}

/** Half a second after the beginning of 2026. */
export const TIME = ["1767225600", "500250"] as const;

/** The same in milliseconds. */
export const TIME_MS = 1_767_225_600_500.25;

/** An answer that throws an error with this message. */
export function fails(message: string, fields: object = {}): () => never {
  return () => {
    throw Object.assign(new Error(message), fields);
  };
}

/** An answer that never comes. */
export function never(): Promise<never> {
  return new Promise(() => {});
}

/** A connection for subscriptions, which fits all drivers. The test plays the server. */
export class ScriptedSubscriber {
  readonly calls: string[] = [];
  readonly listeners: Map<string, (...args: never[]) => void> = new Map();
  readonly opened: PromiseWithResolvers<void> = Promise.withResolvers();
  /** How `subscribe()` answers. */
  onSubscribe: () => Promise<unknown> = () => Promise.resolve(1);
  onclose: ((error: Error) => void) | null = null;
  #messageListener: ((message: string, channel: string) => void) | undefined;

  connect(): Promise<void> {
    this.calls.push("connect");
    return this.opened.promise;
  }

  subscribe(channel: string, listener?: (message: string, channel: string) => void): Promise<unknown> {
    this.calls.push(`subscribe ${channel}`);
    this.#messageListener = listener;
    return this.onSubscribe();
  }

  unsubscribe(channel: string): Promise<unknown> {
    this.calls.push(`unsubscribe ${channel}`);
    return Promise.resolve(0);
  }

  disconnect(): void {
    this.calls.push("close");
  }

  destroy(): void {
    this.calls.push("close");
  }

  close(): void {
    this.calls.push("close");
  }

  send(): Promise<unknown> {
    return Promise.reject(new Error("it is only for subscriptions"));
  }

  on(event: string, listener: (...args: never[]) => void): this {
    this.listeners.set(event, listener);
    return this;
  }

  /** Sends a message to the listeners of the driver. */
  message(channel: string): void {
    if (this.#messageListener) this.#messageListener("1", channel);
    else this.listeners.get("message")?.(channel as never);
  }

  /** Ends the connection. */
  lose(message: string, fields: object = {}): void {
    const error = Object.assign(new Error(message), fields);
    this.onclose?.(error);
    this.listeners.get("error")?.(error as never);
    this.listeners.get("end")?.();
  }
}

/** A client of each driver that opens the same connection for subscriptions, by driver. */
export function watchingClients(subscriber: ScriptedSubscriber): {
  readonly ioredis: IoredisClient & { readonly overrides: object[] };
  readonly redis: NodeRedisClient & { readonly overrides: object[] };
  readonly cluster: NodeRedisCluster;
  readonly bun: BunRedisClient;
} {
  const overrides: object[] = [];
  const duplicate = (override: object = {}): ScriptedSubscriber => {
    overrides.push(override);
    return subscriber;
  };
  const answer = (): Promise<unknown> => Promise.resolve(1);
  const redis = { sendCommand: answer, duplicate, overrides, options: { socket: { port: 1 } } };
  return {
    ioredis: { call: answer, duplicate, overrides },
    redis,
    cluster: { sendCommand: answer, masters: [{}], nodeClient: () => redis },
    bun: {
      send: answer,
      duplicate: async () => {
        await subscriber.connect();
        return subscriber;
      },
    },
  };
}

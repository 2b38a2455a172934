/**
 * An HTTP service whose requests fail by a script: the base of all fake services.
 *
 * @module
 */

/** A request as it was sent, without any decoding. */
export interface FakeRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** A reply, without its `Date` header. */
export interface FakeReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** The fault of a request. */
export interface Fault {
  /** The reply in place of the one of the service. */
  readonly reply?: FakeReply;
  /** Whether the service handles the request. By default, only if its reply is needed. */
  readonly takesEffect?: boolean;
  /** Delays everything until it resolves. */
  readonly after?: Promise<unknown>;
  /** Headers to remove from the reply. */
  readonly without?: readonly string[];
  /**
   * How the reply ends: the connection closes before it (`lost`) or in the middle of the body (`truncated`), or nothing is sent
   * at all (`never`) or after the middle of the body (`stalled`).
   */
  readonly ends?: "lost" | "never" | "truncated" | "stalled";
}

/** The reply and how it ends. */
export interface Outcome {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly ends: Fault["ends"];
}

/** A service that keeps its requests, and injects the faults of a script. */
export abstract class FaultService {
  /** All requests, in order. */
  readonly requests: FakeRequest[] = [];
  /** Returns the fault of a request. */
  script: (request: FakeRequest, count: number) => Fault | undefined = () => undefined;
  /** The clock of the service, for its `Date` headers. */
  nowMs: () => number = () => Date.now();

  /** Handles a request without a fault. */
  protected abstract handle(request: FakeRequest): FakeReply | Promise<FakeReply>;

  /** Gives the next requests these faults, one each. */
  failFirst(...faults: readonly Fault[]): void {
    const first = this.requests.length;
    this.script = (_request, count) => faults[count - first - 1];
  }

  /** The requests as `METHOD target`. */
  get lines(): string[] {
    return this.requests.map(({ method, target }) => `${method} ${target}`);
  }

  /** Handles a request with its fault. */
  async take(request: FakeRequest): Promise<Outcome> {
    const count = this.requests.push(request);
    const { reply, after, without = [], ends, takesEffect } = this.script(request, count) ?? {};
    await after;
    const isAnswered = !reply && ends !== "lost" && ends !== "never";
    const answer = takesEffect ?? isAnswered ? await this.handle(request) : undefined;
    const { status, headers, body = "" } = reply ?? answer ?? { status: 500 };
    const all = new Headers({ date: new Date(this.nowMs()).toUTCString(), ...headers });
    for (const name of without) all.delete(name);
    return { status, headers: all, body: typeof body === "string" ? new TextEncoder().encode(body) : body, ends };
  }
}

/**
 * A service that answers over HTTP and fails by script: what fake servers and fakes of `fetch` have in common.
 *
 * @module
 */

/** A request as it was sent: nothing of it is decoded. */
export interface FakeRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** An answer; its `Date` header is added. */
export interface FakeReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** What becomes of a request, or of the answer to it, instead of what should. */
export interface Fault {
  /** Answered in place of the service. */
  readonly reply?: FakeReply;
  /** Whether the service gets to see the request. If absent: only if its answer is needed. */
  readonly takesEffect?: boolean;
  /** Waited for before anything else happens. */
  readonly after?: Promise<unknown>;
  /** Headers that the answer lacks. */
  readonly without?: readonly string[];
  /**
   * How the answer ends: the connection is closed before it, or nothing ever comes, or the connection is closed in the middle of
   * the body, or nothing more comes from there on.
   */
  readonly ends?: "lost" | "never" | "truncated" | "stalled";
}

/** What is sent back, whole or in part. */
export interface Outcome {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly ends: Fault["ends"];
}

/** A service that records the requests and does with each what a script says. */
export abstract class FaultService {
  /** In the order in which they came. */
  readonly requests: FakeRequest[] = [];
  /** Asked at each request. */
  script: (request: FakeRequest, count: number) => Fault | undefined = () => undefined;
  /** The service's clock, for its `Date` headers. */
  nowMs: () => number = () => Date.now();

  /** What the service does and answers when it works. */
  protected abstract handle(request: FakeRequest): FakeReply | Promise<FakeReply>;

  /** Lets the first requests fail, one after the other. */
  failFirst(...faults: readonly Fault[]): void {
    const first = this.requests.length;
    this.script = (_request, count) => faults[count - first - 1];
  }

  /** The requests as `METHOD target`. */
  get lines(): string[] {
    return this.requests.map(({ method, target }) => `${method} ${target}`);
  }

  /** Takes a request and tells what becomes of it. */
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

/**
 * Requests for records that travel together.
 *
 * @module
 */
import { type BatchAnswer, Batcher, type Callers } from "../batching/batcher.ts";
import { oneByOne } from "../batching/one_by_one.ts";
import type { RetriedRequest } from "../http/call.ts";
import { type HttpRequest, type SendOptions, sendRequest, withinLimit } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";

/** With 100 of the longest records, an answer takes less than the longest body that is read. */
const LIMITS = { maxRequests: 100, maxBatches: 10 };

/** Statuses of requests that were not carried out, maybe because of one of their parts, or as the method does not exist. */
const REJECTED = [400, 404, 405, 413, 501];

/** How a request asks for several records. */
export interface SharedMethod<Part> {
  /** Returns the request for several records, without its token. */
  readonly join: (parts: readonly Part[]) => HttpRequest;
  /**
   * Returns the response that each part would have got on its own, from one of status 200. `undefined` for a part about which it
   * says nothing, and which may be sent again.
   */
  readonly split: (response: HttpResponse, parts: readonly Part[]) => readonly (HttpResponse | undefined)[];
}

/** The part of a request that concerns one record. */
export interface RequestPart<Part> {
  /** The name of the record. */
  readonly name: string;
  readonly part: Part;
}

/** An attempt of one call, signed in. */
interface Attempt<Part> extends RequestPart<Part> {
  readonly request: HttpRequest;
  readonly options: SendOptions;
}

/**
 * Sends the attempts of one moment, and those that come while others are not answered, in one request. Each gets the response that it
 * would have got on its own. So retries, limits and unknown outcomes remain those of each call.
 */
export class SharedRequests<Part> {
  readonly #method: SharedMethod<Part>;
  #token: string | undefined;
  #batcher: Batcher<Attempt<Part>, HttpResponse>;

  /** Creates requests without attempts. */
  constructor(method: SharedMethod<Part>) {
    this.#method = method;
    this.#batcher = this.#newBatcher();
  }

  /** A request for one record whose attempts travel with those for others. */
  share(request: RetriedRequest, part: RequestPart<Part>): RetriedRequest {
    const sendAttempt = (signedIn: HttpRequest, options: SendOptions): Promise<HttpResponse> => {
      const batcher = this.#batcherFor(signedIn.headers?.["authorization"]);
      const attempt = { ...part, request: signedIn, options };
      return withinLimit(options, (signal) => batcher.call(attempt, signal));
    };
    return { ...request, sendAttempt };
  }

  /** The batcher of a token: one request can't have two, and the fault of one token must not become that of another. */
  #batcherFor(token: string | undefined): Batcher<Attempt<Part>, HttpResponse> {
    if (token !== this.#token) this.#batcher = this.#newBatcher();
    this.#token = token;
    return this.#batcher;
  }

  #newBatcher(): Batcher<Attempt<Part>, HttpResponse> {
    return new Batcher({
      send: (attempts, callers) => this.#send(attempts, callers),
      keyOf: ({ name }) => name,
      ...LIMITS,
    });
  }

  async #send(
    attempts: readonly Attempt<Part>[],
    callers: Callers<Attempt<Part>>,
  ): Promise<readonly BatchAnswer<HttpResponse>[]> {
    const { signal } = callers;
    const send = ({ request, options }: Attempt<Part>) => sendRequest(request, { ...options, signal });
    const responses = attempts.length > 1 ? await this.#sendJoined(attempts, signal) : undefined;
    const alone = attempts.filter((attempt) => !responses?.get(attempt));
    const sent = oneByOne(alone, { send, ...callers });
    return attempts.flatMap((attempt): BatchAnswer<HttpResponse>[] => {
      const answer = responses?.get(attempt);
      return answer ? [{ kind: "answered", answer }] : sent.splice(0, 1);
    });
  }

  /** Sends one request for all attempts. Returns their responses, except for those that are to be sent on their own. */
  async #sendJoined(
    attempts: readonly Attempt<Part>[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Attempt<Part>, HttpResponse | undefined>> {
    const [first] = attempts;
    if (!first) return new Map();
    const parts = attempts.map(({ part }) => part);
    const joined = this.#method.join(parts);
    const request = { ...joined, headers: { ...joined.headers, ...first.request.headers } };
    const response = await sendRequest(request, { ...first.options, signal });
    if (REJECTED.includes(response.status)) return new Map();
    const responses = response.status === 200 ? this.#method.split(response, parts) : parts.map(() => response);
    return new Map(attempts.map((attempt, index) => [attempt, responses[index]]));
  }
}

/**
 * Calls that share round trips to a server.
 *
 * @module
 */
import { unlessAborted } from "../calls/unless_aborted.ts";

/** The answer to one call of a batch. */
export type BatchAnswer<Answer> =
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "failed"; readonly error: unknown }
  /** It comes later than those of others. The batch keeps its place until then. */
  | { readonly kind: "pending"; readonly answer: Promise<Answer> };

/** Those who wait for the answers of a batch. */
export interface Callers<Request> {
  /** Aborts when none of them waits any longer. */
  readonly signal: AbortSignal;
  /** Whether the caller of a request still waits for its answer. */
  readonly isAwaited: (request: Request) => boolean;
  /** Whether no other batch waits for its answers. One that waits for locks only then leaves a place to later batches. */
  readonly isAlone: boolean;
}

/** The options of a {@linkcode Batcher}. */
export interface BatcherOptions<Request, Answer> {
  /**
   * Sends requests in one round trip.
   *
   * @param requests One request or more, with different keys.
   * @param callers Those who wait for the answers.
   * @returns The answer to each request, in their order. If it rejects, all calls of the batch fail with its error.
   */
  readonly send: (
    requests: readonly Request[],
    callers: Callers<Request>,
  ) => Promise<readonly BatchAnswer<Answer>[]>;
  /** Returns the key of a request. Two requests with the same key are never sent in the same batch. */
  readonly keyOf: (request: Request) => string;
  /** The maximum number of requests in a batch. */
  readonly maxRequests: number;
  /** The maximum number of batches that wait for their answers. Calls that come meanwhile are sent together. */
  readonly maxBatches: number;
}

/** A batch that waits for its answers. */
interface Batch {
  readonly sending: AbortController;
  /** The number of calls that wait for their answers. */
  callers: number;
}

/** A call whose caller waits for the answer. */
interface Call<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  /** The batch in which it waits for its answer; `undefined` before and after. */
  batch: Batch | undefined;
}

/**
 * Sends calls in batches.
 *
 * A call is sent immediately, with all others of the same moment, if fewer than `maxBatches` batches wait for their answers.
 * Otherwise it is sent with all others that come until one of them is answered. So no call waits for a timer, a call on its own takes
 * as long as without a batcher, and the more calls there are, the larger the batches become.
 */
export class Batcher<Request, Answer> {
  readonly #options: BatcherOptions<Request, Answer>;
  /** In the order in which they have come. */
  readonly #waiting = new Set<Call<Request, Answer>>();
  #batches = 0;

  /** Creates a batcher without calls. */
  constructor(options: BatcherOptions<Request, Answer>) {
    this.#options = options;
  }

  /**
   * Makes a call.
   *
   * @param request The request.
   * @param signal Ends the call. A request that was not sent by then never is.
   * @returns The answer.
   * @throws {unknown} The error of the call or of its batch, or the reason of the signal.
   */
  async call(request: Request, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    let abort = (): void => {};
    try {
      return await new Promise((resolve, reject) => {
        const call: Call<Request, Answer> = { request, resolve, reject, batch: undefined };
        abort = () => this.#abort(call, signal.reason);
        signal.addEventListener("abort", abort);
        this.#waiting.add(call);
        // calls of the same moment come before this microtask
        if (this.#waiting.size === 1) queueMicrotask(() => this.#sendWaiting());
      });
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #abort(call: Call<Request, Answer>, reason: unknown): void {
    this.#waiting.delete(call);
    leaveBatch(call, reason);
    call.reject(reason);
  }

  #sendWaiting(): void {
    while (this.#waiting.size > 0 && this.#batches < this.#options.maxBatches) void this.#sendBatch(this.#nextCalls());
  }

  /** Takes the next calls with different keys. */
  #nextCalls(): Call<Request, Answer>[] {
    const { keyOf, maxRequests } = this.#options;
    const calls = new Map<string, Call<Request, Answer>>();
    for (const call of this.#waiting) {
      if (calls.size === maxRequests) break;
      const key = keyOf(call.request);
      if (calls.has(key)) continue;
      calls.set(key, call);
      this.#waiting.delete(call);
    }
    return [...calls.values()];
  }

  /** Sends calls and passes on their answers. Never rejects. */
  async #sendBatch(calls: readonly Call<Request, Answer>[]): Promise<void> {
    const batch: Batch = { sending: new AbortController(), callers: calls.length };
    for (const call of calls) call.batch = batch;
    const isAlone = this.#batches++ === 0;
    const { signal } = batch.sending;
    const byRequest = new Map(calls.map((call) => [call.request, call]));
    const isAwaited = (request: Request): boolean => byRequest.get(request)?.batch === batch;
    try {
      // a server that never answers must not keep the place of a batch
      const callers = { signal, isAwaited, isAlone };
      const answers = await unlessAborted(this.#options.send([...byRequest.keys()], callers), signal);
      const settled = Promise.all(calls.map((call, index) => settle(call, answers[index])));
      await unlessAborted(settled, signal);
    } catch (error) {
      for (const call of calls) await settle(call, { kind: "failed", error });
    } finally {
      this.#batches--;
      this.#sendWaiting();
    }
  }
}

/** Passes an answer on to its caller. Never rejects. */
async function settle<Answer>(call: Call<unknown, Answer>, answer: BatchAnswer<Answer> | undefined): Promise<void> {
  if (answer?.kind === "pending") {
    try {
      call.resolve(await answer.answer);
    } catch (error) {
      call.reject(error);
    }
  } else if (answer?.kind === "answered") call.resolve(answer.answer);
  else call.reject(answer?.error);
  leaveBatch(call);
}

/** Ends the wait of a call for its batch. The last one that leaves ends what is not answered. */
function leaveBatch(call: Pick<Call<unknown, never>, "batch">, reason?: unknown): void {
  const { batch } = call;
  call.batch = undefined;
  if (batch && --batch.callers === 0) batch.sending.abort(reason);
}

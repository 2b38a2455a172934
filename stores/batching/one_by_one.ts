/**
 * Requests of a batch that are sent on their own.
 *
 * @module
 */
import type { BatchAnswer } from "./batcher.ts";

/** How to send the requests of a batch on their own. */
export interface OneByOneOptions<Request, Answer> {
  /** Sends a request. */
  readonly send: (request: Request) => Promise<Answer>;
  /** Returns the answer to a request that need not be sent. */
  readonly known?: (request: Request) => BatchAnswer<Answer> | undefined;
  /** When it aborts, no further request is sent. */
  readonly signal: AbortSignal;
}

/**
 * Sends requests one after the other, as they share the place of one batch. The failure of one is no failure of another, and known
 * answers don't wait for them.
 */
export function oneByOne<Request, Answer>(
  requests: readonly Request[],
  { send, known, signal }: OneByOneOptions<Request, Answer>,
): BatchAnswer<Answer>[] {
  let last: Promise<unknown> | undefined;
  return requests.map((request) => {
    const knownAnswer = known?.(request);
    if (knownAnswer) return knownAnswer;
    const sendNext = (): Promise<Answer> => {
      signal.throwIfAborted();
      return send(request);
    };
    // the first one is sent immediately
    const answer = last?.then(sendNext) ?? send(request);
    last = answer.catch(() => {});
    return { kind: "pending", answer };
  });
}

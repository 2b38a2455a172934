/**
 * Requests of a batch that are sent on their own.
 *
 * @module
 */
import type { BatchAnswer, Callers } from "./batcher.ts";

/** How to send the requests of a batch on their own. A request for which nobody waits is not sent. */
export interface OneByOneOptions<Request, Answer> extends Omit<Callers<Request>, "isAlone"> {
  /** Sends a request. */
  readonly send: (request: Request) => Promise<Answer>;
}

/**
 * Sends requests one after the other, as they share the place of one batch. The failure of one is no failure of another.
 */
export function oneByOne<Request, Answer>(
  requests: readonly Request[],
  { send, signal, isAwaited }: OneByOneOptions<Request, Answer>,
): BatchAnswer<Answer>[] {
  let last: Promise<unknown> | undefined;
  return requests.map((request) => {
    const sendNext = (): Promise<Answer> => {
      signal.throwIfAborted();
      return isAwaited(request) ? send(request) : Promise.reject(new Error("nobody waits for the answer"));
    };
    // the first one is sent immediately
    const answer = last?.then(sendNext) ?? sendNext();
    last = answer.catch(() => {});
    return { kind: "pending", answer };
  });
}

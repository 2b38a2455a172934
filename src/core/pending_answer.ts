/**
 * A promise that is settled later.
 *
 * @module
 */

/** A promise and the functions that settle it. Only the first of their calls has an effect. */
export interface PendingAnswer<T> {
  readonly answer: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Creates a pending answer. A rejection without a handler is not reported as unhandled. */
export function pendingAnswer<T>(): PendingAnswer<T> {
  let resolve: PendingAnswer<T>["resolve"] = () => {};
  let reject: PendingAnswer<T>["reject"] = () => {};
  const answer = new Promise<T>((...settle) => [resolve, reject] = settle);
  answer.catch(() => {});
  return { answer, resolve, reject };
}

/** Returns a rejected promise. Without a handler it is not reported as unhandled. */
export function rejectedAnswer(error: unknown): Promise<never> {
  const { answer, reject } = pendingAnswer<never>();
  reject(error);
  return answer;
}

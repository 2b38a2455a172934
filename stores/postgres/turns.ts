/**
 * Turns of calls that use one connection.
 *
 * @module
 */

/** Lets calls wait for each other, so that one that is aborted while it waits is never sent. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Makes a call after the calls before it have settled.
   *
   * @param signal Aborts when the caller no longer waits.
   * @param send Makes the call.
   */
  take<T>(signal: AbortSignal, send: () => PromiseLike<T>): Promise<T> {
    const sendInTurn = async (): Promise<T> => {
      signal.throwIfAborted();
      return await send();
    };
    const turn = this.#last.then(sendInTurn);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/**
 * The members of a cluster, one of which is asked at a time.
 *
 * @module
 */
import type { RetriedRequest } from "../http/call.ts";
import { sendRequest } from "../http/request.ts";
import { isTransient } from "../http/response.ts";

/** The addresses of the members, without slashes at their ends. */
export class Endpoints {
  readonly #urls: readonly string[];
  #index = 0;

  /** @param urls At least one address. */
  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** How many there are. */
  get count(): number {
    return this.#urls.length;
  }

  /** The address for the next request. */
  get current(): string {
    return this.#urls[this.#index] ?? "";
  }

  /** Goes on to the next address, unless another request has done so already. */
  leave(url: string): void {
    if (url === this.current) this.#index = (this.#index + 1) % this.count;
  }

  /** A request to the gateway, each attempt of which goes to the current member. */
  request(path: string, json: unknown): RetriedRequest {
    return {
      method: "POST",
      url: path,
      headers: { "content-type": "application/json" },
      body: new TextEncoder().encode(JSON.stringify(json)),
      sendAttempt: async (request, options) => {
        const endpoint = this.current;
        // the time of a call, twice the limit, is enough for all members
        const limitMs = options.limitMs * 2 / (this.count + 1);
        const response = await sendRequest({ ...request, url: endpoint + path }, { ...options, limitMs });
        // one that sends too many requests is told so by each member
        if (isTransient(response.status) && response.status !== 429) this.leave(endpoint);
        return response;
      },
    };
  }
}

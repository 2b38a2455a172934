/**
 * The function that sends requests.
 *
 * @module
 */

/**
 * Sends a request. `globalThis.fetch` fits, and so does any function with these two parameters.
 *
 * @example Count the requests
 * ```ts
 * import { type Fetch, GcsStore } from "@neat/periodic-task/stores/gcs";
 *
 * let requests = 0;
 * const countingFetch: Fetch = (url, init) => {
 *   requests++;
 *   return url.includes("/my-bucket/") ? Promise.resolve(new Response("", { status: 404 })) : fetch(url, init);
 * };
 * const store = new GcsStore({ bucket: "my-bucket", token: () => "ya29.abc", fetch: countingFetch });
 * console.assert(await store.read("backup") === null);
 * console.assert(requests === 1);
 * ```
 */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

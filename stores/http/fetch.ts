/**
 * What requests are sent with.
 *
 * @module
 */

/**
 * Sends a request: `globalThis.fetch`, or what stands in for it. Whatever else a runtime's own has is not needed.
 *
 * @example One that counts
 * ```ts
 * import { type Fetch, GcsStore } from "@neat/periodic-task/stores/gcs";
 *
 * let requests = 0;
 * const counting: Fetch = (url, init) => {
 *   requests++;
 *   return url.includes("/my-bucket/") ? Promise.resolve(new Response("", { status: 404 })) : fetch(url, init);
 * };
 * const store = new GcsStore({ bucket: "my-bucket", token: () => "ya29.abc", fetch: counting });
 * console.assert(await store.read("backup") === null);
 * console.assert(requests === 1);
 * ```
 */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * An agent of Consul whose answers are given one by one.
 *
 * @module
 */
import { ConsulStore, type ConsulStoreOptions } from "../../../stores/consul.ts";

/** A request as the agent receives it. */
export interface SeenRequest {
  readonly line: string;
  readonly token: string | null;
  readonly json: unknown;
}

/** An answer with an index. */
export function answer(status: number, index: number, json?: unknown): Response {
  const headers = { "x-consul-index": `${index}` };
  return json === undefined ? new Response(null, { status, headers }) : Response.json(json, { status, headers });
}

/** The answer to a read. */
export function found(index: number, value: string | null = "{}"): Response {
  return answer(200, index, [{ Key: "p/task", Value: value === null ? null : btoa(value), ModifyIndex: index }]);
}

/** The answer to a transaction that is not made. */
export function refused(what: string): Response {
  return Response.json({ Results: null, Errors: [{ OpIndex: 0, What: what }] }, { status: 409 });
}

/** Makes a store whose requests get these answers, and keeps the requests. */
export function scripted(
  answers: readonly (Response | Error)[],
  options: Partial<ConsulStoreOptions> = {},
): { readonly store: ConsulStore; readonly requests: SeenRequest[] } {
  const requests: SeenRequest[] = [];
  const rest = [...answers];
  const store = new ConsulStore({
    prefix: "p/",
    fetch: (url, init) => {
      const { pathname, search } = new URL(url);
      const json = init.body ? JSON.parse(new TextDecoder().decode(init.body as Uint8Array<ArrayBuffer>)) : null;
      const token = new Headers(init.headers).get("x-consul-token");
      requests.push({ line: `${init.method} ${pathname}${search}`, token, json });
      const next = rest.shift();
      // the answer to a blocking query may never come
      if (!next) {
        return new Promise((_, reject) =>
          init.signal?.addEventListener("abort", () => reject(init.signal?.reason), { once: true })
        );
      }
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
    ...options,
  });
  return { store, requests };
}

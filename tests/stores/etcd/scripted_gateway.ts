/**
 * A gateway of etcd whose answers are given one by one.
 *
 * @module
 */
import { EtcdStore, type EtcdStoreOptions } from "../../../stores/etcd.ts";

/** A request as the gateway receives it. */
export interface SeenRequest {
  readonly url: string;
  readonly token: string | null;
  readonly json: Record<string, unknown>;
}

/** An answer: the JSON of status 200, a response, or an error of the network. */
export type ScriptedAnswer = Record<string, unknown> | Response | Error;

/** The header of an answer. */
export function header(revision: number): { readonly header: { readonly revision: string } } {
  return { header: { revision: `${revision}` } };
}

/** An error of the gateway. */
export function failure(status: number, message: string): Response {
  return Response.json({ error: message, message, code: 1 }, { status });
}

/** Makes a store whose requests get these answers, and keeps the requests. */
export function scripted(
  answers: readonly ScriptedAnswer[],
  options: Partial<EtcdStoreOptions> = {},
): { readonly store: EtcdStore; readonly requests: SeenRequest[] } {
  const requests: SeenRequest[] = [];
  const rest = [...answers];
  const store = new EtcdStore({
    endpoint: "http://etcd.example:2379",
    prefix: "p/",
    fetch: (url, init) => {
      const json = JSON.parse(new TextDecoder().decode(init.body as Uint8Array<ArrayBuffer>));
      requests.push({ url, token: new Headers(init.headers).get("authorization"), json });
      const answer = rest.shift() ?? new Error("there is no further answer");
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(answer instanceof Response ? answer : Response.json(answer));
    },
    ...options,
  });
  return { store, requests };
}

/**
 * Serves the dashboard of the demo, which shows the task and its replicas from the store that they share.
 */
import type { StatusStore } from "@neat/periodic-task";

/** A dashboard that is served. */
export interface DemoDashboard extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves a dashboard on this machine alone. It watches the store from now on, so that it has seen all replicas when somebody looks.
 *
 * @returns The dashboard; `undefined` if Hono cannot be loaded, as it is on JSR, and JSR cannot be reached.
 */
export async function serveDashboard(store: StatusStore): Promise<DemoDashboard | undefined> {
  const module = await import("@neat/periodic-task/dashboard").catch(() => undefined);
  if (!module) return undefined;
  const ending = new AbortController();
  const { signal } = ending;
  const refreshInterval = { milliseconds: 500 };
  const app = module.dashboard({
    store,
    title: "Three replicas",
    actions: true,
    // a page of another site could point its own name at this machine
    hosts: ["127.0.0.1", "localhost"],
    by: () => "you",
    refreshInterval,
    signal,
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  const watch = async (): Promise<void> => {
    const { body } = await app.request("http://localhost/events");
    for await (const _ of body ?? []);
  };
  const watching = watch();
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await watching;
      await server.shutdown();
    },
  };
}

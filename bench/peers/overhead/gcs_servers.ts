import { fileURLToPath } from "node:url";
import { ChildProcess } from "../../../internal/processes/child_process.ts";
import { type RunningServer, startFakeGcsServer } from "../../../internal/servers/fake_gcs_server.ts";
import { buildFakeGcsServer } from "../../../internal/servers/fake_gcs_server.ts";

/** A Cloud Storage server that is started anew for each measurement. */
export interface GcsServer {
  readonly name: string;
  readonly version?: string;
  start(): Promise<RunningServer>;
}

/** The fake Cloud Storage, with a delay before each answer as of a distant server. */
export function delayedFakeGcs(delayMs: number): GcsServer {
  return { name: "a fake Cloud Storage", start: () => startFake(delayMs) };
}

/** Returns fsouza/fake-gcs-server if it can be built, or else the fake. The short form builds nothing. */
export async function gcsServer(isShort: boolean): Promise<GcsServer> {
  const given = Deno.env.get("NEAT_FAKE_GCS_SERVER");
  const found = given
    ? { path: given }
    : isShort
    ? { reason: "the short form builds nothing" }
    : await buildFakeGcsServer();
  if ("reason" in found) return delayedFakeGcs(0);
  const { path } = found;
  const version = /fake-gcs-server-(v[\d.]+\d)/.exec(path)?.[1] ?? "unknown";
  return { name: "fsouza/fake-gcs-server", version, start: () => startFakeGcsServer(path) };
}

/** Starts the fake in a process of its own, so that its work does not count. */
async function startFake(delayMs: number): Promise<RunningServer> {
  const script = fileURLToPath(new URL("serve_fake_gcs.ts", import.meta.url));
  const url = Promise.withResolvers<string>();
  const child = new ChildProcess({
    command: Deno.execPath(),
    args: ["run", "-A", "--quiet", script, String(delayMs)],
    keepsStdinOpen: true,
    onLine: url.resolve,
  });
  child.exited.then(() =>
    url.reject(new Error(`Cannot start the fake: current value of its errors is ${child.lastOutput}`))
  );
  return { url: await url.promise, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

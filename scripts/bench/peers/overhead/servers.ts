import { fileURLToPath } from "node:url";
import { type RunningServer, startFakeGcsServer } from "../../../../tests/helpers/fake_gcs_server.ts";
import { buildFakeGcsServer } from "../../../servers/fake_gcs_server.ts";

/** A Cloud Storage server of which a new one can be started for each measurement. */
export interface GcsServer {
  readonly name: string;
  readonly version?: string;
  start(): Promise<RunningServer>;
}

/** The tests' own fake of Cloud Storage, which waits before it answers as a server far away does. */
export function ownGcsServer(delayMs: number): GcsServer {
  return { name: "the tests' own fake of Cloud Storage", start: () => startOwn(delayMs) };
}

/** fsouza/fake-gcs-server if it can be had, else a fake of our own; in the short form nothing is built. */
export async function gcsServer(isShort: boolean): Promise<GcsServer> {
  const given = Deno.env.get("NEAT_FAKE_GCS_SERVER");
  const found = given ? { path: given } : isShort ? { reason: "it is not worth the time" } : await buildFakeGcsServer();
  if ("reason" in found) return ownGcsServer(0);
  const { path } = found;
  const version = /fake-gcs-server-(v[\d.]+\d)/.exec(path)?.[1] ?? "unknown";
  return { name: "fsouza/fake-gcs-server", version, start: () => startFakeGcsServer(path) };
}

/** Starts the fake in a process of its own, so that its work is not counted. */
async function startOwn(delayMs: number): Promise<RunningServer> {
  const script = fileURLToPath(new URL("gcs_server.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", script, String(delayMs)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const end = async (): Promise<void> => {
    await child.stdin.close();
    await reader.cancel();
    await child.status;
  };
  const { value: line } = await reader.read();
  const url = line?.trim();
  if (!url) {
    await end();
    throw new Error(`Cannot start the fake of Cloud Storage as it tells no address: current value is ${line}`);
  }
  return { url, [Symbol.asyncDispose]: end };
}

/**
 * fsouza/fake-gcs-server: builds it with Go and starts it.
 *
 * @module
 */
import { buildWithGo } from "./go_binary.ts";
import { freePort, type Missing, ServerProcess } from "./server_process.ts";

/** The first version with conditional multipart uploads and conditional downloads. */
const VERSION = "v1.56.1";

/** A running server. Disposing of it ends the server. */
export interface RunningServer extends AsyncDisposable {
  /** The address without a slash at its end. */
  readonly url: string;
}

/** Builds fsouza/fake-gcs-server with Go unless it is there, and returns its path or why there is none. */
export async function buildFakeGcsServer(): Promise<{ path: string } | Missing> {
  return await buildWithGo({ name: "fake-gcs-server", version: VERSION, module: "github.com/fsouza/fake-gcs-server" });
}

/** Starts fsouza/fake-gcs-server with a bucket called "bucket". */
export async function startFakeGcsServer(binary: string): Promise<RunningServer> {
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await ServerProcess.start({
    name: "fake-gcs-server",
    command: binary,
    args: ["-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port", String(port)],
    port,
    stopSignal: "SIGKILL",
  });
  try {
    await createBucket(url);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function createBucket(url: string): Promise<void> {
  const response = await fetch(`${url}/storage/v1/b`, { method: "POST", body: JSON.stringify({ name: "bucket" }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot create a bucket: current value of the answer is ${text}`);
}

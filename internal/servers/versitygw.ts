/**
 * Versity S3 Gateway, an S3 server that keeps objects as files: builds it with Go and starts it.
 *
 * @module
 */
import { buildWithGo } from "./go_binary.ts";
import { freePort, type Missing, ServerProcess } from "./server_process.ts";

const VERSION = "v1.8.0";

/** A running server with a bucket called "bucket". Disposing of it ends the server and removes the data. */
export interface VersityGateway extends AsyncDisposable {
  /** The address without a slash at its end. */
  readonly url: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Kills the server, and starts another one with its data at its address. */
  restart(): Promise<void>;
  /** Kills the server. */
  stop(): Promise<void>;
  /** Starts another server with its data at its address. */
  start(): Promise<void>;
  /** Stops the process, so that it accepts connections and never answers. */
  freeze(): void;
  /** Continues the process. */
  thaw(): void;
}

/** Builds the gateway with Go unless it is there, and returns its path or why there is none. */
export async function buildVersityGateway(): Promise<{ path: string } | Missing> {
  if (Deno.build.os === "windows") return { reason: "it does not run on Windows" };
  return await buildWithGo({
    name: "versitygw",
    version: VERSION,
    module: "github.com/versity/versitygw/cmd/versitygw",
  });
}

/** Starts the gateway. */
export async function startVersityGateway(binary: string): Promise<VersityGateway> {
  await using starting = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_s3_" });
  starting.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.mkdir(`${folder}/bucket`);
  const port = freePort();
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "a-secret-for-tests" };
  const { accessKeyId, secretAccessKey } = credentials;
  const args = ["--port", `127.0.0.1:${port}`, "--access", accessKeyId, "--secret", secretAccessKey, "--quiet"];
  const start = (): Promise<ServerProcess> =>
    ServerProcess.start({
      name: "versitygw",
      command: binary,
      args: [...args, "posix", folder],
      port,
      stopSignal: "SIGKILL",
    });
  let server = await start();
  starting.defer(() => server[Symbol.asyncDispose]());
  const running = starting.move();
  const stop = (): Promise<void> => server[Symbol.asyncDispose]();
  const startAgain = async (): Promise<void> => {
    server = await start();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    credentials,
    restart: async () => {
      await stop();
      await startAgain();
    },
    stop,
    start: startAgain,
    freeze: () => server.signal("SIGSTOP"),
    thaw: () => server.signal("SIGCONT"),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/**
 * Versity S3 Gateway, an S3 server that keeps objects as files: builds it with Go and starts it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ROOT } from "../processes/deno_command.ts";
import { freePort, type Missing, ServerProcess } from "./server_process.ts";

const VERSION = "v1.8.0";

/** The binary stays there, so that it is built once. */
const FOLDER = fileURLToPath(new URL(`.cache/versitygw-${VERSION}`, ROOT));
const BINARY = `${FOLDER}/versitygw`;

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
  if (await exists(BINARY)) return { path: BINARY };
  console.log(`Building versitygw ${VERSION} with Go, which takes a minute or two.`);
  try {
    const { success } = await new Deno.Command("go", {
      args: ["install", `github.com/versity/versitygw/cmd/versitygw@${VERSION}`],
      env: { GOBIN: FOLDER, GOFLAGS: "-mod=mod" },
      stdin: "null",
    }).spawn().status;
    return success ? { path: BINARY } : { reason: "Go could not build it" };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { reason: "there is no Go on this machine" };
  }
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

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

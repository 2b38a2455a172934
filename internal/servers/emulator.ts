import { freePort, ServerProcess } from "./server_process.ts";

/** Java starts slowly. */
const START_TIMEOUT_MS = 60_000;

/** An emulator of a Google service. */
export interface Emulator {
  /** The service's name in messages. */
  readonly name: string;
  /** The command of the Google Cloud CLI that starts it. */
  readonly command: string;
  readonly args: (port: number) => string[];
  /** The environment variable that holds its address for clients. */
  readonly variable: string;
}

/** Google's emulators; they come with the Google Cloud CLI and need Java. */
export const EMULATORS: Emulator[] = [
  {
    name: "Datastore",
    command: "cloud_datastore_emulator",
    args: (port) => ["start", "--host=127.0.0.1", `--port=${port}`, "--store_on_disk=False", "--consistency=1.0"],
    variable: "DATASTORE_EMULATOR_HOST",
  },
  {
    name: "Firestore",
    command: "cloud_firestore_emulator",
    args: (port) => ["start", "--host=127.0.0.1", `--port=${port}`],
    variable: "FIRESTORE_EMULATOR_HOST",
  },
];

/** A running emulator. Disposing of it ends the emulator. */
export interface RunningEmulator extends AsyncDisposable {
  readonly host: string;
}

/** Starts an emulator if the machine has it. */
export async function startEmulator({ command, args, name }: Emulator): Promise<RunningEmulator | undefined> {
  const port = freePort();
  const host = `127.0.0.1:${port}`;
  try {
    const server = await ServerProcess.start({
      name: `the ${name} emulator`,
      command,
      args: args(port),
      port,
      isScript: true,
      stopSignal: "SIGTERM",
      probe: async () => await (await fetch(`http://${host}/`)).body?.cancel(),
      startTimeoutMs: START_TIMEOUT_MS,
    });
    return { host, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

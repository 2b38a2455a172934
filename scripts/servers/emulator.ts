/** How long an emulator may take until it listens: Java takes its time. */
const START_MS = 60_000;
const POLL_MS = 200;

/** A server of Google's that stands in for a service. */
export interface Emulator {
  /** What it is called in messages. */
  readonly name: string;
  /** The command of the Google Cloud CLI that starts it. */
  readonly command: string;
  readonly args: (port: number) => string[];
  /** The environment variable by which clients find it. */
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

/** An emulator that runs; it ends when it is disposed of. */
export interface RunningEmulator extends AsyncDisposable {
  readonly host: string;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts an emulator, if the machine has it. */
export async function startEmulator({ command, args, name }: Emulator): Promise<RunningEmulator | undefined> {
  const port = freePort();
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(command, { args: args(port), stdin: "null", stdout: "null", stderr: "null" }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const end = async (): Promise<void> => {
    try {
      child.kill("SIGTERM");
    } catch {
      // it has ended by itself
    }
    await child.status;
  };
  const host = `127.0.0.1:${port}`;
  const giveUpMs = performance.now() + START_MS;
  while (!await answers(host)) {
    if (performance.now() > giveUpMs) {
      await end();
      throw new Error(`Cannot start the ${name} emulator as it does not listen: current value is ${START_MS} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { host, [Symbol.asyncDispose]: end };
}

async function answers(host: string): Promise<boolean> {
  try {
    await (await fetch(`http://${host}/`)).body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** A running server. It ends when it is disposed. */
export interface RunningServer extends AsyncDisposable {
  /** The address without a slash at its end. */
  readonly url: string;
}

const LIMIT_MS = 20_000;
const POLL_MS = 50;

/** Starts fsouza/fake-gcs-server with a bucket called "bucket". */
export async function startFakeGcsServer(binary: string): Promise<RunningServer> {
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ["-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port", String(port)];
  const server = new Deno.Command(binary, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  const end = async (): Promise<void> => {
    try {
      server.kill("SIGKILL");
    } catch {
      // it has ended before
    }
    await server.status;
  };
  try {
    await makeBucket(url);
  } catch (error) {
    await end();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: end };
}

async function makeBucket(url: string): Promise<void> {
  const body = JSON.stringify({ name: "bucket" });
  const giveUpMs = performance.now() + LIMIT_MS;
  for (;;) {
    try {
      const response = await fetch(`${url}/storage/v1/b`, { method: "POST", body });
      const text = await response.text();
      if (!response.ok) throw new Error(`Cannot make a bucket: current value of the answer is ${text}`);
      return;
    } catch (error) {
      if (!(error instanceof TypeError) || performance.now() > giveUpMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

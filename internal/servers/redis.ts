import { findFolder, freePort, type Missing, ServerProcess } from "./server_process.ts";

/** A Redis server without persistence. Disposing of it ends the server. */
export interface Redis extends AsyncDisposable {
  readonly port: number;
  readonly version: string;
  /** Reads from its statistics how many commands it has processed, with those inside scripts. */
  commands(): Promise<number>;
  /** Counts the commands that clients send until the count is stopped, without those inside scripts. */
  countSent(): Promise<SentCount>;
}

/** A count in progress. */
export interface SentCount {
  /** Stops the count and returns it. */
  stop(): Promise<number>;
}

/** Starts Redis if the machine has it. */
export async function startRedis(): Promise<Redis | Missing> {
  const programs = await findFolder(["redis-server"]);
  if (!programs) return { reason: "there is no redis-server on the PATH (Debian: apt-get install redis-server)" };
  const port = freePort();
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_redis_" });
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  const server = await ServerProcess.start({
    name: "Redis",
    command: `${programs}/redis-server`,
    args,
    port,
    stopSignal: "SIGTERM",
  });
  return {
    port,
    version: /redis_version:(\S+)/.exec(await info(port, "server"))?.[1] ?? "unknown",
    commands: async () => commandsIn(await info(port, "commandstats")),
    countSent: () => countSent(port),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Adds up the calls in a server's statistics. The commands that this file sends itself do not count. */
function commandsIn(statistics: string): number {
  const calls = [...statistics.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  return calls.filter(([, name]) => name !== "info" && name !== "monitor")
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}

async function info(port: number, section: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(`INFO ${section}\r\n`));
  const [decoder, chunk] = [new TextDecoder(), new Uint8Array(65_536)];
  let answer = "";
  // the length comes first, then as many ASCII characters
  for (;;) {
    const length = /^\$(\d+)\r\n/.exec(answer);
    if (length && answer.length >= length[0].length + Number(length[1]) + 2) return answer;
    const count = await connection.read(chunk);
    if (count === null) {
      throw new Error(
        `Cannot read the statistics of Redis as the connection closed: current value of the answer is ${answer}`,
      );
    }
    answer += decoder.decode(chunk.subarray(0, count), { stream: true });
  }
}

/** MONITOR sends a line for each command, marked `lua` if it came from a script. */
async function countSent(port: number): Promise<SentCount> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode("MONITOR\r\n"));
  let count = 0;
  const counting = (async () => {
    const lines = connection.readable.pipeThrough(new TextDecoderStream("latin1"));
    let rest = "";
    try {
      for await (const text of lines) {
        const all = (rest + text).split("\r\n");
        rest = all.pop() ?? "";
        count += all.filter((line) => /^\+\d+\.\d+ \[\d+ (?!lua)/.test(line) && !/\] "info"/i.test(line)).length;
      }
    } catch {
      // closed by stop()
    }
  })();
  return {
    stop: async () => {
      connection.close();
      await counting;
      return count;
    },
  };
}

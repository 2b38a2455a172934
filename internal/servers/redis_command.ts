/**
 * Commands to Redis without a client.
 *
 * @module
 */

const TIMEOUT_MS = 5_000;

/** Sends a command on a connection of its own, and returns the answer: a text, a number or nothing. */
export async function redisCommand(port: number, ...args: string[]): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const timer = setTimeout(() => connection.close(), TIMEOUT_MS);
  try {
    const parts = args.map((arg) => `$${new TextEncoder().encode(arg).length}\r\n${arg}\r\n`);
    await connection.write(new TextEncoder().encode(`*${args.length}\r\n${parts.join("")}`));
    return await readAnswer(connection);
  } finally {
    clearTimeout(timer);
  }
}

async function readAnswer(connection: Deno.Conn): Promise<string> {
  const [decoder, chunk] = [new TextDecoder("latin1"), new Uint8Array(65_536)];
  let answer = "";
  for (;;) {
    const [line, type, text = ""] = /^([-+:$])(.*)\r\n/.exec(answer) ?? [];
    if (type === "-") throw new Error(`Cannot continue as Redis rejects the command: current value is ${text}`);
    if (type === "+" || type === ":") return text;
    const length = Number(text);
    // the length comes first, then as many bytes
    if (line && length < 0) return "";
    if (line && answer.length >= line.length + length + 2) return answer.slice(line.length, line.length + length);
    const count = await connection.read(chunk);
    if (count === null) throw new Error(`Cannot continue as Redis closed the connection: current value is ${answer}`);
    answer += decoder.decode(chunk.subarray(0, count), { stream: true });
  }
}

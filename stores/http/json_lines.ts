/**
 * Streams of JSON, one value a line.
 *
 * @module
 */

/** Longer lines are not read. */
const MAX_LINE_LENGTH = 8_388_608;

/**
 * Reads the values of a stream as they come. A line that is not JSON is skipped.
 *
 * @param body The stream. It is cancelled when its consumer leaves.
 * @param signal Cancels the stream, so that the values end. The signal of the request does not always: Deno 2.9 may forget it.
 * @throws The error of the stream, or if a line is too long.
 */
export async function* jsonLines(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  // older versions of Bun can't iterate over a stream
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel);
  if (signal.aborted) cancel();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      if (text.length > MAX_LINE_LENGTH) throw new Error(`a line has more than ${MAX_LINE_LENGTH} characters`);
      for (const line of lines) yield* parsed(line);
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}

function* parsed(line: string): Generator<unknown, void, undefined> {
  if (line.trim() === "") return;
  try {
    yield JSON.parse(line);
  } catch {
    // not a message of the server
  }
}

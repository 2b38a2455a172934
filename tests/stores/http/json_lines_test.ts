import { assertEquals } from "@std/assert";
import { jsonLines } from "../../../stores/http/json_lines.ts";

const NEVER = new AbortController().signal;

/** The values of a stream. */
async function valuesOf(parts: readonly string[], signal = NEVER): Promise<unknown[]> {
  const values: unknown[] = [];
  const stream = ReadableStream.from(parts.map((part) => new TextEncoder().encode(part)));
  for await (const value of jsonLines(stream, signal)) values.push(value);
  return values;
}

Deno.test("jsonLines() yields a value for each line, wherever the network cuts, and skips what is no JSON", async () => {
  assertEquals(await valuesOf(['{"a":', '1}\n{"b":2}\n', "\n", "no JSON\n3\n4"]), [{ a: 1 }, { b: 2 }, 3]);
});

Deno.test("jsonLines() cancels its stream and ends when its signal aborts, although the stream goes on", async () => {
  const controller = new AbortController();
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    start: (stream) => stream.enqueue(new TextEncoder().encode("1\n")),
    cancel: () => void (isCancelled = true),
  });
  const values: unknown[] = [];
  for await (const value of jsonLines(stream, controller.signal)) {
    values.push(value);
    controller.abort();
  }
  assertEquals([values, isCancelled], [[1], true]);
});

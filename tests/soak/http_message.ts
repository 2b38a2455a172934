/**
 * Finds where an HTTP/1.1 message ends.
 *
 * @module
 */

/** The parts of a message head that a proxy needs. */
export interface Head {
  /** The first line. */
  readonly first: string;
  /** The length of the head in bytes, with the empty line. */
  readonly length: number;
  /** The length of the body; a `chunked` body has its length in its chunks. */
  readonly body: number | "chunked";
}

/** Parses the head of a message, if it is complete. */
export function headOf(bytes: Uint8Array): Head | undefined {
  const text = latin1(bytes);
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const field = (name: string): string | undefined =>
    lines.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1).trim();
  const isChunked = field("transfer-encoding")?.toLowerCase() === "chunked";
  return { first, length: end + 4, body: isChunked ? "chunked" : Number(field("content-length") ?? 0) };
}

/** Returns the length of the first message, if it is complete. */
export function messageLength(bytes: Uint8Array): number | undefined {
  const head = headOf(bytes);
  if (!head) return undefined;
  const length = head.body === "chunked" ? chunkedEnd(latin1(bytes), head.length) : head.length + head.body;
  return length !== undefined && length <= bytes.length ? length : undefined;
}

/** Decodes each byte as one character. */
export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

function chunkedEnd(text: string, from: number): number | undefined {
  for (let at = from;;) {
    const end = text.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const size = parseInt(text.slice(at, end), 16);
    at = end + 2 + size + 2;
    if (size === 0) return at;
  }
}

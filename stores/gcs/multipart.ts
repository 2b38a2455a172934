/**
 * The body of an upload that holds an object and what is to be known of it.
 *
 * @module
 */
import { newId } from "../../src/record/ids.ts";

/** A request's body and its type. */
export interface Multipart {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * An object's metadata and content as the two parts of one body.
 *
 * @param metadata What Cloud Storage is to know of the object.
 * @param content The object's bytes: JSON.
 */
export function multipart(metadata: Readonly<Record<string, string>>, content: Uint8Array): Multipart {
  // random, so that it is not among the content
  const boundary = `part-${newId()}`;
  const part = `--${boundary}\r\ncontent-type: application/json`;
  const encoder = new TextEncoder();
  const before = encoder.encode(
    `${part}; charset=UTF-8\r\n\r\n${
      JSON.stringify({ ...metadata, contentType: "application/json" })
    }\r\n${part}\r\n\r\n`,
  );
  const after = encoder.encode(`\r\n--${boundary}--\r\n`);
  const body = new Uint8Array(before.length + content.length + after.length);
  body.set(before);
  body.set(content, before.length);
  body.set(after, before.length + content.length);
  return { contentType: `multipart/related; boundary=${boundary}`, body };
}

/**
 * The body of an upload with metadata.
 *
 * @module
 */
import { newId } from "../../src/record/ids.ts";

/** A body and its content type. */
export interface MultipartBody {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * Writes the metadata and the content of an object as two parts of one body.
 *
 * @param metadata The metadata.
 * @param content The content, which is JSON.
 */
export function multipartBody(metadata: Readonly<Record<string, string>>, content: Uint8Array): MultipartBody {
  // random, so that the content does not hold it
  const boundary = `part-${newId()}`;
  const metadataJson = JSON.stringify({ ...metadata, contentType: "application/json" });
  const lines = [
    `--${boundary}`,
    "content-type: application/json; charset=UTF-8",
    "",
    metadataJson,
    `--${boundary}`,
    "content-type: application/json",
    "",
    "",
  ];
  const encoder = new TextEncoder();
  const before = encoder.encode(lines.join("\r\n"));
  const after = encoder.encode(`\r\n--${boundary}--\r\n`);
  const body = new Uint8Array(before.length + content.length + after.length);
  body.set(before);
  body.set(content, before.length);
  body.set(after, before.length + content.length);
  return { contentType: `multipart/related; boundary=${boundary}`, body };
}

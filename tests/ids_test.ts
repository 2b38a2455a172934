// Random names as long as the original's slug ids, and of the same alphabet.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { newId } from "../src/ids.ts";

const IDS: readonly string[] = Array.from({ length: 2_000 }, newId);

/** The bytes of a UUID, from the URL-safe Base64 of its id. */
function bytesOf(id: string): Uint8Array {
  return Uint8Array.from(atob(id.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}

Deno.test("an id has 22 characters that are safe in URLs and file names", () => {
  for (const id of IDS) assertMatch(id, /^[A-Za-z0-9_-]{21}[AQgw]$/);
});

Deno.test("an id holds 16 bytes", () => {
  for (const id of IDS) assertEquals(bytesOf(id).length, 16);
});

Deno.test("each id is another, and at least 120 of their bits are random", () => {
  assertEquals(new Set(IDS).size, IDS.length);
  const always1 = new Uint8Array(16).fill(0xff);
  const ever1 = new Uint8Array(16);
  for (const bytes of IDS.map(bytesOf)) {
    bytes.forEach((byte, index) => {
      always1[index]! &= byte;
      ever1[index]! |= byte;
    });
  }
  const varying = ever1.map((byte, index) => byte & ~always1[index]!);
  const count = [...varying].reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
  assert(count >= 120, `${count} bits`);
});

Deno.test("an id is never the one that stands for no replica", () => {
  assert(!IDS.includes("-"));
});

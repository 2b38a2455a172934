// Anybody can build the published tarball again, and compare.

import { assertEquals } from "@std/assert";
import { packageTest, tarball, tarballAgain } from "./environment.ts";

packageTest("two builds of the same source make the same tarball, byte by byte", async () => {
  assertEquals(await sha256(tarballAgain()), await sha256(tarball()));
});

async function sha256(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}

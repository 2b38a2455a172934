import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { FAKE_KEYS, RECORD, setUp } from "./setup.ts";

Deno.test("a request signs its host, time, body and conditions, and sends no other headers", async () => {
  const { service, store } = setUp();
  await store.write("task", RECORD, null);
  await store.read("task");
  const [write, read] = service.requests.map(({ headers }) => headers);
  assertEquals(
    [...write!.keys()].sort().join(" "),
    "accept-encoding authorization cache-control content-type host if-none-match x-amz-content-sha256 x-amz-date",
  );
  assertEquals(write!.get("x-amz-content-sha256"), createHash("sha256").update(RECORD).digest("hex"));
  assertMatch(
    write!.get("authorization")!,
    /SignedHeaders=cache-control;host;if-none-match;x-amz-content-sha256;x-amz-date,/,
  );
  assertEquals(
    [...read!.keys()].sort().join(" "),
    "accept-encoding authorization host x-amz-content-sha256 x-amz-date",
  );
});

Deno.test("a repeated request has a signature of its own time", async () => {
  const { service, store } = setUp();
  service.failFirst({ reply: { status: 503 } });
  const random = Math.random;
  // a wait of at least one second, as the time in a signature has whole seconds
  Math.random = () => 1;
  try {
    await store.read("task");
  } finally {
    Math.random = random;
  }
  const [first, second] = service.requests.map(({ headers }) => headers.get("x-amz-date"));
  assertNotEquals(first, second);
});

Deno.test("a session token is sent and signed", async () => {
  const { service, store } = setUp({ credentials: { ...FAKE_KEYS, sessionToken: "a-token/+=" } });
  service.sessionTokens = new Set(["a-token/+="]);
  assertEquals(await store.read("task"), null);
  assertMatch(service.requests[0]!.headers.get("authorization")!, /;x-amz-security-token,/);
});

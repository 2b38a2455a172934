import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import type { Phase } from "./plan.ts";
import { haveOutages, type OutageServer } from "./server_outages.ts";

/** A server that notes its calls. */
function notingServer(): OutageServer & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    freeze: () => void calls.push("freeze"),
    thaw: () => void calls.push("thaw"),
    stop: () => Promise.resolve(void calls.push("stop")),
    start: () => Promise.resolve(void calls.push("start")),
  };
}

const PHASES: readonly Phase[] = [
  { kind: "calm", fromMs: 0, toMs: 20 },
  { kind: "hung", fromMs: 20, toMs: 40 },
  { kind: "down", fromMs: 40, toMs: 60 },
  { kind: "restart", fromMs: 60, toMs: 80 },
];

Deno.test("haveOutages() freezes and restarts the server in its phases, and returns when", async () => {
  const server = notingServer();
  const startMs = Date.now();
  const outages = await haveOutages(server, PHASES, startMs, new AbortController().signal);
  assertEquals(server.calls, ["freeze", "thaw", "stop", "start"]);
  assertEquals(outages.map(({ kind }) => kind), ["hung", "restart"]);
  for (const { fromMs, toMs } of outages) assertGreaterOrEqual(toMs - fromMs, 0);
  assertGreaterOrEqual(outages[1]?.toMs ?? 0, startMs + 79);
});

Deno.test("haveOutages() leaves the server running when it is ended early", async () => {
  const server = notingServer();
  const ending = new AbortController();
  server.freeze = () => {
    server.calls.push("freeze");
    ending.abort();
  };
  await haveOutages(server, [{ kind: "hung", fromMs: 0, toMs: 60_000 }, ...PHASES], Date.now(), ending.signal);
  assertEquals(server.calls, ["freeze", "thaw"]);
});

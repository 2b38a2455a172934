import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../../src/testing/seeded_random.ts";
import type { PhaseKind } from "./plan.ts";
import { drawTcpFault, TcpFaults } from "./tcp_faults.ts";

Deno.test("drawTcpFault() cuts all data while down, holds it while silent, and draws all kinds when mixed", () => {
  const random = seededRandom(1);
  const draw = (phase: PhaseKind, direction: "request" | "answer"): (string | undefined)[] =>
    Array.from({ length: 500 }, () => drawTcpFault(phase, direction, random)?.label);
  for (const phase of ["calm", "hung", "restart"] as const) assertEquals(new Set(draw(phase, "request")).size, 1);
  assertEquals(drawTcpFault("down", "request", random), { label: "down", action: "cut" });
  assertEquals(drawTcpFault("silent", "answer", random), { label: "silent", action: "hold" });
  const requests = new Set(draw("mixed", "request"));
  for (const label of ["request delayed", "cut before the server", "cut after the server", "half-open", undefined]) {
    assert(requests.has(label), label);
  }
  assertEquals(new Set(draw("mixed", "answer")), new Set([undefined, "answer delayed"]));
});

Deno.test("TcpFaults injects the faults of the phase, counts them, and cuts connections that it held", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let phase: PhaseKind = "silent";
  await using faults = new TcpFaults(listener.addr.port, () => phase, seededRandom(1));
  using client = await Deno.connect({ hostname: "127.0.0.1", port: faults.port });
  using server = await listener.accept();
  await client.write(new Uint8Array([1]));
  while (faults.faults.size === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals([...faults.faults], [["silent", 1]]);
  phase = "calm";
  const chunk = new Uint8Array(1);
  assertEquals(await client.read(chunk).catch(() => null), null);
  assertEquals(await server.read(chunk).catch(() => null), null);
});

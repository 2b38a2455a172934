import { assertEquals } from "@std/assert";
import type { Replica, Run } from "./processes.ts";
import { overlaps, table } from "./report.ts";

function replica(name: string, pid: number, endedBy?: string): Replica {
  const process = { pid } as Deno.ChildProcess;
  return { name, process, printed: Promise.resolve(), ...(endedBy !== undefined && { endedBy }) };
}

const [A, B] = [replica("A", 12_345, "SIGKILL"), replica("B", 678)];

function run(term: number, replica: Replica, startedMs: number, endedMs?: number): Run {
  return { term, replica, dueMs: 0, startedMs, ...(endedMs !== undefined && { endedMs }) };
}

Deno.test("overlaps() finds runs that overlap, in any order", () => {
  const [first, second, third] = [run(1, A, 0, 2_000), run(2, B, 2_000, 4_000), run(3, A, 3_999, 6_000)];
  assertEquals(overlaps([first, second]), []);
  assertEquals(overlaps([third, second, first]), [[second, third]]);
  assertEquals(overlaps([run(1, A, 0), third]).length, 1);
  assertEquals(overlaps([run(1, A, 0, 9_000), second, third]).length, 3);
});

Deno.test("table() has a line for each replica", () => {
  const lines = [
    "replica  process  runs  terms  ended by",
    "A        12345    2     1 3    SIGKILL",
    "B        678      1     2",
  ];
  assertEquals(table([A, B], [run(1, A, 0), run(2, B, 0), run(3, A, 0)]), lines.join("\n"));
});

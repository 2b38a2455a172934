import { assert, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { replicasFor, type ReplicasForOptions, tasksFor, type TasksForOptions } from "../../src/sharding.ts";

function names(prefix: string, length: number): string[] {
  return Array.from({ length }, (_, index) => `${prefix}-${index}`);
}

const name = fc.string({ minLength: 1 });
const replicas = fc.uniqueArray(name, { minLength: 2, maxLength: 12 });
const count = fc.integer({ min: 1, max: 14 });

Deno.test("replicasFor() never changes from version to version, as replicas of two versions run side by side", () => {
  const servers = names("server", 5);
  const found = ["backup", "clean-up", "Straße", "server-0"].map((task) => replicasFor(task, { replicas: servers }));
  assertEquals(found.map((servers) => servers.map((server) => server.at(-1)).join("")), ["413", "301", "431", "103"]);
});

Deno.test("replicasFor() names as many different replicas as asked for, or all if there are fewer", () => {
  fc.assert(fc.property(name, replicas, count, (task, all, count) => {
    const found = replicasFor(task, { replicas: all, count });
    assertEquals(new Set(found).size, Math.min(count, all.length));
    assert(found.every((replica) => all.includes(replica)));
  }));
});

Deno.test("replicasFor() names three replicas by default", () => {
  assertEquals(replicasFor("backup", { replicas: names("server", 9) }).length, 3);
  assertEquals(replicasFor("backup", { replicas: names("server", 9), count: undefined }).length, 3);
});

Deno.test("replicasFor() does not depend on the order of the replicas", () => {
  fc.assert(fc.property(name, replicas, count, (task, all, count) => {
    assertEquals(
      replicasFor(task, { replicas: all.toReversed(), count }),
      replicasFor(task, { replicas: all, count }),
    );
  }));
});

Deno.test("replicasFor() names the same first replicas, whatever their number", () => {
  fc.assert(fc.property(name, replicas, count, (task, all, count) => {
    const ranking = replicasFor(task, { replicas: all, count: all.length });
    assertEquals(replicasFor(task, { replicas: all, count }), ranking.slice(0, count));
  }));
});

Deno.test("replicasFor() replaces a replica that is removed, and moves nothing else", () => {
  fc.assert(fc.property(name, replicas, count, fc.nat(), (task, all, count, index) => {
    const removed = all[index % all.length]!;
    const rest = all.filter((replica) => replica !== removed);
    const before = replicasFor(task, { replicas: all, count });
    const kept = before.filter((replica) => replica !== removed);
    assertEquals(replicasFor(task, { replicas: rest, count }).slice(0, kept.length), kept);
  }));
});

Deno.test("tasksFor() names the tasks for which replicasFor() names the replica, in their order", () => {
  const tasks = names("task", 50);
  fc.assert(fc.property(replicas, count, (all, count) => {
    for (const replica of all) {
      assertEquals(
        tasksFor(replica, { tasks, replicas: all, count }),
        tasks.filter((task) => replicasFor(task, { replicas: all, count }).includes(replica)),
      );
    }
  }));
});

for (const [size, taskCount] of [[3, 1_000], [10, 10_000], [100, 10_000]] as const) {
  Deno.test(`tasksFor() gives each of ${size} replicas its share of ${taskCount} tasks with similar names, within chance`, () => {
    const all = names("server", size);
    for (const count of [1, 2]) {
      const options = { tasks: names("tenant", taskCount), replicas: all, count };
      const expected = taskCount * count / size;
      const chance = Math.sqrt(expected * (1 - count / size));
      for (const replica of all) {
        const found = tasksFor(replica, options).length;
        assertLess(Math.abs(found - expected), 4 * chance, `${replica} has ${found} tasks of ${expected} expected`);
      }
    }
  });
}

Deno.test("replicasFor() gives a replica that is added its share of the tasks, and takes it from all others", () => {
  const tasks = names("tenant", 10_000);
  const [before, after] = [9, 10].map((size) =>
    tasks.map((task) => replicasFor(task, { replicas: names("server", size), count: 1 })[0]!)
  );
  const moved = after!.filter((replica, index) => replica !== before![index]);
  assertEquals(new Set(moved), new Set(["server-9"]));
  assertGreater(moved.length, 900);
  assertLess(moved.length, 1_100);
});

Deno.test("replicasFor() spreads the tasks that a replica leaves over all others", () => {
  const [all, rest] = [names("server", 10), names("server", 9)];
  const heirs = new Map<string, number>();
  for (const task of names("tenant", 10_000)) {
    if (replicasFor(task, { replicas: all, count: 1 })[0] !== "server-9") continue;
    const [heir = ""] = replicasFor(task, { replicas: rest, count: 1 });
    heirs.set(heir, (heirs.get(heir) ?? 0) + 1);
  }
  assertEquals(heirs.size, 9);
  // some 111 each
  for (const [heir, tasks] of heirs) assert(tasks > 70 && tasks < 155, `${heir} inherits ${tasks}`);
});

Deno.test("replicasFor() and tasksFor() refuse wrong arguments", () => {
  const all = ["a", "b"];
  const wrong: [string, unknown, string, ErrorConstructor][] = [
    ["", { replicas: all }, 'the task\'s name must be a text: current value is ""', TypeError],
    ["t", undefined, "its options must be an object: current value is undefined", TypeError],
    ["t", {}, '"replicas" is required: current value is undefined', TypeError],
    ["t", { replicas: "a" }, '"replicas" must be an object: current value is "a"', TypeError],
    ["t", { replicas: new Set(all) }, '"replicas" must be an array of names: current value is', TypeError],
    ["t", { replicas: ["a", 1] }, '"replicas" must have names only: current value is 1', TypeError],
    ["t", { replicas: ["a", "b", "a"] }, '"replicas" must not have a name twice: current value is "a"', RangeError],
    ["t", { replicas: [] }, '"replicas" must have at least one name: current value is', RangeError],
    ["t", { replicas: all, count: "2" }, '"count" must be a number: current value is "2"', TypeError],
    ["t", { replicas: all, count: 0 }, '"count" must be a whole number from 1 on: current value is 0', RangeError],
    ["t", { replicas: all, count: 1.5 }, '"count" must be a whole number from 1 on: current value is 1.5', RangeError],
    [
      "t",
      { replicas: all, counts: 2 },
      '"counts" is not an option, did you mean "count"?: current value is 2',
      TypeError,
    ],
  ];
  for (const [task, options, state, type] of wrong) {
    const call = (): string[] => replicasFor(task, options as ReplicasForOptions);
    assertThrows(call, type, `Cannot find the replicas of a task as ${state}`);
  }
  const wrongTasks: [string, unknown, string, ErrorConstructor][] = [
    ["", { tasks: [], replicas: all }, "the replica's name must be a text", TypeError],
    ["c", { tasks: [], replicas: all }, '"replicas" must have its name: current value is "c"', RangeError],
    ["a", { replicas: all }, '"tasks" is required', TypeError],
    ["a", { tasks: [""], replicas: all }, '"tasks" must have names only: current value is ""', TypeError],
    ["a", { tasks: ["t"], replicas: all, count: -1 }, '"count" must be a whole number from 1 on', RangeError],
  ];
  for (const [replica, options, state, type] of wrongTasks) {
    const call = (): string[] => tasksFor(replica, options as TasksForOptions);
    assertThrows(call, type, `Cannot find the tasks of a replica as ${state}`);
  }
});

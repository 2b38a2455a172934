import { assertEquals, assertStringIncludes } from "@std/assert";
import type { StatusEntry } from "../../mod.ts";
import { NOON_MS } from "../helpers/records.ts";
import { TestCommandLine, TestStore } from "./setup.ts";

/** What doctor finds: each check with its outcome. */
async function findings(line: TestCommandLine): Promise<{ code: number; found: Record<string, string>; text: string }> {
  const code = await line.run("doctor", "--json");
  const { findings } = JSON.parse(line.stdout.text) as { findings: { check: string; outcome: string }[] };
  return {
    code,
    found: Object.fromEntries(findings.map(({ check, outcome }) => [check, outcome])),
    text: line.stdout.text,
  };
}

/** A command line on a store that differs from one that works. */
function lineOn(store: TestStore): TestCommandLine {
  return new TestCommandLine({ openStore: () => Promise.resolve(store) });
}

Deno.test("doctor finds nothing wrong with a store that works, and names the record that stays", async () => {
  const line = new TestCommandLine();
  const { code, found, text } = await findings(line);
  assertEquals(code, 0);
  assertEquals(found, { read: "ok", list: "ok", conditions: "ok", hints: "ok", clock: "ok", latency: "ok" });
  assertEquals(JSON.parse(text).recordsLeft, ["neat-periodic-task-check"]);
  const keys: string[] = [];
  for await (const key of line.store.list()) keys.push(key);
  assertEquals(keys, ["neat-periodic-task-check"]);
});

Deno.test("doctor finds a store that ignores versions", async () => {
  class Unconditional extends TestStore {
    override async write(key: string, value: Uint8Array): Promise<string | null> {
      return await super.write(key, value, (await this.read(key))?.version ?? null);
    }
  }
  const { code, found, text } = await findings(lineOn(new Unconditional()));
  assertEquals([code, found["conditions"]], [1, "failed"]);
  assertStringIncludes(text, "Use a store that keeps conditions of writes.");
});

Deno.test("doctor finds a missing permission to write and to list", async () => {
  class ReadOnly extends TestStore {
    override write(): Promise<string | null> {
      return Promise.reject(new Error("permission denied"));
    }
  }
  const readOnly = await findings(lineOn(new ReadOnly()));
  assertEquals([readOnly.code, readOnly.found["read"], readOnly.found["write"]], [1, "ok", "failed"]);
  assertStringIncludes(readOnly.text, "permission denied");
  assertEquals(JSON.parse(readOnly.text).recordsLeft, []);
  class Unlisted extends TestStore {
    // deno-lint-ignore require-yield
    override async *list(): AsyncGenerator<string, void, void> {
      await Promise.reject(new Error("permission denied"));
    }
  }
  const unlisted = await findings(lineOn(new Unlisted()));
  assertEquals([unlisted.code, unlisted.found["list"], unlisted.found["conditions"]], [1, "failed", "ok"]);
});

Deno.test("doctor warns of a large difference between the clocks of host and store", async () => {
  class Ahead extends TestStore {
    override async read(...args: Parameters<TestStore["read"]>): Promise<StatusEntry | null> {
      const entry = await super.read(...args);
      return entry && { ...entry, storeTime: NOON_MS + 90_000 };
    }
  }
  const { code, found, text } = await findings(lineOn(new Ahead()));
  assertEquals([code, found["clock"]], [0, "warning"]);
  assertStringIncludes(text, "this host is 1m30s behind the store");
});

Deno.test("doctor stops at a store that cannot be read, with exit code 3, and says what to check", async () => {
  const line = new TestCommandLine({ env: { NEAT_STORE: "redis://cache" } });
  line.store.failure = new Error("connection refused");
  assertEquals(await line.run("doctor"), 3);
  assertEquals(line.stdout.lines.slice(0, 3).map((text) => text.trim()), [
    "redis://cache",
    "failed   read        connection refused",
    "-> Check the address, the network, the credentials and the right to read.",
  ]);
  assertStringIncludes(line.stdout.text, "See docs/stores/redis.md.");
});

Deno.test("every page that doctor names exists", async () => {
  const schemes = [
    "postgres",
    "redis",
    "mysql",
    "sqlite",
    "libsql",
    "s3",
    "gs",
    "datastore",
    "firestore",
    "deno-kv",
    "memory",
  ];
  for (const scheme of schemes) {
    const line = new TestCommandLine({ env: { NEAT_STORE: `${scheme}:x` } });
    await line.run("doctor", "--json");
    const { hint: { page } } = JSON.parse(line.stdout.text);
    assertEquals((await Deno.stat(new URL(`../../${page}`, import.meta.url))).isFile, true);
  }
});

Deno.test("doctor does not blame the store for Ctrl-C", async () => {
  const line = new TestCommandLine();
  line.store.read = () => new Promise(() => {});
  const done = line.run("doctor");
  await line.virtual.settle();
  line.emit("signal", "SIGINT");
  assertEquals(await done, 1);
  assertEquals(line.stdout.text.includes("failed"), false);
  assertStringIncludes(line.stderr.text, "the check was ended");
});

// Servers that reject a call or never answer, in fake time.

import { RedisStore } from "@neat/periodic-task/stores/redis";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { abortListeners } from "../../helpers/abort_listeners.ts";
import { settle } from "../helpers/settle.ts";
import { fails, never, ScriptedRedis, TIME } from "./scripted_redis.ts";

const BYTES = new Uint8Array([97]);

Deno.test("an error of the server says what it means, and has the driver's error as its cause", async () => {
  const cases = {
    "READONLY the server is a replica": "the server is a replica, which does not accept writes",
    "NOAUTH Authentication required.": "the client has not signed in",
    "WRONGPASS invalid username-password pair": "Redis rejects the user name or the password",
    "NOPERM this user has no permissions": "the user lacks a permission",
    "ERR The user executing the script can't run this command": "the user lacks a permission",
    "ERR ACL failure in script: User reader has no permissions": "the user lacks a permission",
    "ERR Error running script (call to f_4e12): @user_script:7: -READONLY You can't write":
      "the server is a replica, which " +
      "does not accept writes",
    "ERR Error running script (call to f_4e12): @user_script:7: -OOM command not allowed":
      "the server has no memory left",
    "ERR value is not an integer": "the call failed",
    "OOM command not allowed": "the server has no memory left",
    "MOVED 3999 127.0.0.1:6381": "the server belongs to a cluster, which needs a client for clusters",
    "Connection is closed.": "the call failed",
  };
  for (const [message, state] of Object.entries(cases)) {
    const client = new ScriptedRedis();
    client.answers.push(fails(message));
    const error = await assertRejects(() => new RedisStore({ client }).write("task", BYTES, null), Error);
    const expected = `Cannot write the record at "neat-periodic-task:task" of Redis as ${state}: ` +
      `current value is ${message}`;
    assertEquals([error.message, (error.cause as Error).message], [expected, message]);
  }
});

Deno.test("an error that holds the command, maybe with a password, is no cause", async () => {
  const client = new ScriptedRedis();
  client.answers.push(fails("WRONGPASS no", { command: { name: "auth", args: ["secret"] } }));
  const error = await assertRejects(() => new RedisStore({ client }).read("task"), Error, "WRONGPASS no");
  assertEquals(error.cause, undefined);
});

Deno.test("an error that is no Error, or has no message, is shown", async () => {
  const nameless = Object.assign(new Error(), { name: "AggregateError" });
  for (const [thrown, text] of [["down", "down"], [nameless, "AggregateError"], [undefined, "undefined"]]) {
    const client = new ScriptedRedis();
    client.answers.push(() => Promise.reject(thrown));
    await assertRejects(
      () => new RedisStore({ client }).read("task"),
      Error,
      `the call failed: current value is ${text}`,
    );
  }
});

Deno.test("a call without an answer ends at requestTimeout, 8 s if absent", async () => {
  for (const [options, limitMs] of [[{}, 8_000], [{ requestTimeout: { seconds: 2 } }, 2_000]] as const) {
    using time = new FakeTime();
    const client = new ScriptedRedis();
    const store = new RedisStore({ client, ...options });
    for (const action of ["read", "write"] as const) {
      client.answers.push(never);
      const call = action === "read" ? store.read("task") : store.write("task", BYTES, null);
      const { error, afterMs } = await settle<unknown>(time, call);
      const message = `Cannot ${action} the record at "neat-periodic-task:task" of Redis as it did not answer within ` +
        `requestTimeout: current value is ${limitMs} ms`;
      assertEquals([error?.message, afterMs], [message, limitMs]);
    }
    assertEquals(client.calls.length, 2);
  }
});

Deno.test("a signal ends a call at once with its reason, and the call leaves no listener", async () => {
  using _time = new FakeTime();
  const reason = new Error("enough");
  const client = new ScriptedRedis();
  const store = new RedisStore({ client });
  await assertRejects(() => store.read("task", { signal: AbortSignal.abort(reason) }), Error, "enough");
  assertEquals(client.calls, []);
  client.answers.push(never);
  const controller = new AbortController();
  const call = store.write("task", BYTES, null, controller);
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => call), reason);
  const { signal, count } = abortListeners();
  await store.read("task", { signal });
  assertEquals(count(), 0);
});

Deno.test("an abort while the digest is unknown does not send the text of the script", async () => {
  const client = new ScriptedRedis();
  const controller = new AbortController();
  client.answers.push(() => {
    controller.abort(new Error("enough"));
    throw new Error("NOSCRIPT No matching script.");
  });
  await assertRejects(() => new RedisStore({ client }).write("task", BYTES, null, controller), Error, "enough");
  for (let turn = 0; turn < 10; turn++) await undefined;
  assertEquals(client.calls.length, 1);
});

Deno.test("a late answer or error is ignored", async () => {
  using time = new FakeTime();
  const client = new ScriptedRedis();
  const late = [Promise.withResolvers(), Promise.withResolvers()];
  client.answers.push(...late.map(({ promise }) => () => promise));
  const store = new RedisStore({ client });
  for (const _ of late) await settle(time, store.read("task"));
  late[0]?.resolve([...TIME, "none"]);
  // an unhandled rejection would fail the test
  late[1]?.reject(new Error("too late"));
  await time.runMicrotasks();
});

// How a client of node-redis is connected before the first call.

import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { connecting, type NodeRedis } from "../../../stores/open/redis.ts";

/** A client whose attempts to connect a test answers. */
class ScriptedNodeRedis implements NodeRedis {
  readonly attempts: PromiseWithResolvers<void>[] = [];
  isOpen = false;
  destroyed = 0;

  connect(): Promise<void> {
    this.isOpen = true;
    const attempt = Promise.withResolvers<void>();
    this.attempts.push(attempt);
    return attempt.promise;
  }

  destroy(): void {
    this.isOpen = false;
    this.destroyed++;
  }

  disconnect(): Promise<never> {
    return Promise.reject(new Error("not called"));
  }

  on(): void {}

  sendCommand(): Promise<never> {
    return Promise.reject(new Error("not called"));
  }
}

Deno.test("node-redis connects once, for all calls of the same moment", async () => {
  const client = new ScriptedNodeRedis();
  const prepare = connecting(client, 100);
  const calls = [prepare(), prepare()];
  client.attempts[0]?.resolve();
  await Promise.all(calls);
  assertEquals([prepare(), client.attempts.length], [undefined, 1]);
});

Deno.test("node-redis is closed when it does not connect in time, and connects again at the next call", async () => {
  using time = new FakeTime();
  const client = new ScriptedNodeRedis();
  const prepare = connecting(client, 100);
  const failed = assertRejects(async () => await prepare(), Error, 'did not answer within the "timeout" of its URL');
  await time.tickAsync(100);
  await failed;
  assertEquals(client.destroyed, 1);
  client.attempts[0]?.reject(new Error("closed"));
  const again = prepare();
  client.attempts[1]?.resolve();
  await again;
  assertEquals([prepare(), client.attempts.length], [undefined, 2]);
});

/**
 * How does a server with Fastify run periodic tasks?
 *
 * A plugin starts the tasks in the hook `onListen`, and stops them in the hook `onClose`, which waits for the run in progress. At
 * SIGTERM or Ctrl-C the server closes.
 *
 *   deno run --allow-net=127.0.0.1 --allow-env --allow-read --allow-sys examples/frameworks/fastify.ts
 */
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler, type Run } from "@neat/periodic-task";
import { health } from "@neat/periodic-task/health";
import { fastify, type FastifyPluginCallback } from "fastify";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

/** Runs tasks as long as the server is open. */
const periodicTasks: FastifyPluginCallback<{ tasks: NeatPeriodicTaskGroup }> = (instance, { tasks }, done) => {
  let stopped: Promise<unknown> | undefined;
  const stop = (): Promise<unknown> => stopped ??= tasks.stop({ timeout: { seconds: 20 } });
  instance.addHook("onListen", () => Promise.resolve(tasks.start()));
  // requests in progress are waited for after this hook
  instance.addHook("preClose", (done) => {
    stop();
    done();
  });
  instance.addHook("onClose", async () => {
    await stop();
  });
  done();
};

const tasks = new NeatPeriodicTaskGroup([
  new NeatPeriodicTaskScheduler({
    name: "clean-up",
    interval: { minutes: 10 },
    timeout: { minutes: 1 },
    task: cleanUp,
  }),
]);

const app = fastify();
app.register(periodicTasks, { tasks });
app.get("/", () => Promise.resolve("Hello from Fastify"));

const check = health(tasks);
app.get("/health", async (_request, reply) => {
  const answer = await check(new Request("http://localhost/health"));
  reply.code(answer.status).headers(Object.fromEntries(answer.headers));
  return await answer.text();
});

const url = await app.listen({ host: "127.0.0.1", port: Number(process.env["PORT"] ?? 8000) });
console.log(`Listening on ${url}/`);

const signals = ["SIGINT", "SIGTERM"] as const;
for (const signal of signals) process.once(signal, shutDown);

async function shutDown(): Promise<void> {
  // a second signal ends the process at once
  for (const signal of signals) process.off(signal, shutDown);
  // a stream that is open, such as one of server-sent events, would be waited for without a limit
  setTimeout(() => app.server.closeAllConnections(), 5_000);
  await app.close();
  process.exit();
}

async function cleanUp({ signal }: Run): Promise<void> {
  console.log("Cleaning up");
  await sleep(1_000, undefined, { signal });
  console.log("Cleaned up");
}

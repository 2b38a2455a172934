import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Invocation } from "../../src/cli/command.ts";
import { dashboardCommand } from "../../src/cli/commands/dashboard.ts";
import { serve } from "../../src/cli/http_server.ts";
import { plainStyle } from "../../src/cli/style.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { connect } from "node:net";
import { TestCommandLine } from "./setup.ts";

/** The calls of a dashboard that only says whether it has actions. */
const FAKE = dashboardCommand(() =>
  Promise.resolve({ dashboard: ({ actions }) => ({ fetch: () => new Response(`actions: ${actions}`) }) })
);

function invocation(line: TestCommandLine, values: Record<string, string>, ...flags: string[]): Invocation {
  const { io } = line;
  const isJson = false;
  return {
    io,
    command: FAKE,
    values,
    flags: new Set(flags),
    positionals: [],
    program: [],
    isJson,
    style: plainStyle,
    commands: [],
  };
}

Deno.test("dashboard serves until a signal, and prints its address", async () => {
  const line = new TestCommandLine();
  const done = FAKE.run(invocation(line, {}));
  await line.virtual.settle();
  assertEquals(line.stdout.text, "The dashboard of memory: is at http://127.0.0.1:8080/ (Ctrl-C ends it)\n");
  assertEquals(await (await line.fetch?.(new Request("http://127.0.0.1:8080/")))?.text(), "actions: false");
  line.emit("signal", "SIGINT");
  assertEquals(await done, 0);
  assertEquals([line.isServing, line.listeners, line.store.closed], [false, 0, 1]);
});

Deno.test("dashboard on 127.0.0.1 refuses other names than those of this host", async () => {
  const line = new TestCommandLine();
  const done = FAKE.run(invocation(line, {}, "actions"));
  await line.virtual.settle();
  const status = async (url: string): Promise<number | undefined> => (await line.fetch?.(new Request(url)))?.status;
  assertEquals(await status("http://localhost:8080/"), 200);
  assertEquals(await status("http://[::1]:8080/"), 200);
  assertEquals(await status("http://evil.example:8080/"), 421);
  line.emit("signal", "SIGINT");
  await done;
});

/** Sends a request as it is over a socket. Returns the status of the answer. */
async function statusOf(port: number, target: string, host: string): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("utf8");
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let text = "";
  socket.on("data", (part: string) => text += part);
  await new Promise((resolve) => socket.once("close", resolve));
  return Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]);
}

Deno.test("dashboard on 127.0.0.1 goes by the header Host, whatever the target of the request is", async () => {
  const line = new TestCommandLine();
  let port = 0;
  const serving = Promise.withResolvers<void>();
  (line.io as { serve: typeof serve }).serve = async (...args) => {
    const server = await serve(...args);
    port = server.port;
    serving.resolve();
    return server;
  };
  const done = FAKE.run(invocation(line, { port: "0" }, "actions"));
  await serving.promise;
  assertEquals(await statusOf(port, "/", `127.0.0.1:${port}`), 200);
  assertEquals(await statusOf(port, "//x/y", "localhost"), 200);
  assertEquals(await statusOf(port, "/", "evil.example"), 421);
  assertEquals(await statusOf(port, "//127.0.0.1/", "evil.example"), 421);
  assertEquals(await statusOf(port, "/\\127.0.0.1/", "evil.example"), 421);
  assertEquals(await statusOf(port, "http://127.0.0.1/", "evil.example"), 400);
  assertEquals(await statusOf(port, "/", "127.0.0.1/@evil.example"), 400);
  line.emit("signal", "SIGINT");
  assertEquals(await done, 0);
});

Deno.test("dashboard refuses --actions on other addresses without --remote-actions, and warns on all of them", async () => {
  const line = new TestCommandLine();
  await assertRejects(() => FAKE.run(invocation(line, { host: "0.0.0.0" }, "actions")), UsageError, "is refused");
  const done = FAKE.run(invocation(line, { host: "0.0.0.0" }, "actions", "remote-actions"));
  await line.virtual.settle();
  assertStringIncludes(line.stderr.text, "warning: it has no sign-in");
  line.emit("signal", "SIGTERM");
  assertEquals(await done, 0);
});

Deno.test("dashboard refuses a port that is none", async () => {
  const line = new TestCommandLine();
  for (const port of ["80x", "-1", "65536"]) {
    await assertRejects(() => FAKE.run(invocation(line, { port })), UsageError, "--port must be");
  }
});

Deno.test("serve() passes requests and responses on, streams them, and ends them with the server", async () => {
  const left = Promise.withResolvers<void>();
  const server = await serve(async (request) => {
    if (new URL(request.url).pathname !== "/events") {
      const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-method", request.method]]);
      return new Response(`got ${await request.text()}`, { status: 201, headers });
    }
    request.signal.addEventListener("abort", () => left.resolve());
    const body = new ReadableStream<Uint8Array>({
      start: (sink) => sink.enqueue(new TextEncoder().encode("data: 1\n\n")),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }, { host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${server.port}/`;
  const answer = await fetch(url, { method: "POST", body: "hello" });
  assertEquals([answer.status, answer.headers.get("x-method"), await answer.text()], [201, "POST", "got hello"]);
  assertEquals(answer.headers.getSetCookie(), ["a=1", "b=2"]);
  const events = await fetch(`${url}events`);
  const reader = events.body?.getReader();
  assertEquals(new TextDecoder().decode((await reader?.read())?.value), "data: 1\n\n");
  await server.close();
  await reader?.read().catch(() => {});
  await left.promise;
});

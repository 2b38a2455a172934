import { assertEquals } from "@std/assert";
import { RunningExample } from "../../examples/example.ts";
import { DATABASE, serverTest } from "./servers.ts";

serverTest("examples/mysql.ts shares a task among processes, and ends at SIGTERM", async (server) => {
  const args = ["--url", `mysql://root@127.0.0.1:${server.port}/${DATABASE}`, "--interval", "2"];
  await using first = await RunningExample.start("mysql.ts", args);
  await first.printed(/Hello World 1\n[^]*FINISHED/);
  await using second = await RunningExample.start("mysql.ts", args);
  first.signal("SIGTERM");
  assertEquals((await first.ended()).code, 0);
  await second.printed(/Hello World [23]\n[^]*FINISHED/);
  second.signal("SIGTERM");
  assertEquals((await second.ended()).code, 0);
});

import { assertEquals } from "@std/assert";
import { RunningExample } from "../../examples/example.ts";
import { serverTest } from "./server.ts";

serverTest("examples/consul.ts shares a record among processes, and ends at SIGTERM", async (_t, { url }) => {
  const args = ["--endpoint", url, "--interval", "2"];
  await using first = await RunningExample.start("consul.ts", args);
  await first.printed(/Hello World 1\n[^]*FINISHED/);
  await using second = await RunningExample.start("consul.ts", args);
  first.signal("SIGTERM");
  assertEquals((await first.ended()).code, 0);
  await second.printed(/Hello World [23]\n[^]*FINISHED/);
  second.signal("SIGTERM");
  assertEquals((await second.ended()).code, 0);
});

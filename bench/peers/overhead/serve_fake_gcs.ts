// Serves the fake Cloud Storage on 127.0.0.1 until standard input ends, and prints its URL. The argument is the delay of its
// answers in milliseconds.

import { FakeGcs } from "../../../internal/servers/fake_gcs.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";

const delayMs = Number(Deno.args[0]);
const service = new FakeGcs();
service.script = () => {
  // the requests would pile up
  service.requests.length = 0;
  return delayMs > 0 ? { after: new Promise((resolve) => setTimeout(resolve, delayMs)) } : undefined;
};
const server = new FaultServer(service);
console.log(server.url);
for await (const _ of Deno.stdin.readable);
await server[Symbol.asyncDispose]();

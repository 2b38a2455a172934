// Serves the tests' fake of Cloud Storage on 127.0.0.1 until its standard input ends. Prints its address. The argument is how
// many milliseconds it waits before it answers.

import { FakeGcs } from "../../../../tests/helpers/fake_gcs.ts";
import { FaultServer } from "../../../../tests/helpers/fault_server.ts";

const delayMs = Number(Deno.args[0]);
const service = new FakeGcs();
service.script = () => {
  // it would keep them all
  service.requests.length = 0;
  return delayMs > 0 ? { after: new Promise((resolve) => setTimeout(resolve, delayMs)) } : undefined;
};
const server = new FaultServer(service);
console.log(server.url);
for await (const _ of Deno.stdin.readable);
await server[Symbol.asyncDispose]();

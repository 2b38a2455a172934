// deno run -A tests/stores/mysql/process_program.ts PORT INCREMENTS
//
// One of several processes that count in the record of one table. Waits for SIGUSR1, and prints a line for each increment, and
// at the end the number of conflicts as JSON.

import { createPool } from "mysql2/promise";
import { MysqlStore } from "../../../stores/mysql.ts";

const [port = "", increments = "0"] = Deno.args;
const pool = createPool({ host: "127.0.0.1", port: Number(port), user: "root", database: "tasks", connectionLimit: 2 });
const store = new MysqlStore({ client: pool });
await store.createTable();

const { promise: started, resolve: start } = Promise.withResolvers<void>();
Deno.addSignalListener("SIGUSR1", start);
console.log("ready");
await started;
Deno.removeSignalListener("SIGUSR1", start);
let conflicts = 0;
for (let written = 0; written < Number(increments);) {
  const entry = await store.read("count");
  const next = Number(new TextDecoder().decode(entry?.value)) + 1;
  const version = await store.write("count", new TextEncoder().encode(String(next)), entry?.version ?? null);
  if (version === null) conflicts++;
  else console.log(`written ${++written}`);
}
console.log(JSON.stringify({ conflicts }));
await pool.end();

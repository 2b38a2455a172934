import type { Postgres } from "./postgres.ts";
import { SUPERUSER } from "./postgres.ts";
import { findFolder, freePort, type Missing, ServerProcess } from "./server_process.ts";

/** A PgBouncer in transaction mode. Disposing of it ends it. */
export interface PgBouncer extends AsyncDisposable {
  readonly port: number;
  /** Returns the URL of a database of its server for clients. */
  url(database: string): string;
}

/** How many connections to the server all clients share. */
const POOL_SIZE = 3;

/** Starts PgBouncer in front of a server if the machine has it. */
export async function startPgBouncer({ port: serverPort, programs }: Postgres): Promise<PgBouncer | Missing> {
  const found = await findFolder(["pgbouncer"], ["/usr/sbin"]);
  if (!found) return { reason: "there is no pgbouncer on the PATH (Debian: apt-get install pgbouncer)" };
  await using starting = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_pgbouncer_" });
  starting.defer(() => Deno.remove(folder, { recursive: true }));
  const port = freePort();
  const settings = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "trust",
    auth_file: `${folder}/users.txt`,
    pool_mode: "transaction",
    default_pool_size: POOL_SIZE,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const config = ["[databases]", `* = host=127.0.0.1 port=${serverPort}`, "[pgbouncer]", ...lines, ""].join("\n");
  await Deno.writeTextFile(`${folder}/pgbouncer.ini`, config);
  await Deno.writeTextFile(`${folder}/users.txt`, `"${SUPERUSER}" ""\n`);
  if (programs.user) await Deno.chown(folder, programs.user.uid, programs.user.gid);
  starting.use(
    await ServerProcess.start({
      name: "PgBouncer",
      command: `${found}/pgbouncer`,
      args: [`${folder}/pgbouncer.ini`],
      port,
      // ends at once
      stopSignal: "SIGTERM",
      ...programs.user && { user: programs.user },
    }),
  );
  const running = starting.move();
  return {
    port,
    url: (database) => `postgres://${SUPERUSER}@127.0.0.1:${port}/${database}`,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

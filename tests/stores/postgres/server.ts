/**
 * Runs tests on a real server.
 *
 * @module
 */
import { type Postgres, startPostgres } from "../../../internal/servers/postgres.ts";

/** Why tests on a server are skipped; `undefined` if they run. */
export const skipped: string | undefined = Deno.env.get("NEAT_TEST_STORES") === "1"
  ? undefined
  : "`deno task test:stores` starts PostgreSQL";

/** Makes a test whose steps share a server. It is skipped where no PostgreSQL is installed. */
export function serverTest(name: string, fn: (t: Deno.TestContext, server: Postgres) => Promise<void>): void {
  Deno.test({
    name: skipped ? `${name} (skipped: ${skipped})` : name,
    ignore: skipped !== undefined,
    fn: async (t) => {
      const server = await startPostgres({ countsStatements: false });
      if ("reason" in server) return console.log(`skipped: ${server.reason}`);
      await using _ = server;
      await fn(t, server);
    },
  });
}

/** The URL of another port, user or with options of the session. */
export function urlWith(
  url: string,
  { port, user, settings }: { port?: number; user?: string; settings?: Readonly<Record<string, string>> },
): string {
  const changed = new URL(url);
  if (port !== undefined) changed.port = String(port);
  if (user !== undefined) [changed.username = "", changed.password = ""] = user.split(":");
  const options = Object.entries(settings ?? {}).map(([name, value]) => `-c ${name}=${value.replaceAll(" ", "\\ ")}`);
  // encoded here, as a "+" would not become a space again
  const query = options.length > 0 ? `?options=${encodeURIComponent(options.join(" "))}` : "";
  return `${changed.href}${query}`;
}

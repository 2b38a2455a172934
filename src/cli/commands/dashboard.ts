/**
 * The command `dashboard`.
 *
 * @module
 */
import { type Command, type Invocation, printLine, STORE_OPTION } from "../command.ts";
import { deferred } from "../deferred.ts";
import { EXIT } from "../exit_code.ts";
import type { CommandServer } from "../io.ts";
import { type DashboardModule, loadDashboard } from "../load_dashboard.ts";
import { messageOf, type StoreAccess, withStore } from "../store_access.ts";
import { safeJson, safeText } from "../terminal_text.ts";
import { UsageError } from "../usage_error.ts";

const DEFAULT_PORT = 8080;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i;

/** Serves the dashboard. */
export const DASHBOARD: Command = dashboardCommand(loadDashboard);

/** Returns the command with a way to load the dashboard. Tests have their own. */
export function dashboardCommand(load: () => Promise<DashboardModule>): Command {
  return {
    name: "dashboard",
    summary: "serve the dashboard on 127.0.0.1",
    positionals: [],
    options: {
      ...STORE_OPTION,
      port: { value: "PORT", short: "p", help: `the port, 0 for any (default: ${DEFAULT_PORT})` },
      host: { value: "ADDRESS", help: "the address (default: 127.0.0.1)" },
      actions: { help: "show the buttons Run now, Pause and Resume" },
      "remote-actions": { help: "allow --actions on an address that others can reach" },
    },
    details: ["It has no sign-in: on an address that others can reach, put it behind one."],
    run: async (invocation) => {
      const { values: { port = String(DEFAULT_PORT), host = "127.0.0.1" }, flags } = invocation;
      if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
        throw new UsageError("--port must be a number from 0 to 65535", "dashboard");
      }
      const isLocal = LOOPBACK.test(host);
      if (!isLocal && flags.has("actions") && !flags.has("remote-actions")) {
        const state = `everyone who reaches ${safeText(host)} could run and pause tasks`;
        throw new UsageError(`--actions is refused as ${state}: add --remote-actions behind a sign-in`, "dashboard");
      }
      return await withStore(
        invocation,
        (access) => serveUntilSignal({ invocation, access, load, host, port: Number(port), isLocal }),
      );
    },
  };
}

interface ServeOptions {
  readonly invocation: Invocation;
  readonly access: StoreAccess;
  readonly load: () => Promise<DashboardModule>;
  readonly host: string;
  readonly port: number;
  readonly isLocal: boolean;
}

async function serveUntilSignal({ invocation, access, load, host, port, isLocal }: ServeOptions): Promise<number> {
  const { io, flags, isJson } = invocation;
  const app = (await loaded(load)).dashboard({
    store: access.store,
    actions: flags.has("actions"),
    errorText: (error) => access.redact(messageOf(error)),
  });
  const fetch = isLocal ? onlyFromLoopback((request) => app.fetch(request)) : (request: Request) => app.fetch(request);
  const signalled = deferred<void>();
  const stop = io.listen("signal", () => signalled.resolve());
  try {
    const server = await listenAt(() => io.serve(fetch, { host, port }), host, port);
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${server.port}/`;
    if (isJson) printLine(invocation, safeJson({ url, store: access.address }));
    else printLine(invocation, `The dashboard of ${safeText(access.address)} is at ${url} (Ctrl-C ends it)`);
    if (!isLocal) io.stderr.write("warning: it has no sign-in; everyone who reaches this address sees the tasks\n");
    await signalled.promise;
    await server.close();
    return EXIT.ok;
  } finally {
    stop();
  }
}

async function loaded(load: () => Promise<DashboardModule>): Promise<DashboardModule> {
  try {
    return await load();
  } catch (error) {
    throw new Error(`the dashboard cannot be loaded; it needs the package hono: ${messageOf(error)}`);
  }
}

async function listenAt(start: () => Promise<CommandServer>, host: string, port: number): Promise<CommandServer> {
  try {
    return await start();
  } catch (error) {
    throw new Error(`${safeText(host)}:${port} cannot be used: ${messageOf(error)}`);
  }
}

type Fetch = (request: Request) => Response | Promise<Response>;

/** Refuses requests by other names than that of this host: a page of another site could point its own name at 127.0.0.1. */
function onlyFromLoopback(fetch: Fetch): Fetch {
  return (request) => {
    if (LOOPBACK.test(new URL(request.url).hostname)) return fetch(request);
    return new Response("This server answers requests to localhost only.\n", { status: 421 });
  };
}

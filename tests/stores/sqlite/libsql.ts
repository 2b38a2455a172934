import type { LibsqlClient } from "@neat/periodic-task/stores/sqlite";

/** What the tests use of a client of `@libsql/client`. */
export interface TestedClient extends LibsqlClient {
  transaction(mode: "read" | "write"): Promise<{ execute(sql: string): Promise<unknown>; close(): void }>;
  close(): void;
}

// a variable, as the compiler would load the declarations, which need those of Node, whose globals differ from Deno's
const module = "@libsql/client";
const { createClient } = await import(module);

/** Opens a client of `@libsql/client`. tests/npm checks its type. */
export function openLibsql(url: string, options: { readonly fetch?: typeof fetch } = {}): TestedClient {
  return createClient({ url, ...options });
}
